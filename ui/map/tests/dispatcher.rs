//! A dispatcher at the map: gestures, keys and frames of positions against the real widget, without a window.

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{Priority, TaskStatus};
use domain::{LonLat, ResourceId};
use egui::{
    Context, Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, Shape, pos2, vec2,
};
use map::{Fit, Layers, LiveMap, MapEvent, ResourceLabel, TaskPin, Theme, TileAnswer, Words};
use protocol::view::{BaseMapView, Dot, DotState, PositionFrame, RouteView, Subject};

const SIZE: egui::Vec2 = egui::Vec2::new(900.0, 600.0);

/// The map with somebody in front of it.
struct Desk {
    ctx: Context,
    map: LiveMap,
    now: DateTime<Utc>,
    texts: Vec<String>,
    repaint_after_secs: f64,
}

impl Desk {
    fn new(base: Option<BaseMapView>) -> Self {
        let ctx = Context::default();
        let map = LiveMap::new(&ctx, base, Theme::Light, Words::default());
        let now = "2026-11-23T10:00:00Z".parse().expect("time");
        let mut desk = Self { ctx, map, now, texts: Vec::new(), repaint_after_secs: 0.0 };
        desk.frame(vec![]);
        desk.frame(vec![]);
        desk
    }

    fn in_monaco() -> Self {
        Self::new(Some(monaco()))
    }

    /// One frame with these inputs; a sixtieth of a second passes.
    fn frame(&mut self, events: Vec<Event>) -> Vec<MapEvent> {
        self.now += TimeDelta::milliseconds(17);
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, SIZE));
        let time = Some(self.now.timestamp_millis() as f64 / 1e3);
        let input = RawInput { screen_rect, time, events, focused: true, ..RawInput::default() };
        let mut told = Vec::new();
        let mut output = self.ctx.run_ui(input, |ui| told = self.map.ui(ui, self.now));
        output.textures_delta.clear();
        self.texts = output.shapes.iter().flat_map(|clipped| texts_in(&clipped.shape)).collect();
        let delay = output.viewport_output.values().map(|viewport| viewport.repaint_delay.as_secs_f64());
        self.repaint_after_secs = delay.fold(f64::INFINITY, f64::min);
        told
    }

    /// Frames until the map is at rest, also after a drag that lets it slide on.
    fn settle(&mut self) -> Vec<MapEvent> {
        (0..120).flat_map(|_| self.frame(vec![])).collect()
    }

    fn click_with(&mut self, at: Pos2, button: PointerButton) -> Vec<MapEvent> {
        let press = |pressed| Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE };
        let mut told = self.frame(vec![Event::PointerMoved(at)]);
        told.extend(self.frame(vec![press(true)]));
        told.extend(self.frame(vec![press(false)]));
        told
    }

    fn click(&mut self, at: Pos2) -> Vec<MapEvent> {
        self.click_with(at, PointerButton::Primary)
    }

    fn drag(&mut self, from: Pos2, to: Pos2) -> Vec<MapEvent> {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let mut told = self.frame(vec![Event::PointerMoved(from), button(from, true)]);
        for step in 1..=5 {
            told.extend(self.frame(vec![Event::PointerMoved(from + (to - from) * (step as f32 / 5.0))]));
        }
        told.extend(self.frame(vec![button(to, false)]));
        told
    }

    fn press(&mut self, key: Key) -> Vec<MapEvent> {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let mut told = self.frame(vec![event(true), event(false)]);
        told.extend(self.frame(vec![]));
        told
    }

    fn wheel(&mut self, at: Pos2, y: f32) {
        let event = Event::MouseWheel {
            source: egui::MouseWheelSource::Unknown,
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, y),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(at), event]);
        self.settle();
    }

    fn sees(&self, text: &str) -> bool {
        self.texts.iter().any(|seen| seen.contains(text))
    }

    fn center(&self) -> LonLat {
        self.map.view().center
    }

    /// Shows a place in the middle at a zoom.
    fn look_at(&mut self, lon: f64, lat: f64, zoom: f64) {
        self.map.set_view(map::MapView { center: at(lon, lat), zoom });
        self.settle();
    }
}

fn texts_in(shape: &Shape) -> Vec<String> {
    if let Shape::Vec(shapes) = shape {
        return shapes.iter().flat_map(texts_in).collect();
    }
    if let Shape::Text(text) = shape { vec![text.galley.text().to_owned()] } else { Vec::new() }
}

