//! Messages in passing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::alert::AlertAction;
use domain::{AlertId, CommandId};
use leptos::prelude::*;
use protocol::view::{DeskError, DeskRequest, DeskResponse};

use super::{Desk, Page};
use crate::words;

const STAYS: Duration = Duration::from_secs(6);
const ERROR_STAYS: Duration = Duration::from_secs(12);
/// What can be taken back at any time is offered for so long.
const UNDO_STAYS: Duration = Duration::from_secs(45);

/// How a message is coloured and announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// It went well.
    Done,
    /// It did not.
    Error,
    /// Something to look at.
    Notice,
}

/// A message in passing.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Identity on the screen.
    pub id: u64,
    /// What it says.
    pub text: String,
    /// How.
    pub kind: ToastKind,
    /// What can be done about it.
    pub does: Option<ToastDoes>,
}

/// What a message offers to do.
#[derive(Debug, Clone, PartialEq)]
pub enum ToastDoes {
    /// Take back what was just done, until then.
    Undo(CommandId, DateTime<Utc>),
    /// Take back what was done to places.
    UndoPlaces(super::fences::PlacesUndo),
    /// Look at a command that needs a decision.
    Review(u64),
    /// Take back what was done about alerts: these actions, one after the other, each about some of them.
    UndoAlerts(Vec<(Vec<AlertId>, AlertAction)>),
    /// Take back the moves of a plan, until then.
    UndoPlan(u64, DateTime<Utc>),
}

impl Desk {
    /// Says something in passing.
    pub fn say(self, kind: ToastKind, text: String) {
        self.push_toast(kind, text, None);
    }

    /// Says what went wrong.
    pub fn say_error(self, error: &DeskError) {
        self.say(ToastKind::Error, words::error_text(error));
    }

    /// Does something and says `done`, with an undo button where the answer allows it.
    pub fn ask_saying(self, request: DeskRequest, done: String) {
        self.ask_then(request, move |response| {
            let undo = if let DeskResponse::Undoable { command, until } = response {
                Some(ToastDoes::Undo(command, until))
            } else {
                None
            };
            self.push_toast(ToastKind::Done, done, undo);
        });
    }

    /// Says what was done to places, and offers to take it back.
    pub fn say_places(self, text: String, undo: super::fences::PlacesUndo) {
        self.push_toast(ToastKind::Done, text, Some(ToastDoes::UndoPlaces(undo)));
    }

    /// Says that a command needs somebody, with a way there; on the page where they are listed it is in sight already.
    pub fn say_review(self, text: String, n: u64) {
        if self.look.page.get_untracked() == Page::Changes {
            return;
        }
        self.push_toast(ToastKind::Error, text, Some(ToastDoes::Review(n)));
    }

    /// Takes a message away.
    pub fn dismiss(self, id: u64) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Takes the messages away that lead to the page of changes: somebody is there.
    pub fn dismiss_reviews(self) {
        self.toasts.update(|toasts| toasts.retain(|toast| !matches!(toast.does, Some(ToastDoes::Review(_)))));
    }

    /// Takes back what a message offers to undo.
    pub fn undo(self, id: u64, command: CommandId) {
        self.dismiss(id);
        self.ask_saying(DeskRequest::Undo { command }, words::t("toast-undone").to_owned());
    }

    /// Says what was done about alerts, and offers to take it back.
    pub fn say_alerts(self, text: String, undo: Vec<(Vec<AlertId>, AlertAction)>) {
        self.push_toast(ToastKind::Done, text, Some(ToastDoes::UndoAlerts(undo)));
    }

    /// Says what became of a plan, and offers to take it back.
    pub(super) fn say_planned(self, text: String, plan: u64, until: DateTime<Utc>) {
        self.push_toast(ToastKind::Done, text, Some(ToastDoes::UndoPlan(plan, until)));
    }

    /// Takes the message away that offers to take a plan back.
    pub(super) fn dismiss_plan(self, plan: u64) {
        self.toasts.update(|toasts| {
            toasts
                .retain(|toast| !matches!(toast.does, Some(ToastDoes::UndoPlan(other, _)) if other == plan));
        });
    }

    fn push_toast(self, kind: ToastKind, text: String, does: Option<ToastDoes>) {
        let id = self
            .toasts
            .with_untracked(|toasts| toasts.iter().map(|toast| toast.id + 1).max().unwrap_or_default());
        let id = id.max(js_sys::Date::now() as u64);
        self.toasts.update(|toasts| {
            // The same message twice is one message; more than four hide the map.
            toasts.retain(|toast| {
                toast.text != text
                    || matches!(
                        toast.does,
                        Some(
                            ToastDoes::Undo(..)
                                | ToastDoes::UndoPlaces(_)
                                | ToastDoes::UndoAlerts(_)
                                | ToastDoes::UndoPlan(..)
                        )
                    )
            });
            if toasts.len() >= 4 {
                toasts.remove(0);
            }
            toasts.push(Toast { id, text, kind, does: does.clone() });
        });
        let stays = match does {
            Some(ToastDoes::Undo(_, until) | ToastDoes::UndoPlan(_, until)) => {
                (until - crate::clock::now()).to_std().unwrap_or(STAYS)
            }
            Some(ToastDoes::UndoPlaces(_)) => UNDO_STAYS,
            Some(ToastDoes::UndoAlerts(_)) => ERROR_STAYS,
            Some(ToastDoes::Review(_)) | None if kind == ToastKind::Error => ERROR_STAYS,
            Some(ToastDoes::Review(_)) | None => STAYS,
        };
        set_timeout(move || self.dismiss(id), stays);
    }
}
