//! The disk is full while a plan is made or taken back.

use std::collections::BTreeSet;

use protocol::view::DeskResponse;

use super::making::{all, crossed, ids};
use super::*;
use crate::planning::Outcome;
use crate::session::TakingBack;

/// A disk, and what is in the queue.
struct Disk {
    room: usize,
    next: u64,
}

impl Disk {
    fn full() -> Self {
        Self { room: 0, next: 1 }
    }

    /// Stores commands in order until there is no room, as the link does.
    fn store(&mut self, commands: Vec<NewCommand>, gone: Vec<u64>) -> (QueueChange, Outcome) {
        let wanted: BTreeSet<CommandId> = commands.iter().map(|command| command.id).collect();
        let new: Vec<(u64, NewCommand)> = (self.next..).zip(commands).take(self.room).collect();
        self.room -= new.len();
        self.next += new.len() as u64;
        let stored: BTreeSet<CommandId> = new.iter().map(|(_, command)| command.id).collect();
        let missing: BTreeSet<CommandId> = wanted.difference(&stored).copied().collect();
        let fault = (!missing.is_empty()).then(|| DeskErrorCode::Storage.into());
        let outcome = Outcome { stored, missing, gone: gone.iter().copied().collect(), fault };
        (QueueChange { gone, new }, outcome)
    }

    /// Makes moves of a plan with room for so many commands.
    fn makes(
        &mut self,
        day: &mut Day,
        (plan, room): (u64, usize),
        moves: &[TaskId],
    ) -> Result<DeskResponse, DeskError> {
        self.room = room;
        let (commands, answer) = day.session.apply_plan((plan, moves), ids(), secs(1)).expect("possible");
        let (changed, outcome) = self.store(commands, Vec::new());
        day.session.on_stored(changed, secs(1));
        day.session.on_plan_stored(plan, answer, outcome)
    }

    /// Takes a plan back: so many commands can be given up or stored before the disk fails.
    fn takes_back(&mut self, day: &mut Day, (plan, room): (u64, usize)) -> Result<DeskResponse, DeskError> {
        let TakingBack { withdrawals, commands, response } =
            day.session.undo_plan(plan, ids(), secs(30)).expect("in time");
        let twice = day.session.undo_plan(plan, ids(), secs(30)).expect_err("it is on its way").code;
        assert_eq!(twice, DeskErrorCode::TooLateToUndo, "not twice at the same time");
        let numbers = withdrawals.into_iter().flat_map(|it| it.numbers.into_iter().rev());
        let (gone, left): (Vec<_>, Vec<_>) = numbers.enumerate().partition(|(count, _)| *count < room);
        self.room = room - gone.len();
        let (changed, mut outcome) = self.store(commands, gone.into_iter().map(|(_, n)| n).collect());
        if !left.is_empty() {
            outcome.fault = Some(DeskErrorCode::Storage.into());
        }
        day.session.on_stored(changed, secs(30));
        day.session.on_plan_taken_back(plan, response, outcome)
    }
}

fn applied(response: DeskResponse) -> (u32, Vec<TaskId>) {
    let DeskResponse::PlanApplied { moved, failed, .. } = response else { panic!("applied: {response:?}") };
    (moved, failed)
}

fn undone(response: DeskResponse) -> (u32, Vec<TaskId>) {
    let DeskResponse::PlanUndone { moved, kept, failed } = response else { panic!("undone: {response:?}") };
    assert_eq!(kept, [], "nobody has touched anything");
    (moved, failed)
}

fn tasks(day: &Day) -> Vec<Task> {
    [0, 1, 2, 10, 11, 12, 20].map(|n| day.shown(n).clone()).to_vec()
}

/// In the queue, one command for each task at most.
fn queued(day: &Day) -> usize {
    let queue = day.session.picture().queue();
    let targets: BTreeSet<Uuid> = queue.iter().map(|queued| queued.command.body.target().1).collect();
    assert_eq!(targets.len(), queue.len(), "nothing is done twice");
    queue.len()
}

