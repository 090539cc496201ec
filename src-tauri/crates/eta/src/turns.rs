//! Turns: from which road one gets into which other, and how long that takes.

use crate::graph::{Arc, Edge, Point};
use crate::profile::{RoadClass, TurnRules};
use crate::restriction::Bans;
use serde::{Deserialize, Serialize};

/// Getting from the end of one arc to the beginning of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub to: u32,
    /// Milliseconds.
    pub ms: u32,
    /// Milliseconds, and more where the turn leads into a road that isn't for passing through.
    pub weight: u32,
}

/// The turns after each arc.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turns {
    /// One more than there are arcs.
    pub starts: Vec<u32>,
    pub list: Vec<Turn>,
}

impl Turns {
    pub fn after(&self, arc: u32) -> &[Turn] {
        &self.list[self.starts[arc as usize] as usize..self.starts[arc as usize + 1] as usize]
    }

    pub fn from_lists(lists: impl Iterator<Item = Vec<Turn>>) -> Self {
        let mut turns = Self { starts: vec![0], list: Vec::new() };
        for list in lists {
            turns.list.extend(list);
            turns.starts.push(turns.list.len() as u32);
        }
        turns
    }
}

/// Passing through a private yard is worth a detour of an hour.
const INTO_RESTRICTED_WEIGHT: u32 = 3_600_000;
/// The direction of a road at a junction is taken this far away from it (m): nearer points only tell how it was drawn.
const DIRECTION_AFTER_M: f64 = 10.0;

/// Roads before they are cleaned, as the turns see them.
pub(crate) struct Street {
    pub edge: Edge,
    /// Direction in which it leaves its first and its last junction, degrees clockwise from north.
    pub leaves_deg: (f64, f64),
    /// Waiting at the end of a drive forward and backward, milliseconds.
    pub waits_ms: (u32, u32),
    pub is_roundabout: bool,
}

impl Street {
    pub fn ends(&self, forward: bool) -> (u32, u32) {
        if forward { (self.edge.from, self.edge.to) } else { (self.edge.to, self.edge.from) }
    }

    /// Degrees clockwise from north in which a drive begins.
    fn begins_deg(&self, forward: bool) -> f64 {
        if forward { self.leaves_deg.0 } else { self.leaves_deg.1 }
    }

    /// Degrees clockwise from north in which a drive ends.
    fn ends_deg(&self, forward: bool) -> f64 {
        self.begins_deg(!forward) + 180.0
    }
}

/// The direction of a shape at its first point, degrees clockwise from north.
pub(crate) fn leaving_deg<'a>(shape: impl Iterator<Item = &'a Point> + Clone) -> f64 {
    let mut points = shape.map(|point| point.lon_lat());
    let Some(first) = points.next() else { return 0.0 };
    let mut last = first;
    for point in points {
        last = point;
        if first.distance_m(point) >= DIRECTION_AFTER_M {
            break;
        }
    }
    first.bearing_deg(last)
}

/// The arcs that may be driven, the copies that restrictions need, and all turns between them.
pub(crate) fn turns(streets: &[Street], junction_count: usize, arcs: &[Arc], bans: &Bans) -> Vec<Vec<Turn>> {
    let mut crossings = vec![Crossing::default(); junction_count];
    for street in streets {
        crossings[street.edge.from as usize].roads += 1;
        crossings[street.edge.to as usize].roads += 1;
    }
    for (number, arc) in arcs[..bans.first_copy()].iter().enumerate() {
        let (from, _) = streets[arc.edge as usize].ends(arc.forward);
        crossings[from as usize].exits.push(number as u32);
    }
    let list = |(number, arc): (usize, &Arc)| {
        let (_, junction) = streets[arc.edge as usize].ends(arc.forward);
        exits(streets, arcs, number as u32, &crossings[junction as usize], bans)
    };
    arcs.iter().enumerate().map(list).collect()
}

/// A junction.
#[derive(Debug, Clone, Default)]
struct Crossing {
    roads: u32,
    exits: Vec<u32>,
}

fn exits(streets: &[Street], arcs: &[Arc], number: u32, crossing: &Crossing, bans: &Bans) -> Vec<Turn> {
    let arc = arcs[number as usize];
    let is_back =
        |exit: u32| arcs[exit as usize].edge == arc.edge && arcs[exit as usize].forward != arc.forward;
    let turn = |exit: u32| {
        let (ms, weight) = turn_cost(streets, arc, arcs[exit as usize], crossing.roads, bans.rules());
        Turn { to: bans.redirected(number, exit), ms, weight }
    };
    let may = |exit: &&u32| !is_back(**exit) && !bans.forbid(number, **exit);
    let turns: Vec<Turn> = crossing.exits.iter().filter(may).map(|exit| turn(*exit)).collect();
    if !turns.is_empty() {
        return turns;
    }
    // Where there is no other way, one turns round.
    crossing.exits.iter().filter(|exit| is_back(**exit)).map(|exit| turn(*exit)).collect()
}

/// Turning round in the middle of traffic, at the end of arc `from` into the other direction `to` of the same road.
pub(crate) fn turn_round(streets: &[Street], from: Arc, (number, to): (u32, Arc), rules: &TurnRules) -> Turn {
    let (ms, weight) = turn_cost(streets, from, to, 1, rules);
    Turn { to: number, ms, weight }
}

fn turn_cost(streets: &[Street], from: Arc, to: Arc, roads: u32, rules: &TurnRules) -> (u32, u32) {
    let (before, after) = (&streets[from.edge as usize], &streets[to.edge as usize]);
    let is_back = from.edge == to.edge;
    let wait_ms = if from.forward { before.waits_ms.0 } else { before.waits_ms.1 };
    let is_ferry = |street: &Street| street.edge.class == RoadClass::Ferry;
    let is_event = roads > 2 || is_back || is_ferry(before) != is_ferry(after);
    let turned = (after.begins_deg(to.forward) - before.ends_deg(from.forward)).rem_euclid(360.0);
    let angle_deg = if turned > 180.0 { turned - 360.0 } else { turned };
    let in_roundabout = before.is_roundabout || after.is_roundabout;
    let mut ms = f64::from(wait_ms);
    if is_event {
        ms += rules.slowing_ms(angle_deg);
        if roads > 2 && !is_back && !in_roundabout {
            ms += rules.oncoming_ms(angle_deg);
        }
        if is_back {
            ms += rules.back_ms;
        }
    }
    let ms = ms.round() as u32;
    let enters = after.edge.manner.is_restricted && !before.edge.manner.is_restricted;
    (ms, if enters { ms.saturating_add(INTO_RESTRICTED_WEIGHT) } else { ms })
}
