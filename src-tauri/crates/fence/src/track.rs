//! What is known about one resource, and the last minutes again in case a fix comes late.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{GroupId, ResourceId};

use crate::REORDER;
use crate::around::Around;
use crate::event::FenceEvent;
use crate::gate::jumps;
use crate::grid::Vicinity;
use crate::machine::Phase;
use crate::phases::Phases;
use crate::watch::{Renumbering, Slot, Watch};

/// More fixes than this in the window are a flood; the oldest can't be reordered any more.
const WINDOW_FIXES: usize = 256;
/// The state is kept about so often, in microseconds of event time, to begin again from.
const KEEP_EVERY_US: i64 = 120_000_000;
const REORDER_US: i64 = REORDER.num_seconds() * 1_000_000;

/// So many fixes are remembered for explanations.
const MEMORY_FIXES: usize = 64;

/// What a fix is judged by.
pub(crate) struct Scene<'a> {
    pub watch: &'a Watch,
    pub vicinity: &'a mut Vicinity,
}

#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) resource: ResourceId,
    pub group: GroupId,
    pub(crate) state: State,
    pub(crate) around: Around,
    /// The last fixes in event order.
    window: VecDeque<Step>,
    /// The state before the window.
    before: State,
    /// The state somewhere in the window, before the step with this index.
    between: Option<usize>,
    state_between: State,
    /// The last fixes in the order of arrival, also those that nothing is concluded from.
    memory: VecDeque<Fix>,
    /// Fixes before this are nobody's business (privacy).
    shared_since: Option<DateTime<Utc>>,
    /// Fixes before this come too late to be reordered.
    settled_until_us: i64,
}

/// Everything that a fix can change.
#[derive(Debug)]
pub(crate) struct State {
    pub phases: Phases,
    pub believed: Believed,
    /// No dwell is due before, in microseconds.
    pub dwell_due_us: i64,
}

/// A fix with its time in microseconds; finer differences only count for the order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timed {
    pub fix: Fix,
    pub at_us: i64,
    pub acc95_m: f32,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Believed {
    pub last: Option<Timed>,
    /// A fix too far from `last` to be believed alone.
    pub quarantined: Option<Timed>,
    /// Metres from fix to fix; rather too many than too few.
    pub odometer_m: f64,
}

#[derive(Debug)]
struct Step {
    timed: Timed,
    events: Vec<FenceEvent>,
}

/// What became of a fix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Taken {
    /// What it confirms or takes back.
    News(Vec<FenceEvent>),
    /// Older than what can be reordered: for the recompute.
    TooLate,
    /// Known already, or nobody's business.
    Dropped,
}

impl Track {
    pub fn new(resource: ResourceId, group: GroupId, shared_since: Option<DateTime<Utc>>) -> Self {
        Track {
            resource,
            group,
            state: State::default(),
            around: Around::default(),
            window: VecDeque::new(),
            before: State::default(),
            between: None,
            state_between: State::default(),
            memory: VecDeque::new(),
            shared_since,
            settled_until_us: i64::MIN,
        }
    }

    /// Keeps a fix for explanations, whatever is concluded from it.
    pub fn remember(&mut self, fix: &Fix) {
        if self.shared_since.is_some_and(|start| fix.fix_time < start) {
            return;
        }
        if self.memory.len() >= MEMORY_FIXES {
            self.memory.pop_front();
        }
        self.memory.push_back(*fix);
    }

    /// The last fixes, in the order of their arrival.
    pub fn memory(&self) -> Vec<Fix> {
        self.memory.iter().copied().collect()
    }

    /// The phase at one fence; `None` is outside.
    pub fn phase(&self, slot: Slot) -> Option<&Phase> {
        self.state.phases.get(slot)
    }

    /// The last fix that is believed.
    pub fn last(&self) -> Option<Fix> {
        self.state.believed.last.map(|last| last.fix)
    }

    /// The fix that nobody believes yet.
    pub fn quarantined(&self) -> Option<Fix> {
        self.state.believed.quarantined.map(|strange| strange.fix)
    }

    /// Takes a fix that passed the gate.
    pub fn on_fix(&mut self, timed: &Timed, scene: &mut Scene<'_>, now_us: i64) -> Taken {
        if self.shared_since.is_some_and(|start| timed.fix.fix_time < start) {
            return Taken::Dropped;
        }
        if timed.at_us < self.settled_until_us {
            return Taken::TooLate;
        }
        let news = if self.window.back().is_none_or(|newest| newest.timed.is_before(timed)) {
            self.take(timed, scene)
        } else {
            let place = self.window.partition_point(|step| step.timed.is_before(timed));
            if self.window.get(place).is_some_and(|step| key(&step.timed.fix) == key(&timed.fix)) {
                return Taken::Dropped;
            }
            self.insert(place, timed, scene, now_us)
        };
        self.forget_settled(now_us);
        Taken::News(news)
    }

    /// Begins again from a state before `place`, now with `timed` there.
    fn insert(&mut self, place: usize, timed: &Timed, scene: &mut Scene<'_>, now_us: i64) -> Vec<FenceEvent> {
        let start = match self.between {
            Some(between) if between <= place => {
                self.state.copy_from(&self.state_between);
                between
            }
            Some(_) | None => {
                self.state.copy_from(&self.before);
                self.between = None;
                0
            }
        };
        self.around.forget();
        let again = self.window.split_off(start);
        let mut fixes: Vec<Timed> = again.iter().map(|step| step.timed).collect();
        fixes.insert(place - start, *timed);
        let before: Vec<FenceEvent> = again.into_iter().flat_map(|step| step.events).collect();
        let mut events: Vec<FenceEvent> = fixes.iter().flat_map(|timed| self.take(timed, scene)).collect();
        if !before.is_empty() {
            let now = DateTime::from_timestamp_micros(now_us);
            events.extend(now.into_iter().flat_map(|now| self.on_clock(scene.watch, now)));
        }
        news(before, events)
    }

