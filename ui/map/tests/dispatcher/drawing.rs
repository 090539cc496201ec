//! Fences are drawn on the map.

use domain::place::{FenceColor, FenceShape, PolygonArea};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use map::{EditOrder, EditStart, EditTool, MapEvent, PlaceShape};

use crate::desk::*;

pub fn drawing(tool: EditTool) -> Desk {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.42, 43.73, 15.0);
    desk.map.start_edit(EditStart { poi: None, shape: None, tool, color: FenceColor::Teal });
    desk.frame(vec![]);
    desk
}

pub fn editing(shape: FenceShape) -> Desk {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.42, 43.73, 15.0);
    let start = EditStart { poi: None, shape: Some(shape), tool: EditTool::Adjust, color: FenceColor::Teal };
    desk.map.start_edit(start);
    desk.frame(vec![]);
    desk
}

pub fn clicks(desk: &mut Desk, points: &[(f32, f32)]) {
    for (x, y) in points {
        desk.click(pos2(*x, *y));
        desk.settle();
    }
}

pub fn area_of(desk: &Desk) -> PolygonArea {
    match desk.map.edit_shape() {
        Some(FenceShape::Polygon { area }) => area,
        other => panic!("an area, not {other:?}"),
    }
}

pub fn radius_of(desk: &Desk) -> f64 {
    match desk.map.edit_shape() {
        Some(FenceShape::Circle { radius_m, .. }) => radius_m,
        other => panic!("a circle, not {other:?}"),
    }
}

const SQUARE: [(f32, f32); 4] = [(350.0, 200.0), (550.0, 200.0), (550.0, 400.0), (350.0, 400.0)];

#[test]
fn a_circle_is_drawn_by_dragging_from_its_middle() {
    let mut desk = drawing(EditTool::Circle);
    assert!(desk.sees("Press in the middle"), "it says what to do: {:?}", desk.texts);
    let before = desk.map.view();
    let told = desk.drag(middle(), pos2(550.0, 300.0));
    assert_eq!(desk.map.view(), before, "the map stays where it is");
    assert!(told.contains(&MapEvent::EditChanged), "the host is told: {told:?}");
    let Some(FenceShape::Circle { center, radius_m }) = desk.map.edit_shape() else { panic!("a circle") };
    assert!(center.distance_m(at(7.42, 43.73)) < 2.0, "around where it was pressed: {center:?}");
    let across = 100.0 * 156_543.034 / 2f64.powi(15) * 43.73f64.to_radians().cos();
    assert!((radius_m - across).abs() < 2.0, "as wide as the drag: {radius_m} m, {across} m");
    assert_eq!(radius_m.fract(), 0.0, "in whole metres");
    desk.map.edit(EditOrder::Undo);
    assert_eq!(desk.map.edit_shape(), None, "one step back is before the circle");
    desk.map.edit(EditOrder::Redo);
    assert_eq!(radius_of(&desk), radius_m, "and forward again");
}

#[test]
fn a_circle_is_drawn_by_two_clicks_with_its_radius_beside_the_pointer() {
    let mut desk = drawing(EditTool::Circle);
    desk.click(middle());
    desk.settle();
    assert!(desk.map.edit_state().is_some_and(|state| state.drawing), "the middle is set");
    desk.frame(vec![Event::PointerMoved(pos2(510.0, 300.0))]);
    desk.frame(vec![]);
    let shown = desk.texts.iter().any(|text| text.ends_with(" m") && !text.contains('±'));
    assert!(shown, "the radius is read off while it is drawn: {:?}", desk.texts);
    desk.click(pos2(510.0, 300.0));
    assert!(radius_of(&desk) > 100.0, "the second click is the edge");
    assert!(!desk.map.edit_state().is_some_and(|state| state.drawing), "and it is finished");
}

