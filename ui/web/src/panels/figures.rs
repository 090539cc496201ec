//! The manager's page: today's figures and the reports, from the cache, with or without a server.

use std::time::Duration;

use domain::TaskId;
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, FiguresView, Subject};

use super::choices::Choices;
use super::promises::Promises;
use crate::format;
use crate::kit::{Empty, Tab, Tabs};
use crate::state::{Desk, FiguresTab};
use crate::words::{error_text, status_text, t, tf};

/// Figures are asked for again so often while they are on the screen.
const REFRESH: Duration = Duration::from_secs(10);

/// The page.
#[component]
pub fn Figures() -> impl IntoView {
    let desk = Desk::here();
    let tab = |value, text: &'static str, testid| Tab {
        value,
        label: text.to_owned(),
        count: Signal::derive(|| 0),
        testid,
    };
    let tabs = vec![
        tab(FiguresTab::Today, t("figures-today"), "tab-today"),
        tab(FiguresTab::Promises, t("figures-promises"), "tab-promises"),
        tab(FiguresTab::Choices, t("figures-choices"), "tab-choices"),
    ];
    view! {
        <main class="page figures" data-testid="figures-page">
            <div class="dock-head"><Tabs tabs=tabs chosen=desk.look.figures label=t("page-figures") /></div>
            <div class="figures-body" role="tabpanel">
                {move || match desk.look.figures.get() {
                    FiguresTab::Today => view! { <Today /> }.into_any(),
                    FiguresTab::Promises => view! { <Promises /> }.into_any(),
                    FiguresTab::Choices => view! { <Choices /> }.into_any(),
                }}
            </div>
        </main>
    }
    .into_any()
}

