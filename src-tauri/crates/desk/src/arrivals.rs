//! What is known of arrivals, and how it is shown: a shown number changes only when it matters.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::position::{Fix, PositionState, STALE_AFTER};
use domain::resource::Resource;
use domain::shift::{Shift, shift_of};
use domain::task::Task;
use domain::{BidId, ResourceId, TaskId};
use eta::{Activity, Break, ChainEta, Done, Eta, Place, Stop, StopEta, Unknown};
use protocol::view::{EtaUnknown, EtaView};

use crate::etas::ChainQuestion;
use crate::views::Scene;
use crate::work::{is_on_site, visit_began};

/// A shown arrival moves by more than this, or by a tenth of the time left, or stays as it is.
const WORTH_TELLING: TimeDelta = TimeDelta::minutes(1);
/// The way left is shown anew once it differs by a quarter, and by so many metres.
const WAY_WORTH_TELLING_M: f64 = 100.0;
/// A shown arrival that should have been this long ago is no news any more.
const STALE_NUMBER: TimeDelta = TimeDelta::seconds(15);

/// Answers of the ETA thread.
#[derive(Debug, Default)]
pub struct Arrivals {
    known: HashMap<ResourceId, ChainEta>,
    drives: HashMap<BidId, BTreeMap<ResourceId, u32>>,
}

impl Arrivals {
    /// Takes the arrivals of one resource; what was known of it before is forgotten. Answers the tasks concerned.
    pub fn set(&mut self, resource: ResourceId, chain: ChainEta) -> Vec<TaskId> {
        let mut touched: Vec<TaskId> = chain.stops.iter().map(|stop| stop.task).collect();
        let before = self.known.insert(resource, chain);
        let before = before.into_iter().flat_map(|before| before.stops).map(|stop| stop.task);
        let gone: Vec<TaskId> = before.filter(|task| !touched.contains(task)).collect();
        touched.extend(gone);
        touched
    }

    /// Forgets what was known of a resource; answers the tasks concerned.
    pub fn forget(&mut self, resource: ResourceId) -> Vec<TaskId> {
        let before = self.known.remove(&resource);
        before.into_iter().flat_map(|before| before.stops).map(|stop| stop.task).collect()
    }

    /// The arrival at a task of the resource that has it.
    pub fn at(&self, task: TaskId, resource: ResourceId) -> Option<&StopEta> {
        self.known.get(&resource)?.stops.iter().find(|stop| stop.task == task)
    }

