//! Routes and tracks on the map.

use egui::{Painter, Pos2, Shape, Stroke};
use protocol::wire::TrackResponse;

use protocol::view::RouteView;

use crate::given::{RouteLine, TrackLine};
use crate::palette::Palette;
use crate::projection::{Viewport, WorldBox, WorldPos};

/// Points of a line closer together than this on the screen are one.
const MIN_STEP_PT: f32 = 1.5;

/// Width of the one route that is shown alone.
const ROUTE_PT: f32 = 4.0;
/// A casing is wider than its line by so much.
const CASING_PT: f32 = 3.0;

/// A route with its points projected.
pub(crate) struct RouteOnMap {
    pub points: Vec<WorldPos>,
    pub by_road: bool,
    pub arrival_label: String,
}

impl RouteOnMap {
    pub(crate) fn of(line: RouteLine) -> Self {
        Self { arrival_label: line.arrival_label, ..Self::of_route(&line.route) }
    }

    pub(crate) fn of_route(route: &RouteView) -> Self {
        let points = route.points.iter().copied().map(WorldPos::of).collect();
        Self { points, by_road: route.source.is_by_road(), arrival_label: String::new() }
    }

    /// Draws the line; one that is only an estimate is dashed.
    pub(crate) fn draw(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        self.draw_casing(painter, view, palette, ROUTE_PT);
        self.draw_as(painter, view, palette, Stroke::new(ROUTE_PT, palette.en_route));
    }

    /// What sets a line of this width off from the map below it.
    pub(crate) fn draw_casing(&self, painter: &Painter, view: &Viewport, palette: &Palette, width: f32) {
        let points = on_screen(&self.points, view);
        if self.by_road && points.len() > 1 {
            painter.line(points, Stroke::new(width + CASING_PT, palette.panel));
        }
    }

    /// The line and its end, without a casing.
    pub(crate) fn draw_as(&self, painter: &Painter, view: &Viewport, palette: &Palette, stroke: Stroke) {
        let points = on_screen(&self.points, view);
        if points.len() < 2 {
            return;
        }
        if self.by_road {
            painter.line(points, stroke);
        } else {
            painter.extend(Shape::dashed_line(&points, stroke, 10.0, 8.0));
        }
        if let Some(end) = self.points.last() {
            painter.circle(view.to_screen(*end), 5.0, palette.panel, Stroke::new(3.0, stroke.color));
        }
    }

    /// Half way along the line on the screen.
    pub(crate) fn middle(&self, view: &Viewport) -> Option<Pos2> {
        let points = on_screen(&self.points, view);
        let long_pt: f32 = points.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
        let mut left_pt = long_pt / 2.0;
        for pair in points.windows(2) {
            let step_pt = pair[0].distance(pair[1]);
            if step_pt >= left_pt {
                let part = if step_pt > 0.0 { left_pt / step_pt } else { 0.0 };
                return Some(pair[0] + (pair[1] - pair[0]) * part);
            }
            left_pt -= step_pt;
        }
        None
    }

    pub(crate) fn bounds(&self) -> Option<WorldBox> {
        WorldBox::around(self.points.iter().copied())
    }
}

/// A track cut into pieces at its gaps.
pub(crate) struct TrackOnMap {
    pieces: Vec<Vec<WorldPos>>,
    /// Last place before each gap.
    pub gaps: Vec<WorldPos>,
}

impl TrackOnMap {
    pub(crate) fn of(line: &TrackLine) -> Self {
        let TrackResponse { fixes, gaps } = &line.track;
        let mut pieces: Vec<Vec<WorldPos>> = Vec::new();
        let mut gap_places = Vec::new();
        let mut before: Option<&domain::position::Fix> = None;
        for fix in fixes {
            let cut = before.is_some_and(|last| {
                gaps.iter().any(|gap| gap.from < fix.fix_time && gap.to.is_none_or(|to| to > last.fix_time))
            });
            if cut && let Some(last) = before {
                gap_places.push(WorldPos::of(last.at));
            }
            match pieces.last_mut() {
                Some(piece) if !cut => piece.push(WorldPos::of(fix.at)),
                Some(_) | None => pieces.push(vec![WorldPos::of(fix.at)]),
            }
            before = Some(fix);
        }
        Self { pieces, gaps: gap_places }
    }

