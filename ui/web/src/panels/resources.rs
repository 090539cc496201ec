//! The resources: search, filter chips with counts, and the list.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::access::Action;
use domain::attendance::Presence;
use domain::position::PositionState;
use domain::{GroupId, ResourceId};
use leptos::prelude::*;
use protocol::view::{ResourceView, Subject};

use super::unsent::UnsentMark;
use crate::format;
use crate::kit::{DotIcon, Empty, VirtualList, focus_list};
use crate::state::Desk;
use crate::state::lists::{
    ResourceFilter, ResourceKey, ResourceSort, Standing, choose_resources, next_arrivals, resource_keys,
};
use crate::words::{standing_text, t, tf, tn};

const ROW_PX: usize = 44;
/// A live position is shown with its age from here on.
const AGE_SHOWN_FROM: TimeDelta = TimeDelta::seconds(60);

/// The left panel.
#[component]
pub fn Resources() -> impl IntoView {
    let desk = Desk::here();
    let filter = RwSignal::new(ResourceFilter::default());
    let keys = resource_keys(desk);
    let ids = Memo::new(move |_| {
        filter.with(|filter| {
            // Arrivals change all the time: only who sorts by them follows them.
            let arrivals =
                if filter.sort == ResourceSort::Arrival { next_arrivals(desk) } else { HashMap::new() };
            keys.with(|keys| choose_resources(keys, filter, &arrivals))
        })
    });
    follow_filter_on_map(desk, filter, ids);
    let selected = Signal::derive(move || match desk.look.selection.get() {
        Some(Subject::Resource(id)) => Some(id),
        Some(Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_))
        | None => None,
    });
    let open = Callback::new(move |id| desk.show(Subject::Resource(id)));
    view! {
        <div class="panel-head">
            <h2>{t("resources")}</h2>
            <span class="muted num">{move || tn("shown", ids.with(Vec::len))}</span>
        </div>
        <Filters filter=filter keys=keys />
        <VirtualList
            items=ids
            row_px=ROW_PX
            row=|id| view! { <Row id=id /> }
            open=open
            selected=selected
            label=t("resources")
            testid="resources"
            empty=move || nothing(desk, filter)
        />
    }
    .into_any()
}

fn nothing(desk: Desk, filter: RwSignal<ResourceFilter>) -> impl IntoView + use<> {
    if !desk.loaded.get() {
        view! { <Empty text=t("loading") /> }.into_any()
    } else if filter
        .with(|filter| *filter == ResourceFilter { sort: filter.sort, ..ResourceFilter::default() })
    {
        view! { <Empty text=t("resources-none") hint=t("resources-none-hint") /> }.into_any()
    } else {
        view! {
            <Empty text=t("resources-no-match") />
            <button type="button" class="link" on:click=move |_| filter.set(ResourceFilter::default())>
                {t("filter-reset")}
            </button>
        }
        .into_any()
    }
}

/// The map shows who the list shows.
fn follow_filter_on_map(desk: Desk, filter: RwSignal<ResourceFilter>, ids: Memo<Vec<ResourceId>>) {
    Effect::new(move |_| {
        let narrowed = filter.with(|filter| {
            !filter.text.trim().is_empty() || filter.group.is_some() || filter.standing.is_some()
        });
        let shown = narrowed.then(|| ids.get().into_iter().collect());
        desk.map.order(move |map| map.set_filter(shown));
    });
}

