//! What one fix changes at the fences.

use std::cell::OnceCell;

use domain::position::Fix;

use crate::around::{Other, moved_m};
use crate::cover::Spot;
use crate::edges::{Here, Scale};
use crate::event::FenceEvent;
use crate::extent::MAX_FLAT_LAT;
use crate::machine::{Next, Phase, Reading, Says, Sighting, begin, step};
use crate::phases::{Bounds, Held};
use crate::track::{Scene, Timed, Track};
use crate::watch::{Slot, Watch};

/// Distances are measured by so many metres further than a fix asks, for the next ones.
const FURTHER_M: f64 = 10.0;

/// A fix being judged.
pub(crate) struct Judging<'a> {
    pub sighting: Sighting,
    /// The one before it, unless too long ago.
    pub before: Option<Fix>,
    pub watch: &'a Watch,
    after_gap: bool,
    odometer_m: f64,
    here: OnceCell<Here>,
    scale: Scale,
}

/// What a fix says about one fence, and what the distance is known to be.
struct Seen {
    says: Says,
    dist_m: f64,
    /// The same if it was measured as far as it is.
    exact_m: Option<f64>,
    bounds: Bounds,
}

impl Track {
    pub(crate) fn judge(&mut self, timed: &Timed, scene: &mut Scene<'_>, events: &mut Vec<FenceEvent>) {
        if !self.is_quiet(timed, scene.watch) {
            self.judge_fully(timed, scene, events);
        }
    }

    /// Whether it is known beforehand that a fix changes nothing; then it has been taken.
    fn is_quiet(&mut self, timed: &Timed, watch: &Watch) -> bool {
        let Some(last) = &mut self.state.believed.last else { return false };
        let spot = Spot::of(timed.fix.at);
        let odometer_m = self.state.believed.odometer_m + moved_m(&last.fix, &timed.fix, &self.around.scale);
        let is_quiet = timed.at_us - last.at_us <= watch.stale_after_us
            && self.around.is_known(spot, timed.acc95_m)
            && !self.around.may_enter(spot.bit(0))
            && self.state.phases.are_closed(odometer_m)
            && self.state.dwell_due_us > timed.at_us
            && !watch.any_crossed;
        if is_quiet {
            *last = *timed;
            self.state.believed.odometer_m = odometer_m;
        }
        is_quiet
    }

    fn judge_fully(&mut self, timed: &Timed, scene: &mut Scene<'_>, events: &mut Vec<FenceEvent>) {
        let (watch, fix) = (scene.watch, &timed.fix);
        let last = self.state.believed.last.replace(*timed);
        let after_gap = last.is_some_and(|last| timed.at_us - last.at_us > watch.stale_after_us);
        let before_m = self.state.believed.odometer_m;
        match last {
            Some(last) => self.state.believed.odometer_m += moved_m(&last.fix, fix, &self.around.scale),
            None => self.begin(fix, watch),
        }
        if after_gap {
            self.state.phases.rebuild(|slot, phase| Some((slot, phase.settled()?)));
            self.around.forget();
        }
        let judging = Judging {
            sighting: Sighting::of(fix),
            before: last.filter(|_| !after_gap).map(|last| last.fix),
            after_gap,
            odometer_m: self.state.believed.odometer_m,
            here: OnceCell::new(),
            scale: self.around.scale,
            watch,
        };
        let first_event = events.len();
        if watch.any_crossed {
            self.pass(&judging, events);
        }
        let spot = Spot::of(fix.at);
        self.survey(spot, before_m, &judging, scene);
        self.reconsider(spot.bit(0), &judging, events);
        if self.around.may_enter(spot.bit(0)) {
            self.look_around(spot.bit(0), &judging);
        }
        if events.len() > first_event + 1 {
            events[first_event..].sort_by_key(|event| event.poi);
        }
        if self.state.dwell_due_us <= timed.at_us {
            events.extend(self.dwells(watch, fix.fix_time));
        }
    }

    /// At the first fix: where somebody is already is no news.
    fn begin(&mut self, fix: &Fix, watch: &Watch) {
        for slot in watch.within_error(fix, self.group) {
            self.state.phases.set_unknown(slot, watch.leave_margin_m(slot));
        }
    }

    /// Looks at the fences of the cell, unless that was done when the last fix was in it.
    fn survey(&mut self, spot: Spot, before_m: f64, judging: &Judging<'_>, scene: &mut Scene<'_>) {
        if self.around.is_known(spot, judging.sighting.acc95_m) {
            return;
        }
        let least_acc95_m = self.around.begin(spot, &judging.sighting);
        judging.watch.grid.look(spot, scene.vicinity);
        let (around, group) = (&mut self.around, self.group);
        self.state.phases.survey(&scene.vicinity.entries, before_m, least_acc95_m, |entry| {
            if judging.watch.concerns(entry.slot, group) {
                around.add(entry.slot, entry.inside, entry.border);
            }
        });
    }

    /// The fences where somebody is or may be coming in, as far as their phases can change.
    fn reconsider(&mut self, bit: u64, judging: &Judging<'_>, events: &mut Vec<FenceEvent>) {
        // From the last one to the first, so that those to come stay in their places.
        for from in (0..self.state.phases.len()).step_by(64).rev() {
            let mut open = self.state.phases.open(from, judging.odometer_m);
            while let Some(last) = open.checked_ilog2() {
                open ^= 1 << last;
                events.extend(self.advance(from + last as usize, bit, judging));
            }
        }
    }

