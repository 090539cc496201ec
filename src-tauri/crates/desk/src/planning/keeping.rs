//! The plan of a session, and what was made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{ResourceId, TaskId};
use protocol::view::{DeskError, DeskErrorCode};
use protocol::wire::Rejection;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::done::{Done, Moves, Outcome, Settled, Undoing, WayBack};
use super::drives::Leave;
use super::making::{Spot, Step};
use super::run::Kept;
use super::tasks::Basis;

/// Positions move on: an older plan is not made any more.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(30);

/// One plan at a time, and the moves that can be taken back.
#[derive(Debug)]
pub struct Planning {
    running: Option<Running>,
    /// One search at a time asks for drives, also after another one was given up.
    turn: Arc<Semaphore>,
    /// The number given last; never given again.
    last: u64,
    kept: Option<Arc<Kept>>,
    /// Where these are nobody may know any more, since the last search began.
    hidden: BTreeSet<ResourceId>,
    /// What the plan rests on, with what was made of it.
    basis: BTreeMap<TaskId, Basis>,
    /// Its moves that were made.
    made: BTreeSet<TaskId>,
    done: Done,
}

/// A search that is under way.
#[derive(Debug)]
struct Running {
    /// Its number.
    number: u64,
    /// Ends it.
    cancel: CancellationToken,
    /// Whose day begins where a fix has them.
    seen: BTreeSet<ResourceId>,
    /// Its leave to ask for drives.
    leave: Leave,
    /// What it rests on is not so any more.
    is_outdated: bool,
}

/// A search that may begin.
pub struct Begun {
    /// The plan's number.
    pub number: u64,
    /// Ends it early.
    pub cancel: CancellationToken,
    /// Leave to ask for drives.
    pub leave: Leave,
}

/// What could not be stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Failed {
    /// Tasks that are not where they belong.
    pub tasks: Vec<TaskId>,
    /// How many of the moves that were promised are among them.
    pub moves: u32,
}

impl Default for Planning {
    fn default() -> Self {
        Self {
            running: None,
            turn: Arc::new(Semaphore::new(1)),
            last: 0,
            kept: None,
            hidden: BTreeSet::new(),
            basis: BTreeMap::new(),
            made: BTreeSet::new(),
            done: Done::default(),
        }
    }
}

impl Planning {
    /// A search begins; the days of those who are `seen` begin where a fix has them.
    ///
    /// # Errors
    /// Bad input (`already_planning`) while another one is under way.
    pub fn begin(&mut self, seen: BTreeSet<ResourceId>, now: DateTime<Utc>) -> Result<Begun, DeskError> {
        if self.running.is_some() {
            let detail = Some("already_planning".to_owned());
            return Err(DeskError { code: DeskErrorCode::BadInput, detail });
        }
        // Whoever is seen again by now is hidden in the plan before only.
        if let Some(Err(error)) = self.kept.as_mut().map(|kept| hide(kept, &self.hidden)) {
            tracing::error!(%error, "the plan before is none any more");
            self.kept = None;
        }
        self.hidden.clear();
        // Another session's numbers are other ones, as long as the clock goes on.
        self.last = now.timestamp_millis().max(0).unsigned_abs().max(self.last + 1);
        let (number, cancel) = (self.last, CancellationToken::new());
        let [ended, hidden] = [CancellationToken::new(), CancellationToken::new()];
        let leave = Leave { ended, hidden, turn: self.turn.clone() };
        let begun = Begun { number, cancel: cancel.clone(), leave: leave.clone() };
        self.running = Some(Running { number, cancel, seen, leave, is_outdated: false });
        Ok(begun)
    }

    /// Whether the search of this number is under way.
    pub fn is_running(&self, number: u64) -> bool {
        self.running.as_ref().is_some_and(|running| running.number == number)
    }

    /// Whether a search is under way.
    pub fn is_searching(&self) -> bool {
        self.running.is_some()
    }

    /// Ends the search that is under way, if one is.
    pub fn cancel(&self) {
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
    }

    /// Nobody waits for the search any more that is under way, if one is: it ends, and asks for no more drives.
    pub fn end(&self) {
        self.cancel();
        if let Some(running) = &self.running {
            running.leave.ended.cancel();
        }
    }

    /// Shifts or roads are other ones: the plan is none any more, and what is being searched will be none. Moves that were made can be
    /// taken back all the same.
    pub fn outdate(&mut self) {
        self.end();
        if let Some(running) = &mut self.running {
            running.is_outdated = true;
        }
        self.kept = None;
    }

    /// All that was known may not be known any more: there is no plan and no search, and what one still finds is none. Moves that were
    /// made can't be taken back.
    pub fn purge(&mut self) {
        let mut fresh = Self::default();
        (fresh.turn, fresh.last) = (self.turn.clone(), self.last);
        *self = fresh;
    }