#[component]
fn Filters(filter: RwSignal<ResourceFilter>, keys: Memo<Vec<ResourceKey>>) -> impl IntoView {
    let desk = Desk::here();
    let groups = Memo::new(move |_| {
        let mut groups = desk.rows.groups.all();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups.iter().map(|group| (group.id, group.name.clone())).collect::<Vec<_>>()
    });
    let choose_group = move |event| {
        let group = event_target_value(&event).parse::<GroupId>().ok();
        filter.update(|filter| filter.group = group);
    };
    let choose_sort = move |event| {
        let sort = match event_target_value(&event).as_str() {
            "standing" => ResourceSort::Standing,
            "workload" => ResourceSort::Workload,
            "arrival" => ResourceSort::Arrival,
            _ => ResourceSort::Name,
        };
        filter.update(|filter| filter.sort = sort);
    };
    view! {
        <div class="filters">
            <input
                type="search"
                data-testid="search"
                aria-label=t("search-resources")
                placeholder=t("search-resources")
                prop:value=move || filter.with(|filter| filter.text.clone())
                on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))
                on:keydown=move |event| {
                    if event.key() == "ArrowDown" {
                        event.prevent_default();
                        focus_list("resources");
                    }
                }
            />
            <div class="row">
                <select class="grow" aria-label=t("group") data-testid="filter-group" on:change=choose_group
                    prop:value=move || filter.with(|filter| filter.group.map(|id| id.to_string()).unwrap_or_default())>
                    <option value="">{t("all-groups")}</option>
                    <For each=move || groups.get() key=|group| group.clone() let((id, name))>
                        <option value=id.to_string()>{name}</option>
                    </For>
                </select>
                <select aria-label=t("sort") data-testid="sort" on:change=choose_sort>
                    <option value="name">{t("sort-name")}</option>
                    <option value="standing">{t("sort-state")}</option>
                    <option value="workload">{t("sort-workload")}</option>
                    <option value="arrival">{t("sort-arrival")}</option>
                </select>
            </div>
            <div class="chips" role="group" aria-label=t("state")>
                {Standing::ALL.map(|standing| view! { <Chip standing=standing filter=filter keys=keys /> }).collect_view()}
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Chip(standing: Standing, filter: RwSignal<ResourceFilter>, keys: Memo<Vec<ResourceKey>>) -> impl IntoView {
    let count = Memo::new(move |_| {
        let group = filter.with(|filter| filter.group);
        let fits =
            |key: &&ResourceKey| key.standing == standing && group.is_none_or(|group| key.group == group);
        keys.with(|keys| keys.iter().filter(fits).count())
    });
    let on = move || filter.with(|filter| filter.standing == Some(standing));
    let toggle = move |_| {
        let next = (!on()).then_some(standing);
        filter.update(|filter| filter.standing = next);
    };
    view! {
        <button
            type="button"
            class="chip"
            class:off=move || count.get() == 0 && !on()
            data-testid=format!("chip-{standing:?}").to_lowercase()
            aria-pressed=move || on().to_string()
            on:click=toggle
        >
            {standing_text(standing)}
            <span class="num">{move || count.get()}</span>
        </button>
    }
    .into_any()
}

#[component]
fn Row(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.resources.get(id);
    let name = move || row().map(|row| row.card.name.clone());
    let late = move || {
        let current = row().and_then(|row| row.current_task).and_then(|task| desk.rows.tasks.get(task));
        current.is_some_and(|task| format::late_secs(task.eta.as_ref()).is_some())
    };
    let eta = move || {
        let task = row().and_then(|row| row.current_task).and_then(|task| desk.rows.tasks.get(task))?;
        task.eta.as_ref().map(|eta| format::eta_short(Some(eta), desk.zone(), desk.clock.minute()))
    };
    let hint = move || {
        let task = row().and_then(|row| row.current_task).and_then(|task| desk.rows.tasks.get(task))?;
        format::eta_hint(task.eta.as_ref(), desk.zone(), desk.clock.minute())
    };
    let maybe_late = move || {
        let current = row().and_then(|row| row.current_task).and_then(|task| desk.rows.tasks.get(task));
        current.is_some_and(|task| format::maybe_late_secs(task.eta.as_ref()).is_some())
    };
    let load = move || row().map(|row| row.open_tasks).filter(|open| *open > 0);
    view! {
        <DotIcon resource=id />
        <div class="two-lines">
            <span class="line-1">{name}</span>
            <span class="line-2 muted">{move || row().map(|row| second_line(desk, &row))}</span>
        </div>
        <UnsentMark of=Signal::derive(move || desk.unsent_of(id)) />
        <div class="side">
            <span class="num" class:late=late class:maybe-late=maybe_late title=hint>{eta}</span>
            <span class="muted num">{move || load().map(|open| tn("open-tasks", open as usize))}</span>
        </div>
    }
    .into_any()
}

/// What somebody does, or why we can't say where they are.
fn second_line(desk: Desk, row: &ResourceView) -> String {
    let now = desk.clock;
    let age = |text: &'static str| match row.fix_time {
        Some(at) => format!("{text} · {}", format::ago(at, now.get())),
        None => text.to_owned(),
    };
    match row.position {
        PositionState::Private { since } => {
            tf("private-since", &[("time", &format::day_time(since, desk.zone(), now.get()))])
        }
        PositionState::OffDuty => match row.presence {
            Presence::Late { since } if desk.may(Action::ReadAttendance) => {
                tf("late-since", &[("time", &format::clock_time(since, desk.zone()))])
            }
            Presence::Late { .. } | Presence::In { .. } | Presence::Out => t("position-off-duty").to_owned(),
        },
        PositionState::NoFix => t("position-no-fix").to_owned(),
        PositionState::DeviceSilent => age(t("position-device-silent")),
        PositionState::Stale => age(t("position-stale")),
        PositionState::Live => {
            let doing = match row.current_task {
                Some(task) => desk.task_name(task),
                None => t("no-current-task").to_owned(),
            };
            match row.fix_time.filter(|at| now.get() - *at >= AGE_SHOWN_FROM) {
                // In front: the end of a long title is cut off.
                Some(at) => format!("{} · {doing}", format::ago(at, now.get())),
                None => doing,
            }
        }
    }
}
