//! Why a location rule spoke: the fixes of the run, what was measured, and whether the condition held.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::Alert;
use domain::position::Fix;
use domain::resource::Resource;
use domain::rule::{Condition, LocationRule, RuleScope, RuleTarget};
use domain::schedule::Schedule;
use domain::task::{Task, TaskStatus};
use domain::{GroupId, ResourceId};
use fence::{Rejected, Settings, gate};

use crate::measure::{Moment, Scene, Target, TaskState};
use crate::rules::RuleSet;
use crate::run::RuleSays;
use crate::track::{Fired, State, Track};
use crate::watcher::Watcher;

/// Fixes so long before and after the run are shown.
const SPAN: TimeDelta = TimeDelta::minutes(5);
/// An alert and the run found again may be dated this far apart.
const SAME: TimeDelta = TimeDelta::minutes(2);

/// An alert of a location rule that is to be explained.
#[derive(Debug, Clone, Copy)]
pub struct RuleQuestion<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// The task that it is about, if it is about one.
    pub task: Option<&'a Task>,
    /// The track of the other one, if it is about being near another resource; any order.
    pub target: &'a [Fix],
}

/// What decided.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleExplanation {
    /// The rule as it is today.
    pub rule: LocationRule,
    /// The fixes around the run, in event order; empty where no fix decided.
    pub fixes: Vec<RuleFix>,
    /// What came of them.
    pub verdict: RuleVerdict,
}

/// One fix as the rule measured it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleFix {
    /// The fix.
    pub fix: Fix,
    /// Radius of its 95 % error circle, metres.
    pub acc95_m: f64,
    /// What was measured: metres to the target or to the border (negative inside), km/h, or minutes stood; `None` where nothing was.
    pub value: Option<f64>,
    /// Whether the condition holds; `None` where nothing was measured.
    pub says: Option<RuleSays>,
    /// Why nothing is concluded from it.
    pub refused: Option<Rejected>,
    /// Since when the condition has held, as known after it.
    pub holds_since: Option<DateTime<Utc>>,
    /// It belongs to the run that decided.
    pub decides: bool,
}

/// What came of the fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleVerdict {
    /// The rule spoke.
    Fired {
        /// First moment of the run.
        first: DateTime<Utc>,
        /// The fix that confirmed it.
        confirmed: DateTime<Utc>,
        /// Fixes of the run until then.
        fixes: u32,
    },
    /// It held, but not for as long as the rule asks today, or it did so before anybody looked.
    Unconfirmed,
    /// It did not hold by the track: the rule or the place has changed, or late fixes tell otherwise.
    NotHeld,
    /// No fix of that time is there.
    NoFix,
    /// None of them was usable; the last one's reason.
    AllRefused(Rejected),
    /// No fix decides this: the alert says it all (silence, battery, a call for help, a stay on site).
    Stated,
}

impl Watcher {
    /// Explains an alert of a location rule from a stored track, which should begin half an hour before the alert (for a stop: before
    /// the stop). The order of the fixes does not matter. `None` where the rule is gone, or a fence spoke.
    pub fn explain_rule(&self, question: &RuleQuestion<'_>, track: &[Fix]) -> Option<RuleExplanation> {
        let known = &self.rules.at(self.rules.slot(question.alert.rule?)?).rule;
        let resource = question.alert.kind.resource()?;
        let task = question.task.and_then(|task| on_the_way(task, question.alert.event_time));
        if !is_measured(&known.condition, task.is_some()) {
            let (rule, verdict) = (known.clone(), RuleVerdict::Stated);
            return Some(RuleExplanation { rule, fixes: Vec::new(), verdict });
        }
        let rule = LocationRule {
            enabled: true,
            scope: RuleScope::default(),
            schedule: Schedule::default(),
            ..known.clone()
        };
        let mut rules = RuleSet::default();
        rules.replace([rule], &self.places);
        let replay = Replay { resource, rules, tasks: task.into_iter().collect(), target: question.target };
        let (fixes, fired) = replay.run(track);
        Some(verdict(known, question.alert, fixes, &fired))
    }

    /// The rules that concern somebody, enabled ones only, in the order of their ids.
    pub fn rules_for(&self, card: &Resource) -> Vec<&LocationRule> {
        let slots = self.rules.for_whom(card.id, card.group);
        slots.into_iter().map(|slot| &self.rules.at(slot).rule).collect()
    }
}

fn is_measured(condition: &Condition, has_way: bool) -> bool {
    match condition {
        Condition::StoppedOnTask { .. } | Condition::Near { target: RuleTarget::OwnTask, .. } => has_way,
        Condition::Near { target: RuleTarget::Poi(_) | RuleTarget::Resource(_), .. }
        | Condition::Speeding { .. }
        | Condition::LeftArea { .. } => true,
        Condition::DeviceSilent { .. } | Condition::BatteryLow { .. } | Condition::Sos => false,
    }
}

