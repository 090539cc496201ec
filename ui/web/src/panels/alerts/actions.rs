//! Buttons and menus that do something about alerts.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::alert::{AlertAction, Stage};
use domain::{AlertId, UserId};
use leptos::prelude::*;

use super::act::{SHORT_SNOOZE, act, assignees, tomorrow_morning};
use crate::clock;
use crate::format;
use crate::kit::{Glyph, Icon, Menu, MenuItem};
use crate::state::{Desk, Dialog};
use crate::words::{t, tf};

/// Everything that can be done about some alerts. `after` runs when something was.
#[component]
pub fn AlertActions(
    /// Which; asked for when something is done.
    alerts: Callback<(), Vec<AlertId>>,
    /// Their stages.
    #[prop(into)]
    stages: Signal<Vec<Stage>>,
    /// Something was done.
    #[prop(optional)]
    after: Option<Callback<()>>,
) -> impl IntoView {
    let desk = Desk::here();
    let none_is = move |wanted: fn(&Stage) -> bool| move || !stages.with(|stages| stages.iter().any(wanted));
    let press = move |action: AlertAction| {
        move |_| {
            act(desk, &alerts.run(()), action.clone());
            if let Some(after) = after {
                after.run(());
            }
        }
    };
    let with_note = move |_| {
        desk.triage.asked.set(alerts.run(()));
        desk.look.dialog.set(Some(Dialog::AlertResolve));
    };
    let is_open = |stage: &Stage| *stage != Stage::Resolved;
    view! {
        <Show when=move || desk.may(Action::HandleAlert)>
            <div class="actions alert-actions" role="group" aria-label=t("alert-actions")>
                <button type="button" data-testid="act-acknowledge" title=t("acknowledge-hint") disabled=none_is(|stage| *stage == Stage::New) on:click=press(AlertAction::Acknowledge)>
                    <Icon glyph=Glyph::Eye /> {t("acknowledge")}
                </button>
                <AssignMenu alerts=alerts disabled=Signal::derive(none_is(is_open)) after=after />
                <SnoozeMenu alerts=alerts disabled=Signal::derive(none_is(is_open)) after=after />
                <button type="button" data-testid="act-resolve" title=t("resolve-hint") disabled=none_is(is_open)
                    on:click=press(AlertAction::Resolve { note: String::new() })>
                    <Icon glyph=Glyph::Check /> {t("resolve")}
                </button>
                <button type="button" data-testid="act-resolve-note" disabled=none_is(is_open) on:click=with_note>{t("resolve-with-note")}</button>
                <Show when=move || !none_is(|stage| *stage != Stage::New)()>
                    <button type="button" data-testid="act-reopen" title=t("reopen-hint") on:click=press(AlertAction::Reopen)>
                        <Icon glyph=Glyph::Again /> {t("reopen")}
                    </button>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

/// Gives alerts to somebody; whoever is signed in comes first.
#[component]
pub fn AssignMenu(
    alerts: Callback<(), Vec<AlertId>>,
    #[prop(optional)] compact: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] after: Option<Option<Callback<()>>>,
) -> impl IntoView {
    let desk = Desk::here();
    let items = Callback::new(move |()| {
        let me = desk.signed_in().map(|view| view.user.id);
        let item = |(id, name): (UserId, String)| {
            let text = if Some(id) == me { tf("assign-me", &[("who", &name)]) } else { name };
            MenuItem { value: id, text }
        };
        assignees(desk).into_iter().map(item).collect()
    });
    let choose = Callback::new(move |to: UserId| {
        act(desk, &alerts.run(()), AlertAction::Assign { to });
        done(after);
    });
    view! {
        <Menu label=t("assign-to") hint=t("assign-to-hint") glyph=Glyph::Person compact=compact testid="act-assign" items=items disabled=disabled choose=choose />
    }
    .into_any()
}

/// How long alerts are put aside.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Snooze {
    Until(DateTime<Utc>),
    Custom,
}

/// Puts alerts aside for a while.
#[component]
pub fn SnoozeMenu(
    alerts: Callback<(), Vec<AlertId>>,
    #[prop(optional)] compact: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] after: Option<Option<Callback<()>>>,
) -> impl IntoView {
    let desk = Desk::here();
    let items = Callback::new(move |()| {
        let now = clock::now();
        let morning = tomorrow_morning(now, desk.zone());
        let until = tf("snooze-tomorrow", &[("time", &format::clock_time(morning, desk.zone()))]);
        vec![
            MenuItem { value: Snooze::Until(now + SHORT_SNOOZE), text: t("snooze-short").to_owned() },
            MenuItem { value: Snooze::Until(now + TimeDelta::hours(1)), text: t("snooze-hour").to_owned() },
            MenuItem { value: Snooze::Until(morning), text: until },
            MenuItem { value: Snooze::Custom, text: t("snooze-custom").to_owned() },
        ]
    });
    let choose = Callback::new(move |snooze: Snooze| match snooze {
        Snooze::Until(until) => {
            act(desk, &alerts.run(()), AlertAction::Snooze { until });
            done(after);
        }
        Snooze::Custom => {
            desk.triage.asked.set(alerts.run(()));
            desk.look.dialog.set(Some(Dialog::AlertSnooze));
        }
    });
    view! {
        <Menu label=t("snooze") hint=t("snooze-hint") glyph=Glyph::Clock compact=compact testid="act-snooze" items=items disabled=disabled choose=choose />
    }
    .into_any()
}

fn done(after: Option<Option<Callback<()>>>) {
    if let Some(Some(after)) = after {
        after.run(());
    }
}
