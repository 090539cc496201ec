//! Telling a customer when somebody comes: the window is filled from the arrival, the message from the window.

use chrono::{DateTime, Utc};
use domain::task::{LONGEST_MESSAGE_CHARS, PromiseChannel, PromiseDraft};
use domain::{PromiseId, TaskId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, TaskView};

use crate::clock;
use crate::kit::copy_text;
use crate::panels::task_form::{local_text, parse_local};
use crate::state::promises::{Letter, Told, expected, told, wants_word};
use crate::state::{Desk, ToastKind};
use crate::words::{channel_text, error_text, promise_text, t, tf};

const CHANNELS: [PromiseChannel; 3] = [PromiseChannel::Phone, PromiseChannel::Message, PromiseChannel::Other];

/// What the form is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// The customer is told a time, perhaps another one than before.
    New,
    /// The customer is written to, since what they were told will perhaps not hold.
    Sorry,
}

#[derive(Clone, Copy)]
struct Form {
    desk: Desk,
    task: TaskId,
    /// One form is one promise, however often it is sent.
    id: PromiseId,
    channel: RwSignal<PromiseChannel>,
    from: RwSignal<String>,
    until: RwSignal<String>,
    text: RwSignal<String>,
    /// The words are the dispatcher's own: they stay when the times change.
    own_words: RwSignal<bool>,
    sorry: bool,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    done: Callback<()>,
}

impl Form {
    fn new(desk: Desk, task: TaskId, how: Telling, done: Callback<()>) -> Self {
        let row = desk.rows.tasks.peek(task);
        let told = row.as_ref().map(|row| told(row, clock::now()));
        let local = |at: Option<DateTime<Utc>>| RwSignal::new(local_text(at, desk.zone()));
        let channel = match how {
            Telling::New => PromiseChannel::Phone,
            Telling::Sorry => PromiseChannel::Message,
        };
        let form = Self {
            desk,
            task,
            id: PromiseId(clock::new_id()),
            channel: RwSignal::new(channel),
            from: local(told.map(|told| told.from)),
            until: local(told.map(|told| told.until)),
            text: RwSignal::new(String::new()),
            own_words: RwSignal::new(false),
            sorry: how == Telling::Sorry
                || row.and_then(|row| row.promise).is_some_and(|outlook| wants_word(outlook.risk)),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            done,
        };
        form.write();
        form
    }

    /// The times in the fields; `None` for the whole where one can't be read.
    fn times(self) -> Option<Told> {
        let at =
            |field: RwSignal<String>| field.with_untracked(|text| parse_local(text.trim(), self.desk.zone()));
        Some(Told { from: at(self.from)?, until: at(self.until)? })
    }

    /// Writes the message anew from the times.
    fn write(self) {
        let Some(told) = self.times() else { return };
        let customer =
            self.desk.rows.tasks.peek(self.task).map(|row| row.task.customer.clone()).unwrap_or_default();
        let company = self.desk.signed_in().map(|view| view.company.name).unwrap_or_default();
        let (zone, now) = (self.desk.zone(), clock::now());
        let letter = Letter { customer: &customer, company: &company, zone, now };
        self.text.set(letter.text(told, self.sorry));
        self.own_words.set(false);
    }

    fn times_changed(self) {
        if !self.own_words.get_untracked() {
            self.write();
        }
    }

    /// Fills in the times of the arrival as it is now, and writes the message anew.
    fn update(self) {
        if let Some(row) = self.desk.rows.tasks.peek(self.task) {
            let told = told(&row, clock::now());
            self.from.set(local_text(Some(told.from), self.desk.zone()));
            self.until.set(local_text(Some(told.until), self.desk.zone()));
        }
        self.write();
    }

    /// What is told, or what is wrong with it.
    fn draft(self) -> Result<(PromiseDraft, Option<String>), String> {
        let Told { from, until } = self.times().ok_or_else(|| t("draft-time").to_owned())?;
        let (channel, eta) = (self.channel.get_untracked(), self.eta());
        let draft = PromiseDraft { id: self.id, channel, from: Some(from), until, expected: eta };
        let text = (channel == PromiseChannel::Message)
            .then(|| self.text.with_untracked(|text| text.trim().to_owned()));
        let checked = draft.check(clock::now()).and_then(|()| draft.check_text(text.as_deref()));
        checked.map_err(|error| promise_text(error).to_owned())?;
        Ok((draft, text))
    }

