//! A resource: card, tasks in order, and what can be done.

use chrono::{Days, TimeDelta};
use domain::access::Action;
use domain::attendance::Presence;
use domain::position::PositionState;
use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, Subject};

use super::contact::Contact;
use super::why_not::WhyNot;
use super::workday::Workday;
use super::{DaySheetView, Fact, Gone, PanelHead};
use crate::format;
use crate::kit::DotIcon;
use crate::panels::tasks::StatusPill;
use crate::state::lists::{TaskChip, tasks_of};
use crate::state::{Desk, ToastKind};
use crate::words::{position_text, t, tf};

/// A resource's details.
#[component]
pub fn ResourceDetails(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let there = Memo::new(move |_| desk.rows.resources.get(id).is_some());
    let name = Signal::derive(move || desk.resource_name(id));
    view! {
        <Show when=move || there.get() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-resource") title=name />
            <div class="panel-body" data-testid="resource-details">
                <Standing id=id />
                <Actions id=id />
                <Card id=id />
                <OwnTasks id=id />
                <AssignHere id=id />
                <WhyNot resource=id />
                <Show when=move || desk.may(Action::ReadAttendance)>
                    <section class="section">
                        <h3>{t("day-sheet")}</h3>
                        <DaySheetView resource=id />
                    </section>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Standing(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        let row = desk.rows.resources.get(id)?;
        let now = desk.clock.get();
        let age = row.fix_time.map(|at| format::ago(at, now));
        Some(match (row.position, age) {
            (PositionState::Private { since }, _) => {
                tf("private-since", &[("time", &format::day_time(since, desk.zone(), now))])
            }
            (PositionState::Live | PositionState::Stale | PositionState::DeviceSilent, Some(age)) => {
                format!("{} · {}", position_text(row.position), tf("last-fix", &[("age", &age)]))
            }
            (state, _) => position_text(state).to_owned(),
        })
    };
    view! { <p class="standing" data-testid="standing"><DotIcon resource=id /> {text}</p> }.into_any()
}

#[component]
fn Actions(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let private = move || {
        desk.rows.resources.get(id).is_some_and(|row| matches!(row.position, PositionState::Private { .. }))
    };
    let following = move || desk.map.following.get() == Some(id);
    let follow = move |_| {
        let whom = (!following()).then_some(id);
        desk.map.order(move |map| map.set_follow(whom));
    };
    let request = move |_| {
        let said = tf("toast-location-requested", &[("who", &desk.resource_name(id))]);
        desk.ask_saying(DeskRequest::RequestLocation { resource: id }, said);
    };
    view! {
        <div class="actions">
            <button type="button" data-testid="fly-to" disabled=private on:click=move |_| desk.show(Subject::Resource(id))>
                {t("show-on-map")}
            </button>
            <button type="button" data-testid="follow" disabled=private aria-pressed=move || following().to_string() on:click=follow>
                {move || if following() { t("stop-following") } else { t("follow") }}
            </button>
            <Show when=move || desk.may(Action::RequestLocation)>
                <button type="button" data-testid="request-location" disabled=move || private() || desk.is_offline() on:click=request>
                    {t("request-location")}
                </button>
            </Show>
            <Show when=move || desk.may(Action::ReadTrack)>
                <button type="button" data-testid="track" disabled=move || desk.is_offline() on:click=move |_| show_track(desk, id)>
                    {t("track-today")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// Today's track on the map; the map's panel takes it away with the selection.
fn show_track(desk: Desk, resource: ResourceId) {
    let now = crate::clock::now();
    let zone = desk.zone();
    let today = now.with_timezone(&zone).date_naive();
    let from = domain::attendance::instant(today, chrono::NaiveTime::MIN, zone);
    desk.ask_then(DeskRequest::Track { resource, from, to: now }, move |response| {
        if let DeskResponse::Track(track) = response {
            if track.fixes.is_empty() {
                return desk.say(ToastKind::Notice, t("track-empty").to_owned());
            }
            desk.map.order(move |map| {
                map.set_track(Some(map::TrackLine { track }));
                map.fit(map::Fit::Selection);
            });
        }
    });
}

#[component]
fn Card(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.resources.get(id);
    let group =
        move || row().and_then(|row| desk.rows.groups.get(row.card.group)).map(|group| group.name.clone());
    let skills = move || {
        let ids = row().map(|row| row.card.skills.clone()).unwrap_or_default();
        let names: Vec<String> =
            ids.iter().filter_map(|id| desk.rows.skills.get(*id)).map(|skill| skill.name.clone()).collect();
        if names.is_empty() { t("none").to_owned() } else { names.join(", ") }
    };
    let presence = move || row().map(|row| presence_text(desk, row.presence));
    let inside = move || {
        let places = row().map(|row| row.inside.clone()).unwrap_or_default();
        places.iter().map(|id| desk.poi_name(*id)).collect::<Vec<_>>().join(", ")
    };
    view! {
        <dl class="facts">
            <Fact label=t("fact-group")>{group}</Fact>
            <Fact label=t("fact-number")>{move || row().map(|row| row.card.employee_number.clone())}</Fact>
            <Fact label=t("fact-skills")>{skills}</Fact>
            <Show when=move || desk.may(Action::ReadAttendance)>
                <Fact label=t("fact-presence")>{presence}</Fact>
            </Show>
            <Fact label=t("fact-hours")>{move || row().map(|row| hours_today(desk, &row.card.working_hours))}</Fact>
            <Workday id=id />
            <Show when=move || !inside().is_empty()>
                <Fact label=t("fact-inside")>{inside}</Fact>
            </Show>
            <Contact id=id />
        </dl>
    }
    .into_any()
}

/// In, out, late, in words.
pub fn presence_text(desk: Desk, presence: Presence) -> String {
    let time = |at| format::day_time(at, desk.zone(), desk.clock.minute());
    match presence {
        Presence::In { since: Some(since) } => tf("presence-in-since", &[("time", &time(since))]),
        Presence::In { since: None } => t("presence-in").to_owned(),
        Presence::Out => t("presence-out").to_owned(),
        Presence::Late { since } => tf("presence-late-since", &[("time", &time(since))]),
    }
}

fn hours_today(desk: Desk, hours: &[domain::resource::WorkingHours]) -> String {
    use chrono::Datelike;
    let today = desk.clock.get().with_timezone(&desk.zone()).date_naive().weekday();
    let shifts: Vec<String> = hours
        .iter()
        .filter(|hours| hours.weekday == today)
        .map(|hours| format!("{}–{}", hours.starts.format("%H:%M"), hours.ends.format("%H:%M")))
        .collect();
    if shifts.is_empty() { t("no-shift").to_owned() } else { shifts.join(", ") }
}

#[component]
fn OwnTasks(id: ResourceId) -> impl IntoView {
    let tasks = tasks_of(Desk::here(), id);
    view! {
        <section class="section">
            <h3>{t("tasks-in-order")}</h3>
            <Show when=move || tasks.with(Vec::is_empty)>
                <p class="muted">{t("no-open-tasks")}</p>
            </Show>
            <ol class="own-tasks">
                <For each=move || tasks.get() key=|task| *task let:task>
                    <OwnTask task=task />
                </For>
            </ol>
        </section>
    }
    .into_any()
}

#[component]
fn OwnTask(task: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(task);
    let eta = move || row().map(|row| format::eta_short(row.eta.as_ref(), desk.zone(), desk.clock.minute()));
    let late = move || row().is_some_and(|row| format::late_secs(row.eta.as_ref()).is_some());
    let maybe_late = move || row().is_some_and(|row| format::maybe_late_secs(row.eta.as_ref()).is_some());
    let hint =
        move || row().and_then(|row| format::eta_hint(row.eta.as_ref(), desk.zone(), desk.clock.minute()));
    view! {
        <li>
            <button type="button" class="task-line" data-testid="own-task" on:click=move |_| desk.show(Subject::Task(task))>
                <span class="grow ellipsis">{move || desk.task_name(task)}</span>
                {move || row().map(|row| view! { <StatusPill status=row.task.status /> })}
                <span class="num" class:late=late class:maybe-late=maybe_late title=hint>{eta}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The nearest unassigned tasks would need every route; by window is what a dispatcher reads down.
#[component]
fn AssignHere(id: ResourceId) -> impl IntoView {
    let desk = Desk::here();
    let open = Memo::new(move |_| {
        let mut rows = desk.rows.tasks.all();
        rows.retain(|row| TaskChip::Unassigned.takes(row) && row.open_bid.is_none());
        rows.sort_by_key(|row| {
            let end = row.task.window_end.map_or(i64::MAX, |at| at.timestamp());
            (std::cmp::Reverse(row.task.priority), end, row.task.number)
        });
        rows.iter().map(|row| row.task.id).collect::<Vec<_>>()
    });
    let assign = move |event: leptos::ev::Event| {
        let Ok(task) = event_target_value(&event).parse::<TaskId>() else { return };
        let said = tf("toast-assigned", &[("task", &desk.task_name(task)), ("who", &desk.resource_name(id))]);
        desk.ask_saying(DeskRequest::AssignTask { task, resource: Some(id), choice: None }, said);
    };
    view! {
        <Show when=move || desk.may(Action::AssignTask)>
            <label class="field">
                <span>{t("assign-here")}</span>
                <select data-testid="assign-here" on:change=assign disabled=move || open.with(Vec::is_empty)>
                    <option value="">{move || crate::words::tn("unassigned-tasks", open.with(Vec::len))}</option>
                    <For each=move || open.get() key=|task| *task let:task>
                        <option value=task.to_string()>{move || desk.task_name(task)}</option>
                    </For>
                </select>
            </label>
        </Show>
    }
    .into_any()
}

/// Yesterday's date etc. for pickers: the local day `back` days ago.
pub fn local_day(desk: Desk, back: u64) -> chrono::NaiveDate {
    let today = (crate::clock::now() + TimeDelta::zero()).with_timezone(&desk.zone()).date_naive();
    today.checked_sub_days(Days::new(back)).unwrap_or(today)
}
