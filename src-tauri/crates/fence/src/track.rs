//! What is known about one resource: its phases, and the last half minute again in case a fix comes late.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{GroupId, PoiId, ResourceId};

use crate::REORDER;
use crate::cells::{Cells, Known, Near};
use crate::crossing::{CROSS_GAP, deepest, way};
use crate::edges::Here;
use crate::event::{Confidence, EventKind, Evidence, FenceEvent, Why, after, event_id};
use crate::gate::too_fast;
use crate::machine::{Change, Phase, Reading, Says, Turn, Unsettled, step};
use crate::phases::Phases;
use crate::watch::{Renumbering, Slot, Watch};

/// More fixes than this in the window are a flood; the oldest can't be reordered any more.
const WINDOW_FIXES: usize = 256;

/// So many fixes are remembered for explanations.
const MEMORY_FIXES: usize = 64;

/// What a fix is judged by.
pub(crate) struct Scene<'a> {
    pub watch: &'a Watch,
    pub cells: &'a mut Cells,
}

#[derive(Debug, Clone)]
pub(crate) struct Track {
    resource: ResourceId,
    pub group: GroupId,
    pub state: State,
    /// The last fixes in event order, each with how to take it back.
    window: VecDeque<Step>,
    /// The last fixes in the order of arrival, also those that nothing is concluded from.
    memory: VecDeque<Fix>,
    /// Fixes before this are nobody's business (privacy).
    shared_since: Option<DateTime<Utc>>,
    /// Fixes before this come too late to be reordered.
    settled_until: Option<DateTime<Utc>>,
}

/// Everything that a fix can change.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub phases: Phases,
    pub believed: Believed,
    /// No dwell is due before.
    dwell_due: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Believed {
    pub last: Option<Fix>,
    /// A fix too far from `last` to be believed alone.
    pub quarantined: Option<Fix>,
}

#[derive(Debug, Clone)]
struct Step {
    fix: Fix,
    believed_before: Believed,
    changes: Vec<(Slot, Option<Phase>)>,
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
        let (state, window) = (State::default(), VecDeque::new());
        let memory = VecDeque::new();
        Track { resource, group, state, window, memory, shared_since, settled_until: None }
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

    /// Takes a fix that passed the gate.
    pub fn on_fix(&mut self, fix: &Fix, scene: &mut Scene<'_>, now: DateTime<Utc>) -> Taken {
        if self.shared_since.is_some_and(|start| fix.fix_time < start) {
            return Taken::Dropped;
        }
        if self.settled_until.is_some_and(|start| fix.fix_time < start) {
            return Taken::TooLate;
        }
        if self.window.back().is_none_or(|newest| key(&newest.fix) < key(fix)) {
            let events = self.take(fix, scene);
            self.forget_settled(now);
            return Taken::News(events);
        }
        let place = self.window.partition_point(|step| key(&step.fix) < key(fix));
        if self.window.get(place).is_some_and(|step| key(&step.fix) == key(fix)) {
            return Taken::Dropped;
        }
        let news = self.insert(place, fix, scene, now);
        self.forget_settled(now);
        Taken::News(news)
    }

    /// Takes back all fixes from `place` on and takes them again, with `fix` before them.
    fn insert(
        &mut self,
        place: usize,
        fix: &Fix,
        scene: &mut Scene<'_>,
        now: DateTime<Utc>,
    ) -> Vec<FenceEvent> {
        let overtaken = self.window.split_off(place);
        let mut fixes = vec![*fix];
        fixes.extend(overtaken.iter().map(|step| step.fix));
        let mut before = Vec::new();
        for step in overtaken.into_iter().rev() {
            self.state.phases.undo(step.changes);
            self.state.believed = step.believed_before;
            before.push(step.events);
        }
        let before: Vec<FenceEvent> = before.into_iter().rev().flatten().collect();
        self.refresh_dwell(scene.watch);
        let mut events: Vec<FenceEvent> = fixes.iter().flat_map(|fix| self.take(fix, scene)).collect();
        if !before.is_empty() {
            events.extend(self.on_clock(scene.watch, now));
        }
        news(before, events)
    }

