//! Fence shapes made ready for questions: signed distances and bounding boxes.
//!
//! Edges run straight in longitude and latitude, as GeoJSON means them, the short way round the earth; longitudes are unwrapped
//! along each ring, so ±180° is no border. Distances are planar in the equidistant projection around the fix: exact to a few
//! per mille where they matter, near the border.

use domain::LonLat;
use domain::geo::unwrapped;
use domain::place::{FenceShape, PolygonArea, ShapeError};

use crate::edges::{EdgeTree, Here};
use crate::extent::{Extent, turns_towards};

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
    Area(Area),
    Areas(Vec<Area>),
    Corridor { line: EdgeTree, mid_lon: f64, half_width_m: f64 },
}

/// Rings in unwrapped degrees.
#[derive(Debug, Clone)]
struct Area {
    outer: EdgeTree,
    holes: Vec<EdgeTree>,
    mid_lon: f64,
    extent: Extent,
}

impl PreparedShape {
    /// Checks a shape and prepares it.
    pub fn new(shape: &FenceShape) -> Result<Self, ShapeError> {
        shape.check()?;
        let (kind, extent) = match shape {
            FenceShape::Circle { center, radius_m } => circle(*center, *radius_m),
            FenceShape::Polygon { area } => {
                let area = Area::new(area);
                let extent = area.extent;
                (Kind::Area(area), extent)
            }
            FenceShape::MultiPolygon { areas: several } => areas(several),
            FenceShape::Corridor { line, half_width_m } => corridor(line, *half_width_m),
        };
        Ok(Self { kind, extent, size_m: shape.size_m() })
    }

    /// Distance to the border in metres, negative inside. Inside overlapping areas the depth in the deepest one.
    pub fn signed_distance_m(&self, at: LonLat) -> f64 {
        self.signed_distance_within(at, &Here::new(at), f64::INFINITY)
    }

    /// The same, but only as far as `limit_m`: what is further from every border is `limit_m` or `-limit_m`.
    pub(crate) fn signed_distance_within(&self, at: LonLat, here: &Here, limit_m: f64) -> f64 {
        match &self.kind {
            Kind::Circle { center, radius_m } => center.distance_m(at) - radius_m,
            Kind::Area(_) | Kind::Areas(_) => {
                let distances = self.areas().iter().map(|area| area.signed_distance_within(here, limit_m));
                distances.fold(f64::INFINITY, f64::min)
            }
            Kind::Corridor { line, mid_lon, half_width_m } => {
                line.nearest_m(&here.near(*mid_lon), limit_m + half_width_m) - half_width_m
            }
        }
    }

    /// The same of a point that is known to be inside or outside.
    pub(crate) fn signed_distance_of(&self, at: LonLat, here: &Here, is_inside: bool, limit_m: f64) -> f64 {
        let nearest_m = |limit_m, area: &Area| area.nearest_m(&here.near(area.mid_lon), limit_m);
        match &self.kind {
            Kind::Area(area) if is_inside => -nearest_m(limit_m, area),
            Kind::Area(area) => nearest_m(limit_m, area),
            Kind::Areas(areas) if !is_inside => areas.iter().fold(limit_m, nearest_m),
            Kind::Areas(_) | Kind::Circle { .. } | Kind::Corridor { .. } => {
                self.signed_distance_within(at, here, limit_m)
            }
        }
    }

    /// Whether the point itself is inside, whatever its error circle; the border is neither.
    pub fn contains(&self, at: LonLat) -> bool {
        match &self.kind {
            Kind::Area(_) | Kind::Areas(_) => {
                let here = Here { lon: at.lon(), lat: at.lat(), m_per_lon: 0.0 };
                self.areas().iter().any(|area| area.contains(&here.near(area.mid_lon)))
            }
            Kind::Circle { .. } | Kind::Corridor { .. } => self.signed_distance_m(at) < 0.0,
        }
    }

    fn areas(&self) -> &[Area] {
        match &self.kind {
            Kind::Area(area) => std::slice::from_ref(area),
            Kind::Areas(areas) => areas,
            Kind::Circle { .. } | Kind::Corridor { .. } => &[],
        }
    }

