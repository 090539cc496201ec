//! The rules behind the alerts: what they watch, whom, when, who is told, and how much noise they make.

use std::sync::Arc;

use domain::access::Action;
use domain::alert::Severity;
use domain::place::Poi;
use domain::rule::{AlertPolicy, LocationRule};
use domain::schedule::Schedule;
use domain::{PoiId, RuleId};
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, NoiseSource, NoiseView, Subject};

use super::alerts::SeverityMark;
use super::fences::fence_rules_text;
use super::policy_field::audience_text;
use super::schedule_field::hours_text;
use super::unsent::UnsentMark;
use crate::format;
use crate::kit::{Confirm, Empty, Glyph, Icon};
use crate::state::{Desk, RuleChoice, ToastKind};
use crate::words::{error_text, severity_text, t, tf, tn};

mod condition;
mod fence;
mod form;
mod noise;
mod proposal;
mod text;
mod what_if;

use noise::{NoiseCell, NoisePanel};
pub use text::{bare_condition_text, condition_text, scope_text};

/// So many days back the noise is counted.
const NOISE_DAYS: u16 = 7;

/// What came of asking how much noise the rules make.
type FoundNoise = RwSignal<Option<Result<Vec<NoiseView>, String>>>;

/// The page.
#[component]
pub fn Rules() -> impl IntoView {
    let desk = Desk::here();
    let noise = ask_noise(desk);
    view! {
        <main class="page rules" data-testid="rules-page">
            <section class="column" aria-label=t("page-rules")>
                <header class="page-head">
                    <h2>{t("page-rules")}</h2>
                    <span class="grow"></span>
                    <Show when=move || desk.may(Action::EditRule)>
                        <button type="button" class="primary" data-testid="new-rule" on:click=move |_| desk.look.rule.set(Some(RuleChoice::New))>
                            <Icon glyph=Glyph::Plus /> {t("rule-new")}
                        </button>
                    </Show>
                </header>
                <p class="page-lead muted">{t("rules-lead")}</p>
                {move || noise.get().and_then(Result::err).map(|text| view! { <p class="page-lead unassigned" role="status" data-testid="noise-error">{tf("noise-unknown", &[("reason", &text)])}</p> })}
                <div class="rules-list">
                    <LocationRules noise=noise />
                    <FenceRules noise=noise />
                </div>
            </section>
            <section class="column rule-side" aria-label=t("details")>
                <Side noise=noise />
            </section>
        </main>
    }
    .into_any()
}

fn ask_noise(desk: Desk) -> FoundNoise {
    let noise: FoundNoise = RwSignal::new(None);
    leptos::task::spawn_local(async move {
        let found = match desk.request(DeskRequest::Noise { days: NOISE_DAYS }).await {
            Ok(DeskResponse::Noise(noise)) => Ok(noise),
            Ok(_) => Err(t("error-internal").to_owned()),
            Err(error) => Err(error_text(&error)),
        };
        let _ = noise.try_set(Some(found));
    });
    noise
}

#[component]
fn LocationRules(noise: FoundNoise) -> impl IntoView {
    let desk = Desk::here();
    let rules = Memo::new(move |_| {
        let mut rules: Vec<(String, RuleId)> =
            desk.rows.rules.all().iter().map(|rule| (rule.name.to_lowercase(), rule.id)).collect();
        rules.sort();
        rules.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    });
    view! {
        <h3 class="heap-head">{t("rules-location")} " " <span class="badge">{move || rules.with(Vec::len)}</span></h3>
        <Show when=move || rules.with(Vec::is_empty)>
            {move || if desk.loaded.get() {
                view! { <Empty text=t("rules-none") hint=t("rules-none-hint") /> }
            } else {
                view! { <Empty text=t("loading") /> }
            }}
        </Show>
        <ul class="plain" data-testid="rules">
            <For each=move || rules.get() key=|id| *id let:id><RuleRow id=id noise=noise /></For>
        </ul>
    }
    .into_any()
}