    /// Dwell events that are due although no fix has come since.
    pub fn on_clock(&mut self, watch: &Watch, now: DateTime<Utc>) -> Vec<FenceEvent> {
        let Some(last) = self.state.believed.last else { return Vec::new() };
        // Beyond that nothing is known.
        let events = self.dwells(watch, now.min(last.fix_time + watch.settings.stale_after));
        let changes = self.state.phases.take_changes();
        if let Some(last) = self.window.back_mut() {
            last.events.extend(events.iter().cloned());
            last.changes.extend(changes);
        }
        events
    }

    pub fn is_stale(&self, watch: &Watch, now: DateTime<Utc>) -> bool {
        self.state.believed.last.is_none_or(|last| now - last.fix_time > watch.settings.stale_after)
    }

    /// The fences changed: what was concluded stays, but can't be reconsidered; what is known of new ones is void.
    pub fn on_fences(&mut self, watch: &Watch, renumbering: &Renumbering) {
        self.settle();
        self.state.phases.renumber(&renumbering.moved);
        if let Some(last) = self.state.believed.last {
            for slot in watch.within_error(&last, self.group) {
                if renumbering.new.binary_search(&slot).is_ok() {
                    self.state.phases.set(slot, Some(Phase::Unknown(Unsettled::default())));
                }
            }
        }
        self.state.phases.take_changes();
        self.refresh_dwell(watch);
    }

    /// The resource moved to another group: other fences concern it.
    pub fn on_group(&mut self, group: GroupId, watch: &Watch) {
        self.settle();
        self.group = group;
        self.state.phases.set_all(|slot, phase| Some(phase.clone()).filter(|_| watch.concerns(slot, group)));
        self.state.phases.take_changes();
    }

    fn settle(&mut self) {
        if let Some(step) = self.window.back() {
            self.settled_until = self.settled_until.max(Some(step.fix.fix_time));
        }
        self.window.clear();
    }

    fn take(&mut self, fix: &Fix, scene: &mut Scene<'_>) -> Vec<FenceEvent> {
        let believed_before = self.state.believed;
        let mut events = Vec::new();
        match self.state.believed.with(fix) {
            Belief::None => {}
            Belief::This => self.judge(fix, scene, &mut events),
            Belief::Both(strange) => {
                self.judge(&strange, scene, &mut events);
                self.judge(fix, scene, &mut events);
            }
        }
        let changes = self.state.phases.take_changes();
        self.window.push_back(Step { fix: *fix, believed_before, changes, events: events.clone() });
        events
    }

    fn judge(&mut self, fix: &Fix, scene: &mut Scene<'_>, events: &mut Vec<FenceEvent>) {
        let watch = scene.watch;
        let before = self.state.believed.last.replace(*fix);
        let gap = before.is_some_and(|last| fix.fix_time - last.fix_time > watch.settings.stale_after);
        if gap {
            self.state.phases.set_all(|_, phase| phase.clone().settled());
        }
        if before.is_none() {
            for slot in watch.within_error(fix, self.group) {
                self.state.phases.set(slot, Some(Phase::Unknown(Unsettled::default())));
            }
        }
        let first_event = events.len();
        let before = before.filter(|_| !gap);
        self.pass(before.as_ref(), fix, watch, events);
        let unsettled = self.unsettled(fix, &scene.cells.near(fix.at, watch), watch);
        if !unsettled.is_empty() {
            let judging = Judging { fix, before, gap, here: Here::new(fix.at), watch };
            events.extend(unsettled.into_iter().filter_map(|slot| self.advance(slot, &judging)));
        }
        events[first_event..].sort_by_key(|event| event.poi);
        events.extend(self.dwells(watch, fix.fix_time));
    }

