use std::sync::Arc;

use protocol::view::{DeskErrorCode, DeskRequest, SessionView, SignInForm};
use protocol::wire::ErrorCode;
use store::MemoryKeyStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::office::{Office, draft};
use crate::screen::Screen;

/// A server of the future: it speaks another version of the API.
async fn newer_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let length = socket.read(&mut request).await.expect("a request");
            assert!(length > 0, "somebody asks");
            let body = r#"{"code":"version","message":"this server speaks version 9"}"#;
            let head = format!(
                "HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\nofficetrack-api: 9\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            socket.write_all(format!("{head}{body}").as_bytes()).await.expect("answered");
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_to_sign_in_says_what_to_do_about_it() {
    let office = Office::open().await;
    let desk = office.desk(&Arc::new(MemoryKeyStore::default()));
    let form = office.form("dispatcher");
    let wrong_password = SignInForm { password: "letmein".to_owned(), ..form.clone() };
    let nobody_there = SignInForm { server_url: "http://127.0.0.1:9".to_owned(), ..form.clone() };
    let in_the_clear = SignInForm { server_url: "http://desk.example.org".to_owned(), ..form.clone() };
    let newer = SignInForm { server_url: newer_server().await, ..form.clone() };
    for (form, expected) in [
        (wrong_password, DeskErrorCode::Server(ErrorCode::WrongCredentials)),
        (nobody_there, DeskErrorCode::Unreachable),
        (in_the_clear, DeskErrorCode::BadUrl),
        (newer, DeskErrorCode::ServerVersion),
    ] {
        assert_eq!(desk.refused(DeskRequest::SignIn(form)).await.code, expected, "each its own error");
    }
    let sessions = office.desk_folder().join("sessions");
    let left = std::fs::read_dir(sessions).map(|entries| entries.count()).unwrap_or(0);
    assert_eq!(left, 0, "failed attempts leave no files behind");
    let nobody = desk.refused(DeskRequest::CreateTask(draft("Leak"))).await;
    assert_eq!(nobody.code, DeskErrorCode::NotSignedIn, "and nobody is signed in");
    assert_eq!(
        desk.refused(DeskRequest::OpenOffline).await.code,
        DeskErrorCode::NothingCached,
        "nothing is cached"
    );

    let mut screen = desk.sign_in(&office, "dispatcher").await;
    let durable = matches!(&screen.session, Some(SessionView::SignedIn(signed_in)) if signed_in.durable && !signed_in.offline);
    assert!(durable, "the right password still works: {:?}", screen.session);
    desk.ask(DeskRequest::SignOut { discard_queue: false }).await;
    screen
        .until("the sign-in page", |screen| matches!(screen.session, Some(SessionView::SignedOut { .. })))
        .await;
    assert_eq!(
        desk.refused(DeskRequest::OpenOffline).await.code,
        DeskErrorCode::NothingCached,
        "signing out forgets"
    );
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_from_one_moment_to_the_next() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    ana.is_at(crate::office::at(7.42, 43.73), 0).await;
    screen.until("her dot", |screen| screen.dots.contains_key(&ana.id)).await;
    let user = office.user("dispatcher");
    office.admin().set_groups(user, vec![office.south]).expect("changed");
    screen
        .until("the north to go", |screen| !screen.resources.contains_key(&ana.id) && screen.dots.is_empty())
        .await;
    screen.until("being live again", Screen::is_live).await;
    desk.desk.stop().await;
}
