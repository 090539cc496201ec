//! Arrivals as people read them: when, how sure, and what they rest on.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use protocol::view::EtaView;

use super::{day_time, distance, duration, near_time};
use crate::words::{self, source_text, t, tf};

/// An arrival in a table's cell: `10:42`, `24 Nov 08:10` if far ahead, `there`, `–`.
pub fn eta_short(eta: Option<&EtaView>, zone: Tz, now: DateTime<Utc>) -> String {
    match eta {
        Some(EtaView::Expected { p50, source, .. }) => {
            format!("{}{}", if source.is_by_road() { "" } else { "~" }, near_time(*p50, zone, now))
        }
        Some(EtaView::Arrived) => t("eta-arrived").to_owned(),
        Some(EtaView::Unknown { because }) => words::eta_unknown_text(*because),
        None => t("none").to_owned(),
    }
}

/// An arrival in a sentence: how sure it is, what it rests on; or why it is not known.
pub fn eta_text(eta: &EtaView, zone: Tz, now: DateTime<Utc>) -> String {
    match eta {
        EtaView::Expected { p50, p90, source, fix_age_secs, distance_m, .. } => tf(
            "eta-expected",
            &[
                ("p50", &day_time(*p50, zone, now)),
                ("p90", &day_time(*p90, zone, now)),
                ("distance", &distance(*distance_m)),
                ("source", source_text(*source)),
                ("age", &duration(*fix_age_secs)),
            ],
        ),
        EtaView::Arrived => t("eta-arrived").to_owned(),
        EtaView::Unknown { because } => tf("eta-unknown", &[("because", &words::eta_unknown_text(*because))]),
    }
}

/// The same as a tooltip, with lateness.
pub fn eta_hint(eta: Option<&EtaView>, zone: Tz, now: DateTime<Utc>) -> Option<String> {
    let text = eta_text(eta?, zone, now);
    let late = late_secs(eta).map(|secs| tf("eta-late", &[("duration", &duration(secs))]));
    let maybe = maybe_late_secs(eta).map(|secs| tf("eta-maybe-late", &[("duration", &duration(secs))]));
    Some([Some(text), late, maybe].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// When somebody is expected.
pub fn arrival(eta: Option<&EtaView>) -> Option<DateTime<Utc>> {
    match eta {
        Some(EtaView::Expected { p50, .. }) => Some(*p50),
        Some(EtaView::Arrived | EtaView::Unknown { .. }) | None => None,
    }
}

/// `in 12 min`, counted down; `any moment` when the time has come.
pub fn time_left(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (at - now).num_seconds() {
        secs @ 1.. => tf("time-left", &[("duration", &duration(secs))]),
        ..=0 => t("time-due").to_owned(),
    }
}

/// How late one in ten would be, in seconds, where the expected arrival is in time.
pub fn maybe_late_secs(eta: Option<&EtaView>) -> Option<i64> {
    match eta {
        Some(EtaView::Expected { late_secs: None, late_p90_secs, .. }) => *late_p90_secs,
        Some(EtaView::Expected { late_secs: Some(_), .. } | EtaView::Arrived | EtaView::Unknown { .. })
        | None => None,
    }
}

/// How late it will be, in seconds.
pub fn late_secs(eta: Option<&EtaView>) -> Option<i64> {
    match eta {
        Some(EtaView::Expected { late_secs, .. }) => *late_secs,
        Some(EtaView::Arrived | EtaView::Unknown { .. }) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::travel::TravelSource;
    use protocol::view::EtaUnknown;

    fn morning() -> DateTime<Utc> {
        "2026-11-23T09:30:00Z".parse().expect("time")
    }

    fn expected(late_secs: Option<i64>, late_p90_secs: Option<i64>) -> EtaView {
        EtaView::Expected {
            p50: "2026-11-23T09:42:00Z".parse().expect("time"),
            p90: "2026-11-23T09:50:00Z".parse().expect("time"),
            source: TravelSource::StraightLine,
            fix_age_secs: 5,
            distance_m: 3_200.0,
            late_secs,
            late_p90_secs,
        }
    }

    #[test]
    fn an_arrival_says_how_sure_it_is_and_what_it_rests_on() {
        let text = eta_hint(Some(&expected(None, Some(180))), chrono_tz::UTC, morning()).expect("an arrival");
        for said in ["09:42", "09:50", "3.2 km", "5 s", source_text(TravelSource::StraightLine), "3 min"] {
            assert!(text.contains(said), "{said} is said: {text}");
        }
        let unknown = EtaView::Unknown { because: EtaUnknown::StaleFix };
        let why = eta_hint(Some(&unknown), chrono_tz::UTC, morning()).expect("why not");
        assert!(why.contains("position too old"), "an arrival that is not known says why: {why}");
        assert_eq!(
            eta_hint(None, chrono_tz::UTC, morning()),
            None,
            "where nobody is expected there is nothing to say"
        );
    }

    #[test]
    fn an_arrival_far_ahead_names_its_day() {
        let short = |now| eta_short(Some(&expected(None, None)), chrono_tz::UTC, now);
        assert_eq!(short(morning()), "~09:42", "today the time is enough");
        let night = morning() - chrono::TimeDelta::hours(11);
        assert_eq!(short(night), "~09:42", "nor is there a doubt at night");
        assert_eq!(
            short(morning() - chrono::TimeDelta::days(1)),
            "~23 Nov 09:42",
            "tomorrow it is not enough"
        );
        let text = eta_text(&expected(None, None), chrono_tz::UTC, night);
        assert!(text.contains("23 Nov 09:42"), "a sentence has room for the day: {text}");
    }

    #[test]
    fn perhaps_late_is_said_only_while_it_is_not_certain() {
        assert_eq!(maybe_late_secs(Some(&expected(None, Some(180)))), Some(180), "one in ten is late");
        assert_eq!(maybe_late_secs(Some(&expected(Some(60), Some(400)))), None, "it will be late anyway");
        assert_eq!(late_secs(Some(&expected(Some(60), Some(400)))), Some(60), "and that is what is said");
    }

    #[test]
    fn the_time_left_is_counted_down() {
        let left = |secs| time_left(morning() + chrono::TimeDelta::seconds(secs), morning());
        assert_eq!(left(720), "in 12 min", "minutes");
        assert_eq!(left(40), "in 40 s", "the last one in seconds");
        assert_eq!(left(-5), "any moment", "an arrival that is due is not in the past");
    }
}
