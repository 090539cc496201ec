//! The area in the form: tools for drawing, its number, its sizes, what is wrong with it.

use domain::place::FenceShape;
use leptos::prelude::*;
use map::{EditOrder, EditState, EditTool};

use super::draft::Form;
use super::fields::Problem;
use super::form::tool_now;
use super::values::{number_of, points_of, with_number};
use crate::kit::{Glyph, Icon};
use crate::state::Desk;
use crate::words::{t, tf, tn};

/// The tools that begin a shape.
const KINDS: [(EditTool, &str, &str); 3] = [
    (EditTool::Circle, "tool-circle", "tool-circle-hint"),
    (EditTool::Area, "tool-area", "tool-area-hint"),
    (EditTool::Corridor, "tool-corridor", "tool-corridor-hint"),
];

#[component]
pub(super) fn AreaField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let problem = Signal::derive(move || {
        let drawing = desk.look.fences.edit.with(|edit| edit.as_ref().is_some_and(|edit| edit.drawing));
        let missing = form.shape.with(Option::is_none);
        form.problems().shape.filter(|_| form.tried.get() || !(missing || drawing))
    });
    // What a new shape will take the place of is not of interest any more.
    let adjusting = move || matches!(tool_now(desk), None | Some(EditTool::Adjust));
    view! {
        <fieldset class="field section area-field" data-testid="fence-area">
            <legend>{t("fence-area")}</legend>
            <Kinds form=form />
            <Steps />
            <Show when=adjusting><Number form=form /><Sizes form=form /></Show>
            <Problem id="fence-shape-problem" text=problem />
            <Show when=adjusting><TooSmall form=form /></Show>
        </fieldset>
    }
    .into_any()
}

/// Which kind of shape; taking one draws a new shape in place of the old one.
#[component]
fn Kinds(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let now = move || match tool_now(desk) {
        None | Some(EditTool::Adjust) => form.shape.with(|shape| shape.as_ref().map(kind_of)),
        Some(EditTool::Hole) => Some(EditTool::Area),
        Some(tool @ (EditTool::Circle | EditTool::Area | EditTool::Corridor)) => Some(tool),
    };
    let button = move |(tool, text, hint): (EditTool, &'static str, &'static str)| {
        let name = format!("tool-{tool:?}").to_lowercase();
        view! {
            <button type="button" data-testid=name title=t(hint) aria-pressed=move || (now() == Some(tool)).to_string()
                on:click=move |_| desk.edit_fence(EditOrder::Take(tool))>
                {t(text)}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label=t("fence-shape")>{KINDS.map(button).collect_view()}</div>
    }
    .into_any()
}

fn kind_of(shape: &FenceShape) -> EditTool {
    match shape {
        FenceShape::Circle { .. } => EditTool::Circle,
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } => EditTool::Area,
        FenceShape::Corridor { .. } => EditTool::Corridor,
    }
}

/// Undo, redo, and what fits the moment.
#[component]
fn Steps() -> impl IntoView {
    let desk = Desk::here();
    let edit = desk.look.fences.edit;
    let is = move |of: fn(&EditState) -> bool| move || edit.with(|edit| edit.as_ref().is_some_and(of));
    let order = move |order: EditOrder| move |_| desk.edit_fence(order.clone());
    let has_areas = is(|edit| {
        matches!(edit.shape, Some(FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. }))
            && edit.tool == EditTool::Adjust
    });
    let (undo, redo) = (is(|edit| edit.can_undo), is(|edit| edit.can_redo));
    view! {
        <div class="steps" role="toolbar" aria-label=t("fence-steps")>
            <button type="button" class="icon-button" data-testid="fence-undo" aria-label=t("undo-step") title=t("undo-step")
                disabled=move || !undo() on:click=order(EditOrder::Undo)><Icon glyph=Glyph::Undo /></button>
            <button type="button" class="icon-button" data-testid="fence-redo" aria-label=t("redo-step") title=t("redo-step")
                disabled=move || !redo() on:click=order(EditOrder::Redo)><Icon glyph=Glyph::Redo /></button>
            <Show when=is(|edit| edit.drawing)>
                <button type="button" class="small" data-testid="finish-drawing" on:click=order(EditOrder::FinishDrawing)>{t("finish-drawing")}</button>
                <button type="button" class="small" data-testid="cancel-drawing" on:click=order(EditOrder::CancelDrawing)>{t("cancel-drawing")}</button>
            </Show>
            <Show when=is(|edit| !edit.drawing && edit.tool != EditTool::Adjust)>
                <button type="button" class="small" data-testid="put-in-middle" title=t("put-in-middle-hint") on:click=order(EditOrder::PutInMiddle)>{t("put-in-middle")}</button>
            </Show>
            <Show when=is(|edit| !edit.drawing && edit.tool != EditTool::Adjust && edit.shape.is_some())>
                <button type="button" class="small" data-testid="keep-shape" on:click=order(EditOrder::Take(EditTool::Adjust))>{t("keep-shape")}</button>
            </Show>
            <Show when=has_areas>
                <button type="button" class="small" data-testid="add-area" on:click=order(EditOrder::Take(EditTool::Area))>{t("add-area")}</button>
                <button type="button" class="small" data-testid="add-hole" on:click=order(EditOrder::Take(EditTool::Hole))>{t("add-hole")}</button>
            </Show>
            <Show when=is(|edit| edit.can_remove_vertex)>
                <button type="button" class="small" data-testid="remove-vertex" on:click=order(EditOrder::RemoveVertex)>{t("remove-vertex")}</button>
            </Show>
            <Show when=is(|edit| edit.can_remove_part)>
                <button type="button" class="small" data-testid="remove-part" on:click=order(EditOrder::RemovePart)>{t("remove-part")}</button>
            </Show>
        </div>
    }
    .into_any()
}

