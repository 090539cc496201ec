//! What one fix changes at the fences.

use std::cell::OnceCell;

use domain::LonLat;
use domain::position::Fix;

use crate::cover::{CellKey, Spot};
use crate::crossing::{CROSS_GAP, deepest, way};
use crate::edges::Here;
use crate::event::{Confidence, EventKind, FenceEvent, Why, event_id};
use crate::extent::M_PER_DEG;
use crate::grid::{Entry, Near};
use crate::machine::{Change, Phase, Reading, Says, Sighting, Turn, step};
use crate::phases::Bounds;
use crate::track::{Scene, Timed, Track};
use crate::watch::{Measured, Slot, Watch};

/// Nearer to a pole the plane is too far from the sphere for bounds.
const MAX_LAT: f64 = 80.0;

/// Distances are measured by so many metres further than a fix asks, for the next ones.
const FURTHER_M: f64 = 10.0;

/// A fix being judged.
struct Judging<'a> {
    sighting: Sighting,
    /// The one before it, unless too long ago.
    before: Option<Fix>,
    after_gap: bool,
    odometer_m: f64,
    here: OnceCell<Here>,
    watch: &'a Watch,
}

/// The cell that the last fix was in.
#[derive(Debug)]
pub(crate) struct Around {
    /// `None` once what is known of it is outdated.
    pub cell: Option<CellKey>,
    /// The parts that another fence may be entered in.
    open: u64,
    /// Metres in a degree of longitude, at the most within the cell.
    m_per_lon: f64,
}

impl Around {
    fn new(spot: Spot, at: LonLat) -> Self {
        // A little towards the equator.
        let lat = (at.lat().abs() - 0.002).max(0.0);
        Self { cell: Some(spot.cell(0)), open: 0, m_per_lon: M_PER_DEG * lat.to_radians().cos() }
    }
}

impl Default for Around {
    fn default() -> Self {
        Self { cell: None, open: 0, m_per_lon: M_PER_DEG }
    }
}

/// What a fix says about one fence, and what the distance is known to be.
struct Seen {
    says: Says,
    dist_m: f64,
    bounds: Bounds,
}

impl Track {
    pub(crate) fn judge(&mut self, timed: &Timed, scene: &mut Scene<'_>, events: &mut Vec<FenceEvent>) {
        let (watch, fix) = (scene.watch, &timed.fix);
        let last = self.state.believed.last.replace(*timed);
        let after_gap = last.is_some_and(|last| timed.at_us - last.at_us > watch.stale_after_us);
        let before_m = self.state.believed.odometer_m;
        match last {
            Some(last) => self.state.believed.odometer_m += moved_m(&last.fix, fix, self.around.m_per_lon),
            None => self.begin(fix, watch),
        }
        if after_gap {
            self.state.phases.rebuild(|slot, phase| Some((slot, phase.settled()?)));
            self.around.cell = None;
        }
        let first_event = events.len();
        let judging = Judging {
            sighting: Sighting::of(fix),
            before: last.filter(|_| !after_gap).map(|last| last.fix),
            after_gap,
            odometer_m: self.state.believed.odometer_m,
            here: OnceCell::new(),
            watch,
        };
        if watch.any_crossed {
            self.pass(&judging, events);
        }
        let spot = Spot::of(fix.at);
        if self.around.cell != Some(spot.cell(0)) {
            let near = watch.grid.near_spot(spot, scene.vicinity);
            self.around = Around::new(spot, fix.at);
            self.around.open = self.state.phases.survey(near.entries, before_m);
        }
        let open = self.state.phases.next_open(0, judging.odometer_m);
        let may_enter = self.around.open & spot.bit(0) != 0;
        if open.is_some() || may_enter {
            let near = watch.grid.near_spot(spot, scene.vicinity);
            self.reconsider(open, &near, &judging, events);
            if may_enter {
                self.look_around(&near, &judging, events);
            }
        }
        if events.len() > first_event + 1 {
            events[first_event..].sort_by_key(|event| event.poi);
        }
        if self.state.dwell_due.is_some_and(|due| due <= fix.fix_time) {
            events.extend(self.dwells(watch, fix.fix_time));
        }
    }

