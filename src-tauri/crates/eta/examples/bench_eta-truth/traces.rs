//! Traces of vehicles.

use anyhow::{Context, Result, ensure};
use domain::LonLat;
use eta::Place;
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// One fix.
pub struct Seen {
    /// Seconds since the beginning.
    pub secs: u32,
    pub vehicle: u32,
    pub place: Place,
    /// Metres still to be driven, from fix to fix.
    pub left_m: f64,
}

/// All fixes in order of time.
pub struct Traces {
    pub fixes: Vec<Seen>,
    ends: HashMap<u32, (u32, LonLat)>,
}

impl Traces {
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::File::open(file).with_context(|| format!("traces {}", file.display()))?;
        let mut fixes = Vec::new();
        for line in BufReader::new(GzDecoder::new(bytes)).lines().skip(1) {
            let line = line?;
            fixes.push(seen(&line).with_context(|| format!("the line {line:?}"))?);
        }
        ensure!(!fixes.is_empty(), "there are no fixes");
        fixes.sort_by_key(|fix| (fix.secs, fix.vehicle));
        measure(&mut fixes);
        let ends = fixes.iter().map(|fix| (fix.vehicle, (fix.secs, fix.place.at))).collect();
        Ok(Self { fixes, ends })
    }

    /// When and where a vehicle arrives.
    pub fn arrival(&self, vehicle: u32) -> Option<(u32, LonLat)> {
        self.ends.get(&vehicle).copied()
    }

    pub fn vehicles(&self) -> usize {
        self.ends.len()
    }
}

/// How far each vehicle still drives from each of its fixes.
fn measure(fixes: &mut [Seen]) {
    let mut after: HashMap<u32, (LonLat, f64)> = HashMap::new();
    for fix in fixes.iter_mut().rev() {
        let here = fix.place.at;
        fix.left_m = after.get(&fix.vehicle).map_or(0.0, |(next, left_m)| left_m + here.distance_m(*next));
        after.insert(fix.vehicle, (here, fix.left_m));
    }
}

fn seen(line: &str) -> Option<Seen> {
    let mut columns = line.split(',');
    let (secs, vehicle) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
    let (lon, lat): (f64, f64) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
    let heading: f64 = columns.nth(1)?.parse().ok()?;
    Some(Seen { secs, vehicle, place: Place::heading(LonLat::new(lon, lat).ok()?, heading), left_m: 0.0 })
}
