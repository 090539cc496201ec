//! Names of everything about alerts: severities, stages, topics, and what the explanation of an alert says.

use chrono::Weekday;
use domain::alert::{AlertTopic, Correction, Severity, Stage};
use protocol::view::{FixSays, Sound};

use super::{fill, kebab, t, t_dyn};

/// How bad it is.
pub fn severity_text(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => t("severity-info"),
        Severity::Warning => t("severity-warning"),
        Severity::Critical => t("severity-critical"),
    }
}

/// The same for style sheets and tests.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// How far an alert has been dealt with.
pub fn stage_text(stage: Stage) -> &'static str {
    match stage {
        Stage::New => t("stage-new"),
        Stage::Acknowledged => t("stage-acknowledged"),
        Stage::Assigned => t("stage-assigned"),
        Stage::Snoozed => t("stage-snoozed"),
        Stage::Resolved => t("stage-resolved"),
    }
}

/// The chip of a filter by stage.
pub fn stage_chip_text(chip: crate::state::triage::StageChip) -> String {
    t_dyn(&format!("stage-chip-{}", kebab(&format!("{chip:?}"))))
}

/// A kind of alerts.
pub fn topic_text(topic: AlertTopic) -> String {
    t_dyn(&format!("topic-{}", kebab(&format!("{topic:?}"))))
}

/// Many alerts of one cause: `40 devices are silent`.
pub fn storm_text(topic: AlertTopic, n: usize, place: &str) -> String {
    let text = t_dyn(&format!("storm-of-{}", kebab(&format!("{topic:?}"))));
    fill(&text, &[("n", &n.to_string()), ("place", place)])
}

/// What late data says of an alert.
pub fn correction_text(correction: Correction) -> &'static str {
    match correction {
        Correction::FoundLate => t("correction-found-late"),
        Correction::Unfounded => t("correction-unfounded"),
    }
}

/// What a fix says; `fence` tells whether it is measured against a fence or a rule.
pub fn fix_says_text(says: FixSays, fence: bool) -> &'static str {
    match (says, fence) {
        (FixSays::Inside, true) => t("says-inside"),
        (FixSays::Inside, false) => t("says-holds"),
        (FixSays::Outside, true) => t("says-outside"),
        (FixSays::Beyond, true) => t("says-beyond"),
        (FixSays::Outside | FixSays::Beyond, false) => t("says-holds-not"),
        (FixSays::Undecided, _) => t("says-undecided"),
        (FixSays::TooInaccurate, _) => t("says-too-inaccurate"),
        (FixSays::Refused, _) => t("says-refused"),
        (FixSays::Quarantined, _) => t("says-quarantined"),
    }
}

/// A sound.
pub fn sound_text(sound: Sound) -> &'static str {
    match sound {
        Sound::Silent => t("sound-silent"),
        Sound::Message => t("sound-message"),
        Sound::Warning => t("sound-warning"),
        Sound::Bell => t("sound-bell"),
        Sound::Alarm => t("sound-alarm"),
    }
}

/// A day of the week, short.
pub fn weekday_text(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => t("weekday-mon"),
        Weekday::Tue => t("weekday-tue"),
        Weekday::Wed => t("weekday-wed"),
        Weekday::Thu => t("weekday-thu"),
        Weekday::Fri => t("weekday-fri"),
        Weekday::Sat => t("weekday-sat"),
        Weekday::Sun => t("weekday-sun"),
    }
}
