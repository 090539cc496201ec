//! A button with a menu after the ARIA authoring practices: arrows move, Enter chooses, Escape closes and gives the focus back.
//! The menu is a native `<dialog>`: it lies above everything, and no list cuts it off.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{Glyph, Icon};

/// One choice.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuItem<T> {
    /// What it stands for.
    pub value: T,
    /// Its text.
    pub text: String,
}

/// A button that opens a menu of `items`.
#[component]
pub fn Menu<T: Clone + PartialEq + Send + Sync + 'static>(
    /// The button's text.
    label: &'static str,
    /// What the button is for, with its key.
    #[prop(optional)]
    hint: &'static str,
    /// A sign in front of the text.
    glyph: Glyph,
    /// Whether only the sign is shown.
    #[prop(optional)]
    compact: bool,
    /// Name for tests; items are `{testid}-item`.
    testid: &'static str,
    /// What can be chosen; read when the menu opens.
    items: Callback<(), Vec<MenuItem<T>>>,
    /// Nothing can be chosen now.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Something was chosen.
    choose: Callback<T>,
) -> impl IntoView {
    let open = RwSignal::new(None::<Vec<MenuItem<T>>>);
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Dialog>::new();
    let place = StoredValue::new(String::new());
    let close = move || {
        open.set(None);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    Effect::new(move |_| {
        if let Some(list) = list.get() {
            let _ = list.show_modal();
            focus_item(&list, 0);
        }
    });
    let entry = move |item: MenuItem<T>| {
        let pick = move |event: leptos::ev::MouseEvent| {
            event.stop_propagation();
            close();
            choose.run(item.value.clone());
        };
        view! {
            <button type="button" role="menuitem" tabindex="-1" data-testid=format!("{testid}-item") on:click=pick>{item.text.clone()}</button>
        }
    };
    view! {
        <span class="menu-anchor">
            <button
                type="button"
                node_ref=button
                class:icon-button=compact
                class:ghost=compact
                data-testid=testid
                aria-haspopup="menu"
                aria-label=label
                aria-expanded=move || open.with(Option::is_some).to_string()
                title=if hint.is_empty() { label } else { hint }
                disabled=move || disabled.get()
                on:click=move |event| {
                    event.stop_propagation();
                    place.set_value(button.get_untracked().map(|button| beside(&button)).unwrap_or_default());
                    open.set(Some(items.run(())));
                }
            >
                <Icon glyph=glyph />
                {(!compact).then_some(label)}
            </button>
            {move || open.get().map(|items| view! {
                <dialog class="menu drop" role="menu" aria-label=label node_ref=list style=place.get_value()
                    on:keydown=move |event| on_key(&event, list, &close)
                    on:cancel=move |event: leptos::ev::Event| { event.prevent_default(); close(); }
                    on:click=move |event| { event.stop_propagation(); if event.target() == event.current_target() { close(); } }>
                    {items.into_iter().map(entry).collect_view()}
                </dialog>
            })}
        </span>
    }
    .into_any()
}

/// Room that a menu needs, CSS pixels: wide, high.
const ROOM_PX: (f64, f64) = (200.0, 240.0);

/// Below the button, or above it near the lower edge; never over the right edge.
fn beside(button: &web_sys::Element) -> String {
    let size = |side: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        side.ok().and_then(|side| side.as_f64()).unwrap_or(1_000.0)
    };
    let (wide, high) = (size(window().inner_width()), size(window().inner_height()));
    let rect = button.get_bounding_client_rect();
    let left = rect.left().min(wide - ROOM_PX.0).max(0.0);
    if rect.bottom() + ROOM_PX.1 > high {
        format!("left:{left}px;bottom:{}px", high - rect.top() + 2.0)
    } else {
        format!("left:{left}px;top:{}px", rect.bottom() + 2.0)
    }
}

fn on_key(event: &leptos::ev::KeyboardEvent, list: NodeRef<html::Dialog>, close: &dyn Fn()) {
    // Keys of the page behind do nothing while the menu is open.
    event.stop_propagation();
    let Some(list) = list.get_untracked() else { return };
    let count = list.children().length();
    let focused = document().active_element();
    let here = (0..count).find(|index| list.children().item(*index) == focused).unwrap_or_default();
    let there = match event.key().as_str() {
        "ArrowDown" => (here + 1) % count.max(1),
        "ArrowUp" => (here + count.max(1) - 1) % count.max(1),
        "Home" => 0,
        "End" => count.saturating_sub(1),
        "Escape" | "Tab" => {
            event.prevent_default();
            return close();
        }
        _ => return,
    };
    event.prevent_default();
    focus_item(&list, there);
}

fn focus_item(list: &web_sys::HtmlElement, index: u32) {
    let item = list.children().item(index).and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(item) = item {
        let _ = item.focus();
    }
}