/// How the day goes.
#[component]
fn Today() -> impl IntoView {
    let desk = Desk::here();
    let figures = RwSignal::new(None::<Result<FiguresView, String>>);
    let ask = move || {
        leptos::task::spawn_local(async move {
            let shown = match desk.request(DeskRequest::Figures).await {
                Ok(DeskResponse::Figures(figures)) => Ok(figures),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = figures.try_set(Some(shown));
        });
    };
    // Once when the working set is there, then by the clock.
    Effect::new(move |_| {
        desk.loaded.track();
        ask();
    });
    if let Ok(timer) = set_interval_with_handle(ask, REFRESH) {
        on_cleanup(move || timer.clear());
    }
    let good = Memo::new(move |_| match figures.get() {
        Some(Ok(figures)) => Some(figures),
        Some(Err(_)) | None => None,
    });
    (move || match figures.with(|figures| figures.as_ref().map(|figures| figures.as_ref().err().cloned())) {
        None => view! { <Empty text=t("loading") /> }.into_any(),
        Some(Some(text)) => view! { <Empty text=text /> }.into_any(),
        Some(None) => view! { <Board figures=good /> }.into_any(),
    })
    .into_any()
}

#[component]
fn Board(figures: Memo<Option<FiguresView>>) -> impl IntoView {
    let desk = Desk::here();
    let head = move || {
        let figures = figures.get()?;
        let day = figures.day.format("%A, %-d %B %Y").to_string();
        let age = figures.as_of.map_or_else(|| t("never").to_owned(), |at| format::ago(at, desk.clock.get()));
        Some(view! {
            <h2>{day}</h2>
            <span class="muted">{tf("zone", &[("zone", figures.zone.name())])}</span>
            <span class="grow"></span>
            <span class="muted" data-testid="as-of">{tf("as-of", &[("age", &age)])}</span>
        })
    };
    view! {
        <header class="page-head">{head}</header>
        <Tiles figures=figures />
        <div class="boards">
            <section class="board">
                <h3>{t("figures-by-status")}</h3>
                {move || figures.get().map(|figures| {
                    let bars = figures.tasks_by_status.iter().map(|(status, count)| (status_text(*status), *count)).collect();
                    view! { <Bars bars=bars testid="by-status" /> }
                })}
            </section>
            <section class="board">
                <h3>{t("figures-per-day")}</h3>
                {move || figures.get().map(|figures| {
                    let bars = figures.closed_per_day.iter().map(|(day, count)| (day.format("%a %-d %b").to_string(), *count)).collect();
                    view! { <Bars bars=bars testid="per-day" /> }
                })}
            </section>
            <section class="board">
                <h3>{t("figures-late")}</h3>
                {move || figures.get().map(|figures| view! { <Late tasks=figures.late /> })}
            </section>
            <section class="board">
                <h3>{t("figures-by-resource")}</h3>
                {move || figures.get().map(|figures| {
                    let bars = figures.by_resource.iter().map(|(who, count)| (desk.resource_name(*who), *count)).collect();
                    view! { <Bars bars=bars testid="by-resource" /> }
                })}
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Tiles(figures: Memo<Option<FiguresView>>) -> impl IntoView {
    let tile = move |text: &'static str,
                     testid: &'static str,
                     of: fn(&FiguresView) -> String,
                     alarm: fn(&FiguresView) -> bool| {
        view! {
            <div class="tile" data-testid=testid class:alarm=move || figures.with(|figures| figures.as_ref().is_some_and(alarm))>
                <span class="tile-number num">{move || figures.with(|figures| figures.as_ref().map(of))}</span>
                <span>{text}</span>
            </div>
        }
    };
    let quiet = |_: &FiguresView| false;
    view! {
        <div class="tiles">
            {tile(t("figures-closed"), "figure-closed", |figures| figures.closed.to_string(), quiet)}
            {tile(t("figures-not-done"), "figure-not-done", |figures| figures.not_done.to_string(), |figures| figures.not_done > 0)}
            {tile(t("figures-late-now"), "figure-late", |figures| figures.late.len().to_string(), |figures| !figures.late.is_empty())}
            {tile(t("figures-unassigned"), "figure-unassigned", |figures| figures.unassigned.to_string(), quiet)}
            {tile(t("figures-open-bids"), "figure-bids", |figures| figures.open_bids.to_string(), quiet)}
            {tile(t("figures-alerts"), "figure-alerts", |figures| figures.new_alerts.to_string(), quiet)}
            {tile(t("figures-people"), "figure-people", |figures| format!("{} / {}", figures.people_in, figures.people), quiet)}
            {tile(t("figures-people-late"), "figure-people-late", |figures| figures.people_late.to_string(), |figures| figures.people_late > 0)}
        </div>
    }
    .into_any()
}

/// Horizontal bars with their numbers; a list for screen readers.
#[component]
fn Bars(bars: Vec<(String, u32)>, testid: &'static str) -> impl IntoView {
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    if bars.is_empty() {
        return view! { <p class="muted">{t("figures-nothing")}</p> }.into_any();
    }
    let bar = move |(text, count): (String, u32)| {
        let title = text.clone();
        let width = format!("width:{:.1}%", f64::from(count) * 100.0 / f64::from(most));
        view! {
            <li class="bar">
                <span class="bar-name ellipsis" title=title>{text}</span>
                <span class="bar-track"><span class="bar-fill" style=width></span></span>
                <span class="num bar-count">{count}</span>
            </li>
        }
    };
    view! { <ul class="plain bars" data-testid=testid>{bars.into_iter().map(bar).collect_view()}</ul> }
        .into_any()
}

#[component]
fn Late(tasks: Vec<TaskId>) -> impl IntoView {
    let desk = Desk::here();
    if tasks.is_empty() {
        return view! { <p class="muted">{t("figures-late-none")}</p> }.into_any();
    }
    let line = move |task: TaskId| {
        let row = move || desk.rows.tasks.get(task);
        let who = move || row().and_then(|row| row.task.resource).map(|who| desk.resource_name(who));
        let late = move || row().and_then(|row| format::late_secs(row.eta.as_ref())).map(format::duration);
        view! {
            <li>
                <button type="button" class="task-line" on:click=move |_| desk.show(Subject::Task(task))>
                    <span class="grow ellipsis">{move || desk.task_name(task)}</span>
                    <span class="muted">{who}</span>
                    <span class="num late">{move || late().map(|late| format!("+{late}"))}</span>
                </button>
            </li>
        }
    };
    view! { <ul class="plain scroll" data-testid="late-list">{tasks.into_iter().map(line).collect_view()}</ul> }.into_any()
}
