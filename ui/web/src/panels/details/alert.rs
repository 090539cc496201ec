//! An alert: what, when, where, what was done about it, why it fired, and where to go from here.

use std::sync::Arc;

use domain::AlertId;
use domain::access::Action;
use domain::alert::{AlertAction, AlertStep, StepKind};
use leptos::prelude::*;
use protocol::view::{AlertView, DeskRequest, Subject};

use super::why::Why;
use super::{Fact, Gone, PanelHead};
use crate::format;
use crate::panels::alerts::{
    AlertActions, SeverityMark, StagePill, Wording, follow_on, stage_detail, subjects, user_name,
};
use crate::panels::unsent::UnsentMark;
use crate::state::Desk;
use crate::state::queue::Unsent;
use crate::words::{correction_text, severity_text, t, tf, topic_text};

/// An alert's details.
#[component]
pub fn AlertDetails(id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.alerts.get(id);
    let title = Signal::derive(move || {
        row().map(|row| format::alert_text(desk, &row.alert.kind)).unwrap_or_default()
    });
    let stages = Signal::derive(move || {
        row().map(|row| row.alert.stage(desk.clock.minute())).into_iter().collect::<Vec<_>>()
    });
    view! {
        <Show when=move || row().is_some() fallback=|| view! { <Gone /> }>
            <PanelHead kind=t("kind-alert") title=title />
            <div class="panel-body" data-testid="alert-details">
                <Standing id=id />
                <AlertActions alerts=Callback::new(move |()| vec![id]) stages=stages after=Callback::new(move |()| follow_on(desk)) />
                {move || row().map(|row| facts(desk, &row))}
                <Links id=id />
                <section class="section">
                    <h3>{t("alert-history")}</h3>
                    <ol class="timeline history" data-testid="alert-history">{move || row().map(|row| history(desk, &row))}</ol>
                </section>
                <Show when=move || desk.may(Action::HandleAlert)>
                    <Why request=DeskRequest::ExplainAlert { alert: id } title=t("why-fired") action=t("why-show") />
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Standing(id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.alerts.get(id);
    let stage = move || row().map(|row| row.alert.stage(desk.clock.minute()));
    view! {
        <p class="standing" data-testid="alert-standing">
            <SeverityMark severity=Signal::derive(move || row().map(|row| row.alert.severity)) />
            {move || stage().map(|stage| view! { <StagePill stage=stage /> })}
            <span class="muted">{move || row().map(|row| stage_detail(desk, &row, Wording::Full))}</span>
            {move || row().and_then(|row| row.alert.escalated_at).map(|_| view! { <span class="tag bad" title=t("escalated-hint")>{t("escalated")}</span> })}
            {move || row().and_then(|row| row.alert.correction).map(|it| view! { <span class="tag quiet" title=t("corrected-hint")>{correction_text(it)}</span> })}
            <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Alert(id), Unsent::of(row.pending, row.attention)))) />
        </p>
    }
    .into_any()
}

fn facts(desk: Desk, row: &Arc<AlertView>) -> impl IntoView + use<> {
    let time = |at| format::day_time(at, desk.zone(), desk.clock.minute());
    let alert = &row.alert;
    let (happened, noticed) = (time(alert.event_time), time(alert.raised_at));
    let (kind, severity) = (topic_text(alert.kind.topic()), severity_text(alert.severity));
    let rule = alert.rule.map(|id| desk.rule_name(id));
    view! {
        <dl class="facts">
            <Fact label=t("fact-kind")>{kind}</Fact>
            <Fact label=t("policy-severity")>{severity}</Fact>
            <Fact label=t("fact-happened")>{happened}</Fact>
            <Fact label=t("fact-noticed")>{noticed}</Fact>
            {rule.map(|name| view! { <Fact label=t("fact-rule")>{name}</Fact> })}
        </dl>
    }
}

#[component]
fn Links(id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let link = move |subject: Subject| {
        let name = match subject {
            Subject::Bid(bid) => tf("bid-for", &[("task", &format::bid_task_name(desk, bid))]),
            Subject::Resource(_)
            | Subject::Task(_)
            | Subject::Poi(_)
            | Subject::Rule(_)
            | Subject::Alert(_) => desk.subject_name(subject),
        };
        view! { <button type="button" data-testid="alert-link" on:click=move |_| desk.show(subject)>{name}</button> }
    };
    view! {
        <div class="actions">
            {move || desk.rows.alerts.get(id).map(|row| subjects(&row.alert.kind).into_iter().map(link).collect_view())}
        </div>
    }
    .into_any()
}

/// What was done about it, oldest first; it begins with the alert itself.
fn history(desk: Desk, row: &Arc<AlertView>) -> impl IntoView + use<> {
    let line = |at, text: String| {
        let time = format::day_time(at, desk.zone(), desk.clock.minute());
        view! { <li><span class="num muted">{time}</span><span>{text}</span></li> }
    };
    let raised = line(row.alert.raised_at, t("history-raised").to_owned());
    let steps = row.alert.history.iter().map(|step| line(step.at, step_line(desk, step))).collect_view();
    (raised, steps)
}

/// `Ana acknowledged it`
fn step_line(desk: Desk, step: &AlertStep) -> String {
    let who = step.by.map_or_else(|| t("actor-server").to_owned(), |user| user_name(desk, user));
    let said = |key, more: &[(&str, &str)]| {
        let mut values = vec![("who", who.as_str())];
        values.extend_from_slice(more);
        tf(key, &values)
    };
    match &step.what {
        StepKind::Acted { action } => match action {
            AlertAction::Acknowledge => said("history-acknowledged", &[]),
            AlertAction::Assign { to } => said("history-assigned", &[("to", &user_name(desk, *to))]),
            AlertAction::Snooze { until } => said(
                "history-snoozed",
                &[("time", &format::day_time(*until, desk.zone(), desk.clock.minute()))],
            ),
            AlertAction::Resolve { note } if note.is_empty() => said("history-resolved", &[]),
            AlertAction::Resolve { note } => said("history-resolved-note", &[("note", note)]),
            AlertAction::Reopen => said("history-reopened", &[]),
            AlertAction::End => t("history-ended").to_owned(),
            AlertAction::Worsen => t("history-worsened").to_owned(),
        },
        StepKind::Escalated { severity } => {
            tf("history-escalated", &[("severity", severity_text(*severity))])
        }
        StepKind::Corrected { correction } => {
            tf("history-corrected", &[("what", correction_text(*correction))])
        }
    }
}
