//! Who could do a task, best first, with what speaks for and against each. Choosing the first one assigns at once; choosing
//! somebody else asks why, and the answer may be left out.

use chrono::{DateTime, Utc};
use domain::task::OverrideReason;
use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::{CandidateFilter, DeskRequest, DeskResponse, SuggestionsView};

use crate::format;
use crate::state::suggestions::{Ranked, as_of_now, choice, is_old, ranked};
use crate::state::{Desk, ToastKind};
use crate::words::{error_text, t, tf, tn};

mod compare;
mod line;
mod override_form;
mod people;
mod text;

pub use line::SuggestionLine;
pub use people::focus_suggestions;

use people::People;

/// What came of asking.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The answer; `None` until there is one.
    pub found: RwSignal<Option<Result<SuggestionsView, String>>>,
    /// An answer is on its way.
    pub busy: RwSignal<bool>,
    again: RwSignal<u64>,
}

impl Asked {
    /// The list, as it is shown; empty until there is an answer.
    pub fn list(self) -> Memo<Vec<Ranked>> {
        Memo::new(move |_| {
            self.found.with(|found| match found {
                Some(Ok(view)) => ranked(&view.list),
                Some(Err(_)) | None => Vec::new(),
            })
        })
    }

    /// Asks once more.
    pub fn again(self) {
        self.again.update(|again| *again += 1);
    }
}

/// Asks who could do `task`, again whenever `filter` or the task changes; an answer that is overtaken is dropped.
pub fn ask(desk: Desk, task: TaskId, filter: Signal<CandidateFilter>, at: Option<DateTime<Utc>>) -> Asked {
    let asked = Asked { found: RwSignal::new(None), busy: RwSignal::new(false), again: RwSignal::new(0) };
    let turn = StoredValue::new(0u64);
    // What the list that is there was asked for.
    let known = StoredValue::new(None::<CandidateFilter>);
    let version = Memo::new(move |_| desk.rows.tasks.get(task).map(|row| row.version));
    Effect::new(move |_| {
        let filter = filter.get();
        // A past moment stays as it was, and every question about one is recorded.
        if at.is_none() {
            version.track();
        }
        asked.again.track();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        asked.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::Suggestions { task, filter: filter.clone(), at }).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            let shown = match answer {
                Ok(DeskResponse::Suggestions(found)) => Ok(found),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = asked.busy.try_set(false);
            let is_there = known.try_with_value(|known| known.as_ref() == Some(&filter)) == Some(true);
            match shown {
                // The list that is there says itself how old it is.
                Err(text) if at.is_none() && is_there => desk.say(ToastKind::Error, text),
                shown => {
                    let _ = known.try_set_value(shown.is_ok().then_some(filter));
                    let _ = asked.found.try_set(Some(shown));
                }
            }
        });
    });
    asked
}

/// The panel's state, shared by its parts.
#[derive(Clone, Copy)]
struct Panel {
    desk: Desk,
    task: TaskId,
    asked: Asked,
    list: Memo<Vec<Ranked>>,
    text: RwSignal<String>,
    on_duty: RwSignal<bool>,
    /// Whose row the pointer is on.
    pointed: RwSignal<Option<ResourceId>>,
    /// Whose row has the focus.
    focused: RwSignal<Option<ResourceId>>,
    /// Whose choice needs a reason.
    asking: RwSignal<Option<ResourceId>>,
    /// Whether the first ones are compared on the map.
    compare: RwSignal<bool>,
    done: Callback<()>,
}

impl Panel {
    /// Who is looked at: pointed at, or else with the focus.
    fn looked_at(self) -> Option<ResourceId> {
        self.pointed.get().or(self.focused.get())
    }

    /// Chooses somebody: the first one at once, any other after asking why.
    fn choose(self, who: ResourceId) {
        // Enter on a row goes round its disabled button.
        if self.desk.rows.tasks.peek(self.task).is_some_and(|row| row.task.resource == Some(who)) {
            return;
        }
        let is_first =
            self.list.with_untracked(|list| list.first().is_some_and(|it| it.view.resource == who));
        if is_first {
            self.assign(who, None, "");
        } else {
            self.asking.set(Some(who));
        }
    }

    /// Assigns, and records what it was chosen from.
    fn assign(self, who: ResourceId, reason: Option<OverrideReason>, note: &str) {
        let desk = self.desk;
        // Nothing is recorded of an arrival that may not be known any more.
        let now: Vec<Ranked> = self.list.with_untracked(|list| {
            let fresh = |it: &Ranked| {
                let position = desk.rows.resources.peek(it.view.resource).map(|row| row.position);
                let view = position.map_or_else(|| it.view.clone(), |at| as_of_now(it.view.clone(), at));
                Ranked { view, ..*it }
            };
            list.iter().map(fresh).collect()
        });
        let choice = choice(&now, who, reason, note).map(Box::new);
        let said =
            tf("toast-assigned", &[("task", &desk.task_name(self.task)), ("who", &desk.resource_name(who))]);
        desk.ask_saying(DeskRequest::AssignTask { task: self.task, resource: Some(who), choice }, said);
        self.done.run(());
    }
}

