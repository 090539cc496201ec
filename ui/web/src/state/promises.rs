//! What customers are told: which time to say, and in which words. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::task::ExpectedThen;
use protocol::view::{EtaView, PromiseRisk, TaskView};

use crate::format::clock_time;
use crate::words::tf;

/// Customers are told times in steps of so many minutes.
const STEP_SECS: i64 = 5 * 60;
/// Where nothing is known, an hour from now is as good as any other time.
const AT_A_GUESS: TimeDelta = TimeDelta::hours(1);

/// A window that a customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Not before.
    pub from: DateTime<Utc>,
    /// Somebody is there by then.
    pub until: DateTime<Utc>,
}

/// What to say of a task: from the expected arrival rounded down to when nine of ten are there rounded up; without an arrival the
/// task's own window, as far as it is ahead.
pub fn told(row: &TaskView, now: DateTime<Utc>) -> Told {
    match (&row.eta, row.task.window_start, row.task.window_end) {
        (Some(EtaView::Expected { p50, p90, .. }), ..) => between(*p50, *p90, now),
        (Some(EtaView::Arrived | EtaView::Unknown { .. }) | None, start, Some(end)) if end > now => {
            between(start.unwrap_or(end - AT_A_GUESS), end, now)
        }
        (Some(EtaView::Arrived | EtaView::Unknown { .. }) | None, ..) => {
            between(now + AT_A_GUESS / 2, now + AT_A_GUESS, now)
        }
    }
}

/// In steps, never before now, and never a single moment.
fn between(from: DateTime<Utc>, until: DateTime<Utc>, now: DateTime<Utc>) -> Told {
    let from = step_down(from.max(now));
    let until = step_up(until.max(now)).max(from + TimeDelta::seconds(STEP_SECS));
    Told { from, until }
}

fn step_down(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::seconds(at.timestamp().rem_euclid(STEP_SECS)) - TimeDelta::nanoseconds(subsec(at))
}

fn step_up(at: DateTime<Utc>) -> DateTime<Utc> {
    let down = step_down(at);
    if down == at { at } else { down + TimeDelta::seconds(STEP_SECS) }
}

fn subsec(at: DateTime<Utc>) -> i64 {
    i64::from(at.timestamp_subsec_nanos())
}

/// What is known of the arrival, as it goes into the ledger with the promise.
pub fn expected(eta: Option<&EtaView>) -> Option<ExpectedThen> {
    match eta {
        Some(EtaView::Expected { p50, p90, source, fix_age_secs, .. }) => {
            Some(ExpectedThen { p50: *p50, p90: *p90, source: *source, fix_age_secs: *fix_age_secs })
        }
        Some(EtaView::Arrived | EtaView::Unknown { .. }) | None => None,
    }
}

/// Whether the customer should hear of it before the time comes.
pub fn wants_word(risk: PromiseRisk) -> bool {
    match risk {
        PromiseRisk::AtRisk { .. } | PromiseRisk::Breaking { .. } | PromiseRisk::Overdue => true,
        PromiseRisk::Safe | PromiseRisk::Unknown => false,
    }
}

/// Who is written to, by whom, and in which company's time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the letter")]
pub struct Letter<'a> {
    pub customer: &'a str,
    pub company: &'a str,
    pub zone: Tz,
    pub now: DateTime<Utc>,
}

impl Letter<'_> {
    /// The text of a message; `sorry` where the customer was told another time before. Nobody is named in it but the customer.
    pub fn text(&self, told: Told, sorry: bool) -> String {
        let time = window_text(Some(told.from), told.until, self.zone, self.now);
        let values = [("customer", self.customer), ("company", self.company), ("window", time.as_str())];
        match (sorry, self.customer.trim().is_empty()) {
            (false, false) => tf("message-promise", &values),
            (false, true) => tf("message-promise-nameless", &values),
            (true, false) => tf("message-sorry", &values),
            (true, true) => tf("message-sorry-nameless", &values),
        }
    }
}

