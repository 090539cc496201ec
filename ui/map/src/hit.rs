//! What is under the pointer.

use egui::Pos2;
use protocol::view::Subject;

use crate::atlas::{CLUSTER_RADIUS_PT, PIN_HEAD_UP_PT};
use crate::cluster::Cluster;
use crate::mesh::{Drawn, MarkerScene, Source};
use crate::projection::Viewport;

/// A resource is hit within this distance of its middle: its size plus a little for unsteady hands.
const DOT_REACH_PT: f32 = 11.0;
/// Distances closer together than this count as equal; the topmost wins.
const TIE_PT: f32 = 2.0;
const PIN_HEAD_REACH_PT: f32 = 9.0;
const PIN_TIP_REACH_PT: f32 = 6.0;
const PLACE_REACH_PT: f32 = 8.0;

/// What was hit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Hit {
    Subject(Subject),
    Cluster(Cluster),
}

impl Hit {
    pub(crate) fn subject(self) -> Option<Subject> {
        match self {
            Hit::Subject(subject) => Some(subject),
            Hit::Cluster(_) => None,
        }
    }
}

/// The topmost nearest thing at `pos`: resources before bubbles, tasks, places and fences.
pub(crate) fn hit(scene: &MarkerScene, source: &Source<'_>, view: &Viewport, pos: Pos2) -> Option<Hit> {
    let dot = |drawn: Drawn| Subject::Resource(source.dots.rows()[drawn.row].dot.resource);
    let pin = |drawn: Drawn| Subject::Task(source.pins[drawn.row].pin.task);
    let place = |drawn: Drawn| source.places[drawn.row].subject();
    nearest(&scene.dots, DOT_REACH_PT, |at| at.distance(pos))
        .map(dot)
        .map(Hit::Subject)
        .or_else(|| cluster_at(scene, pos).map(Hit::Cluster))
        .or_else(|| {
            nearest(&scene.pins, PIN_HEAD_REACH_PT, |tip| pin_distance(tip, pos)).map(pin).map(Hit::Subject)
        })
        .or_else(|| {
            nearest(&scene.places, PLACE_REACH_PT, |at| at.distance(pos)).map(place).map(Hit::Subject)
        })
        .or_else(|| fence_at(source, view, pos).map(Hit::Subject))
}

/// The nearest within `reach`; among equally near ones the one drawn last.
fn nearest(drawn: &[Drawn], reach: f32, distance: impl Fn(Pos2) -> f32) -> Option<Drawn> {
    let mut best: Option<(f32, Drawn)> = None;
    for candidate in drawn {
        let d = distance(candidate.pos);
        if d <= reach && best.is_none_or(|(least, _)| d <= least + TIE_PT) {
            // Keep the smallest distance as the measure, or a row of ties would creep away from the pointer.
            best = Some((best.map_or(d, |(least, _)| least.min(d)), *candidate));
        }
    }
    best.map(|(_, found)| found)
}

/// The head counts fully; the tip only close by.
fn pin_distance(tip: Pos2, pos: Pos2) -> f32 {
    let head = tip - egui::vec2(0.0, PIN_HEAD_UP_PT);
    let at_tip = tip.distance(pos);
    let from_tip = if at_tip <= PIN_TIP_REACH_PT { at_tip } else { f32::INFINITY };
    head.distance(pos).min(from_tip)
}

fn cluster_at(scene: &MarkerScene, pos: Pos2) -> Option<Cluster> {
    scene.clusters.iter().rev().find(|(_, at)| at.distance(pos) <= CLUSTER_RADIUS_PT + 2.0).map(|(c, _)| *c)
}

