//! The pointer while a fence is edited: grips, drags, points that are set by clicks.

use std::rc::Rc;

use egui::{CursorIcon, PointerButton, Pos2, Response, Ui};

use super::draft::{Draft, RING_MIN, Spot, Vertex};
use super::handles::{Knob, handle_at};
use super::history::Step;
use super::orders::whole_m;
use super::snap::{SNAP_PT, Snap, Targets, snap};
use super::{EditTool, Editor};
use crate::live_map::LiveMap;
use crate::projection::{Viewport, WorldPos};

/// A press that moves less is a click.
const STEADY_PT: f32 = 3.0;
/// A click this near to the last point ends a line or ring, as a double click does.
const SAME_PT: f32 = 5.0;

/// What the pressed pointer moves.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    grip: Grip,
    start: Pos2,
    moved: bool,
    before: Step,
}

#[derive(Debug, Clone)]
enum Grip {
    Knob(Knob),
    /// The whole shape, from where it was gripped.
    Whole(WorldPos, Rc<Draft>),
    /// A new circle around the point that was pressed.
    NewCircle,
}

impl LiveMap {
    /// Before the map looks at the pointer: a press on a handle is not a drag of the map.
    pub(crate) fn edit_press(&mut self, ui: &Ui) {
        let pressed = self.map_id.and_then(|id| ui.ctx().read_response(id));
        let on_map = pressed.is_some_and(|response| response.is_pointer_button_down_on());
        let (began, pos, free) = ui.input(|input| {
            (input.pointer.primary_pressed(), input.pointer.interact_pos(), input.modifiers.alt)
        });
        let view = self.viewport(ui.available_rect_before_wrap());
        let Some(mut editor) = self.editor.take() else { return };
        if let (true, true, Some(pos)) = (on_map, began, pos) {
            let view = editor.view(&view);
            let snapped = self.snap_for(&editor, &view, pos, free);
            editor.press(&view, pos, snapped);
        }
        self.editor = Some(editor);
    }

    /// After the map: moves what is held, sets points, ends.
    pub(crate) fn edit_pointer(&mut self, ui: &Ui, response: &Response, view: &Viewport) {
        let Some(mut editor) = self.editor.take() else { return };
        let view = editor.view(view);
        let (down, free) = ui.input(|input| (input.pointer.primary_down(), input.modifiers.alt));
        let pos = ui.input(|input| input.pointer.interact_pos()).filter(|pos| pos.is_finite());
        let seen = pos.filter(|_| response.hovered() || editor.hold.is_some());
        editor.snap = seen.and_then(|pos| self.snap_for(&editor, &view, pos, free));
        let vertex = seen.map(|pos| pointed(&view, pos, editor.snap));
        if editor.is_drawing() && editor.pointer != vertex {
            ui.ctx().request_repaint();
        }
        editor.pointer = vertex;
        editor.hovered = seen.and_then(|pos| handle_at(&editor.handles(&view), pos));
        if let (Some(pos), Some(vertex), true) = (pos, vertex, editor.hold.is_some()) {
            editor.drag(&view, pos, vertex);
        }
        let held = editor.hold.is_some();
        if !down {
            editor.release();
        }
        if let Some(pos) = pos.filter(|_| !held) {
            self.edit_click(&mut editor, response, &view, pos);
        }
        set_cursor(ui, response, &editor, &view);
        self.editor = Some(editor);
    }

    fn edit_click(&mut self, editor: &mut Editor, response: &Response, view: &Viewport, pos: Pos2) {
        if response.clicked_by(PointerButton::Primary) {
            response.request_focus();
            self.keyboard_used = false;
            editor.click(view, pos);
        }
        if response.secondary_clicked() {
            editor.secondary_click(view, pos);
        }
    }

    fn snap_for(&self, editor: &Editor, view: &Viewport, pos: Pos2, free: bool) -> Option<Snap> {
        if free || !editor.snaps() {
            return None;
        }
        let shown = self.places.iter().filter(|place| Some(place.shape.poi) != editor.poi);
        let places: Vec<_> = shown.collect();
        let can_close =
            matches!(editor.tool, EditTool::Area | EditTool::Hole) && editor.points.len() >= RING_MIN;
        let first = editor.points.first().filter(|_| can_close).map(|vertex| vertex.world);
        snap(&Targets { places: &places, pins: &self.pins, first }, view, pos)
    }
}

