//! Drives may take their time; whoever has had enough does not wait for them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::travel::TravelSource;
use eta::{Estimate, Place, TravelTimes, Trip};
use protocol::view::PlanView;

use super::*;

/// An engine that says nothing until it is let.
struct Slow {
    let_go: Mutex<Receiver<()>>,
}

impl TravelTimes for Slow {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        GreatCircle.estimate(from, to, trip)
    }

    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        self.let_go.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        GreatCircle.estimates_between(places, trip)
    }
}

/// Ana has one task and could have another; the drives are being worked out.
struct Waiting {
    day: Day,
    search: std::thread::JoinHandle<Kept>,
    progress: Receiver<PlanProgressView>,
    let_go: Sender<()>,
}

impl Waiting {
    fn begins() -> Self {
        let rows = [worker(1, 7.40).into(), job(1, 7.43, Some(id(1))).into(), job(2, 7.44, None).into()];
        let mut day = Day::begins(rows.into());
        let PlanSearch { question, number, cancel } =
            day.session.plan_day(&today(), now()).expect("a question");
        let ((tell, progress), (let_go, held)) = (channel(), channel());
        let times: crate::etas::SharedTimes = Arc::new(Slow { let_go: Mutex::new(held) });
        let tell = Box::new(move |step| {
            tell.send(step).ok(); // else nobody listens any more
        });
        let watch = Watch { clock: Arc::new(LookedAt::default()), cancel, tell };
        let search = std::thread::spawn(move || run(question, number, &times, &watch).expect("a plan"));
        Self { day, search, progress, let_go }
    }

    fn hears(&self) -> PlanProgressView {
        self.progress.recv_timeout(Duration::from_secs(10)).expect("it is told how far it is")
    }
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
