//! What is known about one resource: its phases, and the last half minute again in case a fix comes late.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{GroupId, PoiId, ResourceId};

use crate::engine::Watch;
use crate::event::{Confidence, EventKind, Evidence, FenceEvent, Why, after, event_id};
use crate::gate::too_fast;
use crate::machine::{Change, Phase, Reading, step};
use crate::{REORDER, STALE_AFTER};

/// More fixes than this in the window are a flood; the oldest can't be reordered any more.
const WINDOW_FIXES: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Track {
    resource: ResourceId,
    pub group: GroupId,
    pub state: State,
    /// The last fixes in event order, each with the state before it.
    window: VecDeque<Step>,
    /// Fixes before this are of a time that is nobody's business (privacy) or settled.
    not_before: Option<DateTime<Utc>>,
}

/// Everything that a fix can change.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Absent means outside.
    pub phases: BTreeMap<PoiId, Phase>,
    pub last: Option<Fix>,
    /// A fix too far from `last` to be believed alone.
    quarantined: Option<Fix>,
}

#[derive(Debug, Clone)]
struct Step {
    fix: Fix,
    before: State,
    events: Vec<FenceEvent>,
}

impl Track {
    pub fn new(resource: ResourceId, group: GroupId, not_before: Option<DateTime<Utc>>) -> Self {
        Track { resource, group, state: State::default(), window: VecDeque::new(), not_before }
    }

    /// Takes a fix that passed the gate.
    pub fn on_fix(&mut self, fix: &Fix, watch: &Watch, now: DateTime<Utc>) -> Vec<FenceEvent> {
        let is_double = self.window.iter().any(|step| key(&step.fix) == key(fix));
        if is_double || self.not_before.is_some_and(|start| fix.fix_time < start) {
            return Vec::new();
        }
        let place = self.window.partition_point(|step| key(&step.fix) < key(fix));
        let overtaken = self.window.split_off(place);
        if let Some(first) = overtaken.front() {
            self.state = first.before.clone();
        }
        let (mut fixes, mut before) = (vec![*fix], Vec::new());
        for step in overtaken {
            fixes.push(step.fix);
            before.extend(step.events);
        }
        let mut events: Vec<FenceEvent> = fixes.iter().flat_map(|fix| self.take(fix, watch)).collect();
        if !before.is_empty() {
            events.extend(self.on_clock(watch, now));
        }
        self.forget_settled(now);
        news(before, events)
    }

    /// Dwell events that are due although no fix has come since.
    pub fn on_clock(&mut self, watch: &Watch, now: DateTime<Utc>) -> Vec<FenceEvent> {
        let Some(last) = self.state.last else { return Vec::new() };
        // Beyond that nothing is known.
        let events = self.dwells(watch, now.min(last.fix_time + STALE_AFTER));
        if let Some(last) = self.window.back_mut() {
            last.events.extend(events.iter().cloned());
        }
        events
    }