#[test]
fn what_the_disk_took_of_a_plan_is_taken_back_and_the_rest_made_later() {
    let (mut day, mut disk) = (crossed(), Disk::full());
    let kept = day.planned(&today(), now());
    let (before, moves) = (tasks(&day), all(&kept));
    let nothing = disk.makes(&mut day, (kept.number, 0), &moves).expect_err("no room for anything").code;
    assert_eq!(
        (nothing, tasks(&day)),
        (DeskErrorCode::Storage, before.clone()),
        "the disk is full, and nothing moves"
    );
    let none = day.session.undo_plan(kept.number, ids(), secs(2)).expect_err("nothing was done").code;
    assert_eq!(none, DeskErrorCode::TooLateToUndo, "so nothing is there to be taken back");

    let (moved, failed) = applied(disk.makes(&mut day, (kept.number, 2), &moves).expect("a part"));
    assert_eq!(moved as usize + failed.len(), moves.len(), "each move is made or named: {failed:?}");
    assert!(!failed.is_empty(), "two of seven places are no tour");
    assert_eq!(queued(&day), 2, "as far as there was room");

    let (moved, failed) = applied(disk.makes(&mut day, (kept.number, 100), &moves).expect("the rest"));
    assert!(moved > 0 && failed.is_empty(), "what failed can be made: {moved}");
    assert_eq!(queued(&day), moves.len(), "and what was made is not made again");
    let planned: Vec<_> = kept.after.routes.iter().flat_map(|route| &route.stops).collect();
    assert!(
        planned
            .iter()
            .all(|stop| { day.session.picture().shown().tasks[&stop.task].data.planned_start.is_some() }),
        "everything has its place"
    );

    let (moved, failed) = undone(disk.takes_back(&mut day, (kept.number, 100)).expect("room enough"));
    assert_eq!((moved as usize, failed), (moves.len(), Vec::new()), "both parts go back");
    assert_eq!((queued(&day), tasks(&day)), (0, before), "it is as before");
}

#[test]
fn a_part_of_a_plan_can_be_taken_back_before_the_rest_is_made() {
    let (mut day, mut disk) = (crossed(), Disk::full());
    let kept = day.planned(&today(), now());
    let before = tasks(&day);
    applied(disk.makes(&mut day, (kept.number, 3), &all(&kept)).expect("a part"));
    assert_ne!(tasks(&day), before, "three have moved");
    let (_, failed) = undone(disk.takes_back(&mut day, (kept.number, 100)).expect("room enough"));
    assert_eq!((failed, tasks(&day)), (Vec::new(), before), "and are back");
    let (moved, _) = applied(disk.makes(&mut day, (kept.number, 100), &all(&kept)).expect("all of it"));
    assert_eq!(moved as usize, all(&kept).len(), "the whole plan can be made then");
}

#[test]
fn what_could_not_be_taken_back_can_be_taken_back_again() {
    let (mut day, mut disk) = (crossed(), Disk::full());
    let kept = day.planned(&today(), now());
    let (before, moves) = (tasks(&day), all(&kept));
    applied(disk.makes(&mut day, (kept.number, 100), &moves).expect("all of it"));
    let nothing = disk.takes_back(&mut day, (kept.number, 0)).expect_err("the disk is full").code;
    assert_eq!((nothing, queued(&day)), (DeskErrorCode::Storage, moves.len()), "nothing has gone back");
    let (moved, failed) = undone(disk.takes_back(&mut day, (kept.number, 3)).expect("a part"));
    assert_eq!((moved, failed.len()), (3, moves.len() - 3), "what is left is named");
    assert_eq!(queued(&day), moves.len() - 3, "three were given up");
    let (moved, failed) = undone(disk.takes_back(&mut day, (kept.number, 100)).expect("the rest"));
    assert_eq!((moved as usize, failed), (moves.len() - 3, Vec::new()), "the others follow");
    assert_eq!((queued(&day), tasks(&day)), (0, before), "it is as before");
    let again = day.session.undo_plan(kept.number, ids(), secs(40)).expect_err("nothing is left").code;
    assert_eq!(again, DeskErrorCode::TooLateToUndo, "and once is enough");
}

#[test]
fn of_what_the_server_has_the_way_back_is_stored_once() {
    let (mut day, mut disk) = (crossed(), Disk::full());
    let kept = day.planned(&today(), now());
    let moves = all(&kept);
    applied(disk.makes(&mut day, (kept.number, 100), &moves).expect("all of it"));
    let queue = day.session.picture().queue().to_vec();
    for (version, queued) in (2..).zip(&queue) {
        let CommandBody::TaskPlan { task, resource, planned_start } = queued.command.body else {
            panic!("a place")
        };
        let row = day.session.picture().shown().tasks[&task].data.clone();
        day.row(Task { resource, planned_start, ..row }, version, secs(2));
    }
    day.session.on_queue(queue);
    day.session.on_queue(Vec::new());
    let (moved, failed) = undone(disk.takes_back(&mut day, (kept.number, 2)).expect("a part"));
    assert_eq!((moved, failed.len()), (2, moves.len() - 2), "two commands were stored");
    let (moved, failed) = undone(disk.takes_back(&mut day, (kept.number, 100)).expect("the rest"));
    assert_eq!((moved as usize, failed), (moves.len() - 2, Vec::new()), "and five more, not seven");
    assert_eq!(queued(&day), moves.len(), "one for each task");
}
