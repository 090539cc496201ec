//! Random days: whatever is asked, the plan keeps the rules, is whole, and comes to what it says.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::town::*;
use domain::task::Priority;
use domain::{ResourceId, TaskId};
use plan::{
    Assignment, Break, DayPlan, DayProblem, Fault, Job, Matrix, Options, PlaceNo, Progress, Weights, Worker,
    apply, compare, evaluate, plan,
};
use proptest::prelude::*;

/// What may be in a random day.
#[derive(Clone, Copy)]
struct Flavour {
    fixed: bool,
    locked: bool,
    unknown_ways: bool,
}

const PLAIN: Flavour = Flavour { fixed: false, locked: false, unknown_ways: false };

/// Numbers in a row from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(count)) as u32
    }

    fn once_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    fn minutes(&mut self, most: u32) -> i64 {
        self.below(most).into()
    }
}

/// A day, and an assignment of some of its tasks.
fn random_day(seed: u64, flavour: Flavour) -> (DayProblem, Assignment) {
    let mut dice = Dice(seed);
    let places: Vec<(i32, i32)> =
        (0..3 + dice.below(10)).map(|_| (dice.below(40) as i32, dice.below(40) as i32)).collect();
    let count = places.len() as u32;
    let mut workers: Vec<Worker> =
        (1..2 + dice.below(4)).map(|number| random_worker(&mut dice, number, count)).collect();
    let mut jobs: Vec<Job> =
        (1..1 + dice.below(16)).map(|number| random_job(&mut dice, number, count)).collect();
    let mut present = Assignment::new();
    for job in &mut jobs {
        if dice.once_in(3) {
            continue;
        }
        let index = dice.below(workers.len() as u32) as usize;
        let tasks: &mut Vec<TaskId> = present.entry(workers[index].id).or_default();
        tasks.push(job.id);
        job.assigned_to = Some(workers[index].id);
        if flavour.fixed && workers[index].fixed.len() + 1 == tasks.len() && dice.once_in(2) {
            workers[index].fixed.push(job.id);
        }
        job.locked = flavour.locked && dice.once_in(3);
    }
    let mut problem = day(&places, workers, jobs);
    if flavour.unknown_ways {
        problem.matrices = problem.matrices.iter().map(|matrix| with_gaps(&mut dice, matrix)).collect();
    }
    (problem, present)
}

fn random_worker(dice: &mut Dice, number: u32, places: u32) -> Worker {
    let lunch = dice.minutes(300);
    let starts = dice.minutes(60);
    Worker {
        starts_at: PlaceNo(dice.below(places)),
        ends_at: if dice.once_in(3) { None } else { Some(PlaceNo(dice.below(places))) },
        starts: at(starts),
        ends: at(starts + dice.minutes(400)),
        breaks: if dice.once_in(2) {
            vec![
                Break { from: at(lunch), to: at(lunch + dice.minutes(60)), secs: 1800 },
                Break { from: at(lunch + 120), to: at(lunch + 150), secs: 600 },
            ]
        } else {
            Vec::new()
        },
        skills: (0..3).filter(|_| dice.once_in(2)).map(skill).collect(),
        capacity: vec![4 + dice.below(10)],
        ..worker(number)
    }
}

fn random_job(dice: &mut Dice, number: u32, places: u32) -> Job {
    let opens = dice.minutes(300);
    let closes = opens + dice.minutes(90);
    Job {
        service_secs: dice.below(3600),
        windows: match dice.below(3) {
            0 => Vec::new(),
            1 => window(opens, closes),
            _ => [window(opens, closes), window(closes + 30, closes + 60)].concat(),
        },
        in_time_only: dice.once_in(2),
        skills: if dice.once_in(3) { vec![skill(dice.below(3))] } else { Vec::new() },
        demand: vec![dice.below(4)],
        priority: if dice.once_in(4) { Priority::High } else { Priority::Normal },
        promised: dice.once_in(3).then(|| at(dice.minutes(400))),
        ..job(number, dice.below(places))
    }
}

fn with_gaps(dice: &mut Dice, matrix: &Matrix) -> Matrix {
    let count = matrix.places() as u32;
    let cells = (0..count * count).map(|cell| (PlaceNo(cell / count), PlaceNo(cell % count)));
    let legs = cells.map(|(from, to)| if dice.once_in(6) { None } else { matrix.leg(from, to) });
    Matrix::new(matrix.places(), legs.collect()).expect("as many legs as before")
}

/// The plan, and what was last heard of the search.
fn plan_of(problem: &DayProblem, present: Option<&Assignment>, seed: u64) -> (DayPlan, Progress) {
    let mut last = None;
    let plan = plan(problem, &Options { present, ..options(seed) }, &mut |progress| {
        last = Some(*progress);
        ControlFlow::Continue(())
    });
    (plan.expect("a problem without contradictions"), last.expect("it was heard of once at least"))
}

/// Each task in one place, with a reason if that is nobody's day.
fn is_whole(problem: &DayProblem, plan: &DayPlan) -> bool {
    let mut tasks: Vec<TaskId> =
        plan.routes.iter().flat_map(|route| route.stops.iter().map(|stop| stop.task)).collect();
    tasks.extend(plan.unassigned.iter().map(|left| left.task));
    tasks.sort_unstable();
    let mut expected: Vec<TaskId> = problem.jobs.iter().map(|job| job.id).collect();
    expected.sort_unstable();
    tasks == expected && plan.unassigned.iter().all(|left| !left.reasons.is_empty())
}

