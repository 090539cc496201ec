//! Alerts: the page where they are worked through, and its compact form in the dock.

use domain::access::Action;
use domain::alert::{AlertAction, AlertKind, AlertState, NearTarget, Stage};
use domain::{AlertId, UserId};
use leptos::prelude::*;
use protocol::view::{AlertView, Subject};

use crate::clock;
use crate::format;
use crate::kit::{Empty, VirtualList, focus_list};
use crate::state::triage::{AlertLine, StageChip};
use crate::state::{Desk, Page};
use crate::words::{t, tf, tn};

mod act;
mod actions;
mod centre;
mod dialogs;
mod filters;
mod keys;
mod row;

pub use act::{act, take_back};
pub use actions::AlertActions;
pub use centre::AlertCentre;
pub use dialogs::{ResolveDialog, SnoozeDialog};
pub use keys::{follow_cursor, follow_on, triage_key};

use row::AlertRow;
pub use row::{SeverityMark, StagePill};

/// The list's name for tests and for the focus.
pub const LIST: &str = "alerts";
const ROW_PX: usize = 34;

/// The compact form: the list with its most used filters.
#[component]
pub fn Alerts() -> impl IntoView {
    let desk = Desk::here();
    let new = desk.triage.new_ids;
    view! {
        <div class="toolbar">
            <filters::StageChips />
            <span class="grow"></span>
            <Show when=move || desk.may(Action::HandleAlert)>
                <button
                    type="button"
                    data-testid="ack-all"
                    disabled=move || new.with(Vec::is_empty)
                    title=move || tn("alerts-new", new.with(Vec::len))
                    on:click=move |_| act(desk, &new.get_untracked(), AlertAction::Acknowledge)
                >
                    {t("acknowledge-all")}
                </button>
            </Show>
            <button type="button" data-testid="open-centre" title=t("alert-centre-hint") on:click=move |_| show_centre(desk)>{t("alert-centre")}</button>
        </div>
        <AlertList />
    }
    .into_any()
}

/// The lines that the filter lets through.
#[component]
fn AlertList() -> impl IntoView {
    let desk = Desk::here();
    let triage = desk.triage;
    let selected = Signal::derive(move || match desk.look.selection.get() {
        Some(Subject::Alert(id)) => triage.lines.with(|lines| {
            lines.iter().copied().find(|line| *line == AlertLine::One(id) || *line == AlertLine::Member(id))
        }),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Rule(_),
        )
        | None => None,
    });
    let moved = Callback::new(move |(from, to, shift): (Option<AlertLine>, AlertLine, bool)| {
        if shift {
            triage.chosen.update(|chosen| chosen.extend(from.into_iter().chain([to])));
        }
        follow_cursor(desk);
    });
    view! {
        <VirtualList
            items=triage.lines
            row_px=ROW_PX
            row=|line| view! { <AlertRow line=line /> }
            open=Callback::new(move |line| open_line(desk, line))
            selected=selected
            active=triage.active
            moved=moved
            label=t("alerts")
            testid=LIST
            empty=move || view! { <NothingHere /> }
        />
    }
    .into_any()
}

#[component]
fn NothingHere() -> impl IntoView {
    let desk = Desk::here();
    let filter = desk.triage.filter;
    move || {
        if !desk.loaded.get() {
            return view! { <Empty text=t("loading") hint="" /> }.into_any();
        }
        if filter.with(|filter| *filter == Default::default()) {
            return view! { <Empty text=t("alerts-none") hint=t("alerts-none-hint") /> }.into_any();
        }
        view! {
            <Empty text=t("alerts-no-match") hint="" />
            <div class="empty"><button type="button" data-testid="alerts-reset" on:click=move |_| filter.set(Default::default())>{t("filter-reset")}</button></div>
        }
        .into_any()
    }
}

/// Opens an alert beside the map, or a storm in the list.
fn open_line(desk: Desk, line: AlertLine) {
    desk.triage.active.set(Some(line));
    match line {
        AlertLine::Storm(lead) => desk.triage.toggle_storm(lead),
        AlertLine::One(id) | AlertLine::Member(id) => open_alert(desk, id),
    }
}

/// Shows an alert's details and flies there; the list stays.
pub fn open_alert(desk: Desk, id: AlertId) {
    desk.look.open(Subject::Alert(id));
    desk.map.fly_to(desk, Subject::Alert(id));
}

