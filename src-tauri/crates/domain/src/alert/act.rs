//! What people do about alerts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Alert, AlertKind, AlertState, Correction, Severity};
use crate::{AlertId, LonLat, UserId};

/// The longest that an alert can be put aside.
pub const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(7);
/// The longest remark on how an alert was resolved, characters.
pub const LONGEST_NOTE_CHARS: usize = 500;
/// So many steps of a history are kept; the audit has all of them.
const MOST_STEPS: usize = 200;
/// Two who notice the same thing may date it this far apart: they did not see the same fixes.
const SAME_EVENT: TimeDelta = TimeDelta::minutes(2);

/// What somebody does about an alert; the last two are what a desk finds out by itself about what it has foreseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum AlertAction {
    /// Has looked at it.
    Acknowledge,
    /// Gives it to somebody.
    Assign {
        /// To whom.
        to: UserId,
    },
    /// Puts it aside.
    Snooze {
        /// Until when, at most [`LONGEST_SNOOZE`] ahead.
        until: DateTime<Utc>,
    },
    /// Is done with it.
    Resolve {
        /// How, at most [`LONGEST_NOTE_CHARS`] characters; may be empty.
        note: String,
    },
    /// Makes it new again.
    Reopen,
    /// What was foreseen will not happen any more: nobody has to do anything. Only of [`AlertKind::foreseen`], else nothing.
    End,
    /// What was foreseen has become worse: one severity, once, and only while nobody has looked. Only of
    /// [`AlertKind::foreseen`], else nothing.
    Worsen,
}

/// One thing that was done about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertStep {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; `None` is the server.
    pub by: Option<UserId>,
    /// What.
    pub what: StepKind,
}

/// What was done about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum StepKind {
    /// By a person, or by a desk by itself: then nobody's name is with it.
    Acted {
        /// What.
        action: AlertAction,
    },
    /// Nobody had looked at it for too long.
    Escalated {
        /// How bad it is since.
        severity: Severity,
    },
    /// Late data said something about it.
    Corrected {
        /// What.
        correction: Correction,
    },
}

/// Where an alert stands, as lists count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has looked at it, or a snooze is over.
    New,
    /// Somebody has looked at it.
    Acknowledged,
    /// Somebody is to deal with it.
    Assigned,
    /// Out of sight for now.
    Snoozed,
    /// Dealt with.
    Resolved,
}

impl Stage {
    /// All of them, in the order of a normal life.
    pub const ALL: [Stage; 5] =
        [Stage::New, Stage::Acknowledged, Stage::Assigned, Stage::Snoozed, Stage::Resolved];
}

/// Why something can't be done about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum AlertError {
    /// It is resolved; reopen it first.
    #[error("the alert is resolved already")]
    Resolved,
    /// A snooze that ends before it begins, or lasts too long.
    #[error("an alert can be put aside for at most seven days")]
    SnoozeTime,
    /// The remark is too long.
    #[error("a remark has at most 500 characters")]
    NoteTooLong,
}

impl Alert {
    /// A new alert that nobody has done anything about.
    pub fn new(
        id: AlertId,
        kind: AlertKind,
        severity: Severity,
        (event_time, raised_at): (DateTime<Utc>, DateTime<Utc>),
        at: Option<LonLat>,
    ) -> Self {
        Alert {
            id,
            kind,
            severity,
            event_time,
            raised_at,
            at,
            state: AlertState::New,
            rule: None,
            escalated_at: None,
            correction: None,
            history: Vec::new(),
        }
    }

    /// Where it stands at `now`.
    pub fn stage(&self, now: DateTime<Utc>) -> Stage {
        match self.state {
            AlertState::New => Stage::New,
            AlertState::Acknowledged { .. } => Stage::Acknowledged,
            AlertState::Assigned { .. } => Stage::Assigned,
            AlertState::Snoozed { until, .. } if until <= now => Stage::New,
            AlertState::Snoozed { .. } => Stage::Snoozed,
            AlertState::Resolved { .. } => Stage::Resolved,
        }
    }

