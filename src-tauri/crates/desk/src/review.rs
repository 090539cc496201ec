//! A command that needs a decision: what it is up against, and how it is done again on top of that. Pure: a look at the picture.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{Actor, PromiseChannel, Task};
use domain::{CommandId, UserId};
use protocol::durable::{CommandState, NeedsUser, NewCommand, QueuedCommand};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{Dispute, Meanwhile, MeanwhileView};
use protocol::wire::{CommandBody, Item, Rejection, TaskDraft, merge_poi, op};

use crate::picture::Picture;
use crate::rows::CachedRow;

/// A step or note this close to the row's last change is what changed it.
const SAME_CHANGE: TimeDelta = TimeDelta::seconds(2);

/// A command and what the server has of its target.
pub struct Case<'a> {
    queued: &'a QueuedCommand,
    theirs: Theirs,
}

/// What the server has of a command's target.
enum Theirs {
    /// This, as far as it is known here.
    Row(Box<CachedRow>),
    /// Nothing any more.
    Gone,
    /// Nothing yet: the command makes it, or builds on one that does.
    NotYet,
}

impl<'a> Case<'a> {
    /// What a command is up against: the newer of the cached row and the one that came with the refusal.
    pub fn of(queued: &'a QueuedCommand, picture: &Picture) -> Self {
        let cached = picture.cached(queued.command.body.target());
        let theirs = match (told(&queued.state), cached) {
            (Told::Gone, _) => Theirs::Gone,
            (Told::Row(told), Some(cached)) if cached.version >= told.version => {
                Theirs::Row(Box::new(cached))
            }
            (Told::Row(told), _) => Theirs::Row(told),
            (Told::Nothing, Some(cached)) => Theirs::Row(Box::new(cached)),
            (Told::Nothing, None) if is_made_here(queued, picture.queue()) => Theirs::NotYet,
            (Told::Nothing, None) => Theirs::Gone,
        };
        Self { queued, theirs }
    }

    /// Mine against theirs.
    pub fn dispute(&self) -> Dispute {
        let theirs = match &self.theirs {
            Theirs::Row(row) => Some(&row.entity),
            Theirs::Gone => None,
            Theirs::NotYet => return Dispute::None,
        };
        match (&self.queued.command.body, theirs) {
            (CommandBody::TaskEdit { draft, base, .. }, Some(Entity::Task(task))) => {
                let theirs = Box::new(TaskDraft::of(task));
                let (_, clashes) = draft.merge(base, &theirs);
                Dispute::Edit { base: base.clone(), mine: Box::new(draft.clone()), theirs, clashes }
            }
            (CommandBody::TaskAssign { resource, .. }, Some(Entity::Task(task))) => {
                Dispute::Assignment { mine: *resource, theirs: task.resource }
            }
            (CommandBody::TaskStatus { to, .. }, Some(Entity::Task(task))) => {
                Dispute::Status { mine: *to, theirs: task.status }
            }
            (CommandBody::BidSetWinner { resource, .. }, Some(Entity::Bid(bid))) => {
                Dispute::Winner { mine: *resource, theirs: bid.winner() }
            }
            (CommandBody::PoiPut(mine) | CommandBody::PoiEdit { draft: mine, .. }, None) => {
                Dispute::Place { mine: Some(mine.clone()), theirs: None }
            }
            (CommandBody::PoiPut(mine), Some(Entity::Poi(theirs))) => {
                Dispute::Place { mine: Some(mine.clone()), theirs: Some(Box::new(theirs.clone())) }
            }
            (CommandBody::PoiDelete { .. }, Some(Entity::Poi(theirs))) => {
                Dispute::Place { mine: None, theirs: Some(Box::new(theirs.clone())) }
            }
            (CommandBody::PoiEdit { draft, base }, Some(Entity::Poi(theirs))) => {
                let (_, clashes) = merge_poi(draft, base, theirs);
                let (mine, theirs) = (draft.clone(), Box::new(theirs.clone()));
                Dispute::PlaceEdit { base: base.clone(), mine, theirs, clashes }
            }
            (CommandBody::RulePut(mine), None) => Dispute::Rule { mine: Some(mine.clone()), theirs: None },
            (CommandBody::RulePut(mine), Some(Entity::Rule(theirs))) => {
                Dispute::Rule { mine: Some(mine.clone()), theirs: Some(Box::new(theirs.clone())) }
            }
            (CommandBody::RuleDelete { .. }, Some(Entity::Rule(theirs))) => {
                Dispute::Rule { mine: None, theirs: Some(Box::new(theirs.clone())) }
            }
            (_, None) => Dispute::Gone,
            (_, Some(_)) => Dispute::None,
        }
    }

