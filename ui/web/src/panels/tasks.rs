//! The task table: chips with counts, search, sortable columns.

use domain::TaskId;
use domain::access::Action;
use leptos::prelude::*;
use protocol::view::Subject;

use super::unsent::UnsentMark;
use crate::format;
use crate::kit::{Empty, Glyph, Icon, VirtualList};
use crate::state::lists::{TaskChip, TaskColumn, TaskFilter, choose_tasks};
use crate::state::promises::wants_word;
use crate::state::queue::Unsent;
use crate::state::{Desk, Editor};
use crate::words::{priority_text, promise_badge_text, risk_name, status_text, t, task_chip_text, tn};

const ROW_PX: usize = 30;

const COLUMNS: [(TaskColumn, &str, &str); 7] = [
    (TaskColumn::Number, "column-number", "c-number"),
    (TaskColumn::Title, "column-title", "c-title"),
    (TaskColumn::Status, "column-status", "c-status"),
    (TaskColumn::Resource, "column-resource", "c-resource"),
    (TaskColumn::Priority, "column-priority", "c-priority"),
    (TaskColumn::Window, "column-window", "c-window"),
    (TaskColumn::Eta, "column-eta", "c-eta"),
];

/// The task table.
#[component]
pub fn Tasks() -> impl IntoView {
    let desk = Desk::here();
    let filter = desk.look.task_filter;
    let ids = Memo::new(move |_| {
        let rows = desk.rows.tasks.all();
        let name_of = |id| desk.rows.resources.peek(id).map(|row| row.card.name.clone()).unwrap_or_default();
        filter.with(|filter| choose_tasks(&rows, filter, name_of))
    });
    let selected = Signal::derive(move || match desk.look.selection.get() {
        Some(Subject::Task(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_),
        )
        | None => None,
    });
    view! {
        <Toolbar filter=filter shown=Signal::derive(move || ids.with(Vec::len)) />
        <div class="table tasks-table">
            <Head filter=filter />
            <VirtualList
                items=ids
                row_px=ROW_PX
                row=|id| view! { <Row id=id /> }
                open=Callback::new(move |id| desk.show(Subject::Task(id)))
                selected=selected
                label=t("tasks")
                testid="tasks"
                empty=move || {
                    if desk.loaded.get() {
                        view! { <Empty text=t("tasks-none") hint=t("tasks-none-hint") /> }
                    } else {
                        view! { <Empty text=t("loading") hint="" /> }
                    }
                }
            />
        </div>
    }
    .into_any()
}

