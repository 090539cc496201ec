//! Keyboard shortcuts of the whole page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::kit::focus_list;
use crate::panels::acknowledge_selected;
use crate::state::{Desk, Dialog, DockTab, Editor, Page};

/// Each shortcut with the key of its text.
pub const SHORTCUTS: [(&str, &str); 12] = [
    ("/", "shortcut-search"),
    ("n", "shortcut-new"),
    ("↑ ↓", "shortcut-move"),
    ("Enter", "shortcut-open"),
    ("Esc", "shortcut-close"),
    ("a", "shortcut-acknowledge"),
    ("r", "shortcut-resources"),
    ("t", "shortcut-tasks"),
    ("b", "shortcut-bids"),
    ("l", "shortcut-alerts"),
    ("c", "shortcut-changes"),
    ("?", "shortcut-help"),
];

/// Listens for the life of the page.
pub fn listen(desk: Desk) {
    window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let modal = desk.look.dialog.get_untracked().is_some();
        let signed_in = desk
            .session
            .with_untracked(|session| matches!(session, Some(protocol::view::SessionView::SignedIn(_))));
        if modal || !signed_in {
            return;
        }
        if event.key() == "Escape" {
            // The first Escape leaves the field, so that nothing typed is lost by a slip.
            if !blur_field(&event) && !desk.drop_drawing() {
                desk.look.close_one();
            }
            return;
        }
        if !is_typing(&event) && run(desk, &event.key()) {
            event.prevent_default();
        }
    });
}

fn run(desk: Desk, key: &str) -> bool {
    let look = desk.look;
    if key == "?" {
        look.dialog.set(Some(Dialog::Shortcuts));
        return true;
    }
    if key == "c" {
        desk.show_change(None);
        return true;
    }
    if look.page.get_untracked() != Page::Desk {
        return false;
    }
    match key {
        "/" => focus_list("search"),
        "n" if desk.may(domain::access::Action::EditTask) => look.edit(Editor::NewTask(None)),
        "a" => acknowledge_selected(desk),
        "r" => focus_list("resources"),
        "t" => show(desk, DockTab::Tasks, "tasks"),
        "b" => show(desk, DockTab::Bids, "bids"),
        "l" => show(desk, DockTab::Alerts, "alerts"),
        _ => return false,
    }
    true
}

fn show(desk: Desk, tab: DockTab, list: &'static str) {
    desk.look.dock_open.set(true);
    desk.look.dock.set(tab);
    // The list is mounted first.
    request_animation_frame(move || focus_list(list));
}

fn target(event: &ev::KeyboardEvent) -> Option<web_sys::HtmlElement> {
    event.target()?.dyn_into().ok()
}

fn is_typing(event: &ev::KeyboardEvent) -> bool {
    target(event).is_some_and(|element| {
        // eframe's invisible text field belongs to the map: nothing is typed there.
        let map = element.closest(".map-canvas").ok().flatten().is_some();
        !map && matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

/// Leaves the field that is being typed in; `false` when there is none.
fn blur_field(event: &ev::KeyboardEvent) -> bool {
    let field = target(event).filter(|_| is_typing(event));
    field.is_some_and(|field| field.blur().is_ok())
}
