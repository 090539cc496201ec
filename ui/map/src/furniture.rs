//! What lies on top of the map and does not move with it: buttons, scale bar, attribution, hints, focus frame.

use egui::{
    Align2, CornerRadius, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use crate::event::Fit;
use crate::keys::ZOOM_STEP;
use crate::labels::{note, note_sized};
use crate::live_map::LiveMap;
use crate::palette::Palette;
use crate::projection::Viewport;
use crate::tiles::Coverage;

const BUTTON_PT: f32 = 30.0;
const MARGIN_PT: f32 = 10.0;
/// The scale bar is at most this long.
const SCALE_BAR_MAX_PT: f32 = 110.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Button {
    ZoomIn,
    ZoomOut,
    FitAll,
    Follow,
}

impl LiveMap {
    /// Buttons in the lower right corner, above the attribution.
    pub(crate) fn buttons(&mut self, ui: &mut Ui, view: &Viewport) {
        let all = [Button::Follow, Button::FitAll, Button::ZoomIn, Button::ZoomOut];
        let bottom = view.rect.max.y - MARGIN_PT - 22.0;
        for (n, button) in all.into_iter().rev().enumerate() {
            let max = pos2(view.rect.max.x - MARGIN_PT, bottom - n as f32 * (BUTTON_PT + 4.0));
            let rect = Rect::from_min_max(max - Vec2::splat(BUTTON_PT), max);
            if self.button(ui, rect, button).clicked() {
                self.press(button);
            }
        }
    }

    fn press(&mut self, button: Button) {
        match button {
            Button::ZoomIn => self.zoom_by(ZOOM_STEP),
            Button::ZoomOut => self.zoom_by(-ZOOM_STEP),
            Button::FitAll => self.fit(Fit::All),
            Button::Follow => self.toggle_follow(),
        }
    }

    fn button(&self, ui: &mut Ui, rect: Rect, button: Button) -> Response {
        let text = match button {
            Button::ZoomIn => &self.words.zoom_in,
            Button::ZoomOut => &self.words.zoom_out,
            Button::FitAll => &self.words.fit_all,
            Button::Follow if self.follow.is_some() => &self.words.stop_following,
            Button::Follow => &self.words.follow,
        };
        let response = ui.interact(rect, ui.scope_id().with(button as u8), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
        let active = button == Button::Follow && self.follow.is_some();
        draw_button(ui.painter(), rect, button, (&response, active), self.palette());
        response.on_hover_text(text)
    }

    /// Attribution (always, where there is a base map), scale bar, hints.
    pub(crate) fn notes(&self, painter: &Painter, view: &Viewport) {
        let palette = self.palette();
        let corner = view.rect.max - vec2(4.0, 4.0);
        let attribution = self.tiles.attribution_text();
        if !attribution.is_empty() {
            note_sized(
                painter,
                corner,
                Align2::RIGHT_BOTTOM,
                (attribution, 11.0, palette.weak_text),
                palette,
            );
        }
        let (metres, length_pt) = scale_bar(view);
        draw_scale_bar(painter, view, &self.words.distance(metres), length_pt, palette);
        if let Some(hint) = self.hint() {
            note(painter, view.rect.center_top() + vec2(0.0, MARGIN_PT), Align2::CENTER_TOP, hint, palette);
        }
    }

    fn hint(&self) -> Option<&str> {
        if self.pick_mode {
            return Some(&self.words.pick_place);
        }
        if self.editor.is_some() {
            // It has a hint of its own.
            return None;
        }
        match self.tiles.coverage() {
            Coverage::Some => None,
            Coverage::Loading => Some(&self.words.loading),
            Coverage::None => Some(&self.words.no_base_map),
        }
    }
}

/// Where buttons, attribution and scale bar are: no place for names.
pub(crate) fn corners(map: Rect) -> [Rect; 3] {
    let right = vec2(BUTTON_PT + 2.0 * MARGIN_PT, 4.0 * (BUTTON_PT + 4.0) + 2.0 * MARGIN_PT);
    let [attribution, scale] = [vec2(180.0, 24.0), vec2(SCALE_BAR_MAX_PT + MARGIN_PT, 36.0)];
    let at_right = |size: Vec2, up: f32| Rect::from_min_size(map.max - size - vec2(0.0, up), size);
    [
        at_right(right, 22.0),
        at_right(attribution, 0.0),
        Rect::from_min_size(map.left_bottom() - vec2(0.0, scale.y), scale),
    ]
}

/// A round number of metres and how long it is in points.
fn scale_bar(view: &Viewport) -> (f64, f32) {
    let pt_per_metre = f64::from(view.pt_per_metre(view.center)).max(1e-12);
    let longest_m = f64::from(SCALE_BAR_MAX_PT) / pt_per_metre;
    let power = 10f64.powf(longest_m.log10().floor());
    let step = [5.0, 2.0, 1.0].into_iter().find(|step| step * power <= longest_m).unwrap_or(1.0);
    (step * power, (step * power * pt_per_metre) as f32)
}

fn draw_scale_bar(painter: &Painter, view: &Viewport, text: &str, length_pt: f32, palette: &Palette) {
    let left = pos2(view.rect.min.x + MARGIN_PT, view.rect.max.y - MARGIN_PT);
    let right = left + vec2(length_pt, 0.0);
    let up = vec2(0.0, -6.0);
    let bar = vec![left + up, left, right, right + up];
    painter.line(bar.clone(), Stroke::new(4.0, palette.panel));
    painter.line(bar, Stroke::new(2.0, palette.text));
    let at = left + vec2(0.0, -9.0);
    note_sized(painter, at, Align2::LEFT_BOTTOM, (text, 11.0, palette.text), palette);
}

fn draw_button(
    painter: &Painter,
    rect: Rect,
    button: Button,
    (response, active): (&Response, bool),
    palette: &Palette,
) {
    let fill = if active { palette.accent } else { palette.panel };
    let ink = if active { palette.panel } else { palette.text };
    let edge = match (response.has_focus(), response.hovered()) {
        (true, _) => Stroke::new(2.5, palette.accent),
        (false, true) => Stroke::new(1.5, palette.accent),
        (false, false) => Stroke::new(1.0, palette.panel_stroke),
    };
    painter.rect(rect, CornerRadius::same(5), fill, edge, StrokeKind::Inside);
    draw_icon(painter, rect.center(), button, Stroke::new(2.0, ink));
}

/// Icons are drawn, not set: the fonts need not have them.
fn draw_icon(painter: &Painter, at: Pos2, button: Button, ink: Stroke) {
    let (x, y) = (vec2(6.0, 0.0), vec2(0.0, 6.0));
    match button {
        Button::ZoomIn => {
            painter.line_segment([at - x, at + x], ink);
            painter.line_segment([at - y, at + y], ink);
        }
        Button::ZoomOut => {
            painter.line_segment([at - x, at + x], ink);
        }
        Button::FitAll => {
            for (sx, sy) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                let corner = at + vec2(7.0 * sx, 6.0 * sy);
                painter.line_segment([corner, corner - vec2(4.0 * sx, 0.0)], ink);
                painter.line_segment([corner, corner - vec2(0.0, 4.0 * sy)], ink);
            }
        }
        Button::Follow => {
            painter.circle_stroke(at, 5.0, ink);
            painter.circle_filled(at, 1.8, ink.color);
            for way in [x, -x, y, -y] {
                painter.line_segment([at + way * 0.85, at + way * 1.5], ink);
            }
        }
    }
}

/// The frame around the map while it has the keyboard.
pub(crate) fn draw_focus(painter: &Painter, rect: Rect, palette: &Palette) {
    painter.rect_stroke(
        rect.shrink(1.0),
        CornerRadius::ZERO,
        Stroke::new(3.0, palette.accent),
        StrokeKind::Inside,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::WorldPos;
    use domain::LonLat;

    #[test]
    fn the_scale_bar_is_a_round_number_at_every_zoom() {
        for tenth in 30..190 {
            let center = WorldPos::of(LonLat::new(7.42, 43.73).expect("coordinate"));
            let rect = Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0));
            let view = Viewport { rect, center, zoom: f64::from(tenth) / 10.0 };
            let (metres, length_pt) = scale_bar(&view);
            assert!(length_pt <= SCALE_BAR_MAX_PT + 0.1, "{length_pt} points at zoom {tenth}/10");
            assert!(length_pt >= SCALE_BAR_MAX_PT / 2.6, "{length_pt} points is too short to read off");
            let lead = metres / 10f64.powf(metres.log10().floor() + 1e-9);
            let round = [1.0, 2.0, 5.0, 10.0].iter().any(|step| (lead - step).abs() < 1e-6);
            assert!(round, "{metres} m is no round number");
        }
    }
}
