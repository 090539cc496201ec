//! What the host's buttons and fields do to an edit.

use std::rc::Rc;

use domain::place::FenceShape;

use super::draft::{Draft, LINE_MIN, RING_MIN, Spot, Vertex};
use super::history::Series;
use super::{EditOrder, EditTool, Editor};
use crate::projection::{Viewport, WorldPos};

/// A corridor begins with this half width, in metres.
const HALF_WIDTH_M: f64 = 50.0;
/// A shape that is put into the middle of the map takes this share of the map's smaller side.
const MIDDLE_SHARE: f64 = 0.25;

impl Editor {
    pub(super) fn obey(&mut self, order: EditOrder, view: &Viewport) {
        match order {
            EditOrder::Take(tool) => self.take(tool),
            EditOrder::Shape(shape) => self.put_typed(&shape),
            EditOrder::Color(color) => self.color = color,
            EditOrder::Undo => {
                let now = self.step();
                if let Some(step) = self.history.undo(now) {
                    self.go_to(step);
                }
            }
            EditOrder::Redo => {
                let now = self.step();
                if let Some(step) = self.history.redo(now) {
                    self.go_to(step);
                }
            }
            EditOrder::FinishDrawing => self.finish_drawing(),
            EditOrder::CancelDrawing => self.cancel_drawing(),
            EditOrder::Deselect => {
                self.selected = None;
                self.changed = true;
            }
            EditOrder::RemoveVertex => self.remove_vertex(),
            EditOrder::RemovePart => self.remove_part(),
            EditOrder::PutInMiddle => self.put_in_middle(view),
        }
    }

    fn take(&mut self, tool: EditTool) {
        let can_cut = matches!(self.draft.as_deref(), Some(Draft::Areas(_)));
        if tool == EditTool::Hole && !can_cut {
            return;
        }
        let before = self.step();
        self.points.clear();
        self.tool = tool;
        self.selected = None;
        // A tool without anything done with it is no step of its own.
        if !before.points.is_empty() {
            self.commit(before, None);
        }
        self.changed = true;
    }

    /// As typed: the same shape again is no change, or the field and the map would chase each other.
    fn put_typed(&mut self, shape: &FenceShape) {
        if self.draft.as_ref().is_some_and(|draft| draft.shape() == *shape) {
            return;
        }
        let before = self.step();
        self.draft = Some(Rc::new(Draft::of(shape)));
        self.points.clear();
        self.tool = EditTool::Adjust;
        self.commit(before, Some(Series::Typed));
    }

    pub(super) fn cancel_drawing(&mut self) {
        let before = self.step();
        self.points.clear();
        if self.draft.is_some() {
            self.tool = EditTool::Adjust;
        }
        self.commit(before, None);
    }

    /// Closes the ring, ends the line, or makes the circle as wide as the pointer is away.
    pub(super) fn finish_drawing(&mut self) {
        let before = self.step();
        let done = match self.tool {
            EditTool::Adjust => false,
            EditTool::Circle => self.finish_circle(),
            EditTool::Area => self.finish_area(),
            EditTool::Hole => self.finish_hole(),
            EditTool::Corridor => self.finish_line(),
        };
        if done {
            self.points.clear();
            self.tool = EditTool::Adjust;
            self.commit(before, None);
        }
    }

    fn finish_circle(&mut self) -> bool {
        let Some((center, rim)) = self.points.first().copied().zip(self.pointer) else { return false };
        let radius_m = center.at.distance_m(rim.at);
        if radius_m >= 1.0 {
            self.draft = Some(Rc::new(Draft::Circle { center, radius_m: whole_m(radius_m) }));
        }
        radius_m >= 1.0
    }

    fn finish_area(&mut self) -> bool {
        if self.points.len() < RING_MIN {
            return false;
        }
        let ring = self.points.clone();
        let mut areas = match self.draft.as_deref() {
            Some(Draft::Areas(areas)) => areas.clone(),
            Some(Draft::Circle { .. } | Draft::Corridor { .. }) | None => Vec::new(),
        };
        let near = areas.first().and_then(|rings| rings.first()?.first()).map(|vertex| vertex.world.x);
        areas.push(vec![beside(ring, near)]);
        self.draft = Some(Rc::new(Draft::Areas(areas)));
        true
    }

