//! The root: which page is shown.

use leptos::prelude::*;
use protocol::view::SessionView;

use crate::backend;
use crate::kit::Toasts;
use crate::panels::{self, ShowWhen};
use crate::shortcuts;
use crate::state::{Desk, Page, ThemeChoice};
use crate::words::{start_step_text, t};

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    let desk = Desk::start(backend::of_this_page());
    provide_context(desk);
    provide_context(panels::SignInDraft::default());
    follow_theme(desk);
    shortcuts::listen(desk);
    let kind = Memo::new(move |_| {
        desk.session.with(|session| match session {
            None => Shown::Nothing,
            Some(SessionView::SignedOut { .. }) => Shown::SignIn,
            Some(SessionView::Starting { .. }) => Shown::Starting,
            Some(SessionView::SignedIn(_)) => Shown::Desk,
        })
    });
    view! {
        {move || match kind.get() {
            Shown::Nothing => view! { <Splash text=Signal::derive(|| t("start-connecting").to_owned()) /> }.into_any(),
            Shown::SignIn => view! { <panels::SignIn /> }.into_any(),
            Shown::Starting => view! { <Starting /> }.into_any(),
            Shown::Desk => view! { <SignedIn /> }.into_any(),
        }}
        <Toasts />
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Nothing,
    SignIn,
    Starting,
    Desk,
}

#[component]
fn Splash(text: Signal<String>) -> impl IntoView {
    view! {
        <main class="splash" data-testid="starting">
            <h1>{t("product")}</h1>
            <div class="progress" role="progressbar" aria-label=t("start-connecting")></div>
            <p role="status">{text}</p>
        </main>
    }
    .into_any()
}

#[component]
fn Starting() -> impl IntoView {
    let desk = Desk::here();
    let step = Signal::derive(move || {
        desk.session.with(|session| match session {
            Some(SessionView::Starting { step }) => start_step_text(*step),
            Some(SessionView::SignedIn(_) | SessionView::SignedOut { .. }) | None => String::new(),
        })
    });
    view! { <Splash text=step /> }.into_any()
}

#[component]
fn SignedIn() -> impl IntoView {
    let desk = Desk::here();
    view! {
        <div class="shell">
            <panels::Header />
            <panels::Banners />
            <div class="pages">
                // The map's page stays: its canvas is expensive to start.
                <ShowWhen shown=Signal::derive(move || matches!(desk.look.page.get(), Page::Desk | Page::Alerts))>
                    <panels::DeskPage />
                </ShowWhen>
                <Show when=move || desk.look.page.get() == Page::Attendance>
                    <panels::Attendance />
                </Show>
                <Show when=move || desk.look.page.get() == Page::Figures>
                    <panels::Figures />
                </Show>
                <Show when=move || desk.look.page.get() == Page::Changes>
                    <panels::Changes />
                </Show>
                <Show when=move || desk.look.page.get() == Page::Plan>
                    <panels::Plan />
                </Show>
                <Show when=move || desk.look.page.get() == Page::Rules>
                    <panels::Rules />
                </Show>
            </div>
            <panels::Dialogs />
        </div>
    }
    .into_any()
}

/// `data-theme` of the page follows the choice, and `dark` follows both the choice and the system.
fn follow_theme(desk: Desk) {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let system_dark = RwSignal::new(query.as_ref().is_some_and(|query| query.matches()));
    if let Some(query) = query {
        let media = query.clone();
        let changed =
            wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || system_dark.set(media.matches()));
        query.set_onchange(Some(wasm_bindgen::JsCast::unchecked_ref(&changed.into_js_value())));
    }
    Effect::new(move |_| {
        let choice = desk.look.theme.get();
        let dark = match choice {
            ThemeChoice::System => system_dark.get(),
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        };
        if desk.look.dark.get_untracked() != dark {
            desk.look.dark.set(dark);
        }
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
        }
    });
}
