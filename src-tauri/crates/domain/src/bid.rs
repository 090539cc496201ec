//! Bids: a task offered to many resources; the office picks the winner.
//!
//! ```text
//! Open ── set_winner ─▶ Closed         line: Offered ─▶ Seen ─▶ Bid ─▶ Won | Lost
//!   ├──── cancel ─────▶ Canceled                 └───────┴─▶ Declined   Bid ─▶ Withdrawn ─▶ Bid
//!   └──── deadline ───▶ Expired                  all open lines ─▶ Expired with the bid (Lost where answered)
//! ```

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{BidId, ResourceId, TaskId, UserId};

/// A task put out to bid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bid {
    /// Identity.
    pub id: BidId,
    /// What is offered.
    pub task: TaskId,
    /// Who offered it.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Answers are taken until then.
    pub deadline: DateTime<Utc>,
    /// How far it is.
    pub status: BidStatus,
    /// One line per invitee.
    pub lines: Vec<BidLine>,
}

/// The contract's bid states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BidStatus {
    /// Taking answers.
    Open,
    /// A winner is set.
    Closed,
    /// The office took the offer back.
    Canceled,
    /// The deadline passed without a winner.
    Expired,
}

/// One invitee's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BidLine {
    /// Who is invited.
    pub resource: ResourceId,
    /// How far this line is.
    pub status: BidLineStatus,
    /// The answer, once there is one; kept after a withdrawal.
    pub offer: Option<Offer>,
    /// When the line last changed.
    pub changed_at: DateTime<Utc>,
}

/// What an invitee offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The invitee's own estimate until arrival, seconds.
    pub eta_secs: Option<u32>,
    /// Price in the company currency's minor unit.
    pub price_minor: Option<i64>,
    /// A remark.
    pub comment: String,
}

/// The states of a bid line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract's names; the module's drawing says how they follow")]
pub enum BidLineStatus {
    Offered,
    Seen,
    Bid,
    Declined,
    Withdrawn,
    Expired,
    Won,
    Lost,
}

/// Why something can't be done to a bid. A closed, a canceled and an expired bid are three different errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum BidError {
    /// A winner is already set.
    #[error("this bid already has a winner")]
    Closed,
    /// The office took the offer back.
    #[error("this bid was canceled")]
    Canceled,
    /// The deadline has passed.
    #[error("this bid has expired")]
    Expired,
    /// The resource has no line.
    #[error("this resource was not invited to the bid")]
    NotInvited,
    /// The winner must have answered with a bid that still stands.
    #[error("this resource has no standing bid ({0:?})")]
    NoStandingOffer(BidLineStatus),
    /// The line's state doesn't allow it.
    #[error("a bid line that is {from:?} can't become {to:?}")]
    IllegalLine {
        /// The line's state now.
        from: BidLineStatus,
        /// The state asked for.
        to: BidLineStatus,
    },
    /// Nobody to ask.
    #[error("a bid needs at least one invitee")]
    NobodyInvited,
    /// It would be over before it began.
    #[error("the deadline is not in the future")]
    DeadlinePassed,
}

/// What an invitee says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum BidAnswer {
    /// Has opened the invitation.
    Seen,
    /// Wants the task.
    Bid(Offer),
    /// Does not.
    Declined,
    /// Takes the bid back.
    Withdrawn,
}

impl BidAnswer {
    fn line_status(&self) -> BidLineStatus {
        match self {
            BidAnswer::Seen => BidLineStatus::Seen,
            BidAnswer::Bid(_) => BidLineStatus::Bid,
            BidAnswer::Declined => BidLineStatus::Declined,
            BidAnswer::Withdrawn => BidLineStatus::Withdrawn,
        }
    }
}

impl BidLineStatus {
    /// All states.
    pub const ALL: [BidLineStatus; 8] = [
        BidLineStatus::Offered,
        BidLineStatus::Seen,
        BidLineStatus::Bid,
        BidLineStatus::Declined,
        BidLineStatus::Withdrawn,
        BidLineStatus::Expired,
        BidLineStatus::Won,
        BidLineStatus::Lost,
    ];

    /// Whether an answer may take the line from this state to `to`.
    pub fn allows(self, to: BidLineStatus) -> bool {
        use BidLineStatus::*;
        match self {
            Offered => matches!(to, Seen | Bid | Declined),
            Seen => matches!(to, Bid | Declined),
            Bid => matches!(to, Bid | Withdrawn),
            Withdrawn | Declined => matches!(to, Bid),
            Expired | Won | Lost => false,
        }
    }
}

/// Who is invited, from whom, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The new bid's id.
    pub id: BidId,
    /// What is offered.
    pub task: TaskId,
    /// Who is asked; doubles are dropped.
    pub invite: Vec<ResourceId>,
    /// Answers are taken until then.
    pub deadline: DateTime<Utc>,
}

