//! Web Mercator: every position once to [`WorldPos`], from there to the screen by an affine map.

use domain::LonLat;
use egui::{Pos2, Rect, pos2};
use std::f64::consts::PI;

/// Side of the whole earth at zoom 0, in points.
pub(crate) const WORLD_SIDE_PT: f64 = 256.0;
/// Circumference of the earth at the equator in metres, as Web Mercator has it.
const EQUATOR_M: f64 = 40_075_016.686;
/// Web Mercator ends here; what is further north or south is drawn at the edge.
const MAX_LAT_DEG: f64 = 85.051_128_78;
/// The map can't be zoomed out further.
pub(crate) const MIN_ZOOM: f64 = 2.0;
/// The map can't be zoomed in further.
pub(crate) const MAX_ZOOM: f64 = 19.0;

/// A position in Web Mercator, west to east and north to south in 0…1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WorldPos {
    pub x: f64,
    pub y: f64,
}

impl WorldPos {
    pub(crate) fn of(at: LonLat) -> Self {
        let sin = at.lat().clamp(-MAX_LAT_DEG, MAX_LAT_DEG).to_radians().sin();
        // The same as asinh(tan(latitude)), in half the time.
        Self { x: (at.lon() + 180.0) / 360.0, y: 0.5 - ((1.0 + sin) / (1.0 - sin)).ln() / (4.0 * PI) }
    }

    /// Back to degrees; what is off the earth comes back at its edge.
    pub(crate) fn lon_lat(self) -> LonLat {
        let lon = self.x.clamp(0.0, 1.0) * 360.0 - 180.0;
        let lat = (PI * (1.0 - 2.0 * self.y)).sinh().atan().to_degrees();
        LonLat::from_e7((lon * 1e7).round() as i32, (lat * 1e7).round() as i32)
    }

    /// Back to degrees on a map that goes on beyond ±180°.
    pub(crate) fn unrolled_lon_lat(self) -> LonLat {
        WorldPos { x: self.x.rem_euclid(1.0), y: self.y }.lon_lat()
    }

    /// The same place, whole turns around the earth away: the one nearest to `x`.
    pub(crate) fn beside(self, x: f64) -> Self {
        Self { x: self.x + (x - self.x).round(), y: self.y }
    }

    /// How much of the world's side a metre is here.
    pub(crate) fn per_metre(self) -> f64 {
        let lat = (PI * (1.0 - 2.0 * self.y)).sinh().atan();
        1.0 / (EQUATOR_M * lat.cos().max(1e-6))
    }
}

/// What part of the world is on which part of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Viewport {
    /// Where on the screen, in points.
    pub rect: Rect,
    /// What is in its middle.
    pub center: WorldPos,
    /// Zoom; each step doubles.
    pub zoom: f64,
}

impl Viewport {
    /// Side of the whole world in points.
    pub(crate) fn side_pt(&self) -> f64 {
        WORLD_SIDE_PT * self.zoom.exp2()
    }

    /// The same view, whole turns around the earth away: the one in which `x` is nearest to the middle.
    pub(crate) fn around(self, x: f64) -> Self {
        Self { center: self.center.beside(x), ..self }
    }

    pub(crate) fn to_screen(self, at: WorldPos) -> Pos2 {
        let side = self.side_pt();
        let middle = self.rect.center();
        // The differences are taken in f64: world coordinates have more digits than an f32 at high zoom.
        pos2(
            middle.x + ((at.x - self.center.x) * side) as f32,
            middle.y + ((at.y - self.center.y) * side) as f32,
        )
    }

    pub(crate) fn to_world(self, pos: Pos2) -> WorldPos {
        let side = self.side_pt();
        let offset = pos - self.rect.center();
        WorldPos {
            x: self.center.x + f64::from(offset.x) / side,
            y: self.center.y + f64::from(offset.y) / side,
        }
    }

    /// Points per metre at `at`.
    pub(crate) fn pt_per_metre(&self, at: WorldPos) -> f32 {
        (at.per_metre() * self.side_pt()) as f32
    }

    /// What is visible, grown by `margin_pt`.
    pub(crate) fn window(&self, margin_pt: f32) -> WorldBox {
        let rect = self.rect.expand(margin_pt);
        WorldBox { min: self.to_world(rect.min), max: self.to_world(rect.max) }
    }
}

/// A box in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WorldBox {
    pub min: WorldPos,
    pub max: WorldPos,
}

impl WorldBox {
    /// The smallest box around `points`; `None` without points.
    pub(crate) fn around(points: impl IntoIterator<Item = WorldPos>) -> Option<Self> {
        points.into_iter().fold(None, |found: Option<WorldBox>, at| {
            Some(found.map_or(WorldBox { min: at, max: at }, |b| b.with(at)))
        })
    }

    fn with(self, at: WorldPos) -> Self {
        Self {
            min: WorldPos { x: self.min.x.min(at.x), y: self.min.y.min(at.y) },
            max: WorldPos { x: self.max.x.max(at.x), y: self.max.y.max(at.y) },
        }
    }

