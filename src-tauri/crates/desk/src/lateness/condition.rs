//! One thing that may go wrong: when it counts as going wrong, and when as well again.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertState, Severity, Stage};
use domain::task::Promise;
use domain::{AlertId, ResourceId, TaskId};
use uuid::Uuid;
use watch::{alert_id, millis};

use super::Look;

/// It has to look bad for so long: one odd fix is no delay.
const CONFIRM: TimeDelta = TimeDelta::seconds(15);
/// And well for so long.
const CLEAR: TimeDelta = TimeDelta::seconds(60);
/// Alerts of the same thing that lie closer together are taken for one, see [`Alert::is_same_event`]. It doubles with each alert: desks
/// with different engines may never agree, and would raise and end in turn.
const APART: TimeDelta = TimeDelta::minutes(2);
/// It doubles no more often than this: two hours and a bit.
const MOST_DOUBLINGS: u32 = 6;
/// So many alerts about one thing are enough.
const MOST_TIMES: u32 = 100;
/// So many alerts in a row may be out of sight or deleted, with others after them.
const LONGEST_GAP: u32 = 8;

/// What may go wrong, up to when; those of one task, promise or resource lie side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    of: Uuid,
    what: &'static str,
    at: DateTime<Utc>,
}

impl Subject {
    /// Being there before the window ends.
    pub fn window(task: TaskId, window_end: DateTime<Utc>) -> Self {
        Self { what: "late", of: task.0, at: window_end }
    }

    /// Being there as promised.
    pub fn promise(promise: &Promise) -> Self {
        Self { what: "promise", of: promise.id.0, at: promise.until }
    }

    /// Being done before the shift ends.
    pub fn shift(resource: ResourceId, shift_end: DateTime<Utc>) -> Self {
        Self { what: "overrun", of: resource.0, at: shift_end }
    }

    /// The task, promise or resource.
    pub fn of(&self) -> Uuid {
        self.of
    }

    /// Comes before all that is about this task, promise or resource.
    pub fn first_of(of: Uuid) -> Self {
        Self { of, what: "", at: DateTime::<Utc>::MIN_UTC }
    }

    /// Until when it has to be.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The alert of its `time`th time, from 0; the same on every desk.
    pub fn alert(&self, time: u32) -> AlertId {
        let at = millis(self.at);
        match time {
            0 => alert_id(self.what, &[self.of.as_bytes(), &at]),
            time => alert_id(self.what, &[self.of.as_bytes(), &at, &time.to_be_bytes()]),
        }
    }

    /// How many alerts there have been, up to the last one that can be found.
    pub fn times<'a>(&self, find: &dyn Fn(AlertId) -> Option<&'a Alert>) -> u32 {
        let (mut times, mut next) = (0, 0);
        while next < MOST_TIMES && next <= times + LONGEST_GAP {
            let is_there = find(self.alert(next)).is_some();
            next += 1;
            if is_there {
                times = next;
            }
        }
        times
    }
}

/// How bad it looks.
#[derive(Debug, Clone, Copy)]
pub struct Sign {
    /// Seconds too late.
    pub over_secs: i64,
    /// It is more than a danger.
    pub is_worse: bool,
}

/// From when on it is bad, and well.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bad: more than this.
    pub raise_over_secs: i64,
    /// What began to look bad does not any more: this or less.
    pub forget_at_secs: i64,
    /// Well: this or less.
    pub end_at_secs: i64,
}

/// What a look has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It goes wrong.
    Raise(AlertId),
    /// It goes worse.
    Worsen(AlertId),
    /// It goes well.
    End(AlertId),
}

/// Whether something goes wrong.
#[derive(Debug)]
pub struct Condition {
    subject: Subject,
    /// Alerts so far.
    times: u32,
    is_bad: bool,
    /// Looks otherwise than `is_bad`, since when.
    turning: Option<DateTime<Utc>>,
    worse_since: Option<DateTime<Utc>>,
}

impl Condition {
    /// As the rows have it. What somebody has resolved counts as bad until it has looked well: they know.
    pub fn of(subject: Subject, look: Look<'_>) -> Self {
        let times = subject.times(look.find);
        let looks_well = Self { subject, times, is_bad: false, turning: None, worse_since: None };
        let is_bad = looks_well.last(look).is_some_and(|last| !is_ended(last));
        Self { is_bad, ..looks_well }
    }

