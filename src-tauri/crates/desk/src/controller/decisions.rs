//! Commands that need a decision: laid open, done again, done otherwise, or given up.

use chrono::{DateTime, Utc};
use domain::CommandId;
use protocol::durable::{NewCommand, QueuedCommand};
use protocol::view::{DeskError, DeskErrorCode, DeskResponse, ReviewView};
use protocol::wire::{CommandBody, Rejection, TaskDraft};

use super::requests::answer;
use super::{Controller, Running};
use crate::check;
use crate::event::Reply;
use crate::link::LinkAsk;
use crate::review::{Case, followers};

impl Controller {
    pub(super) fn review(&mut self, n: u64) -> Result<DeskResponse, DeskError> {
        let now = self.now();
        let session = &self.signed_in()?.session;
        let queued = stuck(session.picture().queue(), n)?;
        let case = Case::of(queued, session.picture());
        let again = case.again(queued.command.id, now);
        let rules = check::command(session.picture().shown(), session.user(), &again.body, now);
        let since = session.at_server(queued.command.occurred.wall);
        Ok(DeskResponse::Review(Box::new(ReviewView {
            command: crate::session::queued_view(queued),
            dispute: case.dispute(),
            meanwhile: case.meanwhile(since, session.user().id),
            may_retry: case.has_target() && rules.is_ok(),
        })))
    }

    /// Mine: the command again on top of what is there now, and with it those that failed for want of it.
    pub(super) fn retry(&mut self, n: u64, reply: Reply) {
        let now = self.now();
        let following = self.signed_in().map(|running| {
            let queue = running.session.picture().queue();
            followers(queue, n).iter().map(|queued| queued.command.n).collect::<Vec<u64>>()
        });
        let numbers: Vec<u64> = std::iter::once(n).chain(following.unwrap_or_default()).collect();
        let ids: Vec<_> = numbers.iter().map(|_| self.command_id()).collect();
        let replacements = self.signed_in().and_then(|running| running.again(&numbers, ids, now));
        self.replace(replacements, reply);
    }

    /// An edit with other values than were wanted at first, made from `base`, which the user has seen as theirs.
    pub(super) fn revise(&mut self, n: u64, draft: TaskDraft, base: Box<TaskDraft>, reply: Reply) {
        let (id, now) = (self.command_id(), self.now());
        let revised = self.signed_in().and_then(|running| running.revised(n, draft, base)).and_then(|body| {
            let session = &self.signed_in()?.session;
            check::command(session.picture().shown(), session.user(), &body, now)?;
            Ok(vec![(n, NewCommand { id, body, if_match: None, valid_until: None, depends_on: None })])
        });
        self.replace(revised, reply);
    }

    /// Theirs: the command is given up.
    pub(super) fn discard(&mut self, n: u64, reply: Reply) {
        match self.signed_in() {
            Ok(_) => self.ask_link(LinkAsk::Discard { n, otherwise: None, reply: Some(reply) }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn replace(&mut self, replacements: Result<Vec<(u64, NewCommand)>, DeskError>, reply: Reply) {
        match replacements {
            Ok(replacements) => self.ask_link(LinkAsk::Replace { replacements, reply }),
            Err(error) => answer(reply, Err(error)),
        }
    }
}

impl Running {
    /// These commands again, in order; the first of them must be possible by what is known here.
    fn again(
        &self,
        numbers: &[u64],
        ids: Vec<CommandId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(u64, NewCommand)>, DeskError> {
        let picture = self.session.picture();
        let first = numbers.first().copied().unwrap_or_default();
        let queued = stuck(picture.queue(), first)?;
        let case = Case::of(queued, picture);
        let body = case.again(queued.command.id, now).body;
        check::command(picture.shown(), self.session.user(), &body, now)?;
        if !case.has_target() {
            return Err(DeskErrorCode::Refused(Rejection::NotFound).into());
        }
        let again = |(&n, id)| Ok((n, Case::of(stuck(picture.queue(), n)?, picture).again(id, now)));
        numbers.iter().zip(ids).map(again).collect()
    }

    fn revised(&self, n: u64, draft: TaskDraft, base: Box<TaskDraft>) -> Result<CommandBody, DeskError> {
        let queued = stuck(self.session.picture().queue(), n)?;
        let of_task = match &queued.command.body {
            CommandBody::TaskEdit { task, .. } => draft.id == *task && base.id == *task,
            CommandBody::TaskCreate(_)
            | CommandBody::TaskAssign { .. }
            | CommandBody::TaskStatus { .. }
            | CommandBody::TaskPlan { .. }
            | CommandBody::TaskPromise { .. }
            | CommandBody::TaskPromiseWithdraw { .. }
            | CommandBody::TaskNote { .. }
            | CommandBody::BidOpen(_)
            | CommandBody::BidSetWinner { .. }
            | CommandBody::BidCancel { .. }
            | CommandBody::LocationRequest { .. }
            | CommandBody::AlertRaise(_)
            | CommandBody::AlertAct { .. }
            | CommandBody::PoiPut(_)
            | CommandBody::PoiEdit { .. }
            | CommandBody::RulePut(_)
            | CommandBody::RuleDelete { .. }
            | CommandBody::PoiDelete { .. } => false,
        };
        check::in_range("draft", of_task)?;
        Ok(CommandBody::TaskEdit { task: draft.id, draft, base })
    }
}

/// The command of that number, which waits for the user.
fn stuck(queue: &[QueuedCommand], n: u64) -> Result<&QueuedCommand, DeskError> {
    let queued = queue.iter().find(|queued| queued.command.n == n);
    let queued = queued.ok_or(DeskErrorCode::Refused(Rejection::NotFound))?;
    if queued.state.is_pending() { Err(DeskErrorCode::TooLateToUndo.into()) } else { Ok(queued) }
}
