//! Strongly connected components: which junctions reach each other by the rules of the road.

/// The component number of each node; numbers are arbitrary but dense. `arcs` are (from, to).
///
/// Kosaraju's two searches, written with an own stack: a country's roads would overflow the thread's.
pub(crate) fn strong_components(node_count: usize, arcs: &[(u32, u32)]) -> Vec<u32> {
    let out = Adjacency::new(node_count, arcs.iter().copied());
    let back = Adjacency::new(node_count, arcs.iter().map(|(from, to)| (*to, *from)));
    let mut component = vec![u32::MAX; node_count];
    let mut found = 0;
    for root in finish_order(node_count, &out).into_iter().rev() {
        if component[root as usize] != u32::MAX {
            continue;
        }
        component[root as usize] = found;
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            for &next in back.of(node) {
                if component[next as usize] == u32::MAX {
                    component[next as usize] = found;
                    stack.push(next);
                }
            }
        }
        found += 1;
    }
    component
}

fn finish_order(node_count: usize, out: &Adjacency) -> Vec<u32> {
    let mut order = Vec::with_capacity(node_count);
    let mut is_seen = vec![false; node_count];
    for root in 0..node_count as u32 {
        if std::mem::replace(&mut is_seen[root as usize], true) {
            continue;
        }
        let mut stack = vec![(root, 0)];
        while let Some((node, next_index)) = stack.last_mut() {
            match out.of(*node).get(*next_index) {
                Some(&next) => {
                    *next_index += 1;
                    if !std::mem::replace(&mut is_seen[next as usize], true) {
                        stack.push((next, 0));
                    }
                }
                None => {
                    order.push(*node);
                    stack.pop();
                }
            }
        }
    }
    order
}

/// Neighbours of each node in one array.
struct Adjacency {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    fn new(node_count: usize, arcs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0_u32; node_count + 1];
        for (from, _) in arcs.clone() {
            starts[from as usize + 1] += 1;
        }
        for node in 0..node_count {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; starts[node_count] as usize];
        for (from, to) in arcs {
            targets[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
        Self { starts, targets }
    }

    fn of(&self, node: u32) -> &[u32] {
        &self.targets[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Who reaches whom, the slow and obvious way.
    fn reaches(count: usize, arcs: &[(u32, u32)]) -> Vec<Vec<bool>> {
        let mut reach = vec![vec![false; count]; count];
        (0..count).for_each(|node| reach[node][node] = true);
        arcs.iter().for_each(|(from, to)| reach[*from as usize][*to as usize] = true);
        for via in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reach[from][to] |= reach[from][via] && reach[via][to];
                }
            }
        }
        reach
    }

    proptest! {
        #[test]
        fn same_component_means_there_and_back(arcs in proptest::collection::vec((0_u32..12, 0_u32..12), 0..40)) {
            let component = strong_components(12, &arcs);
            let reach = reaches(12, &arcs);
            for from in 0..12 {
                for to in 0..12 {
                    let both_ways = reach[from][to] && reach[to][from];
                    prop_assert_eq!(component[from] == component[to], both_ways, "junctions {} and {}", from, to);
                }
            }
        }
    }

    #[test]
    fn a_very_long_road_does_not_overflow_the_stack() {
        let count = 1_000_000_u32;
        let arcs: Vec<_> = (1..count).map(|node| (node - 1, node)).collect();
        let component = strong_components(count as usize, &arcs);
        assert_ne!(component[0], component[count as usize - 1], "nobody comes back on a one-way road");
    }
}
