//! The list of places in the dock: search, filters, who is inside, rules in words, files in and out.

use domain::access::Action;
use domain::place::{FenceColor, Poi};
use domain::{GroupId, PoiId};
use leptos::prelude::*;
use protocol::view::Subject;

use super::describe::{Swatch, groups_text, rules_text};
use super::export::{ExportButton, export_text};
use super::values::color_name;
use crate::kit::{Empty, Glyph, Icon, VirtualList, focus_list};
use crate::panels::unsent::UnsentMark;
use crate::state::fences::{PlaceFilter, choose_places, people_inside};
use crate::state::{Desk, Editor};
use crate::words::{fence_color_text, poi_kind_text, t, tn};

const ROW_PX: usize = 30;

/// The list.
#[component]
pub fn Places() -> impl IntoView {
    let desk = Desk::here();
    let filter = desk.look.fences.filter;
    let ids = Memo::new(move |_| {
        let rows = desk.rows.pois.all();
        filter.with(|filter| choose_places(rows.iter().map(AsRef::as_ref), filter))
    });
    let selected = Signal::derive(move || match desk.look.selection.get() {
        Some(Subject::Poi(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Alert(_) | Subject::Rule(_),
        )
        | None => None,
    });
    let inside = Memo::new(move |_| people_inside(desk.rows.resources.all().iter().map(AsRef::as_ref)));
    provide_context(inside);
    let active = RwSignal::new(None::<PoiId>);
    view! {
        <Toolbar filter=filter ids=ids />
        <div class="table places-table" on:keydown=move |event| choose_by_key(desk, &event, active)>
            <Head ids=ids />
            <VirtualList
                items=ids
                row_px=ROW_PX
                row=|id| view! { <Row id=id /> }
                open=Callback::new(move |id| desk.show(Subject::Poi(id)))
                selected=selected
                active=active
                label=t("places")
                testid="places"
                empty=move || nothing(desk, filter)
            />
        </div>
    }
    .into_any()
}

/// The boxes of the rows are no Tab stops of their own: `x` ticks the one of the active row.
fn choose_by_key(desk: Desk, event: &leptos::ev::KeyboardEvent, active: RwSignal<Option<PoiId>>) {
    let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
    let Some(id) = active.get_untracked().filter(|_| plain && event.key() == "x") else { return };
    event.prevent_default();
    desk.look.fences.chosen.update(|chosen| {
        if !chosen.remove(&id) {
            chosen.insert(id);
        }
    });
}

fn nothing(desk: Desk, filter: RwSignal<PlaceFilter>) -> impl IntoView + use<> {
    if !desk.loaded.get() {
        view! { <Empty text=t("loading") /> }.into_any()
    } else if filter.with(|filter| *filter == PlaceFilter::default()) {
        view! { <Empty text=t("places-none") hint=t("places-none-hint") /> }.into_any()
    } else {
        view! {
            <Empty text=t("places-no-match") />
            <button type="button" class="link" on:click=move |_| filter.set(PlaceFilter::default())>{t("filter-reset")}</button>
        }
        .into_any()
    }
}

#[component]
fn Toolbar(filter: RwSignal<PlaceFilter>, ids: Memo<Vec<PoiId>>) -> impl IntoView {
    let desk = Desk::here();
    let chosen = desk.look.fences.chosen;
    let exported = Memo::new(move |_| {
        let has_fence = |id: &PoiId| desk.rows.pois.peek(*id).is_some_and(|poi| poi.fence.is_some());
        let picked = chosen.get();
        ids.with(|ids| {
            let of = ids.iter().copied().filter(|id| picked.is_empty() || picked.contains(id));
            of.filter(has_fence).collect::<Vec<_>>()
        })
    });
    let text = Signal::derive(move || {
        export_text(exported.with(Vec::len), !chosen.with(std::collections::BTreeSet::is_empty))
    });
    view! {
        <div class="toolbar">
            <input type="search" data-testid="places-search" aria-label=t("search-places") placeholder=t("search-places")
                prop:value=move || filter.with(|filter| filter.text.clone())
                on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))
                on:keydown=move |event| if event.key() == "ArrowDown" { event.prevent_default(); focus_list("places"); } />
            <Filters filter=filter />
            <span class="muted num">{move || tn("shown", ids.with(Vec::len))}</span>
            <span class="grow"></span>
            <ExportButton pois=exported text=text />
            <Show when=move || desk.may(Action::EditPlace)>
                <button type="button" data-testid="import-fences" on:click=move |_| desk.look.edit(Editor::ImportFences)>{t("import-open")}</button>
                <button type="button" class="primary" data-testid="new-fence"
                    on:click=move |_| desk.look.edit(Editor::NewFence(map::EditTool::Circle, None))>
                    <Icon glyph=Glyph::Plus />
                    {t("new-fence")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Filters(filter: RwSignal<PlaceFilter>) -> impl IntoView {
    let desk = Desk::here();
    let groups = Memo::new(move |_| {
        let mut groups = desk.rows.groups.all();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups.iter().map(|group| (group.id, group.name.clone())).collect::<Vec<_>>()
    });
    let choose_color = move |event| {
        let name = event_target_value(&event);
        filter.update(|filter| {
            filter.color = FenceColor::ALL.into_iter().find(|color| color_name(*color) == name);
        });
    };
    let color = |color| view! { <option value=color_name(color)>{fence_color_text(color)}</option> };
    view! {
        <label class="check">
            <input type="checkbox" data-testid="fences-only" prop:checked=move || filter.with(|filter| filter.fences_only)
                on:change=move |event| filter.update(|filter| filter.fences_only = event_target_checked(&event)) />
            {t("fences-only")}
        </label>
        <select data-testid="places-group" aria-label=t("group")
            prop:value=move || filter.with(|filter| filter.group.map(|id| id.to_string()).unwrap_or_default())
            on:change=move |event| filter.update(|filter| filter.group = event_target_value(&event).parse::<GroupId>().ok())>
            <option value="">{t("all-groups")}</option>
            <For each=move || groups.get() key=|group| group.clone() let((id, name))>
                <option value=id.to_string()>{name}</option>
            </For>
        </select>
        <select data-testid="places-color" aria-label=t("fence-color") prop:value=move || filter.with(|filter| filter.color.map(color_name).unwrap_or_default()) on:change=choose_color>
            <option value="">{t("all-colors")}</option>
            {FenceColor::ALL.map(color).collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn Head(ids: Memo<Vec<PoiId>>) -> impl IntoView {
    let desk = Desk::here();
    let chosen = desk.look.fences.chosen;
    let all = move || {
        ids.with(|ids| !ids.is_empty() && chosen.with(|chosen| ids.iter().all(|id| chosen.contains(id))))
    };
    let toggle = move |event| {
        let on = event_target_checked(&event);
        chosen.set(if on { ids.get_untracked().into_iter().collect() } else { Default::default() });
    };
    view! {
        <div class="thead">
            <input type="checkbox" data-testid="choose-all" aria-label=t("choose-all") prop:checked=all on:change=toggle />
            <span></span>
            <span>{t("field-name")}</span>
            <span class="p-rules">{t("fact-fence")}</span>
            <span class="p-groups">{t("fence-groups")}</span>
            <span class="p-inside">{t("fact-inside")}</span>
            <span class="p-kind">{t("fact-kind")}</span>
        </div>
    }
    .into_any()
}

#[component]
fn Row(id: PoiId) -> impl IntoView {
    let desk = Desk::here();
    let inside: Memo<std::collections::HashMap<PoiId, usize>> = expect_context();
    let chosen = desk.look.fences.chosen;
    let row = move || desk.rows.pois.get(id);
    let fence = move |of: fn(Desk, &domain::place::Fence) -> String| {
        move || row().and_then(|poi: std::sync::Arc<Poi>| poi.fence.as_ref().map(|fence| of(desk, fence)))
    };
    let rules = fence(|_, fence| rules_text(fence));
    let groups = fence(groups_text);
    let color =
        move || row().and_then(|poi| poi.fence.as_ref().map(|fence| view! { <Swatch color=fence.color /> }));
    let small = move || {
        row().is_some_and(|poi| poi.fence.as_ref().is_some_and(|fence| fence.shape.too_small_m().is_some()))
    };
    let name = move || row().map(|poi| poi.name.clone());
    let count = move || inside.with(|inside| inside.get(&id).copied()).filter(|count| *count > 0);
    view! {
        <input type="checkbox" tabindex="-1" data-testid="choose-place" aria-label=t("choose")
            prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
            on:click=|event| event.stop_propagation()
            on:change=move |event| {
                let on = event_target_checked(&event);
                chosen.update(|chosen| { if on { chosen.insert(id); } else { chosen.remove(&id); } });
            } />
        <span>{color}</span>
        <span class="p-name" title=name>
            {name}
            <Show when=small><span class="tag" title=t("too-small-hint")>{t("too-small")}</span></Show>
            <UnsentMark of=Signal::derive(move || Some((Subject::Poi(id), desk.unsent_about(Subject::Poi(id))))) />
        </span>
        <span class="p-rules" class:muted=move || row().is_some_and(|poi| poi.fence.is_none()) title=rules>{move || rules().unwrap_or_else(|| t("fence-none").to_owned())}</span>
        <span class="p-groups muted" title=groups>{groups}</span>
        <span class="p-inside num">{count}</span>
        <span class="p-kind muted">{move || row().map(|poi| poi_kind_text(poi.kind))}</span>
    }
    .into_any()
}
