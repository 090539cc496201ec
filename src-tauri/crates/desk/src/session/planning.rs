//! The day plan of a session: asked, shown in parts, made and taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::task::{AssignError, TaskStatus};
use domain::{CommandId, ResourceId, TaskId};
use plan::DayPlan;
use protocol::durable::{CommandState, NewCommand, QueuedCommand};
use protocol::view::{DeskError, DeskErrorCode, DeskResponse, PlanProgressView, PlanRequest, ViewEvent};
use protocol::wire::{CommandBody, Rejection};
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::check;
use crate::link::Withdrawal;
use crate::planning::{
    Begun, Kept, Leave, Outcome, Question, Spot, Step, WayBack, basis, question, spot_of, starts_of,
};
use crate::work::{is_ahead, is_on_site};

/// A search that may begin.
pub struct PlanSearch {
    /// What is asked.
    pub question: Question,
    /// The plan's number.
    pub number: u64,
    /// Ends it early.
    pub cancel: CancellationToken,
    /// Leave to ask for drives.
    pub leave: Leave,
}

/// How moves are taken back.
#[derive(Debug)]
pub struct TakingBack {
    /// Commands that were never sent, each with what to do if it was sent meanwhile.
    pub withdrawals: Vec<Withdrawal>,
    /// Commands that put tasks back.
    pub commands: Vec<NewCommand>,
    /// The answer.
    pub response: DeskResponse,
}

impl Session {
    /// Makes a question of what is known now.
    ///
    /// # Errors
    /// What [`question`] says, and bad input while a search is under way.
    pub fn plan_day(&mut self, request: &PlanRequest, now: DateTime<Utc>) -> Result<PlanSearch, DeskError> {
        let question = question(&self.scene(now), request)?;
        let seen = question.unseen_starts.keys().copied().collect();
        let Begun { number, cancel, leave } = self.planning.begin(seen, now)?;
        Ok(PlanSearch { question, number, cancel, leave })
    }

    /// Ends the search that is under way, if one is.
    pub fn cancel_planning(&self) {
        self.planning.cancel();
    }

    /// The session ends, and the search that is under way with it.
    pub fn end_planning(&self) {
        self.planning.end();
    }

    /// How far the search of this number is; of one that was given up nobody hears.
    pub fn on_plan_progress(&mut self, number: u64, progress: PlanProgressView) {
        if self.planning.is_running(number) {
            self.tell(ViewEvent::PlanProgress(progress));
        }
    }

    /// The search of this number is over. Answers with the plan where it is not what was found any more, since nobody may know by now
    /// where somebody is.
    ///
    /// # Errors
    /// Refused (expired) where shifts or roads are other ones by now, or where the role or the groups have changed since it began;
    /// forbidden for whoever may not plan any more; internal where the plan contradicts itself.
    pub fn on_planned(
        &mut self,
        number: u64,
        plan: Option<Arc<Kept>>,
    ) -> Result<Option<Arc<Kept>>, DeskError> {
        let may_plan = self.user.role.may(Action::AssignTask);
        let found = self.planning.finish(number, plan.filter(|_| may_plan));
        if !self.planning.is_searching() {
            self.tell(ViewEvent::PlanProgress(PlanProgressView::Idle));
        }
        if may_plan { found } else { Err(DeskErrorCode::Forbidden.into()) }
    }

    /// A plan and the moves of it that are made or chosen.
    ///
    /// # Errors
    /// Refused where the plan is none or too old; bad input (`moves`) for a task that it does not move.
    pub fn plan_part(
        &mut self,
        plan: u64,
        moves: &[TaskId],
        now: DateTime<Utc>,
    ) -> Result<(Arc<Kept>, BTreeSet<TaskId>), DeskError> {
        let kept = self.planning.kept(plan, self.at_server(now))?;
        check::in_range("moves", moves.iter().all(|task| kept.moves(*task)))?;
        let chosen = moves.iter().chain(self.planning.made()).copied().collect();
        Ok((kept, chosen))
    }

    /// How many commands a plan, or taking one back, needs at most.
    pub fn most_plan_commands(&self) -> usize {
        self.planning.most_commands().max(self.planning.most_undos())
    }

