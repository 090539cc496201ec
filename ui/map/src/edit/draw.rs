//! How an edit looks: the shape, its handles, what is being drawn, sizes beside the pointer, what is wrong in red.

use domain::place::ShapeError;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, vec2};

use super::draft::{Draft, RING_MIN, Vertex};
use super::handles::{Handle, Knob};
use super::{EditTool, Editor, measure};
use crate::labels::{note, note_wrapped};
use crate::palette::Palette;
use crate::places::{Pen, draw_outline};
use crate::projection::{Viewport, WorldPos};
use crate::words::Words;

const VERTEX_PT: f32 = 5.0;
const MIDDLE_PT: f32 = 3.5;
/// The hint is below the host's buttons, and as far from the sides.
const HINT_DOWN_PT: f32 = 52.0;
/// Sizes are written so far beside the pointer.
const BESIDE_PT: Vec2 = Vec2::new(16.0, 14.0);

/// Everything that drawing needs.
struct Canvas<'a> {
    painter: &'a Painter,
    view: Viewport,
    palette: &'a Palette,
    color: Color32,
}

impl Editor {
    /// The shape with its handles.
    pub(crate) fn draw(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        let color = palette.fence_color(self.color);
        let canvas = Canvas { painter, view: self.view(view), palette, color };
        self.draw_shape(&canvas);
        self.draw_sketch(&canvas);
        for handle in self.handles(&canvas.view) {
            self.draw_handle(&canvas, handle);
        }
        self.draw_crossing(&canvas);
        if let Some(snap) = self.snap {
            let mark = Rect::from_center_size(snap.pos, Vec2::splat(if snap.on_edge { 11.0 } else { 15.0 }));
            painter.rect_stroke(mark, 0.0, Stroke::new(3.5, palette.panel), StrokeKind::Middle);
            painter.rect_stroke(mark, 0.0, Stroke::new(2.0, palette.accent), StrokeKind::Middle);
        }
    }

    /// On top of all labels: what to do next, and the size of what is being drawn or dragged, beside the pointer.
    pub(crate) fn draw_notes(&self, painter: &Painter, view: &Viewport, palette: &Palette, words: &Words) {
        let top = view.rect.center_top() + vec2(0.0, HINT_DOWN_PT);
        note_wrapped(
            painter,
            top,
            (view.rect.width() - 2.0 * HINT_DOWN_PT).max(120.0),
            self.hint(words),
            palette,
        );
        if let Some((pointer, text)) = self.pointer.zip(self.size_text(words)) {
            let pos = self.view(view).to_screen(pointer.world) + BESIDE_PT;
            note(painter, pos, Align2::LEFT_TOP, &text, palette);
        }
    }

