//! Where travel times come from, and what happens when that changes.

use super::*;
use domain::travel::TravelSource;
use peers::{Asked, Manner, Pretender};
use protocol::view::{EngineFault, EngineKind, EngineSettings, EngineState, EngineTestView};

/// An OSRM that says the same of one pair, whatever it is: 20 minutes, 30 km.
fn osrm(asked: &Asked) -> Manner {
    let path = asked.path.split('?').next().unwrap_or_default();
    let at: Vec<&str> = path.rsplit('/').next().unwrap_or_default().split(';').collect();
    let [from, to] = at[..] else { return Manner::Says { status: 400, body: String::new() } };
    let body = format!(
        r#"{{"code":"Ok","durations":[[1200.0]],"distances":[[30000.0]],"sources":[{{"location":[{from}]}}],"destinations":[{{"location":[{to}]}}]}}"#
    );
    Manner::Says { status: 200, body }
}

fn asks(server: &Pretender) -> EngineSettings {
    EngineSettings { kind: EngineKind::Osrm, url: server.url(), timeout_ms: 2_000 }
}

impl Day {
    /// Takes the next answer of the ETA thread.
    fn hears(&mut self, when: DateTime<Utc>) {
        let answers = self.answers.blocking_recv().expect("the thread answers");
        self.session.on_answers(answers, when);
    }

    fn source(&self) -> Option<TravelSource> {
        let task = self.session.picture().shown().tasks.get(&lift(None).id)?.data.clone();
        self.session.arrivals.at(task.id, ana().id)?.eta.ok().map(|eta| eta.source)
    }
}

#[test]
fn another_engine_is_asked_for_every_way_at_once() {
    let server = Pretender::start(osrm).expect("a port");
    let task = step(lift(Some(ana().id)), TaskStatus::EnRoute, now());
    let mut day = Day::begins(vec![ana().into(), task.into()]);
    day.seen(7.42, now());
    day.out(now());
    day.hears(now());
    assert_eq!(day.source(), Some(TravelSource::StraightLine), "no region is installed, and none is asked");
    day.session.set_travel_engine(asks(&server), now());
    day.hears(now());
    assert_eq!(day.source(), Some(TravelSource::Osrm), "without anybody moving");
    let view = day.session.travel_view();
    assert!(
        matches!(view.state, EngineState::Answering { .. }),
        "and it is seen to answer: {:?}",
        view.state
    );
    assert_eq!((view.region.as_str(), view.modes.len()), ("nowhere", 0), "a region without roads of its own");
    let before = server.asked().len();
    day.session.set_travel_engine(asks(&server), now());
    day.session.set_travel_engine(EngineSettings::default(), now());
    day.hears(now());
    assert_eq!(day.source(), Some(TravelSource::StraightLine), "and back");
    assert_eq!(server.asked().len(), before, "the same settings again ask nothing");
}

#[test]
fn an_engine_is_tried_between_sites_and_not_from_anybody_s_position() {
    let server = Pretender::start(|_| Manner::Says { status: 500, body: String::new() }).expect("a port");
    let other = Task { id: TaskId(Uuid::from_u128(11)), at: at(7.45), ..lift(None) };
    let mut day = Day::begins(vec![ana().into(), lift(None).into()]);
    day.seen(7.4212345, now());
    assert_eq!(day.session.trial(now()).run(&asks(&server)), None, "one site alone makes no way");
    day.row(other, 2, now());
    day.out(now());
    let tried = day.session.trial(now()).run(&asks(&server));
    assert_eq!(tried, Some(EngineTestView::Failed(EngineFault::Status(500))), "what it said");
    let asked = server.asked();
    assert!(
        asked.iter().all(|asked| asked.path.contains("7.43") && !asked.path.contains("7.4212")),
        "from one task to another: {asked:?}"
    );
    assert_eq!(day.session.travel_view().state, EngineState::Ready, "and nothing else has changed");
}

#[test]
fn a_way_is_driven_at_the_server_s_hour_whatever_this_machine_says() {
    let mut day = Day::begins(vec![ana().into(), lift(None).into()]);
    day.seen(7.42, secs(5));
    day.clock_is_ahead(TimeDelta::hours(2));
    let wall = secs(10 + 7_200);
    let drive = day.session.way_to(ana().id, lift(None).id, wall).expect("she was seen");
    assert_eq!(drive.trip.leaves, secs(10), "two hours fast here, and the roads are as they are now");
    assert_eq!((drive.from.at, drive.to), (at(7.42), at(7.43)), "from where she is to the lift");
    let code = |day: &Day, task| day.session.way_to(ana().id, task, wall).expect_err("no way").code;
    let unknown = TaskId(Uuid::from_u128(99));
    assert_eq!(code(&day, unknown), DeskErrorCode::Refused(Rejection::NotFound), "there is no such task");
    day.row(Resource { private_since: Some(secs(11)), ..ana() }, 2, secs(11));
    assert_eq!(code(&day, lift(None).id), DeskErrorCode::Private, "and nobody sees her way any more");
}
