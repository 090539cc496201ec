//! Tabs after the ARIA authoring practices: one stop for the Tab key, arrows move and select.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// One tab.
#[derive(Clone)]
pub struct Tab<T> {
    /// What it stands for.
    pub value: T,
    /// Its name.
    pub label: String,
    /// A number beside it; zero is not shown.
    pub count: Signal<usize>,
    /// Name for tests and for the panel's `aria-labelledby`.
    pub testid: &'static str,
}

/// A row of tabs that sets `chosen`.
#[component]
pub fn Tabs<T: Copy + PartialEq + Send + Sync + 'static>(
    /// The tabs.
    tabs: Vec<Tab<T>>,
    /// Which one is shown.
    chosen: RwSignal<T>,
    /// What the row is for.
    label: &'static str,
) -> impl IntoView {
    let values: Vec<T> = tabs.iter().map(|tab| tab.value).collect();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let here = values.iter().position(|value| *value == chosen.get_untracked()).unwrap_or_default();
        let there = match event.key().as_str() {
            "ArrowRight" => (here + 1) % values.len(),
            "ArrowLeft" => (here + values.len() - 1) % values.len(),
            "Home" => 0,
            "End" => values.len() - 1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        chosen.set(values[there]);
        focus_child(&event, there);
    };
    let buttons = tabs
        .into_iter()
        .map(|Tab { value, label, count, testid }| {
            let selected = move || chosen.get() == value;
            view! {
                <button
                    type="button"
                    role="tab"
                    class="tab"
                    data-testid=testid
                    aria-selected=move || selected().to_string()
                    tabindex=move || if selected() { "0" } else { "-1" }
                    on:click=move |_| chosen.set(value)
                >
                    {label}
                    <Show when=move || { count.get() > 0 }>
                        <span class="badge">{move || count.get()}</span>
                    </Show>
                </button>
            }
        })
        .collect_view();
    view! {
        <div role="tablist" class="tabs" aria-label=label on:keydown=on_key>
            {buttons}
        </div>
    }
    .into_any()
}

fn focus_child(event: &leptos::ev::KeyboardEvent, index: usize) {
    let list = event.current_target().and_then(|list| list.dyn_into::<web_sys::Element>().ok());
    let child = list.and_then(|list| list.children().item(index as u32));
    if let Some(button) = child.and_then(|child| child.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
