//! The rules of the engine without indexes, cells and shortcuts: every fix measures every edge of every fence.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::PoiId;
use domain::place::{Fence, FenceShape, PolygonArea};
use domain::position::Fix;
use fence::{EventKind, too_fast};

const M_PER_DEG: f64 = domain::geo::EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

/// Seconds and metres: all that the rules look at.
#[derive(Clone, Copy)]
struct Seen {
    time: DateTime<Utc>,
    dist: f64,
    acc: f64,
}

/// What is known at one fence. Runs are kept whole.
#[derive(Clone)]
enum Know {
    Unsure { inside: Vec<Seen>, outside: Vec<Seen> },
    Out,
    Coming(Vec<Seen>),
    In { since: DateTime<Utc>, dwelt: bool },
    Going { since: DateTime<Utc>, dwelt: bool, run: Vec<Seen> },
}

/// (which fence, what, when)
pub type Told = (u128, EventKind, DateTime<Utc>);

/// What is known of one resource, and what was told.
#[derive(Default)]
pub struct Reference {
    last: Option<Fix>,
    strange: Option<Fix>,
    know: BTreeMap<u128, Know>,
    pub told: Vec<Told>,
}

impl Reference {
    /// One more fix of somebody.
    pub fn take(&mut self, fix: &Fix, fences: &[(PoiId, Fence)]) {
        let jumped = self.last.is_some_and(|last| too_fast(&last, fix));
        match self.strange.take() {
            Some(strange) if jumped && !too_fast(&strange, fix) => {
                self.judge(&strange, fences);
                self.judge(fix, fences);
            }
            _ if jumped => self.strange = Some(*fix),
            _ => self.judge(fix, fences),
        }
    }

    fn judge(&mut self, fix: &Fix, fences: &[(PoiId, Fence)]) {
        let first = self.last.is_none();
        let gap = self.last.is_some_and(|last| fix.fix_time - last.fix_time > TimeDelta::minutes(10));
        self.last = Some(*fix);
        for (poi, fence) in fences {
            let poi = poi.0.as_u128();
            let seen = Seen {
                time: fix.fix_time,
                dist: distance(&fence.shape, fix.at),
                acc: f64::from(fix.accuracy_95_m()),
            };
            let near = seen.dist - seen.acc <= 0.0;
            let before = match self.know.remove(&poi).unwrap_or(Know::Out) {
                Know::Out if first && near => Know::Unsure { inside: vec![], outside: vec![] },
                Know::Unsure { .. } if gap => Know::Unsure { inside: vec![], outside: vec![] },
                Know::Coming(_) if gap => Know::Out,
                Know::Going { since, dwelt, .. } if gap => Know::In { since, dwelt },
                other @ (Know::Unsure { .. }
                | Know::Out
                | Know::Coming(_)
                | Know::In { .. }
                | Know::Going { .. }) => other,
            };
            let margin = (fence.shape.size_m() * 0.1).max(25.0);
            let (after, event) = step(before, seen, margin);
            self.told.extend(event.map(|(kind, time)| (poi, kind, time)));
            let after = self.dwell(poi, after, fence, seen.time);
            self.know.insert(poi, after);
        }
    }

    fn dwell(&mut self, poi: u128, know: Know, fence: &Fence, now: DateTime<Utc>) -> Know {
        let Some(secs) = fence.dwell_secs else { return know };
        let due = |since: DateTime<Utc>| since + TimeDelta::seconds(i64::from(secs));
        let mut tell = |since| self.told.push((poi, EventKind::Dwelt { secs }, due(since)));
        match know {
            Know::In { since, dwelt: false } if due(since) <= now => {
                tell(since);
                Know::In { since, dwelt: true }
            }
            Know::Going { since, dwelt: false, run } if due(since) <= now.min(run[0].time) => {
                tell(since);
                Know::Going { since, dwelt: true, run }
            }
            other @ (Know::Unsure { .. }
            | Know::Out
            | Know::Coming(_)
            | Know::In { .. }
            | Know::Going { .. }) => other,
        }
    }
}

fn inside(seen: &Seen) -> bool {
    seen.dist + seen.acc <= 0.0
}

/// Two fixes that say so, long enough apart.
fn lasts(run: &[Seen], says: impl Fn(&Seen) -> bool, secs: i64) -> bool {
    run.iter().filter(|seen| says(seen)).count() >= 2
        && run[run.len() - 1].time - run[0].time >= TimeDelta::seconds(secs)
}

fn deep(run: &[Seen], margin: f64) -> bool {
    let count = run.len() as f64;
    let mean = |of: &dyn Fn(&Seen) -> f64| run.iter().map(of).sum::<f64>() / count;
    // As much of a distance as can matter.
    mean(&|seen| seen.dist.max(-3.0 * seen.acc - margin - 1.0)) + mean(&|seen| seen.acc) * 3.0 / count.sqrt()
        <= 0.0
}

