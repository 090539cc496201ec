//! A place, and the fence around it.

use domain::PoiId;
use domain::access::Action;
use leptos::prelude::*;
use protocol::view::Subject;

use super::why_not::WhyNot;
use super::{Fact, Gone, PanelHead};
use crate::state::{Desk, Editor};
use crate::words::{poi_kind_text, t, tf};

/// A place's details.
#[component]
pub fn PlaceDetails(id: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.pois.get(id);
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
    let create = move |_| {
        if let Some(poi) = row() {
            desk.look.edit(Editor::NewTask(Some(poi.at)));
        }
    };
    view! {
        <Show when=move || row().is_some() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-place") title=Signal::derive(move || desk.poi_name(id)) />
            <div class="panel-body">
                <dl class="facts">
                    <Fact label=t("fact-kind")>{move || row().map(|poi| poi_kind_text(poi.kind))}</Fact>
                    <Fact label=t("fact-address")>{move || row().map(|poi| poi.address.clone())}</Fact>
                    <Fact label=t("fact-fence")>{move || row().map(|poi| fence_text(poi.fence.as_ref()))}</Fact>
                </dl>
                <Show when=move || desk.may(Action::EditTask)>
                    <div class="actions"><button type="button" on:click=create>{t("new-task-here")}</button></div>
                </Show>
                <section class="section">
                    <h3>{t("inside-now")}</h3>
                    <Show when=move || inside.with(Vec::is_empty)><p class="muted">{t("inside-nobody")}</p></Show>
                    <ul class="plain">
                        <For each=move || inside.get() key=|person| person.clone() let((name, resource))>
                            <li><button type="button" class="link" on:click=move |_| desk.show(Subject::Resource(resource))>{name}</button></li>
                        </For>
                    </ul>
                </section>
                <Show when=move || row().is_some_and(|poi| poi.fence.is_some())><WhyNot poi=id /></Show>
            </div>
        </Show>
    }
    .into_any()
}

fn fence_text(fence: Option<&domain::place::Fence>) -> String {
    let Some(fence) = fence else { return t("fence-none").to_owned() };
    let mut rules = Vec::new();
    if fence.on_enter {
        rules.push(t("fence-enter").to_owned());
    }
    if fence.on_exit {
        rules.push(t("fence-exit").to_owned());
    }
    if let Some(secs) = fence.dwell_secs {
        rules.push(tf("fence-dwell", &[("duration", &crate::format::duration(i64::from(secs)))]));
    }
    if rules.is_empty() { t("fence-quiet").to_owned() } else { rules.join(", ") }
}
