//! The embedded demo as the controller sees it: something that can be started, and whose server can be stopped.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::access::Role;

/// A boxed future, so that the traits can be objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why the demo did not start; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the demo did not start: {0}")]
pub struct DemoError(pub String);

/// Starts the embedded server with its fleet. Implemented by crate `demo`.
pub trait DemoLauncher: Send + Sync {
    /// Starts server and fleet on loopback, or answers with the running ones. `role` picks the account.
    fn start(&self, role: Role) -> BoxFuture<'_, Result<DemoSession, DemoError>>;
}

/// Stops and starts the demo's server, to show working without one.
pub trait DemoServer: Send + Sync {
    /// Brings the server up or down. It keeps its address and its data. Idempotent.
    fn set_running(&self, running: bool) -> BoxFuture<'_, Result<(), DemoError>>;

    /// Ends server and fleet for good; afterwards [`DemoLauncher::start`] makes new ones.
    fn shut_down(&self) -> BoxFuture<'_, ()>;
}

/// How to sign in to the running demo.
#[derive(Clone)]
pub struct DemoSession {
    /// `http://127.0.0.1:…`
    pub base_url: String,
    /// The demo company's name.
    pub company: String,
    /// The login of the account for the role asked for.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The server behind it.
    pub server: Arc<dyn DemoServer>,
}
