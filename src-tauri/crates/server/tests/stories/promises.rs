//! Day plans, promises and choices: what the server makes of the commands.

use super::office::{Desk, Fresh, Office, refusal};
use chrono::TimeDelta;
use domain::task::{
    ChoiceMade, ExpectedThen, OverrideReason, PromiseChannel, PromiseDraft, PromiseError, PromiseState,
    TaskStatus,
};
use domain::travel::TravelSource;
use domain::{PromiseId, ResourceId, TaskId};
use protocol::wire::{Command, CommandBody, Outcome, Rejection};
use uuid::Uuid;

/// Somebody is there in so many minutes.
fn promise(office: &Office, minutes: i64) -> PromiseDraft {
    PromiseDraft {
        id: PromiseId(Uuid::now()),
        channel: PromiseChannel::Phone,
        from: None,
        until: office.now() + TimeDelta::minutes(minutes),
        expected: None,
    }
}

fn tell(task: TaskId, promise: PromiseDraft) -> CommandBody {
    CommandBody::TaskPromise { task, promise, text: None }
}

fn states(office: &Office, task: TaskId) -> Vec<PromiseState> {
    office.stored_task(task).promises.iter().map(|promise| promise.state).collect()
}

/// The desk's token has run out meanwhile: the same desk with a new one.
async fn again<'o>(office: &'o Office, desk: &Desk<'o>) -> Desk<'o> {
    office.sign_in_on("dispatcher", desk.device, desk.epoch).await.expect("signs in again")
}

/// As seen at version `if_match`.
async fn send(desk: &Desk<'_>, n: u64, if_match: u64, body: CommandBody) -> Outcome {
    desk.send(Command { if_match: Some(if_match), ..desk.command(n, body) }).await
}

fn is_applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied { .. })
}

#[tokio::test]
async fn a_day_is_planned_and_two_dispatchers_do_not_overwrite_each_other() {
    let office = Office::open().await;
    let (desk, other) = (office.sign_in("dispatcher").await, office.sign_in("everywhere").await);
    let (task, start) = (office.task("Lift stuck", Some(office.ana.id)), office.now() + TimeDelta::hours(2));
    let plan = |resource, planned_start| CommandBody::TaskPlan { task, resource, planned_start };
    let mine = Command { if_match: Some(1), ..desk.command(1, plan(Some(office.ana.id), Some(start))) };
    let outcome = desk.send(mine.clone()).await;
    assert!(is_applied(&outcome), "in Ana's day: {outcome:?}");
    let late = send(&other, 1, 1, plan(Some(office.ben.id), Some(start))).await;
    assert!(matches!(late, Outcome::Conflict { current: Some(_) }), "seen before that: {late:?}");
    let planned = office.stored_task(task);
    assert_eq!((planned.resource, planned.planned_start), (Some(office.ana.id), Some(start)), "hers");

    let again = desk.send(mine).await;
    assert!(matches!(again, Outcome::Duplicate { version: 2, .. }), "sent twice, planned once: {again:?}");
    let away = send(&other, 2, 2, plan(Some(office.ben.id), Some(start))).await;
    assert!(is_applied(&away), "now that it was seen: {away:?}");
    let assigned = CommandBody::TaskAssign { task, resource: Some(office.ana.id), choice: None };
    send(&other, 3, 3, assigned).await;
    assert_eq!(office.stored_task(task).planned_start, None, "Ben's hour is not Ana's");
    let audit = office.admin().audit(office.company).expect("audit");
    let actions: Vec<&str> =
        audit.iter().filter(|row| row.target == task.0).map(|row| row.action.as_str()).collect();
    let expected = ["task.plan", "task.plan refused", "task.plan", "task.assign"];
    assert_eq!(actions, expected, "everything is recorded");
}

