//! What the desk does to the desktop around it.

use domain::AlertId;
use domain::alert::Severity;
use protocol::view::{Sound, Subject};

/// A desktop notification: ids and titles only, never a phone number, an address or the name of a private person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What it is about: a newer one of the same key takes the place of the older one.
    pub key: NotificationKey,
    /// One line.
    pub title: String,
    /// A sentence more; may be empty.
    pub body: String,
    /// How much it should press.
    pub severity: Severity,
    /// What is to be heard.
    pub sound: Sound,
    /// What a click opens.
    pub open: Option<Subject>,
    /// What "acknowledge" and "snooze" are about; none where there is nothing to be done.
    pub alerts: Vec<AlertId>,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotificationKey {
    /// A line of the alert list: an alert, or a storm named by one of its alerts.
    Line(AlertId),
    /// More alerts than can be shown one by one.
    More(Severity),
    /// An example that somebody asked for.
    Example,
}

/// What somebody does about a notification: hand it to [`crate::Desk::act_on`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationAct {
    /// Brings its subject up.
    Open(Subject),
    /// Has looked at its alerts.
    Acknowledge(Vec<AlertId>),
    /// Puts its alerts aside for a quarter of an hour.
    Snooze(Vec<AlertId>),
}

/// The desk at a glance, for title, tray and badge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeskStatus {
    /// Lines of the alert list that nobody has looked at; a storm is one.
    pub unseen: u32,
    /// Those among them that are critical.
    pub critical: u32,
    /// Somebody is signed in, and the server is not reached.
    pub is_offline: bool,
}

/// Everything that the controller does to the desktop. The shell does it, tests record it.
///
/// Calls come from the controller's loop: they must return at once and do slow work elsewhere.
pub trait Effects: Send + Sync {
    /// Shows a notification, in the place of an older one of its key. What the service can do, and whether there is one, is told by
    /// [`crate::Desk::notification_service`].
    fn notify(&self, notification: Notification);

    /// Takes a notification away: somebody has dealt with what it is about. Nothing happens where none is shown.
    fn withdraw(&self, key: NotificationKey);

    /// The desk at a glance; told when it changes.
    fn status(&self, status: DeskStatus);
}