    /// Does something about it; `false` when that changes nothing (two people acknowledge the same alert).
    ///
    /// # Errors
    /// [`AlertError`]; the alert is as before then.
    pub fn act(&mut self, action: &AlertAction, by: UserId, at: DateTime<Utc>) -> Result<bool, AlertError> {
        let is_resolved = matches!(self.state, AlertState::Resolved { .. });
        let state = match action {
            AlertAction::End | AlertAction::Worsen if is_resolved || self.kind.foreseen().is_none() => {
                return Ok(false);
            }
            AlertAction::End => AlertState::Resolved { by: None, at },
            AlertAction::Worsen => return Ok(self.worsen(at, StepKind::Acted { action: action.clone() })),
            AlertAction::Reopen if self.state == AlertState::New => return Ok(false),
            AlertAction::Reopen => AlertState::New,
            AlertAction::Resolve { note } if note.chars().count() > LONGEST_NOTE_CHARS => {
                return Err(AlertError::NoteTooLong);
            }
            AlertAction::Resolve { .. } | AlertAction::Acknowledge if is_resolved => return Ok(false),
            AlertAction::Assign { .. } | AlertAction::Snooze { .. } if is_resolved => {
                return Err(AlertError::Resolved);
            }
            AlertAction::Acknowledge if self.stage(at) != Stage::New => return Ok(false),
            AlertAction::Acknowledge => AlertState::Acknowledged { by, at },
            AlertAction::Assign { to } if self.is_assigned_to(*to) => return Ok(false),
            AlertAction::Assign { to } => AlertState::Assigned { to: *to, by, at },
            AlertAction::Snooze { until } if *until <= at || *until - at > LONGEST_SNOOZE => {
                return Err(AlertError::SnoozeTime);
            }
            AlertAction::Snooze { until } => AlertState::Snoozed { until: *until, by, at },
            AlertAction::Resolve { .. } => AlertState::Resolved { by: Some(by), at },
        };
        self.state = state;
        let what = StepKind::Acted { action: action.clone() };
        if self.history.len() >= MOST_STEPS {
            self.history.remove(0);
        }
        let by = (*action != AlertAction::End).then_some(by);
        self.history.push(AlertStep { at, by, what });
        Ok(true)
    }

    /// Nobody has looked at it for too long: one severity worse, once.
    pub fn escalate(&mut self, at: DateTime<Utc>) -> bool {
        self.worsen(at, StepKind::Escalated { severity: self.severity.worse() })
    }

    fn worsen(&mut self, at: DateTime<Utc>, what: StepKind) -> bool {
        if self.escalated_at.is_some() || self.stage(at) != Stage::New {
            return false;
        }
        self.severity = self.severity.worse();
        self.escalated_at = Some(at);
        self.history.push(AlertStep { at, by: None, what });
        true
    }

    /// Late data has something to say. What never happened needs nobody any more.
    pub fn correct(&mut self, correction: Correction, at: DateTime<Utc>) -> bool {
        if self.correction == Some(correction) {
            return false;
        }
        self.correction = Some(correction);
        if !matches!(self.state, AlertState::Resolved { .. }) {
            self.state = AlertState::Resolved { by: None, at };
        }
        self.history.push(AlertStep { at, by: None, what: StepKind::Corrected { correction } });
        true
    }

    /// Whether both were raised for the same thing by two who did not see the same fixes, so that their ids differ. What rests on rows
    /// (answers to a bid, refused tasks) has the same id for everybody.
    pub fn is_same_event(&self, other: &Alert) -> bool {
        self.id == other.id
            || (self.kind.rests_on_fixes()
                && (self.event_time - other.event_time).abs() <= SAME_EVENT
                && self.rule == other.rule
                && self.kind.unmeasured() == other.kind.unmeasured())
    }

    fn is_assigned_to(&self, user: UserId) -> bool {
        matches!(self.state, AlertState::Assigned { to, .. } if to == user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResourceId;
    use uuid::Uuid;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn silent() -> Alert {
        let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(7)) };
        Alert::new(AlertId(Uuid::from_u128(1)), kind, Severity::Warning, (at(0), at(0)), None)
    }

    #[test]
    fn an_alert_goes_through_the_hands_of_a_shift() {
        let (ana, ben) = (user(1), user(2));
        let mut alert = silent();
        assert_eq!(alert.act(&AlertAction::Acknowledge, ana, at(10)), Ok(true), "Ana looks");
        assert_eq!(alert.act(&AlertAction::Acknowledge, ben, at(11)), Ok(false), "Ben is second: no step");
        assert_eq!(alert.act(&AlertAction::Assign { to: ben }, ana, at(12)), Ok(true), "Ben's, says Ana");
        let until = at(600);
        assert_eq!(alert.act(&AlertAction::Snooze { until }, ben, at(20)), Ok(true), "in ten minutes");
        assert_eq!(alert.stage(at(599)), Stage::Snoozed, "out of sight");
        assert_eq!(alert.stage(at(600)), Stage::New, "back");
        let note = "called, was in a cellar".to_owned();
        assert_eq!(alert.act(&AlertAction::Resolve { note }, ben, at(700)), Ok(true), "done");
        assert_eq!(
            alert.act(&AlertAction::Snooze { until: at(900) }, ana, at(701)),
            Err(AlertError::Resolved),
            "what is done can't be put aside"
        );
        assert_eq!(alert.act(&AlertAction::Reopen, ana, at(702)), Ok(true), "not done after all");
        let who: Vec<Option<UserId>> = alert.history.iter().map(|step| step.by).collect();
        assert_eq!(who, [Some(ana), Some(ana), Some(ben), Some(ben), Some(ana)], "every step with its actor");
    }

