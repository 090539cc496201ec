//! Putting a task out to bid: whom to ask, until when. Whoever is suited is asked, or the best of them; who is not, only when
//! somebody wants it so.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::bid::Invitation;
use domain::{BidId, GroupId, ResourceId, SkillId, TaskId};
use leptos::prelude::*;
use protocol::view::{CandidateFilter, DeskRequest, Subject};

use super::details::PanelHead;
use super::suggestions::{Asked, SuggestionLine, ask};
use crate::clock;
use crate::format;
use crate::state::suggestions::{Ranked, invited};
use crate::state::{Desk, DockTab};
use crate::words::{t, tf, tn};

const DEADLINES_MIN: [i64; 6] = [5, 10, 15, 30, 60, 120];
const RADII_M: [u32; 5] = [500, 1_000, 2_000, 5_000, 10_000];
/// So many of the best can be asked instead of everybody.
const BEST: [usize; 3] = [3, 5, 10];

#[derive(Clone, Copy)]
struct Form {
    filter: RwSignal<CandidateFilter>,
    /// Only so many of the best are asked; `None`: everybody who is suited.
    best: RwSignal<Option<usize>>,
    /// Who is asked, or left out, by hand.
    by_hand: RwSignal<HashMap<ResourceId, bool>>,
    minutes: RwSignal<i64>,
    busy: RwSignal<bool>,
}

/// The form.
#[component]
pub fn BidForm(task: TaskId) -> impl IntoView {
    let desk = Desk::here();
    let form = Form {
        filter: RwSignal::new(CandidateFilter { on_duty: true, ..CandidateFilter::default() }),
        best: RwSignal::new(None),
        by_hand: RwSignal::new(HashMap::new()),
        minutes: RwSignal::new(15),
        busy: RwSignal::new(false),
    };
    let asked = ask(desk, task, form.filter.into(), None);
    let list = asked.list();
    let invited = Memo::new(move |_| {
        form.by_hand.with(|by_hand| list.with(|list| invited(list, form.best.get(), by_hand)))
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
            <Invitees form=form asked=asked list=list invited=invited />
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
fn Invitees(
    form: Form,
    asked: Asked,
    list: Memo<Vec<Ranked>>,
    invited: Memo<Vec<ResourceId>>,
) -> impl IntoView {
    let people = move |suited: bool| {
        list.with(|list| {
            let of = list.iter().filter(|it| it.suited == suited);
            of.map(|it| it.view.resource).collect::<Vec<_>>()
        })
    };
    let shown = Memo::new(move |_| (people(true), people(false)));
    let lines = move |ids: Vec<ResourceId>| {
        let line = |id| view! { <Invitee id=id form=form list=list invited=invited /> };
        view! { <ul class="plain scroll">{ids.into_iter().map(line).collect_view()}</ul> }
    };
    let failed = move || asked.found.with(|found| found.as_ref()?.as_ref().err().cloned());
    let waiting = move || asked.found.with(Option::is_none);
    view! {
        <fieldset class="field">
            <legend>{t("bid-invitees")}</legend>
            <Best form=form />
            <Show when=waiting><p class="muted" role="status">{t("loading")}</p></Show>
            {move || failed().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
            {move || {
                let (suited, others) = shown.get();
                if suited.is_empty() && others.is_empty() {
                    return (!waiting() && failed().is_none()).then(|| view! { <p class="muted">{t("candidates-none")}</p> }.into_any());
                }
                let below = (!others.is_empty()).then(|| view! {
                    <p class="muted small" title=t("not-suited-hint")>{tn("not-suited", others.len())}</p>
                });
                Some(view! { {lines(suited)} {below} {lines(others)} }.into_any())
            }}
        </fieldset>
    }
    .into_any()
}

/// Everybody who is suited, or only the best.
#[component]
fn Best(form: Form) -> impl IntoView {
    let options = BEST.map(|n| view! { <option value=n.to_string()>{tn("bid-best", n)}</option> });
    let choose = move |event| {
        form.best.set(event_target_value(&event).parse().ok());
        form.by_hand.set(HashMap::new());
    };
    view! {
        <select data-testid="bid-best" aria-label=t("bid-best-label") on:change=choose>
            <option value="">{t("bid-best-all")}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn Invitee(
    id: ResourceId,
    form: Form,
    list: Memo<Vec<Ranked>>,
    invited: Memo<Vec<ResourceId>>,
) -> impl IntoView {
    let it = Memo::new(move |_| list.with(|list| list.iter().find(|it| it.view.resource == id).cloned()));
    let known = Signal::derive(move || it.with(|it| it.as_ref().map(|it| it.view.clone())));
    let suited = move || it.with(|it| it.as_ref().is_some_and(|it| it.suited));
    let toggle = move |event| {
        let on = event_target_checked(&event);
        form.by_hand.update(|by_hand| {
            by_hand.insert(id, on);
        });
    };
    view! {
        <li>
            <label class="candidate" class:unsuited=move || !suited() data-testid="invitee" data-id=id.to_string()>
                <input type="checkbox" prop:checked=move || invited.with(|invited| invited.contains(&id)) on:change=toggle />
                <SuggestionLine resource=id view=known />
            </label>
        </li>
    }
    .into_any()
}
