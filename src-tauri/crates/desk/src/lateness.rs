//! Noticing that something will go wrong, before it does: it takes routes, which the watcher does not know.
//!
//! Three things are foreseen: a task that will miss its window, a promise that will be broken, a shift that will be too short. Each has
//! at most one open alert. It is raised when it looks bad for a moment and longer, ends by itself when it looks well for a minute, and may
//! come again later as news. What it is about, and which time it is, make its id: whoever notices it means the same alert. So what
//! others have raised, ended or resolved is found among the rows and never raised again; what somebody has resolved stays quiet until it
//! has looked well in between. What is to end is said until the rows have it ended; how often that is done is [`Lateness::may_end`]'s.
//! Who makes new again what has ended by itself, means it: that is left to people ([`is_meant`]).

mod condition;
mod moot;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertAction, AlertKind, AlertStep, Foreseen, Severity, StepKind};
use domain::task::Task;
use domain::{AlertId, ResourceId};
use eta::{Done, Eta};
use uuid::Uuid;

use self::condition::{Condition, Limits, Sign, Subject, Turn};
pub use self::moot::{is_moot, may_be_moot};

/// A minute late is worth an alert, a minute early is in time.
const LATE: Limits = Limits { raise_over_secs: 60, forget_at_secs: 0, end_at_secs: -60 };
/// One in ten comes too late, or nine in ten come a minute before.
const PROMISE: Limits = Limits { raise_over_secs: 0, forget_at_secs: 0, end_at_secs: -60 };
/// Five minutes too long, or a minute less than that.
const SHIFT: Limits = Limits { raise_over_secs: 300, forget_at_secs: 240, end_at_secs: 240 };
/// A promise that nobody has the task for is in danger so long before.
const NOBODY_BEFORE: TimeDelta = TimeDelta::minutes(30);

/// What was to be ended and is open all the same is ended again after so long.
const END_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// It doubles up to this.
const END_AGAIN_AT_MOST: TimeDelta = TimeDelta::hours(1);

/// What is to be done about something foreseen.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is news.
    Raise(Box<Alert>),
    /// It has become worse.
    Worsen(AlertId),
    /// It will not happen any more.
    End(AlertId),
}

/// At what is looked.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The server's time.
    pub now: DateTime<Utc>,
    /// An alert as it is shown.
    pub find: &'a dyn Fn(AlertId) -> Option<&'a Alert>,
}

/// What looks bad, and since when.
#[derive(Debug)]
pub struct Lateness {
    since: DateTime<Utc>,
    conditions: BTreeMap<Subject, Condition>,
    /// What was to be ended here.
    ending: HashMap<AlertId, Ending>,
}

/// When something was to be ended, and how long it is left alone.
#[derive(Debug, Clone, Copy)]
struct Ending {
    at: DateTime<Utc>,
    rest: TimeDelta,
}

impl Lateness {
    /// Notices what happens from `since` on. What was over before the session began has gone wrong already: that is in the figures,
    /// and no news.
    pub fn new(since: DateTime<Utc>) -> Self {
        Self { since, conditions: BTreeMap::new(), ending: HashMap::new() }
    }

    /// Looks at an expected arrival against the task's window.
    pub fn window(&mut self, task: &Task, eta: &Eta, look: Look<'_>) -> Option<Verdict> {
        let (resource, window_end) = task.resource.zip(task.window_end)?;
        let over_secs = (eta.p50 - window_end).num_seconds();
        let subject = Subject::window(task.id, window_end);
        let turn = self.turn(subject, LATE, Sign { over_secs, is_worse: false }, look)?;
        let kind = AlertKind::TaskLate { task: task.id, resource, late_secs: over_secs };
        let times = (look.now, look.now);
        Some(verdict(turn, |id| Alert::new(id, kind, Severity::Critical, times, Some(task.at))))
    }

    /// Looks at an open promise; `eta` is what is known of the arrival of whoever has the task, and `is_seen` whether anything may be
    /// known of them.
    pub fn promise(
        &mut self,
        task: &Task,
        eta: Option<&Eta>,
        is_seen: bool,
        look: Look<'_>,
    ) -> Option<Verdict> {
        let promise = task.open_promise().filter(|_| task.is_expected())?;
        let after = |time: DateTime<Utc>| (time - promise.until).num_seconds();
        let overdue_secs = after(look.now);
        let is_nobodys = task.resource.is_none();
        // Who comes by then is not known where nobody has it: half an hour before is late enough to think of it.
        let sign = match eta {
            _ if overdue_secs > 0 => {
                Sign { over_secs: overdue_secs.max(eta.map_or(0, |eta| after(eta.p90))), is_worse: true }
            }
            Some(eta) => Sign { over_secs: after(eta.p90), is_worse: after(eta.p50) > 0 },
            None if is_nobodys => Sign { over_secs: after(look.now + NOBODY_BEFORE), is_worse: false },
            None => return None,
        };
        let subject = Subject::promise(promise);
        let turn = self.turn(subject, PROMISE, sign, look)?;
        let late_secs = if is_nobodys { overdue_secs.max(0) } else { sign.over_secs.max(0) };
        let kind = AlertKind::PromiseAtRisk {
            task: task.id,
            promise: promise.id,
            resource: task.resource,
            over_secs: late_secs,
        };
        let severity = if sign.is_worse { Severity::Critical } else { Severity::Warning };
        let at = (is_seen || is_nobodys).then_some(task.at);
        Some(verdict(turn, |id| Alert::new(id, kind, severity, (look.now, look.now), at)))
    }

