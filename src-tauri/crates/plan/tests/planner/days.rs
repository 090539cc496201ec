//! Days in a small town whose best plan is known.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::town::*;
use domain::task::Priority;
use plan::{
    Assignment, Break, Budget, Fault, Matrix, Options, PlaceNo, Reason, Weights, Worker, apply, compare,
    evaluate, plan,
};

const WEST_AND_EAST: [(i32, i32); 5] = [(0, 0), (-10, 0), (-11, 0), (10, 0), (11, 0)];

#[test]
fn neighbours_are_done_on_one_way() {
    let jobs = (1..5).map(|number| job(number, number)).collect();
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1)], jobs));
    assert_eq!(plan.figures.drive_secs, 44 * 60, "out and back on both sides, once each");
    assert_eq!(plan.figures.metres, 44 * 600, "metres of the same legs");
    assert!(plan.unassigned.is_empty(), "there is time for all");
}

#[test]
fn a_skill_decides_who_goes() {
    let able = Worker { skills: vec![skill(1)], starts_at: PlaceNo(3), ..worker(2) };
    let mut gas = job(1, 1);
    gas.skills = vec![skill(1)];
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1), able], vec![gas]));
    assert_eq!(order(&plan, 2), [1], "the only one with the skill, though farther away");
}

#[test]
fn a_skill_that_nobody_has_is_named() {
    let mut gas = job(1, 1);
    gas.skills = vec![skill(1), skill(2)];
    let able = Worker { skills: vec![skill(1)], ..worker(1) };
    let plan = planned(&day(&WEST_AND_EAST, vec![able], vec![gas]));
    assert_eq!(plan.unassigned[0].reasons, [Reason::NoSkill(skill(2))], "the one that is missing");
}

#[test]
fn windows_decide_the_order() {
    let mut jobs: Vec<_> = (1..4).map(|number| job(number, number)).collect();
    jobs[0].windows = window(120, 150);
    jobs[1].windows = window(0, 30);
    jobs[2].windows = window(60, 90);
    let plan = planned(&day(&[(0, 0), (1, 0), (2, 0), (3, 0)], vec![worker(1)], jobs));
    assert_eq!(order(&plan, 1), [2, 3, 1], "by their windows, though the way is longer");
    assert_eq!(plan.figures.late_secs, 0, "everybody is served in time");
    assert_eq!(plan.routes[0].stops[1].starts, at(60), "work waits for the window");
}

#[test]
fn the_second_window_is_as_good_as_the_first() {
    let mut far = job(1, 1);
    far.windows = [window(0, 5), window(200, 210)].concat();
    far.in_time_only = true;
    let plan = planned(&day(&[(0, 0), (30, 0)], vec![worker(1)], vec![far]));
    assert_eq!(plan.routes[0].stops[0].starts, at(200), "the first one can't be reached");
}

#[test]
fn an_appointment_may_be_late_and_a_hard_one_may_not() {
    let mut late = job(1, 1);
    late.windows = window(0, 5);
    let soft = planned(&day(&[(0, 0), (30, 0)], vec![worker(1)], vec![late.clone()]));
    assert_eq!(soft.figures.late_secs, 25 * 60, "better late than never");
    late.in_time_only = true;
    let hard = planned(&day(&[(0, 0), (30, 0)], vec![worker(1)], vec![late]));
    assert_eq!(hard.unassigned[0].reasons, [Reason::WindowOutOfReach], "30 minutes of drive, 5 of window");
}

#[test]
fn lunch_is_at_lunch_time_and_in_the_waiting_if_there_is_some() {
    let lunch = Break { from: at(60), to: at(90), secs: 1800 };
    let eater = Worker { breaks: vec![lunch], ..worker(1) };
    let mut jobs = vec![job(1, 1), job(2, 2)];
    jobs[1].windows = window(120, 125);
    let plan = planned(&day(&[(0, 0), (10, 0), (20, 0)], vec![eater.clone()], jobs));
    let route = &plan.routes[0];
    assert_eq!((route.breaks[0].starts, route.breaks[0].ends), (at(60), at(90)), "while waiting");
    assert_eq!(plan.figures.late_secs, 0, "nobody waits for it");
    let long = (1..3).map(|number| plan::Job { service_secs: 3000, ..job(number, number) }).collect();
    let plan = planned(&day(&[(0, 0), (10, 0), (20, 0)], vec![eater], long));
    let lunch = plan.routes[0].breaks[0];
    assert!(lunch.starts >= at(60) && lunch.starts <= at(90), "between two tasks: {lunch:?}");
    assert!(plan.routes[0].faults.is_empty(), "a break is possible");
}

