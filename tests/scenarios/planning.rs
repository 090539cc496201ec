//! A day plan from the question to the server's rows and back.

use std::collections::BTreeMap;
use std::ops::Not;
use std::path::PathBuf;

use chrono::{NaiveTime, Weekday};
use domain::entry::EntryBody;
use domain::resource::WorkingHours;
use domain::task::{AssignError, TaskStatus};
use domain::travel::TravelSource;
use domain::{LonLat, ResourceId, TaskId};
use eta::Router;
use protocol::entity::{Entity, EntityKind};
use protocol::view::{DeskErrorCode, DeskRequest, DeskResponse, PlanProgressView, PlanRequest, PlanView};
use protocol::wire::Rejection;
use region::Region;

use crate::office::{Desk, Office, Person};
use crate::screen::Screen;

/// Twenty people, a hundred tasks all over Monaco, given out without a thought.
struct Morning {
    office: Office,
    people: Vec<Person>,
    tasks: Vec<TaskId>,
}

const PEOPLE: usize = 20;
const TASKS: usize = 100;
/// The last tasks are nobody's.
const GIVEN_OUT: usize = 90;

fn roads() -> Router {
    let regions = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/resources/regions");
    Region::find(&regions, "monaco").and_then(|region| region.router()).expect("Monaco is there")
}

