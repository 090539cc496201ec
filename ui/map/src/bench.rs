//! What the benchmark needs to build the marker mesh without a window.

use domain::{LonLat, ResourceId};
use egui::{Rect, TextureId, pos2, vec2};
use protocol::view::{Dot, DotState, PositionFrame};

use crate::atlas::{self, Cell};
use crate::dots::Dots;
use crate::given::Layers;
use crate::mesh::{Inputs, MarkerScene, Source};
use crate::palette::Marker;
use crate::projection::{Viewport, WorldPos};

/// A fleet that moves, drawn into a mesh of one quad per vehicle.
pub struct MovingFleet {
    dots: Dots,
    scene: MarkerScene,
    frame: PositionFrame,
    view: Viewport,
    cells: [Cell; Marker::ALL.len()],
    step: u32,
}

impl MovingFleet {
    /// `resources` are their ids; all are in view.
    pub fn new(resources: &[ResourceId]) -> Self {
        let states = [DotState::Free, DotState::EnRoute, DotState::Working, DotState::Late, DotState::Stale];
        let side = (resources.len() as f64).sqrt().ceil().max(1.0);
        let place = |(n, resource): (usize, &ResourceId)| {
            let lon_e7 = 74_000_000 + ((n as f64 % side) / side * 1e6) as i32;
            let lat_e7 = 437_000_000 + ((n as f64 / side).floor() / side * 5e5) as i32;
            let heading_deg = Some((n % 360) as u16);
            let state = states[n % states.len()];
            Dot { resource: *resource, lon_e7, lat_e7, accuracy_m: 10, heading_deg, fix_ms: 0, state }
        };
        let dots = resources.iter().enumerate().map(place).collect();
        let frame = PositionFrame { now_ms: 0, full: false, dots, gone: Vec::new() };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(2_400.0, 1_600.0));
        let view =
            Viewport { rect, center: WorldPos::of(LonLat::from_e7(74_500_000, 437_250_000)), zoom: 14.0 };
        Self {
            dots: Dots::default(),
            scene: MarkerScene::default(),
            frame,
            view,
            cells: atlas::cells_without_texture(),
            step: 0,
        }
    }

    /// Everybody drives on; what the backend's frame costs.
    pub fn apply_frame(&mut self) {
        for dot in &mut self.frame.dots {
            dot.lon_e7 += 10;
        }
        self.dots.apply(&self.frame);
        self.step += 1;
    }

    /// One mesh with a quad per resource, without clustering; returns its vertices.
    pub fn build_mesh(&mut self) -> usize {
        self.build(false)
    }

    /// The mesh as the map builds it, with clustering; returns its vertices.
    pub fn build_clustered(&mut self) -> usize {
        self.build(true)
    }

    fn build(&mut self, clustering: bool) -> usize {
        let source = Source {
            dots: &self.dots,
            pins: &[],
            places: &[],
            layers: Layers::default(),
            selection: None,
            revision: u64::from(self.step),
        };
        let from = Inputs { source: &source, view: self.view, cells: &self.cells, clustering };
        self.scene.build(&from, TextureId::default());
        self.scene.mesh.vertices.len()
    }
}
