//! Everybody's day as bars: the plan, and thin above it the day as it is now. One stop for the Tab key; arrows move between tasks.

use domain::{ResourceId, TaskId};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use protocol::view::{PlanDayView, Subject};
use wasm_bindgen::JsCast;

use super::bars::Scale;
use crate::format;
use crate::state::Desk;
use crate::words::{t, tf};

mod detail;
mod row;
mod walk;

use detail::Detail;
use row::Row;
use walk::{Line, step};

/// Pixels an hour, from the whole day at a glance to the minute.
const ZOOMS: [f64; 4] = [32.0, 60.0, 110.0, 200.0];

/// What the timeline shows, and what is pointed at.
#[derive(Clone, Copy)]
struct Look {
    scale: Memo<Option<Scale>>,
    /// The task that keys move from.
    cursor: RwSignal<Option<TaskId>>,
    /// The task under the pointer.
    hover: RwSignal<Option<TaskId>>,
}

/// The timeline with its tools and the details of one task.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = Desk::here();
    let plan = desk.planning.plan;
    let (zoom, only_changed) = (RwSignal::new(1usize), RwSignal::new(false));
    let scale = Memo::new(move |_| plan.with(|plan| Scale::of(plan.as_ref()?, ZOOMS[zoom.get()])));
    let look = Look { scale, cursor: RwSignal::new(None), hover: RwSignal::new(None) };
    let people = Memo::new(move |_| {
        plan.with(|plan| {
            plan.as_ref().map(|plan| people(desk, &plan.days, only_changed.get())).unwrap_or_default()
        })
    });
    let scroller = NodeRef::<html::Div>::new();
    let on_key = move |event: KeyboardEvent| on_key(desk, look, people, scroller, &event);
    view! {
        <section class="plan-timeline" aria-label=t("plan-timeline")>
            <Tools zoom=zoom only_changed=only_changed />
            <div class="gantt" node_ref=scroller role="listbox" tabindex="0" aria-label=t("plan-timeline-label") data-testid="plan-timeline"
                aria-activedescendant=move || look.cursor.get().map(row::bar_id) on:keydown=on_key>
                <div class="gantt-inner" style=move || inner_style(scale.get(), ZOOMS[zoom.get()])>
                    <Hours scale=scale />
                    <For each=move || people.get() key=|who| *who let:who><Row who=who look=look /></For>
                    <Now scale=scale />
                </div>
                <Show when=move || people.with(Vec::is_empty)><p class="empty">{t("plan-nobody-changes")}</p></Show>
            </div>
            <Detail look=look />
        </section>
    }
    .into_any()
}

/// Who is listed, by name.
fn people(desk: Desk, days: &[PlanDayView], only_changed: bool) -> Vec<ResourceId> {
    let changes = |day: &&PlanDayView| !only_changed || !is_same_work(day);
    let mut people: Vec<ResourceId> = days.iter().filter(changes).map(|day| day.resource).collect();
    people.sort_by_cached_key(|id| (desk.resource_name(*id), *id));
    people
}

/// The same tasks in the same order.
fn is_same_work(day: &PlanDayView) -> bool {
    let tasks =
        |stops: &[protocol::view::PlanStopView]| stops.iter().map(|stop| stop.task).collect::<Vec<_>>();
    tasks(&day.before.stops) == tasks(&day.after.stops)
}

fn inner_style(scale: Option<Scale>, px_per_hour: f64) -> String {
    let width = scale.map_or(0.0, Scale::width);
    format!("--day:{width:.0}px;--hour:{px_per_hour}px")
}

#[component]
fn Tools(zoom: RwSignal<usize>, only_changed: RwSignal<bool>) -> impl IntoView {
    let sign = |name: &'static str, text: &'static str| view! { <span class="gantt-key"><i class="bar-key" data-kind=name></i> {text}</span> };
    let step = move |label: &'static str,
                     text: &'static str,
                     next: fn(usize) -> Option<usize>,
                     testid: &'static str| {
        let press = move |_| zoom.update(|zoom| *zoom = next(*zoom).unwrap_or(*zoom));
        view! {
            <button type="button" class="ghost icon-button" data-testid=testid aria-label=label title=label disabled=move || next(zoom.get()).is_none() on:click=press>{text}</button>
        }
    };
    view! {
        <div class="row gantt-tools">
            <h3>{t("plan-timeline")}</h3>
            <span class="gantt-keys small muted">
                {sign("drive", t("plan-key-drive"))} {sign("work", t("plan-key-work"))} {sign("wait", t("plan-key-wait"))}
                {sign("break", t("plan-key-break"))} {sign("moved", t("plan-key-moved"))} {sign("ghost", t("plan-key-before"))}
            </span>
            <span class="grow"></span>
            <label class="check small">
                <input type="checkbox" data-testid="plan-only-changed" prop:checked=move || only_changed.get() on:change=move |event| only_changed.set(event_target_checked(&event)) />
                {t("plan-only-changed")}
            </label>
            {step(t("plan-zoom-out"), "−", |zoom| zoom.checked_sub(1), "plan-zoom-out")}
            {step(t("plan-zoom-in"), "+", |zoom| Some(zoom + 1).filter(|zoom| *zoom < ZOOMS.len()), "plan-zoom-in")}
        </div>
    }
    .into_any()
}