#[test]
fn a_day_that_ends_before_lunch_has_none() {
    let eater = Worker { breaks: vec![Break { from: at(60), to: at(90), secs: 1800 }], ..worker(1) };
    let plan = planned(&day(&[(0, 0), (10, 0)], vec![eater], vec![job(1, 1)]));
    assert!(plan.routes[0].breaks.is_empty(), "home after half an hour");
}

#[test]
fn locked_stays_and_fixed_stays_first() {
    let mut jobs: Vec<_> = (1..5).map(|number| job(number, number)).collect();
    jobs[3].assigned_to = Some(worker_id(1));
    jobs[3].locked = true;
    let west = Worker { starts_at: PlaceNo(1), ends_at: Some(PlaceNo(1)), fixed: vec![task(2)], ..worker(1) };
    let east = Worker { starts_at: PlaceNo(3), ends_at: Some(PlaceNo(3)), ..worker(2) };
    let plan = planned(&day(&WEST_AND_EAST, vec![west, east], jobs));
    assert_eq!(order(&plan, 1)[0], 2, "fixed first");
    assert!(order(&plan, 1).contains(&4), "locked, though the other stands beside it");
    assert_eq!(plan.routes[0].faults, [], "nothing is against the rules");
}

#[test]
fn what_is_locked_stays_even_if_it_is_impossible() {
    let mut locked = job(1, 1);
    (locked.locked, locked.assigned_to) = (true, Some(worker_id(1)));
    (locked.in_time_only, locked.windows) = (true, window(0, 5));
    let plan = planned(&day(&[(0, 0), (30, 0)], vec![worker(1)], vec![locked, job(2, 1)]));
    assert_eq!(plan.routes[0].faults, [Fault::TooLate(task(1), 25 * 60)], "shown, not moved");
    assert!(plan.unassigned.is_empty(), "there is still time for the other");
}

#[test]
fn capacity_splits_the_work() {
    let jobs: Vec<_> = (1..5).map(|number| plan::Job { demand: vec![5], ..job(number, number) }).collect();
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1), worker(2)], jobs.clone()));
    assert_eq!((order(&plan, 1).len(), order(&plan, 2).len()), (2, 2), "two each is all they can carry");
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1)], jobs));
    assert_eq!(plan.unassigned.len(), 2, "two are too much for one");
    let heavy = plan::Job { demand: vec![11], ..job(1, 1) };
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1)], vec![heavy]));
    assert_eq!(plan.unassigned[0].reasons, [Reason::TooMuchToCarry], "more than anybody carries");
}

#[test]
fn the_urgent_one_is_done_when_not_all_can_be() {
    let short = Worker { ends: at(35), ..worker(1) };
    let mut jobs = vec![job(1, 1), job(2, 3)];
    jobs[1].priority = Priority::Urgent;
    let plan = planned(&day(&WEST_AND_EAST, vec![short], jobs));
    assert_eq!(order(&plan, 1), [2], "the urgent one");
    assert_eq!(plan.unassigned[0].reasons, [Reason::DayFull], "there was time for the other alone");
    let long = plan::Job { service_secs: 9 * 3600, ..job(1, 1) };
    let plan = planned(&day(&WEST_AND_EAST, vec![worker(1)], vec![long]));
    assert_eq!(plan.unassigned[0].reasons, [Reason::ShiftTooShort], "nine hours in a day of eight");
}

#[test]
fn no_way_is_never_driven() {
    let places = [(0, 0), (10, 0), (20, 0)];
    let open = streets(&places);
    let closed = |from: usize, to: usize| (from == 2) != (to == 2);
    let cells = (0..9).map(|cell| (cell / 3, cell % 3));
    let legs =
        cells.map(
            |(from, to)| {
                if closed(from, to) { None } else { open.leg(PlaceNo(from as u32), PlaceNo(to as u32)) }
            },
        );
    let mut problem = day(&places, vec![worker(1)], vec![job(1, 1), job(2, 2)]);
    problem.matrices = vec![Matrix::new(3, legs.collect()).expect("nine legs")];
    let plan = planned(&problem);
    assert_eq!(order(&plan, 1), [1], "the island is left out");
    assert_eq!(plan.unassigned[0].reasons, [Reason::NoWay], "and why is said");
    problem.workers[0].fixed = vec![task(2)];
    let plan = planned(&problem);
    assert_eq!(plan.unassigned[0].holder, Some(worker_id(1)), "fixed on the island stays, without times");
    assert_eq!(order(&plan, 1), [1], "the rest of the day goes on");
}

