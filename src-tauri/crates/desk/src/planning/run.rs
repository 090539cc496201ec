//! The search, on a thread that may take its time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::travel::TravelSource;
use domain::{ResourceId, TaskId};
use plan::{
    Assignment, Budget, DayPlan, DayProblem, Figures, Options, PlaceNo, PlanDiff, PlanError, Progress,
    Weights, Worker, apply, compare, evaluate,
};
use protocol::view::{DeskError, DeskErrorCode, NotPlanned, PlanProgressView};
use sync::Clock;
use tokio_util::sync::CancellationToken;

use super::drives::{Drives, Leave, Sources, drives, present_drives};
use super::question::{Question, anywhere};
use super::tasks::Basis;
use crate::etas::SharedTimes;

/// The same question gives about the same plan.
const SEED: u64 = 1;
/// Progress is told after so many milliseconds.
const TELL_EVERY_MS: u64 = 250;

/// How a search is watched and ended.
pub struct Watch {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends it early; then the best plan so far is the answer.
    pub cancel: CancellationToken,
    /// Leave to ask for drives.
    pub leave: Leave,
    /// Hears how far it is; must not wait.
    pub tell: Box<dyn Fn(PlanProgressView) + Send>,
}

/// A plan with all that is needed to try parts of it. A clone shares the drives.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub number: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The question.
    pub problem: DayProblem,
    /// Who has what now.
    pub present: Assignment,
    /// What that comes to.
    pub before: DayPlan,
    /// Who would have what.
    pub planned: Assignment,
    /// What that comes to.
    pub after: DayPlan,
    /// What changes.
    pub diff: PlanDiff,
    /// What it rests on.
    pub basis: BTreeMap<TaskId, Basis>,
    /// Who was asked for and can't be planned.
    pub not_planned: Vec<(ResourceId, NotPlanned)>,
    /// Of those who begin where a fix has them: where they begin once nobody may know that any more.
    unseen_starts: BTreeMap<ResourceId, PlaceNo>,
    /// Begins there who begins at their first task.
    anywhere: PlaceNo,
    /// Where the drives of each matrix come from.
    sources: Vec<Sources>,
}

impl Kept {
    /// Whether the plan moves the task.
    pub fn moves(&self, task: TaskId) -> bool {
        self.diff.moves.iter().any(|it| it.task == task)
    }

    /// Whether somebody's day begins where a fix has them.
    pub fn rests_on_fix(&self, resource: ResourceId) -> bool {
        self.unseen_starts.contains_key(&resource)
    }

    /// Nobody may know any more where these are: their days begin at the task at hand, at home, or else at the first task. The moves are
    /// the same; what they come to is worked out anew.
    ///
    /// # Errors
    /// Internal: the plan contradicts itself.
    pub fn hide(&mut self, hidden: &BTreeSet<ResourceId>) -> Result<(), DeskError> {
        for number in 0..self.problem.workers.len() {
            let worker = &self.problem.workers[number];
            if hidden.contains(&worker.id)
                && let Some(start) = self.unseen_starts.remove(&worker.id)
            {
                let start = if self.reaches_as_much(worker, start) { start } else { self.anywhere };
                self.problem.workers[number].starts_at = start;
            }
        }
        let is_cancelled = self.after.is_cancelled;
        self.before = evaluated(&self.problem, &self.present)?;
        self.after = DayPlan { is_cancelled, ..evaluated(&self.problem, &self.planned)? };
        self.diff = compare(&self.problem, &self.before, &self.after);
        Ok(())
    }

    /// Whether there is a way from `start` to everything that there is one to now: a task must not fall out of a day.
    fn reaches_as_much(&self, worker: &Worker, start: PlaceNo) -> bool {
        let way = |from, to| self.problem.leg(worker, from, to).is_some();
        let mut places = self.problem.jobs.iter().map(|job| job.place).chain(worker.ends_at);
        places.all(|place| way(start, place) || !way(worker.starts_at, place))
    }

    /// What the day comes to if only these tasks move as planned.
    ///
    /// # Errors
    /// Internal: a plan contradicts itself.
    pub fn part(&self, chosen: &BTreeSet<TaskId>) -> Result<DayPlan, DeskError> {
        let mixed = apply(&self.present, &self.planned, chosen);
        let mut part = evaluated(&self.problem, &mixed)?;
        part.is_cancelled = self.after.is_cancelled;
        Ok(part)
    }

