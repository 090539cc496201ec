//! Tasks from CSV.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::task::{Actor, Priority, PromiseChannel, PromiseDraft, StatusStep, Task, TaskStatus};
use domain::{CompanyId, PromiseId, SkillId, TaskId, TaskTypeId};
use protocol::entity::{Entity, EntityKind};

use super::cells::{Cells, for_each_row};
use super::{ImportError, ImportReport, RowProblem};
use crate::admin::{Admin, AdminError};
use crate::secret;

/// Columns that have to be there, and those that may.
const COLUMNS: (&[&str], &[&str]) = (
    &["title", "lon", "lat"],
    &[
        "description",
        "address",
        "customer",
        "type",
        "priority",
        "planned_minutes",
        "skills",
        "window_start",
        "window_end",
        "load",
        "promised_from",
        "promised_until",
    ],
);

/// Imports tasks: `title, lon, lat [, description, address, customer, type, priority, planned_minutes, skills (a;b), window_start,
/// window_end, load, promised_from, promised_until]`; times as `2026-11-23T10:00:00Z`. Types and skills have to be there. What a customer
/// was promised is what another system told them.
pub fn tasks_csv(
    admin: &Admin,
    company: CompanyId,
    text: &[u8],
    now: DateTime<Utc>,
) -> Result<ImportReport, ImportError> {
    let known = Known::read(admin, company)?;
    let mut report = ImportReport::default();
    report.imported =
        for_each_row(text, COLUMNS, &mut report.problems, |cells| match known.task(cells, now) {
            Ok(task) => Ok(Ok(admin.add_task(company, task).map(drop)?)),
            Err(problem) => Ok(Err(problem)),
        })?;
    Ok(report)
}

/// More than this of any unit is a slip of the hand.
const HEAVIEST: u32 = 1_000_000;

/// What tasks may name.
#[derive(Default)]
struct Known {
    kinds: HashMap<String, (TaskTypeId, u32)>,
    skills: HashMap<String, SkillId>,
}

impl Known {
    fn read(admin: &Admin, company: CompanyId) -> Result<Self, AdminError> {
        let mut known = Known::default();
        for row in admin.rows(company, EntityKind::TaskType)? {
            if let Entity::TaskType(kind) = row {
                known.kinds.insert(kind.name, (kind.id, kind.planned_minutes));
            }
        }
        for row in admin.rows(company, EntityKind::Skill)? {
            if let Entity::Skill(skill) = row {
                known.skills.insert(skill.name, skill.id);
            }
        }
        Ok(known)
    }

    fn task(&self, cells: &Cells<'_>, now: DateTime<Utc>) -> Result<Task, RowProblem> {
        let kind = self.kind(cells)?;
        let planned = cells.parsed::<u32>("planned_minutes", "number of minutes")?;
        let planned_minutes = planned.or(kind.map(|(_, minutes)| minutes)).unwrap_or(30);
        if !(1..=1440).contains(&planned_minutes) {
            return Err(cells.problem("planned_minutes", "must be 1 to 1440"));
        }
        let (window_start, window_end) = (time(cells, "window_start")?, time(cells, "window_end")?);
        if window_start.zip(window_end).is_some_and(|(start, end)| end < start) {
            return Err(cells.problem("window_end", "is before window_start"));
        }
        let created = StatusStep { status: TaskStatus::NewTask, at: now, by: Actor::Server, reason: None };
        let mut task = Task {
            id: TaskId(secret::new_id(now)),
            number: 0, // given when it is added
            title: cells.name("title", 200)?,
            description: cells.text("description", 10_000)?,
            task_type: kind.map(|(id, _)| id),
            work_order: None,
            at: cells.required_place("lon", "lat")?,
            address: cells.text("address", 500)?,
            poi: None,
            customer: cells.text("customer", 200)?,
            resource: None,
            status: TaskStatus::NewTask,
            priority: priority(cells)?,
            skills: self.skills(cells)?,
            planned_minutes,
            window_start,
            window_end,
            load: amount(cells, "load")?.unwrap_or_default(),
            planned_start: None,
            promises: Vec::new(),
            choices: Vec::new(),
            timeline: vec![created],
            notes: Vec::new(),
            created_at: now,
        };
        promise(cells, &mut task, now)?;
        Ok(task)
    }

    fn kind(&self, cells: &Cells<'_>) -> Result<Option<(TaskTypeId, u32)>, RowProblem> {
        let name = cells.text("type", 100)?;
        if name.is_empty() {
            return Ok(None);
        }
        let known = self.kinds.get(&name).copied();
        known.map(Some).ok_or_else(|| cells.problem("type", format!("there is no type of task “{name}”")))
    }

    fn skills(&self, cells: &Cells<'_>) -> Result<Vec<SkillId>, RowProblem> {
        let known = |name: String| {
            self.skills
                .get(&name)
                .copied()
                .ok_or_else(|| cells.problem("skills", format!("there is no skill “{name}”")))
        };
        cells.list("skills")?.into_iter().map(known).collect()
    }
}

fn time(cells: &Cells<'_>, column: &str) -> Result<Option<DateTime<Utc>>, RowProblem> {
    cells.parsed(column, "time like 2026-11-23T10:00:00Z")
}

/// An amount of load, in the company's own units.
pub(super) fn amount(cells: &Cells<'_>, column: &str) -> Result<Option<u32>, RowProblem> {
    match cells.parsed::<u32>(column, "whole number")? {
        Some(more) if more > HEAVIEST => Err(cells.problem(column, format!("is more than {HEAVIEST}"))),
        amount => Ok(amount),
    }
}

/// What another system told the customer.
fn promise(cells: &Cells<'_>, task: &mut Task, now: DateTime<Utc>) -> Result<(), RowProblem> {
    let until = match (time(cells, "promised_from")?, time(cells, "promised_until")?) {
        (None, None) => return Ok(()),
        (Some(_), None) => return Err(cells.problem("promised_until", "is empty")),
        (Some(from), Some(until)) if until < from => {
            return Err(cells.problem("promised_until", "is before promised_from"));
        }
        (_, Some(until)) => until,
    };
    let draft = PromiseDraft {
        id: PromiseId(secret::new_id(now)),
        channel: PromiseChannel::Other,
        from: time(cells, "promised_from")?,
        until,
        expected: None,
    };
    let usable = draft.check(now).and_then(|()| task.promise(&draft, now, Actor::Server));
    usable.map_err(|_| cells.problem("promised_until", "has passed, or is more than a year ahead"))
}

fn priority(cells: &Cells<'_>) -> Result<Priority, RowProblem> {
    let text = cells.text("priority", 20)?;
    if text.is_empty() {
        return Ok(Priority::Normal);
    }
    let known =
        Priority::ALL.into_iter().find(|priority| format!("{priority:?}").eq_ignore_ascii_case(&text));
    known.ok_or_else(|| cells.problem("priority", format!("there is no priority “{text}”")))
}
