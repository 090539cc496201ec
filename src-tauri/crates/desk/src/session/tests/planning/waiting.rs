//! Drives may take their time; whoever has had enough does not wait for them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::travel::{TravelMode, TravelSource};
use eta::{Estimate, Place, TravelTimes, Trip};
use protocol::view::PlanView;

use super::*;

/// An engine that says nothing until it is let.
struct Slow {
    asked: Mutex<Sender<TravelMode>>,
    let_go: Mutex<Receiver<()>>,
}

impl TravelTimes for Slow {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        GreatCircle.estimate(from, to, trip)
    }

    fn has_engine(&self) -> bool {
        true
    }

    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).send(trip.mode).ok(); // else the test is over
        self.let_go.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        GreatCircle.estimates_between(places, trip)
    }
}

/// Ana has one task and could have another; the drives are being worked out.
struct Waiting {
    day: Day,
    search: JoinHandle<Kept>,
    times: crate::etas::SharedTimes,
    progress: Receiver<PlanProgressView>,
    /// By what the engine was asked for drives.
    asked: Receiver<TravelMode>,
    let_go: Sender<()>,
}

impl Waiting {
    fn begins() -> Self {
        let rows = [worker(1, 7.40).into(), job(1, 7.43, Some(id(1))).into(), job(2, 7.44, None).into()];
        Self::in_the_middle_of(Day::begins(rows.into()))
    }

    fn in_the_middle_of(mut day: Day) -> Self {
        let search = day.session.plan_day(&today(), now()).expect("a question");
        let ((asks, asked), (let_go, held)) = (channel(), channel());
        let times: crate::etas::SharedTimes =
            Arc::new(Slow { asked: Mutex::new(asks), let_go: Mutex::new(held) });
        let (search, progress) = searching(search, times.clone());
        Self { day, search, times, progress, asked, let_go }
    }

    fn hears(&self) -> PlanProgressView {
        self.progress.recv_timeout(Duration::from_secs(10)).expect("it is told how far it is")
    }

    fn asks_for(&self) -> TravelMode {
        self.asked.recv_timeout(Duration::from_secs(10)).expect("the engine is asked")
    }
}

/// A search on a thread of its own, and how far it is.
fn searching(
    search: PlanSearch,
    times: crate::etas::SharedTimes,
) -> (JoinHandle<Kept>, Receiver<PlanProgressView>) {
    let PlanSearch { question, number, cancel, leave } = search;
    let (tell, progress) = channel();
    let tell = Box::new(move |step| {
        tell.send(step).ok(); // else nobody listens any more
    });
    let watch = Watch { clock: Arc::new(LookedAt::default()), cancel, leave, tell };
    (std::thread::spawn(move || run(question, number, &times, &watch).expect("a plan")), progress)
}

#[test]
fn drives_are_told_of_as_long_as_they_are_worked_out() {
    let waiting = Waiting::begins();
    for _ in 0..3 {
        assert_eq!(waiting.hears(), PlanProgressView::Drives { places: 3 }, "home and two tasks, still");
    }
    waiting.let_go.send(()).expect("somebody waits for it");
    let drives = PlanProgressView::Drives { places: 3 };
    let next = std::iter::repeat_with(|| waiting.hears()).find(|step| *step != drives);
    assert!(matches!(next, Some(PlanProgressView::Searching { .. })), "now plans are searched: {next:?}");
    let view = waiting.search.join().expect("it comes to an end").whole();
    assert_eq!((view.moves.len(), view.is_cancelled), (1, false), "she gets the other one, too");
}

#[test]
fn whoever_has_had_enough_of_a_slow_engine_gets_the_present_day_at_once() {
    let mut waiting = Waiting::begins();
    assert_eq!(waiting.hears(), PlanProgressView::Drives { places: 3 }, "the engine was asked");
    let clock = sync::SystemClock::new();
    let began = clock.now().mono_ms;
    waiting.day.session.cancel_planning();
    // The engine has not answered, and never will.
    let kept = Arc::new(waiting.search.join().expect("it ends all the same"));
    assert!(clock.now().mono_ms - began < 5_000, "and at once");
    let view: PlanView = kept.whole();
    assert!(view.is_cancelled, "ended before its time");
    assert_eq!(view.moves, [], "nothing was searched, nothing moves");
    let [ana] = &view.days[..] else { panic!("one day: {:?}", view.days) };
    assert_eq!((ana.before.stops.len(), ana.after.stops.len()), (1, 1), "her day as it is");
    assert_eq!(view.source, TravelSource::StraightLine, "an estimate, and said to be one");
    assert_eq!(view.left_out.len(), 1, "nobody has the other one yet");
    waiting.day.session.on_planned(kept.number, Some(kept.clone())).expect("all is as it was");
    let (commands, _) = waiting
        .day
        .session
        .apply_plan((kept.number, &[]), std::iter::empty(), now())
        .expect("there is nothing to do");
    assert!(commands.is_empty(), "and nothing is done: {commands:?}");
}