fn monaco() -> BaseMapView {
    BaseMapView {
        source: "monaco".to_owned(),
        bounds: [7.349, 43.71, 7.491, 43.77],
        min_zoom: 0,
        max_zoom: 14,
        attribution: "© OpenStreetMap contributors".to_owned(),
    }
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("coordinate")
}

fn resource(n: u128) -> ResourceId {
    uuid::Uuid::from_u128(n).into()
}

fn dot(n: u128, lon: f64, lat: f64, state: DotState) -> Dot {
    let (lon_e7, lat_e7) = Dot::fixed_point(at(lon, lat));
    let fix_ms = "2026-11-23T09:50:00Z".parse::<DateTime<Utc>>().expect("time").timestamp_millis();
    Dot { resource: resource(n), lon_e7, lat_e7, accuracy_m: 10, heading_deg: None, fix_ms, state }
}

fn full(dots: Vec<Dot>) -> PositionFrame {
    PositionFrame { now_ms: 0, full: true, dots, gone: vec![] }
}

fn moved(dots: Vec<Dot>) -> PositionFrame {
    PositionFrame { full: false, ..full(dots) }
}

fn gone(resources: Vec<ResourceId>) -> PositionFrame {
    PositionFrame { gone: resources, ..moved(vec![]) }
}

fn ana() -> ResourceLabel {
    ResourceLabel { resource: resource(1), name: "Ana Costa".to_owned() }
}

fn middle() -> Pos2 {
    pos2(450.0, 300.0)
}

#[test]
fn the_map_opens_on_its_region_and_asks_for_its_tiles() {
    let mut desk = Desk::in_monaco();
    let center = desk.center();
    assert!(center.distance_m(at(7.42, 43.74)) < 500.0, "the region's middle is shown, not {center:?}");
    let wanted = desk.map.take_tile_requests(desk.now);
    assert!(!wanted.is_empty(), "tiles are asked for");
    assert!(desk.sees("© OpenStreetMap contributors"), "the attribution is there before any tile is");
    assert!(desk.sees("Loading"), "and it says that it is loading");
    for tile in wanted {
        desk.map.tile_arrived(tile, TileAnswer::Missing, desk.now);
    }
    desk.settle();
    for tile in desk.map.take_tile_requests(desk.now) {
        desk.map.tile_arrived(tile, TileAnswer::Missing, desk.now);
    }
    desk.settle();
    assert!(desk.sees("No base map for this area"), "an empty ground is explained");
    assert!(desk.sees("© OpenStreetMap contributors"), "the attribution stays");
}

#[test]
fn the_first_dots_are_brought_into_view_unless_somebody_has_moved_the_map() {
    let fleet = || full(vec![dot(1, 7.41, 43.73, DotState::Free), dot(2, 7.42, 43.735, DotState::Free)]);
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&fleet());
    desk.settle();
    assert!(
        desk.center().distance_m(at(7.415, 43.7325)) < 20.0,
        "the fleet is in the middle: {:?}",
        desk.center()
    );
    let mut desk = Desk::in_monaco();
    desk.drag(pos2(400.0, 300.0), pos2(300.0, 250.0));
    desk.settle();
    let chosen = desk.center();
    desk.map.apply_frame(&fleet());
    desk.settle();
    assert!(desk.center().distance_m(chosen) < 1.0, "the map does not jump away from where it was dragged");
}

#[test]
fn without_a_base_map_the_resources_are_still_there() {
    let mut desk = Desk::new(None);
    desk.map.apply_frame(&full(vec![dot(1, 10.75, 59.91, DotState::Free)]));
    desk.map.fit(Fit::All);
    desk.settle();
    assert!(desk.sees("No base map for this area"), "it says why the ground is plain");
    assert!(desk.center().distance_m(at(10.75, 59.91)) < 5.0, "the fleet is in the middle");
    assert!(
        desk.click(middle()).contains(&MapEvent::Clicked(Subject::Resource(resource(1)))),
        "and can be clicked"
    );
}

#[test]
fn a_click_tells_what_is_there_and_the_host_selects() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Working)]));
    desk.map.set_resources(vec![ana()]);
    desk.look_at(7.42, 43.73, 14.0);
    let told = desk.click(middle());
    assert!(
        told.contains(&MapEvent::Clicked(Subject::Resource(resource(1)))),
        "the van is in the middle: {told:?}"
    );
    assert_eq!(desk.map.selection(), None, "only the host selects");
    let told = desk.click(pos2(100.0, 500.0));
    let empty =
        told.iter().find_map(|event| if let MapEvent::ClickedEmpty(at) = event { Some(*at) } else { None });
    let where_to = empty.expect("empty map was clicked");
    assert!(
        where_to.lon() < 7.42 && where_to.lat() < 43.73,
        "left and below is west and south: {where_to:?}"
    );
}

