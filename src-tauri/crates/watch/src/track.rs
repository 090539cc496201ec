//! What is known of one person's way: the runs of all rules, and the last half minute again in case a fix comes late.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use domain::alert::{AlertKind, NearTarget};
use domain::position::Fix;
use domain::rule::{Condition, RuleTarget};
use domain::{AlertId, LonLat, TaskId};
use fence::{REORDER, STALE_AFTER, Settings, gate, too_fast};

use crate::ids::{alert_id, millis};
use crate::measure::{Moment, Scene, Target, has_moved};
use crate::rules::{Moves, Slot};
use crate::run::{RuleSays, Run, step};

/// More fixes than this within the reorder time are a flood; the oldest can't be reordered any more.
const WINDOW_FIXES: usize = 128;

/// A condition that has held for long enough.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fired {
    pub id: AlertId,
    pub kind: AlertKind,
    pub slot: Slot,
    pub event_time: DateTime<Utc>,
    /// The first moment of the run.
    pub first: DateTime<Utc>,
    pub at: Option<LonLat>,
}

/// What a fix changes.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Turn {
    pub fired: Vec<Fired>,
    /// Fired before; the fix that came late shows that it was not so.
    pub undone: Vec<AlertId>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Track {
    pub state: State,
    window: VecDeque<Step>,
    /// Fixes before this are nobody's business, or too late.
    from: Option<DateTime<Utc>>,
}

/// Everything that a fix can change.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    pub last: Option<Fix>,
    /// A fix too far from `last` to be believed alone.
    quarantined: Option<Fix>,
    /// The first fix at the place where they stand.
    stands: Option<Fix>,
    runs: Vec<Run>,
}

#[derive(Debug, Clone)]
struct Step {
    fix: Fix,
    before: State,
    fired: Vec<Fired>,
}

impl Track {
    /// Measured from then on; nothing is known of before.
    pub fn new(from: DateTime<Utc>) -> Self {
        Track { from: Some(from), ..Track::default() }
    }

    /// Takes a fix that arrives at `now`. Doubles, late ones and those that the gate refuses change nothing.
    pub fn on_fix(&mut self, fix: &Fix, scene: &Scene<'_>, now: DateTime<Utc>) -> Turn {
        let is_early = self.from.is_some_and(|from| fix.fix_time < from);
        if is_early || gate(fix, false, Settings::default().worst_accuracy_m, now).is_err() {
            return Turn::default();
        }
        let place = self.window.partition_point(|step| key(&step.fix) < key(fix));
        if self.window.get(place).is_some_and(|step| key(&step.fix) == key(fix)) {
            return Turn::default();
        }
        let overtaken = self.window.split_off(place);
        if let Some(first) = overtaken.front() {
            self.state = first.before.clone();
        }
        let fixes = std::iter::once(*fix).chain(overtaken.iter().map(|step| step.fix));
        let mut after = Vec::new();
        for fix in fixes.collect::<Vec<_>>() {
            let before = self.state.clone();
            let fired = self.state.take(&fix, scene);
            after.extend(fired.iter().cloned());
            self.window.push_back(Step { fix, before, fired });
        }
        self.settle_old();
        difference(overtaken.into_iter().flat_map(|step| step.fired).collect(), after)
    }

    /// Somebody whom one may come near has moved.
    pub fn on_target(&mut self, slots: &[Slot], target: &Target, scene: &Scene<'_>) -> Vec<Fired> {
        let Some(last) = self.state.last else { return Vec::new() };
        // The distance is of then; the place is the last one known.
        let fix = Fix { fix_time: last.fix_time.max(target.fix.fix_time), ..last };
        if target.fix.fix_time - last.fix_time > STALE_AFTER {
            return Vec::new();
        }
        let before = self.state.clone();
        let moment = Moment { fix: &fix, before: &before, stands_since: fix.fix_time };
        slots.iter().filter_map(|slot| self.state.judge(*slot, &moment, scene)).collect()
    }

