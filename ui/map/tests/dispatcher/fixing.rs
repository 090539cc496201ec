//! Fences are changed on the map.

use domain::LonLat;
use domain::place::{FenceColor, FenceShape, PolygonArea};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2, vec2};
use map::{EditOrder, EditStart, EditTool, MapEvent};
use proptest::prelude::*;

use crate::desk::*;
use crate::drawing::{area_of, clicks, drawing, editing, radius_of};

const CORNERS: [(f32, f32); 4] = [(350.0, 200.0), (550.0, 200.0), (550.0, 400.0), (350.0, 400.0)];

fn square() -> Desk {
    let mut desk = drawing(EditTool::Area);
    clicks(&mut desk, &CORNERS);
    desk.press(Key::Enter);
    desk
}

fn steps(desk: &mut Desk, undo: bool) -> usize {
    let can = |desk: &Desk| desk.map.edit_state().is_some_and(|s| if undo { s.can_undo } else { s.can_redo });
    let mut count = 0;
    while can(desk) {
        desk.map.edit(if undo { EditOrder::Undo } else { EditOrder::Redo });
        count += 1;
    }
    count
}

#[test]
fn a_corner_is_dragged_and_the_map_stays() {
    let mut desk = square();
    let (before, view) = (area_of(&desk), desk.map.view());
    desk.drag(pos2(550.0, 200.0), pos2(600.0, 150.0));
    desk.settle();
    assert_eq!(desk.map.view(), view, "the map did not move");
    let after = area_of(&desk);
    let moved = before.outer.iter().zip(&after.outer).filter(|(a, b)| a != b).count();
    assert_eq!(moved, 1, "one corner only; the others keep every digit");
    assert!(after.outer[1].lon() > before.outer[1].lon(), "to the east");
    desk.press_with(Key::Z, Modifiers::COMMAND);
    assert_eq!(area_of(&desk), before, "Ctrl+Z takes it back");
    desk.press_with(Key::Z, Modifiers::COMMAND | Modifiers::SHIFT);
    assert_eq!(area_of(&desk), after, "Ctrl+Shift+Z does it again");
}

#[test]
fn the_middle_of_an_edge_becomes_a_corner_and_a_corner_goes() {
    let mut desk = square();
    desk.drag(pos2(450.0, 200.0), pos2(450.0, 150.0));
    assert_eq!(area_of(&desk).outer.len(), 5, "a new corner");
    assert!(area_of(&desk).outer[1].lat() > area_of(&desk).outer[0].lat(), "between its neighbours");
    desk.settle();
    desk.click_with(pos2(450.0, 150.0), PointerButton::Secondary);
    desk.settle();
    assert_eq!(area_of(&desk).outer.len(), 4, "a secondary click takes it away");
    desk.click(pos2(550.0, 400.0));
    desk.settle();
    desk.press(Key::Delete);
    assert_eq!(area_of(&desk).outer.len(), 3, "Delete takes the selected one");
    desk.press(Key::Delete);
    assert_eq!(area_of(&desk).outer.len(), 3, "a ring has three corners");
}

#[test]
fn the_inside_moves_the_whole_and_the_outside_the_map() {
    let mut desk = square();
    let before = area_of(&desk);
    desk.drag(pos2(450.0, 330.0), pos2(500.0, 330.0));
    desk.settle();
    let after = area_of(&desk);
    let shifts: Vec<f64> = before.outer.iter().zip(&after.outer).map(|(a, b)| b.lon() - a.lon()).collect();
    assert!(
        shifts.iter().all(|shift| (shift - shifts[0]).abs() < 1e-6 && *shift > 0.0),
        "all alike: {shifts:?}"
    );
    let view = desk.map.view();
    desk.drag(pos2(150.0, 500.0), pos2(250.0, 450.0));
    desk.settle();
    assert!(desk.map.view().center != view.center, "outside of it the map is dragged");
    assert_eq!(area_of(&desk), after, "and the shape stays on the ground");
    desk.look_at(7.4205, 43.73, 18.5);
    desk.drag(pos2(450.0, 330.0), pos2(500.0, 330.0));
    desk.settle();
    assert_eq!(area_of(&desk), after, "a shape larger than the map is not moved by mistake");
}