    pub fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.state.last.is_none_or(|last| now - last.fix_time > STALE_AFTER)
    }

    /// The fences changed: what was concluded stays, but can't be reconsidered; what is known of `new` ones is void.
    pub fn on_fences(&mut self, watch: &Watch, new: &BTreeSet<PoiId>) {
        self.settle();
        self.state.phases.retain(|poi, _| watch.concerns(*poi, self.group));
        self.state.phases.retain(|poi, _| !new.contains(poi));
        if let Some(last) = self.state.last {
            let near = watch.around(last.at, self.group).into_iter().filter(|poi| new.contains(poi));
            self.state.phases.extend(near.map(|poi| (poi, Phase::Unknown(None))));
        }
    }

    /// The resource moved to another group: other fences concern it.
    pub fn on_group(&mut self, group: GroupId, watch: &Watch) {
        self.settle();
        self.group = group;
        self.state.phases.retain(|poi, _| watch.concerns(*poi, group));
    }

    fn settle(&mut self) {
        if let Some(step) = self.window.back() {
            self.not_before = self.not_before.max(Some(step.fix.fix_time));
        }
        self.window.clear();
    }

    fn take(&mut self, fix: &Fix, watch: &Watch) -> Vec<FenceEvent> {
        let before = self.state.clone();
        let mut events = Vec::new();
        for believed in self.state.believe(fix) {
            events.extend(self.judge(&believed, watch));
        }
        self.window.push_back(Step { fix: *fix, before, events: events.clone() });
        events
    }

    fn judge(&mut self, fix: &Fix, watch: &Watch) -> Vec<FenceEvent> {
        let gap = self.state.last.is_some_and(|last| fix.fix_time - last.fix_time > STALE_AFTER);
        let is_first = self.state.last.is_none();
        if gap {
            let phases = std::mem::take(&mut self.state.phases).into_iter();
            self.state.phases = phases.filter_map(|(poi, phase)| Some((poi, phase.settled()?))).collect();
        }
        self.state.last = Some(*fix);
        let mut pois = watch.around(fix.at, self.group);
        pois.extend(self.state.phases.keys());
        pois.sort_unstable();
        pois.dedup();
        let mut events = Vec::new();
        for poi in pois {
            let Some((evidence, leave_margin_m)) = watch.evidence(poi, fix) else { continue };
            let reading = Reading { evidence, leave_margin_m, after_gap: gap };
            let phase = self.state.phases.remove(&poi).or(is_first.then_some(Phase::Unknown(None)));
            let (phase, change) = step(phase, &reading);
            self.state.phases.extend(phase.map(|phase| (poi, phase)));
            events.extend(
                change.filter(|change| watch.wants(poi, change.entered)).map(|it| self.event(poi, it)),
            );
        }
        events.extend(self.dwells(watch, fix.fix_time));
        events
    }

    fn event(&self, poi: PoiId, change: Change) -> FenceEvent {
        let kind = if change.entered { EventKind::Entered } else { EventKind::Left };
        let first = change.why.first;
        FenceEvent {
            id: event_id(self.resource, poi, kind, first.fix_time),
            resource: self.resource,
            poi,
            kind,
            event_time: first.fix_time,
            at: first.at,
            confidence: change.confidence,
            why: change.why,
        }
    }

    fn dwells(&mut self, watch: &Watch, until: DateTime<Utc>) -> Vec<FenceEvent> {
        let mut events = Vec::new();
        let Some(last) = self.state.last else { return events };
        for (poi, phase) in &mut self.state.phases {
            let Some(secs) = watch.dwell_secs(*poi) else { continue };
            let Some((stay, known_until)) = phase.stay_until(until) else { continue };
            let due = after(stay.first.fix_time, secs);
            if stay.dwelt || known_until < due {
                continue;
            }
            stay.dwelt = true;
            let kind = EventKind::Dwelt { secs };
            let deciding = watch.evidence(*poi, &last).map_or(stay.first, |(evidence, _)| evidence);
            events.push(FenceEvent {
                id: event_id(self.resource, *poi, kind, stay.first.fix_time),
                resource: self.resource,
                poi: *poi,
                kind,
                event_time: due,
                at: stay.first.at,
                confidence: Confidence::Witnessed,
                why: Why { first: stay.first, deciding, fixes: 0, margin_m: 0.0 },
            });
        }
        events
    }

    /// Drops what can't be overtaken any more. A clock that runs ahead must not shorten the window, hence `now`.
    fn forget_settled(&mut self, now: DateTime<Utc>) {
        let Some(newest) = self.window.back().map(|step| step.fix.fix_time) else { return };
        let horizon = newest.min(now) - REORDER;
        while self.window.front().is_some_and(|step| step.fix.fix_time < horizon)
            || self.window.len() > WINDOW_FIXES
        {
            let Some(step) = self.window.pop_front() else { break };
            self.not_before = self.not_before.max(Some(step.fix.fix_time));
        }
        self.not_before = self.not_before.max(Some(horizon));
    }
}

impl State {
    /// The fixes to go by, now that `fix` is there: none while it is quarantined, two once a second one agrees with the first.
    fn believe(&mut self, fix: &Fix) -> Vec<Fix> {
        let jumped = self.last.is_some_and(|last| too_fast(&last, fix));
        match self.quarantined.take() {
            Some(strange) if jumped && !too_fast(&strange, fix) => vec![strange, *fix],
            None | Some(_) if jumped => {
                self.quarantined = Some(*fix);
                Vec::new()
            }
            None | Some(_) => vec![*fix],
        }
    }
}

/// Event order; equal only for the same report.
fn key(fix: &Fix) -> (DateTime<Utc>, u64, u64) {
    (fix.fix_time, fix.at.lon().to_bits(), fix.at.lat().to_bits())
}

/// What is new in `after`, and a retraction for each event of `before` that is not in it.
fn news(before: Vec<FenceEvent>, after: Vec<FenceEvent>) -> Vec<FenceEvent> {
    let wrong: Vec<FenceEvent> =
        before.iter().filter(|old| after.iter().all(|new| new.id != old.id)).cloned().collect();
    let new = after.into_iter().filter(|new| before.iter().all(|old| old.id != new.id));
    wrong.into_iter().map(FenceEvent::retracted).chain(new).collect()
}

/// The evidence of a fix at a distance.
pub(crate) fn evidence_of(fix: &Fix, dist_m: f64) -> Evidence {
    Evidence { fix_time: fix.fix_time, at: fix.at, dist_m, acc95_m: f64::from(fix.accuracy_95_m()) }
}
