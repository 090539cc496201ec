use super::*;
use crate::atlas;
use crate::dots::tests::{dot, frame, resource};
use crate::projection::WorldPos;
use domain::LonLat;
use egui::{Rect, pos2};
use protocol::view::DotState;

fn view(zoom: f64) -> Viewport {
    let center = WorldPos::of(LonLat::new(7.42, 43.73).expect("coordinate"));
    Viewport { rect: Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0)), center, zoom }
}

fn build(dots: &Dots, zoom: f64, selection: Option<Subject>) -> MarkerScene {
    let source = Source { dots, pins: &[], places: &[], layers: Layers::default(), selection, revision: 0 };
    let mut scene = MarkerScene::default();
    let from = Inputs {
        source: &source,
        view: view(zoom),
        cells: &atlas::cells_without_texture(),
        clustering: true,
    };
    scene.build(&from, TextureId::default());
    scene
}

#[test]
fn a_marker_costs_four_vertices_and_what_is_off_screen_costs_nothing() {
    let mut dots = Dots::default();
    let near = (0..10).map(|n| dot(n, 7.42 + n as f64 * 1e-3, 43.73, DotState::Free));
    let far = (10..500).map(|n| dot(n, 10.75, 59.91, DotState::Free));
    dots.apply(&frame(true, near.chain(far).collect(), vec![]));
    let scene = build(&dots, 14.0, None);
    assert_eq!(scene.dots.len(), 10, "ten are in view");
    assert_eq!(scene.mesh.vertices.len(), 40, "four vertices each, nothing for Oslo");
    assert_eq!(scene.mesh.indices.len(), 60, "two triangles each");
}

#[test]
fn the_selected_resource_lies_on_top_then_the_late_ones() {
    let mut dots = Dots::default();
    let states = [DotState::Late, DotState::Free, DotState::Silent, DotState::EnRoute];
    let all = states.iter().enumerate().map(|(n, state)| dot(n as u128, 7.42, 43.73, *state)).collect();
    dots.apply(&frame(true, all, vec![]));
    let scene = build(&dots, 15.0, Some(Subject::Resource(resource(2))));
    let order: Vec<_> = scene.dots.iter().map(|drawn| dots.rows()[drawn.row].marker).collect();
    let expected = [Marker::Free, Marker::EnRoute, Marker::Late, Marker::Silent];
    assert_eq!(order, expected, "the selected (silent) one is last, so on top");
}

#[test]
fn an_arrow_turns_clockwise_from_north() {
    let cell = Cell { uv: Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), half_pt: 10.0 };
    let mut mesh = Mesh::default();
    quad(&mut mesh, &cell, Pos2::ZERO, Vec2::angled(std::f32::consts::FRAC_PI_2));
    // Heading east: the texture's top left corner is now at the top right.
    let top_left = mesh.vertices[0].pos;
    assert!(top_left.distance(pos2(10.0, -10.0)) < 1e-3, "got {top_left:?}");
}

#[test]
fn the_mesh_is_kept_until_something_changes() {
    let ctx = egui::Context::default();
    let mut dots = Dots::default();
    dots.apply(&frame(true, vec![dot(1, 7.42, 43.73, DotState::Free)], vec![]));
    let atlas = Atlas::new(&ctx, crate::palette::Theme::Light, 1.0);
    let mut scene = MarkerScene::default();
    let mut source = Source {
        dots: &dots,
        pins: &[],
        places: &[],
        layers: Layers::default(),
        selection: None,
        revision: 1,
    };
    assert!(scene.update(&source, &view(14.0), &atlas), "the first frame builds it");
    assert!(!scene.update(&source, &view(14.0), &atlas), "the same again does not");
    assert!(scene.update(&source, &view(14.1), &atlas), "zooming does");
    source.revision = 2;
    assert!(scene.update(&source, &view(14.1), &atlas), "a new frame of positions does");
}
