//! A desk: the real core, its stores, and a loop that can be killed between any two outputs.

use std::collections::VecDeque;

use domain::DeviceId;
use protocol::durable::NewCommand;
use sync::{
    CacheStore, CoreConfig, Input, LiveId, Now, OutboxStore, Output, Request, SyncCore, SyncEvent, Tokens,
    UserAction,
};

use super::stores::{MemoryCache, MemoryOutbox};

/// A desk.
pub struct Desk {
    pub device: DeviceId,
    pub core: SyncCore,
    pub cache: MemoryCache,
    pub outbox: MemoryOutbox,
    pub wake_ms: u64,
    /// What the network has to do.
    pub wire: Vec<Wire>,
    /// What the controller was told.
    pub events: Vec<SyncEvent>,
    /// So many outputs from now on are carried out, then the process dies.
    pub dies_after: Option<u32>,
    seed: u64,
    config: CoreConfig,
}

/// What a core asks of the network.
#[derive(Debug)]
pub enum Wire {
    Request(Request),
    OpenLive(LiveId, protocol::wire::Cursor),
    CloseLive(LiveId),
}

impl Desk {
    pub fn new(device: DeviceId, seed: u64, config: CoreConfig) -> Self {
        Desk {
            device,
            core: SyncCore::new(config, seed),
            cache: MemoryCache::default(),
            outbox: MemoryOutbox::new(device),
            wake_ms: 0,
            wire: Vec::new(),
            events: Vec::new(),
            dies_after: None,
            seed,
            config,
        }
    }

    /// The process starts, signed in.
    pub fn start(&mut self, now: Now) {
        self.seed = self.seed.wrapping_add(1);
        self.core = SyncCore::new(self.config, self.seed);
        self.reload(now);
        self.handle(Input::SignedIn(tokens("a1")), now);
    }

    fn reload(&mut self, now: Now) {
        let cache = self.cache.load().expect("loads");
        let outbox = self.outbox.load().expect("loads");
        self.handle(Input::Started { cache, outbox }, now);
    }

    /// One input and everything that follows from it; false when the process died on the way.
    pub fn handle(&mut self, input: Input, now: Now) -> bool {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for output in self.core.handle(input, now) {
                match self.dies_after.as_mut() {
                    Some(0) => {
                        self.dies_after = None;
                        return false;
                    }
                    Some(left) => *left -= 1,
                    None => {}
                }
                match output {
                    Output::Write(write) => match self.cache.write(&write) {
                        Ok(report) if report.mismatched.is_empty() => {}
                        Ok(report) => inputs.push_back(Input::Written(report)),
                        Err(_) => {
                            self.reload(now);
                            return true;
                        }
                    },
                    Output::Outbox(changes) => {
                        if self.outbox.change(&changes).is_err() {
                            self.reload(now);
                            return true;
                        }
                    }
                    Output::Request(request) => self.wire.push(Wire::Request(request)),
                    Output::Abandon(_) => {}
                    Output::OpenLive { id, cursor, .. } => self.wire.push(Wire::OpenLive(id, cursor)),
                    Output::CloseLive(id) => self.wire.push(Wire::CloseLive(id)),
                    Output::Publish(event) => self.events.push(event),
                    Output::WakeAt { mono_ms } => self.wake_ms = mono_ms,
                }
            }
        }
        true
    }

    /// The user does something; `None` when the store refused.
    pub fn submit(&mut self, mut new: NewCommand, now: Now) -> Option<u64> {
        self.core.prepare(&mut new);
        let queued = self.outbox.push(&new, now.wall).ok()?;
        let n = queued.command.n;
        self.handle(Input::User(UserAction::Submitted(Box::new(queued))), now);
        Some(n)
    }

    /// Numbers of commands that wait for the user.
    pub fn waiting_for_user(&self) -> Vec<u64> {
        let state = self.outbox.state();
        state
            .commands
            .values()
            .filter(|queued| !queued.state.is_pending())
            .map(|queued| queued.command.n)
            .collect()
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
