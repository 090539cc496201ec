//! How alerts are delivered: how bad they are, who is told, and when they get worse because nobody looks.

use domain::UserId;
use domain::access::{Action, Role};
use domain::alert::Severity;
use domain::rule::{AlertPolicy, Audience};
use leptos::prelude::*;

use crate::format;
use crate::state::Desk;
use crate::words::{role_text, severity_text, t, tf};

/// What is offered as the time until nobody has looked for too long, seconds.
const ESCALATE_SECS: [u32; 7] = [60, 120, 300, 600, 900, 1_800, 3_600];

/// Fields for a policy, which read and write `value`.
#[component]
pub fn PolicyField(
    /// The policy.
    value: RwSignal<AlertPolicy>,
    /// Name for tests; its parts are `{testid}-severity`, `-audience`, `-role`, `-user`, `-escalate`.
    testid: &'static str,
) -> impl IntoView {
    view! {
        <div class="form policy" data-testid=testid>
            <div class="columns">
                <SeverityField value=value testid=testid />
                <EscalationField value=value testid=testid />
            </div>
            <AudienceField value=value testid=testid />
        </div>
    }
    .into_any()
}

#[component]
fn SeverityField(value: RwSignal<AlertPolicy>, testid: &'static str) -> impl IntoView {
    let key = |severity: Severity| format!("{severity:?}");
    let chosen = move || value.with(|policy| key(policy.severity));
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some(severity) = Severity::ALL.into_iter().find(|severity| key(*severity) == name) {
            value.update(|policy| policy.severity = severity);
        }
    };
    let option = |severity: Severity| {
        let selected = value.with_untracked(|policy| policy.severity == severity);
        view! { <option value=key(severity) selected=selected>{severity_text(severity)}</option> }
    };
    view! {
        <label class="field">
            <span>{t("policy-severity")}</span>
            <select data-testid=format!("{testid}-severity") on:change=choose prop:value=chosen>
                {Severity::ALL.map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn EscalationField(value: RwSignal<AlertPolicy>, testid: &'static str) -> impl IntoView {
    let now = value.with_untracked(|policy| policy.escalate_after_secs);
    // What somebody else has set stays on offer.
    let mut offered = ESCALATE_SECS.to_vec();
    offered.extend(now.filter(|secs| !ESCALATE_SECS.contains(secs)));
    offered.sort_unstable();
    let option = |secs: u32| {
        let text = tf("policy-escalate-after", &[("duration", &format::duration(i64::from(secs)))]);
        view! { <option value=secs.to_string() selected=now == Some(secs)>{text}</option> }
    };
    let chosen = move || {
        value.with(|policy| policy.escalate_after_secs.map(|secs| secs.to_string()).unwrap_or_default())
    };
    view! {
        <label class="field">
            <span>{t("policy-escalate")}</span>
            <select data-testid=format!("{testid}-escalate") title=t("policy-escalate-hint") prop:value=chosen
                on:change=move |event| value.update(|policy| policy.escalate_after_secs = event_target_value(&event).parse().ok())>
                <option value="">{t("policy-escalate-never")}</option>
                {offered.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn AudienceField(value: RwSignal<AlertPolicy>, testid: &'static str) -> impl IntoView {
    let desk = Desk::here();
    let is_all = |audience: &Audience| audience.roles.is_empty() && audience.users.is_empty();
    let some = RwSignal::new(!value.with_untracked(|policy| is_all(&policy.audience)));
    let switch = move |event| {
        some.set(event_target_value(&event) == "some");
        if !some.get_untracked() {
            value.update(|policy| policy.audience = Audience::default());
        }
    };
    let mut users = desk.rows.users.peek_all();
    users.retain(|user| user.role.may(Action::HandleAlert));
    users.sort_by(|a, b| a.name.cmp(&b.name));
    let people = StoredValue::new(users.iter().map(|user| (user.id, user.name.clone())).collect::<Vec<_>>());
    view! {
        <fieldset class="field">
            <legend>{t("policy-audience")}</legend>
            <select data-testid=format!("{testid}-audience") aria-label=t("policy-audience") on:change=switch
                prop:value=move || if some.get() { "some" } else { "all" }>
                <option value="all">{t("scope-all")}</option>
                <option value="some" selected=some.get_untracked()>{t("scope-some")}</option>
            </select>
            <Show when=move || some.get()>
                <div class="audience" role="group" aria-label=t("policy-audience")>
                    <div class="checks">{roles(value, testid)}</div>
                    <div class="checks scroll">{people.get_value().into_iter().map(|(id, name)| user(value, testid, id, name)).collect_view()}</div>
                    <Show when=move || value.with(|policy| is_all(&policy.audience))>
                        <p class="small unassigned" role="status">{t("scope-nobody")}</p>
                    </Show>
                </div>
            </Show>
            <p class="small muted">{t("policy-audience-hint")}</p>
        </fieldset>
    }
    .into_any()
}

fn roles(value: RwSignal<AlertPolicy>, testid: &'static str) -> impl IntoView {
    let check = move |role: Role| {
        let on = move || value.with(|policy| policy.audience.roles.contains(&role));
        view! {
            <label class="check">
                <input type="checkbox" data-testid=format!("{testid}-role") prop:checked=on
                    on:change=move |event| value.update(|policy| put(&mut policy.audience.roles, role, event_target_checked(&event))) />
                {role_text(role)}
            </label>
        }
    };
    Role::ALL.into_iter().filter(|role| role.may(Action::HandleAlert)).map(check).collect_view()
}

fn user(value: RwSignal<AlertPolicy>, testid: &'static str, id: UserId, name: String) -> impl IntoView {
    let on = move || value.with(|policy| policy.audience.users.contains(&id));
    view! {
        <label class="check">
            <input type="checkbox" data-testid=format!("{testid}-user") prop:checked=on
                on:change=move |event| value.update(|policy| put(&mut policy.audience.users, id, event_target_checked(&event))) />
            <span class="ellipsis">{name}</span>
        </label>
    }
}

/// Puts something in a list or takes it away.
pub fn put<T: PartialEq>(list: &mut Vec<T>, one: T, on: bool) {
    list.retain(|known| *known != one);
    if on {
        list.push(one);
    }
}

/// Who is told, in words.
pub fn audience_text(desk: Desk, audience: &Audience) -> String {
    let roles = audience.roles.iter().map(|role| tf("policy-role", &[("role", &role_text(*role))]));
    let users = audience.users.iter().map(|id| desk.actor_name(domain::task::Actor::Office(*id)));
    let names: Vec<String> = roles.chain(users).collect();
    if names.is_empty() { t("scope-all").to_owned() } else { names.join(", ") }
}

/// How alerts are delivered: `Warning · Everybody · Escalate after 10 min`.
pub fn policy_text(desk: Desk, policy: &AlertPolicy) -> String {
    let escalation = policy
        .escalate_after_secs
        .map(|secs| tf("policy-escalate-after", &[("duration", &format::duration(i64::from(secs)))]));
    let told = [severity_text(policy.severity).to_owned(), audience_text(desk, &policy.audience)];
    told.into_iter().chain(escalation).collect::<Vec<_>>().join(" · ")
}
