//! One person's day.

use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::{PlanDayView, PlanStopView, PlanTourView};

use super::Look;
use super::detail::spoken;
use crate::format;
use crate::kit::{Glyph, Icon};
use crate::panels::plan::bars::{Bar, BarKind, Scale, bars};
use crate::panels::plan::is_private;
use crate::state::Desk;
use crate::words::{t, tf};

/// Work beyond the shift is marked from here on, seconds; less is rounding.
const OVERTIME_FROM_SECS: u64 = 60;
/// A bar with less room than this has no number in it, pixels.
const NUMBER_FITS_PX: f64 = 30.0;

/// The name of a task's bar for the keyboard.
pub fn bar_id(task: TaskId) -> String {
    format!("plan-bar-{task}")
}

/// The row; drawn again only when this person's day changes.
#[component]
pub fn Row(who: ResourceId, look: Look) -> impl IntoView {
    let desk = Desk::here();
    let day = Memo::new(move |_| {
        desk.planning.plan.with(|plan| plan.as_ref()?.days.iter().find(|day| day.resource == who).cloned())
    });
    let is_private = Memo::new(move |_| is_private(desk, who));
    // Their day began where they were: what comes of the moves is worked out without that.
    Effect::new(move |was_private: Option<bool>| {
        let is_private = is_private.get();
        if is_private && was_private == Some(false) {
            desk.count_moves_anew();
        }
        is_private
    });
    let name = move || desk.resource_name(who);
    let sums = move || {
        let day = day.get().filter(|_| !is_private.get())?;
        Some(view! { <Sums before=day.before after=day.after /> })
    };
    let lane = move || {
        let (day, scale) = (day.get()?, look.scale.get()?);
        Some(view! { <Lane day=day scale=scale look=look is_private=is_private.get() /> })
    };
    view! {
        <div class="gantt-row" role="group" aria-label=name data-testid="plan-day" data-id=who.to_string()>
            <div class="gantt-name">
                <span class="ellipsis" title=name>{name}</span>
                {sums}
            </div>
            <div class="gantt-lane">{lane}</div>
        </div>
    }
    .into_any()
}

/// Driving now and with the plan, and work beyond the shift.
#[component]
fn Sums(before: PlanTourView, after: PlanTourView) -> impl IntoView {
    let mins = |secs: u64| format::duration(i64::try_from(secs).unwrap_or_default());
    let (then, now) = (mins(before.drive_secs), mins(after.drive_secs));
    let title = tf("plan-day-drive", &[("before", &then), ("after", &now)]);
    let text = if then == now { now } else { format!("{then} → {now}") };
    let over = (after.overtime_secs >= OVERTIME_FROM_SECS).then(|| {
        let text = tf("plan-overtime", &[("duration", &mins(after.overtime_secs))]);
        view! { <span class="tag" title=text.clone()>{text.clone()}</span> }
    });
    view! { <span class="row small muted num gantt-sums"><span class="ellipsis" title=title>{text}</span>{over}</span> }.into_any()
}

#[component]
fn Lane(day: PlanDayView, scale: Scale, look: Look, is_private: bool) -> impl IntoView {
    let desk = Desk::here();
    let off = |left: f64, width: f64| {
        (width > 0.0)
            .then(|| view! { <i class="gantt-off" style=format!("left:{left:.1}px;width:{width:.1}px")></i> })
    };
    let (starts, ends) = (scale.x(day.starts), scale.x(day.ends));
    let end_text = tf("plan-shift-ends", &[("time", &format::clock_time(day.ends, desk.zone()))]);
    // A wait begins with the arrival.
    let may_show = move |bar: &Bar| !is_private || !matches!(bar.kind, BarKind::Drive | BarKind::Wait);
    let ghosts = bars(&day.before).into_iter().filter(may_show).map(|bar| ghost(bar, scale)).collect_view();
    let stops = day.after.stops.clone();
    let own = move |bar: Bar| {
        match stops.iter().find(|stop| Some(stop.task) == bar.task && bar.kind == BarKind::Work) {
        Some(stop) => view! { <Work stop=*stop who=day.resource scale=scale look=look is_private=is_private /> }.into_any(),
        None => view! { <i class="gantt-bar" data-kind=bar.kind.name() style=scale.style(bar.from, bar.until)></i> }.into_any(),
    }
    };
    view! {
        {off(0.0, starts)}
        {off(ends, scale.width() - ends)}
        <i class="gantt-end" style=format!("left:{ends:.1}px") title=end_text></i>
        <div class="gantt-ghosts" aria-hidden="true">{ghosts}</div>
        {bars(&day.after).into_iter().filter(may_show).map(own).collect_view()}
    }
    .into_any()
}

/// The day as it is now, thin: only when somebody works or drives.
fn ghost(bar: Bar, scale: Scale) -> Option<impl IntoView> {
    matches!(bar.kind, BarKind::Work | BarKind::Drive)
        .then(|| view! { <i class="gantt-ghost" data-kind=bar.kind.name() style=scale.style(bar.from, bar.until)></i> })
}

/// Work at a task: what is pointed at, moved, late, fixed or locked shows, each by a sign of its own.
#[component]
fn Work(stop: PlanStopView, who: ResourceId, scale: Scale, look: Look, is_private: bool) -> impl IntoView {
    let desk = Desk::here();
    let task = stop.task;
    let is_moved = desk.planning.plan.with_untracked(|plan| {
        plan.as_ref().is_some_and(|plan| plan.moves.iter().any(|moved| moved.task == task && moved.is_chosen))
    });
    let is_late = stop.late_secs > 0;
    let is_locked = move || stop.is_fixed || desk.planning.locked.with(|locked| locked.contains(&task));
    let number = desk.rows.tasks.peek(task).map(|row| row.task.number).filter(|number| *number > 0);
    let fits = scale.x(stop.leaves) - scale.x(stop.starts) >= NUMBER_FITS_PX;
    let number = number.filter(|_| fits).map(|number| format!("#{number}"));
    view! {
        <div
            class="gantt-bar"
            class:moved=is_moved
            class:late=is_late
            class:active=move || look.cursor.get() == Some(task)
            role="option"
            id=bar_id(task)
            data-testid="plan-bar"
            data-kind="work"
            data-id=task.to_string()
            data-moved=is_moved.to_string()
            style=scale.style(stop.starts, stop.leaves)
            aria-selected=move || (look.cursor.get() == Some(task)).to_string()
            aria-label=move || spoken(desk, who, &stop, is_private)
            on:click=move |_| look.cursor.set(Some(task))
            on:mouseenter=move |_| look.hover.set(Some(task))
            on:mouseleave=move |_| look.hover.set(None)
        >
            {move || is_locked().then(|| view! { <Icon glyph=Glyph::Lock /> })}
            {is_late.then(|| view! { <b title=t("plan-late-sign")>"!"</b> })}
            {number}
        </div>
    }
    .into_any()
}