    /// Whether there is nothing to remember.
    pub fn is_idle(&self) -> bool {
        !self.is_bad && self.turning.is_none() && self.times == 0
    }

    /// Whether it has just looked bad for long enough: one more look makes sure. Where that changes nothing, it is not due for ever.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let looks_bad_for = self.turning.filter(|_| !self.is_bad).map(|since| now - since);
        looks_bad_for.is_some_and(|long| (CONFIRM..CONFIRM * 2).contains(&long))
    }

    /// Looks; what is past (`is_past`) is not raised any more.
    pub fn look(&mut self, (limits, sign): (Limits, Sign), is_past: bool, look: Look<'_>) -> Option<Turn> {
        self.follow_rows(look);
        if self.is_bad {
            self.look_for_end(limits, sign, look)
        } else {
            self.look_for_bad(limits, sign, is_past, look)
        }
    }

    /// What is open counts as bad, what has ended by itself does not: commands may be on their way that are not done after all.
    fn follow_rows(&mut self, look: Look<'_>) {
        let Some(last) = self.last(look) else { return };
        let is_bad = is_open(last) || self.is_bad && !is_ended(last);
        if is_bad != self.is_bad {
            (self.is_bad, self.turning, self.worse_since) = (is_bad, None, None);
        }
    }

    fn look_for_bad(&mut self, limits: Limits, sign: Sign, is_past: bool, look: Look<'_>) -> Option<Turn> {
        if sign.over_secs > limits.raise_over_secs {
            self.turning.get_or_insert(look.now);
        } else if sign.over_secs <= limits.forget_at_secs {
            self.turning = None;
        }
        let is_enough = self.times < MOST_TIMES && !is_past;
        if !is_enough || !has_lasted(self.turning, CONFIRM, look) || self.is_too_soon(look) {
            return None;
        }
        let id = self.subject.alert(self.times);
        (self.is_bad, self.turning, self.times) = (true, None, self.times + 1);
        Some(Turn::Raise(id))
    }

    fn look_for_end(&mut self, limits: Limits, sign: Sign, look: Look<'_>) -> Option<Turn> {
        let id = self.subject.alert(self.times.saturating_sub(1));
        let alert = (look.find)(id);
        if sign.over_secs > limits.end_at_secs {
            self.turning = None;
        } else {
            self.turning.get_or_insert(look.now);
            if has_lasted(self.turning, CLEAR, look) {
                self.worse_since = None;
                // As long as it is open it has to end, and nothing new is raised beside it.
                let open = alert.filter(|alert| is_open(alert));
                if open.is_none() {
                    (self.is_bad, self.turning) = (false, None);
                }
                return open.map(|_| Turn::End(id));
            }
        }
        if !sign.is_worse {
            self.worse_since = None;
            return None;
        }
        self.worse_since.get_or_insert(look.now);
        let is_quiet = |alert: &&Alert| {
            alert.severity < Severity::Critical
                && alert.escalated_at.is_none()
                && alert.stage(look.now) == Stage::New
        };
        if !has_lasted(self.worse_since, CONFIRM, look) || !alert.as_ref().is_some_and(is_quiet) {
            return None;
        }
        self.worse_since = None;
        Some(Turn::Worsen(id))
    }

    fn is_too_soon(&self, look: Look<'_>) -> bool {
        let apart = APART * (1_i32 << self.times.saturating_sub(1).min(MOST_DOUBLINGS));
        self.last(look).is_some_and(|last| look.now - last.event_time <= apart)
    }

    /// The last alert about it.
    fn last<'a>(&self, look: Look<'a>) -> Option<&'a Alert> {
        self.times.checked_sub(1).and_then(|last| (look.find)(self.subject.alert(last)))
    }
}

/// Whether it has ended by itself.
fn is_ended(alert: &Alert) -> bool {
    matches!(alert.state, AlertState::Resolved { by: None, .. })
}

/// Whether nobody has dealt with it for good.
pub fn is_open(alert: &Alert) -> bool {
    !matches!(alert.state, AlertState::Resolved { .. })
}

fn has_lasted(since: Option<DateTime<Utc>>, long: TimeDelta, look: Look<'_>) -> bool {
    since.is_some_and(|since| look.now - since >= long)
}
