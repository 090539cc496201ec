//! A way as the roads it takes: what can be said better of a road than its usual speed is said here, stretch by stretch.

use crate::graph::RoadGraph;
use crate::hierarchy::Cost;
use crate::profile::RoadClass;
use crate::route::Leg;
use crate::shape::Part;

/// A way by the roads it takes, without its shape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drive {
    /// Usual time and length of the whole.
    pub leg: Leg,
    /// Its roads in order. Their times add up to that of the whole but for turning round at the start.
    pub stretches: Vec<Stretch>,
}

/// A part of a way on one road in one direction, with the turn at its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// What kind of road.
    pub class: RoadClass,
    /// Which road in which direction: the same number always means the same in one graph, and nothing in another.
    pub road: u32,
    /// Usual time, seconds.
    pub usual_secs: f64,
    /// Length, metres.
    pub length_m: f64,
}

impl Drive {
    pub(crate) fn new(cost: Cost) -> Self {
        Self { leg: Leg::from(cost), stretches: Vec::new() }
    }

    /// Goes on along a part of a road; the turn into it is waited for on the road before.
    pub(crate) fn add(&mut self, graph: &RoadGraph, wait_ms: u32, part: &Part) {
        if let Some(before) = self.stretches.last_mut() {
            before.usual_secs += f64::from(wait_ms) / 1_000.0;
        }
        let edge = &graph.edges[part.edge as usize];
        self.stretches.push(Stretch {
            class: edge.class,
            road: part.edge << 1 | u32::from(part.is_forward()),
            usual_secs: f64::from(part.ms(graph)) / 1_000.0,
            length_m: f64::from(edge.length_mm) / 1_000.0 * part.share(),
        });
    }

    /// Seconds when each stretch takes `factor` times its usual time.
    pub fn secs(&self, mut factor: impl FnMut(&Stretch) -> f64) -> f64 {
        let surplus = |stretch: &Stretch| stretch.usual_secs * (factor(stretch) - 1.0);
        (self.leg.duration_secs + self.stretches.iter().map(surplus).sum::<f64>()).max(0.0)
    }
}