/// Ana goes by car, Ben by bicycle, both seen out.
fn by_car_and_bicycle() -> Day {
    let ben = Resource { travels: TravelMode::Bicycle, ..worker(2, 7.45) };
    let mut day = Day::begins(vec![worker(1, 7.40).into(), ben.into(), job(1, 7.51, None).into()]);
    day.seen_at(id(1), 7.50, secs(-10));
    day.seen_at(id(2), 7.46, secs(-10));
    day
}

#[test]
fn no_engine_is_asked_on_about_somebody_who_has_gone_private() {
    let mut waiting = Waiting::in_the_middle_of(by_car_and_bicycle());
    waiting.asks_for();
    waiting.day.row(Resource { private_since: Some(secs(1)), ..worker(1, 7.40) }, 2, secs(1));
    // The engine would answer to both.
    [(), ()].into_iter().for_each(|go| waiting.let_go.send(go).expect("somebody waits for it"));
    let kept = Arc::new(waiting.search.join().expect("it comes to an end"));
    waiting.asked.recv_timeout(Duration::from_millis(500)).expect_err("nobody is told her place again");
    assert!(kept.whole().is_cancelled, "the present day, and it says that it was ended early");
    let told = waiting.day.session.on_planned(kept.number, Some(kept)).expect("a plan").expect("another one");
    assert!(!told.rests_on_fix(id(1)), "and she begins at home in it");
}

#[test]
fn who_has_nothing_to_do_with_a_plan_may_go_private_during_the_search() {
    let mut day = by_car_and_bicycle();
    let off_duty = Resource { on_duty: false, working_hours: Vec::new(), ..worker(3, 7.40) };
    day.row(off_duty.clone(), 1, now());
    let mut waiting = Waiting::in_the_middle_of(day);
    waiting.asks_for();
    waiting.day.row(Resource { private_since: Some(secs(1)), ..off_duty }, 2, secs(1));
    waiting.let_go.send(()).expect("somebody waits for it");
    waiting.asks_for();
    waiting.let_go.send(()).expect("somebody waits for it");
    let kept = waiting.search.join().expect("it comes to an end");
    assert!(!kept.whole().is_cancelled, "the plan was searched to its end");
}

#[test]
fn searches_that_were_given_up_do_not_pile_up_at_a_slow_engine() {
    let mut waiting = Waiting::in_the_middle_of(by_car_and_bicycle());
    waiting.asks_for();
    for n in 0..3 {
        waiting.day.session.purge(secs(n));
        let rows = [worker(1, 7.40).into(), job(1, 7.51, None).into()];
        let rows = rows.map(|entity: Entity| CachedRow { entity, version: 1, at: now() });
        waiting.day.session.reset(rows.into(), secs(n));
        let next = waiting.day.session.plan_day(&today(), secs(n)).expect("a question");
        let (search, progress) = searching(next, waiting.times.clone());
        waiting.progress = progress;
        let old = std::mem::replace(&mut waiting.search, search);
        assert!(old.join().expect("it ends").whole().is_cancelled, "given up while the engine is silent");
        assert_eq!(waiting.hears(), PlanProgressView::Drives { places: 2 }, "the next one has begun");
    }
    waiting.asked.recv_timeout(Duration::from_millis(500)).expect_err("one table at a time");
    waiting.let_go.send(()).expect("the first one's table is asked to its end");
    assert_eq!(waiting.asks_for(), TravelMode::Car, "then it is the last one's turn");
    waiting.let_go.send(()).expect("somebody waits for it");
    assert!(!waiting.search.join().expect("a plan").whole().is_cancelled, "which is searched to its end");
    waiting.asked.recv_timeout(Duration::from_millis(500)).expect_err("nothing else was asked for");
}

#[test]
fn an_engine_is_not_asked_on_when_the_session_has_ended() {
    let Waiting { day, search, asked, let_go, .. } = Waiting::in_the_middle_of(by_car_and_bicycle());
    asked.recv_timeout(Duration::from_secs(10)).expect("the engine is asked");
    drop(day);
    let_go.send(()).expect("somebody waits for it");
    assert!(search.join().expect("it ends").whole().is_cancelled, "before its time");
    asked.recv_timeout(Duration::from_millis(500)).expect_err("nobody is there any more");
}
