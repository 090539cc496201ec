//! What the desktop shows, and what people do about it there.

use std::time::Duration;

use chrono::TimeDelta;
use domain::AlertId;
use domain::alert::{AlertAction, AlertTopic};
use protocol::view::{
    DeskError, DeskErrorCode, DeskResponse, Notice, NotificationService, NotificationSettings, Subject,
    ViewEvent,
};
use tokio::sync::oneshot;

use super::{Controller, Phase};
use crate::event::Reply;
use crate::notify::{self, Shown};
use crate::{NotificationAct, check};

/// "Snooze" on a notification.
const SNOOZE: TimeDelta = TimeDelta::minutes(15);
/// Most hours of quiet that can be set: several a day.
const QUIET_HOURS: usize = 50;
/// An act on a notification is done by then, or not at all.
const ACT_WITHIN: Duration = Duration::from_secs(30);

impl Controller {
    /// Somebody did something about a notification.
    pub(super) fn on_act(&mut self, act: NotificationAct) {
        match act {
            NotificationAct::Open(Subject::Alert(alert)) => {
                let alert = self.signed_in().map_or(alert, |running| running.session.row_of(alert));
                self.tell(&ViewEvent::Open(Subject::Alert(alert)));
            }
            NotificationAct::Open(subject) => self.tell(&ViewEvent::Open(subject)),
            NotificationAct::Acknowledge(alerts) => self.act_quietly(&alerts, &AlertAction::Acknowledge),
            NotificationAct::Snooze(alerts) => {
                let now = self.now();
                let Ok(running) = self.signed_in() else { return };
                let until = running.session.at_server(now) + SNOOZE;
                self.act_quietly(&alerts, &AlertAction::Snooze { until });
            }
        }
    }

    fn act_quietly(&mut self, alerts: &[AlertId], action: &AlertAction) {
        let Ok(running) = self.signed_in() else { return };
        let alerts: Vec<AlertId> = alerts.iter().map(|alert| running.session.row_of(*alert)).collect();
        let (reply, answer) = oneshot::channel();
        self.flush_now = true;
        self.act_on_alerts(&alerts, action, reply);
        self.tasks.spawn(async move {
            if let Ok(Ok(Err(error))) = tokio::time::timeout(ACT_WITHIN, answer).await {
                tracing::info!(code = ?error.code, "a notification's action came too late");
            }
        });
    }

    /// What shows notifications is another one, has gone or is back.
    pub(super) fn on_notification_service(&mut self, service: NotificationService) {
        if self.service.as_ref() == Some(&service) {
            return;
        }
        if service.name.is_none() {
            self.tell(&ViewEvent::Notice(Notice::NotificationsUnavailable));
        }
        self.tell(&ViewEvent::Notifications(service.clone()));
        self.service = Some(service);
    }

    /// What this user wants to be told, and what the desktop can do.
    pub(super) fn notification_settings(&mut self) -> Result<DeskResponse, DeskError> {
        let none = NotificationService { name: None, actions: false, sounds: false };
        let service = self.service.clone().unwrap_or(none);
        let settings = self.signed_in()?.session.notification_settings().clone();
        Ok(DeskResponse::Notifications { settings: Box::new(settings), service })
    }

    pub(super) fn set_notification_settings(
        &mut self,
        mut settings: NotificationSettings,
    ) -> Result<DeskResponse, DeskError> {
        check::in_range("quiet_hours", settings.quiet_hours.hours.len() <= QUIET_HOURS)?;
        settings.muted = AlertTopic::ALL.into_iter().filter(|topic| settings.muted.contains(topic)).collect();
        let Phase::SignedIn(running) = &mut self.phase else {
            return Err(DeskErrorCode::NotSignedIn.into());
        };
        self.settings.set_notifications(&running.identity, &settings).map_err(|error| {
            tracing::warn!(%error, "the notification settings were not kept");
            DeskError::from(DeskErrorCode::Storage)
        })?;
        running.session.set_notification_settings(settings);
        self.notification_settings()
    }

    /// Shows an example, whatever the settings say.
    pub(super) fn test_notification(&mut self, reply: Reply) {
        let answered = self.notification_settings();
        if let Ok(DeskResponse::Notifications { settings, .. }) = &answered {
            self.show(Shown::Notify(notify::example(settings.sounds.warning)));
        }
        super::requests::answer(reply, answered);
    }
}
