//! The loop that owns core and stores.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use protocol::durable::{Incident, IncidentKind, NewCommand, StoredCache, StoredOutbox};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::http::Http;
use super::live;
use super::session::{HandleError, Session};
use crate::core::SyncCore;
use crate::event::SyncEvent;
use crate::io::{Call, Input, LiveId, Output, RequestId, Secret, StoreFile, Tokens, UserAction};
use crate::storage::{CacheStore, OutboxStore, StorageFault};
use crate::time::Clock;

/// Inputs from the network that may wait.
const INPUTS_WAITING: usize = 256;
/// Events that may wait for the controller before the network is held up.
const EVENTS_WAITING: usize = 256;
/// After a failed write: the first pause, doubled each time up to thirty-two times as long.
const STORE_PAUSE_MS: u64 = 500;

/// What handles ask.
pub(super) enum Ask {
    Submit { new: Vec<NewCommand>, reply: oneshot::Sender<Result<Vec<u64>, HandleError>> },
    Replace { n: u64, new: Box<NewCommand>, reply: oneshot::Sender<Result<u64, HandleError>> },
    Discard { n: u64, reply: oneshot::Sender<Result<(), HandleError>> },
    TryNow,
    SignedIn(Tokens),
    TokenRefused(Secret),
}

/// The loop's state.
pub(super) struct Driver<C, O> {
    core: SyncCore,
    cache: C,
    outbox: O,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
    events: mpsc::Sender<SyncEvent>,
    backlog: VecDeque<SyncEvent>,
    net: Net,
    access: watch::Sender<Secret>,
    wake_ms: u64,
    tokens: Option<Tokens>,
    /// Set while the core waits to be started from what is stored; how often that failed in a row.
    broken: Option<u32>,
}

/// Network tasks.
struct Net {
    http: Http,
    tasks: JoinSet<()>,
    inputs: mpsc::Sender<Input>,
    received: mpsc::Receiver<Input>,
    requests: HashMap<RequestId, AbortHandle>,
    live: Option<(LiveId, AbortHandle)>,
}

impl<C: CacheStore, O: OutboxStore> Driver<C, O> {
    pub fn new(
        session: Session<C, O>,
        http: Http,
        access: watch::Sender<Secret>,
        cancel: CancellationToken,
    ) -> Self {
        let (inputs, received) = mpsc::channel(INPUTS_WAITING);
        let (requests, live, tasks) = (HashMap::new(), None, JoinSet::new());
        Driver {
            core: SyncCore::new(session.config.core, session.config.seed),
            cache: session.cache,
            outbox: session.outbox,
            clock: session.clock,
            cancel,
            events: session.events,
            backlog: VecDeque::new(),
            net: Net { http, tasks, inputs, received, requests, live },
            access,
            wake_ms: 0,
            tokens: Some(session.tokens),
            broken: Some(0),
        }
    }

