//! Fence shapes made ready for questions: signed distances and bounding boxes.
//!
//! Edges run straight in longitude and latitude, as GeoJSON means them, the short way round the earth; longitudes are unwrapped
//! along each ring, so ±180° is no border. Distances are planar in the equidistant projection around the fix: exact to a few
//! per mille where they matter, near the border.

use domain::LonLat;
use domain::place::{FenceShape, PolygonArea, ShapeError};

use crate::extent::{Extent, M_PER_DEG, turns_towards};

/// A checked shape.
#[derive(Debug, Clone)]
pub struct PreparedShape {
    kind: Kind,
    extent: Extent,
    size_m: f64,
}

#[derive(Debug, Clone)]
enum Kind {
    Circle { center: LonLat, radius_m: f64 },
    Areas(Vec<Area>),
    Corridor { line: Vec<[f64; 2]>, mid_lon: f64, half_width_m: f64 },
}

/// Rings in unwrapped degrees; the first one is the outer ring.
#[derive(Debug, Clone)]
struct Area {
    rings: Vec<Vec<[f64; 2]>>,
    mid_lon: f64,
}

impl PreparedShape {
    /// Checks a shape and prepares it.
    pub fn new(shape: &FenceShape) -> Result<Self, ShapeError> {
        shape.check()?;
        match shape {
            FenceShape::Circle { center, radius_m } => Ok(Self::circle(*center, *radius_m)),
            FenceShape::Polygon { area } => Self::areas(std::slice::from_ref(area)),
            FenceShape::MultiPolygon { areas } => Self::areas(areas),
            FenceShape::Corridor { line, half_width_m } => Ok(Self::corridor(line, *half_width_m)),
        }
    }

    fn circle(center: LonLat, radius_m: f64) -> Self {
        let point = Extent::around(&[[center.lon(), center.lat()]]);
        let kind = Kind::Circle { center, radius_m };
        Self { kind, extent: point.inflated(radius_m), size_m: 2.0 * radius_m }
    }

    fn areas(areas: &[PolygonArea]) -> Result<Self, ShapeError> {
        let prepared = areas.iter().map(Area::new).collect::<Result<Vec<_>, _>>()?;
        let extent = |area: &Area| Extent::around(&area.rings[0]);
        let size_m = prepared.iter().map(|area| extent(area).width_m()).fold(0.0, f64::max);
        let first = extent(&prepared[0]);
        let all = prepared.iter().map(extent).fold(first, |all, next| all.joined(next.near(first.mid_lon())));
        Ok(Self { kind: Kind::Areas(prepared), extent: all, size_m })
    }

    fn corridor(line: &[LonLat], half_width_m: f64) -> Self {
        let line = unwrapped(line);
        let extent = Extent::around(&line);
        let kind = Kind::Corridor { line, mid_lon: extent.mid_lon(), half_width_m };
        Self { kind, extent: extent.inflated(half_width_m), size_m: 2.0 * half_width_m }
    }

    /// Distance to the border in metres, negative inside. Inside overlapping areas the depth in the deepest one.
    pub fn signed_distance_m(&self, at: LonLat) -> f64 {
        match &self.kind {
            Kind::Circle { center, radius_m } => center.distance_m(at) - radius_m,
            Kind::Areas(areas) => {
                areas.iter().map(|area| area.signed_distance_m(at)).fold(f64::INFINITY, f64::min)
            }
            Kind::Corridor { line, mid_lon, half_width_m } => {
                let here = Here::new(at, *mid_lon);
                line.windows(2).map(|edge| here.distance_m(edge[0], edge[1])).fold(f64::INFINITY, f64::min)
                    - half_width_m
            }
        }
    }

    /// How wide the shape is in metres: a circle's diameter, a corridor's width, the shorter side of a polygon's box. With a 95 %
    /// error radius above half of it nobody can be told to be inside.
    pub fn size_m(&self) -> f64 {
        self.size_m
    }

    /// How far beyond the border (metres) an error circle has to be to count as having left.
    pub fn leave_margin_m(&self) -> f64 {
        (self.size_m * 0.1).max(crate::LEAVE_MARGIN_M)
    }

    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }
}

impl Area {
    fn new(area: &PolygonArea) -> Result<Self, ShapeError> {
        let outer = ring(&area.outer)?;
        let mid_lon = Extent::around(&outer).mid_lon();
        let mut rings = vec![outer];
        for hole in &area.holes {
            let hole = ring(hole)?;
            let shift = turns_towards(Extent::around(&hole).mid_lon(), mid_lon);
            rings.push(hole.into_iter().map(|[lon, lat]| [lon + shift, lat]).collect());
        }
        Ok(Self { rings, mid_lon })
    }

    fn signed_distance_m(&self, at: LonLat) -> f64 {
        let here = Here::new(at, self.mid_lon);
        let (mut nearest_m, mut is_inside) = (f64::INFINITY, false);
        for (index, ring) in self.rings.iter().enumerate() {
            let mut in_ring = false;
            for edge in ring.windows(2) {
                nearest_m = nearest_m.min(here.distance_m(edge[0], edge[1]));
                in_ring ^= here.ray_crosses(edge[0], edge[1]);
            }
            is_inside = if index == 0 { in_ring } else { is_inside && !in_ring };
        }
        if is_inside { -nearest_m } else { nearest_m }
    }
}

