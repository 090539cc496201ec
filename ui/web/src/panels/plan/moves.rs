//! The moves of a plan, person by person, each with a check box: what is not checked stays as it is.

use std::collections::BTreeSet;

use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::PlanMoveView;

use super::is_private;
use super::notes::TaskLink;
use crate::format;
use crate::kit::{Empty, Glyph, Icon};
use crate::state::Desk;
use crate::state::plan::by_person;
use crate::words::{t, tf, tn};

/// The list.
#[component]
pub fn Moves() -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let moves = Memo::new(move |_| {
        planning.plan.with(|plan| plan.as_ref().map(|plan| plan.moves.clone()).unwrap_or_default())
    });
    let heaps = Memo::new(move |_| moves.with(|moves| by_person(moves, |id| desk.resource_name(id))));
    let all = move || moves.with(|moves| moves.iter().map(|moved| moved.task).collect::<BTreeSet<TaskId>>());
    let is_done = Signal::derive(move || !planning.may_apply() || planning.applying.get());
    let count = move || {
        tf(
            "plan-moves-chosen",
            &[("n", &planning.chosen.with(BTreeSet::len).to_string()), ("of", &all().len().to_string())],
        )
    };
    view! {
        <section class="plan-moves" aria-label=t("plan-moves")>
            <header class="row plan-moves-head">
                <h3>{t("plan-moves")}</h3>
                <span class="muted small num grow" data-testid="plan-moves-count">{count}</span>
                <button type="button" class="link small" data-testid="plan-all" disabled=is_done on:click=move |_| desk.choose_moves(|chosen| *chosen = all())>
                    {t("plan-all")}
                </button>
                <button type="button" class="link small" data-testid="plan-no-moves" disabled=is_done on:click=move |_| desk.choose_moves(BTreeSet::clear)>
                    {t("plan-no-moves")}
                </button>
            </header>
            <Show when=move || heaps.with(Vec::is_empty)>
                <Empty text=t("plan-no-better") hint=t("plan-no-better-hint") />
            </Show>
            <div class="plan-heaps" data-testid="plan-moves" data-count=move || moves.with(Vec::len)>
                <For each=move || heaps.get() key=|(who, moves)| (*who, moves.iter().map(|moved| moved.task).collect::<BTreeSet<_>>()) let((who, moves))>
                    <Heap who=who moves=moves is_done=is_done />
                </For>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Heap(who: Option<ResourceId>, moves: Vec<PlanMoveView>, is_done: Signal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let tasks = StoredValue::new(moves.iter().map(|moved| moved.task).collect::<Vec<_>>());
    let chosen = move || {
        planning.chosen.with(|chosen| {
            tasks.with_value(|tasks| tasks.iter().filter(|task| chosen.contains(task)).count())
        })
    };
    let count = moves.len();
    let toggle = move |event| {
        let put_in = event_target_checked(&event);
        desk.choose_moves(|set| {
            tasks.with_value(|tasks| {
                tasks.iter().for_each(|task| {
                    if put_in {
                        set.insert(*task);
                    } else {
                        set.remove(task);
                    }
                });
            });
        });
    };
    let name = move || who.map_or_else(|| t("plan-nobody").to_owned(), |who| desk.resource_name(who));
    view! {
        <div class="plan-heap" role="group" aria-label=name>
            <label class="check heap-line">
                <input type="checkbox" data-testid="plan-heap" prop:checked=move || chosen() == count
                    prop:indeterminate=move || { chosen() > 0 && chosen() < count } disabled=is_done on:change=toggle />
                <strong class="grow ellipsis">{name}</strong>
                <span class="badge" title=move || tn("plan-moves-of", count)>{count}</span>
            </label>
            {moves.into_iter().map(|moved| view! { <Line moved=moved is_done=is_done /> }).collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn Line(moved: PlanMoveView, is_done: Signal<bool>) -> impl IntoView {
    let desk = Desk::here();
    let planning = desk.planning;
    let PlanMoveView { task, from, to, .. } = moved;
    let is_hidden =
        move |who: Option<ResourceId>| Memo::new(move |_| who.is_some_and(|who| is_private(desk, who)));
    let (hides_before, hides_after) = (is_hidden(from), is_hidden(to));
    // Who gets it is the heap's; the times change with the other moves that are chosen.
    let times = Memo::new(move |_| {
        let found =
            planning.plan.with(|plan| plan.as_ref()?.moves.iter().find(|other| other.task == task).copied());
        let moved = found.unwrap_or(moved);
        PlanMoveView {
            arrives_before: moved.arrives_before.filter(|_| !hides_before.get()),
            arrives_after: moved.arrives_after.filter(|_| !hides_after.get()),
            ..moved
        }
    });
    let owner = Memo::new(move |_| desk.rows.tasks.get(task).and_then(|row| row.task.resource));
    let is_in = move || planning.chosen.with(|chosen| chosen.contains(&task));
    let toggle = move |event| {
        let put_in = event_target_checked(&event);
        desk.choose_moves(|chosen| {
            if put_in {
                chosen.insert(task);
            } else {
                chosen.remove(&task);
            }
        });
    };
    let label =
        move || tf("plan-move-label", &[("task", &desk.task_name(task)), ("way", &way_text(desk, from, to))]);
    view! {
        <div class="plan-move" class:off=move || !is_in() data-testid="plan-move" data-id=task.to_string()>
            <input type="checkbox" data-testid="plan-move-chosen" aria-label=label prop:checked=is_in disabled=is_done on:change=toggle />
            <span class="two-lines">
                <span class="line-1"><TaskLink task=task /></span>
                <span class="line-2 muted">{move || way_text(desk, from, to)}</span>
            </span>
            {move || view! { <Arrivals moved=times.get() /> }}
            {move || view! { <LockButton task=task stays_with=owner.get() /> }}
        </div>
    }
    .into_any()
}

/// `Ana → Bruno`, or what else becomes of it.
pub fn way_text(desk: Desk, from: Option<ResourceId>, to: Option<ResourceId>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => t("plan-other-time").to_owned(),
        (Some(from), Some(_)) => tf("plan-instead-of", &[("who", &desk.resource_name(from))]),
        (None, Some(_)) => t("plan-given-out").to_owned(),
        (Some(from), None) => tf("plan-taken-from", &[("who", &desk.resource_name(from))]),
        (None, None) => t("plan-other-time").to_owned(),
    }
}

/// Arrival before and after, and the difference in words.
#[component]
fn Arrivals(moved: PlanMoveView) -> impl IntoView {
    let desk = Desk::here();
    let time = move |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| t("none").to_owned(), |at| format::clock_time(at, desk.zone()))
    };
    let (before, after) = (moved.arrives_before, moved.arrives_after);
    let difference = before.zip(after).map(|(before, after)| (after - before).num_seconds());
    let words = difference.map(|secs| match secs {
        -59..=59 => t("plan-same-time").to_owned(),
        secs if secs < 0 => tf("plan-earlier", &[("duration", &format::duration(-secs))]),
        secs => tf("plan-later", &[("duration", &format::duration(secs))]),
    });
    view! {
        <span class="side num">
            <span>{move || time(before)} <span class="muted">" → "</span> <strong>{move || time(after)}</strong></span>
            <span class="muted small">{words}</span>
        </span>
    }
    .into_any()
}

/// Keeps a task with whom it is when the next plan is made.
#[component]
pub fn LockButton(
    /// Which.
    task: TaskId,
    /// With whom; a task that nobody has can't stay with anybody.
    stays_with: Option<ResourceId>,
) -> impl IntoView {
    let desk = Desk::here();
    let Some(who) = stays_with else { return view! { <span class="lock-place"></span> }.into_any() };
    let is_locked = move || desk.planning.locked.with(|locked| locked.contains(&task));
    let text = move || {
        let values = [("who", &*desk.resource_name(who))];
        if is_locked() { tf("plan-unlock", &values) } else { tf("plan-lock", &values) }
    };
    view! {
        <button type="button" class="ghost icon-button lock-place" data-testid="plan-lock" aria-pressed=move || is_locked().to_string()
            aria-label=text title=text on:click=move |_| desk.toggle_lock(task)>
            <Icon glyph=Glyph::Lock />
        </button>
    }
    .into_any()
}
