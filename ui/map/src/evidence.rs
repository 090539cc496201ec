//! Why an alert was raised, on the map: the fixes with their 95 % error circles, what each of them says, and those that decided.
//!
//! Colour never stands alone: a fix that says inside is a disc, one that says outside a square, one that can't tell a diamond,
//! and one that does not count a cross. What decided is larger and has a ring.

use domain::{LonLat, PoiId};
use egui::{Color32, Painter, Pos2, Shape, Stroke, pos2, vec2};
use protocol::view::{ExplanationBasis, ExplanationView, FixSays};

use crate::event::{Fit, MapEvent};
use crate::live_map::LiveMap;
use crate::palette::{Palette, Theme};
use crate::places::{Pen, PlaceRow, draw_outline};
use crate::projection::{Viewport, WorldBox, WorldPos};

/// A fix is half as wide as this, in points …
const HALF_PT: f32 = 4.5;
/// … and one that decided this.
const HALF_DECIDES_PT: f32 = 7.0;
/// The pointer is over a fix within this distance, in points.
const REACH_PT: f32 = 10.0;
/// Circles larger than this are only outlined, or they would tint the whole map.
const FILLED_MAX_PT: f32 = 160.0;

/// What an explanation rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The fixes in event order.
    pub fixes: Vec<EvidenceFix>,
    /// The fence that they are measured against.
    pub fence: Option<PoiId>,
}

/// One fix as it was judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvidenceFix {
    /// Where.
    pub at: LonLat,
    /// Radius of its 95 % error circle, metres.
    pub acc95_m: f64,
    /// What it says.
    pub says: FixSays,
    /// It belongs to the run that decided.
    pub decides: bool,
    /// Nothing is known of the way from the fix before: location sharing was off in between.
    pub after_gap: bool,
}

impl Evidence {
    /// Of an explanation.
    pub fn of(view: &ExplanationView) -> Self {
        let mut before = None;
        let fixes = view.fixes.iter().map(|judged| {
            let time = judged.fix.fix_time;
            let after_gap = before.is_some_and(|last| {
                view.gaps.iter().any(|gap| gap.from < time && gap.to.is_none_or(|to| to > last))
            });
            before = Some(time);
            let (at, acc95_m) = (judged.fix.at, judged.acc95_m);
            EvidenceFix { at, acc95_m, says: judged.says, decides: judged.decides, after_gap }
        });
        let fence = match view.basis {
            ExplanationBasis::Fence { poi, .. } => Some(poi),
            ExplanationBasis::Rule { .. } | ExplanationBasis::BuiltIn => None,
        };
        Evidence { fixes: fixes.collect(), fence }
    }
}

/// The colour of what a fix says: red, green, blue.
pub fn evidence_color(says: FixSays, theme: Theme) -> [u8; 3] {
    let color = color_of(says, Palette::of(theme));
    [color.r(), color.g(), color.b()]
}

fn color_of(says: FixSays, palette: &Palette) -> Color32 {
    match says {
        FixSays::Inside => palette.free,
        FixSays::Outside | FixSays::Beyond => palette.en_route,
        FixSays::Undecided => palette.working,
        FixSays::TooInaccurate | FixSays::Refused => palette.stale,
        FixSays::Quarantined => palette.late,
    }
}

/// Evidence with its places projected.
pub(crate) struct EvidenceOnMap {
    given: Evidence,
    worlds: Vec<WorldPos>,
    marked: Option<usize>,
}

impl LiveMap {
    /// What an explanation rests on; `None` takes it away.
    pub fn set_evidence(&mut self, evidence: Option<Evidence>) {
        self.evidence = evidence.map(|given| {
            let worlds = given.fixes.iter().map(|fix| WorldPos::of(fix.at)).collect();
            EvidenceOnMap { given, worlds, marked: None }
        });
        self.changed();
    }

    /// Marks one fix of the evidence, by its place in the list.
    pub fn mark_evidence(&mut self, fix: Option<usize>) {
        if let Some(evidence) = &mut self.evidence {
            evidence.marked = fix.filter(|fix| *fix < evidence.worlds.len());
            self.changed();
        }
    }

    /// Brings the evidence into view: what decided, or everything where nothing did, and the fence.
    pub fn fit_evidence(&mut self) {
        let Some(evidence) = &self.evidence else { return };
        let fence =
            self.fence_of(evidence).and_then(|place| place.outline.as_ref()).map(|outline| outline.bounds);
        let corners = fence.into_iter().flat_map(|b| [b.min, b.max]);
        if let Some(bounds) = WorldBox::around(evidence.telling().chain(corners)) {
            let (min, max) = (bounds.min.lon_lat(), bounds.max.lon_lat());
            self.fit(Fit::Bounds([min.lon(), max.lat(), max.lon(), min.lat()]));
        }
    }

