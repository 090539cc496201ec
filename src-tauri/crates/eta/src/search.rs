//! Searches in a [`Hierarchy`]: each only climbs, and two of them meet at the most important road of the way.

use crate::hierarchy::{Climb, Cost, Hierarchy};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where a search begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed {
    /// Number in the hierarchy.
    pub node: u32,
    pub cost: Cost,
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Label {
    cost: Cost,
    /// The node before; [`NONE`] for a seed.
    before: u32,
}

const UNREACHED: Label = Label { cost: Cost { weight: u32::MAX, ms: 0, cm: 0 }, before: NONE };

/// One direction of a search, with memory that is reused.
#[derive(Debug)]
pub(crate) struct Side {
    labels: Vec<Label>,
    reached: Vec<u32>,
    queue: BinaryHeap<Reverse<u64>>,
}

impl Side {
    fn new(node_count: usize) -> Self {
        Self { labels: vec![UNREACHED; node_count], reached: Vec::new(), queue: BinaryHeap::new() }
    }

    fn begin(&mut self, seeds: &[Seed]) {
        for node in self.reached.drain(..) {
            self.labels[node as usize] = UNREACHED;
        }
        self.queue.clear();
        for seed in seeds {
            self.reach(seed.node, seed.cost, NONE);
        }
    }

    fn reach(&mut self, node: u32, cost: Cost, before: u32) {
        let label = &mut self.labels[node as usize];
        if cost.weight < label.cost.weight {
            if label.cost.weight == u32::MAX {
                self.reached.push(node);
            }
            *label = Label { cost, before };
            self.queue.push(Reverse(u64::from(cost.weight) << 32 | u64::from(node)));
        }
    }

    /// The least weight still to be looked at; `u32::MAX` if there is nothing.
    fn least(&self) -> u32 {
        self.queue.peek().map_or(u32::MAX, |Reverse(key)| (key >> 32) as u32)
    }

    /// Looks at the next node and reaches its neighbours `ahead`. `None`: it was already done, or there is a shorter way to it
    /// over a more important node, so that no shortest way climbs here.
    fn settle(&mut self, ahead: &Climb, behind: &Climb) -> Option<(u32, Cost)> {
        let Reverse(key) = self.queue.pop()?;
        let (weight, node) = ((key >> 32) as u32, key as u32);
        let cost = self.labels[node as usize].cost;
        if weight > cost.weight {
            return None;
        }
        let is_late = |before: u32, hop: u32| {
            let known = self.labels[before as usize].cost.weight;
            known.saturating_add(hop) < weight
        };
        if behind.from(node).iter().any(|hop| is_late(hop.to, hop.cost.weight)) {
            return None;
        }
        for hop in ahead.from(node) {
            self.reach(hop.to, cost.then(hop.cost), node);
        }
        Some((node, cost))
    }

    /// All nodes from the seed to `node`.
    fn chain(&self, node: u32) -> Vec<u32> {
        let mut chain = vec![node];
        let mut last = node;
        while self.labels[last as usize].before != NONE {
            last = self.labels[last as usize].before;
            chain.push(last);
        }
        chain.reverse();
        chain
    }
}

/// Working memory of searches in one hierarchy.
#[derive(Debug)]
pub(crate) struct Scratch {
    forward: Side,
    backward: Side,
}

/// The best meeting of two searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meeting {
    node: u32,
    /// Sum of both sides.
    pub cost: Cost,
}

impl Scratch {
    pub fn new(node_count: usize) -> Self {
        Self { forward: Side::new(node_count), backward: Side::new(node_count) }
    }

