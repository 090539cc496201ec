//! `cargo xtask bench fence [-- --points FILE --fences FILE]`: points per second against shapely, bulk, one thread each.
//!
//! Ours does more: each point is a fix of somebody, so besides the fences that contain it the engine keeps who has entered, left and
//! stayed too long. Both answers are asked for within the measured time. shapely looks up the boxes in an STR-tree and asks the
//! prepared polygons, all points at once, which is the fastest that it offers. Both sides have one thread, and their processor time
//! counts: on an idle machine that is the time that passes, on a busy one it is still what the work takes. Fences are made ready
//! once for all rounds on both sides, which is reported by itself; each round of ours begins with nothing known of anybody. Not
//! measured on either side: reading files; for shapely neither making geometries of the points.
//!
//! Without arguments the points and fences are those of the folder in `OFFICETRACK_DATA`, by default `../shared/data` beside the
//! workspace.

#[path = "bench_fence/data.rs"]
mod data;
#[path = "../tests/reference/model.rs"]
mod model;
#[path = "bench_fence/peer.rs"]
mod peer;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use clap::Parser;
use domain::{GroupId, ResourceId};
use fence::{EventKind, FenceEngine};
use serde_json::json;
use uuid::Uuid;

use data::{Fences, Points, fence_of};
use peer::Peer;

/// Points per second, ours against shapely.
#[derive(Parser)]
struct Options {
    /// CSV (or .gz) with columns named like latitude and longitude, and TrackID if there are several tracks
    #[arg(long)]
    points: Option<PathBuf>,
    /// GeoJSON (or .gz) of polygons; may be given several times
    #[arg(long)]
    fences: Vec<PathBuf>,
    /// Rounds, ours and theirs in turn
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Ours only, for a profiler
    #[arg(long)]
    alone: bool,
    /// No measurement: compare all events with those of the plain rules, which looks at every edge for every point
    #[arg(long)]
    reference: bool,
}

/// (number of the point, number of the fence)
type Hit = (u32, u32);

/// What one round of ours took and found.
struct Ours {
    took: Duration,
    hits: Vec<Hit>,
    /// Entered, left, dwelt.
    events: [usize; 3],
}

