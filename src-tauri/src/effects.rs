//! What the controller does to the desktop.

use std::sync::{Mutex, PoisonError};

use desk::{Desk, DeskStatus, Effects, Notification, NotificationAct, NotificationKey};
use notifier::{Notifier, Told};
use tauri::{AppHandle, Manager as _};
use tokio::sync::mpsc;

use crate::{tray, window};

/// What the desktop says and nobody has taken yet.
const WAITING: usize = 64;

/// The real desktop.
pub struct DesktopEffects {
    app: AppHandle,
    notifier: Notifier,
    /// As it was told last.
    status: Mutex<DeskStatus>,
}

impl DesktopEffects {
    /// Starts the task that talks to the notification service; [`listen`] hears what it says.
    pub fn start(app: AppHandle) -> (Self, mpsc::Receiver<Told>) {
        let (told, heard) = mpsc::channel(WAITING);
        let (notifier, worker) = notifier::new(told);
        tauri::async_runtime::spawn(worker.run());
        (DesktopEffects { app, notifier, status: Mutex::default() }, heard)
    }
}

/// Hands what people do about notifications to the controller.
pub fn listen(app: &AppHandle, mut heard: mpsc::Receiver<Told>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        while let Some(told) = heard.recv().await {
            let desk = app.state::<Desk>();
            match told {
                Told::Act(act) => {
                    if matches!(act, NotificationAct::Open(_)) {
                        window::bring_up(&app);
                    }
                    desk.act_on(act).await;
                }
                Told::Service(service) => desk.notification_service(service).await,
            }
        }
    });
}

impl Effects for DesktopEffects {
    fn notify(&self, notification: Notification) {
        self.notifier.show(notification);
    }

    fn withdraw(&self, key: NotificationKey) {
        self.notifier.withdraw(key);
    }

    fn status(&self, status: DeskStatus) {
        let mut told = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *told, status);
        window::show_status(&self.app, status);
        tray::show_status(&self.app, status);
        if status.critical > before.critical {
            window::ask_for_attention(&self.app);
        }
    }
}
