//! Tasks from CSV.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::task::{Actor, Priority, StatusStep, Task, TaskStatus};
use domain::{CompanyId, SkillId, TaskId, TaskTypeId};
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
    ],
);

/// Imports tasks: `title, lon, lat [, description, address, customer, type, priority, planned_minutes, skills (a;b), window_start,
/// window_end]`; times as `2026-11-23T10:00:00Z`. Types and skills have to be there.
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
        let time = |column| cells.parsed::<DateTime<Utc>>(column, "time like 2026-11-23T10:00:00Z");
        let (window_start, window_end) = (time("window_start")?, time("window_end")?);
        if window_start.zip(window_end).is_some_and(|(start, end)| end < start) {
            return Err(cells.problem("window_end", "is before window_start"));
        }
        let created = StatusStep { status: TaskStatus::NewTask, at: now, by: Actor::Server, reason: None };
        Ok(Task {
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
            load: 0,
            planned_start: None,
            promises: Vec::new(),
            choices: Vec::new(),
            timeline: vec![created],
            notes: Vec::new(),
            created_at: now,
        })
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

fn priority(cells: &Cells<'_>) -> Result<Priority, RowProblem> {
    let text = cells.text("priority", 20)?;
    if text.is_empty() {
        return Ok(Priority::Normal);
    }
    let known =
        Priority::ALL.into_iter().find(|priority| format!("{priority:?}").eq_ignore_ascii_case(&text));
    known.ok_or_else(|| cells.problem("priority", format!("there is no priority “{text}”")))
}
