//! What is known of arrivals, and how it is shown: a shown number changes only when it matters.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::position::{Fix, PositionState, STALE_AFTER};
use domain::task::Task;
use domain::{BidId, ResourceId, TaskId};
use eta::{Activity, Eta, Place, Stop, Unknown};
use protocol::view::{EtaUnknown, EtaView};

use crate::etas::{Arrival, Job};
use crate::rows::Rows;
use crate::work::{Workload, is_on_site};

/// A shown arrival moves by more than this, or by a tenth of the time left, or stays as it is.
const WORTH_TELLING: TimeDelta = TimeDelta::minutes(1);
/// A shown arrival that should have been this long ago is no news any more.
const STALE_NUMBER: TimeDelta = TimeDelta::seconds(15);

/// Answers of the ETA thread.
#[derive(Debug, Default)]
pub struct Arrivals {
    by_task: HashMap<TaskId, (ResourceId, Arrival)>,
    drives: HashMap<BidId, BTreeMap<ResourceId, u32>>,
}

impl Arrivals {
    /// Takes the arrivals of one resource; what was known of it before is forgotten. Answers the tasks concerned.
    pub fn set(&mut self, resource: ResourceId, arrivals: Vec<Arrival>) -> Vec<TaskId> {
        let mut touched = self.forget(resource);
        touched.extend(arrivals.iter().map(|arrival| arrival.task));
        self.by_task.extend(arrivals.into_iter().map(|arrival| (arrival.task, (resource, arrival))));
        touched
    }

    /// Forgets what was known of a resource; answers the tasks concerned.
    pub fn forget(&mut self, resource: ResourceId) -> Vec<TaskId> {
        let own = |(_, (whose, _)): &(&TaskId, &(ResourceId, Arrival))| *whose == resource;
        let tasks: Vec<TaskId> = self.by_task.iter().filter(own).map(|(task, _)| *task).collect();
        for task in &tasks {
            self.by_task.remove(task);
        }
        tasks
    }

    /// The arrival at a task of the resource that has it.
    pub fn at(&self, task: TaskId, resource: ResourceId) -> Option<&Arrival> {
        self.by_task.get(&task).filter(|(whose, _)| *whose == resource).map(|(_, arrival)| arrival)
    }

    /// Takes the drives of a bid's invitees; `true` when they differ by more than a minute somewhere.
    pub fn set_drives(&mut self, bid: BidId, secs: BTreeMap<ResourceId, u32>) -> bool {
        let before = self.drives.get(&bid);
        let same = |(resource, secs): (&ResourceId, &u32)| {
            before.and_then(|before| before.get(resource)).is_some_and(|before| before.abs_diff(*secs) <= 60)
        };
        let changed = before.is_none_or(|before| before.len() != secs.len()) || !secs.iter().all(same);
        if changed {
            self.drives.insert(bid, secs);
        }
        changed
    }

    /// Seconds that an invitee drives.
    pub fn drive_secs(&self, bid: BidId, resource: ResourceId) -> Option<u32> {
        self.drives.get(&bid)?.get(&resource).copied()
    }
}

/// The question for a resource's chain; `None` when there is nothing to drive to.
pub fn chain_job(
    resource: ResourceId,
    load: &Workload,
    fix: Option<&Fix>,
    rows: &Rows,
    now: DateTime<Utc>,
) -> Option<Job> {
    let task = |id: &TaskId| rows.tasks.get(id).map(|row| &row.data);
    let stops: Vec<Stop> = load.queue.iter().filter_map(task).map(stop).collect();
    if stops.is_empty() {
        return None;
    }
    let fix = fix.map_or(eta::Fix::None, |fix| eta::Fix::Seen { place: place(fix), time: fix.fix_time });
    let activity = match load.current.as_ref().and_then(task) {
        Some(task) if is_on_site(task.status) => {
            let since = task.timeline.iter().find(|step| is_on_site(step.status)).map_or(now, |step| step.at);
            let left = i64::from(task.planned_minutes) * 60 - (now - since).num_seconds();
            Activity::Working { remaining_secs: left.clamp(0, i64::from(u32::MAX)) as u32 }
        }
        Some(_) => Activity::UnderWay,
        None => Activity::Free,
    };
    let mode = rows.resources.get(&resource).map(|row| row.data.travels).unwrap_or_default();
    Some(Job::Chain { resource, mode, fix, activity, stops, now })
}

/// Where a fix is, with its heading.
pub fn place(fix: &Fix) -> Place {
    // Who stands has no heading worth believing.
    let moves = fix.speed_mps.is_none_or(|speed| speed > 1.5);
    match fix.heading_deg {
        Some(heading) if moves => Place::heading(fix.at, f64::from(heading)),
        Some(_) | None => fix.at.into(),
    }
}

