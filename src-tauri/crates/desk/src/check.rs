//! What can be refused at once, before anything is queued: rights, drafts, status steps, bids.

use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::bid::Bid;
use domain::company::User;
use domain::place::Poi;
use domain::task::{Actor, AssignError, StatusStep, Task};
use domain::{BidId, ResourceId, TaskId};
use protocol::view::{DeskError, DeskErrorCode};
use protocol::wire::{CommandBody, Rejection};

use crate::rows::Rows;

/// Longest remark, characters.
const NOTE_CHARS: usize = 2_000;

/// The right that a command needs.
pub fn action_of(body: &CommandBody) -> Action {
    match body {
        CommandBody::TaskCreate(_)
        | CommandBody::TaskEdit { .. }
        | CommandBody::TaskStatus { .. }
        | CommandBody::TaskPromise { .. }
        | CommandBody::TaskPromiseWithdraw { .. }
        | CommandBody::TaskNote { .. } => Action::EditTask,
        CommandBody::TaskAssign { .. } | CommandBody::TaskPlan { .. } => Action::AssignTask,
        CommandBody::BidOpen(_) | CommandBody::BidCancel { .. } => Action::EditBid,
        CommandBody::BidSetWinner { .. } => Action::SetBidWinner,
        CommandBody::LocationRequest { .. } => Action::RequestLocation,
        CommandBody::AlertRaise(_) => Action::ReadWork,
        CommandBody::AlertAct { .. } => Action::HandleAlert,
        CommandBody::PoiPut(_) | CommandBody::PoiEdit { .. } | CommandBody::PoiDelete { .. } => {
            Action::EditPlace
        }
        CommandBody::RulePut(_) | CommandBody::RuleDelete { .. } => Action::EditRule,
    }
}

/// Whether `user` may ask this of the rows as they are shown.
///
/// # Errors
/// [`DeskErrorCode::Forbidden`], [`DeskErrorCode::Refused`], [`DeskErrorCode::Private`] or [`DeskErrorCode::BadInput`].
pub fn command(rows: &Rows, user: &User, body: &CommandBody, now: DateTime<Utc>) -> Result<(), DeskError> {
    if !user.role.may(action_of(body)) {
        return Err(DeskErrorCode::Forbidden.into());
    }
    match body {
        CommandBody::TaskNote { task, text } => {
            find_task(rows, *task).map_err(refused)?;
            in_range("text", (1..=NOTE_CHARS).contains(&text.trim().chars().count()))
        }
        CommandBody::LocationRequest { resource } => {
            let card = rows.resources.get(resource).ok_or_else(|| refused(Rejection::NotFound))?;
            if card.data.private_since.is_some() { Err(DeskErrorCode::Private.into()) } else { Ok(()) }
        }
        CommandBody::TaskCreate(_)
        | CommandBody::TaskEdit { .. }
        | CommandBody::TaskAssign { .. }
        | CommandBody::TaskPlan { .. }
        | CommandBody::TaskPromise { .. }
        | CommandBody::TaskPromiseWithdraw { .. }
        | CommandBody::TaskStatus { .. }
        | CommandBody::BidOpen(_)
        | CommandBody::BidSetWinner { .. }
        | CommandBody::BidCancel { .. }
        | CommandBody::AlertRaise(_)
        | CommandBody::AlertAct { .. }
        | CommandBody::PoiPut(_)
        | CommandBody::PoiEdit { .. }
        | CommandBody::PoiDelete { .. }
        | CommandBody::RulePut(_)
        | CommandBody::RuleDelete { .. } => by_the_rules(rows, user, body, now).map_err(refused),
    }
}

/// A value out of range, by the name of its field.
pub fn in_range(field: &str, holds: bool) -> Result<(), DeskError> {
    if holds {
        return Ok(());
    }
    Err(DeskError { code: DeskErrorCode::BadInput, detail: Some(field.to_owned()) })
}

