//! From fixes to drives: which roads somebody took between two fixes, and how long that took.
//!
//! Only the last fix of each resource is remembered. What could be something else than driving is no drive: standing for long, a gap
//! between fixes, a place beside the roads, a way that is far longer than the straight line, a jump.

use crate::drive::Drive;
use crate::profile::RoadClass;
use crate::router::Router;
use crate::snap::{Place, Snap};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{LonLat, ResourceId};
use std::collections::HashMap;

/// A fix farther from every road than this is not on one, metres.
const ON_ROAD_M: f64 = 30.0;
/// Who is closer to where he was than this is standing, metres: below, a fix is worth less than its error.
const STANDING_M: f64 = 25.0;
/// Standing longer than this is no waiting in traffic, seconds.
const LONGEST_WAIT_SECS: f64 = 180.0;
/// Fixes that are farther apart than this don't tell the way between them, seconds.
const LONGEST_GAP_SECS: f64 = 60.0;
/// Nobody drives faster, metres per second.
const FASTEST_MPS: f64 = 70.0;
/// A way this much longer than the straight line is not the one that was driven: as a factor, and in metres.
const DETOUR: (f64, f64) = (1.5, 40.0);
/// A road of its length that starts with turning round was driven the other way, or another was; seconds.
const TURNED_ROUND_SECS: f64 = 1.0;

/// Somebody was seen driving.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Where, and in which direction.
    pub place: Place,
    /// When.
    pub time: DateTime<Utc>,
}

/// What was driven between two fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct Driven {
    /// The roads, with their usual times.
    pub drive: Drive,
    /// What it took, seconds.
    pub secs: f64,
    /// When the second fix was.
    pub ended: DateTime<Utc>,
}

/// Follows resources from fix to fix. It knows the last fix of each, in memory, and nothing else.
#[derive(Debug, Default)]
pub struct Follower {
    last: HashMap<ResourceId, Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    at: LonLat,
    snap: Snap,
    /// Since when a drive from here counts.
    since: DateTime<Utc>,
    /// When the newest fix here was.
    seen: DateTime<Utc>,
    /// Stood for too long: what is counted begins when it goes on.
    is_parked: bool,
}

impl Follower {
    /// Takes a fix of somebody who is out driving; answers what was driven since the one before, where that can be told.
    pub fn follow(&mut self, router: &Router, who: ResourceId, sighting: Sighting) -> Option<Driven> {
        let Sighting { place, time } = sighting;
        let last = self.last.get(&who).copied();
        if last.is_some_and(|last| time <= last.seen) {
            return None;
        }
        let near = last.filter(|last| secs(time - last.seen) <= LONGEST_GAP_SECS);
        if let Some(last) = near.filter(|last| last.at.distance_m(place.at) < STANDING_M) {
            let is_parked = last.is_parked || secs(time - last.since) > LONGEST_WAIT_SECS;
            let since = if is_parked { time } else { last.since };
            self.last.insert(who, Last { since, seen: time, is_parked, ..last });
            return None;
        }
        let Some(snap) = router.snap(place).ok().filter(|snap| snap.distance_m <= ON_ROAD_M) else {
            self.last.remove(&who);
            return None;
        };
        self.last.insert(who, Last { at: place.at, snap, since: time, seen: time, is_parked: false });
        let last = near?;
        let secs = secs(time - last.since);
        let drive = router.drive_between(&last.snap, &snap).ok()?;
        fits(&drive, last.at.distance_m(place.at), secs).then_some(Driven { drive, secs, ended: time })
    }

    /// Forgets where somebody was, at once: private, off duty, or at work.
    pub fn forget(&mut self, who: ResourceId) {
        self.last.remove(&who);
    }

    /// Forgets everybody whose newest fix was before `time`: nothing can be told from it any more.
    pub fn forget_before(&mut self, time: DateTime<Utc>) {
        self.last.retain(|_, last| last.seen >= time);
    }

    /// Whose last fix is known, for tests of privacy.
    pub fn known(&self) -> impl Iterator<Item = ResourceId> {
        self.last.keys().copied()
    }
}

/// Whether this is the way that was driven.
fn fits(drive: &Drive, direct_m: f64, secs: f64) -> bool {
    let length_m = drive.leg.distance_m;
    let on_roads: f64 = drive.stretches.iter().map(|stretch| stretch.usual_secs).sum();
    length_m <= direct_m * DETOUR.0 + DETOUR.1
        && length_m >= direct_m - 2.0 * ON_ROAD_M
        && length_m >= STANDING_M / 2.0
        && length_m / secs <= FASTEST_MPS
        && drive.leg.duration_secs - on_roads <= TURNED_ROUND_SECS
        && drive.stretches.iter().all(|stretch| stretch.class != RoadClass::Ferry)
}

fn secs(time: TimeDelta) -> f64 {
    time.num_milliseconds() as f64 / 1_000.0
}
