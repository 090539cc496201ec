//! The task that talks to the service.

use std::sync::Arc;
use std::time::Duration;

use desk::{Notification, NotificationKey};
use notify_rust::{NotificationHandle, NotificationResponse};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};

use crate::ask::Ask;
use crate::bubbles::{Bubble, Bubbles, DEFAULT};
use crate::presence::Presence;
use crate::service::{Abilities, Question};
use crate::{ANSWERS_WITHIN, Told};

/// How long a lost bus is left alone.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Shows what the notifiers ask for. Made by [`crate::new`].
#[derive(Debug)]
pub struct Worker {
    asked: mpsc::Receiver<Ask>,
    told: mpsc::Sender<Told>,
    bubbles: Bubbles,
    /// One task per bubble; `None`: the bus went.
    listeners: JoinSet<Option<NotificationResponse>>,
    question: Question,
    /// The service, as far as it answered.
    service: Option<Abilities>,
    has_told: bool,
}

/// Why a bus is given up.
enum Over {
    /// Nobody can ask any more.
    Done,
    /// The bus is gone.
    Lost,
}

impl Worker {
    pub(crate) fn new(asked: mpsc::Receiver<Ask>, told: mpsc::Sender<Told>) -> Self {
        Self {
            asked,
            told,
            bubbles: Bubbles::default(),
            listeners: JoinSet::new(),
            question: Question::default(),
            service: None,
            has_told: false,
        }
    }

    /// Works until all notifiers are gone.
    pub async fn run(mut self) {
        while !self.is_done().await {}
        self.bubbles.clear();
        self.listeners.shutdown().await;
    }

    /// Works on a bus as long as there is one, then waits for the next.
    async fn is_done(&mut self) -> bool {
        match self.on_a_bus().await {
            Ok(Over::Done) => return true,
            Ok(Over::Lost) => tracing::warn!("the session bus is gone"),
            Err(error) => tracing::debug!(%error, "no session bus"),
        }
        self.lose().await;
        // What is asked meanwhile can't be shown: the list of alerts has it.
        let until = tokio::time::Instant::now() + AGAIN_AFTER;
        loop {
            match tokio::time::timeout_at(until, self.asked.recv()).await {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    async fn on_a_bus(&mut self) -> zbus::Result<Over> {
        let mut presence = Presence::watch().await?;
        self.look().await;
        loop {
            tokio::select! {
                ask = self.asked.recv() => match ask {
                    Some(Ask::Show(notification)) => self.show(&notification).await,
                    Some(Ask::Withdraw(key)) => self.withdraw(key).await,
                    None => return Ok(Over::Done),
                },
                Some(heard) = self.listeners.join_next_with_id() => self.on_heard(heard).await,
                there = presence.changed() => match there {
                    Some(true) => {
                        self.bubbles.clear();
                        self.look().await;
                    }
                    Some(false) => self.lose().await,
                    None => return Ok(Over::Lost),
                },
            }
        }
    }

    async fn show(&mut self, notification: &Notification) {
        if self.service.is_none() {
            self.look().await;
        }
        let Some(abilities) = &self.service else { return };
        match abilities.show(notification, self.bubbles.replaces(notification.key)).await {
            Ok(handle) => self.listen(notification, handle).await,
            Err(error) => {
                tracing::warn!(%error, "a notification was not shown");
                self.lose().await;
            }
        }
    }

    async fn listen(&mut self, notification: &Notification, handle: NotificationHandle) {
        let handle = Arc::new(handle);
        let heard = heard(Arc::clone(&handle));
        let listener = self.listeners.spawn(heard);
        let oldest = self.bubbles.make_room(notification.key);
        self.bubbles.put(notification, handle, listener);
        if let Some(bubble) = oldest {
            tracing::debug!("too many bubbles, one is closed");
            close(&bubble).await;
        }
    }

    async fn withdraw(&mut self, key: NotificationKey) {
        if let Some(bubble) = self.bubbles.take(key) {
            close(&bubble).await;
        }
    }

    /// A listener has ended: somebody did something, the bubble is gone, the bus is gone, or we ended it.
    async fn on_heard(&mut self, heard: Result<(Id, Option<NotificationResponse>), JoinError>) {
        let (listener, response) = match heard {
            Ok((listener, response)) => (listener, response),
            Err(error) => {
                if error.is_panic() {
                    tracing::debug!("the bus went while a bubble was listened to");
                }
                (error.id(), None)
            }
        };
        let Some(bubble) = self.bubbles.heard(listener) else { return };
        let action = match &response {
            Some(NotificationResponse::Default) => DEFAULT,
            Some(NotificationResponse::Action(action)) => action,
            Some(NotificationResponse::Reply(_) | NotificationResponse::Closed(_)) | None => return,
        };
        if let Some(act) = bubble.act(action) {
            self.tell(Told::Act(act)).await;
        }
        close(&bubble).await;
    }

    /// Asks the service what it is; the bus starts one where it knows how.
    async fn look(&mut self) {
        let abilities = self.question.ask().await;
        self.know(abilities).await;
    }

    /// There is no service, so there are no bubbles.
    async fn lose(&mut self) {
        self.bubbles.clear();
        self.know(None).await;
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

/// What people do with a bubble, or that it is gone; `None`: the bus is.
async fn heard(handle: Arc<NotificationHandle>) -> Option<NotificationResponse> {
    let mut heard = None;
    handle.wait_for_action_async(|response| heard = Some(response.clone())).await;
    heard
}

/// Services may not know it any more, so only silence is worth a word.
async fn close(bubble: &Bubble) {
    if tokio::time::timeout(ANSWERS_WITHIN, bubble.handle().close_async()).await.is_err() {
        tracing::warn!("a bubble was not closed in time");
    }
}
