//! An alert: what, when, who, where to go from here.

use domain::AlertId;
use domain::access::Action;
use domain::alert::{AlertAction, AlertState};
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};

use super::{Fact, Gone, PanelHead};
use crate::format;
use crate::panels::alerts::{handled_by, subjects};
use crate::state::Desk;
use crate::words::{t, tf};

/// An alert's details.
#[component]
pub fn AlertDetails(id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.alerts.get(id);
    let title = Signal::derive(move || {
        row().map(|row| format::alert_text(desk, &row.alert.kind)).unwrap_or_default()
    });
    let time = move |at| format::day_time(at, desk.zone(), desk.clock.minute());
    let is_new = move || row().is_some_and(|row| row.alert.state == AlertState::New);
    let seen = move || {
        let (by, at) = handled_by(row()?.alert.state)?;
        let who = desk.actor_name(domain::task::Actor::Office(by));
        Some(tf("alert-seen", &[("who", &who), ("time", &time(at))]))
    };
    let link = move |subject: Subject| {
        let text = match subject {
            Subject::Resource(id) => desk.resource_name(id),
            Subject::Task(id) => desk.task_name(id),
            Subject::Poi(id) => desk.poi_name(id),
            Subject::Bid(id) => tf("bid-for", &[("task", &format::bid_task_name(desk, id))]),
            Subject::Rule(id) => desk.rule_name(id),
            Subject::Alert(_) => String::new(),
        };
        view! { <button type="button" on:click=move |_| desk.show(subject)>{text}</button> }
    };
    view! {
        <Show when=move || row().is_some() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-alert") title=title />
            <div class="panel-body" data-testid="alert-details">
                <dl class="facts">
                    <Fact label=t("fact-happened")>{move || row().map(|row| time(row.alert.event_time))}</Fact>
                    <Fact label=t("fact-noticed")>{move || row().map(|row| time(row.alert.raised_at))}</Fact>
                </dl>
                <p class="muted">{seen}</p>
                <Show when=move || is_new() && desk.may(Action::HandleAlert)>
                    <div class="actions">
                        <button type="button" class="primary" data-testid="ack-this"
                            on:click=move |_| desk.ask(DeskRequest::ActOnAlerts { alerts: vec![id], action: AlertAction::Acknowledge })>
                            {t("acknowledge")}
                        </button>
                    </div>
                </Show>
                <div class="actions column">
                    {move || row().map(|row| subjects(&row.alert.kind).into_iter().map(link).collect_view())}
                </div>
            </div>
        </Show>
    }
    .into_any()
}
