//! The notification service: what it can do, and how a notification is asked of it.

use std::io;
use std::thread;

use desk::Notification;
use domain::alert::Severity;
use notify_rust::error::Error;
use notify_rust::{Hint, NotificationHandle, Urgency, get_capabilities, get_server_information};
use protocol::view::{NotificationService, Sound};
use tokio::sync::oneshot;

use crate::ANSWERS_WITHIN;
use crate::bubbles::{ACKNOWLEDGE, DEFAULT, OPEN, SNOOZE};

const APPLICATION: &str = "OfficeTrack Desk";
const ICON: &str = "officetrack-desk";
const DESKTOP_ENTRY: &str = "com.officetrack.desk";

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

/// Asks services what they can do.
///
/// notify-rust can only wait for that answer, and without an end: so the question has a thread of its own, and there is never more than
/// one, however many answers stay away. The connection of the last one stays open, idle, until the next: the runtime that would close it
/// sleeps between them.
#[derive(Debug, Default)]
pub struct Question {
    open: Option<oneshot::Receiver<Result<Abilities, Error>>>,
}

impl Question {
    /// What the service can do; `None`: there is none, or it does not answer in time.
    pub async fn ask(&mut self) -> Option<Abilities> {
        match tokio::time::timeout(ANSWERS_WITHIN, self.answer()).await {
            Ok(Ok(Ok(abilities))) => return Some(abilities),
            Ok(Ok(Err(error))) => tracing::debug!(%error, "no notification service answers"),
            Ok(Err(error)) => tracing::warn!(%error, "the notification service can't be asked"),
            Err(_) => tracing::warn!("the notification service does not answer"),
        }
        None
    }

    async fn answer(&mut self) -> io::Result<Result<Abilities, Error>> {
        if let Some(former) = &mut self.open {
            // Its answer may be about another service: only that it has ended counts.
            drop(former.await);
        }
        self.open = None;
        let (say, answer) = oneshot::channel();
        thread::Builder::new().name("notifications".to_owned()).spawn(move || {
            // Nobody may wait for it any more.
            drop(say.send(Abilities::of_service()));
        })?;
        let answer = self.open.insert(answer).await;
        self.open = None;
        answer.map_err(io::Error::other)
    }
}

impl Abilities {
    /// Waits for what the service says.
    fn of_service() -> Result<Self, Error> {
        let (service, has) = (get_server_information()?, get_capabilities()?);
        let can = |what: &str| has.iter().any(|capability| capability == what);
        Ok(Self {
            name: format!("{} {}", service.name, service.version),
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

    /// Shows a notification in the place of the bubble `replaces` (0: a new one).
    ///
    /// # Errors
    /// When the service does not take it, or not in time.
    pub async fn show(
        &self,
        notification: &Notification,
        replaces: u32,
    ) -> Result<NotificationHandle, Error> {
        let body = if self.markup { escaped(&notification.body) } else { notification.body.clone() };
        let mut bubble = notify_rust::Notification::new();
        bubble.appname(APPLICATION).icon(ICON).id(replaces).summary(&notification.title).body(&body);
        bubble.timeout(timeout_ms(notification.severity));
        for (key, label) in self.actions_of(notification) {
            bubble.action(key, label);
        }
        for hint in self.hints_of(notification) {
            bubble.hint(hint);
        }
        let shown = tokio::time::timeout(ANSWERS_WITHIN, bubble.show_async()).await;
        shown.unwrap_or_else(|_| Err(Error::from("no answer in time")))
    }

    /// Keys and labels.
    fn actions_of(&self, notification: &Notification) -> Vec<(&'static str, &'static str)> {
        let mut actions = Vec::new();
        if !self.actions {
            return actions;
        }
        if notification.open.is_some() {
            actions.extend([(DEFAULT, "Open"), (OPEN, "Open")]);
        }
        if !notification.alerts.is_empty() {
            actions.extend([(ACKNOWLEDGE, "Acknowledge"), (SNOOZE, "Snooze 15 min")]);
        }
        actions
    }

    fn hints_of(&self, notification: &Notification) -> Vec<Hint> {
        let urgency = match notification.severity {
            Severity::Info => Urgency::Low,
            Severity::Warning => Urgency::Normal,
            Severity::Critical => Urgency::Critical,
        };
        let mut hints = vec![Hint::Urgency(urgency), Hint::DesktopEntry(DESKTOP_ENTRY.to_owned())];
        match sound_name(notification.sound) {
            Some(name) if self.sounds => hints.push(Hint::SoundName(name.to_owned())),
            Some(_) => {}
            None => hints.push(Hint::SuppressSound(true)),
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
        let named = Hint::SoundName("alarm-clock-elapsed".to_owned());
        assert!(plain.actions_of(&alarm).is_empty(), "no buttons where none are shown");
        assert!(!plain.hints_of(&alarm).contains(&named), "no sound where none is played");
        assert!(
            plain.hints_of(&alarm).contains(&Hint::Urgency(Urgency::Critical)),
            "urgency is for all of them"
        );
        let able = Abilities { actions: true, sounds: true, ..Abilities::default() };
        let keys: Vec<&str> = able.actions_of(&alarm).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["default", "open", "acknowledge", "snooze"], "everything that can be done");
        assert!(able.hints_of(&alarm).contains(&named), "by its theme's name");
        let silent = able.hints_of(&notification(Severity::Info, Sound::Silent));
        assert!(silent.contains(&Hint::SuppressSound(true)), "the service's own sound is not wanted either");
    }

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escaped("Meyer & <b>Sons</b>"), "Meyer &amp; &lt;b&gt;Sons&lt;/b&gt;", "as it was typed");
    }
}
