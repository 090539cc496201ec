//! What is done about alerts, and how it is taken back.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::Action;
use domain::alert::{AlertAction, AlertState};
use domain::{AlertId, UserId};
use leptos::prelude::*;
use protocol::view::DeskRequest;

use crate::clock;
use crate::state::{Desk, ToastKind};
use crate::words::{t, tn};

/// As many as one request may name.
const MOST_AT_ONCE: usize = 1_000;
/// A short snooze.
pub const SHORT_SNOOZE: TimeDelta = TimeDelta::minutes(15);
/// So long the key takes the last action back; afterwards it opens alerts again.
const UNDO_STAYS: std::time::Duration = std::time::Duration::from_secs(12);
/// When a morning begins.
const MORNING: u32 = 8;

/// Actions, one after the other, each about some alerts.
pub type Steps = Vec<(Vec<AlertId>, AlertAction)>;

/// Does something about alerts and says so, with a way back. Those where it changes nothing are passed over.
pub fn act(desk: Desk, alerts: &[AlertId], action: AlertAction) {
    let Some(me) = desk.signed_in().map(|view| view.user.id).filter(|_| desk.may(Action::HandleAlert)) else {
        return;
    };
    let now = clock::now();
    let changed: Vec<(AlertId, AlertState)> = alerts
        .iter()
        .filter_map(|id| desk.rows.alerts.peek(*id))
        .filter(|row| row.alert.clone().act(&action, me, now) == Ok(true))
        .map(|row| (row.alert.id, row.alert.state))
        .collect();
    if changed.is_empty() {
        return desk.say(ToastKind::Notice, t("alerts-nothing-to-do").to_owned());
    }
    let said = tn(done_key(&action), changed.len());
    let back = way_back(&changed, &action, now);
    let ids = changed.iter().map(|(id, _)| *id).collect();
    leptos::task::spawn_local(async move {
        if send(desk, vec![(ids, action)]).await {
            offer_back(desk, &back);
            desk.say_alerts(said, back);
        }
    });
}

/// Keeps the way back at hand for as long as people remember what they did.
fn offer_back(desk: Desk, back: &Steps) {
    let undo = desk.triage.undo;
    undo.set(back.clone());
    let offered = back.clone();
    set_timeout(
        move || {
            if undo.with_untracked(|undo| *undo == offered) {
                undo.set(Vec::new());
            }
        },
        UNDO_STAYS,
    );
}

/// Takes back what was done about alerts.
pub fn take_back(desk: Desk, steps: Steps) {
    desk.triage.undo.set(Vec::new());
    leptos::task::spawn_local(async move {
        if send(desk, steps).await {
            desk.say(ToastKind::Done, t("toast-undone").to_owned());
        }
    });
}

/// Sends steps in order; `false` when one was refused, which has been said.
async fn send(desk: Desk, steps: Steps) -> bool {
    for (alerts, action) in steps {
        for some in alerts.chunks(MOST_AT_ONCE) {
            let request = DeskRequest::ActOnAlerts { alerts: some.to_vec(), action: action.clone() };
            if let Err(error) = desk.request(request).await {
                desk.say_error(&error);
                return false;
            }
        }
    }
    true
}

fn done_key(action: &AlertAction) -> &'static str {
    match action {
        AlertAction::Acknowledge => "toast-alerts-acknowledged",
        AlertAction::Assign { .. } => "toast-alerts-assigned",
        AlertAction::Snooze { .. } => "toast-alerts-snoozed",
        // The last one of each pair is a desk's own doing: no button does it.
        AlertAction::Resolve { .. } | AlertAction::End => "toast-alerts-resolved",
        AlertAction::Reopen | AlertAction::Worsen => "toast-alerts-reopened",
    }
}

/// What brings alerts back to where they were before `action`.
fn way_back(before: &[(AlertId, AlertState)], action: &AlertAction, now: DateTime<Utc>) -> Steps {
    let mut steps: Steps = Vec::new();
    for (id, state) in before {
        let mut from = 0;
        for back in back_to(*state, action, now) {
            let place = match steps.iter().skip(from).position(|(_, known)| *known == back) {
                Some(found) => from + found,
                None => {
                    steps.push((Vec::new(), back));
                    steps.len() - 1
                }
            };
            steps[place].0.push(*id);
            from = place + 1;
        }
    }
    steps
}