fn stop(task: &Task) -> Stop {
    Stop {
        task: task.id,
        at: task.at,
        planned_secs: task.planned_minutes.saturating_mul(60),
        window_start: task.window_start,
        window_end: task.window_end,
    }
}

/// What may be shown of the arrival at `task`; `None` when nobody is expected there.
pub fn eta_view(task: &Task, position: PositionState, arrival: Option<&Arrival>) -> Option<EtaView> {
    task.resource?;
    if is_on_site(task.status) {
        return Some(EtaView::Arrived);
    }
    if !crate::work::is_ahead(task.status) {
        return None;
    }
    let unknown = |because| Some(EtaView::Unknown { because });
    match (position, arrival) {
        (PositionState::Private { .. }, _) => unknown(EtaUnknown::Private),
        (PositionState::OffDuty, _) => unknown(EtaUnknown::OffDuty),
        (PositionState::NoFix, _) | (_, None) => unknown(EtaUnknown::NoFix),
        (_, Some(Arrival { eta: Ok(eta), distance_m, .. })) => Some(expected(eta, *distance_m)),
        (_, Some(Arrival { eta: Err(reason), .. })) => unknown(match reason {
            Unknown::NoFix => EtaUnknown::NoFix,
            Unknown::Private => EtaUnknown::Private,
            Unknown::OldFix => EtaUnknown::StaleFix,
            Unknown::NoWay => EtaUnknown::NoRoute,
        }),
    }
}

fn expected(eta: &Eta, distance_m: f64) -> EtaView {
    EtaView::Expected {
        p50: eta.p50,
        p90: eta.p90,
        source: eta.source,
        fix_age_secs: eta.fix_age_secs,
        distance_m,
        late_secs: Some(eta.late_by_secs).filter(|secs| *secs > 0),
        late_p90_secs: Some(eta.late_by_p90_secs).filter(|secs| *secs > 0),
    }
}

/// What to show when `shown` is on the screen and `fresh` is known: the old one, unless the difference matters.
pub fn worth_telling(shown: Option<&EtaView>, fresh: Option<EtaView>, now: DateTime<Utc>) -> Option<EtaView> {
    let (
        Some(EtaView::Expected {
            p50: was, source: was_from, late_secs: was_late, fix_age_secs: old, ..
        }),
        Some(EtaView::Expected { p50, source, late_secs, fix_age_secs, .. }),
    ) = (shown, &fresh)
    else {
        return fresh;
    };
    let shift = (*p50 - *was).abs();
    let tenth = ((*was - now) / 10).max(TimeDelta::zero());
    let matters = (shift > TimeDelta::zero() && shift >= tenth && tenth >= TimeDelta::seconds(10))
        || shift > WORTH_TELLING
        || *was < now - STALE_NUMBER
        || was_from != source
        || was_late.is_some() != late_secs.is_some()
        || is_fresh(*old) != is_fresh(*fix_age_secs);
    if matters { fresh } else { shown.cloned() }
}

fn is_fresh(fix_age_secs: i64) -> bool {
    fix_age_secs <= STALE_AFTER.num_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::travel::TravelSource;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn expected_at(secs: i64, late_secs: Option<i64>) -> EtaView {
        EtaView::Expected {
            p50: at(secs),
            p90: at(secs + 120),
            source: TravelSource::Roads,
            fix_age_secs: 3,
            distance_m: 900.0,
            late_secs,
            late_p90_secs: late_secs,
        }
    }

    fn shown_after(was: EtaView, fresh: EtaView) -> Option<EtaView> {
        worth_telling(Some(&was), Some(fresh), at(0))
    }

    #[test]
    fn a_number_on_the_screen_does_not_flicker() {
        let was = expected_at(1_200, None);
        assert_eq!(
            shown_after(was.clone(), expected_at(1_230, None)),
            Some(was.clone()),
            "half a minute in twenty is nothing to tell"
        );
        let minute_later = expected_at(1_261, None);
        assert_eq!(
            shown_after(was.clone(), minute_later.clone()),
            Some(minute_later),
            "more than a minute is"
        );
        let near = expected_at(150, None);
        assert_eq!(
            shown_after(near, expected_at(170, None)),
            Some(expected_at(170, None)),
            "close by, a tenth of the time left is"
        );
        let late = expected_at(1_201, Some(1));
        assert_eq!(shown_after(was, late.clone()), Some(late), "becoming late always is");
    }

    #[test]
    fn nothing_known_replaces_something_known() {
        let unknown = EtaView::Unknown { because: EtaUnknown::Private };
        assert_eq!(
            shown_after(expected_at(60, None), unknown.clone()),
            Some(unknown),
            "an old number must not outlive privacy"
        );
    }
}
