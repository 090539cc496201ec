//! One mesh with all markers: places, then task pins, then resources with the most pressing state on top.
//!
//! The mesh is kept until something changes: hovering or a blinking cursor elsewhere costs nothing.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, TextureId, Vec2, epaint::Vertex, vec2};
use protocol::view::Subject;

use crate::atlas::{Atlas, Cell};
use crate::cluster::{self, Cluster};
use crate::dots::Dots;
use crate::given::Layers;
use crate::palette::Marker;
use crate::pins::PinRow;
use crate::places::PlaceRow;
use crate::projection::Viewport;

/// The order in which resources are drawn: what needs a dispatcher lies on top.
const DRAW_ORDER: [Marker; 7] = [
    Marker::Silent,
    Marker::Stale,
    Marker::Free,
    Marker::Working,
    Marker::EnRouteAnywhere,
    Marker::EnRoute,
    Marker::Late,
];
/// So far off the edge a marker is still drawn: half its size.
const MARKER_MARGIN_PT: f32 = 20.0;
/// Where the badge of an urgent task sits, from the pin's tip.
const URGENT_OFFSET: Vec2 = Vec2::new(6.5, -17.0);

/// What the markers of a frame are made from.
pub(crate) struct Source<'a> {
    pub dots: &'a Dots,
    pub pins: &'a [PinRow],
    pub places: &'a [PlaceRow],
    pub layers: Layers,
    pub selection: Option<Subject>,
    pub revision: u64,
}

/// Everything that a mesh depends on.
pub(crate) struct Inputs<'a> {
    pub source: &'a Source<'a>,
    pub view: Viewport,
    pub cells: &'a [Cell; Marker::ALL.len()],
    /// Without it every dot has its own quad.
    pub clustering: bool,
}

/// A marker that was drawn, in drawing order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drawn {
    /// Index of its row.
    pub row: usize,
    /// Its place on the screen.
    pub pos: Pos2,
}

/// The markers of the last frame.
#[derive(Default)]
pub(crate) struct MarkerScene {
    key: Option<(Viewport, u64, TextureId)>,
    pub mesh: Arc<Mesh>,
    /// Dots drawn on their own.
    pub dots: Vec<Drawn>,
    pub clusters: Vec<(Cluster, Pos2)>,
    pub pins: Vec<Drawn>,
    pub places: Vec<Drawn>,
    grouped: bool,
}

impl MarkerScene {
    /// Brings the scene up to date; `false` if it was.
    pub(crate) fn update(&mut self, source: &Source<'_>, view: &Viewport, atlas: &Atlas) -> bool {
        let key = Some((*view, source.revision, atlas.texture.id()));
        if self.key == key {
            return false;
        }
        self.key = key;
        let from = Inputs { source, view: *view, cells: &atlas.cells(), clustering: true };
        self.build(&from, atlas.texture.id());
        true
    }

    /// Builds anew.
    pub(crate) fn build(&mut self, from: &Inputs<'_>, texture: TextureId) {
        let mut mesh = Mesh::with_texture(texture);
        self.put_places(from, &mut mesh);
        self.put_pins(from, &mut mesh);
        self.put_dots(from, &mut mesh);
        self.mesh = Arc::new(mesh);
    }

    fn put_places(&mut self, from: &Inputs<'_>, mesh: &mut Mesh) {
        self.places.clear();
        if !from.source.layers.places {
            return;
        }
        let window = from.view.window(MARKER_MARGIN_PT);
        let places = from.source.places.iter().enumerate();
        for (row, place) in places.filter(|(_, place)| window.contains(place.world)) {
            let pos = from.view.to_screen(place.world);
            quad(mesh, from.cell(Marker::Place), pos, Vec2::RIGHT);
            self.places.push(Drawn { row, pos });
        }
    }

    fn put_pins(&mut self, from: &Inputs<'_>, mesh: &mut Mesh) {
        self.pins.clear();
        if !from.source.layers.tasks {
            return;
        }
        let window = from.view.window(MARKER_MARGIN_PT);
        let selected = |pin: &PinRow| from.source.selection == Some(Subject::Task(pin.pin.task));
        let inside = |(_, pin): &(usize, &PinRow)| window.contains(pin.world);
        let (mut order, on_top): (Vec<_>, Vec<_>) =
            from.source.pins.iter().enumerate().filter(inside).partition(|(_, pin)| !selected(pin));
        order.extend(on_top);
        for (row, pin) in order {
            let pos = from.view.to_screen(pin.world);
            quad(mesh, from.cell(pin.marker), pos, Vec2::RIGHT);
            if pin.urgent {
                quad(mesh, from.cell(Marker::Urgent), pos + URGENT_OFFSET, Vec2::RIGHT);
            }
            self.pins.push(Drawn { row, pos });
        }
    }