    /// The worst source of the drives in some days.
    pub fn source(&self, plans: &[&DayPlan]) -> TravelSource {
        let places: BTreeMap<TaskId, PlaceNo> =
            self.problem.jobs.iter().map(|job| (job.id, job.place)).collect();
        let of_worker = |worker: &Worker, plan: &DayPlan| {
            let route = plan.routes.iter().find(|route| route.worker == worker.id);
            let stops =
                route.into_iter().flat_map(|route| &route.stops).filter_map(|stop| places.get(&stop.task));
            let way: Vec<PlaceNo> =
                [worker.starts_at].iter().chain(stops).chain(worker.ends_at.as_ref()).copied().collect();
            let sources = self.sources.get(worker.travels)?;
            way.windows(2).map(|leg| sources.of(leg[0], leg[1])).max()
        };
        let pairs =
            plans.iter().flat_map(|plan| self.problem.workers.iter().map(move |worker| (worker, *plan)));
        pairs.filter_map(|(worker, plan)| of_worker(worker, plan)).max().unwrap_or(TravelSource::Roads)
    }
}

/// Plans: works out the drives, searches, compares. Takes as long as was asked for, and the drives before that. Whoever has had enough
/// before the drives are known gets the present day, by the straight line; so it is where an engine may not be asked for them any more.
///
/// # Errors
/// Internal: the question contradicts itself.
pub fn run(question: Question, number: u64, times: &SharedTimes, watch: &Watch) -> Result<Kept, DeskError> {
    let known = drives(&question, times, watch)?;
    let may_search = known.is_some();
    let Drives { matrices, sources } = known.map_or_else(|| present_drives(&question), Ok)?;
    let (made_at, seconds) = (question.asked_at, question.seconds);
    let (present, basis, not_planned) =
        (question.present.clone(), question.basis.clone(), question.not_planned.clone());
    let (unseen_starts, anywhere) = (question.unseen_starts.clone(), anywhere(&question.places));
    let problem = question.with(matrices);
    let before = evaluated(&problem, &present)?;
    let after = if may_search {
        search(&problem, &present, seconds, watch)?
    } else {
        DayPlan { is_cancelled: true, ..before.clone() }
    };
    let diff = compare(&problem, &before, &after);
    let planned = after.assignment();
    Ok(Kept {
        number,
        made_at,
        problem,
        present,
        before,
        planned,
        after,
        diff,
        basis,
        not_planned,
        unseen_starts,
        anywhere,
        sources,
    })
}

/// Where there is nobody to plan for, nothing is planned; the view says who was asked for, and why they can't be.
fn evaluated(problem: &DayProblem, assignment: &Assignment) -> Result<DayPlan, DeskError> {
    if problem.workers.is_empty() {
        return Ok(DayPlan {
            routes: Vec::new(),
            unassigned: Vec::new(),
            figures: Figures::default(),
            is_cancelled: false,
        });
    }
    evaluate(problem, assignment).map_err(contradiction)
}

fn search(
    problem: &DayProblem,
    present: &Assignment,
    seconds: u16,
    watch: &Watch,
) -> Result<DayPlan, DeskError> {
    if problem.workers.is_empty() {
        return evaluated(problem, present);
    }
    let mono_ms = || watch.clock.now().mono_ms;
    let (began, budget_ms) = (mono_ms(), f64::from(seconds) * 1_000.0);
    let spent = || mono_ms().saturating_sub(began) as f64 / budget_ms;
    let options = Options {
        seed: SEED,
        budget: Budget::Share(&spent),
        weights: Weights::default(),
        present: Some(present),
    };
    let mut tell_at = began;
    let mut hear = |progress: &Progress| {
        let now = mono_ms();
        if now >= tell_at {
            tell_at = now + TELL_EVERY_MS;
            (watch.tell)(PlanProgressView::Searching {
                share: progress.share as f32,
                drive_secs: progress.drive_secs,
                unassigned: progress.unassigned as u32,
            });
        }
        if watch.cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    plan::plan(problem, &options, &mut hear).map_err(contradiction)
}

/// A plan that contradicts itself.
pub(super) fn contradiction(error: PlanError) -> DeskError {
    tracing::error!(%error, "a day plan contradicts itself");
    DeskErrorCode::Internal.into()
}
