//! A desk: the real core, its stores, and a loop that can be killed between any two outputs.

use std::collections::VecDeque;

use domain::DeviceId;
use protocol::durable::{NewCommand, QueuedCommand};
use sync::{
    CacheStore, CoreConfig, Input, LiveId, Now, OutboxStore, Output, Request, RequestId, StoreFile, SyncCore,
    SyncEvent, Tokens, UserAction,
};

use super::screen::Screen;
use super::stores::{MemoryCache, MemoryOutbox};

/// A desk.
pub struct Desk {
    pub core: SyncCore,
    pub cache: MemoryCache,
    pub outbox: MemoryOutbox,
    pub wake_ms: u64,
    /// What the network has to do.
    pub wire: Vec<Wire>,
    /// What the controller was told; only where a story asks for it.
    pub events: Vec<SyncEvent>,
    pub keeps_events: bool,
    pub screen: Screen,
    /// So many outputs from now on are carried out, then the process dies.
    pub dies_after: Option<u32>,
    seed: u64,
    config: CoreConfig,
}

/// What a core asks of the network.
#[derive(Debug)]
pub enum Wire {
    Request(Request),
    Abandon(RequestId),
    OpenLive(LiveId, protocol::wire::Cursor),
    CloseLive(LiveId),
}

/// The process has died on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Died;

impl Desk {
    pub fn new(device: DeviceId, seed: u64, config: CoreConfig) -> Self {
        Desk {
            core: SyncCore::new(config, seed),
            cache: MemoryCache::default(),
            outbox: MemoryOutbox::new(device),
            wake_ms: 0,
            wire: Vec::new(),
            events: Vec::new(),
            keeps_events: true,
            screen: Screen::default(),
            dies_after: None,
            seed,
            config,
        }
    }

    /// Another machine with a copy of this one's disk.
    pub fn copied(&self) -> Self {
        let (cache, outbox) = (self.cache.copied(), self.outbox.copied());
        let fresh = Desk::new(outbox.state().device, self.seed.wrapping_add(500), self.config);
        Desk { cache, outbox, keeps_events: self.keeps_events, ..fresh }
    }

    /// The process starts, signed in with this token.
    pub fn start(&mut self, access: &str, now: Now) -> Result<(), Died> {
        self.seed = self.seed.wrapping_add(1);
        self.core = SyncCore::new(self.config, self.seed);
        self.wire.clear();
        self.screen.goes_dark();
        self.reload(now)?;
        self.handle(Input::SignedIn(tokens(access)), now)
    }

    fn reload(&mut self, now: Now) -> Result<(), Died> {
        let cache = self.cache.load().expect("loads");
        let outbox = self.outbox.load().expect("loads");
        self.handle(Input::Started { cache, outbox }, now)
    }

    /// One input and everything that follows from it.
    pub fn handle(&mut self, input: Input, now: Now) -> Result<(), Died> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for output in self.core.handle(input, now) {
                if let Some(left) = self.dies_after.as_mut() {
                    *left = left.checked_sub(1).ok_or(Died)?;
                }
                if let Err(file) = self.carry_out(output, &mut inputs) {
                    return self.start_over(file, now);
                }
            }
        }
        Ok(())
    }

    fn start_over(&mut self, file: StoreFile, now: Now) -> Result<(), Died> {
        for output in self.core.handle(Input::StoreFailed(file), now) {
            match output {
                Output::Publish(event) => self.tell(event),
                other => panic!("a core that does not know what is stored must not act: {other:?}"),
            }
        }
        self.reload(now)
    }

    fn carry_out(&mut self, output: Output, inputs: &mut VecDeque<Input>) -> Result<(), StoreFile> {
        match output {
            Output::Write(write) => {
                let report = self.cache.write(&write).map_err(|_| StoreFile::Cache)?;
                if !report.mismatched.is_empty() {
                    inputs.push_back(Input::Written(report));
                }
            }
            Output::Outbox(changes) => self.outbox.change(&changes).map_err(|_| StoreFile::Outbox)?,
            Output::Request(request) => self.wire.push(Wire::Request(request)),
            Output::Abandon(id) => self.wire.push(Wire::Abandon(id)),
            Output::OpenLive { id, cursor, .. } => self.wire.push(Wire::OpenLive(id, cursor)),
            Output::CloseLive(id) => self.wire.push(Wire::CloseLive(id)),
            Output::Publish(event) => self.tell(event),
            Output::WakeAt { mono_ms } => self.wake_ms = mono_ms,
        }
        Ok(())
    }

    fn tell(&mut self, event: SyncEvent) {
        self.screen.on_event(&event, &self.cache.state());
        if self.keeps_events {
            self.events.push(event);
        }
    }

    /// Commands that wait for the user.
    pub fn open_questions(&self) -> Vec<QueuedCommand> {
        let state = self.outbox.state();
        state.commands.values().filter(|queued| !queued.state.is_pending()).cloned().collect()
    }

    /// The user does something; `None` when the store refused.
    pub fn submit(&mut self, mut new: NewCommand, now: Now) -> Option<(u64, Result<(), Died>)> {
        self.core.prepare(&mut new);
        let queued = self.outbox.push(&[new], now.wall).ok()?;
        let n = queued.first()?.command.n;
        Some((n, self.handle(Input::User(UserAction::Submitted(queued)), now)))
    }
}

/// A pair of tokens.
pub fn tokens(access: &str) -> Tokens {
    Tokens {
        access: sync::Secret(access.to_owned()),
        refresh: sync::Secret("r".to_owned()),
        expires_in_secs: 0,
    }
}
