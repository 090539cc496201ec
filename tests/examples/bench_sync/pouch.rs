//! The peer that browsers use: PouchDB on leveldb, replicating from express-pouchdb over loopback; each in a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use store::Row;

/// The program and what it needs, pinned.
const FILES: &[(&str, &str)] = &[
    ("package.json", include_str!("pouchdb/package.json")),
    ("package-lock.json", include_str!("pouchdb/package-lock.json")),
    ("serve.mjs", include_str!("pouchdb/serve.mjs")),
    ("replicate.mjs", include_str!("pouchdb/replicate.mjs")),
];

/// What PouchDB managed.
pub struct Replicated {
    /// Rows that arrived.
    pub rows: u64,
    /// How fast.
    pub rows_per_second: f64,
    /// Of what.
    pub versions: String,
}

/// Replicates `rows` in the installation at `folder`, which is made when it is missing.
pub fn replicate<'a>(
    folder: &Path,
    rows: impl Iterator<Item = &'a (&'static str, Row)>,
) -> Result<Replicated> {
    let versions = install(folder)?;
    println!("peer: {versions}");
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("rows.ndjson");
    let count = write_rows(&file, rows)?;
    let mut server = Command::new("node")
        .args(["serve.mjs".as_ref(), file.as_os_str(), scratch.path().as_os_str()])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node")?;
    let replicated = server.stdout.take().context("no output").and_then(|output| {
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        let copy = scratch.path().join("copies");
        std::fs::create_dir(&copy)?;
        let done = Command::new("node")
            .args(["replicate.mjs".as_ref(), url.trim().as_ref(), copy.as_os_str()])
            .current_dir(folder)
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(done.status.success(), "the replication failed");
        Ok(serde_json::from_slice::<Value>(&done.stdout)?)
    });
    drop(server.stdin.take()); // it ends when nobody holds its input
    server.wait()?;
    let replicated = replicated?;
    let (arrived, seconds) = (replicated["rows"].as_u64(), replicated["seconds"].as_f64());
    let (arrived, seconds) = arrived.zip(seconds).context("no figures")?;
    ensure!(arrived == count, "{arrived} of {count} rows arrived");
    eprintln!("PouchDB: {arrived} rows in {seconds:.1} s");
    Ok(Replicated { rows: arrived, rows_per_second: arrived as f64 / seconds, versions })
}

/// Installs what the lock file says; answers the versions.
fn install(folder: &Path) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in FILES {
        std::fs::write(folder.join(name), text)?;
    }
    if !folder.join("node_modules/pouchdb").exists() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).stdout(Stdio::null());
        ensure!(npm.status().context("npm")?.success(), "npm could not install PouchDB");
    }
    let version = |package: &str| -> Result<String> {
        let text = std::fs::read_to_string(folder.join("node_modules").join(package).join("package.json"))?;
        let package_json: Value = serde_json::from_str(&text)?;
        Ok(format!("{package} {}", package_json["version"].as_str().unwrap_or("?")))
    };
    let node = Command::new("node").arg("--version").output().context("node")?;
    let node = String::from_utf8_lossy(&node.stdout).trim().to_owned();
    Ok(format!("{}, {}, node {node}", version("pouchdb")?, version("express-pouchdb")?))
}

fn write_rows<'a>(file: &Path, rows: impl Iterator<Item = &'a (&'static str, Row)>) -> Result<u64> {
    let mut out = BufWriter::new(File::create(file)?);
    let mut count = 0;
    for (entity, row) in rows {
        let mut document: Value = serde_json::from_str(&row.data)?;
        document["_id"] = format!("{entity}:{}", row.id).into();
        serde_json::to_writer(&mut out, &document)?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}