/// What is left out, by priority, and then what the rest costs.
fn worth(problem: &DayProblem, plan: &DayPlan) -> (u64, u64) {
    let weights = Weights::default();
    let holder = |task| plan.stop(task).map(|(worker, _)| worker);
    let is_high = |task| problem.jobs.iter().any(|job| job.id == task && job.priority == Priority::High);
    let weight = |task| if is_high(task) { 2 } else { 1 };
    let changed = |job: &&Job| {
        job.assigned_to.is_some() && holder(job.id).is_some() && holder(job.id) != job.assigned_to
    };
    let changes = problem.jobs.iter().filter(changed).count() as u64;
    let figures = plan.figures;
    let cost = figures.drive_secs
        + figures.late_secs * u64::from(weights.late)
        + u64::from(figures.broken_promises) * u64::from(weights.broken_promise_secs)
        + changes * u64::from(weights.change_secs);
    (plan.unassigned.iter().map(|left| weight(left.task)).sum(), cost)
}

fn faults(plan: &DayPlan) -> Vec<(ResourceId, Fault)> {
    plan.routes.iter().flat_map(|route| route.faults.iter().map(|fault| (route.worker, *fault))).collect()
}

/// A day without anything fixed or locked breaks no rule, but for what somebody breaks by going home.
fn free_tasks(seed: u64, unknown_ways: bool) -> Result<(), TestCaseError> {
    let (problem, _) = random_day(seed, Flavour { unknown_ways, ..PLAIN });
    let (plan, heard) = plan_of(&problem, None, seed);
    prop_assert!(is_whole(&problem, &plan), "each task once");
    let idle = evaluate(&problem, &Assignment::new()).expect("nothing assigned");
    for (now, idle) in plan.routes.iter().zip(&idle.routes) {
        prop_assert!(excess(&now.faults) <= excess(&idle.faults), "{:?}, idle {:?}", now.faults, idle.faults);
        for fault in &now.faults {
            let is_time = excess(&[*fault]) > 0;
            prop_assert!(is_time || idle.faults.contains(fault), "no rule is broken: {fault:?}");
        }
    }
    let again = evaluate(&problem, &plan.assignment()).expect("a plan is an assignment");
    prop_assert_eq!(&again, &plan, "the same figures");
    prop_assert_eq!(
        heard.drive_secs as u64,
        plan.figures.drive_secs,
        "the search counts as the checker does"
    );
    prop_assert_eq!(heard.unassigned, plan.unassigned.len(), "and leaves out as many");
    Ok(())
}

/// Seconds by which times are broken.
fn excess(faults: &[Fault]) -> u64 {
    let secs = |fault: &Fault| match fault {
        Fault::TooLate(_, secs) | Fault::LateBreak(secs) | Fault::Overtime(secs) => *secs,
        Fault::Skill(_)
        | Fault::Declined(_)
        | Fault::Load
        | Fault::Locked(_)
        | Fault::Fixed
        | Fault::NoWayBack => 0,
    };
    faults.iter().map(secs).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn free_tasks_bring_no_faults(seed: u64, unknown_ways: bool) {
        free_tasks(seed, unknown_ways)?;
    }

    #[test]
    fn a_plan_is_never_worse_than_what_is_there(seed: u64) {
        let (problem, present) = random_day(seed, PLAIN);
        let before = evaluate(&problem, &present).expect("known tasks");
        let (after, _) = plan_of(&problem, Some(&present), seed);
        if faults(&before).is_empty() {
            let (was, is) = (worth(&problem, &before), worth(&problem, &after));
            prop_assert!(is <= was, "{is:?} instead of {was:?}");
        }
        let chosen: BTreeSet<TaskId> = compare(&problem, &before, &after).moves.iter().map(|it| it.task).collect();
        prop_assert_eq!(apply(&present, &after.assignment(), &chosen), with_all_workers(&after, &present), "all moves make the plan");
    }

    #[test]
    fn what_is_fixed_or_locked_stays(seed: u64, unknown_ways: bool) {
        let (problem, present) = random_day(seed, Flavour { fixed: true, locked: true, unknown_ways });
        let (plan, _) = plan_of(&problem, Some(&present), seed);
        prop_assert!(is_whole(&problem, &plan), "each task once");
        for (_, fault) in faults(&plan) {
            prop_assert!(!matches!(fault, Fault::Fixed | Fault::Locked(_) | Fault::Skill(_)), "{fault:?}");
        }
        let assignment = plan.assignment();
        for job in problem.jobs.iter().filter(|job| job.locked) {
            let worker = job.assigned_to.expect("locked tasks are assigned");
            prop_assert!(assignment[&worker].contains(&job.id), "still there");
        }
    }

    #[test]
    fn fixed_tasks_keep_their_trouble_and_others_bring_no_more(seed: u64) {
        let (problem, present) = random_day(seed, Flavour { fixed: true, ..PLAIN });
        let only_fixed = problem.workers.iter().map(|worker| (worker.id, worker.fixed.clone())).collect();
        let base = evaluate(&problem, &only_fixed).expect("known tasks");
        let (plan, _) = plan_of(&problem, Some(&present), seed);
        for (before, after) in base.routes.iter().zip(&plan.routes) {
            prop_assert!(excess(&after.faults) <= excess(&before.faults), "{:?}, was {:?}", after.faults, before.faults);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan(seed: u64) {
        let (problem, present) = random_day(seed, Flavour { fixed: true, locked: true, unknown_ways: true });
        let first = plan_of(&problem, Some(&present), 7);
        prop_assert_eq!(first, plan_of(&problem, Some(&present), 7), "rounds, not time, were counted");
    }
}

fn with_all_workers(plan: &DayPlan, present: &Assignment) -> Assignment {
    let mut all = plan.assignment();
    present.keys().for_each(|worker| {
        all.entry(*worker).or_default();
    });
    all
}
