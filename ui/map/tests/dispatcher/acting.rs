//! What a dispatcher does: keys, clicks, the wheel.

use domain::task::{Priority, TaskStatus};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, pos2, vec2};
use map::{Fit, MapEvent, TaskPin, Theme, TileAnswer};
use protocol::view::{DotState, RouteView, Subject};

use crate::desk::*;

#[test]
fn everything_works_from_the_keyboard() {
    let mut desk = Desk::in_monaco();
    desk.map
        .apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free), dot(2, 7.44, 43.75, DotState::Free)]));
    desk.look_at(7.42, 43.73, 14.0);
    desk.press(Key::ArrowRight);
    desk.press(Key::ArrowUp);
    let center = desk.center();
    assert!(center.lon() > 7.421 && center.lat() > 43.731, "right is east, up is north: {center:?}");
    desk.press(Key::Plus);
    assert!((desk.map.view().zoom - 15.0).abs() < 1e-6, "plus is one step closer");
    desk.press(Key::Minus);
    desk.press(Key::Minus);
    assert!((desk.map.view().zoom - 13.0).abs() < 1e-6, "minus goes back");
    desk.press(Key::Num0);
    assert!(desk.center().distance_m(at(7.43, 43.74)) < 30.0, "0 shows all: the middle of both vans");
    desk.map.select(Some(Subject::Resource(resource(2))));
    desk.press(Key::F);
    assert_eq!(desk.map.follow(), Some(resource(2)), "F follows the selection");
    desk.press(Key::ArrowLeft);
    assert_eq!(desk.map.follow(), None, "an arrow key is a pan and ends following");
}

#[test]
fn keys_that_belong_to_somebody_else_do_not_move_the_map() {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.42, 43.73, 14.0);
    let other = egui::Id::unique("a text field of the host");
    desk.ctx.memory_mut(|memory| memory.request_focus(other));
    let before = desk.map.view();
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
        events: vec![Event::Key {
            key: Key::ArrowLeft,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        }],
        ..RawInput::default()
    };
    let mut output = desk.ctx.run_ui(input, |ui| {
        let field = ui.interact(Rect::from_min_size(Pos2::ZERO, vec2(9.0, 9.0)), other, egui::Sense::click());
        ui.memory_mut(|memory| {
            memory.set_focus_lock_filter(
                field.id,
                egui::EventFilter { horizontal_arrows: true, ..Default::default() },
            );
        });
        desk.map.ui(ui, desk.now);
    });
    output.textures_delta.clear();
    assert_eq!(desk.map.view(), before, "the arrow key moved a cursor, not the map");
}

#[test]
fn a_place_is_picked_with_a_click_and_picking_ends_with_escape() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free)]));
    desk.look_at(7.42, 43.73, 15.0);
    desk.map.set_pick_mode(true);
    desk.frame(vec![]);
    assert!(desk.sees("Click the place"), "it says what to do");
    let told = desk.click(middle());
    let picked =
        told.iter().find_map(|event| if let MapEvent::PlacePicked(at) = event { Some(*at) } else { None });
    assert!(
        picked.is_some_and(|picked| picked.distance_m(at(7.42, 43.73)) < 3.0),
        "the place itself: {told:?}"
    );
    assert!(!told.iter().any(|event| matches!(event, MapEvent::Clicked(_))), "nobody is selected meanwhile");
    assert!(desk.press(Key::Escape).contains(&MapEvent::PickCanceled), "Escape ends it");
}

#[test]
fn a_bubble_opens_with_a_click() {
    let mut desk = Desk::in_monaco();
    let near = (0..40).map(|n| dot(n, 7.42 + n as f64 * 2e-4, 43.73, DotState::Free)).collect();
    desk.map.apply_frame(&full(near));
    desk.look_at(7.424, 43.73, 10.0);
    let count = desk.texts.iter().find_map(|text| text.parse::<usize>().ok());
    assert!(
        count.is_some_and(|count| count >= 10),
        "far away they are a bubble with a count: {:?}",
        desk.texts
    );
    let before = desk.map.view().zoom;
    let told = desk.click(middle());
    desk.settle();
    assert!(desk.map.view().zoom >= before + 1.0, "a click on it zooms in");
    assert!(
        !told.iter().any(|e| matches!(e, MapEvent::Clicked(_) | MapEvent::ClickedEmpty(_))),
        "and selects nothing"
    );
}

