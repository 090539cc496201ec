//! The engine: fences, resources, and what is asked about them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::place::{Fence, ShapeError};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId, ResourceId};
use rustc_hash::FxHashMap;

use crate::absence::Shift;
use crate::event::FenceEvent;
use crate::explain::{Explanation, Question};
use crate::gate::gate_us;
use crate::grid::Vicinity;
use crate::machine::Phase;
use crate::replay::{Correction, LateData, Said, corrections, replayed};
use crate::settings::Settings;
use crate::track::{Scene, Taken, Timed, Track};
use crate::watch::Watch;

/// Watches all resources against all fences. Cheap to ask: a fix touches no polygon unless it is near a border.
#[derive(Debug)]
pub struct FenceEngine {
    watch: Watch,
    vicinity: Vicinity,
    tracks: FxHashMap<ResourceId, Track>,
    /// Resources with location sharing switched off.
    private: BTreeSet<ResourceId>,
    /// When those who have not been heard since switched it on again.
    shared_since: BTreeMap<ResourceId, DateTime<Utc>>,
    /// The last shift that began, by resource.
    shifts: BTreeMap<ResourceId, Shift>,
    /// Since when tracks have to be computed again.
    late: BTreeMap<ResourceId, LateData>,
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

impl Default for FenceEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl FenceEngine {
    /// No fences, nobody known, schedules meant in UTC until [`FenceEngine::set_zone`].
    pub fn new() -> Self {
        Self {
            watch: Watch::new(Settings::default(), Tz::UTC),
            vicinity: Vicinity::default(),
            tracks: FxHashMap::default(),
            private: BTreeSet::new(),
            shared_since: BTreeMap::new(),
            shifts: BTreeMap::new(),
            late: BTreeMap::new(),
        }
    }

    /// The company's zone, in which the hours of fences are meant.
    pub fn set_zone(&mut self, zone: Tz) {
        self.watch.zone = zone;
    }

    /// Replaces the set of fences. Shapes that can't be used are answered, the others are watched. A fence whose version is
    /// unchanged keeps its state; a new one or a new version is settled silently; what happened at one that is gone is forgotten.
    pub fn set_fences(
        &mut self,
        fences: impl IntoIterator<Item = (PoiId, Fence)>,
    ) -> Vec<(PoiId, ShapeError)> {
        let (renumbering, bad) = self.watch.replace(fences);
        if !renumbering.is_nothing() {
            self.vicinity = Vicinity::default();
            self.tracks.values_mut().for_each(|track| track.on_fences(&self.watch, &renumbering));
        }
        bad
    }

    /// Takes one fix of a resource of `group` that arrives at `now`; answers what it confirms or takes back. Fixes that the
    /// [`gate`] refuses, doubles and fixes of a private resource change nothing; one that is too late to be reordered is for
    /// [`FenceEngine::take_late`].
    pub fn on_fix(
        &mut self,
        resource: ResourceId,
        group: GroupId,
        fix: &Fix,
        now: DateTime<Utc>,
    ) -> Vec<FenceEvent> {
        if !self.private.is_empty() && self.private.contains(&resource) {
            return Vec::new();
        }
        let Self { watch, vicinity, tracks, shared_since, .. } = self;
        let begin = || Track::new(resource, group, shared_since.remove(&resource));
        let track = match tracks.get_mut(&resource) {
            Some(track) => track,
            None => tracks.entry(resource).or_insert_with(begin),
        };
        track.remember(fix);
        let (timed, now_us) = (Timed::new(fix), now.timestamp_micros());
        if gate_us(&timed, watch, now_us).is_err() {
            return Vec::new();
        }
        if track.group != group {
            track.on_group(group, watch);
        }
        match track.on_fix(&timed, &mut Scene { watch, vicinity }, now_us) {
            Taken::News(events) => events,
            Taken::Dropped => Vec::new(),
            Taken::TooLate => {
                let late = LateData { resource, group, from: fix.fix_time };
                let known = self.late.entry(resource).or_insert(late);
                known.from = known.from.min(fix.fix_time);
                Vec::new()
            }
        }
    }

    /// To be called every few seconds: dwell and absence events that are due although no further fix has come.
    pub fn on_clock(&mut self, now: DateTime<Utc>) -> Vec<FenceEvent> {
        let Self { watch, tracks, shifts, .. } = self;
        let mut events: Vec<FenceEvent> =
            tracks.values_mut().flat_map(|track| track.on_clock(watch, now)).collect();
        // Whoever asks twice is told in the same order.
        events.sort_by_key(|event| event.resource);
        for (resource, shift) in shifts {
            let track = tracks.get(resource);
            events.extend(track.into_iter().flat_map(|track| shift.absences(*resource, track, watch, now)));
        }
        events
    }

