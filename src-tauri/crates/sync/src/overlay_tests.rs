use domain::alert::{AlertAction, AlertKind, AlertState, Severity};
use domain::bid::{BidAnswer, BidStatus, Invitation, Offer};
use domain::place::PoiKind;
use domain::task::Priority;
use domain::{LonLat, ResourceId, TaskId};
use protocol::durable::{CommandState, NeedsUser};
use protocol::wire::{Command, Occurred};

use domain::task::{ChoiceMade, OverrideReason, PromiseChannel, PromiseDraft, PromiseState, TaskStatus};

use super::*;

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("a time")
}

fn draft(number: u128, title: &str) -> TaskDraft {
    TaskDraft {
        id: id(number),
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        at: LonLat::new(7.42, 43.73).expect("on earth"),
        address: String::new(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    }
}

fn queued(n: u64, body: CommandBody) -> QueuedCommand {
    let occurred = Occurred { wall: at(i64::try_from(n).expect("small")), mono_age_ms: 0 };
    let (id, if_match, valid_until, depends_on) = (id(u128::from(n) + 500), None, None, None);
    let command = Command { n, id, body, if_match, occurred, valid_until, depends_on };
    QueuedCommand { command, state: CommandState::Queued, attempts: 0, seen: false }
}

fn in_state(state: CommandState, mut queued: QueuedCommand) -> QueuedCommand {
    queued.state = state;
    queued
}

fn me() -> UserId {
    id(42)
}

fn task(number: u128) -> Task {
    draft(number, "Lift stuck").new_task(0, at(0))
}

fn assign(task: u128, resource: Option<ResourceId>) -> CommandBody {
    CommandBody::TaskAssign { task: id(task), resource, choice: None }
}

#[test]
fn what_the_dispatcher_did_shows_before_the_server_has_it() {
    let ana: ResourceId = id(5);
    let queue = [
        queued(1, assign(1, Some(ana))),
        queued(2, CommandBody::TaskCreate(draft(2, "Door"))),
        queued(3, assign(2, Some(ana))),
    ];
    let shown = rows(vec![task(1)], &queue, me());
    let seen: Vec<(TaskId, Option<ResourceId>, Vec<u64>)> =
        shown.into_iter().map(|shown| (shown.row.id, shown.row.resource, shown.pending)).collect();
    assert_eq!(
        seen,
        [(id(1), Some(ana), vec![1]), (id(2), Some(ana), vec![2, 3])],
        "the old task and the one that only exists here are both Ana's"
    );
}

#[test]
fn the_cached_row_stays_what_it_is() {
    let cached = task(1);
    let shown = row(Some(cached.clone()), Uuid::from_u128(1), &[], me()).expect("there");
    assert_eq!(
        shown,
        Shown { row: cached, pending: Vec::new(), attention: Vec::new() },
        "nothing waits, nothing is different"
    );
}

#[test]
fn what_the_feed_has_shown_is_not_shown_twice() {
    let mut noted = queued(1, CommandBody::TaskNote { task: id(1), text: "x".to_owned() });
    noted.seen = true;
    let shown = row(Some(task(1)), Uuid::from_u128(1), &[noted], me()).expect("there");
    assert!(shown.row.notes.is_empty() && shown.pending.is_empty(), "the row has it already");
}

#[test]
fn what_waits_for_a_decision_is_marked_not_applied() {
    let conflict = CommandState::NeedsUser { why: NeedsUser::Conflict { current: None } };
    let queue = [in_state(conflict, queued(1, assign(1, Some(id(5)))))];
    let shown = row(Some(task(1)), Uuid::from_u128(1), &queue, me()).expect("there");
    assert_eq!((shown.row.resource, shown.attention), (None, vec![1]), "the server's row, with a mark");
}

#[test]
fn a_step_that_the_rules_forbid_leaves_the_row() {
    let close = CommandBody::TaskStatus { task: id(1), to: TaskStatus::Closed, reason: None };
    let shown = row(Some(task(1)), Uuid::from_u128(1), &[queued(1, close)], me()).expect("there");
    assert_eq!(
        (shown.row.status, shown.pending),
        (TaskStatus::NewTask, vec![1]),
        "as the server has it, but marked"
    );
}

#[test]
fn edits_notes_and_steps_add_up_in_order() {
    let queue = [
        queued(
            1,
            CommandBody::TaskEdit {
                task: id(1),
                draft: draft(1, "Lift stuck, two people"),
                base: Box::new(draft(1, "Lift stuck")),
            },
        ),
        queued(2, assign(1, Some(id(5)))),
        queued(3, CommandBody::TaskNote { task: id(1), text: "called".to_owned() }),
        queued(
            4,
            CommandBody::TaskStatus {
                task: id(1),
                to: TaskStatus::Canceled,
                reason: Some("freed".to_owned()),
            },
        ),
    ];
    let shown = row(Some(task(1)), Uuid::from_u128(1), &queue, me()).expect("there").row;
    assert_eq!(shown.title, "Lift stuck, two people", "edited");
    assert_eq!(
        shown.notes.last().map(|note| (note.text.as_str(), note.at)),
        Some(("called", at(3))),
        "noted then"
    );
    assert_eq!(shown.status, TaskStatus::Canceled, "and canceled");
}

fn told(number: u128, minute: i64) -> PromiseDraft {
    let (id, until) = (id(number), at(minute));
    PromiseDraft { id, channel: PromiseChannel::Phone, from: None, until, expected: None }
}

#[test]
fn a_days_plan_shows_before_the_server_has_it() {
    let ana: ResourceId = id(5);
    let plan = |resource, planned_start| CommandBody::TaskPlan { task: id(1), resource, planned_start };
    let shown = |queue: &[QueuedCommand]| {
        let shown = row(Some(task(1)), Uuid::from_u128(1), queue, me()).expect("there");
        (shown.row.resource, shown.row.planned_start)
    };
    let into = queued(1, plan(Some(ana), Some(at(90))));
    assert_eq!(shown(std::slice::from_ref(&into)), (Some(ana), Some(at(90))), "in Ana's day");
    let moved = queued(2, plan(Some(ana), Some(at(30))));
    assert_eq!(shown(&[into.clone(), moved]), (Some(ana), Some(at(30))), "the later word counts");
    let given = queued(2, assign(1, Some(id(6))));
    assert_eq!(shown(&[into, given]), (Some(id(6)), None), "somebody else has another day");
}

#[test]
fn what_a_customer_was_told_shows_before_the_server_has_it() {
    let tell = |draft| CommandBody::TaskPromise { task: id(1), promise: draft, text: None };
    let queue = [queued(1, tell(told(30, 60))), queued(2, tell(told(31, 90)))];
    let shown = |queue: &[QueuedCommand]| {
        let shown = row(Some(task(1)), Uuid::from_u128(1), queue, me()).expect("there").row;
        shown.promises.into_iter().map(|promise| (promise.id, promise.state)).collect::<Vec<_>>()
    };
    let replaced = (id(30), PromiseState::Replaced { at: at(2) });
    assert_eq!(shown(&queue), [replaced, (id(31), PromiseState::Open)], "one is to be kept, the newer one");
    let back = queued(3, CommandBody::TaskPromiseWithdraw { task: id(1), promise: id(31) });
    let all = [queue[0].clone(), queue[1].clone(), back];
    assert_eq!(shown(&all)[1], (id(31), PromiseState::Void { at: at(3) }), "taken back");
    let mut cached = task(1);
    cached.promise(&told(30, 60), at(1), Actor::Office(me())).expect("told");
    let again = row(Some(cached), Uuid::from_u128(1), &queue[..1], me()).expect("there").row;
    assert_eq!(again.promises.len(), 1, "what the server has already is not there twice");
}

#[test]
fn a_choice_shows_with_its_assignment_and_only_with_it() {
    let made = ChoiceMade {
        chosen: id(5),
        rank: 2,
        of: 3,
        first: id(6),
        later_secs: Some(60),
        reason: Some(OverrideReason::Agreed),
        note: String::new(),
    };
    let assign = |resource| {
        let choice = Some(Box::new(made.clone()));
        [queued(1, CommandBody::TaskAssign { task: id(1), resource: Some(resource), choice })]
    };
    let shown = |queue: &[QueuedCommand]| {
        row(Some(task(1)), Uuid::from_u128(1), queue, me()).expect("there").row.choices
    };
    let expected = Choice { at: at(1), by: me(), made: made.clone() };
    assert_eq!(shown(&assign(id(5))), [expected], "who was chosen, by whom, and when");
    assert_eq!(shown(&assign(id(7))), [], "what does not fit is the server's to refuse");
}

#[test]
fn a_bid_opens_and_gets_its_winner_before_the_server_knows() {
    let invitation = Invitation { id: id(40), task: id(1), invite: vec![id(5), id(6)], deadline: at(600) };
    let open = queued(1, CommandBody::BidOpen(invitation.clone()));
    let shown: Vec<Shown<Bid>> = rows(Vec::new(), &[open], me());
    assert_eq!(shown[0].row.lines.len(), 2, "both invited");
    let mut cached = Bid::open(invitation, me(), at(0)).expect("open");
    let offer = Offer { eta_secs: Some(600), price_minor: None, comment: String::new() };
    cached.answer(id(5), BidAnswer::Bid(offer), at(1)).expect("answers");
    let winner = queued(2, CommandBody::BidSetWinner { bid: id(40), resource: id(5) });
    let shown = row(Some(cached.clone()), Uuid::from_u128(40), &[winner], me()).expect("there");
    assert_eq!(
        (shown.row.status, shown.row.winner()),
        (BidStatus::Closed, Some(id(5))),
        "closed with its winner"
    );
    let cancel = queued(2, CommandBody::BidCancel { bid: id(40) });
    let shown = row(Some(cached), Uuid::from_u128(40), &[cancel], me()).expect("there");
    assert_eq!(shown.row.status, BidStatus::Canceled, "or taken back");
}

#[test]
fn alerts_are_raised_once_and_acknowledged_at_once() {
    let alert = Alert {
        id: id(9),
        kind: AlertKind::BidExpired { bid: id(40) },
        severity: Severity::Info,
        event_time: at(0),
        raised_at: at(0),
        at: None,
        state: AlertState::New,
        rule: None,
        escalated_at: None,
        correction: None,
        history: Vec::new(),
    };
    let queue = [
        queued(1, CommandBody::AlertRaise(Box::new(alert.clone()))),
        queued(2, CommandBody::AlertAct { alert: id(9), action: AlertAction::Acknowledge }),
    ];
    let shown: Vec<Shown<Alert>> = rows(Vec::new(), &queue, me());
    assert_eq!(shown[0].row.state, AlertState::Acknowledged { by: me(), at: at(2) }, "raised and seen");
    let other = AlertState::Acknowledged { by: id(43), at: at(1) };
    let cached = Alert { state: other, ..alert };
    let shown = row(Some(cached), Uuid::from_u128(9), &queue, me()).expect("there");
    assert_eq!(shown.row.state, other, "a colleague was faster: theirs stays");
}

#[test]
fn places_change_and_go() {
    let poi = |name: &str| Poi {
        id: id(3),
        name: name.to_owned(),
        kind: PoiKind::Point,
        at: LonLat::new(7.42, 43.73).expect("on earth"),
        address: String::new(),
        fence: None,
    };
    let put = queued(1, CommandBody::PoiPut(Box::new(poi("new"))));
    let shown = row(Some(poi("old")), Uuid::from_u128(3), std::slice::from_ref(&put), me()).expect("there");
    assert_eq!(shown.row.name, "new", "changed");
    let gone = queued(2, CommandBody::PoiDelete { poi: id(3) });
    assert_eq!(row(Some(poi("old")), Uuid::from_u128(3), &[put, gone], me()), None, "deleted");
}
