//! A task: where it stands, who could do it, and what can be done to it.

use domain::TaskId;
use domain::access::Action;
use domain::task::TaskStatus;
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};

use super::eta::Arrival;
use super::promise::Promises;
use super::timeline::{Forms, Notes, Timeline};
use super::who_else::WhoElse;
use super::{Fact, Gone, PanelHead};
use crate::format;
use crate::panels::suggestions::{Suggestions, focus_suggestions};
use crate::panels::tasks::{StatusPill, window_text};
use crate::panels::unsent::UnsentMark;
use crate::state::queue::Unsent;
use crate::state::{Desk, Dialog, Editor};
use crate::words::{override_text, priority_text, status_text, t, tf};

/// A task's details.
#[component]
pub fn TaskDetails(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let there = Memo::new(move |_| desk.rows.tasks.get(id).is_some());
    let may_edit = Signal::derive(move || desk.may(Action::EditTask));
    view! {
        <Show when=move || there.get() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-task") title=Signal::derive(move || desk.task_name(id)) />
            <div class="panel-body" data-testid="task-details">
                <Standing id=id />
                <Actions id=id />
                <Facts id=id />
                <Assignment id=id />
                <Promises id=id />
                <WhoElse id=id />
                <section class="section"><h3>{t("timeline")}</h3><Timeline id=id /></section>
                <section class="section"><h3>{t("notes")}</h3><Notes id=id may_write=may_edit /></section>
                <Forms id=id />
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Standing(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    view! {
        <p class="standing" data-testid="task-standing">
            {move || row().map(|row| view! { <StatusPill status=row.task.status /> })}
            <Arrival id=id />
            <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Task(id), Unsent::of(row.pending, row.attention)))) />
        </p>
    }
    .into_any()
}

#[component]
fn Actions(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let over = move || row().is_none_or(|row| row.task.status.is_over());
    let can_bid = move || {
        desk.may(Action::EditBid)
            && row().is_some_and(|row| row.open_bid.is_none() && !row.task.status.is_started())
            && !over()
    };
    let open_bid = move || row().and_then(|row| row.open_bid);
    view! {
        <div class="actions">
            <Show when=move || desk.may(Action::EditTask)>
                <StatusSelect id=id />
                <button type="button" data-testid="edit-task" disabled=over on:click=move |_| desk.look.edit(Editor::EditTask(id))>{t("edit")}</button>
            </Show>
            <Show when=can_bid>
                <button type="button" data-testid="open-bid" on:click=move |_| desk.look.edit(Editor::OpenBid(id))>{t("bid-open")}</button>
            </Show>
            <Show when=move || open_bid().is_some()>
                <button type="button" data-testid="see-bid" on:click=move |_| if let Some(bid) = open_bid() { desk.show(Subject::Bid(bid)) }>{t("bid-see")}</button>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn StatusSelect(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let status = Memo::new(move |_| desk.rows.tasks.get(id).map(|row| row.task.status));
    let assigned = Memo::new(move |_| desk.rows.tasks.get(id).is_some_and(|row| row.task.resource.is_some()));
    let steps = move || {
        let all = status.get().map(TaskStatus::next).unwrap_or_default().iter().copied();
        let possible = |to: &TaskStatus| {
            assigned.get() || matches!(to, TaskStatus::Draft | TaskStatus::NewTask | TaskStatus::Canceled)
        };
        all.filter(possible).collect::<Vec<_>>()
    };
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        let Some(to) = TaskStatus::ALL.into_iter().find(|status| format!("{status:?}") == chosen) else {
            return;
        };
        // The select is a menu: it shows what can be done, not what was.
        if let Some(select) = event
            .target()
            .and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlSelectElement>(target).ok())
        {
            select.set_selected_index(0);
        }
        if matches!(
            to,
            TaskStatus::Canceled | TaskStatus::NotDone | TaskStatus::Declined | TaskStatus::Suspended
        ) {
            desk.look.dialog.set(Some(Dialog::Reason(id, to)));
        } else {
            desk.ask(DeskRequest::SetTaskStatus { task: id, to, reason: None });
        }
    };
    view! {
        <Show when=move || !steps().is_empty()>
            <select data-testid="set-status" aria-label=t("set-status") on:change=choose>
                <option value="">{t("set-status")}</option>
                <For each=steps key=|to| *to let:to>
                    <option value=format!("{to:?}")>{status_text(to)}</option>
                </For>
            </select>
        </Show>
    }
    .into_any()
}

