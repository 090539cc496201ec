//! The newest believable fix of each resource. In memory only: no coordinate of anybody's whereabouts is written here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::position::Fix;
use protocol::wire::PositionUpdate;

/// Fixes of all resources.
#[derive(Debug, Default)]
pub struct Positions {
    newest: HashMap<ResourceId, Known>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    fix: Fix,
    server_seq: u64,
    /// A fix too far away to be believed until a second one agrees with it.
    quarantined: Option<Fix>,
}

impl Positions {
    /// The newest believable fix.
    pub fn fix(&self, resource: ResourceId) -> Option<&Fix> {
        self.newest.get(&resource).map(|known| &known.fix)
    }

    /// Everybody who has one.
    pub fn resources(&self) -> impl Iterator<Item = ResourceId> {
        self.newest.keys().copied()
    }

    /// Takes a fix if it is newer by `(fix_time, server_seq)`, of a time that can be, and not an impossible jump away. `true` when
    /// it is the newest now. Privacy is the caller's to check: only the card knows.
    pub fn accept(&mut self, update: &PositionUpdate, now: DateTime<Utc>) -> bool {
        let fix = update.fix;
        let is_null_island = fix.at.lon() == 0.0 && fix.at.lat() == 0.0;
        if is_null_island || fix.time_suspect(now) {
            return false;
        }
        let fresh = Known { fix, server_seq: update.server_seq, quarantined: None };
        let Some(known) = self.newest.get_mut(&update.resource) else {
            self.newest.insert(update.resource, fresh);
            return true;
        };
        if (fix.fix_time, update.server_seq) <= (known.fix.fix_time, known.server_seq) {
            return false;
        }
        let agrees = |other: &Fix| !fence::too_fast(other, &fix);
        if agrees(&known.fix) || known.quarantined.as_ref().is_some_and(agrees) {
            *known = fresh;
            return true;
        }
        known.quarantined = Some(fix);
        false
    }

    /// Forgets where a resource was; `true` when something was known.
    pub fn purge(&mut self, resource: ResourceId) -> bool {
        self.newest.remove(&resource).is_some()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.newest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use domain::LonLat;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().expect("time")
    }

    fn update(lon: f64, age_secs: i64, server_seq: u64) -> PositionUpdate {
        let fix = Fix {
            at: LonLat::new(lon, 43.73).expect("coordinate"),
            fix_time: now() - TimeDelta::seconds(age_secs),
            accuracy_m: Some(5.0),
            speed_mps: None,
            heading_deg: None,
        };
        PositionUpdate { resource: ResourceId(Uuid::from_u128(1)), fix, server_seq }
    }

    #[test]
    fn only_what_is_newer_moves_a_dot() {
        let mut positions = Positions::default();
        assert!(positions.accept(&update(7.42, 30, 5), now()), "the first fix");
        assert!(!positions.accept(&update(7.43, 40, 9), now()), "older by fix time, though it came later");
        assert!(!positions.accept(&update(7.42, 30, 5), now()), "the same again");
        assert!(positions.accept(&update(7.42, 30, 6), now()), "the same instant, corrected by the server");
        assert!(!positions.accept(&update(7.42, -300, 7), now()), "five minutes in the future");
    }

    #[test]
    fn a_jump_is_believed_when_two_fixes_agree() {
        let mut positions = Positions::default();
        positions.accept(&update(7.40, 30, 1), now());
        assert!(!positions.accept(&update(7.60, 20, 2), now()), "16 km in ten seconds is no drive");
        assert!(positions.accept(&update(7.60, 10, 3), now()), "twice the same place is a place");
    }
}
