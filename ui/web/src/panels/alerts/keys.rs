//! Working through alerts with the keyboard.

use domain::AlertId;
use domain::alert::AlertAction;
use leptos::prelude::*;
use protocol::view::Subject;

use super::act::{SHORT_SNOOZE, act, take_back};
use super::{LIST, open_alert, open_line};
use crate::clock;
use crate::kit::focus_list;
use crate::state::triage::AlertLine;
use crate::state::{Desk, Page};

/// What a key does in the alert list; `false` when it means nothing there.
pub fn triage_key(desk: Desk, key: &str) -> bool {
    let triage = desk.triage;
    match key {
        "j" => step(desk, 1),
        "k" => step(desk, -1),
        "o" => triage.active.get_untracked().into_iter().for_each(|line| open_line(desk, line)),
        "a" => act_on_targets(desk, AlertAction::Acknowledge),
        "s" => act_on_targets(desk, AlertAction::Snooze { until: clock::now() + SHORT_SNOOZE }),
        "e" => act_on_targets(desk, AlertAction::Resolve { note: String::new() }),
        "m" => {
            if let Some(me) = desk.signed_in() {
                act_on_targets(desk, AlertAction::Assign { to: me.user.id });
            }
        }
        "x" => triage.active.get_untracked().into_iter().for_each(|line| triage.toggle_chosen(line)),
        "u" => undo_or_reopen(desk),
        "ArrowRight" => fold(desk, true),
        "ArrowLeft" => fold(desk, false),
        "/" => focus_list("alerts-search"),
        _ => return false,
    }
    true
}

fn step(desk: Desk, by: isize) {
    let triage = desk.triage;
    let lines = triage.lines.get_untracked();
    let here = triage.active.get_untracked().and_then(|line| lines.iter().position(|one| *one == line));
    let there = here.map_or(0, |here| here.saturating_add_signed(by).min(lines.len().saturating_sub(1)));
    if let Some(line) = lines.get(there) {
        triage.active.set(Some(*line));
        focus_list(LIST);
        follow_cursor(desk);
    }
}

/// What is open beside the list follows the cursor.
pub fn follow_cursor(desk: Desk) {
    let opened = matches!(desk.look.selection.get_untracked(), Some(Subject::Alert(_)));
    match desk.triage.active.get_untracked() {
        Some(AlertLine::One(id) | AlertLine::Member(id)) if opened => open_alert(desk, id),
        Some(AlertLine::One(_) | AlertLine::Member(_) | AlertLine::Storm(_)) | None => {}
    }
}

fn act_on_targets(desk: Desk, action: AlertAction) {
    let alerts: Vec<_> =
        desk.triage.targets().into_iter().flat_map(|line| desk.triage.alerts_of(line)).collect();
    if !alerts.is_empty() {
        act(desk, &alerts, action);
        go_on(desk);
    }
}

/// To the next line, after something was done about the marked ones or the one under the cursor.
pub fn go_on(desk: Desk) {
    let gone = desk.triage.targets();
    desk.triage.move_on(&gone);
    focus_list(LIST);
    follow_cursor(desk);
}

/// To the next line, after something was done about `alerts`, if they are what is marked or under the cursor.
pub fn go_on_from(desk: Desk, alerts: &[AlertId]) {
    let triage = desk.triage;
    let targets: Vec<AlertId> =
        triage.targets().into_iter().flat_map(|line| triage.alerts_of(line)).collect();
    if targets == alerts {
        go_on(desk);
    }
}

/// To the next line, after something was done about the alert whose details are open, if the cursor is on it.
pub fn follow_on(desk: Desk) {
    let opened = match desk.look.selection.get_untracked() {
        Some(Subject::Alert(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Rule(_),
        )
        | None => None,
    };
    let active = desk.triage.active.get_untracked().map(AlertLine::alert);
    if desk.look.page.get_untracked() == Page::Alerts && opened.is_some() && opened == active {
        go_on(desk);
    }
}

/// Takes back what was done last; when there is nothing to take back, opens the targets again.
fn undo_or_reopen(desk: Desk) {
    let steps = desk.triage.undo.get_untracked();
    if steps.is_empty() {
        act_on_targets(desk, AlertAction::Reopen);
    } else {
        take_back(desk, steps);
    }
}

fn fold(desk: Desk, open: bool) {
    let triage = desk.triage;
    let Some(line) = triage.active.get_untracked() else { return };
    let lead = match line {
        AlertLine::Storm(lead) => lead,
        AlertLine::One(_) => return,
        AlertLine::Member(id) => {
            let storm = triage.shown.with_untracked(|shown| {
                shown.storms.iter().find(|(_, members)| members.contains(&id)).map(|(lead, _)| *lead)
            });
            let Some(lead) = storm.filter(|_| !open) else { return };
            triage.active.set(Some(AlertLine::Storm(lead)));
            lead
        }
    };
    if triage.opened.with_untracked(|opened| opened.contains(&lead)) != open {
        triage.toggle_storm(lead);
    }
}
