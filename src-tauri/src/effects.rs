//! What the controller does to the desktop.

use desk::{Effects, Notification};
use tauri::AppHandle;

use crate::notifications::Notifier;
use crate::{tray, window};

/// The real desktop.
pub struct DesktopEffects {
    app: AppHandle,
    notifier: Notifier,
}

impl DesktopEffects {
    /// Starts the thread that talks to the notification daemon.
    pub fn start(app: AppHandle) -> std::io::Result<Self> {
        Ok(DesktopEffects { notifier: Notifier::start(app.clone())?, app })
    }
}

impl Effects for DesktopEffects {
    fn notify(&self, notification: Notification) {
        self.notifier.show(notification);
    }

    fn unseen_alerts(&self, count: u32) {
        window::show_count(&self.app, count);
        tray::show_count(&self.app, count);
    }
}
