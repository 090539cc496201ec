//! Who could go: the list, the choice and what is kept of it, and the same question about the past.

use chrono::TimeDelta;
use domain::entry::EntryBody;
use domain::task::{ChoiceMade, OverrideReason, TaskStatus};
use domain::travel::TravelSource;
use domain::{ResourceId, TaskId};
use protocol::view::{
    CandidateFilter, DeskErrorCode, DeskRequest, DeskResponse, Shortfall, SuggestionReason, SuggestionsView,
};
use protocol::wire::Rejection;

use crate::office::{Desk, Office, at, now};
use crate::screen::Screen;

fn asked(task: TaskId, at: Option<chrono::DateTime<chrono::Utc>>) -> DeskRequest {
    let filter = CandidateFilter { group: None, skill: None, radius_m: None, on_duty: false };
    DeskRequest::Suggestions { task, filter, at }
}

async fn suggestions(desk: &Desk, request: DeskRequest) -> SuggestionsView {
    let DeskResponse::Suggestions(view) = desk.ask(request).await else {
        panic!("a list is asked, a list comes")
    };
    view
}

/// What somebody says who takes the second of the list.
fn second(view: &SuggestionsView) -> ChoiceMade {
    let arrival = |index: usize| view.list[index].arrival.map(|arrival| arrival.p50);
    ChoiceMade {
        chosen: view.list[1].resource,
        rank: 2,
        of: view.list.len() as u16,
        first: view.list[0].resource,
        later_secs: arrival(1).zip(arrival(0)).map(|(second, first)| (second - first).num_seconds()),
        reason: Some(OverrideReason::KnowsTheSite),
        note: "was there last week".to_owned(),
    }
}

