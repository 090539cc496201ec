//! What stands in the end does not depend on the order in which fixes arrive, nor on doubles.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::AlertId;
use domain::place::{Fence, FenceShape, Poi};
use domain::position::Fix;
use domain::rule::{Condition, LocationRule, RuleTarget};
use domain::task::TaskStatus;
use proptest::prelude::*;
use watch::{News, Watcher};

use super::office::*;

fn world() -> Watcher {
    let rules = [
        Condition::Near { target: RuleTarget::Poi(PLACE), within_m: 300 },
        Condition::Speeding { limit_kmh: 50 },
        Condition::StoppedOnTask { minutes: 5 },
        Condition::LeftArea { poi: PLACE },
    ];
    let numbered = (1..).zip(rules).map(|(n, condition)| LocationRule {
        id: domain::RuleId(id(n)),
        min_duration_secs: if n == 2 { 15 } else { 0 },
        ..rule(condition)
    });
    let mut watcher = watcher(numbered);
    let fence = Fence {
        version: 2,
        on_enter: true,
        on_exit: true,
        ..Fence::new(FenceShape::Circle { center: east(0.0), radius_m: 200.0 })
    };
    watcher.set_places([Poi { fence: Some(fence), ..depot() }]);
    watcher.on_task(&job(&[(TaskStatus::EnRoute, at(0))]), at(0));
    watcher
}

/// What stands after fixes that arrive in this order, each a little after the newest one so far.
fn stands(fixes: &[Fix]) -> BTreeSet<AlertId> {
    let (mut watcher, mut standing) = (world(), BTreeSet::new());
    let mut now = at(0);
    for fix in fixes {
        now = now.max(fix.fix_time + TimeDelta::seconds(1));
        for news in watcher.on_fix(ANA, fix, now) {
            match news {
                News::Raised(alert) => assert!(standing.insert(alert.id), "raised twice: {alert:?}"),
                News::Retracted(id) => assert!(standing.remove(&id), "never raised: {id}"),
            }
        }
    }
    standing
}

/// A way of steps of five seconds or more, back and forth around the depot.
fn way() -> impl Strategy<Value = Vec<Fix>> {
    let step = (5i64..40, -260.0..260.0f64, 0u8..4, prop::option::of(0.0..90.0f32));
    prop::collection::vec(step, 5..60).prop_map(|steps| {
        let (mut secs, mut metres) = (0, 0.0f64);
        let fix = |(gap, by, standing, kmh): (i64, f64, u8, Option<f32>)| {
            secs += gap;
            metres += if standing == 0 { by.clamp(-20.0, 20.0) } else { by };
            Fix { speed_mps: kmh.map(|kmh| kmh / 3.6), ..fix(secs, metres) }
        };
        steps.into_iter().map(fix).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_order_of_arrival_and_doubles_change_nothing(
        way in way(),
        jitter in prop::collection::vec(0i64..29, 60),
        doubles in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut arrivals: Vec<(i64, Fix)> = Vec::new();
        for ((fix, late), double) in way.iter().zip(jitter).zip(doubles) {
            // The first one comes first: whoever is first seen is settled by it.
            let late = if arrivals.is_empty() { 0 } else { late };
            arrivals.push((fix.fix_time.timestamp() + late, *fix));
            if double {
                arrivals.push((fix.fix_time.timestamp() + late + 1, *fix));
            }
        }
        arrivals.sort_by_key(|(arrives, _)| *arrives);
        let arrived: Vec<Fix> = arrivals.into_iter().map(|(_, fix)| fix).collect();
        prop_assert_eq!(stands(&arrived), stands(&way));
    }
}

#[test]
fn the_property_has_something_to_look_at() {
    let way: Vec<Fix> = [
        (10, 0.0),
        (60, 900.0),
        (120, 910.0),
        (200, 100.0),
        (260, 90.0),
        (300, 500.0),
        (400, 505.0),
        (720, 505.0),
    ]
    .map(|(secs, metres)| fix(secs, metres))
    .to_vec();
    assert!(stands(&way).len() >= 4, "all rules have spoken: {:?}", stands(&way));
}
