//! What the alert list shows.

use domain::GroupId;
use domain::alert::{AlertTopic, Severity};
use leptos::prelude::*;

use super::chip_name;
use crate::state::Desk;
use crate::state::triage::{AlertFilter, StageChip};
use crate::words::{severity_text, stage_chip_text, t, tf, topic_text};

/// Chips by stage, with their numbers.
#[component]
pub fn StageChips() -> impl IntoView {
    let desk = Desk::here();
    let (filter, shown) = (desk.triage.filter, desk.triage.shown);
    let chips = StageChip::ALL.into_iter().enumerate().map(|(index, chip)| {
        let count = Memo::new(move |_| shown.with(|shown| shown.counts.chips[index]));
        view! {
            <button
                type="button"
                class="chip"
                class:alarm=move || { chip == StageChip::New && count.get() > 0 }
                data-testid=chip_name(chip)
                aria-pressed=move || filter.with(|filter| filter.chip == chip).to_string()
                on:click=move |_| filter.update(|filter| filter.chip = chip)
            >
                {stage_chip_text(chip)}
                <span class="num">{move || count.get()}</span>
            </button>
        }
    });
    view! { <div class="chips" role="group" aria-label=t("alerts-by-stage")>{chips.collect_view()}</div> }
        .into_any()
}

/// Everything else that narrows the list.
#[component]
pub fn Filters() -> impl IntoView {
    let desk = Desk::here();
    let filter = desk.triage.filter;
    let corrected = move || desk.triage.shown.with(|shown| shown.counts.corrected).to_string();
    view! {
        <div class="toolbar filters-row" role="group" aria-label=t("alerts-filters")>
            <input
                type="search"
                data-testid="alerts-search"
                aria-label=t("alerts-search")
                placeholder=t("alerts-search")
                prop:value=move || filter.with(|filter| filter.text.clone())
                on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))
            />
            <SeveritySelect />
            <TopicSelect />
            <GroupSelect />
            <label class="check">
                <input type="checkbox" data-testid="alerts-corrected" prop:checked=move || filter.with(|filter| filter.corrected)
                    on:change=move |event| filter.update(|filter| filter.corrected = event_target_checked(&event)) />
                {t("alerts-corrected")} " " <span class="num muted">{corrected}</span>
            </label>
            <Show when=move || filter.with(|filter| *filter != AlertFilter::default())>
                <button type="button" class="link" data-testid="alerts-clear" on:click=move |_| filter.set(AlertFilter::default())>{t("filter-reset")}</button>
            </Show>
        </div>
    }
    .into_any()
}

/// A choice with its number.
fn counted(text: &str, n: usize) -> String {
    tf("counted", &[("text", text), ("n", &n.to_string())])
}

#[component]
fn SeveritySelect() -> impl IntoView {
    let desk = Desk::here();
    let (filter, shown) = (desk.triage.filter, desk.triage.shown);
    let key = |severity: Severity| format!("{severity:?}");
    let options = Severity::ALL.into_iter().enumerate().rev().map(|(index, severity)| {
        let text =
            move || shown.with(|shown| counted(severity_text(severity), shown.counts.severities[index]));
        view! { <option value=key(severity)>{text}</option> }
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        filter.update(|filter| {
            filter.severity = Severity::ALL.into_iter().find(|severity| key(*severity) == name)
        });
    };
    view! {
        <select data-testid="alerts-severity" aria-label=t("policy-severity") on:change=choose
            prop:value=move || filter.with(|filter| filter.severity.map(key).unwrap_or_default())>
            <option value="">{t("any-severity")}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn TopicSelect() -> impl IntoView {
    let desk = Desk::here();
    let (filter, shown) = (desk.triage.filter, desk.triage.shown);
    let key = |topic: AlertTopic| format!("{topic:?}");
    let options = AlertTopic::ALL.into_iter().enumerate().map(|(index, topic)| {
        let count = Memo::new(move |_| shown.with(|shown| shown.counts.topics[index]));
        view! { <option value=key(topic) disabled=move || count.get() == 0 && filter.with(|filter| filter.topic != Some(topic))>
            {move || counted(&topic_text(topic), count.get())}
        </option> }
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        filter.update(|filter| filter.topic = AlertTopic::ALL.into_iter().find(|topic| key(*topic) == name));
    };
    view! {
        <select data-testid="alerts-topic" aria-label=t("alert-kind") on:change=choose
            prop:value=move || filter.with(|filter| filter.topic.map(key).unwrap_or_default())>
            <option value="">{t("any-topic")}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn GroupSelect() -> impl IntoView {
    let desk = Desk::here();
    let filter = desk.triage.filter;
    let groups = Memo::new(move |_| {
        let mut groups: Vec<(GroupId, String)> =
            desk.rows.groups.all().iter().map(|group| (group.id, group.name.clone())).collect();
        groups.sort_by(|a, b| a.1.cmp(&b.1));
        groups
    });
    view! {
        <select data-testid="alerts-group" aria-label=t("group")
            on:change=move |event| filter.update(|filter| filter.group = event_target_value(&event).parse().ok())
            prop:value=move || filter.with(|filter| filter.group.map(|id| id.to_string()).unwrap_or_default())>
            <option value="">{t("all-groups")}</option>
            <For each=move || groups.get() key=|group| group.clone() let((id, name))>
                <option value=id.to_string()>{name}</option>
            </For>
        </select>
    }
    .into_any()
}
