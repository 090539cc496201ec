//! Answering bids, by distance and workload.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::{Bid, BidAnswer, BidLineStatus, BidStatus, Offer};
use domain::entry::EntryBody;
use domain::{BidId, LonLat};
use eta::Route;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::motion::at_pace;
use crate::handset::Handset;
use crate::roads::Roads;

/// Half of all people bid for something this far away, seconds of driving.
const FAR_SECS: f64 = 900.0;

/// What one person thinks of the bids on the phone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bidding {
    /// When each will be answered.
    due: BTreeMap<BidId, DateTime<Utc>>,
    seen: BTreeSet<BidId>,
    answered: BTreeSet<BidId>,
}

/// Where the person is, and the roads from there.
#[derive(Clone, Copy)]
pub(crate) struct Standpoint<'a> {
    pub at: LonLat,
    pub roads: &'a dyn Roads,
}

impl Bidding {
    /// The next answer that is due at `now`.
    pub fn next(
        &mut self,
        handset: &Handset,
        standpoint: Standpoint<'_>,
        now: DateTime<Utc>,
        rng: &mut ChaCha8Rng,
    ) -> Option<EntryBody> {
        let open = |bid: &&Bid| {
            let line = bid.line(handset.id()).map(|line| line.status);
            let asked = matches!(line, Some(BidLineStatus::Offered | BidLineStatus::Seen));
            asked && bid.status == BidStatus::Open && bid.deadline > now
        };
        for bid in handset.bids().iter().filter(open).filter(|bid| !self.answered.contains(&bid.id)) {
            let due =
                *self.due.entry(bid.id).or_insert_with(|| now + TimeDelta::seconds(rng.random_range(3..10)));
            if due > now {
                continue;
            }
            if self.seen.insert(bid.id) {
                // Having opened it, people think for a while; who is at the wheel, longer.
                self.due.insert(bid.id, now + TimeDelta::seconds(rng.random_range(4..25)));
                return Some(EntryBody::BidResponse { bid: bid.id, answer: BidAnswer::Seen });
            }
            let answer = decide(bid, handset, standpoint, rng);
            return Some(EntryBody::BidResponse { bid: bid.id, answer });
        }
        None
    }

    /// The answer to a bid is on its way; it is not given again.
    pub fn reported(&mut self, body: &EntryBody) {
        if let EntryBody::BidResponse { bid, answer: BidAnswer::Bid(_) | BidAnswer::Declined } = body {
            self.answered.insert(*bid);
        }
    }
}

fn decide(bid: &Bid, handset: &Handset, standpoint: Standpoint<'_>, rng: &mut ChaCha8Rng) -> BidAnswer {
    let Standpoint { at, roads } = standpoint;
    let way: Option<Route> = handset.task(bid.task).and_then(|task| roads.way(at, task.at));
    let way = way.map(|way| at_pace(way, handset.resource().travels));
    let open_tasks = handset.tasks().filter(|task| !task.status.is_over()).count() as f64;
    let drive_secs = way.as_ref().map_or(FAR_SECS, |way| way.duration_secs);
    let keen = (0.5f64).powf(drive_secs / FAR_SECS) / (1.0 + 0.25 * open_tasks);
    if !rng.random_bool(keen.clamp(0.05, 0.95)) {
        return BidAnswer::Declined;
    }
    let busy_secs = open_tasks * 600.0;
    let kilometres = way.as_ref().map_or(5.0, |way| way.distance_m / 1000.0);
    let price = 25.0 + 1.5 * kilometres + rng.random_range(0.0..20.0);
    BidAnswer::Bid(Offer {
        eta_secs: way.map(|way| (way.duration_secs + busy_secs) as u32),
        price_minor: Some((price * 2.0).round() as i64 * 50),
        comment: if open_tasks > 0.0 { "After my current job".to_owned() } else { String::new() },
    })
}
