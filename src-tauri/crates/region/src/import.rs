//! Making a region pack from an OSM extract and a base map.

use crate::OSM_ATTRIBUTION;
use crate::coast::{Coast, Shore, draw_sea};
use crate::error::RegionError;
use crate::mbtiles::convert;
use crate::pack::{INFO_FILE, PACK_FORMAT, Region, RegionInfo, TILES_FILE, is_region_name, roads_file};
use crate::tiles::Tiles;
use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use eta::{Bounds, ImportError, Profile, RoadGraph};
use std::ops::ControlFlow;
use std::path::Path;

/// What to import, and to where.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// An `.osm.pbf` extract.
    pub osm: &'a Path,
    /// An `.mbtiles` or `.pmtiles` base map; the content decides, not the ending.
    pub tiles: &'a Path,
    /// The region's name, see [`is_region_name`].
    pub name: &'a str,
    /// The folder of all regions; made if it doesn't exist.
    pub out_root: &'a Path,
    /// Whether a region of this name is replaced, else [`RegionError::Exists`].
    pub replace: bool,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Copying or converting the base map.
    Tiles,
    /// Building the road graph of a mode.
    Roads(TravelMode, eta::Stage),
    /// Looking for the coast and drawing the sea into a base map that lacks it.
    Sea,
    /// What came of that; [`Coast::LeftOut`] should be shown as a warning.
    SeaDone(Coast),
    /// Reading everything back and moving it into place.
    Saving,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Tiles => f.write_str("copying the base map"),
            Step::Roads(TravelMode::Car, stage) => write!(f, "roads for cars: {stage}"),
            Step::Roads(TravelMode::Bicycle, stage) => write!(f, "roads for bicycles: {stage}"),
            Step::Roads(TravelMode::Foot, stage) => write!(f, "ways on foot: {stage}"),
            Step::Sea => f.write_str("drawing the sea"),
            Step::SeaDone(coast) => coast.fmt(f),
            Step::Saving => f.write_str("saving"),
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done; its `Display` is text for a progress line.
    pub step: Step,
    /// Share of the whole import, 0…1, never falling.
    pub fraction: f32,
}

const TILES_SHARE: f32 = 0.2;
const ROADS_SHARE: f32 = 0.7;
const SEA_SHARE: f32 = 0.05;

