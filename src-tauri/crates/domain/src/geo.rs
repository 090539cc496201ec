//! Points on the earth (WGS 84) and the few measures that every crate needs.

use serde::{Deserialize, Serialize};

/// Mean earth radius in metres (IUGG), the one used for all great-circle measures.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A checked WGS 84 coordinate in degrees. The web-service contract calls them X (longitude) and Y (latitude).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawLonLat", into = "RawLonLat")]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// A coordinate that can't be on the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CoordinateError {
    /// NaN or an infinity.
    #[error("coordinate is not a finite number")]
    NotFinite,
    /// |longitude| > 180.
    #[error("longitude {0} is outside −180…180")]
    Longitude(f64),
    /// |latitude| > 90.
    #[error("latitude {0} is outside −90…90")]
    Latitude(f64),
}

#[derive(Serialize, Deserialize)]
struct RawLonLat {
    lon: f64,
    lat: f64,
}

impl LonLat {
    /// Longitude first, as in GeoJSON; degrees.
    pub fn new(lon: f64, lat: f64) -> Result<Self, CoordinateError> {
        if !lon.is_finite() || !lat.is_finite() {
            return Err(CoordinateError::NotFinite);
        }
        if lon.abs() > 180.0 {
            return Err(CoordinateError::Longitude(lon));
        }
        if lat.abs() > 90.0 {
            return Err(CoordinateError::Latitude(lat));
        }
        Ok(Self { lon, lat })
    }

    /// From ten-millionths of a degree, the integers map files are made of; a value beyond the earth is
    /// moved to its edge.
    pub fn from_e7(lon_e7: i32, lat_e7: i32) -> Self {
        let lon = (f64::from(lon_e7) / 1e7).clamp(-180.0, 180.0);
        let lat = (f64::from(lat_e7) / 1e7).clamp(-90.0, 90.0);
        Self { lon, lat }
    }

    /// Degrees east, −180…180.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north, −90…90.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Great-circle distance in metres (haversine).
    pub fn distance_m(self, other: LonLat) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let chord = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }

    /// Whether `other` is at most so many metres away.
    pub fn is_within(self, other: LonLat, metres: f64) -> bool {
        self == other || self.distance_m(other) <= metres
    }

    /// Initial bearing towards `other`, degrees clockwise from north, 0…360.
    pub fn bearing_deg(self, other: LonLat) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let d_lon = (other.lon - self.lon).to_radians();
        let east = d_lon.sin() * lat_b.cos();
        let north = lat_a.cos() * lat_b.sin() - lat_a.sin() * lat_b.cos() * d_lon.cos();
        east.atan2(north).to_degrees().rem_euclid(360.0)
    }

    /// The point `distance_m` metres away on the initial bearing `bearing_deg`.
    pub fn destination(self, bearing_deg: f64, distance_m: f64) -> LonLat {
        let (lat, lon) = (self.lat.to_radians(), self.lon.to_radians());
        let (bearing, arc) = (bearing_deg.to_radians(), distance_m / EARTH_RADIUS_M);
        let lat_to = (lat.sin() * arc.cos() + lat.cos() * arc.sin() * bearing.cos()).clamp(-1.0, 1.0).asin();
        let y = bearing.sin() * arc.sin() * lat.cos();
        let x = arc.cos() - lat.sin() * lat_to.sin();
        let lon_to = (lon + y.atan2(x)).to_degrees();
        LonLat { lon: (lon_to + 540.0).rem_euclid(360.0) - 180.0, lat: lat_to.to_degrees() }
    }
}

/// Longitudes and latitudes in degrees without jumps: from point to point it goes the short way, so that a line across the
/// antimeridian goes on beyond ±180°.
pub fn unwrapped(points: &[LonLat]) -> Vec<[f64; 2]> {
    let mut line: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    for point in points {
        let before = line.last().map_or(point.lon, |last| last[0]);
        let turns = ((before - point.lon) / 360.0).round();
        line.push([point.lon + turns * 360.0, point.lat]);
    }
    line
}

impl TryFrom<RawLonLat> for LonLat {
    type Error = CoordinateError;
    fn try_from(raw: RawLonLat) -> Result<Self, Self::Error> {
        LonLat::new(raw.lon, raw.lat)
    }
}

impl From<LonLat> for RawLonLat {
    fn from(at: LonLat) -> Self {
        RawLonLat { lon: at.lon, lat: at.lat }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("test coordinate")
    }

    #[test]
    fn what_is_not_on_earth_is_refused_by_name() {
        assert_eq!(LonLat::new(f64::NAN, 0.0), Err(CoordinateError::NotFinite), "NaN longitude");
        assert_eq!(LonLat::new(0.0, f64::INFINITY), Err(CoordinateError::NotFinite), "infinite latitude");
        assert_eq!(LonLat::new(180.1, 0.0), Err(CoordinateError::Longitude(180.1)), "east of the date line");
        assert_eq!(LonLat::new(0.0, -90.1), Err(CoordinateError::Latitude(-90.1)), "south of the pole");
        assert!(
            serde_json::from_str::<LonLat>(r#"{"lon":7.4,"lat":143.7}"#).is_err(),
            "the wire is checked too"
        );
    }

    #[test]
    fn map_integers_stay_on_earth() {
        assert_eq!(
            LonLat::from_e7(74_246_000, 437_384_000),
            at(7.4246, 43.7384),
            "ten-millionths of a degree"
        );
        assert_eq!(LonLat::from_e7(i32::MIN, i32::MAX), at(-180.0, 90.0), "what is beyond goes to the edge");
    }

    #[test]
    fn known_distance_monaco_to_nice() {
        let metres = at(7.4246, 43.7384).distance_m(at(7.2620, 43.7102));
        assert!((metres - 13_440.0).abs() < 60.0, "Monaco–Nice is about 13.4 km, got {metres}");
    }

    proptest! {
        #[test]
        fn destination_is_as_far_as_asked(lon in -179.0..179.0, lat in -80.0..80.0, bearing in 0.0..360.0, metres in 1.0..50_000.0) {
            let from = at(lon, lat);
            let to = from.destination(bearing, metres);
            prop_assert!((from.distance_m(to) - metres).abs() < 0.01 + metres * 1e-6);
        }
    }
}
