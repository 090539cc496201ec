//! Starting and stopping a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::Admin;
use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::core::Core;
use crate::http::{AppState, router};
use crate::jobs;
use crate::storage::StorageError;
use crate::watching;
use crate::webhooks;

/// How long requests may take to end once the server is stopping.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The data can't be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The runtime is going down.
    #[error("the program is ending")]
    Ending,
}

/// A server that listens. Dropping it stops it without waiting; [`RunningServer::stop`] waits.
pub struct RunningServer {
    url: String,
    core: Arc<Core>,
    admin: Admin,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningServer").field("url", &self.url).finish_non_exhaustive()
    }
}

impl RunningServer {
    /// `http://address:port`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The office's own tools.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// Stops: no new requests, running ones end (5 s at most), live sockets close, everything is stored.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.core.inbox.close();
        self.tasks.wait().await;
        let admin = self.admin.clone();
        // What the last requests brought, after the jobs had ended.
        let stored = tokio::task::spawn_blocking(move || admin.store_positions()).await;
        if !matches!(stored, Ok(Ok(()))) {
            tracing::error!("the last positions could not be stored");
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stopping.cancel();
        // A runtime that ends waits for the watcher's thread.
        self.core.inbox.close();
    }
}

/// Opens the data and listens. Answers once requests are taken.
pub async fn start(config: ServerConfig, clock: Arc<dyn Clock>) -> Result<RunningServer, StartError> {
    let address = config.listen;
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let url = format!("http://{}", listener.local_addr().map_err(listen)?);
    let opened = tokio::task::spawn_blocking(move || Core::open(&config, clock)).await;
    let core = Arc::new(opened.map_err(|_| StartError::Ending)??);

    let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(jobs::run(Arc::clone(&core), stopping.clone()));
    tasks.spawn(webhooks::run(Arc::clone(&core), stopping.clone()));
    let watching = Arc::clone(&core);
    tasks.spawn_blocking(move || watching::run(&watching));
    let app = AppState { core: Arc::clone(&core), stopping: stopping.clone(), sockets: tasks.clone() };
    tasks.spawn(serve(listener, app, stopping.clone()));
    tasks.close();
    tracing::info!(url, "listening");
    Ok(RunningServer { url, admin: Admin::new(Arc::clone(&core)), core, stopping, tasks })
}

async fn serve(listener: TcpListener, app: AppState, stopping: CancellationToken) {
    let serving =
        axum::serve(listener, router(app)).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let too_long = async {
        stopping.cancelled().await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        ended = async { serving.await } => if let Err(error) = ended {
            tracing::error!(%error, "listening failed");
        },
        () = too_long => tracing::warn!("some requests were cut off"),
    }
}

/// The office's own tools on data that no server has open: for the command line.
pub fn open_admin(config: &ServerConfig, clock: Arc<dyn Clock>) -> Result<Admin, StorageError> {
    Core::open(config, clock).map(|core| Admin::new(Arc::new(core)))
}
