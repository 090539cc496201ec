//! Who has been inside for longer than the rule says.

use chrono::{DateTime, Utc};
use domain::PoiId;

use crate::event::{Confidence, EventKind, Evidence, FenceEvent, Why, after, event_id};
use crate::machine::Sighting;
use crate::track::Track;
use crate::watch::Watch;

impl Track {
    /// The dwell events that are due by what is known up to `until`.
    pub(crate) fn dwells(&mut self, watch: &Watch, until: DateTime<Utc>) -> Vec<FenceEvent> {
        let (mut events, until_us) = (Vec::new(), until.timestamp_micros());
        let Some(last) = self.last().filter(|_| self.state.dwell_due_us <= until_us) else { return events };
        for place in 0..self.state.phases.len() {
            let Some(first) = self.state.phases.held(place).phase.take_dwell(until_us) else { continue };
            let slot = self.state.phases.slot(place);
            let Some(secs) = watch.dwell_secs(slot) else { continue };
            if watch.wants(slot, EventKind::Dwelt { secs }, after(first.fix_time, secs)) {
                let [first, last] = [first, Sighting::of(&last)].map(|it| watch.evidence(slot, &it));
                events.push(self.dwelt((watch.at(slot).poi, secs), first, last));
            }
        }
        self.refresh_dwell();
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

    /// Looks again when the next dwell is due.
    pub(crate) fn refresh_dwell(&mut self) {
        let due_us = self.state.phases.iter().filter_map(|(_, phase)| Some(phase.stay()?.dwell_due_us));
        self.state.dwell_due_us = due_us.min().unwrap_or(i64::MAX);
    }
}
