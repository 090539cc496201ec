//! The interface's files.

use std::path::{Component, Path, PathBuf};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The file that `path` names below `root`; a path that leads elsewhere has none.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain.then(|| root.join(path))
}

/// Answers with a file, with the page itself for `/`, or with 404.
pub async fn serve(root: &Path, path: &str) -> Response {
    let wanted = if path == "/" { "/index.html" } else { path };
    if wanted == "/favicon.ico" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Some(file) = below(root, wanted) else { return StatusCode::NOT_FOUND.into_response() };
    match tokio::fs::read(&file).await {
        // The interface is rebuilt while it is worked on: a browser must not keep an old one.
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, content_type(&file)), (header::CACHE_CONTROL, "no-store")], bytes)
                .into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("ftl" | "txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_above_the_folder_is_served() {
        let root = Path::new("/ui");
        assert_eq!(below(root, "/style/main.css"), Some(PathBuf::from("/ui/style/main.css")), "a file below");
        for path in ["/../secret", "/style/../../secret", "//etc/../x/.."] {
            assert_eq!(below(root, path), None, "{path} leads out");
        }
    }

    #[test]
    fn a_browser_compiles_wasm_only_by_its_type() {
        assert_eq!(content_type(Path::new("web_bg.wasm")), "application/wasm", "streaming needs it");
    }
}