#[component]
fn RuleRow(id: RuleId, noise: FoundNoise) -> impl IntoView {
    let desk = Desk::here();
    let rule = move || desk.rows.rules.get(id);
    let chosen = move || desk.look.rule.get() == Some(RuleChoice::Rule(id));
    let unsent = Signal::derive(move || Some((Subject::Rule(id), desk.unsent_about(Subject::Rule(id)))));
    view! {
        <li class="rule" class:selected=chosen class:disabled=move || rule().is_some_and(|rule| !rule.enabled) data-testid="rule-row" data-id=id.to_string()>
            <input type="checkbox" role="switch" class="switch" data-testid="rule-enabled" aria-label=move || tf("rule-enabled-of", &[("name", &desk.rule_name(id))])
                disabled=move || !desk.may(Action::EditRule)
                prop:checked=move || rule().is_some_and(|rule| rule.enabled)
                on:change=move |event| enable(desk, id, event_target_checked(&event)) />
            <button type="button" class="rule-body" data-testid="open-rule" aria-pressed=move || chosen().to_string() on:click=move |_| desk.look.rule.set(Some(RuleChoice::Rule(id)))>
                <span class="line-1">
                    <SeverityMark severity=Signal::derive(move || rule().map(|rule| rule.policy.severity)) />
                    <strong>{move || rule().map(|rule| rule.name.clone())}</strong>
                    <span>{move || rule().map(|rule| condition_text(desk, &rule))}</span>
                </span>
                <span class="line-2 muted">{move || rule().map(|rule| about_text(desk, &rule))}</span>
            </button>
            <UnsentMark of=unsent />
            <NoiseCell noise=noise source=NoiseSource::Rule(id) />
        </li>
    }
    .into_any()
}

/// Switches a rule on or off.
fn enable(desk: Desk, id: RuleId, enabled: bool) {
    let Some(rule) = desk.rows.rules.peek(id) else { return };
    let said = tf(if enabled { "toast-rule-on" } else { "toast-rule-off" }, &[("name", &rule.name)]);
    desk.ask_saying(DeskRequest::PutRule(Box::new(LocationRule { enabled, ..(*rule).clone() })), said);
}

/// Scope, hours, who is told, what happens when nobody looks.
fn about_text(desk: Desk, rule: &LocationRule) -> String {
    format!("{} · {}", scope_text(desk, &rule.scope), delivery_text(desk, &rule.schedule, &rule.policy))
}

