//! Messages in passing, with undo.

use leptos::prelude::*;

use crate::format;
use crate::state::{Desk, Toast, ToastDoes, ToastKind};
use crate::words::{t, tf};

/// All messages; errors are announced at once, the rest politely.
#[component]
pub fn Toasts() -> impl IntoView {
    let desk = Desk::here();
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
            <For each=move || desk.toasts.get() key=|toast| toast.id let:toast>
                <OneToast toast=toast />
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn OneToast(toast: Toast) -> impl IntoView {
    let desk = Desk::here();
    let Toast { id, text, kind, does } = toast;
    let class = match kind {
        ToastKind::Done => "toast",
        ToastKind::Error => "toast error",
        ToastKind::Notice => "toast notice",
    };
    let action = does.map(|does| match does {
        ToastDoes::UndoAlerts(undo) => {
            let take_back = move |_| {
                desk.dismiss(id);
                crate::panels::take_back(desk, undo.clone());
            };
            view! { <button type="button" class="toast-action" data-testid="undo-alerts" on:click=take_back>{t("undo")}</button> }.into_any()
        }
        ToastDoes::Undo(command, until) => {
            let left = move || (until - desk.clock.get()).num_seconds().max(0).to_string();
            view! {
                <button type="button" class="toast-action" data-testid="undo" on:click=move |_| desk.undo(id, command)>
                    {move || tf("undo-left", &[("n", &left())])}
                </button>
            }
            .into_any()
        }
        ToastDoes::UndoPlan(plan, until) => {
            let left = move || format::duration((until - desk.clock.get()).num_seconds());
            let take_back = move |_| {
                desk.dismiss(id);
                desk.undo_plan(plan);
            };
            view! {
                <button type="button" class="toast-action" data-testid="undo-plan" on:click=take_back>
                    {move || tf("plan-undo-left", &[("duration", &left())])}
                </button>
            }
            .into_any()
        }
        ToastDoes::UndoPlaces(undo) => {
            let take_back = move |_| {
                desk.dismiss(id);
                desk.undo_places(undo.clone());
            };
            view! { <button type="button" class="toast-action" data-testid="undo-places" on:click=take_back>{t("undo")}</button> }.into_any()
        }
        ToastDoes::Review(n) => {
            let open = move |_| {
                desk.dismiss(id);
                desk.show_change(Some(n));
            };
            view! { <button type="button" class="toast-action" data-testid="review" on:click=open>{t("review")}</button> }.into_any()
        }
    });
    view! {
        <div class=class role=(kind == ToastKind::Error).then_some("alert") data-testid="toast">
            <span>{text}</span>
            {action}
            <button type="button" class="ghost" aria-label=t("dismiss") on:click=move |_| desk.dismiss(id)>
                "×"
            </button>
        </div>
    }
    .into_any()
}
