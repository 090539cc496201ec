//! What is asked of the worker.

use desk::{Notification, NotificationKey};

/// Something to do.
#[derive(Debug)]
pub enum Ask {
    /// Show this.
    Show(Box<Notification>),
    /// Close the bubble of this key.
    Withdraw(NotificationKey),
}