fn delivery_text(desk: Desk, schedule: &Schedule, policy: &AlertPolicy) -> String {
    let hours = hours_text(schedule).unwrap_or_else(|| t("rule-always").to_owned());
    let told = match policy.audience == domain::rule::Audience::default() {
        true => t("rule-told-all").to_owned(),
        false => tf("rule-told", &[("who", &audience_text(desk, &policy.audience))]),
    };
    let escalates = policy
        .escalate_after_secs
        .map(|secs| tf("rule-escalates", &[("duration", &format::duration(i64::from(secs)))]));
    let parts = [Some(hours), Some(severity_text(policy.severity).to_owned()), Some(told), escalates];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[component]
fn FenceRules(noise: FoundNoise) -> impl IntoView {
    let desk = Desk::here();
    let fences = Memo::new(move |_| {
        let rows = desk.rows.pois.all();
        let speaks = |poi: &&Arc<Poi>| poi.fence.as_ref().is_some_and(|fence| fence.has_rule());
        let mut fences: Vec<(String, PoiId)> =
            rows.iter().filter(speaks).map(|poi| (poi.name.to_lowercase(), poi.id)).collect();
        fences.sort();
        fences.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    });
    view! {
        <h3 class="heap-head">{t("rules-fences")} " " <span class="badge">{move || fences.with(Vec::len)}</span></h3>
        <Show when=move || fences.with(Vec::is_empty) && desk.loaded.get()>
            <Empty text=t("rules-no-fences") hint=t("rules-no-fences-hint") />
        </Show>
        <ul class="plain" data-testid="fence-rules">
            <For each=move || fences.get() key=|id| *id let:id><FenceRow id=id noise=noise /></For>
        </ul>
    }
    .into_any()
}

#[component]
fn FenceRow(id: PoiId, noise: FoundNoise) -> impl IntoView {
    let desk = Desk::here();
    let poi = move || desk.rows.pois.get(id);
    let chosen = move || desk.look.rule.get() == Some(RuleChoice::Fence(id));
    let unsent = Signal::derive(move || Some((Subject::Poi(id), desk.unsent_about(Subject::Poi(id)))));
    let severity = Signal::derive(move || {
        let poi = poi()?;
        let fence = poi.fence.as_ref()?;
        // Without a policy of its own, staying and absence are a warning and the rest is information.
        let lasting = fence.dwell_secs.is_some() || fence.absent_secs.is_some();
        let usual = if lasting { Severity::Warning } else { Severity::Info };
        Some(fence.policy.as_ref().map_or(usual, |policy| policy.severity))
    });
    view! {
        <li class="rule" class:selected=chosen data-testid="fence-rule-row" data-id=id.to_string()>
            <span class="switch-place"></span>
            <button type="button" class="rule-body" data-testid="open-fence-rule" aria-pressed=move || chosen().to_string() on:click=move |_| desk.look.rule.set(Some(RuleChoice::Fence(id)))>
                <span class="line-1">
                    <SeverityMark severity=severity />
                    <strong>{move || poi().map(|poi| poi.name.clone())}</strong>
                    <span>{move || poi().and_then(|poi| poi.fence.as_ref().map(fence_rules_text))}</span>
                </span>
                <span class="line-2 muted">{move || poi().map(|poi| fence_about(desk, &poi))}</span>
            </button>
            <UnsentMark of=unsent />
            <NoiseCell noise=noise source=NoiseSource::Fence(id) />
        </li>
    }
    .into_any()
}

fn fence_about(desk: Desk, poi: &Poi) -> String {
    let Some(fence) = &poi.fence else { return String::new() };
    let groups = domain::rule::RuleScope { groups: fence.groups.clone(), resources: Vec::new() };
    let scope = scope_text(desk, &groups);
    match &fence.policy {
        Some(policy) => format!("{scope} · {}", delivery_text(desk, &fence.schedule, policy)),
        None => {
            let hours = hours_text(&fence.schedule).unwrap_or_else(|| t("rule-always").to_owned());
            format!("{scope} · {hours} · {}", t("rule-told-all"))
        }
    }
}

/// What is chosen on the left.
#[component]
fn Side(noise: FoundNoise) -> impl IntoView {
    let desk = Desk::here();
    let shown = Memo::new(move |_| desk.look.rule.get());
    move || match shown.get() {
        None => view! { <Empty text=t("rules-choose") hint=t("rules-choose-hint") /> }.into_any(),
        Some(RuleChoice::New) => view! { <form::RuleForm rule=None /> }.into_any(),
        Some(RuleChoice::Rule(id)) => match desk.rows.rules.peek(id) {
            Some(rule) => view! {
                <form::RuleForm rule=Some((*rule).clone()) />
                <NoisePanel noise=noise source=NoiseSource::Rule(id) />
            }
            .into_any(),
            None => {
                // One that was just made comes in a moment.
                desk.rows.rules.track();
                view! { <Empty text=t("gone") hint=t("gone-hint") /> }.into_any()
            }
        },
        Some(RuleChoice::Fence(id)) => view! {
            <fence::FenceSide id=id />
            <NoisePanel noise=noise source=NoiseSource::Fence(id) />
            <what_if::WhatIf poi=id />
        }
        .into_any(),
    }
}

/// Really delete?
#[component]
pub fn DeleteRule(rule: RuleId, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let name = desk.rule_name(rule);
    let said = tf("toast-rule-deleted", &[("name", &name)]);
    let confirm = Callback::new(move |()| {
        let said = said.clone();
        desk.ask_then(DeskRequest::DeleteRule { rule }, move |_| {
            if desk.look.rule.get_untracked() == Some(RuleChoice::Rule(rule)) {
                desk.look.rule.set(None);
            }
            desk.say(ToastKind::Done, said);
        });
        close.run(());
    });
    view! {
        <Confirm title=t("rule-delete-title") action=t("delete") danger=true testid="delete-rule-dialog" close=close confirm=confirm>
            <p>{tf("rule-delete-question", &[("name", &name)])}</p>
        </Confirm>
    }
    .into_any()
}

/// `12 alerts`
fn alerts_text(n: u32) -> String {
    tn("alerts-count", n as usize)
}