/// `between 10:40 and 10:55`, `by 10:55`; a day other than today is named, and over midnight both days are.
pub fn window_text(
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
    zone: Tz,
    now: DateTime<Utc>,
) -> String {
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).format("%-d %b").to_string();
    let time = |at: DateTime<Utc>| clock_time(at, zone);
    let said = match from {
        Some(from) if day(from) != day(until) => {
            let named = |at| tf("told-time-on", &[("time", &time(at)), ("day", &date(at))]);
            return tf("told-between", &[("from", &named(from)), ("until", &named(until))]);
        }
        Some(from) => tf("told-between", &[("from", &time(from)), ("until", &time(until))]),
        None => tf("told-by", &[("until", &time(until))]),
    };
    if day(until) == day(now) {
        return said;
    }
    tf("told-on", &[("day", &date(until)), ("window", &said)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Monaco;
    use domain::travel::TravelSource;

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-23T{time}Z").parse().expect("time")
    }

    fn between_times(p50: &str, p90: &str, now: &str) -> (DateTime<Utc>, DateTime<Utc>) {
        let told = between(at(p50), at(p90), at(now));
        (told.from, told.until)
    }

    #[test]
    fn customers_hear_round_times_that_hold_nine_times_in_ten() {
        let told = between_times("09:42:10", "09:53:10", "09:20:00");
        assert_eq!(told, (at("09:40:00"), at("09:55:00")), "down and up to five minutes");
        let exact = between_times("09:40:00", "09:40:00", "09:20:00");
        assert_eq!(exact, (at("09:40:00"), at("09:45:00")), "nobody arrives at a single moment");
        let past = between_times("09:10:00", "09:12:00", "09:21:30");
        assert_eq!(past, (at("09:20:00"), at("09:25:00")), "what has passed is promised to nobody");
    }

    #[test]
    fn the_letter_names_nobody_but_the_customer() {
        let told = Told { from: at("09:40:00"), until: at("09:55:00") };
        let now = at("09:00:00");
        let letter = Letter { customer: "Mme Rossi", company: "Riviera Facilities", zone: Monaco, now };
        let text = letter.text(told, false);
        assert!(
            text.contains("Mme Rossi") && text.contains("Riviera Facilities"),
            "to whom, from whom: {text}"
        );
        assert!(text.contains("between 10:40 and 10:55"), "in the company's time: {text}");
        let sorry = letter.text(told, true);
        assert!(sorry.contains("sorry"), "another time than before needs a word: {sorry}");
        let nameless = Letter { customer: " ", ..letter }.text(told, false);
        assert!(!nameless.contains("Hello  "), "without a name there is no hole: {nameless}");
        assert!(
            text.chars().count() < domain::task::LONGEST_MESSAGE_CHARS / 2,
            "there is room for a long name and a word more: {text}"
        );
    }

    #[test]
    fn another_day_is_named() {
        let now = at("09:00:00");
        let tomorrow = now + TimeDelta::days(1);
        let said = window_text(None, tomorrow, Monaco, now);
        assert_eq!(said, "on 24 Nov by 10:00", "by then, and on which day");
        let night = window_text(Some(at("22:30:00")), at("23:30:00"), Monaco, now);
        assert_eq!(night, "between 23:30 on 23 Nov and 00:30 on 24 Nov", "over midnight both ends are named");
    }

    #[test]
    fn what_is_known_goes_into_the_ledger() {
        let eta = EtaView::Expected {
            p50: at("09:40:00"),
            p90: at("09:50:00"),
            source: TravelSource::Roads,
            fix_age_secs: 7,
            distance_m: 900.0,
            late_secs: None,
            late_p90_secs: None,
        };
        let known = expected(Some(&eta)).expect("an arrival is expected");
        assert_eq!((known.p50, known.fix_age_secs), (at("09:40:00"), 7), "as it was then");
        assert_eq!(expected(Some(&EtaView::Arrived)), None, "whoever is there is not expected");
        assert!(wants_word(PromiseRisk::AtRisk { over_secs: 60 }), "perhaps is early enough to say so");
        assert!(!wants_word(PromiseRisk::Unknown), "nobody is told what nobody knows");
    }
}
