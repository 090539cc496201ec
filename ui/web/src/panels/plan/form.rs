//! What to plan: from when, whose days, and how strictly.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use domain::{GroupId, ResourceId};
use leptos::prelude::*;

use crate::kit::{Glyph, Icon};
use crate::state::Desk;
use crate::state::lists::{ResourceFilter, choose_resources, resource_keys};
use crate::state::plan::{PlanForm, PlanStart, SEARCH_SECS};
use crate::words::{t, tn};

/// More people are not listed: a search narrows them down.
const MOST_LISTED: usize = 40;

/// The form.
#[component]
pub fn PlanFields() -> impl IntoView {
    let desk = Desk::here();
    let busy = move || desk.planning.is_busy();
    view! {
        <header class="panel-head"><h2>{t("page-plan")}</h2></header>
        <form class="form plan-fields" on:submit=move |event| { event.prevent_default(); desk.plan_day(); }>
            <fieldset class="plan-scroll" disabled=busy>
                <p class="muted small">{t("plan-lead")}</p>
                <Start />
                <Switch label=t("plan-only-unassigned") hint=t("plan-only-unassigned-hint") testid="plan-only-unassigned" of=|form| &mut form.only_unassigned />
                <Switch label=t("plan-in-time-only") hint=t("plan-in-time-only-hint") testid="plan-in-time-only" of=|form| &mut form.in_time_only />
                <Groups />
                <People />
                <Seconds />
                <Locked />
            </fieldset>
            <footer class="plan-go">
                <Show when=move || desk.is_offline()>
                    <p class="unassigned small" data-testid="plan-offline">{t("plan-offline")}</p>
                </Show>
                <button type="submit" class="primary block" data-testid="make-plan" disabled=move || busy() || !desk.loaded.get()>
                    {t("plan-make")}
                </button>
            </footer>
        </form>
    }
    .into_any()
}

