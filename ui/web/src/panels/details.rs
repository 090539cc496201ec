//! The right panel: the selection's details, or the form that is being filled.

use leptos::prelude::*;
use protocol::view::Subject;

use super::bid_form::BidForm;
use super::fences::{FenceForm, FencePurpose, ImportFences};
use super::task_form::{Purpose, TaskForm};
use crate::kit::Empty;
use crate::state::{Desk, Editor};
use crate::words::t;

mod alert;
mod contact;
mod day_sheet;
mod eta;
mod place;
mod promise;
mod resource;
mod task;
mod timeline;
mod who_else;
mod why;
mod why_not;
mod workday;

pub use day_sheet::DaySheetView;
pub use resource::presence_text;

/// The right panel.
#[component]
pub fn RightPanel() -> impl IntoView {
    let desk = Desk::here();
    let shown = Memo::new(move |_| match desk.look.editor.get() {
        Some(editor) => Ok(editor),
        None => Err(desk.look.selection.get()),
    });
    move || match shown.get() {
        Ok(Editor::NewTask(at)) => view! { <TaskForm purpose=Purpose::New(at) /> }.into_any(),
        Ok(Editor::EditTask(task)) => view! { <TaskForm purpose=Purpose::Edit(task) /> }.into_any(),
        Ok(Editor::Revise(_)) => match desk.look.revision.get() {
            Some(revision) => view! { <TaskForm purpose=Purpose::Revise(Box::new(revision)) /> }.into_any(),
            None => view! { <Gone /> }.into_any(),
        },
        Ok(Editor::NewFence(tool, at)) => {
            view! { <FenceForm purpose=FencePurpose::New(tool, at) /> }.into_any()
        }
        Ok(Editor::EditFence(id)) => view! { <FenceForm purpose=FencePurpose::Edit(id) /> }.into_any(),
        Ok(Editor::MakeFence(id)) => view! { <FenceForm purpose=FencePurpose::Make(id) /> }.into_any(),
        Ok(Editor::ImportFences) => view! { <ImportFences /> }.into_any(),
        Ok(Editor::OpenBid(task)) => view! { <BidForm task=task /> }.into_any(),
        Err(Some(Subject::Resource(id))) => view! { <resource::ResourceDetails id=id /> }.into_any(),
        Err(Some(Subject::Task(id))) => view! { <task::TaskDetails id=id /> }.into_any(),
        Err(Some(Subject::Poi(id))) => view! { <place::PlaceDetails id=id /> }.into_any(),
        Err(Some(Subject::Alert(id))) => view! { <alert::AlertDetails id=id /> }.into_any(),
        Err(Some(Subject::Bid(id))) => {
            // The row changes with every offer; what is being filled in below stays.
            let task = Memo::new(move |_| desk.rows.bids.get(id).map(|row| row.bid.task));
            (move || match task.get() {
                Some(task) => view! { <task::TaskDetails id=task /> }.into_any(),
                None => view! { <Gone /> }.into_any(),
            })
            .into_any()
        }
        Err(Some(Subject::Rule(_)) | None) => ().into_any(),
    }
}

/// The head of every right panel: kind, title, cross.
#[component]
pub fn PanelHead(
    /// What kind of thing it is.
    kind: &'static str,
    /// Its name.
    #[prop(into)]
    title: Signal<String>,
) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <header class="panel-head tall">
            <div class="grow">
                <span class="kind">{kind}</span>
                <h2 data-testid="details-title">{move || title.get()}</h2>
            </div>
            <button type="button" class="ghost" data-testid="close-details" aria-label=t("close") title=t("close")
                on:click=move |_| desk.look.close_one()>
                "×"
            </button>
        </header>
    }
    .into_any()
}

/// The selection is gone.
#[component]
pub fn Gone() -> impl IntoView {
    view! {
        <PanelHead kind="" title=Signal::derive(|| t("gone").to_owned()) />
        <Empty text=t("gone-hint") />
    }
    .into_any()
}

/// One line of a definition list.
#[component]
pub fn Fact(
    /// Its name.
    label: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}