#[test]
fn an_area_is_closed_by_its_first_corner_by_enter_and_by_a_double_click() {
    for end in ["first corner", "Enter", "double click"] {
        let mut desk = drawing(EditTool::Area);
        clicks(&mut desk, &SQUARE);
        assert_eq!(desk.map.edit_shape(), None, "{end}: not closed yet");
        match end {
            "first corner" => clicks(&mut desk, &[(352.0, 203.0)]),
            "Enter" => drop(desk.press(Key::Enter)),
            _ => clicks(&mut desk, &SQUARE[3..]),
        }
        let area = area_of(&desk);
        assert_eq!(area.outer.len(), 4, "{end}: four corners");
        assert!(area.outer[0].lat() > area.outer[2].lat(), "{end}: the first is in the north");
        let state = desk.map.edit_state().expect("the edit goes on");
        assert_eq!((state.tool, state.problem), (EditTool::Adjust, None), "{end}: now it can be adjusted");
        assert!(state.measures.is_some_and(|sizes| sizes.area_m2 > 10_000.0), "{end}: it has a size");
    }
}

#[test]
fn backspace_takes_the_last_corner_back_and_escape_the_whole_ring() {
    let mut desk = drawing(EditTool::Area);
    clicks(&mut desk, &SQUARE);
    desk.press(Key::Backspace);
    desk.press(Key::Enter);
    assert_eq!(area_of(&desk).outer.len(), 3, "one corner less");
    desk.map.edit(EditOrder::Take(EditTool::Area));
    clicks(&mut desk, &[(100.0, 100.0), (200.0, 100.0)]);
    assert!(!desk.press(Key::Enter).contains(&MapEvent::EditFinished), "two corners are no ring");
    desk.press(Key::Escape);
    assert!(!desk.map.edit_state().is_some_and(|state| state.drawing), "dropped");
    assert_eq!(area_of(&desk).outer.len(), 3, "what was there stays");
    assert!(desk.press(Key::Enter).contains(&MapEvent::EditFinished), "Enter with nothing begun: finished");
}

#[test]
fn holes_are_cut_out_of_an_area_and_more_areas_are_added() {
    let mut desk = drawing(EditTool::Area);
    clicks(&mut desk, &SQUARE);
    desk.press(Key::Enter);
    desk.map.edit(EditOrder::Take(EditTool::Hole));
    clicks(&mut desk, &[(700.0, 500.0)]);
    assert!(!desk.map.edit_state().is_some_and(|state| state.drawing), "outside there is nothing to cut");
    clicks(&mut desk, &[(420.0, 270.0), (480.0, 270.0), (450.0, 330.0)]);
    desk.press(Key::Enter);
    assert_eq!(area_of(&desk).holes.len(), 1, "a hole");
    desk.map.edit(EditOrder::Take(EditTool::Area));
    clicks(&mut desk, &[(650.0, 200.0), (750.0, 200.0), (700.0, 300.0)]);
    desk.press(Key::Enter);
    let Some(FenceShape::MultiPolygon { areas }) = desk.map.edit_shape() else { panic!("two areas") };
    assert_eq!((areas.len(), areas[0].holes.len(), areas[1].holes.len()), (2, 1, 0), "both as drawn");
    desk.click(pos2(700.0, 300.0));
    desk.settle();
    assert!(desk.map.edit_state().is_some_and(|state| state.can_remove_part), "its corner is selected");
    desk.map.edit(EditOrder::RemovePart);
    assert_eq!(area_of(&desk).holes.len(), 1, "the second area is gone");
}

#[test]
fn a_corridor_is_a_line_with_a_width_that_can_be_dragged() {
    let mut desk = drawing(EditTool::Corridor);
    clicks(&mut desk, &[(250.0, 300.0), (650.0, 300.0)]);
    desk.press(Key::Enter);
    let Some(FenceShape::Corridor { line, half_width_m }) = desk.map.edit_shape() else {
        panic!("a corridor")
    };
    assert_eq!((line.len(), half_width_m), (2, 50.0), "two points, fifty metres to each side");
    let pt_per_metre = 2f64.powi(15) / (156_543.034 * 43.73f64.to_radians().cos());
    let side = pos2(450.0, 300.0 + (50.0 * pt_per_metre) as f32);
    desk.drag(side, side + egui::vec2(0.0, 40.0));
    let Some(FenceShape::Corridor { half_width_m, .. }) = desk.map.edit_shape() else { panic!("a corridor") };
    let wider = 50.0 + 40.0 / pt_per_metre;
    assert!((half_width_m - wider).abs() < 2.0, "as wide as it was dragged: {half_width_m} m, {wider} m");
}

