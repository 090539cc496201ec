//! What dispatchers made of suggestions: how often the first one was followed, why not, and what came of it.

use chrono::DateTime;
use domain::task::OverrideReason;
use leptos::prelude::*;
use protocol::view::{
    ChoiceReportView, DeskRequest, DeskResponse, OverrideCount, OverrideLine, OverridePerson, Subject,
};

use super::reports::{Days, first_days, percent, report, shown, tile};
use crate::format;
use crate::kit::Empty;
use crate::state::Desk;
use crate::words::{override_text, t, tf};

/// The report.
#[component]
pub fn Choices() -> impl IntoView {
    let days = first_days();
    let found = report(
        days,
        |days| DeskRequest::ChoiceReport { days },
        |response| {
            if let DeskResponse::ChoiceReport(view) = response {
                // It moves on with the clock, and is not shown.
                Some(ChoiceReportView { since: DateTime::UNIX_EPOCH, ..*view })
            } else {
                None
            }
        },
    );
    view! {
        <div class="report" data-testid="choice-report">
            <div class="row report-head">
                <Days days=days />
                <span class="muted small">{t("choices-lead")}</span>
            </div>
            {shown(found, |view| view! { <Board view=view /> }.into_any())}
        </div>
    }
    .into_any()
}

#[component]
fn Board(view: ChoiceReportView) -> impl IntoView {
    if view.choices == 0 {
        return view! { <Empty text=t("choices-none") hint=t("choices-none-hint") /> }.into_any();
    }
    let (in_time, late) =
        view.reasons.iter().fold((0, 0), |(in_time, late), line| (in_time + line.in_time, late + line.late));
    let others = view.choices.saturating_sub(view.followed);
    view! {
        <div class="tiles">
            {tile(t("choices-made"), "choices-made", view.choices.to_string(), t("choices-made-hint"), false)}
            {tile(t("choices-followed"), "choices-followed", percent(view.followed, view.choices), t("choices-followed-hint"), false)}
            {tile(t("choices-others"), "choices-others", others.to_string(), t("choices-others-hint"), false)}
            {tile(t("choices-in-time"), "choices-in-time", percent(in_time, in_time + late), t("choices-in-time-hint"), false)}
        </div>
        <div class="boards">
            <section class="board"><h3>{t("choices-reasons")}</h3><Reasons reasons=view.reasons /></section>
            <section class="board"><h3>{t("choices-people")}</h3><People people=view.people /></section>
        </div>
        <Newest lines=view.newest />
    }
    .into_any()
}

fn reason_text(reason: Option<OverrideReason>) -> &'static str {
    reason.map_or_else(|| t("choices-no-reason"), override_text)
}

#[component]
fn Reasons(reasons: Vec<OverrideCount>) -> impl IntoView {
    if reasons.is_empty() {
        return view! { <p class="muted">{t("choices-always-followed")}</p> }.into_any();
    }
    let most = reasons.iter().map(|line| line.count).max().unwrap_or_default().max(1);
    let row = move |line: OverrideCount| {
        let width = format!("width:{:.1}%", f64::from(line.count) * 100.0 / f64::from(most));
        view! {
            <tr data-testid="choice-reason">
                <th scope="row">{reason_text(line.reason)}</th>
                <td class="bar-cell"><span class="bar-track" aria-hidden="true"><span class="bar-fill" style=width></span></span></td>
                <td class="num end">{line.count}</td>
                <td class="num end">{later_text(line.later_secs)}</td>
                <td class="num end">{line.in_time}</td>
                <td class="num end" class:late={line.late > 0}>{line.late}</td>
            </tr>
        }
    };
    view! {
        <table class="grid report-table">
            <thead><tr>
                <th scope="col">{t("choices-reason")}</th>
                <th scope="col"><span class="sr-only">{t("choices-bar")}</span></th>
                <th scope="col" class="end">{t("choices-count")}</th>
                <th scope="col" class="end" title=t("choices-later-hint")>{t("choices-later")}</th>
                <th scope="col" class="end" title=t("choices-in-time-hint")>{t("choices-came-in-time")}</th>
                <th scope="col" class="end">{t("choices-came-late")}</th>
            </tr></thead>
            <tbody>{reasons.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// How much later somebody was expected than the first one; below nothing is earlier.
fn later_text(secs: Option<i64>) -> String {
    match secs {
        None => t("none").to_owned(),
        Some(secs) if secs < 0 => tf("plan-earlier", &[("duration", &format::duration(-secs))]),
        Some(secs) => tf("plan-later", &[("duration", &format::duration(secs))]),
    }
}

#[component]
fn People(people: Vec<OverridePerson>) -> impl IntoView {
    let desk = Desk::here();
    if people.is_empty() {
        return view! { <p class="muted">{t("choices-nobody")}</p> }.into_any();
    }
    let row = move |person: OverridePerson| {
        let who = person.resource;
        view! {
            <tr data-testid="choice-person">
                <th scope="row"><button type="button" class="link" on:click=move |_| desk.show(Subject::Resource(who))>{move || desk.resource_name(who)}</button></th>
                <td class="num end">{person.passed_over}</td>
                <td class="num end">{person.chosen}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll report-scroll">
            <table class="grid report-table">
                <thead><tr>
                    <th scope="col">{t("report-who")}</th>
                    <th scope="col" class="end" title=t("choices-passed-over-hint")>{t("choices-passed-over")}</th>
                    <th scope="col" class="end" title=t("choices-chosen-hint")>{t("choices-chosen")}</th>
                </tr></thead>
                <tbody>{people.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Newest(lines: Vec<OverrideLine>) -> impl IntoView {
    let desk = Desk::here();
    if lines.is_empty() {
        return ().into_any();
    }
    let row = move |line: OverrideLine| {
        let task = line.task;
        let instead = tf(
            "choices-instead",
            &[("who", &desk.resource_name(line.chosen)), ("first", &desk.resource_name(line.first))],
        );
        let at = format::day_time(line.at, desk.zone(), desk.clock.minute());
        view! {
            <tr data-testid="choice-line">
                <td class="num muted">{at}</td>
                <td><button type="button" class="link" on:click=move |_| desk.show(Subject::Task(task))>{move || desk.task_name(task)}</button></td>
                <td>{instead}</td>
                <td>{reason_text(line.reason)}</td>
                <td class="muted">{line.note}</td>
            </tr>
        }
    };
    view! {
        <section class="report-lines">
            <h3>{t("choices-newest")}</h3>
            <table class="grid" data-testid="choice-lines">
                <thead><tr>
                    <th scope="col">{t("choices-when")}</th>
                    <th scope="col">{t("report-task")}</th>
                    <th scope="col">{t("choices-who-went")}</th>
                    <th scope="col">{t("choices-reason")}</th>
                    <th scope="col">{t("choices-note")}</th>
                </tr></thead>
                <tbody>{lines.into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
