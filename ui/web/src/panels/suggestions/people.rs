//! The rows: those who could go, and below them, folded, those who could not.

use domain::ResourceId;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use protocol::view::ResourceView;
use wasm_bindgen::JsCast;

use super::Panel;
use super::line::SuggestionLine;
use super::override_form::OverrideForm;
use crate::state::suggestions::Ranked;
use crate::words::{t, tn};

/// More would not be read.
const MOST_SHOWN: usize = 30;

/// Who is shown.
#[derive(Debug, Clone, PartialEq, Default)]
struct Rows {
    suited: Vec<ResourceId>,
    unsuited: Vec<ResourceId>,
    /// So many more match in each of both.
    left_out: (usize, usize),
}

fn rows(panel: Panel) -> Rows {
    let text = panel.text.get().trim().to_lowercase();
    // Names are looked up only for a search, and not followed: with every fix a row changes.
    let found = |id: ResourceId| {
        let name = |row: &ResourceView| row.card.name.to_lowercase().contains(&text);
        text.is_empty() || panel.desk.rows.resources.peek(id).is_some_and(|row| name(&row))
    };
    let matching = |suited: bool| {
        panel.list.with(|list| {
            let fits = |it: &&Ranked| it.suited == suited && found(it.view.resource);
            list.iter().filter(fits).map(|it| it.view.resource).collect::<Vec<_>>()
        })
    };
    let (mut suited, mut unsuited) = (matching(true), matching(false));
    let left_out = (suited.len().saturating_sub(MOST_SHOWN), unsuited.len().saturating_sub(MOST_SHOWN));
    suited.truncate(MOST_SHOWN);
    unsuited.truncate(MOST_SHOWN);
    Rows { suited, unsuited, left_out }
}

#[component]
pub(super) fn People(panel: Panel, letters: Memo<Vec<(char, ResourceId)>>) -> impl IntoView {
    let shown = Memo::new(move |_| rows(panel));
    let unfolded = RwSignal::new(None::<bool>);
    // Where nobody is suited, the others are all there is.
    let open = move || unfolded.get().unwrap_or_else(|| shown.with(|rows| rows.suited.is_empty()));
    let nobody = move || shown.with(|rows| rows.suited.is_empty() && rows.unsuited.is_empty());
    view! {
        <div class="suggestions-scroll" on:keydown=move |event| on_key(panel, &event)>
            <Show when=nobody><p class="muted">{t("candidates-none")}</p></Show>
            <ol class="plain suggestions" aria-label=t("suggestions")>
                <For each=move || shown.with(|rows| rows.suited.clone()) key=|id| *id let:id>
                    <Person panel=panel id=id shown=shown letters=letters />
                </For>
            </ol>
            {move || more(shown.with(|rows| rows.left_out.0))}
            <Show when=move || shown.with(|rows| !rows.unsuited.is_empty())>
                <button type="button" class="link small not-suited" data-testid="not-suited" aria-expanded=move || open().to_string()
                    title=t("not-suited-hint") on:click=move |_| unfolded.set(Some(!open()))>
                    {move || tn("not-suited", shown.with(|rows| rows.unsuited.len() + rows.left_out.1))}
                </button>
                <Show when=open>
                    <ol class="plain suggestions" aria-label=t("not-suited-list")>
                        <For each=move || shown.with(|rows| rows.unsuited.clone()) key=|id| *id let:id>
                            <Person panel=panel id=id shown=shown letters=letters />
                        </For>
                    </ol>
                    {move || more(shown.with(|rows| rows.left_out.1))}
                </Show>
            </Show>
        </div>
    }
    .into_any()
}

fn more(left_out: usize) -> Option<impl IntoView> {
    (left_out > 0).then(|| view! { <p class="muted small">{tn("suggestions-more", left_out)}</p> })
}

