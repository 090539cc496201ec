//! The way to the sync session: what is to be stored goes through one task, in order, so that the loop never waits for a disk.

use std::collections::BTreeSet;

use domain::CommandId;
use protocol::durable::NewCommand;
use protocol::view::{DeskError, DeskErrorCode, DeskResponse};
use sync::{HandleError, SyncHandle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::event::{DeskEvent, PlanAct, PlanStored, QueueChange, Reply};
use crate::planning::Outcome;

/// What may wait for the disk.
const WAITING: usize = 1_024;

/// Something to be done with the queue.
pub enum LinkAsk {
    /// Queue these, in order; then answer.
    Submit {
        /// The commands.
        commands: Vec<NewCommand>,
        /// Who waits for it.
        reply: (Reply, DeskResponse),
    },
    /// Queue what the desk itself has noticed: nobody waits for it, and none of it has to name the version of a row. What is not stored
    /// comes back to the loop.
    Note(Vec<NewCommand>),
    /// Put new commands in the place of those that wait for the user, in order. The first one decides the answer; those after it
    /// follow it as far as they can.
    Replace {
        /// Numbers of the old ones, each with the new one.
        replacements: Vec<(u64, NewCommand)>,
        /// Who waits for it.
        reply: Reply,
    },
    /// Queue what makes moves of a plan, in order, and answer; where a disk fails, the loop hears how far it came.
    MakePlan {
        /// Which plan.
        plan: u64,
        /// The commands.
        commands: Vec<NewCommand>,
        /// Who waits for it.
        reply: (Reply, DeskResponse),
    },
    /// Give commands of a plan up, or undo those that are on their way already; then queue the others, and answer. Where a disk fails,
    /// the loop hears how far it came.
    TakeBack {
        /// Which plan.
        plan: u64,
        /// What was never sent.
        withdrawals: Vec<Withdrawal>,
        /// The commands.
        commands: Vec<NewCommand>,
        /// Who waits for it.
        reply: (Reply, DeskResponse),
    },
    /// Say when everything asked before is done.
    Reached(oneshot::Sender<()>),
    /// Give a command up; if it is on its way already, do `otherwise`.
    Discard {
        /// Its number.
        n: u64,
        /// What to do instead.
        otherwise: Option<NewCommand>,
        /// Who waits for it.
        reply: Option<Reply>,
    },
}

/// Commands about one row that are given up.
#[derive(Debug)]
pub struct Withdrawal {
    /// Their numbers, oldest first.
    pub numbers: Vec<u64>,
    /// What undoes them if one is on its way already.
    pub otherwise: Option<NewCommand>,
}

/// What has to be known at once where something is not taken.
pub enum Refused {
    /// Something of a plan.
    Plan(Box<PlanStored>),
    /// What the desk itself has noticed.
    Notes(Vec<NewCommand>),
}

/// A running sync session.
pub struct Link {
    handle: SyncHandle,
    asks: mpsc::Sender<LinkAsk>,
    task: JoinHandle<()>,
}

impl Link {
    /// Takes over a session of this number; what was stored is told to `events`.
    pub fn new(handle: SyncHandle, session: u64, events: mpsc::Sender<DeskEvent>) -> Self {
        let (asks, asked) = mpsc::channel(WAITING);
        let task = tokio::spawn(work(handle.clone(), session, asked, events));
        Self { handle, asks, task }
    }

    /// The session's handle, for what needs no order.
    pub fn handle(&self) -> &SyncHandle {
        &self.handle
    }

    /// Asks; never waits. Answers with what the loop has to know at once where it is not taken.
    pub fn ask(&self, ask: LinkAsk) -> Option<Refused> {
        let refused = self.asks.try_send(ask).err()?;
        tracing::error!("the queue's disk is too slow: a command was not taken");
        let reply = match refused.into_inner() {
            LinkAsk::Submit { reply: (reply, _), .. } => Some(reply),
            LinkAsk::Note(commands) => return Some(Refused::Notes(commands)),
            LinkAsk::Replace { reply, .. } => Some(reply),
            LinkAsk::MakePlan { plan, commands, reply } => {
                let missing = commands.iter().map(|command| command.id).collect();
                return Some(Refused::Plan(Box::new(nothing_of((plan, PlanAct::Make), missing, reply))));
            }
            LinkAsk::TakeBack { plan, reply, .. } => {
                let nothing = nothing_of((plan, PlanAct::TakeBack), BTreeSet::new(), reply);
                return Some(Refused::Plan(Box::new(nothing)));
            }
            LinkAsk::Reached(_) => None,
            LinkAsk::Discard { reply, .. } => reply,
        };
        if let Some(reply) = reply {
            reply.send(Err(DeskErrorCode::Storage.into())).ok(); // else the front end is gone
        }
        None
    }

    /// Finishes what was asked, then ends the session: tells the server (`sign_out`) or not.
    pub async fn end(self, sign_out: bool) {
        drop(self.asks);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the queue's task did not end cleanly");
        }
        if sign_out { self.handle.sign_out().await } else { self.handle.stop().await }
    }
}

