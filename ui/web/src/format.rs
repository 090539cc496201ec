//! Times, durations, distances and money as people read them. Times are in the company's zone.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::alert::{AlertKind, NearTarget};

use crate::state::Desk;
use crate::words::{t, tf};

mod eta;

pub use eta::*;

/// Nobody takes a time for one that is farther away than this.
const HALF_A_DAY: TimeDelta = TimeDelta::hours(12);

/// How a time is said in a zone at a moment: [`day_time`], [`near_time`].
pub type TimeText = fn(DateTime<Utc>, Tz, DateTime<Utc>) -> String;

/// `10:42`
pub fn clock_time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

/// `10:42` today, else `23 Nov 10:42`.
pub fn day_time(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone);
    let same_day = local.date_naive() == now.with_timezone(&zone).date_naive();
    local.format(if same_day { "%H:%M" } else { "%-d %b %H:%M" }).to_string()
}

/// `10:42` where that is clear, today or within half a day; else `23 Nov 10:42`. For what is ahead, where there is little room.
pub fn near_time(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    if (at - now).abs() < HALF_A_DAY { clock_time(at, zone) } else { day_time(at, zone, now) }
}

/// `3 s`, `12 min`, `2 h 5 min`, `3 d`
pub fn duration(secs: i64) -> String {
    let secs = secs.max(0);
    match secs {
        0..60 => tf("duration-secs", &[("n", &secs.to_string())]),
        60..3_600 => tf("duration-mins", &[("n", &(secs / 60).to_string())]),
        3_600..172_800 => {
            let (hours, mins) = (secs / 3_600, secs % 3_600 / 60);
            let hours = hours.to_string();
            match mins {
                0 => tf("duration-only-hours", &[("n", &hours)]),
                mins => tf("duration-hours", &[("h", &hours), ("m", &mins.to_string())]),
            }
        }
        _ => tf("duration-days", &[("n", &(secs / 86_400).to_string())]),
    }
}

/// `3 s`, `12 min`, `23 h`, `3 d`: as coarse as a narrow column.
pub fn coarse(secs: i64) -> String {
    match secs {
        7_200..172_800 => tf("duration-only-hours", &[("n", &(secs / 3_600).to_string())]),
        3_600..7_200 => tf("duration-mins", &[("n", &(secs / 60).to_string())]),
        _ => duration(secs),
    }
}

/// `10:42` today, else `23 Nov`.
pub fn time_or_day(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone);
    let same_day = local.date_naive() == now.with_timezone(&zone).date_naive();
    local.format(if same_day { "%H:%M" } else { "%-d %b" }).to_string()
}

/// `Camille L.` for `Camille Laurent`.
pub fn short_name(name: &str) -> String {
    match name.split_once(' ') {
        Some((first, rest)) => match rest.chars().next() {
            Some(letter) => format!("{first} {letter}."),
            None => first.to_owned(),
        },
        None => name.to_owned(),
    }
}

/// `3 s ago`
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    tf("ago", &[("duration", &duration((now - at).num_seconds()))])
}

/// `850 m`, `3.2 km`
pub fn distance(metres: f64) -> String {
    if metres < 1_000.0 {
        tf("distance-m", &[("n", &format!("{:.0}", (metres / 10.0).round() * 10.0))])
    } else {
        tf("distance-km", &[("n", &format!("{:.1}", metres / 1_000.0))])
    }
}

/// `45.00 EUR`
pub fn money(minor: i64, currency: &str) -> String {
    format!("{}{}.{:02} {currency}", if minor < 0 { "−" } else { "" }, minor.abs() / 100, minor.abs() % 100)
}

