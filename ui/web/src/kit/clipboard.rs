//! The clipboard.

use wasm_bindgen_futures::JsFuture;

/// Puts text on the clipboard; `false` where the web view does not allow it.
pub async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard = window.navigator().clipboard();
    // Pages that did not come over a secure line have none.
    if wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