/// A circle's radius, a corridor's half width.
#[component]
fn Number(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let label = Memo::new(move |_| {
        form.shape.with(|shape| match shape {
            Some(FenceShape::Circle { .. }) => Some(t("fence-radius")),
            Some(FenceShape::Corridor { .. }) => Some(t("fence-half-width")),
            Some(FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. }) | None => None,
        })
    });
    let shown =
        move || form.shape.with(|shape| shape.as_ref().and_then(number_of)).map(|metres| format!("{metres}"));
    let typed = move |event| {
        let text = event_target_value(&event);
        let shape =
            form.shape.with_untracked(|shape| shape.as_ref().and_then(|shape| with_number(shape, &text)));
        if let Some(shape) = shape {
            form.shape.set(Some(shape.clone()));
            desk.edit_fence(EditOrder::Shape(shape));
        }
    };
    // What was typed and is no number gives way to the one that counts.
    let left = move |event: leptos::ev::Event| {
        use wasm_bindgen::JsCast;
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let (Some(input), Some(text)) = (input, untrack(shown)) {
            input.set_value(&text);
        }
    };
    move || {
        label.get().map(|label| {
            view! {
                <label class="field inline">
                    <span>{label}</span>
                    <input type="number" min="1" step="1" data-testid="fence-number" prop:value=shown on:input=typed on:change=left />
                    <span class="muted">{t("metres")}</span>
                </label>
            }
        })
    }
}

/// How large it is.
#[component]
fn Sizes(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        let measures = desk.look.fences.edit.with(|edit| edit.as_ref().and_then(|edit| edit.measures))?;
        let (area, length) = (area_text(measures.area_m2), length_text(measures.length_m));
        let points = form.shape.with(|shape| shape.as_ref().map(points_of)).unwrap_or_default();
        Some(form.shape.with(|shape| match shape {
            Some(FenceShape::Corridor { .. }) => tf(
                "fence-sizes-line",
                &[("area", &area), ("length", &length), ("points", &tn("points", points))],
            ),
            Some(FenceShape::Circle { .. }) => {
                tf("fence-sizes-circle", &[("area", &area), ("length", &length)])
            }
            Some(FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. }) | None => {
                tf("fence-sizes", &[("area", &area), ("length", &length), ("points", &tn("points", points))])
            }
        }))
    };
    view! { <p class="small muted num" data-testid="fence-sizes">{text}</p> }.into_any()
}

/// `812 m²`, `2.5 ha`, `3.2 km²`
pub(super) fn area_text(area_m2: f64) -> String {
    match area_m2 {
        small if small < 10_000.0 => tf("area-m2", &[("n", &format!("{small:.0}"))]),
        middle if middle < 1e6 => tf("area-ha", &[("n", &format!("{:.1}", middle / 10_000.0))]),
        large => tf("area-km2", &[("n", &format!("{:.1}", large / 1e6))]),
    }
}

/// `634 m`, `12.4 km`: to the metre, as far as that tells anything.
pub fn length_text(metres: f64) -> String {
    if metres < 10_000.0 {
        tf("distance-m", &[("n", &format!("{metres:.0}"))])
    } else {
        tf("distance-km", &[("n", &format!("{:.1}", metres / 1_000.0))])
    }
}

/// Why such a small fence is often late or silent.
#[component]
fn TooSmall(form: Form) -> impl IntoView {
    let size_m =
        Memo::new(move |_| form.shape.with(|shape| shape.as_ref().and_then(FenceShape::too_small_m)));
    move || {
        size_m.get().map(|size_m| {
            view! {
                <p class="callout decide small" role="status" data-testid="fence-too-small">
                    {tf("fence-too-small", &[("size", &length_text(size_m))])}
                </p>
            }
        })
    }
}
