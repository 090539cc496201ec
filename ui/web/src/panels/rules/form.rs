//! The form of a location rule.

use domain::access::Action;
use domain::alert::Severity;
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope};
use domain::schedule::Schedule;
use domain::{GroupId, ResourceId, RuleId};
use leptos::prelude::*;
use protocol::view::DeskRequest;
use protocol::wire::Rejection;

use super::condition::{ConditionField, Kind, Values};
use crate::clock;
use crate::panels::policy_field::{PolicyField, put};
use crate::panels::schedule_field::ScheduleField;
use crate::state::{Desk, Dialog, RuleChoice, ToastKind};
use crate::words::{error_text, rejection_text, t, tf};

/// The form's fields.
#[derive(Clone, Copy)]
struct Form {
    id: Option<RuleId>,
    enabled: bool,
    name: RwSignal<String>,
    kind: RwSignal<Kind>,
    values: RwSignal<Values>,
    min_secs: RwSignal<String>,
    scope: RwSignal<RuleScope>,
    schedule: RwSignal<Schedule>,
    policy: RwSignal<AlertPolicy>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Form {
    fn of(rule: Option<LocationRule>) -> Self {
        let known = rule.as_ref();
        let condition = known.map_or(Condition::Speeding { limit_kmh: 130 }, |rule| rule.condition);
        Form {
            id: known.map(|rule| rule.id),
            enabled: known.is_none_or(|rule| rule.enabled),
            name: RwSignal::new(known.map(|rule| rule.name.clone()).unwrap_or_default()),
            kind: RwSignal::new(Kind::of(condition)),
            values: RwSignal::new(Values::of(condition)),
            min_secs: RwSignal::new(known.map_or(0, |rule| rule.min_duration_secs).to_string()),
            scope: RwSignal::new(known.map(|rule| rule.scope.clone()).unwrap_or_default()),
            schedule: RwSignal::new(known.map(|rule| rule.schedule.clone()).unwrap_or_default()),
            policy: RwSignal::new(
                known.map_or_else(|| AlertPolicy::of(Severity::Warning), |rule| rule.policy.clone()),
            ),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// What was filled in, or what is wrong with it.
    fn rule(self) -> Result<LocationRule, String> {
        let refused = |error| rejection_text(&Rejection::Rule(error));
        let condition = self.values.with_untracked(|values| self.kind.get_untracked().condition(values))?;
        let min_secs = self.min_secs.with_untracked(|text| text.trim().parse::<u32>());
        let rule = LocationRule {
            id: self.id.unwrap_or_else(|| RuleId(clock::new_id())),
            name: self.name.with_untracked(|name| name.trim().to_owned()),
            enabled: self.enabled,
            condition,
            scope: self.scope.get_untracked(),
            schedule: self.schedule.get_untracked(),
            min_duration_secs: min_secs.map_err(|_| t("refused-rule-duration").to_owned())?,
            policy: self.policy.get_untracked(),
        };
        rule.check().map_err(refused)?;
        Ok(rule)
    }

    fn submit(self, desk: Desk) {
        let mut rule = match self.rule() {
            Ok(rule) => rule,
            Err(text) => return self.error.set(Some(text)),
        };
        // The switch in the list may have been turned since.
        if let Some(known) = desk.rows.rules.peek(rule.id) {
            rule.enabled = known.enabled;
        }
        let (id, said) = (rule.id, tf("toast-saved", &[("title", &rule.name)]));
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            match desk.request(DeskRequest::PutRule(Box::new(rule))).await {
                Ok(_) => {
                    desk.say(ToastKind::Done, said);
                    // Whoever saved may have gone on to another rule.
                    if self.busy.try_set(false).is_none() {
                        self.error.set(None);
                        desk.look.rule.set(Some(RuleChoice::Rule(id)));
                    }
                }
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                    let _ = self.busy.try_set(false);
                }
            }
        });
    }
}