#[test]
fn a_secondary_click_asks_for_a_menu() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free)]));
    desk.look_at(7.42, 43.73, 15.0);
    let told = desk.click_with(middle(), PointerButton::Secondary);
    let menu = told.iter().find_map(|event| {
        if let MapEvent::ContextMenu { subject, pos_on_screen, .. } = event {
            Some((*subject, *pos_on_screen))
        } else {
            None
        }
    });
    assert_eq!(
        menu,
        Some((Some(Subject::Resource(resource(1))), (450.0, 300.0))),
        "for the van, where it is"
    );
}

#[test]
fn the_zoom_buttons_work_and_do_not_click_the_map_below() {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.42, 43.73, 13.0);
    let told = desk.click(pos2(875.0, 553.0));
    assert!(
        (desk.map.view().zoom - 12.0).abs() < 1e-6,
        "the lowest button zooms out: {}",
        desk.map.view().zoom
    );
    assert!(
        !told.iter().any(|e| matches!(e, MapEvent::ClickedEmpty(_))),
        "the map below is not clicked: {told:?}"
    );
    desk.click(pos2(875.0, 519.0));
    assert!((desk.map.view().zoom - 13.0).abs() < 1e-6, "the one above zooms in");
}

#[test]
fn the_wheel_zooms_around_the_pointer_and_never_past_the_limits() {
    let mut desk = Desk::in_monaco();
    desk.look_at(7.42, 43.73, 13.0);
    desk.wheel(middle(), 120.0);
    assert!(desk.map.view().zoom > 13.1, "up is closer");
    assert!(desk.center().distance_m(at(7.42, 43.73)) < 20.0, "what is under the pointer stays");
    for _ in 0..40 {
        desk.wheel(middle(), 400.0);
    }
    assert!(desk.map.view().zoom <= 19.0, "there is an end: {}", desk.map.view().zoom);
}

#[test]
fn a_map_at_rest_asks_for_no_repaint() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free)]));
    for _ in 0..4 {
        for tile in desk.map.take_tile_requests(desk.now) {
            desk.map.tile_arrived(tile, TileAnswer::Missing, desk.now);
        }
        desk.settle();
    }
    assert!(desk.repaint_after_secs > 3_600.0, "idle, but repaints after {} s", desk.repaint_after_secs);
    desk.map.apply_frame(&moved(vec![dot(1, 7.43, 43.74, DotState::Stale)]));
    desk.look_at(7.43, 43.74, 15.0);
    let ring = desk.repaint_after_secs;
    assert!((1.0..=6.0).contains(&ring), "a growing ring is drawn every few seconds, not after {ring} s");
}

#[test]
fn tasks_places_and_a_route_have_their_labels() {
    let mut desk = Desk::in_monaco();
    let pin = TaskPin {
        task: uuid::Uuid::from_u128(70).into(),
        at: at(7.42, 43.73),
        number: 142,
        title: "Repair the lift".to_owned(),
        status: TaskStatus::NewTask,
        priority: Priority::Urgent,
        assigned: false,
        late: false,
        unsent: map::Unsent::Nothing,
    };
    let task = Subject::Task(pin.task);
    desk.map.set_tasks(vec![pin]);
    let points = vec![at(7.415, 43.732), at(7.42, 43.73)];
    let route = RouteView {
        points,
        duration_secs: 240,
        distance_m: 900.0,
        source: domain::travel::TravelSource::Roads,
    };
    desk.map.set_route(Some(map::RouteLine { route, arrival_label: "10:42 · 4 min".to_owned() }));
    desk.look_at(7.42, 43.73, 15.0);
    let head = middle() - vec2(0.0, 11.0);
    assert!(desk.click(head).contains(&MapEvent::Clicked(task)), "the pin's head is clicked");
    desk.map.select(Some(task));
    desk.frame(vec![]);
    assert!(
        desk.sees("#142 Repair the lift · Unassigned"),
        "number, title and that nobody has it: {:?}",
        desk.texts
    );
    assert!(desk.sees("10:42 · 4 min"), "the arrival is at the route's end");
    desk.map.fit(Fit::Selection);
    desk.settle();
    assert!(desk.center().distance_m(at(7.4175, 43.731)) < 20.0, "the route and the task are in view");
}

#[test]
fn moving_and_looking_elsewhere_is_told_once() {
    let mut desk = Desk::in_monaco();
    desk.settle();
    desk.map.fit(Fit::Bounds([7.41, 43.72, 7.43, 43.74]));
    let told = desk.settle();
    let views: Vec<_> = told.iter().filter(|event| matches!(event, MapEvent::Moved(_))).collect();
    assert_eq!(views.len(), 1, "one move, one event: {views:?}");
}

#[test]
fn the_theme_can_change_at_any_time() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Late)]));
    desk.map.set_theme(Theme::Dark);
    desk.settle();
    assert!(desk.sees("© OpenStreetMap contributors"), "it still draws");
}
