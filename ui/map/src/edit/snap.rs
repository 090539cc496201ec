//! What a vertex snaps to: corners and borders of other fences, pins, the first point of its own ring.

use domain::LonLat;
use egui::Pos2;

use crate::outlines::Outline;
use crate::pins::PinRow;
use crate::places::PlaceRow;
use crate::projection::{Viewport, WorldPos};

/// A vertex snaps within this distance.
pub(crate) const SNAP_PT: f32 = 8.0;

/// Where a vertex snaps to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Snap {
    pub world: WorldPos,
    /// Exactly, where that is known: of a corner or a pin.
    pub at: Option<LonLat>,
    pub pos: Pos2,
    /// On a border, not on a point.
    pub on_edge: bool,
}

/// What there is to snap to.
pub(crate) struct Targets<'a> {
    pub places: &'a [&'a PlaceRow],
    pub pins: &'a [PinRow],
    /// The first point of the ring that is being drawn.
    pub first: Option<WorldPos>,
}

/// The nearest point to snap to; without one, the nearest border.
pub(crate) fn snap(targets: &Targets<'_>, view: &Viewport, pos: Pos2) -> Option<Snap> {
    let mut best = Best { pos, view: *view, point: None, edge: None };
    if let Some(first) = targets.first {
        best.offer_point(view, first, None);
    }
    for pin in targets.pins {
        best.offer_point(view, pin.world, Some(pin.pin.at));
    }
    for place in targets.places {
        best.offer_point(view, place.world, Some(place.shape.at));
        if let Some(outline) = &place.outline {
            best.offer_outline(outline);
        }
    }
    best.point.or(best.edge).map(|(_, snap)| snap)
}

struct Best {
    pos: Pos2,
    view: Viewport,
    point: Option<(f32, Snap)>,
    edge: Option<(f32, Snap)>,
}

impl Best {
    fn offer_point(&mut self, view: &Viewport, world: WorldPos, at: Option<LonLat>) {
        let pos = view.around(world.x).to_screen(world);
        let distance = pos.distance(self.pos);
        if distance <= SNAP_PT && self.point.is_none_or(|(least, _)| distance < least) {
            let world = world.beside(self.view.center.x);
            self.point = Some((distance, Snap { world, at, pos, on_edge: false }));
        }
    }

    fn offer_outline(&mut self, outline: &Outline) {
        let view = self.view.around(outline.bounds.middle().x);
        let near = crate::projection::WorldBox {
            min: view.to_world(self.pos - egui::Vec2::splat(SNAP_PT)),
            max: view.to_world(self.pos + egui::Vec2::splat(SNAP_PT)),
        };
        if !outline.bounds.overlaps(&near) {
            return;
        }
        let (paths, closed) = match &outline.corridor {
            Some((line, _)) => (std::slice::from_ref(line), false),
            None => (outline.rings.as_slice(), true),
        };
        for path in paths {
            if !outline.round {
                path.iter().for_each(|corner| self.offer_point(&view, *corner, None));
            }
            let edges = if closed { path.len() } else { path.len().saturating_sub(1) };
            for index in 0..edges {
                self.offer_edge(&view, path[index], path[(index + 1) % path.len()]);
            }
        }
    }

    fn offer_edge(&mut self, view: &Viewport, from: WorldPos, to: WorldPos) {
        let at = view.to_world(self.pos);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let share = ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy).max(1e-24);
        let share = share.clamp(0.0, 1.0);
        let world = WorldPos { x: from.x + dx * share, y: from.y + dy * share };
        let pos = view.to_screen(world);
        let distance = pos.distance(self.pos);
        if distance <= SNAP_PT && self.edge.is_none_or(|(least, _)| distance < least) {
            let world = world.beside(self.view.center.x);
            self.edge = Some((distance, Snap { world, at: None, pos, on_edge: true }));
        }
    }
}
