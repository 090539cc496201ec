//! Banners below the header: everything about the connection that people have to know.

use domain::access::Role;
use leptos::prelude::*;
use protocol::view::{ConnectionState, DeskRequest};

use crate::format;
use crate::state::{Desk, Dialog};
use crate::words::{role_text, stalled_text, t, tf};

/// All banners that apply.
#[component]
pub fn Banners() -> impl IntoView {
    let desk = Desk::here();
    let clock_off = move || {
        let offset = desk.connection.with(|connection| connection.as_ref().and_then(|c| c.clock_offset_ms));
        offset.filter(|ms| ms.abs() > 120_000).map(|ms| format::duration(ms.abs() / 1_000))
    };
    // The demo keeps nothing anyway.
    let not_durable = move || desk.signed_in().is_some_and(|view| !view.durable && !view.demo);
    view! {
        <Show when=move || !desk.backend_there.get()>
            <div class="banner warn" role="alert">{t("backend-lost")}</div>
        </Show>
        <ConnectionBanner />
        <StalledBanner />
        <Show when=move || clock_off().is_some()>
            <div class="banner warn" role="status">
                {move || tf("clock-off", &[("duration", &clock_off().unwrap_or_default())])}
            </div>
        </Show>
        <Show when=not_durable>
            <div class="banner" role="status">{t("not-durable")}</div>
        </Show>
        <DemoBar />
    }
    .into_any()
}

#[component]
fn ConnectionBanner() -> impl IntoView {
    let desk = Desk::here();
    let state =
        Memo::new(move |_| desk.connection.with(|connection| connection.as_ref().map(|c| c.state.clone())));
    let offline_text = move |since, retry_at: Option<chrono::DateTime<chrono::Utc>>| {
        let since = format::day_time(since, desk.zone(), desk.clock.minute());
        let retry = retry_at.map(|at| (at - desk.clock.get()).num_seconds()).filter(|secs| *secs > 0);
        match retry {
            Some(secs) => tf("offline-since-retry", &[("since", &since), ("n", &secs.to_string())]),
            None => tf("offline-since", &[("since", &since)]),
        }
    };
    let reconnect = move || {
        view! {
            <button type="button" data-testid="reconnect" on:click=move |_| desk.ask(DeskRequest::ReconnectNow)>
                {t("reconnect")}
            </button>
        }
    };
    move || match state.get() {
        Some(ConnectionState::Offline { since, retry_at }) => Some(
            view! {
                <div class="banner warn" role="status" data-testid="offline-banner">
                    <span>{move || offline_text(since, retry_at)}</span>
                    {reconnect()}
                </div>
            }
            .into_any(),
        ),
        Some(ConnectionState::SignInAgain) => Some(
            view! {
                <div class="banner warn" role="alert" data-testid="sign-in-again">
                    <span>{t("sign-in-again")}</span>
                    <button type="button" on:click=move |_| desk.look.dialog.set(Some(Dialog::SignInAgain))>
                        {t("sign-in")}
                    </button>
                </div>
            }
            .into_any(),
        ),
        Some(ConnectionState::UpgradeNeeded) => {
            Some(view! { <div class="banner warn" role="alert">{t("upgrade-needed")}</div> }.into_any())
        }
        Some(ConnectionState::Live | ConnectionState::CatchingUp | ConnectionState::Resyncing { .. })
        | None => None,
    }
}

/// It is connected and yet gets nowhere: what, and since when.
#[component]
fn StalledBanner() -> impl IntoView {
    let desk = Desk::here();
    let stalled =
        Memo::new(move |_| desk.connection.with(|connection| connection.as_ref().and_then(|c| c.stalled)));
    let text = move || {
        let stalled = stalled.get()?;
        let since = format::day_time(stalled.since, desk.zone(), desk.clock.minute());
        Some(tf("stalled-since", &[("what", stalled_text(stalled.what)), ("since", &since)]))
    };
    view! {
        <Show when=move || stalled.get().is_some()>
            <div class="banner warn" role="alert" data-testid="stalled-banner">
                <span>{text}</span>
                <button type="button" on:click=move |_| desk.look.dialog.set(Some(Dialog::Connection))>{t("details")}</button>
                <button type="button" on:click=move |_| desk.ask(DeskRequest::ReconnectNow)>{t("try-now")}</button>
            </div>
        </Show>
    }
    .into_any()
}

/// In the demo: what it is, and a switch that takes its server away.
#[component]
fn DemoBar() -> impl IntoView {
    let desk = Desk::here();
    let role = move || desk.signed_in().map_or(Role::Dispatcher, |view| view.user.role);
    let toggle = move |_| desk.ask(DeskRequest::DemoServer { running: desk.is_offline() });
    view! {
        <Show when=move || desk.signed_in().is_some_and(|view| view.demo)>
            <div class="banner demo" role="note" data-testid="demo-bar">
                <span>{move || tf("demo-bar", &[("role", &role_text(role()))])}</span>
                <button type="button" data-testid="demo-server" on:click=toggle>
                    {move || if desk.is_offline() { t("demo-start-server") } else { t("demo-stop-server") }}
                </button>
            </div>
        </Show>
    }
    .into_any()
}
