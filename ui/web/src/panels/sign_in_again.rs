//! The server wants the password again: session and queue go on as soon as it has it.

use leptos::prelude::*;
use protocol::view::{DeskRequest, SignInForm};

use super::SignInDraft;
use crate::kit::Modal;
use crate::state::Desk;
use crate::words::{error_text, t, tf};

/// Asks for the password of whoever is signed in.
#[component]
pub fn SignInAgain(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let draft = expect_context::<SignInDraft>();
    let (company, user) =
        desk.signed_in().map(|view| (view.company.name, view.user.login)).unwrap_or_default();
    let password = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let lead = tf("sign-in-again-lead", &[("user", &user), ("company", &company)]);
    let send = move || {
        let form = SignInForm {
            server_url: draft.server.with_untracked(|server| server.trim().to_owned()),
            company: company.clone(),
            user: user.clone(),
            password: password.get_untracked(),
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::SignIn(form)).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(_) => close.run(()),
                Err(refusal) => {
                    let _ = password.try_set(String::new());
                    let _ = error.try_set(Some(error_text(&refusal)));
                }
            }
        });
    };
    view! {
        <Modal title=t("sign-in") testid="sign-in-again-dialog" close=close>
            <form
                class="form modal-body"
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                <p>{lead}</p>
                <Field label=t("field-server") kind="url" testid="again-server" value=draft.server />
                <Field label=t("field-password") kind="password" testid="again-password" value=password focus=true />
                <Show when=move || error.with(Option::is_some)>
                    <p class="field-error" role="alert">
                        {move || error.get()}
                    </p>
                </Show>
                <div class="actions">
                    <button type="submit" class="primary" data-testid="again" disabled=move || busy.get()>
                        {t("sign-in")}
                    </button>
                    <button type="button" on:click=move |_| close.run(())>
                        {t("cancel")}
                    </button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}

#[component]
fn Field(
    label: &'static str,
    kind: &'static str,
    testid: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type=kind
                data-testid=testid
                autofocus=focus
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}
