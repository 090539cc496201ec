//! The phases of one resource at all fences, and how far it may go until one of them can change.

use crate::grid::Entry;
use crate::machine::Phase;
use crate::watch::Slot;

/// Beyond so many metres on the way, and at larger distances from a border, bounds are too uncertain.
const MOST_MOVED_M: f64 = 20_000.0;
const MOST_DIST_M: f64 = 50_000.0;
/// One can't come nearer faster than one moves, give or take what the plane differs from the sphere.
pub(crate) const PER_MOVED: f64 = 1.1;

/// Phases in the order of their slots; a fence that is not in it has the resource outside.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    slots: Vec<Slot>,
    /// Up to these readings of the odometer no fix can change the phase.
    open_at_m: Vec<f64>,
    held: Vec<Held>,
    /// Error circles are at least that large.
    least_acc95_m: f32,
}

/// A phase at one fence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub phase: Phase,
    pub bounds: Bounds,
    /// How far beyond the border one has left.
    pub margin_m: f64,
    /// Parts of the cell around that are inside, and that the border may be in.
    pub inside: u64,
    pub border: u64,
}

/// What the signed distance from a fence is known to be, in metres, and at which reading of the odometer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    odometer_m: f64,
    least_m: f32,
    most_m: f32,
}

impl Bounds {
    pub const UNKNOWN: Bounds = Bounds { odometer_m: 0.0, least_m: f32::NEG_INFINITY, most_m: f32::INFINITY };

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

    /// Up to this reading of the odometer the signed distance is below `far_m`.
    fn below_until_m(&self, far_m: f64) -> f64 {
        self.odometer_m + ((far_m - f64::from(self.most_m)) * (0.999 / PER_MOVED)).min(MOST_MOVED_M)
    }
}

impl Held {
    /// Of a fence whose border was not looked for yet.
    pub fn new(phase: Phase, margin_m: f64) -> Self {
        Held { phase, bounds: Bounds::UNKNOWN, margin_m, inside: 0, border: u64::MAX }
    }

    /// Whether a part is inside; `None` where the border may be.
    pub fn contains(&self, bit: u64) -> Option<bool> {
        if self.border & bit != 0 { None } else { Some(self.inside & bit != 0) }
    }

    fn open_at_m(&self, least_acc95_m: f32) -> f64 {
        match self.phase {
            Phase::In(_) => self.bounds.below_until_m(self.margin_m + f64::from(least_acc95_m)),
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

    pub fn held(&mut self, place: usize) -> &mut Held {
        &mut self.held[place]
    }

    /// To be called after a change of what is held at a place.
    pub fn changed(&mut self, place: usize) {
        self.open_at_m[place] = self.held[place].open_at_m(self.least_acc95_m);
    }

    pub fn get(&self, slot: Slot) -> Option<&Phase> {
        self.slots.binary_search(&slot).ok().map(|place| &self.held[place].phase)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Phase)> {
        self.slots.iter().copied().zip(self.held.iter().map(|held| &held.phase))
    }

    /// Whether no fix can change any phase.
    pub fn are_closed(&self, odometer_m: f64) -> bool {
        self.open_at_m.iter().all(|open_at_m| odometer_m <= *open_at_m)
    }

    /// Bits of the places from `from` on whose phases a fix may change; of at most 64 places.
    pub fn open(&self, from: usize, odometer_m: f64) -> u64 {
        let until = self.len().min(from + 64);
        // Which ones nobody can foretell: no branches.
        let mut open = 0;
        for (index, open_at_m) in self.open_at_m[from..until].iter().enumerate() {
            open |= u64::from(odometer_m > *open_at_m) << index;
        }
        open
    }

    /// Whether the fence with this slot is at this place.
    pub fn holds(&self, place: usize, slot: Slot) -> bool {
        self.slots.get(place) == Some(&slot)
    }

    /// Where the slot belongs.
    pub fn place_of(&self, slot: Slot) -> usize {
        self.slots.partition_point(|known| *known < slot)
    }

    /// On coming into another cell: who is in a fence that contains all of it rests until the next cell. `before_m` is the reading of
    /// the odometer before; error circles are not below `least_acc95_m` until the next survey. Shows the other fences of the cell.
    pub fn survey(
        &mut self,
        entries: &[Entry],
        before_m: f64,
        least_acc95_m: f32,
        mut other: impl FnMut(&Entry),
    ) {
        self.least_acc95_m = least_acc95_m;
        let mut place = 0;
        for entry in entries {
            while place < self.len() && self.slots[place] < entry.slot {
                self.wake(place, before_m, (0, 0));
                place += 1;
            }
            if !self.holds(place, entry.slot) {
                other(entry);
                continue;
            }
            self.wake(place, before_m, (entry.inside, entry.border));
            if entry.inside == u64::MAX && matches!(self.held[place].phase, Phase::In(_)) {
                self.open_at_m[place] = f64::INFINITY;
            }
            place += 1;
        }
        (place..self.len()).for_each(|place| self.wake(place, before_m, (0, 0)));
    }

    fn wake(&mut self, place: usize, before_m: f64, (inside, border): (u64, u64)) {
        let held = &mut self.held[place];
        (held.inside, held.border) = (inside, border);
        if self.open_at_m[place] == f64::INFINITY {
            held.bounds = Bounds::inside(before_m);
        }
        self.changed(place);
    }

    pub fn insert(&mut self, place: usize, slot: Slot, held: Held) {
        self.slots.insert(place, slot);
        self.open_at_m.insert(place, held.open_at_m(self.least_acc95_m));
        self.held.insert(place, held);
    }

    pub fn remove(&mut self, place: usize) -> Held {
        self.slots.remove(place);
        self.open_at_m.remove(place);
        self.held.remove(place)
    }

    /// Looks for the slot's phase anew.
    pub fn set_unknown(&mut self, slot: Slot, margin_m: f64) {
        match self.slots.binary_search(&slot) {
            Ok(place) => {
                self.held[place] = Held::new(Phase::Unknown(None), margin_m);
                self.changed(place);
            }
            Err(place) => self.insert(place, slot, Held::new(Phase::Unknown(None), margin_m)),
        }
    }

    /// Keeps what `next` makes of each; where the border is has to be measured again.
    pub fn rebuild(&mut self, next: impl Fn(Slot, Phase) -> Option<(Slot, Phase)>) {
        let before = std::mem::take(self);
        for (slot, held) in before.slots.into_iter().zip(before.held) {
            if let Some((slot, phase)) = next(slot, held.phase) {
                self.insert(self.len(), slot, Held::new(phase, held.margin_m));
            }
        }
    }

    /// Becomes a copy, without giving its memory away.
    pub fn copy_from(&mut self, other: &Phases) {
        self.slots.clone_from(&other.slots);
        self.open_at_m.clone_from(&other.open_at_m);
        self.held.clone_from(&other.held);
        self.least_acc95_m = other.least_acc95_m;
    }
}
