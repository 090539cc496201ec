//! What one user wants to be told by the desktop.

use chrono::{DateTime, Utc};
use domain::alert::{AlertTopic, Severity};
use domain::schedule::Schedule;
use serde::{Deserialize, Serialize};

/// What one user wants to be told by the desktop; kept on this desk. Alerts are in the list whatever it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationSettings {
    /// Whether the desktop says anything.
    pub enabled: bool,
    /// Nothing less severe is told.
    pub least: Severity,
    /// What is never told, whatever its severity.
    pub muted: Vec<AlertTopic>,
    /// Hours without notifications, in the company's zone; none at all means that there are none.
    pub quiet_hours: Schedule,
    /// Critical alerts are told in quiet hours, too.
    pub critical_always: bool,
    /// Nothing is told until then, critical alerts excepted.
    pub paused_until: Option<DateTime<Utc>>,
    /// The sound of each severity.
    pub sounds: Sounds,
    /// Names of people and places are left out: for screens that others see.
    pub discreet: bool,
}

/// The sound of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "one per severity")]
pub struct Sounds {
    pub info: Sound,
    pub warning: Sound,
    pub critical: Sound,
}

/// A sound of the desktop's sound theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// None.
    Silent,
    /// A new message.
    Message,
    /// Something is wrong.
    Warning,
    /// A bell.
    Bell,
    /// An alarm.
    Alarm,
}

impl Sound {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Sound; 5] = [Sound::Silent, Sound::Message, Sound::Warning, Sound::Bell, Sound::Alarm];
}

impl Default for NotificationSettings {
    fn default() -> Self {
        NotificationSettings {
            enabled: true,
            least: Severity::Info,
            muted: Vec::new(),
            quiet_hours: Schedule::default(),
            critical_always: true,
            paused_until: None,
            sounds: Sounds { info: Sound::Silent, warning: Sound::Message, critical: Sound::Alarm },
            discreet: false,
        }
    }
}

/// What the desktop's notification service can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationService {
    /// Its name and version; `None`: there is none.
    pub name: Option<String>,
    /// It shows buttons.
    pub actions: bool,
    /// It plays sounds.
    pub sounds: bool,
}
