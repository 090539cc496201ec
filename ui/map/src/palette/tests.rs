use super::*;
use std::collections::HashSet;

fn luminance(color: Color32) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_marker_stands_out_from_the_base_map_on_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        let palette = Palette::of(theme);
        for marker in Marker::ALL {
            let best =
                contrast(palette.fill(marker), palette.ground).max(contrast(palette.outline, palette.ground));
            assert!(best >= 3.0, "{marker:?} on {theme:?} reaches only {best:.1} : 1");
        }
    }
}

#[test]
fn texts_can_be_read_on_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        let p = Palette::of(theme);
        for (what, text, ground) in [
            ("labels", p.text, p.panel),
            ("labels on the map", p.text, p.ground),
            ("attribution", p.weak_text, p.panel),
            ("cluster counts", p.cluster_text, p.cluster),
        ] {
            let ratio = contrast(text, ground);
            assert!(ratio >= 4.5, "{what} on {theme:?} reach only {ratio:.1} : 1");
        }
    }
}

#[test]
fn each_state_has_its_own_shape_and_its_own_colour() {
    let states = [
        DotState::Free,
        DotState::EnRoute,
        DotState::Working,
        DotState::Late,
        DotState::Stale,
        DotState::Silent,
    ];
    for theme in [Theme::Light, Theme::Dark] {
        let palette = Palette::of(theme);
        let markers = states.map(|state| Marker::of_state(state, true));
        let shapes: HashSet<_> = markers.map(Marker::shape).into_iter().collect();
        let colors: HashSet<_> = markers.map(|marker| palette.fill(marker)).into_iter().collect();
        assert_eq!(shapes.len(), states.len(), "six states, six shapes");
        assert_eq!(colors.len(), states.len(), "six states, six colours on {theme:?}");
    }
}

#[test]
fn the_legend_names_every_meaning_once_and_can_be_drawn() {
    let items = legend(Theme::Dark);
    let ids: HashSet<_> = items.iter().map(|item| item.id).collect();
    assert_eq!(ids.len(), items.len(), "ids are unique");
    for item in &items {
        assert!(item.polygon.len() >= 3, "{} has an outline to draw", item.id);
        assert!(
            item.polygon.iter().flatten().all(|v| v.abs() <= 10.0),
            "{} fits its box: {:?}",
            item.id,
            item.polygon
        );
    }
}
