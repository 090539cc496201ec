//! The marker shapes, rasterised once per theme and screen density into one texture.
//!
//! A textured quad costs four vertices; the same circle as triangles would cost thirty. Each cell is drawn at exactly
//! the screen's density, so markers are sharp without mip maps.

use egui::{Color32, ColorImage, Context, Pos2, Rect, TextureHandle, TextureOptions, Vec2, pos2, vec2};

use crate::palette::{Marker, Palette, Theme};

/// Side of a cell in points: the largest shape (a cluster) with its outline.
const CELL_PT: f32 = 40.0;
/// Cells per row.
const COLUMNS: usize = 4;
/// Width of the outline in points.
const OUTLINE_PT: f32 = 1.5;
/// Radius of a cluster's disc in points.
pub(crate) const CLUSTER_RADIUS_PT: f32 = 16.0;
/// A pin's head is so far above its tip, in points.
pub(crate) const PIN_HEAD_UP_PT: f32 = 11.0;
const PIN_HEAD_RADIUS_PT: f32 = 7.0;

/// The texture with all markers.
pub(crate) struct Atlas {
    pub(crate) texture: TextureHandle,
    cells: [Cell; Marker::ALL.len()],
    theme: Theme,
    pixels_per_point: f32,
}

/// Where a marker is in the texture, and how large it is on the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// In texture coordinates.
    pub uv: Rect,
    /// Half the quad's side in points.
    pub half_pt: f32,
}

impl Atlas {
    pub(crate) fn new(ctx: &Context, theme: Theme, pixels_per_point: f32) -> Self {
        let (image, cells) = rasterise(Palette::of(theme), pixels_per_point);
        let texture = ctx.load_texture("map markers", image, TextureOptions::LINEAR);
        Self { texture, cells, theme, pixels_per_point }
    }

    pub(crate) fn fits(&self, theme: Theme, pixels_per_point: f32) -> bool {
        self.theme == theme && (self.pixels_per_point - pixels_per_point).abs() < 1e-3
    }

    /// All cells, to be used while the mesh is built.
    pub(crate) fn cells(&self) -> [Cell; Marker::ALL.len()] {
        self.cells
    }
}

/// The cells without a texture.
pub(crate) fn cells_without_texture() -> [Cell; Marker::ALL.len()] {
    rasterise(Palette::of(Theme::Light), 1.0).1
}

fn rasterise(palette: &Palette, pixels_per_point: f32) -> (ColorImage, [Cell; Marker::ALL.len()]) {
    let scale = pixels_per_point.clamp(1.0, 4.0);
    let cell_px = (CELL_PT * scale).ceil() as usize;
    let rows = Marker::ALL.len().div_ceil(COLUMNS);
    let size = [cell_px * COLUMNS, cell_px * rows];
    let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
    let cells = Marker::ALL.map(|marker| {
        let n = marker as usize;
        let origin = [(n % COLUMNS) * cell_px, (n / COLUMNS) * cell_px];
        draw_cell(&mut image, origin, cell_px, |at| color_at(marker, palette, at / scale, 1.0 / scale));
        let middle = pos2(origin[0] as f32, origin[1] as f32) + Vec2::splat(cell_px as f32 / 2.0);
        let half_pt = half_side_pt(marker);
        let texels = Rect::from_center_size(middle, Vec2::splat(2.0 * half_pt * scale));
        let to_uv = |at: Pos2| pos2(at.x / size[0] as f32, at.y / size[1] as f32);
        Cell { uv: Rect::from_min_max(to_uv(texels.min), to_uv(texels.max)), half_pt }
    });
    (image, cells)
}

/// `color` gets the offset from the cell's middle in pixels.
fn draw_cell(image: &mut ColorImage, origin: [usize; 2], cell_px: usize, color: impl Fn(Vec2) -> Color32) {
    let middle = cell_px as f32 / 2.0;
    for y in 0..cell_px {
        for x in 0..cell_px {
            let at = vec2(x as f32 + 0.5 - middle, y as f32 + 0.5 - middle);
            image[(origin[0] + x, origin[1] + y)] = color(at);
        }
    }
}

