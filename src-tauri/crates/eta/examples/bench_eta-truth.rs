//! `cargo xtask bench eta-truth [-- --osm FILE --traces FILE]`: who arrives when, against when they really did.
//!
//! A simulated rush hour is replayed fix by fix. Every vehicle is asked for every two minutes, as long as it is 2–30 minutes before
//! its last fix, which is its arrival: how long from here to there? Ours is the router's way with the speeds that were learnt from
//! the fixes of all vehicles before that second, and from nothing later; theirs is OSRM's `/route`, whose speeds are those of the
//! map. Both start at the vehicle's place with its heading. The figure is our median absolute error in parts of theirs; beside it
//! stands how often the chain's P90 holds, which should be nine times in ten.

#[expect(dead_code, reason = "the other benches ask for more")]
#[path = "bench_eta/mod.rs"]
mod bench_eta;
#[path = "bench_eta-truth/p90.rs"]
mod p90;
#[path = "bench_eta-truth/traces.rs"]
mod traces;
#[path = "bench_eta-truth/variants.rs"]
mod variants;

use anyhow::{Context, Result, ensure};
use bench_eta::clock::{median, quantile, timed};
use bench_eta::http::Connection;
use bench_eta::{Region, close, text};
use clap::Parser;
use domain::LonLat;
use eta::{Place, Router};
use serde_json::{Value, json};
use std::path::PathBuf;
use traces::Traces;
use variants::{Learnt, VARIANTS};

/// Ours against OSRM and the truth.
#[derive(Parser)]
struct Options {
    /// OSM extract (.osm.pbf). By default Oslo East of the folder in OFFICETRACK_DATA
    #[arg(long)]
    osm: Option<PathBuf>,
    /// Traces of vehicles (.csv.gz: t,id,lon,lat,speed_mps,heading_deg). By default those of Oslo East
    #[arg(long)]
    traces: Option<PathBuf>,
    /// A vehicle is asked for again after so many seconds
    #[arg(long, default_value_t = 120)]
    every: u32,
    /// Only so many percent of the vehicles report what is learnt from; all are asked for
    #[arg(long, default_value_t = 100)]
    reporting: u32,
    /// `cargo bench` and `cargo run` hand this over; it says nothing here
    #[arg(long, hide = true)]
    bench: bool,
}

