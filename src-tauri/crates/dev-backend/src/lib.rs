//! The desk's backend over HTTP: what the shell offers the page by IPC, for a page in a browser.
//!
//! | call | answer |
//! |---|---|
//! | `POST /api/request` with a [`DeskRequest`](protocol::view::DeskRequest) | `{"ok": DeskResponse}` or `{"err": DeskError}` |
//! | `GET /api/subscribe` (WebSocket) | text: [`ViewEvent`](protocol::view::ViewEvent)s, binary: [`PositionFrame`](protocol::view::PositionFrame)s |
//! | `GET /api/notifications` | the desktop notifications that would have been shown, oldest first |
//! | `GET /tiles/{source}/{z}/{x}/{y}` | a vector tile or 404 |
//! | `GET /…` | the interface's files |
//!
//! Invariants: requests go to the controller as they come, decisions are made there; the server listens on loopback only, and
//! only pages of its own origin may ask, since whoever asks is signed in.
//!
//! Deliberately absent: everything that the page could do here and not in the desk's window.

mod files;
mod notifications;
mod routes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use desk::Desk;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use notifications::Recorded;

/// A running backend.
#[derive(Debug)]
pub struct DevBackend {
    /// `http://127.0.0.1:…`
    pub url: String,
    stopping: CancellationToken,
    serving: JoinHandle<()>,
}

/// Serves `desk` and the interface's files in `ui` on `listen`, a loopback address.
///
/// # Errors
/// When the address is not loopback or is taken.
pub async fn serve(
    desk: Arc<Desk>,
    notifications: Arc<Recorded>,
    ui: PathBuf,
    listen: SocketAddr,
) -> Result<DevBackend> {
    if !listen.ip().is_loopback() {
        bail!("{listen} is not loopback: whoever reaches this backend is signed in");
    }
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let address = listener.local_addr()?;
    desk.notification_service(Recorded::service()).await;
    let stopping = CancellationToken::new();
    let state = routes::AppState { desk, notifications, ui, origin: address, stopping: stopping.clone() };
    let until = stopping.clone().cancelled_owned();
    let serving = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes::router(state)).with_graceful_shutdown(until).await {
            tracing::error!(%error, "serving failed");
        }
    });
    Ok(DevBackend { url: format!("http://{address}"), stopping, serving })
}

impl DevBackend {
    /// Stops taking requests, closes sockets and waits for what is being answered. The desk goes on.
    pub async fn stop(self) {
        self.stopping.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the backend did not end cleanly");
        }
    }
}
