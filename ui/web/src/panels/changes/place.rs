//! A place's fields, before, mine and theirs: who changed what, and what it says in words.

use domain::LonLat;
use domain::place::{Fence, FenceShape, Poi, PolygonArea};
use protocol::wire::PlaceField;

use super::compare::{Changed, changed_by};
use super::dispute::{Line, place_text};
use crate::format;
use crate::panels::fences::{groups_text, length_text};
use crate::panels::policy_field::policy_text;
use crate::panels::schedule_field::hours_text;
use crate::state::Desk;
use crate::words::{fence_color_text, poi_kind_text, t, tf, tn};

/// All fields, in the order of the form.
const FIELDS: [PlaceField; 14] = [
    PlaceField::Name,
    PlaceField::Kind,
    PlaceField::Address,
    PlaceField::At,
    PlaceField::Shape,
    PlaceField::OnEnter,
    PlaceField::OnExit,
    PlaceField::Dwell,
    PlaceField::OnCrossed,
    PlaceField::Absent,
    PlaceField::Schedule,
    PlaceField::Groups,
    PlaceField::Policy,
    PlaceField::Color,
];

/// Nearer than this is the same place, metres.
const SAME_M: f64 = 0.001;

/// A line per field of an edit, with who changed it. What clashes is the server's rule, so it is given.
pub(super) fn edit_lines(
    desk: Desk,
    base: &Poi,
    mine: &Poi,
    theirs: &Poi,
    clashes: &[PlaceField],
) -> Vec<Line> {
    let line = |field: PlaceField| Line {
        label: label(field).to_owned(),
        before: Some(field_text(desk, field, base, None)),
        mine: field_text(desk, field, mine, Some(base)),
        theirs: field_text(desk, field, theirs, Some(base)),
        changed: changed_by(
            clashes.contains(&field),
            is_same(field, base, mine),
            is_same(field, base, theirs),
        ),
    };
    FIELDS.into_iter().map(line).collect()
}

/// A line per field of a place that one of both has deleted, or that was made twice.
pub(super) fn lines(desk: Desk, mine: Option<&Poi>, theirs: Option<&Poi>) -> Vec<Line> {
    let text = |field, poi: Option<&Poi>, beside: Option<&Poi>| match poi {
        Some(poi) => field_text(desk, field, poi, beside),
        None if field == PlaceField::Name => t("deleted").to_owned(),
        None => t("none").to_owned(),
    };
    let line = |field: PlaceField| Line {
        label: label(field).to_owned(),
        before: None,
        mine: text(field, mine, None),
        theirs: text(field, theirs, mine),
        changed: match (mine, theirs) {
            (Some(mine), Some(theirs)) if is_same(field, mine, theirs) => Changed::Nobody,
            (Some(_), Some(_)) => Changed::Clash,
            (_, _) if field == PlaceField::Name => Changed::Clash,
            (Some(_), None) => Changed::Mine,
            (None, Some(_)) => Changed::Theirs,
            (None, None) => Changed::Nobody,
        },
    };
    FIELDS.into_iter().map(line).collect()
}

fn is_same(field: PlaceField, a: &Poi, b: &Poi) -> bool {
    // A fence that only one of them has is a difference of the shape alone.
    let same = |is_same: &dyn Fn(&Fence, &Fence) -> bool| match (&a.fence, &b.fence) {
        (Some(a), Some(b)) => is_same(a, b),
        (Some(_), None) | (None, Some(_)) => field != PlaceField::Shape,
        (None, None) => true,
    };
    match field {
        PlaceField::Name => a.name == b.name,
        PlaceField::Kind => a.kind == b.kind,
        PlaceField::At => a.at.is_within(b.at, SAME_M),
        PlaceField::Address => a.address == b.address,
        PlaceField::Shape => same(&|a, b| a.shape.is_same_within(&b.shape, SAME_M)),
        PlaceField::Groups => same(&|a, b| a.groups == b.groups),
        PlaceField::OnEnter => same(&|a, b| a.on_enter == b.on_enter),
        PlaceField::OnExit => same(&|a, b| a.on_exit == b.on_exit),
        PlaceField::Dwell => same(&|a, b| a.dwell_secs == b.dwell_secs),
        PlaceField::OnCrossed => same(&|a, b| a.on_crossed == b.on_crossed),
        PlaceField::Absent => same(&|a, b| a.absent_secs == b.absent_secs),
        PlaceField::Schedule => same(&|a, b| a.schedule == b.schedule),
        PlaceField::Policy => same(&|a, b| a.policy == b.policy),
        PlaceField::Color => same(&|a, b| a.color == b.color),
    }
}

