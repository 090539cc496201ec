//! Alerts: newest first, acknowledged one by one or all at once; a click flies there.

use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::alert::{AlertAction, AlertKind, AlertState, NearTarget};
use domain::{AlertId, UserId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};

use super::unsent::UnsentMark;
use crate::format;
use crate::kit::{Empty, VirtualList};
use crate::state::queue::Unsent;
use crate::state::{Desk, lists};
use crate::words::{severity_name, severity_text, t, tf};

const ROW_PX: usize = 34;

/// All alerts.
#[component]
pub fn Alerts() -> impl IntoView {
    let desk = Desk::here();
    let ids = lists::alert_ids(desk);
    let new = Memo::new(move |_| new_ids(desk));
    let selected = Signal::derive(move || match desk.look.selection.get() {
        Some(Subject::Alert(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Rule(_),
        )
        | None => None,
    });
    view! {
        <div class="toolbar">
            <span class="muted num">{move || crate::words::tn("alerts-new", new.with(Vec::len))}</span>
            <span class="grow"></span>
            <Show when=move || desk.may(Action::HandleAlert)>
                <button
                    type="button"
                    data-testid="ack-all"
                    disabled=move || new.with(Vec::is_empty)
                    on:click=move |_| desk.ask(DeskRequest::ActOnAlerts { alerts: new.get_untracked(), action: AlertAction::Acknowledge })
                >
                    {t("acknowledge-all")}
                </button>
            </Show>
        </div>
        <VirtualList
            items=ids
            row_px=ROW_PX
            row=|id| view! { <Row id=id /> }
            open=Callback::new(move |id| desk.show(Subject::Alert(id)))
            selected=selected
            label=t("alerts")
            testid="alerts"
            empty=move || {
                if desk.loaded.get() {
                    view! { <Empty text=t("alerts-none") hint=t("alerts-none-hint") /> }
                } else {
                    view! { <Empty text=t("loading") hint="" /> }
                }
            }
        />
    }
    .into_any()
}

#[component]
fn Row(id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.alerts.get(id);
    let is_new = move || row().is_some_and(|row| row.alert.state == AlertState::New);
    let text = move || row().map(|row| format::alert_text(desk, &row.alert.kind));
    let time =
        move || row().map(|row| format::day_time(row.alert.event_time, desk.zone(), desk.clock.minute()));
    let seen_by = move || {
        row().and_then(|row| handled_by(row.alert.state)).map(|(by, at)| {
            let who = desk.actor_name(domain::task::Actor::Office(by));
            let time = format::day_time(at, desk.zone(), desk.clock.minute());
            tf("alert-seen", &[("who", &who), ("time", &time)])
        })
    };
    view! {
        <span class="severity" data-severity=move || row().map(|row| severity_name(row.alert.severity))
            title=move || row().map(|row| severity_text(row.alert.severity))></span>
        <span class="a-time num">{time}</span>
        <span class="a-text" class:strong=is_new title=text>{text}</span>
        <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Alert(id), Unsent::of(row.pending, row.attention)))) />
        <span class="muted small a-seen">{seen_by}</span>
        <Show when=move || is_new() && desk.may(Action::HandleAlert)>
            <button
                type="button"
                class="small"
                data-testid="ack"
                on:click=move |event| {
                    event.stop_propagation();
                    desk.ask(DeskRequest::ActOnAlerts { alerts: vec![id], action: AlertAction::Acknowledge });
                }
            >
                {t("acknowledge")}
            </button>
        </Show>
    }
    .into_any()
}

fn new_ids(desk: Desk) -> Vec<AlertId> {
    let rows = desk.rows.alerts.all();
    rows.iter().filter(|row| row.alert.state == AlertState::New).map(|row| row.alert.id).collect()
}

/// The shortcut: acknowledges the selected alert, or the newest new one.
pub fn acknowledge_selected(desk: Desk) {
    if !desk.may(Action::HandleAlert) {
        return;
    }
    let selected = match desk.look.selection.get_untracked() {
        Some(Subject::Alert(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Rule(_),
        )
        | None => None,
    };
    let mut rows = desk.rows.alerts.peek_all();
    rows.retain(|row| row.alert.state == AlertState::New);
    let newest = rows.iter().max_by_key(|row| row.alert.raised_at).map(|row| row.alert.id);
    if let Some(id) = selected.filter(|id| rows.iter().any(|row| row.alert.id == *id)).or(newest) {
        desk.ask(DeskRequest::ActOnAlerts { alerts: vec![id], action: AlertAction::Acknowledge });
    }
}

/// Who did the last thing about an alert, and when.
pub fn handled_by(state: AlertState) -> Option<(UserId, DateTime<Utc>)> {
    match state {
        AlertState::New | AlertState::Resolved { by: None, .. } => None,
        AlertState::Acknowledged { by, at }
        | AlertState::Assigned { by, at, .. }
        | AlertState::Snoozed { by, at, .. }
        | AlertState::Resolved { by: Some(by), at } => Some((by, at)),
    }
}

/// What an alert is about, to open from its details.
pub fn subjects(kind: &AlertKind) -> Vec<Subject> {
    let mut found: Vec<Subject> = kind.resource().map(Subject::Resource).into_iter().collect();
    found.extend(kind.fence().map(Subject::Poi));
    match kind {
        AlertKind::Near { target: NearTarget::Poi(poi), .. } => found.push(Subject::Poi(*poi)),
        AlertKind::Near { target: NearTarget::Task(task), .. } | AlertKind::StoppedOnTask { task, .. } => {
            found.push(Subject::Task(*task));
        }
        AlertKind::Near { target: NearTarget::Resource(other), .. } => found.push(Subject::Resource(*other)),
        AlertKind::TaskLate { task, .. } | AlertKind::TaskRefused { task, .. } => {
            found.push(Subject::Task(*task))
        }
        AlertKind::BidAnswered { bid, .. } | AlertKind::BidExpired { bid } => found.push(Subject::Bid(*bid)),
        AlertKind::FenceEntered { .. }
        | AlertKind::FenceLeft { .. }
        | AlertKind::FenceDwell { .. }
        | AlertKind::FenceCrossed { .. }
        | AlertKind::FenceAbsent { .. }
        | AlertKind::LeftArea { .. }
        | AlertKind::Speeding { .. }
        | AlertKind::BatteryLow { .. }
        | AlertKind::Sos { .. }
        | AlertKind::DeviceSilent { .. } => {}
    }
    found
}