/// From noon to noon: whenever the tests run, half a day is left at least.
fn always() -> Vec<WorkingHours> {
    use Weekday::*;
    let noon = NaiveTime::from_hms_opt(12, 0, 0).expect("noon");
    [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
        .map(|weekday| WorkingHours { weekday, starts: noon, ends: noon })
        .to_vec()
}

fn card(office: &Office, id: ResourceId, home: LonLat) {
    let Some(Entity::Resource(mut card)) = office.row(EntityKind::Resource, id.0) else { panic!("no card") };
    (card.home, card.working_hours) = (Some(home), always());
    office.put(card);
}

impl Morning {
    async fn begins(people: usize, tasks: usize) -> Self {
        let (office, roads) = (Office::open().await, roads());
        let place = |n: usize| roads.random_node((n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20);
        let mut morning = Morning { office, people: Vec::new(), tasks: Vec::new() };
        for n in 0..people {
            let person = morning.office.person(&format!("Person {n}"), morning.office.north).await;
            card(&morning.office, person.id, place(10_000 + n));
            morning.people.push(person);
        }
        for n in 0..tasks {
            let holder = (n < GIVEN_OUT).then(|| morning.people[n % people].id);
            let id = morning.office.task(&format!("Task {n}"), holder);
            let task =
                domain::task::Task { at: place(n), planned_minutes: 15, ..morning.office.stored_task(id) };
            morning.office.put(task);
            morning.tasks.push(id);
        }
        morning
    }

    /// A desk that has seen all of it.
    async fn desk(&self, login: &str) -> (Desk, Screen) {
        let (desk, mut screen) = self.office.signed_in(login).await;
        let is_known = |task: &TaskId, screen: &Screen| {
            screen.tasks.get(task).is_some_and(|view| view.task.planned_minutes == 15)
        };
        let at_home = |person: &Person, screen: &Screen| {
            screen.resources.get(&person.id).is_some_and(|view| view.card.home.is_some())
        };
        screen
            .until("people and tasks", |screen| {
                self.tasks.iter().all(|task| is_known(task, screen))
                    && self.people.iter().all(|person| at_home(person, screen))
            })
            .await;
        (desk, screen)
    }

    fn holders(&self) -> BTreeMap<TaskId, Option<ResourceId>> {
        self.tasks.iter().map(|task| (*task, self.office.stored_task(*task).resource)).collect()
    }
}

fn today(seconds: u16) -> DeskRequest {
    DeskRequest::PlanDay(Box::new(PlanRequest {
        from: None,
        resources: Vec::new(),
        groups: Vec::new(),
        locked: Vec::new(),
        only_unassigned: false,
        in_time_only: false,
        seconds,
    }))
}

async fn plan(desk: &Desk, request: DeskRequest) -> PlanView {
    let answer = desk.ask(request).await;
    let DeskResponse::Plan(view) = answer else { panic!("a plan: {answer:?}") };
    *view
}

async fn apply(desk: &Desk, plan: u64, moves: Vec<TaskId>) -> (u32, Vec<(TaskId, Rejection)>) {
    let answer = desk.ask(DeskRequest::ApplyPlan { plan, moves }).await;
    let DeskResponse::PlanApplied { moved, kept, .. } = answer else { panic!("applied: {answer:?}") };
    (moved, kept)
}

async fn undo(desk: &Desk, plan: u64) -> (u32, Vec<TaskId>) {
    let answer = desk.ask(DeskRequest::UndoPlan { plan }).await;
    let DeskResponse::PlanUndone { moved, kept, .. } = answer else { panic!("undone: {answer:?}") };
    (moved, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_planned_made_and_taken_back() {
    let morning = Morning::begins(PEOPLE, TASKS).await;
    let before = morning.holders();
    let (desk, mut screen) = morning.desk("dispatcher").await;
    let (other, mut elsewhere) = morning.desk("manager").await;

    let view = plan(&desk, today(2)).await;
    assert_eq!((view.days.len(), view.not_planned.len()), (PEOPLE, 0), "everybody's day");
    assert_eq!(view.source, TravelSource::Roads, "along the roads of the region");
    assert_eq!((view.before.left_out, view.after.left_out), (10, 0), "each task finds somebody");
    let (was, is) = (view.before.drive_secs / 60, view.after.drive_secs / 60);
    assert!(is < was, "more is done with less driving: {is} minutes instead of {was}");
    screen.until("the end", |screen| screen.planning.last() == Some(&PlanProgressView::Idle)).await;
    assert!(
        matches!(screen.planning[0], PlanProgressView::Drives { places } if places > 100),
        "first the drives"
    );
    let searching = |step: &&PlanProgressView| matches!(step, PlanProgressView::Searching { .. });
    let told = screen.planning.iter().filter(searching).count();
    assert!((1..=9).contains(&told), "then the search, four times a second at most: {told}");

    let half: Vec<TaskId> = view.moves.iter().map(|it| it.task).step_by(2).collect();
    let part = plan(&desk, DeskRequest::PlanPart { plan: view.plan, moves: half.clone() }).await;
    assert_eq!(part.moves.iter().filter(|it| it.is_chosen).count(), half.len(), "these and no others");
    let (moved, kept) = apply(&desk, view.plan, half.clone()).await;
    assert_eq!((moved as usize, kept), (half.len(), Vec::new()), "nobody has touched them");
    let goes: BTreeMap<TaskId, Option<ResourceId>> =
        view.moves.iter().filter(|it| half.contains(&it.task)).map(|it| (it.task, it.to)).collect();
    elsewhere
        .until("the moves at another desk", |screen| {
            goes.iter().all(|(task, to)| {
                let task = &screen.tasks[task].task;
                task.resource == *to && task.planned_start.is_some() == to.is_some()
            })
        })
        .await;
    screen.until("an empty queue", |screen| screen.queue.is_empty()).await;

    let (back, kept) = undo(&desk, view.plan).await;
    assert_eq!((back as usize, kept), (half.len(), Vec::new()), "all of them go back");
    screen.until("the server's word", |screen| screen.queue.is_empty()).await;
    assert!(screen.notices.is_empty(), "without a conflict: {:?}", screen.notices);
    elsewhere
        .until("the old day at another desk", |screen| {
            before.iter().all(|(task, holder)| {
                let task = &screen.tasks[task].task;
                task.resource == *holder && task.planned_start.is_none()
            })
        })
        .await;
    assert_eq!(morning.holders(), before, "and at the server");
    screen.until("an empty queue", |screen| screen.queue.is_empty()).await;
    assert!(screen.notices.is_empty(), "without a conflict: {:?}", screen.notices);
    let again = desk.refused(DeskRequest::UndoPlan { plan: view.plan }).await;
    assert_eq!(again.code, DeskErrorCode::TooLateToUndo, "once is enough");
    desk.desk.stop().await;
    other.desk.stop().await;
}

/// Driving in the best plan so far.
fn drive_secs(step: &PlanProgressView) -> Option<i64> {
    match step {
        PlanProgressView::Searching { drive_secs, .. } => Some(*drive_secs),
        PlanProgressView::Drives { .. } | PlanProgressView::Idle => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_gives_the_best_so_far_and_who_has_begun_goes_on() {
    let morning = Morning::begins(6, 30).await;
    let (desk, mut screen) = morning.desk("dispatcher").await;
    let cancel = async {
        let drives =
            |screen: &Screen| -> Vec<i64> { screen.planning.iter().filter_map(drive_secs).collect() };
        screen.until("something better", |screen| drives(screen).is_sorted_by(|a, b| a <= b).not()).await;
        let busy = desk.refused(today(1)).await;
        assert_eq!(busy.detail.as_deref(), Some("already_planning"), "one at a time");
        desk.ask(DeskRequest::CancelPlan).await;
    };
    let (view, ()) = tokio::join!(plan(&desk, today(120)), cancel);
    assert!(view.is_cancelled, "the dispatcher had enough");
    assert_eq!(view.after.left_out, 0, "a whole plan all the same");

    let moved = view.moves.iter().find(|it| it.from.is_some()).expect("something changes hands");
    let holder = morning.people.iter().find(|person| Some(person.id) == moved.from).expect("known");
    for status in [TaskStatus::Acknowledged, TaskStatus::InProgress] {
        holder.report(EntryBody::Task { task: moved.task, status, reason: None }, None).await;
    }
    screen.until("work", |screen| screen.tasks[&moved.task].task.status == TaskStatus::InProgress).await;
    let all: Vec<TaskId> = view.moves.iter().map(|it| it.task).collect();
    let (count, kept) = apply(&desk, view.plan, all.clone()).await;
    let started = Rejection::Assign(AssignError::Started(TaskStatus::InProgress));
    assert_eq!(kept, [(moved.task, started)], "who has begun keeps it");
    assert_eq!(count as usize, all.len() - 1, "the others move");
    screen.until("the server's word", |screen| screen.queue.is_empty()).await;
    assert_eq!(morning.office.stored_task(moved.task).resource, moved.from, "at the server, too");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_planned_without_a_server_too() {
    let mut morning = Morning::begins(4, 20).await;
    let before = morning.holders();
    let (desk, mut screen) = morning.desk("dispatcher").await;
    morning.office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    let view = plan(&desk, today(1)).await;
    let all: Vec<TaskId> = view.moves.iter().map(|it| it.task).collect();
    assert!(all.len() > 1, "a day without a thought can be done better");
    let (moved, _) = apply(&desk, view.plan, all.clone()).await;
    assert_eq!(moved as usize, all.len(), "queued");
    let first = view.moves[0];
    screen.until("the move", |screen| screen.tasks[&first.task].task.resource == first.to).await;
    let (back, _) = undo(&desk, view.plan).await;
    assert_eq!(back as usize, all.len(), "all of them go back");
    screen.until("the old day", |screen| screen.tasks[&first.task].task.resource == first.from).await;
    apply(&desk, view.plan, all).await;
    morning.office.start_server().await;
    desk.ask(DeskRequest::ReconnectNow).await;
    // What was taken back may have reached the server or not; the plan that was made last holds.
    screen.until("an empty queue", |screen| screen.is_live() && screen.queue.is_empty()).await;
    let planned: BTreeMap<TaskId, Option<ResourceId>> =
        view.moves.iter().map(|it| (it.task, it.to)).collect();
    for (task, holder) in before {
        let expected = planned.get(&task).copied().unwrap_or(holder);
        assert_eq!(morning.office.stored_task(task).resource, expected, "as planned");
    }
    assert!(screen.notices.is_empty(), "without a conflict: {:?}", screen.notices);
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_assign_may_not_plan() {
    let office = Office::open().await;
    let (desk, _) = office.signed_in("supervisor").await;
    let requests = [
        today(1),
        DeskRequest::CancelPlan,
        DeskRequest::PlanPart { plan: 1, moves: Vec::new() },
        DeskRequest::ApplyPlan { plan: 1, moves: Vec::new() },
        DeskRequest::UndoPlan { plan: 1 },
    ];
    for request in requests {
        assert_eq!(desk.refused(request).await.code, DeskErrorCode::Forbidden, "supervisors review");
    }
    desk.desk.stop().await;
}
