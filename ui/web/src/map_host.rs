//! The canvas that hosts the map: eframe's web runner around [`map::LiveMap`].

use std::rc::Rc;

use leptos::prelude::*;
use map::{LiveMap, MapEvent, Theme, TileAnswer, TileId, tile_path};
use protocol::view::BaseMapView;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlCanvasElement, HtmlElement};

use crate::clock::now;
use crate::map_link::MapLink;
use crate::state::Desk;
use crate::words::map_words;

struct Host {
    map: LiveMap,
    link: MapLink,
    desk: Desk,
    source: RwSignal<Option<BaseMapView>>,
}

/// Starts the map on `canvas`. `source` is the base map; a change of it is followed.
pub fn start(desk: Desk, canvas: HtmlCanvasElement, source: RwSignal<Option<BaseMapView>>) {
    let focused = focused_element();
    spawn_local(async move {
        let options = eframe::WebOptions {
            // Shortcuts of the desk work while the map has the focus.
            should_stop_propagation: Box::new(|_| false),
            should_prevent_default: Box::new(|event| !matches!(event, egui::Event::Text(_))),
            ..eframe::WebOptions::default()
        };
        let create: eframe::AppCreator<'static> = Box::new(move |context| {
            map::install_renderer(context.wgpu_render_state.as_ref());
            let theme = theme_of(desk.look.dark.get_untracked());
            let map = LiveMap::new(&context.egui_ctx, source.get_untracked(), theme, map_words());
            let egui = context.egui_ctx.clone();
            desk.map.map_came(move || egui.request_repaint());
            Ok(Box::new(Host { map, link: desk.map, desk, source }))
        });
        if let Err(error) = eframe::WebRunner::new().start(canvas, options, create).await {
            web_sys::console::warn_2(&"the map can't be drawn".into(), &error);
            desk.map.map_failed();
        }
        give_back_focus(focused);
    });
}

/// eframe takes the focus when it starts; whoever was typing gets it back.
fn give_back_focus(before: Option<HtmlElement>) {
    request_animation_frame(move || {
        let Some(taken) = focused_element() else { return };
        let _ = match before.filter(|element| element.tag_name() != "BODY") {
            Some(element) => element.focus(),
            None => taken.blur(),
        };
    });
}

/// The map's theme.
pub fn theme_of(dark: bool) -> Theme {
    if dark { Theme::Dark } else { Theme::Light }
}

fn focused_element() -> Option<HtmlElement> {
    web_sys::window()?.document()?.active_element()?.dyn_into().ok()
}

impl eframe::App for Host {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        for order in self.link.take_orders() {
            order(&mut self.map);
        }
        let events = self.map.ui(ui, now());
        for tile in self.map.take_tile_requests(now()) {
            self.fetch(tile);
        }
        for event in events {
            if event == MapEvent::EditChanged {
                self.desk.look.fences.edit.set(self.map.edit_state());
            }
            heed(self.desk, event);
        }
    }
}

impl Host {
    fn fetch(&self, tile: TileId) {
        let Some(base) = self.source.get_untracked() else { return };
        let (link, path) = (self.link, tile_path(&base.source, tile));
        let backend: Rc<dyn crate::backend::Backend> = link.backend();
        spawn_local(async move {
            let answer = match backend.fetch_tile(&path).await {
                Ok(Some(bytes)) => TileAnswer::Bytes(bytes),
                Ok(None) => TileAnswer::Missing,
                Err(()) => TileAnswer::Failed,
            };
            link.order(move |map| map.tile_arrived(tile, answer, now()));
        });
    }
}

/// What the user did on the map.
fn heed(desk: Desk, event: MapEvent) {
    let look = desk.look;
    match event {
        MapEvent::Clicked(subject) => look.open(subject),
        MapEvent::ClickedEmpty(_) => {
            if look.editor.get_untracked().is_none() {
                look.selection.set(None);
            }
        }
        MapEvent::PlacePicked(at) => {
            look.picked.set(Some(at));
            look.picking.set(false);
        }
        MapEvent::PickCanceled => look.picking.set(false),
        MapEvent::FollowChanged(resource) => desk.map.following.set(resource),
        MapEvent::ContextMenu { at, pos_on_screen, .. } => {
            look.map_menu.set(Some((at, pos_on_screen)));
        }
        MapEvent::EditFinished => look.fences.finished.update(|finished| *finished += 1),
        MapEvent::EvidenceHovered(fix) => look.fix.set(fix),
        MapEvent::EditChanged | MapEvent::Moved(_) | MapEvent::HoverChanged(_) => {}
    }
}
