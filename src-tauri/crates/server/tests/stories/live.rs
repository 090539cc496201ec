use std::time::Duration;

use super::office::{Desk, Office};
use chrono::TimeDelta;
use domain::access::Role;
use futures_util::StreamExt;
use protocol::wire::{CommandBody, Cursor, LiveFrame};
use protocol::{API_VERSION, API_VERSION_HEADER};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(desk: &Desk<'_>, cursor: Cursor) -> Self {
        let url = format!("{}/v1/live?cursor={cursor}", desk.office.server.url().replace("http", "ws"));
        let mut request = url.into_client_request().expect("request");
        let bearer = format!("Bearer {}", desk.tokens.access).parse().expect("header");
        request.headers_mut().insert("authorization", bearer);
        request.headers_mut().insert(API_VERSION_HEADER, API_VERSION.into());
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("the socket opens");
        Socket(socket)
    }

    /// The next frame; `None` once closed.
    async fn next(&mut self) -> Option<LiveFrame> {
        loop {
            let message =
                tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("within 20 s")?;
            match message.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).expect("a frame")),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    async fn next_but_positions(&mut self) -> Option<LiveFrame> {
        loop {
            match self.next().await {
                Some(LiveFrame::Positions { .. }) => {}
                other => return other,
            }
        }
    }
}

#[tokio::test]
async fn the_socket_links_every_change_to_the_one_before() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    let missed = office.task("Came before the socket", None);
    let mut socket = Socket::open(&desk, start).await;
    let Some(LiveFrame::Change { prev, cursor, items }) = socket.next_but_positions().await else {
        panic!("a change first")
    };
    assert_eq!((prev, items[0].id), (start, missed.0), "it begins where the reader stands");
    let Some(LiveFrame::Bookmark { prev, cursor: marked, checksums, .. }) = socket.next_but_positions().await
    else {
        panic!("then a bookmark")
    };
    assert_eq!(prev, cursor, "linked to the change");
    assert!(checksums.values().any(|sum| *sum != 0), "with sums");

    office.task("Ben's, not for the north", Some(office.ben.id));
    office.task("For everybody", None);
    let Some(LiveFrame::Change { prev, cursor, items }) = socket.next_but_positions().await else {
        panic!("a change")
    };
    assert_eq!((prev, items.len()), (marked, 1), "linked over what this view does not show");
    desk.send(desk.command(1, CommandBody::TaskNote { task: missed, text: "call".to_owned() })).await;
    let Some(LiveFrame::Change { prev, items, .. }) = socket.next_but_positions().await else {
        panic!("a change")
    };
    assert_eq!(prev, cursor, "and again");
    let cause = items[0].cause.expect("a cause");
    assert_eq!((cause.device, cause.n), (desk.device, 1), "the desk recognises its own command");
}

#[tokio::test]
async fn another_role_a_rewritten_history_and_a_stale_cursor_are_told() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    let mut socket = Socket::open(&desk, start).await;
    assert!(matches!(socket.next_but_positions().await, Some(LiveFrame::Bookmark { .. })), "running");
    office.admin().set_role(desk.user(), Role::Supervisor).expect("changes");
    assert!(matches!(socket.next_but_positions().await, Some(LiveFrame::ViewChanged)), "told to purge");
    assert!(socket.next().await.is_none(), "and closed");

    let mut late = Socket::open(&desk, start).await;
    assert!(
        matches!(late.next_but_positions().await, Some(LiveFrame::ViewChanged)),
        "also whoever was away meanwhile"
    );
    let (now, _) = desk.snapshot().await;
    let mut socket = Socket::open(&desk, now).await;
    assert!(matches!(socket.next_but_positions().await, Some(LiveFrame::Bookmark { .. })), "running again");
    office.admin().rewrite_history(office.company).expect("rewrites");
    assert!(matches!(socket.next_but_positions().await, Some(LiveFrame::Gone { .. })), "start over");
}

#[tokio::test]
async fn positions_reach_those_who_may_see_them_and_stop_with_the_shift_and_with_privacy() {
    let office = Office::open().await;
    let seen_by = async |login: &str| {
        let desk = office.sign_in(login).await;
        let (status, answer) =
            office.call(reqwest::Method::GET, "/v1/positions", Some(&desk.tokens.access), None).await;
        (status.as_u16(), answer["positions"].as_array().map_or(0, Vec::len))
    };
    let phones = [office.activate(&office.ana).await, office.activate(&office.ben).await];
    for phone in &phones {
        let taken = phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
        assert_eq!(taken.accepted, 1, "taken in");
    }
    assert_eq!(seen_by("everywhere").await, (200, 0), "off duty nobody is watched");
    for phone in &phones {
        phone.sign_in().await;
    }
    assert_eq!(seen_by("dispatcher").await, (200, 1), "own group");
    assert_eq!(seen_by("supervisor").await, (200, 1), "own team");
    assert_eq!(seen_by("manager").await, (200, 2), "all on shift");
    assert_eq!(seen_by("administrator").await, (403, 0), "nobody");

    let desk = office.sign_in("everywhere").await;
    let (start, _) = desk.snapshot().await;
    let mut socket = Socket::open(&desk, start).await;
    let fixes = async |socket: &mut Socket| loop {
        if let Some(LiveFrame::Positions { positions }) = socket.next().await {
            return positions;
        }
    };
    assert_eq!(fixes(&mut socket).await.len(), 2, "all at once when the socket opens");
    office.wait(TimeDelta::seconds(5));
    phones[0].send_fixes(&[phones[0].fix(7.43, 43.74), phones[0].fix(7.431, 43.74)]).await;
    let positions = fixes(&mut socket).await;
    assert_eq!(
        (positions.len(), positions[0].fix.at.lon()),
        (1, 7.431),
        "coalesced to the newest, and only what is new"
    );
    let older = domain::position::Fix {
        fix_time: office.now() - TimeDelta::minutes(3),
        ..phones[0].fix(7.40, 43.72)
    };
    phones[0].send_fixes(&[older]).await;
    phones[0].set_privacy(true).await;
    assert_eq!(seen_by("everywhere").await, (200, 1), "private at once");
}

#[tokio::test]
async fn a_token_that_runs_out_ends_the_socket() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    let mut socket = Socket::open(&desk, start).await;
    assert!(matches!(socket.next_but_positions().await, Some(LiveFrame::Bookmark { .. })), "running");
    office.wait(TimeDelta::minutes(14));
    office.task("wakes the socket", None);
    assert!(
        matches!(socket.next_but_positions().await, Some(LiveFrame::AuthExpiring { in_secs: 60 })),
        "told in time"
    );
    office.wait(TimeDelta::minutes(2));
    office.task("wakes it again", None);
    assert!(
        matches!(socket.next_but_positions().await, Some(LiveFrame::Change { .. })),
        "the change from before"
    );
    assert!(socket.next_but_positions().await.is_none(), "then it is over");
}

#[tokio::test]
async fn a_server_that_stops_lets_go_of_its_sockets() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    let mut socket = Socket::open(&desk, start).await;
    assert!(socket.next().await.is_some(), "running");
    let stopped = tokio::time::timeout(Duration::from_secs(4), office.server.stop()).await;
    assert!(stopped.is_ok(), "stopping does not wait for desks to leave");
}