/// Half the side of a marker's quad in points; no larger than needed, because every covered pixel costs.
fn half_side_pt(marker: Marker) -> f32 {
    match marker {
        Marker::Cluster | Marker::ClusterLate => CELL_PT / 2.0,
        Marker::TaskUnassigned
        | Marker::TaskOpen
        | Marker::TaskActive
        | Marker::TaskLate
        | Marker::TaskOver => CELL_PT / 2.0 - 1.0,
        Marker::Late => 12.0,
        Marker::Urgent | Marker::Place | Marker::Waiting => 7.0,
        Marker::Decide => 9.0,
        Marker::Free
        | Marker::EnRoute
        | Marker::EnRouteAnywhere
        | Marker::Working
        | Marker::Stale
        | Marker::Silent => 10.0,
    }
}

/// Colour at an offset from the middle (points); `soft_pt` is a pixel's size in points.
fn color_at(marker: Marker, palette: &Palette, at: Vec2, soft_pt: f32) -> Color32 {
    let body = distance(marker, at);
    let cover = |d: f32| (0.5 - d / soft_pt).clamp(0.0, 1.0);
    let mut color = over(palette.outline, cover(body - OUTLINE_PT), Color32::TRANSPARENT);
    color = over(palette.fill(marker), cover(body), color);
    let (inner, inner_color) = inner(marker, palette, at);
    color = over(inner_color, cover(inner), color);
    match ring(marker, palette, at) {
        Some((d, ring_color)) => {
            let under = over(palette.outline, cover(d - 0.8), Color32::TRANSPARENT);
            let ringed = over(ring_color, cover(d), under);
            if d < body { ringed_or(color, ringed) } else { color }
        }
        None => color,
    }
}

fn ringed_or(color: Color32, ringed: Color32) -> Color32 {
    if ringed.a() >= color.a() { ringed } else { color }
}

/// What is cut out of (or drawn into) the body: its signed distance and colour.
fn inner(marker: Marker, palette: &Palette, at: Vec2) -> (f32, Color32) {
    let head = at + vec2(0.0, PIN_HEAD_UP_PT);
    match marker {
        Marker::Stale => (at.length() - 3.2, palette.hollow),
        Marker::Waiting => (at.length() - 2.4, palette.hollow),
        // The stroke of an exclamation mark.
        Marker::Decide => ((at.x.abs() - 0.9).max((at.y - 0.6).abs() - 2.6), palette.outline),
        Marker::EnRouteAnywhere => (at.length() - 2.0, palette.hollow),
        Marker::TaskUnassigned => (head.length() - 4.6, palette.hollow),
        Marker::TaskActive => (head.length() - 2.6, palette.hollow),
        Marker::TaskOpen | Marker::TaskLate => (head.length() - 2.2, palette.outline),
        Marker::Free
        | Marker::EnRoute
        | Marker::Working
        | Marker::Late
        | Marker::Silent
        | Marker::TaskOver
        | Marker::Urgent
        | Marker::Cluster
        | Marker::ClusterLate
        | Marker::Place => (f32::INFINITY, Color32::TRANSPARENT),
    }
}

/// A ring around the body: its signed distance and colour.
fn ring(marker: Marker, palette: &Palette, at: Vec2) -> Option<(f32, Color32)> {
    let ring = |radius: f32, half_width: f32| (at.length() - radius).abs() - half_width;
    match marker {
        Marker::Late => Some((ring(10.0, 0.9), palette.late)),
        Marker::ClusterLate => Some((ring(CLUSTER_RADIUS_PT + 1.0, 1.8), palette.late)),
        Marker::Free
        | Marker::EnRoute
        | Marker::EnRouteAnywhere
        | Marker::Working
        | Marker::Stale
        | Marker::Silent
        | Marker::TaskUnassigned
        | Marker::TaskOpen
        | Marker::TaskActive
        | Marker::TaskLate
        | Marker::TaskOver
        | Marker::Urgent
        | Marker::Waiting
        | Marker::Decide
        | Marker::Cluster
        | Marker::Place => None,
    }
}