    /// What others than `me` did to the target since `since` (the server's time), oldest first.
    pub fn meanwhile(&self, since: DateTime<Utc>, me: UserId) -> Vec<MeanwhileView> {
        let Theirs::Row(row) = &self.theirs else { return Vec::new() };
        let mut did = match &row.entity {
            Entity::Task(task) => steps_and_notes(task, me),
            Entity::Company(_)
            | Entity::User(_)
            | Entity::Group(_)
            | Entity::Skill(_)
            | Entity::Profile(_)
            | Entity::Resource(_)
            | Entity::TaskType(_)
            | Entity::Bid(_)
            | Entity::Poi(_)
            | Entity::Attendance(_)
            | Entity::Form(_)
            | Entity::Submission(_)
            | Entity::Rule(_)
            | Entity::Alert(_) => Vec::new(),
        };
        did.retain(|did| did.at > since);
        // A conflict means that somebody changed the row, however the clocks stand to each other.
        let is_news = row.at > since || self.is_conflict();
        if is_news && !did.iter().any(|did| (did.at - row.at).abs() < SAME_CHANGE) {
            did.push(MeanwhileView { at: row.at, what: Meanwhile::Changed { by: None } });
        }
        did.sort_by_key(|did| did.at);
        did
    }

    /// The same again on top of theirs. An edit keeps what others did to fields that it does not touch.
    pub fn again(&self, id: CommandId, now: DateTime<Utc>) -> NewCommand {
        let command = &self.queued.command;
        let theirs = match &self.theirs {
            Theirs::Row(row) => Some(&row.entity),
            Theirs::Gone | Theirs::NotYet => None,
        };
        let body = match (&command.body, theirs) {
            (CommandBody::TaskEdit { task, draft, base }, Some(Entity::Task(row))) => {
                let theirs = TaskDraft::of(row);
                let draft = draft.merge(base, &theirs).0;
                CommandBody::TaskEdit { task: *task, draft, base: Box::new(theirs) }
            }
            (CommandBody::PoiEdit { draft, base }, Some(Entity::Poi(theirs))) => {
                let draft = Box::new(merge_poi(draft, base, theirs).0);
                CommandBody::PoiEdit { draft, base: Box::new(theirs.clone()) }
            }
            // A place that somebody deleted is made anew.
            (CommandBody::PoiEdit { draft, .. }, None) => CommandBody::PoiPut(draft.clone()),
            (body, _) => body.clone(),
        };
        // It gets as long again as it had at first.
        let valid_until = command.valid_until.map(|until| now + (until - command.occurred.wall));
        let valid_until = deadline(&body).or(valid_until);
        NewCommand { id, if_match: self.seen_version(), body, valid_until, depends_on: None }
    }

    /// The version that the user sees in the review, where the command was strict about it.
    fn seen_version(&self) -> Option<u64> {
        let before = self.queued.command.if_match;
        match (&self.theirs, &self.queued.command.body) {
            (Theirs::Row(row), CommandBody::PoiPut(_) | CommandBody::RulePut(_)) => Some(row.version),
            (Theirs::Row(row), _) => before.map(|_| row.version),
            // What somebody deleted is made anew.
            (Theirs::Gone, CommandBody::PoiPut(_) | CommandBody::RulePut(_)) => None,
            (Theirs::Gone | Theirs::NotYet, _) => before,
        }
    }

    /// Whether there is still something to do it to.
    pub fn has_target(&self) -> bool {
        match (&self.theirs, &self.queued.command.body) {
            (
                Theirs::Gone,
                CommandBody::PoiPut(_) | CommandBody::PoiEdit { .. } | CommandBody::RulePut(_),
            ) => true,
            (Theirs::Gone, _) => false,
            (Theirs::Row(_) | Theirs::NotYet, _) => true,
        }
    }

    fn is_conflict(&self) -> bool {
        matches!(&self.queued.state, CommandState::NeedsUser { why: NeedsUser::Conflict { .. } })
    }
}