    /// Nobody may know any more where somebody is: no plan begins there from now on, whatever they do later, and a search that begins
    /// there asks no engine for more drives.
    pub fn hide(&mut self, resource: ResourceId) {
        let is_used = self.kept.as_ref().is_some_and(|kept| kept.rests_on_fix(resource));
        if is_used || self.running.is_some() {
            self.hidden.insert(resource);
        }
        if let Some(running) = self.running.as_ref().filter(|running| running.seen.contains(&resource)) {
            running.leave.hidden.cancel();
        }
    }

    /// The search of this number is over; a plan takes the place of the one before. Answers with it where it is not what was found any
    /// more: somebody has been hidden meanwhile.
    ///
    /// # Errors
    /// Refused (expired) where it is outdated or was given up, whatever is searched by now; internal where it contradicts itself.
    pub fn finish(&mut self, number: u64, plan: Option<Arc<Kept>>) -> Result<Option<Arc<Kept>>, DeskError> {
        let running = self.running.take_if(|running| running.number == number);
        if running.is_none_or(|running| running.is_outdated) {
            return Err(DeskErrorCode::Refused(Rejection::Expired).into());
        }
        let Some(mut plan) = plan else { return Ok(None) };
        let is_other = hide(&mut plan, &self.hidden)?;
        self.basis.clone_from(&plan.basis);
        self.made.clear();
        self.kept = Some(plan.clone());
        Ok(is_other.then_some(plan))
    }

    /// The plan of this number at `now` of the server's clock; whoever is hidden by now is hidden in it.
    ///
    /// # Errors
    /// Refused: not found where it is another session's, was replaced or is outdated, expired after half an hour. Internal
    /// where it contradicts itself.
    pub fn kept(&mut self, plan: u64, now: DateTime<Utc>) -> Result<Arc<Kept>, DeskError> {
        let refused = |reason| DeskError::from(DeskErrorCode::Refused(reason));
        let kept = self.kept.as_mut().filter(|kept| kept.number == plan);
        let kept = kept.ok_or_else(|| refused(Rejection::NotFound))?;
        if let Err(error) = hide(kept, &self.hidden) {
            self.kept = None;
            return Err(error);
        }
        if now - kept.made_at > GOOD_FOR { Err(refused(Rejection::Expired)) } else { Ok(kept.clone()) }
    }

    /// What the plan rests on of a task, and what was made of it since.
    pub fn basis(&self, task: TaskId) -> Option<&Basis> {
        self.basis.get(&task)
    }

    /// Moves of the plan that were made.
    pub fn made(&self) -> &BTreeSet<TaskId> {
        &self.made
    }

    /// How many commands the plan can take at most.
    pub fn most_commands(&self) -> usize {
        self.basis.len()
    }

    /// Moves were made; answers until when they can be taken back.
    pub fn applied(
        &mut self,
        plan: u64,
        moves: Moves,
        steps: Vec<Step>,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        steps.iter().for_each(|step| self.expect(step.task, step.after));
        self.made.extend(moves.keys());
        self.done.add(plan, moves, steps, now)
    }

    /// How many commands taking a plan back needs at most.
    pub fn most_undos(&self) -> usize {
        self.done.most_commands()
    }

    /// How storing moves has gone; answers which could not be made.
    pub fn stored(&mut self, plan: u64, outcome: &Outcome) -> Failed {
        let settled = self.done.stored(plan, outcome);
        self.settle(plan, settled)
    }

    /// All moves of a plan that can still be taken back, until it is known how that has gone.
    ///
    /// # Errors
    /// [`DeskErrorCode::TooLateToUndo`]
    pub fn take(&mut self, plan: u64, now: DateTime<Utc>) -> Result<Undoing, DeskError> {
        self.done.take(plan, now)
    }

    /// How they go back; those that are not named stay where they are.
    pub fn go(&mut self, plan: u64, ways: BTreeMap<TaskId, WayBack>) {
        self.done.go(plan, ways);
    }

    /// How taking back has gone: what is back can be made again. Answers which could not be taken back.
    pub fn taken_back(&mut self, plan: u64, outcome: &Outcome) -> Failed {
        let settled = self.done.taken_back(plan, outcome);
        self.settle(plan, settled)
    }

    fn settle(&mut self, plan: u64, settled: Settled) -> Failed {
        if self.kept.as_ref().is_some_and(|kept| kept.number == plan) {
            self.made.retain(|task| !settled.open.contains(task));
            settled.spots.into_iter().for_each(|(task, spot)| self.expect(task, spot));
        }
        Failed { tasks: settled.failed.into_iter().collect(), moves: settled.failed_moves }
    }

    fn expect(&mut self, task: TaskId, spot: Spot) {
        if let Some(basis) = self.basis.get_mut(&task) {
            (basis.resource, basis.planned_start) = (spot.resource, spot.planned_start);
        }
    }
}

/// Answers whether anybody is hidden now who was not.
fn hide(plan: &mut Arc<Kept>, hidden: &BTreeSet<ResourceId>) -> Result<bool, DeskError> {
    let is_due = hidden.iter().any(|resource| plan.rests_on_fix(*resource));
    if is_due {
        Arc::make_mut(plan).hide(hidden)?;
    }
    Ok(is_due)
}

impl Drop for Planning {
    fn drop(&mut self) {
        self.end();
    }
}