fn label(field: PlaceField) -> &'static str {
    match field {
        PlaceField::Name => t("field-name"),
        PlaceField::Kind => t("fact-kind"),
        PlaceField::At => t("field-place"),
        PlaceField::Address => t("fact-address"),
        PlaceField::Shape => t("fence-shape"),
        PlaceField::Groups => t("fence-groups"),
        PlaceField::OnEnter => t("compare-enter"),
        PlaceField::OnExit => t("compare-exit"),
        PlaceField::Dwell => t("compare-dwell"),
        PlaceField::OnCrossed => t("compare-crossed"),
        PlaceField::Absent => t("compare-absent"),
        PlaceField::Schedule => t("rule-hours"),
        PlaceField::Policy => t("compare-delivery"),
        PlaceField::Color => t("fence-color"),
    }
}

/// A field's value as people read it; a shape is told beside another one where words alone would not show the difference.
fn field_text(desk: Desk, field: PlaceField, poi: &Poi, beside: Option<&Poi>) -> String {
    let none = || t("none").to_owned();
    let of_fence = |text: &dyn Fn(&Fence) -> String| poi.fence.as_ref().map_or_else(none, text);
    let lasting = |secs: Option<u32>| secs.map_or_else(none, |secs| format::duration(i64::from(secs)));
    match field {
        PlaceField::Name => poi.name.clone(),
        PlaceField::Kind => poi_kind_text(poi.kind),
        PlaceField::At => place_text(poi.at),
        PlaceField::Address if poi.address.is_empty() => none(),
        PlaceField::Address => poi.address.clone(),
        PlaceField::Shape => {
            let other = beside.and_then(|poi| poi.fence.as_ref()).map(|fence| &fence.shape);
            let text = |fence: &Fence| shape_text_beside(&fence.shape, other);
            poi.fence.as_ref().map_or_else(|| t("fence-none").to_owned(), text)
        }
        PlaceField::Groups => of_fence(&|fence| groups_text(desk, fence)),
        PlaceField::OnEnter => of_fence(&|fence| yes_no(fence.on_enter)),
        PlaceField::OnExit => of_fence(&|fence| yes_no(fence.on_exit)),
        PlaceField::Dwell => of_fence(&|fence| lasting(fence.dwell_secs)),
        PlaceField::OnCrossed => of_fence(&|fence| yes_no(fence.on_crossed)),
        PlaceField::Absent => of_fence(&|fence| lasting(fence.absent_secs)),
        PlaceField::Schedule => {
            of_fence(&|fence| hours_text(&fence.schedule).unwrap_or_else(|| t("rule-always").to_owned()))
        }
        PlaceField::Policy => of_fence(&|fence| match &fence.policy {
            Some(policy) => policy_text(desk, policy),
            None => t("compare-usual").to_owned(),
        }),
        PlaceField::Color => of_fence(&|fence| fence_color_text(fence.color)),
    }
}

pub(super) fn yes_no(on: bool) -> String {
    if on { t("yes") } else { t("no") }.to_owned()
}

/// `circle of 150 m`, `polygon, 7 corners, 0.8 km across`.
fn shape_text(shape: &FenceShape) -> String {
    let across = length_text(shape.size_m());
    let corners = |areas: &[PolygonArea]| {
        let ring =
            |ring: &Vec<LonLat>| ring.len() - usize::from(ring.len() > 1 && ring.first() == ring.last());
        tn("corners", areas.iter().flat_map(PolygonArea::rings).map(ring).sum())
    };
    match shape {
        FenceShape::Circle { radius_m, .. } => {
            tf("shape-said-circle", &[("radius", &length_text(*radius_m))])
        }
        FenceShape::Corridor { line, .. } => {
            let length_m = line.windows(2).map(|step| step[0].distance_m(step[1])).sum();
            tf("shape-said-corridor", &[("width", &across), ("length", &length_text(length_m))])
        }
        FenceShape::Polygon { area } => {
            let corners = corners(std::slice::from_ref(area));
            tf("shape-said-polygon", &[("corners", &corners), ("size", &across)])
        }
        FenceShape::MultiPolygon { areas } => {
            let n = tn("areas", areas.len());
            tf("shape-said-areas", &[("areas", &n), ("corners", &corners(areas)), ("size", &across)])
        }
    }
}

