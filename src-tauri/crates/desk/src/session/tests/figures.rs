//! Today at a glance.

use super::*;
use crate::figures::figures;

#[test]
fn today_in_figures() {
    let done = |id: u128, at| {
        let task = step(lift(Some(ana().id)), TaskStatus::Closed, at);
        Task { id: TaskId(Uuid::from_u128(id)), ..task }
    };
    let overdue = Task {
        id: TaskId(Uuid::from_u128(50)),
        window_start: Some(secs(-7_200)),
        window_end: Some(secs(-600)),
        ..lift(None)
    };
    let rows: Vec<Entity> = vec![
        ana().into(),
        lift(None).into(),
        overdue.into(),
        done(60, secs(-60)).into(),
        done(61, secs(-120)).into(),
        done(62, secs(-86_400)).into(),
    ];
    let day = Day::begins(rows);
    let figures = figures(&day.session.scene(now()), None);
    assert_eq!(figures.closed, 2, "two today, one yesterday");
    assert_eq!(
        figures.tasks_by_status,
        [(TaskStatus::NewTask, 2), (TaskStatus::Closed, 2)],
        "in the contract's order"
    );
    assert_eq!(figures.late, [TaskId(Uuid::from_u128(50))], "nobody has it, and its window is over");
    assert_eq!(figures.unassigned, 2, "both that are open");
    let week: Vec<u32> = figures.closed_per_day.iter().map(|(_, closed)| *closed).collect();
    assert_eq!(week, [0, 0, 0, 0, 0, 1, 2], "seven days, today last");
    assert_eq!((figures.people, figures.people_in), (1, 1), "Ana is in");
    assert_eq!(figures.by_resource, [(ana().id, 2)], "to her name");
    assert_eq!(EntityKind::ALL.len(), 15, "a new kind of row needs a place in the views");
}

#[test]
fn who_came_back_is_as_late_as_they_came_back() {
    use TaskStatus::*;
    let task = |id: u128, steps: &[(TaskStatus, i64)]| {
        let task =
            Task { id: TaskId(Uuid::from_u128(id)), window_end: Some(secs(-600)), ..lift(Some(ana().id)) };
        steps.iter().fold(task, |task, (status, at)| step(task, *status, secs(*at)))
    };
    let came_back_late = task(70, &[(Arrived, -7_200), (Suspended, -7_000), (Arrived, -300)]);
    let was_late_once = task(71, &[(Arrived, -500), (Suspended, -450), (Arrived, -400)]);
    let new_window = Task { window_end: Some(secs(600)), ..was_late_once.clone() };
    let late = |tasks: Vec<Task>| {
        let rows = tasks.into_iter().map(Entity::from).chain([ana().into()]);
        figures(&Day::begins(rows.collect()).session.scene(now()), None).late
    };
    assert_eq!(late(vec![was_late_once.clone()]), [was_late_once.id], "late both times");
    assert_eq!(
        late(vec![came_back_late.clone()]),
        [came_back_late.id],
        "the first visit was in time, this is not"
    );
    let order = late(vec![was_late_once.clone(), came_back_late.clone()]);
    assert_eq!(order, [came_back_late.id, was_late_once.id], "by the visit that is going on");
    assert_eq!(late(vec![new_window]), [], "another window was agreed on since, and this one is kept");
}

#[test]
fn a_clock_that_is_fast_makes_nothing_late_and_no_new_day() {
    let task = Task { window_end: Some(secs(3_600)), ..lift(None) };
    let mut day = Day::begins(vec![ana().into(), task.clone().into()]);
    day.clock_is_ahead(TimeDelta::hours(20));
    let wall = secs(20 * 3_600);
    let figures = day.session.figures(wall);
    assert_eq!(figures.late, [], "there is an hour left");
    assert_eq!(figures.day.to_string(), "2026-11-23", "here it is Tuesday already, and that does not matter");
    assert_eq!(day.session.figures(wall + TimeDelta::hours(2)).late, [task.id], "now it is late");
}