    fn fence_of(&self, evidence: &EvidenceOnMap) -> Option<&PlaceRow> {
        let poi = evidence.given.fence?;
        self.places.iter().find(|place| place.shape.poi == poi)
    }

    pub(crate) fn draw_evidence(&self, painter: &Painter, view: &Viewport) {
        let Some(evidence) = &self.evidence else { return };
        let palette = self.palette();
        let fence = self.fence_of(evidence);
        if let Some((outline, place)) = fence.and_then(|place| Some((place.outline.as_ref()?, place))) {
            let stroke = Stroke::new(3.0, palette.fence_color(place.shape.color));
            let pen = Pen { fill: Color32::TRANSPARENT, stroke, dashed: false };
            draw_outline(painter, outline, &view.around(outline.bounds.middle().x), &pen);
        }
        evidence.draw_circles(painter, view, palette);
        evidence.draw_way(painter, view, palette);
        evidence.draw_fixes(painter, view, palette);
    }

    /// Tells when the pointer is over another fix than before.
    pub(crate) fn hover_evidence(
        &mut self,
        pointer: Option<Pos2>,
        view: &Viewport,
        events: &mut Vec<MapEvent>,
    ) {
        let Some(evidence) = &mut self.evidence else { return };
        let under = pointer.and_then(|pos| evidence.under(pos, view));
        // A mark that the host has set stays until the pointer finds another one.
        if under.is_some() && under != evidence.marked {
            evidence.marked = under;
            events.push(MapEvent::EvidenceHovered(under));
            self.changed();
        }
    }
}

impl EvidenceOnMap {
    fn each(&self) -> impl Iterator<Item = (usize, &EvidenceFix, WorldPos)> {
        self.given.fixes.iter().zip(&self.worlds).enumerate().map(|(n, (fix, world))| (n, fix, *world))
    }

    fn telling(&self) -> impl Iterator<Item = WorldPos> + '_ {
        let any_decides = self.given.fixes.iter().any(|fix| fix.decides);
        self.each().filter(move |(_, fix, _)| fix.decides || !any_decides).map(|(.., world)| world)
    }

    fn under(&self, pos: Pos2, view: &Viewport) -> Option<usize> {
        let near = self.each().map(|(n, _, world)| (n, view.to_screen(world).distance(pos)));
        near.filter(|(_, far)| *far <= REACH_PT).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(n, _)| n)
    }

    fn draw_circles(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        for (n, fix, world) in self.each() {
            let radius_pt = fix.acc95_m as f32 * view.pt_per_metre(world);
            let color = color_of(fix.says, palette);
            let strong = fix.decides || self.marked == Some(n);
            let fill = if strong && radius_pt <= FILLED_MAX_PT {
                color.gamma_multiply(0.14)
            } else {
                Color32::TRANSPARENT
            };
            let stroke = Stroke::new(
                if strong { 2.0 } else { 1.0 },
                color.gamma_multiply(if strong { 0.9 } else { 0.45 }),
            );
            painter.circle(view.to_screen(world), radius_pt.max(HALF_PT), fill, stroke);
        }
    }

    /// The way between fixes; not across the time somebody was private.
    fn draw_way(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        for (pair, fix) in self.worlds.windows(2).zip(self.given.fixes.iter().skip(1)) {
            if !fix.after_gap {
                let points = [view.to_screen(pair[0]), view.to_screen(pair[1])];
                painter.line_segment(points, Stroke::new(4.0, palette.panel));
                painter.line_segment(points, Stroke::new(1.5, palette.text));
            }
        }
    }

    fn draw_fixes(&self, painter: &Painter, view: &Viewport, palette: &Palette) {
        for (n, fix, world) in self.each() {
            let pos = view.to_screen(world);
            let half = if fix.decides { HALF_DECIDES_PT } else { HALF_PT };
            if self.marked == Some(n) {
                painter.circle(
                    pos,
                    half + 7.0,
                    palette.accent.gamma_multiply(0.25),
                    Stroke::new(3.0, palette.accent),
                );
            } else if fix.decides {
                painter.circle_stroke(pos, half + 3.0, Stroke::new(1.5, palette.text));
            }
            let stroke = Stroke::new(1.5, palette.outline);
            painter.add(sign(fix.says, pos, half, color_of(fix.says, palette), stroke));
        }
    }
}

