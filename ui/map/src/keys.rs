//! The map by keyboard: arrows pan, plus and minus zoom, 0 shows everything, F follows, Escape ends picking.

use egui::{Event, EventFilter, Key, Response, Ui, Vec2, vec2};
use protocol::view::Subject;

use crate::event::{Fit, MapEvent};
use crate::live_map::LiveMap;
use crate::projection::Viewport;

/// An arrow key moves by this share of the map's smaller side.
const PAN_SHARE: f32 = 0.2;
/// A step of plus and minus, in zoom levels.
pub(crate) const ZOOM_STEP: f64 = 1.0;

#[derive(Debug, Clone, Copy)]
enum Action {
    /// East and south, in steps.
    Pan(f32, f32),
    Zoom(f64),
    FitAll,
    Follow,
    Cancel,
}

const BINDINGS: [(Key, Action); 10] = [
    (Key::ArrowLeft, Action::Pan(-1.0, 0.0)),
    (Key::ArrowRight, Action::Pan(1.0, 0.0)),
    (Key::ArrowUp, Action::Pan(0.0, -1.0)),
    (Key::ArrowDown, Action::Pan(0.0, 1.0)),
    (Key::Plus, Action::Zoom(ZOOM_STEP)),
    (Key::Equals, Action::Zoom(ZOOM_STEP)),
    (Key::Minus, Action::Zoom(-ZOOM_STEP)),
    (Key::Num0, Action::FitAll),
    (Key::F, Action::Follow),
    (Key::Escape, Action::Cancel),
];

impl LiveMap {
    /// Acts on the keys of this frame if the map has the focus (or nothing has it).
    pub(crate) fn handle_keys(
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
        // An edit wants more keys, and has said so.
        if response.has_focus() && self.editor.is_none() {
            let filter =
                EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
        let keys = pressed(ui);
        self.keyboard_used |= !keys.is_empty();
        for key in &keys {
            self.act_on(*key, view, events);
        }
        if focused.is_none() && keys.iter().any(|key| *key != Key::Escape) {
            response.request_focus();
        }
    }

    fn act_on(&mut self, key: Key, view: &Viewport, events: &mut Vec<MapEvent>) {
        let step = view.rect.size().min_elem() * PAN_SHARE;
        match BINDINGS.iter().find(|(bound, _)| *bound == key).map(|(_, action)| *action) {
            Some(Action::Pan(x, y)) => self.pan(view, vec2(x, y) * step),
            Some(Action::Zoom(steps)) => self.zoom_by(steps),
            Some(Action::FitAll) => self.fit(Fit::All),
            Some(Action::Follow) => self.toggle_follow(),
            Some(Action::Cancel) if self.pick_mode => events.push(MapEvent::PickCanceled),
            Some(Action::Cancel) | None => {}
        }
    }

    /// Moves the map under the window; ends following.
    pub(crate) fn pan(&mut self, view: &Viewport, by: Vec2) {
        let center = view.to_world(view.rect.center() + by);
        self.set_follow(None);
        self.untouched = false;
        self.show_world(center, view.zoom);
        self.changed();
    }

    /// Zooms around the middle; following goes on.
    pub(crate) fn zoom_by(&mut self, steps: f64) {
        let zoom = self.memory.zoom() + steps;
        self.set_zoom(zoom);
        self.changed();
    }

    /// Follows the selected resource, or stops.
    pub(crate) fn toggle_follow(&mut self) {
        let selected = match self.selection {
            Some(Subject::Resource(who)) => Some(who),
            Some(
                Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_),
            )
            | None => None,
        };
        self.set_follow(if self.follow.is_some() { None } else { selected });
    }
}

/// Keys pressed in this frame without a modifier other than shift.
fn pressed(ui: &Ui) -> Vec<Key> {
    ui.input(|input| {
        let key_of = |event: &Event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return None };
            let plain = !modifiers.ctrl && !modifiers.alt && !modifiers.mac_cmd && !modifiers.command;
            plain.then_some(*key)
        };
        input.events.iter().filter_map(key_of).collect()
    })
}
