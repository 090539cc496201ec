//! One frame: gestures, base map, pointer, events. What is drawn on the base map is in [`crate::draw`].

use chrono::{DateTime, Utc};
use egui::{CursorIcon, PointerButton, Rect, Response, Role, Ui, Vec2, WidgetInfo};
use protocol::view::Subject;
use walkers::Map;

use crate::atlas::Atlas;
use crate::event::{Fit, MapEvent};
use crate::hit::{self, Hit};
use crate::live_map::{CLOSEST_FIT_ZOOM, LiveMap};
use crate::mesh::Source;
use crate::projection::{MAX_ZOOM, MIN_ZOOM, Viewport, WorldBox, WorldPos};

/// Things brought into view stay so far from the edge.
const FIT_MARGIN_PT: f32 = 48.0;
/// A double click is one level; a notch of the wheel is between half a level and one.
const ZOOM_SPEED: f64 = 1.0;
/// Following must survive zooming beside the middle: walkers holds on within this distance.
const HOLD_ON_PT: f32 = 1e6;

impl LiveMap {
    pub(crate) fn paint(&mut self, ui: &mut Ui, now: DateTime<Utc>) -> Vec<MapEvent> {
        let mut events = Vec::new();
        self.refresh_atlas(ui);
        self.apply_pending_fit(ui.available_rect_before_wrap().size());
        ui.painter().rect_filled(ui.available_rect_before_wrap(), 0.0, self.palette().ground);
        self.edit_press(ui);
        let response = self.base_map(ui);
        let view = self.viewport(response.rect);
        (self.map_id, self.last_rect) = (Some(response.id), response.rect);
        self.edit_keys(ui, &response, &view, &mut events);
        self.handle_keys(ui, &response, &view, &mut events);
        self.scene_of(&view);
        if self.editor.is_some() {
            self.edit_pointer(ui, &response, &view);
            self.hover(None, &mut events);
        } else {
            self.handle_pointer(ui, &response, &view, &mut events);
        }
        self.draw(ui, &response, &view, now);
        self.buttons(ui, &view);
        self.after_frame(ui, now, &mut events);
        events
    }

    fn refresh_atlas(&mut self, ui: &Ui) {
        let density = ui.ctx().pixels_per_point();
        if !self.atlas.as_ref().is_some_and(|atlas| atlas.fits(self.theme, density)) {
            self.atlas = Some(Atlas::new(ui.ctx(), self.theme, density));
        }
    }

    fn apply_pending_fit(&mut self, size: Vec2) {
        let Some(what) = self.pending_fit.take() else { return };
        if let Some(bounds) = self.bounds_of(what) {
            let (center, zoom) = bounds.fit(size, FIT_MARGIN_PT, CLOSEST_FIT_ZOOM);
            self.show_world(center, zoom);
        }
    }

    fn bounds_of(&self, what: Fit) -> Option<WorldBox> {
        match what {
            Fit::Bounds(degrees) => WorldBox::of_degrees(degrees),
            Fit::All => {
                let dots = self.dots.rows().iter().filter(|row| !row.hidden).map(|row| row.world);
                let pins = self.pins.iter().map(|pin| pin.world);
                WorldBox::around(dots.chain(pins)).or(self.tiles.bounds())
            }
            Fit::Selection => {
                let place = self.selection.and_then(|subject| self.place_of(subject));
                let fence = self.places.iter().find(|place| Some(place.subject()) == self.selection);
                let fence = fence.and_then(|place| place.outline.as_ref()).map(|outline| outline.bounds);
                let lines = [
                    self.route.as_ref().and_then(|r| r.bounds()),
                    self.track.as_ref().and_then(|t| t.bounds()),
                ];
                let boxes = lines.into_iter().flatten().chain(fence);
                WorldBox::around(boxes.flat_map(|b| [b.min, b.max]).chain(place))
            }
        }
    }

    /// Where a subject is, if it is on the map.
    pub(crate) fn place_of(&self, subject: Subject) -> Option<WorldPos> {
        match subject {
            Subject::Resource(who) => self.dots.of(who).map(|row| row.world),
            Subject::Task(task) => self.pins.iter().find(|pin| pin.pin.task == task).map(|pin| pin.world),
            Subject::Poi(poi) => {
                self.places.iter().find(|place| place.shape.poi == poi).map(|place| place.world)
            }
            Subject::Bid(_) | Subject::Alert(_) | Subject::Rule(_) => None,
        }
    }

