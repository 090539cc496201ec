//! Working hours.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::resource::WorkingHours;

/// When simulated people work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shifts {
    /// Day and night.
    Always,
    /// In the planned hours of their cards, which are meant in this zone; a card without hours works always.
    ByHours(Tz),
}

impl Shifts {
    /// Whether somebody with these hours works at `now`.
    pub fn is_working(self, hours: &[WorkingHours], now: DateTime<Utc>) -> bool {
        let Shifts::ByHours(zone) = self else { return true };
        let local = now.with_timezone(&zone).naive_local();
        hours.is_empty() || hours.iter().any(|hours| covers(hours, local))
    }
}

/// Hours that end before they start go over midnight and belong to the day they start on.
fn covers(hours: &WorkingHours, local: NaiveDateTime) -> bool {
    let (time, today) = (local.time(), local.weekday());
    if hours.starts < hours.ends {
        return today == hours.weekday && (hours.starts..hours.ends).contains(&time);
    }
    (today == hours.weekday && time >= hours.starts) || (today.pred() == hours.weekday && time < hours.ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, Weekday};

    #[test]
    fn the_night_shift_belongs_to_its_first_day() {
        let hour = |h| NaiveTime::from_hms_opt(h, 0, 0).expect("time");
        let night = [WorkingHours { weekday: Weekday::Mon, starts: hour(22), ends: hour(6) }];
        let shifts = Shifts::ByHours(chrono_tz::Europe::Monaco);
        let works = |utc: &str| shifts.is_working(&night, utc.parse().expect("time"));
        assert!(works("2026-11-23T21:30:00Z"), "Monday 22:30 in Monaco");
        assert!(works("2026-11-24T04:30:00Z"), "Tuesday 05:30");
        assert!(!works("2026-11-24T05:30:00Z"), "Tuesday 06:30");
        assert!(!works("2026-11-24T22:00:00Z"), "Tuesday 23:00 is another day's");
        assert!(
            Shifts::Always.is_working(&night, "2026-11-24T12:00:00Z".parse().expect("time")),
            "no hours asked"
        );
    }
}