    /// At the first fix: where somebody is already is no news.
    fn begin(&mut self, fix: &Fix, watch: &Watch) {
        for slot in watch.within_error(fix, self.group) {
            self.state.phases.set_unknown(slot, watch.leave_margin_m(slot));
        }
    }

    /// The fences where somebody is or may be coming in, from the first one on whose phase can change.
    fn reconsider(
        &mut self,
        mut open: Option<usize>,
        near: &Near<'_>,
        judging: &Judging<'_>,
        events: &mut Vec<FenceEvent>,
    ) {
        while let Some(place) = open {
            let (slot, phase) = (self.state.phases.slot(place), *self.state.phases.phase(place));
            let is_inside = near.contains(slot);
            let next_place = if matches!(phase, Phase::In(_)) && is_inside == Some(true) {
                self.state.phases.put(place, phase, Bounds::inside(judging.odometer_m));
                place + 1
            } else {
                events.extend(self.advance(place, is_inside, judging));
                place + usize::from(self.state.phases.holds(place, slot))
            };
            open = self.state.phases.next_open(next_place, judging.odometer_m);
        }
    }

    /// One step of the state machine at the fence at a place.
    fn advance(
        &mut self,
        place: usize,
        is_inside: Option<bool>,
        judging: &Judging<'_>,
    ) -> Option<FenceEvent> {
        let (slot, phase) = (self.state.phases.slot(place), *self.state.phases.phase(place));
        let seen = judging.seen(slot, &phase, self.state.phases.bounds(place), is_inside);
        let (next, change) = step(Some(phase), &judging.reading(&seen, None));
        match next {
            Some(next) => self.state.phases.put(place, next, seen.bounds),
            None => {
                self.state.phases.remove(place);
                self.around.cell = None;
            }
        }
        if let Some(Phase::In(stay)) = next
            && !phase.is_inside()
        {
            self.expect_dwell(slot, stay.first.fix_time, judging.watch);
        }
        self.event(slot, change?, judging)
    }

    /// The fences around where nobody is known to be.
    fn look_around(&mut self, near: &Near<'_>, judging: &Judging<'_>, events: &mut Vec<FenceEvent>) {
        let mut place = 0;
        for entry in near.entries {
            if !near.may_be_inside(entry) {
                continue;
            }
            let is_known;
            (place, is_known) = self.state.phases.seek(place, entry.slot);
            let watch = judging.watch;
            if is_known || !judging.is_deep(entry, near) || !watch.concerns(entry.slot, self.group) {
                continue;
            }
            let reach_m = Watch::limit_m(judging.sighting.acc95_m, watch.leave_margin_m(entry.slot));
            let seen = judging.measure(entry.slot, Some(true), reach_m);
            let from = judging.from(entry.slot);
            let (next, change) = step(None, &judging.reading(&seen, from));
            if let Some(next) = next {
                let held = (next, watch.leave_margin_m(entry.slot));
                self.state.phases.insert(place, entry.slot, held, seen.bounds);
                self.around.cell = None;
            }
            events.extend(change.and_then(|change| self.event(entry.slot, change, judging)));
        }
    }

    /// What has to be said of a change.
    fn event(&self, slot: Slot, change: Change, judging: &Judging<'_>) -> Option<FenceEvent> {
        let watch = judging.watch;
        let (sighting, fixes) = (change.first, change.fixes);
        let (first, deciding) = (watch.evidence(slot, &sighting), watch.evidence(slot, &judging.sighting));
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
        let why = Why { first, deciding, fixes, margin_m };
        Some(FenceEvent { id, resource, poi, kind, event_time, at, confidence, why })
    }