    /// Other rules: what is known of those that measure as before stays, but can't be reconsidered.
    pub fn on_rules(&mut self, moves: &Moves, scene: &Scene<'_>) {
        self.settle();
        let moved = |run: &Run| moves.moved.get(run.slot as usize).copied().flatten();
        let runs = std::mem::take(&mut self.state.runs).into_iter();
        self.state.runs = runs.filter_map(|run| Some(Run { slot: moved(&run)?, ..run })).collect();
        self.state.runs.sort_by_key(|run| run.slot);
        let fresh: Vec<Slot> =
            scene.applies.iter().copied().filter(|slot| moves.fresh.contains(slot)).collect();
        self.state.look(&fresh, scene);
    }

    /// Other tasks, or another group: what concerns them no longer is forgotten.
    pub fn on_scope(&mut self, before: &[Slot], scene: &Scene<'_>) {
        self.settle();
        self.state.runs.retain(|run| scene.applies.binary_search(&run.slot).is_ok());
        let fresh: Vec<Slot> =
            scene.applies.iter().copied().filter(|slot| before.binary_search(slot).is_err()).collect();
        self.state.look(&fresh, scene);
    }

    /// What has been concluded can't be reconsidered any more.
    pub fn settle(&mut self) {
        self.from = self.from.max(self.state.last.map(|last| last.fix_time));
        self.window.clear();
    }

    fn settle_old(&mut self) {
        let Some(newest) = self.window.back().map(|step| step.fix.fix_time) else { return };
        let is_old = |step: &Step| newest - step.fix.fix_time > REORDER;
        while self.window.len() > WINDOW_FIXES || self.window.front().is_some_and(is_old) {
            let Some(step) = self.window.pop_front() else { return };
            self.from = self.from.max(Some(step.fix.fix_time));
        }
        // Whatever is older than the reorder time is too late, whether the window reaches back that far or not.
        self.from = self.from.max(Some(newest - REORDER));
    }
}

impl State {
    /// Since when they have been standing.
    pub fn stands_since(&self) -> Option<DateTime<Utc>> {
        self.stands.map(|stood| stood.fix_time)
    }

    /// The runs, in the order of their rules.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Takes a fix that passed the gate, in event order.
    fn take(&mut self, fix: &Fix, scene: &Scene<'_>) -> Vec<Fired> {
        match (self.last, self.quarantined) {
            (Some(last), None) if too_fast(&last, fix) => {
                self.quarantined = Some(*fix);
                Vec::new()
            }
            (Some(last), Some(strange)) if too_fast(&last, fix) => {
                if too_fast(&strange, fix) {
                    self.quarantined = Some(*fix);
                    return Vec::new();
                }
                // Two agree on the jump.
                self.quarantined = None;
                self.runs.retain(|run| run.is_settled);
                self.believe(fix, scene)
            }
            (_, _) => {
                self.quarantined = None;
                self.believe(fix, scene)
            }
        }
    }

    fn believe(&mut self, fix: &Fix, scene: &Scene<'_>) -> Vec<Fired> {
        let gap = self.last.is_some_and(|last| fix.fix_time - last.fix_time > STALE_AFTER);
        if gap {
            self.runs.retain(|run| run.is_settled);
        }
        if gap || self.stands.is_none_or(|stood| has_moved(&stood, fix)) {
            self.stands = Some(*fix);
        }
        let stands_since = self.stands.map_or(fix.fix_time, |stood| stood.fix_time);
        let before = self.clone();
        let moment = Moment { fix, before: &before, stands_since };
        let fired = scene.applies.iter().filter_map(|slot| self.judge(*slot, &moment, scene)).collect();
        self.last = Some(*fix);
        fired
    }

    fn judge(&mut self, slot: Slot, moment: &Moment<'_>, scene: &Scene<'_>) -> Option<Fired> {
        let place = self.runs.binary_search_by_key(&slot, |run| run.slot);
        let reading = scene.reading(slot, moment);
        let Some(reading) = reading else {
            // Without its task there is nothing to be near, or to stand still on the way to.
            if let (Ok(place), true) = (place, scene.needs_task(slot)) {
                self.runs.remove(place);
            }
            return None;
        };
        let run = place.ok().map(|place| self.runs[place]);
        if run.is_none() && reading.says == RuleSays::Ends {
            return None;
        }
        let (next, fires) = step(run, slot, &reading, moment.fix, scene.rules.at(slot).need());
        match (place, next) {
            (Ok(place), Some(next)) => self.runs[place] = next,
            (Ok(place), None) => _ = self.runs.remove(place),
            (Err(place), Some(next)) => self.runs.insert(place, next),
            (Err(_), None) => {}
        }
        next.filter(|_| fires).and_then(|run| fired(&run, reading.value, scene))
    }