/// What brings one alert back to `state`.
fn back_to(state: AlertState, action: &AlertAction, now: DateTime<Utc>) -> Vec<AlertAction> {
    let from_resolved = matches!(action, AlertAction::Resolve { .. });
    let again = match state {
        AlertState::New => return vec![AlertAction::Reopen],
        AlertState::Snoozed { until, .. } if until <= now => return vec![AlertAction::Reopen],
        AlertState::Acknowledged { .. } => AlertAction::Acknowledge,
        AlertState::Assigned { to, .. } => AlertAction::Assign { to },
        AlertState::Snoozed { until, .. } => AlertAction::Snooze { until },
        AlertState::Resolved { .. } => AlertAction::Resolve { note: String::new() },
    };
    // Nobody can acknowledge what is assigned or put aside, and nobody can do anything about what is resolved.
    let reopened = from_resolved || (again == AlertAction::Acknowledge && *action != AlertAction::Reopen);
    if reopened { vec![AlertAction::Reopen, again] } else { vec![again] }
}

/// The next morning in the company's zone.
pub fn tomorrow_morning(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or_default();
    domain::attendance::instant(today.checked_add_days(Days::new(1)).unwrap_or(today), morning, zone)
}

/// Who can be given an alert: whoever is signed in first, then by name.
pub fn assignees(desk: Desk) -> Vec<(UserId, String)> {
    let me = desk.signed_in().map(|view| view.user.id);
    let mut users = desk.rows.users.peek_all();
    users.retain(|user| user.role.may(Action::HandleAlert));
    users.sort_by(|a, b| (Some(a.id) != me, &a.name).cmp(&(Some(b.id) != me, &b.name)));
    users.iter().map(|user| (user.id, user.name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ResourceId;
    use domain::alert::{Alert, AlertKind, Severity};
    use uuid::Uuid;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("a time")
    }

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn alert(n: u128) -> Alert {
        let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(n)) };
        Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Warning, (at(0), at(0)), None)
    }

    /// Every action from every state, and back again.
    #[test]
    fn whatever_is_done_can_be_taken_back() {
        let until = at(3_600);
        let actions = [
            AlertAction::Acknowledge,
            AlertAction::Assign { to: user(2) },
            AlertAction::Snooze { until },
            AlertAction::Resolve { note: "Called".to_owned() },
            AlertAction::Reopen,
        ];
        for first in &actions {
            for second in &actions {
                let mut one = alert(1);
                one.act(first, user(1), at(1)).expect("from new everything goes");
                let before = one.state;
                if one.act(second, user(1), at(2)) != Ok(true) {
                    continue;
                }
                for back in back_to(before, second, at(3)) {
                    one.act(&back, user(1), at(3)).expect("a step back");
                }
                assert_eq!(
                    std::mem::discriminant(&one.state),
                    std::mem::discriminant(&before),
                    "{second:?} after {first:?} is taken back"
                );
            }
        }
    }

    #[test]
    fn many_that_were_alike_go_back_together() {
        let ids = [1u128, 2, 3].map(|n| AlertId(Uuid::from_u128(n)));
        let seen = AlertState::Acknowledged { by: user(1), at: at(0) };
        let before = [(ids[0], AlertState::New), (ids[1], seen), (ids[2], AlertState::New)];
        let steps = way_back(&before, &AlertAction::Resolve { note: String::new() }, at(1));
        let expected = [(ids.to_vec(), AlertAction::Reopen), (vec![ids[1]], AlertAction::Acknowledge)];
        assert_eq!(steps, expected, "all are reopened, then the one is seen again");
    }

    #[test]
    fn tomorrow_morning_is_the_companys() {
        let zone = chrono_tz::Europe::Monaco;
        let late: DateTime<Utc> = "2026-11-23T23:30:00Z".parse().expect("half past midnight in Monaco");
        assert_eq!(
            tomorrow_morning(late, zone).to_rfc3339(),
            "2026-11-25T07:00:00+00:00",
            "the 25th at 8:00"
        );
    }
}
