//! What one fix says of each rule.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::position::Fix;
use domain::rule::{Condition, RuleTarget};
use domain::{LonLat, ResourceId, TaskId};
use fence::MAX_SPEED_MPS;
use uuid::Uuid;

use crate::rules::{Prepared, RuleSet, Slot};
use crate::run::{Reading, RuleSays};
use crate::track::State;

/// Somebody who came near is announced again only after they have been this many times as far away.
const FAR_AGAIN: f64 = 1.5;
/// Somebody who was too fast is announced again only after they have been this much slower than the limit.
const SLOW_AGAIN: f64 = 0.9;
/// Somebody within this many metres has not moved.
pub(crate) const STANDS_WITHIN_M: f64 = 100.0;
/// A speed is worked out from fixes this far apart only.
const SPEED_GAPS: (TimeDelta, TimeDelta) = (TimeDelta::seconds(5), TimeDelta::seconds(120));
/// The same for their error circles, metres.
const SPEED_ACCURACY_M: f32 = 50.0;
/// Where another resource is known for so long.
const TARGET_FRESH: TimeDelta = TimeDelta::minutes(2);
const M_PER_DEG: f64 = 111_195.0;

/// What rules have to know of a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TaskState {
    pub id: TaskId,
    pub at: LonLat,
    /// Somebody is on the way to it since.
    pub en_route: Option<DateTime<Utc>>,
    /// Somebody is there since.
    pub on_site: Option<DateTime<Utc>>,
    pub planned: TimeDelta,
}

/// Where somebody is whom others may come near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    pub fix: Fix,
    /// Seen there for the first time, or again after a long time.
    pub is_new: bool,
}

/// What a fix is measured against.
pub(crate) struct Scene<'a> {
    pub resource: ResourceId,
    pub rules: &'a RuleSet,
    /// The rules that concern the resource.
    pub applies: &'a [Slot],
    pub tasks: &'a [TaskState],
    pub targets: &'a BTreeMap<ResourceId, Target>,
    pub zone: Tz,
}

/// A fix in its place in the track.
pub(crate) struct Moment<'a> {
    pub fix: &'a Fix,
    /// What was known before.
    pub before: &'a State,
    /// Where they have been standing, this fix included.
    pub stands_since: DateTime<Utc>,
}

impl Scene<'_> {
    /// What a fix says of a rule; `None` where the rule has nothing to measure.
    pub fn reading(&self, slot: Slot, moment: &Moment<'_>) -> Option<Reading> {
        let prepared = self.rules.at(slot);
        match prepared.rule.condition {
            Condition::Near { target, within_m } => {
                let target = self.there(target, prepared, moment)?;
                Some(near(&target, f64::from(within_m), moment))
            }
            Condition::Speeding { limit_kmh } => speeding(f64::from(limit_kmh), moment),
            Condition::StoppedOnTask { .. } => self.stopped(moment),
            Condition::LeftArea { poi } => {
                let area = prepared.area.as_ref()?;
                let dist_m = area.shape.signed_distance_m(moment.fix.at);
                let says = outside(dist_m, f64::from(moment.fix.accuracy_95_m()), area.margin_m);
                let first_look = moment.is_first_look();
                Some(Reading { about: poi.0, says, value: dist_m, since: None, first_look })
            }
            Condition::DeviceSilent { .. } | Condition::BatteryLow { .. } | Condition::Sos => None,
        }
    }

    /// Where it is that one may be near to, if that is known.
    fn there(&self, target: RuleTarget, prepared: &Prepared, moment: &Moment<'_>) -> Option<There> {
        match target {
            RuleTarget::Poi(poi) => {
                Some(There { about: poi.0, at: prepared.pin?, error_m: 0.0, is_new: false })
            }
            RuleTarget::OwnTask => {
                let task = en_route(self.tasks)?;
                let is_new = task.en_route > moment.before.last.map(|last| last.fix_time);
                Some(There { about: task.id.0, at: task.at, error_m: 0.0, is_new })
            }
            RuleTarget::Resource(other) => {
                let Target { fix, is_new } = *self.targets.get(&other)?;
                let is_fresh = (fix.fix_time - moment.fix.fix_time).abs() <= TARGET_FRESH;
                let there =
                    There { about: other.0, at: fix.at, error_m: f64::from(fix.accuracy_95_m()), is_new };
                is_fresh.then_some(there)
            }
        }
    }

    fn stopped(&self, moment: &Moment<'_>) -> Option<Reading> {
        let task = en_route(self.tasks)?;
        let since = moment.stands_since.max(task.en_route?);
        let minutes = (moment.fix.fix_time - since).as_seconds_f64() / 60.0;
        let (about, since) = (task.id.0, Some(since));
        Some(Reading { about, says: RuleSays::Holds, value: minutes, since, first_look: false })
    }
}