    /// Gestures and tiles, by walkers.
    fn base_map(&mut self, ui: &mut Ui) -> Response {
        if self.follow.is_some() {
            self.memory.follow_my_position();
        }
        let my_position = self.followed_position();
        let pan_buttons = self.pan_buttons();
        self.tiles.begin_frame();
        let map = Map::new(Some(&mut self.tiles), &mut self.memory, my_position)
            .zoom_with_ctrl(false)
            .zoom_speed(ZOOM_SPEED)
            .double_click_to_zoom(!self.pick_mode && self.editor.is_none())
            .drag_pan_buttons(pan_buttons)
            .pull_to_my_position_threshold(if self.follow.is_some() { HOLD_ON_PT } else { 0.0 });
        let response = map.show(ui, |_, _, _, _| ()).response;
        self.untouched &= !response.changed();
        self.set_zoom(self.memory.zoom().clamp(MIN_ZOOM, MAX_ZOOM));
        if let Some(dragged_to) = self.memory.detached().filter(|_| self.follow.is_some()) {
            self.memory.center_at(dragged_to);
            self.follow = None;
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &self.words.map_label));
        response
    }

    /// What the editor holds does not move the map.
    fn pan_buttons(&self) -> egui::DragPanButtons {
        let held = self.editor.as_ref().is_some_and(|editor| editor.holds_pointer());
        if held { egui::DragPanButtons::empty() } else { egui::DragPanButtons::all() }
    }

    pub(crate) fn viewport(&self, rect: Rect) -> Viewport {
        Viewport { rect, center: WorldPos::from(self.center()), zoom: self.memory.zoom() }
    }

    fn scene_of(&mut self, view: &Viewport) {
        let mut scene = std::mem::take(&mut self.scene);
        if let Some(atlas) = &self.atlas {
            scene.update(&self.source(), view, atlas);
        }
        self.scene = scene;
    }

    fn source(&self) -> Source<'_> {
        Source {
            dots: &self.dots,
            pins: &self.pins,
            places: &self.places,
            layers: self.layers,
            selection: self.selection,
            revision: self.revision,
        }
    }

    fn handle_pointer(&mut self, ui: &Ui, response: &Response, view: &Viewport, events: &mut Vec<MapEvent>) {
        let hit_at = |map: &Self, pos| hit::hit(&map.scene, &map.source(), view, pos);
        let under = response.hover_pos().and_then(|pos| hit_at(self, pos));
        self.hover(under.and_then(Hit::subject), events);
        self.hover_evidence(response.hover_pos(), view, events);
        if self.pick_mode && response.hovered() {
            ui.set_cursor_icon(CursorIcon::Crosshair);
        } else if under.is_some() {
            ui.set_cursor_icon(CursorIcon::PointingHand);
        }
        let Some(pos) = response.interact_pointer_pos() else { return };
        let at = view.to_world(pos).lon_lat();
        if response.clicked_by(PointerButton::Primary) {
            response.request_focus();
            self.keyboard_used = false;
            match hit_at(self, pos) {
                _ if self.pick_mode => events.push(MapEvent::PlacePicked(at)),
                Some(Hit::Subject(subject)) => events.push(MapEvent::Clicked(subject)),
                Some(Hit::Cluster(cluster)) => self.open_cluster(&cluster.bounds, view),
                None => events.push(MapEvent::ClickedEmpty(at)),
            }
        }
        if response.secondary_clicked() {
            let subject = hit_at(self, pos).and_then(Hit::subject);
            events.push(MapEvent::ContextMenu { subject, at, pos_on_screen: (pos.x, pos.y) });
        }
    }

    fn hover(&mut self, under: Option<Subject>, events: &mut Vec<MapEvent>) {
        if self.hovered != under {
            self.hovered = under;
            events.push(MapEvent::HoverChanged(under));
        }
    }

    /// A click on a bubble shows its members; at least one step closer, even if they stand on one spot.
    fn open_cluster(&mut self, bounds: &WorldBox, view: &Viewport) {
        let (center, zoom) = bounds.fit(view.rect.size(), FIT_MARGIN_PT, CLOSEST_FIT_ZOOM + 1.0);
        self.set_follow(None);
        self.show_world(center, zoom.max(view.zoom + 1.0));
        self.changed();
    }

    /// Decodes tiles, plans the next repaint, tells what has changed.
    fn after_frame(&mut self, ui: &Ui, now: DateTime<Utc>, events: &mut Vec<MapEvent>) {
        self.tell_edit(events);
        if self.tiles.decode_some() {
            ui.ctx().request_repaint();
        }
        if let Some(wait) = self.tiles.next_retry().map(|at| at - now) {
            ui.ctx().request_repaint_after(
                wait.max(chrono::TimeDelta::milliseconds(50)).to_std().unwrap_or_default(),
            );
        }
        if self.told_follow != self.follow {
            self.told_follow = self.follow;
            events.push(MapEvent::FollowChanged(self.follow));
        }
        let shown = self.view();
        if self.told_view != Some(shown) {
            self.told_view = Some(shown);
            events.push(MapEvent::Moved(shown));
        }
    }
}