impl Editor {
    /// Whether what the pointer would do now is a matter of single points.
    fn snaps(&self) -> bool {
        match &self.hold {
            Some(hold) => matches!(hold.grip, Grip::Knob(Knob::Vertex(_) | Knob::Middle(_) | Knob::Center)),
            None => self.tool != EditTool::Adjust,
        }
    }

    fn press(&mut self, view: &Viewport, pos: Pos2, snapped: Option<Snap>) {
        let before = self.step();
        let grip = match self.tool {
            EditTool::Circle if self.points.is_empty() => {
                self.points = vec![pointed(view, pos, snapped)];
                self.pointer = self.points.first().copied();
                Some(Grip::NewCircle)
            }
            EditTool::Circle | EditTool::Area | EditTool::Hole | EditTool::Corridor => None,
            EditTool::Adjust => match handle_at(&self.handles(view), pos) {
                Some(Knob::Middle(spot)) => {
                    self.insert_at(spot, pointed(view, pos, None));
                    Some(Grip::Knob(Knob::Vertex(spot)))
                }
                Some(knob) => Some(Grip::Knob(knob)),
                None => self.grip_whole(view, pos),
            },
        };
        if let Some(Grip::Knob(Knob::Vertex(spot))) = grip {
            self.selected = Some(spot);
        }
        self.changed |= grip.is_some();
        self.hold = grip.map(|grip| Hold { grip, start: pos, moved: false, before });
    }

    /// The inside moves the whole shape, unless it is larger than the map: then a drag has to move the map.
    fn grip_whole(&self, view: &Viewport, pos: Pos2) -> Option<Grip> {
        let draft = self.draft.as_ref()?;
        let at = view.to_world(pos);
        let small = draft.bounds()?.longer_side_pt(view) < view.rect.size().min_elem();
        (small && self.is_inside(at)).then(|| Grip::Whole(at, Rc::clone(draft)))
    }

    fn insert_at(&mut self, spot: Spot, vertex: Vertex) {
        if let Some(draft) = self.draft.as_mut().map(Rc::make_mut) {
            draft.insert(spot, vertex);
        }
        self.refresh();
    }

    fn drag(&mut self, view: &Viewport, pos: Pos2, vertex: Vertex) {
        let Some(hold) = &mut self.hold else { return };
        hold.moved |= hold.start.distance(pos) > STEADY_PT;
        if !hold.moved {
            return;
        }
        let grip = hold.grip.clone();
        if let Grip::Whole(from, at_start) = &grip {
            let at = view.to_world(pos);
            let mut moved = Draft::clone(at_start);
            moved.shift(at.x - from.x, at.y - from.y);
            self.draft = Some(Rc::new(moved));
        } else if let (Some(draft), Grip::Knob(knob)) = (self.draft.as_mut().map(Rc::make_mut), grip) {
            drag_knob(draft, knob, view, pos, vertex);
        }
        self.refresh();
    }

    fn release(&mut self) {
        let Some(hold) = self.hold.take() else { return };
        match hold.grip {
            Grip::NewCircle if hold.moved => {
                self.finish_drawing_from(hold.before);
            }
            // The middle is set; the next click sets the radius.
            Grip::NewCircle => self.commit(hold.before, None),
            Grip::Knob(_) | Grip::Whole(..) => self.commit(hold.before, None),
        }
    }

    /// Both clicks of a circle that was drawn in one go are one step.
    fn finish_drawing_from(&mut self, before: Step) {
        let center = self.points.first().copied();
        if let Some((center, rim)) = center.zip(self.pointer) {
            let radius_m = whole_m(center.at.distance_m(rim.at));
            self.draft = Some(Rc::new(Draft::Circle { center, radius_m }));
            self.points.clear();
            self.tool = EditTool::Adjust;
        }
        self.commit(before, None);
    }

    fn click(&mut self, view: &Viewport, pos: Pos2) {
        let vertex = pointed(view, pos, self.snap);
        self.pointer = Some(vertex);
        match self.tool {
            EditTool::Adjust => {
                self.selected = None;
                self.changed = true;
            }
            EditTool::Circle => self.finish_drawing(),
            EditTool::Area | EditTool::Hole | EditTool::Corridor => self.set_point(view, pos, vertex),
        }
    }

