//! The phases of one resource at all fences, and how far it may go until one of them can change.

use crate::grid::Entry;
use crate::machine::Phase;
use crate::watch::Slot;

/// Beyond so many metres on the way, and at larger distances from a border, bounds are too uncertain.
const MOST_MOVED_M: f64 = 20_000.0;
const MOST_DIST_M: f64 = 50_000.0;
/// One can't come nearer faster than one moves, give or take what the plane differs from the sphere.
const PER_MOVED: f64 = 1.1;

/// Phases in the order of their slots; a fence that is not in it has the resource outside.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    slots: Vec<Slot>,
    /// Up to these readings of the odometer no fix can change the phase.
    open_at_m: Vec<f64>,
    held: Vec<Held>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    phase: Phase,
    bounds: Bounds,
    /// How far beyond the border one has left.
    margin_m: f32,
}

/// What the signed distance from a fence is known to be, in metres, and at which reading of the odometer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    odometer_m: f64,
    least_m: f32,
    most_m: f32,
}

impl Bounds {
    pub const UNKNOWN: Bounds =
        Bounds { odometer_m: 0.0, least_m: f32::NEG_INFINITY, most_m: f32::INFINITY };

    /// After a measurement that looked no further than `reach_m`.
    pub fn measured(dist_m: f64, reach_m: f64, odometer_m: f64) -> Self {
        let reach_m = reach_m.min(MOST_DIST_M);
        let error_m = dist_m.abs().min(reach_m) * 0.001 + 0.5;
        let least_m = if dist_m <= -reach_m { f64::NEG_INFINITY } else { dist_m.min(reach_m) - error_m };
        let most_m = if dist_m >= reach_m { f64::INFINITY } else { dist_m.max(-reach_m) + error_m };
        Bounds { odometer_m, least_m: least_m as f32, most_m: most_m as f32 }
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

    fn slack_m(&self, odometer_m: f64) -> f32 {
        let moved_m = odometer_m - self.odometer_m;
        if moved_m > MOST_MOVED_M { f32::INFINITY } else { (moved_m * PER_MOVED) as f32 }
    }

    /// Up to this reading of the odometer the signed distance is below `margin_m`.
    fn below_until_m(&self, margin_m: f32) -> f64 {
        self.odometer_m + (f64::from(margin_m - self.most_m) / PER_MOVED).min(MOST_MOVED_M)
    }
}

impl Held {
    fn open_at_m(&self) -> f64 {
        match self.phase {
            Phase::In(_) => self.bounds.below_until_m(self.margin_m),
            Phase::Unknown(_) | Phase::Entering(..) | Phase::Leaving(..) => f64::NEG_INFINITY,
        }
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
        &self.held[place].phase
    }

    pub fn bounds(&self, place: usize) -> &Bounds {
        &self.held[place].bounds
    }

    pub fn get(&self, slot: Slot) -> Option<&Phase> {
        self.slots.binary_search(&slot).ok().map(|place| &self.held[place].phase)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Phase)> {
        self.slots.iter().copied().zip(self.held.iter().map(|held| &held.phase))
    }

    /// All of them, to be changed in themselves.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut Phase)> {
        self.slots.iter().copied().zip(self.held.iter_mut().map(|held| &mut held.phase))
    }

    /// The first place from `from` on whose phase a fix may change.
    pub fn next_open(&self, from: usize, odometer_m: f64) -> Option<usize> {
        let open = self.open_at_m[from..].iter().position(|open_at_m| odometer_m > *open_at_m);
        open.map(|place| from + place)
    }

    /// Whether the fence with this slot is at this place.
    pub fn holds(&self, place: usize, slot: Slot) -> bool {
        self.slots.get(place) == Some(&slot)
    }

    /// The first place from `from` on with this slot or a later one, and whether it is this one.
    pub fn seek(&self, from: usize, slot: Slot) -> (usize, bool) {
        let place = from + self.slots[from..].iter().take_while(|known| **known < slot).count();
        (place, self.holds(place, slot))
    }

    /// On coming into another cell: who is in a fence that contains all of it rests until the next cell. Answers the parts that
    /// others may be entered in. `odometer_m` is the reading before.
    pub fn survey(&mut self, entries: &[Entry], odometer_m: f64) -> u64 {
        let (mut place, mut open) = (0, 0);
        for entry in entries {
            while place < self.len() && self.slots[place] < entry.slot {
                self.wake(place, odometer_m);
                place += 1;
            }
            if !self.holds(place, entry.slot) {
                open |= entry.inside | entry.border;
                continue;
            }
            if entry.inside == u64::MAX && matches!(self.held[place].phase, Phase::In(_)) {
                self.open_at_m[place] = f64::INFINITY;
            } else {
                self.wake(place, odometer_m);
            }
            place += 1;
        }
        (place..self.len()).for_each(|place| self.wake(place, odometer_m));
        open
    }

    fn wake(&mut self, place: usize, odometer_m: f64) {
        if self.open_at_m[place] == f64::INFINITY {
            let held = &mut self.held[place];
            held.bounds = Bounds::inside(odometer_m);
            self.open_at_m[place] = held.open_at_m();
        }
    }

    /// Sets the phase at a place, and what is known of the distance.
    pub fn put(&mut self, place: usize, phase: Phase, bounds: Bounds) {
        let held = &mut self.held[place];
        (held.phase, held.bounds) = (phase, bounds);
        self.open_at_m[place] = held.open_at_m();
    }

    /// `margin_m` is how far beyond the border one has left the fence.
    pub fn insert(&mut self, place: usize, slot: Slot, (phase, margin_m): (Phase, f64), bounds: Bounds) {
        let held = Held { phase, bounds, margin_m: margin_m as f32 };
        self.slots.insert(place, slot);
        self.open_at_m.insert(place, held.open_at_m());
        self.held.insert(place, held);
    }

    pub fn remove(&mut self, place: usize) {
        self.slots.remove(place);
        self.open_at_m.remove(place);
        self.held.remove(place);
    }

    /// Looks for the slot's phase anew.
    pub fn set_unknown(&mut self, slot: Slot, margin_m: f64) {
        match self.slots.binary_search(&slot) {
            Ok(place) => self.put(place, Phase::Unknown(None), Bounds::UNKNOWN),
            Err(place) => self.insert(place, slot, (Phase::Unknown(None), margin_m), Bounds::UNKNOWN),
        }
    }

    /// Keeps what `next` makes of each; where the border is has to be measured again.
    pub fn rebuild(&mut self, next: impl Fn(Slot, Phase) -> Option<(Slot, Phase)>) {
        let before = std::mem::take(self);
        for (slot, held) in before.slots.into_iter().zip(before.held) {
            if let Some((slot, phase)) = next(slot, held.phase) {
                let place = self.len();
                self.insert(place, slot, (phase, f64::from(held.margin_m)), Bounds::UNKNOWN);
            }
        }
    }

    /// Becomes a copy, without giving its memory away.
    pub fn copy_from(&mut self, other: &Phases) {
        self.slots.clone_from(&other.slots);
        self.open_at_m.clone_from(&other.open_at_m);
        self.held.clone_from(&other.held);
    }
}
