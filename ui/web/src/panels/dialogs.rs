//! The dialogs: one at a time.

use domain::task::TaskStatus;
use domain::{BidId, ResourceId, TaskId};
use leptos::prelude::*;
use protocol::view::DeskRequest;

use super::alerts::{ResolveDialog, SnoozeDialog};
use super::changes::{change_title, go_on};
use super::connection::ConnectionDialog;
use super::fences::{DeletePlace, LeaveFence};
use super::notifications::NotificationsDialog;
use super::retention::RetentionDialog;
use super::rules::DeleteRule;
use super::sign_in_again::SignInAgain;
use super::travel::TravelDialog;
use crate::format;
use crate::kit::{Confirm, Modal};
use crate::shortcuts::{ALERT_SHORTCUTS, PLANNING_SHORTCUTS, SHORTCUTS};
use crate::state::{Desk, Dialog, Page, ToastKind};
use crate::words::{status_text, t, t_dyn, tf, tn};

/// Whatever dialog is open.
#[component]
pub fn Dialogs() -> impl IntoView {
    let desk = Desk::here();
    let close = Callback::new(move |()| desk.look.dialog.set(None));
    move || match desk.look.dialog.get() {
        None => ().into_any(),
        Some(Dialog::Winner(bid, resource)) => {
            view! { <Winner bid=bid resource=resource close=close /> }.into_any()
        }
        Some(Dialog::CancelBid(bid)) => view! { <CancelBid bid=bid close=close /> }.into_any(),
        Some(Dialog::Reason(task, to)) => view! { <Reason task=task to=to close=close /> }.into_any(),
        Some(Dialog::SignOut) => view! { <SignOut close=close /> }.into_any(),
        Some(Dialog::SignInAgain) => view! { <SignInAgain close=close /> }.into_any(),
        Some(Dialog::Connection) => view! { <ConnectionDialog close=close /> }.into_any(),
        Some(Dialog::Retention) => view! { <RetentionDialog close=close /> }.into_any(),
        Some(Dialog::Discard(n)) => view! { <Discard n=n close=close /> }.into_any(),
        Some(Dialog::LeaveFence) => view! { <LeaveFence close=close /> }.into_any(),
        Some(Dialog::DeletePlace(poi)) => view! { <DeletePlace poi=poi close=close /> }.into_any(),
        Some(Dialog::Shortcuts) => view! { <Shortcuts close=close /> }.into_any(),
        Some(Dialog::AlertSnooze) => view! { <SnoozeDialog close=close /> }.into_any(),
        Some(Dialog::AlertResolve) => view! { <ResolveDialog close=close /> }.into_any(),
        Some(Dialog::Notifications) => view! { <NotificationsDialog close=close /> }.into_any(),
        Some(Dialog::Travel) => view! { <TravelDialog close=close /> }.into_any(),
        Some(Dialog::DeleteRule(rule)) => view! { <DeleteRule rule=rule close=close /> }.into_any(),
    }
}

#[component]
fn Winner(bid: BidId, resource: ResourceId, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let (who, task) = (desk.resource_name(resource), format::bid_task_name(desk, bid));
    let lost = desk.rows.bids.peek(bid).map_or(0, |row| row.bid.lines.len().saturating_sub(1));
    let said = tf("toast-winner", &[("who", &who), ("task", &task)]);
    let confirm = Callback::new(move |()| {
        desk.ask_saying(DeskRequest::SetBidWinner { bid, resource }, said.clone());
        close.run(());
    });
    view! {
        <Confirm title=t("bid-winner-title") action=t("bid-set-winner") testid="winner-dialog" close=close confirm=confirm>
            <p>{tf("bid-winner-question", &[("who", &who), ("task", &task)])}</p>
            <p class="muted">{tn("bid-winner-others", lost)}</p>
        </Confirm>
    }
    .into_any()
}

