//! The stretch of time that is planned.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::attendance::instant;
use protocol::view::DeskError;

use crate::check;

/// Further ahead than this nobody's day is known.
const FARTHEST: TimeDelta = TimeDelta::days(14);

/// From a moment to the end of its local day.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// Nothing is planned before.
    pub start: DateTime<Utc>,
    /// The local day of the start.
    pub day: NaiveDate,
    /// The workplace's zone.
    pub zone: Tz,
    /// It is the present day: what people do now is a part of it.
    pub is_today: bool,
    /// Now.
    pub now: DateTime<Utc>,
}

impl When {
    /// From `from`, or from now on if that is later.
    ///
    /// # Errors
    /// Bad input when it is more than two weeks ahead.
    pub fn of(from: Option<DateTime<Utc>>, zone: Tz, now: DateTime<Utc>) -> Result<Self, DeskError> {
        let start = from.unwrap_or(now).max(now);
        check::in_range("from", start - now <= FARTHEST)?;
        let day_of = |time: DateTime<Utc>| time.with_timezone(&zone).date_naive();
        let day = day_of(start);
        Ok(Self { start, day, zone, is_today: day == day_of(now), now })
    }

    /// Local midnight before the start.
    pub fn day_starts(&self) -> DateTime<Utc> {
        instant(self.day, NaiveTime::MIN, self.zone)
    }

    /// Local midnight after it.
    pub fn day_ends(&self) -> DateTime<Utc> {
        self.day
            .succ_opt()
            .map_or(self.start + TimeDelta::days(1), |next| instant(next, NaiveTime::MIN, self.zone))
    }
}