async fn work(
    handle: SyncHandle,
    session: u64,
    mut asked: mpsc::Receiver<LinkAsk>,
    events: mpsc::Sender<DeskEvent>,
) {
    while let Some(ask) = asked.recv().await {
        let stored = match ask {
            LinkAsk::Submit { commands, reply } => submit(&handle, commands, Some(reply)).await,
            LinkAsk::Note(commands) => note(&handle, session, commands, &events).await,
            LinkAsk::MakePlan { plan, commands, reply } => make_plan(&handle, plan, commands, reply).await,
            LinkAsk::TakeBack { plan, withdrawals, commands, reply } => {
                take_back(&handle, plan, (withdrawals, commands), reply).await
            }
            LinkAsk::Reached(reached) => {
                reached.send(()).ok(); // else nobody waits any more
                continue;
            }
            LinkAsk::Replace { replacements, reply } => replace(&handle, replacements, reply).await,
            LinkAsk::Discard { n, otherwise, reply } => match (handle.discard(n).await, otherwise) {
                (Err(HandleError::NotOpen), Some(command)) => {
                    submit(&handle, vec![command], reply.map(|reply| (reply, DeskResponse::Done))).await
                }
                (result, _) => {
                    let gone = result.is_ok().then_some(n).into_iter().collect();
                    let changed = QueueChange { gone, ..QueueChange::default() };
                    stored(changed, reply, result.map(|()| DeskResponse::Done))
                }
            },
        };
        // From a full inbox nothing is lost but time; from a closed one there is nobody to tell.
        if events.send(stored).await.is_err() {
            return;
        }
    }
}

async fn submit(
    handle: &SyncHandle,
    commands: Vec<NewCommand>,
    reply: Option<(Reply, DeskResponse)>,
) -> DeskEvent {
    let (reply, response) = reply.unzip();
    let mut changed = QueueChange::default();
    let result = submit_all(handle, commands, &mut changed).await;
    stored(changed, reply, result.map(|()| response.unwrap_or(DeskResponse::Done)))
}

/// All together; where that can't be done, each by itself.
async fn note(
    handle: &SyncHandle,
    session: u64,
    commands: Vec<NewCommand>,
    events: &mpsc::Sender<DeskEvent>,
) -> DeskEvent {
    let (mut changed, mut left) = (QueueChange::default(), Vec::new());
    match handle.submit_together(commands.clone()).await {
        Ok(numbers) => changed.new = numbers.into_iter().zip(commands).collect(),
        Err(together) => {
            for command in commands {
                match handle.submit(command.clone()).await {
                    Ok(n) => changed.new.push((n, command)),
                    Err(_) => left.push(command),
                }
            }
            if !left.is_empty() {
                explain(together);
            }
        }
    }
    if !left.is_empty() {
        let back = DeskEvent::NotNoted { session, commands: left };
        events.send(back).await.ok(); // else there is nobody to tell, as is found out next
    }
    stored(changed, None, Ok(DeskResponse::Done))
}

/// Until the first that can't be stored.
async fn submit_all(
    handle: &SyncHandle,
    commands: Vec<NewCommand>,
    changed: &mut QueueChange,
) -> Result<(), HandleError> {
    for command in commands {
        let n = handle.submit(command.clone()).await?;
        changed.new.push((n, command));
    }
    Ok(())
}

async fn make_plan(
    handle: &SyncHandle,
    plan: u64,
    commands: Vec<NewCommand>,
    reply: (Reply, DeskResponse),
) -> DeskEvent {
    let mut changed = QueueChange::default();
    let wanted: BTreeSet<CommandId> = commands.iter().map(|command| command.id).collect();
    let result = submit_all(handle, commands, &mut changed).await;
    plan_stored((plan, PlanAct::Make), (changed, &wanted), result, reply)
}