#[component]
fn Person(
    panel: Panel,
    id: ResourceId,
    shown: Memo<Rows>,
    letters: Memo<Vec<(char, ResourceId)>>,
) -> impl IntoView {
    let desk = panel.desk;
    let it =
        Memo::new(move |_| panel.list.with(|list| list.iter().find(|it| it.view.resource == id).cloned()));
    let known = Signal::derive(move || it.with(|it| it.as_ref().map(|it| it.view.clone())));
    let rank = move || it.with(|it| it.as_ref().map(|it| it.rank));
    let suited = move || it.with(|it| it.as_ref().is_some_and(|it| it.suited));
    let has_it =
        Memo::new(move |_| desk.rows.tasks.get(panel.task).is_some_and(|row| row.task.resource == Some(id)));
    let is_looked_at = move || panel.looked_at() == Some(id);
    // A row that is taken away with the focus in it tells so when the panel is gone already.
    let leave = move |of: RwSignal<Option<ResourceId>>| {
        if of.try_get_untracked().flatten() == Some(id) {
            let _ = of.try_set(None);
        }
    };
    // One row is reached by Tab, the arrows do the rest.
    let tab = move || {
        let first = shown.with(|rows| rows.suited.first().or(rows.unsuited.first()).copied());
        if panel.focused.get().or(first) == Some(id) { "0" } else { "-1" }
    };
    view! {
        <li class="candidate" class:looked-at=is_looked_at class:unsuited=move || !suited() id=dom_id(id) tabindex=tab
            data-testid="candidate" data-id=id.to_string() data-rank=rank
            on:mouseenter=move |_| panel.pointed.set(Some(id)) on:mouseleave=move |_| leave(panel.pointed)
            on:focusin=move |_| panel.focused.set(Some(id)) on:focusout=move |_| leave(panel.focused)>
            <Mark id=id rank=Signal::derive(rank) letters=letters />
            <SuggestionLine resource=id view=known />
            <button type="button" data-testid="assign-candidate" class:primary=move || rank() == Some(1) disabled=move || has_it.get()
                on:click=move |_| panel.choose(id)>
                {move || if has_it.get() { t("has-it") } else { t("assign") }}
            </button>
            <Show when=move || panel.asking.get() == Some(id)>
                <OverrideForm panel=panel id=id />
            </Show>
        </li>
    }
    .into_any()
}

/// The place in the list; while ways are compared, the letter of the way in its colour.
#[component]
fn Mark(
    id: ResourceId,
    rank: Signal<Option<usize>>,
    letters: Memo<Vec<(char, ResourceId)>>,
) -> impl IntoView {
    let desk = crate::state::Desk::here();
    move || {
        let place = letters.with(|letters| letters.iter().position(|(_, who)| *who == id));
        match place {
            Some(place) => {
                let theme = if desk.look.dark.get() { map::Theme::Dark } else { map::Theme::Light };
                let [red, green, blue] = map::way_rgb(theme, place);
                let letter = letters.with(|letters| letters.get(place).map(|(letter, _)| letter.to_string()));
                let style = format!("background:rgb({red} {green} {blue})");
                view! { <span class="rank letter" data-testid="way-letter" style=style>{letter}</span> }
                    .into_any()
            }
            None => view! { <span class="rank num">{move || rank.get()}</span> }.into_any(),
        }
    }
}

fn dom_id(id: ResourceId) -> String {
    format!("suggestion-{id}")
}

/// Moves the focus to the row at this place of what is shown, from 0.
pub(super) fn focus_place(panel: Panel, place: usize) {
    let order = untrack(|| order(panel));
    if let Some(id) = order.get(place.min(order.len().saturating_sub(1))) {
        focus_row(*id);
    }
}

/// Moves the focus to the first suggestion, wherever the list is; until there is one, to the search above it.
pub fn focus_suggestions() {
    let find = |testid: &str| document().query_selector(&format!("[data-testid='{testid}']")).ok().flatten();
    let first = find("candidate").or_else(|| find("candidate-search"));
    if let Some(row) = first.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

/// Moves the focus to somebody's row.
pub(super) fn focus_row(id: ResourceId) {
    let row = document().get_element_by_id(&dom_id(id));
    if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

/// Everybody who may have a row, in the order of the rows.
fn order(panel: Panel) -> Vec<ResourceId> {
    let shown = rows(panel);
    let there = |id: &ResourceId| document().get_element_by_id(&dom_id(*id)).is_some();
    shown.suited.into_iter().chain(shown.unsuited).filter(there).collect()
}

/// Arrows move, digits go to a place in the list, Enter chooses.
fn on_key(panel: Panel, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return;
    }
    let order = untrack(|| order(panel));
    let here = panel.focused.get_untracked().and_then(|id| order.iter().position(|known| *known == id));
    let key = event.key();
    let to = match key.as_str() {
        "ArrowDown" => here.map_or(0, |here| here + 1),
        "ArrowUp" => here.unwrap_or_default().saturating_sub(1),
        "Home" => 0,
        "End" => order.len(),
        "Enter" if is_row(event) => {
            event.prevent_default();
            if let Some(id) = here.and_then(|here| order.get(here)) {
                panel.choose(*id);
            }
            return;
        }
        digit => match digit.parse::<usize>() {
            Ok(place @ 1..=9) => place - 1,
            Ok(_) | Err(_) => return,
        },
    };
    event.prevent_default();
    focus_place(panel, to);
}

/// Whether the key was pressed on a row itself, not on something in it.
fn is_row(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.class_list().contains("candidate"))
}
