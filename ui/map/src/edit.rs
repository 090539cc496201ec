//! Editing a fence on the map: drawing a circle, areas with holes or a corridor, and changing what is there.
//!
//! The host starts an edit, gives orders ([`EditOrder`], for its buttons and number fields) and reads [`EditState`] whenever the map
//! says [`MapEvent::EditChanged`](crate::MapEvent::EditChanged). The map never decides whether a shape is good enough to be saved:
//! the state carries what `FenceShape::check` says. Every step can be taken back, drawing included.

use std::rc::Rc;

use domain::PoiId;
use domain::place::{FenceColor, FenceShape, ShapeError};

use crate::event::MapEvent;
use crate::live_map::LiveMap;
use crate::outlines::Outline;
use crate::projection::{Viewport, WorldBox, WorldPos};

mod draft;
mod draw;
mod handles;
mod history;
mod keys;
mod measure;
mod orders;
mod pointer;
mod snap;

pub use measure::Measures;

use draft::{Draft, Spot, Vertex};
use handles::{Handle, Knob};
use history::{History, Series, Step};
use pointer::Hold;
use snap::Snap;

/// A shape with more vertices is filled and checked only while it is not being dragged.
const QUICK_MAX: usize = 1_000;
/// What is edited is brought into view not closer than this.
const CLOSEST_EDIT_ZOOM: f64 = 17.5;
const FIT_MARGIN_PT: f32 = 90.0;

/// What is edited.
#[derive(Debug, Clone, PartialEq)]
pub struct EditStart {
    /// The place whose fence it is: its stored shape is not drawn meanwhile.
    pub poi: Option<PoiId>,
    /// The shape to begin with.
    pub shape: Option<FenceShape>,
    /// What the pointer does first.
    pub tool: EditTool,
    /// How it is drawn.
    pub color: FenceColor,
}

/// What the pointer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditTool {
    /// Moves what is there.
    Adjust,
    /// Draws a circle in place of what is there.
    Circle,
    /// Draws one more area; the first one takes the place of a circle or a corridor.
    Area,
    /// Cuts a hole out of an area.
    Hole,
    /// Draws the line of a corridor in place of what is there.
    Corridor,
}

/// Something to do to the edit, by a button or a field of the host.
#[derive(Debug, Clone, PartialEq)]
pub enum EditOrder {
    /// Takes a tool; what was begun with another one is dropped.
    Take(EditTool),
    /// Another shape, as typed by its numbers.
    Shape(FenceShape),
    /// Another colour.
    Color(FenceColor),
    /// Takes the last step back.
    Undo,
    /// Does it again.
    Redo,
    /// Ends the ring or line that is being drawn.
    FinishDrawing,
    /// Drops the ring, line or circle that is being drawn.
    CancelDrawing,
    /// Lets the selected vertex go.
    Deselect,
    /// Takes the selected vertex away.
    RemoveVertex,
    /// Takes the hole of the selected vertex away, or its area where there are several.
    RemovePart,
    /// Puts a shape of the tool's kind into the middle of the map: the way without a pointer.
    PutInMiddle,
}

/// How far the edit is.
#[derive(Debug, Clone, PartialEq)]
pub struct EditState {
    /// The shape, if there is one yet.
    pub shape: Option<FenceShape>,
    /// What the pointer does.
    pub tool: EditTool,
    /// Something has been begun and is not finished.
    pub drawing: bool,
    /// A step can be taken back.
    pub can_undo: bool,
    /// A step that was taken back can be done again.
    pub can_redo: bool,
    /// A vertex is selected.
    pub selected: bool,
    /// A vertex is selected that can go.
    pub can_remove_vertex: bool,
    /// A hole, or one of several areas, is selected.
    pub can_remove_part: bool,
    /// How large it is.
    pub measures: Option<Measures>,
    /// Why it can't be a fence.
    pub problem: Option<ShapeError>,
}

/// An edit under way.
pub(crate) struct Editor {
    poi: Option<PoiId>,
    color: FenceColor,
    draft: Option<Rc<Draft>>,
    tool: EditTool,
    /// Points of the ring or line that is being drawn, or a circle's middle.
    points: Vec<Vertex>,
    selected: Option<Spot>,
    hold: Option<Hold>,
    history: History,
    /// Where the pointer is, snapped.
    pointer: Option<Vertex>,
    snap: Option<Snap>,
    hovered: Option<Knob>,
    /// The draft as it is drawn; made anew when it changes.
    outline: Option<Outline>,
    measures: Option<Measures>,
    problem: Option<ShapeError>,
    changed: bool,
}

impl Editor {
    fn new(start: EditStart) -> Self {
        let mut editor = Self {
            poi: start.poi,
            color: start.color,
            draft: start.shape.as_ref().map(|shape| Rc::new(Draft::of(shape))),
            tool: start.tool,
            points: Vec::new(),
            selected: None,
            hold: None,
            history: History::default(),
            pointer: None,
            snap: None,
            hovered: None,
            outline: None,
            measures: None,
            problem: None,
            changed: false,
        };
        editor.refresh();
        editor
    }

    /// The place whose stored fence is not drawn.
    pub(crate) fn hides(&self) -> Option<PoiId> {
        self.poi
    }

    /// Whether a press of the pointer is the editor's, not the map's.
    pub(crate) fn holds_pointer(&self) -> bool {
        self.hold.is_some()
    }