#[tokio::test]
async fn nobody_plans_into_the_day_of_another_group() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (own, theirs) =
        (office.task("Lift stuck", Some(office.ana.id)), office.task("Door", Some(office.ben.id)));
    let plan = |task, resource| CommandBody::TaskPlan { task, resource: Some(resource), planned_start: None };
    let not_there = Some(&Rejection::NotFound);
    let into = send(&desk, 1, 1, plan(own, office.ben.id)).await;
    assert_eq!(refusal(&into), not_there, "Ben is of another group: he looks as if he weren't there");
    let out_of = send(&desk, 2, 1, plan(theirs, office.ana.id)).await;
    assert_eq!(refusal(&out_of), not_there, "nor is his task seen");
    let told = desk.send(desk.command(3, tell(theirs, promise(&office, 60)))).await;
    assert_eq!(refusal(&told), not_there, "nor its customer promised anything");
    let everywhere = office.sign_in("everywhere").await;
    let outcome = send(&everywhere, 1, 1, plan(own, office.ben.id)).await;
    assert!(is_applied(&outcome), "a dispatcher of all groups may: {outcome:?}");
}

#[tokio::test]
async fn a_promise_is_kept_by_whoever_arrives_in_time() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let then = ExpectedThen {
        p50: office.now() + TimeDelta::minutes(40),
        p90: office.now() + TimeDelta::minutes(55),
        source: TravelSource::Roads,
        fix_age_secs: 12,
    };
    let first = PromiseDraft { expected: Some(then), ..promise(&office, 60) };
    let outcome = desk.send(desk.command(1, tell(task, first.clone()))).await;
    assert!(is_applied(&outcome), "told: {outcome:?}");
    // The desk has lost the answer and the outbox its number: the same promise under another one.
    let twice = desk.send(desk.command(2, tell(task, first.clone()))).await;
    assert!(matches!(twice, Outcome::Applied { version: 2, .. }), "the same promise is one: {twice:?}");
    assert_eq!(states(&office, task), [PromiseState::Open], "and it is open");

    let phone = office.activate(&office.ana).await;
    office.wait(TimeDelta::minutes(50));
    for status in [TaskStatus::EnRoute, TaskStatus::Arrived] {
        phone.report(&phone.entry(domain::entry::EntryBody::Task { task, status, reason: None })).await;
    }
    let desk = again(&office, &desk).await;
    let kept = office.stored_task(task);
    assert_eq!(kept.promises[0].state, PromiseState::Kept { arrived: office.now() }, "ten minutes to spare");
    assert_eq!(kept.promises[0].error_secs(), Some(600), "ten minutes later than expected");
    assert_eq!(kept.promises[0].resource, Some(office.ana.id), "who was expected is known");
    let none = desk.send(desk.command(3, tell(task, promise(&office, 60)))).await;
    let refused = Rejection::Promise(PromiseError::NotExpected);
    assert_eq!(refusal(&none), Some(&refused), "she is there: nobody is expected any more");
    let back = CommandBody::TaskPromiseWithdraw { task, promise: first.id };
    let settled = desk.send(desk.command(4, back)).await;
    assert_eq!(refusal(&settled), Some(&Rejection::Promise(PromiseError::NotOpen)), "kept is kept");
}

#[tokio::test]
async fn a_promise_is_withdrawn_once_and_cancelling_makes_it_void() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let (first, second) = (promise(&office, 60), promise(&office, 90));
    let withdraw = |promise| CommandBody::TaskPromiseWithdraw { task, promise };
    desk.send(desk.command(1, tell(task, first.clone()))).await;
    let outcome = desk.send(desk.command(2, withdraw(first.id))).await;
    assert!(is_applied(&outcome), "taken back: {outcome:?}");
    let twice = desk.send(desk.command(3, withdraw(first.id))).await;
    assert_eq!(refusal(&twice), Some(&Rejection::Promise(PromiseError::NotOpen)), "once");
    desk.send(desk.command(4, tell(task, second))).await;
    let cancel = CommandBody::TaskStatus { task, to: TaskStatus::Canceled, reason: None };
    desk.send(desk.command(5, cancel)).await;
    let void = PromiseState::Void { at: office.now() };
    assert_eq!(states(&office, task), [void, void], "nobody comes");
    let audit = office.admin().audit(office.company).expect("audit");
    let count = |action: &str| audit.iter().filter(|row| row.action == action).count();
    assert_eq!(count("task.promise"), 2, "what was told is recorded");
    assert_eq!(count("task.promise.withdraw"), 1, "what was taken back, too");
    assert_eq!(count("task.promise.withdraw refused"), 1, "and the try that came to nothing");
}

