use domain::EntryGuid;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::task::TaskStatus;
use domain::travel::TravelSource;
use protocol::entity::EntityKind;
use protocol::field::EntryOutcome;
use protocol::view::{DeskRequest, DeskResponse, DotState, EtaView};

use crate::office::{Office, at, draft, fresh, now};
use crate::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_report_twice_is_one_entry() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (desk, mut screen) = office.signed_in("supervisor").await;
    let out = Entry {
        guid: EntryGuid(fresh()),
        event_time: now(),
        fix: None,
        body: EntryBody::Attendance { kind: AttendanceKind::SignOut },
    };
    assert!(matches!(ana.send(&out).await, EntryOutcome::Accepted { .. }), "the first is taken");
    assert!(matches!(ana.send(&out).await, EntryOutcome::Duplicate { .. }), "the second is known");
    assert_eq!(office.rows(EntityKind::Attendance).len(), 2, "one in, one out");
    screen
        .until("her leaving", |screen| screen.resources.get(&ana.id).is_some_and(|view| !view.card.on_duty))
        .await;
    screen.watch(std::time::Duration::from_millis(500)).await;
    let day = now().with_timezone(&chrono_tz::Tz::Europe__Monaco).date_naive();
    let DeskResponse::DaySheet(sheet) = desk.ask(DeskRequest::DaySheet { resource: ana.id, day }).await
    else {
        panic!("a day sheet is asked, a day sheet comes")
    };
    assert_eq!(
        (sheet.stretches.len(), sheet.orphans.len()),
        (1, 0),
        "one stretch, closed, nothing left over"
    );
    assert!(sheet.stretches[0].signed_out.is_some(), "with its end");
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_from_creation_to_its_end() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    ana.is_at(at(7.4190, 43.7385), 0).await;
    screen
        .until("a dot", |screen| screen.dots.get(&ana.id).is_some_and(|dot| dot.state == DotState::Free))
        .await;

    let lift = draft("Lift stuck");
    desk.ask(DeskRequest::CreateTask(lift.clone())).await;
    desk.ask(DeskRequest::AssignTask { task: lift.id, resource: Some(ana.id), choice: None }).await;
    let expected = |screen: &Screen| {
        screen.tasks.get(&lift.id).is_some_and(|view| {
            matches!(view.eta, Some(EtaView::Expected { source: TravelSource::Roads, .. }))
        })
    };
    screen.until("an arrival along the roads", expected).await;
    let route = desk.ask(DeskRequest::Route { resource: ana.id, task: lift.id }).await;
    assert!(
        matches!(route, DeskResponse::Route(way) if way.source == TravelSource::Roads && way.points.len() > 2),
        "and the way there"
    );

    screen.until("the server's word", |screen| screen.queue.is_empty()).await;
    for (status, dot) in [
        (TaskStatus::Acknowledged, DotState::Free),
        (TaskStatus::EnRoute, DotState::EnRoute),
        (TaskStatus::InProgress, DotState::Working),
    ] {
        ana.report(EntryBody::Task { task: lift.id, status, reason: None }, None).await;
        screen.until("her step", |screen| screen.tasks[&lift.id].task.status == status).await;
        screen.until("her dot", |screen| screen.dots[&ana.id].state == dot).await;
    }
    assert_eq!(screen.resources[&ana.id].current_task, Some(lift.id), "she is at it");
    ana.report(EntryBody::Task { task: lift.id, status: TaskStatus::Closed, reason: None }, None).await;
    screen.until("the end", |screen| screen.resources[&ana.id].current_task.is_none()).await;
    let DeskResponse::Figures(figures) = desk.ask(DeskRequest::Figures).await else { panic!("figures") };
    assert_eq!((figures.closed, figures.by_resource), (1, vec![(ana.id, 1)]), "counted, and to her name");
    desk.desk.stop().await;
}
