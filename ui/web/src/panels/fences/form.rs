//! The form of a place and its fence, beside the map on which the fence is drawn.

use domain::access::Action;
use leptos::prelude::*;
use map::{EditOrder, EditStart, EditTool};

use super::area::AreaField;
use super::draft::Form;
use super::fields::{ColorField, GroupsField, KindField, RulesField, Text};
use super::purpose::FencePurpose;
use super::values::Problems;
use crate::kit::focus_list;
use crate::panels::details::{Gone, PanelHead};
use crate::panels::policy_field::PolicyField;
use crate::panels::schedule_field::ScheduleField;
use crate::state::{Desk, Dialog};
use crate::words::t;

/// The form.
#[component]
pub fn FenceForm(
    /// What it is for.
    purpose: FencePurpose,
) -> impl IntoView {
    let desk = Desk::here();
    if purpose.poi().is_some_and(|poi| desk.rows.pois.peek(poi).is_none()) {
        return view! { <Gone /> }.into_any();
    }
    let form = Form::new(desk, purpose);
    follow_map(desk, form, purpose);
    let title = Signal::derive(move || match purpose.poi() {
        Some(poi) => desk.poi_name(poi),
        None => t("new-fence").to_owned(),
    });
    let kind = if purpose.poi().is_some() { t("edit") } else { t("kind-place") };
    view! {
        <PanelHead kind=kind title=title />
        <form
            class="form panel-body fence-form"
            data-testid="fence-form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                form.submit(desk, purpose);
            }
        >
            <Body form=form purpose=purpose />
            <Foot form=form purpose=purpose />
        </form>
    }
    .into_any()
}

#[component]
fn Body(form: Form, purpose: FencePurpose) -> impl IntoView {
    let problem = move |of: fn(Problems) -> Option<String>| {
        Signal::derive(move || of(form.problems()).filter(|_| form.tried.get()))
    };
    let known = purpose.poi().is_some();
    view! {
        <Text label=t("field-name") testid="fence-name" value=form.name focus=true problem=problem(|problems| problems.name) />
        <KindField form=form />
        <Text label=t("field-address") testid="fence-address" value=form.address problem=problem(|problems| problems.address) />
        <Show when=move || known>
            <label class="check">
                <input type="checkbox" data-testid="fence-watched" prop:checked=move || form.watched.get()
                    on:change=move |event| form.watched.set(event_target_checked(&event)) />
                {t("fence-watched")}
            </label>
        </Show>
        <Show when=move || form.watched.get()>
            <ColorField value=form.color />
            <AreaField form=form />
            <RulesField form=form />
            <GroupsField form=form />
            <section class="section">
                <ScheduleField value=form.schedule label=t("fence-when") always=t("fence-always") chosen=t("fence-hours") testid="fence-schedule" />
                <fieldset class="field">
                    <legend>{t("fence-delivery")}</legend>
                    <select data-testid="fence-policy-own" aria-label=t("fence-delivery")
                        prop:value=move || if form.own_policy.get() { "own" } else { "usual" }
                        on:change=move |event| form.own_policy.set(event_target_value(&event) == "own")>
                        <option value="usual">{t("fence-delivery-usual")}</option>
                        <option value="own" selected=form.own_policy.get_untracked()>{t("fence-delivery-own")}</option>
                    </select>
                    <Show when=move || !form.own_policy.get()><p class="small muted">{t("fence-delivery-hint")}</p></Show>
                </fieldset>
                <Show when=move || form.own_policy.get()><PolicyField value=form.policy testid="fence-policy" /></Show>
            </section>
        </Show>
    }
    .into_any()
}

/// What is wrong, and the buttons; stays in sight.
#[component]
fn Foot(form: Form, purpose: FencePurpose) -> impl IntoView {
    let desk = Desk::here();
    let delete = move |_| {
        if let Some(poi) = purpose.poi() {
            desk.look.dialog.set(Some(Dialog::DeletePlace(poi)));
        }
    };
    let save = if purpose.poi().is_some() { t("save") } else { t("create-fence") };
    let error = Memo::new(move |_| {
        let wrong = form.tried.get() && !form.problems().is_none();
        if wrong { Some(t("fence-look-again").to_owned()) } else { form.error.get() }
    });
    view! {
        <footer class="form-foot">
            <Show when=move || error.with(Option::is_some)>
                <p class="field-error" role="alert" data-testid="fence-error">{move || error.get()}</p>
            </Show>
            <div class="actions">
                <button type="submit" class="primary" data-testid="save-fence" disabled=move || form.busy.get()>{save}</button>
                <button type="button" data-testid="cancel-fence" on:click=move |_| desk.look.close_one()>{t("cancel")}</button>
                <span class="grow"></span>
                <Show when=move || purpose.poi().is_some() && desk.may(Action::EditPlace)>
                    <button type="button" class="ghost danger-text" data-testid="delete-fence" on:click=delete>{t("delete")}</button>
                </Show>
            </div>
        </footer>
    }
    .into_any()
}

