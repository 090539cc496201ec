//! What a plan comes to, in the order in which people look at it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{ResourceId, TaskId};
use protocol::view::{PlanFigures, PlanMoveView, PlanView, TaskView};

/// After this time a plan rests on a day that has moved on.
const OLD_AFTER: TimeDelta = TimeDelta::minutes(10);

/// One figure of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named after what it counts")]
pub enum Figure {
    Drive,
    Way,
    Waiting,
    LateTasks,
    Lateness,
    BrokenPromises,
    Overtime,
    LeftOut,
}

/// Whether the plan makes a figure better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "in a word")]
pub enum Trend {
    Better,
    Same,
    Worse,
}

impl Figure {
    /// All of them; what is broken comes before what takes long.
    pub const ALL: [Figure; 8] = [
        Figure::Drive,
        Figure::LateTasks,
        Figure::BrokenPromises,
        Figure::LeftOut,
        Figure::Overtime,
        Figure::Lateness,
        Figure::Waiting,
        Figure::Way,
    ];

    /// Its value: seconds, metres, or how many.
    pub fn of(self, figures: &PlanFigures) -> u64 {
        match self {
            Figure::Drive => figures.drive_secs,
            Figure::Way => figures.metres,
            Figure::Waiting => figures.waiting_secs,
            Figure::LateTasks => u64::from(figures.late_tasks),
            Figure::Lateness => figures.late_secs,
            Figure::BrokenPromises => u64::from(figures.broken_promises),
            Figure::Overtime => figures.overtime_secs,
            Figure::LeftOut => u64::from(figures.left_out),
        }
    }

    /// Below this a difference is no difference: half a minute, 100 m.
    fn is_felt_from(self) -> u64 {
        match self {
            Figure::Drive | Figure::Waiting | Figure::Lateness | Figure::Overtime => 30,
            Figure::Way => 100,
            Figure::LateTasks | Figure::BrokenPromises | Figure::LeftOut => 1,
        }
    }
}

/// Every figure with its values before and after, and whether that is better; less is always better.
pub fn figures(plan: &PlanView) -> [(Figure, u64, u64, Trend); 8] {
    Figure::ALL.map(|figure| {
        let (before, after) = (figure.of(&plan.before), figure.of(&plan.after));
        let trend = if before.abs_diff(after) < figure.is_felt_from() {
            Trend::Same
        } else if after < before {
            Trend::Better
        } else {
            Trend::Worse
        };
        (figure, before, after, trend)
    })
}

/// Moves by whom they go to, by name, those to nobody last; each heap in the order of the day.
pub fn by_person(
    moves: &[PlanMoveView],
    name_of: impl Fn(ResourceId) -> String,
) -> Vec<(Option<ResourceId>, Vec<PlanMoveView>)> {
    let mut people: Vec<Option<ResourceId>> = moves.iter().map(|moved| moved.to).collect();
    people.sort();
    people.dedup();
    people.sort_by_key(|person| (person.is_none(), person.map(&name_of)));
    let heap = |person: Option<ResourceId>| {
        let mut own: Vec<PlanMoveView> = moves.iter().filter(|moved| moved.to == person).copied().collect();
        own.sort_by_key(|moved| (moved.arrives_after, moved.task));
        (person, own)
    };
    people.into_iter().map(heap).collect()
}

/// Whether the day has moved on since the plan was made.
pub fn is_old(plan: &PlanView, now: DateTime<Utc>) -> bool {
    now - plan.made_at > OLD_AFTER
}

/// Tasks of the plan that somebody else has, or that are over, since it was made.
pub fn changed_since(plan: &PlanView, row_of: impl Fn(TaskId) -> Option<Arc<TaskView>>) -> usize {
    let is_as_planned = |moved: &&PlanMoveView| {
        row_of(moved.task).is_some_and(|row| row.task.resource == moved.from && !row.task.status.is_over())
    };
    plan.moves.len() - plan.moves.iter().filter(is_as_planned).count()
}
