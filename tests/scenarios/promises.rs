//! Promises and choices over days, as the desk's reports tell them.

use chrono::TimeDelta;
use domain::PromiseId;
use domain::task::{
    ChoiceMade, ExpectedThen, OverrideReason, PromiseChannel, PromiseDraft, PromiseState, TaskStatus,
};
use domain::travel::TravelSource;
use protocol::view::{DeskErrorCode, DeskRequest, DeskResponse};

use crate::office::{Office, draft, fresh, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_told_kept_and_reported() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    let lift = draft("Lift stuck");
    desk.ask(DeskRequest::CreateTask(lift.clone())).await;
    desk.ask(DeskRequest::AssignTask { task: lift.id, resource: Some(ana.id), choice: None }).await;
    let p50 = now() + TimeDelta::minutes(20);
    let p90 = p50 + TimeDelta::minutes(5);
    let promise = PromiseDraft {
        id: PromiseId(fresh()),
        channel: PromiseChannel::Phone,
        from: None,
        until: now() + TimeDelta::minutes(30),
        expected: Some(ExpectedThen { p50, p90, source: TravelSource::Roads, fix_age_secs: 4 }),
    };
    desk.ask(DeskRequest::MakePromise { task: lift.id, promise, text: None }).await;
    desk.ask(DeskRequest::SetTaskStatus { task: lift.id, to: TaskStatus::Arrived, reason: None }).await;
    screen
        .until("a promise that is kept", |screen| {
            screen.tasks.get(&lift.id).is_some_and(|view| {
                let state = view.task.promises.first().map(|promise| promise.state);
                matches!(state, Some(PromiseState::Kept { .. })) && !view.pending
            })
        })
        .await;

    let DeskResponse::PromiseReport(report) = desk.ask(DeskRequest::PromiseReport { days: 7 }).await else {
        panic!("a report of promises is asked, and comes")
    };
    let all = report.all;
    assert_eq!((all.told, all.kept, all.broken, all.open), (1, 1, 0, 0), "told once and kept");
    assert!(all.error_p50_secs.is_some_and(|secs| (1_100..=1_300).contains(&secs)), "twenty minutes early");
    assert_eq!(report.lines.len(), 1, "and listed");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_passed_over_is_reported_with_the_reason() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let ben = office.person("Ben Moreau", office.north).await;
    let (desk, _screen) = office.signed_in("dispatcher").await;
    let lift = draft("Lift stuck");
    desk.ask(DeskRequest::CreateTask(lift.clone())).await;
    let choice = ChoiceMade {
        chosen: ana.id,
        rank: 2,
        of: 2,
        first: ben.id,
        later_secs: Some(180),
        reason: Some(OverrideReason::KnowsTheSite),
        note: "Has the key".to_owned(),
    };
    let assign =
        DeskRequest::AssignTask { task: lift.id, resource: Some(ana.id), choice: Some(Box::new(choice)) };
    desk.ask(assign).await;
    let DeskResponse::ChoiceReport(report) = desk.ask(DeskRequest::ChoiceReport { days: 7 }).await else {
        panic!("a report of choices is asked, and comes")
    };
    assert_eq!((report.choices, report.followed), (1, 0), "Ben was passed over");
    assert_eq!(report.newest[0].note, "Has the key", "and why");

    for days in [0, 91] {
        for request in [DeskRequest::PromiseReport { days }, DeskRequest::ChoiceReport { days }] {
            let error = desk.refused(request).await;
            assert_eq!(error.code, DeskErrorCode::BadInput, "{days} days are not to be had");
        }
    }
    desk.desk.stop().await;
}
