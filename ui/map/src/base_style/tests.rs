use super::*;
use crate::palette::Palette;
use egui::Color32;
use walkers::Context;

fn paints(theme: Theme) -> Vec<Color32> {
    let context = Context::new("LineString".to_owned(), Default::default(), 14);
    let evaluate = |layer: &StyleLayer| match layer {
        StyleLayer::Background { paint } => paint.background_color.as_ref().map(|c| c.evaluate(&context)),
        StyleLayer::Fill { paint, .. } => paint.fill_color.as_ref().map(|c| c.evaluate(&context)),
        StyleLayer::Line { paint, .. } => paint.line_color.as_ref().map(|c| c.evaluate(&context)),
        StyleLayer::Symbol { paint, .. } => {
            paint.as_ref().and_then(|p| p.text_color.as_ref()).map(|c| c.evaluate(&context))
        }
        StyleLayer::Circle { .. } | StyleLayer::Raster | StyleLayer::FillExtrusion => None,
    };
    style(theme).layers.iter().filter_map(evaluate).collect()
}

#[test]
fn every_colour_can_be_read_on_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        let colors = paints(theme);
        assert!(colors.len() > 25, "all layers have a colour");
        assert!(!colors.contains(&Color32::MAGENTA), "magenta is what an unreadable colour becomes");
        assert_eq!(colors[0], Palette::of(theme).ground, "tiles and the ground without tiles look the same");
    }
}

#[test]
fn areas_and_lines_are_not_mixed_so_that_a_tile_is_two_draw_calls() {
    let kinds: Vec<u8> = style(Theme::Light)
        .layers
        .iter()
        .map(|layer| match layer {
            StyleLayer::Background { .. } | StyleLayer::Fill { .. } => 0,
            StyleLayer::Line { .. } => 1,
            StyleLayer::Symbol { .. } | StyleLayer::Circle { .. } => 2,
            StyleLayer::Raster | StyleLayer::FillExtrusion => 3,
        })
        .collect();
    assert!(kinds.is_sorted(), "fills, then lines, then texts: {kinds:?}");
}

#[test]
fn minor_streets_are_left_out_where_they_would_only_be_noise() {
    let style = style(Theme::Light);
    let drawn = |zoom| {
        let properties = [("class".to_owned(), json!("minor"))].into();
        let context = Context::new("LineString".to_owned(), properties, zoom);
        style.layers.iter().any(|layer| {
            let StyleLayer::Line { source_layer, filter: Some(filter), .. } = layer else { return false };
            source_layer.matches("transportation") && filter.matches(&context)
        })
    };
    assert!(drawn(14), "at street level they are there");
    assert!(!drawn(9), "seen from far above they are not");
}

#[test]
fn streets_are_named_whatever_the_tiles_call_the_name() {
    let style = style(Theme::Dark);
    let name = |key: &str| {
        let properties =
            [("class".to_owned(), json!("primary")), (key.to_owned(), json!("Quai Albert 1er"))].into();
        let context = Context::new("LineString".to_owned(), properties, 14);
        style.layers.iter().find_map(|layer| {
            let StyleLayer::Symbol { source_layer, filter: Some(filter), layout, .. } = layer else {
                return None;
            };
            let drawn = source_layer.matches("transportation_name") && filter.matches(&context);
            drawn.then(|| layout.text(&context))?
        })
    };
    assert_eq!(name("name:latin").as_deref(), Some("Quai Albert 1er"), "as tilemaker writes it");
    assert_eq!(name("name").as_deref(), Some("Quai Albert 1er"), "as OpenMapTiles writes it");
}