    /// Dwell events that are due although no fix has come since.
    pub fn on_clock(&mut self, watch: &Watch, now: DateTime<Utc>) -> Vec<FenceEvent> {
        let Some(last) = self.last() else { return Vec::new() };
        // Beyond that nothing is known.
        let events = self.dwells(watch, now.min(last.fix_time + watch.settings.stale_after));
        if let Some(last) = self.window.back_mut() {
            last.events.extend(events.iter().cloned());
        }
        events
    }

    pub fn is_stale(&self, watch: &Watch, now: DateTime<Utc>) -> bool {
        self.last().is_none_or(|last| now - last.fix_time > watch.settings.stale_after)
    }

    /// The fences changed: what was concluded stays, but can't be reconsidered; what is known of new ones is void.
    pub fn on_fences(&mut self, watch: &Watch, renumbering: &Renumbering) {
        let slot = |old: Slot| renumbering.moved.get(old as usize).copied().flatten();
        self.state.phases.rebuild(|old, phase| Some((slot(old)?, phase)));
        if let Some(last) = self.last() {
            let near = watch.within_error(&last, self.group).into_iter();
            near.filter(|slot| renumbering.new.binary_search(slot).is_ok())
                .for_each(|slot| self.state.phases.set_unknown(slot, watch.leave_margin_m(slot)));
        }
        self.refresh_dwell();
        self.settle();
    }

    /// The resource moved to another group: other fences concern it.
    pub fn on_group(&mut self, group: GroupId, watch: &Watch) {
        self.group = group;
        self.state.phases.rebuild(|slot, phase| watch.concerns(slot, group).then_some((slot, phase)));
        self.settle();
    }

    fn settle(&mut self) {
        if let Some(step) = self.window.back() {
            self.settled_until_us = self.settled_until_us.max(step.timed.at_us);
        }
        self.window.clear();
        self.before.copy_from(&self.state);
        self.between = None;
        self.around.forget();
    }

    fn take(&mut self, timed: &Timed, scene: &mut Scene<'_>) -> Vec<FenceEvent> {
        let mut events = Vec::new();
        let believed = &mut self.state.believed;
        if !believed.last.as_ref().is_some_and(|last| last.jumps_to(timed)) {
            believed.quarantined = None;
            self.judge(timed, scene, &mut events);
        } else if let Some(strange) = believed.quarantined.take().filter(|strange| !strange.jumps_to(timed)) {
            // A second fix agrees with the strange one.
            self.judge(&strange, scene, &mut events);
            self.judge(timed, scene, &mut events);
        } else {
            believed.quarantined = Some(*timed);
        }
        self.window.push_back(Step { timed: *timed, events: events.clone() });
        events
    }

    /// Drops what can't be overtaken any more. A clock that runs ahead must not shorten the window, hence `now`.
    fn forget_settled(&mut self, now_us: i64) {
        let Some(newest) = self.window.back().map(|step| step.timed.at_us) else { return };
        let horizon = newest.min(now_us).saturating_sub(REORDER_US);
        self.settled_until_us = self.settled_until_us.max(horizon);
        let is_flood = self.window.len() >= WINDOW_FIXES;
        if let Some(between) = self.between
            && (is_flood || self.window[between - 1].timed.at_us < horizon)
        {
            let last = self.window.drain(..between).next_back();
            self.settled_until_us = self.settled_until_us.max(last.map_or(horizon, |step| step.timed.at_us));
            std::mem::swap(&mut self.before, &mut self.state_between);
            self.between = None;
        }
        let oldest = self.window.front().map_or(newest, |step| step.timed.at_us);
        let is_long = newest - oldest >= KEEP_EVERY_US || self.window.len() >= WINDOW_FIXES / 2;
        if self.between.is_none() && is_long {
            self.state_between.copy_from(&self.state);
            self.between = Some(self.window.len());
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self { phases: Phases::default(), believed: Believed::default(), dwell_due_us: i64::MAX }
    }
}

impl State {
    fn copy_from(&mut self, other: &State) {
        self.phases.copy_from(&other.phases);
        (self.believed, self.dwell_due_us) = (other.believed, other.dwell_due_us);
    }
}

impl Timed {
    pub fn new(fix: &Fix) -> Self {
        Self { fix: *fix, at_us: fix.fix_time.timestamp_micros(), acc95_m: fix.accuracy_95_m() }
    }

    /// In event order.
    fn is_before(&self, other: &Timed) -> bool {
        self.at_us < other.at_us || self.at_us == other.at_us && key(&self.fix) < key(&other.fix)
    }

    fn jumps_to(&self, to: &Timed) -> bool {
        jumps(&self.fix, &to.fix, (to.at_us - self.at_us) / 1000)
    }
}

/// Event order; equal only for the same report.
pub(crate) fn key(fix: &Fix) -> (DateTime<Utc>, u64, u64) {
    (fix.fix_time, fix.at.lon().to_bits(), fix.at.lat().to_bits())
}

/// What is new in `after`, and a retraction for each event of `before` that is not in it.
fn news(before: Vec<FenceEvent>, after: Vec<FenceEvent>) -> Vec<FenceEvent> {
    let wrong: Vec<FenceEvent> =
        before.iter().filter(|old| after.iter().all(|new| new.id != old.id)).cloned().collect();
    let new = after.into_iter().filter(|new| before.iter().all(|old| old.id != new.id));
    wrong.into_iter().map(FenceEvent::retracted).chain(new).collect()
}
