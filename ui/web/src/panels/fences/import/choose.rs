//! Where the text comes from: a file, something dropped, or what was pasted.

use leptos::prelude::*;
use protocol::view::FenceFileFault;
use wasm_bindgen::JsCast;

use super::{Busy, Import};
use crate::state::Desk;
use crate::words::{file_fault_text, t, tf};

/// Larger files are refused before they are read, megabytes.
const MEGABYTES_MAX: u32 = 20;
const ACCEPTED: &str = ".geojson,.json,.kml,.wkt,.txt,.xml";

#[component]
pub(super) fn ChooseFile(import: Import) -> impl IntoView {
    let desk = Desk::here();
    let over = RwSignal::new(false);
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input {
            take(desk, import, input.files().and_then(|files| files.get(0)));
            // The same file can be chosen again after it was changed.
            input.set_value("");
        }
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|transfer| transfer.files());
        take(desk, import, files.and_then(|files| files.get(0)));
    };
    let state = move || match (import.busy.get(), import.name.get()) {
        (Busy::Reading, _) => t("import-reading").to_owned(),
        (Busy::Idle | Busy::Importing(..), name) if name.is_empty() => t("import-lead").to_owned(),
        (Busy::Idle | Busy::Importing(..), name) => tf("import-file", &[("name", &name)]),
    };
    view! {
        <div class="drop-zone" class:over=move || over.get() data-testid="import-drop"
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped>
            <p class="muted" role="status">{state}</p>
            <label class="file-button">
                {t("import-choose")}
                <input type="file" class="sr-only" accept=ACCEPTED data-testid="import-file" on:change=choose />
            </label>
        </div>
        <Paste import=import />
    }
    .into_any()
}

#[component]
fn Paste(import: Import) -> impl IntoView {
    let desk = Desk::here();
    let pasted = RwSignal::new(String::new());
    let read = move |_| {
        import.name.set(t("import-pasted").to_owned());
        import.text.set_value(pasted.get_untracked());
        import.read(desk, None);
    };
    view! {
        <details class="paste">
            <summary>{t("import-paste")}</summary>
            <label class="field">
                <span class="sr-only">{t("import-paste")}</span>
                <textarea rows="4" class="mono" data-testid="import-text" placeholder="POLYGON ((7.41 43.73, 7.42 43.73, 7.42 43.74, 7.41 43.73))"
                    prop:value=move || pasted.get() on:input=move |event| pasted.set(event_target_value(&event))></textarea>
            </label>
            <button type="button" data-testid="import-read" disabled=move || pasted.with(|text| text.trim().is_empty()) on:click=read>{t("import-read")}</button>
        </details>
    }
    .into_any()
}

fn take(desk: Desk, import: Import, file: Option<web_sys::File>) {
    let Some(file) = file else { return };
    if file.size() > f64::from(MEGABYTES_MAX) * 1e6 {
        return import.error.set(Some(file_fault_text(&FenceFileFault::TooLarge(MEGABYTES_MAX))));
    }
    import.name.set(file.name());
    import.busy.set(Busy::Reading);
    leptos::task::spawn_local(async move {
        let text =
            wasm_bindgen_futures::JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        // The panel may be closed by now, and what it held is gone.
        if import.busy.try_set(Busy::Idle).is_some() {
            return;
        }
        match text {
            Some(text) => {
                import.text.set_value(text);
                import.read(desk, None);
            }
            None => import.error.set(Some(t("import-unreadable").to_owned())),
        }
    });
}
