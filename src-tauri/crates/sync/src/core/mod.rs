//! The core: one value, one method, no I/O.

mod auth;
mod calls;
mod commands;
mod feed;
mod freshness;
mod live;
mod queue;
mod refusals;
mod resync;
mod stall;
mod timers;

use protocol::durable::{Incident, IncidentKind, StoredCache, StoredOutbox};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::event::SyncEvent;
use crate::io::{Input, Output, UserAction};
use crate::time::Now;

use auth::Auth;
use calls::Calls;
use feed::Feed;
use freshness::Proof;
use live::Live;
use queue::Queue;
use stall::Refusing;

/// What may differ between a production desk and a test.
#[derive(Debug, Clone, Copy)]
pub struct CoreConfig {
    /// Desks that lose their history together start their snapshots within so many milliseconds (R6).
    pub resync_jitter_ms: u64,
    /// Changes per page.
    pub page_limit: u32,
    /// A request without an answer is given up after so many milliseconds, and the same is asked again.
    pub request_timeout_ms: u64,
    /// An opening live socket that is not open by then never will be, milliseconds.
    pub live_opening_ms: u64,
    /// Longer without a byte, milliseconds, and the live socket is taken for dead. The server sends a
    /// bookmark every 10 s and a ping every 15 s: two bookmarks are missing then, and a desk is back within 30 s of its line.
    pub live_silent_ms: u64,
}

impl Default for CoreConfig {
    fn default() -> Self {
        CoreConfig {
            resync_jitter_ms: 30_000,
            page_limit: 500,
            request_timeout_ms: 20_000,
            live_opening_ms: 15_000,
            live_silent_ms: 25_000,
        }
    }
}

/// Decides what a desk does to stay in step with its server; see the crate's documentation.
#[derive(Debug)]
pub struct SyncCore {
    config: CoreConfig,
    rng: StdRng,
    out: Vec<Output>,
    started: bool,
    /// A store failed: nothing is decided until it is known what is stored.
    halted: bool,
    refusing: Option<Refusing>,
    last: Option<Now>,
    auth: Auth,
    calls: Calls,
    feed: Feed,
    live: Live,
    queue: Queue,
    proof: Proof,
}

/// The wall clock ran so far ahead of the monotonic one: the machine slept.
const SLEPT_MS: i64 = 30_000;

impl SyncCore {
    /// A core that waits for [`Input::Started`]; `seed` feeds its jitter.
    pub fn new(config: CoreConfig, seed: u64) -> Self {
        SyncCore {
            config,
            rng: StdRng::seed_from_u64(seed),
            out: Vec::new(),
            started: false,
            halted: false,
            refusing: None,
            last: None,
            auth: Auth::default(),
            calls: Calls::default(),
            feed: Feed::default(),
            live: Live::default(),
            queue: Queue::default(),
            proof: Proof::default(),
        }
    }

    /// Takes one input; answers what is to be done, in order.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        if let Input::StoreFailed(file) = input {
            self.on_store_failed(file, now);
            return std::mem::take(&mut self.out);
        }
        self.note_stored();
        self.notice_sleep(now);
        match input {
            Input::StoreFailed(_) => {}
            Input::Started { cache, outbox } => self.on_started(cache, outbox, now),
            Input::SignedIn(tokens) => self.on_signed_in(tokens, now),
            Input::SignedOut => self.on_signed_out(),
            Input::Answered { id, result } => self.on_answered(id, result, now),
            Input::LiveOpened(id) => self.on_live_opened(id, now),
            Input::Live { id, frame } => self.on_live_frame(id, *frame, now),
            Input::LiveClosed { id, error } => self.on_live_closed(id, &error, now),
            Input::Written(report) => self.on_written(&report, now),
            Input::Timer => {}
            Input::User(action) => self.on_user(action, now),
            Input::TryNow => self.try_now(),
            Input::TokenRefused { access } => self.on_token_refused(&access),
        }
        if self.started && !self.halted {
            self.advance(now);
        }
        self.note_writes();
        std::mem::take(&mut self.out)
    }

    fn on_started(&mut self, cache: StoredCache, outbox: StoredOutbox, now: Now) {
        let again = std::mem::replace(&mut self.started, true);
        self.halted = false;
        if again {
            // What was published may be ahead of what is stored.
            self.drop_connections();
            self.feed.pull_backoff.failed(now.mono_ms, None, &mut self.rng);
            self.publish(SyncEvent::Reset { confirmed: Vec::new() });
        }
        self.feed.start(cache);
        if self.feed.purge_owed {
            self.forget_view();
        }
        self.start_queue(outbox);
    }

    fn on_user(&mut self, action: UserAction, now: Now) {
        match action {
            UserAction::Submitted(commands) => {
                commands.into_iter().for_each(|command| self.on_submitted(command, now));
            }
            UserAction::Replaced { old, new } => self.on_replaced(old, *new, now),
            UserAction::Discard { n } => self.on_discard(n),
        }
    }

    /// Everything that is due, whatever the input was.
    fn advance(&mut self, now: Now) {
        self.check_deadlines(now);
        self.advance_auth(now);
        self.advance_feed(now);
        self.advance_live(now);
        self.advance_commands(now);
        self.publish_queue();
        self.publish_freshness(now);
        self.ask_for_wake(now);
    }

    /// Network changed, machine woke up, or the user asks: whatever waits tries at once.
    fn try_now(&mut self) {
        self.auth.backoff.forget();
        self.feed.pull_backoff.forget();
        self.live.backoff.forget();
        self.queue.try_now();
        self.feed.want_changes = true;
    }

    fn notice_sleep(&mut self, now: Now) {
        if let Some(last) = self.last.replace(now) {
            let mono_ms = i64::try_from(now.mono_ms.saturating_sub(last.mono_ms)).unwrap_or(i64::MAX);
            let wall_ms = (now.wall - last.wall).num_milliseconds();
            let ahead_ms = wall_ms.saturating_sub(mono_ms);
            if ahead_ms > SLEPT_MS {
                self.proof.clock_doubted();
                self.try_now();
            } else if ahead_ms < -SLEPT_MS {
                self.proof.clock_set_back(ahead_ms);
            }
        }
    }

    fn drop_connections(&mut self) {
        self.close_live();
        for id in self.calls.drain() {
            self.out.push(Output::Abandon(id));
        }
        self.auth.refreshing = None;
        self.feed.resync = None;
    }

    fn publish(&mut self, event: SyncEvent) {
        self.out.push(Output::Publish(event));
    }

    fn incident(&mut self, kind: IncidentKind, detail: String, now: Now) {
        self.publish(SyncEvent::Incident(Incident { at: now.wall, kind, detail }));
    }
}