#[tokio::test]
async fn what_was_said_on_the_phone_is_kept_however_late_the_server_hears_of_it() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    // Said now; the desk has no connection for three hours.
    let said = desk.command(1, tell(task, promise(&office, 60)));
    let phone = office.activate(&office.ana).await;
    office.wait(TimeDelta::minutes(75));
    let arrived = domain::entry::EntryBody::Task { task, status: TaskStatus::Arrived, reason: None };
    phone.report(&phone.entry(arrived)).await;
    let broken = PromiseState::Broken { arrived: office.now() };
    office.wait(TimeDelta::minutes(105));
    let outcome = again(&office, &desk).await.send(said).await;
    assert!(is_applied(&outcome), "nothing that was said is lost: {outcome:?}");
    let told = office.stored_task(task).promises.remove(0);
    assert_eq!(told.told_at, office.now() - TimeDelta::hours(3), "told when it was told");
    assert_eq!(told.state, broken, "and broken a quarter of an hour after its time");
}

#[tokio::test]
async fn a_message_whose_time_has_passed_is_refused_and_nothing_is_sent() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let draft = PromiseDraft { channel: PromiseChannel::Message, ..promise(&office, 60) };
    let text = Some("We are there by ten.".to_owned());
    let body = CommandBody::TaskPromise { task, promise: draft.clone(), text };
    let written = Command { valid_until: Some(draft.until), ..desk.command(1, body.clone()) };
    let careless = desk.command(2, body);
    office.wait(TimeDelta::minutes(61));
    let desk = again(&office, &desk).await;
    let late = desk.send(written).await;
    assert_eq!(refusal(&late), Some(&Rejection::Expired), "it came too late; the desk keeps it and shows it");
    let times = Rejection::Promise(PromiseError::Times);
    let late = desk.send(careless).await;
    assert_eq!(refusal(&late), Some(&times), "also of a desk that sets no limit");
    assert_eq!(states(&office, task), [], "the customer was told nothing");
}

#[tokio::test]
async fn promises_that_make_no_sense_are_refused() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let task = office.task("Lift stuck", Some(office.ana.id));
    let then = |p50, p90| ExpectedThen {
        p50: office.now() + TimeDelta::minutes(p50),
        p90: office.now() + TimeDelta::minutes(p90),
        source: TravelSource::Osrm,
        fix_age_secs: 5,
    };
    let (message, phone) = (PromiseChannel::Message, PromiseChannel::Phone);
    let ok = promise(&office, 60);
    let cases = [
        (promise(&office, -1), None, PromiseError::Times, "over"),
        (
            PromiseDraft { from: Some(ok.until + TimeDelta::minutes(1)), ..ok.clone() },
            None,
            PromiseError::Times,
            "backwards",
        ),
        (PromiseDraft { expected: Some(then(30, 20)), ..ok.clone() }, None, PromiseError::Times, "odd"),
        (PromiseDraft { channel: message, ..ok.clone() }, None, PromiseError::Text, "no text"),
        (
            PromiseDraft { channel: message, ..ok.clone() },
            Some("x".repeat(501)),
            PromiseError::Text,
            "a letter",
        ),
        (PromiseDraft { channel: phone, ..ok }, Some("x".to_owned()), PromiseError::Text, "said and written"),
    ];
    for (n, (promise, text, reason, why)) in (1..).zip(cases) {
        let outcome = desk.send(desk.command(n, CommandBody::TaskPromise { task, promise, text })).await;
        assert_eq!(refusal(&outcome), Some(&Rejection::Promise(reason)), "{why}");
    }
    assert_eq!(states(&office, task), [], "nothing is kept of it");
}

