//! The week behind: attendance, closed tasks, forms, bids that are over, alerts that were seen to.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertAction, AlertKind, Severity};
use domain::attendance::{AttendanceEntry, AttendanceKind, shifts_on};
use domain::bid::{Bid, Invitation};
use domain::form::{FormDefinition, FormValue, Submission};
use domain::resource::Resource;
use domain::task::Task;
use domain::{AlertId, BidId, EntryGuid, ResourceId, SubmissionId};
use protocol::entity::Entity;
use rand::Rng;

use super::work::Stage;
use super::{Demo, ZONE, text};

/// Days behind today.
const DAYS: i64 = 7;
/// How alerts were dealt with.
const RESOLUTIONS: [&str; 3] = ["Called, all is well", "Customer was told", "Wrong gate, sent on"];
/// Tasks of a past day.
const TASKS_A_DAY: usize = 10;

impl Demo {
    /// The week behind.
    pub(super) fn history(&mut self, cards: &[Resource]) -> Vec<Entity> {
        let mut rows: Vec<Entity> = Vec::new();
        for card in cards {
            rows.extend(self.attendance(card).into_iter().map(Entity::from));
        }
        let tasks = self.past_tasks(cards);
        rows.extend(self.submissions(&tasks).into_iter().map(Entity::from));
        rows.extend(self.past_bids(&tasks, cards).into_iter().map(Entity::from));
        rows.extend(self.alerts(&tasks, cards).into_iter().map(Entity::from));
        rows.extend(tasks.into_iter().map(Entity::from));
        rows
    }

    /// Sign-ins and sign-outs by the shifts, with what people forget.
    fn attendance(&mut self, card: &Resource) -> Vec<AttendanceEntry> {
        let today = self.now.with_timezone(&ZONE).date_naive();
        let mut entries = Vec::new();
        for back in 0..=DAYS + 1 {
            let day = today - TimeDelta::days(back);
            for (starts, ends) in shifts_on(&card.working_hours, day, ZONE) {
                if ends < self.now {
                    let (forgot_in, forgot_out) = (self.chance(2), self.chance(3));
                    let came = starts + TimeDelta::minutes(self.rng.random_range(-12..9));
                    let went = ends + TimeDelta::minutes(self.rng.random_range(-20..35));
                    entries.extend((!forgot_in).then(|| self.entry(card, AttendanceKind::SignIn, came)));
                    if went < self.now {
                        entries
                            .extend((!forgot_out).then(|| self.entry(card, AttendanceKind::SignOut, went)));
                    }
                } else if card.on_duty && starts < self.now {
                    let came = (starts + TimeDelta::minutes(self.rng.random_range(-12..9))).min(self.now);
                    entries.push(self.entry(card, AttendanceKind::SignIn, came));
                }
            }
        }
        entries
    }

    fn entry(&mut self, card: &Resource, kind: AttendanceKind, event_time: DateTime<Utc>) -> AttendanceEntry {
        let late_upload =
            if self.chance(5) { self.rng.random_range(600..5_400) } else { self.rng.random_range(1..20) };
        AttendanceEntry {
            guid: EntryGuid(self.id()),
            resource: card.id,
            kind,
            event_time,
            entry_time: (event_time + TimeDelta::seconds(late_upload)).min(self.now),
            at: card.home,
        }
    }

    fn past_tasks(&mut self, cards: &[Resource]) -> Vec<Task> {
        let mut tasks = Vec::new();
        for back in 1..=DAYS {
            for _ in 0..TASKS_A_DAY {
                let job = self.rng.random_range(0..text::JOBS.len());
                let due =
                    self.now - TimeDelta::days(back) - TimeDelta::minutes(self.rng.random_range(-240..240));
                let mut task = self.new_task(job, due);
                let able: Vec<ResourceId> = cards
                    .iter()
                    .filter(|card| card.skills.contains(&task.skills[0]))
                    .map(|card| card.id)
                    .collect();
                let resource = *self.pick(&able);
                let stage = if self.chance(8) { Stage::NotDone } else { Stage::Closed };
                self.carry_on(&mut task, resource, stage);
                self.promised(&mut task);
                self.chosen(&mut task, &able);
                tasks.push(task);
            }
        }
        tasks
    }

    /// Every other closed task has its form.
    fn submissions(&mut self, tasks: &[Task]) -> Vec<Submission> {
        let mut submissions = Vec::new();
        for task in tasks.iter().step_by(2) {
            let form =
                self.kinds.iter().find(|kind| Some(kind.id) == task.task_type).and_then(|kind| kind.form);
            let form = self.forms.iter().find(|known| Some(known.id) == form).cloned();
            if let (Some(form), Some(resource)) = (form, task.resource) {
                let values = self.values(&form);
                submissions.push(Submission {
                    id: SubmissionId(self.id()),
                    form: form.id,
                    form_version: form.version,
                    task: Some(task.id),
                    resource,
                    event_time: task.status_since(),
                    values,
                });
            }
        }
        submissions
    }

