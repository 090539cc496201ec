//! The dev backend: the same commands over HTTP, from the server that this page was loaded from.

use std::rc::Rc;
use std::time::Duration;

use js_sys::Uint8Array;
use leptos::prelude::set_timeout;
use protocol::view::{DeskError, DeskRequest, DeskResponse};
use serde::Deserialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{Answer, Backend, Incoming, Listener, broken, fetch_bytes};

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The dev backend.
pub struct Http;

/// The body of every answer of `POST /api/request`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok(DeskResponse),
    Err(DeskError),
}

impl Backend for Http {
    fn request(&self, request: DeskRequest) -> Answer<Result<DeskResponse, DeskError>> {
        Box::pin(async move {
            let body = serde_json::to_string(&request).map_err(|_| broken())?;
            let text = post("/api/request", &body).await.map_err(|_| broken())?;
            match serde_json::from_str(&text).map_err(|_| broken())? {
                Outcome::Ok(response) => Ok(response),
                Outcome::Err(error) => Err(error),
            }
        })
    }

    fn subscribe(&self, listener: Listener) {
        listen(listener, false);
    }

    fn fetch_tile(&self, path: &str) -> Answer<Result<Option<Vec<u8>>, ()>> {
        Box::pin(fetch_bytes(format!("/tiles/{path}")))
    }
}

async fn post(url: &str, body: &str) -> Result<String, JsValue> {
    let options = web_sys::RequestInit::new();
    options.set_method("POST");
    options.set_body(&body.into());
    let request = web_sys::Request::new_with_str_and_init(url, &options)?;
    request.headers().set("content-type", "application/json")?;
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: web_sys::Response =
        JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    text.as_string().ok_or(JsValue::NULL)
}

/// Opens the socket, again and again: a dev backend is restarted often.
fn listen(listener: Listener, again: bool) {
    let Some(socket) = open_socket() else { return retry(listener) };
    socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
    let on_open = {
        let listener = Rc::clone(&listener);
        Closure::<dyn Fn()>::new(move || {
            if again {
                listener(Incoming::Found);
            }
        })
    };
    socket.set_onopen(Some(on_open.into_js_value().unchecked_ref()));
    let on_message = {
        let listener = Rc::clone(&listener);
        Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |message: web_sys::MessageEvent| {
            match read(&message.data()) {
                Some(incoming) => listener(incoming),
                None => web_sys::console::error_1(&"a message from the backend can't be read".into()),
            }
        })
    };
    socket.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    let on_close = Closure::<dyn Fn()>::new(move || {
        listener(Incoming::Lost);
        retry(Rc::clone(&listener));
    });
    socket.set_onclose(Some(on_close.into_js_value().unchecked_ref()));
}

fn open_socket() -> Option<web_sys::WebSocket> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    web_sys::WebSocket::new(&format!("{scheme}://{}/api/subscribe", location.host().ok()?)).ok()
}

fn retry(listener: Listener) {
    set_timeout(move || listen(listener, true), RETRY_AFTER);
}

fn read(data: &JsValue) -> Option<Incoming> {
    match data.as_string() {
        Some(text) => Some(Incoming::Event(serde_json::from_str(&text).ok()?)),
        None => Some(Incoming::Frame(Uint8Array::new(data).to_vec())),
    }
}
