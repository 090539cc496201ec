//! Fences to a file.

use domain::PoiId;
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, FenceFormat};

use crate::state::{Desk, ToastKind};
use crate::words::{fence_format_text, t, tf};

/// A button with a choice of formats; the path of the file is said when it is written.
#[component]
pub fn ExportButton(
    /// Which fences; none at all means that there is nothing to export.
    #[prop(into)]
    pois: Signal<Vec<PoiId>>,
    /// What the button says.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let desk = Desk::here();
    let nothing = move || pois.with(Vec::is_empty);
    let choose = move |event: leptos::ev::Event| {
        let name = event_target_value(&event);
        let format = FenceFormat::ALL.into_iter().find(|format| format!("{format:?}") == name);
        if let Some(format) = format {
            export(desk, pois.get_untracked(), format);
        }
        reset(&event);
    };
    let option = |format: FenceFormat| view! { <option value=format!("{format:?}")>{fence_format_text(format)}</option> };
    view! {
        <select class="export" data-testid="export-fences" aria-label=move || text.get() disabled=nothing on:change=choose>
            <option value="">{move || text.get()}</option>
            {FenceFormat::ALL.map(option).collect_view()}
        </select>
    }
    .into_any()
}

/// The list of formats is a button: it goes back to its first line.
fn reset(event: &leptos::ev::Event) {
    use wasm_bindgen::JsCast;
    if let Some(select) =
        event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
    {
        select.set_selected_index(0);
    }
}

fn export(desk: Desk, pois: Vec<PoiId>, format: FenceFormat) {
    // No place at all would mean all of them.
    if pois.is_empty() {
        return;
    }
    desk.ask_then(DeskRequest::ExportFences { pois, format }, move |response| {
        if let DeskResponse::Saved { path } = response {
            desk.say(ToastKind::Done, tf("queue-exported", &[("path", &path)]));
        }
    });
}

/// The button's text for so many fences.
pub(super) fn export_text(count: usize, chosen: bool) -> String {
    if count == 0 {
        t("export-nothing").to_owned()
    } else if chosen {
        tf("export-chosen", &[("n", &count.to_string())])
    } else {
        tf("export-shown", &[("n", &count.to_string())])
    }
}
