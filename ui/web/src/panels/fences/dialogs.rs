//! Questions about places: give up changes, delete.

use domain::PoiId;
use leptos::prelude::*;
use protocol::view::{DeskRequest, Subject};

use crate::kit::Confirm;
use crate::state::fences::PlacesUndo;
use crate::state::{Desk, Editor};
use crate::words::{t, tf, tn};

/// Really give up what was changed?
#[component]
pub fn LeaveFence(
    /// Closes the question.
    close: Callback<()>,
) -> impl IntoView {
    let desk = Desk::here();
    let confirm = Callback::new(move |()| {
        let next = desk.look.fences.next.get_untracked();
        desk.look.fences.unsaved.set(false);
        close.run(());
        match next {
            Some(editor) => desk.look.edit(editor),
            None => desk.look.editor.set(None),
        }
    });
    view! {
        <Confirm title=t("leave-title") action=t("leave-action") danger=true testid="leave-dialog" close=close confirm=confirm>
            <p>{t("leave-question")}</p>
        </Confirm>
    }
    .into_any()
}

/// Really delete this place?
#[component]
pub fn DeletePlace(
    /// Which.
    poi: PoiId,
    /// Closes the question.
    close: Callback<()>,
) -> impl IntoView {
    let desk = Desk::here();
    let name = desk.poi_name(poi);
    let tasks = desk.rows.tasks.peek_all();
    let used = tasks.iter().filter(|row| row.task.poi == Some(poi) && !row.task.status.is_over()).count();
    let confirm = Callback::new(move |()| {
        close.run(());
        delete(desk, poi);
    });
    view! {
        <Confirm title=t("delete-place-title") action=t("delete") danger=true testid="delete-place-dialog" close=close confirm=confirm>
            <p>{tf("delete-place-question", &[("place", &name)])}</p>
            {(used > 0).then(|| view! { <p class="muted">{tn("delete-place-tasks", used)}</p> })}
        </Confirm>
    }
    .into_any()
}

fn delete(desk: Desk, poi: PoiId) {
    let Some(row) = desk.rows.pois.peek(poi) else { return };
    desk.ask_then(DeskRequest::DeletePoi { poi }, move |_| {
        // Another form may be open by now.
        let editor = desk.look.editor.get_untracked();
        if matches!(editor, Some(Editor::EditFence(own) | Editor::MakeFence(own)) if own == poi) {
            desk.look.fences.unsaved.set(false);
            desk.look.editor.set(None);
        }
        if desk.look.selection.get_untracked() == Some(Subject::Poi(poi)) {
            desk.look.selection.set(None);
        }
        desk.look.fences.chosen.update(|chosen| {
            chosen.remove(&poi);
        });
        let said = tf("toast-place-deleted", &[("place", &row.name)]);
        desk.say_places(said, PlacesUndo::PutBack(Box::new(domain::place::Poi::clone(&row))));
    });
}
