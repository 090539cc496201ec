//! What is asked before alerts are put aside until some time, or resolved with a remark.

use chrono::{NaiveDateTime, TimeDelta};
use domain::alert::{AlertAction, LONGEST_NOTE_CHARS, LONGEST_SNOOZE};
use leptos::prelude::*;

use super::act;
use super::keys::go_on_from;
use crate::clock;
use crate::kit::Confirm;
use crate::state::Desk;
use crate::words::{t, tn};

/// As `<input type="datetime-local">` has it.
const LOCAL_FORMAT: &str = "%Y-%m-%dT%H:%M";

/// Until when?
#[component]
pub fn SnoozeDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let local = move |at: chrono::DateTime<chrono::Utc>| {
        at.with_timezone(&desk.zone()).format(LOCAL_FORMAT).to_string()
    };
    let now = clock::now();
    let until = RwSignal::new(local(now + TimeDelta::hours(4)));
    let error = RwSignal::new(false);
    let confirm = Callback::new(move |()| {
        let now = clock::now();
        let typed = until
            .with_untracked(|text| NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), LOCAL_FORMAT));
        let until = typed.map(|local| domain::attendance::instant(local.date(), local.time(), desk.zone()));
        match until {
            Ok(until) if until > now && until - now <= LONGEST_SNOOZE => {
                let asked = desk.triage.asked.get_untracked();
                act(desk, &asked, AlertAction::Snooze { until });
                go_on_from(desk, &asked);
                close.run(());
            }
            Ok(_) | Err(_) => error.set(true),
        }
    });
    view! {
        <Confirm title=t("snooze") action=t("snooze") testid="snooze-dialog" close=close confirm=confirm>
            <p>{tn("alerts-count", desk.triage.asked.with_untracked(Vec::len))}</p>
            <label class="field">
                <span>{t("snooze-until")}</span>
                <input type="datetime-local" data-testid="snooze-until" min=local(now) max=local(now + LONGEST_SNOOZE)
                    prop:value=move || until.get() on:input=move |event| until.set(event_target_value(&event)) />
            </label>
            <Show when=move || error.get()><p class="field-error" role="alert">{t("snooze-error")}</p></Show>
        </Confirm>
    }
    .into_any()
}

/// How was it dealt with?
#[component]
pub fn ResolveDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let note = RwSignal::new(String::new());
    let confirm = Callback::new(move |()| {
        let note = note.with_untracked(|note| note.trim().to_owned());
        let asked = desk.triage.asked.get_untracked();
        act(desk, &asked, AlertAction::Resolve { note });
        go_on_from(desk, &asked);
        close.run(());
    });
    view! {
        <Confirm title=t("resolve") action=t("resolve") testid="resolve-dialog" close=close confirm=confirm>
            <p>{tn("alerts-count", desk.triage.asked.with_untracked(Vec::len))}</p>
            <label class="field">
                <span>{t("resolve-note")}</span>
                <textarea rows="3" data-testid="resolve-note" maxlength=LONGEST_NOTE_CHARS.to_string()
                    prop:value=move || note.get() on:input=move |event| note.set(event_target_value(&event))></textarea>
            </label>
        </Confirm>
    }
    .into_any()
}