    /// Fences that lie on the way from one fix to the next, with nobody seen inside.
    fn pass(&self, judging: &Judging<'_>, events: &mut Vec<FenceEvent>) {
        let (sighting, watch) = (&judging.sighting, judging.watch);
        let Some(before) = judging.before else { return };
        if sighting.fix_time - before.fix_time > CROSS_GAP {
            return;
        }
        for slot in watch.crossed_by(way(before.at, sighting.at), self.group) {
            if self.state.phases.get(slot).is_none() {
                let (first, confidence) = (Sighting::of(&before), Confidence::Inferred);
                let change = Change { turn: Turn::Passed, first, fixes: 0, confidence };
                events.extend(self.event(slot, change, judging));
            }
        }
    }
}

impl Judging<'_> {
    /// What the fix says about a fence: by what is known of the distance if that suffices, else by measuring.
    fn seen(&self, slot: Slot, phase: &Phase, known: &Bounds, is_inside: Option<bool>) -> Seen {
        let (acc95_m, margin_m) = (self.sighting.acc95_m, self.watch.leave_margin_m(slot));
        let limit_m = Watch::limit_m(acc95_m, margin_m);
        if known.least_m(self.odometer_m) - acc95_m > margin_m as f32 {
            return Seen { says: Says::Gone, dist_m: limit_m, bounds: *known };
        }
        if known.most_m(self.odometer_m) <= -limit_m as f32 {
            return Seen { says: Says::Inside, dist_m: -limit_m, bounds: *known };
        }
        let reach_m = match phase {
            // How deep counts for those who come in only.
            Phase::Unknown(_) | Phase::Entering(..) => limit_m,
            Phase::In(_) | Phase::Leaving(..) => margin_m + f64::from(acc95_m) + FURTHER_M,
        };
        self.measure(slot, is_inside, reach_m)
    }

    /// Whether the whole error circle is inside, as far as that can be told at once.
    fn is_deep(&self, entry: &Entry, near: &Near<'_>) -> bool {
        let (shape, at) = (&self.watch.at(entry.slot).shape, self.sighting.at);
        let acc95_m = f64::from(self.sighting.acc95_m);
        (near.is_inside(entry) || shape.contains(at))
            && shape.signed_distance_of(at, self.here(), true, acc95_m * 1.01) <= -acc95_m
    }

    fn here(&self) -> &Here {
        self.here.get_or_init(|| Here::new(self.sighting.at))
    }

    fn measure(&self, slot: Slot, is_inside: Option<bool>, reach_m: f64) -> Seen {
        let here = self.here();
        let Measured { says, dist_m, further_m, reach_m } =
            self.watch.measure(slot, (&self.sighting, here), is_inside, reach_m);
        let bounds = if here.lat.abs() < MAX_LAT {
            Bounds::measured(further_m, reach_m, self.odometer_m)
        } else {
            Bounds::UNKNOWN
        };
        Seen { says, dist_m, bounds }
    }

    fn reading(&self, seen: &Seen, from: Option<Sighting>) -> Reading<'_> {
        Reading {
            says: seen.says,
            dist_m: seen.dist_m,
            sighting: self.sighting,
            from,
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

/// At least the metres from one fix to the next; `m_per_lon` is for a place near the second one.
fn moved_m(from: &Fix, to: &Fix, m_per_lon: f64) -> f64 {
    let by_lon = (to.at.lon() - from.at.lon()).abs();
    let (by_lon, by_lat) = (by_lon.min(360.0 - by_lon), (to.at.lat() - from.at.lat()).abs());
    if by_lat < 0.1 && to.at.lat().abs() < MAX_LAT {
        // The width of a degree differs by less than that over such a way.
        let (x, y) = (by_lon * m_per_lon, by_lat * M_PER_DEG);
        return (x * x + y * y).sqrt() * 1.02;
    }
    (by_lon + by_lat) * M_PER_DEG
}