/// A closed ring in unwrapped degrees. One that goes around a pole encloses nothing that can be told.
fn ring(points: &[LonLat]) -> Result<Vec<[f64; 2]>, ShapeError> {
    let mut closed = points.to_vec();
    if closed.first() != closed.last() {
        closed.extend(points.first());
    }
    let ring = unwrapped(&closed);
    let turned = ring[ring.len() - 1][0] - ring[0][0];
    if turned.abs() > 180.0 { Err(ShapeError::AroundPole) } else { Ok(ring) }
}

/// Longitudes without jumps: each edge goes the short way.
fn unwrapped(points: &[LonLat]) -> Vec<[f64; 2]> {
    let mut line: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    for point in points {
        let before = line.last().map_or(point.lon(), |last| last[0]);
        line.push([point.lon() + turns_towards(point.lon(), before), point.lat()]);
    }
    line
}

/// A fix as the origin of its own plane.
struct Here {
    lon: f64,
    lat: f64,
    m_per_lon: f64,
}

impl Here {
    fn new(at: LonLat, mid_lon: f64) -> Self {
        let lon = at.lon() + turns_towards(at.lon(), mid_lon);
        Self { lon, lat: at.lat(), m_per_lon: M_PER_DEG * at.lat().to_radians().cos() }
    }

    /// Distance in metres to the edge from `a` to `b`.
    fn distance_m(&self, a: [f64; 2], b: [f64; 2]) -> f64 {
        let plane = |p: [f64; 2]| [(p[0] - self.lon) * self.m_per_lon, (p[1] - self.lat) * M_PER_DEG];
        let (a, b) = (plane(a), plane(b));
        let along = [b[0] - a[0], b[1] - a[1]];
        let length_2 = along[0] * along[0] + along[1] * along[1];
        let share = if length_2 > 0.0 { -(a[0] * along[0] + a[1] * along[1]) / length_2 } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        (a[0] + along[0] * share).hypot(a[1] + along[1] * share)
    }

    /// Whether a ray to the east crosses the edge: odd crossings are inside.
    fn ray_crosses(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        (a[1] > self.lat) != (b[1] > self.lat)
            && self.lon < (b[0] - a[0]) * (self.lat - a[1]) / (b[1] - a[1]) + a[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    fn wrap(lon: f64) -> f64 {
        (lon + 540.0).rem_euclid(360.0) - 180.0
    }

    fn square(lon: f64, lat: f64, side: f64) -> Vec<LonLat> {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| at(wrap(lon + x), lat + y)).to_vec()
    }

    fn polygon(outer: Vec<LonLat>, holes: Vec<Vec<LonLat>>) -> PreparedShape {
        PreparedShape::new(&FenceShape::Polygon { area: PolygonArea { outer, holes } }).expect("shape")
    }

    #[test]
    fn a_courtyard_is_not_in_the_house() {
        let house = polygon(square(7.40, 43.70, 0.01), vec![square(7.404, 43.704, 0.002)]);
        assert!(house.signed_distance_m(at(7.402, 43.702)) < 0.0, "in the wing");
        let yard = house.signed_distance_m(at(7.405, 43.705));
        assert!((yard - 80.3).abs() < 2.0, "the yard's middle is 80 m from its east wall, got {yard}");
        let street = house.signed_distance_m(at(7.405, 43.699));
        assert!((street - 111.2).abs() < 1.0, "a thousandth of a degree south, got {street}");
    }

    #[test]
    fn a_corridor_is_as_wide_as_it_says() {
        let line = vec![at(7.40, 43.70), at(7.42, 43.70)];
        let road = PreparedShape::new(&FenceShape::Corridor { line, half_width_m: 50.0 }).expect("shape");
        assert!((road.signed_distance_m(at(7.41, 43.70)) + 50.0).abs() < 0.5, "the middle is 50 m deep");
        assert!(road.signed_distance_m(at(7.41, 43.7006)) > 10.0, "67 m beside the line is outside");
    }

    #[test]
    fn a_ring_around_a_pole_is_refused() {
        let outer = vec![at(0.0, 80.0), at(120.0, 80.0), at(-120.0, 80.0)];
        let shape = FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } };
        assert_eq!(PreparedShape::new(&shape).err(), Some(ShapeError::AroundPole), "inside is undefined");
    }

    proptest! {
        /// Tile38 #650: a polygon across ±180° is the shifted copy of the same polygon elsewhere.
        #[test]
        fn tile38_650_the_antimeridian_is_no_border(lat in -60.0..60.0, off in 0.0..0.02f64, dx in -0.03..0.05f64, dy in -0.03..0.05f64) {
            let here = polygon(square(10.0 - off, lat, 0.02), Vec::new());
            let there = polygon(square(180.0 - off, lat, 0.02), Vec::new());
            let d_here = here.signed_distance_m(at(10.0 - off + dx, lat + dy));
            let d_there = there.signed_distance_m(at(wrap(180.0 - off + dx), lat + dy));
            prop_assert!((d_here - d_there).abs() < 1e-3, "{d_here} here, {d_there} on the date line");
        }

        #[test]
        fn the_distance_to_a_side_is_the_great_circle_distance(lat in -70.0..70.0, metres in 1.0..5_000.0) {
            let block = polygon(square(20.0, lat, 0.1), Vec::new());
            let beside = at(20.1, lat + 0.05).destination(90.0, metres);
            prop_assert!((block.signed_distance_m(beside) - metres).abs() < 0.01 * metres + 0.1);
        }
    }
}
