//! `cargo xtask bench eta-fleet [-- --osm FILE …]`: one new position, and how long it takes from there to each of 50 stops; ours
//! against OSRM's 1×50 table.
//!
//! Stops stay where they are while positions change, so their roads are looked up once ([`eta::Snap`]s are kept); the position's road
//! is looked up within the measured time, and everything else too. OSRM gets all 51 places each time, over a kept HTTP connection on
//! loopback, until the last byte of the answer; it has no way to keep a place. Where the wheel's Python bindings load, OSRM's time
//! without HTTP is told as well, and so is ours with the roads of all 51 places looked up anew. Ours gives lengths too. With
//! several extracts the worst figure closes the report.

#[path = "bench_eta/mod.rs"]
mod bench_eta;

use anyhow::{Context, Result, ensure};
use bench_eta::clock::{median, timed};
use bench_eta::http::Connection;
use bench_eta::in_process::InProcess;
use bench_eta::{Options, Region, close, deviation_pct, text};
use domain::LonLat;
use eta::Snap;
use serde_json::{Value, json};
use std::path::Path;

const STOPS: usize = 50;
const POSITIONS: usize = 1_000;

/// The stops of one resource, and where it is.
struct Tour {
    at: LonLat,
    stops: Vec<LonLat>,
    snaps: Vec<Snap>,
}

fn main() -> Result<()> {
    let options = Options::read()?;
    let mut worst = 0.0_f64;
    let mut figures = Vec::new();
    for osm in &options.osm {
        let figure = compare(osm, &options)?;
        worst = worst.max(figure["ratio_p50"].as_f64().context("no ratio")?);
        figures.push(figure);
    }
    let line = format!("bench eta-fleet: ratio_p50={worst:.3}");
    close(&line, &json!({ "bench": "eta-fleet", "line": line, "regions": figures }))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn compare(osm: &Path, options: &Options) -> Result<Value> {
    let region = Region::import(osm)?;
    let (osrm, mut connection) = bench_eta::osrm(osm)?;
    let tours = tours(&region, options.questions.unwrap_or(POSITIONS))?;
    let deviations = deviations(&region, &mut connection, &tours[..tours.len().min(100)])?;
    let (mut ours, mut unkept, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        ours.push(median(&our_round(&region, &tours)));
        theirs.push(median(&their_round(&mut connection, &tours)?));
        ratios.push(ours[ours.len() - 1] / theirs[theirs.len() - 1]);
        unkept.push(median(&unkept_round(&region, &tours)));
    }
    let without_http =
        InProcess::start(&osrm).map(|mut engine| in_process_us(&mut engine, &tours)).transpose()?;
    let figure = json!({
        "region": region.name,
        "graph": region.made,
        "peer": osrm.version,
        "positions": tours.len(),
        "stops": STOPS,
        "ratio_p50": median(&ratios),
        "ratios": ratios,
        "ours_p50_us": median(&ours),
        "ours_nothing_kept_p50_us": median(&unkept),
        "osrm_http_p50_us": median(&theirs),
        "osrm_in_process_p50_us": without_http,
        "dur_med_pct": median(&deviations),
    });
    println!("{figure}");
    Ok(figure)
}

fn tours(region: &Region, count: usize) -> Result<Vec<Tour>> {
    let mut places = region.places(2);
    let mut tours = Vec::with_capacity(count);
    while tours.len() < count {
        let at = places.next().context("no place")?;
        let stops: Vec<LonLat> = places.by_ref().take(STOPS).collect();
        let snaps: Result<Vec<Snap>, _> = stops.iter().map(|stop| region.router.snap_main(*stop)).collect();
        tours.push(Tour { at, snaps: snaps?, stops });
    }
    ensure!(tours.iter().all(|tour| tour.snaps.len() == STOPS), "each has its stops");
    Ok(tours)
}

fn path(tour: &Tour) -> String {
    let stops: Vec<String> = tour.stops.iter().map(|stop| text(*stop)).collect();
    format!("/table/v1/driving/{};{}?sources=0", text(tour.at), stops.join(";"))
}

/// Microseconds of each position.
fn our_round(region: &Region, tours: &[Tour]) -> Vec<f64> {
    let ask = |tour: &Tour| {
        let (legs, took) = timed(|| {
            region.router.snap_main(tour.at).map(|from| region.router.one_to_many(&from, &tour.snaps))
        });
        std::hint::black_box(&legs);
        took.as_secs_f64() * 1e6
    };
    tours.iter().map(ask).collect()
}

fn unkept_round(region: &Region, tours: &[Tour]) -> Vec<f64> {
    let ask = |tour: &Tour| {
        let (legs, took) = timed(|| region.router.legs(tour.at, &tour.stops));
        std::hint::black_box(&legs);
        took.as_secs_f64() * 1e6
    };
    tours.iter().map(ask).collect()
}

fn their_round(connection: &mut Connection, tours: &[Tour]) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(tours.len());
    for tour in tours {
        let question = path(tour);
        let (answer, took) = timed(|| connection.get(&question).map(<[u8]>::len));
        answer?;
        times.push(took.as_secs_f64() * 1e6);
    }
    Ok(times)
}

/// Both sides answer the same question.
fn deviations(region: &Region, connection: &mut Connection, tours: &[Tour]) -> Result<Vec<f64>> {
    let mut deviations = Vec::new();
    for tour in tours {
        let answer: Value = serde_json::from_slice(connection.get(&path(tour))?)?;
        let theirs = answer["durations"][0].as_array().with_context(|| format!("no table: {answer}"))?;
        let from = region.router.snap_main(tour.at)?;
        let ours = region.router.one_to_many(&from, &tour.snaps);
        // The first is the way to where one is.
        for (ours, theirs) in ours.iter().zip(&theirs[1..]) {
            if let (Some(ours), Some(theirs)) = (ours, theirs.as_f64()) {
                deviations.push(deviation_pct(ours.duration_secs, theirs));
            }
        }
    }
    Ok(deviations)
}

fn in_process_us(engine: &mut InProcess, tours: &[Tour]) -> Result<f64> {
    let places = |tour: &Tour| -> Vec<[f64; 2]> {
        std::iter::once(&tour.at).chain(&tour.stops).map(|at| [at.lon(), at.lat()]).collect()
    };
    let questions: Vec<Vec<[f64; 2]>> = tours.iter().map(places).collect();
    let secs = engine.secs(&json!({ "kind": "table", "sources": [0], "questions": questions }))?;
    Ok(median(&secs) * 1e6)
}
