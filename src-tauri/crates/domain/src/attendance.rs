//! Attendance: sign-ins and sign-outs, and what is derived from them.
//!
//! Rules: durations come from instants only; an overnight shift belongs to its start day; a missing sign-out leaves the
//! stretch *open* (never closed without a mark); a sign-out without its sign-in is an *orphan*, kept and shown.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::resource::{Resource, WorkingHours};
use crate::{EntryGuid, LonLat, ResourceId};

/// A sign-in or a sign-out as reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AttendanceEntry {
    /// Idempotency key of the report.
    pub guid: EntryGuid,
    /// Who.
    pub resource: ResourceId,
    /// In or out.
    pub kind: AttendanceKind,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// When it arrived at the server.
    pub entry_time: DateTime<Utc>,
    /// Where; absent while private.
    pub at: Option<LonLat>,
}

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendanceKind {
    /// Contract code 22. Sorts before a sign-in of the same instant: change-over, not a zero-length stretch.
    SignOut,
    /// Contract code 21.
    SignIn,
}

/// One person's day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DaySheet {
    /// Who.
    pub resource: ResourceId,
    /// The local day the stretches start on.
    pub day: NaiveDate,
    /// The zone the day is meant in (IANA name).
    pub zone: Tz,
    /// Stretches of work in time order.
    pub stretches: Vec<Stretch>,
    /// Sign-outs without their sign-in.
    pub orphans: Vec<AttendanceEntry>,
    /// Worked time of all stretches, seconds; an open stretch counts up to `now`.
    pub worked_secs: i64,
}

/// From a sign-in to its sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// The sign-in.
    pub signed_in: AttendanceEntry,
    /// The sign-out; `None` means open: still at work, or forgotten.
    pub signed_out: Option<AttendanceEntry>,
}

impl Stretch {
    /// Length in seconds; an open stretch ends at `now`. Never negative.
    pub fn worked_secs(&self, now: DateTime<Utc>) -> i64 {
        let end = self.signed_out.map_or(now, |entry| entry.event_time);
        (end - self.signed_in.event_time).num_seconds().max(0)
    }
}

/// The sheet of `resource` for the local `day` in `zone`. `entries` may hold other people and days, in any order.
pub fn day_sheet(
    resource: ResourceId,
    entries: &[AttendanceEntry],
    day: NaiveDate,
    zone: Tz,
    now: DateTime<Utc>,
) -> DaySheet {
    let mut own: Vec<AttendanceEntry> =
        entries.iter().copied().filter(|entry| entry.resource == resource).collect();
    own.sort_by_key(|entry| (entry.event_time, entry.kind, entry.guid));
    own.dedup_by_key(|entry| entry.guid);
    let on_day = |entry: &AttendanceEntry| entry.event_time.with_timezone(&zone).date_naive() == day;

    let (mut stretches, mut orphans) = (Vec::new(), Vec::new());
    let mut open: Option<AttendanceEntry> = None;
    for entry in own {
        match (entry.kind, open.take()) {
            (AttendanceKind::SignIn, None) => open = Some(entry),
            (AttendanceKind::SignIn, Some(before)) => {
                stretches.push(Stretch { signed_in: before, signed_out: None });
                open = Some(entry);
            }
            (AttendanceKind::SignOut, Some(before)) => {
                stretches.push(Stretch { signed_in: before, signed_out: Some(entry) });
            }
            (AttendanceKind::SignOut, None) => orphans.push(entry),
        }
    }
    stretches.extend(open.map(|signed_in| Stretch { signed_in, signed_out: None }));
    stretches.retain(|stretch| on_day(&stretch.signed_in));
    orphans.retain(on_day);
    let worked_secs =
        stretches.iter().filter(|stretch| counts(stretch, &stretches)).map(|s| s.worked_secs(now)).sum();
    DaySheet { resource, day, zone, stretches, orphans, worked_secs }
}

