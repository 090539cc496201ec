//! Who and what is in the question.

use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::task::{Promise, PromiseChannel, PromiseState};
use domain::travel::TravelMode;
use domain::{EntryGuid, PromiseId, SkillId};
use protocol::view::NotPlanned;

use super::*;

fn left(resource: ResourceId, when: DateTime<Utc>) -> AttendanceEntry {
    AttendanceEntry {
        guid: EntryGuid(resource.0),
        resource,
        kind: AttendanceKind::SignOut,
        event_time: when,
        entry_time: when,
        at: None,
    }
}

/// Where somebody begins.
fn start(question: &Question, resource: ResourceId) -> Option<LonLat> {
    let worker = question.workers.iter().find(|worker| worker.id == resource)?;
    Some(question.places[worker.starts_at.0 as usize].at)
}

fn jobs(question: &Question) -> Vec<u128> {
    question.jobs.iter().map(|job| job.id.0.as_u128() - 1_000).collect()
}

#[test]
fn people_begin_where_they_are_as_far_as_that_may_be_known() {
    let on_site = step(job(1, 7.50, Some(id(2))), TaskStatus::InProgress, secs(-60));
    let driving = step(job(2, 7.51, Some(id(3))), TaskStatus::EnRoute, secs(-60));
    let driving_old = step(job(3, 7.52, Some(id(4))), TaskStatus::EnRoute, secs(-60));
    let private = |n| Resource { private_since: Some(secs(-600)), ..worker(n, 7.40) };
    let driving_private = step(job(4, 7.53, Some(id(6))), TaskStatus::EnRoute, secs(-60));
    let mut day = Day::begins(vec![
        worker(1, 7.40).into(),
        worker(2, 7.40).into(),
        worker(3, 7.40).into(),
        worker(4, 7.40).into(),
        Resource { on_duty: false, ..worker(5, 7.40) }.into(),
        private(6).into(),
        private(7).into(),
        on_site.into(),
        driving.into(),
        driving_old.into(),
        driving_private.into(),
    ]);
    for (who, age) in [(1, 600), (2, 60), (3, 60), (4, 3_600), (6, 60), (7, 60)] {
        day.seen_at(id(who), 7.45, secs(-age));
    }
    let question = day.asked(&today(), now()).expect("a question");
    let from = |n| start(&question, id(n)).expect("planned");
    assert_eq!(from(1), at(7.45), "ten minutes ago is where she still is, about");
    assert_eq!(from(2), at(7.50), "at work: at the task, whatever the fix says");
    assert_eq!(from(3), at(7.45), "on the way: where the fix is");
    assert_eq!(from(4), at(7.52), "a fix of an hour ago says nothing: the end of the task");
    assert_eq!(from(5), at(7.40), "not there yet: from home");
    assert_eq!((from(6), from(7)), (at(7.53), at(7.40)), "private: the task at hand, else home");
}

#[test]
fn who_cannot_be_planned_is_named_with_the_reason() {
    let nowhere = |n| Resource { home: None, ..worker(n, 7.40) };
    let private = Resource { private_since: Some(secs(-600)), ..nowhere(1) };
    let gone = Resource { on_duty: false, ..worker(3, 7.40) };
    let no_hours = Resource { on_duty: false, working_hours: Vec::new(), ..worker(4, 7.40) };
    let day = Day::begins(vec![
        private.into(),
        nowhere(2).into(),
        gone.into(),
        left(id(3), secs(-1_800)).into(),
        no_hours.into(),
        worker(5, 7.40).into(),
    ]);
    let everybody = day.asked(&today(), now()).expect("a question");
    let reasons =
        [(id(1), NotPlanned::Private), (id(2), NotPlanned::NoLocation), (id(3), NotPlanned::SignedOut)];
    assert_eq!(everybody.not_planned, reasons, "nobody expects the one without a shift");
    assert_eq!(everybody.workers.len(), 1, "one is left");
    let named = PlanRequest { resources: vec![id(4), id(5)], ..today() };
    let named = day.asked(&named, now()).expect("a question");
    assert_eq!(named.not_planned, [(id(4), NotPlanned::NoShift)], "unless they are asked for");
    let stranger = PlanRequest { resources: vec![id(9)], ..today() };
    let code = day.asked(&stranger, now()).expect_err("unknown").code;
    assert_eq!(code, DeskErrorCode::Refused(Rejection::NotFound), "there is no such person");
    let elsewhere = PlanRequest { groups: vec![GroupId(Uuid::from_u128(99))], ..today() };
    assert_eq!(day.asked(&elsewhere, now()).expect("a question").workers.len(), 0, "another team");
}