    /// The fences whose phase the fix may change: all those that bounds do not rule out.
    fn unsettled(&self, fix: &Fix, near: &Near<'_>, watch: &Watch) -> Vec<Slot> {
        let acc95_m = fix.accuracy_95_m();
        let keeps = |phase: Option<&Phase>, known: &Known| match phase {
            // Most borders are near without one being inside: that is told without a distance.
            None => near.least_m(known) + acc95_m > 0.0 || !watch.at(known.slot).shape.contains(fix.at),
            Some(Phase::In(_)) => near.most_m(known) - acc95_m <= known.leave_margin_m,
            Some(Phase::Unknown(_) | Phase::Entering(_) | Phase::Leaving(..)) => false,
        };
        let mut unsettled = Vec::new();
        let mut phases = self.state.phases.iter().peekable();
        for known in near.known {
            while let Some((slot, _)) = phases.next_if(|(slot, _)| *slot < known.slot) {
                unsettled.push(*slot);
            }
            let phase = phases.next_if(|(slot, _)| *slot == known.slot).map(|(_, phase)| phase);
            if !keeps(phase, known) {
                unsettled.push(known.slot);
            }
        }
        unsettled.extend(phases.map(|(slot, _)| *slot));
        unsettled
    }

    /// One step of the state machine at one fence; the event, if its rules want to say it.
    fn advance(&mut self, slot: Slot, judging: &Judging<'_>) -> Option<FenceEvent> {
        let Judging { fix, before, gap, here, watch } = judging;
        let phase = self.state.phases.get(slot);
        if phase.is_none() && !watch.concerns(slot, self.group) {
            return None;
        }
        let (says, dist_m) = watch.says(slot, fix, here);
        let is_nothing_new = match &phase {
            None => says != Says::Inside,
            Some(Phase::In(_)) => says != Says::Gone,
            Some(Phase::Unknown(_) | Phase::Entering(_) | Phase::Leaving(..)) => false,
        };
        if is_nothing_new {
            return None;
        }
        let phase = phase.cloned();
        let from = before.filter(|_| watch.at(slot).fence.on_crossed);
        let reading = Reading {
            says,
            dist_m,
            acc95_m: f64::from(fix.accuracy_95_m()),
            fix_time: fix.fix_time,
            evidence: &|| watch.evidence(slot, fix),
            from: &|| from.map(|from| watch.evidence(slot, &from)).filter(Evidence::is_outside),
            leave_margin_m: watch.leave_margin_m(slot),
            after_gap: *gap,
            settings: &watch.settings,
        };
        let was_inside = phase.as_ref().is_some_and(Phase::is_inside);
        let (next, change) = step(phase.clone(), &reading);
        let is_inside = next.as_ref().is_some_and(Phase::is_inside);
        if next != phase {
            self.state.phases.set(slot, next);
        }
        if was_inside != is_inside {
            self.refresh_dwell(watch);
        }
        self.event(slot, change?, watch)
    }

    fn event(&self, slot: Slot, change: Change, watch: &Watch) -> Option<FenceEvent> {
        let first = change.why.first;
        let (kind, at, event_time) = match change.turn {
            Turn::Entered => (EventKind::Entered, first.at, first.fix_time),
            Turn::Left => (EventKind::Left, first.at, first.fix_time),
            Turn::Passed => {
                let deepest = deepest(&watch.at(slot).shape, &first, &change.why.deciding)?;
                (EventKind::Crossed, deepest.at, deepest.time)
            }
        };
        let poi = watch.at(slot).poi;
        let id = event_id(self.resource, poi, kind, first.fix_time);
        let (resource, confidence, why) = (self.resource, change.confidence, change.why);
        let event = FenceEvent { id, resource, poi, kind, event_time, at, confidence, why };
        watch.wants(slot, kind, event_time).then_some(event)
    }