/// The list for assigning `task`.
#[component]
pub fn Suggestions(
    /// Which task.
    task: TaskId,
    /// Somebody was chosen.
    done: Callback<()>,
) -> impl IntoView {
    let desk = Desk::here();
    let on_duty = RwSignal::new(true);
    let filter =
        Signal::derive(move || CandidateFilter { on_duty: on_duty.get(), ..CandidateFilter::default() });
    let asked = ask(desk, task, filter, None);
    let panel = Panel {
        desk,
        task,
        asked,
        list: asked.list(),
        text: RwSignal::new(String::new()),
        on_duty,
        pointed: RwSignal::new(None),
        focused: RwSignal::new(None),
        asking: RwSignal::new(None),
        compare: RwSignal::new(false),
        done,
    };
    let letters = compare::draw(panel);
    view! {
        <div class="candidates" data-testid="candidates" aria-busy=move || asked.busy.get().to_string()>
            <Search panel=panel />
            <Head panel=panel />
            <Show when=move || desk.is_offline()>
                <p class="callout small" data-testid="suggestions-offline">{t("suggestions-offline")}</p>
            </Show>
            <Body panel=panel letters=letters />
        </div>
    }
    .into_any()
}

#[component]
fn Search(panel: Panel) -> impl IntoView {
    let Panel { text, on_duty, .. } = panel;
    view! {
        <div class="row">
            <input class="grow" type="search" data-testid="candidate-search" aria-label=t("search-resources") placeholder=t("search-resources")
                prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))
                on:keydown=move |event| if event.key() == "ArrowDown" {
                    event.prevent_default();
                    people::focus_place(panel, 0);
                } />
            <label class="check">
                <input type="checkbox" data-testid="candidate-on-duty" prop:checked=move || on_duty.get()
                    on:change=move |event| on_duty.set(event_target_checked(&event)) />
                {t("only-on-duty")}
            </label>
        </div>
    }
    .into_any()
}

/// How old the list is, and the map.
#[component]
fn Head(panel: Panel) -> impl IntoView {
    let Panel { desk, asked, compare, done, .. } = panel;
    let at = move || asked.found.with(|found| found.as_ref()?.as_ref().ok().map(|view| view.at));
    let old = move || at().is_some_and(|at| is_old(at, desk.clock.get()));
    let as_of = move || {
        let at = at()?;
        let time = format::clock_time(at, desk.zone());
        Some(if old() {
            let age = format::duration((desk.clock.get() - at).num_seconds());
            tf("suggestions-old", &[("time", &time), ("age", &age)])
        } else {
            tf("suggestions-as-of", &[("time", &time)])
        })
    };
    let nobody = move || panel.list.with(|list| crate::state::suggestions::compared(list).is_empty());
    view! {
        <div class="suggestions-head">
            <span class="small num" class:muted=move || !old() class:stale=old data-testid="suggestions-as-of">{as_of}</span>
            <button type="button" class="link small" data-testid="suggestions-again" disabled=move || asked.busy.get() on:click=move |_| asked.again()>
                {move || if asked.busy.get() { t("loading") } else { t("refresh") }}
            </button>
            <span class="grow"></span>
            <Show when=move || !desk.map.unavailable.get()>
                <button type="button" class="small" data-testid="compare-ways" title=t("compare-ways-hint") disabled=nobody
                    aria-pressed=move || compare.get().to_string() on:click=move |_| compare.update(|on| *on = !*on)>
                    {t("compare-ways")}
                </button>
            </Show>
            <button type="button" class="ghost small" data-testid="hide-suggestions" on:click=move |_| done.run(())>{t("hide")}</button>
        </div>
    }
    .into_any()
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Loading,
    Failed(String),
    Nobody,
    People,
}

#[component]
fn Body(panel: Panel, letters: Memo<Vec<(char, ResourceId)>>) -> impl IntoView {
    let Panel { asked, on_duty, .. } = panel;
    let shown = Memo::new(move |_| {
        asked.found.with(|found| match found {
            None => Shown::Loading,
            Some(Err(text)) => Shown::Failed(text.clone()),
            Some(Ok(view)) if view.list.is_empty() => Shown::Nobody,
            Some(Ok(_)) => Shown::People,
        })
    });
    move || {
        match shown.get() {
        Shown::Loading => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
        Shown::Failed(text) => view! {
            <p class="field-error" role="alert" data-testid="suggestions-error">{text}</p>
            <button type="button" on:click=move |_| asked.again()>{t("try-again")}</button>
        }
        .into_any(),
        Shown::Nobody => view! {
            <p class="muted" data-testid="suggestions-none">{t("candidates-none")}</p>
            <Show when=move || on_duty.get()>
                <button type="button" class="link" on:click=move |_| on_duty.set(false)>{t("show-off-duty")}</button>
            </Show>
        }
        .into_any(),
        Shown::People => view! { <People panel=panel letters=letters /> }.into_any(),
    }
    }
}

/// A list that only tells: of a past moment.
#[component]
pub fn PastSuggestions(
    /// The answer.
    view: SuggestionsView,
) -> impl IntoView {
    let count = view.list.len();
    let line = |it: Ranked| {
        let who = it.view.resource;
        let known = Signal::derive(move || Some(it.view.clone()));
        view! {
            <li class="candidate" data-testid="past-suggestion" data-id=who.to_string() class:unsuited=!it.suited>
                <span class="rank num">{it.rank}</span>
                <SuggestionLine resource=who view=known past=true />
            </li>
        }
    };
    view! {
        <p class="muted small num">{tn("suggestions-count", count)}</p>
        <ol class="plain suggestions">{ranked(&view.list).into_iter().map(line).collect_view()}</ol>
    }
    .into_any()
}