#[test]
fn what_waits_for_that_day_is_planned_and_nothing_else() {
    let holder = Some(id(1));
    let with = |n, resource, status| step(job(n, 7.43, resource), status, secs(-60));
    let hours = |n, from: i64, to: i64| Task {
        window_start: Some(secs(from * 3_600)),
        window_end: Some(secs(to * 3_600)),
        ..job(n, 7.43, holder)
    };
    let for_monday = Task { planned_start: Some(secs(7 * 86_400)), ..job(10, 7.43, holder) };
    let tasks = vec![
        job(1, 7.43, None),
        with(2, holder, TaskStatus::Acknowledged),
        with(3, holder, TaskStatus::Declined),
        with(4, holder, TaskStatus::Suspended),
        with(5, holder, TaskStatus::ReadyForReview),
        with(6, None, TaskStatus::Draft),
        with(7, holder, TaskStatus::Closed),
        hours(8, 20, 22),
        hours(9, -30, -28),
        for_monday,
        job(11, 7.43, Some(id(77))),
        with(12, holder, TaskStatus::Arrived),
    ];
    let mut rows: Vec<Entity> = vec![worker(1, 7.40).into()];
    rows.extend(tasks.into_iter().map(Entity::from));
    let day = Day::begins(rows);
    let question = day.asked(&today(), now()).expect("a question");
    assert_eq!(
        jobs(&question),
        [1, 2, 3, 4, 9, 12],
        "not: done, drafts, reviews, tomorrow's, next Monday's, strangers'"
    );
    let find = |n| question.jobs.iter().find(|job| job.id == task_id(n)).expect("planned");
    assert_eq!(find(3).assigned_to, None, "what was declined is nobody's");
    assert_eq!(find(3).not_by, [id(1)], "and does not go back");
    assert!(find(4).locked && find(12).locked && !find(2).locked, "what was begun stays");
    assert_eq!(question.workers[0].fixed, [task_id(12)], "what is at hand is first");
    let order: Vec<u128> = question.present[&id(1)].iter().map(|task| task.0.as_u128() - 1_000).collect();
    assert_eq!(order, [12, 9, 2, 4], "the present order: at hand, by appointment, the rest");
    let tomorrow = PlanRequest { from: Some(secs(14 * 3_600)), resources: vec![id(1)], ..today() };
    assert_eq!(day.asked(&tomorrow, now()).expect("a question").workers.len(), 0, "Tuesday is free");
}

#[test]
fn another_day_has_its_own_tasks() {
    let tuesday = WorkingHours { weekday: Weekday::Tue, ..worker(1, 7.40).working_hours[0] };
    let ana = Resource { working_hours: vec![tuesday], ..worker(1, 7.40) };
    let yesterday = Task { window_end: Some(secs(3_600)), ..job(1, 7.43, Some(id(1))) };
    let that_day = Task { window_end: Some(secs(26 * 3_600)), ..job(2, 7.43, Some(id(1))) };
    let at_hand = step(job(3, 7.43, Some(id(1))), TaskStatus::InProgress, now());
    let mut day = Day::begins(vec![
        ana.into(),
        yesterday.into(),
        that_day.into(),
        at_hand.into(),
        job(4, 7.43, None).into(),
    ]);
    day.seen_at(id(1), 7.45, secs(-10));
    let tomorrow = PlanRequest { from: Some(secs(18 * 3_600)), ..today() };
    let question = day.asked(&tomorrow, now()).expect("a question");
    assert_eq!(jobs(&question), [2, 4], "today's and what is at hand will be done by then");
    assert_eq!(start(&question, id(1)), Some(at(7.40)), "a day begins at home");
}