/// A question, its answers and the truth; seconds.
struct Asked {
    from: Place,
    to: LonLat,
    left_secs: f64,
    ours: [f64; VARIANTS.len()],
    /// One in ten is later than this, as the chain says; seconds.
    p90_secs: f64,
    /// The way that is driven is about as long as ours.
    is_same_way: bool,
    /// The simulation ends before the vehicle arrives: its last place then is not where it wanted to go.
    is_cut_off: bool,
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn main() -> Result<()> {
    let options = Options::parse();
    let data = |path: &str| bench_eta::data_folder().join(path);
    let osm = options.osm.unwrap_or_else(|| data("osm/oslo-east.osm.pbf"));
    let traces =
        Traces::read(&options.traces.unwrap_or_else(|| data("gps/sumo-oslo-east-3001veh-5s.csv.gz")))?;
    let region = Region::import(&osm)?;
    println!("{} vehicles, {} fixes", traces.vehicles(), traces.fixes.len());
    let (asked, learnt) = replay(&region.router, &traces, (options.every, options.reporting))?;
    let (osrm, mut connection) = bench_eta::osrm(&osm)?;
    let mut errors = Errors::default();
    for question in &asked {
        if let Some(theirs) = their_secs(&mut connection, question)? {
            errors.add(question, theirs);
        }
    }
    ensure!(!errors.theirs.is_empty(), "OSRM knows no way for any question");
    let figures = errors.figures(&learnt);
    println!("{figures:#}");
    let (ratio, n) = (figures["ratio"].as_f64().context("no ratio")?, errors.theirs.len());
    let line = format!("bench eta-truth: ratio={ratio:.2} n={n}");
    close(
        &line,
        &json!({ "bench": "eta-truth", "line": line, "peer": osrm.version, "reporting_pct": options.reporting, "graph": region.made, "figures": figures }),
    )
}

/// Goes through the fixes in order: each second's questions are answered before its fixes are learnt from.
fn replay(router: &Router, traces: &Traces, (every, reporting): (u32, u32)) -> Result<(Vec<Asked>, Learnt)> {
    let (mut learnt, mut asked) = (Learnt::default(), Vec::new());
    let end = traces.fixes.last().map_or(0, |fix| fix.secs);
    for moment in traces.fixes.chunk_by(|a, b| a.secs == b.secs) {
        for fix in moment {
            let (arrives, to) = traces.arrival(fix.vehicle).context("a vehicle without an end")?;
            let left = arrives - fix.secs;
            let is_turn = (fix.secs + fix.vehicle * 35) % every < 5;
            if is_turn && (120..=1_800).contains(&left) {
                let Some((ours, way_m)) = learnt.predict(router, fix, to) else { continue };
                asked.push(Asked {
                    from: fix.place,
                    to,
                    left_secs: f64::from(left),
                    ours,
                    p90_secs: p90::of_one_drive(ours[variants::SHIPPED]).context("no arrival")?,
                    is_same_way: (way_m / fix.left_m.max(1.0) - 1.0).abs() < SAME_WAY,
                    is_cut_off: arrives == end,
                });
            }
        }
        // A stride that meets every hundredth: numbers of vehicles follow their starts.
        let reported = moment.iter().filter(|fix| fix.vehicle * 37 % 100 < reporting);
        let (count, took) = timed(|| reported.map(|fix| learnt.learn(router, fix)).count());
        learnt.took += took;
        learnt.fixes += count;
    }
    Ok((asked, learnt))
}

fn their_secs(connection: &mut Connection, asked: &Asked) -> Result<Option<f64>> {
    let path =
        format!("/route/v1/driving/{};{}?overview=false&steps=false", text(asked.from.at), text(asked.to));
    // Without a road in that direction nearby, OSRM refuses; it is asked again without the heading.
    if let Some(heading) = asked.from.heading_deg {
        let with_heading = format!("{path}&bearings={:.0},60;", heading.rem_euclid(360.0).min(359.0));
        let answer: Value = serde_json::from_slice(connection.get(&with_heading)?)?;
        if let Some(secs) = answer["routes"][0]["duration"].as_f64() {
            return Ok(Some(secs));
        }
    }
    let answer: Value = serde_json::from_slice(connection.get(&path)?)?;
    Ok(answer["routes"][0]["duration"].as_f64())
}

/// Ways whose lengths differ by less than this share are taken for the same.
const SAME_WAY: f64 = 0.05;

/// Predicted minus true seconds.
#[derive(Default)]
struct Errors {
    left_secs: Vec<f64>,
    is_same_way: Vec<bool>,
    is_cut_off: Vec<bool>,
    is_within_p90: Vec<bool>,
    theirs: Vec<f64>,
    ours: [Vec<f64>; VARIANTS.len()],
}

/// Minutes before the arrival, by which errors are told as well.
const HORIZONS: [(f64, f64); 4] = [(2.0, 5.0), (5.0, 10.0), (10.0, 20.0), (20.0, 30.1)];

impl Errors {
    fn add(&mut self, asked: &Asked, theirs: f64) {
        self.left_secs.push(asked.left_secs);
        self.is_same_way.push(asked.is_same_way);
        self.is_cut_off.push(asked.is_cut_off);
        self.is_within_p90.push(asked.left_secs <= asked.p90_secs);
        self.theirs.push(theirs - asked.left_secs);
        for (errors, ours) in self.ours.iter_mut().zip(asked.ours) {
            errors.push(ours - asked.left_secs);
        }
    }