#[test]
fn hovering_shows_the_name_and_leaving_hides_it() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Stale)]));
    desk.map.set_resources(vec![ana()]);
    desk.look_at(7.42, 43.73, 14.0);
    assert!(!desk.sees("Ana Costa"), "at this zoom names are not shown");
    let told = desk.frame(vec![Event::PointerMoved(middle())]);
    let told = [told, desk.frame(vec![])].concat();
    let hovered = MapEvent::HoverChanged(Some(Subject::Resource(resource(1))));
    assert_eq!(told.iter().filter(|event| **event == hovered).count(), 1, "told once: {told:?}");
    assert!(desk.sees("Ana Costa · 10 min ago"), "an old fix says how old: {:?}", desk.texts);
    desk.frame(vec![Event::PointerMoved(pos2(100.0, 100.0))]);
    desk.frame(vec![]);
    assert!(!desk.sees("Ana Costa"), "gone with the pointer");
}

#[test]
fn at_street_level_names_are_shown_without_pointing() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free)]));
    desk.map.set_resources(vec![ana()]);
    desk.look_at(7.42, 43.73, 16.5);
    assert!(desk.sees("Ana Costa"), "there is room for names here");
    desk.map.set_layers(Layers { labels: false, ..Layers::default() });
    desk.frame(vec![]);
    assert!(!desk.sees("Ana Costa"), "unless the names are switched off");
}

#[test]
fn who_goes_private_leaves_neither_dot_nor_name_nor_halo_behind() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::Free)]));
    desk.map.set_resources(vec![ana()]);
    desk.map.select(Some(Subject::Resource(resource(1))));
    desk.look_at(7.42, 43.73, 17.0);
    assert!(desk.sees("Ana Costa"), "she is selected");
    desk.map.set_follow(Some(resource(1)));
    desk.settle();
    desk.map.apply_frame(&gone(vec![resource(1)]));
    let told = desk.frame(vec![]);
    assert!(!desk.sees("Ana Costa"), "the very next frame does not show her");
    assert_eq!(desk.map.dot_count(), 0, "her place is forgotten");
    assert!(told.contains(&MapEvent::FollowChanged(None)), "the map no longer follows her: {told:?}");
    assert!(
        !desk.click(middle()).iter().any(|e| matches!(e, MapEvent::Clicked(_))),
        "nothing is there to click"
    );
}

#[test]
fn the_map_follows_until_the_dispatcher_drags_it() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::EnRoute)]));
    desk.map.set_follow(Some(resource(1)));
    desk.map.apply_frame(&moved(vec![dot(1, 7.43, 43.74, DotState::EnRoute)]));
    desk.settle();
    assert!(desk.center().distance_m(at(7.43, 43.74)) < 1.0, "the map went along");
    desk.wheel(pos2(700.0, 200.0), 60.0);
    assert_eq!(desk.map.follow(), Some(resource(1)), "zooming beside the middle keeps following");
    assert!(desk.center().distance_m(at(7.43, 43.74)) < 1.0, "and the dot stays in the middle");
    let told = desk.drag(pos2(400.0, 300.0), pos2(300.0, 250.0));
    assert!(told.contains(&MapEvent::FollowChanged(None)), "dragging ends it, and says so");
    desk.settle();
    let left_at = desk.center();
    assert!(left_at.distance_m(at(7.43, 43.74)) > 20.0, "the map was dragged away");
    desk.map.apply_frame(&moved(vec![dot(1, 7.40, 43.72, DotState::EnRoute)]));
    desk.settle();
    assert!(desk.center().distance_m(left_at) < 1.0, "and stays where it was dragged to");
}

#[test]
fn who_is_followed_and_goes_away_leaves_the_map_where_it_was() {
    let mut desk = Desk::in_monaco();
    desk.map.apply_frame(&full(vec![dot(1, 7.42, 43.73, DotState::EnRoute)]));
    desk.map.set_follow(Some(resource(1)));
    desk.settle();
    desk.map.apply_frame(&gone(vec![resource(1)]));
    desk.settle();
    assert!(desk.center().distance_m(at(7.42, 43.73)) < 50.0, "not at 0°, 0° but {:?}", desk.center());
}

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
    };
    let task = Subject::Task(pin.task);
    desk.map.set_tasks(vec![pin]);
    let points = vec![at(7.415, 43.732), at(7.42, 43.73)];
    let route = RouteView { points, duration_secs: 240, distance_m: 900.0, by_road: true };
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