#[component]
fn Toolbar(filter: RwSignal<TaskFilter>, shown: Signal<usize>) -> impl IntoView {
    let desk = Desk::here();
    let counts = Memo::new(move |_| {
        let rows = desk.rows.tasks.all();
        TaskChip::ALL.map(|chip| rows.iter().filter(|row| chip.takes(row)).count())
    });
    let chips = TaskChip::ALL.into_iter().enumerate().map(|(index, chip)| {
        view! {
            <button
                type="button"
                class="chip"
                class:alarm=move || { chip == TaskChip::Late && counts.get()[index] > 0 }
                data-testid=format!("tasks-{chip:?}").to_lowercase()
                aria-pressed=move || filter.with(|filter| filter.chip == chip).to_string()
                on:click=move |_| filter.update(|filter| filter.chip = chip)
            >
                {task_chip_text(chip)}
                <span class="num">{move || counts.get()[index]}</span>
            </button>
        }
    });
    view! {
        <div class="toolbar">
            <div class="chips" role="group" aria-label=t("column-status")>{chips.collect_view()}</div>
            <input
                type="search"
                data-testid="tasks-search"
                aria-label=t("search-tasks")
                placeholder=t("search-tasks")
                prop:value=move || filter.with(|filter| filter.text.clone())
                on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))
            />
            <span class="muted num">{move || tn("shown", shown.get())}</span>
            <span class="grow"></span>
            <Show when=move || desk.may(Action::EditTask)>
                <button
                    type="button"
                    class="primary"
                    data-testid="new-task"
                    title=t("new-task-hint")
                    on:click=move |_| desk.look.edit(Editor::NewTask(None))
                >
                    <Icon glyph=Glyph::Plus />
                    {t("new-task")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Head(filter: RwSignal<TaskFilter>) -> impl IntoView {
    let sorted = move |column| {
        let (current, descending) = filter.with(|filter| (filter.column, filter.descending));
        match (current == column, descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    };
    let sort = move |column| {
        filter.update(|filter| {
            filter.descending = filter.column == column && !filter.descending;
            filter.column = column;
        });
    };
    let heads = COLUMNS.map(|(column, key, class)| {
        view! {
            <button type="button" class=class data-sort=move || sorted(column) on:click=move |_| sort(column)>
                {t(key)}
                <span class="sr-only">{move || if sorted(column) == "none" { "" } else { t("sorted") }}</span>
            </button>
        }
    });
    view! { <div class="thead">{heads.collect_view()}</div> }.into_any()
}

#[component]
fn Row(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let title = move || row().map(|row| row.task.title.clone());
    let status = move || row().map(|row| view! { <StatusPill status=row.task.status /> });
    let resource = move || {
        row().map(|row| match row.task.resource {
            Some(id) => desk.resource_name(id).into_any(),
            None if row.open_bid.is_some() => view! { <span class="tag">{t("out-to-bid")}</span> }.into_any(),
            None => view! { <span class="unassigned">{t("unassigned")}</span> }.into_any(),
        })
    };
    let window =
        move |time| row().map(|row| window_text(desk, row.task.window_start, row.task.window_end, time));
    let eta = move || {
        row().and_then(|row| {
            row.eta.as_ref().map(|eta| format::eta_short(Some(eta), desk.zone(), desk.clock.minute()))
        })
    };
    let late = move || row().and_then(|row| format::late_secs(row.eta.as_ref()));
    let maybe_late = move || row().and_then(|row| format::maybe_late_secs(row.eta.as_ref()));
    let hint =
        move || row().and_then(|row| format::eta_hint(row.eta.as_ref(), desk.zone(), desk.clock.minute()));
    let left = move || {
        let at = row().filter(|_| late().is_none()).and_then(|row| format::arrival(row.eta.as_ref()))?;
        Some(format::time_left(at, desk.clock.minute()))
    };
    view! {
        <span class="c-number num">{move || row().map(|row| row.task.number).filter(|number| *number > 0)}</span>
        <span class="c-title" title=title>
            {title}
            <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Task(id), Unsent::of(row.pending, row.attention)))) />
            <PromiseBadge id=id />
        </span>
        <span class="c-status">{status}</span>
        <span class="c-resource">{resource}</span>
        <span class="c-priority" class:high=move || row().is_some_and(|row| row.task.priority >= domain::task::Priority::High)>
            {move || row().map(|row| priority_text(row.task.priority))}
        </span>
        <span class="c-window num" title=move || window(format::day_time)>{move || window(format::near_time)}</span>
        <span class="c-eta num" class:late=move || late().is_some() class:maybe-late=move || maybe_late().is_some() title=hint>
            {eta}
            {move || late().map(|secs| format!(" +{}", format::duration(secs)))}
            <span class="muted small eta-left">{left}</span>
        </span>
    }
    .into_any()
}

/// A promise that will perhaps not be kept.
#[component]
fn PromiseBadge(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let risk = Memo::new(move |_| {
        let outlook = desk.rows.tasks.get(id).and_then(|row| row.promise);
        outlook.map(|outlook| outlook.risk).filter(|risk| wants_word(*risk))
    });
    move || {
        let risk = risk.get()?;
        let (text, hint) = (promise_badge_text(risk), t("promise-badge-hint"));
        Some(
            view! { <span class="tag promise-badge" data-risk=risk_name(risk) data-testid="promise-badge" title=hint>{text}</span> },
        )
    }
}

/// A task's status with its colour.
#[component]
pub fn StatusPill(
    /// Which.
    status: domain::task::TaskStatus,
) -> impl IntoView {
    view! { <span class="status" data-status=format!("{status:?}")>{status_text(status)}</span> }.into_any()
}

/// `09:00–10:30`, `until 10:30`, or a dash; with the times as `time` says them at the moment that is its last argument.
pub fn window_text(
    desk: Desk,
    start: Option<chrono::DateTime<chrono::Utc>>,
    end: Option<chrono::DateTime<chrono::Utc>>,
    time: format::TimeText,
) -> String {
    let now = |at| time(at, desk.zone(), desk.clock.minute());
    match (start, end) {
        (Some(start), Some(end)) => format!("{}–{}", now(start), time(end, desk.zone(), start)),
        (None, Some(end)) => crate::words::tf("window-until", &[("time", &now(end))]),
        (Some(start), None) => crate::words::tf("window-from", &[("time", &now(start))]),
        (None, None) => t("none").to_owned(),
    }
}
