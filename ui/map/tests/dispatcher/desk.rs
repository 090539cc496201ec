//! The map with somebody in front of it, without a window.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{LonLat, ResourceId};
use egui::{
    Context, Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, Shape, pos2, vec2,
};
use map::{LiveMap, MapEvent, ResourceLabel, Theme, Words};
use protocol::view::{BaseMapView, Dot, DotState, PositionFrame};

pub const SIZE: egui::Vec2 = egui::Vec2::new(900.0, 600.0);

/// The map with somebody in front of it.
pub struct Desk {
    pub ctx: Context,
    pub map: LiveMap,
    pub now: DateTime<Utc>,
    pub texts: Vec<String>,
    pub repaint_after_secs: f64,
    modifiers: Modifiers,
}

impl Desk {
    pub fn new(base: Option<BaseMapView>) -> Self {
        let ctx = Context::default();
        let map = LiveMap::new(&ctx, base, Theme::Light, Words::default());
        let now = "2026-11-23T10:00:00Z".parse().expect("time");
        let mut desk =
            Self { ctx, map, now, texts: Vec::new(), repaint_after_secs: 0.0, modifiers: Modifiers::NONE };
        desk.frame(vec![]);
        desk.frame(vec![]);
        desk
    }

    pub fn in_monaco() -> Self {
        Self::new(Some(monaco()))
    }

    /// One frame with these inputs; a sixtieth of a second passes.
    pub fn frame(&mut self, events: Vec<Event>) -> Vec<MapEvent> {
        self.frame_with(Modifiers::NONE, events)
    }

    /// The same with keys like Shift held down.
    pub fn frame_with(&mut self, modifiers: Modifiers, mut events: Vec<Event>) -> Vec<MapEvent> {
        if self.modifiers != modifiers {
            self.modifiers = modifiers;
            events.insert(0, Event::ModifiersChanged(modifiers));
        }
        self.now += TimeDelta::milliseconds(17);
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, SIZE));
        let time = Some(self.now.timestamp_millis() as f64 / 1e3);
        let input = RawInput { screen_rect, time, events, focused: true, ..RawInput::default() };
        let mut told = Vec::new();
        let mut output = self.ctx.run_ui(input, |ui| told = self.map.ui(ui, self.now));
        output.textures_delta.clear();
        self.texts = output.shapes.iter().flat_map(|clipped| texts_in(&clipped.shape)).collect();
        let delay = output.viewport_output.values().map(|viewport| viewport.repaint_delay.as_secs_f64());
        self.repaint_after_secs = delay.fold(f64::INFINITY, f64::min);
        told
    }

    /// Frames until the map is at rest, also after a drag that lets it slide on.
    pub fn settle(&mut self) -> Vec<MapEvent> {
        (0..120).flat_map(|_| self.frame(vec![])).collect()
    }

    pub fn click_with(&mut self, at: Pos2, button: PointerButton) -> Vec<MapEvent> {
        let press = |pressed| Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE };
        let mut told = self.frame(vec![Event::PointerMoved(at)]);
        told.extend(self.frame(vec![press(true)]));
        told.extend(self.frame(vec![press(false)]));
        told
    }

    pub fn click(&mut self, at: Pos2) -> Vec<MapEvent> {
        self.click_with(at, PointerButton::Primary)
    }

    pub fn drag(&mut self, from: Pos2, to: Pos2) -> Vec<MapEvent> {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let mut told = self.frame(vec![Event::PointerMoved(from), button(from, true)]);
        for step in 1..=5 {
            told.extend(self.frame(vec![Event::PointerMoved(from + (to - from) * (step as f32 / 5.0))]));
        }
        told.extend(self.frame(vec![button(to, false)]));
        told
    }

    pub fn press(&mut self, key: Key) -> Vec<MapEvent> {
        self.press_with(key, Modifiers::NONE)
    }

    pub fn press_with(&mut self, key: Key, modifiers: Modifiers) -> Vec<MapEvent> {
        let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        let mut told = self.frame_with(modifiers, vec![event(true), event(false)]);
        told.extend(self.frame(vec![]));
        told
    }

    pub fn wheel(&mut self, at: Pos2, y: f32) {
        let event = Event::MouseWheel {
            source: egui::MouseWheelSource::Unknown,
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, y),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(at), event]);
        self.settle();
    }

    pub fn sees(&self, text: &str) -> bool {
        self.texts.iter().any(|seen| seen.contains(text))
    }

    pub fn center(&self) -> LonLat {
        self.map.view().center
    }

    /// Shows a place in the middle at a zoom.
    pub fn look_at(&mut self, lon: f64, lat: f64, zoom: f64) {
        self.map.set_view(map::MapView { center: at(lon, lat), zoom });
        self.settle();
    }
}

pub fn texts_in(shape: &Shape) -> Vec<String> {
    if let Shape::Vec(shapes) = shape {
        return shapes.iter().flat_map(texts_in).collect();
    }
    if let Shape::Text(text) = shape { vec![text.galley.text().to_owned()] } else { Vec::new() }
}

pub fn monaco() -> BaseMapView {
    BaseMapView {
        source: "monaco".to_owned(),
        bounds: [7.349, 43.71, 7.491, 43.77],
        min_zoom: 0,
        max_zoom: 14,
        attribution: "© OpenStreetMap contributors".to_owned(),
    }
}

pub fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("coordinate")
}

pub fn resource(n: u128) -> ResourceId {
    uuid::Uuid::from_u128(n).into()
}

pub fn dot(n: u128, lon: f64, lat: f64, state: DotState) -> Dot {
    let (lon_e7, lat_e7) = Dot::fixed_point(at(lon, lat));
    let fix_ms = "2026-11-23T09:50:00Z".parse::<DateTime<Utc>>().expect("time").timestamp_millis();
    Dot { resource: resource(n), lon_e7, lat_e7, accuracy_m: 10, heading_deg: None, fix_ms, state }
}

pub fn full(dots: Vec<Dot>) -> PositionFrame {
    PositionFrame { now_ms: 0, full: true, dots, gone: vec![] }
}

pub fn moved(dots: Vec<Dot>) -> PositionFrame {
    PositionFrame { full: false, ..full(dots) }
}

pub fn gone(resources: Vec<ResourceId>) -> PositionFrame {
    PositionFrame { gone: resources, ..moved(vec![]) }
}

pub fn ana() -> ResourceLabel {
    ResourceLabel { resource: resource(1), name: "Ana Costa".to_owned() }
}

pub fn middle() -> Pos2 {
    pos2(450.0, 300.0)
}
