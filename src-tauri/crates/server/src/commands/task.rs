//! Commands about tasks.

use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::task::{
    Choice, ChoiceMade, MessageState, Note, PromiseChannel, PromiseDraft, StatusStep, Task, TaskStatus,
};
use domain::{PromiseId, ResourceId, TaskId};
use protocol::entity::EntityKind;
use protocol::wire::{DraftError, Rejection, TaskDraft};

use super::{Done, Refused, Work};
use crate::storage::{MessageRow, StorageError};

/// Longest remark, bytes.
const NOTE_BYTES: usize = 5_000;

impl Work<'_, '_, '_> {
    pub(super) fn create_task(&mut self, draft: &TaskDraft) -> Result<Done, Refused> {
        self.check_draft(draft)?;
        let company = self.ledger.company().0;
        if self.ledger.tx().entity(company, EntityKind::Task, draft.id.0)?.is_some() {
            return Err(Rejection::Exists.into());
        }
        let (at, by) = (self.occurred(), self.actor());
        let number = self.ledger.next_task_number()?;
        let mut created = draft.new_task(number, at);
        created.timeline.push(StatusStep { status: TaskStatus::NewTask, at, by, reason: None });
        Ok(self.ledger.put(created)?.into())
    }

    pub(super) fn edit_task(
        &mut self,
        id: TaskId,
        draft: &TaskDraft,
        base: &TaskDraft,
    ) -> Result<Done, Refused> {
        let (mut task, _) = self.visible::<Task>(id.0)?;
        if draft.id != id || base.id != id {
            return Err(Rejection::NotFound.into());
        }
        let (merged, clashes) = draft.merge(base, &TaskDraft::of(&task));
        if !clashes.is_empty() {
            return Err(Refused::Conflict);
        }
        self.check_draft(&merged)?;
        merged.apply_to(&mut task);
        Ok(self.ledger.put(task)?.into())
    }

    fn check_draft(&self, draft: &TaskDraft) -> Result<(), Refused> {
        draft.check().map_err(Rejection::Draft)?;
        if let Some(kind) = draft.task_type {
            self.exists(EntityKind::TaskType, kind.0)?;
        }
        if let Some(poi) = draft.poi {
            self.exists(EntityKind::Poi, poi.0)?;
        }
        draft.skills.iter().try_for_each(|skill| self.exists(EntityKind::Skill, skill.0))
    }

    pub(super) fn assign_task(
        &mut self,
        id: TaskId,
        resource: Option<ResourceId>,
        choice: Option<&ChoiceMade>,
    ) -> Result<Done, Refused> {
        let mut task = self.assignable(id, resource)?;
        if choice.is_some_and(|made| !made.fits(resource)) {
            return Err(Rejection::Choice.into());
        }
        let at = self.occurred();
        task.assign(resource, at, self.actor()).map_err(Rejection::Assign)?;
        let by = self.sender.principal.user.id;
        task.choices.extend(choice.map(|made| Choice { at, by, made: made.clone() }));
        Ok(self.ledger.put(task)?.into())
    }

    pub(super) fn plan_task(
        &mut self,
        id: TaskId,
        resource: Option<ResourceId>,
        planned_start: Option<DateTime<Utc>>,
    ) -> Result<Done, Refused> {
        let mut task = self.assignable(id, resource)?;
        task.plan(resource, planned_start, self.occurred(), self.actor()).map_err(Rejection::Assign)?;
        Ok(self.ledger.put(task)?.into())
    }

    /// A task as the user saw it, that may go to `resource`.
    fn assignable(&self, id: TaskId, resource: Option<ResourceId>) -> Result<Task, Refused> {
        let (task, version) = self.visible::<Task>(id.0)?;
        if let Some(resource) = resource {
            self.reachable(Action::AssignTask, resource)?;
        }
        if self.seen_version()? != Some(version) {
            return Err(Refused::Conflict);
        }
        Ok(task)
    }

    /// A customer was told when somebody comes, or is to be told by a message.
    pub(super) fn promise_arrival(
        &mut self,
        id: TaskId,
        promise: &PromiseDraft,
        text: Option<&str>,
    ) -> Result<Done, Refused> {
        let (mut task, version) = self.visible::<Task>(id.0)?;
        // What was said on the phone was said then; a message is told when it goes out.
        let at = match promise.channel {
            PromiseChannel::Message => self.ledger.now(),
            PromiseChannel::Phone | PromiseChannel::Other => self.occurred(),
        };
        promise.check(at).map_err(Rejection::Promise)?;
        promise.check_text(text).map_err(Rejection::Promise)?;
        if task.promises.iter().any(|known| known.id == promise.id) {
            return Ok(Done { version, seq: None });
        }
        task.promise(promise, at, self.actor()).map_err(Rejection::Promise)?;
        if let Some(text) = text {
            self.queue_message(&mut task, promise.id, text)?;
        }
        Ok(self.ledger.put(task)?.into())
    }

    /// The message waits for the company's webhook; without one it has failed.
    fn queue_message(&self, task: &mut Task, promise: PromiseId, text: &str) -> Result<(), StorageError> {
        let (now, company) = (self.ledger.now(), self.ledger.company());
        if self.ledger.tx().webhook(company.0)?.is_none() {
            task.note_message(promise, MessageState::Failed { at: now });
            return Ok(());
        }
        let text = text.trim().to_owned();
        let (queued, due, tries) = (now, now, 0);
        self.ledger.tx().insert_message(&MessageRow {
            task: task.id,
            promise,
            company,
            text,
            queued,
            due,
            tries,
        })
    }

    pub(super) fn withdraw_promise(&mut self, id: TaskId, promise: PromiseId) -> Result<Done, Refused> {
        let (mut task, _) = self.visible::<Task>(id.0)?;
        task.withdraw_promise(promise, self.occurred()).map_err(Rejection::Promise)?;
        Ok(self.ledger.put(task)?.into())
    }

    pub(super) fn step_task(
        &mut self,
        id: TaskId,
        status: TaskStatus,
        reason: Option<String>,
    ) -> Result<Done, Refused> {
        let (mut task, _) = self.visible::<Task>(id.0)?;
        if reason.as_ref().is_some_and(|reason| reason.len() > NOTE_BYTES) {
            return Err(Rejection::Draft(DraftError::TooLong).into());
        }
        let step = StatusStep { status, at: self.occurred(), by: self.actor(), reason };
        task.advance(step).map_err(Rejection::Step)?;
        Ok(self.ledger.put(task)?.into())
    }

    pub(super) fn note_task(&mut self, id: TaskId, text: &str) -> Result<Done, Refused> {
        let (mut task, _) = self.visible::<Task>(id.0)?;
        if text.len() > NOTE_BYTES {
            return Err(Rejection::Draft(DraftError::TooLong).into());
        }
        task.notes.push(Note { at: self.occurred(), by: self.actor(), text: text.to_owned() });
        Ok(self.ledger.put(task)?.into())
    }
}
