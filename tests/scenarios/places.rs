use std::path::Path;
use std::sync::Arc;

use domain::PoiId;
use domain::place::{Fence, FenceShape, Poi};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{
    DeskErrorCode, DeskRequest, DeskResponse, Dispute, FeatureFault, FeatureOutcome, FenceFileFault,
    FenceFileView, FenceFormat, QueuedState, ReviewView,
};
use protocol::wire::{PlaceField, Rejection};
use store::MemoryKeyStore;

use crate::office::{Desk, Office, at};
use crate::screen::Screen;

/// Two people have changed the port, one of them without a server.
struct Port {
    office: Office,
    desk: Desk,
    screen: Screen,
    port: PoiId,
}

fn stored(office: &Office, id: PoiId) -> Option<Poi> {
    match office.row(EntityKind::Poi, id.0) {
        Some(Entity::Poi(poi)) => Some(poi),
        None => None,
        other => panic!("no place: {other:?}"),
    }
}

fn edit(poi: &Poi, change: impl Fn(&mut Poi)) -> DeskRequest {
    let mut draft = Box::new(poi.clone());
    change(&mut draft);
    DeskRequest::EditPoi { draft, base: Box::new(poi.clone()) }
}

fn delete(poi: &Poi) -> DeskRequest {
    DeskRequest::DeletePoi { poi: poi.id }
}

fn with_fence(poi: &mut Poi, change: impl Fn(&mut Fence)) {
    change(poi.fence.as_mut().expect("the port has a fence"));
}

fn widen(poi: &mut Poi, radius_m: f64) {
    let shape = FenceShape::Circle { center: at(7.424_581_234_567_89, 43.735_612_345_678_9), radius_m };
    with_fence(poi, |fence| fence.shape = shape.clone());
}

fn radius_m(poi: &Poi) -> f64 {
    match poi.fence.as_ref().map(|fence| &fence.shape) {
        Some(FenceShape::Circle { radius_m, .. }) => *radius_m,
        other => panic!("a circle: {other:?}"),
    }
}

impl Port {
    /// The dispatcher asks `mine` of the port without a server; meanwhile the manager asks `theirs`, and then the server is back.
    async fn meets(mine: impl Fn(&Poi) -> DeskRequest, theirs: impl Fn(&Poi) -> DeskRequest) -> Self {
        let mut office = Office::open().await;
        // Digits that text may change in the last place.
        let port = office.fence("Port", at(7.424_581_234_567_89, 43.735_612_345_678_9), 100.1);
        let keys = Arc::new(MemoryKeyStore::default());
        let desk = office.desk(&keys);
        let mut screen = desk.sign_in(&office, "dispatcher").await;
        screen.until("the port", |screen| screen.pois.contains_key(&port)).await;
        office.stop_server().await;
        screen.until("being offline", Screen::is_offline).await;
        desk.ask(mine(&screen.pois[&port])).await;
        desk.desk.stop().await;

        office.start_server().await;
        let before = stored(&office, port);
        let (other, mut others) = office.signed_in("manager").await;
        others.until("the port", |screen| screen.pois.contains_key(&port)).await;
        other.ask(theirs(&others.pois[&port])).await;
        others.until("the manager's change", |_| stored(&office, port) != before).await;
        other.desk.stop().await;

        let desk = office.desk(&keys);
        let screen = desk.sign_in(&office, "dispatcher").await;
        Port { office, desk, screen, port }
    }

    async fn stuck(&mut self, state: QueuedState) -> (u64, ReviewView) {
        let found =
            |screen: &Screen| screen.queue.iter().find(|queued| queued.state == state).map(|queued| queued.n);
        self.screen.until("the command that needs a decision", |screen| found(screen).is_some()).await;
        let n = found(&self.screen).expect("just seen");
        let answer = self.desk.ask(DeskRequest::ReviewCommand { n }).await;
        let DeskResponse::Review(review) = answer else { panic!("no review: {answer:?}") };
        (n, *review)
    }

