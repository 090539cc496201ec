//! The live socket as a task that only sends inputs.

use futures_util::StreamExt;
use protocol::wire::{Cursor, LiveFrame};
use protocol::{API_VERSION, API_VERSION_HEADER};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::http::about_certificates;
use super::url::BaseUrl;
use crate::io::{CallError, Input, LiveId, Secret, Unreachable};

/// One socket's life: opened, frames, closed.
pub(super) async fn run(
    base: BaseUrl,
    id: LiveId,
    cursor: Cursor,
    access: Secret,
    inputs: mpsc::Sender<Input>,
) {
    let error = match open(&base, cursor, &access).await {
        Ok(socket) => {
            if inputs.send(Input::LiveOpened(id)).await.is_err() {
                return;
            }
            read(socket, id, &inputs).await
        }
        Err(error) => error,
    };
    // Nobody listens any more: the session is over.
    inputs.send(Input::LiveClosed { id, error }).await.ok();
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(base: &BaseUrl, cursor: Cursor, access: &Secret) -> Result<Socket, CallError> {
    let url = base.live("/v1/live", &[("cursor", cursor.to_string())]);
    let mut request: Request<()> = url.into_client_request().map_err(|error| failed(&error))?;
    let bearer = HeaderValue::from_str(&format!("Bearer {}", access.0));
    let bearer = bearer.map_err(|_| CallError::Unreadable("the token is no header".to_owned()))?;
    request.headers_mut().insert("authorization", bearer);
    request.headers_mut().insert(API_VERSION_HEADER, HeaderValue::from(API_VERSION));
    connect_async(request).await.map(|(socket, _)| socket).map_err(|error| failed(&error))
}

async fn read(mut socket: Socket, id: LiveId, inputs: &mpsc::Sender<Input>) -> CallError {
    loop {
        let text = match socket.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(_))) | None => return CallError::Unreachable(Unreachable::Broken),
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                continue;
            }
            Some(Err(error)) => return failed(&error),
        };
        match serde_json::from_str::<LiveFrame>(&text) {
            Ok(frame) => {
                if inputs.send(Input::Live { id, frame: Box::new(frame) }).await.is_err() {
                    return CallError::Unreachable(Unreachable::Broken);
                }
            }
            // A frame kind from the future, or damage: if it moved the cursor, the next frame will not link.
            Err(error) => tracing::warn!(class = ?error.classify(), "a live frame was skipped"),
        }
    }
}

fn failed(error: &Error) -> CallError {
    match error {
        Error::Http(response) => {
            CallError::Status { status: response.status().as_u16(), body: None, retry_after_secs: None }
        }
        error if about_certificates(error) => CallError::Unreachable(Unreachable::Tls),
        Error::Io(_) | Error::Tls(_) => CallError::Unreachable(Unreachable::Connect),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Capacity(_)
        | Error::Protocol(_)
        | Error::WriteBufferFull(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::HttpFormat(_) => CallError::Unreachable(Unreachable::Broken),
    }
}
