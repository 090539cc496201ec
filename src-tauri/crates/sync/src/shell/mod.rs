//! The shell: carries out what the core decides, with tokio, reqwest and a WebSocket.
//!
//! One thread owns core and stores and carries out outputs in order; network work runs in tasks that only send inputs back.
//! Stopping cancels the tasks, awaits them and joins the thread.

mod drive;
mod http;
mod live;
mod session;
mod sign_in;
mod url;

pub use http::OnDemandError;
pub use session::{HandleError, Session, SyncConfig, SyncHandle, SystemClock};
pub use sign_in::{SignInError, sign_in};
pub use url::{BaseUrl, UrlError};