/// Keeps form and map the same as long as the form is there.
fn follow_map(desk: Desk, form: Form, purpose: FencePurpose) {
    let fences = desk.look.fences;
    fences.edit.set(None);
    Effect::new(move |before: Option<bool>| {
        let watched = form.watched.get();
        match (before, watched) {
            (None | Some(false), true) => start_edit(desk, form, purpose),
            (Some(true), false) => end_edit(desk),
            (Some(true), true) | (None | Some(false), false) => {}
        }
        watched
    });
    Effect::new(move |_| {
        if let Some(edit) = fences.edit.get()
            && form.shape.with_untracked(|shape| *shape != edit.shape)
        {
            form.shape.set(edit.shape);
        }
    });
    Effect::new(move |_| {
        let color = form.color.get();
        desk.edit_fence(EditOrder::Color(color));
    });
    Effect::new(move |_| {
        let problems = form.check(desk);
        if form.found.with_untracked(|found| *found != problems) {
            form.found.set(problems);
        }
    });
    Effect::new(move |_| fences.unsaved.set(form.is_changed(desk)));
    go_on_in_form(desk, form);
    let undo = window_event_listener(leptos::ev::keydown, move |event| undo_key(desk, &event));
    on_cleanup(move || {
        undo.remove();
        end_edit(desk);
        fences.unsaved.set(false);
    });
}

/// The map shows what the form has; a known place without an area begins with a circle around its pin.
fn start_edit(desk: Desk, form: Form, purpose: FencePurpose) {
    if let (None, Some(poi)) = (form.shape.get_untracked(), purpose.poi()) {
        let (filled, _) = form.filled.get_value();
        let fence = FencePurpose::Make(poi).filled(Some(&filled)).1;
        form.shape.set(fence.map(|fence| fence.shape));
    }
    let shape = form.shape.get_untracked();
    let tool = purpose.tool(shape.is_some());
    let start = EditStart { poi: purpose.poi(), shape, tool, color: form.color.get_untracked() };
    desk.map.order(move |map| map.start_edit(start));
}

fn end_edit(desk: Desk) {
    desk.map.order(|map| map.end_edit());
    desk.look.fences.edit.set(None);
}

/// Enter on the map leads to what is left to do in the form.
fn go_on_in_form(desk: Desk, form: Form) {
    Effect::new(move |before: Option<u32>| {
        let finished = desk.look.fences.finished.get();
        if before.is_some_and(|before| before != finished) {
            let nameless = form.name.with_untracked(|name| name.trim().is_empty());
            focus_list(if nameless { "fence-name" } else { "save-fence" });
        }
        finished
    });
}

/// Ctrl+Z beside the map; on the map it is the map's, and in a field the field's.
fn undo_key(desk: Desk, event: &leptos::ev::KeyboardEvent) {
    let is_undo = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("z");
    let in_sight = desk.look.is_beside_map() && desk.look.dialog.get_untracked().is_none();
    if !is_undo || event.default_prevented() || !in_sight {
        return;
    }
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let elsewhere = target.is_some_and(|element| {
        let own =
            element.closest(".map-canvas, input:not([type=checkbox]):not([type=radio]), textarea, select");
        own.ok().flatten().is_some()
    });
    if !elsewhere {
        event.prevent_default();
        desk.edit_fence(if event.shift_key() { EditOrder::Redo } else { EditOrder::Undo });
    }
}

/// Which tool the buttons of the form show as taken.
pub(super) fn tool_now(desk: Desk) -> Option<EditTool> {
    desk.look.fences.edit.with(|edit| edit.as_ref().map(|edit| edit.tool))
}
