//! A task's history, notes and forms.

use domain::TaskId;
use domain::form::{FormValue, Submission};
use leptos::prelude::*;
use protocol::view::DeskRequest;

use crate::format;
use crate::state::Desk;
use crate::words::{status_text, t, tf};

/// Every status a task had, newest first.
#[component]
pub fn Timeline(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let steps = move || {
        let row = desk.rows.tasks.get(id)?;
        let time = |at| format::day_time(at, desk.zone(), desk.clock.minute());
        let steps = row.task.timeline.iter().rev().map(|step| {
            let reason = step.reason.clone().map(|reason| view! { <em>{reason}</em> });
            view! {
                <li>
                    <span class="num muted">{time(step.at)}</span>
                    <span><strong>{status_text(step.status)}</strong>" " <span class="muted">{desk.actor_name(step.by)}</span>" " {reason}</span>
                </li>
            }
        });
        let created = view! { <li><span class="num muted">{time(row.task.created_at)}</span><span>{t("created")}</span></li> };
        Some(view! { {steps.collect_view()} {created} })
    };
    view! { <ol class="timeline" data-testid="timeline">{steps}</ol> }.into_any()
}

/// Remarks, and a field for one more.
#[component]
pub fn Notes(id: TaskId, may_write: Signal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let text = RwSignal::new(String::new());
    let notes = move || {
        let row = desk.rows.tasks.get(id)?;
        let note = |note: &domain::task::Note| {
            let time = format::day_time(note.at, desk.zone(), desk.clock.minute());
            let head = tf("note-head", &[("who", &desk.actor_name(note.by)), ("time", &time)]);
            view! { <li><span class="muted small">{head}</span><p>{note.text.clone()}</p></li> }
        };
        Some(row.task.notes.iter().map(note).collect_view())
    };
    let send = move || {
        let note = text.with_untracked(|text| text.trim().to_owned());
        if !note.is_empty() {
            desk.ask_then(DeskRequest::AddNote { task: id, text: note }, move |_| {
                let _ = text.try_set(String::new());
            });
        }
    };
    view! {
        <ul class="notes" data-testid="notes">{notes}</ul>
        <Show when=move || may_write.get()>
            <form class="row" on:submit=move |event| { event.prevent_default(); send(); }>
                <input class="grow" type="text" maxlength="2000" data-testid="note" aria-label=t("note-new") placeholder=t("note-new")
                    prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
                <button type="submit" data-testid="add-note">{t("note-add")}</button>
            </form>
        </Show>
    }
    .into_any()
}

/// Forms that were filled for a task.
#[component]
pub fn Forms(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let filled = Memo::new(move |_| {
        let mut rows = desk.rows.submissions.all();
        rows.retain(|row| row.task == Some(id));
        rows.sort_by_key(|row| row.event_time);
        rows
    });
    view! {
        <Show when=move || filled.with(|rows| !rows.is_empty())>
            <section class="section" data-testid="forms">
                <h3>{t("forms")}</h3>
                <For each=move || filled.get() key=|row| row.id let:row>
                    <h4 class="small">{desk.rows.forms.get(row.form).map(|form| form.name.clone())}</h4>
                    <dl class="facts">{answers(desk, &row)}</dl>
                </For>
            </section>
        </Show>
    }
    .into_any()
}

fn answers(desk: Desk, submission: &Submission) -> impl IntoView + use<> {
    let form = desk.rows.forms.peek(submission.form);
    let label = |key: &String| {
        let field = form.as_ref().and_then(|form| form.fields.iter().find(|field| field.key == *key));
        field.map_or_else(|| key.clone(), |field| field.label.clone())
    };
    let lines = submission.values.iter().map(|(key, value)| {
        view! { <div class="fact"><dt>{label(key)}</dt><dd>{value_text(value)}</dd></div> }
    });
    lines.collect_view()
}

fn value_text(value: &FormValue) -> String {
    match value {
        FormValue::Text(text) => text.clone(),
        FormValue::Number(number) => number.to_string(),
        FormValue::YesNo(true) => t("yes").to_owned(),
        FormValue::YesNo(false) => t("no").to_owned(),
        FormValue::Date(day) => day.format("%-d %b %Y").to_string(),
    }
}
