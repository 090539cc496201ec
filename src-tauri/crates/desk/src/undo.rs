//! Taking an assignment back within its time.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CommandId, ResourceId, TaskId};
use protocol::durable::CommandState;
use protocol::view::{DeskError, DeskErrorCode};

use crate::picture::Picture;

/// How long an assignment can be taken back.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// Assignments that can still be taken back.
#[derive(Debug, Default)]
pub struct Undoable(HashMap<CommandId, Assignment>);

/// An assignment and what was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Which task.
    pub task: TaskId,
    /// Who has got it.
    pub to: Option<ResourceId>,
    /// Who had it.
    pub before: Option<ResourceId>,
    /// Until when it can be taken back.
    pub until: DateTime<Utc>,
}

/// How to take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It was never sent (or not done): it is given up; should it be sent meanwhile, it is assigned back.
    Discard {
        /// Its number.
        n: u64,
        /// What it was.
        assignment: Assignment,
    },
    /// The server may have done it: assign back.
    AssignBack(Assignment),
}

impl Undoable {
    /// Remembers an assignment; those whose time is over are forgotten.
    pub fn remember(&mut self, id: CommandId, assignment: Assignment, now: DateTime<Utc>) {
        self.0.retain(|_, known| known.until >= now);
        self.0.insert(id, assignment);
    }

    /// How to take it back now; then it is forgotten.
    ///
    /// # Errors
    /// [`DeskErrorCode::TooLateToUndo`] when its time is over, or somebody has assigned the task again.
    pub fn take(&mut self, id: CommandId, picture: &Picture, now: DateTime<Utc>) -> Result<Undo, DeskError> {
        let too_late = || DeskError::from(DeskErrorCode::TooLateToUndo);
        let assignment = self.0.get(&id).copied().filter(|known| now <= known.until).ok_or_else(too_late)?;
        let shown = picture.shown().tasks.get(&assignment.task).ok_or_else(too_late)?;
        let undo = match picture.queue().iter().find(|queued| queued.command.id == id && !queued.seen) {
            Some(queued) => match queued.state {
                CommandState::Queued if queued.attempts == 0 => {
                    Undo::Discard { n: queued.command.n, assignment }
                }
                CommandState::NeedsUser { .. } | CommandState::Failed { .. } => {
                    Undo::Discard { n: queued.command.n, assignment }
                }
                CommandState::Queued | CommandState::InFlight | CommandState::Acked { .. } => {
                    Undo::AssignBack(assignment)
                }
            },
            None if shown.data.resource == assignment.to => Undo::AssignBack(assignment),
            None => return Err(too_late()),
        };
        self.0.remove(&id);
        Ok(undo)
    }
}
