//! Tasks and bids: what the field's answers are worth, and who is on the way where.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{AlertKind, Severity};
use domain::bid::{Bid, BidLine, BidLineStatus, BidStatus};
use domain::task::{Actor, Task, TaskStatus};
use domain::{ResourceId, TaskId};

use crate::ids::{alert_id, millis};
use crate::measure::TaskState;
use crate::said::Raw;

/// The tasks that somebody is on the way to, or at.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    by_resource: BTreeMap<ResourceId, Vec<TaskState>>,
    whose: HashMap<TaskId, ResourceId>,
}

impl Tasks {
    /// Takes a task in; answers whose tasks have changed.
    pub fn put(&mut self, task: &Task) -> Vec<ResourceId> {
        let mut touched: Vec<ResourceId> = self.remove(task.id).into_iter().collect();
        let (en_route, on_site) = spells(task);
        let Some(resource) = task.resource.filter(|_| en_route.is_some() || on_site.is_some()) else {
            return touched;
        };
        let planned = TimeDelta::minutes(i64::from(task.planned_minutes));
        let state = TaskState { id: task.id, at: task.at, en_route, on_site, planned };
        self.by_resource.entry(resource).or_default().push(state);
        self.whose.insert(task.id, resource);
        if !touched.contains(&resource) {
            touched.push(resource);
        }
        touched
    }

    /// Forgets a task; whose it was.
    pub fn remove(&mut self, task: TaskId) -> Option<ResourceId> {
        let resource = self.whose.remove(&task)?;
        if let Some(tasks) = self.by_resource.get_mut(&resource) {
            tasks.retain(|state| state.id != task);
        }
        Some(resource)
    }

    pub fn of(&self, resource: ResourceId) -> &[TaskState] {
        self.by_resource.get(&resource).map_or(&[], Vec::as_slice)
    }
}

/// Since when somebody is on the way, or on site.
fn spells(task: &Task) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let en_route = (task.status == TaskStatus::EnRoute).then(|| task.status_since());
    let steps = task.timeline.iter().rev().take_while(|step| is_on_site(step.status));
    let on_site = steps.last().map(|step| step.at).filter(|_| is_on_site(task.status));
    (en_route, on_site)
}

fn is_on_site(status: TaskStatus) -> bool {
    use TaskStatus::*;
    match status {
        Arrived | InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4 => true,
        Draft | NewTask | SmsSent | Acknowledged | EnRoute | Suspended | ReadyForReview
        | ReadyForApproval | Closed | NotDone | Declined | Canceled => false,
    }
}

/// A task that the field refused.
pub(crate) fn refused(task: &Task) -> Option<Raw> {
    let step = task.timeline.last()?;
    let Actor::Field(resource) = step.by else { return None };
    if !matches!(step.status, TaskStatus::NotDone | TaskStatus::Declined) {
        return None;
    }
    let id = alert_id("refused", &[task.id.0.as_bytes(), &millis(step.at)]);
    let kind = AlertKind::TaskRefused { task: task.id, resource };
    Some(Raw { id, kind, severity: Severity::Warning, event_time: step.at, at: Some(task.at), rule: None })
}

/// The first offer, everybody's answer, and the end without a winner.
pub(crate) fn answered(bid: &Bid) -> Vec<Raw> {
    match bid.status {
        BidStatus::Open => offers(bid),
        BidStatus::Expired => vec![Raw {
            id: alert_id("expired", &[bid.id.0.as_bytes()]),
            kind: AlertKind::BidExpired { bid: bid.id },
            severity: Severity::Warning,
            event_time: bid.deadline,
            at: None,
            rule: None,
        }],
        BidStatus::Closed | BidStatus::Canceled => Vec::new(),
    }
}

fn offers(bid: &Bid) -> Vec<Raw> {
    let offers = || bid.lines.iter().filter(|line| line.status == BidLineStatus::Bid);
    let has_answered = |line: &BidLine| !matches!(line.status, BidLineStatus::Offered | BidLineStatus::Seen);
    let raw = |what: &str, line: &BidLine| Raw {
        id: alert_id(what, &[bid.id.0.as_bytes()]),
        kind: AlertKind::BidAnswered { bid: bid.id, resource: line.resource },
        severity: Severity::Info,
        event_time: line.changed_at,
        at: None,
        rule: None,
    };
    let first = offers().min_by_key(|line| line.changed_at).map(|line| raw("first offer", line));
    let newest = offers().max_by_key(|line| line.changed_at).filter(|_| bid.lines.len() > 1);
    let all = newest.filter(|_| bid.lines.iter().all(has_answered)).map(|line| raw("all answered", line));
    first.into_iter().chain(all).collect()
}
