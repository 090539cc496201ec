//! The desk's own backend: Tauri IPC, spoken without Tauri's JavaScript package (`withGlobalTauri` is off).
//!
//! A channel is a callback id passed as `__CHANNEL__:{id}`; its messages are `{message, index}` and may arrive out of order,
//! because big ones are fetched. [`InOrder`] puts them back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use protocol::view::{DeskError, DeskRequest, DeskResponse, ViewEvent};
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{Answer, Backend, Incoming, Listener, broken, fetch_bytes};

/// Tauri's IPC of this window.
pub struct Ipc {
    internals: JsValue,
}

impl Ipc {
    /// Tauri's IPC, when this page runs in a Tauri window.
    pub fn find() -> Option<Self> {
        let internals = Reflect::get(&js_sys::global(), &"__TAURI_INTERNALS__".into()).ok()?;
        internals.is_object().then_some(Self { internals })
    }

    fn method(&self, name: &str) -> Option<Function> {
        Reflect::get(&self.internals, &name.into()).ok()?.dyn_into().ok()
    }

    fn invoke(&self, command: &str, args: &Object) -> Result<Promise, DeskError> {
        let invoke = self.method("invoke").ok_or_else(broken)?;
        let promise = invoke.call2(&self.internals, &command.into(), args).map_err(|_| broken())?;
        promise.dyn_into().map_err(|_| broken())
    }

    /// A channel that hands each message to `on_message`, in the order sent; lives as long as the page.
    fn channel(&self, on_message: impl Fn(JsValue) + 'static) -> Option<JsValue> {
        let queue = RefCell::new(InOrder::default());
        let receive = Closure::<dyn Fn(JsValue)>::new(move |packet: JsValue| {
            let field = |name: &str| Reflect::get(&packet, &name.into()).unwrap_or(JsValue::UNDEFINED);
            let index = field("index").as_f64().unwrap_or_default() as u64;
            for message in queue.borrow_mut().take(index, field("message")) {
                if !message.is_undefined() {
                    on_message(message);
                }
            }
        });
        let register = self.method("transformCallback")?;
        let id = register.call1(&self.internals, &receive.into_js_value()).ok()?.as_f64()?;
        Some(format!("__CHANNEL__:{id}").into())
    }
}

/// Messages that wait for an earlier one.
#[derive(Default)]
struct InOrder<T> {
    next: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> InOrder<T> {
    /// Takes message number `index` and returns those whose turn has come.
    fn take(&mut self, index: u64, message: T) -> Vec<T> {
        self.waiting.insert(index, message);
        let mut due = Vec::new();
        while let Some(message) = self.waiting.remove(&self.next) {
            self.next += 1;
            due.push(message);
        }
        due
    }
}

impl Backend for Ipc {
    fn request(&self, request: DeskRequest) -> Answer<Result<DeskResponse, DeskError>> {
        let sent = to_js(&request).and_then(|request| {
            let args = Object::new();
            Reflect::set(&args, &"request".into(), &request).map_err(|_| broken())?;
            self.invoke("request", &args)
        });
        Box::pin(async move {
            match JsFuture::from(sent?).await {
                Ok(answer) => from_js(&answer).ok_or_else(broken),
                Err(error) => Err(from_js(&error).unwrap_or_else(broken)),
            }
        })
    }

    fn subscribe(&self, listener: Listener) {
        let on_event = Rc::clone(&listener);
        let events = self.channel(move |message| match from_js::<ViewEvent>(&message) {
            Some(event) => on_event(Incoming::Event(Box::new(event))),
            None => web_sys::console::error_1(&"an event from the backend can't be read".into()),
        });
        let positions =
            self.channel(move |message| listener(Incoming::Frame(Uint8Array::new(&message).to_vec())));
        let args = Object::new();
        for (name, channel) in [("events", events), ("positions", positions)] {
            let _ = Reflect::set(&args, &name.into(), &channel.unwrap_or_default());
        }
        let sent = self.invoke("subscribe", &args);
        spawn_local(async move {
            if let Ok(promise) = sent
                && let Err(error) = JsFuture::from(promise).await
            {
                web_sys::console::error_2(&"subscribing failed".into(), &error);
            }
        });
    }

    fn fetch_tile(&self, path: &str) -> Answer<Result<Option<Vec<u8>>, ()>> {
        Box::pin(fetch_bytes(format!("tiles://localhost/{path}")))
    }
}

fn to_js(request: &DeskRequest) -> Result<JsValue, DeskError> {
    let text = serde_json::to_string(request).map_err(|_| broken())?;
    js_sys::JSON::parse(&text).map_err(|_| broken())
}

fn from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text: String = js_sys::JSON::stringify(value).ok()?.into();
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::InOrder;

    #[test]
    fn a_big_message_that_is_fetched_late_does_not_overtake() {
        let mut queue = InOrder::default();
        assert_eq!(queue.take(0, "session"), ["session"], "the first goes through");
        assert!(queue.take(2, "changed").is_empty(), "the third waits for the second");
        assert_eq!(queue.take(1, "reset"), ["reset", "changed"], "then both come, in order");
    }
}
