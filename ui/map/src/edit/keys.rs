//! The keys of an edit: undo and redo, ending and dropping what is drawn, going through the vertices and moving them.

use std::rc::Rc;

use egui::{Event, EventFilter, Key, Modifiers, Response, Ui, Vec2, vec2};

use super::draft::{Draft, Spot, Vertex};
use super::history::Series;
use super::{EditOrder, EditTool, Editor};
use crate::event::MapEvent;
use crate::live_map::LiveMap;
use crate::projection::Viewport;

/// An arrow key moves a vertex so far, in points …
const NUDGE_PT: f32 = 1.0;
/// … and so far with Shift.
const FAR_NUDGE_PT: f32 = 10.0;

/// What a key does to the edit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    /// With Shift it is done again.
    Undo,
    Redo,
    Finish,
    /// Drops what is drawn, or the selection.
    Drop,
    Remove,
    /// To the next vertex; with Shift to the one before.
    Next,
    /// East and south.
    Nudge(f32, f32),
}

const BINDINGS: [(Key, Act); 11] = [
    (Key::Z, Act::Undo),
    (Key::Y, Act::Redo),
    (Key::Enter, Act::Finish),
    (Key::Escape, Act::Drop),
    (Key::Backspace, Act::Remove),
    (Key::Delete, Act::Remove),
    (Key::Tab, Act::Next),
    (Key::ArrowLeft, Act::Nudge(-1.0, 0.0)),
    (Key::ArrowRight, Act::Nudge(1.0, 0.0)),
    (Key::ArrowUp, Act::Nudge(0.0, -1.0)),
    (Key::ArrowDown, Act::Nudge(0.0, 1.0)),
];

impl LiveMap {
    /// Acts on the keys of this frame that are the edit's, and takes them away from the map.
    pub(crate) fn edit_keys(
        &mut self,
        ui: &Ui,
        response: &Response,
        view: &Viewport,
        events: &mut Vec<MapEvent>,
    ) {
        let focused = ui.memory(|memory| memory.focused());
        if focused.is_some_and(|id| id != response.id) {
            return;
        }
        let Some(mut editor) = self.editor.take() else { return };
        let mut own = Vec::new();
        ui.input_mut(|input| {
            input.events.retain(|event| {
                let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
                let Some(act) = editor.meaning(*key, *modifiers) else { return true };
                // As they come: the next key may be meant for what this one leaves.
                editor.act(act, modifiers.shift, view, events);
                own.push(act);
                false
            });
        });
        self.keyboard_used |= !own.is_empty();
        if focused.is_none() && own.iter().any(|act| *act != Act::Drop) {
            response.request_focus();
        }
        if response.has_focus() {
            let filter = EventFilter {
                tab: editor.has_next(true),
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: editor.is_drawing(),
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
        let selected = editor.selected.filter(|_| own.contains(&Act::Next));
        let at = selected.and_then(|spot| editor.draft.as_ref()?.vertex(spot));
        self.editor = Some(editor);
        if let Some(at) = at.filter(|at| !view.rect.contains(view.around(at.world.x).to_screen(at.world))) {
            let center = crate::projection::WorldPos { x: at.world.x.rem_euclid(1.0), y: at.world.y };
            self.show_world(center, view.zoom);
        }
        if !own.is_empty() {
            self.changed();
        }
    }
}

impl Editor {
    /// What a key does now; `None` leaves it to the map.
    fn meaning(&self, key: Key, modifiers: Modifiers) -> Option<Act> {
        let (_, act) = BINDINGS.into_iter().find(|(bound, _)| *bound == key)?;
        let selected = self.selected.is_some() && !self.is_drawing();
        let meant = match act {
            Act::Undo | Act::Redo => modifiers.command,
            Act::Finish => true,
            Act::Drop | Act::Remove => self.is_drawing() || selected,
            Act::Next => self.has_next(!modifiers.shift),
            Act::Nudge(..) => selected,
        };
        let plain = !modifiers.alt && (!modifiers.command || matches!(act, Act::Undo | Act::Redo));
        (meant && plain).then_some(act)
    }

    fn act(&mut self, act: Act, shift: bool, view: &Viewport, events: &mut Vec<MapEvent>) {
        match act {
            Act::Undo if !shift => self.obey(EditOrder::Undo, view),
            Act::Undo | Act::Redo => self.obey(EditOrder::Redo, view),
            Act::Finish if self.is_drawing() => self.finish_drawing(),
            Act::Finish => events.push(MapEvent::EditFinished),
            Act::Drop if self.is_drawing() => self.cancel_drawing(),
            Act::Drop => self.select(None),
            Act::Remove if self.is_drawing() => self.remove_last_point(),
            Act::Remove => self.remove_vertex(),
            Act::Next => {
                let next = self.next(!shift);
                self.select(next);
            }
            Act::Nudge(x, y) => self.nudge(vec2(x, y), shift, view),
        }
    }

    fn select(&mut self, spot: Option<Spot>) {
        self.selected = spot;
        self.changed = true;
    }

    /// All vertices in order.
    fn spots(&self) -> Vec<Spot> {
        let Some(draft) = self.draft.as_ref().filter(|_| self.tool == EditTool::Adjust) else {
            return Vec::new();
        };
        let of_path = |(first, path): (Spot, &[Vertex])| {
            (0..path.len()).map(move |index| Spot { index, ..first }).collect::<Vec<_>>()
        };
        draft.paths().into_iter().flat_map(of_path).collect()
    }

    /// The vertex that Tab leads to; behind the last one the focus goes on.
    fn next(&self, forward: bool) -> Option<Spot> {
        let spots = self.spots();
        let here = self.selected.and_then(|selected| spots.iter().position(|spot| *spot == selected));
        let there = match (here, forward) {
            (None, true) => Some(0),
            (None, false) => spots.len().checked_sub(1),
            (Some(here), true) => Some(here + 1),
            (Some(here), false) => here.checked_sub(1),
        };
        there.and_then(|there| spots.get(there).copied())
    }

    fn has_next(&self, forward: bool) -> bool {
        !self.is_drawing() && self.next(forward).is_some()
    }

    fn nudge(&mut self, way: Vec2, far: bool, view: &Viewport) {
        let (Some(spot), Some(draft)) = (self.selected, &self.draft) else { return };
        let Some(vertex) = draft.vertex(spot) else { return };
        let view = view.around(vertex.world.x);
        let step = way * if far { FAR_NUDGE_PT } else { NUDGE_PT };
        let world = view.to_world(view.to_screen(vertex.world) + step);
        let before = self.step();
        if let Some(draft) = self.draft.as_mut().map(Rc::make_mut) {
            Draft::put_vertex(draft, spot, Vertex::on_map(world.beside(vertex.world.x)));
        }
        self.commit(before, Some(Series::Nudge(spot)));
    }
}
