//! Everything on the base map, from fences at the bottom to labels on top.

use chrono::{DateTime, Utc};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Response, Shape, Stroke, Ui, Vec2, vec2};
use protocol::view::Subject;

use crate::atlas::PIN_HEAD_UP_PT;
use crate::furniture;
use crate::given::Unsent;
use crate::labels::{Labels, Weight, note};
use crate::live_map::LiveMap;
use crate::palette::Marker;
use crate::places;
use crate::projection::{Viewport, WorldPos};

/// From here on names of everything are shown where there is room.
const NAMES_FROM_ZOOM: f64 = 15.5;
/// More names than this would be a wall of text.
const NAMES_MAX: usize = 120;
/// More rings than this tell nothing.
const RINGS_MAX: usize = 200;
/// The ring of an old fix grows so fast: a measure of age that stays readable, not a bound on where somebody may be …
const RING_GROWTH_M_PER_S: f32 = 0.5;
/// … up to this radius.
const RING_MAX_M: f32 = 500.0;
/// Larger rings are not filled, or they would tint the whole map.
const RING_FILLED_MAX_PT: f32 = 120.0;
/// A position younger than this is as good as now; an older one is named with its age.
const AGE_SHOWN_FROM_SECS: i64 = 60;
/// While a fence is edited or previewed everything else shines through so much of the ground's colour.
const EDIT_VEIL: f32 = 0.45;
/// Rings grow visibly in this time.
const RING_REPAINT_SECS: u64 = 5;

impl LiveMap {
    /// Everything on top of the base map but the buttons.
    pub(crate) fn draw(&self, ui: &Ui, response: &Response, view: &Viewport, now: DateTime<Utc>) {
        let painter = ui.painter_at(view.rect);
        let palette = self.palette();
        if self.layers.fences {
            let hidden = self.editor.as_ref().and_then(|editor| editor.hides());
            let look = places::Look { palette, strong: [self.hovered, self.selection], hidden };
            places::draw_fences(&painter, &self.places, view, &look);
        }
        if let Some(track) = &self.track {
            track.draw(&painter, view, palette);
        }
        if let Some(route) = &self.route {
            route.draw(&painter, view, palette);
        }
        self.draw_ways(&painter, view);
        self.draw_rings(ui, &painter, view, now);
        self.draw_halo(&painter, view);
        if !self.scene.mesh.is_empty() {
            painter.add(Shape::mesh(self.scene.mesh.clone()));
        }
        self.draw_counts(&painter);
        if self.editor.is_some() || !self.preview.is_empty() {
            // Whatever else is there steps back.
            painter.rect_filled(view.rect, 0.0, palette.ground.gamma_multiply(EDIT_VEIL));
        }
        places::draw_preview(&painter, &self.preview, view, palette);
        if let Some(editor) = &self.editor {
            editor.draw(&painter, view, palette);
        }
        self.draw_evidence(&painter, view);
        self.draw_labels(&painter, view, now);
        if let Some(editor) = &self.editor {
            editor.draw_notes(&painter, view, palette, &self.words);
        }
        self.notes(&painter, view);
        if response.has_focus() && self.keyboard_used {
            furniture::draw_focus(&painter, view.rect, palette);
        }
    }