    /// One step of the state machine at the fence at a place.
    fn advance(&mut self, place: usize, bit: u64, judging: &Judging<'_>) -> Option<FenceEvent> {
        let slot = self.state.phases.slot(place);
        let held = self.state.phases.held(place);
        let is_inside = held.contains(bit);
        if matches!(held.phase, Phase::In(_)) && is_inside == Some(true) {
            held.bounds = Bounds::inside(judging.odometer_m);
            self.state.phases.changed(place);
            return None;
        }
        let seen = judging.seen(slot, held, is_inside);
        let was_inside = held.phase.is_inside();
        let (next, change) = step(&mut held.phase, &judging.reading(&seen));
        held.bounds = seen.bounds;
        if let Phase::In(stay) = &mut held.phase
            && !was_inside
        {
            stay.expect_dwell(judging.watch.dwell_secs(slot));
            self.state.dwell_due_us = self.state.dwell_due_us.min(stay.dwell_due_us);
        }
        if next == Next::Outside {
            let Held { inside, border, .. } = self.state.phases.remove(place);
            self.around.add(slot, inside, border);
        } else {
            self.state.phases.changed(place);
        }
        let deciding = Sighting { dist_m: seen.exact_m, ..judging.sighting };
        self.event(slot, change?, &deciding, judging.watch)
    }

    /// The fences of the cell where nobody is known to be.
    fn look_around(&mut self, bit: u64, judging: &Judging<'_>) {
        for index in (0..self.around.others.len()).rev() {
            let other = &mut self.around.others[index];
            if !other.may_be_entered(bit, judging.odometer_m) {
                continue;
            }
            let dist_m = judging.depth_m(other, bit);
            if dist_m + f64::from(judging.sighting.acc95_m) > 0.0 {
                other.rest(dist_m, judging.odometer_m);
                continue;
            }
            let slot = other.slot;
            let margin_m = judging.watch.leave_margin_m(slot);
            let limit_m = Watch::limit_m(judging.sighting.acc95_m, margin_m);
            let seen = judging.measure(slot, margin_m, Some(true), limit_m);
            if let Some(phase) = begin(&judging.reading(&seen), judging.from(slot)) {
                let (inside, border) = self.around.remove(index).parts();
                let held = Held { phase, bounds: seen.bounds, margin_m, inside, border };
                let place = self.state.phases.place_of(slot);
                self.state.phases.insert(place, slot, held);
            }
        }
    }
}

impl Judging<'_> {
    /// What the fix says about a fence: by what is known of the distance if that suffices, else by measuring.
    fn seen(&self, slot: Slot, held: &Held, is_inside: Option<bool>) -> Seen {
        let (acc95_m, margin_m) = (self.sighting.acc95_m, held.margin_m);
        let (bounds, limit_m) = (held.bounds, Watch::limit_m(acc95_m, margin_m));
        if bounds.least_m(self.odometer_m) - acc95_m > margin_m as f32 {
            return Seen { says: Says::Gone, dist_m: limit_m, exact_m: None, bounds };
        }
        if bounds.most_m(self.odometer_m) <= -limit_m as f32 {
            return Seen { says: Says::Inside, dist_m: -limit_m, exact_m: None, bounds };
        }
        let reach_m = match held.phase {
            // How deep counts for those who come in only.
            Phase::Unknown(_) | Phase::Entering(..) => limit_m,
            Phase::In(_) | Phase::Leaving(..) => margin_m + f64::from(acc95_m) + FURTHER_M,
        };
        self.measure(slot, margin_m, is_inside, reach_m)
    }

    /// What the fix says about a fence, looked at as far as `reach_m`; whether it is inside may be known already.
    fn measure(&self, slot: Slot, margin_m: f64, is_inside: Option<bool>, reach_m: f64) -> Seen {
        let (here, shape, at) = (self.here(), self.watch.shape(slot), self.sighting.at);
        let found_m = match is_inside {
            Some(is_inside) => shape.signed_distance_of(at, here, is_inside, reach_m),
            None => shape.signed_distance_within(at, here, reach_m),
        };
        let bounds = if here.lat.abs() < MAX_FLAT_LAT {
            Bounds::measured(found_m, reach_m, self.odometer_m)
        } else {
            Bounds::UNKNOWN
        };
        let limit_m = Watch::limit_m(self.sighting.acc95_m, margin_m);
        Seen {
            says: Says::of(found_m, f64::from(self.sighting.acc95_m), margin_m),
            dist_m: found_m.clamp(-limit_m, limit_m),
            exact_m: Some(found_m).filter(|found_m| found_m.abs() < reach_m),
            bounds,
        }
    }

    /// The signed distance from a fence of the cell, as far as it tells whether the whole error circle is inside.
    fn depth_m(&self, other: &Other, bit: u64) -> f64 {
        let (shape, at) = (self.watch.shape(other.slot), self.sighting.at);
        if !other.is_inside(bit) && !shape.contains(at) {
            return 0.0;
        }
        shape.signed_distance_of(at, self.here(), true, f64::from(self.sighting.acc95_m) * 1.01)
    }

    fn here(&self) -> &Here {
        self.here.get_or_init(|| {
            let at = self.sighting.at;
            if self.scale.reaches(at.lat()) { Here::scaled(at, &self.scale) } else { Here::new(at) }
        })
    }

    fn reading(&self, seen: &Seen) -> Reading<'_> {
        Reading {
            says: seen.says,
            dist_m: seen.dist_m,
            sighting: Sighting { dist_m: seen.exact_m, ..self.sighting },
            after_gap: self.after_gap,
            settings: &self.watch.settings,
        }
    }

    /// The fix before, if the fence wants to know who drives through and that was outside for certain.
    fn from(&self, slot: Slot) -> Option<Sighting> {
        let before = self.before.filter(|_| self.watch.at(slot).fence.on_crossed)?;
        let before = Sighting::of(&before);
        Some(before).filter(|before| self.watch.evidence(slot, before).is_outside())
    }
}
