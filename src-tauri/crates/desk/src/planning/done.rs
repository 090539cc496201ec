//! Moves that were made, as far as they can be taken back.
//!
//! Commands are stored one by one, and a disk may fail in between: what was stored stays to be taken back, what was not is as if nobody
//! had wanted it, and what could not be taken back can be taken back again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CommandId, ResourceId, TaskId};
use protocol::view::{DeskError, DeskErrorCode};

use super::making::{Spot, Step};

/// How long moves can be taken back.
const UNDO_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// All of them, of every plan of a session.
#[derive(Debug, Default)]
pub struct Done {
    /// Oldest first.
    applied: Vec<Applied>,
    /// On their way back, by plan: how that has gone is not known yet.
    going: BTreeMap<u64, Going>,
}

/// Moves that were made together. Each step has one command.
#[derive(Debug)]
struct Applied {
    plan: u64,
    until: DateTime<Utc>,
    moves: Moves,
    steps: Vec<Step>,
}

/// Tasks that move, each with whose day it comes into.
pub type Moves = BTreeMap<TaskId, Option<ResourceId>>;

#[derive(Debug)]
struct Going {
    applied: Vec<Applied>,
    ways: BTreeMap<TaskId, WayBack>,
}

/// Moves to be taken back.
#[derive(Debug, Default)]
pub struct Undoing {
    /// The moves themselves; other steps only kept an order.
    pub moves: BTreeSet<TaskId>,
    /// One step for each task.
    pub steps: Vec<Step>,
}

/// How a task goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayBack {
    /// What was never sent is given up.
    Withdrawn {
        /// Its commands.
        commands: Vec<(u64, CommandId)>,
        /// Puts it back where one was sent meanwhile; `None`: the server did not do them, and nothing has to go back.
        back: Option<CommandId>,
    },
    /// By this command.
    Back(CommandId),
}

/// What could be stored of all that was asked for together.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Commands that are stored.
    pub stored: BTreeSet<CommandId>,
    /// Commands that are not.
    pub missing: BTreeSet<CommandId>,
    /// Numbers of commands that were given up.
    pub gone: BTreeSet<u64>,
    /// Why it is not all.
    pub fault: Option<DeskError>,
}

impl Outcome {
    /// Whether nothing at all was done for that.
    pub fn is_nothing(&self) -> bool {
        self.fault.is_some() && self.stored.is_empty() && self.gone.is_empty()
    }

    fn is_back(&self, way: &WayBack) -> bool {
        match way {
            _ if self.fault.is_none() => true,
            WayBack::Back(command) => self.stored.contains(command),
            WayBack::Withdrawn { commands, back } => {
                commands.iter().all(|(n, _)| self.gone.contains(n))
                    || back.is_some_and(|back| self.stored.contains(&back))
            }
        }
    }
}

/// What has become of moves.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Tasks that are somewhere else than was wanted, each with where it is.
    pub spots: Vec<(TaskId, Spot)>,
    /// Moves that can be made again, or are still to be made.
    pub open: BTreeSet<TaskId>,
    /// Tasks that could not be put where they belong.
    pub failed: BTreeSet<TaskId>,
    /// How many of the moves that were promised are among them.
    pub failed_moves: u32,
}

impl Done {
    /// Moves are made; answers until when they can be taken back.
    pub fn add(&mut self, plan: u64, moves: Moves, steps: Vec<Step>, now: DateTime<Utc>) -> DateTime<Utc> {
        self.applied.retain(|known| known.until >= now);
        let until = now + UNDO_WITHIN;
        self.applied.push(Applied { plan, until, moves, steps });
        until
    }

    /// How many commands taking a plan back needs at most.
    pub fn most_commands(&self) -> usize {
        self.applied.iter().map(|applied| applied.steps.len()).sum()
    }

    /// How storing moves has gone. A move of which a part is missing, be it only a place in the order of the day that it goes to, has
    /// failed: what there is of it can be taken back, and the rest be made.
    pub fn stored(&mut self, plan: u64, outcome: &Outcome) -> Settled {
        let mut settled = Settled::default();
        for applied in self.applied.iter_mut().filter(|applied| applied.plan == plan) {
            applied.lose(&outcome.missing, &mut settled);
        }
        self.applied.retain(|applied| !applied.steps.is_empty());
        settled
    }

    /// All moves of a plan that can still be taken back; what was done to a task several times is one step. Until
    /// [`Done::taken_back`] they can't be taken back again.
    ///
    /// # Errors
    /// [`DeskErrorCode::TooLateToUndo`]
    pub fn take(&mut self, plan: u64, now: DateTime<Utc>) -> Result<Undoing, DeskError> {
        let is_free = !self.going.contains_key(&plan);
        let is_due = |known: &mut Applied| is_free && known.plan == plan && known.until >= now;
        let applied: Vec<Applied> = self.applied.extract_if(.., is_due).collect();
        let undoing = undoing(&applied);
        if undoing.steps.is_empty() {
            return Err(DeskErrorCode::TooLateToUndo.into());
        }
        self.going.insert(plan, Going { applied, ways: BTreeMap::new() });
        Ok(undoing)
    }

