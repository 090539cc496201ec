//! Contraction: one node after the other is taken out of the graph, the least important first, and shortcuts keep the shortest
//! ways between those that remain.

use super::{Base, DIRECT, Link, Skeleton};
use crate::hierarchy::witness::Witness;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

/// How many nodes a witness search looks at before a shortcut is simply added: few while only guessing at an importance.
const GUESS_LIMIT: usize = 60;
const FINAL_LIMIT: usize = 600;
/// Progress is told, and a wish to stop noticed, each time this many nodes are done.
const PROGRESS_STEP: usize = 256;

/// A way from or to a neighbour that isn't contracted yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Half {
    pub node: u32,
    pub weight: u32,
    /// The contracted node it leads over, or [`DIRECT`].
    pub via: u32,
    /// Number of ways of the base graph it stands for.
    pub hops: u32,
}

/// Finds the order and the shortcuts. `progress` gets the share done, 0…1; `Break` stops it and gives `None`.
pub(crate) fn contract(
    base: &Base<'_>,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Option<Skeleton> {
    let mut work = Contraction::new(base);
    let count = work.out.len();
    let mut queue: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::with_capacity(count);
    for node in 0..count as u32 {
        work.importance[node as usize] = work.guess_importance(node);
        queue.push(Reverse((work.importance[node as usize], node)));
        if (node as usize).is_multiple_of(PROGRESS_STEP) {
            stop_if(progress(0.3 * node as f32 / count as f32))?;
        }
    }
    while let Some(Reverse((importance, node))) = queue.pop() {
        if work.is_done[node as usize] || importance != work.importance[node as usize] {
            continue;
        }
        for neighbour in work.take_out(node) {
            let new = work.guess_importance(neighbour);
            if new != work.importance[neighbour as usize] {
                work.importance[neighbour as usize] = new;
                queue.push(Reverse((new, neighbour)));
            }
        }
        if work.order.len().is_multiple_of(PROGRESS_STEP) {
            stop_if(progress(0.3 + 0.7 * work.order.len() as f32 / count as f32))?;
        }
    }
    Some(work.finish())
}

fn stop_if(wish: ControlFlow<()>) -> Option<()> {
    match wish {
        ControlFlow::Continue(()) => Some(()),
        ControlFlow::Break(()) => None,
    }
}

struct Contraction {
    /// Ways out of and into each node; of a contracted node those that remain are its way up.
    out: Vec<Vec<Half>>,
    into: Vec<Vec<Half>>,
    level: Vec<u32>,
    importance: Vec<u64>,
    is_done: Vec<bool>,
    order: Vec<u32>,
    witness: Witness,
}

/// A way that must be kept when the node between is gone.
struct Shortcut {
    from: u32,
    to: u32,
    weight: u32,
    hops: u32,
}

impl Contraction {
    fn new(base: &Base<'_>) -> Self {
        let count = base.node_count();
        let mut work = Self {
            out: vec![Vec::new(); count],
            into: vec![Vec::new(); count],
            level: vec![0; count],
            importance: vec![0; count],
            is_done: vec![false; count],
            order: Vec::with_capacity(count),
            witness: Witness::new(count),
        };
        for from in 0..count as u32 {
            for (to, weight) in base.ways(from) {
                // A way back to itself is never part of a shortest one.
                if to != from {
                    work.keep(&Shortcut { from, to, weight, hops: 1 }, DIRECT);
                }
            }
        }
        work
    }

    /// Of several ways between the same nodes the shortest is kept.
    fn keep(&mut self, way: &Shortcut, via: u32) {
        let half = |node| Half { node, weight: way.weight, via, hops: way.hops };
        for (list, half) in [
            (&mut self.out[way.from as usize], half(way.to)),
            (&mut self.into[way.to as usize], half(way.from)),
        ] {
            match list.iter_mut().find(|known| known.node == half.node) {
                Some(known) if known.weight > half.weight => *known = half,
                Some(_) => {}
                None => list.push(half),
            }
        }
    }

    /// Contracts a node; its neighbours are returned.
    fn take_out(&mut self, node: u32) -> Vec<u32> {
        for shortcut in self.shortcuts(node, FINAL_LIMIT) {
            self.keep(&shortcut, node);
        }
        let here = node as usize;
        self.is_done[here] = true;
        self.order.push(node);
        let mut neighbours: Vec<u32> =
            self.out[here].iter().chain(&self.into[here]).map(|half| half.node).collect();
        neighbours.sort_unstable();
        neighbours.dedup();
        for neighbour in &neighbours {
            let neighbour = *neighbour as usize;
            self.out[neighbour].retain(|half| half.node != node);
            self.into[neighbour].retain(|half| half.node != node);
            self.level[neighbour] = self.level[neighbour].max(self.level[here] + 1);
        }
        neighbours
    }

    /// What would have to be added were this node gone.
    fn shortcuts(&mut self, node: u32, limit: usize) -> Vec<Shortcut> {
        let (into, out) = (&self.into[node as usize], &self.out[node as usize]);
        let longest_out = out.iter().map(|half| half.weight).max().unwrap_or(0);
        let mut shortcuts = Vec::new();
        for first in into {
            if out.iter().all(|second| second.node == first.node) {
                continue;
            }
            let farthest = first.weight.saturating_add(longest_out);
            self.witness.search(&self.out, first.node, node, (farthest, limit));
            for second in out.iter().filter(|second| second.node != first.node) {
                let weight = first.weight.saturating_add(second.weight);
                if self.witness.weight(second.node) > weight {
                    let hops = first.hops + second.hops;
                    shortcuts.push(Shortcut { from: first.node, to: second.node, weight, hops });
                }
            }
        }
        shortcuts
    }

    /// Small for nodes whose removal makes the graph simpler, and for those on whose side little was removed so far.
    fn guess_importance(&mut self, node: u32) -> u64 {
        let shortcuts = self.shortcuts(node, GUESS_LIMIT);
        let here = node as usize;
        let halves = self.out[here].iter().chain(&self.into[here]);
        let (removed, removed_hops) =
            halves.fold((0_u64, 0_u64), |(count, hops), half| (count + 1, hops + u64::from(half.hops)));
        let added_hops: u64 = shortcuts.iter().map(|shortcut| u64::from(shortcut.hops)).sum();
        let level = u64::from(self.level[here]) * 1_000;
        level + 1_000 * shortcuts.len() as u64 / removed.max(1) + 1_000 * added_hops / removed_hops.max(1)
    }

    fn finish(self) -> Skeleton {
        let count = self.order.len();
        let mut number = vec![0_u32; count];
        for (position, node) in self.order.iter().enumerate() {
            number[*node as usize] = (count - 1 - position) as u32;
        }
        let order: Vec<u32> = self.order.iter().rev().copied().collect();
        let links = |lists: &[Vec<Half>]| {
            let of = |node: &u32| {
                let link = |half: &Half| Link {
                    to: number[half.node as usize],
                    via: if half.via == DIRECT { DIRECT } else { number[half.via as usize] },
                };
                let mut links: Vec<Link> = lists[*node as usize].iter().map(link).collect();
                links.sort_unstable_by_key(|link| link.to);
                links
            };
            order.iter().map(of).collect()
        };
        Skeleton { out: links(&self.out), into: links(&self.into), order }
    }
}
