//! The engine: fences, resources, and what is asked about them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::place::{Fence, ShapeError};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId, ResourceId};

use crate::event::{Evidence, FenceEvent};
use crate::gate::gate;
use crate::index::FenceIndex;
use crate::machine::Phase;
use crate::shape::PreparedShape;
use crate::track::{Track, evidence_of};

/// Watches all resources against all fences. Cheap to ask: a fix far from every fence costs one look into an R-tree.
#[derive(Debug, Default)]
pub struct FenceEngine {
    watch: Watch,
    tracks: BTreeMap<ResourceId, Track>,
    /// Resources with location sharing switched off.
    private: BTreeSet<ResourceId>,
    /// When those who have not been heard since switched it on again.
    shared_since: BTreeMap<ResourceId, DateTime<Utc>>,
}

/// Where a resource is with regard to one fence, for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Outside, as far as is known.
    Outside,
    /// Coming in, not confirmed.
    Entering,
    /// Inside since.
    Inside {
        /// First fix inside.
        since: DateTime<Utc>,
    },
    /// Going out, not confirmed: still counts as inside.
    Leaving {
        /// First fix inside.
        since: DateTime<Utc>,
    },
    /// Not settled yet: first seen, or the fence is new.
    Unknown,
    /// The fence is smaller than the error circle of the last fix: nobody can tell.
    NotDecidable,
    /// Nothing heard for a while; nothing is concluded from that.
    Stale,
    /// Location sharing is off.
    Suspended,
}

impl FenceEngine {
    /// No fences, nobody known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the set of fences. Shapes that can't be used are answered, the others are watched. A fence whose version is
    /// unchanged keeps its state; a new one or a new version is settled silently; what happened at one that is gone is forgotten.
    pub fn set_fences(
        &mut self,
        fences: impl IntoIterator<Item = (PoiId, Fence)>,
    ) -> Vec<(PoiId, ShapeError)> {
        let mut before = std::mem::take(&mut self.watch.fences);
        let (mut new, mut bad) = (BTreeSet::new(), Vec::new());
        for (poi, fence) in fences {
            if let Some(known) = before.remove(&poi).filter(|known| known.fence.version == fence.version) {
                self.watch.fences.insert(poi, known);
                continue;
            }
            new.insert(poi);
            match PreparedShape::new(&fence.shape) {
                Ok(shape) => _ = self.watch.fences.insert(poi, Watched { fence, shape }),
                Err(error) => bad.push((poi, error)),
            }
        }
        if !new.is_empty() || !before.is_empty() {
            self.watch.reindex();
            self.tracks.values_mut().for_each(|track| track.on_fences(&self.watch, &new));
        }
        bad
    }

    /// Takes one fix of a resource of `group` that arrives at `now`; answers what it confirms or takes back. Fixes that the
    /// [`gate`] refuses, doubles, fixes of a private resource and fixes that are too late to be reordered change nothing.
    pub fn on_fix(
        &mut self,
        resource: ResourceId,
        group: GroupId,
        fix: &Fix,
        now: DateTime<Utc>,
    ) -> Vec<FenceEvent> {
        if self.private.contains(&resource) || gate(fix, self.watch.zero_is_fenced, now).is_err() {
            return Vec::new();
        }
        let shared_since = self.shared_since.remove(&resource);
        let track = self.tracks.entry(resource).or_insert_with(|| Track::new(resource, group, shared_since));
        if track.group != group {
            track.on_group(group, &self.watch);
        }
        track.on_fix(fix, &self.watch, now)
    }

    /// To be called every few seconds: dwell events that are due although no further fix has come.
    pub fn on_clock(&mut self, now: DateTime<Utc>) -> Vec<FenceEvent> {
        self.tracks.values_mut().flat_map(|track| track.on_clock(&self.watch, now)).collect()
    }

