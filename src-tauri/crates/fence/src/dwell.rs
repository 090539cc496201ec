//! Who has been inside for longer than the rule says.

use chrono::{DateTime, Utc};
use domain::PoiId;

use crate::event::{Confidence, EventKind, Evidence, FenceEvent, Why, after, event_id};
use crate::machine::{Phase, Sighting};
use crate::track::Track;
use crate::watch::{Slot, Watch};

impl Track {
    /// The dwell events that are due by what is known up to `until`.
    pub(crate) fn dwells(&mut self, watch: &Watch, until: DateTime<Utc>) -> Vec<FenceEvent> {
        let mut events = Vec::new();
        let due = self.state.dwell_due.is_some_and(|due| due <= until);
        let Some(last) = self.last().filter(|_| due) else { return events };
        let told: Vec<(Slot, u32, Sighting)> = self
            .state
            .phases
            .iter_mut()
            .filter_map(|(slot, phase)| {
                let secs = watch.at(slot).fence.dwell_secs?;
                Some((slot, secs, ends_waiting(phase, secs, until)?))
            })
            .collect();
        for (slot, secs, first) in told {
            if watch.wants(slot, EventKind::Dwelt { secs }, after(first.fix_time, secs)) {
                let [first, last] = [first, Sighting::of(&last)].map(|it| watch.evidence(slot, &it));
                events.push(self.dwelt((watch.at(slot).poi, secs), first, last));
            }
        }
        self.refresh_dwell(watch);
        events
    }

    fn dwelt(&self, (poi, secs): (PoiId, u32), first: Evidence, deciding: Evidence) -> FenceEvent {
        let kind = EventKind::Dwelt { secs };
        FenceEvent {
            id: event_id(self.resource, poi, kind, first.fix_time),
            resource: self.resource,
            poi,
            kind,
            event_time: after(first.fix_time, secs),
            at: first.at,
            confidence: Confidence::Witnessed,
            why: Why { first, deciding, fixes: 0, margin_m: 0.0 },
        }
    }

    /// Somebody is inside since `first`. That they may leave before is seen when it is due.
    pub(crate) fn expect_dwell(&mut self, slot: Slot, first: DateTime<Utc>, watch: &Watch) {
        let Some(secs) = watch.at(slot).fence.dwell_secs else { return };
        let due = after(first, secs);
        self.state.dwell_due = Some(self.state.dwell_due.map_or(due, |known| known.min(due)));
    }

    /// Looks again when the next dwell is due.
    pub(crate) fn refresh_dwell(&mut self, watch: &Watch) {
        let due = self.state.phases.iter().filter_map(|(slot, phase)| {
            let stay = phase.stay().filter(|stay| !stay.dwelt)?;
            Some(after(stay.first.fix_time, watch.at(slot).fence.dwell_secs?))
        });
        self.state.dwell_due = due.min();
    }
}

/// Marks a stay that is long enough as told; its first fix.
fn ends_waiting(phase: &mut Phase, secs: u32, until: DateTime<Utc>) -> Option<Sighting> {
    let (stay, known_until) = phase.stay_until(until)?;
    if stay.dwelt || known_until < after(stay.first.fix_time, secs) {
        return None;
    }
    stay.dwelt = true;
    Some(stay.first)
}
