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

use super::drives::{Drives, Sources, drives, present_drives};
use super::question::Question;
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
    /// Hears how far it is; must not wait.
    pub tell: Box<dyn Fn(PlanProgressView) + Send>,
}

/// A plan with all that is needed to try parts of it.
#[derive(Debug)]
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
    /// Where the drives of each matrix come from.
    sources: Vec<Sources>,
}

impl Kept {
    /// Whether the plan moves the task.
    pub fn moves(&self, task: TaskId) -> bool {
        self.diff.moves.iter().any(|it| it.task == task)
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
/// before the drives are known gets the present day, by the straight line.
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
    let problem = question.with(matrices);
    let before = evaluated(&problem, &present)?;
    let after = if may_search {
        search(&problem, &present, seconds, watch)?
    } else {
        DayPlan { is_cancelled: true, ..before.clone() }
    };
    let diff = compare(&problem, &before, &after);
    let planned = after.assignment();
    Ok(Kept { number, made_at, problem, present, before, planned, after, diff, basis, not_planned, sources })
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
