//! The controller from outside.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::view::{
    DeskError, DeskErrorCode, DeskRequest, DeskResponse, NotificationService, Subject, ViewEvent,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::controller::{self, Wiring};
use crate::event::{DeskEvent, Subscriber};
use sync::Clock;

use crate::{DemoLauncher, DeskConfig, Effects, NotificationAct};

/// Requests and events that may wait for the loop.
const EVENTS_WAITING: usize = 1_024;
/// View events that may wait for one subscriber; more, and it starts over with a reset.
const VIEWS_WAITING: usize = 512;
/// Position frames that may wait for one subscriber; more, and frames are left out.
const FRAMES_WAITING: usize = 4;

/// A running controller. End it with [`Desk::stop`]: dropping it neither waits nor closes the files.
pub struct Desk {
    events: mpsc::Sender<DeskEvent>,
    tiles: crate::regions::Regions,
    running: Mutex<Option<JoinHandle<()>>>,
}

/// What one front end gets told.
#[derive(Debug)]
pub struct Subscription {
    /// First a session event, then (when somebody is signed in) a reset, the connection and the queue, then changes.
    pub events: mpsc::Receiver<ViewEvent>,
    /// Encoded [`protocol::view::PositionFrame`]s, at most ten a second; the first one is full.
    pub positions: mpsc::Receiver<Vec<u8>>,
}

/// Starts the controller. Has to be called within a tokio runtime.
pub fn start(
    config: DeskConfig,
    effects: Arc<dyn Effects>,
    demo: Option<Arc<dyn DemoLauncher>>,
    clock: Arc<dyn Clock>,
) -> Desk {
    let (events, inbox) = mpsc::channel(EVENTS_WAITING);
    let tiles = crate::regions::Regions::new(config.region_roots.clone());
    let config = Arc::new(config);
    let wiring = Wiring { config, effects, demo, clock, events: events.clone(), regions: tiles.clone() };
    let running = tokio::spawn(controller::run(wiring, inbox));
    Desk { events, tiles, running: Mutex::new(Some(running)) }
}

impl Desk {
    /// Asks for something and waits for the answer.
    ///
    /// # Errors
    /// The reason, in a form that the UI has a text for.
    pub async fn request(&self, request: DeskRequest) -> Result<DeskResponse, DeskError> {
        let (reply, answer) = oneshot::channel();
        self.send(DeskEvent::Request { request: Box::new(request), reply }).await;
        answer.await.unwrap_or_else(|_| Err(DeskErrorCode::Internal.into()))
    }

    /// A new front end: it gets the whole picture first.
    pub async fn subscribe(&self) -> Subscription {
        let (views, events) = mpsc::channel(VIEWS_WAITING);
        let (frames, positions) = mpsc::channel(FRAMES_WAITING);
        self.send(DeskEvent::Subscribe(Subscriber::new(views, frames))).await;
        Subscription { events, positions }
    }

    /// Every front end is told to bring `subject` up.
    pub async fn open(&self, subject: Subject) {
        self.send(DeskEvent::Open(subject)).await;
    }

    /// Somebody did something about a notification. What can't be done any more is not done, and nobody is told: the list says why.
    pub async fn act_on(&self, act: NotificationAct) {
        self.send(DeskEvent::Act(act)).await;
    }

    /// What shows notifications, whenever that has changed; without a name there is none, and the UI says so until there is one.
    pub async fn notification_service(&self, service: NotificationService) {
        self.send(DeskEvent::NotificationService(service)).await;
    }

    /// The machine woke up, or its network changed: try the server at once.
    pub async fn woke_up(&self) {
        self.send(DeskEvent::WokeUp).await;
    }

    /// A vector tile of an installed region (MVT, unpacked); `None` when the region or the tile is not there.
    pub async fn tile(&self, source: &str, zoom: u8, x: u32, y: u32) -> Option<Vec<u8>> {
        self.tiles.tile(source, zoom, x, y).await
    }

    /// Ends the session without signing out, closes the files and waits for all of it. A second call does nothing.
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return };
        self.send(DeskEvent::Stop).await;
        if let Err(error) = running.await {
            tracing::error!(%error, "the controller did not end cleanly");
        }
    }

    /// A closed channel means that the loop is gone; whoever waits for an answer learns it from there.
    async fn send(&self, event: DeskEvent) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("the controller is gone");
        }
    }
}
