//! What a dispatcher sees.

use egui::{Event, pos2};
use map::{Fit, Layers, MapEvent, TileAnswer};
use protocol::view::{DotState, Subject};

use crate::desk::*;

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
