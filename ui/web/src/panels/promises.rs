//! How well promises were kept: all together, by hour, by area, and one by one.

use chrono::{DateTime, Utc};
use domain::TaskId;
use domain::task::{Promise, PromiseState};
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, PromiseFigures, PromiseLine, PromiseReportView, Subject};

use super::reports::{Days, csv_line, first_days, percent, report, shown, tile};
use crate::format;
use crate::kit::{Empty, copy_text};
use crate::state::{Desk, ToastKind};
use crate::words::{channel_text, promise_state_name, promise_state_text, t, tf};

/// Further from 90 % than this (per cent) the expected arrivals promise too much or too little.
const CALIBRATED_WITHIN_PCT: u8 = 7;

/// The report.
#[component]
pub fn Promises() -> impl IntoView {
    let days = first_days();
    let found = report(
        days,
        |days| DeskRequest::PromiseReport { days },
        |response| {
            if let DeskResponse::PromiseReport(view) = response {
                // It moves on with the clock, and is not shown.
                Some(PromiseReportView { since: DateTime::UNIX_EPOCH, ..*view })
            } else {
                None
            }
        },
    );
    let view = Memo::new(move |_| found.with(|found| found.as_ref()?.as_ref().ok().cloned()));
    view! {
        <div class="report" data-testid="promise-report">
            <div class="row report-head">
                <Days days=days />
                <span class="muted small">{move || view.get().map(|view| tf("zone", &[("zone", view.zone.name())]))}</span>
                <span class="grow"></span>
                <CopyList view=view />
            </div>
            {shown(found, |view| view! { <Board view=view /> }.into_any())}
        </div>
    }
    .into_any()
}

#[component]
fn CopyList(view: Memo<Option<PromiseReportView>>) -> impl IntoView {
    let desk = Desk::here();
    let is_empty = move || view.with(|view| view.as_ref().is_none_or(|view| view.lines.is_empty()));
    let copy = move |_| {
        let Some(text) = view.with_untracked(|view| view.as_ref().map(|view| csv(desk, view))) else {
            return;
        };
        leptos::task::spawn_local(async move {
            if copy_text(&text).await {
                desk.say(ToastKind::Done, t("report-copied").to_owned());
            } else {
                desk.say(ToastKind::Error, t("report-copy-failed").to_owned());
            }
        });
    };
    view! { <button type="button" data-testid="copy-promises" title=t("report-copy-hint") disabled=is_empty on:click=copy>{t("report-copy")}</button> }.into_any()
}

/// The list as CSV: times in the report's zone with their offset.
fn csv(desk: Desk, view: &PromiseReportView) -> String {
    let head = csv_line(&[
        t("report-task"),
        t("report-told-at"),
        t("report-until"),
        t("report-state"),
        t("report-arrived"),
        t("report-off-min"),
    ]);
    let time = |at: DateTime<Utc>| at.with_timezone(&view.zone).format("%Y-%m-%d %H:%M%:z").to_string();
    let line = |line: &PromiseLine| {
        let promise = &line.promise;
        let off = promise.error_secs().map(|secs| format!("{:.0}", secs as f64 / 60.0)).unwrap_or_default();
        let arrived = promise.arrived().map(time).unwrap_or_default();
        let state = promise_state_text(promise.state);
        csv_line(&[
            &desk.task_name(line.task),
            &time(promise.told_at),
            &time(promise.until),
            state,
            &arrived,
            &off,
        ])
    };
    let lines = view.lines.iter().map(line);
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

#[component]
fn Board(view: PromiseReportView) -> impl IntoView {
    let desk = Desk::here();
    if view.all.told == 0 {
        return view! { <Empty text=t("promises-none") hint=t("promises-none-hint") /> }.into_any();
    }
    let hour = |(hour, figures): (u8, PromiseFigures)| (format!("{hour:02}:00"), figures);
    let area = |(poi, figures): (Option<domain::PoiId>, PromiseFigures)| {
        (poi.map_or_else(|| t("promises-no-area").to_owned(), |poi| desk.poi_name(poi)), figures)
    };
    let by_hour: Vec<(String, PromiseFigures)> = view.by_hour.into_iter().map(hour).collect();
    let by_area: Vec<(String, PromiseFigures)> = view.by_area.into_iter().map(area).collect();
    view! {
        <Tiles all=view.all />
        <div class="boards">
            <section class="board">
                <h3>{t("promises-by-hour")}</h3>
                <Groups head=t("promises-hour") rows=by_hour testid="promises-by-hour" />
            </section>
            <section class="board">
                <h3>{t("promises-by-area")}</h3>
                <Groups head=t("promises-area") rows=by_area testid="promises-by-area" />
            </section>
        </div>
        <Lines lines=view.lines />
    }
    .into_any()
}

/// Whole minutes of an error.
fn off_text(secs: Option<i64>) -> String {
    secs.map_or_else(|| t("none").to_owned(), format::duration)
}

#[component]
fn Tiles(all: PromiseFigures) -> impl IntoView {
    let settled = all.kept + all.broken;
    let within = all.within_p90_pct.map_or_else(|| t("none").to_owned(), |pct| format!("{pct} %"));
    view! {
        <div class="tiles">
            {tile(t("promises-told"), "promises-told", all.told.to_string(), t("promises-told-hint"), false)}
            {tile(t("promises-kept"), "promises-kept", percent(all.kept, settled), t("promises-kept-hint"), false)}
            {tile(t("promises-broken"), "promises-broken", all.broken.to_string(), t("promises-broken-hint"), all.broken > 0)}
            {tile(t("promises-open"), "promises-open", all.open.to_string(), t("promises-open-hint"), false)}
            {tile(t("promises-taken-back"), "promises-taken-back", all.taken_back.to_string(), t("promises-taken-back-hint"), false)}
            {tile(t("promises-off-p50"), "promises-off-p50", off_text(all.error_p50_secs), t("promises-off-p50-hint"), false)}
            {tile(t("promises-off-p90"), "promises-off-p90", off_text(all.error_p90_secs), t("promises-off-p90-hint"), false)}
            {tile(t("promises-within"), "promises-within", within, t("promises-within-hint"), false)}
        </div>
        {all.within_p90_pct.map(|pct| view! { <p class="report-note muted small" data-testid="calibration">{calibration_text(pct)}</p> })}
    }
    .into_any()
}

/// What the share of arrivals within the expected 90 % says.
fn calibration_text(pct: u8) -> &'static str {
    if pct + CALIBRATED_WITHIN_PCT < 90 {
        t("promises-too-sure")
    } else if pct > 90 + CALIBRATED_WITHIN_PCT {
        t("promises-too-careful")
    } else {
        t("promises-calibrated")
    }
}