    fn set_point(&mut self, view: &Viewport, pos: Pos2, vertex: Vertex) {
        let near = |other: Option<&Vertex>, reach| {
            other.is_some_and(|other| view.to_screen(other.world).distance(pos) <= reach)
        };
        let closes = self.tool != EditTool::Corridor && self.points.len() >= RING_MIN;
        if (closes && near(self.points.first(), SNAP_PT)) || near(self.points.last(), SAME_PT) {
            return self.finish_drawing();
        }
        let outside = || self.draft.as_ref().is_none_or(|draft| draft.area_around(vertex.world).is_none());
        if self.tool == EditTool::Hole && outside() {
            return;
        }
        let before = self.step();
        let vertex = self.points.last().map_or(vertex, |last| vertex.beside(last.world.x));
        self.points.push(vertex);
        self.commit(before, None);
    }

    fn secondary_click(&mut self, view: &Viewport, pos: Pos2) {
        if self.is_drawing() {
            return self.remove_last_point();
        }
        if let Some(Knob::Vertex(spot)) = handle_at(&self.handles(view), pos) {
            self.selected = Some(spot);
            self.remove_vertex();
        }
    }

    pub(super) fn remove_last_point(&mut self) {
        let before = self.step();
        self.points.pop();
        self.commit(before, None);
    }
}

fn drag_knob(draft: &mut Draft, knob: Knob, view: &Viewport, pos: Pos2, vertex: Vertex) {
    match knob {
        Knob::Vertex(spot) | Knob::Middle(spot) => {
            let near = draft.vertex(spot).map_or(vertex.world.x, |old| old.world.x);
            draft.put_vertex(spot, vertex.beside(near));
        }
        Knob::Center => draft.put_vertex(Spot { area: 0, ring: 0, index: 0 }, vertex),
        Knob::Radius => {
            if let Draft::Circle { center, radius_m } = draft {
                *radius_m = whole_m(center.at.distance_m(view.to_world(pos).unrolled_lon_lat()));
            }
        }
        Knob::Width => {
            if let Draft::Corridor { line, half_width_m } = draft {
                *half_width_m = whole_m(distance_to_line_m(line, view, pos));
            }
        }
    }
}

fn distance_to_line_m(line: &[Vertex], view: &Viewport, pos: Pos2) -> f64 {
    let to_edge = |pair: &[Vertex]| {
        let (from, to) = (view.to_screen(pair[0].world), view.to_screen(pair[1].world));
        let along = to - from;
        let share = ((pos - from).dot(along) / along.length_sq().max(1e-6)).clamp(0.0, 1.0);
        (from + along * share).distance(pos)
    };
    let nearest_pt = line.windows(2).map(to_edge).fold(f32::INFINITY, f32::min);
    let pt_per_metre = view.pt_per_metre(view.to_world(pos)).max(1e-9);
    if nearest_pt.is_finite() { f64::from(nearest_pt / pt_per_metre) } else { 1.0 }
}

fn pointed(view: &Viewport, pos: Pos2, snapped: Option<Snap>) -> Vertex {
    match snapped {
        Some(Snap { world, at: Some(at), .. }) => Vertex { at, world },
        Some(Snap { world, at: None, .. }) => Vertex::on_map(world),
        None => Vertex::on_map(view.to_world(pos)),
    }
}

fn set_cursor(ui: &Ui, response: &Response, editor: &Editor, view: &Viewport) {
    if !response.hovered() && editor.hold.is_none() {
        return;
    }
    let inside = || {
        let pos = response.hover_pos();
        pos.is_some_and(|pos| editor.grip_whole(view, pos).is_some())
    };
    let icon = match (editor.tool, editor.hovered, &editor.hold) {
        (_, _, Some(_)) => CursorIcon::Grabbing,
        (EditTool::Adjust, Some(Knob::Radius | Knob::Width), None) => CursorIcon::ResizeHorizontal,
        (EditTool::Adjust, Some(Knob::Middle(_)), None) => CursorIcon::Copy,
        (EditTool::Adjust, Some(Knob::Vertex(_) | Knob::Center), None) => CursorIcon::Grab,
        (EditTool::Adjust, None, None) if inside() => CursorIcon::Move,
        (EditTool::Adjust, None, None) => CursorIcon::Default,
        (EditTool::Circle | EditTool::Area | EditTool::Hole | EditTool::Corridor, _, None) => {
            CursorIcon::Crosshair
        }
    };
    ui.set_cursor_icon(icon);
}
