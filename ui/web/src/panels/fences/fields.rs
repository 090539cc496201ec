//! The fields of a fence's form.

use domain::place::FenceColor;
use leptos::prelude::*;

use super::draft::Form;
use super::values::{KINDS, Timed, color_name};
use crate::panels::policy_field::put;
use crate::state::Desk;
use crate::words::{fence_color_text, poi_kind_text, t};

/// A line of text with what is wrong about it.
#[component]
pub(super) fn Text(
    label: &'static str,
    testid: &'static str,
    value: RwSignal<String>,
    problem: Signal<Option<String>>,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get().filter(|_| focus) {
            let _ = input.focus();
        }
    });
    let problem_id = format!("{testid}-problem");
    let described = problem_id.clone();
    view! {
        <div>
            <label class="field">
                <span>{label}</span>
                <input type="text" node_ref=input data-testid=testid maxlength="200" prop:value=move || value.get()
                    aria-invalid=move || problem.with(Option::is_some).to_string() aria-describedby=described
                    on:input=move |event| value.set(event_target_value(&event)) />
            </label>
            <Problem id=problem_id text=problem />
        </div>
    }
    .into_any()
}

/// What is wrong with a field; nothing when it is right.
#[component]
pub(super) fn Problem(#[prop(into)] id: String, text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <span class="field-problem" id=id.clone() data-testid=id role="status">{move || text.get()}</span>
    }
    .into_any()
}

#[component]
pub(super) fn KindField(form: Form) -> impl IntoView {
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some(kind) = KINDS.into_iter().find(|kind| format!("{kind:?}") == chosen) {
            form.kind.set(kind);
        }
    };
    let option = move |kind| {
        let selected = form.kind.get_untracked() == kind;
        view! { <option value=format!("{kind:?}") selected=selected>{poi_kind_text(kind)}</option> }
    };
    view! {
        <label class="field">
            <span>{t("fact-kind")}</span>
            <select data-testid="fence-kind" on:change=choose>{KINDS.map(option).collect_view()}</select>
        </label>
    }
    .into_any()
}

/// Swatches of all colours, each with its name.
#[component]
pub(super) fn ColorField(value: RwSignal<FenceColor>) -> impl IntoView {
    let desk = Desk::here();
    let swatch = move |color: FenceColor| {
        let name = fence_color_text(color);
        let title = name.clone();
        let style = move || format!("--swatch:{}", super::describe::css_color(desk, color));
        view! {
            <label class="swatch" style=style title=title>
                <input type="radio" name="fence-color" value=color_name(color) data-testid=format!("fence-color-{}", color_name(color))
                    aria-label=name prop:checked=move || value.get() == color on:change=move |_| value.set(color) />
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t("fence-color")} ": " {move || fence_color_text(value.get())}</legend>
            <div class="swatches" role="radiogroup" aria-label=t("fence-color")>{FenceColor::ALL.map(swatch).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// When alerts are raised.
#[component]
pub(super) fn RulesField(form: Form) -> impl IntoView {
    let quiet = move || {
        let timed = form.dwell.with(|timed| timed.on) || form.absent.with(|timed| timed.on);
        !(form.on_enter.get() || form.on_exit.get() || form.on_crossed.get() || timed)
    };
    let problem = move |dwell: bool| {
        Signal::derive(move || {
            let problems = form.problems();
            if dwell { problems.dwell } else { problems.absent }
        })
    };
    view! {
        <fieldset class="field section rules">
            <legend>{t("fence-rules")}</legend>
            <Switch text=t("rule-enter") testid="fence-enter" value=form.on_enter />
            <Switch text=t("rule-exit") testid="fence-exit" value=form.on_exit />
            <Minutes text=t("rule-dwell") testid="fence-dwell" value=form.dwell problem=problem(true) />
            <Switch text=t("rule-crossed") testid="fence-crossed" value=form.on_crossed hint=t("rule-crossed-hint") />
            <Minutes text=t("rule-absent") testid="fence-absent" value=form.absent problem=problem(false) />
            <Show when=quiet><p class="small muted" role="status" data-testid="fence-is-quiet">{t("fence-is-quiet")}</p></Show>
        </fieldset>
    }
    .into_any()
}

#[component]
pub(super) fn Switch(
    text: &'static str,
    testid: &'static str,
    value: RwSignal<bool>,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    view! {
        <label class="check" title=hint>
            <input type="checkbox" data-testid=testid prop:checked=move || value.get() on:change=move |event| value.set(event_target_checked(&event)) />
            {text}
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn Minutes(
    text: &'static str,
    testid: &'static str,
    value: RwSignal<Timed>,
    problem: Signal<Option<String>>,
) -> impl IntoView {
    let minutes = format!("{testid}-minutes");
    let (problem_id, described) = (format!("{minutes}-problem"), format!("{minutes}-problem"));
    view! {
        <div class="rule-line">
            <label class="check">
                <input type="checkbox" data-testid=testid prop:checked=move || value.with(|value| value.on)
                    on:change=move |event| value.update(|value| value.on = event_target_checked(&event)) />
                {text}
            </label>
            <input type="number" class="minutes" min="1" max="1440" data-testid=minutes aria-label=format!("{text} ({})", t("minutes"))
                disabled=move || !value.with(|value| value.on) aria-describedby=described
                aria-invalid=move || problem.with(Option::is_some).to_string()
                prop:value=move || value.with(|value| value.minutes.clone())
                on:input=move |event| value.update(|value| value.minutes = event_target_value(&event)) />
            <span class="muted">{t("minutes")}</span>
            <Problem id=problem_id text=problem />
        </div>
    }
    .into_any()
}

/// Whom it concerns.
#[component]
pub(super) fn GroupsField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let mut groups = desk.rows.groups.peek_all();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let boxes = groups.into_iter().map(|group| {
        let id = group.id;
        view! {
            <label class="check">
                <input type="checkbox" data-testid="fence-group" prop:checked=move || form.groups.with(|groups| groups.contains(&id))
                    on:change=move |event| form.groups.update(|groups| put(groups, id, event_target_checked(&event))) />
                <span class="ellipsis">{group.name.clone()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="field section">
            <legend>{t("fence-groups")}</legend>
            <div class="checks" data-testid="fence-groups">{boxes.collect_view()}</div>
            <Show when=move || form.groups.with(Vec::is_empty)><p class="small muted">{t("fence-everybody")}</p></Show>
        </fieldset>
    }
    .into_any()
}