fn chosen(chosen: ResourceId, first: ResourceId, rank: u16) -> Box<ChoiceMade> {
    Box::new(ChoiceMade {
        chosen,
        rank,
        of: 4,
        first,
        later_secs: Some(300),
        reason: Some(OverrideReason::KnowsTheSite),
        note: "Has the key".to_owned(),
    })
}

#[tokio::test]
async fn who_was_chosen_against_whom_is_kept_with_the_task() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let (ana, ben) = (office.ana.id, office.ben.id);
    let task = office.task("Lift stuck", None);
    let assign = |resource, choice| CommandBody::TaskAssign { task, resource, choice: Some(choice) };
    let odd = [
        assign(Some(ana), chosen(ben, ana, 2)),
        assign(None, chosen(ben, ana, 2)),
        assign(Some(ben), chosen(ben, ana, 1)),
        assign(Some(ben), chosen(ben, ana, 5)),
    ];
    for (n, body) in (1..).zip(odd) {
        let outcome = send(&desk, n, 1, body.clone()).await;
        assert_eq!(refusal(&outcome), Some(&Rejection::Choice), "it does not fit: {body:?}");
    }
    assert_eq!(office.stored_task(task).resource, None, "a refused choice assigns nobody");
    let made = chosen(ben, ana, 2);
    let body = Command { if_match: Some(1), ..desk.command(5, assign(Some(ben), made.clone())) };
    for _ in 0..3 {
        desk.send(body.clone()).await;
    }
    let stored = office.stored_task(task);
    assert_eq!(stored.resource, Some(ben), "Ben has it");
    assert_eq!(stored.choices.len(), 1, "sent three times, chosen once");
    assert_eq!((stored.choices[0].by, &stored.choices[0].made), (desk.user(), &*made), "by whom, and why");
}

#[tokio::test]
async fn phones_learn_nothing_of_promises_and_choices() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let (ana, ben) = (office.ana.id, office.ben.id);
    let task = office.task("Lift stuck", None);
    let choice = Some(chosen(ana, ben, 2));
    let assign = CommandBody::TaskAssign { task, resource: Some(ana), choice };
    send(&desk, 1, 1, assign).await;
    desk.send(desk.command(2, tell(task, promise(&office, 60)))).await;
    let start = office.now() + TimeDelta::hours(1);
    let plan = CommandBody::TaskPlan { task, resource: Some(ana), planned_start: Some(start) };
    send(&desk, 3, 3, plan).await;
    let offered = office.task("Door", None);
    desk.send(desk.command(4, tell(offered, promise(&office, 60)))).await;
    let deadline = office.now() + TimeDelta::hours(1);
    let id = domain::BidId(Uuid::now());
    let invitation = domain::bid::Invitation { id, task: offered, invite: vec![ana], deadline };
    desk.send(desk.command(5, CommandBody::BidOpen(invitation))).await;
    let stored = office.stored_task(task);
    assert_eq!((stored.promises.len(), stored.choices.len()), (1, 1), "the office has both");

    let synced = office.activate(&office.ana).await.first_sync;
    assert_eq!(synced.tasks.len(), 2, "her own, and the one she may bid for");
    for task in &synced.tasks {
        assert_eq!((task.promises.len(), task.choices.len()), (0, 0), "{}: the office's affair", task.title);
    }
    let own = synced.tasks.iter().find(|known| known.id == task).expect("hers");
    assert_eq!(own.planned_start, Some(start), "when she is to begin is hers to know");
}