/// A moment that is part of the command itself: an offer makes no sense after its own deadline, nor does a message after the time that
/// it promises. What was said on the phone was said, however late the server hears of it.
pub fn deadline(body: &CommandBody) -> Option<DateTime<Utc>> {
    match body {
        CommandBody::BidOpen(invitation) => Some(invitation.deadline),
        CommandBody::TaskPromise { promise, .. } if promise.channel == PromiseChannel::Message => {
            Some(promise.until)
        }
        CommandBody::TaskCreate(_)
        | CommandBody::TaskEdit { .. }
        | CommandBody::TaskAssign { .. }
        | CommandBody::TaskStatus { .. }
        | CommandBody::TaskPlan { .. }
        | CommandBody::TaskPromise { .. }
        | CommandBody::TaskPromiseWithdraw { .. }
        | CommandBody::TaskNote { .. }
        | CommandBody::BidSetWinner { .. }
        | CommandBody::BidCancel { .. }
        | CommandBody::LocationRequest { .. }
        | CommandBody::AlertRaise(_)
        | CommandBody::AlertAct { .. }
        | CommandBody::PoiPut(_)
        | CommandBody::PoiEdit { .. }
        | CommandBody::RulePut(_)
        | CommandBody::RuleDelete { .. }
        | CommandBody::PoiDelete { .. } => None,
    }
}

/// Commands that failed only because `n` was not done, in order: they go again with it.
pub fn followers(queue: &[QueuedCommand], n: u64) -> Vec<&QueuedCommand> {
    let Some(first) = queue.iter().find(|queued| queued.command.n == n) else { return Vec::new() };
    let (mut numbers, mut targets) = (BTreeSet::from([n]), BTreeSet::new());
    targets.extend(made_by(&first.command.body));
    let mut following = Vec::new();
    for queued in queue.iter().filter(|queued| queued.command.n > n) {
        let follows = match &queued.state {
            CommandState::NeedsUser { why: NeedsUser::DependsOn { n } } => numbers.contains(n),
            CommandState::Failed { reason: Rejection::NotFound | Rejection::Dependency } => {
                targets.contains(&queued.command.body.target())
            }
            CommandState::NeedsUser { .. }
            | CommandState::Failed { .. }
            | CommandState::Queued
            | CommandState::InFlight
            | CommandState::Acked { .. } => false,
        };
        if follows {
            numbers.insert(queued.command.n);
            targets.extend(made_by(&queued.command.body));
            following.push(queued);
        }
    }
    following
}

/// What the server said of the target when it refused.
enum Told {
    Row(Box<CachedRow>),
    Gone,
    Nothing,
}

fn told(state: &CommandState) -> Told {
    match state {
        CommandState::NeedsUser { why: NeedsUser::Conflict { current: None } } => Told::Gone,
        CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(item) } } => told_row(item),
        CommandState::NeedsUser { .. }
        | CommandState::Queued
        | CommandState::InFlight
        | CommandState::Acked { .. }
        | CommandState::Failed { .. } => Told::Nothing,
    }
}

fn told_row(item: &Item) -> Told {
    match item.decode() {
        Ok(Some(entity)) => Told::Row(Box::new(CachedRow { entity, version: item.version, at: item.at })),
        Ok(None) if item.op == op::DEL => Told::Gone,
        Ok(None) | Err(_) => Told::Nothing,
    }
}

/// The row that a command makes.
fn made_by(body: &CommandBody) -> Option<(EntityKind, uuid::Uuid)> {
    match body {
        CommandBody::TaskCreate(_)
        | CommandBody::BidOpen(_)
        | CommandBody::PoiPut(_)
        | CommandBody::RulePut(_)
        | CommandBody::AlertRaise(_) => Some(body.target()),
        CommandBody::TaskEdit { .. }
        | CommandBody::TaskAssign { .. }
        | CommandBody::TaskStatus { .. }
        | CommandBody::TaskPlan { .. }
        | CommandBody::TaskPromise { .. }
        | CommandBody::TaskPromiseWithdraw { .. }
        | CommandBody::TaskNote { .. }
        | CommandBody::BidSetWinner { .. }
        | CommandBody::BidCancel { .. }
        | CommandBody::LocationRequest { .. }
        | CommandBody::AlertAct { .. }
        | CommandBody::PoiEdit { .. }
        | CommandBody::RuleDelete { .. }
        | CommandBody::PoiDelete { .. } => None,
    }
}