    /// How they go back; those that are not named stay where they are.
    pub fn go(&mut self, plan: u64, ways: BTreeMap<TaskId, WayBack>) {
        if let Some(going) = self.going.get_mut(&plan) {
            going.ways = ways;
        }
    }

    /// How taking back has gone.
    pub fn taken_back(&mut self, plan: u64, outcome: &Outcome) -> Settled {
        let Some(Going { mut applied, ways }) = self.going.remove(&plan) else { return Settled::default() };
        let mut settled = Settled::default();
        let Undoing { moves, steps } = undoing(&applied);
        for step in steps {
            match ways.get(&step.task) {
                Some(way) if !outcome.is_back(way) => {
                    settled.failed_moves += u32::from(way.leads_back() && moves.contains(&step.task));
                    settled.failed.insert(step.task);
                }
                Some(WayBack::Back(_) | WayBack::Withdrawn { back: Some(_), .. }) => {
                    settled.spots.push((step.task, step.before));
                    settled.open.insert(step.task);
                }
                Some(WayBack::Withdrawn { back: None, .. }) | None => {}
            }
        }
        let given_up: BTreeSet<CommandId> =
            ways.values().flat_map(|way| way.given_up(&outcome.gone)).collect();
        for applied in &mut applied {
            applied.keep(&settled.failed, &given_up, &mut settled.spots);
        }
        applied.retain(|applied| !applied.steps.is_empty());
        self.applied.splice(..0, applied);
        settled
    }
}

impl WayBack {
    fn leads_back(&self) -> bool {
        match self {
            WayBack::Back(_) | WayBack::Withdrawn { back: Some(_), .. } => true,
            WayBack::Withdrawn { back: None, .. } => false,
        }
    }

    fn given_up(&self, gone: &BTreeSet<u64>) -> Vec<CommandId> {
        match self {
            WayBack::Back(_) => Vec::new(),
            WayBack::Withdrawn { commands, .. } => {
                commands.iter().filter(|(n, _)| gone.contains(n)).map(|(_, command)| *command).collect()
            }
        }
    }
}

impl Applied {
    /// Forgets the steps whose commands are missing.
    fn lose(&mut self, missing: &BTreeSet<CommandId>, settled: &mut Settled) {
        let lost: Vec<Step> = self.steps.extract_if(.., |step| step.is_by(missing)).collect();
        let days: BTreeSet<_> = lost.iter().filter_map(|step| step.after.resource).collect();
        let is_lost = |task: &TaskId| lost.iter().any(|step| step.task == *task);
        let is_part = |to: &Option<ResourceId>| to.is_some_and(|resource| days.contains(&resource));
        let failed = self.moves.iter().filter(|(task, to)| is_lost(task) || is_part(to));
        let failed: BTreeSet<TaskId> = failed.map(|(task, _)| *task).collect();
        self.moves.retain(|task, _| !is_lost(task));
        settled.spots.extend(lost.iter().map(|step| (step.task, step.before)));
        settled.failed_moves += failed.len() as u32;
        settled.open.extend(&failed);
        settled.failed.extend(failed);
    }

    /// Keeps what did not go back, but for commands that are given up all the same; `spots` hears where their tasks are then.
    fn keep(
        &mut self,
        failed: &BTreeSet<TaskId>,
        given_up: &BTreeSet<CommandId>,
        spots: &mut Vec<(TaskId, Spot)>,
    ) {
        self.moves.retain(|task, _| failed.contains(task));
        self.steps.retain(|step| failed.contains(&step.task));
        let gone = self.steps.extract_if(.., |step| step.is_by(given_up));
        spots.extend(gone.map(|step| (step.task, step.before)));
    }
}

impl Step {
    fn is_by(&self, commands: &BTreeSet<CommandId>) -> bool {
        self.commands.iter().any(|command| commands.contains(command))
    }
}

/// What was done to a task several times is one step.
fn undoing(applied: &[Applied]) -> Undoing {
    let mut moves = BTreeSet::new();
    let mut steps: BTreeMap<TaskId, Step> = BTreeMap::new();
    for applied in applied {
        moves.extend(applied.moves.keys());
        for step in &applied.steps {
            match steps.get_mut(&step.task) {
                Some(first) => {
                    first.commands.extend(&step.commands);
                    first.after = step.after;
                }
                None => drop(steps.insert(step.task, step.clone())),
            }
        }
    }
    Undoing { moves, steps: steps.into_values().collect() }
}
