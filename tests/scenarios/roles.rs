use domain::access::Action;
use protocol::entity::EntityKind;
use protocol::view::{CandidateFilter, DeskErrorCode, DeskRequest, DeskResponse, SessionView};

use crate::office::{Office, draft, now};
use crate::screen::Screen;

fn may(screen: &Screen) -> Vec<Action> {
    match &screen.session {
        Some(SessionView::SignedIn(signed_in)) => signed_in.may.clone(),
        other => panic!("somebody should be signed in: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_and_may_what_it_should() {
    let office = Office::open().await;
    let (ana, ben) =
        (office.person("Ana Rossi", office.north).await, office.person("Ben Moreau", office.south).await);
    let lift = office.task("Lift stuck", None);
    let forbidden = DeskErrorCode::Forbidden;
    let track =
        |resource| DeskRequest::Track { resource, from: now() - chrono::TimeDelta::hours(1), to: now() };

    let (desk, mut screen) = office.signed_in("supervisor").await;
    screen.until("her own team", |screen| screen.resources.contains_key(&ana.id)).await;
    assert!(!screen.resources.contains_key(&ben.id), "a supervisor of the north does not see the south");
    assert!(!may(&screen).contains(&Action::AssignTask), "the interface hides what she may not");
    for request in [
        DeskRequest::AssignTask { task: lift, resource: Some(ana.id), choice: None },
        DeskRequest::CreateTask(draft("Leak")),
    ] {
        assert_eq!(desk.refused(request).await.code, forbidden, "supervisors review, they don't dispatch");
    }
    assert!(screen.queue.is_empty(), "what is refused is not queued");
    desk.desk.stop().await;

    let (desk, mut screen) = office.signed_in("manager").await;
    screen.until("everybody", |screen| screen.resources.len() == 2).await;
    assert_eq!(desk.refused(track(ana.id)).await.code, forbidden, "managers get reports, not tracks");
    desk.desk.stop().await;

    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    let found = desk.ask(track(ana.id)).await;
    assert!(matches!(found, DeskResponse::Track(_)), "dispatchers see where people were");
    let contact = desk.ask(DeskRequest::RevealContact { resource: ana.id }).await;
    let DeskResponse::Contact { phone, .. } = contact else { panic!("contact data: {contact:?}") };
    assert_ne!(phone, screen.resources[&ana.id].card.phone, "the card on the screen is masked");
    let filter = CandidateFilter { on_duty: true, ..CandidateFilter::default() };
    let found = desk.ask(DeskRequest::Suggestions { task: lift, filter, at: None }).await;
    assert!(matches!(found, DeskResponse::Suggestions(view) if view.list.len() == 2), "both could do it");
    assert!(office.rows(EntityKind::Task).len() == 1, "nobody has created anything");
    desk.desk.stop().await;
}
