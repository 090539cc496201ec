use super::*;
use peers::Manner;
use protocol::view::{EngineFault, EngineState, EngineTestView};

#[test]
fn every_answer_says_where_it_comes_from() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(EngineSettings::default());
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "nobody else is asked");
    assert_eq!(desk.times.state(), EngineState::Ready, "this machine is always ready");
    assert!(server.asked().is_empty(), "no position has left the machine");
    desk.times.set(osrm(&server));
    assert_eq!(desk.source(0, 9), TravelSource::Osrm, "the engine's word");
    assert!(matches!(desk.times.state(), EngineState::Answering { .. }), "{:?}", desk.times.state());
    desk.times.set(EngineSettings::default());
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "and back");
    assert_eq!(server.asked().len(), 1, "asked once in all");
}

#[test]
fn a_gap_in_a_table_comes_from_elsewhere_and_says_so() {
    let server = Pretender::start(|asked| {
        let Manner::Says { body, .. } = good_osrm(asked) else { panic!("it answers") };
        says(body.replacen("3600.0", "null", 1))
    });
    let server = server.expect("a port");
    let desk = Desk::asks(osrm(&server));
    let told = desk.times.moment().estimates_to(place(0), &places(4)[1..], TRIP);
    let sources: Vec<_> = told.iter().flatten().map(|estimate| estimate.source).collect();
    assert_eq!(
        sources,
        [TravelSource::Roads, TravelSource::Osrm, TravelSource::Osrm],
        "pair by pair, in their order"
    );
    assert_eq!(desk.own.asked(), 1, "the region is asked only for what is missing");
}

#[test]
fn many_by_many_is_asked_in_blocks() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let many = places(120);
    let rows = desk.times.moment().estimates_between(&many, TRIP);
    assert_eq!((rows.len(), rows[119].len()), (120, 120), "row by row");
    assert!(
        rows.iter().flatten().flatten().all(|estimate| estimate.source == TravelSource::Osrm),
        "all of it the engine's"
    );
    let sizes: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| sides(&asked.path))
        .map(|(from, to)| (from.len(), to.len()))
        .collect();
    assert_eq!(sizes, [(100, 100), (100, 20), (20, 100), (20, 20)], "never more than a server takes");
    let from = desk.times.moment().estimates_from(&many, place(500), TRIP);
    assert_eq!(from.iter().flatten().count(), 120, "and many to one");
}

#[test]
fn what_was_asked_just_now_is_not_asked_again() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    for second in 0..60 {
        let stops = desk.times.moment().estimates_to(place(0), &places(4)[1..], TRIP);
        assert!(stops.iter().flatten().count() == 3, "answered at {second} s");
        desk.clock.passes(1);
    }
    assert_eq!(server.asked().len(), 1, "a chain of three stops, looked at for a minute");
    assert_eq!(desk.source(0, 3), TravelSource::Osrm, "one of them alone");
    desk.times.moment().estimates_to(place(0), &places(6)[1..], TRIP);
    let last = server.asked().pop().expect("asked");
    assert_eq!(sides(&last.path).1.len(), 2, "only for the two stops that are new");
    desk.clock.passes(60);
    desk.source(0, 1);
    assert_eq!(server.asked().len(), 3, "after two minutes it may have changed");
    desk.times.forget();
    desk.source(0, 1);
    assert_eq!(server.asked().len(), 4, "nothing is kept when it is to be forgotten");
}

#[test]
fn another_engine_answers_from_the_next_question_on() {
    let first = Pretender::start(good_osrm).expect("a port");
    let second = Pretender::start(|asked| osrm_with(asked, "5400.0")).expect("a port");
    let desk = Desk::asks(osrm(&first));
    let secs =
        |desk: &Desk| desk.times.moment().estimate(place(0), place(9), TRIP).map(|way| way.duration_secs);
    assert_eq!(secs(&desk), Some(3_600.0), "the first");
    desk.times.set(osrm(&second));
    assert_eq!(secs(&desk), Some(5_400.0), "nothing of the first one's answers is left");
    assert_eq!(desk.times.settings(), osrm(&second), "and the settings say so");
}

#[test]
fn threads_keep_asking_while_engines_change() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let desk = &desk;
            scope.spawn(move || {
                for n in 0..40 {
                    let source = desk.source(thread * 100 + n, 50);
                    assert_ne!(source, TravelSource::StraightLine, "one of the two that there are");
                }
            });
        }
        for round in 0..20 {
            let settings = if round % 2 == 0 { EngineSettings::default() } else { osrm(&server) };
            desk.times.set(settings);
        }
    });
}

#[test]
fn an_address_that_sends_positions_in_the_clear_is_not_asked() {
    let plain =
        EngineSettings { kind: EngineKind::Osrm, url: "http://roads.example.org".into(), timeout_ms: 50 };
    let desk = Desk::asks(plain.clone());
    assert_eq!(desk.source(0, 9), TravelSource::Roads, "the region's own");
    let fault = EngineFault::Address;
    assert_eq!(
        desk.times.state(),
        EngineState::Failing { since: desk.clock.now(), fault },
        "and it is said why"
    );
    let test = desk.times.test(&plain, place(0), place(9), TRIP);
    assert_eq!(test, EngineTestView::Failed(EngineFault::Address), "a test says the same");
}

#[test]
fn a_test_says_what_both_know() {
    let server = Pretender::start(replies::osrm_way).expect("a port");
    let desk = Desk::asks(EngineSettings::default());
    let EngineTestView::Answered { duration_secs, own_secs, .. } =
        desk.times.test(&osrm(&server), place(0), place(9), TRIP)
    else {
        panic!("it answers")
    };
    assert_eq!((duration_secs, own_secs), (60.0, Some(OWN_SECS)), "theirs and ours");
    assert_eq!(desk.times.state(), EngineState::Ready, "a test chooses nothing");
    let own = desk.times.test(&EngineSettings::default(), place(0), place(9), TRIP);
    assert!(matches!(own, EngineTestView::Answered { millis: 0, .. }), "our own roads, too: {own:?}");
}