    /// When a resource has done what there is for it in this shift; `None`: not known, or nothing to do.
    pub fn done(&self, resource: ResourceId) -> Option<&Done> {
        self.known.get(&resource)?.done.as_ref().ok()
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

/// The question for a resource's chain; `None` when it has nothing to do, or is nowhere to be seen.
pub fn chain_question(scene: &Scene<'_>, resource: ResourceId) -> Option<ChainQuestion> {
    let load = scene.work.load(resource)?;
    let question = day(scene, &scene.picture.shown().resources.get(&resource)?.data);
    let has_work = load.current.is_some() || !question.stops.is_empty();
    (has_work && matches!(question.fix, eta::Fix::Seen { .. })).then_some(question)
}

/// What somebody has before them, wherever they are and whether they have anything to do.
pub fn day(scene: &Scene<'_>, card: &Resource) -> ChainQuestion {
    let resource = card.id;
    let load = scene.work.load(resource);
    let rows = scene.picture.shown();
    let task = |id: &TaskId| rows.tasks.get(id).map(|row| &row.data);
    let current = load.and_then(|load| load.current);
    let shift = shift_of(card, scene.work.last_seen(resource).signed_in, scene.zone, scene.now);
    let shift_end = shift.as_ref().map(|shift| shift.ends);
    let queue = load.into_iter().flat_map(|load| &load.queue).filter_map(task);
    let mut stops: Vec<Stop> = queue.map(|task| stop(task, shift_end)).collect();
    // What belongs to another shift comes last, however it was planned; where somebody is driving to comes first all the same.
    stops.sort_by_key(|stop| current != Some(stop.task) && is_of_later_shift(stop, shift_end));
    ChainQuestion {
        resource,
        mode: card.travels,
        fix: seen(scene, resource),
        activity: activity(current.as_ref().and_then(task), shift.as_ref(), scene.now),
        stops,
        breaks: shift.map(breaks).unwrap_or_default(),
        shift_end,
        now: scene.now,
    }
}

/// Where somebody is, as far as it may be known.
fn seen(scene: &Scene<'_>, resource: ResourceId) -> eta::Fix {
    let position = scene.position(resource);
    match scene.positions.fix(resource).filter(|_| position.has_dot()) {
        Some(fix) => eta::Fix::Seen { place: place(fix), time: fix.fix_time },
        None if matches!(position, PositionState::Private { .. }) => eta::Fix::Private,
        None => eta::Fix::None,
    }
}

/// What somebody does who is at `current`. A break that lay within the work so far was no work.
fn activity(current: Option<&Task>, shift: Option<&Shift>, now: DateTime<Utc>) -> Activity {
    let Some(task) = current else { return Activity::Free };
    if !is_on_site(task.status) {
        return Activity::UnderWay;
    }
    let since = visit_began(task).unwrap_or(now);
    let taken = shift.into_iter().flat_map(|shift| &shift.breaks);
    let rest_secs: i64 =
        taken.filter(|one| since <= one.from && one.to < now).map(|one| i64::from(one.secs)).sum();
    let left_secs = i64::from(task.planned_minutes) * 60 + rest_secs - (now - since).num_seconds();
    Activity::Working { remaining_secs: left_secs.clamp(0, i64::from(u32::MAX)) as u32 }
}

fn breaks(shift: Shift) -> Vec<Break> {
    shift.breaks.into_iter().map(|one| Break { from: one.from, to: one.to, secs: one.secs }).collect()
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

/// The plan says the order within a shift; only what it has for a later one waits for that.
pub fn stop(task: &Task, shift_end: Option<DateTime<Utc>>) -> Stop {
    let later = task.planned_start.filter(|start| shift_end.is_some_and(|end| *start >= end));
    Stop {
        task: task.id,
        at: task.at,
        planned_secs: task.planned_minutes.saturating_mul(60),
        window_start: task.window_start.max(later),
        window_end: task.window_end,
    }
}

fn is_of_later_shift(stop: &Stop, shift_end: Option<DateTime<Utc>>) -> bool {
    stop.window_start.zip(shift_end).is_some_and(|(start, end)| start >= end)
}

/// What may be shown of the arrival at `task`; `None` when nobody is expected there.
pub fn eta_view(task: &Task, position: PositionState, arrival: Option<&StopEta>) -> Option<EtaView> {
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
        (_, Some(StopEta { eta: Ok(eta), distance_m, .. })) => Some(expected(eta, *distance_m)),
        (_, Some(StopEta { eta: Err(reason), .. })) => unknown(match reason {
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
            p50: was,
            source: was_from,
            late_secs: was_late,
            fix_age_secs: old,
            distance_m: was_m,
            ..
        }),
        Some(EtaView::Expected { p50, source, late_secs, fix_age_secs, distance_m, .. }),
    ) = (shown, &fresh)
    else {
        return fresh;
    };
    let matters = moved(*was, *p50, now)
        || is_another_way(*was_m, *distance_m)
        || was_from != source
        || was_late.is_some() != late_secs.is_some()
        || is_fresh(*old) != is_fresh(*fix_age_secs);
    if matters { fresh } else { shown.cloned() }
}

/// Whether a time that is shown has moved so far that people want to know.
pub fn moved(was: DateTime<Utc>, is: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let shift = (is - was).abs();
    let tenth = ((was - now) / 10).max(TimeDelta::zero());
    (shift > TimeDelta::zero() && shift >= tenth && tenth >= TimeDelta::seconds(10))
        || shift > WORTH_TELLING
        || was < now - STALE_NUMBER
}

/// Whether the way left is another one than is shown: on the last streets the time alone hardly changes.
fn is_another_way(was_m: f64, is_m: f64) -> bool {
    (was_m - is_m).abs() >= (was_m / 4.0).max(WAY_WORTH_TELLING_M)
}

fn is_fresh(fix_age_secs: i64) -> bool {
    fix_age_secs <= STALE_AFTER.num_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::{Actor, StatusStep, TaskStatus};
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

    /// Half an hour of work, with these steps so far.
    fn half_an_hour(steps: &[(TaskStatus, i64)]) -> Task {
        let step = |(status, secs): &(TaskStatus, i64)| StatusStep {
            status: *status,
            at: at(*secs),
            by: Actor::Server,
            reason: None,
        };
        Task {
            status: steps.last().map_or(TaskStatus::NewTask, |last| last.0),
            timeline: steps.iter().map(step).collect(),
            ..crate::plain::task(1, at(0))
        }
    }

    #[test]
    fn what_remains_of_work_counts_from_the_present_visit() {
        use TaskStatus::*;
        let left = |task: &Task| match activity(Some(task), None, at(9_000)) {
            Activity::Working { remaining_secs } => Some(remaining_secs),
            Activity::Free | Activity::UnderWay => None,
        };
        let one = half_an_hour(&[(Arrived, 8_000), (InProgress, 8_500)]);
        assert_eq!(left(&one), Some(800), "since they have been there");
        let away = [(Arrived, 1_000), (InProgress, 1_100), (Suspended, 2_000)];
        assert_eq!(left(&half_an_hour(&away)), None, "nobody is there");
        let resumed = half_an_hour(&[&away[..], &[(InProgress, 8_700)]].concat());
        assert_eq!(left(&resumed), Some(1_500), "not since the first time");
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
    fn on_the_last_streets_the_way_left_is_told_though_the_time_hardly_changes() {
        let after = |way_m: f64| {
            let mut fresh = expected_at(80, None);
            if let EtaView::Expected { distance_m, .. } = &mut fresh {
                *distance_m = way_m;
            }
            match shown_after(expected_at(90, None), fresh) {
                Some(EtaView::Expected { distance_m, .. }) => distance_m,
                other => panic!("an arrival is expected: {other:?}"),
            }
        };
        assert_eq!(after(600.0), 600.0, "300 of 900 metres");
        assert_eq!(after(700.0), 900.0, "200 are less than a quarter");
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
