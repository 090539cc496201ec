//! Fences as outlines and triangles in world coordinates, computed once when the host sets them.

use domain::LonLat;
use domain::place::{FenceShape, PolygonArea};
use egui::{Color32, Mesh, Pos2};
use walkers::geo_types::{Coord, Geometry, LineString, Polygon};

use crate::projection::{Viewport, WorldBox, WorldPos};

/// A circle is drawn with so many corners.
const CIRCLE_CORNERS: usize = 72;
/// Triangles are computed in a box of this side, so that tessellation works on well-sized numbers.
const TESSELLATION_SIDE: f64 = 10_000.0;

/// The drawable form of a fence.
pub(crate) struct Outline {
    pub bounds: WorldBox,
    /// Outer rings and holes, each without its closing point.
    pub rings: Vec<Vec<WorldPos>>,
    /// Middle line and half width in metres of a corridor.
    pub corridor: Option<(Vec<WorldPos>, f64)>,
    /// A circle: its corners are only how it is drawn.
    pub round: bool,
    triangles: Triangles,
}

#[derive(Default)]
struct Triangles {
    corners: Vec<WorldPos>,
    indices: Vec<u32>,
}

impl Outline {
    /// `None` for what can't be a fence.
    pub(crate) fn of(shape: &FenceShape) -> Option<Self> {
        shape.check().ok()?;
        Self::of_draft(shape, true)
    }

    /// Of a shape that is still being edited: its border may cross itself. Without `filled` only the border is made.
    pub(crate) fn of_draft(shape: &FenceShape, filled: bool) -> Option<Self> {
        match shape {
            FenceShape::Circle { radius_m, .. } if !(*radius_m > 0.0 && radius_m.is_finite()) => None,
            FenceShape::Circle { center, radius_m } => {
                let circle = Self::of_areas(vec![vec![circle(*center, *radius_m)]], filled)?;
                Some(Self { round: true, ..circle })
            }
            FenceShape::Polygon { area } => Self::of_areas(vec![rings(area, None)], filled),
            FenceShape::MultiPolygon { areas } => {
                let near = areas.first().and_then(|area| area.outer.first()).map(|at| WorldPos::of(*at).x);
                Self::of_areas(areas.iter().map(|area| rings(area, near)).collect(), filled)
            }
            FenceShape::Corridor { line, half_width_m } => Self::of_corridor(line, *half_width_m),
        }
    }

    fn of_areas(areas: Vec<Vec<Vec<WorldPos>>>, filled: bool) -> Option<Self> {
        let bounds = WorldBox::around(areas.iter().flatten().flatten().copied())?;
        let mut triangles = Triangles::default();
        for area in areas.iter().filter(|_| filled) {
            triangles.add(area, &bounds);
        }
        let rings = areas.into_iter().flatten().collect();
        Some(Self { bounds, rings, corridor: None, round: false, triangles })
    }

    fn of_corridor(line: &[LonLat], half_width_m: f64) -> Option<Self> {
        let line = unrolled(line, None);
        let tight = WorldBox::around(line.iter().copied())?;
        let reach = half_width_m * tight.min.per_metre().max(tight.max.per_metre());
        let bounds = WorldBox {
            min: WorldPos { x: tight.min.x - reach, y: tight.min.y - reach },
            max: WorldPos { x: tight.max.x + reach, y: tight.max.y + reach },
        };
        let triangles = Triangles::default();
        Some(Self {
            bounds,
            rings: Vec::new(),
            corridor: Some((line, half_width_m)),
            round: false,
            triangles,
        })
    }

    /// Whether `at` is inside: an odd number of rings around it, or close enough to a corridor's line.
    pub(crate) fn contains(&self, at: WorldPos) -> bool {
        let at = at.beside(self.bounds.middle().x);
        if !self.bounds.contains(at) {
            return false;
        }
        match &self.corridor {
            Some((line, half_width_m)) => near_line(line, at, half_width_m * at.per_metre()),
            None => self.rings.iter().filter(|ring| crosses_odd(ring, at)).count() % 2 == 1,
        }
    }