    pub(crate) fn middle(&self) -> WorldPos {
        WorldPos { x: (self.min.x + self.max.x) / 2.0, y: (self.min.y + self.max.y) / 2.0 }
    }

    /// How many points it takes on the screen, the longer side.
    pub(crate) fn longer_side_pt(&self, view: &Viewport) -> f32 {
        ((self.max.x - self.min.x).max(self.max.y - self.min.y) * view.side_pt()) as f32
    }

    pub(crate) fn contains(&self, at: WorldPos) -> bool {
        at.x >= self.min.x && at.x <= self.max.x && at.y >= self.min.y && at.y <= self.max.y
    }

    pub(crate) fn overlaps(&self, other: &WorldBox) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }

    /// Of degrees: west, south, east, north. `None` if they are no box on the earth.
    pub(crate) fn of_degrees([west, south, east, north]: [f64; 4]) -> Option<Self> {
        let south_west = WorldPos::of(LonLat::new(west, south).ok()?);
        let north_east = WorldPos::of(LonLat::new(east, north).ok()?);
        WorldBox::around([south_west, north_east])
    }

    /// Center and zoom that show all of it on `size_pt` with a margin on every side.
    pub(crate) fn fit(&self, size_pt: egui::Vec2, margin_pt: f32, closest_zoom: f64) -> (WorldPos, f64) {
        let center = WorldPos { x: (self.min.x + self.max.x) / 2.0, y: (self.min.y + self.max.y) / 2.0 };
        let room = (size_pt - egui::Vec2::splat(2.0 * margin_pt)).max(egui::Vec2::splat(32.0));
        let zoom_for = |room: f32, extent: f64| (f64::from(room) / WORLD_SIDE_PT / extent.max(1e-12)).log2();
        let zoom = zoom_for(room.x, self.max.x - self.min.x).min(zoom_for(room.y, self.max.y - self.min.y));
        (center, zoom.clamp(MIN_ZOOM, closest_zoom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;
    use proptest::prelude::*;

    fn viewport(zoom: f64) -> Viewport {
        let center = WorldPos::of(LonLat::new(7.42, 43.735).expect("Monaco"));
        Viewport { rect: Rect::from_min_size(pos2(300.0, 60.0), vec2(900.0, 600.0)), center, zoom }
    }

    proptest! {
        #[test]
        fn a_position_comes_back_from_the_screen(lon in -179.9..179.9, lat in -84.9..84.9) {
            let at = LonLat::new(lon, lat).expect("coordinate");
            let back = WorldPos::of(at).lon_lat();
            prop_assert!(back.distance_m(at) < 0.05, "{at:?} came back as {back:?}");
        }

        #[test]
        fn a_click_is_within_a_pixel_of_what_was_drawn(x in 300.0f32..1200.0, y in 60.0f32..660.0, zoom in 3.0..19.0) {
            let view = viewport(zoom);
            let back = view.to_screen(view.to_world(pos2(x, y)));
            prop_assert!(back.distance(pos2(x, y)) < 0.05, "({x}, {y}) came back as {back:?} at zoom {zoom}");
        }
    }

    #[test]
    fn it_agrees_with_walkers_which_draws_the_base_map() {
        use walkers::Projection;
        let at = LonLat::new(7.4246, 43.7384).expect("coordinate");
        let theirs = walkers::MercatorProjection.project(walkers::lon_lat(at.lon(), at.lat()), 15.0);
        let ours = WorldPos::of(at);
        let side = WORLD_SIDE_PT * 15f64.exp2();
        assert!((theirs.x() - ours.x * side).abs() < 1e-3, "dots and base map share the x axis");
        assert!((theirs.y() - ours.y * side).abs() < 1e-3, "dots and base map share the y axis");
    }

    #[test]
    fn what_is_fitted_is_inside_the_margin() {
        let bounds = WorldBox::of_degrees([7.40, 43.72, 7.45, 43.75]).expect("box");
        let size = vec2(900.0, 600.0);
        let (center, zoom) = bounds.fit(size, 40.0, 17.0);
        let view = Viewport { rect: Rect::from_min_size(Pos2::ZERO, size), center, zoom };
        let inner = view.rect.shrink(39.0);
        assert!(inner.contains(view.to_screen(bounds.min)), "the north-west corner is in view");
        assert!(inner.contains(view.to_screen(bounds.max)), "the south-east corner is in view");
    }

    #[test]
    fn one_point_does_not_zoom_in_for_ever() {
        let at = WorldPos::of(LonLat::new(7.42, 43.73).expect("coordinate"));
        let (_, zoom) = WorldBox { min: at, max: at }.fit(vec2(900.0, 600.0), 40.0, 16.0);
        assert!((zoom - 16.0).abs() < 1e-9, "a single dot is shown at street level, not closer");
    }
}