#[test]
fn a_circle_is_moved_and_widened() {
    let mut desk = editing(FenceShape::Circle { center: at(7.42, 43.73), radius_m: 200.0 });
    let pt_per_metre = 2f64.powi(15) / (156_543.034 * 43.73f64.to_radians().cos());
    let rim = middle() + vec2((200.0 * pt_per_metre) as f32, 0.0);
    desk.drag(rim, rim + vec2(60.0, 0.0));
    let wider = 200.0 + 60.0 / pt_per_metre;
    assert!((radius_of(&desk) - wider).abs() < 2.0, "by its rim: {} m, {wider} m", radius_of(&desk));
    desk.drag(middle(), middle() + vec2(0.0, -80.0));
    let Some(FenceShape::Circle { center, .. }) = desk.map.edit_shape() else { panic!("a circle") };
    assert!(center.lat() > 43.7305, "by its middle to the north: {center:?}");
    let before = radius_of(&desk);
    desk.map.edit(EditOrder::Shape(FenceShape::Circle { center, radius_m: 75.0 }));
    desk.map.edit(EditOrder::Shape(FenceShape::Circle { center, radius_m: 750.0 }));
    assert_eq!(radius_of(&desk), 750.0, "as typed");
    desk.map.edit(EditOrder::Undo);
    assert_eq!(radius_of(&desk), before, "what was typed in one go is taken back in one");
}

#[test]
fn corners_are_reached_and_moved_by_keys() {
    let mut desk = square();
    let before = area_of(&desk);
    desk.press(Key::Tab);
    desk.press(Key::Tab);
    desk.press(Key::ArrowRight);
    desk.press(Key::ArrowRight);
    desk.press_with(Key::ArrowUp, Modifiers::SHIFT);
    let after = area_of(&desk);
    assert_eq!(after.outer[0], before.outer[0], "the first one was passed");
    let pt_per_metre = 2f64.powi(15) / (156_543.034 * 43.73f64.to_radians().cos());
    let moved_m = before.outer[1].distance_m(after.outer[1]);
    let expected_m = 2f64.hypot(10.0) / pt_per_metre;
    assert!((moved_m - expected_m).abs() < 0.5, "two points east and ten north: {moved_m} m, {expected_m} m");
    desk.press_with(Key::Z, Modifiers::COMMAND);
    assert_eq!(area_of(&desk), before, "nudges of one corner are one step");
    for _ in 0..3 {
        desk.press(Key::Tab);
    }
    let view = desk.map.view();
    desk.press(Key::ArrowLeft);
    assert_eq!(desk.map.view(), view, "with a corner selected the arrows don't move the map");
    desk.press(Key::Escape);
    desk.press(Key::ArrowLeft);
    assert!(desk.map.view().center.lon() < view.center.lon(), "without one they do");
}

#[test]
fn every_step_can_be_taken_back_and_done_again() {
    let mut desk = square();
    desk.drag(pos2(550.0, 200.0), pos2(600.0, 150.0));
    desk.settle();
    desk.map.edit(EditOrder::Take(EditTool::Hole));
    clicks(&mut desk, &[(420.0, 270.0), (480.0, 270.0), (450.0, 330.0)]);
    desk.press(Key::Enter);
    let done = area_of(&desk);
    let back = steps(&mut desk, true);
    assert_eq!(back, 10, "four corners, the closing, a drag, three corners, the closing");
    assert_eq!(desk.map.edit_shape(), None, "back at the beginning");
    assert_eq!(steps(&mut desk, false), back, "as many forward");
    assert_eq!(area_of(&desk), done, "and all is there again");
}

#[test]
fn nothing_else_on_the_map_is_clicked_meanwhile() {
    let mut desk = square();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, protocol::view::DotState::Free)]));
    let told =
        [desk.click(pos2(150.0, 500.0)), desk.click_with(pos2(150.0, 500.0), PointerButton::Secondary)];
    let others = told.concat().into_iter().filter(|event| !matches!(event, MapEvent::EditChanged)).count();
    assert_eq!(others, 0, "neither selection nor menu");
    desk.map.end_edit();
    desk.settle();
    assert!(desk.map.edit_state().is_none(), "the edit is over");
    let told = desk.click(middle());
    assert!(told.iter().any(|event| matches!(event, MapEvent::Clicked(_))), "now it is: {told:?}");
}

#[test]
fn a_shape_across_the_date_line_is_edited_in_one_piece() {
    let corner = |lon, lat| LonLat::new(lon, lat).expect("coordinate");
    let outer = vec![
        corner(179.99, -17.01),
        corner(-179.99, -17.01),
        corner(-179.99, -16.99),
        corner(179.99, -16.99),
    ];
    let mut desk = Desk::new(None);
    let shape = FenceShape::Polygon { area: PolygonArea { outer: outer.clone(), holes: Vec::new() } };
    desk.map.start_edit(EditStart {
        poi: None,
        shape: Some(shape),
        tool: EditTool::Adjust,
        color: FenceColor::Blue,
    });
    desk.settle();
    let view = desk.map.view();
    assert!(view.center.lon().abs() > 179.9, "it is brought into view: {view:?}");
    assert!(view.zoom > 10.0, "as large as it is, not as the earth: {view:?}");
    desk.press(Key::Tab);
    desk.press_with(Key::ArrowLeft, Modifiers::SHIFT);
    let area = area_of(&desk);
    assert_eq!(&area.outer[1..], &outer[1..], "the others stay");
    assert!(
        area.outer[0].lon() < 179.99 && area.outer[0].lon() > 179.9,
        "a little to the west: {:?}",
        area.outer[0]
    );
    assert_eq!(desk.map.edit_shape().map(|shape| shape.check()), Some(Ok(())), "and it is still a fence");
}

