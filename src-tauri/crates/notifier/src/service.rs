//! The notification service on the session bus, as its specification has it.

use std::collections::HashMap;

use desk::Notification;
use domain::alert::Severity;
use protocol::view::{NotificationService, Sound};
use zbus::zvariant::Value;

use crate::bubbles::{ACKNOWLEDGE, DEFAULT, OPEN, SNOOZE};

/// The name that every notification service owns.
pub const NAME: &str = "org.freedesktop.Notifications";

const APPLICATION: &str = "OfficeTrack Desk";
const ICON: &str = "officetrack-desk";
const DESKTOP_ENTRY: &str = "com.officetrack.desk";

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
pub trait Notifications {
    /// Shows a bubble; answers its id.
    #[expect(clippy::too_many_arguments, reason = "the specification's own list")]
    fn notify(
        &self,
        application: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        timeout_ms: i32,
    ) -> zbus::Result<u32>;

    /// Takes a bubble away.
    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    /// What the service can do.
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    /// Its name, vendor, version and the specification's version.
    fn get_server_information(&self) -> zbus::Result<(String, String, String, String)>;

    /// A click on a bubble or one of its buttons.
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: &str) -> zbus::Result<()>;

    /// A bubble is gone.
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// A service that answers, and what it can do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Its name and version.
    pub name: String,
    /// It shows buttons.
    pub actions: bool,
    /// It plays sounds.
    pub sounds: bool,
    /// It reads the body as markup.
    pub markup: bool,
}

impl Abilities {
    /// Asks the service.
    ///
    /// # Errors
    /// When there is none, or it does not answer.
    pub async fn of(service: &NotificationsProxy<'_>) -> zbus::Result<Self> {
        let (name, _, version, _) = service.get_server_information().await?;
        let has = service.get_capabilities().await?;
        let can = |what: &str| has.iter().any(|capability| capability == what);
        Ok(Self {
            name: format!("{name} {version}"),
            actions: can("actions"),
            sounds: can("sound"),
            markup: can("body-markup"),
        })
    }

    /// As the UI shows it; `None` is no service at all.
    pub fn view(known: Option<&Self>) -> NotificationService {
        NotificationService {
            name: known.map(|abilities| abilities.name.clone()),
            actions: known.is_some_and(|abilities| abilities.actions),
            sounds: known.is_some_and(|abilities| abilities.sounds),
        }
    }

    /// Shows a notification in the place of the bubble `replaces` (0: a new one); answers its id.
    ///
    /// # Errors
    /// When the service does not take it.
    pub async fn show(
        &self,
        service: &NotificationsProxy<'_>,
        notification: &Notification,
        replaces: u32,
    ) -> zbus::Result<u32> {
        let body = if self.markup { escaped(&notification.body) } else { notification.body.clone() };
        let (actions, hints) = (self.actions_of(notification), self.hints_of(notification));
        let timeout_ms = timeout_ms(notification.severity);
        let title = &notification.title;
        service.notify(APPLICATION, replaces, ICON, title, &body, &actions, hints, timeout_ms).await
    }

    /// Keys and labels in turn.
    fn actions_of(&self, notification: &Notification) -> Vec<&'static str> {
        let mut actions = Vec::new();
        if !self.actions {
            return actions;
        }
        if notification.open.is_some() {
            actions.extend([DEFAULT, "Open", OPEN, "Open"]);
        }
        if !notification.alerts.is_empty() {
            actions.extend([ACKNOWLEDGE, "Acknowledge", SNOOZE, "Snooze 15 min"]);
        }
        actions
    }

    fn hints_of(&self, notification: &Notification) -> HashMap<&'static str, Value<'static>> {
        let urgency: u8 = match notification.severity {
            Severity::Info => 0,
            Severity::Warning => 1,
            Severity::Critical => 2,
        };
        let mut hints =
            HashMap::from([("urgency", Value::from(urgency)), ("desktop-entry", Value::from(DESKTOP_ENTRY))]);
        match sound_name(notification.sound) {
            Some(name) if self.sounds => drop(hints.insert("sound-name", Value::from(name))),
            Some(_) => {}
            None => drop(hints.insert("suppress-sound", Value::from(true))),
        }
        hints
    }
}

/// The name in the freedesktop sound theme.
fn sound_name(sound: Sound) -> Option<&'static str> {
    match sound {
        Sound::Silent => None,
        Sound::Message => Some("message-new-instant"),
        Sound::Warning => Some("dialog-warning"),
        Sound::Bell => Some("bell"),
        Sound::Alarm => Some("alarm-clock-elapsed"),
    }
}

/// 0 stays until somebody closes it.
fn timeout_ms(severity: Severity) -> i32 {
    match severity {
        Severity::Info => 8_000,
        Severity::Warning => 15_000,
        Severity::Critical => 0,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::NotificationKey;
    use domain::AlertId;
    use protocol::view::Subject;
    use uuid::Uuid;

    fn notification(severity: Severity, sound: Sound) -> Notification {
        let alert = AlertId(Uuid::from_u128(1));
        Notification {
            key: NotificationKey::Line(alert),
            title: "x".to_owned(),
            body: String::new(),
            severity,
            sound,
            open: Some(Subject::Alert(alert)),
            alerts: vec![alert],
        }
    }

    #[test]
    fn a_service_is_asked_only_for_what_it_can_do() {
        let plain = Abilities::default();
        let alarm = notification(Severity::Critical, Sound::Alarm);
        assert!(plain.actions_of(&alarm).is_empty(), "no buttons where none are shown");
        assert!(!plain.hints_of(&alarm).contains_key("sound-name"), "no sound where none is played");
        assert_eq!(plain.hints_of(&alarm)["urgency"], Value::from(2u8), "urgency is for all of them");
        let able = Abilities { actions: true, sounds: true, ..Abilities::default() };
        let keys: Vec<&str> = able.actions_of(&alarm).into_iter().step_by(2).collect();
        assert_eq!(keys, ["default", "open", "acknowledge", "snooze"], "everything that can be done");
        assert_eq!(
            able.hints_of(&alarm)["sound-name"],
            Value::from("alarm-clock-elapsed"),
            "by its theme's name"
        );
        let silent = able.hints_of(&notification(Severity::Info, Sound::Silent));
        assert_eq!(
            silent["suppress-sound"],
            Value::from(true),
            "the service's own sound is not wanted either"
        );
    }

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escaped("Meyer & <b>Sons</b>"), "Meyer &amp; &lt;b&gt;Sons&lt;/b&gt;", "as it was typed");
    }
}
