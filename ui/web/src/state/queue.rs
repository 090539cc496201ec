//! What waits for the server, sorted by what it needs from the user.

use domain::ResourceId;
use leptos::prelude::*;
use protocol::view::{QueuedCommandView, QueuedState, Subject};

use super::{Desk, Page};

/// Where a command belongs in the list of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Heap {
    /// Somebody has to choose.
    Decide,
    /// It goes by itself.
    OnItsWay,
    /// It will not be done as it is.
    Failed,
}

impl Heap {
    /// All, as they are listed.
    pub const ALL: [Heap; 3] = [Heap::Decide, Heap::OnItsWay, Heap::Failed];

    /// Of a command.
    pub fn of(state: &QueuedState) -> Heap {
        match state {
            QueuedState::Conflict | QueuedState::Fenced => Heap::Decide,
            QueuedState::Waiting | QueuedState::Sending | QueuedState::Confirming => Heap::OnItsWay,
            QueuedState::Rejected { .. } | QueuedState::Expired => Heap::Failed,
        }
    }
}

/// The commands as listed: heap by heap, within one in the order in which they were done.
pub fn in_order(queue: &[QueuedCommandView]) -> Vec<u64> {
    let mut order: Vec<(Heap, u64)> =
        queue.iter().map(|command| (Heap::of(&command.state), command.n)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, n)| n).collect()
}

/// The command to look at for a subject: one that needs somebody, else the first.
fn most_pressing(queue: &[QueuedCommandView], subject: Subject) -> Option<u64> {
    let own = queue.iter().filter(|command| command.subject == Some(subject));
    own.min_by_key(|command| (Heap::of(&command.state) == Heap::OnItsWay, command.n)).map(|command| command.n)
}

/// The one that takes the place of `gone` in the list: the next one that needs somebody, else the first.
pub fn after(order: &[u64], queue: &[QueuedCommandView], gone: u64) -> Option<u64> {
    let needs = |n: &&u64| {
        let command = queue.iter().find(|command| command.n == **n);
        command.is_some_and(|command| Heap::of(&command.state) != Heap::OnItsWay)
    };
    let others = || order.iter().filter(|n| **n != gone);
    others()
        .filter(|n| **n > gone)
        .find(needs)
        .or_else(|| others().find(needs))
        .or_else(|| others().next())
        .copied()
}

/// How much of what somebody has is still waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// Nothing.
    Nothing,
    /// A change is on its way.
    OnItsWay,
    /// A change needs a decision, or failed.
    NeedsDecision,
}

impl Unsent {
    /// From a row's two flags.
    pub fn of(pending: bool, attention: bool) -> Self {
        match (attention, pending) {
            (true, _) => Unsent::NeedsDecision,
            (false, true) => Unsent::OnItsWay,
            (false, false) => Unsent::Nothing,
        }
    }
}

impl Desk {
    /// Opens the page of changes at a command, or at the first one.
    pub fn show_change(self, n: Option<u64>) {
        self.look
            .change
            .set(n.or_else(|| self.queue.with_untracked(|queue| in_order(queue).first().copied())));
        self.look.page.set(Page::Changes);
    }

    /// Opens the page of changes at what is most pressing about `subject`.
    pub fn show_change_of(self, subject: Subject) {
        self.show_change(self.queue.with_untracked(|queue| most_pressing(queue, subject)));
    }

    /// Commands that need somebody.
    pub fn attention(self) -> usize {
        self.queue
            .with(|queue| queue.iter().filter(|command| Heap::of(&command.state) != Heap::OnItsWay).count())
    }

    /// What waits about one thing.
    pub fn unsent_about(self, subject: Subject) -> Unsent {
        self.queue.with(|queue| {
            let own = queue.iter().filter(|command| command.subject == Some(subject));
            let needs = own.map(|command| Heap::of(&command.state) != Heap::OnItsWay).max();
            needs.map_or(Unsent::Nothing, |attention| Unsent::of(true, attention))
        })
    }

    /// What waits of somebody's tasks and of themselves, and what it is about.
    pub fn unsent_of(self, resource: ResourceId) -> Option<(Subject, Unsent)> {
        let theirs = |command: &QueuedCommandView| match command.subject? {
            subject @ Subject::Resource(id) => (id == resource).then_some(subject),
            subject @ Subject::Task(id) => {
                let row = self.rows.tasks.get(id)?;
                (row.task.resource == Some(resource)).then_some(subject)
            }
            Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_) => None,
        };
        self.queue.with(|queue| {
            let found = queue.iter().filter_map(|command| Some((Heap::of(&command.state), theirs(command)?)));
            let (heap, subject) = found.min_by_key(|(heap, _)| *heap == Heap::OnItsWay)?;
            let unsent = if heap == Heap::OnItsWay { Unsent::OnItsWay } else { Unsent::NeedsDecision };
            Some((subject, unsent))
        })
    }
}

#[cfg(test)]
mod tests {
    use protocol::wire::Rejection;

    use super::*;

    fn command(n: u64, task: u128, state: QueuedState) -> QueuedCommandView {
        let at = "2026-11-23T10:00:00Z".parse().expect("a time");
        let subject = Some(Subject::Task(uuid::Uuid::from_u128(task).into()));
        QueuedCommandView { n, at, kind: "task_edit".to_owned(), subject, state }
    }

    fn queue() -> Vec<QueuedCommandView> {
        vec![
            command(1, 7, QueuedState::Waiting),
            command(2, 7, QueuedState::Conflict),
            command(3, 8, QueuedState::Rejected { reason: Rejection::NotFound }),
            command(4, 9, QueuedState::Sending),
            command(5, 9, QueuedState::Fenced),
        ]
    }

    #[test]
    fn what_needs_a_decision_comes_first_and_what_failed_last() {
        assert_eq!(in_order(&queue()), [2, 5, 1, 4, 3], "decide, on their way, failed; each in its order");
    }

    #[test]
    fn a_marked_row_opens_what_needs_somebody_not_what_waits() {
        let task = |n: u128| Subject::Task(uuid::Uuid::from_u128(n).into());
        assert_eq!(most_pressing(&queue(), task(7)), Some(2), "the conflict, though another one was first");
        assert_eq!(most_pressing(&queue(), task(8)), Some(3), "the refused one");
        assert_eq!(most_pressing(&queue(), task(1)), None, "nothing of this task waits");
    }

    #[test]
    fn after_a_decision_the_next_one_is_up() {
        let order = in_order(&queue());
        assert_eq!(after(&order, &queue(), 2), Some(5), "the next that needs somebody");
        assert_eq!(after(&order, &queue(), 5), Some(2), "at the end it begins again");
        assert_eq!(after(&[1], &queue(), 1), None, "nothing is left");
    }
}
