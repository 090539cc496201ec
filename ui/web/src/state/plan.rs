//! The planning of a day. It goes on whatever page is shown, and what came of it stays until another plan takes its place.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::TaskId;
use leptos::prelude::*;
use protocol::view::{DeskError, DeskErrorCode, DeskRequest, DeskResponse, PlanProgressView, PlanView};
use protocol::wire::Rejection;

use super::{Desk, ToastKind};
use crate::words::{self, t, tf, tn};

mod form;
mod sums;

pub use form::{PlanForm, PlanStart, SEARCH_SECS};
pub use sums::{Figure, Trend, by_person, changed_since, figures, is_old};

/// A plan is worked out again so long after the last check box was touched.
const SETTLES: Duration = Duration::from_millis(300);

/// The planning of a day.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "each signal is named after what it holds")]
pub struct Planning {
    /// What is to be planned.
    pub form: RwSignal<PlanForm>,
    /// Tasks that stay with whom they are when the next plan is made.
    pub locked: RwSignal<BTreeSet<TaskId>>,
    pub progress: RwSignal<PlanProgressView>,
    /// An answer is awaited.
    pub running: RwSignal<bool>,
    pub plan: RwSignal<Option<PlanView>>,
    /// Why there is none.
    pub error: RwSignal<Option<String>>,
    /// Moves that are to be made.
    pub chosen: RwSignal<BTreeSet<TaskId>>,
    /// What the chosen moves come to is being worked out.
    pub counting: RwSignal<bool>,
    /// What became of the plan that is shown.
    pub applied: RwSignal<Option<Applied>>,
    /// It is being applied, or taken back.
    pub applying: RwSignal<bool>,
    /// Answers to earlier questions are dropped.
    turn: StoredValue<u64>,
    part: StoredValue<u64>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Which plan.
    pub plan: u64,
    /// Tasks that moved.
    pub moved: u32,
    /// Tasks that stayed, and why.
    pub kept: Vec<(TaskId, Rejection)>,
    /// Until when it can be taken back.
    pub until: DateTime<Utc>,
    /// It was taken back.
    pub is_undone: bool,
    /// Some moves could not be stored: they can be made again.
    pub is_partial: bool,
}

impl Planning {
    pub(super) fn new() -> Self {
        Self {
            form: RwSignal::default(),
            locked: RwSignal::default(),
            progress: RwSignal::new(PlanProgressView::Idle),
            running: RwSignal::new(false),
            plan: RwSignal::new(None),
            error: RwSignal::new(None),
            chosen: RwSignal::default(),
            counting: RwSignal::new(false),
            applied: RwSignal::new(None),
            applying: RwSignal::new(false),
            turn: StoredValue::new(0),
            part: StoredValue::new(0),
        }
    }

    /// Nothing of it is left for whoever signs in next.
    pub(super) fn forget(self) {
        self.form.set(PlanForm::default());
        self.locked.set(BTreeSet::new());
        self.progress.set(PlanProgressView::Idle);
        self.clear();
        self.running.set(false);
    }

    /// No plan is shown, and answers that are still on their way count no more.
    pub fn clear(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.part.update_value(|part| *part += 1);
        self.plan.set(None);
        self.error.set(None);
        self.chosen.set(BTreeSet::new());
        self.counting.set(false);
        self.applied.set(None);
        self.applying.set(false);
    }

    /// A plan is being made, by this page or by one that was closed meanwhile.
    pub fn is_busy(self) -> bool {
        self.running.get() || self.progress.get() != PlanProgressView::Idle
    }

    /// Something of the plan is still to be made: nothing of it was, or all of it was taken back, or part of it could not be stored.
    pub fn may_apply(self) -> bool {
        self.applied
            .with(|applied| applied.as_ref().is_none_or(|applied| applied.is_undone || applied.is_partial))
    }

    fn show(self, plan: PlanView) {
        let chosen = plan.moves.iter().filter(|moved| moved.is_chosen).map(|moved| moved.task).collect();
        self.chosen.set(chosen);
        self.plan.set(Some(plan));
    }

    /// The choice that the figures are of.
    fn show_again(self) {
        if let Some(plan) = self.plan.get_untracked() {
            self.show(plan);
        }
    }

    fn plan_number(self) -> Option<u64> {
        self.plan.with_untracked(|plan| plan.as_ref().map(|plan| plan.plan))
    }
}

impl Desk {
    /// Makes a plan of what the form asks for.
    pub fn plan_day(self) {
        let planning = self.planning;
        planning.clear();
        planning.running.set(true);
        let turn = planning.turn.get_value();
        let request = self.plan_request();
        leptos::task::spawn_local(async move {
            let answer = self.request(DeskRequest::PlanDay(Box::new(request))).await;
            if planning.turn.get_value() != turn {
                return;
            }
            planning.running.set(false);
            planning.progress.set(PlanProgressView::Idle);
            match answer {
                Ok(DeskResponse::Plan(plan)) => planning.show(*plan),
                Ok(_) => planning.error.set(Some(t("error-internal").to_owned())),
                Err(error) => planning.error.set(Some(words::error_text(&error))),
            }
        });
    }

    fn plan_request(self) -> protocol::view::PlanRequest {
        let still_open = |task: &TaskId| {
            let row = self.rows.tasks.peek(*task);
            row.is_some_and(|row| row.task.resource.is_some() && !row.task.status.is_over())
        };
        let locked = self.planning.locked.get_untracked().into_iter().filter(still_open).collect();
        let people = self.rows.resources.peek_all();
        let cards = people.iter().map(|row| &row.card).filter(|card| !card.disabled);
        let (zone, now) = (self.zone(), crate::clock::now());
        self.planning.form.with_untracked(|form| form.request(cards, locked, (zone, now)))
    }

