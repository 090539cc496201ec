//! What a task form is for: what it is filled with, what it asks, and where it leads.

use domain::{LonLat, TaskId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};
use protocol::wire::TaskDraft;

use crate::panels::changes::go_on;
use crate::state::{Desk, Page, Revision, ToastKind};
use crate::words::{t, task_field_text, tf};

/// What the form is for.
#[derive(Clone)]
pub enum Purpose {
    /// A new task, perhaps already with a place.
    New(Option<LonLat>),
    /// Other values for an existing one.
    Edit(TaskId),
    /// An edit that needs a decision, made to fit what is there now.
    Revise(Box<Revision>),
}

impl Purpose {
    /// What the form is filled with, and what the edit is made from.
    pub(super) fn drafts(&self, desk: Desk) -> Option<(TaskDraft, TaskDraft)> {
        match self {
            Purpose::New(_) => None,
            Purpose::Edit(task) => {
                let now = TaskDraft::of(&desk.rows.tasks.peek(*task)?.task);
                Some((now.clone(), now))
            }
            Purpose::Revise(revision) => Some((revision.merged.clone(), revision.theirs.clone())),
        }
    }

    pub(super) fn task(&self) -> Option<TaskId> {
        match self {
            Purpose::New(_) => None,
            Purpose::Edit(task) => Some(*task),
            Purpose::Revise(revision) => Some(revision.merged.id),
        }
    }

    pub(super) fn request(&self, draft: TaskDraft, base: Option<TaskDraft>) -> DeskRequest {
        let base = Box::new(base.unwrap_or_else(|| draft.clone()));
        match self {
            Purpose::New(_) => DeskRequest::CreateTask(draft),
            Purpose::Edit(task) => DeskRequest::EditTask { task: *task, draft, base },
            Purpose::Revise(revision) => DeskRequest::ReviseEdit { n: revision.n, draft, base },
        }
    }

    /// It is saved: says so, and shows what comes next.
    pub(super) fn saved(&self, desk: Desk, task: TaskId, title: &str) {
        let key = if matches!(self, Purpose::New(_)) { "toast-created" } else { "toast-saved" };
        desk.say(ToastKind::Done, tf(key, &[("title", title)]));
        desk.look.finish(Subject::Task(task));
        if let Purpose::Revise(revision) = self {
            go_on(desk, revision.n);
            if desk.look.change.get_untracked().is_some() {
                desk.look.page.set(Page::Changes);
            }
        }
    }

    /// What the user is looking at, where that is not plain.
    pub(super) fn hint(&self) -> Option<String> {
        let Purpose::Revise(revision) = self else { return None };
        let fields: Vec<String> = revision.clashes.iter().map(|field| task_field_text(*field)).collect();
        Some(if fields.is_empty() {
            t("revise-lead").to_owned()
        } else {
            tf("revise-lead-clashes", &[("fields", &fields.join(", "))])
        })
    }
}
