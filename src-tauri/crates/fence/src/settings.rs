//! The figures that the state machine goes by.

use chrono::TimeDelta;

/// Confirmation times, margins and limits. The engine goes by the defaults unless told otherwise; `what_if` tries others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Shortest run that confirms an entry.
    pub enter_confirm: TimeDelta,
    /// Shortest run that confirms an exit.
    pub leave_confirm: TimeDelta,
    /// Fewest fixes that confirm anything.
    pub confirm_fixes: u32,
    /// Without a usable fix for this long nothing is known any more.
    pub stale_after: TimeDelta,
    /// A fix with a larger 95 % radius (metres) moves nobody.
    pub worst_accuracy_m: f64,
    /// Least distance beyond the border, metres, that counts as having left.
    pub leave_margin_m: f64,
    /// The same as a share of the fence's size; the larger one counts.
    pub leave_margin_share: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            enter_confirm: TimeDelta::seconds(30),
            leave_confirm: TimeDelta::seconds(60),
            confirm_fixes: 2,
            stale_after: crate::STALE_AFTER,
            worst_accuracy_m: 200.0,
            leave_margin_m: 25.0,
            leave_margin_share: 0.1,
        }
    }
}

impl Settings {
    /// How far beyond the border (metres) an error circle has to be to count as having left a fence of `size_m`.
    pub fn leave_margin_of(&self, size_m: f64) -> f64 {
        (size_m * self.leave_margin_share).max(self.leave_margin_m)
    }
}
