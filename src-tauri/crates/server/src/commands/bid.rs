//! Commands about bids.

use domain::access::Action;
use domain::bid::{Bid, BidStatus, Invitation};
use domain::task::{AssignError, Task};
use domain::{BidId, ResourceId, TaskId};
use protocol::entity::EntityKind;
use protocol::wire::Rejection;

use super::{Done, Refused, Work};
use crate::storage::StorageError;

impl Work<'_, '_, '_> {
    pub(super) fn open_bid(&mut self, invitation: &Invitation) -> Result<Done, Refused> {
        let (task, _) = self.visible::<Task>(invitation.task.0)?;
        if task.status.is_started() {
            return Err(Rejection::Assign(AssignError::Started(task.status)).into());
        }
        if task.status.is_final() {
            return Err(Rejection::Assign(AssignError::Over(task.status)).into());
        }
        for &resource in &invitation.invite {
            self.reachable(Action::EditBid, resource)?;
        }
        let company = self.ledger.company().0;
        let known = self.ledger.tx().entity(company, EntityKind::Bid, invitation.id.0)?;
        if known.is_some() || self.is_out_to_bid(invitation.task)? {
            return Err(Rejection::Exists.into());
        }
        let (user, now) = (self.sender.principal.user.id, self.ledger.now());
        let bid = Bid::open(invitation.clone(), user, now).map_err(Rejection::Bid)?;
        Ok(self.ledger.put(bid)?.into())
    }

    /// A task is offered once at a time.
    fn is_out_to_bid(&self, task: TaskId) -> Result<bool, Refused> {
        let now = self.ledger.now();
        for row in self.ledger.tx().entities(self.ledger.company().0, EntityKind::Bid)? {
            let bid: Bid = serde_json::from_str(&row.data).map_err(StorageError::from)?;
            if bid.task == task && bid.status == BidStatus::Open && now < bid.deadline {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bid closes and its task goes to the winner: both or neither.
    pub(super) fn set_winner(&mut self, id: BidId, winner: ResourceId) -> Result<Done, Refused> {
        let (mut bid, _) = self.visible::<Bid>(id.0)?;
        let now = self.ledger.now();
        bid.set_winner(winner, now).map_err(Rejection::Bid)?;
        self.reachable(Action::SetBidWinner, winner)?;
        let (mut task, _) = self.ledger.load::<Task>(bid.task.0)?.ok_or(Rejection::NotFound)?;
        task.assign(Some(winner), now, self.actor()).map_err(Rejection::Assign)?;
        let closed = self.ledger.put(bid)?;
        let assigned = self.ledger.put(task)?;
        Ok(Done { version: closed.version, seq: Some(assigned.seq) })
    }

    pub(super) fn cancel_bid(&mut self, id: BidId) -> Result<Done, Refused> {
        let (mut bid, _) = self.visible::<Bid>(id.0)?;
        bid.cancel(self.ledger.now()).map_err(Rejection::Bid)?;
        Ok(self.ledger.put(bid)?.into())
    }
}