    fn figures(&self, learnt: &Learnt) -> Value {
        let theirs = self.summary(&self.theirs);
        let mut variants = serde_json::Map::new();
        for (name, errors) in VARIANTS.iter().zip(&self.ours) {
            variants.insert((*name).to_owned(), self.summary(errors));
        }
        let all = vec![true; self.theirs.len()];
        json!({
            "ratio": self.of_those(&all, true)["ratio"],
            "on_the_same_way": self.of_those(&self.is_same_way, true),
            "on_another_way": self.of_those(&self.is_same_way, false),
            "arrived": self.of_those(&self.is_cut_off, false),
            "cut_off": self.of_those(&self.is_cut_off, true),
            "p90_holds_pct": self.p90_holds(),
            "osrm": theirs,
            "ours": variants,
            "learnt": learnt.told(),
        })
    }

    /// Of the questions with this mark: their number, and both sides' median errors.
    fn of_those(&self, marks: &[bool], wanted: bool) -> Value {
        let pick = |errors: &[f64]| -> Vec<f64> {
            let marked = errors.iter().zip(marks).filter(|(_, mark)| **mark == wanted);
            marked.map(|(error, _)| error.abs()).collect()
        };
        let (ours, theirs) = (pick(&self.ours[variants::SHIPPED]), pick(&self.theirs));
        let (ours_secs, theirs_secs) = (median(&ours), median(&theirs));
        json!({
            "n": ours.len(),
            "ours_abs_p50": round(ours_secs),
            "osrm_abs_p50": round(theirs_secs),
            "ratio": ours_secs / theirs_secs,
        })
    }

    /// How many of a hundred come before their P90, in all and by minutes before the arrival; of those that arrive, and of all.
    fn p90_holds(&self) -> Value {
        let asked = self.is_within_p90.iter().zip(&self.left_secs).zip(&self.is_cut_off);
        let asked: Vec<(bool, f64, bool)> =
            asked.map(|((held, left), cut_off)| (*held, left / 60.0, *cut_off)).collect();
        let share = |(from, until): (f64, f64), with_cut_off: bool| {
            let own = asked
                .iter()
                .filter(|(_, left, cut_off)| (from..until).contains(left) && (with_cut_off || !cut_off));
            let (held, all) =
                own.fold((0, 0), |(held, all), (is_held, ..)| (held + usize::from(*is_held), all + 1));
            round(f64::from(held as u32) / f64::from(all.max(1) as u32) * 100.0)
        };
        let by_horizon = HORIZONS.map(|minutes| {
            let text = format!("{:.0}-{:.0}", minutes.0, minutes.1);
            json!({ "minutes": text, "arrived": share(minutes, false), "all": share(minutes, true) })
        });
        let any = (0.0, f64::INFINITY);
        json!({ "arrived": share(any, false), "all": share(any, true), "by_horizon": by_horizon })
    }

    fn summary(&self, errors: &[f64]) -> Value {
        let by_horizon = HORIZONS.map(|(from, until)| {
            let within = |(_, left): &(&f64, &f64)| (from..until).contains(&(**left / 60.0));
            let own: Vec<f64> = errors.iter().zip(&self.left_secs).filter(within).map(|(error, _)| *error).collect();
            json!({ "minutes": format!("{from:.0}-{until:.0}"), "n": own.len(), "abs_p50": round(median(&absolute(&own))), "bias_p50": round(median(&own)) })
        });
        let all = absolute(errors);
        json!({
            "abs_p50": round(median(&all)),
            "abs_p90": round(quantile(&all, 0.9)),
            "abs_mean": round(all.iter().sum::<f64>() / all.len() as f64),
            "bias_p50": round(median(errors)),
            "by_horizon": by_horizon,
        })
    }
}

fn absolute(errors: &[f64]) -> Vec<f64> {
    errors.iter().map(|error| error.abs()).collect()
}

fn round(secs: f64) -> f64 {
    (secs * 10.0).round() / 10.0
}
