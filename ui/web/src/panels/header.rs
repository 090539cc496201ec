//! The header: where one is, as whom, how fresh it all is.

use domain::access::Action;
use domain::alert::AlertState;
use leptos::prelude::*;
use protocol::view::{ConnectionState, DeskRequest};

use crate::format;
use crate::kit::{Glyph, Icon};
use crate::state::{Desk, Dialog, DockTab, Page, ThemeChoice};
use crate::words::{connection_text, role_text, t, tf, tn};

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let desk = Desk::here();
    let who = move || {
        desk.signed_in().map(|view| {
            let role = role_text(view.user.role);
            view! {
                <span class="who" data-testid="who">
                    <strong>{view.company.name}</strong>
                    <span class="muted">{view.user.name} " · " {role}</span>
                </span>
            }
        })
    };
    view! {
        <header class="header">
            <span class="product">{t("product")}</span>
            <Pages />
            <span class="grow"></span>
            <Freshness />
            <Pending />
            <AlertBell />
            {who}
            <ThemeSwitch />
            <IconButton glyph=Glyph::Keyboard label=t("shortcuts") testid="shortcuts" press=move || desk.look.dialog.set(Some(Dialog::Shortcuts)) />
            <IconButton glyph=Glyph::Out label=t("sign-out") testid="sign-out" press=move || sign_out(desk) />
        </header>
    }
    .into_any()
}

fn sign_out(desk: Desk) {
    if desk.queue.with_untracked(Vec::is_empty) {
        desk.ask(DeskRequest::SignOut { discard_queue: false });
    } else {
        desk.look.dialog.set(Some(Dialog::SignOut));
    }
}

#[component]
fn IconButton(
    glyph: Glyph,
    #[prop(into)] label: Signal<&'static str>,
    testid: &'static str,
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="ghost icon-button"
            data-testid=testid
            aria-label=move || label.get()
            title=move || label.get()
            on:click=move |_| press()
        >
            <Icon glyph=glyph />
        </button>
    }
    .into_any()
}

#[component]
fn Pages() -> impl IntoView {
    let desk = Desk::here();
    let entry = move |page: Page, text: &'static str, testid: &'static str| {
        view! {
            <button
                type="button"
                class="nav"
                data-testid=testid
                aria-current=move || (desk.look.page.get() == page).then_some("page")
                on:click=move |_| desk.look.page.set(page)
            >
                {text}
            </button>
        }
    };
    view! {
        <nav class="navs" aria-label=t("pages")>
            {entry(Page::Desk, t("page-desk"), "nav-desk")}
            <Show when=move || desk.may(Action::ReadAttendance)>{entry(Page::Attendance, t("page-attendance"), "nav-attendance")}</Show>
            {entry(Page::Figures, t("page-figures"), "nav-figures")}
        </nav>
    }
    .into_any()
}

/// The age of the last proof that what is shown is what the server has.
#[component]
fn Freshness() -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        desk.connection.with(|connection| {
            let connection = connection.as_ref()?;
            let age = connection.proof_at.map(|at| format::ago(at, desk.clock.get()));
            Some(match (&connection.state, age) {
                (ConnectionState::Live, Some(age)) => tf("updated", &[("age", &age)]),
                (ConnectionState::Resyncing { percent: Some(percent) }, _) => {
                    tf("resyncing-percent", &[("percent", &percent.to_string())])
                }
                (state, Some(age)) => {
                    format!("{} · {}", connection_text(state), tf("updated", &[("age", &age)]))
                }
                (state, None) => connection_text(state).to_owned(),
            })
        })
    };
    let live = move || {
        desk.connection.with(|connection| {
            let live = |state: &ConnectionState| matches!(state, ConnectionState::Live);
            connection.as_ref().is_some_and(|connection| live(&connection.state))
        })
    };
    view! {
        <span class="freshness" class:live=live data-testid="freshness">
            <span class="lamp" aria-hidden="true"></span>
            {move || text().unwrap_or_else(|| t("start-connecting").to_owned())}
        </span>
    }
    .into_any()
}

#[component]
fn Pending() -> impl IntoView {
    let desk = Desk::here();
    let count = move || desk.queue.with(Vec::len);
    let attention =
        move || desk.connection.with(|connection| connection.as_ref().is_some_and(|c| c.attention > 0));
    view! {
        <Show when=move || { count() > 0 }>
            <button
                type="button"
                class="pill"
                class:warn=attention
                data-testid="pending-count"
                title=t("queue-title")
                on:click=move |_| desk.look.dialog.set(Some(Dialog::Queue))
            >
                {move || tn("pending", count())}
            </button>
        </Show>
    }
    .into_any()
}

#[component]
fn AlertBell() -> impl IntoView {
    let desk = Desk::here();
    let new = Memo::new(move |_| {
        desk.rows.alerts.all().iter().filter(|row| row.alert.state == AlertState::New).count()
    });
    let open = move |_| {
        desk.look.page.set(Page::Desk);
        desk.look.dock_open.set(true);
        desk.look.dock.set(DockTab::Alerts);
    };
    view! {
        <button
            type="button"
            class="ghost icon-button"
            data-testid="alerts-bell"
            aria-label=move || tn("alerts-new", new.get())
            title=move || tn("alerts-new", new.get())
            on:click=open
        >
            <Icon glyph=Glyph::Bell />
            <Show when=move || { new.get() > 0 }>
                <span class="count" data-testid="alerts-count">{move || new.get()}</span>
            </Show>
        </button>
    }
    .into_any()
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let desk = Desk::here();
    let press = move |_| {
        let next = desk.look.theme.get_untracked().next();
        desk.look.theme.set(next);
        desk.ask(DeskRequest::SetPreference { key: "theme".to_owned(), value: Some(next.key().to_owned()) });
    };
    let label = move || match desk.look.theme.get() {
        ThemeChoice::System => t("theme-system"),
        ThemeChoice::Light => t("theme-light"),
        ThemeChoice::Dark => t("theme-dark"),
    };
    let glyph = move || match desk.look.theme.get() {
        ThemeChoice::System => Glyph::Auto,
        ThemeChoice::Light => Glyph::Sun,
        ThemeChoice::Dark => Glyph::Moon,
    };
    view! {
        <button type="button" class="ghost icon-button" data-testid="theme" aria-label=label title=label on:click=press>
            {move || view! { <Icon glyph=glyph() /> }}
        </button>
    }
    .into_any()
}
