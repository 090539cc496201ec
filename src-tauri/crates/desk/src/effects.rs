//! What the desk does to the desktop around it.

use domain::alert::Severity;
use protocol::view::Subject;

/// A desktop notification: ids and titles only, never a phone number, an address or the name of a private person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// One line.
    pub title: String,
    /// A sentence more; may be empty.
    pub body: String,
    /// How much it should press.
    pub severity: Severity,
    /// What a click opens: hand it to [`crate::Desk::open`].
    pub open: Option<Subject>,
}

/// Everything that the controller does to the desktop. The shell does it, tests record it.
///
/// Calls come from the controller's loop: they must return at once and do slow work elsewhere.
pub trait Effects: Send + Sync {
    /// Shows a notification. When no daemon answers, tell [`crate::Desk::notifications_unavailable`].
    fn notify(&self, notification: Notification);

    /// Number of alerts that nobody has looked at, for the title or a badge; told when it changes.
    fn unseen_alerts(&self, count: u32);
}