/// To the list of alerts, with the focus in it; `page` or wherever it is.
pub fn show_centre(desk: Desk) {
    desk.look.page.set(Page::Alerts);
    // The list is mounted first.
    request_animation_frame(|| focus_list(LIST));
}

/// The shortcut of the map's page: acknowledges the selected alert, or the newest new one.
pub fn acknowledge_selected(desk: Desk) {
    let selected = match desk.look.selection.get_untracked() {
        Some(Subject::Alert(id)) => Some(id),
        Some(
            Subject::Resource(_) | Subject::Task(_) | Subject::Bid(_) | Subject::Poi(_) | Subject::Rule(_),
        )
        | None => None,
    };
    let now = clock::now();
    let mut rows = desk.rows.alerts.peek_all();
    rows.retain(|row| row.alert.stage(now) == Stage::New);
    let newest = rows.iter().max_by_key(|row| row.alert.raised_at).map(|row| row.alert.id);
    if let Some(id) = selected.filter(|id| rows.iter().any(|row| row.alert.id == *id)).or(newest) {
        act(desk, &[id], AlertAction::Acknowledge);
    }
}

/// A user's name.
pub fn user_name(desk: Desk, user: UserId) -> String {
    desk.actor_name(domain::task::Actor::Office(user))
}

/// How much room there is for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Whole names and times.
    Full,
    /// For a column.
    Brief,
}

/// Where an alert stands, with who said so and when: `Ana, 10:44`, `to Ben · Ana, 10:44`, `until 11:00 · Ana`.
pub fn stage_detail(desk: Desk, row: &AlertView, wording: Wording) -> String {
    let (zone, now) = (desk.zone(), desk.clock.minute());
    let time = |at| match wording {
        Wording::Full => format::day_time(at, zone, now),
        Wording::Brief => format::time_or_day(at, zone, now),
    };
    let name = |user| match wording {
        Wording::Full => user_name(desk, user),
        Wording::Brief => format::short_name(&user_name(desk, user)),
    };
    let said = |by, at| tf("stage-by", &[("who", &name(by)), ("time", &time(at))]);
    match row.alert.state {
        AlertState::New => String::new(),
        AlertState::Acknowledged { by, at } => said(by, at),
        AlertState::Assigned { to, by, at } => tf("stage-to", &[("who", &name(to)), ("said", &said(by, at))]),
        AlertState::Snoozed { until, by, .. } => {
            tf("stage-until", &[("time", &time(until)), ("who", &name(by))])
        }
        AlertState::Resolved { by: Some(by), at } => said(by, at),
        AlertState::Resolved { by: None, at } => tf("stage-itself", &[("time", &time(at))]),
    }
}

/// A chip's name for tests.
fn chip_name(chip: StageChip) -> String {
    format!("alerts-{chip:?}").to_lowercase()
}

/// What an alert is about, to open from its details.
pub fn subjects(kind: &AlertKind) -> Vec<Subject> {
    let mut found: Vec<Subject> = kind.resource().map(Subject::Resource).into_iter().collect();
    found.extend(kind.fence().map(Subject::Poi));
    match kind {
        AlertKind::Near { target: NearTarget::Poi(poi), .. } => found.push(Subject::Poi(*poi)),
        AlertKind::Near { target: NearTarget::Task(task), .. } | AlertKind::StoppedOnTask { task, .. } => {
            found.push(Subject::Task(*task));
        }
        AlertKind::Near { target: NearTarget::Resource(other), .. } => found.push(Subject::Resource(*other)),
        AlertKind::TaskLate { task, .. }
        | AlertKind::PromiseAtRisk { task, .. }
        | AlertKind::TaskRefused { task, .. } => found.push(Subject::Task(*task)),
        AlertKind::BidAnswered { bid, .. } | AlertKind::BidExpired { bid } => found.push(Subject::Bid(*bid)),
        AlertKind::FenceEntered { .. }
        | AlertKind::FenceLeft { .. }
        | AlertKind::FenceDwell { .. }
        | AlertKind::FenceCrossed { .. }
        | AlertKind::FenceAbsent { .. }
        | AlertKind::LeftArea { .. }
        | AlertKind::Speeding { .. }
        | AlertKind::BatteryLow { .. }
        | AlertKind::Sos { .. }
        | AlertKind::ShiftOverrun { .. }
        | AlertKind::DeviceSilent { .. } => {}
    }
    found
}
