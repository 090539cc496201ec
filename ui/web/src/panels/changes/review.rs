//! One command: what it is up against, what happened meanwhile, and what can be done.

use std::sync::Arc;

use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::Actor;
use leptos::prelude::*;
use protocol::view::{
    DeskRequest, DeskResponse, Dispute, Meanwhile, MeanwhileView, QueuedCommandView, QueuedState, ReviewView,
    Subject,
};

use super::change_title;
use super::dispute::DisputeView;
use crate::format;
use crate::kit::Empty;
use crate::state::queue::{Heap, after, in_order};
use crate::state::{Desk, Dialog, Revision};
use crate::words::{error_text, queued_state_text, review_advice, status_text, t, tf};

/// The command that is looked at, as far as it still waits.
fn looked_at(desk: Desk) -> Option<QueuedCommandView> {
    let n = desk.look.change.get()?;
    desk.queue.with(|queue| queue.iter().find(|command| command.n == n).cloned())
}

/// The right side of the page.
#[component]
pub fn Review() -> impl IntoView {
    let desk = Desk::here();
    let command = Memo::new(move |_| looked_at(desk));
    let n = Memo::new(move |_| command.with(|command| command.as_ref().map(|command| command.n)));
    move || match n.get() {
        Some(n) => view! { <One n=n command=command /> }.into_any(),
        None if desk.queue.with(Vec::is_empty) => ().into_any(),
        None if desk.look.change.get().is_some() => {
            view! { <Empty text=t("review-settled") hint=t("review-choose") /> }.into_any()
        }
        None => view! { <Empty text=t("review-choose") /> }.into_any(),
    }
}

