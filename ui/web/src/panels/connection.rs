//! How fresh it all is: the age in the header, the dialog behind it, and what to send to whoever helps.

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;
use protocol::view::{ConnectionState, ConnectionView, DeskRequest, DeskResponse};

use super::details::Fact;
use crate::format;
use crate::kit::{Modal, copy_text};
use crate::state::{Desk, Dialog, Freshness, ToastKind};
use crate::words::{connection_text, connection_why, stalled_text, t, tf, tn};

/// A difference below this is how long a message takes, not a wrong clock.
const CLOCK_OFF_FROM_SECS: i64 = 5;

/// The age of the last proof that what is shown is what the server has; opens the dialog.
#[component]
pub fn FreshnessButton() -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        desk.connection.with(|connection| match connection {
            Some(connection) => short_text(connection, desk.clock.get()),
            None => t("start-connecting").to_owned(),
        })
    };
    let freshness = Memo::new(move |_| {
        desk.connection.with(|connection| Freshness::of(connection.as_ref(), desk.clock.get()))
    });
    view! {
        <button
            type="button"
            class="freshness"
            data-testid="freshness"
            data-freshness=move || freshness.get().name()
            aria-haspopup="dialog"
            title=t("freshness-hint")
            on:click=move |_| desk.look.dialog.set(Some(Dialog::Connection))
        >
            <span class="lamp" aria-hidden="true"></span>
            {text}
        </button>
    }
    .into_any()
}

fn short_text(connection: &ConnectionView, now: DateTime<Utc>) -> String {
    let updated = connection.proof_at.map(|at| tf("updated", &[("age", &format::ago(at, now))]));
    let state = match &connection.state {
        _ if connection.stalled.is_some() => t("connection-stalled").to_owned(),
        ConnectionState::Live => {
            return updated.unwrap_or_else(|| connection_text(&connection.state).to_owned());
        }
        ConnectionState::Resyncing { percent: Some(percent) } => {
            return tf("resyncing-percent", &[("percent", &percent.to_string())]);
        }
        state @ (ConnectionState::CatchingUp
        | ConnectionState::Resyncing { percent: None }
        | ConnectionState::Offline { .. }
        | ConnectionState::SignInAgain
        | ConnectionState::UpgradeNeeded) => connection_text(state).to_owned(),
    };
    match updated {
        Some(updated) => format!("{state} · {updated}"),
        None => state,
    }
}

/// The dialog: what is known of the connection, and what can be done.
#[component]
pub fn ConnectionDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let try_now = move |_| desk.ask(DeskRequest::ReconnectNow);
    view! {
        <Modal title=t("connection") testid="connection-dialog" close=close>
            <div class="modal-body">
                {move || desk.connection.get().map(|connection| view! { <State connection=connection /> })}
                <Waiting close=close />
            </div>
            <Diagnostics />
            <footer class="modal-foot">
                <span class="grow"></span>
                <button type="button" class="primary" data-testid="try-now" autofocus=true on:click=try_now>{t("try-now")}</button>
            </footer>
        </Modal>
    }
    .into_any()
}

