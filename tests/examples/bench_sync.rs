//! How fast the first sync is: rows from the real server over loopback into the encrypted cache, against (a) a bare prepared insert of
//! the same rows into an encrypted file and (b) PouchDB replicating them from express-pouchdb.
//!
//! Ours and the bare insert take turns; the median of the rounds' ratios counts. PouchDB takes minutes: one round, and where
//! `--pouch-rows` says so fewer rows; both sides are compared in rows per second.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

#[path = "bench_sync/bare_insert.rs"]
mod bare_insert;
#[path = "bench_sync/first_sync.rs"]
mod first_sync;
#[path = "bench_sync/pouch.rs"]
mod pouch;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use serde_json::json;
use tests::figures::write_result;

use first_sync::Source;

/// `cargo xtask bench sync`.
#[derive(Parser)]
struct Arguments {
    /// Rows to sync.
    #[arg(long, default_value_t = 100_000)]
    rows: usize,
    /// Rounds of ours against the bare insert.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Rows for PouchDB; 0 leaves it out.
    #[arg(long, default_value_t = 100_000)]
    pouch_rows: usize,
    /// Where PouchDB is installed.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/peers/pouchdb"))]
    pouch_folder: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("SQLite {}, rows {}, rounds {}", bare_insert::version()?, arguments.rows, arguments.rounds);
    let source = runtime.block_on(Source::open(arguments.rows))?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let mut rows = Vec::new();
    for round in 1..=arguments.rounds {
        let synced = runtime.block_on(source.first_sync())?;
        ensure!(synced.rows.len() >= arguments.rows, "{} rows arrived", synced.rows.len());
        let inserted = bare_insert::insert(&synced.rows)?;
        eprintln!("round {round}: ours {:.2?}, bare insert {inserted:.2?}; {}", synced.took, synced.phases);
        ours.push(per_second(synced.rows.len(), synced.took));
        bare.push(per_second(synced.rows.len(), inserted));
        rows = synced.rows;
    }
    runtime.block_on(source.close());
    let insert_ratio = median(ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect());
    let ours_median = median(ours.clone());
    let pouch = (arguments.pouch_rows > 0)
        .then(|| pouch::replicate(&arguments.pouch_folder, rows.iter().take(arguments.pouch_rows)))
        .transpose()?;
    let pouch_ratio = pouch.as_ref().map(|pouch| ours_median / pouch.rows_per_second);
    write_result(&json!({
        "bench": "sync", "rows": arguments.rows, "insert_ratio": insert_ratio, "pouch_ratio": pouch_ratio,
        "ours_rows_per_second": ours, "bare_insert_rows_per_second": bare,
        "pouch": pouch.as_ref().map(|pouch| json!({
            "rows": pouch.rows, "rows_per_second": pouch.rows_per_second, "versions": pouch.versions,
        })),
    }))?;
    let pouch_ratio = pouch_ratio.map_or_else(|| "none".to_owned(), |ratio| format!("{ratio:.1}"));
    println!("bench sync: insert_ratio={insert_ratio:.2} pouch_ratio={pouch_ratio} rows={}", arguments.rows);
    Ok(())
}

fn per_second(rows: usize, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
