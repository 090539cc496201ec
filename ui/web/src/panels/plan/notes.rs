//! What people have to know of a plan before they apply it: who is not planned, what nobody comes to, which promises break or hold.

use domain::TaskId;
use leptos::prelude::*;
use protocol::view::{LeftOut, PlanLeftOutView, PlanView, Subject};

use crate::kit::{Glyph, Icon};
use crate::state::Desk;
use crate::words::{left_out_text, not_planned_text, t, tn};

/// The notes, worst first; nothing where there is nothing to know.
#[component]
pub fn Notes() -> impl IntoView {
    let desk = Desk::here();
    let plan = desk.planning.plan;
    move || {
        let plan = plan.get()?;
        Some(view! {
            <Promises plan=plan.clone() />
            <LeftOutTasks tasks=plan.left_out />
            <NotPlanned people=plan.not_planned.iter().map(|(who, why)| (desk.resource_name(*who), not_planned_text(*why))).collect() />
        })
    }
}

#[component]
fn Promises(plan: PlanView) -> impl IntoView {
    let list = |tasks: Vec<TaskId>, text: String, testid: &'static str, is_bad: bool| {
        (!tasks.is_empty()).then(|| {
            let glyph = if is_bad { Glyph::Warning } else { Glyph::Check };
            view! {
                <section class="plan-box" class:bad=is_bad class:good=!is_bad data-testid=testid>
                    <h3><Icon glyph=glyph /> {text}</h3>
                    <ul class="plain">{tasks.into_iter().map(|task| view! { <li><TaskLink task=task /></li> }).collect_view()}</ul>
                </section>
            }
        })
    };
    let (broken, mended) = (plan.broken_promises, plan.mended_promises);
    let (breaks, mends) = (tn("plan-breaks", broken.len()), tn("plan-mends", mended.len()));
    view! {
        {list(broken, breaks, "plan-broken", true)}
        {list(mended, mends, "plan-mended", false)}
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
        | LeftOut::NoWay => None,
    };
    left_out_text(because, &skill.unwrap_or_else(|| t("left-out-a-skill").to_owned()))
}

#[component]
fn NotPlanned(people: Vec<(String, &'static str)>) -> impl IntoView {
    if people.is_empty() {
        return ().into_any();
    }
    let title = tn("plan-not-planned", people.len());
    let line = |(who, why): (String, &'static str)| view! { <li class="row"><span class="grow ellipsis">{who}</span> <span class="small muted">{why}</span></li> };
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
