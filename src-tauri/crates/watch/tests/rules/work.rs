//! What the field answers: refused tasks and bids.

use domain::alert::AlertKind;
use domain::bid::{Bid, BidLine, BidLineStatus, BidStatus};
use domain::task::TaskStatus;
use domain::{BidId, UserId};

use super::office::*;

#[test]
fn a_refused_task_is_told_once_however_often_it_changes() {
    let mut watcher = watcher([]);
    let refused = job(&[(TaskStatus::Acknowledged, at(10)), (TaskStatus::NotDone, at(20))]);
    let alerts = raised(watcher.on_task(&refused, at(21)));
    assert_eq!(
        alerts.iter().map(|alert| &alert.kind).collect::<Vec<_>>(),
        [&AlertKind::TaskRefused { task: JOB, resource: ANA }],
        "by Ana"
    );
    assert_eq!(watcher.on_task(&refused, at(30)), [], "a note on it is no new refusal");
    let old = job(&[(TaskStatus::Declined, at(-60))]);
    assert_eq!(super::office::watcher([]).on_task(&old, at(30)), [], "refused before we looked");
}

#[test]
fn a_bid_tells_its_first_offer_and_when_everybody_has_answered() {
    let line = |resource, status, secs| BidLine { resource, status, offer: None, changed_at: at(secs) };
    let bid = |status, lines| Bid {
        id: BidId(id(5)),
        task: JOB,
        created_by: UserId(id(6)),
        created_at: at(0),
        deadline: minutes(10),
        status,
        lines,
    };
    let mut watcher = watcher([]);
    let first = vec![line(ANA, BidLineStatus::Bid, 10), line(BEN, BidLineStatus::Seen, 5)];
    assert_eq!(raised(watcher.on_bid(&bid(BidStatus::Open, first), at(10))).len(), 1, "the first offer");
    let all = vec![line(ANA, BidLineStatus::Bid, 10), line(BEN, BidLineStatus::Declined, 20)];
    assert_eq!(raised(watcher.on_bid(&bid(BidStatus::Open, all.clone()), at(20))).len(), 1, "everybody");
    let over = raised(watcher.on_bid(&bid(BidStatus::Expired, all), minutes(10)));
    assert_eq!(
        over.iter().map(|alert| &alert.kind).collect::<Vec<_>>(),
        [&AlertKind::BidExpired { bid: BidId(id(5)) }],
        "nobody won"
    );
}
