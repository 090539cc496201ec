//! A list that draws only what is on the screen: fixed row height, keyed rows, one Tab stop, arrow keys.

use std::hash::Hash;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Rows drawn above and below the visible part.
const OVERSCAN: usize = 6;

/// A virtualised list of `items`. Arrow keys, Home, End, Page Up and Down move the active row; Enter opens it.
#[component]
pub fn VirtualList<K, V>(
    /// What is listed, in order.
    #[prop(into)]
    items: Signal<Vec<K>>,
    /// Height of a row in CSS pixels, as in the style sheet.
    row_px: usize,
    /// One row's content.
    row: fn(K) -> V,
    /// A row was clicked, or Enter was pressed on it.
    open: Callback<K>,
    /// Which row is open elsewhere.
    #[prop(into)]
    selected: Signal<Option<K>>,
    /// What is listed, for screen readers.
    label: &'static str,
    /// Name for tests; rows are `{testid}-row`.
    testid: &'static str,
    /// What is shown when there is nothing to list.
    #[prop(into)]
    empty: ViewFn,
) -> impl IntoView
where
    K: Copy + Eq + Hash + Send + Sync + ToString + 'static,
    V: IntoView + 'static,
{
    let scroller = NodeRef::<html::Div>::new();
    let (top_px, set_top_px) = signal(0usize);
    let (height_px, set_height_px) = signal(800usize);
    let active = RwSignal::new(None::<K>);
    watch_height(scroller, set_height_px);

    let window = Memo::new(move |_| {
        let count = items.with(Vec::len);
        let first = (top_px.get() / row_px).saturating_sub(OVERSCAN).min(count);
        let last = (top_px.get() / row_px + height_px.get() / row_px + 1 + OVERSCAN).min(count);
        (first, last)
    });
    let shown = Memo::new(move |_| {
        let (first, last) = window.get();
        items.with(|items| items.get(first..last.min(items.len())).unwrap_or_default().to_vec())
    });
    let row_id = move |id: K| format!("{testid}-{}", id.to_string());
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let count = items.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let current = active.get_untracked().or(selected.get_untracked());
        let here =
            current.and_then(|id| items.with_untracked(|items| items.iter().position(|item| *item == id)));
        let page = (height_px.get_untracked() / row_px).max(2) - 1;
        let there = match event.key().as_str() {
            "ArrowDown" => here.map_or(0, |here| (here + 1).min(count - 1)),
            "ArrowUp" => here.map_or(0, |here| here.saturating_sub(1)),
            "PageDown" => here.map_or(0, |here| (here + page).min(count - 1)),
            "PageUp" => here.map_or(0, |here| here.saturating_sub(page)),
            "Home" => 0,
            "End" => count - 1,
            "Enter" | " " if event.target() == event.current_target() => {
                if let Some(id) = current {
                    event.prevent_default();
                    open.run(id);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        active.set(items.with_untracked(|items| items.get(there).copied()));
        scroll_to_row(scroller, there * row_px, row_px);
    };
    view! {
        <div
            class="vlist"
            node_ref=scroller
            role="listbox"
            tabindex="0"
            aria-label=label
            data-testid=testid
            data-count=move || items.with(Vec::len)
            aria-activedescendant=move || active.get().map(row_id)
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    set_top_px.set(element.scroll_top().max(0) as usize);
                }
            }
            on:keydown=on_key
        >
            <Show when=move || items.with(Vec::is_empty)>{empty.run()}</Show>
            <div
                class="vlist-space"
                style=move || {
                    let (first, _) = window.get();
                    let above = first * row_px;
                    format!("padding-top:{above}px;height:{}px", items.with(Vec::len) * row_px)
                }
            >
                <For each=move || shown.get() key=|id| *id let:id>
                    <div
                        class="vrow"
                        class:selected=move || selected.get() == Some(id)
                        class:active=move || active.get() == Some(id)
                        role="option"
                        id=row_id(id)
                        data-id=id.to_string()
                        data-testid=format!("{testid}-row")
                        aria-selected=move || (selected.get() == Some(id)).to_string()
                        on:click=move |_| {
                            active.set(Some(id));
                            open.run(id);
                        }
                    >
                        {row(id)}
                    </div>
                </For>
            </div>
        </div>
    }
    .into_any()
}

/// A friendly word where a list has nothing to show.
#[component]
pub fn Empty(
    /// What to say.
    #[prop(into)]
    text: String,
    /// What to do about it.
    #[prop(into, optional)]
    hint: String,
) -> impl IntoView {
    let hint = (!hint.is_empty()).then(|| view! { <p class="muted">{hint}</p> });
    view! {
        <div class="empty" data-testid="empty">
            <p>{text}</p>
            {hint}
        </div>
    }
    .into_any()
}

/// Moves the focus into the list of that name.
pub fn focus_list(testid: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let list = document
        .and_then(|document| document.query_selector(&format!("[data-testid='{testid}']")).ok().flatten());
    if let Some(list) = list.and_then(|list| list.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = list.focus();
    }
}

/// Keeps `set_height_px` at the list's height; the observer lives as long as the list.
fn watch_height(scroller: NodeRef<html::Div>, set_height_px: WriteSignal<usize>) {
    let observer = StoredValue::new_local(None::<web_sys::ResizeObserver>);
    Effect::new(move |_| {
        let Some(element) = scroller.get() else { return };
        set_height_px.set(element.client_height().max(0) as usize);
        let changed = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || {
            if let Some(Some(element)) = scroller.try_get_untracked() {
                set_height_px.set(element.client_height().max(0) as usize);
            }
        });
        if let Ok(watcher) = web_sys::ResizeObserver::new(changed.into_js_value().unchecked_ref()) {
            watcher.observe(&element);
            observer.set_value(Some(watcher));
        }
    });
    on_cleanup(move || {
        if let Some(Some(watcher)) = observer.try_get_value() {
            watcher.disconnect();
        }
    });
}

fn scroll_to_row(scroller: NodeRef<html::Div>, row_top: usize, row_px: usize) {
    let Some(element) = scroller.get_untracked() else { return };
    let (top, height) = (element.scroll_top().max(0) as usize, element.client_height().max(0) as usize);
    if row_top < top {
        element.set_scroll_top(row_top as i32);
    } else if row_top + row_px > top + height {
        element.set_scroll_top((row_top + row_px - height) as i32);
    }
}
