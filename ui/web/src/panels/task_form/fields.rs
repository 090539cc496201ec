//! The fields of the task form.

use domain::task::Priority;
use domain::{PoiId, TaskTypeId};
use leptos::prelude::*;

use super::Form;
use crate::kit::{Glyph, Icon};
use crate::state::Desk;
use crate::words::{priority_text, t, tf};

#[component]
pub(super) fn Text(
    label: &'static str,
    testid: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get().filter(|_| focus) {
            let _ = input.focus();
        }
    });
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="text" node_ref=input data-testid=testid maxlength="500" prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event)) />
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn Time(label: &'static str, testid: &'static str, value: RwSignal<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="datetime-local" data-testid=testid prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event)) />
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn KindField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let mut kinds = desk.rows.task_types.peek_all();
    kinds.sort_by(|a, b| a.name.cmp(&b.name));
    let options = kinds
        .iter()
        .map(|kind| view! { <option value=kind.id.to_string()>{kind.name.clone()}</option> })
        .collect_view();
    let choose = move |event| {
        let kind = event_target_value(&event).parse::<TaskTypeId>().ok();
        form.kind.set(kind);
        if let Some(kind) = kind.and_then(|kind| desk.rows.task_types.peek(kind)) {
            form.minutes.set(kind.planned_minutes.to_string());
            form.skills.set(kind.skills.clone());
        }
    };
    view! {
        <label class="field">
            <span>{t("fact-type")}</span>
            <select data-testid="task-type" on:change=choose prop:value=move || form.kind.get().map(|id| id.to_string()).unwrap_or_default()>
                <option value="">{t("none")}</option>
                {options}
            </select>
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn PlaceField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let mut pois = desk.rows.pois.peek_all();
    pois.sort_by(|a, b| a.name.cmp(&b.name));
    let options = pois
        .iter()
        .map(|poi| view! { <option value=poi.id.to_string()>{poi.name.clone()}</option> })
        .collect_view();
    let choose = move |event| {
        let poi = event_target_value(&event).parse::<PoiId>().ok();
        form.poi.set(poi);
        if let Some(poi) = poi.and_then(|poi| desk.rows.pois.peek(poi)) {
            form.at.set(Some(poi.at));
            form.address.set(poi.address.clone());
            let center = poi.at;
            desk.map.order(move |map| {
                let zoom = map.view().zoom;
                map.set_view(map::MapView { center, zoom });
            });
        }
    };
    let picking = desk.look.picking;
    let place = move || match form.at.get() {
        Some(at) => {
            tf("place-at", &[("lat", &format!("{:.5}", at.lat())), ("lon", &format!("{:.5}", at.lon()))])
        }
        None => t("place-none").to_owned(),
    };
    view! {
        <fieldset class="field">
            <legend>{t("field-place")}</legend>
            <div class="row">
                <select class="grow" data-testid="task-poi" aria-label=t("place-by-poi") on:change=choose
                    prop:value=move || form.poi.get().map(|id| id.to_string()).unwrap_or_default()>
                    <option value="">{t("place-by-poi")}</option>
                    {options}
                </select>
                <button type="button" data-testid="pick-place" class:on=move || picking.get() aria-pressed=move || picking.get().to_string()
                    on:click=move |_| picking.update(|picking| *picking = !*picking)>
                    <Icon glyph=Glyph::Pin />
                    {move || if picking.get() { t("place-picking") } else { t("place-pick") }}
                </button>
            </div>
            <span class="muted small num" data-testid="task-place">{place}</span>
        </fieldset>
    }
    .into_any()
}

#[component]
pub(super) fn PriorityField(form: Form) -> impl IntoView {
    let choose = move |event| {
        let chosen = event_target_value(&event);
        form.priority.set(
            Priority::ALL.into_iter().find(|priority| format!("{priority:?}") == chosen).unwrap_or_default(),
        );
    };
    let options = Priority::ALL
        .map(|priority| view! { <option value=format!("{priority:?}")>{priority_text(priority)}</option> });
    view! {
        <label class="field">
            <span>{t("fact-priority")}</span>
            <select data-testid="task-priority" on:change=choose prop:value=move || format!("{:?}", form.priority.get())>{options.collect_view()}</select>
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn SkillsField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let mut skills = desk.rows.skills.peek_all();
    skills.sort_by(|a, b| a.name.cmp(&b.name));
    let boxes = skills.into_iter().map(|skill| {
        let id = skill.id;
        let toggle = move |event| {
            let on = event_target_checked(&event);
            form.skills.update(|skills| {
                skills.retain(|known| *known != id);
                if on {
                    skills.push(id);
                }
            });
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=move || form.skills.with(|skills| skills.contains(&id)) on:change=toggle />
                {skill.name.clone()}
            </label>
        }
    });
    view! {
        <fieldset class="field">
            <legend>{t("fact-skills")}</legend>
            <div class="checks" data-testid="task-skills">{boxes.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// Seldom needed: folded unless there is one.
#[component]
pub(super) fn LoadField(form: Form) -> impl IntoView {
    let open = form.load.with_untracked(|load| !load.is_empty());
    view! {
        <details class="more" open=open>
            <summary data-testid="task-more">{t("task-more")}</summary>
            <label class="field">
                <span>{t("task-field-load")}</span>
                <input type="number" min="0" max="1000000" data-testid="task-load" prop:value=move || form.load.get()
                    on:input=move |event| form.load.set(event_target_value(&event)) />
                <span class="muted small">{t("task-load-hint")}</span>
            </label>
        </details>
    }
    .into_any()
}
