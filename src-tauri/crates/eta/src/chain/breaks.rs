//! When the breaks of a shift are taken.

use super::later;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A break of a shift.
///
/// It is taken where it costs least, in this order: while somebody waits for a window to open; before leaving a place, once `from` has
/// come; before the work, where it would begin after `to` otherwise; and work that takes longer than from before `from` until after
/// `to` is interrupted by it. Nobody stops on the road for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// Begins not earlier.
    pub from: DateTime<Utc>,
    /// Should begin not later. Once this has passed, it has been taken.
    pub to: DateTime<Utc>,
    /// Takes so many seconds.
    pub secs: u32,
}

/// The breaks that are still to be taken, the next one last.
#[derive(Debug)]
pub(super) struct Breaks(Vec<Break>);

impl Breaks {
    pub fn ahead(breaks: &[Break], now: DateTime<Utc>) -> Self {
        let mut ahead: Vec<Break> =
            breaks.iter().filter(|one| one.to >= now && one.from <= one.to).copied().collect();
        ahead.sort_by_key(|one| std::cmp::Reverse((one.from, one.to)));
        Self(ahead)
    }

    /// Seconds of the breaks that are due for whoever leaves at `ready`.
    pub fn due(&mut self, ready: DateTime<Utc>) -> f64 {
        let mut rest_secs = 0.0;
        while let Some(next) = self.0.pop_if(|next| next.from <= later(ready, rest_secs)) {
            rest_secs += f64::from(next.secs);
        }
        rest_secs
    }

    /// When work begins that could begin at `opens`, for whoever is there since `arrival`.
    pub fn on_arrival(
        &mut self,
        mut arrival: DateTime<Utc>,
        opens: DateTime<Utc>,
        planned_secs: f64,
    ) -> DateTime<Utc> {
        let mut begins = opens;
        while let Some(next) = self.0.pop_if(|next| {
            let start = arrival.max(next.from);
            let fits = later(start, f64::from(next.secs)) <= begins;
            let is_late_after = start <= next.to && next.to < later(begins, planned_secs);
            start <= begins && (fits || is_late_after)
        }) {
            arrival = later(arrival.max(next.from), f64::from(next.secs));
            begins = begins.max(arrival);
        }
        begins
    }

    /// When work ends that would end at `ends` without a break.
    pub fn in_work(&mut self, mut ends: DateTime<Utc>) -> DateTime<Utc> {
        while let Some(next) = self.0.pop_if(|next| next.to < ends) {
            ends = later(ends, f64::from(next.secs));
        }
        ends
    }
}
