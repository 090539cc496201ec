//! One line of the alert list: an alert, or a storm of them.

use std::sync::Arc;

use domain::AlertId;
use domain::access::Action;
use domain::alert::{AlertAction, Severity, Stage};
use leptos::prelude::*;
use protocol::view::{AlertView, Subject};

use super::actions::{AssignMenu, SnoozeMenu};
use super::{act, stage_detail};
use crate::format;
use crate::kit::{Glyph, Icon};
use crate::panels::unsent::UnsentMark;
use crate::state::Desk;
use crate::state::queue::Unsent;
use crate::state::triage::{AlertLine, place_of};
use crate::words::{correction_text, severity_name, severity_text, stage_text, storm_text, t, tf};

/// One line.
#[component]
pub fn AlertRow(line: AlertLine) -> impl IntoView {
    match line {
        AlertLine::One(id) => view! { <OneAlert line=line id=id /> }.into_any(),
        AlertLine::Member(id) => view! { <OneAlert line=line id=id /> }.into_any(),
        AlertLine::Storm(lead) => view! { <Storm lead=lead /> }.into_any(),
    }
}

#[component]
fn OneAlert(line: AlertLine, id: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.alerts.get(id);
    let stage = Memo::new(move |_| row().map(|row| row.alert.stage(desk.clock.minute())));
    let text = move || row().map(|row| format::alert_text(desk, &row.alert.kind));
    let time =
        move || row().map(|row| format::day_time(row.alert.event_time, desk.zone(), desk.clock.minute()));
    let age =
        move || row().map(|row| format::duration((desk.clock.minute() - row.alert.event_time).num_seconds()));
    let detail = move || row().map(|row| stage_detail(desk, &row));
    view! {
        <Choose line=line />
        <SeverityMark severity=Signal::derive(move || row().map(|row| row.alert.severity)) />
        <span class="a-time num" class:member=matches!(line, AlertLine::Member(_))>{time}</span>
        <span class="a-what">
            <span class="a-text ellipsis" class:strong=move || stage.get() == Some(Stage::New) title=text>{text}</span>
            {move || row().map(|row| marks(&row))}
            <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Alert(id), Unsent::of(row.pending, row.attention)))) />
        </span>
        <span class="a-group muted ellipsis">{move || row().map(|row| group_text(desk, &row))}</span>
        <span class="a-stage" title=detail>
            {move || stage.get().map(|stage| view! { <StagePill stage=stage /> })}
            <span class="muted small ellipsis">{detail}</span>
        </span>
        <span class="a-age num muted">{age}</span>
        <RowActions line=line has_new=Signal::derive(move || stage.get() == Some(Stage::New))
            resolved=Signal::derive(move || stage.get() == Some(Stage::Resolved)) />
    }
    .into_any()
}

/// Escalated, corrected: what sets this alert apart from others of its kind.
fn marks(row: &Arc<AlertView>) -> impl IntoView + use<> {
    let escalated = row.alert.escalated_at.map(|_| {
        view! { <span class="tag bad" data-testid="escalated" title=t("escalated-hint")>{t("escalated")}</span> }
    });
    let corrected = row.alert.correction.map(|correction| {
        view! { <span class="tag quiet" data-testid="corrected" title=t("corrected-hint")>{correction_text(correction)}</span> }
    });
    (escalated, corrected)
}

/// Whose team, and where.
fn group_text(desk: Desk, row: &AlertView) -> String {
    let resource = row.alert.kind.resource().and_then(|id| desk.rows.resources.get(id));
    let group = resource.and_then(|row| desk.rows.groups.get(row.card.group)).map(|group| group.name.clone());
    let place = place_of(&row.alert.kind).map(|id| desk.poi_name(id));
    group.into_iter().chain(place).collect::<Vec<_>>().join(" · ")
}