impl Bid {
    /// Puts a task out to bid.
    pub fn open(invitation: Invitation, created_by: UserId, now: DateTime<Utc>) -> Result<Bid, BidError> {
        if invitation.deadline <= now {
            return Err(BidError::DeadlinePassed);
        }
        let mut lines: Vec<BidLine> = Vec::with_capacity(invitation.invite.len());
        for resource in invitation.invite {
            if lines.iter().all(|line| line.resource != resource) {
                lines.push(BidLine {
                    resource,
                    status: BidLineStatus::Offered,
                    offer: None,
                    changed_at: now,
                });
            }
        }
        if lines.is_empty() {
            return Err(BidError::NobodyInvited);
        }
        Ok(Bid {
            id: invitation.id,
            task: invitation.task,
            created_by,
            created_at: now,
            deadline: invitation.deadline,
            status: BidStatus::Open,
            lines,
        })
    }

    /// The line of `resource`.
    pub fn line(&self, resource: ResourceId) -> Option<&BidLine> {
        self.lines.iter().find(|line| line.resource == resource)
    }

    /// The winner, once there is one.
    pub fn winner(&self) -> Option<ResourceId> {
        self.lines.iter().find(|line| line.status == BidLineStatus::Won).map(|line| line.resource)
    }

    /// Records an invitee's answer given at `at` (its event time, so an answer sent late but given in time counts).
    pub fn answer(
        &mut self,
        resource: ResourceId,
        answer: BidAnswer,
        at: DateTime<Utc>,
    ) -> Result<(), BidError> {
        self.check_open(at)?;
        let line =
            self.lines.iter_mut().find(|line| line.resource == resource).ok_or(BidError::NotInvited)?;
        let to = answer.line_status();
        if to == BidLineStatus::Seen && line.status != BidLineStatus::Offered {
            return Ok(()); // opening the invitation again says nothing new
        }
        if !line.status.allows(to) {
            return Err(BidError::IllegalLine { from: line.status, to });
        }
        if let BidAnswer::Bid(offer) = answer {
            line.offer = Some(offer);
        }
        (line.status, line.changed_at) = (to, at);
        Ok(())
    }

    /// Sets the winner (`SetBidWinner`): the bid closes, every other open line is lost.
    pub fn set_winner(&mut self, resource: ResourceId, now: DateTime<Utc>) -> Result<(), BidError> {
        self.check_open(now)?;
        let line = self.line(resource).ok_or(BidError::NotInvited)?;
        if line.status != BidLineStatus::Bid {
            return Err(BidError::NoStandingOffer(line.status));
        }
        self.end_lines(
            now,
            |line| if line.resource == resource { BidLineStatus::Won } else { BidLineStatus::Lost },
        );
        self.status = BidStatus::Closed;
        Ok(())
    }

    /// The office takes the offer back.
    pub fn cancel(&mut self, now: DateTime<Utc>) -> Result<(), BidError> {
        self.check_open(now)?;
        self.end_lines(now, |_| BidLineStatus::Lost);
        self.status = BidStatus::Canceled;
        Ok(())
    }

    /// Expires the bid when its deadline has passed; says whether it did.
    pub fn expire(&mut self, now: DateTime<Utc>) -> bool {
        if self.status != BidStatus::Open || now < self.deadline {
            return false;
        }
        self.end_lines(now, |line| match line.status {
            BidLineStatus::Bid => BidLineStatus::Lost,
            BidLineStatus::Offered
            | BidLineStatus::Seen
            | BidLineStatus::Declined
            | BidLineStatus::Withdrawn
            | BidLineStatus::Expired
            | BidLineStatus::Won
            | BidLineStatus::Lost => BidLineStatus::Expired,
        });
        self.status = BidStatus::Expired;
        true
    }

    fn check_open(&self, at: DateTime<Utc>) -> Result<(), BidError> {
        match self.status {
            BidStatus::Closed => Err(BidError::Closed),
            BidStatus::Canceled => Err(BidError::Canceled),
            BidStatus::Expired => Err(BidError::Expired),
            BidStatus::Open if at >= self.deadline => Err(BidError::Expired),
            BidStatus::Open => Ok(()),
        }
    }