fn by_the_rules(rows: &Rows, user: &User, body: &CommandBody, now: DateTime<Utc>) -> Result<(), Rejection> {
    let by = Actor::Office(user.id);
    match body {
        CommandBody::TaskCreate(draft) if rows.tasks.contains_key(&draft.id) => Err(Rejection::Exists),
        CommandBody::TaskCreate(draft) => draft.check().map_err(Rejection::Draft),
        CommandBody::TaskEdit { task, draft, .. } => {
            find_task(rows, *task)?;
            draft.check().map_err(Rejection::Draft)
        }
        CommandBody::TaskAssign { task, resource, choice } => {
            resource.map_or(Ok(()), |resource| assignable(rows, resource))?;
            if choice.as_ref().is_some_and(|made| !made.fits(*resource)) {
                return Err(Rejection::Choice);
            }
            find_task(rows, *task)?.clone().assign(*resource, now, by).map_err(Rejection::Assign)
        }
        CommandBody::TaskPlan { task, resource, planned_start } => {
            resource.map_or(Ok(()), |resource| assignable(rows, resource))?;
            let mut planned = find_task(rows, *task)?.clone();
            planned.plan(*resource, *planned_start, now, by).map_err(Rejection::Assign)
        }
        CommandBody::TaskPromise { task, promise, text } => {
            promise.check(now).map_err(Rejection::Promise)?;
            promise.check_text(text.as_deref()).map_err(Rejection::Promise)?;
            find_task(rows, *task)?.clone().promise(promise, now, by).map_err(Rejection::Promise)
        }
        CommandBody::TaskPromiseWithdraw { task, promise } => {
            find_task(rows, *task)?.clone().withdraw_promise(*promise, now).map_err(Rejection::Promise)
        }
        CommandBody::TaskStatus { task, to, reason } => {
            let step = StatusStep { status: *to, at: now, by, reason: reason.clone() };
            find_task(rows, *task)?.clone().advance(step).map_err(Rejection::Step)
        }
        CommandBody::BidOpen(invitation) => {
            offerable(rows, find_task(rows, invitation.task)?)?;
            invitation.invite.iter().try_for_each(|resource| assignable(rows, *resource))?;
            Bid::open(invitation.clone(), user.id, now).map(drop).map_err(Rejection::Bid)
        }
        CommandBody::BidSetWinner { bid, resource } => {
            find_bid(rows, *bid)?.clone().set_winner(*resource, now).map_err(Rejection::Bid)
        }
        CommandBody::BidCancel { bid } => find_bid(rows, *bid)?.clone().cancel(now).map_err(Rejection::Bid),
        CommandBody::AlertAct { alert, action } => {
            let row = rows.alerts.get(alert).ok_or(Rejection::NotFound)?;
            row.data.clone().act(action, user.id, now).map(drop).map_err(Rejection::Alert)
        }
        CommandBody::PoiPut(poi) => usable(poi),
        CommandBody::PoiEdit { draft, .. } => {
            exists(rows.pois.contains_key(&draft.id))?;
            usable(draft)
        }
        CommandBody::RulePut(rule) => rule.check().map_err(Rejection::Rule),
        CommandBody::RuleDelete { rule } => exists(rows.rules.contains_key(rule)),
        CommandBody::PoiDelete { poi } => exists(rows.pois.contains_key(poi)),
        CommandBody::TaskNote { .. } | CommandBody::LocationRequest { .. } | CommandBody::AlertRaise(_) => {
            Ok(())
        }
    }
}

fn usable(poi: &Poi) -> Result<(), Rejection> {
    let Some(fence) = &poi.fence else { return Ok(()) };
    fence.check_rules().map_err(Rejection::Rule)?;
    fence.shape.check().map_err(|error| Rejection::Shape(error.to_string()))
}

fn refused(reason: Rejection) -> DeskError {
    DeskErrorCode::Refused(reason).into()
}

fn exists(there: bool) -> Result<(), Rejection> {
    if there { Ok(()) } else { Err(Rejection::NotFound) }
}

fn find_task(rows: &Rows, task: TaskId) -> Result<&Task, Rejection> {
    rows.tasks.get(&task).map(|row| &row.data).ok_or(Rejection::NotFound)
}

fn find_bid(rows: &Rows, bid: BidId) -> Result<&Bid, Rejection> {
    rows.bids.get(&bid).map(|row| &row.data).ok_or(Rejection::NotFound)
}

fn assignable(rows: &Rows, resource: ResourceId) -> Result<(), Rejection> {
    match rows.resources.get(&resource) {
        None => Err(Rejection::NotFound),
        Some(card) if card.data.disabled => Err(Rejection::ResourceDisabled),
        Some(_) => Ok(()),
    }
}

/// A task can be out to one bid at a time, and only while it could be assigned.
fn offerable(rows: &Rows, task: &Task) -> Result<(), Rejection> {
    let is_open = |bid: &Bid| bid.task == task.id && bid.status == domain::bid::BidStatus::Open;
    if rows.bids.values().any(|row| is_open(&row.data)) {
        return Err(Rejection::Exists);
    }
    if task.status.is_started() {
        return Err(Rejection::Assign(AssignError::Started(task.status)));
    }
    if task.status.is_over() {
        return Err(Rejection::Assign(AssignError::Over(task.status)));
    }
    Ok(())
}
