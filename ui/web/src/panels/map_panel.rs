//! The map with its toolbar, legend, layers and menu. The map itself is drawn by crate `map`.

use domain::access::Action;
use domain::place::Poi;
use leptos::html;
use leptos::prelude::*;
use map::{Layers, PlaceShape, ResourceLabel, TaskPin};
use protocol::view::{BaseMapView, Subject};

use crate::kit::{Glyph, Icon};
use crate::state::fences::people_inside;
use crate::state::{Desk, Editor};
use crate::words::{t, t_dyn};

mod route;

use route::show_route;

/// The map.
#[component]
pub fn MapPanel() -> impl IntoView {
    let desk = Desk::here();
    let canvas = NodeRef::<html::Canvas>::new();
    let base = RwSignal::new(None::<BaseMapView>);
    feed(desk, base);
    show_route(desk);
    Effect::new(move |started: Option<bool>| match (canvas.get(), started) {
        (Some(canvas), None | Some(false)) => {
            start(desk, canvas, base);
            true
        }
        (_, started) => started.unwrap_or(false),
    });
    view! {
        <div class="map-canvas" class:picking=move || desk.look.picking.get()>
            <canvas node_ref=canvas data-testid="map" aria-label=t("map-label")></canvas>
        </div>
        <Show when=move || desk.map.unavailable.get()>
            <div class="map-unavailable">{t("map-unavailable")}</div>
        </Show>
        <Toolbar />
        <MapMenu />
    }
    .into_any()
}

#[cfg(target_arch = "wasm32")]
fn start(desk: Desk, canvas: web_sys::HtmlCanvasElement, base: RwSignal<Option<BaseMapView>>) {
    crate::map_host::start(desk, canvas, base);
}

/// Only the web view has a canvas to draw on.
#[cfg(not(target_arch = "wasm32"))]
fn start(desk: Desk, _canvas: web_sys::HtmlCanvasElement, _base: RwSignal<Option<BaseMapView>>) {
    desk.map.map_failed();
}

/// Keeps the map's things as the rows are.
fn feed(desk: Desk, base: RwSignal<Option<BaseMapView>>) {
    Effect::new(move |_| {
        let view = desk.signed_in().and_then(|view| view.base_map);
        base.set(view.clone());
        desk.map.order(move |map| map.set_base_map(view));
    });
    let labels = Memo::new(move |_| {
        let rows = desk.rows.resources.all();
        let label = |row: &protocol::view::ResourceView| ResourceLabel {
            resource: row.card.id,
            name: row.card.name.clone(),
        };
        let mut labels: Vec<ResourceLabel> = rows.iter().map(|row| label(row)).collect();
        labels.sort_by_key(|label| label.resource);
        labels
    });
    Effect::new(move |_| {
        let labels = labels.get();
        desk.map.order(move |map| map.set_resources(labels));
    });
    let pins = Memo::new(move |_| {
        let rows = desk.rows.tasks.all();
        let mut pins: Vec<TaskPin> =
            rows.iter().filter(|row| !row.task.status.is_over()).map(|row| TaskPin::of(row)).collect();
        pins.sort_by_key(|pin| pin.task);
        pins
    });
    Effect::new(move |_| {
        let pins = pins.get();
        desk.map.order(move |map| map.set_tasks(pins));
    });
    let inside = Memo::new(move |_| people_inside(desk.rows.resources.all().iter().map(AsRef::as_ref)));
    let places = Memo::new(move |_| {
        let (now, zone) = (desk.clock.minute(), desk.zone());
        let shape = |poi: &Poi| {
            let silent = poi.fence.as_ref().is_some_and(|fence| !fence.schedule.covers(now, zone));
            let known = PlaceShape::of(poi);
            let inside = inside.with(|inside| inside.get(&poi.id).copied().unwrap_or_default());
            PlaceShape { quiet: known.quiet || silent, inside, ..known }
        };
        desk.rows.pois.all().iter().map(|poi| shape(poi)).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        let places = places.get();
        desk.map.order(move |map| map.set_places(places));
    });
    feed_look(desk);
}

/// Keeps selection, theme, layers and pick mode as the panels have them.
fn feed_look(desk: Desk) {
    Effect::new(move |_| {
        let selection = desk.look.selection.get();
        desk.map.order(move |map| map.select(selection));
    });
    // A track belongs to whoever was selected when it was asked for.
    Effect::new(move |before: Option<Option<Subject>>| {
        let selection = desk.look.selection.get();
        if before.is_some_and(|before| before != selection) {
            desk.map.order(|map| map.set_track(None));
        }
        selection
    });
    Effect::new(move |_| {
        let theme = if desk.look.dark.get() { map::Theme::Dark } else { map::Theme::Light };
        desk.map.order(move |map| map.set_theme(theme));
    });
    Effect::new(move |_| {
        let layers = desk.map.layers.get();
        desk.map.order(move |map| map.set_layers(layers));
    });
    Effect::new(move |_| {
        let picking = desk.look.picking.get();
        desk.map.order(move |map| map.set_pick_mode(picking));
    });
}

