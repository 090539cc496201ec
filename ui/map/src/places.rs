//! Places and their fences.

use egui::{Color32, Painter, Shape, Stroke};
use protocol::view::Subject;

use crate::given::PlaceShape;
use crate::outlines::Outline;
use crate::palette::Palette;
use crate::projection::{Viewport, WorldPos};

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

    pub(crate) fn subject(&self) -> Subject {
        Subject::Poi(self.shape.poi)
    }
}

/// Draws the fences in view; those in `strong` (hovered, selected) more visibly.
pub(crate) fn draw_fences(
    painter: &Painter,
    places: &[PlaceRow],
    view: &Viewport,
    palette: &Palette,
    strong: &[Option<Subject>],
) {
    let window = view.window(0.0);
    for place in places {
        let Some(outline) = place.outline.as_ref().filter(|outline| outline.bounds.overlaps(&window)) else {
            continue;
        };
        let marked = strong.contains(&Some(place.subject()));
        let fill = palette.fence.gamma_multiply(if marked { 0.24 } else { 0.10 });
        let stroke = Stroke::new(if marked { 3.0 } else { 1.5 }, palette.fence);
        draw_fence(painter, outline, view, fill, stroke);
    }
}

pub(crate) fn draw_fence(
    painter: &Painter,
    outline: &Outline,
    view: &Viewport,
    fill: Color32,
    stroke: Stroke,
) {
    match &outline.corridor {
        Some((line, half_width_m)) => {
            let points: Vec<_> = line.iter().map(|at| view.to_screen(*at)).collect();
            let width = 2.0 * *half_width_m as f32 * line.first().map_or(0.0, |at| view.pt_per_metre(*at));
            painter.line(points.clone(), Stroke::new(width.max(2.0), fill));
            painter.extend(Shape::dashed_line(&points, stroke, 8.0, 6.0));
        }
        None => {
            painter.add(Shape::mesh(outline.fill(view, fill)));
            for ring in outline.rings_on_screen(view) {
                painter.add(Shape::closed_line(ring, stroke));
            }
        }
    }
}
