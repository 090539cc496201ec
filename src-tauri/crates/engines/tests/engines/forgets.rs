//! Somebody goes private while an engine is being asked: no further question names their place, and no answer about it is kept.

use super::*;

/// A server that knows every way, and a desk that forgets everything while it reads an answer of it.
fn forgets_on_the_wire(
    settings: impl Fn(&Pretender) -> EngineSettings,
    manners: impl Fn(&Asked) -> Manner + Send + Sync + 'static,
) -> (Pretender, Arc<Desk>) {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Arc::new(Desk::asks(EngineSettings { timeout_ms: 10_000, ..settings(&server) }));
    let hides = desk.clone();
    server.now(move |asked| {
        hides.times.forget();
        manners(asked)
    });
    (server, desk)
}

#[test]
fn ways_of_later_tables_are_neither_sent_nor_kept() {
    let (server, desk) = forgets_on_the_wire(osrm, good_osrm);
    let ways: Vec<(Place, Place)> = (0..200).map(|n| (place(n), place(500 + n))).collect();
    let told = desk.times.moment().told(&ways, TRIP.mode);
    assert_eq!(server.asked().len(), 1, "of four tables only the one that was on its way");
    let known: Vec<bool> = told.iter().map(Option::is_some).collect();
    assert_eq!(
        known,
        [vec![true; 50], vec![false; 150]].concat(),
        "whose answer still counts for its question"
    );
    server.now(good_osrm);
    assert!(desk.times.moment().told(&ways, TRIP.mode).iter().all(Option::is_some), "who asks anew is told");
    assert_eq!(server.asked().len(), 5, "all four tables: nothing of the first question was kept");
}

#[test]
fn of_many_by_many_the_rest_comes_from_elsewhere() {
    let (server, desk) = forgets_on_the_wire(osrm, good_osrm);
    let many = places(120);
    let rows = desk.times.moment().estimates_between(&many, TRIP);
    assert_eq!(server.asked().len(), 1, "of four blocks only the one that was on its way");
    for (from, row) in rows.iter().enumerate() {
        for (to, estimate) in row.iter().enumerate() {
            let expected = if from < 100 && to < 100 { TravelSource::Osrm } else { TravelSource::Roads };
            assert_eq!(estimate.map(|way| way.source), Some(expected), "from {from} to {to}");
        }
    }
    server.now(good_osrm);
    desk.times.moment().estimates_between(&many, TRIP);
    assert_eq!(server.asked().len(), 5, "all four blocks: nothing of the first question was kept");
}

#[test]
fn a_table_that_was_refused_is_not_sent_again_in_another_way() {
    let refuses = |_: &Asked| Manner::Says {
        status: 400,
        body: r#"{"error_code":171,"error":"No suitable edges near location"}"#.to_owned(),
    };
    let (server, desk) = forgets_on_the_wire(valhalla, refuses);
    let stops = desk.times.moment().estimates_to(place(0), &places(4)[1..], TRIP);
    assert!(
        stops.iter().flatten().all(|way| way.source == TravelSource::Roads),
        "the region's own roads answer: {stops:?}"
    );
    assert_eq!(server.asked().len(), 1, "the same places would have been sent once more");
}

#[test]
fn what_was_thought_of_before_is_asked_nowhere_after() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let (before, ways) = (desk.times.moment(), [(place(0), place(9))]);
    desk.times.forget();
    let estimate = before.estimate(place(0), place(9), TRIP).map(|way| way.source);
    assert_eq!(estimate, Some(TravelSource::Roads), "the region's own roads answer");
    let way = before.way(place(0), place(9), TRIP).map(|way| way.estimate.source);
    assert_eq!(way, Some(TravelSource::Roads), "also with the points of the way");
    assert_eq!(before.told(&ways, TRIP.mode), [None], "the engine says nothing");
    assert!(server.asked().is_empty(), "it was not asked");
    assert_eq!(desk.source(0, 9), TravelSource::Osrm, "but of what is thought of now");
}

#[test]
fn an_engine_that_was_switched_off_is_asked_nothing_more() {
    let (first, second) = (Pretender::start(good_osrm), Pretender::start(good_osrm));
    let (first, second) = (first.expect("a port"), second.expect("a port"));
    let desk = Desk::asks(osrm(&first));
    let before = desk.times.moment();
    assert!(before.has_engine(), "it could be asked");
    desk.times.set(osrm(&second));
    desk.times.forget();
    let source = before.estimate(place(0), place(9), TRIP).map(|way| way.source);
    assert_eq!(source, Some(TravelSource::Roads), "the region's own roads answer");
    assert!(!before.has_engine(), "and the question knows");
    assert!(first.asked().is_empty() && second.asked().is_empty(), "neither was asked");
}