    /// How wide the shape is in metres: see [`FenceShape::size_m`]. With a 95 % error radius above half of it nobody can be told to
    /// be inside.
    pub fn size_m(&self) -> f64 {
        self.size_m
    }

    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    /// How far the border is from the middle point or line, in metres; `None` for areas, whose borders are edges.
    pub(crate) fn reach_m(&self) -> Option<f64> {
        match &self.kind {
            Kind::Circle { radius_m, .. } => Some(*radius_m),
            Kind::Corridor { half_width_m, .. } => Some(*half_width_m),
            Kind::Area(_) | Kind::Areas(_) => None,
        }
    }

    /// The edges of all areas, on the turn of the box.
    pub(crate) fn borders(&self) -> impl Iterator<Item = [[f64; 2]; 2]> {
        self.areas().iter().flat_map(|area| {
            let shift = area.extent.near(self.extent.mid_lon()).west - area.extent.west;
            let edges = area.rings().flat_map(|ring| ring.points().windows(2));
            edges.map(move |edge| [edge[0], edge[1]].map(|[lon, lat]| [lon + shift, lat]))
        })
    }

    /// About how long the border is, along meridians and parallels, in degrees.
    pub(crate) fn border_deg(&self) -> f64 {
        let length = |edge: [[f64; 2]; 2]| (edge[1][0] - edge[0][0]).abs() + (edge[1][1] - edge[0][1]).abs();
        match &self.kind {
            Kind::Area(_) | Kind::Areas(_) => self.borders().map(length).sum(),
            Kind::Circle { .. } => {
                2.0 * (self.extent.east - self.extent.west + self.extent.north - self.extent.south)
            }
            Kind::Corridor { line, .. } => {
                2.0 * line.points().windows(2).map(|edge| length([edge[0], edge[1]])).sum::<f64>()
            }
        }
    }
}

fn circle(center: LonLat, radius_m: f64) -> (Kind, Extent) {
    let point = Extent::around(&[[center.lon(), center.lat()]]);
    (Kind::Circle { center, radius_m }, point.inflated(radius_m))
}

fn corridor(line: &[LonLat], half_width_m: f64) -> (Kind, Extent) {
    let line = EdgeTree::new(unwrapped(line));
    let extent = Extent::around(line.points());
    let kind = Kind::Corridor { line, mid_lon: extent.mid_lon(), half_width_m };
    (kind, extent.inflated(half_width_m))
}

fn areas(areas: &[PolygonArea]) -> (Kind, Extent) {
    let areas: Vec<Area> = areas.iter().map(Area::new).collect();
    let first = areas[0].extent;
    let all = areas.iter().fold(first, |all, next| all.joined(next.extent.near(first.mid_lon())));
    (Kind::Areas(areas), all)
}

impl Area {
    fn new(area: &PolygonArea) -> Self {
        let outer = ring(&area.outer);
        let extent = Extent::around(&outer);
        let mid_lon = extent.mid_lon();
        let holes = area.holes.iter().map(|hole| {
            let hole = ring(hole);
            let shift = turns_towards(Extent::around(&hole).mid_lon(), mid_lon);
            hole.into_iter().map(|[lon, lat]| [lon + shift, lat]).collect()
        });
        let holes = holes.map(EdgeTree::new).collect();
        Self { outer: EdgeTree::new(outer), holes, mid_lon, extent }
    }

    fn rings(&self) -> impl Iterator<Item = &EdgeTree> {
        std::iter::once(&self.outer).chain(&self.holes)
    }

    /// In the outer ring and in none of the holes.
    fn contains(&self, here: &Here) -> bool {
        self.outer.surrounds(here) && !self.holes.iter().any(|hole| hole.surrounds(here))
    }

    fn nearest_m(&self, here: &Here, limit_m: f64) -> f64 {
        self.rings().fold(limit_m, |nearest_m, ring| ring.nearest_m(here, nearest_m))
    }

    fn signed_distance_within(&self, here: &Here, limit_m: f64) -> f64 {
        let here = here.near(self.mid_lon);
        let nearest_m = self.nearest_m(&here, limit_m);
        if self.contains(&here) { -nearest_m } else { nearest_m }
    }
}

/// A closed ring in unwrapped degrees; that it goes around no pole has been checked.
fn ring(points: &[LonLat]) -> Vec<[f64; 2]> {
    let mut ring = unwrapped(points);
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    ring
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