    /// A measure to tell which of several fences under the pointer is the innermost.
    pub(crate) fn size(&self) -> f64 {
        (self.bounds.max.x - self.bounds.min.x) * (self.bounds.max.y - self.bounds.min.y)
    }

    /// The filled area on the screen.
    pub(crate) fn fill(&self, view: &Viewport, color: Color32) -> Mesh {
        let mut mesh = Mesh::default();
        for corner in &self.triangles.corners {
            mesh.colored_vertex(view.to_screen(*corner), color);
        }
        mesh.indices.extend(&self.triangles.indices);
        mesh
    }

    /// The rings on the screen.
    pub(crate) fn rings_on_screen(&self, view: &Viewport) -> impl Iterator<Item = Vec<Pos2>> + '_ {
        let view = *view;
        self.rings.iter().map(move |ring| ring.iter().map(|at| view.to_screen(*at)).collect())
    }

    /// How many triangles fill it.
    #[cfg(test)]
    pub(crate) fn triangle_count(&self) -> usize {
        self.triangles.indices.len() / 3
    }
}

impl Triangles {
    /// An outer ring and its holes.
    fn add(&mut self, rings: &[Vec<WorldPos>], bounds: &WorldBox) {
        let span = (bounds.max.x - bounds.min.x).max(bounds.max.y - bounds.min.y).max(1e-12);
        let scale = TESSELLATION_SIDE / span;
        let local = |at: &WorldPos| Coord {
            x: ((at.x - bounds.min.x) * scale) as f32,
            y: ((at.y - bounds.min.y) * scale) as f32,
        };
        let mut lines = rings.iter().map(|ring| LineString::new(ring.iter().map(local).collect()));
        let Some(outer) = lines.next() else { return };
        let polygon = Geometry::Polygon(Polygon::new(outer, lines.collect()));
        for (corners, indices) in tessellate(&polygon) {
            let first = self.corners.len() as u32;
            self.corners.extend(corners.iter().map(|at| WorldPos {
                x: bounds.min.x + f64::from(at.x) / scale,
                y: bounds.min.y + f64::from(at.y) / scale,
            }));
            self.indices.extend(indices.iter().map(|n| n + first));
        }
    }
}

/// Triangles by walkers' own tessellator; nothing where it fails (the outline is still drawn).
fn tessellate(polygon: &Geometry<f32>) -> Vec<(Vec<Pos2>, Vec<u32>)> {
    let white = walkers::Color(walkers::json!("#ffffff"));
    let paint = walkers::Paint { fill_color: Some(white), ..walkers::Paint::default() };
    let context = walkers::Context::new("Polygon".to_owned(), Default::default(), 0);
    let mut drawables = Vec::new();
    if walkers::render_fill(polygon, &context, &paint, &mut drawables).is_err() {
        return Vec::new();
    }
    let fills = drawables.into_iter().filter_map(|drawable| match drawable {
        walkers::Drawable::Fill(mesh) => Some(mesh),
        walkers::Drawable::Lines(_) => None,
    });
    fills.map(|mesh| (mesh.vertices.iter().map(|v| v.position).collect(), mesh.indices)).collect()
}

fn circle(center: LonLat, radius_m: f64) -> Vec<WorldPos> {
    let corner = |n| center.destination(n as f64 * 360.0 / CIRCLE_CORNERS as f64, radius_m);
    unrolled(&(0..CIRCLE_CORNERS).map(corner).collect::<Vec<_>>(), Some(WorldPos::of(center).x))
}

/// From point to point the short way, beginning beside `near`: a shape across ±180° goes on beyond the map's edge.
fn unrolled(points: &[LonLat], near: Option<f64>) -> Vec<WorldPos> {
    let mut path: Vec<WorldPos> = Vec::with_capacity(points.len());
    for at in points {
        let world = WorldPos::of(*at);
        let beside = path.last().map(|last| last.x).or(near);
        path.push(beside.map_or(world, |x| world.beside(x)));
    }
    path
}

fn rings(area: &PolygonArea, near: Option<f64>) -> Vec<Vec<WorldPos>> {
    let near = near.or_else(|| area.outer.first().map(|at| WorldPos::of(*at).x));
    let ring = |points: &Vec<LonLat>| {
        let mut ring = unrolled(points, near);
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        ring
    };
    std::iter::once(&area.outer).chain(&area.holes).map(ring).collect()
}

