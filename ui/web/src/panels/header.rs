//! The header: where one is, as whom, how fresh it all is.

use domain::access::Action;
use leptos::prelude::*;
use protocol::view::DeskRequest;

use super::alerts::show_centre;
use super::connection::FreshnessButton;
use super::notifications::Telling;
use crate::kit::{Glyph, Icon};
use crate::state::{Desk, Dialog, Page, ThemeChoice};
use crate::words::{role_text, t, tn};

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
            <FreshnessButton />
            <Pending />
            <AlertBell />
            {who}
            <ThemeSwitch />
            <IconButton glyph=Glyph::Road label=t("travel") testid="travel" press=move || desk.look.dialog.set(Some(Dialog::Travel)) />
            <IconButton glyph=Glyph::Data label=t("retention") testid="data" press=move || desk.look.dialog.set(Some(Dialog::Retention)) />
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
                <Show when=move || page == Page::Alerts && desk.triage.new_ids.with(|new| !new.is_empty())>
                    <span class="nav-count num" data-testid="nav-alerts-count">{move || desk.triage.new_ids.with(Vec::len)}</span>
                </Show>
            </button>
        }
    };
    view! {
        <nav class="navs" aria-label=t("pages")>
            {entry(Page::Desk, t("page-desk"), "nav-desk")}
            <Show when=move || desk.may(Action::HandleAlert)>{entry(Page::Alerts, t("page-alerts"), "nav-alerts")}</Show>
            <Show when=move || desk.may(Action::AssignTask)>{entry(Page::Plan, t("page-plan"), "nav-plan")}</Show>
            <Show when=move || desk.may(Action::ReadAttendance)>{entry(Page::Attendance, t("page-attendance"), "nav-attendance")}</Show>
            {entry(Page::Figures, t("page-figures"), "nav-figures")}
            <Show when=move || desk.may(Action::HandleAlert) || desk.may(Action::EditRule)>{entry(Page::Rules, t("page-rules"), "nav-rules")}</Show>
            {entry(Page::Changes, t("page-changes"), "nav-changes")}
        </nav>
    }
    .into_any()
}

/// What waits for the server; in the colour of a warning when something needs the user.
#[component]
fn Pending() -> impl IntoView {
    let desk = Desk::here();
    let count = move || desk.queue.with(Vec::len);
    let attention = Memo::new(move |_| desk.attention());
    let text = move || match attention.get() {
        0 => tn("pending", count()),
        n => tn("attention", n),
    };
    view! {
        <Show when=move || { count() > 0 }>
            <button
                type="button"
                class="pill"
                class:warn=move || { attention.get() > 0 }
                data-testid="pending-count"
                data-attention=move || attention.get().to_string()
                title=t("queue-title")
                on:click=move |_| desk.show_change(None)
            >
                {text}
            </button>
        </Show>
    }
    .into_any()
}

#[component]
fn AlertBell() -> impl IntoView {
    let desk = Desk::here();
    let new = Memo::new(move |_| desk.triage.new_ids.with(Vec::len));
    let telling = Memo::new(move |_| Telling::of(desk));
    let label = move || match telling.get().hint() {
        Some(hint) => format!("{} · {hint}", tn("alerts-new", new.get())),
        None => tn("alerts-new", new.get()),
    };
    view! {
        <Show when=move || desk.may(Action::HandleAlert)>
            <button
                type="button"
                class="ghost icon-button bell"
                data-testid="alerts-bell"
                data-telling=move || telling.get().name()
                aria-label=label
                title=label
                on:click=move |_| show_centre(desk)
            >
                <Icon glyph=Glyph::Bell />
                <Show when=move || { new.get() > 0 }>
                    <span class="count" data-testid="alerts-count">{move || if new.get() > 999 { "999+".to_owned() } else { new.get().to_string() }}</span>
                </Show>
            </button>
        </Show>
        <IconButton glyph=Glyph::Sliders label=t("notifications") testid="notifications" press=move || desk.look.dialog.set(Some(Dialog::Notifications)) />
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
