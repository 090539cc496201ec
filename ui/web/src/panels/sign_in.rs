//! Signing in: to a server, to the demo, or to what is cached.

use chrono::{DateTime, Utc};
use domain::access::Role;
use leptos::prelude::*;
use protocol::view::{
    DeskError, DeskErrorCode, DeskRequest, DeskResponse, LastSession, SessionView, SignInForm,
};

use crate::state::Desk;
use crate::words::{error_text, role_text, t, tf, tn};

/// What is typed on the sign-in page. It outlives the page, so that a failed sign-in leaves it filled.
#[derive(Clone, Copy, Default)]
pub struct SignInDraft {
    pub(super) server: RwSignal<String>,
    company: RwSignal<String>,
    user: RwSignal<String>,
    password: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<String>>,
    /// The queue's file is damaged: it can be salvaged from here.
    damaged: RwSignal<bool>,
    /// What became of that.
    salvaged: RwSignal<Option<String>>,
}

impl SignInDraft {
    /// Fills in the last session where nothing is typed.
    fn fill(self, last: &LastSession) {
        let fields =
            [(self.server, &last.server_url), (self.company, &last.company), (self.user, &last.user)];
        for (field, known) in fields {
            if field.with_untracked(String::is_empty) {
                field.set(known.clone());
            }
        }
    }

    fn send(self, desk: Desk, request: DeskRequest) {
        self.busy.set(true);
        self.error.set(None);
        self.salvaged.set(None);
        leptos::task::spawn_local(async move {
            let answer = desk.request(request).await;
            self.busy.set(false);
            self.password.set(String::new());
            self.refused(answer.err().as_ref());
        });
    }

    fn refused(self, error: Option<&DeskError>) {
        self.damaged.set(error.is_some_and(|error| error.code == DeskErrorCode::QueueDamaged));
        self.error.set(error.map(error_text));
    }

    /// Saves what can still be read of a damaged queue; then it is time to sign in again.
    fn salvage(self, desk: Desk) {
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::SalvageQueue).await;
            self.busy.set(false);
            match answer {
                Ok(DeskResponse::Salvaged { kept, lost, aside }) => {
                    self.refused(None);
                    self.salvaged.set(Some(salvaged_text(kept, lost, &aside)));
                }
                Ok(_) => self.error.set(Some(t("error-internal").to_owned())),
                Err(error) => self.error.set(Some(error_text(&error))),
            }
        });
    }

    fn submit(self, desk: Desk) {
        let missing = [self.server, self.company, self.user, self.password]
            .iter()
            .any(|field| field.with_untracked(|text| text.trim().is_empty()));
        if missing {
            return self.error.set(Some(t("sign-in-missing").to_owned()));
        }
        let text = |field: RwSignal<String>| field.get_untracked().trim().to_owned();
        let form = SignInForm {
            server_url: text(self.server),
            company: text(self.company),
            user: text(self.user),
            password: self.password.get_untracked(),
        };
        self.send(desk, DeskRequest::SignIn(form));
    }
}

fn salvaged_text(kept: u32, lost: u32, aside: &str) -> String {
    let (kept, lost) = (tn("salvage-kept", kept as usize), tn("salvage-lost", lost as usize));
    tf("salvaged", &[("kept", &kept), ("lost", &lost), ("path", aside)])
}

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let desk = Desk::here();
    let (last, demo, reason) = desk.session.with_untracked(|session| match session {
        Some(SessionView::SignedOut { last, demo_available, reason }) => {
            (last.clone(), *demo_available, reason.clone())
        }
        Some(SessionView::Starting { .. } | SessionView::SignedIn(_)) | None => (None, false, None),
    });
    let form = expect_context::<SignInDraft>();
    if let Some(last) = &last {
        form.fill(last);
    }
    if let Some(reason) = reason {
        form.refused(Some(&reason));
    }
    // A later event may bring the reason, for example when a sign-in failed on its way.
    Effect::new(move |_| {
        desk.session.with(|session| {
            if let Some(SessionView::SignedOut { reason: Some(reason), .. }) = session {
                form.refused(Some(reason));
            }
        });
    });
    let offline_until = last.and_then(|last| last.offline_until);
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <h1>{t("product")}</h1>
                <p class="muted">{t("sign-in-lead")}</p>
                <SignInFields form=form />
                {offline_until.map(|until| view! { <Offline form=form until=until /> })}
                {demo.then(|| view! { <Demo form=form /> })}
            </div>
        </main>
    }
    .into_any()
}

