//! OSRM: its programs out of the wheel `osrm-bindings`, its files made from the same extract with its own car profile, and a
//! server on loopback.
//!
//! "The same speeds" holds because our car profile has the values of OSRM's (classes, signs, surfaces, turns, signals); each side
//! reads the tags by itself, so that a mistake in one shows as a difference in durations.

use super::http::Connection;
use super::name_of;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PACKAGE: &str = "osrm-bindings==26.10.0";

/// A running server for one extract.
pub struct Osrm {
    process: Child,
    port: u16,
    pub version: String,
    /// The folder of the unpacked wheel.
    pub home: PathBuf,
    /// The path its programs call the data by.
    pub data: PathBuf,
}

impl Osrm {
    /// Installs OSRM if it is missing, prepares the extract if that isn't done, and starts a server.
    #[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
    pub fn start(osm: &Path) -> Result<Self> {
        let home = install()?;
        let data = prepare(&home, osm)?;
        let version = output(Command::new(home.join("osrm/bin/osrm-routed")).arg("--version"))?;
        let version = format!("OSRM {} (contraction hierarchy, own car profile)", version.trim());
        // Asked for port 0 the system gives one that is free.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let process = Command::new(home.join("osrm/bin/osrm-routed"))
            .args(["--ip", "127.0.0.1", "--port", &port.to_string(), "--threads", "1", "--algorithm", "CH"])
            .args(["--max-table-size", "4000", "--verbosity", "ERROR", "--keepalive-timeout", "600"])
            .arg(&data)
            .stdout(Stdio::null())
            .spawn()
            .context("osrm-routed")?;
        println!("peer: {version}, one thread, HTTP keep-alive over loopback");
        Ok(Self { process, port, version, home, data })
    }

    /// A connection, as soon as the server listens.
    pub fn connect(&mut self) -> Result<Connection> {
        for _ in 0..200 {
            if let Ok(connection) = Connection::open(self.port) {
                return Ok(connection);
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("osrm-routed ended: {status}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("osrm-routed doesn't listen")
    }
}

impl Drop for Osrm {
    fn drop(&mut self) {
        // Should it have ended by itself, there is nothing left to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where programs of others are kept.
fn peers() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(built, PathBuf::from).join("peers")
}

fn install() -> Result<PathBuf> {
    let home = peers().join("osrm");
    if home.join("osrm/bin/osrm-routed").is_file() && home.join("osrm/share/profiles/car.lua").is_file() {
        make_executable(&home)?;
        return Ok(home);
    }
    std::fs::create_dir_all(&home)?;
    let wanted = ["--no-deps", "--python-version", "3.12", "--only-binary=:all:", "--dest"];
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet"])
        .args(wanted)
        .arg(&home)
        .arg(PACKAGE))?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "whl");
    let mut files = std::fs::read_dir(&home)?.flatten().map(|entry| entry.path());
    let wheel = files.find(is_wheel).context("pip left no wheel")?;
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&home))?;
    make_executable(&home)?;
    Ok(home)
}

/// A wheel is a zip archive, and unpacking it by hand loses the rights.
fn make_executable(home: &Path) -> Result<()> {
    for program in ["osrm-extract", "osrm-contract", "osrm-routed"] {
        run(Command::new("chmod").arg("+x").arg(home.join("osrm/bin").join(program)))?;
    }
    Ok(())
}

fn prepare(home: &Path, osm: &Path) -> Result<PathBuf> {
    let size = std::fs::metadata(osm).with_context(|| format!("extract {}", osm.display()))?.len();
    let folder = home.join("data").join(format!("{}-{size}", name_of(osm)));
    let data = folder.join("map.osrm");
    if folder.join("map.osrm.hsgr").is_file() {
        return Ok(data);
    }
    std::fs::create_dir_all(&folder)?;
    let copy = folder.join("map.osm.pbf");
    std::fs::write(&copy, std::fs::read(osm)?)?;
    let profile = home.join("osrm/share/profiles/car.lua");
    run(Command::new(home.join("osrm/bin/osrm-extract")).arg("-p").arg(profile).arg(&copy))?;
    run(Command::new(home.join("osrm/bin/osrm-contract")).arg(&data))?;
    std::fs::remove_file(copy)?;
    Ok(data)
}

fn run(command: &mut Command) -> Result<()> {
    output(command).map(|_| ())
}

pub fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("{:?}", command.get_program()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&done.stdout);
    ensure!(done.status.success(), "{command:?}: {}\n{said}{}", done.status, text(&done.stderr));
    Ok(said)
}