#[test]
fn taking_a_task_away_breaks_no_rule() {
    // Waiting for the first task is when there is time for the break; without it the second one is late.
    let tea = Break { from: at(60), to: at(65), secs: 1800 };
    let drinker = Worker { breaks: vec![tea], capacity: vec![2], ends_at: None, ..worker(1) };
    let quick = |number| plan::Job { service_secs: 0, ..job(number, number) };
    let jobs = vec![
        plan::Job { windows: window(90, 120), ..quick(1) },
        plan::Job { windows: window(0, 155), in_time_only: true, priority: Priority::High, ..quick(2) },
        plan::Job { priority: Priority::Urgent, ..quick(3) },
    ];
    let problem = day(&[(0, 0), (10, 0), (70, 0), (71, 0)], vec![drinker], jobs);
    let present = Assignment::from([(worker_id(1), vec![task(1), task(2)])]);
    assert!(evaluate(&problem, &present).expect("known tasks").routes[0].faults.is_empty(), "possible now");
    for seed in 1..20 {
        let options = Options { present: Some(&present), ..options(seed) };
        let plan = plan(&problem, &options, &mut |_| ControlFlow::Continue(())).expect("a plan");
        assert_eq!(plan.routes[0].faults, [], "an urgent task is no reason to be late; seed {seed}");
    }
}

#[test]
fn a_promise_outweighs_some_driving_and_a_broken_one_is_shown() {
    let mut jobs = vec![job(1, 1), job(2, 2)];
    jobs[1].promised = Some(at(12));
    let places = [(0, 0), (10, 0), (11, 0)];
    let problem = day(&places, vec![worker(1)], jobs);
    let present = Assignment::from([(worker_id(1), vec![task(1), task(2)])]);
    let before = evaluate(&problem, &present).expect("known tasks");
    let after = planned(&problem);
    assert_eq!(order(&after, 1), [2, 1], "first where somebody waits");
    let diff = compare(&problem, &before, &after);
    assert_eq!(diff.mended_promises[0].task, task(2), "late before, in time after");
    assert_eq!(diff.saved_late_secs, 9 * 60, "21 minutes past eight instead of twelve");
    let back = compare(&problem, &after, &before);
    assert_eq!(back.broken_promises[0].arrives_after, Some(at(21)), "the other way round it is broken");
    assert_eq!(back.moves.len(), 1, "one of the two changes its place");
}

#[test]
fn small_gains_do_not_move_tasks() {
    let mut jobs = vec![job(1, 1)];
    jobs[0].assigned_to = Some(worker_id(2));
    let near = Worker { starts_at: PlaceNo(1), ends_at: None, ..worker(1) };
    let far = Worker { ends_at: None, ..worker(2) };
    let problem = day(&[(0, 0), (1, 0)], vec![near.clone(), far.clone()], jobs.clone());
    let present = Assignment::from([(worker_id(2), vec![task(1)])]);
    let options = Options { present: Some(&present), ..options(1) };
    let mut quiet = |_: &plan::Progress| ControlFlow::Continue(());
    let after = plan(&problem, &options, &mut quiet).expect("a plan");
    assert_eq!(order(&after, 2), [1], "a minute is not worth it");
    let problem = day(&[(0, 0), (9, 0)], vec![near, far], jobs);
    let after = plan(&problem, &options, &mut quiet).expect("a plan");
    assert_eq!(order(&after, 1), [1], "nine minutes are");
}

#[test]
fn a_part_of_a_plan_can_be_applied() {
    let jobs = (1..5).map(|number| job(number, number)).collect();
    let problem = day(&WEST_AND_EAST, vec![worker(1), worker(2)], jobs);
    let tasks = |numbers: &[u32]| numbers.iter().map(|number| task(*number)).collect::<Vec<_>>();
    let before = Assignment::from([(worker_id(1), tasks(&[1, 3])), (worker_id(2), tasks(&[2, 4]))]);
    let after = Assignment::from([(worker_id(1), tasks(&[1, 2])), (worker_id(2), tasks(&[3, 4]))]);
    let half = apply(&before, &after, &BTreeSet::from([task(2)]));
    assert_eq!(half[&worker_id(1)], tasks(&[1, 2, 3]), "after the one it follows in the plan");
    assert_eq!(half[&worker_id(2)], tasks(&[4]), "gone from there, the other one stays");
    let all = apply(&before, &after, &BTreeSet::from_iter(tasks(&[2, 3])));
    assert_eq!(all, after, "all moves make the plan");
    let evaluated = |it: &Assignment| evaluate(&problem, it).expect("known tasks");
    let diff = compare(&problem, &evaluated(&before), &evaluated(&after));
    assert_eq!(diff.moves.iter().map(|it| it.task).collect::<Vec<_>>(), tasks(&[2, 3]), "two change hands");
    assert_eq!(diff.kept, tasks(&[1, 4]), "two stay");
    assert_eq!(diff.saved_drive_secs, 40 * 60, "twice around the town less");
}

