//! Modal dialogs on the native `<dialog>`: focus trap, Escape, inert background and focus return come from the browser.

use leptos::html;
use leptos::prelude::*;

use crate::words::t;

/// A modal dialog, open as long as it is mounted. `close` is asked for by Escape, the cross and the backdrop.
#[component]
pub fn Modal(
    /// Its title.
    #[prop(into)]
    title: String,
    /// Name for tests.
    testid: &'static str,
    /// Whether it needs more room.
    #[prop(optional)]
    wide: bool,
    /// Asked to close.
    close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    let heading = format!("{testid}-title");
    let labelled_by = heading.clone();
    view! {
        <dialog
            node_ref=dialog
            class="modal"
            class:wide=wide
            data-testid=testid
            aria-labelledby=labelled_by
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                close.run(());
            }
        >
            <header class="modal-head">
                <h2 id=heading>{title}</h2>
                <button type="button" class="ghost" aria-label=t("close") title=t("close") on:click=move |_| close.run(())>
                    "×"
                </button>
            </header>
            {children()}
        </dialog>
    }
    .into_any()
}

/// A question with one way forward and one way back.
#[component]
pub fn Confirm(
    /// Its title.
    #[prop(into)]
    title: String,
    /// The button that does it.
    #[prop(into)]
    action: String,
    /// Whether it destroys something.
    #[prop(optional)]
    danger: bool,
    /// Name for tests.
    testid: &'static str,
    /// The way back.
    close: Callback<()>,
    /// The way forward.
    confirm: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <Modal title=title testid=testid close=close>
            <div class="modal-body">{children()}</div>
            <footer class="modal-foot">
                <button type="button" data-testid="cancel" on:click=move |_| close.run(())>
                    {t("cancel")}
                </button>
                <button
                    type="button"
                    class="primary"
                    class:danger=danger
                    data-testid="confirm"
                    autofocus=true
                    on:click=move |_| confirm.run(())
                >
                    {action}
                </button>
            </footer>
        </Modal>
    }
    .into_any()
}
