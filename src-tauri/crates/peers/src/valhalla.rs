//! Valhalla, with tiles for all its modes.

use crate::server::Server;
use crate::wheel::Wheel;
use crate::{alone, data_folder, folder, output};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const WHEEL: Wheel = Wheel {
    package: "pyvalhalla",
    version: "3.9.1",
    bin: "valhalla/bin",
    programs: &["valhalla_build_tiles", "valhalla_service"],
};

/// A running server for one extract.
pub struct Valhalla {
    server: Server,
    /// What it is, for a report.
    pub version: String,
}

impl Valhalla {
    /// Installs Valhalla if it is missing, builds tiles of the extract if there are none, and starts a server.
    ///
    /// # Errors
    /// When one of that fails.
    pub fn start(osm: &Path) -> Result<Self> {
        let making = alone();
        let home = WHEEL.home(&folder())?;
        let tiles = prepare(&home, osm)?;
        drop(making);
        let server = Server::start(|port| {
            let config = config(&home, &tiles, port)?;
            let mut command = Command::new(home.join(WHEEL.bin).join("valhalla_service"));
            command.arg(config).arg("1");
            Ok(command)
        })?;
        Ok(Self { server, version: format!("Valhalla {}", WHEEL.version) })
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }
}

fn prepare(home: &Path, osm: &Path) -> Result<PathBuf> {
    let folder = data_folder(home, osm, "tiles")?;
    let (tiles, is_done) = (folder.join("tiles"), folder.join("complete"));
    if is_done.is_file() {
        return Ok(tiles);
    }
    std::fs::create_dir_all(&tiles)?;
    let config = config(home, &tiles, 0)?;
    output(Command::new(home.join(WHEEL.bin).join("valhalla_build_tiles")).arg("-c").arg(config).arg(osm))?;
    std::fs::write(is_done, "")?;
    Ok(tiles)
}

/// What the wheel's own script makes of these few settings; a file beside the tiles.
fn config(home: &Path, tiles: &Path, port: u16) -> Result<PathBuf> {
    let text = output(
        Command::new("python3")
            .arg(home.join("valhalla/valhalla_build_config.py"))
            .arg("--mjolnir-tile-dir")
            .arg(tiles)
            .args(["--mjolnir-tile-extract", "", "--mjolnir-traffic-extract", ""])
            .args(["--httpd-service-listen", &format!("tcp://127.0.0.1:{port}")]),
    )?;
    let file = tiles.with_file_name(format!("config-{}-{port}.json", std::process::id()));
    std::fs::write(&file, text)?;
    Ok(file)
}