#[component]
fn Storm(lead: AlertId) -> impl IntoView {
    let desk = Desk::here();
    let line = AlertLine::Storm(lead);
    let members = Memo::new(move |_| {
        desk.triage.shown.with(|shown| shown.storms.get(&lead).cloned().unwrap_or_default())
    });
    let rows = Memo::new(move |_| {
        members.get().into_iter().filter_map(|id| desk.rows.alerts.get(id)).collect::<Vec<_>>()
    });
    let stages = Memo::new(move |_| {
        let now = desk.clock.minute();
        rows.with(|rows| {
            Stage::ALL.map(|stage| rows.iter().filter(|row| row.alert.stage(now) == stage).count())
        })
    });
    let worst = Signal::derive(move || rows.with(|rows| rows.iter().map(|row| row.alert.severity).max()));
    let text = move || rows.with(|rows| storm_line(desk, rows));
    let opened = move || desk.triage.opened.with(|opened| opened.contains(&lead));
    let toggle = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        desk.triage.toggle_storm(lead);
    };
    let age = move || {
        rows.with(|rows| {
            let last = rows.last()?.alert.event_time;
            Some(format::duration((desk.clock.minute() - last).num_seconds()))
        })
    };
    view! {
        <Choose line=line />
        <SeverityMark severity=worst />
        <button type="button" class="ghost small a-time storm" tabindex="-1" data-testid="storm-toggle"
            aria-expanded=move || opened().to_string() aria-label=t("storm-open") on:click=toggle>
            <Icon glyph=Glyph::Collapse />
            <span class="num">{move || members.with(Vec::len)}</span>
        </button>
        <span class="a-what" data-testid="storm">
            <span class="a-text ellipsis" class:strong=move || { stages.get()[0] > 0 } title=text>{text}</span>
        </span>
        <span class="a-group muted"></span>
        <span class="a-stage"><span class="muted small ellipsis">{move || stages_text(&stages.get())}</span></span>
        <span class="a-age num muted">{age}</span>
        <RowActions line=line has_new=Signal::derive(move || stages.get()[0] > 0) resolved=Signal::derive(move || stages.get()[..4] == [0; 4]) />
    }
    .into_any()
}

/// `40 devices are silent · 10:42–10:47`
fn storm_line(desk: Desk, rows: &[Arc<AlertView>]) -> String {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return String::new() };
    let place = place_of(&first.alert.kind).map(|id| desk.poi_name(id)).unwrap_or_default();
    let from = format::day_time(first.alert.event_time, desk.zone(), desk.clock.minute());
    let to = format::clock_time(last.alert.event_time, desk.zone());
    let text = storm_text(first.alert.kind.topic(), rows.len(), &place);
    tf("storm-line", &[("text", &text), ("from", &from), ("to", &to)])
}

/// `12 New, 28 Acknowledged`
fn stages_text(stages: &[usize; 5]) -> String {
    let of = |(stage, n): (Stage, &usize)| {
        tf("storm-stage", &[("n", &n.to_string()), ("stage", stage_text(stage))])
    };
    let some = Stage::ALL.into_iter().zip(stages).filter(|(_, n)| **n > 0);
    some.map(of).collect::<Vec<_>>().join(", ")
}

#[component]
fn Choose(line: AlertLine) -> impl IntoView {
    let desk = Desk::here();
    let chosen = move || desk.triage.chosen.with(|chosen| chosen.contains(&line));
    view! {
        <input type="checkbox" class="a-choose" tabindex="-1" data-testid="choose" aria-label=t("alert-choose") prop:checked=chosen
            on:click=move |event| event.stop_propagation()
            on:change=move |_| desk.triage.toggle_chosen(line) />
    }
    .into_any()
}

/// A severity by shape and colour, with its name for screen readers.
#[component]
pub fn SeverityMark(#[prop(into)] severity: Signal<Option<Severity>>) -> impl IntoView {
    view! {
        <span class="severity" role="img" data-severity=move || severity.get().map(severity_name)
            aria-label=move || severity.get().map(severity_text) title=move || severity.get().map(severity_text)></span>
    }
    .into_any()
}

/// A stage with its colour.
#[component]
pub fn StagePill(stage: Stage) -> impl IntoView {
    let name = format!("{stage:?}").to_lowercase();
    view! { <span class="status stage" data-testid="stage" data-stage=name>{stage_text(stage)}</span> }
        .into_any()
}

/// What can be done about a line without opening it.
#[component]
fn RowActions(line: AlertLine, has_new: Signal<bool>, resolved: Signal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let alerts = Callback::new(move |()| desk.triage.alerts_of(line));
    let button = move |glyph, label: &'static str, testid: &'static str, action: AlertAction| {
        let press = move |event: leptos::ev::MouseEvent| {
            event.stop_propagation();
            act(desk, &alerts.run(()), action.clone());
        };
        view! {
            <button type="button" class="ghost icon-button" tabindex="-1" data-testid=testid aria-label=label title=label on:click=press>
                <Icon glyph=glyph />
            </button>
        }
    };
    view! {
        <span class="a-actions">
            <Show when=move || desk.may(Action::HandleAlert) && !resolved.get()>
                <Show when=move || has_new.get()>{button(Glyph::Eye, t("acknowledge"), "ack", AlertAction::Acknowledge)}</Show>
                <AssignMenu alerts=alerts compact=true />
                <SnoozeMenu alerts=alerts compact=true />
                {button(Glyph::Check, t("resolve"), "resolve", AlertAction::Resolve { note: String::new() })}
            </Show>
            <Show when=move || desk.may(Action::HandleAlert) && resolved.get()>
                {button(Glyph::Again, t("reopen"), "reopen", AlertAction::Reopen)}
            </Show>
        </span>
    }
    .into_any()
}
