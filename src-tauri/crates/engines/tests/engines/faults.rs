use super::*;
use protocol::view::{EngineFault, EngineState, EngineTestView};
use std::time::{Duration, Instant};

fn fault(desk: &Desk) -> Option<EngineFault> {
    match desk.times.state() {
        EngineState::Failing { fault, .. } => Some(fault),
        EngineState::Ready | EngineState::Answering { .. } => None,
    }
}

/// A port where nothing listens.
fn nowhere() -> EngineSettings {
    let port =
        std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("bound").port();
    EngineSettings { kind: EngineKind::Osrm, url: format!("http://127.0.0.1:{port}"), timeout_ms: 2_000 }
}

#[expect(clippy::disallowed_methods, reason = "how long somebody really waits is the question")]
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

#[test]
fn a_server_that_is_down_costs_one_question() {
    let desk = Desk::asks(nowhere());
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "answered all the same");
    assert_eq!(fault(&desk), Some(EngineFault::Unreachable), "and it is said why");
    assert!(desk.way().points.len() >= 2, "a line can be drawn, too");
}

#[test]
fn a_slow_server_makes_one_question_wait_and_no_more() {
    let server = Pretender::start(|_| Manner::Stalls).expect("a port");
    let desk = Desk::asks(EngineSettings { timeout_ms: 300, ..osrm(&server) });
    let (source, waited) = timed(|| desk.source(0, 9));
    assert_eq!(source, TravelSource::Roads, "answered all the same");
    assert!(waited >= Duration::from_millis(290), "it had its time: {waited:?}");
    assert!(waited < Duration::from_secs(3), "and not more: {waited:?}");
    assert_eq!(fault(&desk), Some(EngineFault::TimedOut), "and it is said why");
    let (_, waited) = timed(|| {
        for n in 0..1_000 {
            desk.source(n, n + 1);
        }
        desk.times.moment().estimates_between(&places(150), TRIP);
    });
    assert!(waited < Duration::from_millis(290), "a thousand people don't wait for it: {waited:?}");
    assert_eq!(server.asked().len(), 1, "it was left alone");
}

#[test]
fn half_an_answer_is_none() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"code\":".to_vec();
    let server = Pretender::start(move |_| Manner::Sends(head.clone())).expect("a port");
    let desk = Desk::asks(osrm(&server));
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "answered all the same");
    assert!(fault(&desk).is_some(), "it hung up in the middle");
}

#[test]
fn the_pause_grows_ends_with_an_answer_and_a_test_does_not_wait_for_it() {
    let broken = |_: &Asked| Manner::Says { status: 503, body: "<html>busy</html>".to_owned() };
    let server = Pretender::start(broken).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let asked = |desk: &Desk, n| {
        let before = server.asked().len();
        desk.source(n, n + 1);
        server.asked().len() > before
    };
    assert!(asked(&desk, 0), "the first question");
    assert_eq!(fault(&desk), Some(EngineFault::Status(503)), "its status is told");
    desk.clock.passes(29);
    assert!(!asked(&desk, 1), "it rests for half a minute");
    desk.clock.passes(1);
    assert!(asked(&desk, 2), "then one question goes first");
    desk.clock.passes(59);
    assert!(!asked(&desk, 3), "and fails: it rests for a whole one");
    assert_eq!(
        desk.times.state(),
        EngineState::Failing { since: DateTime::UNIX_EPOCH, fault: EngineFault::Status(503) },
        "failing since the first, not since the last"
    );
    let test = |desk: &Desk| desk.times.test(&osrm(&server), place(0), place(9), TRIP);
    assert_eq!(test(&desk), EngineTestView::Failed(EngineFault::Status(503)), "a test asks at once");
    server.now(
        |asked| if asked.path.starts_with("/route") { replies::osrm_way(asked) } else { good_osrm(asked) },
    );
    assert!(matches!(test(&desk), EngineTestView::Answered { .. }), "it is repaired");
    assert!(asked(&desk, 4), "and asked again at once");
    assert_eq!(fault(&desk), None, "all is well");
}

