//! What is made of a plan, and taken back.

use std::collections::BTreeSet;
use std::ops::Not;

use domain::task::AssignError;
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use protocol::view::{DeskResponse, PlanView};
use protocol::wire::{Command, Occurred};

use super::*;

pub const WEST: f64 = 7.30;
pub const EAST: f64 = 7.50;

/// Ana in the west has the work of the east, Ben in the east that of the west; one task is nobody's.
pub fn crossed() -> Day {
    let mut rows: Vec<Entity> = vec![worker(1, WEST).into(), worker(2, EAST).into()];
    for n in 0..3 {
        let apart = n as f64 * 0.001;
        rows.push(job(n, EAST - apart, Some(id(1))).into());
        rows.push(job(10 + n, WEST + apart, Some(id(2))).into());
    }
    rows.push(job(20, WEST, None).into());
    Day::begins(rows)
}

pub fn all(kept: &Kept) -> Vec<TaskId> {
    kept.diff.moves.iter().map(|it| it.task).collect()
}

pub fn ids() -> impl Iterator<Item = CommandId> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    std::iter::repeat_with(|| CommandId(Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())))
}

/// Queues commands from this number on, as the link does.
fn queue(day: &mut Day, commands: Vec<NewCommand>, first: u64) {
    let new = (first..).zip(commands).collect();
    day.session.on_stored(QueueChange { new, ..QueueChange::default() }, now());
}

/// A command in the outbox.
fn sent(n: u64, new: NewCommand, state: CommandState, attempts: u32) -> QueuedCommand {
    let NewCommand { id, body, if_match, valid_until, depends_on } = new;
    let occurred = Occurred { wall: now(), mono_age_ms: 0 };
    let command = Command { n, id, body, if_match, occurred, valid_until, depends_on };
    QueuedCommand { command, state, attempts, seen: false }
}

fn applied(response: &DeskResponse) -> (u32, &[(TaskId, Rejection)]) {
    let DeskResponse::PlanApplied { moved, kept, .. } = response else { panic!("applied: {response:?}") };
    (*moved, kept)
}

fn undone(response: &DeskResponse) -> (u32, &[TaskId]) {
    let DeskResponse::PlanUndone { moved, kept, .. } = response else { panic!("undone: {response:?}") };
    (*moved, kept)
}

fn drive_minutes(view: &PlanView) -> (u64, u64) {
    (view.before.drive_secs / 60, view.after.drive_secs / 60)
}

#[test]
fn a_plan_is_shown_beside_the_present_day() {
    let mut day = crossed();
    let view = day.planned(&today(), now()).whole();
    let (before, after) = drive_minutes(&view);
    assert!(after * 5 < before, "everybody stays at their end: {before} and {after} minutes");
    assert_eq!(view.moves.len(), 7, "six change hands, one finds somebody");
    assert!(view.moves.iter().all(|it| it.is_chosen && it.arrives_after.is_some()), "all are proposed");
    assert_eq!((view.before.left_out, view.after.left_out), (1, 0), "nobody had it");
    let [ana, ben] = &view.days[..] else { panic!("two days: {:?}", view.days) };
    assert_eq!((ana.before.stops.len(), ana.after.stops.len()), (3, 4), "hers");
    assert_eq!((ben.before.stops.len(), ben.after.stops.len()), (3, 3), "his");
    assert_eq!(view.source, domain::travel::TravelSource::StraightLine, "without a region an estimate");
}

#[test]
fn a_part_of_a_plan_has_figures_of_its_own() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let (same, chosen) = day.session.plan_part(kept.number, &[task_id(20)], now()).expect("the plan");
    let part = same.partly(&chosen).expect("a part");
    let (before, after) = drive_minutes(&part);
    assert!(after >= before, "one task more and nothing else: {before} and {after} minutes");
    assert_eq!(part.after.left_out, 0, "it finds somebody");
    assert_eq!(part.moves.iter().filter(|it| it.is_chosen).count(), 1, "the others are still proposed");
    assert!(part.moves.iter().all(|it| it.arrives_after.is_some()), "with what they would come to");
    let nothing = kept.partly(&BTreeSet::new()).expect("nothing");
    assert_eq!(nothing.after, nothing.before, "no move, no change");
    let error = day.session.plan_part(kept.number, &[task_id(99)], now()).expect_err("not a move");
    assert_eq!(error.detail.as_deref(), Some("moves"), "it does not move");
}

