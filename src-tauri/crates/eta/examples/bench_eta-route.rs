//! `cargo xtask bench eta-route [-- --osm FILE …]`: random pairs, ours against OSRM: time of one route, and whether both say the
//! same duration.
//!
//! A question is "from this place to that one: duration, length and the whole shape". Ours is a call; OSRM's is what its users have,
//! a request over a kept HTTP connection on loopback, until the last byte of the answer (reading its JSON isn't counted). Where
//! the wheel's Python bindings load, OSRM's time without HTTP is told as well. Places lie on roads, so that both sides mean the
//! same one; a pair counts if both sides know a way. With several extracts the worst figure closes the report.

#[path = "bench_eta/mod.rs"]
mod bench_eta;

use anyhow::{Context, Result, ensure};
use bench_eta::clock::{median, quantile, timed};
use bench_eta::http::Connection;
use bench_eta::in_process::InProcess;
use bench_eta::{Options, Region, close, deviation_pct, text};
use domain::LonLat;
use serde_json::{Value, json};
use std::path::Path;

const PAIRS: usize = 10_000;

type Pair = (LonLat, LonLat);

fn main() -> Result<()> {
    let options = Options::read()?;
    let mut worst = [0.0_f64; 3];
    let mut figures = Vec::new();
    for osm in &options.osm {
        let figure = compare(osm, &options)?;
        for (worst, name) in worst.iter_mut().zip(["ratio_p50", "dur_med_pct", "dur_p95_pct"]) {
            *worst = worst.max(figure[name].as_f64().context("a figure is missing")?);
        }
        figures.push(figure);
    }
    let [ratio, med, p95] = worst;
    let line = format!("bench eta-route: ratio_p50={ratio:.3} dur_med_pct={med:.1} dur_p95_pct={p95:.1}");
    close(&line, &json!({ "bench": "eta-route", "line": line, "regions": figures }))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn compare(osm: &Path, options: &Options) -> Result<Value> {
    let region = Region::import(osm)?;
    let (osrm, mut connection) = bench_eta::osrm(osm)?;
    let wanted = options.questions.unwrap_or(PAIRS);
    let agreed = Agreed::find(&region, &mut connection, wanted)?;
    let deviations: Vec<f64> =
        agreed.secs.iter().map(|(ours, theirs)| deviation_pct(*ours, *theirs)).collect();
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        ours.push(median(&our_round(&region, &agreed.pairs)));
        theirs.push(median(&their_round(&mut connection, &agreed.pairs)?));
        ratios.push(ours[ours.len() - 1] / theirs[theirs.len() - 1]);
    }
    let without_http = InProcess::start(&osrm).map(|mut engine| in_process_us(&mut engine, &agreed.pairs));
    let without_http = without_http.transpose()?;
    let figure = json!({
        "region": region.name,
        "graph": region.made,
        "peer": osrm.version,
        "pairs": agreed.pairs.len(),
        "unroutable": agreed.refused,
        "ratio_p50": median(&ratios),
        "ratios": ratios,
        "ours_p50_us": median(&ours),
        "osrm_http_p50_us": median(&theirs),
        "osrm_in_process_p50_us": without_http,
        "dur_med_pct": median(&deviations),
        "dur_p95_pct": quantile(&deviations, 0.95),
        "dur_p99_pct": quantile(&deviations, 0.99),
    });
    println!("{figure}");
    Ok(figure)
}

/// Pairs to which both sides know a way, and what they say it takes.
struct Agreed {
    pairs: Vec<Pair>,
    secs: Vec<(f64, f64)>,
    /// Pairs that only one side knows a way for, or none: (ours only, theirs only, neither).
    refused: (usize, usize, usize),
}

impl Agreed {
    fn find(region: &Region, connection: &mut Connection, wanted: usize) -> Result<Self> {
        let mut agreed = Self { pairs: Vec::new(), secs: Vec::new(), refused: (0, 0, 0) };
        let mut places = region.places(1);
        while agreed.pairs.len() < wanted {
            let (Some(from), Some(to)) = (places.next(), places.next()) else { break };
            let ours = region.router.route(from, to).ok().map(|route| route.duration_secs);
            let theirs = their_secs(connection, (from, to))?;
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    agreed.pairs.push((from, to));
                    agreed.secs.push((ours, theirs));
                }
                (Some(_), None) => agreed.refused.0 += 1,
                (None, Some(_)) => agreed.refused.1 += 1,
                (None, None) => agreed.refused.2 += 1,
            }
            let (ours_only, theirs_only, neither) = agreed.refused;
            ensure!(
                ours_only + theirs_only + neither < wanted,
                "most pairs have no way: {:?}",
                agreed.refused
            );
        }
        Ok(agreed)
    }
}

fn path((from, to): Pair) -> String {
    let (from, to) = (text(from), text(to));
    format!("/route/v1/driving/{from};{to}?overview=full&geometries=polyline&steps=false")
}

fn their_secs(connection: &mut Connection, pair: Pair) -> Result<Option<f64>> {
    let answer: Value = serde_json::from_slice(connection.get(&path(pair))?)?;
    Ok(answer["routes"][0]["duration"].as_f64())
}

/// Microseconds of each question.
fn our_round(region: &Region, pairs: &[Pair]) -> Vec<f64> {
    let ask = |pair: &Pair| {
        let (route, took) = timed(|| region.router.route(pair.0, pair.1));
        std::hint::black_box(&route);
        took.as_secs_f64() * 1e6
    };
    pairs.iter().map(ask).collect()
}

fn their_round(connection: &mut Connection, pairs: &[Pair]) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let question = path(*pair);
        let (answer, took) = timed(|| connection.get(&question).map(<[u8]>::len));
        answer?;
        times.push(took.as_secs_f64() * 1e6);
    }
    Ok(times)
}

fn in_process_us(engine: &mut InProcess, pairs: &[Pair]) -> Result<f64> {
    let place = |at: LonLat| [at.lon(), at.lat()];
    let questions: Vec<[[f64; 2]; 2]> = pairs.iter().map(|(from, to)| [place(*from), place(*to)]).collect();
    let secs = engine.secs(&json!({ "kind": "route", "questions": questions }))?;
    Ok(median(&secs) * 1e6)
}