/// The form; without the right to edit rules it only shows.
#[component]
pub fn RuleForm(
    /// The rule; `None` for a new one.
    rule: Option<LocationRule>,
) -> impl IntoView {
    let desk = Desk::here();
    let form = Form::of(rule);
    let title = move || form.id.map_or_else(|| t("rule-new").to_owned(), |id| desk.rule_name(id));
    view! {
        <header class="page-head"><h2>{title}</h2></header>
        <form class="form side-section" data-testid="rule-form" novalidate=true on:submit=move |event| {
            event.prevent_default();
            form.submit(desk);
        }>
            <fieldset class="form" disabled=move || !desk.may(Action::EditRule)>
                <label class="field">
                    <span>{t("field-name")}</span>
                    <input type="text" maxlength="100" data-testid="rule-name" autofocus=form.id.is_none() prop:value=move || form.name.get()
                        on:input=move |event| form.name.set(event_target_value(&event)) />
                </label>
                <ConditionField kind=form.kind values=form.values min_secs=form.min_secs />
                <ScopeField scope=form.scope />
                <ScheduleField value=form.schedule label=t("rule-hours") always=t("rule-always") chosen=t("rule-at-hours") testid="rule-schedule" />
                <PolicyField value=form.policy testid="rule-policy" />
            </fieldset>
            {move || form.error.get().map(|text| view! { <p class="field-error" role="alert" data-testid="rule-error">{text}</p> })}
            <Foot form=form />
        </form>
    }
    .into_any()
}

#[component]
fn Foot(form: Form) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <Show when=move || desk.may(Action::EditRule) fallback=|| view! { <p class="muted">{t("rule-read-only")}</p> }>
            <div class="actions">
                <button type="submit" class="primary" data-testid="save-rule" disabled=move || form.busy.get()>
                    {if form.id.is_some() { t("save") } else { t("rule-create") }}
                </button>
                <button type="button" data-testid="cancel-rule" on:click=move |_| desk.look.rule.set(None)>{t("cancel")}</button>
                <span class="grow"></span>
                {form.id.map(|id| view! {
                    <button type="button" data-testid="delete-rule" on:click=move |_| desk.look.dialog.set(Some(Dialog::DeleteRule(id)))>{t("rule-delete")}</button>
                })}
            </div>
        </Show>
    }
    .into_any()
}

/// Everybody, or some groups and people.
#[component]
fn ScopeField(scope: RwSignal<RuleScope>) -> impl IntoView {
    let desk = Desk::here();
    let is_all = |scope: &RuleScope| scope.groups.is_empty() && scope.resources.is_empty();
    let some = RwSignal::new(!scope.with_untracked(is_all));
    let switch = move |event| {
        some.set(event_target_value(&event) == "some");
        if !some.get_untracked() {
            scope.set(RuleScope::default());
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t("rule-scope")}</legend>
            <select data-testid="rule-scope" aria-label=t("rule-scope") on:change=switch prop:value=move || if some.get() { "some" } else { "all" }>
                <option value="all">{t("scope-all")}</option>
                <option value="some" selected=some.get_untracked()>{t("scope-some")}</option>
            </select>
            <Show when=move || some.get()>
                <div class="audience">
                    <div class="checks">{groups(desk, scope)}</div>
                    <div class="checks scroll short">{resources(desk, scope)}</div>
                    <Show when=move || scope.with(is_all)><p class="small unassigned" role="status">{t("scope-nobody")}</p></Show>
                </div>
            </Show>
        </fieldset>
    }
    .into_any()
}

fn groups(desk: Desk, scope: RwSignal<RuleScope>) -> impl IntoView {
    let mut groups: Vec<(String, GroupId)> =
        desk.rows.groups.peek_all().iter().map(|group| (group.name.clone(), group.id)).collect();
    groups.sort();
    let check = move |(name, id): (String, GroupId)| {
        let on = move || scope.with(|scope| scope.groups.contains(&id));
        let change =
            move |event| scope.update(|scope| put(&mut scope.groups, id, event_target_checked(&event)));
        view! { <label class="check"><input type="checkbox" data-testid="rule-group" prop:checked=on on:change=change />{name}</label> }
    };
    groups.into_iter().map(check).collect_view()
}

fn resources(desk: Desk, scope: RwSignal<RuleScope>) -> impl IntoView {
    let mut people: Vec<(String, ResourceId)> = desk
        .rows
        .resources
        .peek_all()
        .iter()
        .filter(|row| !row.card.disabled)
        .map(|row| (row.card.name.clone(), row.card.id))
        .collect();
    people.sort();
    let check = move |(name, id): (String, ResourceId)| {
        let on = move || scope.with(|scope| scope.resources.contains(&id));
        let change =
            move |event| scope.update(|scope| put(&mut scope.resources, id, event_target_checked(&event)));
        view! { <label class="check"><input type="checkbox" prop:checked=on on:change=change /><span class="ellipsis">{name}</span></label> }
    };
    people.into_iter().map(check).collect_view()
}