    #[test]
    fn what_was_foreseen_ends_by_itself_and_nothing_else_does() {
        let desk = user(1);
        let kind = AlertKind::ShiftOverrun { resource: ResourceId(Uuid::from_u128(7)), over_secs: 600 };
        let foreseen = Alert { kind, ..silent() };
        let mut alert = foreseen.clone();
        assert_eq!(alert.act(&AlertAction::Worsen, desk, at(5)), Ok(true), "worse than it was");
        assert_eq!(alert.severity, Severity::Critical, "by one");
        assert_eq!(alert.act(&AlertAction::Worsen, desk, at(6)), Ok(false), "another desk found out, too");
        assert_eq!(alert.act(&AlertAction::End, desk, at(60)), Ok(true), "it will not happen after all");
        assert_eq!(alert.state, AlertState::Resolved { by: None, at: at(60) }, "and nobody did anything");
        assert!(alert.history.iter().all(|step| step.by.is_none()), "the history names nobody either");
        assert_eq!(alert.act(&AlertAction::End, desk, at(61)), Ok(false), "once");
        let mut seen = foreseen;
        seen.act(&AlertAction::Acknowledge, user(2), at(1)).expect("looked at");
        assert_eq!(seen.act(&AlertAction::Worsen, desk, at(5)), Ok(false), "somebody deals with it");
        let mut fact = silent();
        assert_eq!(fact.act(&AlertAction::End, desk, at(60)), Ok(false), "a fact is a person's to resolve");
        assert_eq!(fact.state, AlertState::New, "as before");
    }

    #[test]
    fn a_quarrel_does_not_grow_without_end() {
        let mut alert = silent();
        for n in 0..300 {
            assert_eq!(alert.act(&AlertAction::Acknowledge, user(1), at(n)), Ok(true), "looked at");
            assert_eq!(alert.act(&AlertAction::Reopen, user(2), at(n)), Ok(true), "no");
        }
        assert_eq!(alert.history.len(), MOST_STEPS, "the last ones");
        assert_eq!(alert.history.last().map(|step| step.at), Some(at(299)), "up to now");
    }

    #[test]
    fn nobody_looked_so_it_gets_worse_once() {
        let mut alert = silent();
        assert!(alert.escalate(at(300)), "nobody has looked for five minutes");
        assert_eq!(alert.severity, Severity::Critical, "from warning");
        assert!(!alert.escalate(at(600)), "once is enough");
        let mut seen = silent();
        seen.act(&AlertAction::Acknowledge, user(1), at(1)).expect("acknowledged");
        assert!(!seen.escalate(at(300)), "somebody has");
    }

    #[test]
    fn two_desks_that_saw_other_fixes_mean_the_same_event() {
        let mut other = silent();
        other.id = AlertId(Uuid::from_u128(2));
        other.event_time = at(100);
        assert!(silent().is_same_event(&other), "a minute or so apart");
        other.event_time = at(121);
        assert!(!silent().is_same_event(&other), "an hour later it is another silence");
        let answered = |n| Alert {
            id: AlertId(Uuid::from_u128(n)),
            kind: AlertKind::BidExpired { bid: crate::BidId(Uuid::from_u128(9)) },
            ..silent()
        };
        assert!(!answered(1).is_same_event(&answered(2)), "two answers are two events, however close");
    }

    #[test]
    fn an_alert_of_an_older_row_can_be_read() {
        let old = r#"{"id":"00000000-0000-0000-0000-000000000001","kind":{"kind":"device_silent","resource":
            "00000000-0000-0000-0000-000000000007"},"severity":"warning","event_time":"2026-09-21T14:13:20Z",
            "raised_at":"2026-09-21T14:13:20Z","at":null,"state":{"state":"new"}}"#;
        assert_eq!(serde_json::from_str::<Alert>(old).expect("rows from before"), silent(), "nothing added");
    }
}