/// The shape of what a fix says.
fn sign(says: FixSays, at: Pos2, half: f32, fill: Color32, stroke: Stroke) -> Shape {
    let polygon = |corners: &[(f32, f32)]| {
        let points = corners.iter().map(|(x, y)| at + vec2(x * half, y * half)).collect();
        Shape::convex_polygon(points, fill, stroke)
    };
    match says {
        FixSays::Inside => {
            Shape::Vec(vec![Shape::circle_filled(at, half, fill), Shape::circle_stroke(at, half, stroke)])
        }
        FixSays::Outside | FixSays::Beyond => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        FixSays::Undecided => polygon(&[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
        FixSays::TooInaccurate | FixSays::Refused | FixSays::Quarantined => {
            let line = |x: f32, y: f32| {
                let ends = [pos2(at.x - x * half, at.y - y * half), pos2(at.x + x * half, at.y + y * half)];
                [
                    Shape::line_segment(ends, Stroke::new(4.5, stroke.color)),
                    Shape::line_segment(ends, Stroke::new(2.5, fill)),
                ]
            };
            Shape::Vec([line(1.0, 1.0), line(1.0, -1.0)].into_iter().flatten().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use domain::ResourceId;
    use domain::position::Fix;
    use protocol::view::{JudgedFixView, StandingView, VerdictView};
    use protocol::wire::{GapReason, TrackGap};

    fn at_minute(minute: u32) -> DateTime<Utc> {
        format!("2026-11-23T10:{minute:02}:00Z").parse().expect("a time")
    }

    fn judged(minute: u32, says: FixSays, decides: bool) -> JudgedFixView {
        let at = LonLat::new(7.42 + f64::from(minute) * 1e-3, 43.73).expect("a place");
        let fix =
            Fix { at, fix_time: at_minute(minute), accuracy_m: None, speed_mps: None, heading_deg: None };
        JudgedFixView {
            fix,
            acc95_m: 16.0,
            dist_m: Some(-5.0),
            says,
            standing: StandingView::Unknown,
            decides,
        }
    }

    fn explanation(gaps: Vec<TrackGap>) -> ExplanationView {
        ExplanationView {
            resource: ResourceId(uuid::Uuid::from_u128(1)),
            at: at_minute(3),
            alert: None,
            basis: ExplanationBasis::BuiltIn,
            fixes: vec![judged(1, FixSays::Beyond, false), judged(3, FixSays::Inside, true)],
            gaps,
            verdict: VerdictView::Unconfirmed,
            from_server: true,
        }
    }

    #[test]
    fn no_way_is_drawn_across_the_time_somebody_was_private() {
        let gap = TrackGap { from: at_minute(2), to: None, reason: GapReason::Private };
        let gaps = |evidence: Evidence| evidence.fixes.iter().map(|fix| fix.after_gap).collect::<Vec<_>>();
        assert_eq!(gaps(Evidence::of(&explanation(vec![gap]))), [false, true], "cut before the second fix");
        assert_eq!(gaps(Evidence::of(&explanation(vec![]))), [false, false], "one way");
    }

    #[test]
    fn what_decided_is_what_comes_into_view() {
        let given = Evidence::of(&explanation(vec![]));
        let worlds: Vec<WorldPos> = given.fixes.iter().map(|fix| WorldPos::of(fix.at)).collect();
        let mut evidence = EvidenceOnMap { given, worlds: worlds.clone(), marked: None };
        assert_eq!(evidence.telling().collect::<Vec<_>>(), [worlds[1]], "the run that decided");
        evidence.given.fixes[1].decides = false;
        assert_eq!(evidence.telling().count(), 2, "everything, where nothing decided");
    }

    #[test]
    fn the_pointer_finds_the_nearest_fix() {
        let given = Evidence::of(&explanation(vec![]));
        let worlds: Vec<WorldPos> = given.fixes.iter().map(|fix| WorldPos::of(fix.at)).collect();
        let rect = egui::Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0));
        let view = Viewport { rect, center: worlds[0], zoom: 17.0 };
        let evidence = EvidenceOnMap { given, worlds, marked: None };
        assert_eq!(evidence.under(rect.center() + vec2(4.0, 0.0), &view), Some(0), "within reach");
        assert_eq!(evidence.under(rect.center() + vec2(0.0, 60.0), &view), None, "beside everything");
    }
}
