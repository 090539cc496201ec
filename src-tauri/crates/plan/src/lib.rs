//! Plans a day: who does which task when, with as little driving and lateness as can be.
//!
//! Invariants of this crate:
//!
//! * **Pure.** Data in, plan out: no clock, no threads, no randomness but the seed. The time for the search is measured by the caller
//!   ([`Budget::Share`]); with [`Budget::Rounds`] the same question gives the same plan on every machine.
//! * **What must not be is not in a plan**: a worker without the skill or who has declined it, too much to carry, a task that may not
//!   be late and is, a missed break, overtime, an unknown way. What is fixed or locked stays with whom it is, though, and brings what
//!   trouble it brings.
//! * **Each task is in one day, or left out with a reason** ([`Reason`]).
//! * **A plan is never worse than the present one**, as far as that one is possible at all; and it does not move tasks for nothing
//!   ([`Weights::change_secs`]).
//! * **Whoever has had enough gets the best so far**: the watcher is asked about every millisecond, and its `Break` ends the search.
//! * [`evaluate`] says of any assignment what it comes to. It shares no code with the search, whose plans it checks.
//!
//! ```no_run
//! # fn demo(problem: &plan::DayProblem, present: &plan::Assignment, spent: &dyn Fn() -> f64) -> Result<(), plan::PlanError> {
//! let options = plan::Options {
//!     seed: 1,
//!     budget: plan::Budget::Share(spent),
//!     weights: plan::Weights::default(),
//!     present: Some(present),
//! };
//! let after = plan::plan(problem, &options, &mut |_| std::ops::ControlFlow::Continue(()))?;
//! let diff = plan::compare(problem, &plan::evaluate(problem, present)?, &after);
//! # let _ = diff; Ok(()) }
//! ```
//!
//! # How it searches
//!
//! By ruin and recreate (slack induction by string removals, Christiaens and Vanden Berghe 2020) under simulated annealing: strings of
//! neighbouring stops are taken out of some days that pass near each other, and each task goes back to where it costs least. There is
//! one kind of move, so every rule (skills, windows, breaks, shifts, promises) is in one place, the judgement of an insertion; where no
//! lateness and no break is concerned that takes a few additions.
//!
//! Measured on fifteen of Solomon's instances with 5 s of one processor each, `vrp-core` 1.25, the library that was thought of first,
//! drives 5 % more than PyVRP, and this search as much as PyVRP; and it needs none of `vrp-core`'s 30 crates. `cargo xtask bench plan`
//! repeats the comparison with PyVRP and pyvroom.
//!
//! # How a day goes
//!
//! Everybody travels by a matrix of their own way: who cycles has other drives than who takes a car, to the same places.
//! Somebody drives at once, waits for a window, works, drives on, and goes to the end place, also with nothing to do. Lateness is counted
//! where work begins, promises where somebody arrives. Breaks are put off as long as nobody loses by it: taken while waiting, or when
//! it would be too late after the next task; then there, if one is there in time, else before the drive.
//!
//! Deliberately absent: pickups with deliveries and reloading, tasks for two workers at once, tasks that have to wait for others,
//! breaks in the middle of a task or of a drive, overtime that is bought, traffic by the time of the day (drives are what the matrix
//! says), travel costs other than driving time (metres are only reported), equal shares of work, more than one day, and any use of more
//! than one processor.

mod day_plan;
mod diff;
mod error;
mod evaluate;
mod matrix;
mod options;
mod problem;
mod reasons;
mod search;
mod weights;

pub use day_plan::{BreakPlan, DayPlan, Fault, Figures, Reason, RoutePlan, StopPlan, Unassigned};
pub use diff::{Move, PlanDiff, PromiseChange, apply, compare};
pub use error::PlanError;
pub use evaluate::evaluate;
pub use matrix::{Leg, Matrix, PlaceNo};
pub use options::{Budget, Options, Progress};
pub use problem::{Assignment, Break, DayProblem, Job, Window, Worker};
pub use weights::Weights;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use domain::TaskId;

/// Searches for a good plan; `watch` hears how far it is, and ends it with `Break`.
///
/// # Errors
/// When the problem or the present assignment contradicts itself; see [`PlanError`].
pub fn plan(
    problem: &DayProblem,
    options: &Options<'_>,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<DayPlan, PlanError> {
    problem.check()?;
    options.weights.check()?;
    let none = Assignment::new();
    let present = options.present.unwrap_or(&none);
    // What it comes to does not matter here; that it makes sense does.
    evaluate(problem, present)?;
    let model = search::Model::new(problem, options.weights);
    let routes = model.routes_of(problem, present);
    let found = search::search(&model, &routes, options.seed, options.budget, watch);
    let mut plan = evaluate(problem, &assignment(problem, &found.routes))?;
    plan.is_cancelled = found.is_cancelled;
    Ok(plan)
}

/// What has no known way and is fixed or locked stays with whom it is.
fn assignment(problem: &DayProblem, routes: &[Vec<u32>]) -> Assignment {
    let task = |job: &u32| problem.jobs[*job as usize].id;
    let mut all = Assignment::new();
    for (worker, route) in problem.workers.iter().zip(routes) {
        let found: BTreeSet<TaskId> = route.iter().map(task).collect();
        let rest = route.iter().map(task).filter(|task| !worker.fixed.contains(task));
        let is_stranded = |job: &&Job| {
            job.locked
                && job.assigned_to == Some(worker.id)
                && !found.contains(&job.id)
                && !worker.fixed.contains(&job.id)
        };
        let stranded = problem.jobs.iter().filter(is_stranded).map(|job| job.id);
        all.insert(worker.id, worker.fixed.iter().copied().chain(rest).chain(stranded).collect());
    }
    all
}
