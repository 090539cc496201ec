//! What dispatchers do in a campaign: create, edit, assign, remark and step tasks, on what their desk shows at that moment.

use anyhow::{Context, Result};
use domain::task::{Priority, Task, TaskStatus};
use domain::{ResourceId, TaskId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{CommandBody, TaskDraft};
use rand::Rng;
use rand::rngs::StdRng;

use super::company::{fresh, somewhere};
use super::desk::Desk;
use crate::plain;

/// The cache is looked at anew after so many commands: reading it whole for each would be the campaign's main work.
const LOOK_EVERY: usize = 10;

/// Somebody at a desk.
pub struct Dispatcher {
    /// Where they sit.
    pub desk: Desk,
    rng: StdRng,
    /// The tasks as the desk showed them last, with their versions.
    seen: Vec<(Task, u64)>,
    people: Vec<ResourceId>,
    done: usize,
}

impl Dispatcher {
    /// Sits down.
    pub fn new(desk: Desk, people: Vec<ResourceId>, rng: StdRng) -> Self {
        Dispatcher { desk, rng, seen: Vec::new(), people, done: 0 }
    }

    /// Does one thing.
    ///
    /// # Errors
    /// When it was not stored.
    pub async fn act(&mut self) -> Result<()> {
        if self.done.is_multiple_of(LOOK_EVERY) {
            self.look()?;
        }
        self.done += 1;
        let id = fresh(&mut self.rng);
        let (body, if_match) = self.choose()?;
        self.desk.submit(id, body, if_match).await?;
        Ok(())
    }

    /// The text of this desk's next remark, which nobody else ever writes.
    fn remark(&self) -> String {
        format!("{} remark {}", self.desk.login.user, self.done)
    }

    fn look(&mut self) -> Result<()> {
        let table = self.desk.cache()?.table()?;
        let tasks =
            table.range((EntityKind::Task, uuid::Uuid::nil())..=(EntityKind::Task, uuid::Uuid::max()));
        let read = tasks.map(|(_, (version, data))| {
            let Entity::Task(task) = EntityKind::Task.decode(data)? else {
                anyhow::bail!("another kind among the tasks");
            };
            Ok((task, *version))
        });
        self.seen = read.collect::<Result<_>>().context("the cache holds tasks")?;
        Ok(())
    }

    fn choose(&mut self) -> Result<(CommandBody, Option<u64>)> {
        let kind = self.rng.random_range(0..10);
        if self.seen.is_empty() || kind < 2 {
            return Ok((CommandBody::TaskCreate(self.draft()?), None));
        }
        let (task, version) = self.seen[self.rng.random_range(0..self.seen.len())].clone();
        Ok(match kind {
            2..=3 => (self.edit(&task), None),
            4..=5 => {
                let resource = Some(self.people[self.rng.random_range(0..self.people.len())]);
                (CommandBody::TaskAssign { task: task.id, resource, choice: None }, Some(version))
            }
            6 => {
                let steps = [TaskStatus::Acknowledged, TaskStatus::Canceled, TaskStatus::Closed];
                let to = steps[self.rng.random_range(0..steps.len())];
                (CommandBody::TaskStatus { task: task.id, to, reason: None }, None)
            }
            _ => (CommandBody::TaskNote { task: task.id, text: self.remark() }, None),
        })
    }

    fn edit(&mut self, task: &Task) -> CommandBody {
        let base = TaskDraft::of(task);
        let mut draft = base.clone();
        match self.rng.random_range(0..3) {
            0 => draft.title = format!("{} title {}", self.desk.login.user, self.done),
            1 => draft.planned_minutes = self.rng.random_range(1..=240),
            _ => draft.priority = Priority::High,
        }
        CommandBody::TaskEdit { task: task.id, draft, base: Box::new(base) }
    }

    fn draft(&mut self) -> Result<TaskDraft> {
        let title = format!("{} task {}", self.desk.login.user, self.done);
        let draft = plain::draft(TaskId(fresh(&mut self.rng)), &title);
        Ok(TaskDraft { at: somewhere(&mut self.rng)?, ..draft })
    }
}
