//! The backend over real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use desk::{Desk, DeskConfig, KeyPolicy, SystemClock};
use dev_backend::{DevBackend, Recorded};
use futures_util::StreamExt as _;
use protocol::view::{SessionView, ViewEvent};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Running {
    backend: DevBackend,
    desk: Arc<Desk>,
    _ui: TempDir,
}

async fn start() -> Running {
    let ui = tempfile::tempdir().expect("a folder");
    std::fs::write(ui.path().join("index.html"), "<title>OfficeTrack</title>").expect("a page");
    std::fs::write(ui.path().join("web.wasm"), b"\0asm").expect("a module");
    let config = DeskConfig {
        data_dir: None,
        exports_dir: None,
        region_roots: Vec::new(),
        keys: KeyPolicy::MemoryOnly,
    };
    let recorded = Arc::new(Recorded::default());
    let desk = Arc::new(desk::start(config, recorded.clone(), None, Arc::new(SystemClock::new())));
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let backend =
        dev_backend::serve(desk.clone(), recorded, ui.path().to_owned(), anywhere).await.expect("serves");
    Running { backend, desk, _ui: ui }
}

impl Running {
    async fn ask(&self, body: &str, origin: Option<&str>) -> (u16, Value) {
        let mut call = reqwest::Client::new().post(format!("{}/api/request", self.backend.url));
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        let answer = call.body(body.to_owned()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.expect("text")).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("{}{path}", self.backend.url)).await.expect("an answer");
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        (answer.status().as_u16(), kind.unwrap_or_default().to_owned())
    }

    async fn stop(self) {
        self.backend.stop().await;
        self.desk.stop().await;
    }
}

#[tokio::test]
async fn requests_get_their_answer_and_nonsense_an_error() {
    let running = start().await;
    let (_, refused) = running.ask(r#"{"request":"figures"}"#, None).await;
    assert_eq!(refused, json!({"err": {"code": {"kind": "not_signed_in"}}}), "nobody is signed in");
    let (_, kept) =
        running.ask(r#"{"request":"set_preference","args":{"key":"theme","value":"dark"}}"#, None).await;
    assert_eq!(kept, json!({"ok": {"response": "done"}}), "preferences need no session");
    for nonsense in ["", "{", "[]", r#"{"request":"format_disk"}"#, r#"{"request":"add_note","args":{}}"#] {
        let (status, answer) = running.ask(nonsense, None).await;
        assert_eq!((status, &answer["err"]["code"]["kind"]), (200, &json!("bad_input")), "{nonsense}");
    }
    running.stop().await;
}

#[tokio::test]
async fn only_pages_of_its_own_may_ask() {
    let running = start().await;
    let (status, _) = running.ask(r#"{"request":"figures"}"#, Some("https://elsewhere.example")).await;
    assert_eq!(status, 403, "another page's script gets nothing");
    let own = running.backend.url.clone();
    let (status, _) = running.ask(r#"{"request":"figures"}"#, Some(&own)).await;
    assert_eq!(status, 200, "the own page does");
    running.stop().await;
}

#[tokio::test]
async fn files_have_their_types_and_tiles_may_be_missing() {
    let running = start().await;
    assert_eq!(running.get("/").await, (200, "text/html; charset=utf-8".to_owned()), "the page");
    assert_eq!(running.get("/web.wasm").await, (200, "application/wasm".to_owned()), "the module");
    assert_eq!(running.get("/%2e%2e/%2e%2e/etc/passwd").await.0, 404, "nothing above the folder");
    assert_eq!(running.get("/tiles/monaco/14/8529/5974").await.0, 404, "no region, no tile");
    assert_eq!(running.get("/tiles/monaco/14/x/5974").await.0, 400, "no tile's address");
    assert_eq!(
        running.get("/api/notifications").await,
        (200, "application/json".to_owned()),
        "recorded ones"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_page_that_listens_is_told_first_who_is_signed_in() {
    let running = start().await;
    let url = format!("{}/api/subscribe", running.backend.url.replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let first = socket.next().await.expect("a message").expect("whole");
    let event: ViewEvent = serde_json::from_str(first.to_text().expect("text")).expect("an event");
    let ViewEvent::Session(session) = event else { panic!("the session comes first: {event:?}") };
    let signed_out = SessionView::SignedOut { last: None, demo_available: false, reason: None };
    assert_eq!(*session, signed_out, "nobody, and this one has no demo");
    running.stop().await;
}