    async fn settles(&mut self) -> Option<Poi> {
        self.screen.until("an empty queue", |screen| screen.queue.is_empty()).await;
        stored(&self.office, self.port)
    }

    fn row(&self) -> Poi {
        stored(&self.office, self.port).expect("the port")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_desks_change_of_different_fields_both_stays() {
    let mine = |poi: &Poi| edit(poi, |draft| widen(draft, 150.5));
    let theirs = |poi: &Poi| {
        edit(poi, |draft| {
            draft.name = "Port Hercule".to_owned();
            with_fence(draft, |fence| fence.dwell_secs = Some(600));
        })
    };
    let mut port = Port::meets(mine, theirs).await;
    let after = port.settles().await.expect("the port");
    let fence = after.fence.as_ref().expect("its fence");
    assert_eq!((after.name.as_str(), fence.dwell_secs), ("Port Hercule", Some(600)), "theirs");
    assert_eq!((radius_m(&after), fence.version), (150.5, 3), "and mine, the second change of the fence");
    assert!(port.screen.notices.is_empty(), "without asking anybody: {:?}", port.screen.notices);
    port.desk.desk.stop().await;
}

/// Both redraw it and set when it speaks; each has one more wish.
async fn redrawn_twice() -> Port {
    let mine = |poi: &Poi| {
        edit(poi, |draft| {
            widen(draft, 150.0);
            with_fence(draft, |fence| (fence.on_exit, fence.on_crossed) = (false, true));
        })
    };
    let theirs = |poi: &Poi| {
        edit(poi, |draft| {
            widen(draft, 200.0);
            draft.address = "Quai Kennedy".to_owned();
        })
    };
    Port::meets(mine, theirs).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_field_is_a_decision_with_all_three_values() {
    let mut port = redrawn_twice().await;
    let (n, review) = port.stuck(QueuedState::Conflict).await;
    let Dispute::PlaceEdit { base, mine, theirs, clashes } = &review.dispute else { panic!("{review:?}") };
    assert_eq!(clashes, &[PlaceField::Shape], "only the shape was drawn twice");
    let radii = [base, mine, theirs].map(|poi| radius_m(poi).round());
    assert_eq!(radii, [100.0, 150.0, 200.0], "before, mine, theirs");
    assert!(review.may_retry, "it can be done again");
    assert!(!review.meanwhile.is_empty(), "somebody changed it meanwhile");

    port.desk.ask(DeskRequest::RetryCommand { n }).await;
    let after = port.settles().await.expect("the port");
    let fence = after.fence.as_ref().expect("its fence");
    assert_eq!((radius_m(&after), fence.on_crossed, fence.on_exit), (150.0, true, false), "mine");
    assert_eq!(after.address, "Quai Kennedy", "what only they changed stays");
    port.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn theirs_leaves_the_place_as_they_made_it() {
    let mut port = redrawn_twice().await;
    let (n, _) = port.stuck(QueuedState::Conflict).await;
    let before = port.row();
    port.desk.ask(DeskRequest::DiscardCommand { n }).await;
    assert_eq!(port.settles().await, Some(before), "nothing of mine");
    let id = port.port;
    port.screen.until("theirs on the screen", |screen| radius_m(&screen.pois[&id]) == 200.0).await;
    port.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_deleted_meanwhile_is_made_anew_by_who_wants_it() {
    let mut port = Port::meets(|poi| edit(poi, |draft| widen(draft, 150.0)), delete).await;
    let gone = QueuedState::Rejected { reason: Rejection::NotFound };
    let (n, review) = port.stuck(gone).await;
    let Dispute::Place { mine: Some(mine), theirs: None } = &review.dispute else { panic!("{review:?}") };
    assert_eq!(radius_m(mine), 150.0, "mine against nothing");
    assert!(review.may_retry, "it can be made anew");
    port.desk.ask(DeskRequest::RetryCommand { n }).await;
    let after = port.settles().await.expect("the port is there again");
    let fence = after.fence.as_ref().map(|fence| fence.version);
    assert_eq!((after.name.as_str(), radius_m(&after), fence), ("Port", 150.0, Some(1)), "as I drew it");
    let id = port.port;
    port.screen.until("it on the screen", |screen| screen.pois.contains_key(&id)).await;
    port.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_changed_meanwhile_is_not_deleted_unasked() {
    let mut port = Port::meets(delete, |poi| edit(poi, |draft| widen(draft, 200.0))).await;
    let (n, review) = port.stuck(QueuedState::Conflict).await;
    let Dispute::Place { mine: None, theirs: Some(theirs) } = &review.dispute else { panic!("{review:?}") };
    assert_eq!(radius_m(theirs), 200.0, "what would go");
    assert_eq!(radius_m(&port.row()), 200.0, "and is still there");
    port.desk.ask(DeskRequest::RetryCommand { n }).await;
    assert_eq!(port.settles().await, None, "deleted once somebody has seen what");
    port.desk.desk.stop().await;
}

async fn read(desk: &Desk, name: &str, text: &str) -> FenceFileView {
    let request = DeskRequest::ReadFences { name: name.to_owned(), text: text.to_owned(), order: None };
    let answer = desk.ask(request).await;
    let DeskResponse::FenceFile(view) = answer else { panic!("no file: {answer:?}") };
    *view
}

#[tokio::test(flavor = "multi_thread")]
async fn fences_leave_in_a_file_and_are_known_when_they_come_back() {
    let office = Office::open().await;
    let port = office.fence("Port <old>", at(7.4246, 43.7356), 80.0);
    office.fence("Casino", at(7.4280, 43.7390), 60.0);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the places", |screen| screen.pois.len() == 2).await;
    for (format, ending) in
        [(FenceFormat::Geojson, "geojson"), (FenceFormat::Kml, "kml"), (FenceFormat::Wkt, "wkt")]
    {
        let saved = desk.ask(DeskRequest::ExportFences { pois: vec![port], format }).await;
        let DeskResponse::Saved { path } = saved else { panic!("no file: {saved:?}") };
        assert!(path.ends_with(ending) && Path::new(&path).starts_with(office.desk_folder()), "{path}");
        let text = std::fs::read_to_string(&path).expect("the file");
        let view = read(&desk, "again", &text).await;
        assert_eq!((view.format, view.features.len(), view.swapped), (format, 1, false), "as it was written");
        let FeatureOutcome::Fence { shape, same_as, .. } = &view.features[0].outcome else {
            panic!("{view:?}")
        };
        assert_eq!(same_as.as_deref(), Some("Port <old>"), "the desk has it already");
        assert!(matches!(shape, FenceShape::Circle { radius_m, .. } if *radius_m == 80.0), "{shape:?}");
    }
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_says_what_is_wrong_with_it() {
    let office = Office::open().await;
    let (desk, _) = office.signed_in("dispatcher").await;
    let view = read(&desk, "zones.wkt", "POLYGON ((7 43, 8 43, 8 44))\nPOINT (7 43)\n").await;
    assert_eq!(view.features[1].outcome, FeatureOutcome::Error(FeatureFault::NoRadius), "the second");
    assert_eq!((view.features[1].line, view.order_unsure), (Some(2), true), "and where");
    let name = "zones.kml".to_owned();
    let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><kml>&b;</kml>".to_owned();
    let refused = desk.refused(DeskRequest::ReadFences { name, text: bomb, order: None }).await;
    assert_eq!(refused.code, DeskErrorCode::FenceFile(FenceFileFault::HasDoctype), "typed");
    let none = desk.refused(DeskRequest::ExportFences { pois: Vec::new(), format: FenceFormat::Wkt }).await;
    assert_eq!(none.code, DeskErrorCode::BadInput, "there is nothing to write");
    desk.desk.stop().await;
}