/// Whether a ring goes around `at`: an odd number of edges lies east of it.
pub(crate) fn crosses_odd(ring: &[WorldPos], at: WorldPos) -> bool {
    let mut inside = false;
    for (n, a) in ring.iter().enumerate() {
        let b = ring[(n + 1) % ring.len()];
        if (a.y > at.y) != (b.y > at.y) && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

fn near_line(line: &[WorldPos], at: WorldPos, reach: f64) -> bool {
    line.windows(2).any(|pair| {
        let (dx, dy) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
        let (px, py) = (at.x - pair[0].x, at.y - pair[0].y);
        let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-24)).clamp(0.0, 1.0);
        (px - t * dx).hypot(py - t * dy) <= reach
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("coordinate")
    }

    fn square(lon: f64, lat: f64, side: f64) -> Vec<LonLat> {
        vec![at(lon, lat), at(lon + side, lat), at(lon + side, lat + side), at(lon, lat + side)]
    }

    #[test]
    fn a_circle_is_as_large_as_its_radius() {
        let center = at(7.42, 43.73);
        let outline = Outline::of(&FenceShape::Circle { center, radius_m: 200.0 }).expect("a fence");
        assert!(outline.contains(WorldPos::of(center.destination(77.0, 195.0))), "195 m away is inside");
        assert!(!outline.contains(WorldPos::of(center.destination(77.0, 205.0))), "205 m away is outside");
        assert!(outline.triangle_count() >= CIRCLE_CORNERS - 2, "and it is filled");
    }

    #[test]
    fn a_yard_with_a_hole_is_hit_around_the_hole_only() {
        let area = PolygonArea { outer: square(7.40, 43.70, 0.04), holes: vec![square(7.41, 43.71, 0.02)] };
        let outline = Outline::of(&FenceShape::Polygon { area }).expect("a fence");
        assert!(outline.contains(WorldPos::of(at(7.405, 43.705))), "the yard");
        assert!(!outline.contains(WorldPos::of(at(7.42, 43.72))), "the hole in its middle");
        assert!(outline.triangle_count() >= 8, "the area around the hole is filled");
    }

    #[test]
    fn a_closed_ring_is_the_same_as_an_open_one() {
        let mut closed = square(7.40, 43.70, 0.04);
        closed.push(closed[0]);
        let area = PolygonArea { outer: closed, holes: vec![] };
        let outline = Outline::of(&FenceShape::Polygon { area }).expect("a fence");
        assert_eq!(outline.rings[0].len(), 4, "the closing point is no corner");
    }

    #[test]
    fn a_corridor_is_hit_along_its_line() {
        let line = vec![at(7.40, 43.73), at(7.44, 43.73)];
        let outline = Outline::of(&FenceShape::Corridor { line, half_width_m: 100.0 }).expect("a fence");
        let middle = at(7.42, 43.73);
        assert!(outline.contains(WorldPos::of(middle.destination(0.0, 90.0))), "90 m beside the road");
        assert!(!outline.contains(WorldPos::of(middle.destination(0.0, 120.0))), "120 m beside the road");
    }

    #[test]
    fn a_fence_across_the_date_line_is_no_belt_around_the_earth() {
        let center = at(180.0, -17.0);
        let outline = Outline::of(&FenceShape::Circle { center, radius_m: 5_000.0 }).expect("a fence");
        assert!(outline.bounds.max.x - outline.bounds.min.x < 0.001, "small: {:?}", outline.bounds);
        assert!(outline.contains(WorldPos::of(at(179.99, -17.0))), "west of the line");
        assert!(outline.contains(WorldPos::of(at(-179.99, -17.0))), "east of it");
        assert!(!outline.contains(WorldPos::of(at(0.0, -17.0))), "not on the other side of the earth");
    }

    #[test]
    fn what_is_no_fence_is_not_drawn() {
        let shape = FenceShape::Circle { center: at(7.42, 43.73), radius_m: f64::NAN };
        assert!(Outline::of(&shape).is_none(), "a radius of NaN metres");
    }
}
