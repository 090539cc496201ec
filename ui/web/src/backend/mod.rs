//! The backend as the panels see it: ask, listen, fetch tiles. Two implementations, chosen when the page starts: the desk's own
//! (Tauri IPC) and the dev backend (HTTP), so that the same build runs in the window and in a browser.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use protocol::view::{DeskError, DeskErrorCode, DeskRequest, DeskResponse, ViewEvent};

mod http;
mod ipc;

/// What the backend sends by itself.
pub enum Incoming {
    /// Something changed.
    Event(Box<ViewEvent>),
    /// An encoded `PositionFrame`.
    Frame(Vec<u8>),
    /// The line to the backend itself broke (dev backend only); it is tried again.
    Lost,
    /// The line is back.
    Found,
}

/// Receives what the backend sends.
pub type Listener = Rc<dyn Fn(Incoming)>;

/// A future of the web view's one thread.
pub type Answer<T> = Pin<Box<dyn Future<Output = T>>>;

/// Everything that the interface wants from its backend.
pub trait Backend {
    /// Asks.
    fn request(&self, request: DeskRequest) -> Answer<Result<DeskResponse, DeskError>>;
    /// Listens from now on; called once.
    fn subscribe(&self, listener: Listener);
    /// A vector tile's bytes by its path `{source}/{z}/{x}/{y}`: `Ok(None)` when there is none, `Err` when it can't be told now.
    fn fetch_tile(&self, path: &str) -> Answer<Result<Option<Vec<u8>>, ()>>;
}

/// The backend of this page: the desk when it runs in the desk's window, else the dev backend it was loaded from.
pub fn of_this_page() -> Rc<dyn Backend> {
    match ipc::Ipc::find() {
        Some(ipc) => Rc::new(ipc),
        None => Rc::new(http::Http),
    }
}

/// An answer that can't be read, or a backend that is gone.
fn broken() -> DeskError {
    DeskErrorCode::Internal.into()
}

/// Fetches bytes from `url`; tiles come this way from both backends.
async fn fetch_bytes(url: String) -> Result<Option<Vec<u8>>, ()> {
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    let window = web_sys::window().ok_or(())?;
    let response = JsFuture::from(window.fetch_with_str(&url)).await.map_err(drop)?;
    let response: web_sys::Response = response.dyn_into().map_err(drop)?;
    match response.status() {
        200 => {}
        204 | 404 => return Ok(None),
        _ => return Err(()),
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(drop)?).await.map_err(drop)?;
    Ok(Some(js_sys::Uint8Array::new(&buffer).to_vec()))
}
