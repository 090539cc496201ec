//! Questions that contradict themselves get an answer that says so.

use crate::town::*;
use domain::SkillId;
use plan::{
    Assignment, Break, DayProblem, Job, Leg, Matrix, PlaceNo, PlanError, Weights, Worker, evaluate, plan,
};
use std::ops::ControlFlow;

fn with(change: impl FnOnce(&mut DayProblem)) -> Option<PlanError> {
    let jobs = vec![job(1, 1), job(2, 1)];
    let mut problem = day(&[(0, 0), (1, 0)], vec![worker(1), worker(2)], jobs);
    change(&mut problem);
    try_plan(&problem).err()
}

#[test]
fn contradictions_are_named() {
    assert_eq!(with(|_| {}), None, "the town itself is sane");
    let bad_hours = Some(PlanError::BadHours(worker_id(1)));
    let bad_times = Some(PlanError::BadTimes(task(1)));
    let late = Break { from: at(60), to: at(50), secs: 60 };
    let overlapping =
        vec![Break { from: at(0), to: at(50), secs: 60 }, Break { from: at(40), to: at(60), secs: 60 }];
    let checks: Vec<(Option<PlanError>, Option<PlanError>, &str)> = vec![
        (with(|it| it.workers.clear()), Some(PlanError::NoWorkers), "nobody"),
        (with(|it| it.workers[1].id = worker_id(1)), Some(PlanError::WorkerTwice(worker_id(1))), "twins"),
        (with(|it| it.jobs[1].id = task(1)), Some(PlanError::TaskTwice(task(1))), "a task twice"),
        (with(|it| it.jobs[0].place = PlaceNo(2)), Some(PlanError::NoSuchPlace(2)), "no such place"),
        (with(|it| it.workers[0].ends_at = Some(PlaceNo(7))), Some(PlanError::NoSuchPlace(7)), "no such end"),
        (with(|it| it.workers[1].travels = 1), Some(PlanError::NoSuchMatrix(1)), "by what nobody knows"),
        (
            with(|it| it.matrices.push(streets(&[(0, 0)]))),
            Some(PlanError::MatricesDiffer),
            "drives between other places",
        ),
        (with(|it| it.workers[0].ends = at(-1)), bad_hours, "a shift that ends before it begins"),
        (with(|it| it.workers[0].breaks = vec![late]), bad_hours, "a break backwards"),
        (with(|it| it.workers[0].breaks = overlapping), bad_hours, "breaks that overlap"),
        (with(|it| it.workers[0].ends = at(i64::from(i32::MAX))), bad_hours, "a shift of ages"),
        (with(|it| it.jobs[0].windows = window(10, 9)), bad_times, "a window backwards"),
        (
            with(|it| it.jobs[0].windows = [window(10, 20), window(20, 30)].concat()),
            bad_times,
            "touching windows",
        ),
        (with(|it| it.jobs[0].service_secs = u32::MAX), bad_times, "work for a lifetime"),
        (with(|it| it.jobs[0].promised = Some(at(i64::from(i32::MAX)))), bad_times, "a promise for ages"),
        (with(|it| it.jobs[0].demand.push(1)), Some(PlanError::Dimensions), "a demand nobody has room for"),
        (with(|it| it.workers[1].capacity.clear()), Some(PlanError::Dimensions), "a capacity of nothing"),
        (with(|it| it.jobs[0].locked = true), Some(PlanError::LockedToNobody(task(1))), "locked to nobody"),
        (
            with(|it| it.workers[0].fixed = vec![task(9)]),
            Some(PlanError::UnknownTask(task(9))),
            "fixed unknown",
        ),
        (
            with(|it| it.jobs[0].assigned_to = Some(worker_id(9))),
            Some(PlanError::UnknownWorker(worker_id(9))),
            "assigned to a stranger",
        ),
        (
            with(|it| it.workers.iter_mut().for_each(|worker| worker.fixed = vec![task(1)])),
            Some(PlanError::TaskTwice(task(1))),
            "fixed with two",
        ),
    ];
    for (found, expected, why) in checks {
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn a_task_fixed_with_one_and_assigned_to_another_is_a_contradiction() {
    let found = with(|it| {
        it.workers[0].fixed = vec![task(1)];
        it.jobs[0].assigned_to = Some(worker_id(2));
    });
    assert_eq!(found, Some(PlanError::FixedElsewhere(task(1))), "one of the two is wrong");
}

#[test]
fn legs_are_lengths() {
    for (secs, metres) in [(-1.0, 0.0), (0.0, -1.0), (f64::NAN, 0.0), (0.0, f64::INFINITY), (1e9, 0.0)] {
        assert_eq!(Leg::new(secs, metres), Err(PlanError::BadLeg), "{secs} s, {metres} m");
    }
    assert_eq!(Leg::new(59.6, 100.2), Ok(Leg { secs: 60, metres: 100 }), "rounded");
    let three = vec![None; 3];
    assert_eq!(
        Matrix::new(2, three),
        Err(PlanError::MatrixSize { places: 2, legs: 3 }),
        "two by two is four"
    );
    let endless = vec![Some(Leg { secs: u32::MAX, metres: 0 })];
    assert_eq!(Matrix::new(1, endless), Err(PlanError::BadLeg), "a drive of a lifetime");
}

#[test]
fn assignments_are_of_this_day() {
    let problem = day(&[(0, 0), (1, 0)], vec![worker(1), worker(2)], vec![job(1, 1)]);
    let of = |pairs: &[(u32, u32)]| {
        let mut assignment = Assignment::new();
        pairs.iter().for_each(|(who, what)| {
            assignment.entry(worker_id(*who)).or_default().push(task(*what));
        });
        evaluate(&problem, &assignment).err()
    };
    assert_eq!(of(&[(1, 1)]), None, "a sane one");
    assert_eq!(of(&[(3, 1)]), Some(PlanError::UnknownWorker(worker_id(3))), "a stranger");
    assert_eq!(of(&[(1, 7)]), Some(PlanError::UnknownTask(task(7))), "unknown work");
    assert_eq!(of(&[(1, 1), (2, 1)]), Some(PlanError::TaskTwice(task(1))), "one task, two workers");
}

#[test]
fn weights_have_a_limit() {
    let problem = day(&[(0, 0), (1, 0)], vec![worker(1)], vec![job(1, 1)]);
    let heavy = plan::Options { weights: Weights { late: u32::MAX, ..Weights::default() }, ..options(1) };
    let found = plan(&problem, &heavy, &mut |_| ControlFlow::Continue(())).err();
    assert_eq!(found, Some(PlanError::BadWeights), "costs could not be added up");
}

#[test]
fn nothing_to_do_is_no_contradiction() {
    let idle = planned(&day(&[(0, 0)], vec![worker(1)], Vec::new()));
    assert!(idle.routes[0].stops.is_empty() && idle.unassigned.is_empty(), "a quiet day");
    let able = Worker { skills: vec![SkillId(uuid::Uuid::nil())], ..worker(1) };
    let only: Vec<Job> = vec![job(1, 0)];
    assert_eq!(order(&planned(&day(&[(0, 0)], vec![able], only)), 1), [1], "one task where one stands");
}
