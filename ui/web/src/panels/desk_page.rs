//! The dispatcher's page: resources, map and dock, details.

use leptos::prelude::*;

use super::alerts::{AlertCentre, Alerts};
use super::bids::Bids;
use super::details::RightPanel;
use super::fences::Places;
use super::map_panel::MapPanel;
use super::resources::Resources;
use super::tasks::Tasks;
use crate::kit::{Glyph, Icon, Tab, Tabs};
use crate::state::{Desk, DockTab, Page, lists};
use crate::words::t;

/// The page.
#[component]
pub fn DeskPage() -> impl IntoView {
    let desk = Desk::here();
    let open = desk.look.dock_open;
    let right = move || desk.look.selection.get().is_some() || desk.look.editor.get().is_some();
    let triage = Memo::new(move |_| desk.look.page.get() == Page::Alerts);
    view! {
        <div class="desk" class:with-right=right class:triaging=move || triage.get() class:dock-closed=move || !open.get()>
            <aside class="left" aria-label=t("resources")>
                <Resources />
            </aside>
            <section class="center" aria-label=t("map")>
                <MapPanel />
            </section>
            <Show when=move || triage.get()><AlertCentre /></Show>
            <Show when=move || !triage.get()>
                <section class="dock" aria-label=t("work")>
                    <Dock />
                </section>
            </Show>
            <Show when=right>
                <aside class="right" aria-label=t("details")>
                    <RightPanel />
                </aside>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Dock() -> impl IntoView {
    let desk = Desk::here();
    let open = desk.look.dock_open;
    let counts = lists::dock_counts(desk);
    let tab = |value, text: &'static str, count, testid| Tab { value, label: text.to_owned(), count, testid };
    let tabs = vec![
        tab(DockTab::Tasks, t("tasks"), Signal::derive(move || counts.get().open_tasks), "tab-tasks"),
        tab(DockTab::Bids, t("bids"), Signal::derive(move || counts.get().open_bids), "tab-bids"),
        tab(DockTab::Alerts, t("alerts"), Signal::derive(move || counts.get().new_alerts), "tab-alerts"),
        tab(DockTab::Places, t("places"), Signal::derive(|| 0), "tab-places"),
    ];
    let toggle_text = move || if open.get() { t("dock-collapse") } else { t("dock-expand") };
    view! {
        <div class="dock-head">
            <div on:click=move |_| open.set(true)>
                <Tabs tabs=tabs chosen=desk.look.dock label=t("work") />
            </div>
            <span class="grow"></span>
            <button
                type="button"
                class="ghost icon-button"
                aria-label=toggle_text
                title=toggle_text
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || view! { <Icon glyph=if open.get() { Glyph::Collapse } else { Glyph::Expand } /> }}
            </button>
        </div>
        <Show when=move || open.get()>
            <div class="dock-body" role="tabpanel">
                {move || match desk.look.dock.get() {
                    DockTab::Tasks => view! { <Tasks /> }.into_any(),
                    DockTab::Bids => view! { <Bids /> }.into_any(),
                    DockTab::Alerts => view! { <Alerts /> }.into_any(),
                    DockTab::Places => view! { <Places /> }.into_any(),
                }}
            </div>
        </Show>
    }
    .into_any()
}
