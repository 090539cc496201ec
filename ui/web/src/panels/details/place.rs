//! A place, and the fence around it.

use domain::PoiId;
use domain::access::Action;
use leptos::prelude::*;
use protocol::view::Subject;

use super::why_not::WhyNot;
use super::{Fact, Gone, PanelHead};
use crate::panels::fences::{ExportButton, FenceFacts};
use crate::panels::unsent::UnsentMark;
use crate::state::{Desk, Dialog, Editor};
use crate::words::{poi_kind_text, t};

/// A place's details.
#[component]
pub fn PlaceDetails(id: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.pois.get(id);
    let fence = move || row().and_then(|poi| poi.fence.clone());
    let address = move || row().map(|poi| poi.address.clone()).filter(|address| !address.is_empty());
    view! {
        <Show when=move || row().is_some() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-place") title=Signal::derive(move || desk.poi_name(id)) />
            <div class="panel-body" data-testid="place-details">
                <div class="standing">
                    <UnsentMark of=Signal::derive(move || Some((Subject::Poi(id), desk.unsent_about(Subject::Poi(id))))) />
                </div>
                <dl class="facts">
                    <Fact label=t("fact-kind")>{move || row().map(|poi| poi_kind_text(poi.kind))}</Fact>
                    <Show when=move || address().is_some()><Fact label=t("fact-address")>{address}</Fact></Show>
                    {move || match fence() {
                        Some(fence) => view! { <FenceFacts fence=fence /> }.into_any(),
                        None => view! { <Fact label=t("fact-fence")>{t("fence-none")}</Fact> }.into_any(),
                    }}
                </dl>
                <Actions id=id fenced=Signal::derive(move || fence().is_some()) />
                <Inside id=id />
                <Show when=move || fence().is_some()><WhyNot poi=id /></Show>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Actions(id: PoiId, fenced: Signal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let create = move |_| {
        if let Some(poi) = desk.rows.pois.peek(id) {
            desk.look.edit(Editor::NewTask(Some(poi.at)));
        }
    };
    let exported = Signal::derive(move || if fenced.get() { vec![id] } else { Vec::new() });
    view! {
        <div class="actions">
            <Show when=move || desk.may(Action::EditPlace)>
                <button type="button" data-testid="edit-fence" on:click=move |_| desk.look.edit(Editor::EditFence(id))>{t("edit")}</button>
                <Show when=move || !fenced.get()>
                    <button type="button" data-testid="make-fence" on:click=move |_| desk.look.edit(Editor::MakeFence(id))>{t("make-fence")}</button>
                </Show>
            </Show>
            <Show when=move || desk.may(Action::EditTask)>
                <button type="button" on:click=create>{t("new-task-here")}</button>
            </Show>
            <Show when=move || fenced.get()>
                <ExportButton pois=exported text=Signal::derive(|| t("export-one").to_owned()) />
            </Show>
            <Show when=move || desk.may(Action::EditPlace)>
                <button type="button" class="ghost danger-text" data-testid="delete-place"
                    on:click=move |_| desk.look.dialog.set(Some(Dialog::DeletePlace(id)))>
                    {t("delete")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// Who is inside now.
#[component]
fn Inside(id: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let inside = Memo::new(move |_| {
        let rows = desk.rows.resources.all();
        let mut names: Vec<_> = rows
            .iter()
            .filter(|row| row.inside.contains(&id))
            .map(|row| (row.card.name.clone(), row.card.id))
            .collect();
        names.sort();
        names
    });
    view! {
        <section class="section">
            <h3>{t("inside-now")} " " <span class="badge">{move || inside.with(Vec::len)}</span></h3>
            <Show when=move || inside.with(Vec::is_empty)><p class="muted">{t("inside-nobody")}</p></Show>
            <ul class="plain" data-testid="inside">
                <For each=move || inside.get() key=|person| person.clone() let((name, resource))>
                    <li><button type="button" class="link" on:click=move |_| desk.show(Subject::Resource(resource))>{name}</button></li>
                </For>
            </ul>
        </section>
    }
    .into_any()
}