    /// A planned shift of the resource begins at `starts`: fences that say so want to know who is elsewhere then. To be told again
    /// changes nothing.
    pub fn on_shift(&mut self, resource: ResourceId, starts: DateTime<Utc>) {
        let shift = self.shifts.entry(resource).or_insert_with(|| Shift::new(starts));
        if !shift.is_of(starts) {
            *shift = Shift::new(starts);
        }
    }

    /// Location sharing of a resource is switched off (`on`) or on again at `now`. All that is known of its places is forgotten;
    /// afterwards it is settled silently, and fixes from before `now` do not count.
    pub fn on_privacy(&mut self, resource: ResourceId, on: bool, now: DateTime<Utc>) {
        if on {
            self.forget(resource);
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
        self.shifts.remove(&resource);
        self.late.remove(&resource);
    }

    /// The fences that the resource is in, in the order of their ids.
    pub fn inside(&self, resource: ResourceId) -> impl Iterator<Item = PoiId> {
        let phases = self.tracks.get(&resource).into_iter().flat_map(|track| track.state.phases.iter());
        phases.filter(|(_, phase)| phase.is_inside()).map(|(slot, _)| self.watch.at(slot).poi)
    }

    /// The fences whose area contains the point, whoever is there and whatever their rules, in the order of their ids.
    pub fn containing(&mut self, at: LonLat) -> impl Iterator<Item = PoiId> {
        self.watch.containing(at, &mut self.vicinity)
    }

    /// Where the resource is with regard to one fence.
    pub fn presence(&self, resource: ResourceId, poi: PoiId, now: DateTime<Utc>) -> Presence {
        if self.private.contains(&resource) {
            return Presence::Suspended;
        }
        let Some(track) = self.tracks.get(&resource) else { return Presence::Unknown };
        let Some(last) = track.last() else { return Presence::Unknown };
        if track.is_stale(&self.watch, now) {
            return Presence::Stale;
        }
        let Some(slot) = self.watch.slot(poi) else { return Presence::Outside };
        match track.phase(slot) {
            Some(Phase::In(stay)) => Presence::Inside { since: stay.first.fix_time },
            Some(Phase::Leaving(stay, _)) => Presence::Leaving { since: stay.first.fix_time },
            Some(Phase::Entering(..)) => Presence::Entering,
            Some(Phase::Unknown(_)) | None if self.watch.is_undecidable(slot, &last) => {
                Presence::NotDecidable
            }
            Some(Phase::Unknown(_)) => Presence::Unknown,
            None => Presence::Outside,
        }
    }

    /// Why something fired at a fence around `at`, or why nothing did, from the last fixes that the engine remembers. `None` for a
    /// fence that is not watched. For longer ago see [`FenceEngine::explain_track`].
    pub fn explain(&self, resource: ResourceId, poi: PoiId, at: DateTime<Utc>) -> Option<Explanation> {
        let track = self.tracks.get(&resource);
        let memory = track.map(Track::memory).unwrap_or_default();
        let group = track.map_or(GroupId(uuid::Uuid::nil()), |track| track.group);
        let explanation = self.explain_track(&Question { resource, group, poi, at }, &memory)?;
        Some(if self.private.contains(&resource) { explanation.suspended() } else { explanation })
    }

    /// The same from a stored track, which should begin half an hour before the time in question. The order does not matter.
    pub fn explain_track(&self, question: &Question, track: &[Fix]) -> Option<Explanation> {
        crate::explain::explain(&self.watch, question, track)
    }

    /// The events of a stored track under other settings and the present fences; what was known before it counts for nothing.
    pub fn what_if(
        &self,
        resource: ResourceId,
        group: GroupId,
        track: &[Fix],
        settings: Settings,
    ) -> Vec<FenceEvent> {
        replayed(&self.watch.with_settings(settings), (resource, group), track)
    }

    /// Whose fixes came too late to be reordered (up to a week), since the last call. Their stored tracks should be given to
    /// [`FenceEngine::recompute`].
    pub fn take_late(&mut self) -> Vec<LateData> {
        std::mem::take(&mut self.late).into_values().collect()
    }

    /// What has to be corrected now that late fixes are in the stored track of a resource. `track` should begin half an hour before
    /// `late.from`; `said` are the events of this resource that stand. A correction is for the history, never a live alert.
    pub fn recompute(&self, late: &LateData, track: &[Fix], said: &[Said]) -> Vec<Correction> {
        let events = replayed(&self.watch, (late.resource, late.group), track);
        let until = track.iter().map(|fix| fix.fix_time).max();
        corrections(events, said, late.from, until)
    }
}
