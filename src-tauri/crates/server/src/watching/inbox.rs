//! What waits for the watcher.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{CompanyId, ResourceId};
use protocol::entity::{Entity, EntityKind};
use uuid::Uuid;

/// More than this waits for nobody: the watchers are made anew then. What comes in while they are made has to have room, else they would be
/// made over and over again.
const MOST: usize = 200_000;
/// The clock ticks in the meantime.
const WAIT: Duration = Duration::from_secs(1);

/// Something that the watcher has to know.
#[derive(Debug)]
pub(crate) enum Input {
    /// Fixes of a resource were taken in.
    Fixes { company: CompanyId, resource: ResourceId, fixes: Vec<Fix>, at: DateTime<Utc> },
    /// A device was heard.
    Heard { company: CompanyId, resource: ResourceId, at: DateTime<Utc> },
    /// Rows have changed.
    Rows { company: CompanyId, changed: Vec<Entity>, gone: Vec<(EntityKind, Uuid)> },
}

impl Input {
    pub fn company(&self) -> CompanyId {
        match self {
            Input::Fixes { company, .. } | Input::Heard { company, .. } | Input::Rows { company, .. } => {
                *company
            }
        }
    }

    /// How much room it takes.
    fn weight(&self) -> usize {
        match self {
            Input::Fixes { fixes, .. } => fixes.len(),
            Input::Heard { .. } => 1,
            Input::Rows { changed, gone, .. } => changed.len() + gone.len(),
        }
    }
}

/// What waits for the watcher, in order. Nobody who puts something in ever has to wait.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    inputs: Vec<Input>,
    weight: usize,
    overflown: bool,
    closed: bool,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something in.
    pub fn put(&self, input: Input) {
        let mut waiting = self.lock();
        if waiting.overflown {
            return;
        }
        waiting.weight += input.weight();
        waiting.inputs.push(input);
        if waiting.weight > MOST {
            *waiting = Waiting { overflown: true, closed: waiting.closed, ..Waiting::default() };
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Takes all that is there; `false` beside it when something had no room.
    pub fn take(&self) -> (Vec<Input>, bool) {
        let mut waiting = self.lock();
        let closed = waiting.closed;
        let taken = std::mem::replace(&mut *waiting, Waiting { closed, ..Waiting::default() });
        (taken.inputs, !taken.overflown)
    }

    /// Waits until something is there, but not longer than the clock; `false` once it is closed.
    pub fn wait(&self) -> bool {
        let is_idle = |waiting: &mut Waiting| waiting.inputs.is_empty() && !waiting.closed;
        let waited = self.filled.wait_timeout_while(self.lock(), WAIT, is_idle);
        let (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !waiting.closed
    }

    /// Nothing is waited for any more.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard() -> Input {
        let (company, resource) = (CompanyId(Uuid::nil()), ResourceId(Uuid::nil()));
        Input::Heard { company, resource, at: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn what_has_no_room_is_known_to_be_missing() {
        let inbox = Inbox::default();
        inbox.put(heard());
        assert!(matches!(inbox.take(), (inputs, true) if inputs.len() == 1), "one, and nothing is missing");
        (0..=MOST).for_each(|_| inbox.put(heard()));
        assert!(matches!(inbox.take(), (inputs, false) if inputs.is_empty()), "too many: start over");
        assert!(matches!(inbox.take(), (_, true)), "which is told once");
    }

    #[test]
    fn closing_ends_the_waiting() {
        let inbox = Inbox::default();
        inbox.put(heard());
        assert!(inbox.wait(), "something is there");
        inbox.close();
        assert!(!inbox.wait(), "the end");
    }
}
