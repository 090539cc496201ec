//! The page where a day is planned: what to plan on the left, what comes of it beside it, before anything is done.

use domain::ResourceId;
use domain::position::PositionState;
use leptos::prelude::*;
use protocol::view::PlanView;

use crate::format;
use crate::kit::{Empty, Glyph, Icon};
use crate::state::Desk;
use crate::state::plan::{applied_text, changed_since, is_old};
use crate::words::{rejection_text, source_text, t, tf, tn};

mod bars;
mod figures;
mod form;
mod moves;
mod notes;
mod progress;
mod timeline;

/// The page.
#[component]
pub fn Plan() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let shown = Memo::new(move |_| {
        if planning.is_busy() {
            Shown::Progress
        } else if planning.error.with(Option::is_some) {
            Shown::Error
        } else if planning.plan.with(Option::is_some) {
            Shown::Plan
        } else if desk.loaded.get() {
            Shown::Nothing
        } else {
            Shown::Loading
        }
    });
    view! {
        <main class="page plan" data-testid="plan-page">
            <section class="column plan-form" aria-label=t("plan-what")><form::PlanFields /></section>
            <section class="column plan-result" aria-label=t("plan-result")>
                {move || match shown.get() {
                    Shown::Progress => view! { <progress::Progress /> }.into_any(),
                    Shown::Error => view! { <Failed /> }.into_any(),
                    Shown::Plan => view! { <Outcome /> }.into_any(),
                    Shown::Nothing => view! { <Empty text=t("plan-none") hint=t("plan-none-hint") /> }.into_any(),
                    Shown::Loading => view! { <Empty text=t("loading") /> }.into_any(),
                }}
            </section>
        </main>
    }
    .into_any()
}

/// Whether somebody's location is switched off now: nothing that hints at a place is shown of their day, whenever it was planned.
fn is_private(desk: Desk, who: ResourceId) -> bool {
    desk.rows.resources.get(who).is_some_and(|row| matches!(row.position, PositionState::Private { .. }))
}

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Progress,
    Error,
    Plan,
    Nothing,
    Loading,
}

#[component]
fn Failed() -> impl IntoView {
    let desk = Desk::here();
    let text = move || desk.planning.error.get().unwrap_or_default();
    view! {
        <div class="plan-failed">
            <p class="field-error" role="alert" data-testid="plan-error">{text}</p>
            <button type="button" on:click=move |_| desk.plan_day()>{t("plan-anew")}</button>
        </div>
    }
    .into_any()
}

/// A plan beside the present day.
#[component]
fn Outcome() -> impl IntoView {
    view! {
        <Head />
        <div class="plan-body">
            <div class="plan-main">
                <figures::Comparison />
                <timeline::Timeline />
            </div>
            <div class="plan-side">
                <notes::Notes />
                <moves::Moves />
            </div>
        </div>
    }
    .into_any()
}

/// What the plan is worth, how old it is, and the way forward.
#[component]
fn Head() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let title = move || planning.plan.with(|plan| plan.as_ref().map(|plan| title(desk, plan)));
    let basis = move || planning.plan.with(|plan| plan.as_ref().map(|plan| basis(desk, plan)));
    view! {
        <header class="page-head plan-head">
            <div class="two-lines">
                <h2>{title}</h2>
                <span class="line-2 muted" data-testid="plan-basis">{basis}</span>
            </div>
            <Actions />
        </header>
        <Old />
        <Done />
    }
    .into_any()
}

fn title(desk: Desk, plan: &PlanView) -> String {
    let from = plan.from.with_timezone(&desk.zone());
    let day = from.format("%A, %-d %B").to_string();
    tf("plan-title", &[("day", &day), ("time", &from.format("%H:%M").to_string())])
}

fn basis(desk: Desk, plan: &PlanView) -> String {
    let made = format::ago(plan.made_at, desk.clock.get());
    let mut parts = vec![
        tf("plan-made", &[("age", &made)]),
        tn("plan-days", plan.days.len()),
        source_text(plan.source).to_owned(),
    ];
    if plan.is_cancelled {
        parts.push(t("plan-stopped").to_owned());
    }
    parts.join(" · ")
}

#[component]
fn Actions() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let count = move || planning.chosen.with(|chosen| chosen.len());
    let blocked = move || count() == 0 || planning.counting.get() || planning.applying.get();
    // An answer that is still on its way does not bring the plan back.
    let discard = move |_| planning.clear();
    view! {
        <Show when=move || planning.counting.get()>
            <span class="muted" role="status" data-testid="plan-counting">{t("plan-counting")}</span>
        </Show>
        <button type="button" data-testid="discard-plan" disabled=move || planning.applying.get() on:click=discard>{t("plan-close")}</button>
        <Show when=move || planning.may_apply()>
            <button type="button" class="primary" data-testid="apply-plan" disabled=blocked on:click=move |_| desk.apply_plan()>
                {move || tn("plan-apply", count())}
            </button>
        </Show>
    }
    .into_any()
}

/// The day has moved on since the plan was made.
#[component]
fn Old() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let text = Memo::new(move |_| {
        if !planning.may_apply() {
            return None;
        }
        planning.plan.with(|plan| {
            let plan = plan.as_ref()?;
            match changed_since(plan, |task| desk.rows.tasks.get(task)) {
                0 if is_old(plan, desk.clock.minute()) => {
                    let age = format::ago(plan.made_at, desk.clock.minute());
                    Some(tf("plan-old", &[("age", &age)]))
                }
                0 => None,
                n => Some(tn("plan-changed", n)),
            }
        })
    });
    move || {
        text.get().map(|text| {
            view! {
                <p class="callout decide plan-note" role="status" data-testid="plan-old">
                    {text} " "
                    <button type="button" class="link" data-testid="plan-anew" on:click=move |_| desk.plan_day()>{t("plan-anew")}</button>
                </p>
            }
        })
    }
}

/// What became of the plan, with the way back as long as there is one.
#[component]
fn Done() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    move || {
        let applied = planning.applied.get()?;
        let plan = applied.plan;
        let until = applied.until;
        let may_undo = Memo::new(move |_| desk.clock.get() < until);
        let text = if applied.is_undone { t("plan-is-undone").to_owned() } else { applied_text(&applied) };
        let is_undone = applied.is_undone;
        let kept = applied.kept.into_iter().map(|(task, reason)| {
            view! { <li><strong>{desk.task_name(task)}</strong> ": " {rejection_text(&reason)}</li> }
        });
        let undo = move || {
            (!is_undone && may_undo.get()).then(|| {
                let press = move |_| desk.undo_plan(plan);
                view! {
                    <button type="button" data-testid="plan-undo" disabled=move || planning.applying.get() on:click=press>
                        <Icon glyph=Glyph::Undo /> {t("undo")}
                    </button>
                }
            })
        };
        Some(view! {
            <div class="callout plan-note plan-done" role="status" data-testid="plan-done">
                <div class="row">
                    <Icon glyph=Glyph::Check />
                    <span class="grow">{text}</span>
                    {undo}
                    <button type="button" data-testid="plan-again" on:click=move |_| desk.plan_day()>{t("plan-anew")}</button>
                </div>
                <ul class="plain small">{kept.collect_view()}</ul>
            </div>
        })
    }
}