    fn finish_hole(&mut self) -> bool {
        let area = self.points.first().and_then(|first| self.draft.as_ref()?.area_around(first.world));
        let Some(area) = area.filter(|_| self.points.len() >= RING_MIN) else { return false };
        let ring = self.points.clone();
        if let Some(Draft::Areas(areas)) = self.draft.as_mut().map(Rc::make_mut)
            && let Some(rings) = areas.get_mut(area)
        {
            let near = rings.first().and_then(|outer| outer.first()).map(|vertex| vertex.world.x);
            rings.push(beside(ring, near));
        }
        true
    }

    fn finish_line(&mut self) -> bool {
        if self.points.len() < LINE_MIN {
            return false;
        }
        let half_width_m = match self.draft.as_deref() {
            Some(Draft::Corridor { half_width_m, .. }) => *half_width_m,
            Some(Draft::Circle { .. } | Draft::Areas(_)) | None => HALF_WIDTH_M,
        };
        self.draft = Some(Rc::new(Draft::Corridor { line: self.points.clone(), half_width_m }));
        true
    }

    pub(super) fn remove_vertex(&mut self) {
        let (Some(spot), Some(draft)) = (self.selected, &self.draft) else { return };
        let mut without = Draft::clone(draft);
        if !without.remove(spot) {
            return;
        }
        let before = self.step();
        let mut paths = without.paths().into_iter();
        let left = paths.find(|(first, _)| (first.area, first.ring) == (spot.area, spot.ring));
        let last = left.map_or(0, |(_, path)| path.len().saturating_sub(1));
        self.selected = Some(Spot { index: spot.index.min(last), ..spot });
        self.draft = Some(Rc::new(without));
        self.commit(before, None);
    }

    fn remove_part(&mut self) {
        let (Some(spot), Some(draft)) = (self.selected, &self.draft) else { return };
        let mut without = Draft::clone(draft);
        if without.remove_part(spot) {
            let before = self.step();
            self.draft = Some(Rc::new(without));
            self.selected = None;
            self.commit(before, None);
        }
    }

    fn put_in_middle(&mut self, view: &Viewport) {
        let before = self.step();
        let reach = f64::from(view.rect.size().min_elem()) * MIDDLE_SHARE / view.side_pt();
        let at = |x: f64, y: f64| {
            Vertex::on_map(WorldPos { x: view.center.x + x * reach, y: view.center.y + y * reach })
        };
        self.points = match self.tool {
            EditTool::Adjust => return,
            EditTool::Circle => {
                self.pointer = Some(at(1.0, 0.0));
                vec![at(0.0, 0.0)]
            }
            EditTool::Area => vec![at(-1.0, -1.0), at(1.0, -1.0), at(1.0, 1.0), at(-1.0, 1.0)],
            EditTool::Hole => vec![at(-0.3, -0.3), at(0.3, -0.3), at(0.3, 0.3), at(-0.3, 0.3)],
            EditTool::Corridor => vec![at(-1.0, 0.0), at(1.0, 0.0)],
        };
        self.finish_drawing();
        if self.is_drawing() {
            // There is no area in the middle that a hole could be cut out of.
            self.go_to(before);
        }
    }
}

/// Nobody means fractions of a metre with a mouse.
pub(super) fn whole_m(metres: f64) -> f64 {
    metres.round().max(1.0)
}

fn beside(ring: Vec<Vertex>, near: Option<f64>) -> Vec<Vertex> {
    let turns = match (ring.first(), near) {
        (Some(first), Some(near)) => (near - first.world.x).round(),
        (Some(_) | None, None) | (None, Some(_)) => 0.0,
    };
    let moved = |vertex: Vertex| Vertex {
        world: WorldPos { x: vertex.world.x + turns, y: vertex.world.y },
        ..vertex
    };
    ring.into_iter().map(moved).collect()
}
