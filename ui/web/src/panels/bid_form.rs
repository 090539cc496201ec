//! Putting a task out to bid: whom to ask, until when.

use chrono::TimeDelta;
use domain::bid::Invitation;
use domain::{BidId, GroupId, ResourceId, SkillId, TaskId};
use leptos::prelude::*;
use protocol::view::{CandidateFilter, DeskRequest, Subject, SuggestionView};

use super::candidates::{CandidateLine, Found, candidates};
use super::details::PanelHead;
use crate::clock;
use crate::format;
use crate::state::{Desk, DockTab};
use crate::words::{t, tf, tn};

const DEADLINES_MIN: [i64; 6] = [5, 10, 15, 30, 60, 120];
const RADII_M: [u32; 5] = [500, 1_000, 2_000, 5_000, 10_000];

#[derive(Clone, Copy)]
struct Form {
    filter: RwSignal<CandidateFilter>,
    /// Who is left out by hand.
    without: RwSignal<Vec<ResourceId>>,
    minutes: RwSignal<i64>,
    busy: RwSignal<bool>,
}

/// The form.
#[component]
pub fn BidForm(task: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let form = Form {
        filter: RwSignal::new(CandidateFilter { on_duty: true, ..CandidateFilter::default() }),
        without: RwSignal::new(Vec::new()),
        minutes: RwSignal::new(15),
        busy: RwSignal::new(false),
    };
    let found = candidates(desk, task, form.filter.into());
    let invited = Memo::new(move |_| {
        let all = found.with(|found| match found {
            Some(Ok(list)) => list.iter().map(|candidate| candidate.resource).collect(),
            Some(Err(_)) | None => Vec::new(),
        });
        form.without.with(|without| all.into_iter().filter(|id| !without.contains(id)).collect::<Vec<_>>())
    });
    let send = move || {
        let deadline = clock::now() + TimeDelta::minutes(form.minutes.get_untracked());
        let id = BidId(clock::new_id());
        let invite = invited.get_untracked();
        let count = invite.len();
        form.busy.set(true);
        leptos::task::spawn_local(async move {
            match desk.request(DeskRequest::OpenBid(Invitation { id, task, invite, deadline })).await {
                Ok(_) => {
                    desk.say(crate::state::ToastKind::Done, tn("toast-bid-opened", count));
                    desk.look.dock_open.set(true);
                    desk.look.dock.set(DockTab::Bids);
                    desk.look.finish(Subject::Bid(id));
                }
                Err(error) => {
                    let _ = form.busy.try_set(false);
                    desk.say_error(&error);
                }
            }
        });
    };
    view! {
        <PanelHead kind=t("bid-open") title=Signal::derive(move || desk.task_name(task)) />
        <form class="form panel-body" data-testid="bid-form" on:submit=move |event| { event.prevent_default(); send(); }>
            <Filters form=form />
            <DeadlineField form=form />
            <Invitees form=form found=found invited=invited />
            <div class="actions">
                <button type="submit" class="primary" data-testid="send-bid" disabled=move || form.busy.get() || invited.with(Vec::is_empty)>
                    {move || tn("bid-invite", invited.with(Vec::len))}
                </button>
                <button type="button" on:click=move |_| desk.look.editor.set(None)>{t("cancel")}</button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Filters(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let filter = form.filter;
    let mut groups = desk.rows.groups.peek_all();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let mut skills = desk.rows.skills.peek_all();
    skills.sort_by(|a, b| a.name.cmp(&b.name));
    view! {
        <div class="columns">
            <label class="field">
                <span>{t("group")}</span>
                <select data-testid="bid-group" on:change=move |event| {
                    let group = event_target_value(&event).parse::<GroupId>().ok();
                    filter.update(|filter| filter.group = group);
                }>
                    <option value="">{t("all-groups")}</option>
                    {groups.iter().map(|group| view! { <option value=group.id.to_string()>{group.name.clone()}</option> }).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{t("skill")}</span>
                <select data-testid="bid-skill" on:change=move |event| {
                    let skill = event_target_value(&event).parse::<SkillId>().ok();
                    filter.update(|filter| filter.skill = skill);
                }>
                    <option value="">{t("any-skill")}</option>
                    {skills.iter().map(|skill| view! { <option value=skill.id.to_string()>{skill.name.clone()}</option> }).collect_view()}
                </select>
            </label>
        </div>
        <div class="columns">
            <label class="field">
                <span>{t("radius")}</span>
                <select data-testid="bid-radius" on:change=move |event| {
                    let radius = event_target_value(&event).parse::<f64>().ok();
                    filter.update(|filter| filter.radius_m = radius);
                }>
                    <option value="">{t("any-distance")}</option>
                    {RADII_M.map(|metres| view! { <option value=metres.to_string()>{format::distance(f64::from(metres))}</option> }).collect_view()}
                </select>
            </label>
            <label class="check">
                <input type="checkbox" prop:checked=move || filter.with(|filter| filter.on_duty)
                    on:change=move |event| filter.update(|filter| filter.on_duty = event_target_checked(&event)) />
                {t("only-on-duty")}
            </label>
        </div>
    }
    .into_any()
}

#[component]
fn DeadlineField(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let at =
        move || format::clock_time(desk.clock.get() + TimeDelta::minutes(form.minutes.get()), desk.zone());
    let options = DEADLINES_MIN.map(|minutes| {
        view! { <option value=minutes.to_string() selected=minutes == 15>{format::duration(minutes * 60)}</option> }
    });
    view! {
        <label class="field">
            <span>{t("bid-deadline-field")} " " <span class="muted num">{move || tf("bid-deadline-at", &[("time", &at())])}</span></span>
            <select data-testid="bid-deadline-minutes" on:change=move |event| {
                if let Ok(minutes) = event_target_value(&event).parse() {
                    form.minutes.set(minutes);
                }
            }>{options.collect_view()}</select>
        </label>
    }
    .into_any()
}

#[component]
fn Invitees(form: Form, found: Found, invited: Memo<Vec<ResourceId>>) -> impl IntoView {
    let line = move |candidate: SuggestionView| {
        let id = candidate.resource;
        let toggle = move |event| {
            let on = event_target_checked(&event);
            form.without.update(|without| {
                without.retain(|known| *known != id);
                if !on {
                    without.push(id);
                }
            });
        };
        view! {
            <li>
                <label class="candidate" data-testid="invitee">
                    <input type="checkbox" prop:checked=move || invited.with(|invited| invited.contains(&id)) on:change=toggle />
                    <CandidateLine candidate=candidate />
                </label>
            </li>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t("bid-invitees")}</legend>
            {move || match found.get() {
                None => view! { <p class="muted">{t("loading")}</p> }.into_any(),
                Some(Err(text)) => view! { <p class="field-error" role="alert">{text}</p> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! { <p class="muted">{t("candidates-none")}</p> }.into_any(),
                Some(Ok(list)) => view! { <ul class="plain scroll">{list.into_iter().map(line).collect_view()}</ul> }.into_any(),
            }}
        </fieldset>
    }
    .into_any()
}