#[component]
fn Facts(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let skills = move || {
        let ids = row().map(|row| row.task.skills.clone()).unwrap_or_default();
        ids.iter()
            .filter_map(|id| desk.rows.skills.get(*id))
            .map(|skill| skill.name.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let kind = move || {
        row()
            .and_then(|row| row.task.task_type)
            .and_then(|id| desk.rows.task_types.get(id))
            .map(|kind| kind.name.clone())
    };
    let window = move || {
        row().map(|row| window_text(desk, row.task.window_start, row.task.window_end, format::day_time))
    };
    let planned = move || {
        let at = row().and_then(|row| row.task.planned_start)?;
        Some(format::day_time(at, desk.zone(), desk.clock.minute()))
    };
    let load = move || row().map(|row| row.task.load).filter(|load| *load > 0).map(|load| load.to_string());
    let text = move |of: fn(&domain::task::Task) -> &String| {
        row().map(|row| of(&row.task).clone()).filter(|text| !text.is_empty())
    };
    let optional = move |label: &'static str, value: Signal<Option<String>>| {
        view! { <Show when=move || value.get().is_some()><Fact label=label>{move || value.get()}</Fact></Show> }
    };
    view! {
        <dl class="facts">
            {optional(t("fact-type"), Signal::derive(kind))}
            {optional(t("fact-customer"), Signal::derive(move || text(|task| &task.customer)))}
            {optional(t("fact-address"), Signal::derive(move || text(|task| &task.address)))}
            <Fact label=t("fact-window")><span class="num">{window}</span></Fact>
            <Fact label=t("fact-priority")>{move || row().map(|row| priority_text(row.task.priority))}</Fact>
            <Fact label=t("fact-planned")>{move || row().map(|row| format::duration(i64::from(row.task.planned_minutes) * 60))}</Fact>
            {optional(t("fact-planned-start"), Signal::derive(planned))}
            {optional(t("task-field-load"), Signal::derive(load))}
            {optional(t("fact-skills"), Signal::derive(move || Some(skills()).filter(|names| !names.is_empty())))}
            {optional(t("fact-description"), Signal::derive(move || text(|task| &task.description)))}
        </dl>
    }
    .into_any()
}

#[component]
fn Assignment(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let resource = Memo::new(move |_| row().and_then(|row| row.task.resource));
    let fixed = Memo::new(move |_| {
        row().is_none_or(|row| row.task.status.is_started() || row.task.status.is_final())
    });
    // Nobody has it: who could go is the first question. Unless others have been asked already.
    let chosen_to_see = RwSignal::new(None::<bool>);
    let wanted = move || {
        let of_itself = row().is_some_and(|row| row.task.resource.is_none() && row.open_bid.is_none());
        chosen_to_see.get().unwrap_or(of_itself)
    };
    let choosing = Memo::new(move |_| wanted() && !fixed.get() && desk.may(Action::AssignTask));
    let to_suggestions = move |_| {
        chosen_to_see.set(Some(true));
        request_animation_frame(focus_suggestions);
    };
    let unassign = move |_| {
        let said = tf("toast-unassigned", &[("task", &desk.task_name(id))]);
        desk.ask_saying(DeskRequest::AssignTask { task: id, resource: None, choice: None }, said);
    };
    view! {
        <section class="section" data-testid="assignment">
            <h3>{t("assigned-to")}</h3>
            <div class="row">
                {move || match resource.get() {
                    Some(who) => view! {
                        <button type="button" class="link strong" data-testid="assignee" on:click=move |_| desk.show(Subject::Resource(who))>
                            {move || desk.resource_name(who)}
                        </button>
                    }.into_any(),
                    None => view! { <span class="unassigned" data-testid="assignee">{t("unassigned")}</span> }.into_any(),
                }}
                <span class="grow"></span>
                <Show when=move || desk.may(Action::AssignTask) && !fixed.get()>
                    <Show when=move || resource.get().is_some()>
                        <button type="button" data-testid="unassign" on:click=unassign>{t("unassign")}</button>
                    </Show>
                    <button type="button" class:primary=move || resource.get().is_none() data-testid="assign"
                        aria-expanded=move || choosing.get().to_string() on:click=to_suggestions>
                        {move || if resource.get().is_some() { t("reassign") } else { t("assign") }}
                    </button>
                </Show>
            </div>
            <Show when=move || choosing.get()>
                <Suggestions task=id done=Callback::new(move |()| chosen_to_see.set(Some(false))) />
            </Show>
            <ChosenBecause id=id />
        </section>
    }
    .into_any()
}

/// What whoever has the task was chosen from, and why, where it was not the first suggestion.
#[component]
fn ChosenBecause(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let made = Memo::new(move |_| {
        let row = desk.rows.tasks.get(id)?;
        let made = row.task.choices.last().map(|choice| choice.made.clone())?;
        (row.task.resource == Some(made.chosen)).then_some(made)
    });
    let text = move || {
        let made = made.get()?;
        let (rank, of) = (made.rank.to_string(), made.of.to_string());
        if !made.is_override() {
            return Some(tf("choice-first", &[("of", &of)]));
        }
        let first = desk.resource_name(made.first);
        let chosen = tf("choice-other", &[("rank", &rank), ("of", &of), ("first", &first)]);
        let why = made.reason.map_or_else(|| t("choice-no-reason"), override_text);
        Some(
            [chosen, why.to_owned(), made.note]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
        )
    };
    move || text().map(|text| view! { <p class="muted small" data-testid="choice">{text}</p> })
}