    /// How far off an old fix may be by now.
    fn draw_rings(&self, ui: &Ui, painter: &Painter, view: &Viewport, now: DateTime<Utc>) {
        let palette = self.palette();
        let old = self.scene.dots.iter().filter_map(|drawn| {
            let row = &self.dots.rows()[drawn.row];
            (row.marker == Marker::Stale).then_some((drawn.pos, row))
        });
        let mut any = false;
        for (pos, row) in old.take(RINGS_MAX) {
            let age_secs = ((now.timestamp_millis() - row.dot.fix_ms).max(0) / 1_000) as f32;
            let radius_m = (f32::from(row.dot.accuracy_m) + age_secs * RING_GROWTH_M_PER_S).min(RING_MAX_M);
            let radius_pt = radius_m * view.pt_per_metre(row.world);
            if radius_pt > 8.0 {
                let color = palette.stale;
                let filled = if radius_pt <= RING_FILLED_MAX_PT {
                    color.gamma_multiply(0.10)
                } else {
                    Color32::TRANSPARENT
                };
                painter.circle(pos, radius_pt, filled, Stroke::new(1.5, color.gamma_multiply(0.7)));
                any = true;
            }
        }
        if any {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs(RING_REPAINT_SECS));
        }
    }

    fn draw_halo(&self, painter: &Painter, view: &Viewport) {
        // It would be in the way of what is drawn there.
        let Some(subject) = self.selection.filter(|_| self.editor.is_none()) else { return };
        let Some(at) = self.place_of(subject) else { return };
        let up = if matches!(subject, Subject::Task(_)) { vec2(0.0, -PIN_HEAD_UP_PT) } else { Vec2::ZERO };
        let pos = view.to_screen(at) + up;
        let accent = self.palette().accent;
        painter.circle(pos, 15.0, accent.gamma_multiply(0.22), Stroke::new(3.0, accent));
    }

    fn draw_counts(&self, painter: &Painter) {
        let palette = self.palette();
        for (cluster, pos) in &self.scene.clusters {
            let size_pt = if cluster.count < 1_000 { 12.5 } else { 10.5 };
            let font = FontId::proportional(size_pt);
            painter.text(*pos, Align2::CENTER_CENTER, cluster.count, font, palette.cluster_text);
        }
    }

    fn draw_labels(&self, painter: &Painter, view: &Viewport, now: DateTime<Utc>) {
        let mut labels = Labels::new(painter, self.palette());
        self.draw_line_labels(painter, view, &mut labels);
        let selection = self.selection.filter(|_| self.editor.is_none());
        let strong = [selection, self.hovered.filter(|subject| self.selection != Some(*subject))];
        for subject in strong.into_iter().flatten() {
            if let (Some(at), Some(text)) = (self.place_of(subject), self.label_of(subject, now)) {
                labels.draw(self.anchor(subject, view, at), &text, Weight::Strong);
            }
        }
        if !self.layers.labels {
            return;
        }
        let close = view.zoom >= NAMES_FROM_ZOOM;
        for corner in furniture::corners(view.rect) {
            labels.keep_free(corner);
        }
        for drawn in &self.scene.dots {
            labels.keep_free(Rect::from_center_size(drawn.pos, Vec2::splat(12.0)));
        }
        for drawn in &self.scene.pins {
            labels
                .keep_free(Rect::from_center_size(drawn.pos - vec2(0.0, PIN_HEAD_UP_PT), Vec2::splat(15.0)));
        }
        let wide = self.wide_fences(view);
        let named = self.nameable().filter(|_| close).chain(wide.iter().copied().filter(|_| !close));
        let names = named.filter(|subject| !strong.contains(&Some(*subject))).take(NAMES_MAX);
        for subject in names {
            if let (Some(at), Some(text)) = (self.place_of(subject), self.name_of(subject)) {
                labels.draw(self.anchor(subject, view, at), &text, Weight::Plain);
            }
        }
    }

    /// Fences in view that are wide enough to carry their names while markers are too close together for theirs.
    fn wide_fences(&self, view: &Viewport) -> Vec<Subject> {
        let window = view.window(0.0);
        let wide = |place: &&places::PlaceRow| {
            self.layers.fences && window.contains(place.world) && place.is_wide(view)
        };
        self.places.iter().filter(wide).map(places::PlaceRow::subject).collect()
    }

    fn draw_line_labels(&self, painter: &Painter, view: &Viewport, labels: &mut Labels) {
        let palette = self.palette();
        if let Some(route) = &self.route
            && let Some(end) = route.points.last().filter(|_| !route.arrival_label.is_empty())
        {
            labels.draw(view.to_screen(*end), &route.arrival_label, Weight::Strong);
        }
        self.draw_way_labels(view, labels);
        for gap in self.track.iter().flat_map(|track| &track.gaps) {
            let pos = view.to_screen(*gap) + vec2(8.0, 0.0);
            labels.keep_free(note(painter, pos, Align2::LEFT_CENTER, &self.words.location_off, palette));
        }
    }

    /// What may have a name shown, the most important first: what lies on top.
    fn nameable(&self) -> impl Iterator<Item = Subject> + '_ {
        let dots =
            self.scene.dots.iter().rev().map(|d| Subject::Resource(self.dots.rows()[d.row].dot.resource));
        let pins = self.scene.pins.iter().rev().map(|d| Subject::Task(self.pins[d.row].pin.task));
        let places = self.scene.places.iter().map(|d| self.places[d.row].subject());
        dots.chain(pins).chain(places)
    }

    fn anchor(&self, subject: Subject, view: &Viewport, at: WorldPos) -> Pos2 {
        let up = if matches!(subject, Subject::Task(_)) { PIN_HEAD_UP_PT } else { 0.0 };
        view.to_screen(at) - vec2(0.0, up)
    }

    fn name_of(&self, subject: Subject) -> Option<String> {
        match subject {
            Subject::Resource(who) => self.names.get(&who).cloned(),
            Subject::Task(task) => {
                // A task made without a connection has no number yet; its label tells the rest.
                let number = self.pins.iter().find(|pin| pin.pin.task == task)?.pin.number;
                Some(if number > 0 { format!("#{number}") } else { "#…".to_owned() })
            }
            Subject::Poi(poi) => {
                let shape = &self.places.iter().find(|place| place.shape.poi == poi)?.shape;
                Some(match shape.inside {
                    0 => shape.name.clone(),
                    inside => format!("{} · {}", shape.name, self.words.inside(inside)),
                })
            }
            Subject::Bid(_) | Subject::Alert(_) | Subject::Rule(_) => None,
        }
    }

    /// The name with what matters about it.
    fn label_of(&self, subject: Subject, now: DateTime<Utc>) -> Option<String> {
        let name = self.name_of(subject)?;
        match subject {
            Subject::Resource(who) => {
                let row = self.dots.of(who)?;
                let age_secs = (now.timestamp_millis() - row.dot.fix_ms) / 1_000;
                let old =
                    matches!(row.marker, Marker::Stale | Marker::Silent) || age_secs >= AGE_SHOWN_FROM_SECS;
                Some(if old { format!("{name} · {}", self.words.age(age_secs)) } else { name })
            }
            Subject::Task(task) => {
                let pin = &self.pins.iter().find(|pin| pin.pin.task == task)?.pin;
                let free =
                    if pin.assigned { String::new() } else { format!(" · {}", self.words.unassigned) };
                // In front: the end of a long label is cut off.
                let unsent = match pin.unsent {
                    Unsent::Nothing => String::new(),
                    Unsent::OnItsWay => format!("{} · ", self.words.unsent),
                    Unsent::NeedsDecision => format!("{} · ", self.words.needs_decision),
                };
                Some(format!("{unsent}{name} {}{free}", pin.title))
            }
            Subject::Poi(_) | Subject::Bid(_) | Subject::Alert(_) | Subject::Rule(_) => Some(name),
        }
    }
}