    fn values(&mut self, form: &FormDefinition) -> BTreeMap<String, FormValue> {
        let mut values = BTreeMap::new();
        for field in form.fields.iter().filter(|field| field.required) {
            let value = match &field.kind {
                domain::form::FieldKind::Choice { options } => FormValue::Text(self.pick(options).clone()),
                domain::form::FieldKind::Number => {
                    FormValue::Number(f64::from(self.rng.random_range(15..120)))
                }
                domain::form::FieldKind::YesNo => FormValue::YesNo(self.chance(90)),
                domain::form::FieldKind::Date => FormValue::Date(self.now.date_naive()),
                domain::form::FieldKind::Text | domain::form::FieldKind::Photo => {
                    FormValue::Text("ok".to_owned())
                }
            };
            values.insert(field.key.clone(), value);
        }
        values
    }

    /// One bid with a winner, one taken back, one that nobody won in time.
    fn past_bids(&mut self, tasks: &[Task], cards: &[Resource]) -> Vec<Bid> {
        let mut bids = Vec::new();
        for (place, task) in tasks.iter().filter(|task| task.resource.is_some()).take(3).enumerate() {
            let others = cards.iter().filter(|card| Some(card.id) != task.resource).map(|card| card.id);
            let invite: Vec<ResourceId> = task.resource.into_iter().chain(others.take(4)).collect();
            let (opened, deadline) = (task.created_at, task.created_at + TimeDelta::minutes(45));
            let invitation =
                Invitation { id: BidId(self.id()), task: task.id, invite: invite.clone(), deadline };
            let Ok(mut bid) = Bid::open(invitation, self.office, opened) else { continue };
            for (line, &resource) in invite.iter().enumerate() {
                self.answer(&mut bid, resource, line);
            }
            let over = opened + TimeDelta::minutes(20);
            let ended = match place {
                0 => bid.set_winner(invite[0], over).is_ok(),
                1 => bid.cancel(over).is_ok(),
                _ => bid.expire(deadline),
            };
            debug_assert!(ended, "an open bid can end");
            bids.push(bid);
        }
        bids
    }

    /// What was seen to in the week behind, and two things that just came up.
    fn alerts(&mut self, tasks: &[Task], cards: &[Resource]) -> Vec<Alert> {
        let fences: Vec<_> = self
            .places
            .iter()
            .filter(|place| place.fence.is_some())
            .map(|place| (place.id, place.at))
            .collect();
        let mut alerts = Vec::new();
        for number in 0..14i64 {
            let (resource, (poi, at)) = (self.pick(cards).id, *self.pick(&fences));
            let task = self.pick(tasks);
            let kind = match number % 5 {
                0 | 1 => AlertKind::FenceEntered { resource, poi },
                2 => AlertKind::FenceLeft { resource, poi },
                3 => AlertKind::TaskLate {
                    task: task.id,
                    resource: task.resource.unwrap_or(resource),
                    late_secs: self.rng.random_range(300..2_400),
                },
                _ => AlertKind::FenceDwell { resource, poi, dwell_secs: 1_800 },
            };
            let event_time = self.ago(if number < 2 { 6 + number * 5 } else { 90 + number * 660 });
            let seen_at = event_time + TimeDelta::seconds(self.rng.random_range(40..900));
            let severity = if number % 5 == 3 { Severity::Warning } else { Severity::Info };
            let raised_at = event_time + TimeDelta::seconds(12);
            let at = (number % 5 != 3).then_some(at);
            let id = AlertId(self.id());
            let mut alert = Alert::new(id, kind, severity, (event_time, raised_at), at);
            if number >= 2 {
                self.see_to(&mut alert, number, seen_at);
            }
            alerts.push(alert);
        }
        alerts
    }

    /// What was done about an alert: some are done with, one is somebody's, one is put aside, some were only looked at.
    fn see_to(&self, alert: &mut Alert, number: i64, seen_at: DateTime<Utc>) {
        let (by, later) = (self.office, seen_at + TimeDelta::minutes(12));
        let note = RESOLUTIONS[number.unsigned_abs() as usize % RESOLUTIONS.len()].to_owned();
        let until = self.now + TimeDelta::hours(2);
        let steps = match number {
            2 => vec![(seen_at, AlertAction::Assign { to: by })],
            3 => vec![(seen_at, AlertAction::Acknowledge), (self.now, AlertAction::Snooze { until })],
            _ if number % 3 == 0 => vec![(seen_at, AlertAction::Acknowledge)],
            _ => vec![(seen_at, AlertAction::Acknowledge), (later, AlertAction::Resolve { note })],
        };
        if number % 5 == 4 {
            alert.escalate(alert.raised_at + TimeDelta::seconds(30));
        }
        for (at, action) in steps {
            let done = alert.act(&action, by, at);
            debug_assert!(done.is_ok(), "nothing of that is refused");
        }
    }
}
