//! Keyboard shortcuts of the whole page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::kit::focus_list;
use crate::panels::{acknowledge_selected, show_centre, triage_key};
use crate::state::{Desk, Dialog, DockTab, Editor, Page};

/// Each shortcut with the key of its text.
pub const SHORTCUTS: [(&str, &str); 15] = [
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
    ("i", "shortcut-centre"),
    ("p", "shortcut-plan"),
    ("c", "shortcut-changes"),
    ("x", "shortcut-choose"),
    ("?", "shortcut-help"),
];

/// Those of the list of who could go, and of a plan's timeline.
pub const PLANNING_SHORTCUTS: [(&str, &str); 6] = [
    ("1 … 9", "shortcut-suggestion-place"),
    ("↑ ↓", "shortcut-suggestion-move"),
    ("Enter", "shortcut-suggestion-assign"),
    ("← → ↑ ↓", "shortcut-plan-move"),
    ("Enter", "shortcut-plan-open"),
    ("l", "shortcut-plan-lock"),
];

/// Those of the alert list.
pub const ALERT_SHORTCUTS: [(&str, &str); 12] = [
    ("j k", "shortcut-alert-move"),
    ("Enter", "shortcut-alert-open"),
    ("→ ←", "shortcut-alert-storm"),
    ("a", "shortcut-alert-acknowledge"),
    ("m", "shortcut-alert-mine"),
    ("s", "shortcut-alert-snooze"),
    ("e", "shortcut-alert-resolve"),
    ("u", "shortcut-alert-undo"),
    ("x", "shortcut-alert-mark"),
    ("Shift ↑ ↓", "shortcut-alert-range"),
    ("/", "shortcut-alert-search"),
    ("Esc", "shortcut-alert-close"),
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
            if !blur_field(&event) && !desk.leave_drawing() {
                desk.look.close_one();
            }
            return;
        }
        if !is_typing(&event) && run(desk, &event) {
            event.prevent_default();
        }
    });
}

fn run(desk: Desk, event: &ev::KeyboardEvent) -> bool {
    let (look, key) = (desk.look, event.key());
    let key = key.as_str();
    if key == "?" {
        look.dialog.set(Some(Dialog::Shortcuts));
        return true;
    }
    if key == "c" {
        desk.show_change(None);
        return true;
    }
    if key == "p" && desk.may(domain::access::Action::AssignTask) {
        look.page.set(Page::Plan);
        return true;
    }
    if key == "i" && desk.may(domain::access::Action::HandleAlert) {
        show_centre(desk);
        return true;
    }
    let page = look.page.get_untracked();
    // In the dock the keys of the alerts count while their list has the focus; any other key is the page's.
    let in_alerts = page == Page::Alerts || (page == Page::Desk && is_in_alerts(event) && key != "/");
    if in_alerts && !is_map(event) && triage_key(desk, key) {
        return true;
    }
    if page != Page::Desk {
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

fn is_in_alerts(event: &ev::KeyboardEvent) -> bool {
    target(event).is_some_and(|element| element.closest("[data-testid='alerts']").ok().flatten().is_some())
}

/// The map has keys of its own.
fn is_map(event: &ev::KeyboardEvent) -> bool {
    target(event).is_some_and(|element| element.closest(".map-canvas").ok().flatten().is_some())
}

fn is_typing(event: &ev::KeyboardEvent) -> bool {
    target(event).is_some_and(|element| {
        // eframe's invisible text field belongs to the map: nothing is typed there.
        !is_map(event) && is_field(&element)
    })
}

/// Leaves the field that is being typed in; `false` when there is none.
fn blur_field(event: &ev::KeyboardEvent) -> bool {
    let field = target(event).filter(|_| is_typing(event));
    field.is_some_and(|field| field.blur().is_ok())
}

/// Whether keys write into it; a checkbox takes none but the space.
fn is_field(element: &web_sys::HtmlElement) -> bool {
    let checkbox = element.get_attribute("type").as_deref() == Some("checkbox");
    !checkbox && matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}