    fn eta(self) -> Option<domain::task::ExpectedThen> {
        let row = self.desk.rows.tasks.peek(self.task);
        row.and_then(|row: std::sync::Arc<TaskView>| expected(row.eta.as_ref()))
    }

    fn submit(self) {
        let (promise, text) = match self.draft() {
            Ok(draft) => draft,
            Err(text) => return self.error.set(Some(text)),
        };
        let said = if text.is_some() { t("toast-promise-message") } else { t("toast-promise-told") };
        let request = DeskRequest::MakePromise { task: self.task, promise, text };
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            match self.desk.request(request).await {
                Ok(_) => {
                    self.desk.say(ToastKind::Done, said.to_owned());
                    let _ = self.done.try_run(());
                }
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                    let _ = self.busy.try_set(false);
                }
            }
        });
    }

    fn copy(self) {
        let text = self.text.get_untracked();
        leptos::task::spawn_local(async move {
            if copy_text(&text).await {
                self.desk.say(ToastKind::Done, t("toast-message-copied").to_owned());
            } else {
                self.desk.say(ToastKind::Notice, t("toast-message-by-hand").to_owned());
            }
        });
    }
}

#[component]
pub(super) fn PromiseForm(id: TaskId, how: Telling, done: Callback<()>) -> impl IntoView {
    let form = Form::new(Desk::here(), id, how, done);
    let by_message = move || form.channel.get() == PromiseChannel::Message;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    view! {
        <form class="form promise-form" novalidate=true data-testid="promise-form" on:submit=submit>
            <div class="columns">
                <Time form=form label=t("promise-from") testid="promise-from" value=form.from />
                <Time form=form label=t("promise-until") testid="promise-until" value=form.until />
            </div>
            <fieldset class="field">
                <legend>{t("promise-channel")}</legend>
                <div class="row channels">{CHANNELS.map(|each| view! { <Channel form=form each=each /> }).collect_view()}</div>
            </fieldset>
            // On the phone people use their own words.
            <Show when=move || form.channel.get() != PromiseChannel::Phone><Message form=form /></Show>
            {move || form.error.get().map(|text| view! { <p class="field-error" role="alert" data-testid="promise-error">{text}</p> })}
            <div class="actions">
                <button type="submit" class="primary" data-testid="promise-save" disabled=move || form.busy.get()>
                    {move || if by_message() { t("promise-send") } else { t("promise-record") }}
                </button>
                <button type="button" data-testid="promise-refresh" title=t("promise-refresh-hint") on:click=move |_| form.update()>{t("promise-refresh")}</button>
                <button type="button" on:click=move |_| done.run(())>{t("cancel")}</button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Time(form: Form, label: &'static str, testid: &'static str, value: RwSignal<String>) -> impl IntoView {
    let typed = move |event| {
        value.set(event_target_value(&event));
        form.times_changed();
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="datetime-local" data-testid=testid prop:value=move || value.get() on:input=typed />
        </label>
    }
    .into_any()
}

#[component]
fn Channel(form: Form, each: PromiseChannel) -> impl IntoView {
    let name = format!("channel-{}", form.task);
    view! {
        <label class="check">
            <input type="radio" name=name data-testid="promise-channel" value=format!("{each:?}")
                prop:checked=move || form.channel.get() == each on:change=move |_| form.channel.set(each) />
            {channel_text(each)}
        </label>
    }
    .into_any()
}

#[component]
fn Message(form: Form) -> impl IntoView {
    let length = move || form.text.with(|text| text.trim().chars().count());
    let count = move || {
        tf("message-length", &[("n", &length().to_string()), ("most", &LONGEST_MESSAGE_CHARS.to_string())])
    };
    let typed = move |event| {
        form.text.set(event_target_value(&event));
        form.own_words.set(true);
    };
    view! {
        <label class="field">
            <span>{t("message-text")}</span>
            <textarea rows="4" data-testid="promise-text" prop:value=move || form.text.get() on:input=typed></textarea>
        </label>
        <div class="row">
            <button type="button" class="link small" data-testid="copy-message" on:click=move |_| form.copy()>{t("message-copy")}</button>
            <Show when=move || form.own_words.get()>
                <button type="button" class="link small" data-testid="rewrite-message" on:click=move |_| form.write()>{t("message-rewrite")}</button>
            </Show>
            <span class="grow"></span>
            <span class="small num" class:muted=move || length() <= LONGEST_MESSAGE_CHARS class:late=move || { length() > LONGEST_MESSAGE_CHARS }>{count}</span>
        </div>
    }
    .into_any()
}
