//! How to plan: for how long, by which weights, from which start.

use crate::problem::Assignment;
use crate::weights::Weights;

/// How long to search.
#[derive(Clone, Copy)]
pub enum Budget<'a> {
    /// So many rounds: the same plan for the same seed, on every machine.
    Rounds(u64),
    /// Until this says 1 or more: the share of the time that is spent, from 0. The caller has the clock; it is asked about every
    /// millisecond.
    Share(&'a dyn Fn() -> f64),
}

/// How to plan.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Another seed may give another plan, about as good.
    pub seed: u64,
    /// How long to search.
    pub budget: Budget<'a>,
    /// What matters.
    pub weights: Weights,
    /// What is assigned now; no worse plan is given, as far as this one is possible at all.
    pub present: Option<&'a Assignment>,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Rounds done.
    pub rounds: u64,
    /// Share of the budget that is spent, 0 to 1.
    pub share: f64,
    /// Tasks without anybody in the best plan so far.
    pub unassigned: usize,
    /// Driving in the best plan so far, seconds.
    pub drive_secs: i64,
}