#[test]
fn moves_become_commands_that_hold_the_whole_order() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let (commands, response) =
        day.session.apply_plan((kept.number, &[task_id(20)]), ids(), now()).expect("possible");
    assert_eq!(applied(&response), (1, &[][..]), "one move");
    assert_eq!(commands.len(), 4, "with a start for each task of the tour that it comes into: {commands:?}");
    assert!(commands.iter().all(|command| command.if_match == Some(1)), "each as it was seen");
    queue(&mut day, commands, 1);
    let (to, start) = (day.shown(20).resource, day.shown(20).planned_start);
    assert!(to.is_some() && start.is_some(), "shown at once");
    let rest: Vec<TaskId> = all(&kept);
    let (commands, response) = day.session.apply_plan((kept.number, &rest), ids(), now()).expect("the rest");
    assert_eq!(applied(&response), (6, &[][..]), "what was made is not made twice");
    queue(&mut day, commands, 100);
    for route in &kept.after.routes {
        let mut starts: Vec<_> = route
            .stops
            .iter()
            .map(|stop| day.session.picture().shown().tasks[&stop.task].data.planned_start)
            .collect();
        assert!(starts.iter().all(Option::is_some), "everything has its place");
        assert!(starts.is_sorted(), "in the planned order");
        starts.dedup();
        assert_eq!(starts.len(), route.stops.len(), "no two at the same time");
    }
    let again = day.session.apply_plan((kept.number, &rest), ids(), now()).expect("nothing left");
    assert!(again.0.is_empty(), "a second click does nothing: {:?}", again.0);
}

#[test]
fn what_somebody_touched_meanwhile_stays_and_is_told() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    day.row(step(job(0, EAST, Some(id(1))), TaskStatus::InProgress, secs(5)), 2, secs(5));
    day.row(job(10, WEST, Some(id(1))), 2, secs(5));
    day.row(step(job(11, WEST + 0.001, Some(id(2))), TaskStatus::Canceled, secs(5)), 2, secs(5));
    let (commands, response) =
        day.session.apply_plan((kept.number, &all(&kept)), ids(), secs(6)).expect("the rest");
    let (moved, stay) = applied(&response);
    let expected = [
        (task_id(0), Rejection::Assign(AssignError::Started(TaskStatus::InProgress))),
        (task_id(10), Rejection::Expired),
        (task_id(11), Rejection::Assign(AssignError::Over(TaskStatus::Canceled))),
    ];
    assert_eq!((moved, stay), (4, &expected[..]), "started, given to somebody, called off");
    let touched = |command: &NewCommand| {
        expected.iter().any(|(task, _)| command.body.target() == (EntityKind::Task, task.0))
    };
    assert!(!commands.iter().any(touched), "nothing is asked of them");
}

#[test]
fn a_note_or_a_call_is_no_reason_to_leave_a_task() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let seen = step(job(0, EAST, Some(id(1))), TaskStatus::Acknowledged, secs(5));
    day.row(Task { title: "Lift stuck again".to_owned(), ..seen }, 2, secs(5));
    let (commands, response) =
        day.session.apply_plan((kept.number, &[task_id(0)]), ids(), secs(6)).expect("possible");
    assert_eq!(applied(&response), (1, &[][..]), "the plan rests on none of that");
    let own = commands.iter().find(|it| it.body.target().1 == task_id(0).0).expect("the move");
    assert_eq!(own.if_match, Some(2), "as it is now");
}

#[test]
fn what_was_never_sent_is_forgotten_and_the_rest_is_put_back() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let before: Vec<Task> = [0, 1, 2, 10, 11, 12, 20].map(|n| day.shown(n).clone()).to_vec();
    let (commands, _) = day.session.apply_plan((kept.number, &all(&kept)), ids(), now()).expect("all");
    // The first one is at the server already, and its row has come back; the second one is on its way.
    let (first, second) = (commands[0].clone(), commands[1].body.target().1);
    queue(&mut day, commands.clone(), 1);
    let CommandBody::TaskPlan { task, resource, planned_start } = first.body else { panic!("a place") };
    let row = before.iter().find(|row| row.id == task).expect("known").clone();
    day.row(Task { resource, planned_start, ..row }, 2, secs(2));
    let rest = (2..).zip(commands.iter().skip(1).cloned()).map(|(n, new)| match n {
        2 => sent(n, new, CommandState::InFlight, 1),
        _ => sent(n, new, CommandState::Queued, 0),
    });
    day.session.on_queue(rest.collect());
    let back = day.session.undo_plan(kept.number, ids(), secs(30)).expect("in time");
    assert_eq!(undone(&back.response), (7, &[][..]), "all go back");
    assert_eq!(back.withdrawals.len(), 5, "never sent");
    assert!(
        back.withdrawals.iter().all(|it| it.otherwise.is_some()),
        "or put back if they are sent meanwhile"
    );
    let put_back: BTreeSet<Uuid> = back.commands.iter().map(|it| it.body.target().1).collect();
    assert_eq!(put_back, BTreeSet::from([task.0, second]), "the server may have done these");
    let was = before.iter().find(|row| row.id == task).expect("known");
    let places = CommandBody::TaskPlan { task, resource: was.resource, planned_start: None };
    assert!(back.commands.iter().any(|it| it.body == places), "where it was: {:?}", back.commands);
    let twice = day.session.undo_plan(kept.number, ids(), secs(31)).expect_err("once is enough").code;
    assert_eq!(twice, DeskErrorCode::TooLateToUndo, "there is nothing left");
}