    fn end_lines(&mut self, now: DateTime<Utc>, end: impl Fn(&BidLine) -> BidLineStatus) {
        for line in &mut self.lines {
            if !matches!(line.status, BidLineStatus::Declined | BidLineStatus::Withdrawn) {
                (line.status, line.changed_at) = (end(line), now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("time")
    }

    fn who(n: u128) -> ResourceId {
        ResourceId(Uuid::from_u128(n))
    }

    fn bid() -> Bid {
        let invitation = Invitation {
            id: BidId(Uuid::from_u128(1)),
            task: TaskId(Uuid::from_u128(2)),
            invite: vec![who(1), who(2), who(3), who(1)],
            deadline: at(30),
        };
        Bid::open(invitation, UserId(Uuid::from_u128(9)), at(0)).expect("opens")
    }

    fn offer(eta_secs: u32) -> BidAnswer {
        BidAnswer::Bid(Offer { eta_secs: Some(eta_secs), price_minor: Some(4_500), comment: String::new() })
    }

    #[test]
    fn the_winner_is_picked_among_standing_offers() {
        let mut bid = bid();
        assert_eq!(bid.lines.len(), 3, "a double invitation is one line");
        bid.answer(who(1), offer(600), at(1)).expect("answers");
        bid.answer(who(2), BidAnswer::Declined, at(2)).expect("declines");
        assert_eq!(
            bid.set_winner(who(3), at(3)),
            Err(BidError::NoStandingOffer(BidLineStatus::Offered)),
            "never answered"
        );
        bid.set_winner(who(1), at(3)).expect("a standing offer wins");
        assert_eq!(bid.winner(), Some(who(1)), "the winner is on the line");
        assert_eq!(
            bid.line(who(2)).map(|line| line.status),
            Some(BidLineStatus::Declined),
            "a no stays a no"
        );
        assert_eq!(bid.line(who(3)).map(|line| line.status), Some(BidLineStatus::Lost), "the rest has lost");
    }

    #[test]
    fn closed_canceled_and_expired_are_three_different_errors() {
        let mut answered = bid();
        answered.answer(who(1), offer(600), at(1)).expect("answers");
        let (mut closed, mut canceled, mut expired) = (answered.clone(), answered.clone(), answered);
        closed.set_winner(who(1), at(2)).expect("closes");
        canceled.cancel(at(2)).expect("cancels");
        assert!(expired.expire(at(30)), "the deadline is over");
        assert_eq!(closed.set_winner(who(1), at(3)), Err(BidError::Closed), "closed");
        assert_eq!(canceled.set_winner(who(1), at(3)), Err(BidError::Canceled), "canceled");
        assert_eq!(expired.set_winner(who(1), at(31)), Err(BidError::Expired), "expired");
    }

    #[test]
    fn an_answer_given_in_time_counts_even_before_the_expiry_job_ran() {
        assert_eq!(
            bid().answer(who(1), offer(60), at(30)),
            Err(BidError::Expired),
            "at the deadline it is too late"
        );
        assert_eq!(bid().answer(who(1), offer(60), at(29)), Ok(()), "a minute before it counts");
    }

    #[derive(Debug, Clone)]
    enum Move {
        Answer(u128, BidAnswer),
        Win(u128),
        Cancel,
        Expire,
    }

    fn any_move() -> impl Strategy<Value = Move> {
        let answer = prop_oneof![
            Just(BidAnswer::Seen),
            (0u32..900).prop_map(offer),
            Just(BidAnswer::Declined),
            Just(BidAnswer::Withdrawn)
        ];
        prop_oneof![
            8 => (1u128..5, answer).prop_map(|(n, answer)| Move::Answer(n, answer)),
            2 => (1u128..5).prop_map(Move::Win),
            1 => Just(Move::Cancel),
            1 => Just(Move::Expire),
        ]
    }

    proptest! {
        #[test]
        fn a_bid_has_a_winner_exactly_when_closed_and_ends_only_once(moves in proptest::collection::vec(any_move(), 0..50)) {
            let mut bid = bid();
            let mut ended: Option<BidStatus> = None;
            for (minute, next) in moves.into_iter().enumerate() {
                let now = at(minute as i64 / 2);
                let before = bid.clone();
                let changed = match next {
                    Move::Answer(n, answer) => bid.answer(who(n), answer, now).is_ok(),
                    Move::Win(n) => bid.set_winner(who(n), now).is_ok(),
                    Move::Cancel => bid.cancel(now).is_ok(),
                    Move::Expire => bid.expire(now),
                };
                if !changed {
                    prop_assert_eq!(&bid, &before, "a refused move changes nothing");
                }
                if let Some(end) = ended {
                    prop_assert_eq!(bid.status, end, "an ended bid stays as it ended");
                }
                if bid.status != BidStatus::Open {
                    ended = Some(bid.status);
                }
                let winners = bid.lines.iter().filter(|line| line.status == BidLineStatus::Won).count();
                prop_assert_eq!(winners, usize::from(bid.status == BidStatus::Closed), "one winner, only when closed");
            }
        }
    }
}
