//! What waits for the server, and what is in trouble: retry it or give it up.

use leptos::prelude::*;
use protocol::view::{DeskRequest, QueuedCommandView, QueuedState, Subject};

use crate::format;
use crate::kit::{Empty, Modal};
use crate::state::Desk;
use crate::words::{command_text, queued_state_text, t};

/// The queue.
#[component]
pub fn QueueDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <Modal title=t("queue-title") testid="queue-dialog" wide=true close=close>
            <div class="modal-body">
                <p class="muted">{t("queue-lead")}</p>
                <Show when=move || desk.queue.with(Vec::is_empty)>
                    <Empty text=t("queue-empty") />
                </Show>
                <ul class="plain queue">
                    <For each=move || desk.queue.get() key=|command| (command.n, format!("{:?}", command.state)) let:command>
                        <Waiting command=command close=close />
                    </For>
                </ul>
            </div>
        </Modal>
    }
    .into_any()
}

#[component]
fn Waiting(command: QueuedCommandView, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let n = command.n;
    let in_trouble =
        matches!(command.state, QueuedState::Conflict | QueuedState::Rejected { .. } | QueuedState::Expired);
    let can_retry = matches!(command.state, QueuedState::Conflict);
    let subject = command.subject;
    let about = move || subject.map(|subject| subject_name(desk, subject));
    let open = move |_| {
        if let Some(subject) = subject {
            close.run(());
            desk.show(subject);
        }
    };
    view! {
        <li class="queued" class:warn=in_trouble data-testid="queued">
            <span class="num muted">{format::day_time(command.at, desk.zone(), desk.clock.minute())}</span>
            <span class="grow">
                <strong>{command_text(&command.kind)}</strong> " "
                <button type="button" class="link" on:click=open>{about}</button>
                <span class="small block muted">{queued_state_text(&command.state)}</span>
            </span>
            {can_retry.then(|| view! {
                <button type="button" data-testid="retry" on:click=move |_| desk.ask(DeskRequest::RetryCommand { n })>{t("retry")}</button>
            })}
            {in_trouble.then(|| view! {
                <button type="button" data-testid="discard" on:click=move |_| desk.ask(DeskRequest::DiscardCommand { n })>{t("discard")}</button>
            })}
        </li>
    }
    .into_any()
}

/// What a command is about.
fn subject_name(desk: Desk, subject: Subject) -> String {
    match subject {
        Subject::Resource(id) => desk.resource_name(id),
        Subject::Task(id) => desk.task_name(id),
        Subject::Poi(id) => desk.poi_name(id),
        Subject::Bid(id) => format::bid_task_name(desk, id),
        Subject::Alert(id) => {
            desk.rows.alerts.get(id).map(|row| format::alert_text(desk, &row.alert.kind)).unwrap_or_default()
        }
    }
}