/// Layers and legend; zoom, fit and follow are the map's own buttons.
#[component]
fn Toolbar() -> impl IntoView {
    let open = RwSignal::new(None::<&'static str>);
    let toggle = move |what| open.update(|open| *open = (*open != Some(what)).then_some(what));
    view! {
        <div class="map-tools" role="toolbar" aria-label=t("map-tools")>
            <button type="button" class="icon-button" data-testid="map-layers" title=t("map-layers") aria-label=t("map-layers")
                aria-expanded=move || (open.get() == Some("layers")).to_string() on:click=move |_| toggle("layers")>
                <Icon glyph=Glyph::Layers />
            </button>
            <button type="button" class="text-button" data-testid="map-legend"
                aria-expanded=move || (open.get() == Some("legend")).to_string() on:click=move |_| toggle("legend")>
                {t("map-legend")}
            </button>
            <DrawFence />
        </div>
        <Show when=move || open.get() == Some("layers")><LayerSwitches /></Show>
        <Show when=move || open.get() == Some("legend")><Legend /></Show>
    }
    .into_any()
}

/// Begins a new fence.
#[component]
fn DrawFence() -> impl IntoView {
    let desk = Desk::here();
    let drawing = move || matches!(desk.look.editor.get(), Some(Editor::NewFence(..)));
    view! {
        <Show when=move || desk.may(Action::EditPlace)>
            <button type="button" class="text-button" data-testid="draw-fence" title=t("draw-fence-hint") aria-pressed=move || drawing().to_string()
                on:click=move |_| if !drawing() { desk.look.edit(Editor::NewFence(map::EditTool::Circle, None)) }>
                <Icon glyph=Glyph::Fence />
                {t("draw-fence")}
            </button>
        </Show>
    }
    .into_any()
}

#[component]
fn LayerSwitches() -> impl IntoView {
    let desk = Desk::here();
    let layers = desk.map.layers;
    let switch = move |text: &'static str, of: fn(&mut Layers) -> &mut bool| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || *of(&mut layers.get())
                    on:change=move |event| layers.update(|layers| *of(layers) = event_target_checked(&event))
                />
                {text}
            </label>
        }
    };
    view! {
        <div class="map-pop" role="group" aria-label=t("map-layers")>
            {switch(t("resources"), |layers| &mut layers.resources)}
            {switch(t("tasks"), |layers| &mut layers.tasks)}
            {switch(t("places"), |layers| &mut layers.places)}
            {switch(t("fences"), |layers| &mut layers.fences)}
            {switch(t("labels"), |layers| &mut layers.labels)}
        </div>
    }
    .into_any()
}

#[component]
fn Legend() -> impl IntoView {
    let desk = Desk::here();
    move || {
        let dark = desk.look.dark.get();
        let theme = if dark { map::Theme::Dark } else { map::Theme::Light };
        let line = |item: map::LegendItem| {
            let text = t_dyn(&format!("legend-{}", item.id.replace('_', "-")));
            view! { <li>{crate::kit::marker(item.id, dark)} {text}</li> }
        };
        view! {
            <ul class="map-pop legend" data-testid="legend" aria-label=t("map-legend")>
                {map::legend(theme).into_iter().map(line).collect_view()}
            </ul>
        }
    }
}

/// The menu of a secondary click on the map.
#[component]
fn MapMenu() -> impl IntoView {
    let desk = Desk::here();
    let menu = desk.look.map_menu;
    move || {
        let (at, (x, y)) = menu.get()?;
        if !desk.may(Action::EditTask) && !desk.may(Action::EditPlace) {
            return None;
        }
        let fence = move |_| {
            menu.set(None);
            desk.look.edit(Editor::NewFence(map::EditTool::Circle, Some(at)));
        };
        let create = move |_| {
            menu.set(None);
            desk.look.edit(Editor::NewTask(Some(at)));
        };
        Some(view! {
            <div class="menu-backdrop" on:click=move |_| menu.set(None) on:contextmenu=move |event| {
                event.prevent_default();
                menu.set(None);
            }></div>
            <div class="menu" role="menu" style=format!("left:{x}px;top:{y}px")
                on:keydown=move |event| if event.key() == "Escape" { event.stop_propagation(); menu.set(None) }>
                <Show when=move || desk.may(Action::EditTask)>
                    <button type="button" role="menuitem" autofocus=true data-testid="new-task-here" on:click=create>{t("new-task-here")}</button>
                </Show>
                <Show when=move || desk.may(Action::EditPlace)>
                    <button type="button" role="menuitem" data-testid="new-fence-here" on:click=fence>{t("new-fence-here")}</button>
                </Show>
            </div>
        })
    }
}