#[test]
fn work_is_as_long_as_it_remains_and_as_the_customer_was_told() {
    let begun = step(job(1, 7.43, Some(id(1))), TaskStatus::Arrived, secs(-900));
    let begun = step(begun, TaskStatus::InProgress, secs(-600));
    let overdue = step(job(2, 7.43, Some(id(2))), TaskStatus::InProgress, secs(-7_200));
    let promise = Promise {
        id: PromiseId(Uuid::from_u128(50)),
        told_at: now(),
        by: Actor::Office(UserId(Uuid::from_u128(21))),
        channel: PromiseChannel::Phone,
        from: Some(secs(3_600)),
        until: secs(7_200),
        resource: None,
        expected: None,
        message: None,
        state: PromiseState::Open,
    };
    let told = Task { window_end: Some(secs(9_000)), promises: vec![promise], ..job(3, 7.43, None) };
    let day = Day::begins(vec![
        worker(1, 7.4).into(),
        worker(2, 7.4).into(),
        begun.into(),
        overdue.into(),
        told.into(),
    ]);
    let strict = PlanRequest { in_time_only: true, ..today() };
    let question = day.asked(&strict, now()).expect("a question");
    let [first, second, third] = &question.jobs[..] else { panic!("three tasks: {:?}", jobs(&question)) };
    assert_eq!(first.service_secs, 900, "a quarter of an hour was done since the arrival");
    assert_eq!(second.service_secs, 0, "it should be done by now");
    assert_eq!(third.promised, Some(secs(7_200)), "what was told");
    assert_eq!(
        (third.windows[0].from, third.windows[0].to),
        (secs(3_600), secs(9_000)),
        "not before, either"
    );
    assert!(third.in_time_only && !first.in_time_only, "where there is a window to miss");
}

#[test]
fn what_the_dispatcher_locks_or_has_put_out_to_bid_is_left_alone() {
    let invitation = Invitation {
        id: BidId(Uuid::from_u128(30)),
        task: task_id(3),
        invite: vec![id(1)],
        deadline: secs(600),
    };
    let bid = Bid::open(invitation, UserId(Uuid::from_u128(21)), now()).expect("opens");
    let day = Day::begins(vec![
        worker(1, 7.40).into(),
        job(1, 7.43, Some(id(1))).into(),
        job(2, 7.43, None).into(),
        job(3, 7.43, None).into(),
        job(4, 7.43, Some(id(1))).into(),
        bid.into(),
    ]);
    let request = PlanRequest { locked: vec![task_id(1), task_id(2)], ..today() };
    let question = day.asked(&request, now()).expect("a question");
    assert_eq!(jobs(&question), [1, 4], "nobody's stays nobody's, and the bid is open");
    assert!(question.jobs[0].locked && !question.jobs[1].locked, "one stays with her");
    let only = PlanRequest { only_unassigned: true, ..today() };
    let question = day.asked(&only, now()).expect("a question");
    let locked: Vec<bool> = question.jobs.iter().map(|job| job.locked).collect();
    assert_eq!(
        (jobs(&question), locked),
        (vec![1, 2, 4], vec![true, false, true]),
        "what somebody has stays"
    );
}

#[test]
fn skills_capacities_and_ways_of_travelling_are_everybodys_own() {
    let skill = SkillId(Uuid::from_u128(9));
    let able =
        Resource { skills: vec![skill], capacity: Some(3), travels: TravelMode::Bicycle, ..worker(1, 7.40) };
    let heavy = Task { load: 4, skills: vec![skill], ..job(1, 7.43, None) };
    let mut day = Day::begins(vec![able.into(), worker(2, 7.41).into(), heavy.into()]);
    let question = day.asked(&today(), now()).expect("a question");
    assert_eq!(question.modes, [TravelMode::Bicycle, TravelMode::Car], "two matrices");
    assert_eq!((question.workers[0].travels, question.workers[1].travels), (0, 1), "each their own");
    assert_eq!(question.workers[1].capacity, [u32::MAX], "as much as comes");
    assert_eq!((question.jobs[0].demand[0], question.jobs[0].skills.as_slice()), (4, &[skill][..]), "needed");
    let view = day.planned(&today(), now()).whole();
    let reasons = [protocol::view::LeftOut::TooMuchToCarry];
    assert_eq!(view.left_out[0].reasons, reasons, "the one with the skill can't carry it");
}

#[test]
fn a_question_has_limits() {
    let field = |request: PlanRequest, rows: Vec<Entity>| {
        let error = Day::begins(rows).asked(&request, now()).expect_err("too much");
        assert_eq!(error.code, DeskErrorCode::BadInput, "out of range");
        error.detail.expect("the field is named")
    };
    for seconds in [0, 121] {
        assert_eq!(field(PlanRequest { seconds, ..today() }, Vec::new()), "seconds", "one to 120");
    }
    let late = PlanRequest { from: Some(secs(15 * 86_400)), ..today() };
    assert_eq!(field(late, Vec::new()), "from", "two weeks");
    let crowd = (1..=501).map(|n| worker(n, 7.40).into()).collect();
    assert_eq!(field(today(), crowd), "resources", "500 people");
    let heap = (1..=2_001).map(|n| job(n, 7.43, None).into()).collect();
    assert_eq!(field(today(), heap), "tasks", "2,000 tasks");
}
