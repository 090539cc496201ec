//! OSRM, with files made by its own profiles.
//!
//! "The same speeds" holds because our car profile has the values of OSRM's (classes, signs, surfaces, turns, signals); each side
//! reads the tags by itself, so that a mistake in one shows as a difference in durations.

use crate::server::Server;
use crate::wheel::Wheel;
use crate::{alone, data_folder, folder, output};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const WHEEL: Wheel = Wheel {
    package: "osrm-bindings",
    version: "26.10.0",
    bin: "osrm/bin",
    programs: &["osrm-extract", "osrm-contract", "osrm-routed"],
};

/// A running server for one extract.
pub struct Osrm {
    server: Server,
    /// What it is, for a report.
    pub version: String,
    /// The folder of the unpacked wheel.
    pub home: PathBuf,
    /// The path its programs call the data by.
    pub data: PathBuf,
}

impl Osrm {
    /// Installs OSRM if it is missing, prepares the extract for one of its profiles (`car`, `bicycle`, `foot`) if that isn't done,
    /// and starts a server with these further options.
    ///
    /// # Errors
    /// When one of that fails.
    pub fn start(osm: &Path, profile: &str, options: &[&str]) -> Result<Self> {
        let making = alone();
        let home = WHEEL.home(&folder())?;
        let data = prepare(&home, osm, profile)?;
        drop(making);
        let program = home.join(WHEEL.bin).join("osrm-routed");
        let version = output(Command::new(&program).arg("--version"))?;
        let version = format!("OSRM {} (contraction hierarchy, own {profile} profile)", version.trim());
        let server = Server::start(|port| {
            let mut command = Command::new(program);
            command.args(["--ip", "127.0.0.1", "--port", &port.to_string(), "--algorithm", "CH"]);
            command.args(options).arg(&data);
            Ok(command)
        })?;
        Ok(Self { server, version, home, data })
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }
}

fn prepare(home: &Path, osm: &Path, profile: &str) -> Result<PathBuf> {
    let folder = data_folder(home, osm, profile)?;
    let data = folder.join("map.osrm");
    if folder.join("map.osrm.hsgr").is_file() {
        return Ok(data);
    }
    std::fs::create_dir_all(&folder)?;
    let copy = folder.join("map.osm.pbf");
    std::fs::write(&copy, std::fs::read(osm)?)?;
    let profile = home.join("osrm/share/profiles").join(format!("{profile}.lua"));
    let program = |name: &str| Command::new(home.join(WHEEL.bin).join(name));
    output(program("osrm-extract").arg("-p").arg(profile).arg(&copy))?;
    output(program("osrm-contract").arg(&data))?;
    std::fs::remove_file(copy)?;
    Ok(data)
}