    pub(crate) fn draw(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        for piece in &self.pieces {
            let points = on_screen(piece, view);
            painter.line(points.clone(), Stroke::new(5.0, palette.panel));
            painter.line(points, Stroke::new(2.5, palette.track));
        }
        for gap in &self.gaps {
            let pos = view.to_screen(*gap);
            painter.circle(pos, 4.0, palette.panel, Stroke::new(2.0, palette.track));
        }
    }

    pub(crate) fn bounds(&self) -> Option<WorldBox> {
        WorldBox::around(self.pieces.iter().flatten().copied())
    }
}

/// Screen points without those that make no visible difference.
fn on_screen(points: &[WorldPos], view: &Viewport) -> Vec<Pos2> {
    let mut kept: Vec<Pos2> = Vec::with_capacity(points.len().min(4_096));
    for (n, at) in points.iter().enumerate() {
        let pos = view.to_screen(*at);
        let far = kept.last().is_none_or(|last| last.distance(pos) >= MIN_STEP_PT);
        if far || n + 1 == points.len() {
            kept.push(pos);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use domain::LonLat;
    use domain::position::Fix;
    use protocol::wire::{GapReason, TrackGap};

    fn at_minute(minute: u32) -> DateTime<Utc> {
        format!("2026-11-23T10:{minute:02}:00Z").parse().expect("time")
    }

    fn fix(minute: u32) -> Fix {
        let at = LonLat::new(7.42 + f64::from(minute) * 1e-3, 43.73).expect("coordinate");
        Fix { at, fix_time: at_minute(minute), accuracy_m: None, speed_mps: None, heading_deg: None }
    }

    fn track(gaps: Vec<TrackGap>) -> TrackOnMap {
        let fixes = [0, 1, 2, 20, 21].map(fix).to_vec();
        TrackOnMap::of(&TrackLine { track: TrackResponse { fixes, gaps } })
    }

    #[test]
    fn no_line_is_drawn_across_the_time_somebody_was_private() {
        let gap = TrackGap { from: at_minute(3), to: Some(at_minute(19)), reason: GapReason::Private };
        let cut = track(vec![gap]);
        let lengths: Vec<_> = cut.pieces.iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 2], "the line stops before the gap and begins anew after it");
        assert_eq!(cut.gaps.len(), 1, "and the gap is marked where it began");
        assert_eq!(track(vec![]).pieces.len(), 1, "without a gap it is one line");
    }

    #[test]
    fn a_gap_that_goes_on_cuts_nothing_before_it() {
        let gap = TrackGap { from: at_minute(30), to: None, reason: GapReason::Private };
        assert_eq!(track(vec![gap]).pieces.len(), 1, "all fixes are older than the gap");
    }

    fn screen() -> (Viewport, WorldPos) {
        let center = WorldPos::of(LonLat::new(7.42, 43.73).expect("coordinate"));
        let rect = egui::Rect::from_min_size(Pos2::ZERO, egui::vec2(900.0, 600.0));
        (Viewport { rect, center, zoom: 10.0 }, center)
    }

    #[test]
    fn the_letter_of_a_way_stands_half_way_not_at_the_middle_point() {
        let (view, center) = screen();
        let east = |part: f64| WorldPos { x: center.x + part * 1e-3, y: center.y };
        let points = vec![east(0.0), east(0.1), east(0.2), east(1.0)];
        let line = RouteOnMap { points, by_road: true, arrival_label: String::new() };
        let middle = line.middle(&view).expect("a line has a middle");
        let (start, end) = (view.to_screen(east(0.0)), view.to_screen(east(1.0)));
        let (before, after) = (start.distance(middle), middle.distance(end));
        assert!((before - after).abs() < 0.5, "as far from both ends: {before} and {after}");
        let nothing = RouteOnMap { points: vec![], by_road: true, arrival_label: String::new() };
        assert_eq!(nothing.middle(&view), None, "a way without points has none");
    }

    #[test]
    fn points_that_fall_on_one_pixel_are_drawn_once() {
        let (view, center) = screen();
        let points: Vec<_> =
            (0..1_000).map(|n| WorldPos { x: center.x + f64::from(n) * 1e-9, y: center.y }).collect();
        assert!(
            on_screen(&points, &view).len() <= 3,
            "a thousand points within a pixel are a handful at most"
        );
    }
}