    fn put_dots(&mut self, from: &Inputs<'_>, mesh: &mut Mesh) {
        self.dots.clear();
        self.clusters.clear();
        if !from.source.layers.resources {
            return;
        }
        let (dots, view) = (from.source.dots, &from.view);
        let mut visible: Vec<u32> = dots.visible(view.window(cluster::MARGIN_PT)).map(|n| n as u32).collect();
        let selected = from.selected_dot();
        self.grouped = from.clustering && cluster::wanted(view.zoom, visible.len(), self.grouped);
        if self.grouped {
            let (singles, clusters) = cluster::group(dots.rows(), &visible, view, selected);
            visible = singles;
            self.clusters = clusters.into_iter().map(|c| (c, view.to_screen(c.at))).collect();
        }
        reserve(mesh, visible.len() + self.clusters.len());
        self.put_singles(from, mesh, &visible);
        for (cluster, pos) in &self.clusters {
            let marker = if cluster.late { Marker::ClusterLate } else { Marker::Cluster };
            quad(mesh, from.cell(marker), *pos, Vec2::RIGHT);
        }
    }

    fn put_singles(&mut self, from: &Inputs<'_>, mesh: &mut Mesh, visible: &[u32]) {
        let rows = from.source.dots.rows();
        let selected = from.selected_dot().map(|n| n as u32);
        let mut layers: [Vec<u32>; DRAW_ORDER.len()] = Default::default();
        for n in visible.iter().filter(|n| selected != Some(**n)) {
            layers[layer_of(rows[*n as usize].marker)].push(*n);
        }
        self.dots.reserve(visible.len());
        let top = selected.filter(|n| visible.contains(n));
        let on_screen = from.view.rect.expand(MARKER_MARGIN_PT);
        for n in layers.iter().flatten().chain(&top) {
            let row = &rows[*n as usize];
            let pos = from.view.to_screen(row.world);
            if on_screen.contains(pos) {
                quad(mesh, from.cell(row.marker), pos, row.turn);
                self.dots.push(Drawn { row: *n as usize, pos });
            }
        }
    }
}

impl Inputs<'_> {
    fn cell(&self, marker: Marker) -> &Cell {
        &self.cells[marker as usize]
    }

    fn selected_dot(&self) -> Option<usize> {
        match self.source.selection? {
            Subject::Resource(who) => self.source.dots.place_in(who),
            Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) => None,
        }
    }
}

fn layer_of(marker: Marker) -> usize {
    DRAW_ORDER.iter().position(|m| *m == marker).unwrap_or_default()
}

fn reserve(mesh: &mut Mesh, quads: usize) {
    mesh.vertices.reserve(quads * 4);
    mesh.indices.reserve(quads * 6);
}

/// A textured square around `pos`, turned by `turn` (cosine and sine of the angle clockwise).
fn quad(mesh: &mut Mesh, cell: &Cell, pos: Pos2, turn: Vec2) {
    let first = mesh.vertices.len() as u32;
    // The corner (−h, −h) turned; the others follow by symmetry.
    let a = vec2(turn.y - turn.x, -turn.x - turn.y) * cell.half_pt;
    let corners = [
        (a, cell.uv.min),
        (vec2(-a.y, a.x), vec_uv(cell, 1, 0)),
        (-a, cell.uv.max),
        (vec2(a.y, -a.x), vec_uv(cell, 0, 1)),
    ];
    mesh.vertices.extend(corners.map(|(offset, uv)| Vertex { pos: pos + offset, uv, color: Color32::WHITE }));
    mesh.indices.extend([first, first + 1, first + 2, first, first + 2, first + 3]);
}

fn vec_uv(cell: &Cell, right: u8, down: u8) -> Pos2 {
    Pos2::new(
        if right == 1 { cell.uv.max.x } else { cell.uv.min.x },
        if down == 1 { cell.uv.max.y } else { cell.uv.min.y },
    )
}

#[cfg(test)]
mod tests {
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
        let source =
            Source { dots, pins: &[], places: &[], layers: Layers::default(), selection, revision: 0 };
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
}
