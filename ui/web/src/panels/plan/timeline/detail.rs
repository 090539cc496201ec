//! What is known of the task that is pointed at.

use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::{PlanStopView, PlanTourView, PlanView, Subject};

use super::Look;
use crate::format;
use crate::panels::plan::is_private;
use crate::panels::plan::moves::LockButton;
use crate::state::Desk;
use crate::words::{t, tf};

/// A line below the bars: the task under the pointer, else the one that keys have reached.
#[component]
pub fn Detail(look: Look) -> impl IntoView {
    let task = Memo::new(move |_| look.hover.get().or(look.cursor.get()));
    view! {
        <div class="gantt-detail" data-testid="plan-detail">
            {move || match task.get() {
                None => view! { <span class="muted">{t("plan-detail-hint")}</span> }.into_any(),
                Some(task) => view! { <OneTask task=task /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

#[component]
fn OneTask(task: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let places =
        Memo::new(move |_| desk.planning.plan.with(|plan| plan.as_ref().map(|plan| Places::of(plan, task))));
    let after = move || {
        places.get()?.after.map(|(who, stop)| {
            format!("{} · {}", desk.resource_name(who), times_text(desk, &stop, is_private(desk, who)))
        })
    };
    let before = move || {
        let places = places.get()?;
        Some(match places.before {
            Some((who, stop)) => tf(
                "plan-before",
                &[("who", &desk.resource_name(who)), ("time", &before_time(desk, who, &stop))],
            ),
            None => t("plan-before-nobody").to_owned(),
        })
    };
    let owner = move || desk.rows.tasks.get(task).and_then(|row| row.task.resource);
    view! {
        <strong class="ellipsis">{move || desk.task_name(task)}</strong>
        <span class="num">{after}</span>
        <span class="num muted grow">{before}</span>
        {move || view! { <LockButton task=task stays_with=owner() /> }}
        <button type="button" class="small" data-testid="plan-open-task" on:click=move |_| desk.show(Subject::Task(task))>{t("plan-show-task")}</button>
    }
    .into_any()
}

/// When they would be there; of whoever is private, nothing.
fn before_time(desk: Desk, who: ResourceId, stop: &PlanStopView) -> String {
    if is_private(desk, who) {
        return t("none").to_owned();
    }
    format::clock_time(stop.arrives, desk.zone())
}

/// Where a task is in both days.
#[derive(Clone, PartialEq)]
struct Places {
    before: Option<(ResourceId, PlanStopView)>,
    after: Option<(ResourceId, PlanStopView)>,
}

impl Places {
    fn of(plan: &PlanView, task: TaskId) -> Places {
        let find = |tour_of: fn(&protocol::view::PlanDayView) -> &PlanTourView| {
            plan.days.iter().find_map(|day| {
                let stop = tour_of(day).stops.iter().find(|stop| stop.task == task)?;
                Some((day.resource, *stop))
            })
        };
        Places { before: find(|day| &day.before), after: find(|day| &day.after) }
    }
}

/// `arrives 10:12, work 10:15–10:45, drive 12 min, 5 min late`; of whoever is private, nothing of the way.
fn times_text(desk: Desk, stop: &PlanStopView, is_private: bool) -> String {
    let time = |at| format::clock_time(at, desk.zone());
    let secs = |secs: u64| format::duration(i64::try_from(secs).unwrap_or_default());
    let works = tf("plan-works", &[("from", &time(stop.starts)), ("until", &time(stop.leaves))]);
    let mut parts = if is_private {
        vec![works]
    } else {
        let arrives = tf("plan-arrives", &[("time", &time(stop.arrives))]);
        vec![arrives, works, tf("plan-drives-for", &[("duration", &secs(stop.drive_secs))])]
    };
    if stop.late_secs > 0 {
        parts.push(tf("plan-late-by", &[("duration", &secs(stop.late_secs))]));
    }
    if stop.is_fixed {
        parts.push(t("plan-fixed").to_owned());
    }
    parts.join(" · ")
}

/// Everything about a bar for who does not see it.
pub fn spoken(desk: Desk, who: ResourceId, stop: &PlanStopView, is_private: bool) -> String {
    let times = times_text(desk, stop, is_private);
    format!("{}, {}, {times}", desk.task_name(stop.task), desk.resource_name(who))
}