#[component]
fn Start() -> impl IntoView {
    let form = Desk::here().planning.form;
    let option = move |start: PlanStart, text: &'static str, testid: &'static str| {
        view! {
            <label class="check">
                <input type="radio" name="plan-start" data-testid=testid prop:checked=move || form.with(|form| form.start == start)
                    on:change=move |_| form.update(|form| form.start = start) />
                {text}
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t("plan-from")}</legend>
            <div class="plan-options">
                {option(PlanStart::Now, t("plan-from-now"), "plan-from-now")}
                {option(PlanStart::Tomorrow, t("plan-from-tomorrow"), "plan-from-tomorrow")}
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Switch(
    label: &'static str,
    hint: &'static str,
    testid: &'static str,
    of: fn(&mut PlanForm) -> &mut bool,
) -> impl IntoView {
    let form = Desk::here().planning.form;
    let on = move || form.with(|form| *of(&mut form.clone()));
    let change = move |event| form.update(|form| *of(form) = event_target_checked(&event));
    view! {
        <label class="check" title=hint>
            <input type="checkbox" data-testid=testid prop:checked=on on:change=change />
            {label}
        </label>
    }
    .into_any()
}

/// A check box that puts something into a set of the form, or takes it out.
fn member<T: Copy + Ord + Hash + ToString + Send + Sync + 'static>(
    testid: &'static str,
    (id, name): (T, String),
    of: fn(&mut PlanForm) -> &mut BTreeSet<T>,
) -> impl IntoView {
    let form = Desk::here().planning.form;
    let is_in = move || form.with(|form| of(&mut form.clone()).contains(&id));
    let change = move |event| {
        let put_in = event_target_checked(&event);
        form.update(|form| {
            let set = of(form);
            if put_in {
                set.insert(id)
            } else {
                set.remove(&id)
            };
        });
    };
    view! {
        <label class="check">
            <input type="checkbox" data-testid=testid data-id=id.to_string() prop:checked=is_in on:change=change />
            <span class="ellipsis">{name}</span>
        </label>
    }
    .into_any()
}

#[component]
fn Groups() -> impl IntoView {
    let desk = Desk::here();
    let groups = Memo::new(move |_| {
        let rows = desk.rows.groups.all();
        let mut groups: Vec<(GroupId, String)> = rows.iter().map(|row| (row.id, row.name.clone())).collect();
        groups.sort_by(|a, b| a.1.cmp(&b.1));
        groups
    });
    view! {
        <Show when=move || { groups.with(Vec::len) > 1 }>
            <fieldset class="field">
                <legend>{t("plan-groups")}</legend>
                <div class="plan-list">
                    <For each=move || groups.get() key=|group| group.clone() let:group>
                        {member("plan-group", group, |form| &mut form.groups)}
                    </For>
                </div>
            </fieldset>
        </Show>
    }
    .into_any()
}

#[component]
fn People() -> impl IntoView {
    let desk = Desk::here();
    let form = desk.planning.form;
    let (keys, text) = (resource_keys(desk), RwSignal::new(String::new()));
    let matching = Memo::new(move |_| {
        let filter = ResourceFilter { text: text.get(), ..ResourceFilter::default() };
        keys.with(|keys| choose_resources(keys, &filter, &HashMap::new()))
    });
    // Whoever is chosen stays in sight, whatever is searched for.
    let listed = Memo::new(move |_| {
        let chosen = form.with(|form| form.people.clone());
        let mut listed: Vec<ResourceId> = chosen.iter().copied().collect();
        listed.sort_by_cached_key(|id| desk.resource_name(*id));
        let others =
            matching.with(|ids| ids.iter().filter(|id| !chosen.contains(id)).copied().collect::<Vec<_>>());
        listed.extend(others.into_iter().take(MOST_LISTED));
        listed
    });
    let more = move || {
        let chosen = form.with(|form| form.people.len());
        (matching.with(Vec::len) + chosen).saturating_sub(listed.with(Vec::len) + chosen)
    };
    let count = move || form.with(|form| form.people.len());
    let said =
        move || if count() == 0 { t("plan-everybody").to_owned() } else { tn("plan-people-chosen", count()) };
    view! {
        <fieldset class="field">
            <legend>{t("plan-people")}</legend>
            <div class="row">
                <span class="small grow" data-testid="plan-who">{said}</span>
                <Show when=move || { count() > 0 }>
                    <button type="button" class="link small" data-testid="plan-people-all" on:click=move |_| form.update(|form| form.people.clear())>
                        {t("plan-people-reset")}
                    </button>
                </Show>
            </div>
            <input type="search" data-testid="plan-people-search" aria-label=t("search-resources") placeholder=t("search-resources")
                prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
            <div class="plan-list people">
                <For each=move || listed.get() key=|id| *id let:id>
                    {member("plan-person", (id, desk.resource_name(id)), |form| &mut form.people)}
                </For>
                <Show when=move || { more() > 0 }><p class="muted small">{move || tn("plan-people-more", more())}</p></Show>
                <Show when=move || listed.with(Vec::is_empty)><p class="muted small">{t("resources-no-match")}</p></Show>
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Seconds() -> impl IntoView {
    let form = Desk::here().planning.form;
    let choose = move |event| {
        if let Ok(seconds) = event_target_value(&event).parse() {
            form.update(|form| form.seconds = seconds);
        }
    };
    let now = form.with_untracked(|form| form.seconds);
    let option = move |seconds: u16| {
        let text = crate::format::duration(i64::from(seconds));
        view! { <option value=seconds.to_string() selected=seconds == now>{text}</option> }
    };
    view! {
        <label class="field">
            <span>{t("plan-seconds")}</span>
            <select data-testid="plan-seconds" on:change=choose prop:value=move || form.with(|form| form.seconds.to_string())>
                {SEARCH_SECS.map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// How many tasks stay where they are at the next planning.
#[component]
fn Locked() -> impl IntoView {
    let locked = Desk::here().planning.locked;
    view! {
        <Show when=move || locked.with(|locked| !locked.is_empty())>
            <div class="row" data-testid="plan-locked">
                <Icon glyph=Glyph::Lock />
                <span class="small grow">{move || tn("plan-locked", locked.with(BTreeSet::len))}</span>
                <button type="button" class="link small" on:click=move |_| locked.set(BTreeSet::new())>{t("plan-unlock-all")}</button>
            </div>
        </Show>
    }
    .into_any()
}