/// A table with a bar of what was kept and broken in each line.
#[component]
fn Groups(head: &'static str, rows: Vec<(String, PromiseFigures)>, testid: &'static str) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="muted">{t("figures-nothing")}</p> }.into_any();
    }
    let most = rows.iter().map(|(_, figures)| figures.kept + figures.broken).max().unwrap_or_default().max(1);
    let share = move |n: u32| format!("width:{:.1}%", f64::from(n) * 100.0 / f64::from(most));
    let row = move |(name, figures): (String, PromiseFigures)| {
        let settled = figures.kept + figures.broken;
        view! {
            <tr>
                <th scope="row" class="num">{name}</th>
                <td class="bar-cell"><span class="kept-bar" aria-hidden="true"><i class="is-kept" style=share(figures.kept)></i><i class="is-broken" style=share(figures.broken)></i></span></td>
                <td class="num end">{figures.kept}</td>
                <td class="num end" class:late={figures.broken > 0}>{figures.broken}</td>
                <td class="num end">{percent(figures.kept, settled)}</td>
                <td class="num end">{off_text(figures.error_p50_secs)}</td>
                <td class="num end">{off_text(figures.error_p90_secs)}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll report-scroll">
            <table class="grid report-table" data-testid=testid>
                <thead><tr>
                    <th scope="col">{head}</th>
                    <th scope="col"><span class="sr-only">{t("promises-bar")}</span></th>
                    <th scope="col" class="end">{t("promise-state-kept")}</th>
                    <th scope="col" class="end">{t("promise-state-broken")}</th>
                    <th scope="col" class="end">{t("promises-kept")}</th>
                    <th scope="col" class="end" title=t("promises-off-p50-hint")>{t("promises-off-p50")}</th>
                    <th scope="col" class="end" title=t("promises-off-p90-hint")>{t("promises-off-p90")}</th>
                </tr></thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Lines(lines: Vec<PromiseLine>) -> impl IntoView {
    let row = |line: PromiseLine| view! { <Line task=line.task promise=line.promise /> };
    view! {
        <section class="report-lines">
            <h3>{t("promises-list")}</h3>
            <table class="grid" data-testid="promise-lines">
                <thead><tr>
                    <th scope="col">{t("report-state")}</th>
                    <th scope="col">{t("report-task")}</th>
                    <th scope="col">{t("report-who")}</th>
                    <th scope="col">{t("report-told-at")}</th>
                    <th scope="col" class="end">{t("report-until")}</th>
                    <th scope="col" class="end">{t("report-arrived")}</th>
                    <th scope="col" class="end" title=t("report-off-hint")>{t("report-off")}</th>
                </tr></thead>
                <tbody>{lines.into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

#[component]
fn Line(task: TaskId, promise: Promise) -> impl IntoView {
    let desk = Desk::here();
    let (zone, now) = (desk.zone(), desk.clock.minute());
    let state = promise.state;
    let time = move |at| format::day_time(at, zone, now);
    let until = match promise.from {
        Some(from) => tf(
            "promise-between",
            &[("from", &time(from)), ("until", &format::day_time(promise.until, zone, from))],
        ),
        None => time(promise.until),
    };
    let off = promise.error_secs().map(|secs| {
        if secs < 0 {
            format!("−{}", format::duration(-secs))
        } else {
            format!("+{}", format::duration(secs))
        }
    });
    let told = format!("{} · {}", time(promise.told_at), channel_text(promise.channel));
    let is_broken = matches!(state, PromiseState::Broken { .. });
    view! {
        <tr data-testid="promise-line" data-state=promise_state_name(state)>
            <td><span class="status" data-promise=promise_state_name(state)>{promise_state_text(state)}</span></td>
            <td><button type="button" class="link" data-testid="promise-task" on:click=move |_| desk.show(Subject::Task(task))>{move || desk.task_name(task)}</button></td>
            <td>{promise.resource.map(|who| desk.resource_name(who))}</td>
            <td class="num muted">{told}</td>
            <td class="num end">{until}</td>
            <td class="num end" class:late=is_broken>{promise.arrived().map(time)}</td>
            <td class="num end">{off}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_are_right_more_is_careful_and_fewer_is_rash() {
        assert_eq!(calibration_text(90), t("promises-calibrated"), "as it should be");
        assert_eq!(calibration_text(84), t("promises-calibrated"), "near enough");
        assert_eq!(
            calibration_text(70),
            t("promises-too-sure"),
            "three of ten came later than nine of ten were to"
        );
        assert_eq!(calibration_text(100), t("promises-too-careful"), "nobody ever came later");
    }
}
