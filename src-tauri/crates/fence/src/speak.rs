//! What is said of a change, and of ways that lead through a fence.

use crate::crossing::{CROSS_GAP, deepest, way};
use crate::event::{Confidence, EventKind, FenceEvent, Why, event_id};
use crate::judge::Judging;
use crate::machine::{Change, Sighting, Turn};
use crate::track::Track;
use crate::watch::{Slot, Watch};

impl Track {
    /// The event of a change, if the fence's rules want to say it.
    pub(crate) fn event(
        &self,
        slot: Slot,
        change: Change,
        deciding: &Sighting,
        watch: &Watch,
    ) -> Option<FenceEvent> {
        let (first, deciding) = (watch.evidence(slot, &change.first), watch.evidence(slot, deciding));
        let margin_m = if change.turn == Turn::Left { watch.leave_margin_m(slot) } else { 0.0 };
        let (kind, at, event_time) = match change.turn {
            Turn::Entered => (EventKind::Entered, first.at, first.fix_time),
            Turn::Left => (EventKind::Left, first.at, first.fix_time),
            Turn::Passed => {
                let deepest = deepest(&watch.at(slot).shape, &first, &deciding)?;
                (EventKind::Crossed, deepest.at, deepest.time)
            }
        };
        if !watch.wants(slot, kind, event_time) {
            return None;
        }
        let poi = watch.at(slot).poi;
        let id = event_id(self.resource, poi, kind, first.fix_time);
        let (resource, confidence) = (self.resource, change.confidence);
        let why = Why { first, deciding, fixes: change.fixes, margin_m };
        Some(FenceEvent { id, resource, poi, kind, event_time, at, confidence, why })
    }

    /// Fences that lie on the way from one fix to the next, with nobody seen inside.
    pub(crate) fn pass(&self, judging: &Judging<'_>, events: &mut Vec<FenceEvent>) {
        let (sighting, watch) = (&judging.sighting, judging.watch);
        let Some(before) = judging.before else { return };
        if sighting.fix_time - before.fix_time > CROSS_GAP {
            return;
        }
        for slot in watch.crossed_by(way(before.at, sighting.at), self.group) {
            if self.state.phases.get(slot).is_none() {
                let (first, confidence) = (Sighting::of(&before), Confidence::Inferred);
                let change = Change { turn: Turn::Passed, first, fixes: 0, confidence };
                events.extend(self.event(slot, change, sighting, watch));
            }
        }
    }
}
