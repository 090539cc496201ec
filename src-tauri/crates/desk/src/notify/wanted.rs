//! Who is told: the policy of the fence or rule says for whom an alert is meant, the user's settings what they want to hear of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::alert::{Alert, Severity};
use protocol::view::{NotificationSettings, Sound};

/// Whether the desktop tells this user of an alert at `now`, in the company's `zone`. For whom it is meant is another question.
pub fn is_told(settings: &NotificationSettings, alert: &Alert, zone: Tz, now: DateTime<Utc>) -> bool {
    let is_critical = alert.severity == Severity::Critical;
    let is_paused = settings.paused_until.is_some_and(|until| now < until);
    // A schedule without hours is always on; quiet hours without hours are never.
    let is_quiet = !settings.quiet_hours.is_always() && settings.quiet_hours.covers(now, zone);
    settings.enabled
        && alert.severity >= settings.least
        && !settings.muted.contains(&alert.kind.topic())
        && (is_critical || !is_paused)
        && (!is_quiet || (is_critical && settings.critical_always))
}

/// What is heard of a severity.
pub fn sound(settings: &NotificationSettings, severity: Severity) -> Sound {
    match severity {
        Severity::Info => settings.sounds.info,
        Severity::Warning => settings.sounds.warning,
        Severity::Critical => settings.sounds.critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, Weekday};
    use domain::alert::{AlertKind, AlertTopic};
    use domain::resource::WorkingHours;
    use domain::schedule::Schedule;
    use domain::{AlertId, ResourceId};
    use uuid::Uuid;

    fn alert(severity: Severity) -> Alert {
        let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(1)) };
        let time = "2026-11-23T10:00:00Z".parse().expect("time");
        Alert::new(AlertId(Uuid::from_u128(2)), kind, severity, (time, time), None)
    }

    fn told(settings: &NotificationSettings, severity: Severity, now: &str) -> bool {
        is_told(settings, &alert(severity), Tz::Europe__Berlin, now.parse().expect("time"))
    }

    fn nights() -> Schedule {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("time");
        let night = |weekday| WorkingHours { weekday, starts: time(22), ends: time(6) };
        Schedule { hours: vec![night(Weekday::Mon), night(Weekday::Tue)] }
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_critical_alerts_through_them() {
        let settings = NotificationSettings { quiet_hours: nights(), ..NotificationSettings::default() };
        assert!(told(&settings, Severity::Warning, "2026-11-23T20:59:59Z"), "21:59:59 on Monday");
        assert!(!told(&settings, Severity::Warning, "2026-11-23T21:00:00Z"), "22:00 on Monday");
        assert!(
            !told(&settings, Severity::Warning, "2026-11-24T04:59:59Z"),
            "05:59:59 on Tuesday: still Monday's night"
        );
        assert!(told(&settings, Severity::Warning, "2026-11-24T05:00:00Z"), "06:00 on Tuesday");
        assert!(told(&settings, Severity::Critical, "2026-11-23T23:00:00Z"), "that can't wait");
        let strict = NotificationSettings { critical_always: false, ..settings };
        assert!(!told(&strict, Severity::Critical, "2026-11-23T23:00:00Z"), "unless quiet means quiet");
        let none = NotificationSettings::default();
        assert!(told(&none, Severity::Info, "2026-11-23T23:00:00Z"), "no quiet hours: never quiet");
    }

    #[test]
    fn what_is_muted_switched_off_or_too_small_is_not_told() {
        let noon = "2026-11-23T11:00:00Z";
        let all = NotificationSettings::default();
        let muted = NotificationSettings { muted: vec![AlertTopic::DeviceSilent], ..all.clone() };
        assert!(!told(&muted, Severity::Critical, noon), "muted, however bad");
        let other = NotificationSettings { muted: vec![AlertTopic::BidExpired], ..all.clone() };
        assert!(told(&other, Severity::Info, noon), "something else is muted");
        let off = NotificationSettings { enabled: false, ..all.clone() };
        assert!(!told(&off, Severity::Critical, noon), "off is off");
        let warnings = NotificationSettings { least: Severity::Warning, ..all.clone() };
        assert!(!told(&warnings, Severity::Info, noon), "too small");
        assert!(told(&warnings, Severity::Warning, noon), "just enough");
        let paused_until = Some("2026-11-23T12:00:00Z".parse().expect("time"));
        let paused = NotificationSettings { paused_until, ..all };
        assert!(!told(&paused, Severity::Warning, noon), "for an hour");
        assert!(told(&paused, Severity::Critical, noon), "except for what is critical");
        assert!(told(&paused, Severity::Warning, "2026-11-23T12:00:00Z"), "the hour is over");
    }
}
