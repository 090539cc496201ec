//! “Who else could have gone?”: the suggestions as they would have been at a past moment.

use chrono::{DateTime, TimeDelta, Utc};
use domain::TaskId;
use domain::access::Action;
use domain::task::TaskStatus;
use leptos::prelude::*;
use protocol::view::{CandidateFilter, TaskView};

use crate::clock;
use crate::format;
use crate::panels::suggestions::{PastSuggestions, ask};
use crate::panels::task_form::{local_text, parse_local};
use crate::state::Desk;
use crate::words::{t, tf};

/// The question, folded until somebody asks it. Only of tasks that somebody has or had.
#[component]
pub(super) fn WhoElse(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    let sensible = move || {
        desk.may(Action::ReadTrack)
            && desk
                .rows
                .tasks
                .get(id)
                .is_some_and(|row| row.task.resource.is_some() || row.task.status.is_over())
    };
    view! {
        <Show when=sensible>
            <section class="section" data-testid="who-else">
                <button type="button" class="link" data-testid="who-else-open" aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)>
                    {t("who-else")}
                </button>
                <Show when=move || open.get()><Question id=id /></Show>
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn Question(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let first = untrack(|| desk.rows.tasks.get(id)).map(|row| worth_asking(&row));
    let when = RwSignal::new(local_text(first, desk.zone()));
    let (moment, busy) = (RwSignal::new(None::<DateTime<Utc>>), RwSignal::new(false));
    let error = RwSignal::new(None::<&'static str>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let at = when.with_untracked(|text| parse_local(text.trim(), desk.zone()));
        match at.filter(|at| *at < clock::now()) {
            Some(at) => {
                error.set(None);
                moment.set(Some(at));
            }
            None => error.set(Some(t("who-else-past"))),
        }
    };
    let note = move || {
        if desk.is_offline() {
            t("error-needs-connection")
        } else if busy.get() {
            t("loading")
        } else {
            t("why-recorded")
        }
    };
    view! {
        <form class="form" novalidate=true data-testid="who-else-form" on:submit=submit>
            <label class="field">
                <span>{t("who-else-when")}</span>
                <input type="datetime-local" data-testid="who-else-when" prop:value=move || when.get()
                    on:input=move |event| when.set(event_target_value(&event)) />
            </label>
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
            <div class="row">
                <button type="submit" data-testid="who-else-ask" disabled=move || busy.get() || desk.is_offline()>{t("why-not-ask")}</button>
                <span class="muted small" role="status">{note}</span>
            </div>
        </form>
        {move || moment.get().map(|at| view! { <Answer id=id at=at busy=busy /> })}
    }
    .into_any()
}

#[component]
fn Answer(id: TaskId, at: DateTime<Utc>, busy: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let asked = ask(desk, id, Signal::derive(CandidateFilter::default), Some(at));
    Effect::new(move |_| busy.set(asked.busy.get()));
    let time = format::day_time(at, desk.zone(), clock::now());
    move || match asked.found.get() {
        None => ().into_any(),
        Some(Err(text)) => {
            view! { <p class="field-error" role="alert" data-testid="who-else-error">{text}</p> }.into_any()
        }
        Some(Ok(view)) if view.list.is_empty() => {
            view! { <p class="muted">{t("candidates-none")}</p> }.into_any()
        }
        Some(Ok(view)) => view! {
            <div class="candidates" data-testid="who-else-answer">
                <h4 class="small">{tf("who-else-as-of", &[("time", &time)])}</h4>
                <PastSuggestions view=view />
            </div>
        }
        .into_any(),
    }
}

/// The moment that is asked about most: when somebody set out, else when it was given to them, else when it came.
fn worth_asking(row: &TaskView) -> DateTime<Utc> {
    let step = |status| row.task.timeline.iter().rev().find(|step| step.status == status).map(|step| step.at);
    let chosen = row.task.choices.last().map(|choice| choice.at);
    let at = step(TaskStatus::EnRoute).or(chosen).or(step(TaskStatus::Acknowledged));
    // A task is new for a moment before anybody can be asked about it.
    at.unwrap_or(row.task.created_at + TimeDelta::minutes(1))
}
