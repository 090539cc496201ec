//! What lists show and in which order. The choosing is pure; the memos around it hand out ids only.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::alert::AlertState;
use domain::bid::BidStatus;
use domain::position::PositionState;
use domain::*;
use leptos::prelude::*;
use protocol::view::*;

use super::Desk;

mod tasks;

pub use tasks::{TaskChip, TaskColumn, TaskFilter, choose_tasks};
use tasks::{arrival, none_last};

/// How a resource is, in the words of the filter chips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "names of states")]
pub enum Standing {
    Late,
    Free,
    EnRoute,
    Working,
    NoSignal,
    Private,
    OffDuty,
}

impl Standing {
    /// All, as the chips show them.
    pub const ALL: [Standing; 7] = [
        Standing::Free,
        Standing::EnRoute,
        Standing::Working,
        Standing::Late,
        Standing::NoSignal,
        Standing::Private,
        Standing::OffDuty,
    ];

    /// Of a resource; `dot` is how the map draws it, if it does.
    pub fn of(position: PositionState, dot: Option<DotState>) -> Standing {
        match (position, dot) {
            (PositionState::Private { .. }, _) => Standing::Private,
            (PositionState::OffDuty, _) => Standing::OffDuty,
            (PositionState::NoFix | PositionState::DeviceSilent | PositionState::Stale, _) => {
                Standing::NoSignal
            }
            (PositionState::Live, Some(DotState::EnRoute)) => Standing::EnRoute,
            (PositionState::Live, Some(DotState::Working)) => Standing::Working,
            (PositionState::Live, Some(DotState::Late)) => Standing::Late,
            (PositionState::Live, Some(DotState::Free | DotState::Stale | DotState::Silent) | None) => {
                Standing::Free
            }
        }
    }
}

/// Order of the resource list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of orders")]
pub enum ResourceSort {
    Name,
    Standing,
    Workload,
    Arrival,
}

/// What the resource list shows.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is named after what it narrows")]
pub struct ResourceFilter {
    pub text: String,
    pub group: Option<GroupId>,
    pub standing: Option<Standing>,
    pub sort: ResourceSort,
}

impl Default for ResourceFilter {
    fn default() -> Self {
        Self { text: String::new(), group: None, standing: None, sort: ResourceSort::Name }
    }
}

/// One resource, reduced to what lists need.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "as in the row")]
pub struct ResourceKey {
    pub id: ResourceId,
    pub name: String,
    pub number: String,
    pub group: GroupId,
    pub standing: Standing,
    pub open_tasks: u32,
}

/// All resources, reduced.
pub fn resource_keys(desk: Desk) -> Memo<Vec<ResourceKey>> {
    Memo::new(move |_| {
        desk.rows.dots.track();
        let rows = desk.rows.resources.all();
        let key = |row: &ResourceView| ResourceKey {
            id: row.card.id,
            name: row.card.name.clone(),
            number: row.card.employee_number.clone(),
            group: row.card.group,
            standing: Standing::of(row.position, desk.rows.dots.peek(row.card.id).map(|state| *state)),
            open_tasks: row.open_tasks,
        };
        let mut keys: Vec<ResourceKey> =
            rows.iter().filter(|row| !row.card.disabled).map(|row| key(row)).collect();
        keys.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        keys
    })
}

/// When each resource arrives at the task it is on, as far as that is known.
pub fn next_arrivals(desk: Desk) -> HashMap<ResourceId, DateTime<Utc>> {
    let tasks: HashMap<TaskId, DateTime<Utc>> =
        desk.rows.tasks.all().iter().filter_map(|row| Some((row.task.id, arrival(row)?))).collect();
    let next = |row: &ResourceView| Some((row.card.id, *tasks.get(&row.current_task?)?));
    desk.rows.resources.all().iter().filter_map(|row| next(row)).collect()
}

/// Ids of the resources that `filter` lets through, in its order; `keys` come by name. `arrivals` counts only for that order; who
/// has none comes last.
pub fn choose_resources(
    keys: &[ResourceKey],
    filter: &ResourceFilter,
    arrivals: &HashMap<ResourceId, DateTime<Utc>>,
) -> Vec<ResourceId> {
    let text = filter.text.trim().to_lowercase();
    let fits = |key: &&ResourceKey| {
        filter.group.is_none_or(|group| key.group == group)
            && filter.standing.is_none_or(|standing| key.standing == standing)
            && (text.is_empty() || key.name.to_lowercase().contains(&text) || key.number.contains(&text))
    };
    let mut chosen: Vec<&ResourceKey> = keys.iter().filter(fits).collect();
    match filter.sort {
        ResourceSort::Name => {}
        ResourceSort::Standing => chosen.sort_by_key(|key| key.standing),
        ResourceSort::Workload => chosen.sort_by_key(|key| std::cmp::Reverse(key.open_tasks)),
        ResourceSort::Arrival => {
            chosen.sort_by(|a, b| none_last(arrivals.get(&a.id), arrivals.get(&b.id)));
        }
    }
    chosen.into_iter().map(|key| key.id).collect()
}

/// Numbers beside the dock's tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the tabs are named")]
pub struct DockCounts {
    pub open_tasks: usize,
    pub open_bids: usize,
    pub new_alerts: usize,
}

/// Numbers beside the dock's tabs.
pub fn dock_counts(desk: Desk) -> Memo<DockCounts> {
    Memo::new(move |_| DockCounts {
        open_tasks: desk.rows.tasks.all().iter().filter(|row| TaskChip::Open.takes(row)).count(),
        open_bids: desk.rows.bids.all().iter().filter(|row| row.bid.status == BidStatus::Open).count(),
        new_alerts: desk.rows.alerts.all().iter().filter(|row| row.alert.state == AlertState::New).count(),
    })
}

/// Alerts: new ones first, then by time, newest first.
pub fn alert_ids(desk: Desk) -> Memo<Vec<AlertId>> {
    Memo::new(move |_| {
        let mut rows = desk.rows.alerts.all();
        rows.sort_by_key(|row| {
            (row.alert.state != AlertState::New, std::cmp::Reverse(row.alert.raised_at), row.alert.id)
        });
        rows.iter().map(|row| row.alert.id).collect()
    })
}

/// Bids: open ones first by deadline, then the others, newest first.
pub fn bid_ids(desk: Desk) -> Memo<Vec<BidId>> {
    Memo::new(move |_| {
        let mut rows = desk.rows.bids.all();
        rows.sort_by_key(|row| {
            let open = row.bid.status == BidStatus::Open;
            let seconds = row.bid.deadline.timestamp();
            (!open, if open { seconds } else { -seconds }, row.bid.id)
        });
        rows.iter().map(|row| row.bid.id).collect()
    })
}

/// The tasks of a resource that are not over, in the order they will be done.
pub fn tasks_of(desk: Desk, resource: ResourceId) -> Memo<Vec<TaskId>> {
    Memo::new(move |_| {
        let mut rows = desk.rows.tasks.all();
        rows.retain(|row| row.task.resource == Some(resource) && !row.task.status.is_over());
        rows.sort_by(|a, b| {
            let active = |row: &TaskView| TaskChip::Active.takes(row);
            active(b)
                .cmp(&active(a))
                .then(none_last(arrival(a), arrival(b)))
                .then(a.task.number.cmp(&b.task.number))
        });
        rows.iter().map(|row| row.task.id).collect()
    })
}

#[cfg(test)]
mod tests;
