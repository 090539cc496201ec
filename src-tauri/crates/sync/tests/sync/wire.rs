//! The model server behind real sockets: HTTP/1.1 with one request per connection, and the live WebSocket.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::SinkExt;
use protocol::wire::{Cursor, LiveFrame, PositionsResponse};
use protocol::{API_VERSION_HEADER, header};
use serde::Serialize;
use sync::CallError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use super::model::at;
use super::model::server::{Scope, Server};

/// What the tests may change while it runs.
pub struct Office {
    pub server: Server,
    /// The only access token that is good.
    pub access: String,
    pub refreshes: u32,
    pub requests: Vec<String>,
}

/// A listening model server.
pub struct Wire {
    office: Arc<Mutex<Office>>,
    pub url: String,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    pub async fn start() -> Self {
        let office =
            Office { server: Server::new(), access: "a1".to_owned(), refreshes: 0, requests: Vec::new() };
        Wire::listen(Arc::new(Mutex::new(office)), "127.0.0.1:0").await
    }

    async fn listen(office: Arc<Mutex<Office>>, address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let served = office.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(connection(stream, served.clone()));
            }
        });
        Wire { office, url, task }
    }

    /// The server goes away; what it knows stays.
    pub async fn stop(self) -> Stopped {
        self.task.abort();
        Stopped { office: self.office.clone(), address: self.url.trim_start_matches("http://").to_owned() }
    }

    pub fn office(&self) -> MutexGuard<'_, Office> {
        self.office.lock().expect("no panic elsewhere")
    }
}

/// A server that is not there.
pub struct Stopped {
    office: Arc<Mutex<Office>>,
    address: String,
}

impl Stopped {
    pub async fn start(self) -> Wire {
        Wire::listen(self.office, &self.address).await
    }
}

async fn connection(mut stream: TcpStream, office: Arc<Mutex<Office>>) {
    let mut start = [0; 32];
    loop {
        let seen = stream.peek(&mut start).await.unwrap_or(0);
        if seen >= 16 || seen == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    if start.starts_with(b"GET /v1/live") {
        return live(stream, office).await;
    }
    let Some((head, body)) = read(&mut stream).await else { return };
    let (status, answer) = answer(&office, &head, &body);
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    stream.write_all(text.as_bytes()).await.ok();
}

async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = value(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
    }
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn answer(office: &Mutex<Office>, head: &str, body: &str) -> (u16, String) {
    let mut office = office.lock().expect("no panic elsewhere");
    let line = head.lines().next().unwrap_or_default();
    let target = line.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    office.requests.push(path.to_owned());
    if value(head, API_VERSION_HEADER).is_none() {
        return (426, String::new());
    }
    if path == "/v1/refresh" {
        office.refreshes += 1;
        return (200, tokens(&office.access));
    }
    if value(head, "authorization") != Some(&format!("Bearer {}", office.access)) {
        return (401, String::new());
    }
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace("%2F", "/"))
    };
    match path {
        "/v1/snapshot" => json(office.server.snapshot(Scope::ALL, parameter("page_token").as_deref())),
        "/v1/changes" => {
            let cursor = parameter("cursor").and_then(|text| text.parse().ok()).expect("a cursor");
            json(office.server.changes(Scope::ALL, cursor, at(0)))
        }
        "/v1/positions" => json(Ok(PositionsResponse { positions: Vec::new(), server_time: at(0) })),
        "/v1/commands" => {
            let number =
                |name| value(head, name).and_then(|text| text.parse::<u64>().ok()).expect("a number");
            let device = value(head, header::DEVICE_ID).and_then(|text| text.parse().ok()).expect("a device");
            assert_eq!(number(header::DEVICE_EPOCH), 1, "the first life of this device");
            let commands: Vec<_> = serde_json::from_str(body).expect("commands");
            json(Ok(office.server.commands(device, number(header::ACKED_THROUGH), &commands, at(0))))
        }
        _ => (404, String::new()),
    }
}

fn json(result: Result<impl Serialize, CallError>) -> (u16, String) {
    match result {
        Ok(value) => (200, serde_json::to_string(&value).expect("JSON")),
        Err(CallError::Status { status, body, .. }) => (status, serde_json::to_string(&body).expect("JSON")),
        Err(other) => panic!("the model refuses with a status: {other}"),
    }
}

/// A pair with this access token.
pub fn tokens(access: &str) -> String {
    let (company, user) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    format!(
        r#"{{"access":"{access}","refresh":"r","expires_in_secs":900,"server_time":"2026-11-23T10:00:00Z",
        "user":{{"id":"{user}","company":"{company}","login":"ana","name":"Ana","role":"Dispatcher","groups":[]}},
        "company":{{"id":"{company}","name":"Demo","zone":"Europe/Monaco","currency":"EUR","region":"monaco",
        "retention":{{"positions_days":60,"attendance_days":90,"default_days":90}},"offline_hours":24}}}}"#
    )
}

async fn live(stream: TcpStream, office: Arc<Mutex<Office>>) {
    let mut from: Option<Cursor> = None;
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let note = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
        from = request.uri().query().and_then(|query| query.strip_prefix("cursor=")?.parse().ok());
        assert!(request.headers().contains_key(API_VERSION_HEADER), "the version goes with every call");
        Ok(response)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, note).await else { return };
    let Some(mut at_cursor) = from else { return };
    loop {
        let next = office.lock().expect("no panic elsewhere").server.live(Scope::ALL, at_cursor);
        let frame = match next {
            Ok(Some((frame, cursor))) => {
                at_cursor = cursor;
                frame
            }
            Ok(None) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
            Err(last) => last,
        };
        let text = serde_json::to_string(&frame).expect("JSON");
        if socket.send(Message::Text(text.into())).await.is_err() || matches!(frame, LiveFrame::Gone { .. }) {
            return;
        }
    }
}
