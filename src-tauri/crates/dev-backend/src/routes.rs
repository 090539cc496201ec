//! The routes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use desk::{Desk, Subscription};
use protocol::view::{DeskError, DeskErrorCode, DeskRequest, DeskResponse};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::files;
use crate::notifications::{Recorded, Shown};

/// What the routes share.
#[derive(Clone)]
pub struct AppState {
    /// The controller.
    pub desk: Arc<Desk>,
    /// What would have been notified.
    pub notifications: Arc<Recorded>,
    /// The interface's files.
    pub ui: PathBuf,
    /// Where this backend listens.
    pub origin: SocketAddr,
    /// Closes the sockets.
    pub stopping: CancellationToken,
}

/// The answer of `POST /api/request`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok(DeskResponse),
    Err(DeskError),
}

/// All routes.
pub fn router(state: AppState) -> Router {
    let api = Router::new()
        .route("/api/request", post(request))
        .route("/api/subscribe", get(subscribe))
        .route("/api/notifications", get(notifications))
        .route_layer(middleware::from_fn_with_state(state.clone(), own_origin));
    Router::new()
        .route("/tiles/{source}/{z}/{x}/{y}", get(tile))
        .merge(api)
        .fallback(get(file))
        .with_state(state)
}

/// Pages of other origins may not ask: a browser says where its page is from.
async fn own_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if is_own(request.headers(), state.origin) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn is_own(headers: &HeaderMap, own: SocketAddr) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let own = [format!("http://{own}"), format!("http://localhost:{}", own.port())];
    own.iter().any(|own| origin.as_bytes() == own.as_bytes())
}

async fn request(State(state): State<AppState>, body: Bytes) -> axum::Json<Outcome> {
    let outcome = match serde_json::from_slice::<DeskRequest>(&body) {
        Ok(request) => state.desk.request(request).await,
        Err(error) => {
            tracing::warn!(%error, "the page asked for something that is no request");
            Err(DeskErrorCode::BadInput.into())
        }
    };
    axum::Json(match outcome {
        Ok(response) => Outcome::Ok(response),
        Err(error) => Outcome::Err(error),
    })
}

async fn notifications(State(state): State<AppState>) -> axum::Json<Vec<Shown>> {
    axum::Json(state.notifications.all())
}

async fn tile(
    State(state): State<AppState>,
    Path((source, zoom, x, y)): Path<(String, u8, u32, u32)>,
) -> Response {
    match state.desk.tile(&source, zoom, x, y).await {
        Some(bytes) => {
            ([(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")], bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file(State(state): State<AppState>, uri: Uri) -> Response {
    files::serve(&state.ui, uri.path()).await
}

async fn subscribe(State(state): State<AppState>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| {
        let subscription = state.desk.subscribe().await;
        tokio::select! {
            () = state.stopping.cancelled() => {}
            () = pass_on(subscription, socket) => {}
        }
    })
}

/// Passes on what the controller tells, until the page is gone.
async fn pass_on(mut subscription: Subscription, mut socket: WebSocket) {
    loop {
        let message = tokio::select! {
            event = subscription.events.recv() => event.map(|event| serde_json::to_string(&event).map(Message::text)),
            frame = subscription.positions.recv() => frame.map(|bytes| Ok(Message::binary(bytes))),
            // The page says nothing; it only goes away.
            said = socket.recv() => match said {
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        match message {
            None => return,
            Some(Err(error)) => tracing::error!(%error, "an event has no JSON"),
            Some(Ok(message)) => {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
        }
    }
}