    /// A first look at rules that are new: who is so already is no news.
    fn look(&mut self, slots: &[Slot], scene: &Scene<'_>) {
        let Some(last) = self.last else { return };
        let before = State { stands: self.stands, ..State::default() };
        let stands_since = self.stands.map_or(last.fix_time, |stood| stood.fix_time);
        let moment = Moment { fix: &last, before: &before, stands_since };
        for slot in slots {
            self.judge(*slot, &moment, scene);
        }
    }
}

impl Scene<'_> {
    fn needs_task(&self, slot: Slot) -> bool {
        match self.rules.at(slot).rule.condition {
            Condition::StoppedOnTask { .. } | Condition::Near { target: RuleTarget::OwnTask, .. } => true,
            Condition::Near { target: RuleTarget::Poi(_) | RuleTarget::Resource(_), .. }
            | Condition::Speeding { .. }
            | Condition::LeftArea { .. }
            | Condition::DeviceSilent { .. }
            | Condition::BatteryLow { .. }
            | Condition::Sos => false,
        }
    }
}

/// The alert of a run, unless it happened outside the rule's hours.
fn fired(run: &Run, value: f64, scene: &Scene<'_>) -> Option<Fired> {
    let prepared = scene.rules.at(run.slot);
    let resource = scene.resource;
    let (what, kind) = match prepared.rule.condition {
        Condition::Near { target, .. } => {
            let target = match target {
                RuleTarget::Poi(poi) => NearTarget::Poi(poi),
                RuleTarget::OwnTask => NearTarget::Task(TaskId(run.about)),
                RuleTarget::Resource(other) => NearTarget::Resource(other),
            };
            ("near", AlertKind::Near { resource, target, distance_m: value.round().max(0.0) as u32 })
        }
        Condition::Speeding { limit_kmh } => {
            ("speeding", AlertKind::Speeding { resource, kmh: run.peak.round() as u16, limit_kmh })
        }
        Condition::StoppedOnTask { .. } => {
            let (task, minutes) = (TaskId(run.about), value.floor().max(0.0) as u32);
            ("stopped", AlertKind::StoppedOnTask { resource, task, minutes })
        }
        Condition::LeftArea { poi } => ("left area", AlertKind::LeftArea { resource, poi }),
        Condition::DeviceSilent { .. } | Condition::BatteryLow { .. } | Condition::Sos => return None,
    };
    let is_stop = matches!(kind, AlertKind::StoppedOnTask { .. });
    let event_time = if is_stop { run.first + prepared.need().lasts } else { run.first };
    let id = rule_alert_id(what, scene, run);
    let fired = Fired { id, kind, slot: run.slot, event_time, first: run.first, at: Some(run.at) };
    prepared.speaks(event_time, scene.zone).then_some(fired)
}

fn rule_alert_id(what: &str, scene: &Scene<'_>, run: &Run) -> AlertId {
    let rule = scene.rules.at(run.slot).rule.id;
    let about: [&[u8]; 4] =
        [rule.0.as_bytes(), scene.resource.0.as_bytes(), run.about.as_bytes(), &millis(run.first)];
    alert_id(what, &about)
}

/// What is new, and what is not so any more.
fn difference(before: Vec<Fired>, after: Vec<Fired>) -> Turn {
    let known: BTreeSet<AlertId> = before.iter().map(|fired| fired.id).collect();
    let stands: BTreeSet<AlertId> = after.iter().map(|fired| fired.id).collect();
    Turn {
        fired: after.into_iter().filter(|fired| !known.contains(&fired.id)).collect(),
        undone: known.into_iter().filter(|id| !stands.contains(id)).collect(),
    }
}

/// The order of fixes: by time, then by place, so that it does not depend on their arrival.
fn key(fix: &Fix) -> (DateTime<Utc>, u64, u64) {
    (fix.fix_time, fix.at.lon().to_bits(), fix.at.lat().to_bits())
}
