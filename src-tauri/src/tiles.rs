//! `tiles://localhost/{source}/{z}/{x}/{y}`: the base map, out of the region packs.

use desk::Desk;
use tauri::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use tauri::http::{HeaderValue, Request, Response, StatusCode};
use tauri::{Manager as _, Runtime, UriSchemeContext, UriSchemeResponder};

/// The protocol's name.
pub const SCHEME: &str = "tiles";

const VECTOR_TILE: HeaderValue = HeaderValue::from_static("application/vnd.mapbox-vector-tile");
/// The page's own origin; the protocol is another one, so the page has to be let in by name.
const PAGE_ORIGIN: HeaderValue =
    HeaderValue::from_static(if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" });

/// One tile that somebody asks for.
#[derive(Debug, PartialEq, Eq)]
struct TilePath<'a> {
    source: &'a str,
    zoom: u8,
    x: u32,
    y: u32,
}

/// Answers 200 with the unpacked vector tile, 404 where there is none, 400 for anything that is no tile's address.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let Some(tile) = parse(request.uri().path()) else {
            return responder.respond(response(StatusCode::BAD_REQUEST, Vec::new()));
        };
        let found = app.state::<Desk>().tile(tile.source, tile.zoom, tile.x, tile.y).await;
        responder.respond(match found {
            Some(bytes) => response(StatusCode::OK, bytes),
            None => response(StatusCode::NOT_FOUND, Vec::new()),
        });
    });
}

fn parse(path: &str) -> Option<TilePath<'_>> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let (source, zoom, x, y) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if source.is_empty() || parts.next().is_some() {
        return None;
    }
    Some(TilePath { source, zoom: zoom.parse().ok()?, x: x.parse().ok()?, y: y.parse().ok()? })
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, VECTOR_TILE);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, PAGE_ORIGIN);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_source_and_three_numbers() {
        let tile = TilePath { source: "monaco", zoom: 14, x: 8529, y: 5975 };
        assert_eq!(parse("/monaco/14/8529/5975"), Some(tile), "a tile");
        for path in [
            "",
            "/",
            "/monaco",
            "/monaco/14/8529",
            "/monaco/14/8529/5975/x",
            "//1/2/3",
            "/m/300/1/1",
            "/m/1/-1/1",
        ] {
            assert_eq!(parse(path), None, "{path} is none");
        }
    }
}