async fn take_back(
    handle: &SyncHandle,
    plan: u64,
    (withdrawals, mut commands): (Vec<Withdrawal>, Vec<NewCommand>),
    reply: (Reply, DeskResponse),
) -> DeskEvent {
    let mut changed = QueueChange::default();
    let mut result = withdraw(handle, withdrawals, &mut commands, &mut changed).await;
    let wanted: BTreeSet<CommandId> = commands.iter().map(|command| command.id).collect();
    if result.is_ok() {
        result = submit_all(handle, commands, &mut changed).await;
    }
    plan_stored((plan, PlanAct::TakeBack), (changed, &wanted), result, reply)
}

/// Gives up what was never sent, until the first that can't be; what undoes the others comes to `commands`.
async fn withdraw(
    handle: &SyncHandle,
    withdrawals: Vec<Withdrawal>,
    commands: &mut Vec<NewCommand>,
    changed: &mut QueueChange,
) -> Result<(), HandleError> {
    for Withdrawal { numbers, otherwise } in withdrawals {
        let mut sent = 0;
        // The newest first: it builds on those before it.
        for n in numbers.into_iter().rev() {
            match handle.discard(n).await {
                Ok(()) => changed.gone.push(n),
                Err(HandleError::NotOpen) => sent += 1,
                Err(error) => return Err(error),
            }
        }
        // Each that was sent makes one version more, whether the row has come back by now or not.
        let back = otherwise.filter(|_| sent > 0);
        let after = |back: NewCommand| NewCommand { if_match: back.if_match.map(|seen| seen + sent), ..back };
        commands.extend(back.map(after));
    }
    Ok(())
}

async fn replace(handle: &SyncHandle, replacements: Vec<(u64, NewCommand)>, reply: Reply) -> DeskEvent {
    let mut changed = QueueChange::default();
    for (old, new) in replacements {
        match handle.replace(old, new.clone()).await {
            Ok(n) => {
                changed.gone.push(old);
                changed.new.push((n, new));
            }
            Err(error) if changed.new.is_empty() => return stored(changed, Some(reply), Err(error)),
            // It still waits for the user, who sees that.
            Err(error) => {
                tracing::warn!(%error, n = old, "a command did not follow the one that it builds on")
            }
        }
    }
    stored(changed, Some(reply), Ok(DeskResponse::Done))
}

fn stored(
    changed: QueueChange,
    reply: Option<Reply>,
    result: Result<DeskResponse, HandleError>,
) -> DeskEvent {
    DeskEvent::Stored { changed, reply, result: result.map_err(explain) }
}

fn plan_stored(
    (plan, act): (u64, PlanAct),
    (changed, wanted): (QueueChange, &BTreeSet<CommandId>),
    result: Result<(), HandleError>,
    (reply, answer): (Reply, DeskResponse),
) -> DeskEvent {
    let stored: BTreeSet<CommandId> = changed.new.iter().map(|(_, command)| command.id).collect();
    let outcome = Outcome {
        missing: wanted.difference(&stored).copied().collect(),
        gone: changed.gone.iter().copied().collect(),
        stored,
        fault: result.err().map(explain),
    };
    DeskEvent::PlanStored(Box::new(PlanStored { plan, act, changed, outcome, answer, reply }))
}

/// Nothing was done, since nothing can be taken just now.
fn nothing_of(
    (plan, act): (u64, PlanAct),
    missing: BTreeSet<CommandId>,
    (reply, answer): (Reply, DeskResponse),
) -> PlanStored {
    let outcome = Outcome { missing, fault: Some(DeskErrorCode::Storage.into()), ..Outcome::default() };
    PlanStored { plan, act, changed: QueueChange::default(), outcome, answer, reply }
}

fn explain(error: HandleError) -> DeskError {
    match error {
        HandleError::Storage(fault) => {
            tracing::error!(%fault, "a command was not stored");
            DeskErrorCode::Storage.into()
        }
        HandleError::NotOpen => DeskErrorCode::TooLateToUndo.into(),
        HandleError::Stopped => DeskErrorCode::NotSignedIn.into(),
        HandleError::Start(error) => {
            tracing::error!(error, "the sync session did not start");
            DeskErrorCode::Internal.into()
        }
    }
}

#[cfg(test)]
mod tests;
