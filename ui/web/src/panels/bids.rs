//! Bids: who was asked, who answered what, and the choice of the winner.

use domain::access::Action;
use domain::bid::{BidLine, BidLineStatus, BidStatus};
use domain::{BidId, ResourceId};
use leptos::prelude::*;
use protocol::view::{BidView, InviteeView, Subject};

use super::unsent::UnsentMark;
use crate::format;
use crate::kit::Empty;
use crate::state::queue::Unsent;
use crate::state::{Desk, Dialog, lists};
use crate::words::{bid_line_text, bid_status_text, t, tf, tn};

/// All bids, open ones first.
#[component]
pub fn Bids() -> impl IntoView {
    let desk = Desk::here();
    let ids = lists::bid_ids(desk);
    view! {
        <div class="cards" data-testid="bids" tabindex="-1" role="list" aria-label=t("bids")>
            <Show when=move || ids.with(Vec::is_empty)>
                {move || if desk.loaded.get() {
                    view! { <Empty text=t("bids-none") hint=t("bids-none-hint") /> }
                } else {
                    view! { <Empty text=t("loading") hint="" /> }
                }}
            </Show>
            <For each=move || ids.get() key=|id| *id let:id>
                <BidCard id=id />
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn BidCard(id: BidId) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.bids.get(id);
    let open = Memo::new(move |_| row().is_some_and(|row| row.bid.status == BidStatus::Open));
    let lines = Memo::new(move |_| row().map(|row| sorted_lines(&row)).unwrap_or_default());
    let task = move || row().map(|row| row.bid.task);
    let answered = move || {
        let answers = |row: &BidView| row.bid.lines.iter().filter(|line| line.offer.is_some()).count();
        row().map(|row| {
            tf(
                "bids-answered",
                &[("n", &answers(&row).to_string()), ("all", &row.bid.lines.len().to_string())],
            )
        })
    };
    let selected = move || desk.look.selection.get() == Some(Subject::Bid(id));
    view! {
        <article class="bid" role="listitem" class:selected=selected class:over=move || !open.get() data-testid="bid" data-id=id.to_string()>
            <header class="bid-head">
                <button type="button" class="link strong" on:click=move |_| {
                    if let Some(task) = task() {
                        desk.show(Subject::Task(task));
                    }
                }>
                    {move || task().map(|task| desk.task_name(task))}
                </button>
                <span class="status" data-status=move || row().map(|row| format!("Bid{:?}", row.bid.status))>
                    {move || row().map(|row| bid_status_text(row.bid.status))}
                </span>
                <UnsentMark of=Signal::derive(move || row().map(|row| (Subject::Bid(id), Unsent::of(row.pending, row.attention)))) />
                <Deadline id=id />
                <span class="muted num">{answered}</span>
                <span class="grow"></span>
                <Show when=move || open.get() && desk.may(Action::EditBid)>
                    <button type="button" data-testid="cancel-bid" on:click=move |_| desk.look.dialog.set(Some(Dialog::CancelBid(id)))>
                        {t("bid-cancel")}
                    </button>
                </Show>
            </header>
            <div class="bid-lines" role="table" aria-label=t("bid-answers")>
                <For each=move || lines.get() key=|resource| *resource let:resource>
                    <Line bid=id resource=resource open=open />
                </For>
            </div>
        </article>
    }
    .into_any()
}

#[component]
fn Deadline(id: BidId) -> impl IntoView {
    let desk = Desk::here();
    let text = move || {
        let row = desk.rows.bids.get(id)?;
        let time = format::day_time(row.bid.deadline, desk.zone(), desk.clock.minute());
        if row.bid.status != BidStatus::Open {
            return Some(time);
        }
        let left = (row.bid.deadline - desk.clock.get()).num_seconds();
        Some(tf("bid-deadline", &[("time", &time), ("left", &format::duration(left))]))
    };
    let soon = move || {
        let row = desk.rows.bids.get(id);
        row.is_some_and(|row| {
            row.bid.status == BidStatus::Open && (row.bid.deadline - desk.clock.get()).num_seconds() < 120
        })
    };
    view! { <span class="num" class:late=soon data-testid="bid-deadline">{text}</span> }.into_any()
}

/// Best answers first: standing bids by arrival, then who has not answered, then the rest.
fn sorted_lines(row: &BidView) -> Vec<ResourceId> {
    let rank = |line: &BidLine| match line.status {
        BidLineStatus::Won => 0,
        BidLineStatus::Bid => 1,
        BidLineStatus::Seen => 2,
        BidLineStatus::Offered => 3,
        BidLineStatus::Declined | BidLineStatus::Withdrawn | BidLineStatus::Lost | BidLineStatus::Expired => {
            4
        }
    };
    let arrival = |line: &BidLine| {
        let own = row.invitees.iter().find(|invitee| invitee.resource == line.resource);
        let said = line.offer.as_ref().and_then(|offer| offer.eta_secs);
        own.and_then(|invitee| invitee.drive_secs).or(said).unwrap_or(u32::MAX)
    };
    // Drives change with every fix; only the answers decide the order of those who are equal, so rows don't jump.
    let mut lines: Vec<&BidLine> = row.bid.lines.iter().collect();
    lines.sort_by_key(|line| {
        (rank(line), if line.offer.is_some() { said_secs(line) } else { 0 }, arrival(line) / 300)
    });
    lines.into_iter().map(|line| line.resource).collect()
}

fn said_secs(line: &BidLine) -> u32 {
    line.offer.as_ref().and_then(|offer| offer.eta_secs).unwrap_or(u32::MAX)
}

#[component]
fn Line(bid: BidId, resource: ResourceId, open: Memo<bool>) -> impl IntoView {
    let desk = Desk::here();
    let row = move || desk.rows.bids.get(bid);
    let line = move || row().and_then(|row| row.bid.line(resource).cloned());
    let invitee = move || {
        row().and_then(|row| row.invitees.iter().find(|invitee| invitee.resource == resource).cloned())
    };
    let status = move || line().map(|line| line.status);
    let standing = move || open.get() && status() == Some(BidLineStatus::Bid);
    let said = move || {
        let secs = line().and_then(|line| line.offer).and_then(|offer| offer.eta_secs)?;
        Some(tf("bid-says", &[("duration", &format::duration(i64::from(secs)))]))
    };
    let price = move || {
        let price = line().and_then(|line| line.offer).and_then(|offer| offer.price_minor)?;
        let currency = desk.signed_in().map(|view| view.company.currency).unwrap_or_default();
        Some(format::money(price, &currency))
    };
    let own = move || invitee().map(|invitee| own_view(desk, &invitee));
    let comment = move || line().and_then(|line| line.offer).map(|offer| offer.comment);
    view! {
        <div class="bid-line" role="row" class:won=move || status() == Some(BidLineStatus::Won) data-testid="bid-row" data-id=resource.to_string()>
            <button type="button" class="link b-name" on:click=move |_| desk.show(Subject::Resource(resource))>
                {move || desk.resource_name(resource)}
            </button>
            <span class="status b-status" data-status=move || status().map(|status| format!("Line{status:?}"))>
                {move || status().map(bid_line_text)}
            </span>
            <span class="num b-said">{said}</span>
            <span class="num b-price">{price}</span>
            <span class="muted b-own" title=own>{own}</span>
            <span class="b-comment" title=comment>{comment}</span>
            <Show when=move || standing() && desk.may(Action::SetBidWinner)>
                <button
                    type="button"
                    class="primary"
                    data-testid="set-winner"
                    on:click=move |_| desk.look.dialog.set(Some(Dialog::Winner(bid, resource)))
                >
                    {t("bid-set-winner")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// What the desk itself knows of an invitee: drive, workload, missing skills.
fn own_view(desk: Desk, invitee: &InviteeView) -> String {
    let mut parts = Vec::new();
    if !invitee.missing_skills.is_empty() {
        parts.push(missing_text(desk, &invitee.missing_skills));
    }
    if let Some(secs) = invitee.drive_secs {
        parts.push(tf("drive", &[("duration", &format::duration(i64::from(secs)))]));
    }
    parts.push(tn("open-tasks", invitee.open_tasks as usize));
    parts.join(" · ")
}

/// `lacks Glazing, Height`
pub fn missing_text(desk: Desk, skills: &[domain::SkillId]) -> String {
    let names: Vec<String> =
        skills.iter().filter_map(|id| desk.rows.skills.get(*id)).map(|skill| skill.name.clone()).collect();
    tf("lacks", &[("skills", &names.join(", "))])
}
