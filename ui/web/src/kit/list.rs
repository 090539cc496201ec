//! A list that draws only what is on the screen: fixed row height, keyed rows, one Tab stop, arrow keys.

use std::hash::Hash;

use leptos::ev::KeyboardEvent;
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
    /// The active row, where somebody else moves it, too.
    #[prop(optional)]
    active: Option<RwSignal<Option<K>>>,
    /// A key moved the active row: from where, to where, and whether Shift was down.
    #[prop(optional)]
    moved: Option<Callback<(Option<K>, K, bool)>>,
) -> impl IntoView
where
    K: Copy + Eq + Hash + Send + Sync + ToString + 'static,
    V: IntoView + 'static,
{
    let scroll = Scroll::new(items, row_px, active);
    watch_height(scroll.scroller, scroll.height_px);
    if active.is_some() {
        Effect::new(move |_| scroll.keep_active_in_sight());
    }
    let window = Memo::new(move |_| scroll.window());
    let shown = Memo::new(move |_| scroll.slice(window.get()));
    let space = move || {
        let above = window.get().0 * row_px;
        format!("padding-top:{above}px;height:{}px", items.with(Vec::len) * row_px)
    };
    let row_id = move |id: K| format!("{testid}-{}", id.to_string());
    let one = move |id: K| {
        view! {
            <div
                class="vrow"
                class:selected=move || selected.get() == Some(id)
                class:active=move || scroll.active.get() == Some(id)
                role="option"
                id=row_id(id)
                data-id=id.to_string()
                data-testid=format!("{testid}-row")
                aria-selected=move || (selected.get() == Some(id)).to_string()
                on:click=move |_| {
                    scroll.active.set(Some(id));
                    open.run(id);
                }
            >
                {row(id)}
            </div>
        }
    };
    view! {
        <div
            class="vlist"
            node_ref=scroll.scroller
            role="listbox"
            tabindex="0"
            aria-label=label
            data-testid=testid
            data-count=move || items.with(Vec::len)
            aria-activedescendant=move || scroll.active.get().map(row_id)
            on:scroll=move |_| scroll.scrolled()
            on:keydown=move |event| scroll.on_key(&event, selected, open, moved)
        >
            <Show when=move || items.with(Vec::is_empty)>{empty.run()}</Show>
            <div class="vlist-space" style=space>
                <For each=move || shown.get() key=|id| *id children=one />
            </div>
        </div>
    }
    .into_any()
}

/// How far a list is scrolled, and which row is active.
struct Scroll<K: Send + Sync + 'static> {
    scroller: NodeRef<html::Div>,
    items: Signal<Vec<K>>,
    row_px: usize,
    top_px: RwSignal<usize>,
    height_px: RwSignal<usize>,
    active: RwSignal<Option<K>>,
}

impl<K: Send + Sync + 'static> Clone for Scroll<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Send + Sync + 'static> Copy for Scroll<K> {}

impl<K: Copy + Eq + Send + Sync + 'static> Scroll<K> {
    fn new(items: Signal<Vec<K>>, row_px: usize, active: Option<RwSignal<Option<K>>>) -> Self {
        Self {
            scroller: NodeRef::new(),
            items,
            row_px,
            top_px: RwSignal::new(0),
            height_px: RwSignal::new(800),
            active: active.unwrap_or_else(|| RwSignal::new(None)),
        }
    }

    /// First row to draw, and the one after the last.
    fn window(self) -> (usize, usize) {
        let count = self.items.with(Vec::len);
        let (top, height) = (self.top_px.get() / self.row_px, self.height_px.get() / self.row_px);
        (top.saturating_sub(OVERSCAN).min(count), (top + height + 1 + OVERSCAN).min(count))
    }

    fn slice(self, (first, last): (usize, usize)) -> Vec<K> {
        self.items.with(|items| items.get(first..last.min(items.len())).unwrap_or_default().to_vec())
    }

    fn keep_active_in_sight(self) {
        let Some(active) = self.active.get() else { return };
        if let Some(row) = self.items.with_untracked(|items| items.iter().position(|item| *item == active)) {
            scroll_to_row(self.scroller, row * self.row_px, self.row_px);
        }
    }

    fn scrolled(self) {
        if let Some(element) = self.scroller.get_untracked() {
            self.top_px.set(element.scroll_top().max(0) as usize);
        }
    }

    fn on_key(
        self,
        event: &KeyboardEvent,
        selected: Signal<Option<K>>,
        open: Callback<K>,
        moved: Option<Callback<(Option<K>, K, bool)>>,
    ) {
        let items = self.items.get_untracked();
        let current = self.active.get_untracked().or(selected.get_untracked());
        let here = current.and_then(|id| items.iter().position(|item| *item == id));
        if matches!(event.key().as_str(), "Enter" | " ") && event.target() == event.current_target() {
            if let Some(id) = current {
                event.prevent_default();
                open.run(id);
            }
            return;
        }
        let page = (self.height_px.get_untracked() / self.row_px).max(2) - 1;
        if let Some(there) = next_row(&event.key(), here, items.len(), page) {
            event.prevent_default();
            let to = items.get(there).copied();
            self.active.set(to);
            scroll_to_row(self.scroller, there * self.row_px, self.row_px);
            if let (Some(moved), Some(to)) = (moved, to) {
                moved.run((current, to, event.shift_key()));
            }
        }
    }
}

/// Where a key leads from row `here` in a list of `count` rows, `page` of them on the screen.
fn next_row(key: &str, here: Option<usize>, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some(here.map_or(0, |here| (here + 1).min(last))),
        "ArrowUp" => Some(here.map_or(0, |here| here.saturating_sub(1))),
        "PageDown" => Some(here.map_or(0, |here| (here + page).min(last))),
        "PageUp" => Some(here.map_or(0, |here| here.saturating_sub(page))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
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

/// Keeps `height_px` at the list's height; the observer lives as long as the list.
fn watch_height(scroller: NodeRef<html::Div>, height_px: RwSignal<usize>) {
    let observer = StoredValue::new_local(None::<web_sys::ResizeObserver>);
    Effect::new(move |_| {
        let Some(element) = scroller.get() else { return };
        height_px.set(element.client_height().max(0) as usize);
        let changed = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || {
            if let Some(Some(element)) = scroller.try_get_untracked() {
                height_px.set(element.client_height().max(0) as usize);
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

#[cfg(test)]
mod tests {
    use super::next_row;

    #[test]
    fn keys_stay_inside_the_list() {
        assert_eq!(next_row("ArrowDown", None, 3, 10), Some(0), "the first key marks the first row");
        assert_eq!(next_row("ArrowDown", Some(2), 3, 10), Some(2), "the last row is the last");
        assert_eq!(next_row("ArrowUp", Some(0), 3, 10), Some(0), "the first row is the first");
        assert_eq!(next_row("PageDown", Some(5), 5_000, 10), Some(15), "a page further");
        assert_eq!(next_row("End", Some(5), 5_000, 10), Some(4_999), "to the end");
        assert_eq!(next_row("ArrowDown", None, 0, 10), None, "nothing to mark");
        assert_eq!(next_row("x", Some(1), 3, 10), None, "other keys are not ours");
    }
}
