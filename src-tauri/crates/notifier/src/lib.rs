//! Shows the controller's notifications through the desktop's notification service (`org.freedesktop.Notifications` on the session
//! bus), and says what people do about them.
//!
//! Invariants:
//!
//! * **Nothing here runs on the controller's loop.** [`Notifier`] only queues; [`Worker::run`] is a task of its own, since the service is
//!   another process that may be slow, missing or wedged. A call that is not answered within [`ANSWERS_WITHIN`] has failed.
//! * **One bubble per key.** A newer notification of a key replaces the older one; [`Notifier::withdraw`] closes it, and so does an act on it:
//!   it has served, and not every service takes it away.
//! * **notify-rust talks to the service**; only its coming and going is watched on a connection of our own, since notify-rust has nothing
//!   for that. It takes the bus from the environment.
//! * **A bubble has a listener**: services answer the connection that showed it, and notify-rust makes one for each. At most
//!   [`OPEN_AT_ONCE`] are up: of more, the mildest and oldest is closed, since one that nobody hears would have buttons that do nothing.
//!   Listeners end with their bubbles, and all of them with the worker.
//! * **The connection of the first bubble outlives it** as long as another one is up: GNOME takes all bubbles of an application away when the
//!   connection goes that showed the first.
//! * **What the service can't do is not asked of it**: no buttons without `actions`, no sound names without `sound`, markup in names
//!   escaped where it reads markup.
//! * **A missing service is told**, and so is its return: [`Told::Service`].
//!
//! Deliberately absent: who is told what (crate `desk`), windows and tray (the shell), and a way to keep a bubble off a locked screen:
//! the protocol has none, the desktop's own settings decide that. `NotificationSettings::discreet` keeps names out of the text instead.

mod ask;
mod bubbles;
mod presence;
mod service;
mod worker;

use std::time::Duration;

use desk::{Notification, NotificationAct, NotificationKey};
use protocol::view::NotificationService;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::ask::Ask;
pub use crate::worker::Worker;

/// Notifications that may wait for the service; more are dropped, since the alert list has them all.
const WAITING: usize = 64;
/// What the service has not answered by then has failed.
pub const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// Bubbles that may be up; a session bus has room for some 250 connections of all programs.
pub const OPEN_AT_ONCE: usize = 32;

/// What the desktop says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody did something about a notification.
    Act(NotificationAct),
    /// What shows notifications, at the start and whenever that changes.
    Service(NotificationService),
}

/// Hands notifications to the [`Worker`].
#[derive(Debug, Clone)]
pub struct Notifier {
    asks: mpsc::Sender<Ask>,
}

/// A notifier and the task behind it, which tells `told` what happens. The worker ends when its notifiers are gone.
pub fn new(told: mpsc::Sender<Told>) -> (Notifier, Worker) {
    let (asks, asked) = mpsc::channel(WAITING);
    (Notifier { asks }, Worker::new(asked, told))
}

impl Notifier {
    /// Queues a notification; never waits.
    pub fn show(&self, notification: Notification) {
        self.ask(Ask::Show(Box::new(notification)));
    }

    /// Closes the bubble of a key, if there is one; never waits.
    pub fn withdraw(&self, key: NotificationKey) {
        self.ask(Ask::Withdraw(key));
    }

    fn ask(&self, ask: Ask) {
        match self.asks.try_send(ask) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::warn!("the notification service is too slow, one notification is left out");
            }
            Err(TrySendError::Closed(_)) => tracing::debug!("nobody shows notifications any more"),
        }
    }
}