#[test]
fn five_thousand_corners_are_no_trouble() {
    let center = at(7.42, 43.73);
    let outer = (0..5_000).map(|n| center.destination(f64::from(n) * 0.072, 400.0)).collect();
    let mut desk = editing(FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } });
    let before = area_of(&desk);
    let view = desk.map.view();
    let pt_per_metre = view.zoom.exp2() / (156_543.034 * 43.73f64.to_radians().cos());
    let north = middle() - vec2(0.0, (400.0 * pt_per_metre) as f32);
    desk.drag(north, north - vec2(0.0, 50.0));
    desk.settle();
    let after = area_of(&desk);
    let moved = before.outer.iter().zip(&after.outer).filter(|(a, b)| a != b).count();
    assert_eq!((after.outer.len(), moved), (5_000, 1), "one of them was dragged");
    assert_eq!(desk.map.edit_state().and_then(|state| state.problem), None, "checked after the drag");
}

/// Anything that people and machines may do to the map.
fn doing() -> impl Strategy<Value = Doing> {
    let place = || (-50.0f32..950.0, -50.0f32..650.0).prop_map(|(x, y)| pos2(x, y));
    let key = prop::sample::select(vec![
        Key::Enter,
        Key::Escape,
        Key::Backspace,
        Key::Delete,
        Key::Tab,
        Key::ArrowLeft,
        Key::ArrowUp,
        Key::Z,
        Key::Plus,
    ]);
    let modifiers =
        prop::sample::select(vec![Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND, Modifiers::ALT]);
    let tool = prop::sample::select(vec![
        EditTool::Adjust,
        EditTool::Circle,
        EditTool::Area,
        EditTool::Hole,
        EditTool::Corridor,
    ]);
    let order = prop_oneof![
        tool.prop_map(EditOrder::Take),
        prop::sample::select(vec![
            EditOrder::Undo,
            EditOrder::Redo,
            EditOrder::FinishDrawing,
            EditOrder::CancelDrawing,
            EditOrder::RemoveVertex,
            EditOrder::RemovePart,
            EditOrder::PutInMiddle,
            EditOrder::Shape(FenceShape::Circle { center: at(7.42, 43.73), radius_m: f64::NAN }),
            EditOrder::Shape(FenceShape::MultiPolygon { areas: Vec::new() }),
            EditOrder::Shape(FenceShape::Corridor { line: Vec::new(), half_width_m: -1.0 }),
            EditOrder::Shape(FenceShape::Polygon {
                area: PolygonArea { outer: Vec::new(), holes: vec![Vec::new()] }
            }),
        ]),
    ];
    prop_oneof![
        4 => place().prop_map(Doing::Click),
        2 => (place(), place()).prop_map(|(from, to)| Doing::Drag(from, to)),
        1 => place().prop_map(Doing::Secondary),
        2 => (key, modifiers).prop_map(|(key, modifiers)| Doing::Press(key, modifiers)),
        3 => order.prop_map(Doing::Order),
        1 => Just(Doing::FarAway),
    ]
}

#[derive(Debug, Clone)]
enum Doing {
    Click(Pos2),
    Drag(Pos2, Pos2),
    Secondary(Pos2),
    Press(Key, Modifiers),
    Order(EditOrder),
    /// A pointer far beyond the earth.
    FarAway,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_done_the_editor_goes_on(all in prop::collection::vec(doing(), 1..30)) {
        let mut desk = drawing(EditTool::Area);
        for one in all {
            match one {
                Doing::Click(pos) => drop(desk.click(pos)),
                Doing::Drag(from, to) => drop(desk.drag(from, to)),
                Doing::Secondary(pos) => drop(desk.click_with(pos, PointerButton::Secondary)),
                Doing::Press(key, modifiers) => drop(desk.press_with(key, modifiers)),
                Doing::Order(order) => desk.map.edit(order),
                Doing::FarAway => drop(desk.frame(vec![Event::PointerMoved(pos2(1e9, -1e9))])),
            }
            let state = desk.map.edit_state();
            prop_assert!(state.is_some(), "only the host ends an edit");
        }
        steps(&mut desk, false);
        let before = desk.map.edit_shape();
        let back = steps(&mut desk, true);
        prop_assert_eq!(steps(&mut desk, false), back, "what was taken back can be done again");
        let after = desk.map.edit_shape();
        // A radius of NaN is not even equal to itself.
        prop_assert_eq!(format!("{before:?}"), format!("{after:?}"), "and leads to the same shape");
    }
}
