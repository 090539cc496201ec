//! Places and their fences.

use domain::PoiId;
use egui::{Align2, Color32, Painter, Pos2, Shape, Stroke, vec2};
use protocol::view::Subject;

use crate::given::PlaceShape;
use crate::labels::note;
use crate::outlines::Outline;
use crate::palette::Palette;
use crate::projection::{Viewport, WorldPos};

/// A fence that is at least so wide on the screen carries its name at any zoom.
const NAMED_FROM_PT: f32 = 70.0;
/// More names than this would cover the shapes.
const PREVIEW_NAMES_MAX: usize = 40;
const DASH_PT: f32 = 7.0;
const GAP_PT: f32 = 5.0;
/// Longer lines are drawn without gaps: their dashes out of sight would be made in every frame, hundreds of thousands for a region.
const DASHED_MAX_PT: f32 = 40_000.0;

/// A place with what can be computed once.
pub(crate) struct PlaceRow {
    pub world: WorldPos,
    pub outline: Option<Outline>,
    pub shape: PlaceShape,
}

impl PlaceRow {
    pub(crate) fn of(shape: PlaceShape) -> Self {
        let outline = shape.fence.as_ref().and_then(Outline::of);
        Self { world: WorldPos::of(shape.at), outline, shape }
    }

    /// Like [`PlaceRow::of`], with the outline of the row before where the shape is the same.
    pub(crate) fn after(before: Option<PlaceRow>, shape: PlaceShape) -> Self {
        match before.filter(|before| before.shape.fence == shape.fence) {
            Some(before) => Self { world: WorldPos::of(shape.at), outline: before.outline, shape },
            None => Self::of(shape),
        }
    }

    /// Whether its fence is large enough on the screen to carry its name.
    pub(crate) fn is_wide(&self, view: &Viewport) -> bool {
        self.outline.as_ref().is_some_and(|outline| outline.bounds.longer_side_pt(view) >= NAMED_FROM_PT)
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::Poi(self.shape.poi)
    }
}

/// How the fences are drawn.
pub(crate) struct Look<'a> {
    pub palette: &'a Palette,
    /// Hovered and selected: more visible.
    pub strong: [Option<Subject>; 2],
    /// Being edited: drawn by the editor.
    pub hidden: Option<PoiId>,
}

/// Draws the fences in view.
pub(crate) fn draw_fences(painter: &Painter, places: &[PlaceRow], view: &Viewport, look: &Look<'_>) {
    for place in places.iter().filter(|place| Some(place.shape.poi) != look.hidden) {
        let Some(outline) = &place.outline else { continue };
        let view = view.around(outline.bounds.middle().x);
        if !outline.bounds.overlaps(&view.window(0.0)) {
            continue;
        }
        let color = look.palette.fence_color(place.shape.color);
        let [hovered, selected] = look.strong.map(|subject| subject == Some(place.subject()));
        let (fill, width) = match (hovered, selected) {
            (_, true) => (0.26, 3.5),
            (true, false) => (0.20, 2.5),
            (false, false) => (if place.shape.quiet { 0.06 } else { 0.13 }, 1.8),
        };
        let pen = Pen {
            fill: color.gamma_multiply(fill),
            stroke: Stroke::new(width, color),
            dashed: place.shape.quiet,
        };
        draw_outline(painter, outline, &view, &pen);
    }
}

/// Draws shapes that are looked at before they are imported, with their names as long as there are few.
pub(crate) fn draw_preview(painter: &Painter, shapes: &[PlaceRow], view: &Viewport, palette: &Palette) {
    let named = shapes.len() <= PREVIEW_NAMES_MAX;
    for place in shapes {
        let Some(outline) = &place.outline else { continue };
        let view = view.around(outline.bounds.middle().x);
        if !outline.bounds.overlaps(&view.window(0.0)) {
            continue;
        }
        let color = palette.fence_color(place.shape.color);
        let (fill, stroke) = (color.gamma_multiply(0.26), Stroke::new(3.0, color));
        draw_outline(painter, outline, &view, &Pen { fill, stroke, dashed: false });
        if named {
            // Below it: a small shape would be hidden behind its name.
            let south = view.to_screen(WorldPos { y: outline.bounds.max.y, ..outline.bounds.middle() });
            note(painter, south + vec2(0.0, 4.0), Align2::CENTER_TOP, &place.shape.name, palette);
        }
    }
}

/// How an outline is drawn.
pub(crate) struct Pen {
    pub fill: Color32,
    pub stroke: Stroke,
    pub dashed: bool,
}

/// Draws an outline; a corridor as wide as it is on the ground.
pub(crate) fn draw_outline(painter: &Painter, outline: &Outline, view: &Viewport, pen: &Pen) {
    if let Some((line, half_width_m)) = &outline.corridor {
        let points: Vec<Pos2> = line.iter().map(|at| view.to_screen(*at)).collect();
        let half_pt = *half_width_m as f32 * line.first().map_or(0.0, |at| view.pt_per_metre(*at));
        painter.line(points.clone(), Stroke::new((2.0 * half_pt).max(2.0), pen.fill));
        for side in sides(&points, half_pt) {
            draw_line(painter, side, pen, false);
        }
        let middle = Stroke::new(1.0, pen.stroke.color);
        if can_be_dashed(&points) {
            painter.extend(Shape::dashed_line(&points, middle, 8.0, 6.0));
        } else {
            painter.line(points, middle);
        }
        return;
    }
    painter.add(Shape::mesh(outline.fill(view, pen.fill)));
    for ring in outline.rings_on_screen(view) {
        draw_line(painter, ring, pen, true);
    }
}

fn draw_line(painter: &Painter, mut points: Vec<Pos2>, pen: &Pen, closed: bool) {
    if pen.dashed && can_be_dashed(&points) {
        points.extend(points.first().copied().filter(|_| closed));
        painter.extend(Shape::dashed_line(&points, pen.stroke, DASH_PT, GAP_PT));
    } else if closed {
        painter.add(Shape::closed_line(points, pen.stroke));
    } else {
        painter.line(points, pen.stroke);
    }
}

fn can_be_dashed(points: &[Pos2]) -> bool {
    points.windows(2).map(|pair| pair[0].distance(pair[1])).sum::<f32>() <= DASHED_MAX_PT
}

/// The borders on both sides of a line, edge by edge.
fn sides(points: &[Pos2], half_pt: f32) -> Vec<Vec<Pos2>> {
    let beside = |pair: &[Pos2]| {
        let along = (pair[1] - pair[0]).normalized();
        let across = vec2(-along.y, along.x) * half_pt;
        [vec![pair[0] + across, pair[1] + across], vec![pair[0] - across, pair[1] - across]]
    };
    points.windows(2).filter(|pair| pair[0] != pair[1]).flat_map(beside).collect()
}
