//! The few words of the W3C WebDriver protocol the stories use: JSON over HTTP.
//!
//! Our own, because `tauri-driver` accepts only the capabilities it knows and client libraries add theirs.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// A page that changes more often than this in a row never stands still.
const LOOKS_AGAIN: usize = 10;
/// The key under which WebDriver hides an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The slowest answer is the first one: the driver waits for the application to open its window.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// An element of the page, valid until the page changes it.
#[derive(Clone, Debug)]
pub struct Element(String);

/// A conversation with one window.
pub struct Session {
    http: Client,
    url: String,
}

impl Session {
    /// Opens a session at the driver at `driver_url` (without a slash at the end).
    ///
    /// # Errors
    /// When the driver is not there, or the application does not open.
    pub async fn open(driver_url: &str, capabilities: Value) -> Result<Self> {
        let http = Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build()?;
        let body = json!({ "capabilities": { "firstMatch": [{}], "alwaysMatch": capabilities } });
        let value = call(&http, Method::POST, &format!("{driver_url}/session"), Some(body)).await?;
        let id = value["sessionId"].as_str().context("the driver gave no session")?;
        Ok(Self { url: format!("{driver_url}/session/{id}"), http })
    }

    /// The page's title.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn title(&self) -> Result<String> {
        Ok(self.get("title").await?.as_str().unwrap_or_default().to_owned())
    }

    /// All elements a CSS selector finds now, in the order of the page.
    ///
    /// # Errors
    /// When the selector is wrong or the window is gone.
    pub async fn all(&self, css: &str) -> Result<Vec<Element>> {
        let wanted = json!({ "using": "css selector", "value": css });
        let mut found = self.post("elements", wanted.clone()).await;
        // The page has changed between finding an element and naming it: the driver looks once more.
        for _ in 0..LOOKS_AGAIN {
            if !found.as_ref().is_err_and(is_stale) {
                break;
            }
            found = self.post("elements", wanted.clone()).await;
        }
        let found = found?;
        let ids = found.as_array().context("elements come as a list")?.iter();
        ids.map(|item| Ok(Element(item[ELEMENT].as_str().context("an element has an id")?.to_owned())))
            .collect()
    }

    /// Clicks in the middle of an element, scrolling to it.
    ///
    /// # Errors
    /// When it is gone, hidden or covered.
    pub async fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), json!({})).await.map(drop)
    }

    /// Clicks at a point of an element, in pixels from its top left corner.
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn click_at(&self, element: &Element, at: (f64, f64)) -> Result<()> {
        self.drag(element, at, at).await
    }

    /// Presses the mouse at a point of an element, moves it to another and lets go; pixels from the element's top left corner.
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn drag(&self, element: &Element, from: (f64, f64), to: (f64, f64)) -> Result<()> {
        let corner = "const box = arguments[0].getBoundingClientRect(); return [box.left, box.top];";
        let corner = self.script(corner, json!([{ ELEMENT: element.0 }])).await?;
        let (left, top): (f64, f64) = serde_json::from_value(corner)?;
        let go = |to: (f64, f64), millis: u32| {
            let (x, y) = ((left + to.0).round() as i64, (top + to.1).round() as i64);
            json!({ "type": "pointerMove", "duration": millis, "origin": "viewport", "x": x, "y": y })
        };
        let half_way = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        // The map sees the pointer once a frame: each step has to last longer than one without a graphics card.
        let wait = json!({ "type": "pause", "duration": 300 });
        let actions = json!([
            go(from, 100), wait, { "type": "pointerDown", "button": 0 }, wait,
            go(half_way, 200), wait, go(to, 200), wait, { "type": "pointerUp", "button": 0 }, wait,
        ]);
        let mouse = json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": actions });
        self.post("actions", json!({ "actions": [mouse] })).await.map(drop)
    }

    /// Types into an element; keys without a letter are WebDriver's private characters (`\u{E007}` is Enter).
    ///
    /// # Errors
    /// When it is gone or takes no keys.
    pub async fn type_text(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.0), json!({ "text": text })).await.map(drop)
    }

    /// Empties an input.
    ///
    /// # Errors
    /// When it is gone or cannot be edited.
    pub async fn clear(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/clear", element.0), json!({})).await.map(drop)
    }

    /// The text of an element as it is seen.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn text(&self, element: &Element) -> Result<String> {
        let text = self.get(&format!("element/{}/text", element.0)).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute, if the element has it.
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn attribute(&self, element: &Element, name: &str) -> Result<Option<String>> {
        let value = self.get(&format!("element/{}/attribute/{name}", element.0)).await?;
        Ok(value.as_str().map(ToOwned::to_owned))
    }

    /// Runs the body of a JavaScript function in the page and returns what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, body: &str, args: Value) -> Result<Value> {
        self.post("execute/sync", json!({ "script": body, "args": args })).await
    }

    /// What the window shows, as PNG, the WebGL canvas included.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let image = self.get("screenshot").await?;
        Ok(STANDARD.decode(image.as_str().context("a screenshot comes as text")?)?)
    }

    /// Ends the session and with it the application.
    ///
    /// # Errors
    /// When the driver is gone.
    pub async fn close(&self) -> Result<()> {
        call(&self.http, Method::DELETE, &self.url, None).await.map(drop)
    }

    async fn get(&self, path: &str) -> Result<Value> {
        call(&self.http, Method::GET, &format!("{}/{path}", self.url), None).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        call(&self.http, Method::POST, &format!("{}/{path}", self.url), Some(body)).await
    }
}

fn is_stale(error: &anyhow::Error) -> bool {
    error.to_string().starts_with("stale element reference")
}

async fn call(http: &Client, method: Method, url: &str, body: Option<Value>) -> Result<Value> {
    let mut request = http.request(method, url);
    if let Some(body) = &body {
        request = request.json(body);
    }
    let response = request.send().await.with_context(|| format!("asking the driver: {url}"))?;
    let status = response.status();
    let text = response.text().await?;
    let mut answer: Value =
        serde_json::from_str(&text).with_context(|| format!("{status} from the driver: {text}"))?;
    let value = answer["value"].take();
    if !status.is_success() {
        let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        bail!("{}: {}", word("error"), word("message"));
    }
    Ok(value)
}
