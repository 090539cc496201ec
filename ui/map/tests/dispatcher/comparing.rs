//! A dispatcher weighs who should go, with their ways side by side.

use domain::travel::TravelSource;
use map::WayOption;
use protocol::view::{DotState, RouteView};

use crate::desk::*;

/// The way of somebody from where their dot is.
fn way(n: u128, letter: Option<char>, from: (f64, f64), label: &str) -> WayOption {
    let points = vec![at(from.0, from.1), at(7.42, 43.735)];
    let route = RouteView { points, duration_secs: 240, distance_m: 900.0, source: TravelSource::Roads };
    WayOption { resource: resource(n), letter, route, label: label.to_owned(), strong: n == 1 }
}

/// Ana in the west and Bruno in the east of a task.
fn two_ways() -> Desk {
    let mut desk = Desk::in_monaco();
    desk.map
        .apply_frame(&full(vec![dot(1, 7.40, 43.73, DotState::Free), dot(2, 7.44, 43.74, DotState::Free)]));
    desk.map.set_ways(vec![
        way(1, Some('A'), (7.40, 43.73), "Ana C. · 10:42"),
        way(2, Some('B'), (7.44, 43.74), "Bruno R. · 10:47"),
    ]);
    desk.look_at(7.42, 43.735, 14.0);
    desk
}

#[test]
fn ways_are_named_by_letters_and_say_who_arrives_when() {
    let desk = two_ways();
    assert!(desk.sees("A · Ana C. · 10:42"), "whose and when, where the way begins: {:?}", desk.texts);
    assert!(desk.sees("B · Bruno R. · 10:47"), "for each of them: {:?}", desk.texts);
    for letter in ["A", "B"] {
        assert!(desk.texts.iter().any(|text| text == letter), "{letter} stands on its way, too");
    }
}

#[test]
fn all_ways_are_brought_into_view() {
    let mut desk = two_ways();
    desk.look_at(7.46, 43.76, 16.0);
    desk.map.fit_ways();
    desk.settle();
    assert!(desk.center().distance_m(at(7.42, 43.735)) < 50.0, "the middle of both: {:?}", desk.center());
}

#[test]
fn who_goes_private_takes_their_way_along() {
    let mut desk = two_ways();
    desk.map.apply_frame(&gone(vec![resource(1)]));
    desk.frame(vec![]);
    assert!(!desk.sees("Ana C."), "the very next frame shows neither her way nor her arrival");
    assert!(!desk.texts.iter().any(|text| text == "A"), "nor the letter on it");
    assert!(desk.sees("B · Bruno R. · 10:47"), "the other one keeps letter and colour");
}

#[test]
fn a_single_way_needs_no_letter_and_goes_when_it_is_taken_away() {
    let mut desk = two_ways();
    desk.map.set_ways(vec![way(1, None, (7.40, 43.73), "Ana C. · 10:42")]);
    desk.frame(vec![]);
    assert!(desk.texts.iter().any(|text| text == "Ana C. · 10:42"), "just the label: {:?}", desk.texts);
    desk.map.set_ways(Vec::new());
    desk.frame(vec![]);
    assert!(!desk.sees("Ana C."), "taken away");
}