#[component]
fn SignInFields(form: SignInDraft) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <form
            class="form"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                form.submit(desk);
            }
        >
            <TextField label=t("field-server") testid="server" kind="url" value=form.server autocomplete="url" />
            <TextField label=t("field-company") testid="company" kind="text" value=form.company autocomplete="organization" />
            <TextField label=t("field-user") testid="user" kind="text" value=form.user autocomplete="username" />
            <TextField
                label=t("field-password")
                testid="password"
                kind="password"
                value=form.password
                autocomplete="current-password"
            />
            <Show when=move || form.error.with(Option::is_some)>
                <p class="field-error" role="alert" data-testid="sign-in-error">
                    {move || form.error.get()}
                </p>
            </Show>
            <Show when=move || form.damaged.get()>
                <button type="button" class="block" data-testid="salvage" disabled=move || form.busy.get() on:click=move |_| form.salvage(desk)>
                    {t("salvage")}
                </button>
            </Show>
            <Show when=move || form.salvaged.with(Option::is_some)>
                <p class="callout" role="status" data-testid="salvaged">{move || form.salvaged.get()}</p>
            </Show>
            <button type="submit" class="primary block" data-testid="sign-in" disabled=move || form.busy.get()>
                {move || if form.busy.get() { t("signing-in") } else { t("sign-in") }}
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn TextField(
    label: &'static str,
    testid: &'static str,
    kind: &'static str,
    value: RwSignal<String>,
    autocomplete: &'static str,
) -> impl IntoView {
    let placeholder = if testid == "server" { t("field-server-example") } else { "" };
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type=kind
                name=testid
                data-testid=testid
                placeholder=placeholder
                autocomplete=autocomplete
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

#[component]
fn Offline(form: SignInDraft, until: DateTime<Utc>) -> impl IntoView {
    let desk = Desk::here();
    let left = crate::format::duration((until - crate::clock::now()).num_seconds());
    view! {
        <section class="sign-in-more">
            <button
                type="button"
                class="block"
                data-testid="open-offline"
                disabled=move || form.busy.get()
                on:click=move |_| form.send(desk, DeskRequest::OpenOffline)
            >
                {t("open-offline")}
            </button>
            <p class="muted small">{tf("open-offline-hint", &[("duration", &left)])}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Demo(form: SignInDraft) -> impl IntoView {
    let desk = Desk::here();
    let role = RwSignal::new(Role::Dispatcher);
    let roles = [Role::Dispatcher, Role::Supervisor, Role::Manager];
    view! {
        <section class="sign-in-more">
            <div class="row">
                <button
                    type="button"
                    class="grow"
                    data-testid="explore-demo"
                    disabled=move || form.busy.get()
                    on:click=move |_| form.send(desk, DeskRequest::ExploreDemo { role: role.get_untracked() })
                >
                    {t("explore-demo")}
                </button>
                <select
                    aria-label=t("demo-role")
                    data-testid="demo-role"
                    on:change=move |event| {
                        let chosen = event_target_value(&event);
                        role.set(roles.into_iter().find(|role| format!("{role:?}") == chosen).unwrap_or(Role::Dispatcher));
                    }
                >
                    {roles.map(|role| view! { <option value=format!("{role:?}")>{role_text(role)}</option> }).collect_view()}
                </select>
            </div>
            <p class="muted small">{t("explore-demo-hint")}</p>
        </section>
    }
    .into_any()
}
