//! Boxes in degrees that know no antimeridian.

use domain::geo::EARTH_RADIUS_M;

/// Metres in a degree of latitude.
pub(crate) const M_PER_DEG: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

/// Nearer to a pole the plane around a point is too far from the sphere for bounds.
pub(crate) const MAX_FLAT_LAT: f64 = 80.0;

/// A box in degrees; `west` may be below −180 and `east` above 180 where the shape crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub west: f64,
    pub east: f64,
    pub south: f64,
    pub north: f64,
}

impl Extent {
    pub fn around(points: &[[f64; 2]]) -> Self {
        let nothing = Extent {
            west: f64::INFINITY,
            east: f64::NEG_INFINITY,
            south: f64::INFINITY,
            north: f64::NEG_INFINITY,
        };
        points
            .iter()
            .fold(nothing, |all, p| all.joined(Extent { west: p[0], east: p[0], south: p[1], north: p[1] }))
    }

    pub fn joined(self, other: Extent) -> Self {
        Extent {
            west: self.west.min(other.west),
            east: self.east.max(other.east),
            south: self.south.min(other.south),
            north: self.north.max(other.north),
        }
    }

    /// Larger by so many metres on every side.
    pub fn inflated(self, by_m: f64) -> Self {
        let by_lat = by_m / M_PER_DEG;
        let (south, north) = (self.south - by_lat, self.north + by_lat);
        let narrowest = south.abs().max(north.abs()).min(90.0).to_radians().cos();
        // Around a pole every longitude is near.
        let by_lon = if narrowest > 1e-6 { by_lat / narrowest } else { 360.0 };
        Extent { west: self.west - by_lon, east: self.east + by_lon, south, north }
    }

    pub fn near(self, lon: f64) -> Self {
        let shift = turns_towards(self.mid_lon(), lon);
        Extent { west: self.west + shift, east: self.east + shift, ..self }
    }

    /// Whether any point of an edge is in the box.
    pub fn touches(self, [a, b]: [[f64; 2]; 2]) -> bool {
        let apart = a[0].max(b[0]) < self.west
            || a[0].min(b[0]) > self.east
            || a[1].max(b[1]) < self.south
            || a[1].min(b[1]) > self.north;
        if apart {
            return false;
        }
        // All corners on one side of the line?
        let (along, half) =
            ([b[0] - a[0], b[1] - a[1]], [(self.east - self.west) / 2.0, (self.north - self.south) / 2.0]);
        let to_middle = [self.west + half[0] - a[0], self.south + half[1] - a[1]];
        let off = (along[0] * to_middle[1] - along[1] * to_middle[0]).abs();
        off <= (along[0].abs() * half[1] + along[1].abs() * half[0]) * (1.0 + 1e-9)
    }

    pub fn mid_lon(self) -> f64 {
        (self.west + self.east) / 2.0
    }
}

/// Multiple of 360° that brings `lon` within 180° of `target`.
pub(crate) fn turns_towards(lon: f64, target: f64) -> f64 {
    let way = target - lon;
    if way.abs() <= 180.0 { 0.0 } else { (way / 360.0).round() * 360.0 }
}