impl Import<'_> {
    /// Does it. `now` becomes the pack's date. On any error everything is as it was before.
    pub fn run(&self, now: DateTime<Utc>, progress: &mut dyn FnMut(Progress)) -> Result<Region, RegionError> {
        self.run_while(now, &mut |at| {
            progress(at);
            ControlFlow::Continue(())
        })
    }

    /// [`Import::run`] that can be stopped, with [`RegionError::Cancelled`], as soon as `progress` gives `Break`: several times
    /// a second while roads are read and prepared, else between two steps.
    pub fn run_while(
        &self,
        now: DateTime<Utc>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Region, RegionError> {
        let mut progress = Listener { progress, furthest: 0.0, is_stopped: false };
        if !is_region_name(self.name) {
            return Err(RegionError::Name(self.name.to_owned()));
        }
        let target = self.out_root.join(self.name);
        if target.exists() && !self.replace {
            return Err(RegionError::Exists(self.name.to_owned()));
        }
        for source in [self.osm, self.tiles] {
            if !source.is_file() {
                return Err(RegionError::Missing(source.to_owned()));
            }
        }
        std::fs::create_dir_all(self.out_root).map_err(RegionError::io(self.out_root))?;
        let workshop = tempfile::Builder::new()
            .prefix(".importing-")
            .tempdir_in(self.out_root)
            .map_err(RegionError::io(self.out_root))?;
        // The temporary folder is for its owner only; the pack inside gets the usual rights.
        let made = workshop.path().join(self.name);
        std::fs::create_dir(&made).map_err(RegionError::io(&made))?;
        self.make(&made, now, &mut progress)?;
        progress.tell(Step::Saving, TILES_SHARE + ROADS_SHARE + SEA_SHARE)?;
        let region = Region::open(&made)?;
        region.routers()?;
        region.tiles()?;
        progress.go_on()?;
        put_in_place(&made, &target, &self.out_root.join(format!(".replaced-{}", self.name)))?;
        // Now it is done, whatever is wished.
        progress.hear(Step::Saving, 1.0);
        Region::open(&target)
    }

    fn make(&self, dir: &Path, now: DateTime<Utc>, progress: &mut Listener<'_>) -> Result<(), RegionError> {
        let tiles_path = dir.join(TILES_FILE);
        progress.tell(Step::Tiles, 0.0)?;
        let mut on_tiles = |share: f32| progress.hear(Step::Tiles, share * TILES_SHARE);
        convert(self.tiles, &tiles_path, &mut on_tiles).map_err(RegionError::tiles(self.tiles))?;
        progress.go_on()?;
        let info = Tiles::open(&tiles_path).map_err(RegionError::tiles(self.tiles))?.info().clone();
        let pbf = std::fs::read(self.osm).map_err(RegionError::io(self.osm))?;
        let bounds = self.all_roads(&pbf, dir, progress)?;
        self.add_sea(&pbf, &tiles_path, progress)?;
        let pack = RegionInfo {
            format: PACK_FORMAT,
            name: self.name.to_owned(),
            bounds,
            attribution: attribution(&info.attribution),
            created: now,
        };
        let path = dir.join(INFO_FILE);
        let json = serde_json::to_string_pretty(&pack)
            .map_err(|error| RegionError::Info { path: path.clone(), reason: error.to_string() })?;
        write(&path, (json + "\n").as_bytes())
    }

    /// Writes the graph of each mode; answers with the box around the roads for cars. An extract without a way on foot or by bicycle
    /// is a region for cars alone.
    fn all_roads(&self, pbf: &[u8], dir: &Path, progress: &mut Listener<'_>) -> Result<Bounds, RegionError> {
        let share = ROADS_SHARE / TravelMode::ALL.len() as f32;
        let mut before = TILES_SHARE;
        let mut bounds = None;
        for mode in TravelMode::ALL {
            let graph = self.roads(pbf, mode, (before, share), progress);
            before += share;
            match graph {
                Ok(graph) => {
                    write(&dir.join(roads_file(mode)), &graph.to_bytes())?;
                    bounds = bounds.or(Some(graph.bounds()));
                }
                Err(RegionError::Extract { reason: ImportError::NoRoads, .. }) if bounds.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        bounds.ok_or_else(|| RegionError::Extract { path: self.osm.to_owned(), reason: ImportError::NoRoads })
    }

    fn roads(
        &self,
        pbf: &[u8],
        mode: TravelMode,
        (before, share): (f32, f32),
        progress: &mut Listener<'_>,
    ) -> Result<RoadGraph, RegionError> {
        let mut on_roads = |at: eta::Progress| {
            progress.hear(Step::Roads(mode, at.stage), before + at.fraction * share);
            if progress.is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        RoadGraph::import_while(pbf, profile(mode), &mut on_roads).map_err(|reason| match reason {
            ImportError::Cancelled => RegionError::Cancelled,
            ImportError::Empty | ImportError::Corrupt(_) | ImportError::NoRoads | ImportError::TooLarge => {
                RegionError::Extract { path: self.osm.to_owned(), reason }
            }
        })
    }

    /// Many base maps are made from an extract alone, which has coastlines, but no sea.
    fn add_sea(&self, pbf: &[u8], tiles: &Path, progress: &mut Listener<'_>) -> Result<(), RegionError> {
        let before = TILES_SHARE + ROADS_SHARE;
        progress.tell(Step::Sea, before)?;
        let mut on_shore = |share: f32| progress.hear(Step::Sea, before + share * SEA_SHARE / 2.0);
        let shore = Shore::read(pbf, &mut on_shore)
            .map_err(|reason| RegionError::Extract { path: self.osm.to_owned(), reason })?;
        let coast = draw_sea(&shore, tiles).map_err(RegionError::tiles(self.tiles))?;
        progress.tell(Step::SeaDone(coast), before + SEA_SHARE)
    }
}

/// Who hears how far it is, and may stop it.
struct Listener<'a> {
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    /// Shares of steps are rounded: what was told is never taken back.
    furthest: f32,
    is_stopped: bool,
}

impl Listener<'_> {
    /// For where work can't be left at once; [`Listener::go_on`] follows.
    fn hear(&mut self, step: Step, fraction: f32) {
        self.furthest = self.furthest.max(fraction);
        self.is_stopped |= (self.progress)(Progress { step, fraction: self.furthest }).is_break();
    }

    fn go_on(&self) -> Result<(), RegionError> {
        if self.is_stopped { Err(RegionError::Cancelled) } else { Ok(()) }
    }

    fn tell(&mut self, step: Step, fraction: f32) -> Result<(), RegionError> {
        self.hear(step, fraction);
        self.go_on()
    }
}

fn profile(mode: TravelMode) -> Profile {
    match mode {
        TravelMode::Car => Profile::Car,
        TravelMode::Bicycle => Profile::Bicycle,
        TravelMode::Foot => Profile::Foot,
    }
}

/// The roads are OpenStreetMap's whatever the base map says.
fn attribution(of_tiles: &str) -> String {
    match of_tiles {
        "" => OSM_ATTRIBUTION.to_owned(),
        text if text.contains("OpenStreetMap") => text.to_owned(),
        text => format!("{text}, {OSM_ATTRIBUTION}"),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), RegionError> {
    std::fs::write(path, bytes).map_err(RegionError::io(path))
}

/// Moves `made` to `target`; what was there goes aside, comes back if that fails, and is deleted only afterwards.
fn put_in_place(made: &Path, target: &Path, aside: &Path) -> Result<(), RegionError> {
    if target.exists() {
        remove(aside)?;
        std::fs::rename(target, aside).map_err(RegionError::io(target))?;
    }
    if let Err(error) = std::fs::rename(made, target) {
        // Should it not come back either, the old region still lies aside; the first error is the one to tell.
        let _ = std::fs::rename(aside, target);
        return Err(RegionError::io(target)(error));
    }
    remove(aside)
}

fn remove(dir: &Path) -> Result<(), RegionError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RegionError::io(dir)(error)),
        _ => Ok(()),
    }
}