#[component]
fn CancelBid(bid: BidId, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let task = format::bid_task_name(desk, bid);
    let said = tf("toast-bid-canceled", &[("task", &task)]);
    let confirm = Callback::new(move |()| {
        desk.ask_saying(DeskRequest::CancelBid { bid }, said.clone());
        close.run(());
    });
    view! {
        <Confirm title=t("bid-cancel-title") action=t("bid-cancel") danger=true testid="cancel-bid-dialog" close=close confirm=confirm>
            <p>{tf("bid-cancel-question", &[("task", &task)])}</p>
        </Confirm>
    }
    .into_any()
}

#[component]
fn Reason(task: TaskId, to: TaskStatus, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let reason = RwSignal::new(String::new());
    let confirm = Callback::new(move |()| {
        let reason = Some(reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
        desk.ask(DeskRequest::SetTaskStatus { task, to, reason });
        close.run(());
    });
    let title = tf("reason-title", &[("status", &status_text(to))]);
    view! {
        <Confirm title=title action=status_text(to) danger=to == TaskStatus::Canceled testid="reason-dialog" close=close confirm=confirm>
            <p>{desk.task_name(task)}</p>
            <label class="field">
                <span>{t("reason")}</span>
                <input type="text" data-testid="reason" maxlength="500" prop:value=move || reason.get() on:input=move |event| reason.set(event_target_value(&event)) />
            </label>
        </Confirm>
    }
    .into_any()
}

#[component]
fn SignOut(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let waiting = desk.queue.with_untracked(Vec::len);
    let confirm = Callback::new(move |()| {
        desk.ask(DeskRequest::SignOut { discard_queue: true });
        close.run(());
    });
    let question =
        if waiting == 0 { t("sign-out-question").to_owned() } else { tn("sign-out-waiting", waiting) };
    let action = if waiting == 0 { t("sign-out") } else { t("sign-out-discard") };
    view! {
        <Confirm title=t("sign-out") action=action danger={waiting > 0} testid="sign-out-dialog" close=close confirm=confirm>
            <p>{question}</p>
        </Confirm>
    }
    .into_any()
}

#[component]
fn Discard(n: u64, close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let command = desk.queue.with_untracked(|queue| queue.iter().find(|command| command.n == n).cloned());
    let title = command.map(|command| change_title(desk, &command.kind, command.subject)).unwrap_or_default();
    let confirm = Callback::new(move |()| {
        close.run(());
        desk.ask_then(DeskRequest::DiscardCommand { n }, move |_| {
            desk.say(ToastKind::Done, t("toast-discarded").to_owned());
            go_on(desk, n);
        });
    });
    view! {
        <Confirm title=t("discard-title") action=t("discard") danger=true testid="discard-dialog" close=close confirm=confirm>
            <p><strong>{title}</strong></p>
            <p>{t("discard-question")}</p>
        </Confirm>
    }
    .into_any()
}

#[component]
fn Shortcuts(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let line = |(keys, text): (&'static str, &'static str)| view! { <dt><kbd>{keys}</kbd></dt><dd>{t_dyn(text)}</dd> };
    let section = move |title: &'static str, keys: &[(&'static str, &'static str)]| {
        let lines = keys.iter().copied().map(line).collect_view();
        view! { <h3>{title}</h3><dl class="keys">{lines}</dl> }.into_any()
    };
    let pages = section(t("shortcuts-pages"), &SHORTCUTS);
    let alerts = section(t("shortcuts-alerts"), &ALERT_SHORTCUTS);
    let planning = section(t("shortcuts-planning"), &PLANNING_SHORTCUTS);
    // What helps where one is comes first.
    let sections = match desk.look.page.get_untracked() {
        Page::Alerts => [alerts, pages, planning],
        Page::Plan => [planning, pages, alerts],
        Page::Desk | Page::Attendance | Page::Figures | Page::Changes | Page::Rules => {
            [pages, planning, alerts]
        }
    };
    view! {
        <Modal title=t("shortcuts") testid="shortcuts-dialog" close=close>
            <div class="modal-body">{sections.into_iter().collect_view()}</div>
        </Modal>
    }
    .into_any()
}
