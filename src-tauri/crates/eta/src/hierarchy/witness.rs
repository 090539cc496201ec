//! The search for another way that is no longer than a shortcut would be.

use super::contract::Half;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A bounded Dijkstra search with memory that is reused.
pub(super) struct Witness {
    weights: Vec<u32>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Witness {
    pub fn new(count: usize) -> Self {
        Self { weights: vec![u32::MAX; count], touched: Vec::new(), queue: BinaryHeap::new() }
    }

    /// Looks around `start` without passing `avoided`, not beyond the weight and the number of nodes given.
    pub fn search(&mut self, out: &[Vec<Half>], start: u32, avoided: u32, (farthest, limit): (u32, usize)) {
        for node in self.touched.drain(..) {
            self.weights[node as usize] = u32::MAX;
        }
        self.queue.clear();
        self.reach(start, 0);
        let mut settled = 0;
        while let Some(Reverse((weight, node))) = self.queue.pop() {
            if weight > self.weights[node as usize] {
                continue;
            }
            settled += 1;
            if weight >= farthest || settled > limit {
                break;
            }
            for half in &out[node as usize] {
                let reached = weight.saturating_add(half.weight);
                if half.node != avoided && reached <= farthest && reached < self.weights[half.node as usize] {
                    self.reach(half.node, reached);
                }
            }
        }
    }

    fn reach(&mut self, node: u32, weight: u32) {
        if self.weights[node as usize] == u32::MAX {
            self.touched.push(node);
        }
        self.weights[node as usize] = weight;
        self.queue.push(Reverse((weight, node)));
    }

    /// The weight of a way found by the last search; `u32::MAX` if there is none.
    pub fn weight(&self, node: u32) -> u32 {
        self.weights[node as usize]
    }
}
