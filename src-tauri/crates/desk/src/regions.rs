//! Installed regions: opened once, asked from every thread.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::travel::TravelMode;
use eta::Router;
use protocol::view::BaseMapView;
use region::{Region, RegionError, RegionInfo, Tiles};

/// The regions under some folders.
#[derive(Debug, Clone)]
pub struct Regions {
    roots: Arc<Vec<PathBuf>>,
    /// Base maps that were asked for; `None` for those that are not there.
    tiles: Arc<Mutex<HashMap<String, Option<Arc<Tiles>>>>>,
}

/// A region as a session needs it.
#[derive(Debug, Clone)]
pub struct OpenRegion {
    /// The roads by what they are travelled with; at least those for cars.
    pub routers: BTreeMap<TravelMode, Arc<Router>>,
    /// What the UI needs for the base map.
    pub base_map: BaseMapView,
}

impl Regions {
    /// Regions of these folders; the first folder that has a region wins.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        Self { roots: Arc::new(roots), tiles: Arc::default() }
    }

    /// Opens a region with its roads; `None` when it is not installed or broken (the log says which). Takes up to some seconds
    /// for a large one: not for the loop.
    pub fn open(&self, name: &str) -> Option<OpenRegion> {
        let region = self.find(name)?;
        let tiles = self.base_map(name)?;
        let routers = region
            .routers()
            .inspect_err(|error| tracing::warn!(region = name, %error, "the roads can't be read"))
            .ok()?;
        let base_map = base_map_view(name, region.info(), &tiles);
        let routers = routers.into_iter().map(|(mode, router)| (mode, Arc::new(router))).collect();
        Some(OpenRegion { routers, base_map })
    }

    /// One tile, unpacked.
    pub async fn tile(&self, source: &str, zoom: u8, x: u32, y: u32) -> Option<Vec<u8>> {
        let (regions, source) = (self.clone(), source.to_owned());
        let read = move || {
            let tile = regions.base_map(&source)?.tile(zoom, x, y);
            let unpacked = tile.and_then(|tile| tile.map(region::Tile::unpacked).transpose());
            unpacked.inspect_err(|error| tracing::warn!(source, %error, "a tile can't be read")).ok()?
        };
        tokio::task::spawn_blocking(read).await.ok()?
    }

    fn base_map(&self, name: &str) -> Option<Arc<Tiles>> {
        let mut known = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tiles) = known.get(name) {
            return tiles.clone();
        }
        let open =
            || self.find(name)?.tiles().inspect_err(|error| log_broken(name, error)).ok().map(Arc::new);
        let tiles = open();
        known.insert(name.to_owned(), tiles.clone());
        tiles
    }

    fn find(&self, name: &str) -> Option<Region> {
        self.roots.iter().find_map(|root| match Region::find(root, name) {
            Ok(region) => Some(region),
            Err(RegionError::Missing(_)) => None,
            Err(error) => {
                log_broken(name, &error);
                None
            }
        })
    }
}

fn log_broken(name: &str, error: &RegionError) {
    tracing::warn!(region = name, %error, "a region can't be used");
}

fn base_map_view(name: &str, info: &RegionInfo, tiles: &Tiles) -> BaseMapView {
    let bounds = tiles.info().bounds.unwrap_or(info.bounds);
    let (south_west, north_east) = (bounds.south_west, bounds.north_east);
    BaseMapView {
        source: name.to_owned(),
        bounds: [south_west.lon(), south_west.lat(), north_east.lon(), north_east.lat()],
        min_zoom: tiles.info().min_zoom,
        max_zoom: tiles.info().max_zoom,
        attribution: info.attribution.clone(),
    }
}
