//! What the customer was told, how that stands, and what became of what was told before.

use domain::access::Action;
use domain::task::Promise;
use domain::{PromiseId, TaskId};
use leptos::prelude::*;
use protocol::view::DeskRequest;

use crate::state::Desk;
use crate::state::promises::wants_word;
use crate::words::{risk_name, t};

mod form;
mod text;

use form::{PromiseForm, Telling};
use text::{outcome_text, risk_text, said_text, told_text};

/// The section of a task's details.
#[component]
pub(super) fn Promises(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let may_tell =
        Memo::new(move |_| desk.may(Action::EditTask) && row().is_some_and(|row| row.task.is_expected()));
    let any = Memo::new(move |_| row().is_some_and(|row| !row.task.promises.is_empty()));
    let telling = RwSignal::new(None::<Telling>);
    view! {
        <Show when=move || any.get() || may_tell.get()>
            <section class="section" data-testid="promise">
                <h3>{t("promise")}</h3>
                <Open id=id />
                <Show when=move || may_tell.get()>
                    <Buttons id=id telling=telling />
                    {move || telling.get().map(|how| view! {
                        <PromiseForm id=id how=how done=Callback::new(move |()| telling.set(None)) />
                    })}
                </Show>
                <History id=id />
            </section>
        </Show>
    }
    .into_any()
}

/// The promise that is still to be kept, and whether it will be.
#[component]
fn Open(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let open = Memo::new(move |_| row().and_then(|row| row.task.open_promise().cloned()));
    let risk = Memo::new(move |_| row().and_then(|row| row.promise).map(|outlook| outlook.risk));
    let promise = move |promise: Promise| {
        let said = StoredValue::new(promise);
        view! {
            <div class="promise" data-testid="promise-open" data-risk=move || risk.get().map(risk_name)>
                <span class="promise-said num">{move || said.with_value(|promise| said_text(desk, promise))}</span>
                {move || risk.get().map(|risk| view! {
                    <span class="promise-risk" data-risk=risk_name(risk) data-testid="promise-risk">{risk_text(risk)}</span>
                })}
                <span class="muted small promise-told">{move || said.with_value(|promise| told_text(desk, promise))}</span>
            </div>
        }
    };
    move || match open.get() {
        Some(open) => promise(open).into_any(),
        None => view! { <p class="muted">{t("promise-none")}</p> }.into_any(),
    }
}

#[component]
fn Buttons(id: TaskId, telling: RwSignal<Option<Telling>>) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.tasks.get(id);
    let open = Memo::new(move |_| row().and_then(|row| row.task.open_promise().map(|promise| promise.id)));
    let at_risk =
        Memo::new(move |_| row().and_then(|row| row.promise).is_some_and(|outlook| wants_word(outlook.risk)));
    let withdrawing = RwSignal::new(false);
    let tell = move |how: Telling| telling.update(|now| *now = (*now != Some(how)).then_some(how));
    // A letter that is being written stays.
    let update = move || {
        if telling.get_untracked() != Some(Telling::Sorry) {
            telling.set(Some(Telling::Sorry));
        }
    };
    let withdraw = move |promise: PromiseId| {
        withdrawing.set(false);
        desk.ask_saying(
            DeskRequest::WithdrawPromise { task: id, promise },
            t("toast-promise-withdrawn").to_owned(),
        );
    };
    view! {
        <div class="actions">
            <Show when=move || at_risk.get()>
                <button type="button" class="primary" data-testid="update-customer" title=t("promise-update-hint")
                    on:click=move |_| update()>{t("promise-update")}</button>
            </Show>
            <button type="button" data-testid="tell-customer" aria-expanded=move || telling.get().is_some().to_string()
                on:click=move |_| tell(Telling::New)>
                {move || if open.get().is_some() { t("promise-tell-again") } else { t("promise-tell") }}
            </button>
            <Show when=move || open.get().is_some()>
                <button type="button" class="ghost" data-testid="withdraw-promise" on:click=move |_| withdrawing.update(|on| *on = !*on)>{t("promise-withdraw")}</button>
            </Show>
        </div>
        <Show when=move || withdrawing.get() && open.get().is_some()>
            <div class="callout decide row">
                <span class="grow">{t("promise-withdraw-question")}</span>
                <button type="button" data-testid="confirm-withdraw" on:click=move |_| if let Some(promise) = open.get_untracked() { withdraw(promise) }>
                    {t("promise-withdraw")}
                </button>
                <button type="button" on:click=move |_| withdrawing.set(false)>{t("cancel")}</button>
            </div>
        </Show>
    }
    .into_any()
}

/// What was told before, newest first, with what became of it.
#[component]
fn History(id: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let settled = Memo::new(move |_| {
        let all = desk.rows.tasks.get(id).map(|row| row.task.promises.clone()).unwrap_or_default();
        all.into_iter().rev().filter(|promise| !promise.is_open()).collect::<Vec<_>>()
    });
    let line = move |promise: Promise| {
        let (tone, outcome) = outcome_text(desk, &promise);
        view! {
            <li data-testid="promise-past">
                <span class="num">{said_text(desk, &promise)}</span>
                <span class="promise-outcome" data-tone=tone>{outcome}</span>
                <span class="muted small promise-told">{told_text(desk, &promise)}</span>
            </li>
        }
    };
    move || {
        let settled = settled.get();
        (!settled.is_empty()).then(|| {
            view! {
                <ul class="promises" aria-label=t("promise-history")>
                    {settled.into_iter().map(line).collect_view()}
                </ul>
            }
        })
    }
}
