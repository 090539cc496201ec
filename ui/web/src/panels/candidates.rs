//! Who could do a task, best first; one click assigns.

use domain::TaskId;
use leptos::prelude::*;
use protocol::view::{CandidateFilter, DeskRequest, DeskResponse, Shortfall, SuggestionView};

use super::bids::missing_text;
use crate::format;
use crate::kit::DotIcon;
use crate::state::Desk;
use crate::words::{error_text, position_text, t, tf, tn};

/// More would not be read.
const MOST_SHOWN: usize = 30;

/// What came of asking.
pub type Found = RwSignal<Option<Result<Vec<SuggestionView>, String>>>;

/// Asks for candidates again whenever `filter` changes; an answer that is overtaken is dropped.
pub fn candidates(desk: Desk, task: TaskId, filter: Signal<CandidateFilter>) -> Found {
    let found: Found = RwSignal::new(None);
    let turn = StoredValue::new(0u64);
    Effect::new(move |_| {
        let filter = filter.get();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        leptos::task::spawn_local(async move {
            let answer = desk.request(DeskRequest::Suggestions { task, filter, at: None }).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            let shown = match answer {
                Ok(DeskResponse::Suggestions(found)) => Ok(found.list),
                Ok(_) => Err(t("error-internal").to_owned()),
                Err(error) => Err(error_text(&error)),
            };
            let _ = found.try_set(Some(shown));
        });
    });
    found
}

/// The list for assigning `task`.
#[component]
pub fn Candidates(
    /// Which task.
    task: TaskId,
    /// Somebody was chosen.
    done: Callback<()>,
) -> impl IntoView {
    let desk = Desk::here();
    let text = RwSignal::new(String::new());
    let on_duty = RwSignal::new(true);
    let filter =
        Signal::derive(move || CandidateFilter { on_duty: on_duty.get(), ..CandidateFilter::default() });
    let found = candidates(desk, task, filter);
    let assign = move |candidate: SuggestionView| {
        let who = candidate.resource;
        let said =
            tf("toast-assigned", &[("task", &desk.task_name(task)), ("who", &desk.resource_name(who))]);
        desk.ask_saying(DeskRequest::AssignTask { task, resource: Some(who), choice: None }, said);
        done.run(());
    };
    let matching = move |list: Vec<SuggestionView>| {
        let text = text.get().trim().to_lowercase();
        let fits = |candidate: &SuggestionView| {
            desk.resource_name(candidate.resource).to_lowercase().contains(&text)
        };
        list.into_iter().filter(fits).take(MOST_SHOWN).collect::<Vec<_>>()
    };
    view! {
        <div class="candidates" data-testid="candidates">
            <div class="row">
                <input class="grow" type="search" data-testid="candidate-search" aria-label=t("search-resources") placeholder=t("search-resources")
                    prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
                <label class="check">
                    <input type="checkbox" prop:checked=move || on_duty.get() on:change=move |event| on_duty.set(event_target_checked(&event)) />
                    {t("only-on-duty")}
                </label>
            </div>
            {move || match found.get() {
                None => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
                Some(Err(text)) => view! { <p class="field-error" role="alert">{text}</p> }.into_any(),
                Some(Ok(list)) => {
                    let list = matching(list);
                    if list.is_empty() {
                        return view! { <p class="muted">{t("candidates-none")}</p> }.into_any();
                    }
                    let line = |candidate: SuggestionView| {
                        let (chosen, id) = (candidate.clone(), candidate.resource.to_string());
                        view! {
                            <li class="candidate" data-testid="candidate" data-id=id>
                                <CandidateLine candidate=candidate />
                                <button type="button" data-testid="assign-candidate" on:click=move |_| assign(chosen.clone())>{t("assign")}</button>
                            </li>
                        }
                    };
                    view! { <ul class="plain">{list.into_iter().map(line).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// Name, drive, workload, skills.
#[component]
pub fn CandidateLine(
    /// Who.
    candidate: SuggestionView,
) -> impl IntoView {
    let desk = Desk::here();
    let who = candidate.resource;
    let mut parts = vec![match candidate.drive_secs {
        Some(secs) if candidate.arrival.is_some_and(|arrival| arrival.source.is_by_road()) => {
            tf("drive", &[("duration", &format::duration(i64::from(secs)))])
        }
        Some(secs) => tf("drive-estimated", &[("duration", &format::duration(i64::from(secs)))]),
        None => position_text(candidate.position).to_owned(),
    }];
    parts.extend(candidate.distance_m.map(format::distance));
    parts.push(tn("open-tasks", candidate.open_tasks as usize));
    let lacks = candidate.shortfalls.iter().find_map(|shortfall| match shortfall {
        Shortfall::MissingSkills { skills } => Some(missing_text(desk, skills)),
        _ => None,
    });
    view! {
        <DotIcon resource=who />
        <span class="two-lines">
            <span class="line-1">{move || desk.resource_name(who)}</span>
            <span class="line-2 muted num">{parts.join(" · ")} {lacks.map(|text| view! { <span class="late">" · " {text}</span> })}</span>
        </span>
    }
    .into_any()
}