    /// Runs until it is cancelled or the controller is gone.
    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let (cancel, events) = (self.cancel.clone(), self.events.clone());
        while !cancel.is_cancelled() {
            if self.broken.is_some() {
                self.start_core();
            }
            let pause = Duration::from_millis(self.wake_ms.saturating_sub(self.clock.now().mono_ms));
            let listening = self.backlog.len() < EVENTS_WAITING && self.broken.is_none();
            tokio::select! {
                () = cancel.cancelled() => break,
                ask = asks.recv() => match ask {
                    Some(ask) => self.on_ask(ask),
                    None => break,
                },
                Some(input) = self.net.received.recv(), if listening => self.step(input),
                permit = events.reserve(), if !self.backlog.is_empty() => match permit {
                    Ok(permit) => self.backlog.pop_front().map_or((), |event| permit.send(event)),
                    Err(_) => break,
                },
                Some(_) = self.net.tasks.join_next(), if !self.net.tasks.is_empty() => {}
                () = tokio::time::sleep(pause) => {
                    if self.broken.is_none() {
                        self.step(Input::Timer);
                    }
                }
            }
        }
        self.net.tasks.shutdown().await;
    }

    /// (Re)starts the core from what is stored.
    fn start_core(&mut self) {
        if self.broken != Some(0) && self.clock.now().mono_ms < self.wake_ms {
            return;
        }
        match self.load() {
            Ok((cache, outbox)) => {
                let failed_before = self.broken.take();
                self.step(Input::Started { cache, outbox });
                if let Some(tokens) = self.tokens.take() {
                    self.step(Input::SignedIn(tokens));
                }
                if self.broken.is_some() {
                    self.broken = failed_before.map(|failures| failures + 1);
                }
            }
            Err((file, fault)) => self.on_fault(file, &fault),
        }
    }

    fn load(&mut self) -> Result<(StoredCache, StoredOutbox), (StoreFile, StorageFault)> {
        let cache = self.cache.load().map_err(|fault| (StoreFile::Cache, fault))?;
        let outbox = self.outbox.load().map_err(|fault| (StoreFile::Outbox, fault))?;
        Ok((cache, outbox))
    }

    /// Nothing of the failed transaction has happened: the core begins anew from the store after a pause.
    fn on_fault(&mut self, file: StoreFile, fault: &StorageFault) {
        let failures = self.broken.map_or(1, |failures| failures + 1);
        self.broken = Some(failures);
        let now = self.clock.now();
        self.wake_ms = now.mono_ms + (STORE_PAUSE_MS << failures.min(6).saturating_sub(1));
        tracing::error!(%fault, failures, "a write failed");
        if failures == 1 {
            let (kind, detail) = (IncidentKind::Storage, fault.0.clone());
            self.backlog.push_back(SyncEvent::Incident(Incident { at: now.wall, kind, detail }));
        }
        for output in self.core.handle(Input::StoreFailed(file), now) {
            if let Output::Publish(event) = output {
                self.tell(event);
            }
        }
    }

    fn step(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut outputs = self.core.handle(input, self.clock.now());
            // The next page of a snapshot may be on its way while this one is stored: nothing depends on it until the swap.
            outputs.sort_by_key(|output| !asks_for_page(output));
            for output in outputs {
                if let Err((file, fault)) = self.carry_out(output, &mut inputs) {
                    return self.on_fault(file, &fault);
                }
            }
        }
    }

    fn carry_out(
        &mut self,
        output: Output,
        inputs: &mut VecDeque<Input>,
    ) -> Result<(), (StoreFile, StorageFault)> {
        match output {
            Output::Write(write) => {
                let report = self.cache.write(&write).map_err(|fault| (StoreFile::Cache, fault))?;
                if !report.mismatched.is_empty() {
                    inputs.push_back(Input::Written(report));
                }
            }
            Output::Outbox(changes) => {
                self.outbox.change(&changes).map_err(|fault| (StoreFile::Outbox, fault))?;
            }
            Output::Request(request) => {
                let (http, inputs, id) = (self.net.http.clone(), self.net.inputs.clone(), request.id);
                let task = self.net.tasks.spawn(async move {
                    let result = http.call(&request).await;
                    inputs.send(Input::Answered { id, result }).await.ok(); // else the session is over
                });
                self.net.requests.retain(|_, task| !task.is_finished());
                self.net.requests.insert(id, task);
            }
            Output::Abandon(id) => {
                if let Some(task) = self.net.requests.remove(&id) {
                    task.abort();
                }
            }
            Output::OpenLive { id, cursor, access } => {
                let (base, inputs) = (self.net.http.base().clone(), self.net.inputs.clone());
                let task = self.net.tasks.spawn(live::run(base, id, cursor, access, inputs));
                self.net.live = Some((id, task));
            }
            Output::CloseLive(id) => {
                if let Some((_, task)) = self.net.live.take_if(|(open, _)| *open == id) {
                    task.abort();
                }
            }
            Output::Publish(event) => self.tell(event),
            Output::WakeAt { mono_ms } => self.wake_ms = mono_ms,
        }
        Ok(())
    }

    fn tell(&mut self, event: SyncEvent) {
        if let SyncEvent::TokensChanged(tokens) = &event {
            self.access.send_replace(Secret(tokens.access.clone()));
        }
        if let SyncEvent::Incident(incident) = &event {
            tracing::warn!(kind = ?incident.kind, detail = incident.detail, "incident");
            if let Err(fault) = self.cache.record(incident) {
                tracing::warn!(%fault, "the incident was not recorded");
            }
        }
        self.backlog.push_back(event);
    }

    fn on_ask(&mut self, ask: Ask) {
        match ask {
            Ask::Submit { new, reply } => drop(reply.send(self.submit(new))),
            Ask::Replace { n, new, reply } => drop(reply.send(self.replace(n, *new))),
            Ask::Discard { n, reply } => drop(reply.send(self.discard(n))),
            Ask::TryNow => self.step_if_started(Input::TryNow),
            Ask::SignedIn(tokens) => {
                self.access.send_replace(tokens.access.clone());
                self.step_if_started(Input::SignedIn(tokens));
            }
            Ask::TokenRefused(access) => self.step_if_started(Input::TokenRefused { access }),
        }
    }

    fn step_if_started(&mut self, input: Input) {
        match (self.broken, input) {
            (None, input) => self.step(input),
            (Some(_), Input::SignedIn(tokens)) => self.tokens = Some(tokens),
            (Some(_), _) => {}
        }
    }

    fn submit(&mut self, mut new: Vec<NewCommand>) -> Result<Vec<u64>, HandleError> {
        new.iter_mut().for_each(|new| self.core.prepare(new));
        let queued = self.outbox.push(&new, self.clock.now().wall)?;
        let numbers = queued.iter().map(|queued| queued.command.n).collect();
        self.step_if_started(Input::User(UserAction::Submitted(queued)));
        Ok(numbers)
    }

    fn replace(&mut self, n: u64, mut new: NewCommand) -> Result<u64, HandleError> {
        let is_stuck = self.core.queued(n).is_some_and(|queued| !queued.state.is_pending());
        if self.broken.is_some() || !is_stuck {
            return Err(HandleError::NotOpen);
        }
        self.core.prepare(&mut new);
        let queued = self.outbox.replace(n, &new, self.clock.now().wall)?;
        let new_n = queued.command.n;
        self.step(Input::User(UserAction::Replaced { old: n, new: Box::new(queued) }));
        Ok(new_n)
    }

    fn discard(&mut self, n: u64) -> Result<(), HandleError> {
        if self.broken.is_some() || !self.core.may_discard(n) {
            return Err(HandleError::NotOpen);
        }
        self.step(Input::User(UserAction::Discard { n }));
        match self.broken {
            Some(_) => Err(HandleError::Storage(StorageFault("the change was not stored".to_owned()))),
            None => Ok(()),
        }
    }
}

fn asks_for_page(output: &Output) -> bool {
    matches!(output, Output::Request(request) if matches!(request.call, Call::Snapshot { .. }))
}