#[test]
fn a_cancelled_search_gives_the_best_so_far() {
    let jobs = (1..5).map(|number| job(number, number)).collect();
    let problem = day(&WEST_AND_EAST, vec![worker(1)], jobs);
    let mut heard = 0;
    let endless = Options { budget: Budget::Share(&|| 0.0), ..options(1) };
    let plan = plan(&problem, &endless, &mut |progress| {
        heard += 1;
        if progress.rounds >= 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .expect("a plan");
    assert!(plan.is_cancelled, "it says so");
    assert!(heard > 3, "it told how far it was");
    assert!(plan.unassigned.is_empty(), "the plan is whole");
    assert!(!planned(&problem).is_cancelled, "a search that ran its time is not cancelled");
}

#[test]
fn the_search_ends_when_the_callers_clock_says_so() {
    let problem = day(&WEST_AND_EAST, vec![worker(1)], (1..5).map(|number| job(number, number)).collect());
    let looks = std::cell::Cell::new(0.0);
    let spent = || {
        looks.set(looks.get() + 1.0);
        looks.get() / 10.0
    };
    let mut shares = Vec::new();
    let options = Options { budget: Budget::Share(&spent), ..options(1) };
    let plan = plan(&problem, &options, &mut |progress| {
        shares.push(progress.share);
        ControlFlow::Continue(())
    })
    .expect("a plan");
    assert_eq!(shares.len(), 10, "until the whole budget is spent: {shares:?}");
    assert!(shares.is_sorted() && shares[9] == 1.0, "told how much is spent: {shares:?}");
    assert!(!plan.is_cancelled, "nobody cancelled");
}

#[test]
fn weights_decide_what_a_minute_of_lateness_is_worth() {
    let mut jobs = vec![job(1, 1), job(2, 2)];
    jobs[1].windows = window(0, 20);
    let problem = day(&[(0, 0), (10, 0), (11, 0)], vec![Worker { ends_at: None, ..worker(1) }], jobs);
    let with = |late| {
        let options = Options { weights: Weights { late, ..Weights::default() }, ..options(1) };
        plan(&problem, &options, &mut |_| ControlFlow::Continue(())).expect("a plan")
    };
    assert_eq!(order(&with(0), 1), [1, 2], "on the way");
    assert_eq!(order(&with(100), 1), [2, 1], "a minute late is worse than a minute of driving");
}

#[test]
fn everybody_travels_in_their_own_way() {
    let places = [(0, 0), (10, 0), (0, 10)];
    let mut problem = day(&places, vec![worker(1), worker(2)], vec![job(1, 1), job(2, 2)]);
    // The second one cycles: half the time to the second job, no way to the first.
    let leg = |from: u32, to: u32| {
        let car = problem.matrices[0].leg(PlaceNo(from), PlaceNo(to))?;
        (from != 1 && to != 1).then_some(plan::Leg { secs: car.secs / 2, ..car })
    };
    let legs = (0..3).flat_map(|from| (0..3).map(move |to| (from, to))).map(|(from, to)| leg(from, to));
    let cycling = Matrix::new(3, legs.collect()).expect("nine legs");
    problem.matrices.push(cycling);
    problem.workers[1].travels = 1;
    let plan = planned(&problem);
    assert_eq!((order(&plan, 1), order(&plan, 2)), (vec![1], vec![2]), "each where they are faster");
    assert_eq!(plan.figures.drive_secs, (20 + 10) * 60, "there and back, by car and by bicycle");
    problem.workers[0].skills.clear();
    problem.jobs[0].skills = vec![skill(1)];
    problem.workers[1].skills = vec![skill(1)];
    assert_eq!(planned(&problem).unassigned[0].reasons, [Reason::NoWay], "by bicycle nobody gets there");
}

#[test]
fn who_has_declined_a_task_does_not_get_it_again() {
    let mut declined = job(1, 1);
    declined.not_by = vec![worker_id(1)];
    let far = Worker { starts_at: PlaceNo(3), ..worker(2) };
    let mut problem = day(&WEST_AND_EAST, vec![worker(1), far], vec![declined]);
    let plan = planned(&problem);
    assert_eq!(order(&plan, 2), [1], "the other one, though farther away");
    let given_back = [(worker_id(1), vec![task(1)])].into();
    let found = evaluate(&problem, &given_back).expect("known people");
    assert_eq!(found.routes[0].faults, [Fault::Declined(task(1))], "shown where it is so all the same");
    problem.workers.pop();
    assert_eq!(planned(&problem).unassigned[0].reasons, [Reason::Declined], "nobody else is there");
}
