//! “Why did nothing fire?”: who, at which fence, and when.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::{PoiId, ResourceId};
use leptos::prelude::*;
use protocol::view::DeskRequest;

use super::why::{Answer, ask};
use crate::clock;
use crate::state::Desk;
use crate::words::t;

/// As `<input type="datetime-local">` has it.
const LOCAL_FORMAT: &str = "%Y-%m-%dT%H:%M";

/// The form, opened by a button; what is known (a place, or a person) is not asked.
#[component]
pub fn WhyNot(
    /// The fence, if it is known.
    #[prop(optional)]
    poi: Option<PoiId>,
    /// The person, if they are known.
    #[prop(optional)]
    resource: Option<ResourceId>,
) -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    view! {
        <Show when=move || desk.may(Action::ReadTrack)>
            <section class="section" data-testid="why-not">
                <button type="button" class="link" data-testid="why-not-open" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                    {t("why-not")}
                </button>
                <Show when=move || open.get()><Form poi=poi resource=resource /></Show>
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn Form(poi: Option<PoiId>, resource: Option<ResourceId>) -> impl IntoView {
    let desk = Desk::here();
    let (who, place) = (RwSignal::new(resource), RwSignal::new(poi));
    let when = RwSignal::new(local(desk, clock::now() - TimeDelta::minutes(5)));
    let (found, busy, error) =
        (RwSignal::new(None), RwSignal::new(false), RwSignal::new(None::<&'static str>));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let at = when.with_untracked(|text| parse(desk, text));
        match (who.get_untracked(), place.get_untracked(), at) {
            (Some(resource), Some(poi), Some(at)) => {
                error.set(None);
                ask(desk, DeskRequest::ExplainFence { resource, poi, at }, found, busy);
            }
            (None, ..) => error.set(Some(t("condition-no-resource"))),
            (_, None, _) => error.set(Some(t("condition-no-place"))),
            (.., None) => error.set(Some(t("draft-time"))),
        }
    };
    view! {
        <form class="form" novalidate=true data-testid="why-not-form" on:submit=submit>
            {resource.is_none().then(|| view! { <Who who=who /> })}
            {poi.is_none().then(|| view! { <Where place=place /> })}
            <label class="field">
                <span>{t("why-not-when")}</span>
                <input type="datetime-local" data-testid="why-not-when" prop:value=move || when.get() on:input=move |event| when.set(event_target_value(&event)) />
            </label>
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
            <div class="row">
                <button type="submit" data-testid="why-not-ask" disabled=move || busy.get()>{t("why-not-ask")}</button>
                <span class="muted small" role="status">{move || if busy.get() { t("loading") } else { t("why-recorded") }}</span>
            </div>
        </form>
        <Answer found=found />
    }
    .into_any()
}

#[component]
fn Who(who: RwSignal<Option<ResourceId>>) -> impl IntoView {
    let desk = Desk::here();
    let mut people = desk.rows.resources.peek_all();
    people.sort_by(|a, b| a.card.name.cmp(&b.card.name));
    let options = people
        .iter()
        .map(|row| view! { <option value=row.card.id.to_string()>{row.card.name.clone()}</option> });
    view! {
        <label class="field">
            <span>{t("kind-resource")}</span>
            <select data-testid="why-not-who" on:change=move |event| who.set(event_target_value(&event).parse().ok())>
                <option value="">{t("choose-resource")}</option>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn Where(place: RwSignal<Option<PoiId>>) -> impl IntoView {
    let desk = Desk::here();
    let mut pois = desk.rows.pois.peek_all();
    pois.retain(|poi| poi.fence.is_some());
    pois.sort_by(|a, b| a.name.cmp(&b.name));
    let options =
        pois.iter().map(|poi| view! { <option value=poi.id.to_string()>{poi.name.clone()}</option> });
    view! {
        <label class="field">
            <span>{t("field-place")}</span>
            <select data-testid="why-not-where" on:change=move |event| place.set(event_target_value(&event).parse().ok())>
                <option value="">{t("place-by-poi")}</option>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

fn local(desk: Desk, at: DateTime<Utc>) -> String {
    at.with_timezone(&desk.zone()).format(LOCAL_FORMAT).to_string()
}

fn parse(desk: Desk, text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(&text.trim().replacen(' ', "T", 1), LOCAL_FORMAT).ok()?;
    Some(domain::attendance::instant(local.date(), local.time(), desk.zone()))
}
