//! What people have to know of a plan before they apply it: who is not planned, what nobody comes to, which promises break or hold.

use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::{LeftOut, NotPlanned, PlanLeftOutView, PlanView, Subject};

use crate::kit::{Glyph, Icon};
use crate::state::Desk;
use crate::words::{left_out_text, not_planned_text, t, tn};

/// The notes, worst first; nothing where there is nothing to know. Each is drawn again only when it changes, so that what somebody has
/// unfolded stays so.
#[component]
pub fn Notes() -> impl IntoView {
    view! {
        {note(|plan| (plan.broken_promises.clone(), plan.mended_promises.clone()), |(broken, mended)| view! {
            <Promises title=tn("plan-breaks", broken.len()) tasks=broken testid="plan-broken" is_bad=true />
            <Promises title=tn("plan-mends", mended.len()) tasks=mended testid="plan-mended" is_bad=false />
        }.into_any())}
        {note(|plan| plan.left_out.clone(), |tasks| view! { <LeftOutTasks tasks=tasks /> }.into_any())}
        {note(|plan| plan.not_planned.clone(), |people| view! { <NotPlannedPeople people=people /> }.into_any())}
    }
    .into_any()
}

/// One part of the plan, drawn.
fn note<T: Clone + PartialEq + Send + Sync + 'static>(
    of: fn(&PlanView) -> T,
    draw: fn(T) -> AnyView,
) -> impl IntoView {
    let plan = Desk::here().planning.plan;
    let part = Memo::new(move |_| plan.with(|plan| plan.as_ref().map(of)));
    move || part.get().map(draw)
}

#[component]
fn Promises(title: String, tasks: Vec<TaskId>, testid: &'static str, is_bad: bool) -> impl IntoView {
    if tasks.is_empty() {
        return ().into_any();
    }
    let glyph = if is_bad { Glyph::Warning } else { Glyph::Check };
    view! {
        <section class="plan-box" class:bad=is_bad class:good=!is_bad data-testid=testid>
            <h3><Icon glyph=glyph /> {title}</h3>
            <ul class="plain">{tasks.into_iter().map(|task| view! { <li><TaskLink task=task /></li> }).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn LeftOutTasks(tasks: Vec<PlanLeftOutView>) -> impl IntoView {
    let desk = Desk::here();
    if tasks.is_empty() {
        return ().into_any();
    }
    let title = tn("plan-left-out", tasks.len());
    let line = move |left: PlanLeftOutView| {
        let reasons: Vec<String> = left.reasons.iter().map(|because| reason_text(desk, *because)).collect();
        view! { <li data-testid="plan-left-out-row"><TaskLink task=left.task /> <span class="small muted block">{reasons.join("; ")}</span></li> }
    };
    view! {
        <details class="plan-box" data-testid="plan-left-out" open=true>
            <summary><h3><Icon glyph=Glyph::Warning /> {title}</h3></summary>
            <ul class="plain scroll">{tasks.into_iter().map(line).collect_view()}</ul>
        </details>
    }
    .into_any()
}

fn reason_text(desk: Desk, because: LeftOut) -> String {
    let skill = match because {
        LeftOut::NoSkill { skill } => desk.rows.skills.get(skill).map(|skill| skill.name.clone()),
        LeftOut::DayFull
        | LeftOut::ShiftTooShort
        | LeftOut::WindowOutOfReach
        | LeftOut::TooMuchToCarry
        | LeftOut::NoWay
        | LeftOut::Declined => None,
    };
    left_out_text(because, &skill.unwrap_or_else(|| t("left-out-a-skill").to_owned()))
}

#[component]
fn NotPlannedPeople(people: Vec<(ResourceId, NotPlanned)>) -> impl IntoView {
    let desk = Desk::here();
    if people.is_empty() {
        return ().into_any();
    }
    let title = tn("plan-not-planned", people.len());
    let line = move |(who, why): (ResourceId, NotPlanned)| {
        view! {
            <li class="row">
                <span class="grow ellipsis">{move || desk.resource_name(who)}</span>
                <span class="small muted">{not_planned_text(why)}</span>
            </li>
        }
    };
    view! {
        <details class="plan-box" data-testid="plan-not-planned">
            <summary><h3>{title}</h3></summary>
            <ul class="plain scroll">{people.into_iter().map(line).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// A task by its name; a click shows it on the map.
#[component]
pub fn TaskLink(
    /// Which.
    task: TaskId,
) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <button type="button" class="link ellipsis" title=t("plan-show-task") on:click=move |_| desk.show(Subject::Task(task))>
            {move || desk.task_name(task)}
        </button>
    }
    .into_any()
}