    /// The commands that make moves of a plan. Tasks that somebody has touched since it was made stay, and the rest is timed without
    /// them.
    ///
    /// # Errors
    /// As [`Session::plan_part`].
    pub fn apply_plan(
        &mut self,
        (plan, moves): (u64, &[TaskId]),
        ids: impl Iterator<Item = CommandId>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<NewCommand>, DeskResponse), DeskError> {
        let (kept, chosen) = self.plan_part(plan, moves, now)?;
        let (mut going, mut stay) = (BTreeSet::new(), Vec::new());
        for task in chosen.difference(self.planning.made()).copied() {
            let to = kept.diff.moves.iter().find(|it| it.task == task).and_then(|it| it.to);
            match self.may_be_put(task, to, now) {
                Ok(()) => drop(going.insert(task)),
                Err(reason) => stay.push((task, reason)),
            }
        }
        let part = kept.part(&going.union(self.planning.made()).copied().collect())?;
        let mut steps = self.steps(&kept, &part, &going, now);
        let mut commands = Vec::with_capacity(steps.len());
        for (step, id) in steps.iter_mut().zip(ids) {
            step.commands.push(id);
            commands.push(self.command(step.after.command(step.task), id));
        }
        let moved = going.len() as u32;
        let moves = kept.diff.moves.iter().filter(|it| going.contains(&it.task)).map(|it| (it.task, it.to));
        let until = self.planning.applied(plan, moves.collect(), steps, now);
        Ok((commands, DeskResponse::PlanApplied { moved, kept: stay, failed: Vec::new(), until }))
    }

    /// Whether a task is as the plan knows it, and may get this place.
    fn may_be_put(&self, task: TaskId, to: Option<ResourceId>, now: DateTime<Utc>) -> Result<(), Rejection> {
        let row = self.picture.shown().tasks.get(&task).ok_or(Rejection::NotFound)?;
        let (task, status) = (&row.data, row.data.status);
        if status.is_over() {
            return Err(Rejection::Assign(AssignError::Over(status)));
        }
        let is_begun = is_on_site(status) || status == TaskStatus::EnRoute || status.is_started();
        if is_begun {
            return Err(Rejection::Assign(AssignError::Started(status)));
        }
        let is_waiting = is_ahead(status) || status == TaskStatus::Declined;
        if !is_waiting || self.planning.basis(task.id) != Some(&basis(&self.scene(now), task)) {
            return Err(Rejection::Expired);
        }
        let put = Spot { resource: to, planned_start: None }.command(task.id);
        self.would_be_refused(&put, now)
    }

    fn would_be_refused(&self, body: &CommandBody, now: DateTime<Utc>) -> Result<(), Rejection> {
        check::command(self.picture.shown(), &self.user, body, now).map_err(|error| {
            if let DeskErrorCode::Refused(reason) = error.code { reason } else { Rejection::Forbidden }
        })
    }

    /// What has to be done so that the days of those who get work are worked off as planned.
    fn steps(&self, kept: &Kept, part: &DayPlan, going: &BTreeSet<TaskId>, now: DateTime<Utc>) -> Vec<Step> {
        let moves = || kept.diff.moves.iter().filter(|it| going.contains(&it.task));
        let receivers: BTreeSet<ResourceId> = moves().filter_map(|it| it.to).collect();
        let mut steps = Vec::new();
        for (worker, route) in kept.problem.workers.iter().zip(&part.routes) {
            if !receivers.contains(&worker.id) {
                continue;
            }
            for (task, start) in starts_of(route, &worker.fixed) {
                let after = Spot { resource: Some(worker.id), planned_start: Some(start) };
                if going.contains(&task) || self.may_be_put(task, after.resource, now).is_ok() {
                    steps.extend(self.step(task, after));
                }
            }
        }
        let nowhere = moves().filter(|it| part.stop(it.task).is_none());
        let taken_away =
            nowhere.filter_map(|it| self.step(it.task, Spot { resource: it.to, planned_start: None }));
        steps.extend(taken_away);
        steps
    }

    /// `None` where the task is there already.
    fn step(&self, task: TaskId, after: Spot) -> Option<Step> {
        let shown = &self.picture.shown().tasks.get(&task)?.data;
        let is_there = after.holds(shown) && shown.status != TaskStatus::Declined;
        (!is_there).then(|| Step { task, commands: Vec::new(), before: spot_of(shown), after })
    }