    /// The best way from a start to an end.
    pub fn meet(&mut self, hierarchy: &Hierarchy, starts: &[Seed], ends: &[Seed]) -> Option<Meeting> {
        self.forward.begin(starts);
        self.backward.begin(ends);
        let mut best: Option<Meeting> = None;
        loop {
            let (ahead, back) = (self.forward.least(), self.backward.least());
            if ahead.min(back) >= best.map_or(u32::MAX, |meeting| meeting.cost.weight) {
                return best;
            }
            let (own, other) = if ahead <= back {
                (self.forward.settle(&hierarchy.out, &hierarchy.into), &self.backward)
            } else {
                (self.backward.settle(&hierarchy.into, &hierarchy.out), &self.forward)
            };
            if let Some((node, cost)) = own {
                consider(&mut best, node, cost, other);
            }
        }
    }

    /// The numbers of the nodes from a start to an end over the last meeting, with all hops between important nodes.
    pub fn chain(&self, meeting: &Meeting) -> Vec<u32> {
        let mut chain = self.forward.chain(meeting.node);
        let mut rest = self.backward.chain(meeting.node);
        rest.reverse();
        chain.extend(&rest[1..]);
        chain
    }

    /// Climbs from the starts to all that can be reached.
    pub fn climb_forward(&mut self, hierarchy: &Hierarchy, starts: &[Seed]) {
        self.forward.begin(starts);
        while !self.forward.queue.is_empty() {
            self.forward.settle(&hierarchy.out, &hierarchy.into);
        }
    }

    /// Climbs from the ends to all from which they can be reached.
    pub fn climb_backward(&mut self, hierarchy: &Hierarchy, ends: &[Seed]) {
        self.backward.begin(ends);
        while !self.backward.queue.is_empty() {
            self.backward.settle(&hierarchy.into, &hierarchy.out);
        }
    }

    /// The best way from the starts of the last [`Scratch::climb_forward`] to these ends.
    pub fn meet_forward(&mut self, hierarchy: &Hierarchy, ends: &[Seed]) -> Option<Cost> {
        self.backward.begin(ends);
        join(&mut self.backward, (&hierarchy.into, &hierarchy.out), &self.forward)
    }

    /// The best way from these starts to the ends of the last [`Scratch::climb_backward`].
    pub fn meet_backward(&mut self, hierarchy: &Hierarchy, starts: &[Seed]) -> Option<Cost> {
        self.forward.begin(starts);
        join(&mut self.forward, (&hierarchy.out, &hierarchy.into), &self.backward)
    }

    /// Calls `found` with all nodes to which climbing from the starts is of use.
    pub fn each_forward(&mut self, hierarchy: &Hierarchy, starts: &[Seed], mut found: impl FnMut(u32, Cost)) {
        self.forward.begin(starts);
        while !self.forward.queue.is_empty() {
            if let Some((node, cost)) = self.forward.settle(&hierarchy.out, &hierarchy.into) {
                found(node, cost);
            }
        }
    }

    /// Calls `found` with all nodes from which climbing to the ends is of use.
    pub fn each_backward(&mut self, hierarchy: &Hierarchy, ends: &[Seed], mut found: impl FnMut(u32, Cost)) {
        self.backward.begin(ends);
        while !self.backward.queue.is_empty() {
            if let Some((node, cost)) = self.backward.settle(&hierarchy.into, &hierarchy.out) {
                found(node, cost);
            }
        }
    }
}

fn consider(best: &mut Option<Meeting>, node: u32, cost: Cost, other: &Side) {
    let there = other.labels[node as usize].cost;
    if there.weight == u32::MAX {
        return;
    }
    let sum = cost.then(there);
    if best.is_none_or(|best| sum.weight < best.cost.weight) {
        *best = Some(Meeting { node, cost: sum });
    }
}

fn join(own: &mut Side, (ahead, behind): (&Climb, &Climb), other: &Side) -> Option<Cost> {
    let mut best: Option<Meeting> = None;
    while own.least() < best.map_or(u32::MAX, |meeting| meeting.cost.weight) {
        if let Some((node, cost)) = own.settle(ahead, behind) {
            consider(&mut best, node, cost, other);
        }
    }
    best.map(|meeting| meeting.cost)
}