#[test]
fn a_border_that_crosses_itself_is_said_to() {
    let mut desk = drawing(EditTool::Area);
    clicks(&mut desk, &[(350.0, 200.0), (550.0, 400.0), (550.0, 200.0), (350.0, 400.0)]);
    desk.press(Key::Enter);
    let state = desk.map.edit_state().expect("an edit");
    let Some(domain::place::ShapeError::SelfIntersecting(place)) = state.problem else {
        panic!("a bow tie crosses itself: {:?}", state.problem)
    };
    assert!(place.distance_m(at(7.42, 43.73)) < 5.0, "in its middle: {place:?}");
    assert!(state.shape.is_some(), "it is still there to be mended");
}

fn neighbour() -> PlaceShape {
    PlaceShape {
        poi: uuid::Uuid::from_u128(9).into(),
        name: "Harbour".to_owned(),
        kind: domain::place::PoiKind::Customer,
        at: at(7.419, 43.731),
        fence: Some(FenceShape::Polygon {
            area: PolygonArea {
                outer: vec![at(7.42, 43.73), at(7.422, 43.73), at(7.422, 43.732)],
                holes: Vec::new(),
            },
        }),
        color: FenceColor::Red,
        quiet: true,
        inside: 3,
    }
}

#[test]
fn points_snap_to_other_fences_unless_alt_is_held() {
    let mut desk = drawing(EditTool::Area);
    desk.map.set_places(vec![neighbour()]);
    desk.frame(vec![]);
    let beside = middle() + egui::vec2(-5.0, 4.0);
    clicks(&mut desk, &[(beside.x, beside.y), (300.0, 200.0)]);
    let alt = Modifiers::ALT;
    let press = |pos: Pos2, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: alt,
    };
    let held = pos2(454.0, 303.0);
    desk.frame_with(alt, vec![Event::PointerMoved(held)]);
    desk.frame_with(alt, vec![press(held, true)]);
    desk.frame_with(alt, vec![press(held, false)]);
    desk.settle();
    desk.press(Key::Enter);
    let outer = area_of(&desk).outer;
    assert!(outer[0].distance_m(at(7.42, 43.73)) < 0.02, "on the neighbour's corner: {:?}", outer[0]);
    assert!(outer[2].distance_m(at(7.42, 43.73)) > 5.0, "with Alt where it was clicked: {:?}", outer[2]);
}

#[test]
fn a_wide_fence_carries_its_name_and_who_is_inside() {
    let mut desk = Desk::in_monaco();
    desk.map.set_places(vec![neighbour()]);
    desk.look_at(7.42, 43.73, 15.2);
    assert!(desk.sees("Harbour · 3 inside"), "below the zoom of all names: {:?}", desk.texts);
    desk.look_at(7.42, 43.73, 11.0);
    assert!(!desk.sees("Harbour"), "from far away there is no room");
}

#[test]
fn a_shape_is_put_into_the_middle_without_a_pointer() {
    for tool in [EditTool::Circle, EditTool::Area, EditTool::Corridor] {
        let mut desk = drawing(tool);
        desk.map.edit(EditOrder::PutInMiddle);
        let shape = desk.map.edit_shape().expect("a shape");
        assert_eq!(shape.check(), Ok(()), "{tool:?}: it can be a fence");
    }
    let mut desk = drawing(EditTool::Area);
    desk.map.edit(EditOrder::PutInMiddle);
    desk.map.edit(EditOrder::Take(EditTool::Hole));
    desk.map.edit(EditOrder::PutInMiddle);
    assert_eq!(area_of(&desk).holes.len(), 1, "a hole in the middle of it");
}

#[test]
fn what_is_about_to_be_imported_is_seen_with_its_name() {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.38, 43.75, 13.0);
    desk.map.set_preview(vec![neighbour()]);
    desk.map.fit_preview();
    desk.settle();
    assert!(desk.center().distance_m(at(7.421, 43.731)) < 50.0, "brought into view: {:?}", desk.center());
    assert!(desk.sees("Harbour"), "with its name: {:?}", desk.texts);
    desk.map.set_preview(Vec::new());
    desk.settle();
    assert!(!desk.sees("Harbour"), "and gone with the import");
}
