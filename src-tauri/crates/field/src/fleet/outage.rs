//! A network that fails for many phones at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Takes the network away from the first phones of a fleet and gives it back. Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Outage(Arc<AtomicU64>);

impl Outage {
    /// The first `phones` of the fleet have no network from now on; 0 ends the outage.
    pub fn silence(&self, phones: u64) {
        self.0.store(phones, Ordering::Relaxed);
    }

    /// How the phone with this running number fares.
    pub(super) fn of_phone(&self, number: u64) -> Coverage {
        Coverage { outage: self.clone(), number }
    }
}

/// Whether one phone is in the outage.
#[derive(Debug, Clone)]
pub(super) struct Coverage {
    outage: Outage,
    number: u64,
}

impl Coverage {
    pub fn is_out(&self) -> bool {
        self.number < self.outage.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_takes_the_first_phones_and_gives_them_back() {
        let outage = Outage::default();
        let coverage: Vec<Coverage> = (0..5).map(|number| outage.of_phone(number)).collect();
        let out = || coverage.iter().filter(|phone| phone.is_out()).count();
        assert_eq!(out(), 0, "all is well");
        outage.clone().silence(3);
        assert_eq!(out(), 3, "three of them");
        outage.silence(0);
        assert_eq!(out(), 0, "over");
    }
}
