//! Mine against theirs, side by side.

use domain::{LonLat, ResourceId};
use leptos::prelude::*;
use protocol::view::Dispute;
use protocol::wire::{TaskDraft, TaskField};

use super::compare::{Changed, changes};
use super::{place, rule};
use crate::format;
use crate::state::Desk;
use crate::words::{priority_text, status_text, t, task_field_text, tf};

/// One line of the table, in words.
#[derive(Clone)]
pub(super) struct Line {
    /// The field.
    pub label: String,
    /// What it was, where that is known.
    pub before: Option<String>,
    /// What it should be.
    pub mine: String,
    /// What it is.
    pub theirs: String,
    /// Who changed it.
    pub changed: Changed,
}

/// A command's dispute as a table; what needs none says so in words.
#[component]
pub fn DisputeView(dispute: Dispute) -> impl IntoView {
    let desk = Desk::here();
    let clash = |label: &'static str, mine: String, theirs: String| {
        let changed = if mine == theirs { Changed::Same } else { Changed::Clash };
        vec![Line { label: label.to_owned(), before: None, mine, theirs, changed }]
    };
    let who = |id: Option<ResourceId>| match id {
        Some(id) => desk.resource_name(id),
        None => t("unassigned").to_owned(),
    };
    let lines = match &dispute {
        Dispute::Edit { base, mine, theirs, clashes } => edit_lines(desk, base, mine, theirs, clashes),
        Dispute::Assignment { mine, theirs } => clash(t("assigned-to"), who(*mine), who(*theirs)),
        Dispute::Status { mine, theirs } => {
            clash(t("column-status"), status_text(*mine), status_text(*theirs))
        }
        Dispute::Winner { mine, theirs } => {
            let theirs = theirs.map_or_else(|| t("none").to_owned(), |id| desk.resource_name(id));
            clash(t("bid-set-winner"), desk.resource_name(*mine), theirs)
        }
        Dispute::Place { mine, theirs } => place::lines(desk, mine.as_deref(), theirs.as_deref()),
        Dispute::PlaceEdit { base, mine, theirs, clashes } => {
            place::edit_lines(desk, base, mine, theirs, clashes)
        }
        Dispute::Rule { mine, theirs } => rule::lines(desk, mine.as_deref(), theirs.as_deref()),
        Dispute::Gone => {
            return view! { <p class="callout" data-testid="dispute-gone">{t("review-gone")}</p> }.into_any();
        }
        Dispute::None => return ().into_any(),
    };
    view! { <Table lines=lines /> }.into_any()
}

fn edit_lines(
    desk: Desk,
    base: &TaskDraft,
    mine: &TaskDraft,
    theirs: &TaskDraft,
    clashes: &[TaskField],
) -> Vec<Line> {
    let line = |(field, changed): (TaskField, Changed)| Line {
        label: task_field_text(field),
        before: Some(field_text(desk, field, base)),
        mine: field_text(desk, field, mine),
        theirs: field_text(desk, field, theirs),
        changed,
    };
    changes(base, mine, theirs, clashes).into_iter().map(line).collect()
}

/// A field's value as people read it.
fn field_text(desk: Desk, field: TaskField, draft: &TaskDraft) -> String {
    let text = match field {
        TaskField::Title => draft.title.clone(),
        TaskField::Description => draft.description.clone(),
        TaskField::Address => draft.address.clone(),
        TaskField::Customer => draft.customer.clone(),
        TaskField::TaskType => {
            let kind = draft.task_type.and_then(|id| desk.rows.task_types.get(id));
            kind.map(|kind| kind.name.clone()).unwrap_or_default()
        }
        TaskField::Poi => draft.poi.map(|id| desk.poi_name(id)).unwrap_or_default(),
        TaskField::At => place_text(draft.at),
        TaskField::Priority => priority_text(draft.priority),
        TaskField::PlannedMinutes => format::duration(i64::from(draft.planned_minutes) * 60),
        TaskField::WindowStart | TaskField::WindowEnd => {
            let at = if field == TaskField::WindowStart { draft.window_start } else { draft.window_end };
            at.map(|at| format::day_time(at, desk.zone(), desk.clock.minute())).unwrap_or_default()
        }
        TaskField::Load => draft.load.to_string(),
        TaskField::Skills => {
            let names = draft.skills.iter().filter_map(|id| desk.rows.skills.get(*id));
            names.map(|skill| skill.name.clone()).collect::<Vec<_>>().join(", ")
        }
    };
    if text.is_empty() { t("none").to_owned() } else { text }
}

pub(super) fn place_text(at: LonLat) -> String {
    tf("place-at", &[("lat", &format!("{:.5}", at.lat())), ("lon", &format!("{:.5}", at.lon()))])
}

#[component]
fn Table(lines: Vec<Line>) -> impl IntoView {
    let all = RwSignal::new(false);
    let has_before = lines.iter().any(|line| line.before.is_some());
    let untouched = lines.iter().filter(|line| line.changed == Changed::Nobody).count();
    let shown = StoredValue::new(lines);
    let rows = move || {
        let all = all.get();
        let lines = shown.get_value().into_iter().filter(|line| all || line.changed != Changed::Nobody);
        lines.map(|line| view! { <TableRow line=line has_before=has_before /> }).collect_view()
    };
    view! {
        <table class="compare" data-testid="compare">
            <thead>
                <tr>
                    <th scope="col">{t("compare-field")}</th>
                    {has_before.then(|| view! { <th scope="col">{t("compare-before")}</th> })}
                    <th scope="col">{t("compare-mine")}</th>
                    <th scope="col">{t("compare-theirs")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(untouched > 0).then(|| view! {
            <label class="check small">
                <input type="checkbox" data-testid="compare-all" prop:checked=move || all.get() on:change=move |event| all.set(event_target_checked(&event)) />
                {t("compare-all")}
            </label>
        })}
    }
    .into_any()
}

#[component]
fn TableRow(line: Line, has_before: bool) -> impl IntoView {
    let Line { label, before, mine, theirs, changed } = line;
    let mark = match changed {
        Changed::Clash => Some(t("compare-clash")),
        Changed::Same => Some(t("compare-same")),
        Changed::Mine | Changed::Theirs | Changed::Nobody => None,
    };
    let is_mine = matches!(changed, Changed::Clash | Changed::Mine | Changed::Same);
    let is_theirs = matches!(changed, Changed::Clash | Changed::Theirs | Changed::Same);
    view! {
        <tr data-testid="compare-row" data-changed=changed.name()>
            <th scope="row">{label} {mark.map(|mark| view! { <span class="tag" class:decide=changed == Changed::Clash>{mark}</span> })}</th>
            {has_before.then(|| view! { <td class="muted">{before}</td> })}
            <td class:changed=is_mine>{mine}</td>
            <td class:changed=is_theirs>{theirs}</td>
        </tr>
    }
    .into_any()
}