#[component]
fn One(n: u64, command: Memo<Option<QueuedCommandView>>) -> impl IntoView {
    let desk = Desk::here();
    let review = ask_for_review(desk, n, command);
    let state = Memo::new(move |_| command.get().map(|command| command.state));
    let title = move || command.get().map(|command| change_title(desk, &command.kind, command.subject));
    let time =
        move || command.get().map(|command| format::day_time(command.at, desk.zone(), desk.clock.minute()));
    let subject = move || command.get().and_then(|command| command.subject);
    view! {
        <header class="page-head">
            <h2 data-testid="review-title">{title}</h2>
            <span class="grow"></span>
            <Show when=move || subject().is_some()>
                <button type="button" class="link" data-testid="review-subject" on:click=move |_| if let Some(subject) = subject() { desk.show(subject) }>
                    {t("show-on-desk")}
                </button>
            </Show>
        </header>
        <div class="review-body" data-testid="review">
            <p class="callout" class:decide=move || state.get().is_some_and(|state| Heap::of(&state) != Heap::OnItsWay) data-testid="review-state">
                <strong>{move || state.get().map(|state| queued_state_text(&state))}</strong>
                " " {move || state.get().map(|state| review_advice(&state, may_retry(review) != Some(false)))}
                " " <span class="muted num">{move || time().map(|time| tf("review-done-at", &[("time", &time)]))}</span>
            </p>
            <Actions n=n state=state review=review />
            {move || match review.get() {
                None => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
                Some(Err(text)) => view! { <p class="field-error" role="alert">{text}</p> }.into_any(),
                Some(Ok(review)) => view! {
                    <DisputeView dispute=review.dispute />
                    <MeanwhileList meanwhile=review.meanwhile />
                }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// Whether it can be done again, as far as that is known yet.
fn may_retry(review: Answer) -> Option<bool> {
    review.with(|review| match review {
        Some(Ok(review)) => Some(review.may_retry),
        Some(Err(_)) | None => None,
    })
}

/// What came of asking.
type Answer = RwSignal<Option<Result<ReviewView, String>>>;

/// Asks for the review, and again whenever the command or what it is about changes; an answer that is overtaken is dropped.
fn ask_for_review(desk: Desk, n: u64, command: Memo<Option<QueuedCommandView>>) -> Answer {
    let answer: Answer = RwSignal::new(None);
    let turn = StoredValue::new(0u64);
    let basis = Memo::new(move |_| {
        let command = command.get()?;
        Some((command.state, seen(desk, command.subject)))
    });
    Effect::new(move |_| {
        if basis.get().is_none() {
            return;
        }
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        leptos::task::spawn_local(async move {
            let came = desk.request(DeskRequest::ReviewCommand { n }).await;
            if turn.try_get_value() != Some(own) {
                return;
            }
            let shown = match came {
                Ok(DeskResponse::Review(review)) => Ok(*review),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = answer.try_set(Some(shown));
        });
    });
    answer
}

/// Changes when theirs may have changed.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Version(u64),
    // Without a version the row itself tells.
    Poi(Option<Arc<Poi>>),
    Rule(Option<Arc<LocationRule>>),
}

fn seen(desk: Desk, subject: Option<Subject>) -> Seen {
    match subject {
        Some(Subject::Task(id)) => Seen::Version(desk.rows.tasks.get(id).map_or(0, |row| row.version)),
        Some(Subject::Bid(id)) => Seen::Version(desk.rows.bids.get(id).map_or(0, |row| row.version)),
        Some(Subject::Poi(id)) => Seen::Poi(desk.rows.pois.get(id)),
        Some(Subject::Rule(id)) => Seen::Rule(desk.rows.rules.get(id)),
        Some(Subject::Alert(_) | Subject::Resource(_)) | None => Seen::Version(0),
    }
}

#[component]
fn MeanwhileList(meanwhile: Vec<MeanwhileView>) -> impl IntoView {
    let desk = Desk::here();
    let line = move |MeanwhileView { at, what }: MeanwhileView| {
        let time = format::day_time(at, desk.zone(), desk.clock.minute());
        let (text, by) = match what {
            Meanwhile::Step { status, by } => (status_text(status), desk.actor_name(by)),
            Meanwhile::Note { text, by } => (tf("meanwhile-note", &[("text", &text)]), desk.actor_name(by)),
            Meanwhile::Changed { by: Some(by) } => {
                (t("meanwhile-changed").to_owned(), desk.actor_name(Actor::Office(by)))
            }
            Meanwhile::Changed { by: None } => (t("meanwhile-changed").to_owned(), String::new()),
        };
        view! { <li><span class="num muted">{time}</span><span><strong>{text}</strong>" " <span class="muted">{by}</span></span></li> }
    };
    (!meanwhile.is_empty()).then(|| {
        view! {
            <section class="section">
                <h3>{t("meanwhile")}</h3>
                <ol class="timeline" data-testid="meanwhile">{meanwhile.into_iter().map(line).collect_view()}</ol>
            </section>
        }
    })
}

#[component]
fn Actions(n: u64, state: Memo<Option<QueuedState>>, review: Answer) -> impl IntoView {
    let desk = Desk::here();
    let busy = RwSignal::new(false);
    let conflict = move || state.get() == Some(QueuedState::Conflict);
    let revision = move || match review.get() {
        Some(Ok(review)) if review.may_retry => revision_of(n, &review.dispute),
        Some(_) | None => None,
    };
    let again = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::RetryCommand { n }).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(_) => go_on(desk, n),
                Err(error) => desk.say_error(&error),
            }
        });
    };
    let discard = move |_| desk.look.dialog.set(Some(Dialog::Discard(n)));
    view! {
        <Show when=move || state.get().is_some_and(|state| Heap::of(&state) != Heap::OnItsWay)>
            <div class="actions" data-testid="decision">
                <Show when=move || may_retry(review) == Some(true)>
                    <button type="button" class="primary" data-testid="retry" title=t("keep-mine-hint") disabled=move || busy.get() on:click=again>
                        {move || if conflict() { t("keep-mine") } else { t("do-again") }}
                    </button>
                </Show>
                <Show when=move || revision().is_some()>
                    <button type="button" data-testid="revise" title=t("revise-hint") on:click=move |_| if let Some(revision) = revision() { open_form(desk, revision) }>
                        {t("revise")}
                    </button>
                </Show>
                <button type="button" data-testid="discard" title=t("take-theirs-hint") on:click=discard>
                    {move || if conflict() { t("take-theirs") } else { t("discard") }}
                </button>
            </div>
        </Show>
    }
    .into_any()
}

fn open_form(desk: Desk, revision: Revision) {
    let task = Subject::Task(revision.merged.id);
    desk.look.revise(revision);
    desk.look.open(task);
    desk.map.fly_to(desk, task);
}

/// The user's changes on top of theirs, to be looked through in the form.
fn revision_of(n: u64, dispute: &Dispute) -> Option<Revision> {
    let Dispute::Edit { base, mine, theirs, .. } = dispute else { return None };
    let (merged, clashes) = mine.merge(base, theirs);
    Some(Revision { n, merged, theirs: (**theirs).clone(), clashes })
}

/// A decision is made: the next one is up.
pub fn go_on(desk: Desk, n: u64) {
    let next = desk.queue.with_untracked(|queue| after(&in_order(queue), queue, n));
    desk.look.change.set(next);
    super::focus_list(super::LIST);
}
