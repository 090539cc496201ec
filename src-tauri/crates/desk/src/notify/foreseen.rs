//! When something is expected that will go wrong, in a notification's words.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::alert::{Alert, Foreseen};
use domain::shift::shift_of;
use domain::{PromiseId, ResourceId, TaskId};

use super::text::minutes;
use crate::rows::Rows;

/// A delay of more than a year (seconds) is a mistake, and dates would overflow.
const LONGEST_SECS: i64 = 366 * 86_400;

/// `Expected 10:42, window until 10:30.` of what will go wrong; `None` of anything else. Times are told in `zone`.
pub fn foreseen(alert: &Alert, rows: &Rows, zone: Tz) -> Option<String> {
    let words = Words { alert, rows, zone };
    Some(match alert.kind.foreseen()? {
        Foreseen::Late { task, late_secs } => words.late(task, late_secs),
        Foreseen::Promise { task, promise, resource, over_secs } => {
            words.promise((task, promise), resource, over_secs)
        }
        Foreseen::Shift { resource, over_secs } => words.shift(resource, over_secs),
    })
}

struct Words<'a> {
    alert: &'a Alert,
    rows: &'a Rows,
    zone: Tz,
}

impl Words<'_> {
    fn late(&self, task: TaskId, late_secs: i64) -> String {
        match self.rows.tasks.get(&task).and_then(|row| row.data.window_end) {
            Some(end) => {
                format!("Expected {}, window until {}.", self.after(end, late_secs), self.clock(end))
            }
            None => format!("Expected {} after its window.", minutes(late_secs)),
        }
    }

    fn promise(
        &self,
        (task, promise): (TaskId, PromiseId),
        who: Option<ResourceId>,
        over_secs: i64,
    ) -> String {
        let promises = self.rows.tasks.get(&task).map(|row| row.data.promises.as_slice()).unwrap_or_default();
        let until = promises.iter().find(|known| known.id == promise).map(|known| known.until);
        match (until, who) {
            (Some(until), _) if self.alert.raised_at > until => {
                format!("Nobody has arrived, promised until {}.", self.clock(until))
            }
            (Some(until), None) => format!("Nobody has it, promised until {}.", self.clock(until)),
            (Some(until), Some(_)) => {
                let expected = self.after(until, over_secs);
                format!("Perhaps only by {expected}, promised until {}.", self.clock(until))
            }
            (None, _) => format!("Perhaps {} after the promised time.", minutes(over_secs)),
        }
    }

    fn shift(&self, resource: ResourceId, over_secs: i64) -> String {
        let raised_at = self.alert.raised_at;
        let card = self.rows.resources.get(&resource).map(|row| &row.data);
        let shift = card.and_then(|card| shift_of(card, Some(raised_at), self.zone, raised_at));
        match shift.filter(|shift| shift.starts <= raised_at && raised_at < shift.ends) {
            Some(shift) => {
                let expected = self.after(shift.ends, over_secs);
                format!("Expected to be done {expected}, shift until {}.", self.clock(shift.ends))
            }
            None => format!("By {}.", minutes(over_secs)),
        }
    }

    fn after(&self, time: DateTime<Utc>, secs: i64) -> String {
        let delta = TimeDelta::seconds(secs.clamp(0, LONGEST_SECS));
        self.clock(time.checked_add_signed(delta).unwrap_or(time))
    }

    fn clock(&self, time: DateTime<Utc>) -> String {
        time.with_timezone(&self.zone).format("%H:%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::of_alert;
    use domain::AlertId;
    use domain::alert::{AlertKind, Severity};
    use domain::task::{Actor, PromiseChannel, PromiseDraft, Task};
    use protocol::entity::Entity;
    use uuid::Uuid;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-23T{text}Z").parse().expect("time")
    }

    /// A task of which the customer was told half past nine, with a window until then; ten in Monaco is nine here.
    fn rows(resource: Option<ResourceId>) -> Rows {
        let mut task = Task {
            number: 12,
            resource,
            window_end: Some(at("09:30:00")),
            ..crate::plain::task(1, at("08:00:00"))
        };
        let draft = PromiseDraft {
            id: PromiseId(Uuid::from_u128(3)),
            channel: PromiseChannel::Phone,
            from: None,
            until: at("09:30:00"),
            expected: None,
        };
        task.promise(&draft, at("08:00:00"), Actor::Server).expect("somebody is expected");
        let mut rows = Rows::default();
        rows.put(Entity::from(task), 1);
        rows
    }

    fn body(kind: AlertKind, raised_at: &str, discreet: bool) -> String {
        let rows = rows(kind.resource());
        let times = (at(raised_at), at(raised_at));
        let alert = Alert::new(AlertId(Uuid::from_u128(9)), kind, Severity::Warning, times, None);
        of_alert(&alert, (&rows, Tz::Europe__Monaco), discreet).body
    }

    #[test]
    fn the_expected_time_is_told_in_the_companys_zone() {
        let (task, resource) = (TaskId(Uuid::from_u128(1)), ResourceId(Uuid::from_u128(2)));
        let late = AlertKind::TaskLate { task, resource, late_secs: 720 };
        assert_eq!(
            body(late.clone(), "09:00:00", false),
            "Expected 10:42, window until 10:30.",
            "twelve minutes after half past"
        );
        assert_eq!(body(late, "09:00:00", true), "", "a passer-by learns no times");
        let unknown = AlertKind::TaskLate { task: TaskId(Uuid::from_u128(7)), resource, late_secs: 720 };
        assert_eq!(
            body(unknown, "09:00:00", false),
            "Expected 12 minutes after its window.",
            "of a task that is not known here"
        );
    }

    #[test]
    fn a_promise_says_why_it_is_at_risk() {
        let (task, promise) = (TaskId(Uuid::from_u128(1)), PromiseId(Uuid::from_u128(3)));
        let risk = |resource, over_secs| AlertKind::PromiseAtRisk { task, promise, resource, over_secs };
        let ana = Some(ResourceId(Uuid::from_u128(2)));
        assert_eq!(
            body(risk(ana, 600), "09:00:00", false),
            "Perhaps only by 10:40, promised until 10:30.",
            "by whom one in ten comes"
        );
        assert_eq!(body(risk(None, 0), "09:10:00", false), "Nobody has it, promised until 10:30.", "yet");
        assert_eq!(
            body(risk(None, 60), "09:31:00", false),
            "Nobody has arrived, promised until 10:30.",
            "overdue"
        );
        assert_eq!(body(risk(ana, i64::MAX), "09:00:00", true), "", "discreet, also of nonsense");
        assert!(!body(risk(ana, i64::MAX), "09:00:00", false).is_empty(), "no overflow");
    }
}