/// An open stretch counts only while it is the last one: an earlier one was forgotten and has no known end.
fn counts(stretch: &Stretch, all: &[Stretch]) -> bool {
    stretch.signed_out.is_some()
        || all.last().is_some_and(|last| last.signed_in.guid == stretch.signed_in.guid)
}

/// Whether somebody is where the plan expects them to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "presence")]
pub enum Presence {
    /// Signed in.
    In {
        /// Since when, where the sign-in is known.
        since: Option<DateTime<Utc>>,
    },
    /// Signed out, and not expected now.
    Out,
    /// Expected since `since`, not signed in.
    Late {
        /// Planned start.
        since: DateTime<Utc>,
    },
}

/// Grace after the planned start before somebody is called late.
pub const LATE_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Presence of `resource` at `now`; `last_sign_in` and `last_sign_out` are their newest entries, `zone` is the workplace's.
pub fn presence(
    resource: &Resource,
    last_sign_in: Option<DateTime<Utc>>,
    last_sign_out: Option<DateTime<Utc>>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Presence {
    if resource.on_duty {
        return Presence::In { since: last_sign_in };
    }
    let today = now.with_timezone(&zone).date_naive();
    let running = [today.pred_opt(), Some(today)]
        .into_iter()
        .flatten()
        .flat_map(|day| shifts_on(&resource.working_hours, day, zone))
        .find(|(starts, ends)| *starts + LATE_AFTER <= now && now < *ends);
    match running {
        // Whoever was in during this shift and left again has gone home early; that is not "late".
        Some((starts, _)) if last_sign_out.is_none_or(|out| out < starts) => Presence::Late { since: starts },
        Some(_) | None => Presence::Out,
    }
}

/// The planned shifts that start on the local `day`, as instants.
pub fn shifts_on(hours: &[WorkingHours], day: NaiveDate, zone: Tz) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let on_day = hours.iter().filter(|hours| hours.weekday == day.weekday());
    on_day
        .filter_map(|hours| {
            let last_day = if hours.ends <= hours.starts { day.succ_opt()? } else { day };
            Some((instant(day, hours.starts, zone), instant(last_day, hours.ends, zone)))
        })
        .collect()
}

