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
            ("the letter of the first way", p.panel, p.way(0)),
            ("the letter of the second way", p.panel, p.way(1)),
            ("the letter of the third way", p.panel, p.way(2)),
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

/// How different two colours look: the distance in CIE L*a*b*.
fn difference(a: Color32, b: Color32) -> f64 {
    let lab = |color: Color32| {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = [color.r(), color.g(), color.b()].map(linear);
        let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    };
    lab(a).iter().zip(lab(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn every_fence_stands_out_from_the_base_map_and_from_the_other_fences() {
    for theme in [Theme::Light, Theme::Dark] {
        let palette = Palette::of(theme);
        for (n, color) in FenceColor::ALL.into_iter().enumerate() {
            let ratio = contrast(palette.fence_color(color), palette.ground);
            assert!(ratio >= 3.0, "{color:?} on {theme:?} reaches only {ratio:.1} : 1");
            for other in &FenceColor::ALL[n + 1..] {
                let apart = difference(palette.fence_color(color), palette.fence_color(*other));
                assert!(apart >= 20.0, "{color:?} and {other:?} on {theme:?} look alike: {apart:.0}");
            }
        }
        let ratio = contrast(palette.wrong, palette.ground);
        assert!(ratio >= 3.0, "what is wrong on {theme:?} reaches only {ratio:.1} : 1");
    }
}
