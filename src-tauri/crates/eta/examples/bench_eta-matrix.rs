//! `cargo xtask bench eta-matrix [-- --osm FILE …]`: all pairs of 1,000 places, ours against OSRM's table, pairs per second.
//!
//! Both sides look up the roads of all places within the measured time and have one thread. OSRM's answer is taken over a kept HTTP
//! connection on loopback until its last byte, as its users get it, which for a million numbers is a good part of its time; where the
//! wheel's Python bindings load, its time without HTTP is told as well. Ours gives lengths too. With several extracts the worst
//! figure closes the report.

#[path = "bench_eta/mod.rs"]
mod bench_eta;

use anyhow::{Context, Result};
use bench_eta::clock::{median, quantile, timed};
use bench_eta::http::Connection;
use bench_eta::in_process::InProcess;
use bench_eta::{Options, Region, close, deviation_pct, text};
use domain::LonLat;
use eta::{Matrix, RouteError, Snap};
use serde_json::{Value, json};
use std::path::Path;

const PLACES: usize = 1_000;

fn main() -> Result<()> {
    let options = Options::read()?;
    let mut worst = f64::INFINITY;
    let mut figures = Vec::new();
    for osm in &options.osm {
        let figure = compare(osm, &options)?;
        worst = worst.min(figure["ratio"].as_f64().context("no ratio")?);
        figures.push(figure);
    }
    let line = format!("bench eta-matrix: ratio={worst:.2}");
    close(&line, &json!({ "bench": "eta-matrix", "line": line, "regions": figures }))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn compare(osm: &Path, options: &Options) -> Result<Value> {
    let region = Region::import(osm)?;
    let (osrm, mut connection) = bench_eta::osrm(osm)?;
    let places: Vec<LonLat> = region.places(3).take(options.questions.unwrap_or(PLACES)).collect();
    let deviations = deviations(&ours(&region, &places)?, &mut connection, &places)?;
    let pairs = (places.len() * places.len()) as f64;
    let question = path(&places);
    let (mut our_rates, mut their_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let (matrix, took) = timed(|| ours(&region, &places));
        std::hint::black_box(&matrix?);
        our_rates.push(pairs / took.as_secs_f64());
        let (answer, took) = timed(|| connection.get(&question).map(<[u8]>::len));
        answer?;
        their_rates.push(pairs / took.as_secs_f64());
        ratios.push(our_rates[our_rates.len() - 1] / their_rates[their_rates.len() - 1]);
    }
    let engine = InProcess::start(&osrm);
    let without_http =
        engine.map(|mut engine| in_process_rate(&mut engine, &places, options.rounds)).transpose()?;
    let figure = json!({
        "region": region.name,
        "graph": region.made,
        "peer": osrm.version,
        "places": places.len(),
        "ratio": median(&ratios),
        "ratios": ratios,
        "ours_pairs_per_s": median(&our_rates),
        "osrm_http_pairs_per_s": median(&their_rates),
        "osrm_in_process_pairs_per_s": without_http,
        "dur_med_pct": median(&deviations),
        "dur_p95_pct": quantile(&deviations, 0.95),
    });
    println!("{figure}");
    Ok(figure)
}

fn ours(region: &Region, places: &[LonLat]) -> Result<Matrix, RouteError> {
    let snaps: Result<Vec<Snap>, _> = places.iter().map(|at| region.router.snap_main(*at)).collect();
    let snaps = snaps?;
    Ok(region.router.matrix(&snaps, &snaps))
}

fn path(places: &[LonLat]) -> String {
    let places: Vec<String> = places.iter().map(|at| text(*at)).collect();
    format!("/table/v1/driving/{}", places.join(";"))
}

fn deviations(ours: &Matrix, connection: &mut Connection, places: &[LonLat]) -> Result<Vec<f64>> {
    let answer: Value = serde_json::from_slice(connection.get(&path(places))?)?;
    let theirs = answer["durations"].as_array().with_context(|| format!("no table: {}", answer["code"]))?;
    let mut deviations = Vec::with_capacity(places.len() * places.len());
    for (row, theirs) in theirs.iter().enumerate() {
        for (column, theirs) in theirs.as_array().context("no row")?.iter().enumerate() {
            if let (Some(ours), Some(theirs)) = (ours.leg(row, column), theirs.as_f64()) {
                deviations.push(deviation_pct(ours.duration_secs, theirs));
            }
        }
    }
    Ok(deviations)
}

fn in_process_rate(engine: &mut InProcess, places: &[LonLat], rounds: usize) -> Result<f64> {
    let places: Vec<[f64; 2]> = places.iter().map(|at| [at.lon(), at.lat()]).collect();
    let pairs = (places.len() * places.len()) as f64;
    let questions = vec![places; rounds];
    let secs = engine.secs(&json!({ "kind": "table", "questions": questions }))?;
    Ok(pairs / median(&secs))
}
