use super::office::Office;
use protocol::wire::CommandBody;
use protocol::{API_VERSION, API_VERSION_HEADER};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_client_of_another_version_is_told_so() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let url = format!("{}/v1/snapshot", office.server.url());
    for version in [None, Some("2"), Some("one")] {
        let mut request = office.http.get(&url).bearer_auth(&desk.tokens.access);
        if let Some(version) = version {
            request = request.header(API_VERSION_HEADER, version);
        }
        let response = request.send().await.expect("answers");
        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED, "{version:?} is not ours");
        let ours = response
            .headers()
            .get(API_VERSION_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        assert_eq!(ours, Some(API_VERSION.to_string()), "and which one is, stands on the answer");
        let body: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!(body["code"], "version", "by its code");
    }
    let health = office.http.get(format!("{}/healthz", office.server.url())).send().await.expect("answers");
    assert_eq!(health.status(), StatusCode::OK, "watchdogs need no version");
}

#[tokio::test]
async fn too_much_at_once_is_refused_by_size() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", None);
    let note = |n| desk.command(n, CommandBody::TaskNote { task, text: "x".to_owned() });
    let many: Vec<_> = (1..=501).map(note).collect();
    let refused = desk.try_send(&many).await.expect_err("refused");
    assert_eq!(refused.0, StatusCode::PAYLOAD_TOO_LARGE, "501 commands");
    let long = desk.command(1, CommandBody::TaskNote { task, text: "x".repeat(5_000_000) });
    let refused = desk.try_send(&[long]).await.expect_err("refused");
    assert_eq!(refused.0, StatusCode::PAYLOAD_TOO_LARGE, "5 MB");
    let phone = office.activate(&office.ana).await;
    let entries: Vec<_> = (0..501).map(|_| json!({})).collect();
    let body = json!({"entries": entries, "device_time": office.now()});
    let refused = phone.post::<_, serde_json::Value>("/v1/field/entries", &body).await.expect_err("refused");
    assert_eq!(refused.0, StatusCode::PAYLOAD_TOO_LARGE, "501 entries");
    let (status, _) = office
        .call(reqwest::Method::GET, "/v1/changes?cursor=1-1&limit=100000", Some(&desk.tokens.access), None)
        .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "a page of 100,000");
}

#[tokio::test]
async fn nonsense_is_answered_not_crashed_on() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let url = |path: &str| format!("{}{path}", office.server.url());
    let post = async |path: &str, body: &str| {
        let request = office
            .http
            .post(url(path))
            .header(API_VERSION_HEADER, API_VERSION)
            .bearer_auth(&desk.tokens.access);
        request.body(body.to_owned()).send().await.expect("answers").status()
    };
    assert_eq!(post("/v1/sign-in", "{").await, StatusCode::BAD_REQUEST, "half a body");
    assert_eq!(post("/v1/sign-in", "[]").await, StatusCode::UNPROCESSABLE_ENTITY, "another shape");
    assert_eq!(post("/v1/commands", "[]").await, StatusCode::BAD_REQUEST, "headers missing");
    assert_eq!(post("/v1/nothing", "").await, StatusCode::NOT_FOUND, "no such route");
    assert_eq!(post("/v1/snapshot", "").await, StatusCode::NOT_FOUND, "no such method");
    let (status, _) = office
        .call(reqwest::Method::GET, "/v1/changes?cursor=yesterday", Some(&desk.tokens.access), None)
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "no cursor");
    let (status, _) = office
        .call(reqwest::Method::GET, "/v1/resources/../../etc/track", Some(&desk.tokens.access), None)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "no path");
}