/// The smallest fence around `pos`.
fn fence_at(source: &Source<'_>, view: &Viewport, pos: Pos2) -> Option<Subject> {
    if !source.layers.fences {
        return None;
    }
    let at = view.to_world(pos);
    let around = source.places.iter().filter_map(|place| {
        let outline = place.outline.as_ref().filter(|outline| outline.contains(at))?;
        Some((outline.size(), place.subject()))
    });
    around.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, subject)| subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas;
    use crate::dots::Dots;
    use crate::dots::tests::{dot, frame, resource};
    use crate::given::{Layers, PlaceShape};
    use crate::mesh::Inputs;
    use crate::pins::PinRow;
    use crate::pins::tests::pin;
    use crate::places::PlaceRow;
    use crate::projection::WorldPos;
    use domain::LonLat;
    use domain::place::{FenceShape, PoiKind};
    use egui::{Rect, TextureId, vec2};
    use protocol::view::{Dot, DotState};

    const LON: f64 = 7.42;
    const LAT: f64 = 43.73;

    fn view() -> Viewport {
        let center = WorldPos::of(LonLat::new(LON, LAT).expect("coordinate"));
        Viewport { rect: Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0)), center, zoom: 16.0 }
    }

    /// What is hit `x`, `y` points off the middle.
    fn hit_at(dots: Vec<Dot>, pins: Vec<PinRow>, places: Vec<PlaceRow>, (x, y): (f32, f32)) -> Option<Hit> {
        let mut all = Dots::default();
        all.apply(&frame(true, dots, vec![]));
        let layers = Layers::default();
        let source =
            Source { dots: &all, pins: &pins, places: &places, layers, selection: None, revision: 0 };
        let mut scene = MarkerScene::default();
        let from = Inputs {
            source: &source,
            view: view(),
            cells: &atlas::cells_without_texture(),
            clustering: true,
        };
        scene.build(&from, TextureId::default());
        hit(&scene, &source, &view(), view().rect.center() + vec2(x, y))
    }

    fn fence(n: u128, radius_m: f64) -> PlaceRow {
        let at = LonLat::new(LON, LAT).expect("coordinate");
        PlaceRow::of(PlaceShape {
            poi: uuid::Uuid::from_u128(n).into(),
            name: "Harbour".to_owned(),
            kind: PoiKind::Customer,
            at: at.destination(90.0, radius_m / 2.0),
            fence: Some(FenceShape::Circle { center: at, radius_m }),
            color: domain::place::FenceColor::Violet,
            quiet: false,
            inside: 0,
        })
    }

    #[test]
    fn of_two_vans_on_one_spot_the_one_on_top_is_hit() {
        let both = vec![dot(1, LON, LAT, DotState::Late), dot(2, LON, LAT, DotState::Free)];
        let found = hit_at(both, vec![], vec![], (1.0, 1.0));
        assert_eq!(found, Some(Hit::Subject(Subject::Resource(resource(1)))), "late vans are drawn on top");
    }

    #[test]
    fn the_nearer_van_wins_over_the_one_on_top() {
        let shift_deg = 8.0 / (256.0 * 16f64.exp2()) * 360.0;
        let both = vec![dot(1, LON + shift_deg, LAT, DotState::Late), dot(2, LON, LAT, DotState::Free)];
        let found = hit_at(both, vec![], vec![], (0.0, 0.0));
        assert_eq!(
            found,
            Some(Hit::Subject(Subject::Resource(resource(2)))),
            "eight points nearer is nearer"
        );
    }

    #[test]
    fn a_pin_is_hit_at_its_head_and_a_van_in_front_of_it_first() {
        let pins = || PinRow::sorted(vec![pin(7, LON, LAT)]);
        let task = Some(Hit::Subject(Subject::Task(uuid::Uuid::from_u128(7).into())));
        assert_eq!(hit_at(vec![], pins(), vec![], (0.0, -PIN_HEAD_UP_PT)), task, "the head is the pin");
        assert_eq!(hit_at(vec![], pins(), vec![], (0.0, 9.0)), None, "below its tip there is nothing");
        let van = vec![dot(1, LON, LAT, DotState::Working)];
        let found = hit_at(van, pins(), vec![], (0.0, 0.0));
        assert_eq!(found, Some(Hit::Subject(Subject::Resource(resource(1)))), "the van stands at the task");
    }

    #[test]
    fn the_innermost_fence_is_hit() {
        let found = hit_at(vec![], vec![], vec![fence(1, 400.0), fence(2, 50.0)], (-15.0, 0.0));
        assert_eq!(found, Some(Hit::Subject(Subject::Poi(uuid::Uuid::from_u128(2).into()))), "the small one");
    }

    #[test]
    fn between_things_there_is_nothing() {
        let van = vec![dot(1, LON, LAT, DotState::Free)];
        assert_eq!(hit_at(van, vec![], vec![], (40.0, 40.0)), None, "forty points away is empty map");
    }
}