/// The instant of a local time: one in a gap moves forward past it, one in a fold takes the earlier offset.
pub fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    let mut shifted = local;
    loop {
        match zone.from_local_datetime(&shifted) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.with_timezone(&Utc),
            // Gaps are whole quarters of an hour in every zone's history that a workplace can meet.
            LocalResult::None => shifted += TimeDelta::minutes(15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::tests::resource;
    use chrono::Weekday;
    use uuid::Uuid;

    fn entry(guid: u128, kind: AttendanceKind, at: &str) -> AttendanceEntry {
        let event_time = at.parse().expect("time");
        let resource = ResourceId(Uuid::from_u128(1));
        AttendanceEntry {
            guid: Uuid::from_u128(guid).into(),
            resource,
            kind,
            event_time,
            entry_time: event_time,
            at: None,
        }
    }

    fn berlin(day: &str, entries: &[AttendanceEntry]) -> DaySheet {
        let now = "2026-12-01T00:00:00Z".parse().expect("time");
        day_sheet(ResourceId(Uuid::from_u128(1)), entries, day.parse().expect("day"), Tz::Europe__Berlin, now)
    }

    #[test]
    fn a_night_shift_over_the_autumn_change_is_nine_hours_and_belongs_to_its_start_day() {
        let night = [
            entry(2, AttendanceKind::SignOut, "2026-10-25T05:00:00Z"),
            entry(1, AttendanceKind::SignIn, "2026-10-24T20:00:00Z"),
        ];
        let sheet = berlin("2026-10-24", &night);
        assert_eq!(sheet.worked_secs, 9 * 3600, "22:00–06:00 with the clock set back is nine hours");
        assert!(berlin("2026-10-25", &night).stretches.is_empty(), "the next day has nothing of it");
        assert!(berlin("2026-10-25", &night).orphans.is_empty(), "its sign-out is no orphan");
    }

    #[test]
    fn a_night_shift_over_the_spring_change_is_seven_hours() {
        let night = [
            entry(1, AttendanceKind::SignIn, "2027-03-27T21:00:00Z"),
            entry(2, AttendanceKind::SignOut, "2027-03-28T04:00:00Z"),
        ];
        assert_eq!(berlin("2027-03-27", &night).worked_secs, 7 * 3600, "22:00–06:00 with an hour missing");
    }

    #[test]
    fn orphans_are_kept_and_doubles_are_not_counted_twice() {
        let day = [
            entry(1, AttendanceKind::SignOut, "2026-11-02T07:00:00Z"),
            entry(2, AttendanceKind::SignIn, "2026-11-02T08:00:00Z"),
            entry(2, AttendanceKind::SignIn, "2026-11-02T08:00:00Z"),
            entry(3, AttendanceKind::SignOut, "2026-11-02T12:00:00Z"),
        ];
        let sheet = berlin("2026-11-02", &day);
        assert_eq!(sheet.orphans.len(), 1, "the sign-out without its sign-in is shown");
        assert_eq!(sheet.worked_secs, 4 * 3600, "the same report twice is one report");
    }

    #[test]
    fn a_forgotten_sign_out_stays_open_and_invents_no_hours() {
        let day = [
            entry(1, AttendanceKind::SignIn, "2026-11-02T07:00:00Z"),
            entry(2, AttendanceKind::SignIn, "2026-11-02T12:00:00Z"),
            entry(3, AttendanceKind::SignOut, "2026-11-02T16:00:00Z"),
        ];
        let sheet = berlin("2026-11-02", &day);
        assert!(sheet.stretches[0].signed_out.is_none(), "the forgotten one is open");
        assert_eq!(sheet.worked_secs, 4 * 3600, "only what has an end counts");
    }

    #[test]
    fn late_is_whoever_should_be_in_and_is_not() {
        let starts = NaiveTime::from_hms_opt(8, 0, 0).expect("time");
        let ends = NaiveTime::from_hms_opt(16, 0, 0).expect("time");
        let hours = WorkingHours { weekday: Weekday::Mon, starts, ends };
        let ana = Resource { working_hours: vec![hours], ..resource("Ana") };
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("time");
        let zone = Tz::Europe__Monaco;
        let seen = |now| presence(&ana, None, None, zone, at(now));
        assert_eq!(seen("2026-11-23T07:04:00Z"), Presence::Out, "inside the grace nobody is late");
        assert_eq!(
            seen("2026-11-23T07:05:00Z"),
            Presence::Late { since: at("2026-11-23T07:00:00Z") },
            "five past eight"
        );
        assert_eq!(seen("2026-11-23T15:00:00Z"), Presence::Out, "after the shift nobody is late any more");
        let left = presence(&ana, None, Some(at("2026-11-23T11:00:00Z")), zone, at("2026-11-23T12:00:00Z"));
        assert_eq!(left, Presence::Out, "left early is not late");
    }

    #[test]
    fn a_local_time_in_a_gap_moves_forward_also_where_a_whole_day_is_missing() {
        let day = NaiveDate::from_ymd_opt(2011, 12, 30).expect("day");
        let noon = NaiveTime::from_hms_opt(12, 0, 0).expect("time");
        let at = instant(day, noon, Tz::Pacific__Apia);
        assert_eq!(
            at.to_rfc3339(),
            "2011-12-30T10:00:00+00:00",
            "Samoa skipped that day: midnight of the 31st"
        );
        let fold = instant(
            NaiveDate::from_ymd_opt(2026, 10, 25).expect("day"),
            NaiveTime::from_hms_opt(2, 30, 0).expect("time"),
            Tz::Europe__Berlin,
        );
        assert_eq!(fold.to_rfc3339(), "2026-10-25T00:30:00+00:00", "in a fold the earlier offset counts");
    }
}