#[test]
fn an_engine_comes_back_without_anybody_s_doing() {
    let broken = |_: &Asked| Manner::Says { status: 500, body: String::new() };
    let server = Pretender::start(broken).expect("a port");
    let desk = Desk::asks(osrm(&server));
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "broken");
    server.now(good_osrm);
    desk.clock.passes(30);
    assert_eq!(desk.source(0, 9), TravelSource::Osrm, "after its pause it is asked, and answers");
}

#[test]
fn nonsense_is_a_fault_and_never_an_arrival() {
    let nonsense: [(&str, Manner); 12] = [
        ("no HTTP", Manner::Sends(b"\x16\x03\x01 hello\r\n\r\n".to_vec())),
        ("something else", says("<html>It works!</html>")),
        ("nothing", says("")),
        ("no table", says(r#"{"code":"Ok"}"#)),
        ("a table of another size", says(one_cell("[60.0,60.0]", "[1500.0,1500.0]"))),
        ("an empty table", says(one_cell("[]", "[]"))),
        ("no number", says(one_cell("[NaN]", "[1500.0]"))),
        ("text", says(one_cell("[\"60\"]", "[1500.0]"))),
        ("too large a number", says(one_cell("[1e999]", "[1500.0]"))),
        ("before one has left", says(one_cell("[-60.0]", "[1500.0]"))),
        ("a year", says(one_cell("[31536000.0]", "[1500.0]"))),
        ("as fast as a rocket", says(one_cell("[1.0]", "[90000.0]"))),
    ];
    for (what, manner) in nonsense {
        let server = Pretender::start(move |_| manner.clone()).expect("a port");
        let desk = Desk::asks(osrm(&server));
        assert_eq!(desk.source(0, 9), TravelSource::Roads, "{what}: the region answers");
        assert_eq!(fault(&desk), Some(EngineFault::Nonsense), "{what}: and the engine is not trusted");
        let desk = Desk::asks(valhalla(&server));
        assert_eq!(desk.source(0, 9), TravelSource::Roads, "{what}, as Valhalla");
        assert_eq!(fault(&desk), Some(EngineFault::Nonsense), "{what}, as Valhalla");
        assert_eq!(desk.way().estimate.source, TravelSource::Roads, "{what}: nor is its line drawn");
    }
}

/// One row from the first place of the tests to the tenth.
fn one_cell(durations: &str, distances: &str) -> String {
    let (from, to) = (r#"{"location":[7.40,43.73]}"#, r#"{"location":[7.409,43.73]}"#);
    format!(
        r#"{{"code":"Ok","durations":[{durations}],"distances":[{distances}],"sources":[{from}],"destinations":[{to}]}}"#
    )
}

#[test]
fn a_body_without_an_end_is_not_read_to_its_end() {
    let endless = format!("{{\"code\":\"{}\"}}", "x".repeat(9 * 1024 * 1024));
    let server = Pretender::start(move |_| says(endless.clone())).expect("a port");
    let desk = Desk::asks(EngineSettings { timeout_ms: 10_000, ..osrm(&server) });
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "answered all the same");
    assert_eq!(fault(&desk), Some(EngineFault::Nonsense), "nine megabytes are no table");
}

#[test]
fn a_redirect_leads_positions_nowhere() {
    let elsewhere = Pretender::start(good_osrm).expect("a port");
    let location =
        format!("HTTP/1.1 302 Found\r\nLocation: {}/table\r\nContent-Length: 0\r\n\r\n", elsewhere.url());
    let server = Pretender::start(move |_| Manner::Sends(location.clone().into_bytes())).expect("a port");
    let desk = Desk::asks(osrm(&server));
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "answered all the same");
    assert_eq!(fault(&desk), Some(EngineFault::Status(302)), "an answer, but no table");
    assert!(elsewhere.asked().is_empty(), "nobody went there");
}

#[tokio::test]
async fn asking_from_a_runtime_s_back_room_is_no_panic() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let source = tokio::task::spawn_blocking(move || {
        let source = desk.source(0, 9);
        (desk, source)
    });
    let (desk, source) = source.await.expect("no panic");
    assert_eq!(source, TravelSource::Osrm, "as the desk asks for suggestions");
    // The last owner of the engine goes on the loop's own thread.
    drop(desk);
}
