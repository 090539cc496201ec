use super::*;
use chrono_tz::Tz;
use domain::travel::TravelMode;
use eta::{Place, RoadGraph, Route};
use uuid::Uuid;

pub const ANA: ResourceId = ResourceId(Uuid::from_u128(1));

pub fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().expect("time")
}

/// The streets of the demo's region.
pub fn monaco() -> Arc<Router> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources/regions/monaco/roads.graph");
    let bytes = std::fs::read(file).expect("the region is in the repository");
    Arc::new(Router::new(RoadGraph::from_bytes(&bytes).expect("a good graph")))
}

/// A way through town of some minutes.
pub fn way(router: &Router) -> Route {
    let far = |n: &u64| router.route(router.random_node(1), router.random_node(*n)).ok();
    (2..200)
        .filter_map(|n| far(&n))
        .find(|route| route.distance_m > 3_000.0)
        .expect("a town of some kilometres")
}

/// A fix every ten seconds along a way that takes twice as long as usual.
pub fn slowly(route: &Route) -> Vec<Sighting> {
    let steps = (route.duration_secs / 5.0) as i64;
    let sighting = |step: i64| {
        let point = route.position_at(step as f64 * 5.0);
        let place = Place::heading(point.at, point.heading_deg);
        Sighting { place, time: now() + TimeDelta::seconds(step * 10) }
    };
    (0..steps).map(sighting).collect()
}

impl Learning {
    /// Waits until all that came is learnt.
    pub fn settle(&self) {
        for _ in 0..1_000 {
            if self.is_idle() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("the thread for speeds does not come to an end");
    }
}

#[test]
fn drives_are_learnt_from_and_used_for_arrivals() {
    let router = monaco();
    let learning = Learning::start(KeptSpeeds::default(), Some(router.clone()), Tz::UTC);
    assert!(!learning.view().is_in_use() && learning.view().since.is_none(), "nothing was learnt yet");
    let route = way(&router);
    for _ in 0..10 {
        slowly(&route).into_iter().for_each(|sighting| learning.see(ANA, sighting));
        learning.settle();
        learning.forget(ANA);
    }
    let view = learning.view();
    assert!(view.km > 20.0, "ten drives of more than three kilometres: {} km", view.km);
    assert!(view.is_in_use(), "enough for a figure of its own somewhere");
    let routers = std::collections::BTreeMap::from([(TravelMode::Car, router.clone())]);
    let times = eta::RoadTimes::new(routers).with_speeds(learning.speeds(), Tz::UTC);
    let trip = eta::Trip { mode: TravelMode::Car, leaves: now() };
    let ends = (route.points[0].into(), route.points[route.points.len() - 1].into());
    let learnt = eta::TravelTimes::estimate(&times, ends.0, ends.1, trip).expect("in town");
    let ratio = learnt.duration_secs / route.duration_secs;
    assert!((1.5..2.3).contains(&ratio), "twice as long as usual is expected, {ratio} times");
}

#[test]
fn who_is_to_be_forgotten_is_forgotten_when_the_call_returns() {
    let router = monaco();
    let learning = Learning::start(KeptSpeeds::default(), Some(router.clone()), Tz::UTC);
    for sighting in slowly(&way(&router)) {
        learning.see(ANA, sighting);
    }
    learning.forget(ANA);
    assert!(learning.known().is_empty(), "neither a fix that waited nor the last one is left");
    learning.settle();
    assert!(learning.known().is_empty(), "and none comes after");
}

#[test]
fn old_fixes_go_by_themselves() {
    let router = monaco();
    let learning = Learning::start(KeptSpeeds::default(), Some(router.clone()), Tz::UTC);
    learning.see(ANA, slowly(&way(&router))[0]);
    learning.settle();
    learning.forget_old(now() + TimeDelta::minutes(4));
    assert_eq!(learning.known(), [ANA], "a drive may still go on");
    learning.forget_old(now() + TimeDelta::minutes(6));
    assert!(learning.known().is_empty(), "after five minutes it says nothing any more");
}

#[test]
fn switched_off_nothing_is_learnt_and_reset_nothing_is_left() {
    let router = monaco();
    let mut learning = Learning::start(KeptSpeeds::default(), Some(router.clone()), Tz::UTC);
    let drives = slowly(&way(&router));
    let drive = |learning: &Learning| {
        drives.iter().for_each(|sighting| learning.see(ANA, *sighting));
        learning.settle();
        learning.forget(ANA);
        learning.view().km
    };
    let once = drive(&learning);
    assert!(once > 2.0, "on, it learns: {once} km");
    learning.set_learning(false);
    assert_eq!(drive(&learning), once, "off, it does not, and keeps what it has");
    assert!(!learning.view().is_learning, "and says so");
    learning.set_learning(true);
    learning.reset();
    let view = learning.view();
    assert_eq!((view.km, view.since, view.classes.len()), (0.0, None, 0), "the usual speeds count again");
}

#[test]
fn what_is_kept_is_read_again_and_only_written_when_it_changed() {
    let router = monaco();
    let mut learning = Learning::start(KeptSpeeds::default(), Some(router.clone()), Tz::UTC);
    assert!(learning.take_unkept().is_none(), "nothing has changed since it was read");
    slowly(&way(&router)).into_iter().for_each(|sighting| learning.see(ANA, sighting));
    learning.settle();
    let kept = learning.take_unkept().expect("something was learnt");
    assert!(learning.take_unkept().is_none(), "kept already");
    let text = serde_json::to_string(&kept).expect("plain figures");
    let fields: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let fields: Vec<&String> = fields["model"].as_object().expect("a model").keys().collect();
    assert_eq!(fields, ["hours", "metres", "since", "version"], "sums by class and hour: no place, nobody");
    let again = Learning::start(serde_json::from_str(&text).expect("its own text"), None, Tz::UTC);
    let (was, is) = (learning.view(), again.view());
    assert!((was.km - is.km).abs() < 1e-6, "after a restart it knows the same: {} and {} km", was.km, is.km);
    assert_eq!((was.since, was.classes.len()), (is.since, is.classes.len()), "since then, of these roads");
    learning.set_learning(false);
    let kept = learning.take_unkept().expect("a decision is kept, too");
    assert!(!kept.is_learning, "off stays off after a restart");
}

#[test]
fn without_roads_no_fix_is_kept() {
    let router = monaco();
    let drive = slowly(&way(&router));
    let kept = |learning: &Learning| {
        drive.iter().for_each(|sighting| learning.see(ANA, *sighting));
        (locked(&learning.shared.inbox).fixes.len(), locked(&learning.followed).len())
    };
    let mut learning = Learning::start(KeptSpeeds::default(), None, Tz::UTC);
    assert_eq!(kept(&learning), (0, 0), "the region is not installed: a track in memory is of no use");
    learning.go_on(Some(router), Tz::UTC);
    kept(&learning);
    learning.settle();
    assert!(learning.view().km > 2.0, "with roads it is learnt from");
    learning.go_on(None, Tz::UTC);
    assert_eq!(kept(&learning), (0, 0), "the company has moved to where no roads are installed");
}