/// The task as it was on the way then; `None` if nobody was on the way to it.
fn on_the_way(task: &Task, at: DateTime<Utc>) -> Option<TaskState> {
    let step = task.timeline.iter().rev().find(|step| step.at <= at)?;
    let en_route = (step.status == TaskStatus::EnRoute).then_some(step.at)?;
    let planned = TimeDelta::minutes(i64::from(task.planned_minutes));
    Some(TaskState { id: task.id, at: task.at, en_route: Some(en_route), on_site: None, planned })
}

struct Replay<'a> {
    resource: ResourceId,
    rules: RuleSet,
    tasks: Vec<TaskState>,
    target: &'a [Fix],
}

impl Replay<'_> {
    fn run(&self, track: &[Fix]) -> (Vec<RuleFix>, Vec<(Fired, DateTime<Utc>)>) {
        let mut fixes = track.to_vec();
        fixes.sort_by_key(|fix| fix.fix_time);
        let mut way = Track::default();
        let (mut judged, mut fired) = (Vec::new(), Vec::new());
        let applies = self.rules.for_whom(self.resource, GroupId(uuid::Uuid::nil()));
        for fix in &fixes {
            let targets = self.targets(fix.fix_time);
            let (resource, rules, tasks) = (self.resource, &self.rules, self.tasks.as_slice());
            let zone = chrono_tz::Tz::UTC;
            let scene = Scene { resource, rules, applies: &applies, tasks, targets: &targets, zone };
            let before = way.state.clone();
            let turn = way.on_fix(fix, &scene, fix.fix_time);
            fired.extend(turn.fired.into_iter().map(|fired| (fired, fix.fix_time)));
            judged.push(judge(fix, (&before, &way.state), &scene));
        }
        (judged, fired)
    }

    fn targets(&self, at: DateTime<Utc>) -> BTreeMap<ResourceId, Target> {
        let last = self.target.iter().filter(|fix| fix.fix_time <= at).max_by_key(|fix| fix.fix_time);
        let rules = self.rules.for_whom(self.resource, GroupId(uuid::Uuid::nil()));
        let others = rules.iter().filter_map(|slot| match self.rules.at(*slot).rule.condition {
            Condition::Near { target: RuleTarget::Resource(other), .. } => Some(other),
            Condition::Near { target: RuleTarget::Poi(_) | RuleTarget::OwnTask, .. }
            | Condition::Speeding { .. }
            | Condition::StoppedOnTask { .. }
            | Condition::LeftArea { .. }
            | Condition::DeviceSilent { .. }
            | Condition::BatteryLow { .. }
            | Condition::Sos => None,
        });
        others.filter_map(|other| Some((other, Target { fix: *last?, is_new: false }))).collect()
    }
}

fn judge(fix: &Fix, (before, after): (&State, &State), scene: &Scene<'_>) -> RuleFix {
    let refused = gate(fix, false, Settings::default().worst_accuracy_m, fix.fix_time).err();
    let is_believed = refused.is_none() && after.last == Some(*fix);
    let stands_since = after.stands_since().unwrap_or(fix.fix_time);
    let moment = Moment { fix, before, stands_since };
    let reading =
        scene.applies.first().filter(|_| is_believed).and_then(|slot| scene.reading(*slot, &moment));
    RuleFix {
        fix: *fix,
        acc95_m: f64::from(fix.accuracy_95_m()),
        value: reading.map(|reading| reading.value),
        says: reading.map(|reading| reading.says),
        refused,
        holds_since: after.runs().first().map(|run| run.first),
        decides: false,
    }
}

fn verdict(
    rule: &LocationRule,
    alert: &Alert,
    mut fixes: Vec<RuleFix>,
    fired: &[(Fired, DateTime<Utc>)],
) -> RuleExplanation {
    let off = |fired: &Fired| (fired.event_time - alert.event_time).abs();
    let found = fired.iter().filter(|(fired, _)| off(fired) <= SAME).min_by_key(|(fired, _)| off(fired));
    let (first, confirmed) =
        found.map_or((alert.event_time, alert.event_time), |(fired, confirmed)| (fired.first, *confirmed));
    fixes.retain(|judged| (first - SPAN..=confirmed + SPAN).contains(&judged.fix.fix_time));
    let mut decides = 0;
    for judged in &mut fixes {
        let in_run = found.is_some() && (first..=confirmed).contains(&judged.fix.fix_time);
        judged.decides = in_run && judged.says == Some(RuleSays::Holds);
        decides += u32::from(judged.decides);
    }
    let refusal = fixes.iter().map(|judged| judged.refused).collect::<Option<Vec<Rejected>>>();
    let verdict = match (found, refusal.as_deref()) {
        (Some(_), _) => RuleVerdict::Fired { first, confirmed, fixes: decides },
        (None, Some([])) => RuleVerdict::NoFix,
        (None, Some([.., last])) => RuleVerdict::AllRefused(*last),
        (None, None) if fixes.iter().any(|judged| judged.says == Some(RuleSays::Holds)) => {
            RuleVerdict::Unconfirmed
        }
        (None, None) => RuleVerdict::NotHeld,
    };
    RuleExplanation { rule: rule.clone(), fixes, verdict }
}