fn shape_text_beside(shape: &FenceShape, other: Option<&FenceShape>) -> String {
    let text = shape_text(shape);
    let Some(other) = other else { return text };
    if shape.is_same_within(other, SAME_M) || shape_text(other) != text {
        return text;
    }
    match (shape, other) {
        (FenceShape::Circle { center, .. }, FenceShape::Circle { center: before, .. }) => {
            let distance = length_text(center.distance_m(*before));
            tf("shape-said-moved", &[("shape", &text), ("distance", &distance)])
        }
        (_, _) => tf("shape-said-redrawn", &[("shape", &text)]),
    }
}

#[cfg(test)]
mod tests {
    use domain::PoiId;
    use domain::place::PoiKind;
    use domain::rule::AlertPolicy;
    use protocol::wire::merge_poi;

    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).expect("a coordinate")
    }

    fn circle(radius_m: f64) -> FenceShape {
        FenceShape::Circle { center: at(7.42, 43.73), radius_m }
    }

    fn port(fence: Option<Fence>) -> Poi {
        Poi {
            id: PoiId(uuid::Uuid::from_u128(1)),
            name: "Port".to_owned(),
            kind: PoiKind::Point,
            at: at(7.42, 43.73),
            address: String::new(),
            fence,
        }
    }

    fn changed(base: &Poi, mine: &Poi, theirs: &Poi) -> Vec<(PlaceField, Changed)> {
        let (_, clashes) = merge_poi(mine, base, theirs);
        let of = |field: PlaceField| {
            (
                field,
                changed_by(
                    clashes.contains(&field),
                    is_same(field, base, mine),
                    is_same(field, base, theirs),
                ),
            )
        };
        FIELDS.into_iter().map(of).filter(|(_, changed)| *changed != Changed::Nobody).collect()
    }

    #[test]
    fn every_field_tells_who_changed_it() {
        let base = port(Some(Fence::new(circle(100.0))));
        let mine = port(Some(Fence { on_enter: true, dwell_secs: Some(60), ..Fence::new(circle(150.0)) }));
        let theirs =
            port(Some(Fence { version: 2, on_enter: true, on_exit: true, ..Fence::new(circle(200.0)) }));
        let expected = [
            (PlaceField::Shape, Changed::Clash),
            (PlaceField::OnEnter, Changed::Same),
            (PlaceField::OnExit, Changed::Theirs),
            (PlaceField::Dwell, Changed::Mine),
        ];
        assert_eq!(changed(&base, &mine, &theirs), expected, "both, both the same, only one");
        let gone = changed(&base, &port(None), &theirs);
        assert_eq!(gone[0], (PlaceField::Shape, Changed::Clash), "taken away here, changed there");
        assert!(
            gone.iter().all(|(_, changed)| *changed != Changed::Mine),
            "its rules are no changes of mine: {gone:?}"
        );
    }

    #[test]
    fn no_field_of_a_place_is_left_out() {
        let fence = Fence {
            policy: Some(AlertPolicy::of(domain::alert::Severity::Info)),
            ..Fence::new(circle(100.0))
        };
        let value = serde_json::to_value(port(Some(fence))).expect("a place is JSON");
        let count = |value: &serde_json::Value| value.as_object().expect("an object").len();
        let names = count(&value) - 2 + count(&value["fence"]) - 1;
        assert_eq!(
            FIELDS.len(),
            names,
            "all but the id and the version; a field that is not compared could clash unseen"
        );
    }

    #[test]
    fn shapes_are_said_in_words() {
        assert_eq!(shape_text(&circle(150.0)), "circle of 150 m", "a circle");
        let outer = vec![at(7.0, 43.0), at(7.01, 43.0), at(7.01, 43.01), at(7.0, 43.01), at(7.0, 43.0)];
        let polygon = FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } };
        assert_eq!(shape_text(&polygon), "polygon, 4 corners, 813 m across", "closed or not");
        let line = FenceShape::Corridor { line: vec![at(7.0, 43.0), at(7.0, 43.1)], half_width_m: 20.0 };
        assert_eq!(shape_text(&line), "corridor, 40 m wide, 11.1 km long", "a corridor");
        let moved = FenceShape::Circle { center: at(7.42, 43.731), radius_m: 150.0 };
        let beside = shape_text_beside(&moved, Some(&circle(150.0)));
        assert_eq!(beside, "circle of 150 m, moved by 111 m", "what the size does not show");
        assert_eq!(shape_text_beside(&circle(80.0), Some(&circle(150.0))), "circle of 80 m", "what it does");
    }
}
