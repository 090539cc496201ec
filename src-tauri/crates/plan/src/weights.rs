//! What a plan is judged by.

use crate::error::PlanError;

/// The price of what nobody wants, in seconds of driving. Above all of it stands that as much as possible gets done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// A second that work begins after its window, or somebody comes later than promised.
    pub late: u32,
    /// A promise that is broken, however little.
    pub broken_promise_secs: u32,
    /// A task that changes hands: small gains shall not turn the day upside down.
    pub change_secs: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { late: 3, broken_promise_secs: 1_200, change_secs: 120 }
    }
}

impl Weights {
    const LARGEST: u32 = 100_000;

    /// # Errors
    /// [`PlanError::BadWeights`] above 100,000: costs could not be added up any more.
    pub(crate) fn check(self) -> Result<(), PlanError> {
        let fits =
            [self.late, self.broken_promise_secs, self.change_secs].iter().all(|it| *it <= Self::LARGEST);
        if fits { Ok(()) } else { Err(PlanError::BadWeights) }
    }
}