    /// Looks at the expected end of somebody's work against the end of their shift.
    pub fn shift(
        &mut self,
        resource: ResourceId,
        done: &Done,
        shift_end: DateTime<Utc>,
        look: Look<'_>,
    ) -> Option<Verdict> {
        let over_secs = (done.p50 - shift_end).num_seconds();
        let subject = Subject::shift(resource, shift_end);
        let turn = self.turn(subject, SHIFT, Sign { over_secs, is_worse: false }, look)?;
        let kind = AlertKind::ShiftOverrun { resource, over_secs };
        Some(verdict(turn, |id| Alert::new(id, kind, Severity::Info, (look.now, look.now), None)))
    }

    /// The tasks, promises and resources that have looked bad for long enough: one more look is due, whether anybody moves or not.
    pub fn due(&self, now: DateTime<Utc>) -> impl Iterator<Item = Uuid> {
        self.conditions
            .iter()
            .filter(move |(_, condition)| condition.is_due(now))
            .map(|(subject, _)| subject.of())
    }

    /// Whether an alert that is open may be ended at `now`. Where it is open all the same later on (the command was not stored, or was
    /// refused), it is tried again after a minute, then after twice as long each time.
    pub fn may_end(&mut self, alert: AlertId, now: DateTime<Utc>) -> bool {
        let before = self.ending.get(&alert);
        if before.is_some_and(|before| now - before.at < before.rest) {
            return false;
        }
        let rest = before.map_or(END_AGAIN, |before| (before.rest * 2).min(END_AGAIN_AT_MOST));
        self.ending.insert(alert, Ending { at: now, rest });
        true
    }

    /// Forgets what was to be ended here of alerts that are gone.
    pub fn forget_gone(&mut self, is_there: impl Fn(AlertId) -> bool) {
        self.ending.retain(|alert, _| is_there(*alert));
    }

    /// An alert has changed, perhaps by somebody else: what it is about is looked at anew.
    pub fn on_alert(&mut self, alert: &Alert) {
        match alert.kind.foreseen() {
            Some(Foreseen::Late { task, .. }) => self.forget(task.0),
            Some(Foreseen::Promise { promise, .. }) => self.forget(promise.0),
            Some(Foreseen::Shift { resource, .. }) => self.forget(resource.0),
            None => {}
        }
    }
}

impl Lateness {
    fn forget(&mut self, of: Uuid) {
        let about =
            self.conditions.range(Subject::first_of(of)..).take_while(|(subject, _)| subject.of() == of);
        let about: Vec<Subject> = about.map(|(subject, _)| *subject).collect();
        for subject in about {
            self.conditions.remove(&subject);
        }
    }

    fn turn(&mut self, subject: Subject, limits: Limits, sign: Sign, look: Look<'_>) -> Option<Turn> {
        let is_past = subject.at() < self.since;
        let known = self.conditions.remove(&subject);
        let mut condition = known.unwrap_or_else(|| Condition::of(subject, look));
        let turn = condition.look((limits, sign), is_past, look);
        // Most things go well: nothing is kept of them.
        if !condition.is_idle() {
            self.conditions.insert(subject, condition);
        }
        turn
    }
}

/// Whether somebody has made an alert new again that had ended by itself, here or on another desk.
pub fn is_meant(alert: &Alert) -> bool {
    let is = |step: &AlertStep, action| step.what == StepKind::Acted { action };
    let mut since_end = alert.history.iter().skip_while(|step| !is(step, AlertAction::End));
    since_end.any(|step| is(step, AlertAction::Reopen))
}

fn verdict(turn: Turn, alert: impl FnOnce(AlertId) -> Alert) -> Verdict {
    match turn {
        Turn::Raise(id) => Verdict::Raise(Box::new(alert(id))),
        Turn::Worsen(id) => Verdict::Worsen(id),
        Turn::End(id) => Verdict::End(id),
    }
}
