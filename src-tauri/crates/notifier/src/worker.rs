//! The task that talks to the service.

use std::time::Duration;

use desk::{Notification, NotificationKey};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream, SelectAll};
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;

use crate::ask::Ask;
use crate::bubbles::{Bubble, Bubbles};
use crate::service::{Abilities, NAME, NotificationsProxy};
use crate::{ANSWERS_WITHIN, Told};

/// How long a lost bus is left alone.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Shows what the notifiers ask for. Made by [`crate::new`].
#[derive(Debug)]
pub struct Worker {
    asked: mpsc::Receiver<Ask>,
    told: mpsc::Sender<Told>,
    bubbles: Bubbles,
    /// The service, as far as it answered.
    service: Option<Abilities>,
    has_told: bool,
    /// The bus; `None`: the session's.
    address: Option<String>,
}

/// What comes from the bus.
enum Signal {
    Acted {
        id: u32,
        action: String,
    },
    Closed {
        id: u32,
    },
    /// Whether somebody owns the service's name now.
    Owner {
        is_there: bool,
    },
}

type Signals = SelectAll<BoxStream<'static, Signal>>;

/// Why a connection is given up.
enum Over {
    /// Nobody can ask any more.
    Done,
    /// The bus is gone.
    Lost,
}

impl Worker {
    pub(crate) fn new(asked: mpsc::Receiver<Ask>, told: mpsc::Sender<Told>) -> Self {
        Self { asked, told, bubbles: Bubbles::default(), service: None, has_told: false, address: None }
    }

    /// On this bus instead of the session's own.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Works until all notifiers are gone.
    pub async fn run(mut self) {
        loop {
            match self.on_a_bus().await {
                Ok(Over::Done) => return,
                Ok(Over::Lost) => tracing::warn!("the session bus is gone"),
                Err(error) => tracing::debug!(%error, "no session bus"),
            }
            self.bubbles.clear();
            self.know(None).await;
            // What is asked meanwhile can't be shown: the list of alerts has it.
            let until = tokio::time::Instant::now() + AGAIN_AFTER;
            loop {
                match tokio::time::timeout_at(until, self.asked.recv()).await {
                    Ok(Some(_)) => {}
                    Ok(None) => return,
                    Err(_) => break,
                }
            }
        }
    }

    async fn on_a_bus(&mut self) -> zbus::Result<Over> {
        let bus = match &self.address {
            Some(address) => Builder::address(address.as_str())?,
            None => Builder::session()?,
        };
        // The greeting has no time limit of its own.
        let greeting = tokio::time::timeout(ANSWERS_WITHIN, bus.method_timeout(ANSWERS_WITHIN).build());
        let Ok(bus) = greeting.await else { return Ok(Over::Lost) };
        let bus = bus?;
        let service = NotificationsProxy::new(&bus).await?;
        let mut signals = signals(&bus, &service).await?;
        self.look(&service).await;
        loop {
            tokio::select! {
                ask = self.asked.recv() => match ask {
                    Some(Ask::Show(notification)) => self.show(&service, &notification).await,
                    Some(Ask::Withdraw(key)) => self.withdraw(&service, key).await,
                    None => return Ok(Over::Done),
                },
                signal = signals.next() => match signal {
                    Some(signal) => self.on_signal(&service, signal).await,
                    None => return Ok(Over::Lost),
                },
            }
        }
    }

    async fn show(&mut self, service: &NotificationsProxy<'_>, notification: &Notification) {
        if self.service.is_none() {
            self.look(service).await;
        }
        let Some(abilities) = &self.service else { return };
        let key = notification.key;
        match abilities.show(service, notification, self.bubbles.replaces(key)).await {
            Ok(id) => {
                let alerts = notification.alerts.clone();
                self.bubbles.put(key, Bubble { id, open: notification.open, alerts });
            }
            Err(error) => {
                tracing::warn!(%error, "a notification was not shown");
                self.bubbles.clear();
                self.know(None).await;
            }
        }
    }

    async fn withdraw(&mut self, service: &NotificationsProxy<'_>, key: NotificationKey) {
        let Some(id) = self.bubbles.take(key) else { return };
        // Services answer with an error where the bubble is gone already.
        if let Err(error) = service.close_notification(id).await {
            tracing::debug!(%error, "a bubble was not closed");
        }
    }

    async fn on_signal(&mut self, service: &NotificationsProxy<'_>, signal: Signal) {
        match signal {
            Signal::Acted { id, action } => {
                if let Some(act) = self.bubbles.act(id, &action) {
                    self.tell(Told::Act(act)).await;
                }
            }
            Signal::Closed { id } => self.bubbles.closed(id),
            Signal::Owner { is_there: true } => {
                self.bubbles.clear();
                self.look(service).await;
            }
            Signal::Owner { is_there: false } => {
                self.bubbles.clear();
                self.know(None).await;
            }
        }
    }

    /// Asks the service what it is; the bus starts one where it knows how.
    async fn look(&mut self, service: &NotificationsProxy<'_>) {
        match Abilities::of(service).await {
            Ok(abilities) => self.know(Some(abilities)).await,
            Err(error) => {
                tracing::debug!(%error, "no notification service answers");
                self.know(None).await;
            }
        }
    }

    async fn know(&mut self, service: Option<Abilities>) {
        if self.has_told && service == self.service {
            return;
        }
        self.has_told = true;
        self.service = service;
        self.tell(Told::Service(Abilities::view(self.service.as_ref()))).await;
    }

    async fn tell(&self, told: Told) {
        if self.told.send(told).await.is_err() {
            tracing::debug!("nobody listens to the notifications any more");
        }
    }
}

async fn signals(bus: &Connection, service: &NotificationsProxy<'_>) -> zbus::Result<Signals> {
    let acted = service.receive_action_invoked().await?.filter_map(async |signal| {
        let args = signal.args().ok()?;
        Some(Signal::Acted { id: args.id, action: args.action.to_owned() })
    });
    let closed = service
        .receive_notification_closed()
        .await?
        .filter_map(async |signal| Some(Signal::Closed { id: signal.args().ok()?.id }));
    let names = DBusProxy::new(bus).await?;
    let owner = names.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
    let owner = owner.filter_map(async |signal| {
        Some(Signal::Owner { is_there: signal.args().ok()?.new_owner().is_some() })
    });
    let all: [BoxStream<'static, Signal>; 3] = [acted.boxed(), closed.boxed(), owner.boxed()];
    Ok(stream::select_all(all))
}
