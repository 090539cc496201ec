//! Who was expected at a place at the start of their shift, and is seen elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{PoiId, ResourceId};

use crate::event::{Confidence, EventKind, FenceEvent, Why, after, event_id};
use crate::machine::{Phase, Sighting};
use crate::track::Track;
use crate::watch::{Slot, Watch};

/// An absence that nobody could tell for so long after it was due is not told any more.
const TELL_WITHIN: TimeDelta = TimeDelta::hours(1);

/// A shift whose start is being looked at.
#[derive(Debug, Clone)]
pub(crate) struct Shift {
    starts: DateTime<Utc>,
    /// Fences that are settled: told, or somebody was there.
    settled: Vec<PoiId>,
}

impl Shift {
    pub fn new(starts: DateTime<Utc>) -> Self {
        Self { starts, settled: Vec::new() }
    }

    pub fn is_of(&self, starts: DateTime<Utc>) -> bool {
        self.starts == starts
    }

    /// Absences that are certain by now. Whoever is not heard of is not called absent.
    pub fn absences(
        &mut self,
        resource: ResourceId,
        track: &Track,
        watch: &Watch,
        now: DateTime<Utc>,
    ) -> Vec<FenceEvent> {
        if track.is_stale(watch, now) {
            return Vec::new();
        }
        let rules =
            watch.all().filter_map(|(slot, watched)| Some((slot, watched.poi, watched.fence.absent_secs?)));
        let due = rules.filter(|(slot, poi, secs)| {
            let due = after(self.starts, *secs);
            watch.concerns(*slot, track.group)
                && due <= now
                && now - due < TELL_WITHIN
                && !self.settled.contains(poi)
        });
        let due: Vec<(Slot, PoiId, u32)> = due.collect();
        due.into_iter()
            .filter_map(|(slot, _, secs)| self.absence((resource, slot, secs), track, watch))
            .collect()
    }

    fn absence(
        &mut self,
        (resource, slot, secs): (ResourceId, Slot, u32),
        track: &Track,
        watch: &Watch,
    ) -> Option<FenceEvent> {
        let poi = watch.at(slot).poi;
        let phase = track.phase(slot);
        if phase.is_some_and(Phase::is_inside) {
            self.settled.push(poi);
            return None;
        }
        let event_time = after(self.starts, secs);
        // What was known before the rule's time was over says nothing about being late.
        let last = track.last().filter(|last| phase.is_none() && last.fix_time >= event_time)?;
        let evidence = watch.evidence(slot, &Sighting::of(&last));
        if !evidence.is_outside() {
            return None;
        }
        self.settled.push(poi);
        let kind = EventKind::Absent { secs };
        let (id, confidence) = (event_id(resource, poi, kind, self.starts), Confidence::Witnessed);
        let why = Why { first: evidence, deciding: evidence, fixes: 1, margin_m: 0.0 };
        let event = FenceEvent { id, resource, poi, kind, event_time, at: last.at, confidence, why };
        watch.wants(slot, kind, event_time).then_some(event)
    }
}