/// What one may be near to.
struct There {
    about: Uuid,
    at: LonLat,
    error_m: f64,
    /// Nobody looked at it before.
    is_new: bool,
}

impl Moment<'_> {
    fn is_first_look(&self) -> bool {
        self.before.last.is_none()
    }
}

/// The task that somebody is on the way to.
fn en_route(tasks: &[TaskState]) -> Option<&TaskState> {
    tasks.iter().filter(|task| task.en_route.is_some()).max_by_key(|task| (task.en_route, task.id))
}

/// Whether two points are further apart than this, seen without a sine; `false` says nothing.
fn is_beyond(one: LonLat, other: LonLat, far_m: f64) -> bool {
    (one.lat() - other.lat()).abs() * M_PER_DEG > far_m * 1.01
}

fn near(there: &There, within_m: f64, moment: &Moment<'_>) -> Reading {
    // Two independent errors are hardly ever both at their worst, in opposite directions.
    let error_m = f64::from(moment.fix.accuracy_95_m()).hypot(there.error_m);
    let far_m = FAR_AGAIN * within_m + error_m;
    let is_far = is_beyond(moment.fix.at, there.at, far_m);
    let dist_m = if is_far { far_m } else { moment.fix.at.distance_m(there.at) };
    let says = if is_far || dist_m > far_m {
        RuleSays::Ends
    } else if dist_m + error_m <= within_m {
        RuleSays::Holds
    } else {
        RuleSays::Open
    };
    let first_look = moment.is_first_look() || there.is_new;
    Reading { about: there.about, says, value: dist_m, since: None, first_look }
}

fn speeding(limit_kmh: f64, moment: &Moment<'_>) -> Option<Reading> {
    let kmh = speed_mps(moment)? * 3.6;
    let says = if kmh > limit_kmh {
        RuleSays::Holds
    } else if kmh < SLOW_AGAIN * limit_kmh {
        RuleSays::Ends
    } else {
        RuleSays::Open
    };
    let first_look = moment.is_first_look();
    Some(Reading { about: Uuid::nil(), says, value: kmh, since: None, first_look })
}

fn outside(dist_m: f64, acc95_m: f64, margin_m: f64) -> RuleSays {
    if dist_m - acc95_m > margin_m {
        RuleSays::Holds
    } else if dist_m + acc95_m <= 0.0 {
        RuleSays::Ends
    } else {
        RuleSays::Open
    }
}

/// Metres per second: as the device says, else what two good fixes prove at least.
fn speed_mps(moment: &Moment<'_>) -> Option<f64> {
    let fix = moment.fix;
    if let Some(reported) = fix.speed_mps {
        let reported = f64::from(reported);
        return (reported.is_finite() && (0.0..=MAX_SPEED_MPS).contains(&reported)).then_some(reported);
    }
    let last = moment.before.last?;
    let gap = fix.fix_time - last.fix_time;
    let (shortest, longest) = SPEED_GAPS;
    let is_good = fix.accuracy_95_m().max(last.accuracy_95_m()) <= SPEED_ACCURACY_M;
    if !is_good || gap < shortest || gap > longest {
        return None;
    }
    let error_m = f64::from(fix.accuracy_95_m()).hypot(f64::from(last.accuracy_95_m()));
    Some(((last.at.distance_m(fix.at) - error_m) / gap.as_seconds_f64()).max(0.0))
}

/// Whether somebody has left the place where they stood, for certain.
pub(crate) fn has_moved(stood: &Fix, fix: &Fix) -> bool {
    let error_m = f64::from(stood.accuracy_95_m()).hypot(f64::from(fix.accuracy_95_m()));
    stood.at.distance_m(fix.at) - error_m > STANDS_WITHIN_M
}