    /// How to take the moves of a plan back.
    ///
    /// # Errors
    /// [`DeskErrorCode::TooLateToUndo`]
    pub fn undo_plan(
        &mut self,
        plan: u64,
        ids: impl Iterator<Item = CommandId>,
        now: DateTime<Utc>,
    ) -> Result<TakingBack, DeskError> {
        let undoing = self.planning.take(plan, now)?;
        let (mut withdrawals, mut commands, mut ways) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (mut moved, mut kept) = (0, Vec::new());
        for (step, id) in undoing.steps.into_iter().zip(ids) {
            let is_move = undoing.moves.contains(&step.task);
            let Some(back) = self.way_back(&step, id, now) else {
                let stuck = self.stuck(&step);
                if !stuck.is_empty() {
                    withdrawals.push(Withdrawal { numbers: numbers(&stuck), otherwise: None });
                    ways.insert(step.task, WayBack::Withdrawn { commands: stuck, back: None });
                }
                kept.extend(is_move.then_some(step.task));
                continue;
            };
            let way = match self.unsent(&step) {
                Some(unsent) => {
                    withdrawals.push(Withdrawal { numbers: numbers(&unsent), otherwise: Some(back) });
                    WayBack::Withdrawn { commands: unsent, back: Some(id) }
                }
                None => {
                    // The row may come back before the command is queued: it will be of this version then.
                    let sent = self.queued(&step).count() as u64;
                    commands.push(NewCommand { if_match: back.if_match.map(|seen| seen + sent), ..back });
                    WayBack::Back(id)
                }
            };
            moved += u32::from(is_move);
            ways.insert(step.task, way);
        }
        self.planning.go(plan, ways);
        let response = DeskResponse::PlanUndone { moved, kept, failed: Vec::new() };
        Ok(TakingBack { withdrawals, commands, response })
    }

    /// How storing the moves of a plan has gone: the answer as it is then.
    ///
    /// # Errors
    /// What kept it from being stored, where nothing was.
    pub fn on_plan_stored(
        &mut self,
        plan: u64,
        answer: DeskResponse,
        outcome: Outcome,
    ) -> Result<DeskResponse, DeskError> {
        let failed = self.planning.stored(plan, &outcome);
        if outcome.is_nothing() {
            return outcome.fault.map_or(Ok(answer), Err);
        }
        let DeskResponse::PlanApplied { moved, kept, until, .. } = answer else { return Ok(answer) };
        let moved = moved.saturating_sub(failed.moves);
        Ok(DeskResponse::PlanApplied { moved, kept, failed: failed.tasks, until })
    }

    /// How taking the moves of a plan back has gone: the answer as it is then.
    ///
    /// # Errors
    /// What kept it from being stored, where nothing was.
    pub fn on_plan_taken_back(
        &mut self,
        plan: u64,
        answer: DeskResponse,
        outcome: Outcome,
    ) -> Result<DeskResponse, DeskError> {
        let failed = self.planning.taken_back(plan, &outcome);
        if outcome.is_nothing() {
            return outcome.fault.map_or(Ok(answer), Err);
        }
        let DeskResponse::PlanUndone { moved, kept, .. } = answer else { return Ok(answer) };
        let moved = moved.saturating_sub(failed.moves);
        Ok(DeskResponse::PlanUndone { moved, kept, failed: failed.tasks })
    }

    /// The command that puts a task back; `None` where somebody has touched it since.
    fn way_back(&self, step: &Step, id: CommandId, now: DateTime<Utc>) -> Option<NewCommand> {
        let shown = &self.picture.shown().tasks.get(&step.task)?.data;
        let body = step.before.command(step.task);
        let is_possible = step.after.holds(shown) && self.would_be_refused(&body, now).is_ok();
        is_possible.then(|| self.command(body, id))
    }

    fn queued<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a QueuedCommand> {
        let is_of = |queued: &&QueuedCommand| !queued.seen && step.commands.contains(&queued.command.id);
        self.picture.queue().iter().filter(is_of)
    }

    /// A step's commands with their numbers, if none of them was ever sent.
    fn unsent(&self, step: &Step) -> Option<Vec<(u64, CommandId)>> {
        let is_unsent =
            |queued: &&QueuedCommand| queued.attempts == 0 && matches!(queued.state, CommandState::Queued);
        let unsent: Vec<(u64, CommandId)> = self.queued(step).filter(is_unsent).map(numbered).collect();
        (unsent.len() == step.commands.len()).then_some(unsent)
    }

    /// A step's commands that the server did not do, with their numbers: nobody has to decide about them any more.
    fn stuck(&self, step: &Step) -> Vec<(u64, CommandId)> {
        self.queued(step).filter(|queued| !queued.state.is_pending()).map(numbered).collect()
    }
}

fn numbered(queued: &QueuedCommand) -> (u64, CommandId) {
    (queued.command.n, queued.command.id)
}

fn numbers(commands: &[(u64, CommandId)]) -> Vec<u64> {
    commands.iter().map(|(n, _)| *n).collect()
}
