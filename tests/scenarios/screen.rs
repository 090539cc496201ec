//! What a front end sees: the controller's events folded into one picture, as the interface does it.

use std::collections::BTreeMap;
use std::time::Duration;

use desk::{Desk, Subscription};
use domain::place::Poi;
use domain::{AlertId, BidId, PoiId, ResourceId, TaskId};
use protocol::view::{
    AlertView, BidView, ConnectionState, ConnectionView, Dot, Notice, NotificationService, PlanProgressView,
    PositionFrame, QueuedCommandView, ResourceView, SessionView, TaskView, ViewEvent, WorkingSet,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The picture.
pub struct Screen {
    subscription: Subscription,
    /// Who is signed in.
    pub session: Option<SessionView>,
    /// How fresh it is.
    pub connection: Option<ConnectionView>,
    /// What waits.
    pub queue: Vec<QueuedCommandView>,
    /// People.
    pub resources: BTreeMap<ResourceId, ResourceView>,
    /// Tasks.
    pub tasks: BTreeMap<TaskId, TaskView>,
    /// Bids.
    pub bids: BTreeMap<BidId, BidView>,
    /// Places.
    pub pois: BTreeMap<PoiId, Poi>,
    /// Alerts.
    pub alerts: BTreeMap<AlertId, AlertView>,
    /// Dots on the map.
    pub dots: BTreeMap<ResourceId, Dot>,
    /// How far the planning of a day was, step by step.
    pub planning: Vec<PlanProgressView>,
    /// What shows notifications.
    pub service: Option<NotificationService>,
    /// Said in passing.
    pub notices: Vec<Notice>,
    /// Everything that ever came, as it came: to be searched for what must not be there.
    pub raw: Vec<Vec<u8>>,
}

impl Screen {
    /// A new front end of a desk.
    pub async fn of(desk: &Desk) -> Self {
        Screen {
            subscription: desk.subscribe().await,
            session: None,
            connection: None,
            queue: Vec::new(),
            resources: BTreeMap::new(),
            tasks: BTreeMap::new(),
            bids: BTreeMap::new(),
            pois: BTreeMap::new(),
            alerts: BTreeMap::new(),
            dots: BTreeMap::new(),
            planning: Vec::new(),
            service: None,
            notices: Vec::new(),
            raw: Vec::new(),
        }
    }

    /// Connected, and nothing more is coming.
    pub fn is_live(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.state == ConnectionState::Live)
    }

    /// Not connected.
    pub fn is_offline(&self) -> bool {
        let state = self.connection.as_ref().map(|connection| &connection.state);
        matches!(state, Some(ConnectionState::Offline { .. }))
    }

    /// Takes events until `holds`; `what` says what was waited for.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Screen) -> bool) {
        let waiting = async {
            while !holds(self) {
                self.take_one().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!(
                "waited in vain for {what}; connection {:?}, queue {:?}, notices {:?}",
                self.connection, self.queue, self.notices
            );
        }
    }

    /// Takes what comes for a while.
    pub async fn watch(&mut self, time: Duration) {
        let watching = async {
            loop {
                self.take_one().await;
            }
        };
        let _: Result<(), _> = tokio::time::timeout(time, watching).await;
    }

    async fn take_one(&mut self) {
        tokio::select! {
            event = self.subscription.events.recv() => self.on_event(event.expect("the desk runs")),
            frame = self.subscription.positions.recv() => self.on_frame(frame.expect("the desk runs")),
        }
    }

    fn on_event(&mut self, event: ViewEvent) {
        // As the wire carries it: what can't be read back would be lost on the way to the page.
        let json = serde_json::to_vec(&event).expect("an event has a JSON form");
        let event: ViewEvent = serde_json::from_slice(&json).expect("and reads back");
        self.raw.push(json);
        match event {
            ViewEvent::Session(session) => self.session = Some(*session),
            ViewEvent::Reset(set) => {
                self.resources.clear();
                self.tasks.clear();
                self.bids.clear();
                self.pois.clear();
                self.alerts.clear();
                self.add(*set);
            }
            ViewEvent::Changed(set) => self.add(*set),
            ViewEvent::Removed(rows) => {
                self.resources.retain(|id, _| !rows.resources.contains(id));
                self.tasks.retain(|id, _| !rows.tasks.contains(id));
                self.bids.retain(|id, _| !rows.bids.contains(id));
                self.pois.retain(|id, _| !rows.pois.contains(id));
                self.alerts.retain(|id, _| !rows.alerts.contains(id));
            }
            ViewEvent::Connection(connection) => self.connection = Some(connection),
            ViewEvent::Queue(queue) => self.queue = queue,
            ViewEvent::Notice(notice) => self.notices.push(notice),
            ViewEvent::Notifications(service) => self.service = Some(service),
            ViewEvent::PlanProgress(progress) => self.planning.push(progress),
            ViewEvent::Open(_) => {}
        }
    }

    fn add(&mut self, set: WorkingSet) {
        self.resources.extend(set.resources.into_iter().map(|view| (view.card.id, view)));
        self.tasks.extend(set.tasks.into_iter().map(|view| (view.task.id, view)));
        self.bids.extend(set.bids.into_iter().map(|view| (view.bid.id, view)));
        self.pois.extend(set.pois.into_iter().map(|poi| (poi.id, poi)));
        self.alerts.extend(set.alerts.into_iter().map(|view| (view.alert.id, view)));
    }

    fn on_frame(&mut self, bytes: Vec<u8>) {
        let frame = PositionFrame::decode(&bytes).expect("a frame");
        self.raw.push(bytes);
        if frame.full {
            self.dots.clear();
        }
        self.dots.extend(frame.dots.into_iter().map(|dot| (dot.resource, dot)));
        self.dots.retain(|resource, _| !frame.gone.contains(resource));
    }
}