fn is_with(screen: &Screen, task: TaskId, resource: ResourceId) -> bool {
    screen.tasks.get(&task).is_some_and(|view| view.task.resource == Some(resource))
        && screen.queue.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_is_chosen_and_everybody_knows_why() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let ben = office.person("Ben Moreau", office.south).await;
    let carla = office.person("Carla Neri", office.south).await;
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    // Ben is nearer as the crow flies, but has to drive around.
    ana.is_at(at(7.4190, 43.7360), 0).await;
    ben.is_at(at(7.4230, 43.7375), 0).await;
    carla.set_private(true).await;
    screen
        .until("both dots, and Carla's privacy", |screen| {
            let is_private = |view: &protocol::view::ResourceView| view.card.private_since.is_some();
            [ana.id, ben.id].iter().all(|id| screen.dots.contains_key(id))
                && screen.resources.get(&carla.id).is_some_and(is_private)
        })
        .await;

    let view = suggestions(&desk, asked(lift, None)).await;
    let order: Vec<ResourceId> = view.list.iter().map(|one| one.resource).collect();
    assert_eq!(
        order,
        [ana.id, ben.id, carla.id],
        "by the roads; who is private comes after those who are known"
    );
    assert!(view.list[0].reasons.contains(&SuggestionReason::Fastest), "{:?}", view.list[0]);
    let source = view.list[0].arrival.map(|arrival| arrival.source);
    assert_eq!(source, Some(TravelSource::Roads), "Monaco's roads are installed");
    assert_eq!(view.list[2].shortfalls, [Shortfall::Private], "Carla is listed");
    assert_eq!((view.list[2].arrival, view.list[2].distance_m), (None, None), "without a number");

    let odd = ChoiceMade { rank: 1, ..second(&view) };
    let assign = |choice| DeskRequest::AssignTask {
        task: lift,
        resource: Some(ben.id),
        choice: Some(Box::new(choice)),
    };
    let refused = desk.refused(assign(odd)).await;
    assert_eq!(refused.code, DeskErrorCode::Refused(Rejection::Choice), "the second is not the first");
    desk.ask(assign(second(&view))).await;
    screen.until("Ben has it", |screen| is_with(screen, lift, ben.id)).await;
    let stored = office.stored_task(lift);
    assert_eq!(stored.choices.len(), 1, "the server keeps the choice");
    assert_eq!(stored.choices[0].made, second(&view), "as it was made");
    assert_eq!(stored.choices[0].by, office.user("dispatcher"), "with who made it");
    desk.desk.stop().await;

    let (other, mut screen) = office.signed_in("manager").await;
    screen.until("the task on another desk", |screen| is_with(screen, lift, ben.id)).await;
    assert_eq!(screen.tasks[&lift].task.choices, stored.choices, "another desk knows it, too");
    other.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_taken_back_like_any_assignment() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let ben = office.person("Ben Moreau", office.south).await;
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    ana.is_at(at(7.4230, 43.7375), 0).await;
    ben.is_at(at(7.4190, 43.7360), 0).await;
    screen.until("both dots", |screen| screen.dots.len() == 2).await;
    let choice = second(&suggestions(&desk, asked(lift, None)).await);
    let chosen = choice.chosen;
    let assign =
        DeskRequest::AssignTask { task: lift, resource: Some(chosen), choice: Some(Box::new(choice)) };
    let DeskResponse::Undoable { command, .. } = desk.ask(assign).await else {
        panic!("it can be taken back")
    };
    screen.until("the assignment", |screen| is_with(screen, lift, chosen)).await;
    desk.ask(DeskRequest::Undo { command }).await;
    screen
        .until("nobody's again", |screen| {
            screen.tasks[&lift].task.resource.is_none() && screen.queue.is_empty()
        })
        .await;
    assert_eq!(office.stored_task(lift).resource, None, "at the server as well");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_else_could_have_gone_is_asked_of_the_server_and_written_down() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let ben = office.person("Ben Moreau", office.south).await;
    let lift = office.task("Lift stuck", Some(ana.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    ben.is_at(at(7.4190, 43.7360), 0).await;
    ana.is_at(at(7.4230, 43.7375), 0).await;
    screen.until("both dots", |screen| screen.dots.len() == 2).await;
    let then = now();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    // What happens afterwards changes nothing of it.
    ben.is_at(at(7.4100, 43.7270), 0).await;
    ana.report(EntryBody::Task { task: lift, status: TaskStatus::Acknowledged, reason: None }, None).await;
    screen.until("her yes", |screen| screen.tasks[&lift].task.status == TaskStatus::Acknowledged).await;

    let before = office.admin().audit(office.company()).expect("the audit").len();
    let view = suggestions(&desk, asked(lift, Some(then))).await;
    assert!(view.is_past, "it says that it is about the past");
    assert!((view.at - then).abs() < TimeDelta::milliseconds(2), "and when: {} for {then}", view.at);
    assert_eq!(view.list[0].resource, ben.id, "Ben would have been there before Ana");
    assert!(view.list[0].arrival.is_some_and(|arrival| arrival.p50 > then), "with the arrival of then");
    let audit = office.admin().audit(office.company()).expect("the audit");
    let asked_for: Vec<&str> = audit[before..].iter().map(|row| row.action.as_str()).collect();
    assert_eq!(asked_for, ["whereabouts.read"], "looking back is written down, once");

    for bad in [now() + TimeDelta::hours(1), now() - TimeDelta::days(32), now() - TimeDelta::hours(1)] {
        let refused = desk.refused(asked(lift, Some(bad))).await;
        let why = (refused.code, refused.detail.as_deref());
        assert_eq!(
            why,
            (DeskErrorCode::BadInput, Some("at")),
            "not yet, too long ago, or before there was the task"
        );
    }
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_needs_the_right_and_the_server() {
    let mut office = Office::open().await;
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("manager").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    let refused = desk.refused(asked(lift, Some(now()))).await;
    assert_eq!(refused.code, DeskErrorCode::Forbidden, "managers get reports, not tracks");
    desk.desk.stop().await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    let refused = desk.refused(asked(lift, Some(now()))).await;
    assert_eq!(refused.code, DeskErrorCode::NeedsConnection, "the desk keeps no tracks");
    let view = suggestions(&desk, asked(lift, None)).await;
    assert!(view.list.is_empty(), "who could go now needs no server: nobody works here");
    desk.desk.stop().await;
}
