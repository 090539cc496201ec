//! The phases of one resource at all fences, and how far it may go until one of them can change.

use crate::machine::Phase;
use crate::watch::Slot;

/// Beyond so many metres on the way, and at larger distances from a border, bounds are too uncertain.
const MOST_MOVED_M: f64 = 20_000.0;
const MOST_DIST_M: f64 = 50_000.0;

/// Phases in the order of their slots; a fence that is not in it has the resource outside.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    slots: Vec<Slot>,
    bounds: Vec<Bounds>,
    phases: Vec<Phase>,
}

/// What the signed distance from a fence is known to be, in metres, and at which reading of the odometer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    odometer_m: f64,
    least_m: f32,
    most_m: f32,
    /// Up to here (less the error circle) the phase stays as it is.
    keep_m: f32,
}

impl Bounds {
    pub const UNKNOWN: Bounds = Bounds {
        odometer_m: 0.0,
        least_m: f32::NEG_INFINITY,
        most_m: f32::INFINITY,
        keep_m: f32::NEG_INFINITY,
    };

    /// After a measurement that looked no further than `reach_m`.
    pub fn measured(dist_m: f64, reach_m: f64, odometer_m: f64) -> Self {
        let reach_m = reach_m.min(MOST_DIST_M);
        let error_m = dist_m.abs().min(reach_m) * 0.001 + 0.5;
        let least_m = if dist_m <= -reach_m { f64::NEG_INFINITY } else { dist_m.min(reach_m) - error_m };
        let most_m = if dist_m >= reach_m { f64::INFINITY } else { dist_m.max(-reach_m) + error_m };
        Bounds { odometer_m, least_m: least_m as f32, most_m: most_m as f32, keep_m: f32::NEG_INFINITY }
    }

    /// Inside, no matter how deep.
    pub fn inside(odometer_m: f64) -> Self {
        Bounds { odometer_m, most_m: 0.0, ..Self::UNKNOWN }
    }

    /// The signed distance is at least …
    pub fn least_m(&self, odometer_m: f64) -> f32 {
        self.least_m - self.slack_m(odometer_m)
    }

    /// … and at most so many metres.
    pub fn most_m(&self, odometer_m: f64) -> f32 {
        self.most_m + self.slack_m(odometer_m)
    }

    /// One can't come nearer faster than one moves, give or take what the plane differs from the sphere.
    fn slack_m(&self, odometer_m: f64) -> f32 {
        let moved_m = odometer_m - self.odometer_m;
        if moved_m > MOST_MOVED_M { f32::INFINITY } else { moved_m as f32 * 1.1 }
    }
}

impl Phases {
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn slot(&self, place: usize) -> Slot {
        self.slots[place]
    }

    pub fn phase(&self, place: usize) -> &Phase {
        &self.phases[place]
    }

    pub fn bounds(&self, place: usize) -> &Bounds {
        &self.bounds[place]
    }

    pub fn get(&self, slot: Slot) -> Option<&Phase> {
        self.slots.binary_search(&slot).ok().map(|place| &self.phases[place])
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Phase)> {
        self.slots.iter().copied().zip(&self.phases)
    }

    /// All of them, to be changed in themselves.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut Phase)> {
        self.slots.iter().copied().zip(&mut self.phases)
    }

    /// The first place from `from` on whose phase a fix with this error circle may change.
    pub fn next_open(&self, from: usize, odometer_m: f64, acc95_m: f32) -> Option<usize> {
        let is_open = |bounds: &Bounds| bounds.most_m(odometer_m) - acc95_m > bounds.keep_m;
        self.bounds[from..].iter().position(is_open).map(|place| from + place)
    }

    /// The first place from `from` on with this slot or a later one.
    pub fn seek(&self, from: usize, slot: Slot) -> usize {
        from + self.slots[from..].iter().take_while(|known| **known < slot).count()
    }

    /// Sets the phase at a place, and the bounds; `margin_m` is how far beyond the border one stays inside.
    pub fn put(&mut self, place: usize, phase: Phase, bounds: Bounds, margin_m: f64) {
        self.phases[place] = phase;
        let keep_m = if matches!(phase, Phase::In(_)) { margin_m as f32 } else { f32::NEG_INFINITY };
        self.bounds[place] = Bounds { keep_m, ..bounds };
    }

    pub fn insert(&mut self, place: usize, slot: Slot, phase: Phase, bounds: Bounds) {
        self.slots.insert(place, slot);
        self.phases.insert(place, phase);
        self.bounds.insert(place, bounds);
    }

    pub fn remove(&mut self, place: usize) {
        self.slots.remove(place);
        self.phases.remove(place);
        self.bounds.remove(place);
    }

    /// Looks for the slot's phase anew.
    pub fn set_unknown(&mut self, slot: Slot) {
        match self.slots.binary_search(&slot) {
            Ok(place) => self.put(place, Phase::Unknown(None), Bounds::UNKNOWN, 0.0),
            Err(place) => self.insert(place, slot, Phase::Unknown(None), Bounds::UNKNOWN),
        }
    }

    /// Keeps what `next` makes of each; where the border is has to be measured again.
    pub fn rebuild(&mut self, next: impl Fn(Slot, Phase) -> Option<(Slot, Phase)>) {
        let before = std::mem::take(self);
        for (slot, phase) in before.slots.into_iter().zip(before.phases).filter_map(|(slot, phase)| next(slot, phase)) {
            self.insert(self.len(), slot, phase, Bounds::UNKNOWN);
        }
    }

    /// Becomes a copy, without giving its memory away.
    pub fn copy_from(&mut self, other: &Phases) {
        self.slots.clone_from(&other.slots);
        self.bounds.clone_from(&other.bounds);
        self.phases.clone_from(&other.phases);
    }
}