/// Signed distance to the edge of the body in points, negative inside.
fn distance(marker: Marker, at: Vec2) -> f32 {
    match marker {
        Marker::Free | Marker::Stale | Marker::EnRouteAnywhere => at.length() - 6.0,
        Marker::Urgent => at.length() - 4.0,
        Marker::Waiting => at.length() - 4.5,
        Marker::Cluster | Marker::ClusterLate => at.length() - CLUSTER_RADIUS_PT,
        Marker::EnRoute
        | Marker::Working
        | Marker::Late
        | Marker::Silent
        | Marker::Place
        | Marker::Decide
        | Marker::TaskUnassigned
        | Marker::TaskOpen
        | Marker::TaskActive
        | Marker::TaskLate
        | Marker::TaskOver => polygon_distance(&corners(marker), at),
    }
}

/// The corners of a marker's body in points around its place, y downwards. Pins are drawn around their head in the
/// legend but stand on their tip on the map.
pub(crate) fn corners(marker: Marker) -> Vec<Vec2> {
    match marker {
        Marker::EnRoute => vec![vec2(0.0, -8.5), vec2(6.5, 6.5), vec2(0.0, 3.2), vec2(-6.5, 6.5)],
        Marker::Working => square(5.5),
        Marker::Place => square(3.5),
        Marker::Late => vec![vec2(0.0, -6.8), vec2(6.8, 0.0), vec2(0.0, 6.8), vec2(-6.8, 0.0)],
        Marker::Silent => cross(6.5, 1.9),
        Marker::TaskUnassigned
        | Marker::TaskOpen
        | Marker::TaskActive
        | Marker::TaskLate
        | Marker::TaskOver => pin(),
        Marker::Free | Marker::Stale | Marker::EnRouteAnywhere => circle(6.0),
        Marker::Urgent => circle(4.0),
        Marker::Waiting => circle(4.5),
        Marker::Decide => vec![vec2(0.0, -6.0), vec2(6.2, 5.0), vec2(-6.2, 5.0)],
        Marker::Cluster | Marker::ClusterLate => circle(CLUSTER_RADIUS_PT),
    }
}

fn square(half: f32) -> Vec<Vec2> {
    vec![vec2(-half, -half), vec2(half, -half), vec2(half, half), vec2(-half, half)]
}

fn circle(radius: f32) -> Vec<Vec2> {
    (0..24).map(|n| Vec2::angled(n as f32 * std::f32::consts::TAU / 24.0) * radius).collect()
}

/// An X of the given reach and half arm width.
fn cross(reach: f32, half: f32) -> Vec<Vec2> {
    let plus = [
        (-half, -reach),
        (half, -reach),
        (half, -half),
        (reach, -half),
        (reach, half),
        (half, half),
        (half, reach),
        (-half, reach),
        (-half, half),
        (-reach, half),
        (-reach, -half),
        (-half, -half),
    ];
    let (sin, cos) = std::f32::consts::FRAC_PI_4.sin_cos();
    plus.iter().map(|(x, y)| vec2(x * cos - y * sin, x * sin + y * cos)).collect()
}

/// A drop: tip at (0, 0), head above it.
fn pin() -> Vec<Vec2> {
    let head = vec2(0.0, -PIN_HEAD_UP_PT);
    let arc = (0..=20).map(|n| {
        let angle = (150.0 + n as f32 * 12.0).to_radians();
        head + Vec2::angled(angle) * PIN_HEAD_RADIUS_PT
    });
    arc.chain([Vec2::ZERO]).collect()
}

/// Signed distance to a polygon (after Quilez): distance to the nearest edge, sign by crossings.
fn polygon_distance(corners: &[Vec2], at: Vec2) -> f32 {
    let mut nearest_sq = f32::INFINITY;
    let mut inside = false;
    for (n, a) in corners.iter().enumerate() {
        let b = corners[(n + 1) % corners.len()];
        let edge = b - *a;
        let from_a = at - *a;
        let t = (from_a.dot(edge) / edge.length_sq().max(1e-9)).clamp(0.0, 1.0);
        nearest_sq = nearest_sq.min((from_a - edge * t).length_sq());
        if (a.y > at.y) != (b.y > at.y) && at.x < edge.x * (at.y - a.y) / edge.y + a.x {
            inside = !inside;
        }
    }
    if inside { -nearest_sq.sqrt() } else { nearest_sq.sqrt() }
}

/// `color` at `alpha` (0…1) painted over `below`.
fn over(color: Color32, alpha: f32, below: Color32) -> Color32 {
    if alpha <= 0.0 { below } else { below.blend(color.gamma_multiply(alpha)) }
}

#[cfg(test)]
mod tests;