    /// Fences that lie on the way from one fix to the next, with nobody seen inside.
    fn pass(&self, before: Option<&Fix>, fix: &Fix, watch: &Watch, events: &mut Vec<FenceEvent>) {
        let Some(before) = before.filter(|_| watch.any_crossed) else { return };
        if fix.fix_time - before.fix_time > CROSS_GAP {
            return;
        }
        for slot in watch.crossed_by(way(before.at, fix.at), self.group) {
            if self.state.phases.get(slot).is_none() {
                let (first, deciding) = (watch.evidence(slot, before), watch.evidence(slot, fix));
                let why = Why { first, deciding, fixes: 0, margin_m: 0.0 };
                let change = Change { turn: Turn::Passed, why, confidence: Confidence::Inferred };
                events.extend(self.event(slot, change, watch));
            }
        }
    }

    fn dwells(&mut self, watch: &Watch, until: DateTime<Utc>) -> Vec<FenceEvent> {
        let mut events = Vec::new();
        let due = self.state.dwell_due.is_some_and(|due| due <= until);
        let Some(last) = self.state.believed.last.filter(|_| due) else { return events };
        let phases: Vec<(Slot, Phase)> = self.state.phases.iter().cloned().collect();
        for (slot, mut phase) in phases {
            let Some(secs) = watch.at(slot).fence.dwell_secs else { continue };
            let Some((stay, known_until)) = phase.stay_until(until) else { continue };
            let due = after(stay.first.fix_time, secs);
            if stay.dwelt || known_until < due {
                continue;
            }
            stay.dwelt = true;
            let first = stay.first;
            self.state.phases.set(slot, Some(phase));
            let kind = EventKind::Dwelt { secs };
            if watch.wants(slot, kind, due) {
                events.push(self.dwelt((watch.at(slot).poi, secs), first, watch.evidence(slot, &last)));
            }
        }
        self.refresh_dwell(watch);
        events
    }

    fn dwelt(&self, (poi, secs): (PoiId, u32), first: Evidence, deciding: Evidence) -> FenceEvent {
        let kind = EventKind::Dwelt { secs };
        FenceEvent {
            id: event_id(self.resource, poi, kind, first.fix_time),
            resource: self.resource,
            poi,
            kind,
            event_time: after(first.fix_time, secs),
            at: first.at,
            confidence: Confidence::Witnessed,
            why: Why { first, deciding, fixes: 0, margin_m: 0.0 },
        }
    }

    /// Looks again when the next dwell is due.
    fn refresh_dwell(&mut self, watch: &Watch) {
        let due = self.state.phases.iter().filter_map(|(slot, phase)| {
            let stay = phase.stay().filter(|stay| !stay.dwelt)?;
            Some(after(stay.first.fix_time, watch.at(*slot).fence.dwell_secs?))
        });
        self.state.dwell_due = due.min();
    }

    /// Drops what can't be overtaken any more. A clock that runs ahead must not shorten the window, hence `now`.
    fn forget_settled(&mut self, now: DateTime<Utc>) {
        let Some(newest) = self.window.back().map(|step| step.fix.fix_time) else { return };
        let horizon = newest.min(now) - REORDER;
        while self.window.front().is_some_and(|step| step.fix.fix_time < horizon)
            || self.window.len() > WINDOW_FIXES
        {
            let Some(step) = self.window.pop_front() else { break };
            self.settled_until = self.settled_until.max(Some(step.fix.fix_time));
        }
        self.settled_until = self.settled_until.max(Some(horizon));
    }
}

/// A fix being judged.
struct Judging<'a> {
    fix: &'a Fix,
    /// The one before it, unless too long ago.
    before: Option<Fix>,
    gap: bool,
    here: Here,
    watch: &'a Watch,
}

/// The fixes to go by, now that another one is there.
enum Belief {
    None,
    This,
    /// A second fix agrees with the one that was quarantined.
    Both(Fix),
}

impl Believed {
    fn with(&mut self, fix: &Fix) -> Belief {
        let jumped = self.last.is_some_and(|last| too_fast(&last, fix));
        match self.quarantined.take() {
            Some(strange) if jumped && !too_fast(&strange, fix) => Belief::Both(strange),
            None | Some(_) if jumped => {
                self.quarantined = Some(*fix);
                Belief::None
            }
            None | Some(_) => Belief::This,
        }
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