    /// Other moves are to be made; what they come to is asked when the user has settled.
    pub fn choose_moves(self, change: impl FnOnce(&mut BTreeSet<TaskId>)) {
        let planning = self.planning;
        planning.chosen.update(change);
        planning.counting.set(true);
        planning.part.update_value(|part| *part += 1);
        let part = planning.part.get_value();
        set_timeout(move || self.count_moves(part), SETTLES);
    }

    /// What the chosen moves come to is asked again, as long as there is something to choose.
    pub fn count_moves_anew(self) {
        if untrack(|| self.planning.may_apply()) {
            self.choose_moves(|_| ());
        }
    }

    fn count_moves(self, part: u64) {
        let planning = self.planning;
        let Some(plan) = planning.plan_number().filter(|_| planning.part.get_value() == part) else { return };
        let moves = planning.chosen.get_untracked().into_iter().collect();
        leptos::task::spawn_local(async move {
            let answer = self.request(DeskRequest::PlanPart { plan, moves }).await;
            if planning.part.get_value() != part {
                return;
            }
            planning.counting.set(false);
            match answer {
                Ok(DeskResponse::Plan(plan)) => planning.show(*plan),
                Ok(_) => {
                    planning.show_again();
                    self.say(ToastKind::Error, t("error-internal").to_owned());
                }
                Err(error) => {
                    planning.show_again();
                    self.say_error(&error);
                }
            }
        });
    }

    /// Makes the chosen moves.
    pub fn apply_plan(self) {
        let planning = self.planning;
        let Some(plan) = planning.plan_number() else { return };
        let moves = planning.chosen.get_untracked().into_iter().collect();
        let turn = planning.turn.get_value();
        planning.applying.set(true);
        leptos::task::spawn_local(async move {
            let answer = self.request(DeskRequest::ApplyPlan { plan, moves }).await;
            if !self.is_signed_in() {
                return;
            }
            let is_shown = planning.turn.get_value() == turn;
            if is_shown {
                planning.applying.set(false);
            }
            match answer {
                Ok(DeskResponse::PlanApplied { moved, kept, failed, until }) => {
                    let is_partial = !failed.is_empty();
                    if is_partial {
                        self.say(ToastKind::Error, tn("plan-not-stored", failed.len()));
                    }
                    let applied = Applied { plan, moved, kept, until, is_undone: false, is_partial };
                    self.say_planned(applied_text(&applied), plan, until);
                    if is_shown {
                        if is_partial {
                            planning.chosen.set(failed.into_iter().collect());
                        }
                        planning.applied.set(Some(applied));
                    }
                }
                Ok(_) => self.say(ToastKind::Error, t("error-internal").to_owned()),
                Err(error) => self.say_error(&error),
            }
        });
    }

    /// Takes the moves of an applied plan back.
    pub fn undo_plan(self, plan: u64) {
        let planning = self.planning;
        let turn = planning.turn.get_value();
        planning.applying.set(true);
        leptos::task::spawn_local(async move {
            let answer = self.request(DeskRequest::UndoPlan { plan }).await;
            if !self.is_signed_in() {
                return;
            }
            // A plan that has taken its place is perhaps being applied.
            if planning.turn.get_value() == turn {
                planning.applying.set(false);
            }
            match answer {
                Ok(DeskResponse::PlanUndone { moved, kept, failed }) if failed.is_empty() => {
                    self.plan_undone(plan, moved, kept.len());
                }
                // The rest can be taken back as before.
                Ok(DeskResponse::PlanUndone { failed, .. }) => {
                    self.say(ToastKind::Error, tn("plan-undo-not-stored", failed.len()));
                }
                Ok(_) => self.say(ToastKind::Error, t("error-internal").to_owned()),
                Err(error) => self.undo_failed(plan, &error),
            }
        });
    }

    /// Whoever has signed out meanwhile is told nothing any more.
    fn is_signed_in(self) -> bool {
        untrack(|| self.signed_in()).is_some()
    }

    fn plan_undone(self, plan: u64, moved: u32, kept: usize) {
        let mut text = tn("plan-undone", moved as usize);
        if kept > 0 {
            text = format!("{text} {}", tn("plan-undo-kept", kept));
        }
        self.say(ToastKind::Done, text);
        self.planning.applied.update(|applied| {
            if let Some(applied) = applied.as_mut().filter(|applied| applied.plan == plan) {
                applied.is_undone = true;
            }
        });
        self.dismiss_plan(plan);
    }

    fn undo_failed(self, plan: u64, error: &DeskError) {
        // What was not stored can be tried again.
        if error.code != DeskErrorCode::Storage {
            self.dismiss_plan(plan);
        }
        self.say_error(error);
    }

    /// A task stays with whom it is when the next plan is made, or may move again.
    pub fn toggle_lock(self, task: TaskId) {
        self.planning.locked.update(|locked| {
            if !locked.remove(&task) {
                locked.insert(task);
            }
        });
    }
}

/// `12 tasks moved. 2 stay: …`
pub fn applied_text(applied: &Applied) -> String {
    let moved = tn("plan-applied", applied.moved as usize);
    if applied.kept.is_empty() {
        return moved;
    }
    let mut reasons: Vec<String> =
        applied.kept.iter().map(|(_, reason)| words::rejection_text(reason)).collect();
    reasons.sort();
    reasons.dedup();
    let because = tf("plan-kept-because", &[("reasons", &reasons.join("; "))]);
    format!("{moved} {} {because}", tn("plan-kept", applied.kept.len()))
}

#[cfg(test)]
mod tests;
