//! Weekly hours: when a rule speaks and when it is silent.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::attendance::shifts_on;
use crate::resource::WorkingHours;

/// Weekly hours in the company's zone; none at all means always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schedule {
    /// The hours, each beginning on its weekday; `ends ≤ starts` means over midnight.
    pub hours: Vec<WorkingHours>,
}

/// More hours than this are nobody's week.
const MOST_HOURS: usize = 100;

impl Schedule {
    /// Whether it has no more hours than a week can need; every event looks at all of them.
    pub fn is_short(&self) -> bool {
        self.hours.len() <= MOST_HOURS
    }

    /// Whether it is always on.
    pub fn is_always(&self) -> bool {
        self.hours.is_empty()
    }

    /// Whether `at` is within the hours: their start belongs to them, their end does not. Local times are meant in `zone`; one that
    /// a clock change skips is moved forward past the gap, one that comes twice is the earlier one.
    pub fn covers(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        if self.is_always() {
            return true;
        }
        let today = at.with_timezone(&zone).date_naive();
        [today.pred_opt(), Some(today)]
            .into_iter()
            .flatten()
            .flat_map(|day| shifts_on(&self.hours, day, zone))
            .any(|(starts, ends)| (starts..ends).contains(&at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, Weekday};

    fn time(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).expect("time")
    }

    fn covers(schedule: &Schedule, at: &str) -> bool {
        schedule.covers(at.parse().expect("instant"), Tz::Europe__Berlin)
    }

    #[test]
    fn hours_are_local_and_end_where_they_end() {
        let monday = Schedule {
            hours: vec![WorkingHours { weekday: Weekday::Mon, starts: time(8, 0), ends: time(17, 0) }],
        };
        assert!(!covers(&monday, "2026-11-23T06:59:59Z"), "07:59:59 in Berlin");
        assert!(covers(&monday, "2026-11-23T07:00:00Z"), "the start belongs to it");
        assert!(covers(&monday, "2026-11-23T15:59:59Z"), "the last second");
        assert!(!covers(&monday, "2026-11-23T16:00:00Z"), "the end does not");
        assert!(!covers(&monday, "2026-11-24T10:00:00Z"), "Tuesday");
        assert!(
            Schedule::default().covers("2026-11-24T10:00:00Z".parse().expect("instant"), Tz::UTC),
            "no hours, always"
        );
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on_also_when_the_clocks_change() {
        let saturday_night = Schedule {
            hours: vec![WorkingHours { weekday: Weekday::Sat, starts: time(22, 0), ends: time(2, 30) }],
        };
        assert!(covers(&saturday_night, "2026-11-29T00:00:00Z"), "01:00 on Sunday is the night of Saturday");
        assert!(!covers(&saturday_night, "2026-11-28T00:00:00Z"), "01:00 on Saturday is not");
        // 2026-10-25: 03:00 becomes 02:00 again; 02:30 comes twice and the first one counts.
        assert!(covers(&saturday_night, "2026-10-25T00:29:00Z"), "02:29 summer time");
        assert!(!covers(&saturday_night, "2026-10-25T00:30:00Z"), "02:30 summer time");
        assert!(!covers(&saturday_night, "2026-10-25T01:10:00Z"), "02:10 once more, winter time");
        // 2027-03-28: 02:00 becomes 03:00; 02:30 does not exist and moves forward.
        assert!(covers(&saturday_night, "2027-03-28T00:59:00Z"), "01:59 winter time");
        assert!(!covers(&saturday_night, "2027-03-28T01:00:00Z"), "03:00 summer time");
    }
}
