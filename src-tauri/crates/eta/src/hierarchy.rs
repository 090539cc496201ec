//! The contraction hierarchy: for each node its ways to more important ones, so that a search only ever climbs.
//!
//! Its nodes are the directed roads of a graph, numbered by importance: 0 is the most important, so that what every search
//! touches lies together in memory. A hop from road `a` to road `b` is the turn from the end of `a` and all of `b`.

mod contract;
mod witness;

pub(crate) use contract::contract;

use crate::turns::Turns;
use serde::{Deserialize, Serialize};

/// As `via` of a [`Link`]: no shortcut, but a way of the base graph.
pub(crate) const DIRECT: u32 = u32::MAX;

/// What a way costs. The search goes by `weight`; the others come along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Milliseconds, more where a road should rather be avoided.
    pub weight: u32,
    /// Milliseconds.
    pub ms: u32,
    /// Centimetres.
    pub cm: u32,
}

impl Cost {
    /// Both, one after the other. The weight saturates; time and length wrap, because a target inside a road gives part of
    /// it back as a negative number.
    pub fn then(self, next: Cost) -> Cost {
        Cost {
            weight: self.weight.saturating_add(next.weight),
            ms: self.ms.wrapping_add(next.ms),
            cm: self.cm.wrapping_add(next.cm),
        }
    }
}

/// The graph a hierarchy is made of.
pub(crate) struct Base<'a> {
    pub turns: &'a Turns,
    /// What each directed road costs from end to end.
    pub roads: &'a [Cost],
}

impl Base<'_> {
    pub fn node_count(&self) -> usize {
        self.roads.len()
    }

    /// Where one can go from a node, and what that weighs.
    pub fn ways(&self, from: u32) -> impl Iterator<Item = (u32, u32)> {
        self.turns
            .after(from)
            .iter()
            .map(|turn| (turn.to, turn.weight.saturating_add(self.roads[turn.to as usize].weight)))
    }

    fn hop(&self, from: u32, to: u32) -> Option<Cost> {
        let turn = self.turns.after(from).iter().find(|turn| turn.to == to)?;
        Some(Cost { weight: turn.weight, ms: turn.ms, cm: 0 }.then(self.roads[to as usize]))
    }
}

/// A way to a more important node, without its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub to: u32,
    /// The less important node it leads over, or [`DIRECT`].
    pub via: u32,
}

/// What must be kept of a hierarchy; the costs follow from the base graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Skeleton {
    /// The base node of each number.
    pub order: Vec<u32>,
    /// Ways from each number to more important ones.
    pub out: Vec<Vec<Link>>,
    /// Ways to each number from more important ones; `to` is where they begin.
    pub into: Vec<Vec<Link>>,
}

/// A way to a more important node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hop {
    pub to: u32,
    pub cost: Cost,
}

/// One direction of a hierarchy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Climb {
    starts: Vec<u32>,
    hops: Vec<Hop>,
    vias: Vec<u32>,
}

impl Climb {
    pub fn from(&self, node: u32) -> &[Hop] {
        &self.hops[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// The cost of the hop to `to`, and the node it leads over.
    fn find(&self, node: u32, to: u32) -> Option<(Cost, u32)> {
        let first = self.starts[node as usize] as usize;
        let index = first + self.from(node).iter().position(|hop| hop.to == to)?;
        Some((self.hops[index].cost, self.vias[index]))
    }
}

/// A hierarchy ready for questions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    /// Number → base node.
    pub order: Vec<u32>,
    /// Base node → number.
    pub numbers: Vec<u32>,
    pub out: Climb,
    pub into: Climb,
}

const IMPOSSIBLE: &str = "the hierarchy is impossible";

impl Hierarchy {
    /// Adds the costs. An error says what a damaged skeleton lacks.
    pub fn new(skeleton: &Skeleton, base: &Base<'_>) -> Result<Self, &'static str> {
        let numbers = numbers(&skeleton.order, base.node_count())?;
        if skeleton.out.len() != numbers.len() || skeleton.into.len() != numbers.len() {
            return Err(IMPOSSIBLE);
        }
        let mut made = Self {
            out: empty(&skeleton.out, &numbers)?,
            into: empty(&skeleton.into, &numbers)?,
            order: skeleton.order.clone(),
            numbers,
        };
        // The parts of a shortcut belong to a less important node, which has a higher number.
        for node in (0..skeleton.order.len() as u32).rev() {
            for (index, link) in skeleton.out[node as usize].iter().enumerate() {
                let cost = made.cost(base, node, link.to, link.via)?;
                set(&mut made.out, node, index, cost);
            }
            for (index, link) in skeleton.into[node as usize].iter().enumerate() {
                let cost = made.cost(base, link.to, node, link.via)?;
                set(&mut made.into, node, index, cost);
            }
        }
        Ok(made)
    }

    fn cost(&self, base: &Base<'_>, from: u32, to: u32, via: u32) -> Result<Cost, &'static str> {
        if via == DIRECT {
            return base.hop(self.order[from as usize], self.order[to as usize]).ok_or(IMPOSSIBLE);
        }
        if via <= from || via <= to || via as usize >= self.order.len() {
            return Err(IMPOSSIBLE);
        }
        let (first, _) = self.into.find(via, from).ok_or(IMPOSSIBLE)?;
        let (second, _) = self.out.find(via, to).ok_or(IMPOSSIBLE)?;
        Ok(first.then(second))
    }

    /// The base nodes passed on the way of one hop, without its first.
    pub fn unpack(&self, from: u32, to: u32, passed: &mut Vec<u32>) {
        let mut stack = vec![(from, to)];
        while let Some((from, to)) = stack.pop() {
            // A number is smaller, the more important its node is; hops are kept at the less important end.
            let found = if from > to { self.out.find(from, to) } else { self.into.find(to, from) };
            match found {
                Some((_, via)) if via != DIRECT => stack.extend([(via, to), (from, via)]),
                Some(_) | None => passed.push(self.order[to as usize]),
            }
        }
    }
}

fn numbers(order: &[u32], node_count: usize) -> Result<Vec<u32>, &'static str> {
    let mut numbers = vec![u32::MAX; node_count];
    for (number, node) in order.iter().enumerate() {
        match numbers.get_mut(*node as usize) {
            Some(free) if *free == u32::MAX => *free = number as u32,
            Some(_) | None => return Err("the order of importance is impossible"),
        }
    }
    if order.len() == node_count { Ok(numbers) } else { Err("the order of importance is incomplete") }
}

/// All hops without their costs.
fn empty(links: &[Vec<Link>], numbers: &[u32]) -> Result<Climb, &'static str> {
    let mut climb = Climb { starts: vec![0], hops: Vec::new(), vias: Vec::new() };
    for (node, links) in links.iter().enumerate() {
        for link in links {
            if link.to as usize >= node || link.to as usize >= numbers.len() {
                return Err(IMPOSSIBLE);
            }
            climb.hops.push(Hop { to: link.to, cost: Cost::default() });
            climb.vias.push(link.via);
        }
        climb.starts.push(u32::try_from(climb.hops.len()).map_err(|_| IMPOSSIBLE)?);
    }
    Ok(climb)
}

fn set(climb: &mut Climb, node: u32, index: usize, cost: Cost) {
    let first = climb.starts[node as usize] as usize;
    climb.hops[first + index].cost = cost;
}
