//! Parts of roads, and the shape and times of a route put together from them.

use crate::graph::{Edge, RoadGraph};
use crate::route::Route;
use crate::snap::{between, metres};
use domain::LonLat;

/// Part of a road, between two shares of its length; driven forward if `from` ≤ `to`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub edge: u32,
    pub from: f64,
    pub to: f64,
}

impl Part {
    pub fn is_forward(&self) -> bool {
        self.from <= self.to
    }

    pub fn share(&self) -> f64 {
        (self.to - self.from).abs()
    }

    pub fn ms(&self, graph: &RoadGraph) -> u32 {
        graph.edges[self.edge as usize].part_ms(self.is_forward(), self.share())
    }
}

/// Points and times of a route while it is put together.
#[derive(Default)]
pub(crate) struct Shape {
    points: Vec<LonLat>,
    seconds: Vec<f32>,
    distance_m: f64,
    ms: f64,
}

impl Shape {
    pub fn add(&mut self, graph: &RoadGraph, part: &Part) {
        let edge = &graph.edges[part.edge as usize];
        let points = cut(graph, edge, part);
        let lengths: Vec<f64> = points.windows(2).map(|pair| pair[0].distance_m(pair[1])).collect();
        let total: f64 = lengths.iter().sum();
        let part_ms = f64::from(part.ms(graph));
        if self.points.is_empty() {
            self.push(points[0], self.ms);
        }
        let mut done = 0.0;
        for (point, length) in points[1..].iter().zip(&lengths) {
            done += length;
            let share = if total > 0.0 { done / total } else { 1.0 };
            self.push(*point, self.ms + part_ms * share);
        }
        self.ms += part_ms;
        self.distance_m += total;
    }

    /// Time goes by before a turn: the junction is reached later.
    pub fn wait(&mut self, ms: u32) {
        self.ms += f64::from(ms);
        if let Some(last) = self.seconds.last_mut() {
            *last = (self.ms / 1000.0) as f32;
        }
    }

    fn push(&mut self, point: LonLat, ms: f64) {
        let secs = (ms / 1000.0) as f32;
        if self.points.last() != Some(&point) {
            self.points.push(point);
            self.seconds.push(secs);
        } else if let Some(last) = self.seconds.last_mut() {
            *last = secs.max(*last);
        }
    }

    pub fn finish(mut self, start: LonLat, end: LonLat, ms: u32) -> Route {
        let duration_secs = f64::from(ms) / 1000.0;
        if self.points.is_empty() {
            self.push(start, 0.0);
        }
        if self.points.len() == 1 {
            self.points.push(end);
            self.seconds.push(duration_secs as f32);
        }
        if let Some(first) = self.seconds.first_mut() {
            *first = 0.0;
        }
        Route { duration_secs, distance_m: self.distance_m, points: self.points, seconds: self.seconds }
    }
}

/// The points of a part of a road in the direction of travel, at least two.
fn cut(graph: &RoadGraph, edge: &Edge, part: &Part) -> Vec<LonLat> {
    let shape = graph.shape(edge);
    let total: f64 = shape.windows(2).map(|pair| metres(pair[0], pair[1])).sum();
    let (low, high) = (part.from.min(part.to) * total, part.from.max(part.to) * total);
    let mut points = Vec::with_capacity(shape.len());
    let mut done = 0.0;
    for pair in shape.windows(2) {
        let length = metres(pair[0], pair[1]);
        let share_of =
            |metre: f64| if length > 0.0 { ((metre - done) / length).clamp(0.0, 1.0) } else { 0.0 };
        if done + length >= low && points.is_empty() {
            points.push(between(pair[0], pair[1], share_of(low)));
        }
        if !points.is_empty() && done + length < high {
            points.push(pair[1].lon_lat());
        }
        if done + length >= high {
            points.push(between(pair[0], pair[1], share_of(high)));
            break;
        }
        done += length;
    }
    let last = shape[shape.len() - 1].lon_lat();
    while points.len() < 2 {
        points.push(last);
    }
    if !part.is_forward() {
        points.reverse();
    }
    points
}
