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
/// Where the badge of a change that has not reached the server sits.
const UNSENT_OFFSET: Vec2 = Vec2::new(-7.0, -17.0);

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
            if let Some(badge) = pin.unsent {
                quad(mesh, from.cell(badge), pos + UNSENT_OFFSET, Vec2::RIGHT);
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
            Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_) => {
                None
            }
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
mod tests;