#[component]
fn State(connection: ConnectionView) -> impl IntoView {
    let desk = Desk::here();
    let time = move |at| format::day_time(at, desk.zone(), desk.clock.minute());
    let with_age = move |at: DateTime<Utc>| format!("{} ({})", time(at), format::ago(at, desk.clock.get()));
    let proof = connection.proof_at;
    let proof = move || proof.map_or_else(|| t("never").to_owned(), with_age);
    let (since, retry_at) = match connection.state {
        ConnectionState::Offline { since, retry_at } => (Some(since), retry_at),
        ConnectionState::Live
        | ConnectionState::CatchingUp
        | ConnectionState::Resyncing { .. }
        | ConnectionState::SignInAgain
        | ConnectionState::UpgradeNeeded => (connection.stalled.map(|stalled| stalled.since), None),
    };
    let retry = move || {
        let secs = retry_at.map(|at| (at - desk.clock.get()).num_seconds())?;
        Some(if secs > 0 {
            tf("retry-in", &[("duration", &format::duration(secs))])
        } else {
            t("retry-now").to_owned()
        })
    };
    let percent = match connection.state {
        ConnectionState::Resyncing { percent } => percent,
        ConnectionState::Live
        | ConnectionState::CatchingUp
        | ConnectionState::Offline { .. }
        | ConnectionState::SignInAgain
        | ConnectionState::UpgradeNeeded => None,
    };
    let clock = clock_text(connection.clock_offset_ms.unwrap_or_default() / 1_000);
    let stalled = connection.stalled.map(|stalled| stalled_text(stalled.what));
    view! {
        <p class="connection-why" data-testid="connection-why">
            <strong>{if stalled.is_some() { t("connection-stalled") } else { connection_text(&connection.state) }}</strong>
            " " {stalled.map_or_else(|| connection_why(&connection), ToOwned::to_owned)}
        </p>
        {percent.map(|percent| view! { <progress max="100" value=percent.to_string() aria-label=t("connection-resyncing")></progress> })}
        <dl class="facts">
            <Fact label=t("fact-proof")><span class="num" data-testid="proof">{proof}</span></Fact>
            {since.map(|since| view! { <Fact label=t("fact-since")><span class="num">{move || with_age(since)}</span></Fact> })}
            {retry_at.map(|_| view! { <Fact label=t("fact-next-try")><span class="num">{retry}</span></Fact> })}
            <Fact label=t("fact-clock")>{clock}</Fact>
        </dl>
    }
    .into_any()
}

fn clock_text(secs_ahead: i64) -> String {
    if secs_ahead.abs() < CLOCK_OFF_FROM_SECS {
        return t("clock-right").to_owned();
    }
    let duration = format::duration(secs_ahead.abs());
    tf(if secs_ahead > 0 { "clock-ahead" } else { "clock-behind" }, &[("duration", &duration)])
}

#[component]
fn Waiting(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        let (all, attention) = (desk.queue.with(Vec::len), desk.attention());
        match (all, attention) {
            (0, _) => t("queue-empty").to_owned(),
            (_, 0) => tn("pending", all),
            _ => format!("{} · {}", tn("pending", all), tn("attention", attention)),
        }
    };
    let open = move |_| {
        close.run(());
        desk.show_change(None);
    };
    view! {
        <p class="row">
            <span class="grow">{text}</span>
            <Show when=move || !desk.queue.with(Vec::is_empty)>
                <button type="button" data-testid="see-changes" on:click=open>{t("see-changes")}</button>
            </Show>
        </p>
    }
    .into_any()
}

/// How this desk is doing, as text for whoever helps; it is shown before anybody sends it.
#[component]
fn Diagnostics() -> impl IntoView {
    let desk = Desk::here();
    let text = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Textarea>::new();
    let copy = move |_| {
        desk.ask_then(DeskRequest::Diagnostics, move |response| {
            let DeskResponse::Text(found) = response else { return };
            let _ = text.try_set(Some(found.clone()));
            leptos::task::spawn_local(async move {
                if copy_text(&found).await {
                    return desk.say(ToastKind::Done, t("diagnostics-copied").to_owned());
                }
                if let Some(Some(field)) = field.try_get_untracked() {
                    field.select();
                }
                desk.say(ToastKind::Notice, t("diagnostics-by-hand").to_owned());
            });
        });
    };
    view! {
        <div class="modal-body">
            <div class="row">
                <span class="muted small grow">{t("diagnostics-hint")}</span>
                <button type="button" data-testid="copy-diagnostics" on:click=copy>{t("diagnostics-copy")}</button>
            </div>
            <Show when=move || text.with(Option::is_some)>
                <textarea node_ref=field class="mono" rows="10" readonly=true data-testid="diagnostics" aria-label=t("diagnostics")
                    prop:value=move || text.get().unwrap_or_default()></textarea>
            </Show>
        </div>
    }
    .into_any()
}
