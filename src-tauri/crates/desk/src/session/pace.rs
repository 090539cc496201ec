//! How often something is done that looks at all rows of a kind.

use chrono::{DateTime, TimeDelta, Utc};

/// Of so few rows it is done each time.
const FEW: usize = 500;
/// Looking at a row takes a microsecond or two; the loop is to have ten times as long for everything else.
const REST_OF_A_ROW_US: i64 = 20;

/// When it was done last.
#[derive(Debug, Default)]
pub(super) struct Pace(Option<DateTime<Utc>>);

impl Pace {
    /// Whether it may be done at `now` over so many rows; then it counts as done. What may not be done yet is for a later call.
    pub fn may(&mut self, now: DateTime<Utc>, rows: usize) -> bool {
        let rest = TimeDelta::microseconds(if rows > FEW { rows as i64 * REST_OF_A_ROW_US } else { 0 });
        // A clock that was put back must not hold anything up.
        let may = self.0.is_none_or(|last| (now - last).abs() >= rest);
        if may {
            self.0 = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_looked_at_less_often() {
        let (mut pace, now) = (Pace::default(), DateTime::UNIX_EPOCH);
        assert!(pace.may(now, 10_000), "first at once");
        let soon = now + TimeDelta::milliseconds(199);
        assert!(!pace.may(soon, 10_000), "then not with every change");
        assert!(pace.may(now + TimeDelta::milliseconds(200), 10_000), "but after a while");
        assert!(pace.may(now + TimeDelta::milliseconds(200), FEW), "and over few rows always");
        assert!(pace.may(now - TimeDelta::hours(1), 10_000), "also by a clock that was put back");
    }
}
