use chrono::TimeDelta;
use domain::bid::{BidAnswer, BidError, BidLineStatus, BidStatus, Invitation, Offer};
use domain::entry::EntryBody;
use domain::{BidId, TaskId};
use protocol::field::EntryOutcome;
use protocol::view::{DeskErrorCode, DeskRequest};
use protocol::wire::Rejection;

use crate::office::{Desk, Office, Person, fresh, now};
use crate::screen::Screen;

async fn put_out(desk: &Desk, task: TaskId, to: &Person, open_for: TimeDelta) -> BidId {
    let invitation = Invitation { id: BidId(fresh()), task, invite: vec![to.id], deadline: now() + open_for };
    let id = invitation.id;
    desk.ask(DeskRequest::OpenBid(invitation)).await;
    id
}

async fn offer(by: &Person, bid: BidId) {
    let offer = Offer { eta_secs: Some(600), price_minor: Some(4_500), comment: "near".to_owned() };
    let answered = by.report(EntryBody::BidResponse { bid, answer: BidAnswer::Bid(offer) }, None).await;
    assert!(matches!(answered, EntryOutcome::Accepted { .. }), "the offer counts: {answered:?}");
}

async fn until_confirmed(screen: &mut Screen, bid: BidId) {
    screen
        .until("the bid at the server", |screen| {
            screen.bids.get(&bid).is_some_and(|view| !view.pending && view.version > 0)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_winner_can_be_set_once_and_every_other_end_is_its_own_error() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let tasks = [office.task("a", None), office.task("b", None), office.task("c", None)];
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the tasks", |screen| screen.tasks.len() == 3).await;

    let closed = put_out(&desk, tasks[0], &ana, TimeDelta::minutes(10)).await;
    until_confirmed(&mut screen, closed).await;
    let win = |bid| DeskRequest::SetBidWinner { bid, resource: ana.id };
    let early = desk.refused(win(closed)).await.code;
    let nothing_stands = Rejection::Bid(BidError::NoStandingOffer(BidLineStatus::Offered));
    assert_eq!(early, DeskErrorCode::Refused(nothing_stands), "who has not answered can't win");

    let canceled = put_out(&desk, tasks[1], &ana, TimeDelta::minutes(10)).await;
    let expired = put_out(&desk, tasks[2], &ana, TimeDelta::seconds(8)).await;
    for bid in [canceled, expired] {
        until_confirmed(&mut screen, bid).await;
    }
    for bid in [closed, canceled, expired] {
        offer(&ana, bid).await;
    }
    let all_offered = |screen: &Screen| {
        screen.bids.values().all(|view| view.bid.lines.iter().all(|line| line.status == BidLineStatus::Bid))
    };
    screen.until("the offers, live", all_offered).await;
    screen.until("an alert for an offer", |screen| !screen.alerts.is_empty()).await;

    desk.ask(win(closed)).await;
    screen.until("the winner's task", |screen| screen.tasks[&tasks[0]].task.resource == Some(ana.id)).await;
    desk.ask(DeskRequest::CancelBid { bid: canceled }).await;
    screen
        .until("the end of the third", |screen| {
            screen.bids[&expired].bid.status == BidStatus::Expired
                || now() > screen.bids[&expired].bid.deadline
        })
        .await;
    for (bid, expected) in
        [(closed, BidError::Closed), (canceled, BidError::Canceled), (expired, BidError::Expired)]
    {
        let refused = desk.refused(win(bid)).await.code;
        assert_eq!(refused, DeskErrorCode::Refused(Rejection::Bid(expected)), "each end says what it is");
    }
    assert_eq!(office.stored_task(tasks[0]).resource, Some(ana.id), "Ana has won the first");
    assert_eq!(office.stored_task(tasks[2]).resource, None, "and nobody the third");
    desk.desk.stop().await;
}