/// What an alert says.
pub fn alert_text(desk: Desk, kind: &AlertKind) -> String {
    let who = kind.resource().map(|id| desk.resource_name(id)).unwrap_or_default();
    match kind {
        AlertKind::FenceEntered { poi, .. } => {
            tf("alert-fence-entered", &[("who", &who), ("place", &desk.poi_name(*poi))])
        }
        AlertKind::FenceLeft { poi, .. } => {
            tf("alert-fence-left", &[("who", &who), ("place", &desk.poi_name(*poi))])
        }
        AlertKind::FenceDwell { poi, dwell_secs, .. } => {
            let place = desk.poi_name(*poi);
            let time = duration(i64::from(*dwell_secs));
            tf("alert-fence-dwell", &[("who", &who), ("place", &place), ("duration", &time)])
        }
        AlertKind::FenceCrossed { poi, .. } => {
            tf("alert-fence-crossed", &[("who", &who), ("place", &desk.poi_name(*poi))])
        }
        AlertKind::FenceAbsent { poi, .. } => {
            tf("alert-fence-absent", &[("who", &who), ("place", &desk.poi_name(*poi))])
        }
        AlertKind::Near { target, distance_m, .. } => {
            let (what, how_near) = (near_name(desk, *target), distance(f64::from(*distance_m)));
            tf("alert-near", &[("who", &who), ("what", &what), ("distance", &how_near)])
        }
        AlertKind::Speeding { kmh, limit_kmh, .. } => {
            let (kmh, limit) = (kmh.to_string(), limit_kmh.to_string());
            tf("alert-speeding", &[("who", &who), ("kmh", &kmh), ("limit", &limit)])
        }
        AlertKind::StoppedOnTask { task, minutes, .. } => {
            let (task, time) = (desk.task_name(*task), duration(i64::from(*minutes) * 60));
            tf("alert-stopped", &[("who", &who), ("task", &task), ("duration", &time)])
        }
        AlertKind::LeftArea { poi, .. } => {
            tf("alert-left-area", &[("who", &who), ("place", &desk.poi_name(*poi))])
        }
        AlertKind::BatteryLow { percent, .. } => {
            tf("alert-battery-low", &[("who", &who), ("percent", &percent.to_string())])
        }
        AlertKind::Sos { .. } => tf("alert-sos", &[("who", &who)]),
        AlertKind::TaskLate { task, late_secs, .. } => {
            let (task, late) = (desk.task_name(*task), duration(*late_secs));
            tf("alert-task-late", &[("who", &who), ("task", &task), ("duration", &late)])
        }
        AlertKind::PromiseAtRisk { task, over_secs, .. } => {
            let (task, over) = (desk.task_name(*task), duration(*over_secs));
            tf("alert-promise-at-risk", &[("task", &task), ("duration", &over)])
        }
        AlertKind::ShiftOverrun { over_secs, .. } => {
            tf("alert-shift-overrun", &[("who", &who), ("duration", &duration(*over_secs))])
        }
        AlertKind::TaskRefused { task, .. } => {
            tf("alert-task-refused", &[("who", &who), ("task", &desk.task_name(*task))])
        }
        AlertKind::BidAnswered { bid, .. } => {
            tf("alert-bid-answered", &[("who", &who), ("task", &bid_task_name(desk, *bid))])
        }
        AlertKind::BidExpired { bid } => tf("alert-bid-expired", &[("task", &bid_task_name(desk, *bid))]),
        AlertKind::DeviceSilent { .. } => tf("alert-device-silent", &[("who", &who)]),
    }
}

fn near_name(desk: Desk, target: NearTarget) -> String {
    match target {
        NearTarget::Poi(id) => desk.poi_name(id),
        NearTarget::Task(id) => desk.task_name(id),
        NearTarget::Resource(id) => desk.resource_name(id),
    }
}

/// The task that a bid is about.
pub fn bid_task_name(desk: Desk, bid: domain::BidId) -> String {
    desk.rows.bids.get(bid).map_or_else(|| t("none").to_owned(), |row| desk.task_name(row.bid.task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_coarse_as_people_say_them() {
        assert_eq!(duration(3), "3 s", "seconds below a minute");
        assert_eq!(duration(754), "12 min", "minutes below an hour");
        assert_eq!(duration(7_500), "2 h 5 min", "hours with minutes");
        assert_eq!(duration(3_600), "1 h", "and without");
        assert_eq!(coarse(84_600), "23 h", "a column has no room for minutes of hours");
        assert_eq!(coarse(5_400), "90 min", "but up to two hours they matter");
        assert_eq!(short_name("Camille Laurent"), "Camille L.", "a name in a column");
        assert_eq!(short_name("Office"), "Office", "one word stays");
        assert_eq!(duration(-5), "0 s", "a clock that is off never shows a negative age");
    }

    #[test]
    fn times_are_the_companys_not_the_machines() {
        let at = "2026-11-23T09:42:00Z".parse().expect("time");
        assert_eq!(clock_time(at, chrono_tz::Europe::Monaco), "10:42", "an hour ahead of UTC in winter");
        let tomorrow = "2026-11-24T09:42:00Z".parse().expect("time");
        assert_eq!(day_time(at, chrono_tz::UTC, tomorrow), "23 Nov 09:42", "another day is named");
    }

    #[test]
    fn prices_keep_their_cents() {
        assert_eq!(money(4_505, "EUR"), "45.05 EUR", "minor units");
        assert_eq!(money(-5, "EUR"), "−0.05 EUR", "a refund below one");
    }
}