    /// Location sharing of a resource is switched off (`on`) or on again at `now`. All that is known of its places is forgotten;
    /// afterwards it is settled silently, and fixes from before `now` do not count.
    pub fn on_privacy(&mut self, resource: ResourceId, on: bool, now: DateTime<Utc>) {
        if on {
            self.tracks.remove(&resource);
            self.shared_since.remove(&resource);
            self.private.insert(resource);
        } else if self.private.remove(&resource) {
            self.shared_since.insert(resource, now);
        }
    }

    /// The resource is gone.
    pub fn forget(&mut self, resource: ResourceId) {
        self.tracks.remove(&resource);
        self.private.remove(&resource);
        self.shared_since.remove(&resource);
    }

    /// The fences that the resource is in, in the order of their ids.
    pub fn inside(&self, resource: ResourceId) -> impl Iterator<Item = PoiId> {
        let phases = self.tracks.get(&resource).into_iter().flat_map(|track| &track.state.phases);
        phases.filter(|(_, phase)| phase.is_inside()).map(|(poi, _)| *poi)
    }

    /// Where the resource is with regard to one fence.
    pub fn presence(&self, resource: ResourceId, poi: PoiId, now: DateTime<Utc>) -> Presence {
        if self.private.contains(&resource) {
            return Presence::Suspended;
        }
        let Some(track) = self.tracks.get(&resource) else { return Presence::Unknown };
        let Some(last) = track.state.last.filter(|_| !track.is_stale(now)) else { return Presence::Stale };
        match track.state.phases.get(&poi) {
            Some(Phase::In(stay)) => Presence::Inside { since: stay.first.fix_time },
            Some(Phase::Leaving(stay, _)) => Presence::Leaving { since: stay.first.fix_time },
            Some(Phase::Entering(_)) => Presence::Entering,
            Some(Phase::Unknown(_)) | None if self.watch.is_undecidable(poi, &last) => Presence::NotDecidable,
            Some(Phase::Unknown(_)) => Presence::Unknown,
            None => Presence::Outside,
        }
    }
}

/// The fences and their index.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    fences: BTreeMap<PoiId, Watched>,
    index: FenceIndex,
    zero_is_fenced: bool,
}

#[derive(Debug)]
struct Watched {
    fence: Fence,
    shape: PreparedShape,
}

impl Watch {
    fn reindex(&mut self) {
        self.index = FenceIndex::new(self.fences.iter().map(|(poi, watched)| (*poi, watched.shape.extent())));
        self.zero_is_fenced = !self.index.around(LonLat::from_e7(0, 0)).is_empty();
    }

    /// The fences for `group` that may contain the point, in the order of their ids.
    pub fn around(&self, at: LonLat, group: GroupId) -> Vec<PoiId> {
        self.index.around(at).into_iter().filter(|poi| self.concerns(*poi, group)).collect()
    }

    /// Whether the fence exists and is meant for `group`.
    pub fn concerns(&self, poi: PoiId, group: GroupId) -> bool {
        let groups = self.fences.get(&poi).map(|watched| &watched.fence.groups);
        groups.is_some_and(|groups| groups.is_empty() || groups.contains(&group))
    }

    /// A fix as seen from a fence, and the fence's leave margin in metres.
    pub fn evidence(&self, poi: PoiId, fix: &Fix) -> Option<(Evidence, f64)> {
        let shape = &self.fences.get(&poi)?.shape;
        Some((evidence_of(fix, shape.signed_distance_m(fix.at)), shape.leave_margin_m()))
    }

    /// Whether anybody wants to hear of entries (or exits).
    pub fn wants(&self, poi: PoiId, entered: bool) -> bool {
        let fence = self.fences.get(&poi).map(|watched| &watched.fence);
        fence.is_some_and(|fence| if entered { fence.on_enter } else { fence.on_exit })
    }

    /// The dwell rule in seconds.
    pub fn dwell_secs(&self, poi: PoiId) -> Option<u32> {
        self.fences.get(&poi)?.fence.dwell_secs
    }

    fn is_undecidable(&self, poi: PoiId, fix: &Fix) -> bool {
        let size_m = self.fences.get(&poi).map(|watched| watched.shape.size_m());
        size_m.is_some_and(|size_m| size_m < 2.0 * f64::from(fix.accuracy_95_m()))
    }
}