    fn is_drawing(&self) -> bool {
        !self.points.is_empty()
    }

    fn step(&self) -> Step {
        Step { draft: self.draft.clone(), tool: self.tool, points: self.points.clone() }
    }

    /// The draft is different from what it was in `before`, for good.
    fn commit(&mut self, before: Step, series: Option<Series>) {
        if before != self.step() {
            self.history.push(before, series);
        }
        self.refresh();
    }

    fn go_to(&mut self, step: Step) {
        self.draft = step.draft;
        self.tool = step.tool;
        self.points = step.points;
        let gone = |spot: &Spot| self.draft.as_ref().is_none_or(|draft| draft.vertex(*spot).is_none());
        if self.selected.as_ref().is_some_and(gone) {
            self.selected = None;
        }
        self.hold = None;
        self.refresh();
    }

    /// Computes what is drawn and told anew.
    fn refresh(&mut self) {
        let quick = self.hold.is_some() && self.draft.as_ref().is_some_and(|draft| draft.len() > QUICK_MAX);
        let shape = self.draft.as_ref().map(|draft| draft.shape());
        self.outline = shape.as_ref().and_then(|shape| Outline::of_draft(shape, !quick));
        if !quick {
            self.problem = shape.and_then(|shape| shape.check().err());
        }
        self.measures = self.draft.as_ref().map(|draft| measure::measures(draft));
        self.changed = true;
    }

    fn state(&self) -> EditState {
        let draft = self.draft.as_deref();
        let selected = self.selected.filter(|_| !self.is_drawing());
        let can = |what: fn(&mut Draft, Spot) -> bool| {
            // Tried on a copy: what can go is the draft's to know.
            selected.zip(draft).is_some_and(|(spot, draft)| what(&mut draft.clone(), spot))
        };
        EditState {
            shape: draft.map(Draft::shape),
            tool: self.tool,
            drawing: self.is_drawing(),
            can_undo: self.history.can_undo(),
            can_redo: self.history.can_redo(),
            selected: selected.is_some(),
            can_remove_vertex: can(Draft::remove),
            can_remove_part: can(Draft::remove_part),
            measures: self.measures,
            problem: self.problem.clone(),
        }
    }

    /// The view in which the draft is nearest to the middle.
    fn view(&self, view: &Viewport) -> Viewport {
        let bounds = self.draft.as_ref().and_then(|draft| draft.bounds());
        match (self.points.first(), bounds) {
            (Some(first), _) => view.around(first.world.x),
            (None, Some(bounds)) => view.around(bounds.middle().x),
            (None, None) => *view,
        }
    }

    fn handles(&self, view: &Viewport) -> Vec<Handle> {
        match &self.draft {
            Some(draft) if self.tool == EditTool::Adjust => handles::handles(draft, view, self.selected),
            Some(_) | None => Vec::new(),
        }
    }

    /// Whether `at` is inside of the whole shape as it is drawn.
    fn is_inside(&self, at: WorldPos) -> bool {
        self.outline.as_ref().is_some_and(|outline| outline.contains(at))
    }
}

impl LiveMap {
    /// Begins an edit, in place of any other one; a shape that is out of view is brought into it.
    pub fn start_edit(&mut self, start: EditStart) {
        let bounds = start.shape.as_ref().and_then(|shape| Draft::of(shape).bounds());
        self.editor = Some(Box::new(Editor::new(start)));
        self.set_pick_mode(false);
        if let Some(bounds) = bounds {
            self.bring_into_view(&bounds);
        }
        self.changed();
    }

    /// Ends the edit; the host has what it needs from [`LiveMap::edit_state`].
    pub fn end_edit(&mut self) {
        self.editor = None;
        self.changed();
    }

    /// How far the edit is; `None` when there is none.
    pub fn edit_state(&self) -> Option<EditState> {
        self.editor.as_ref().map(|editor| editor.state())
    }

    /// The shape that is being edited, if there is one yet.
    pub fn edit_shape(&self) -> Option<FenceShape> {
        let editor = self.editor.as_ref()?;
        editor.draft.as_ref().map(|draft| draft.shape())
    }

    /// Does something to the edit; nothing where there is none.
    pub fn edit(&mut self, order: EditOrder) {
        let view = self.viewport(self.last_rect);
        if let Some(editor) = &mut self.editor {
            editor.obey(order, &view);
            self.changed();
        }
    }

    pub(crate) fn bring_into_view(&mut self, bounds: &WorldBox) {
        let view = self.viewport(self.last_rect).around(bounds.middle().x);
        let window = view.window(0.0);
        let seen = window.contains(bounds.min) && window.contains(bounds.max);
        if seen && bounds.longer_side_pt(&view) >= 60.0 {
            return;
        }
        let (center, zoom) = bounds.fit(self.last_rect.size(), FIT_MARGIN_PT, CLOSEST_EDIT_ZOOM);
        self.set_follow(None);
        self.pending_fit = None;
        self.untouched = false;
        self.show_world(WorldPos { x: center.x.rem_euclid(1.0), y: center.y }, zoom);
    }

    /// Tells once per frame that something about the edit is different.
    pub(crate) fn tell_edit(&mut self, events: &mut Vec<MapEvent>) {
        if let Some(editor) = &mut self.editor
            && std::mem::take(&mut editor.changed)
        {
            events.push(MapEvent::EditChanged);
        }
    }
}