/// The comparison with one set of fences.
struct Comparison {
    name: String,
    ratio: f64,
    equal: bool,
    figures: serde_json::Value,
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn main() -> Result<()> {
    let options = Options::parse();
    let folder = data::folder();
    let points = options.points.unwrap_or_else(|| folder.join("gps/berlin-traces.csv.gz"));
    let files = if options.fences.is_empty() {
        ["berlin-1000.geojson", "berlin-10000.geojson.gz"]
            .map(|name| folder.join("fences").join(name))
            .to_vec()
    } else {
        options.fences
    };
    ensure!(options.rounds >= 5, "a median of fewer than 5 rounds says little");
    let read = Points::read(&points).with_context(|| format!("points of {}", points.display()))?;
    if options.alone {
        return alone(&read, &files, options.rounds);
    }
    if options.reference {
        return files.iter().try_for_each(|file| same_events(&read, &Fences::read(file)?));
    }
    let mut peer = Peer::start(&points)?;
    println!("peer: {}", peer.versions);
    let mut all = Vec::new();
    for file in files {
        let fences = Fences::read(&file).with_context(|| format!("fences of {}", file.display()))?;
        all.push(compare(&read, &fences, &mut peer, options.rounds)?);
    }
    let ratios: Vec<String> = all.iter().map(|it| format!("ratio_{}={:.2}", it.name, it.ratio)).collect();
    let equal = all.iter().all(|it| it.equal);
    let figures: Vec<_> = all.iter().map(|it| it.figures.clone()).collect();
    let line = format!("bench fence: {} hits_equal={equal}", ratios.join(" "));
    if let Some(file) = std::env::var_os("OFFICETRACK_RESULT") {
        let result = json!({"bench": "fence", "line": line, "peer": peer.versions, "sets": figures});
        std::fs::write(file, serde_json::to_vec_pretty(&result)?)?;
    }
    println!("{line}");
    ensure!(equal, "the hits differ");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn alone(points: &Points, files: &[PathBuf], rounds: usize) -> Result<()> {
    for file in files {
        let mut desk = Desk::new(&Fences::read(file)?);
        let secs: Vec<f64> = (0..rounds).map(|_| desk.round(points).took.as_secs_f64()).collect();
        let least = secs.iter().copied().fold(f64::INFINITY, f64::min);
        let ns = |secs: f64| secs * 1e9 / points.fixes.len() as f64;
        println!("{}: {:.1} ns per point, at best {:.1}", file.display(), ns(median(&secs)), ns(least));
    }
    Ok(())
}

/// (who, at which fence, what, when)
type Told = (ResourceId, u128, EventKind, DateTime<Utc>);

/// Fails if the engine says anything else than the rules without indexes.
#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn same_events(points: &Points, fences: &Fences) -> Result<()> {
    let watched: Vec<_> = fences.areas.iter().map(|(number, shape)| fence_of(*number, shape)).collect();
    let (mut engine, team) = (FenceEngine::new(), GroupId(Uuid::nil()));
    engine.set_fences(watched.clone());
    let mut plain: BTreeMap<ResourceId, model::Reference> = BTreeMap::new();
    let mut ours: Vec<Told> = Vec::new();
    for (resource, fix) in &points.fixes {
        plain.entry(*resource).or_default().take(fix, &watched);
        let events = engine.on_fix(*resource, team, fix, fix.fix_time).into_iter();
        ours.extend(events.map(|event| (*resource, event.poi.0.as_u128(), event.kind, event.event_time)));
    }
    let told = |(resource, reference): (&ResourceId, &model::Reference)| -> Vec<Told> {
        reference.told.iter().map(|(poi, kind, time)| (*resource, *poi, *kind, *time)).collect()
    };
    let mut theirs: Vec<Told> = plain.iter().flat_map(told).collect();
    let order = |told: &Told| (told.0, told.1, told.3, format!("{:?}", told.2));
    ours.sort_by_cached_key(order);
    theirs.sort_by_cached_key(order);
    let (count, of) = (ours.len(), watched.len());
    ensure!(ours == theirs, "{of} fences: {count} events, {} by the plain rules", theirs.len());
    println!("{of} fences, {} points: the same {count} events as by the plain rules", points.fixes.len());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn compare(points: &Points, fences: &Fences, peer: &mut Peer, rounds: usize) -> Result<Comparison> {
    let their_build_secs = peer.load(fences)?;
    let mut desk = Desk::new(fences);
    let our_build_secs = desk.build.as_secs_f64();
    let (count, of) = (points.fixes.len() as f64, fences.areas.len());
    println!("{of} fences: made ready in {our_build_secs:.3} s, by shapely in {their_build_secs:.3} s");
    let first = desk.round(points);
    let mut hits = first.hits;
    hits.sort_unstable();
    let equal = hits == peer.hits()?;
    let (mut our_secs, mut their_secs, mut with_points_secs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (ours, theirs) = (desk.round(points), peer.round()?);
        ensure!(ours.events == first.events, "each round begins with nothing known");
        let our_round = ours.took.as_secs_f64();
        println!(
            "{of} fences, round {round}: ours {:.0} points/s, shapely {:.0} (with making the points {:.0})",
            count / our_round,
            count / theirs.secs,
            count / (theirs.secs + theirs.points_secs)
        );
        our_secs.push(our_round);
        their_secs.push(theirs.secs);
        with_points_secs.push(theirs.secs + theirs.points_secs);
    }
    let ratio = ratio(&our_secs, &their_secs);
    let ratio_with_points = self::ratio(&our_secs, &with_points_secs);
    let name = if of.is_multiple_of(1000) { format!("{}k", of / 1000) } else { of.to_string() };
    println!(
        "{of} fences: {} hits (equal: {equal}), entered/left/dwelt {:?}; ours {:.0} points/s, shapely {:.0}; ratio {ratio:.2}, with making the points {ratio_with_points:.2}",
        hits.len(),
        first.events,
        count / median(&our_secs),
        count / median(&their_secs),
    );
    let figures = json!({
        "fences": of, "points": points.fixes.len(), "hits": hits.len(), "hits_equal": equal, "refused": fences.refused,
        "ratio": ratio, "ratio_with_making_points": ratio_with_points,
        "our_secs": our_secs, "their_secs": their_secs, "their_secs_with_making_points": with_points_secs,
        "our_build_secs": our_build_secs, "their_build_secs": their_build_secs,
    });
    Ok(Comparison { name, ratio, equal, figures })
}

/// Our side: an engine that knows the fences, as shapely has its tree and its prepared polygons.
struct Desk {
    engine: FenceEngine,
    /// What checking, preparing and indexing the fences took.
    build: Duration,
}

impl Desk {
    fn new(fences: &Fences) -> Self {
        let mut engine = FenceEngine::new();
        let fences: Vec<_> = fences.areas.iter().map(|(number, shape)| fence_of(*number, shape)).collect();
        let start = busy();
        let refused = engine.set_fences(fences);
        let build = busy() - start;
        assert!(refused.is_empty(), "fences were checked when they were read");
        Self { engine, build }
    }

    /// All points once, by resources that nothing is known of.
    fn round(&mut self, points: &Points) -> Ours {
        points.fixes.iter().for_each(|(resource, _)| self.engine.forget(*resource));
        let team = GroupId(Uuid::nil());
        let (mut hits, mut events) = (Vec::with_capacity(points.fixes.len() * 16), [0; 3]);
        let start = busy();
        for (number, (resource, fix)) in (0..).zip(&points.fixes) {
            for event in self.engine.on_fix(*resource, team, fix, fix.fix_time) {
                match event.kind {
                    EventKind::Entered => events[0] += 1,
                    EventKind::Left => events[1] += 1,
                    EventKind::Dwelt { .. } => events[2] += 1,
                    EventKind::Crossed | EventKind::Absent { .. } | EventKind::Retracted => {}
                }
            }
            hits.extend(self.engine.containing(fix.at).map(|poi| (number, poi.0.as_u128() as u32)));
        }
        Ours { took: busy() - start, hits, events }
    }
}

/// Processor time of this thread.
fn busy() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The median of the rounds' ratios, points per second.
fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(&ours.iter().zip(theirs).map(|(ours, theirs)| theirs / ours).collect::<Vec<_>>())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