fn is_made_here(queued: &QueuedCommand, queue: &[QueuedCommand]) -> bool {
    let target = queued.command.body.target();
    // A put with a version is about a place that was there.
    let makes = |other: &QueuedCommand| {
        made_by(&other.command.body) == Some(target) && other.command.if_match.is_none()
    };
    queue.iter().any(makes)
}

fn steps_and_notes(task: &Task, me: UserId) -> Vec<MeanwhileView> {
    let others = |by: &Actor| *by != Actor::Office(me);
    let steps = task.timeline.iter().filter(|step| others(&step.by)).map(|step| MeanwhileView {
        at: step.at,
        what: Meanwhile::Step { status: step.status, by: step.by },
    });
    let notes = task.notes.iter().filter(|note| others(&note.by)).map(|note| MeanwhileView {
        at: note.at,
        what: Meanwhile::Note { text: note.text.clone(), by: note.by },
    });
    steps.chain(notes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::bid::Invitation;
    use domain::{BidId, ResourceId, TaskId};
    use protocol::wire::{Command, Occurred};
    use uuid::Uuid;

    fn queued(n: u64, body: CommandBody, depends_on: Option<u64>, state: CommandState) -> QueuedCommand {
        let command = Command {
            n,
            id: CommandId(Uuid::from_u128(n.into())),
            body,
            if_match: None,
            occurred: Occurred { wall: DateTime::UNIX_EPOCH, mono_age_ms: 0 },
            valid_until: None,
            depends_on,
        };
        QueuedCommand { command, state, attempts: 1, seen: false }
    }

    fn task() -> TaskId {
        TaskId(Uuid::from_u128(1))
    }

    fn create() -> CommandBody {
        CommandBody::TaskCreate(TaskDraft { title: "Leak".to_owned(), ..crate::plain::draft(1) })
    }

    fn failed(reason: Rejection) -> CommandState {
        CommandState::Failed { reason }
    }

    #[test]
    fn what_failed_for_want_of_a_command_goes_again_with_it() {
        let bid = BidId(Uuid::from_u128(2));
        let resource = ResourceId(Uuid::from_u128(3));
        let offer =
            Invitation { id: bid, task: task(), invite: vec![resource], deadline: DateTime::UNIX_EPOCH };
        let note = |text: &str| CommandBody::TaskNote { task: task(), text: text.to_owned() };
        let orphan = CommandState::NeedsUser { why: NeedsUser::DependsOn { n: 1 } };
        let queue = [
            queued(1, create(), None, failed(Rejection::Forbidden)),
            queued(2, note("not there"), None, failed(Rejection::NotFound)),
            queued(3, CommandBody::BidOpen(offer), Some(1), orphan),
            queued(4, CommandBody::BidCancel { bid }, None, failed(Rejection::NotFound)),
            queued(5, note("refused for another reason"), None, failed(Rejection::Forbidden)),
            queued(6, note("on its way"), None, CommandState::Queued),
        ];
        let numbers = |n| followers(&queue, n).iter().map(|queued| queued.command.n).collect::<Vec<_>>();
        assert_eq!(numbers(1), [2, 3, 4], "the note, the offer, and what was done to the offer");
        assert_eq!(numbers(2), [0; 0], "nothing builds on a note");
    }

    #[test]
    fn a_command_on_a_row_that_is_still_to_be_made_is_not_up_against_nothing() {
        let mut picture = Picture::new(UserId(Uuid::from_u128(9)));
        let note = CommandBody::TaskNote { task: task(), text: "later".to_owned() };
        picture.set_queue(vec![
            queued(1, create(), None, failed(Rejection::Forbidden)),
            queued(2, note.clone(), None, failed(Rejection::NotFound)),
        ]);
        let case = Case::of(&picture.queue()[1], &picture);
        assert_eq!((case.dispute(), case.has_target()), (Dispute::None, true), "its task may still come");
        picture.set_queue(vec![queued(2, note, None, failed(Rejection::NotFound))]);
        let case = Case::of(&picture.queue()[0], &picture);
        assert_eq!((case.dispute(), case.has_target()), (Dispute::Gone, false), "this one's is gone");
    }
}
