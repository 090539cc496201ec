use super::office::{Desk, Fresh, Handset, Office};
use chrono::TimeDelta;
use domain::bid::{Bid, BidAnswer, BidError, BidLineStatus, BidStatus, Invitation, Offer};
use domain::entry::EntryBody;
use domain::{BidId, TaskId};
use protocol::entity::EntityKind;
use protocol::field::{EntryOutcome, EntryRefusal};
use protocol::wire::{CommandBody, Outcome, Rejection};
use uuid::Uuid;

async fn opened(desk: &Desk<'_>, n: u64, task: TaskId) -> BidId {
    let office = desk.office;
    let id = BidId(Uuid::now());
    let deadline = office.now() + TimeDelta::minutes(30);
    let invitation = Invitation { id, task, invite: vec![office.ana.id, office.ben.id], deadline };
    let outcome = desk.send(desk.command(n, CommandBody::BidOpen(invitation))).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "put out to bid: {outcome:?}");
    id
}

async fn offer(phone: &Handset<'_>, bid: BidId) -> EntryOutcome {
    let offer = Offer { eta_secs: Some(600), price_minor: Some(4_500), comment: "near".to_owned() };
    phone.report(&phone.entry(EntryBody::BidResponse { bid, answer: BidAnswer::Bid(offer) })).await
}

#[tokio::test]
async fn the_winner_gets_the_task_in_the_same_moment() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let phone = office.activate(&office.ana).await;
    let task = office.task("Lift stuck", None);
    let bid = opened(&desk, 1, task).await;
    let synced = phone.sync("").await.expect("syncs");
    assert_eq!(synced.bids[0].lines.len(), 1, "a phone sees its own line only");
    assert_eq!(synced.tasks.first().map(|offered| offered.id), Some(task), "and where it would have to go");
    assert!(matches!(offer(&phone, bid).await, EntryOutcome::Accepted { .. }), "answers");

    let ben_wins = CommandBody::BidSetWinner { bid, resource: office.ben.id };
    let refused = desk.send(desk.command(2, ben_wins)).await;
    let expected = Rejection::Bid(BidError::NoStandingOffer(BidLineStatus::Offered));
    assert!(
        matches!(refused, Outcome::Rejected { reason } if reason == expected),
        "who has not answered can't win"
    );

    let (before, _) = desk.snapshot().await;
    let won = desk.send(desk.command(3, CommandBody::BidSetWinner { bid, resource: office.ana.id })).await;
    let Outcome::Applied { cursor, .. } = won else { panic!("Ana wins: {won:?}") };
    let page = desk.changes(before).await.expect("changes");
    let kinds: Vec<&str> = page.items.iter().map(|item| item.entity.0.as_str()).collect();
    assert_eq!(
        (kinds, page.to),
        (vec!["bid", "task"], cursor),
        "both changes, and the receipt's cursor covers both"
    );
    assert_eq!(office.stored_task(task).resource, Some(office.ana.id), "the task is hers");
    assert_eq!(phone.sync("").await.expect("syncs").tasks.len(), 1, "and on her phone");
}

#[tokio::test]
async fn closed_canceled_and_expired_are_three_different_errors() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let phone = office.activate(&office.ana).await;
    let tasks = [office.task("a", None), office.task("b", None), office.task("c", None)];
    let mut bids = Vec::new();
    for (n, task) in (1..).zip(tasks) {
        let bid = opened(&desk, n, task).await;
        offer(&phone, bid).await;
        bids.push(bid);
    }
    let win = |bid| CommandBody::BidSetWinner { bid, resource: office.ana.id };
    desk.send(desk.command(4, win(bids[0]))).await;
    desk.send(desk.command(5, CommandBody::BidCancel { bid: bids[1] })).await;
    office.wait(TimeDelta::minutes(31));
    let desk = office.sign_in("everywhere").await;
    office.admin().run_due_jobs().expect("jobs");
    let expired: Bid = office.stored(EntityKind::Bid, bids[2].0).expect("there");
    assert_eq!(expired.status, BidStatus::Expired, "the clock ended it");

    for (n, (bid, expected)) in
        (1..).zip(bids.into_iter().zip([BidError::Closed, BidError::Canceled, BidError::Expired]))
    {
        let refused = desk.send(desk.command(n, win(bid))).await;
        assert!(
            matches!(refused, Outcome::Rejected { reason: Rejection::Bid(error) } if error == expected),
            "{expected:?}: {refused:?}"
        );
        let answer = offer(&phone, bid).await;
        let by_phone = matches!(answer, EntryOutcome::Refused { reason: EntryRefusal::Bid(error), .. } if error == expected);
        assert!(by_phone, "the phone is told the same");
    }
}

#[tokio::test]
async fn a_task_is_out_to_bid_once_at_a_time() {
    let office = Office::open().await;
    let desk = office.sign_in("everywhere").await;
    let task = office.task("Lift stuck", None);
    opened(&desk, 1, task).await;
    let deadline = office.now() + TimeDelta::minutes(30);
    let again = Invitation { id: BidId(Uuid::now()), task, invite: vec![office.ana.id], deadline };
    let refused = desk.send(desk.command(2, CommandBody::BidOpen(again))).await;
    assert!(matches!(refused, Outcome::Rejected { reason: Rejection::Exists }), "{refused:?}");
}
