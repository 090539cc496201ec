//! “Why not the first one?”: asked once, in place, and never in the way of the work.

use domain::ResourceId;
use domain::task::{LONGEST_CHOICE_NOTE_CHARS, OverrideReason};
use leptos::html;
use leptos::prelude::*;

use super::Panel;
use super::people::focus_row;
use crate::words::{override_text, t, tf};

#[component]
pub(super) fn OverrideForm(panel: Panel, id: ResourceId) -> impl IntoView {
    let (reason, note) = (RwSignal::new(None::<OverrideReason>), RwSignal::new(String::new()));
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            focus_first(&form);
            // The list may end below the row: the buttons are to be seen, too.
            form.scroll_into_view_with_bool(false);
        }
    });
    let first = panel.list.with_untracked(|list| list.first().map(|it| it.view.resource));
    let lead = first.map(|first| tf("override-lead", &[("who", &panel.desk.resource_name(first))]));
    // “Something else” says nothing without words.
    let wanting = move || match reason.get() {
        None => true,
        Some(OverrideReason::Other) => note.with(|note| note.trim().is_empty()),
        Some(_) => false,
    };
    let close = move || {
        panel.asking.set(None);
        focus_row(id);
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            event.prevent_default();
            close();
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !wanting() {
            panel.assign(id, reason.get_untracked(), &note.get_untracked());
        }
    };
    view! {
        <form class="override" data-testid="override" node_ref=form on:submit=submit on:keydown=keys>
            <fieldset class="field">
                <legend>{lead}</legend>
                {OverrideReason::ALL.map(|each| view! { <Reason id=id each=each reason=reason /> }).collect_view()}
            </fieldset>
            <input type="text" data-testid="override-note" aria-label=t("override-note") placeholder=t("override-note")
                maxlength=LONGEST_CHOICE_NOTE_CHARS.to_string() prop:value=move || note.get() on:input=move |event| note.set(event_target_value(&event)) />
            <div class="actions">
                <button type="submit" class="primary" data-testid="override-assign" disabled=wanting>{t("assign")}</button>
                <button type="button" data-testid="override-skip" title=t("override-skip-hint") on:click=move |_| panel.assign(id, None, "")>{t("override-skip")}</button>
                <button type="button" data-testid="override-cancel" on:click=move |_| close()>{t("cancel")}</button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Reason(id: ResourceId, each: OverrideReason, reason: RwSignal<Option<OverrideReason>>) -> impl IntoView {
    view! {
        <label class="check">
            <input type="radio" name=format!("override-{id}") data-testid="override-reason" value=format!("{each:?}")
                prop:checked=move || reason.get() == Some(each) on:change=move |_| reason.set(Some(each)) />
            {override_text(each)}
        </label>
    }
    .into_any()
}

fn focus_first(form: &web_sys::HtmlFormElement) {
    use wasm_bindgen::JsCast;
    let field = form.get_elements_by_tag_name("input").item(0);
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
