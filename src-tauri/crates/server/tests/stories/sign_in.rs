use super::office::{Fresh, Office};
use chrono::TimeDelta;
use domain::DeviceId;
use protocol::wire::{ErrorCode, TokensResponse};
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_wrong_password_is_said_to_be_wrong_and_ten_lock_the_door() {
    let office = Office::open().await;
    let try_as = async |user: &str, password: &str| {
        let body = json!({"company": "Riviera", "user": user, "password": password, "device": Uuid::now(), "device_epoch": 1});
        office.call(Method::POST, "/v1/sign-in", None, Some(body)).await
    };
    let try_password = async |password: &str| try_as("dispatcher", password).await;
    for guess in 0..10 {
        // Spaces and capitals make no new door.
        let user = ["dispatcher", " Dispatcher "][guess % 2];
        let (status, answer) = try_as(user, "guess").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "wrong is wrong: {answer}");
        assert_eq!(answer["code"], "wrong_credentials", "and says so");
    }
    let (status, answer) = try_password("secret").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "now even the right one waits");
    assert_eq!(answer["code"], "locked_out", "by its code");
    assert_eq!(answer["retry_after_secs"], 900, "a quarter of an hour from the first");
    office.wait(TimeDelta::minutes(15));
    let (status, _) = try_password("secret").await;
    assert_eq!(status, StatusCode::OK, "and then it opens");
}

#[tokio::test]
async fn a_lost_refresh_answer_does_not_sign_anybody_out() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let refresh = async |token: &str| {
        let (status, answer) =
            office.call(Method::POST, "/v1/refresh", None, Some(json!({"refresh": token}))).await;
        (status, serde_json::from_value::<TokensResponse>(answer).ok())
    };
    let (_, lost) = refresh(&desk.tokens.refresh).await;
    let (status, second) = refresh(&desk.tokens.refresh).await;
    assert_eq!(status, StatusCode::OK, "the answer was lost: the old token is still good");
    let second = second.expect("tokens");
    let (status, third) = refresh(&second.refresh).await;
    assert_eq!(status, StatusCode::OK, "the new one works");
    assert_eq!(
        refresh(&desk.tokens.refresh).await.0,
        StatusCode::UNAUTHORIZED,
        "from then on the old one is dead"
    );
    assert_eq!(
        refresh(&lost.expect("tokens").refresh).await.0,
        StatusCode::UNAUTHORIZED,
        "and so is the lost one"
    );

    office.wait(TimeDelta::minutes(16));
    let access = third.expect("tokens").access;
    let (status, _) = office.call(Method::GET, "/v1/snapshot", Some(&access), None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "an access token lives for fifteen minutes");
}

#[tokio::test]
async fn signing_out_and_being_barred_end_the_session() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (status, _) = office.call(Method::POST, "/v1/sign-out", Some(&desk.tokens.access), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "signed out");
    let (status, _) = office.call(Method::GET, "/v1/snapshot", Some(&desk.tokens.access), None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the access token is dead at once");
    let (status, _) =
        office.call(Method::POST, "/v1/refresh", None, Some(json!({"refresh": desk.tokens.refresh}))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "and the refresh token");

    let manager = office.sign_in("manager").await;
    office.admin().disable_user(manager.user()).expect("bars");
    let (status, _) = office.call(Method::GET, "/v1/snapshot", Some(&manager.tokens.access), None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "whoever is barred is out at once");
    let again = office.sign_in_on("manager", DeviceId(Uuid::now()), 1).await.err().map(|error| error.code);
    assert_eq!(again, Some(ErrorCode::WrongCredentials), "and does not get in again");
}

#[tokio::test]
async fn a_clone_of_a_desks_disk_is_fenced() {
    let office = Office::open().await;
    let device = DeviceId(Uuid::now());
    let old = office.sign_in_on("dispatcher", device, 1).await.expect("signs in");
    let restored = office.sign_in_on("dispatcher", device, 2).await.expect("the restored desk signs in");
    let refused = old.try_send(&[]).await.expect_err("the clone is refused");
    assert_eq!((refused.0, refused.1.code), (StatusCode::FORBIDDEN, ErrorCode::Fenced), "by name");
    restored.try_send(&[]).await.expect("the restored one may send");
    let back = office.sign_in_on("dispatcher", device, 1).await.err().map(|error| error.code);
    assert_eq!(back, Some(ErrorCode::Fenced), "the clone can't sign in either");
}