    fn hint<'a>(&self, words: &'a Words) -> &'a str {
        match (self.tool, self.is_drawing()) {
            (EditTool::Adjust, _) => &words.adjust,
            (EditTool::Circle, false) => &words.draw_circle,
            (EditTool::Circle, true) => &words.draw_radius,
            (EditTool::Hole, false) => &words.draw_hole,
            (EditTool::Area | EditTool::Corridor, false) => &words.draw_first,
            (EditTool::Area | EditTool::Hole, true) => &words.draw_ring,
            (EditTool::Corridor, true) => &words.draw_line,
        }
    }

    fn draw_shape(&self, canvas: &Canvas<'_>) {
        let Some(outline) = &self.outline else { return };
        let wrong = self.problem.is_some();
        let color = if wrong { canvas.palette.wrong } else { canvas.color };
        let pen = Pen { fill: color.gamma_multiply(0.22), stroke: Stroke::new(2.5, color), dashed: false };
        draw_outline(canvas.painter, outline, &canvas.view, &pen);
        if let Some(Draft::Circle { center, radius_m }) = self.draft.as_deref() {
            let rim = canvas.view.pt_per_metre(center.world) * *radius_m as f32;
            let from = canvas.view.to_screen(center.world);
            let spoke = [from, from + vec2(rim, 0.0)];
            canvas.painter.extend(Shape::dashed_line(&spoke, Stroke::new(1.5, color), 5.0, 4.0));
        }
    }

    /// The ring, line or circle that is being drawn, up to the pointer.
    fn draw_sketch(&self, canvas: &Canvas<'_>) {
        let Some(first) = self.points.first() else { return };
        let stroke = Stroke::new(2.5, canvas.color);
        let screen = |vertex: &Vertex| canvas.view.to_screen(vertex.world);
        if self.tool == EditTool::Circle {
            if let Some(rim) = self.pointer {
                let radius_m = first.at.distance_m(rim.at) as f32;
                let radius_pt = radius_m * canvas.view.pt_per_metre(first.world);
                let fill = canvas.color.gamma_multiply(0.18);
                canvas.painter.circle(screen(first), radius_pt, fill, stroke);
                let spoke = [screen(first), screen(&rim)];
                canvas.painter.extend(Shape::dashed_line(&spoke, Stroke::new(1.5, canvas.color), 5.0, 4.0));
            }
        } else {
            canvas.painter.line(self.points.iter().map(screen).collect(), stroke);
            self.draw_rubber_band(canvas);
        }
        for vertex in &self.points {
            canvas.knob(screen(vertex), VERTEX_PT, canvas.palette.panel);
        }
    }

    fn draw_rubber_band(&self, canvas: &Canvas<'_>) {
        let (Some(first), Some(last), Some(pointer)) =
            (self.points.first(), self.points.last(), self.pointer)
        else {
            return;
        };
        let screen = |vertex: &Vertex| canvas.view.to_screen(vertex.world);
        let thin = Stroke::new(1.5, canvas.color);
        canvas.painter.extend(Shape::dashed_line(&[screen(last), screen(&pointer)], thin, 6.0, 4.0));
        if self.tool != EditTool::Corridor && self.points.len() + 1 >= RING_MIN {
            let faint = Stroke::new(1.0, canvas.color.gamma_multiply(0.6));
            canvas.painter.extend(Shape::dashed_line(&[screen(&pointer), screen(first)], faint, 3.0, 5.0));
        }
    }

    fn draw_handle(&self, canvas: &Canvas<'_>, handle: Handle) {
        let hovered = self.hovered == Some(handle.knob);
        let grown = if hovered { 1.5 } else { 0.0 };
        match handle.knob {
            Knob::Vertex(spot) => {
                let selected = self.selected == Some(spot);
                let fill = if selected { canvas.palette.accent } else { canvas.palette.panel };
                let size = VERTEX_PT + grown + if selected { 1.5 } else { 0.0 };
                canvas.knob(handle.pos, size, fill);
            }
            Knob::Middle(_) => canvas.knob(handle.pos, MIDDLE_PT + 1.5 * grown, canvas.color),
            Knob::Center | Knob::Radius | Knob::Width => {
                let selected = handle.knob == Knob::Center && self.selected.is_some();
                let fill = if selected { canvas.palette.accent } else { canvas.palette.panel };
                let square = Rect::from_center_size(handle.pos, Vec2::splat(2.0 * (VERTEX_PT + grown)));
                let stroke = Stroke::new(2.0, canvas.color);
                canvas.painter.rect(square, 2.0, fill, stroke, StrokeKind::Middle);
            }
        }
    }

    fn size_text(&self, words: &Words) -> Option<String> {
        let pointer = self.pointer?;
        match (&self.hold, self.points.as_slice()) {
            (_, [center]) if self.tool == EditTool::Circle => {
                Some(words.length(center.at.distance_m(pointer.at)))
            }
            (_, [.., last]) => Some(self.sketch_text(words, last, pointer)),
            (Some(_), []) => Some(self.held_text(words)),
            (None, []) => None,
        }
    }

    fn sketch_text(&self, words: &Words, last: &Vertex, pointer: Vertex) -> String {
        let edge = words.length(last.at.distance_m(pointer.at));
        let mut path = self.points.clone();
        path.push(pointer);
        if self.tool == EditTool::Corridor {
            let all = words.length(measure::path_m(&path));
            return if self.points.len() > 1 { format!("{edge} · Σ {all}") } else { edge };
        }
        let area = (path.len() >= RING_MIN).then(|| words.area(measure::ring_m2(&path)));
        area.map_or(edge.clone(), |area| format!("{edge} · {area}"))
    }

    fn held_text(&self, words: &Words) -> String {
        match self.draft.as_deref() {
            Some(Draft::Circle { radius_m, .. }) => words.length(*radius_m),
            Some(Draft::Corridor { half_width_m, .. }) => format!("± {}", words.length(*half_width_m)),
            Some(Draft::Areas(_)) | None => {
                self.measures.map(|measures| words.area(measures.area_m2)).unwrap_or_default()
            }
        }
    }

    /// Where the shape is wrong: where its border crosses itself, where a hole is outside.
    fn draw_crossing(&self, canvas: &Canvas<'_>) {
        let of_shape = match &self.problem {
            Some(ShapeError::SelfIntersecting(at) | ShapeError::HoleOutside(at) | ShapeError::Flat(at)) => {
                Some(WorldPos::of(*at).beside(canvas.view.center.x))
            }
            Some(
                ShapeError::Size(_)
                | ShapeError::RingTooShort(_)
                | ShapeError::LineTooShort(_)
                | ShapeError::Empty
                | ShapeError::TooManyPoints(_)
                | ShapeError::AroundPole
                | ShapeError::BeyondHemisphere
                | ShapeError::TooTangled,
            )
            | None => None,
        };
        if let Some(at) = self.sketch_crossing().or(of_shape) {
            let pos = canvas.view.to_screen(at);
            let red = Stroke::new(3.0, canvas.palette.wrong);
            canvas.painter.circle(pos, 10.0, canvas.palette.wrong.gamma_multiply(0.2), red);
            for (x, y) in [(1.0, 1.0), (1.0, -1.0)] {
                canvas
                    .painter
                    .line_segment([pos - vec2(4.0 * x, 4.0 * y), pos + vec2(4.0 * x, 4.0 * y)], red);
            }
        }
    }

    fn sketch_crossing(&self) -> Option<WorldPos> {
        if !matches!(self.tool, EditTool::Area | EditTool::Hole) {
            return None;
        }
        let set: Vec<WorldPos> = self.points.iter().map(|vertex| vertex.world).collect();
        let standing = (2..=set.len()).find_map(|count| measure::newest_crossing(&set[..count]));
        let closes = self.snap.is_some_and(|snap| Some(snap.world) == set.first().copied());
        let reaching = || {
            let mut path = set.clone();
            path.push(self.pointer?.world);
            // The closing edge shares its end with the first one.
            measure::newest_crossing(&path[usize::from(closes)..])
        };
        standing.or_else(reaching)
    }
}

impl Canvas<'_> {
    fn knob(&self, pos: Pos2, radius_pt: f32, fill: Color32) {
        self.painter.circle(pos, radius_pt, fill, Stroke::new(2.0, self.color));
    }
}
