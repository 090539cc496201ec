//! Changes: what waits for the server and what needs a decision on the left, the one that is looked at on the right.

use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, QueuedCommandView, Subject};
use wasm_bindgen::JsCast;

use crate::format;
use crate::kit::{Empty, focus_list};
use crate::state::Desk;
use crate::state::queue::{Heap, in_order};
use crate::words::{command_text, heap_text, queued_state_text, t, tf};

mod compare;
mod dispute;
mod place;
mod review;
mod rule;

use review::Review;
pub use review::go_on;

/// The list's name for tests and for the focus.
const LIST: &str = "changes";

/// The page.
#[component]
pub fn Changes() -> impl IntoView {
    let desk = Desk::here();
    if desk.look.change.get_untracked().is_none() {
        desk.look.change.set(desk.queue.with_untracked(|queue| in_order(queue).first().copied()));
    }
    desk.dismiss_reviews();
    // The list is mounted first.
    request_animation_frame(|| focus_list(LIST));
    view! {
        <main class="page changes" data-testid="changes-page">
            <section class="column" aria-label=t("page-changes")>
                <Head />
                <List />
            </section>
            <section class="column review" aria-label=t("review") on:keydown=back_to_the_list>
                <Review />
            </section>
        </main>
    }
    .into_any()
}

fn back_to_the_list(event: leptos::ev::KeyboardEvent) {
    if event.key() == "Escape" {
        event.prevent_default();
        focus_list(LIST);
    }
}

#[component]
fn Head() -> impl IntoView {
    let desk = Desk::here();
    let path = RwSignal::new(None::<String>);
    let export = move |_| {
        desk.ask_then(DeskRequest::ExportQueue, move |response| {
            if let DeskResponse::Saved { path: written } = response {
                let _ = path.try_set(Some(written));
            }
        });
    };
    view! {
        <header class="page-head">
            <h2>{t("page-changes")}</h2>
            <span class="grow"></span>
            <button type="button" data-testid="export-queue" title=t("queue-export-hint") disabled=move || desk.queue.with(Vec::is_empty) on:click=export>
                {t("queue-export")}
            </button>
        </header>
        <p class="page-lead muted">{t("queue-lead")}</p>
        <Show when=move || desk.is_offline()>
            <p class="page-lead unassigned" data-testid="changes-offline">{t("queue-offline")}</p>
        </Show>
        <Show when=move || path.with(Option::is_some)>
            <p class="page-lead" role="status" data-testid="export-path">
                {move || tf("queue-exported", &[("path", &path.get().unwrap_or_default())])}
            </p>
        </Show>
    }
    .into_any()
}

#[component]
fn List() -> impl IntoView {
    let desk = Desk::here();
    let order = Memo::new(move |_| desk.queue.with(|queue| in_order(queue)));
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let order = order.get_untracked();
        let here = desk.look.change.get_untracked().and_then(|n| order.iter().position(|other| *other == n));
        if event.key() == "Enter" {
            event.prevent_default();
            return focus_first_action();
        }
        let there = match (event.key().as_str(), here) {
            ("ArrowDown", Some(here)) => (here + 1).min(order.len().saturating_sub(1)),
            ("ArrowUp", Some(here)) => here.saturating_sub(1),
            ("End", _) => order.len().saturating_sub(1),
            ("Home" | "ArrowDown" | "ArrowUp", _) => 0,
            _ => return,
        };
        event.prevent_default();
        if let Some(n) = order.get(there) {
            desk.look.change.set(Some(*n));
            scroll_to(*n);
        }
    };
    view! {
        <div
            class="changes-list"
            role="listbox"
            tabindex="0"
            aria-label=t("page-changes")
            aria-activedescendant=move || desk.look.change.get().map(row_id)
            data-testid=LIST
            on:keydown=on_key
        >
            <Show when=move || order.with(Vec::is_empty)>
                {move || if desk.loaded.get() {
                    view! { <Empty text=t("queue-empty") hint=t("queue-empty-hint") /> }
                } else {
                    view! { <Empty text=t("loading") /> }
                }}
            </Show>
            {Heap::ALL.map(|heap| view! { <OneHeap heap=heap /> }).collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn OneHeap(heap: Heap) -> impl IntoView {
    let desk = Desk::here();
    let commands = Memo::new(move |_| {
        let mut own = desk.queue.get();
        own.retain(|command| Heap::of(&command.state) == heap);
        own.sort_by_key(|command| command.n);
        own
    });
    let title = format!("heap-{heap:?}").to_lowercase();
    let (labelled_by, heading) = (title.clone(), title.clone());
    view! {
        <Show when=move || !commands.with(Vec::is_empty)>
            <div role="group" aria-labelledby=labelled_by.clone() data-testid=title.clone()>
                <h3 class="heap-head" id=heading.clone()>
                    {heap_text(heap)} " " <span class="badge">{move || commands.with(Vec::len)}</span>
                </h3>
                <For each=move || commands.get() key=|command| (command.n, format!("{:?}", command.state)) let:command>
                    <Row command=command />
                </For>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Row(command: QueuedCommandView) -> impl IntoView {
    let desk = Desk::here();
    let QueuedCommandView { n, at, kind, subject, state } = command;
    let chosen = move || desk.look.change.get() == Some(n);
    let heap = format!("{:?}", Heap::of(&state)).to_lowercase();
    let title = move || change_title(desk, &kind, subject);
    let time = move || format::day_time(at, desk.zone(), desk.clock.minute());
    view! {
        <div
            class="change"
            class:selected=chosen
            role="option"
            id=row_id(n)
            data-testid="queued"
            data-n=n.to_string()
            data-heap=heap
            aria-selected=move || chosen().to_string()
            on:click=move |_| desk.look.change.set(Some(n))
        >
            <span class="line-1">{title}</span>
            <span class="line-2 muted"><span class="num">{time}</span> " · " {queued_state_text(&state)}</span>
        </div>
    }
    .into_any()
}

fn row_id(n: u64) -> String {
    format!("change-{n}")
}

fn scroll_to(n: u64) {
    if let Some(row) = document().get_element_by_id(&row_id(n)) {
        row.scroll_into_view_with_bool(false);
    }
}

fn focus_first_action() {
    let button = document().query_selector("[data-testid='decision'] button:not(:disabled)").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// What a command does, and to what.
pub fn change_title(desk: Desk, kind: &str, subject: Option<Subject>) -> String {
    let what = command_text(kind);
    match subject {
        Some(subject) => format!("{what} {}", desk.subject_name(subject)),
        None => what,
    }
}