/// Whether fixes that do not say so are the majority.
fn broken(run: &[Seen], says: impl Fn(&Seen) -> bool) -> bool {
    let saying = run.iter().filter(|seen| says(seen)).count();
    run.len() - saying > saying
}

fn longer(mut run: Vec<Seen>, seen: Seen) -> Vec<Seen> {
    run.push(seen);
    run
}

fn step(know: Know, seen: Seen, margin: f64) -> (Know, Option<(EventKind, DateTime<Utc>)>) {
    let outside = |seen: &Seen| seen.dist - seen.acc > 0.0;
    let gone = |seen: &Seen| seen.dist - seen.acc > margin;
    match know {
        Know::Unsure { inside: ins, outside: outs } => (unsure(ins, outs, seen, margin), None),
        Know::Out if inside(&seen) => (Know::Coming(vec![seen]), None),
        Know::Coming(_) if outside(&seen) => (Know::Out, None),
        Know::Coming(run) => {
            let run = longer(run, seen);
            if inside(&seen) && lasts(&run, inside, 30) && deep(&run, margin) {
                let since = run[0].time;
                (Know::In { since, dwelt: false }, Some((EventKind::Entered, since)))
            } else if broken(&run, inside) {
                (Know::Out, None)
            } else {
                (Know::Coming(run), None)
            }
        }
        Know::In { since, dwelt } if gone(&seen) => (Know::Going { since, dwelt, run: vec![seen] }, None),
        Know::Going { since, dwelt, .. } if inside(&seen) => (Know::In { since, dwelt }, None),
        Know::Going { since, dwelt, run } => {
            let run = longer(run, seen);
            if gone(&seen) && lasts(&run, gone, 60) {
                (Know::Out, Some((EventKind::Left, run[0].time)))
            } else if broken(&run, gone) {
                (Know::In { since, dwelt }, None)
            } else {
                (Know::Going { since, dwelt, run }, None)
            }
        }
        other @ (Know::Out | Know::In { .. }) => (other, None),
    }
}

fn unsure(ins: Vec<Seen>, outs: Vec<Seen>, seen: Seen, margin: f64) -> Know {
    let outside = |seen: &Seen| seen.dist - seen.acc > 0.0;
    let going_on = |run: Vec<Seen>, says: fn(&Seen) -> bool| {
        let run = if run.is_empty() { run } else { longer(run, seen) };
        if broken(&run, says) { vec![] } else { run }
    };
    if outside(&seen) {
        let outs = longer(outs, seen);
        return if lasts(&outs, outside, 30) {
            Know::Out
        } else {
            Know::Unsure { inside: vec![], outside: outs }
        };
    }
    if inside(&seen) {
        let ins = longer(ins, seen);
        let since = ins[0].time;
        let sure = lasts(&ins, inside, 30) && deep(&ins, margin);
        return if sure {
            Know::In { since, dwelt: false }
        } else {
            Know::Unsure { inside: ins, outside: vec![] }
        };
    }
    Know::Unsure { inside: going_on(ins, inside), outside: going_on(outs, |seen| seen.dist - seen.acc > 0.0) }
}

/// Signed distance by looking at every edge, in the plane around the point.
fn distance(shape: &FenceShape, at: LonLat) -> f64 {
    let to_edges = |line: &[LonLat], closed: bool| {
        let ends = line.iter().skip(1).chain(line.iter().take(usize::from(closed)));
        line.iter()
            .zip(ends)
            .map(|(a, b)| to_edge(at, *a, *b))
            .fold((f64::INFINITY, false), |(least, odd), (m, crosses)| (least.min(m), odd ^ crosses))
    };
    let in_area = |area: &PolygonArea| {
        let (mut least, mut is_in) = to_edges(&area.outer, true);
        for hole in &area.holes {
            let (to_hole, in_hole) = to_edges(hole, true);
            (least, is_in) = (least.min(to_hole), is_in && !in_hole);
        }
        if is_in { -least } else { least }
    };
    match shape {
        FenceShape::Circle { center, radius_m } => center.distance_m(at) - radius_m,
        FenceShape::Polygon { area } => in_area(area),
        FenceShape::MultiPolygon { areas } => areas.iter().map(in_area).fold(f64::INFINITY, f64::min),
        FenceShape::Corridor { line, half_width_m } => to_edges(line, false).0 - half_width_m,
    }
}

/// Metres to an edge, and whether a ray to the east crosses it.
fn to_edge(at: LonLat, a: LonLat, b: LonLat) -> (f64, bool) {
    let scale = at.lat().to_radians().cos() * M_PER_DEG;
    let wrap = |lon: f64| (lon + 540.0).rem_euclid(360.0) - 180.0;
    let plane = |p: LonLat| (wrap(p.lon() - at.lon()) * scale, (p.lat() - at.lat()) * M_PER_DEG);
    let ((ax, ay), (bx, by)) = (plane(a), plane(b));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let crosses = (ay > 0.0) != (by > 0.0) && ax - ay * dx / dy > 0.0;
    ((ax + dx * share).hypot(ay + dy * share), crosses)
}