#[component]
fn Hours(scale: Memo<Option<Scale>>) -> impl IntoView {
    let desk = Desk::here();
    let hours = move || scale.get().map(|scale| scale.hours(desk.zone())).unwrap_or_default();
    let hour =
        |(x, text): (f64, String)| view! { <span class="num" style=format!("left:{x:.1}px")>{text}</span> };
    view! {
        <div class="gantt-row gantt-hours" aria-hidden="true">
            <span class="gantt-name muted small">{move || tf("zone", &[("zone", desk.zone().name())])}</span>
            <div class="gantt-lane">{move || hours().into_iter().map(hour).collect_view()}</div>
        </div>
    }
    .into_any()
}

/// Where the day is now.
#[component]
fn Now(scale: Memo<Option<Scale>>) -> impl IntoView {
    let desk = Desk::here();
    move || {
        let (scale, now) = (scale.get()?, desk.clock.minute());
        let text = tf("plan-now", &[("time", &format::clock_time(now, desk.zone()))]);
        scale.has(now).then(
            || view! { <div class="gantt-now" style=format!("--x:{:.1}px", scale.x(now)) title=text></div> },
        )
    }
}

fn on_key(
    desk: Desk,
    look: Look,
    people: Memo<Vec<ResourceId>>,
    scroller: NodeRef<html::Div>,
    event: &KeyboardEvent,
) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let here = look.cursor.get_untracked();
    match (event.key().as_str(), here) {
        ("Enter", Some(task)) => desk.show(Subject::Task(task)),
        ("l", Some(task)) => {
            if current_owner(desk, task).is_some() {
                desk.toggle_lock(task);
            }
        }
        (key, _) => {
            let Some(there) = step(&lines(desk, &people.get_untracked()), here, key) else { return };
            look.cursor.set(Some(there));
            look.hover.set(None);
            bring_into_sight(scroller, there);
        }
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Who has a task now.
fn current_owner(desk: Desk, task: TaskId) -> Option<ResourceId> {
    desk.rows.tasks.peek(task).and_then(|row| row.task.resource)
}

/// Everybody's tasks with their times, as they are drawn.
fn lines(desk: Desk, people: &[ResourceId]) -> Vec<Line> {
    desk.planning.plan.with_untracked(|plan| {
        let days = plan.as_ref().map(|plan| plan.days.as_slice()).unwrap_or_default();
        let line = |who: &ResourceId| {
            let day = days.iter().find(|day| day.resource == *who)?;
            Some(day.after.stops.iter().map(|stop| (stop.task, stop.starts)).collect())
        };
        people.iter().filter_map(line).collect()
    })
}

/// Room that the names and the hours take from the sight of the bars, CSS pixels.
const COVERED_PX: (f64, f64) = (170.0, 30.0);

fn bring_into_sight(scroller: NodeRef<html::Div>, task: TaskId) {
    let Some(scroller) = scroller.get_untracked() else { return };
    let Some(bar) = document().get_element_by_id(&row::bar_id(task)) else { return };
    let frame = scroller.unchecked_ref::<web_sys::Element>().get_bounding_client_rect();
    let own = bar.get_bounding_client_rect();
    let shift = |low: f64, high: f64, own_low: f64, own_high: f64| {
        if own_low < low { own_low - low } else { (own_high - high).max(0.0) }
    };
    let right = shift(frame.left() + COVERED_PX.0, frame.right() - 12.0, own.left(), own.right());
    let down = shift(frame.top() + COVERED_PX.1, frame.bottom() - 12.0, own.top() - 14.0, own.bottom());
    scroller.set_scroll_left(scroller.scroll_left() + right as i32);
    scroller.set_scroll_top(scroller.scroll_top() + down as i32);
}