#[test]
fn what_somebody_moved_since_is_not_taken_back() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let (commands, _) = day.session.apply_plan((kept.number, &all(&kept)), ids(), now()).expect("all");
    for (version, command) in (2..).zip(&commands) {
        let CommandBody::TaskPlan { task, resource, planned_start } = command.body.clone() else {
            panic!("a place")
        };
        let row = day.session.picture().shown().tasks[&task].data.clone();
        day.row(Task { resource, planned_start, ..row }, version, secs(2));
    }
    let taken = Task { resource: day.shown(1).resource.filter(|_| false), ..day.shown(1).clone() };
    day.row(taken, 20, secs(3));
    day.row(step(day.shown(2).clone(), TaskStatus::InProgress, secs(3)), 20, secs(3));
    let back = day.session.undo_plan(kept.number, ids(), secs(30)).expect("in time");
    assert_eq!(undone(&back.response), (5, &[task_id(1), task_id(2)][..]), "taken away, and begun");
    assert_eq!(back.commands.len(), 5, "the others go back");
}

#[test]
fn what_the_server_did_not_do_is_cleared_away() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let (commands, _) =
        day.session.apply_plan((kept.number, &[task_id(20)]), ids(), now()).expect("one move");
    let own = |command: &NewCommand| command.body.target().1 == task_id(20).0;
    let refused = CommandState::NeedsUser { why: NeedsUser::Conflict { current: None } };
    let queue = (1..).zip(commands).map(|(n, new)| {
        let state = if own(&new) { refused.clone() } else { CommandState::InFlight };
        (own(&new), sent(n, new, state, 1))
    });
    let (marks, queue): (Vec<bool>, Vec<QueuedCommand>) = queue.unzip();
    let stuck = queue[marks.iter().position(|own| *own).expect("the move")].command.n;
    day.session.on_queue(queue);
    let back = day.session.undo_plan(kept.number, ids(), secs(30)).expect("in time");
    assert_eq!(undone(&back.response), (0, &[task_id(20)][..]), "somebody else has moved it");
    let given_up: Vec<u64> = back.withdrawals.iter().flat_map(|it| it.numbers.clone()).collect();
    assert_eq!(given_up, [stuck], "nobody has to decide about it any more");
    assert!(back.withdrawals.iter().all(|it| it.otherwise.is_none()), "and nothing is asked instead");
    assert_eq!(back.commands.len(), 3, "the starts of the others go back");
}

#[test]
fn plans_and_moves_have_their_time() {
    let mut day = crossed();
    let kept = day.planned(&today(), now());
    let code = |error: DeskError| error.code;
    let expired = day.session.plan_part(kept.number, &[], secs(1_801)).map_err(code).expect_err("old");
    assert_eq!(expired, DeskErrorCode::Refused(Rejection::Expired), "positions have moved on");
    let unknown = day.session.plan_part(kept.number + 1, &[], now()).map_err(code).expect_err("unknown");
    assert_eq!(unknown, DeskErrorCode::Refused(Rejection::NotFound), "another session's");
    day.session.apply_plan((kept.number, &all(&kept)), ids(), now()).expect("all");
    let newer = day.planned(&today(), secs(10));
    assert!(newer.number > kept.number, "numbers are never given twice");
    let late = day.session.undo_plan(kept.number, ids(), secs(601)).map_err(code).expect_err("late");
    assert_eq!(late, DeskErrorCode::TooLateToUndo, "ten minutes are over");
}

#[test]
fn a_plan_is_as_old_as_the_server_says() {
    let mut day = crossed();
    day.clock_is_ahead(TimeDelta::hours(1));
    let wall = |seconds: i64| secs(3_600 + seconds);
    let kept = day.planned(&today(), wall(0));
    day.session.plan_part(kept.number, &[], wall(60)).expect("a minute old, however fast this clock is");
    let old = day.session.plan_part(kept.number, &[], wall(1_801)).map(drop).expect_err("half an hour").code;
    assert_eq!(old, DeskErrorCode::Refused(Rejection::Expired), "positions have moved on");
}

#[test]
fn one_search_at_a_time_which_a_cancel_ends_with_the_best_so_far() {
    let mut day = crossed();
    let search = day.session.plan_day(&today(), now()).expect("the first");
    let second = day.session.plan_day(&today(), now()).map(drop).expect_err("one at a time");
    assert_eq!(second.detail.as_deref(), Some("already_planning"), "the first one is under way");
    assert!(search.cancel.is_cancelled().not(), "nobody has cancelled");
    day.session.cancel_planning();
    let number = search.number;
    let kept = searched(search);
    assert!(kept.whole().is_cancelled, "ended before its time");
    assert!(kept.after.unassigned.is_empty(), "with what was found until then");
    day.session.on_planned(number, None).expect("all is as it was");
    let third = day.session.plan_day(&today(), now()).expect("a failed search is over, too");
    drop(day);
    assert!(third.cancel.is_cancelled(), "it dies with its session");
}
