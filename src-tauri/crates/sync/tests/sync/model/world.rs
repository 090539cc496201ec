//! One schedule: desks, a server, a faulty network between them, and what has to be true all the time and in the end.

mod life;
mod network;
mod verdict;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet};

use domain::{CommandId, DeviceId};
use protocol::wire::{CommandBody, Cursor};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sync::{CoreConfig, Input, LiveId, Now, Request, RequestId};
use uuid::Uuid;

use super::desk::{Desk, Died};
use super::mutant::Mutant;
use super::server::{Scope, Server};
use super::{at, id};

/// How bad it gets; shares in thousandths.
#[derive(Debug, Clone, Copy)]
struct Faults {
    lose: u32,
    double: u32,
    refuse: u32,
    delay_ms: u64,
    /// Processes die and disks refuse: so often per input.
    crash: u32,
}

/// A live socket as the server sees it.
#[derive(Debug, Clone, Copy)]
struct Socket {
    desk: usize,
    id: LiveId,
    at: Cursor,
    /// Half open: nothing arrives any more and nobody says so.
    stalled: bool,
}

enum Event {
    ToServer { desk: usize, life: u32, request: Request },
    ToDesk { desk: usize, life: u32, input: Input },
    Accept { desk: usize, life: u32, id: LiveId, cursor: Cursor },
    UserActs,
    ServerLives,
    ServerPings,
}

/// A desk and what the world knows of it.
struct Station {
    desk: Desk,
    /// Counts processes: what was meant for an earlier one is lost.
    life: u32,
    /// Its user's view.
    scope: Scope,
    /// How far its wall clock is off.
    skew_ms: i64,
    /// Cut off until then.
    cut_until_ms: u64,
    /// Under [`Mutant::NoWatchdog`]: since when requests have no answer, and sockets have said nothing.
    unanswered: BTreeMap<RequestId, u64>,
    silent_since_ms: Option<u64>,
}

/// A command that a user was promised.
struct Promise {
    station: usize,
    device: DeviceId,
    n: u64,
    body: CommandBody,
}

/// The world.
pub struct World {
    rng: StdRng,
    faults: Faults,
    mutant: Option<Mutant>,
    now_ms: u64,
    order: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    server: Server,
    stations: Vec<Station>,
    sockets: Vec<Socket>,
    healed_at_ms: Option<u64>,
    actions_left: u32,
    targets: Vec<Uuid>,
    promised: BTreeMap<CommandId, Promise>,
    /// Commands that a user gave up or did again.
    given_up: HashSet<CommandId>,
    /// Commands of a desk that was taken for a clone: their users have looked through them and left it at that.
    reviewed: HashSet<CommandId>,
    /// Commands that were on a disk when it was copied: one desk may do what the user of the other gives up.
    shared: HashSet<CommandId>,
    /// Once in this world a desk will be copied.
    clone_due: bool,
    cloned: bool,
    /// Commands that have gone out.
    sent: BTreeSet<CommandId>,
    next_id: u128,
    flaw: Option<String>,
}

/// All has to be in step again so long after the network is healed.
const HEALING_MS: u64 = 150_000;

impl World {
    pub fn new(seed: u64, actions: u32, mutant: Option<Mutant>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let faults = Faults {
            lose: rng.random_range(0..300),
            double: rng.random_range(0..200),
            refuse: rng.random_range(0..200),
            delay_ms: rng.random_range(1..4_000),
            crash: rng.random_range(0..8),
        };
        let count = rng.random_range(2..=4usize);
        let clone_due = rng.random_ratio(1, 4);
        let mut server = Server::new();
        server.ledger.mutant = mutant;
        let mut world = World {
            rng,
            faults,
            mutant,
            now_ms: 0,
            order: 0,
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            server,
            stations: Vec::new(),
            sockets: Vec::new(),
            healed_at_ms: None,
            actions_left: actions * u32::try_from(count).expect("few desks"),
            targets: (1..=6).map(Uuid::from_u128).collect(),
            promised: BTreeMap::new(),
            given_up: HashSet::new(),
            reviewed: HashSet::new(),
            shared: HashSet::new(),
            clone_due,
            cloned: false,
            sent: BTreeSet::new(),
            next_id: 1_000_000,
            flaw: None,
        };
        let config = CoreConfig { resync_jitter_ms: 5_000, ..CoreConfig::default() };
        for index in 0..count {
            world.open(Desk::new(id(1_000 + index as u128), seed + 100 * index as u64, config), Scope::ALL);
        }
        world.later(100, Event::UserActs);
        world.later(500, Event::ServerLives);
        world.later(15_000, Event::ServerPings);
        world
    }

    /// Runs to the end; the error says what is wrong.
    pub fn run(&mut self) -> Result<(), String> {
        loop {
            self.step();
            if let Some(flaw) = self.flaw.take() {
                return Err(format!("SAFETY: {flaw}"));
            }
            if self.actions_left == 0 && self.healed_at_ms.is_none() && self.rng.random_ratio(1, 40) {
                self.heal();
            }
            if let Some(since_ms) = self.healed_at_ms {
                self.decide_everything();
                if self.is_in_step() {
                    return self.check();
                }
                if self.now_ms > since_ms + HEALING_MS {
                    return Err(self.why_not_in_step());
                }
            }
        }
    }

    /// The next thing happens.
    fn step(&mut self) {
        let event_ms = self.queue.peek().map_or(u64::MAX, |Reverse((at_ms, _))| *at_ms);
        let wake_ms = self.stations.iter().map(|station| station.desk.wake_ms).min().unwrap_or(u64::MAX);
        self.now_ms = event_ms.min(wake_ms).max(self.now_ms);
        if wake_ms <= event_ms {
            self.wake();
        } else if let Some(Reverse((_, order))) = self.queue.pop() {
            let event = self.events.remove(&order).expect("each is taken once");
            self.happen(event);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ToServer { desk, life, request } => self.serve(desk, life, request),
            Event::ToDesk { desk, life, input } if life == self.stations[desk].life => self.give(desk, input),
            Event::Accept { desk, life, id, cursor } if life == self.stations[desk].life => {
                self.accept(desk, id, cursor);
            }
            Event::ToDesk { .. } | Event::Accept { .. } => {} // the process that asked is dead
            Event::UserActs => self.user_acts(),
            Event::ServerLives => self.server_lives(),
            Event::ServerPings => self.server_pings(),
        }
    }

    fn later(&mut self, in_ms: u64, event: Event) {
        self.order += 1;
        self.queue.push(Reverse((self.now_ms + in_ms, self.order)));
        self.events.insert(self.order, event);
    }

    fn p(&mut self, thousandths: u32) -> bool {
        self.rng.random_ratio(thousandths.min(1000), 1000)
    }

    fn is_healed(&self) -> bool {
        self.healed_at_ms.is_some()
    }

    /// The moment as a desk's clocks show it.
    fn now_at(&self, desk: usize) -> Now {
        let wall = at(self.now_ms) + chrono::TimeDelta::milliseconds(self.stations[desk].skew_ms);
        Now { wall, mono_ms: self.now_ms }
    }

    /// Switches a further desk on.
    fn open(&mut self, mut desk: Desk, scope: Scope) {
        desk.keeps_events = false;
        desk.screen.drops_at_ack = self.mutant == Some(Mutant::OverlayDroppedAtAck);
        desk.cache.state().mistake = self.mutant.map(Mutant::store).unwrap_or_default();
        self.stations.push(Station {
            desk,
            life: 0,
            scope,
            skew_ms: 0,
            cut_until_ms: 0,
            unanswered: BTreeMap::new(),
            silent_since_ms: None,
        });
        self.start(self.stations.len() - 1);
    }

    /// The process starts (again), as whoever its disk says it is.
    fn start(&mut self, desk: usize) {
        self.sockets.retain(|socket| socket.desk != desk);
        loop {
            let now = self.now_at(desk);
            let station = &mut self.stations[desk];
            station.life += 1;
            station.unanswered.clear();
            station.silent_since_ms = None;
            station.desk.dies_after = None;
            let device = station.desk.outbox.state().device;
            let access = self.server.sign_in(device);
            if station.desk.start(&access, now).is_ok() {
                break;
            }
        }
        self.carry(desk);
        self.look_at(desk);
    }

    fn wake(&mut self) {
        for desk in 0..self.stations.len() {
            if self.stations[desk].desk.wake_ms > self.now_ms {
                continue;
            }
            if self.mutant == Some(Mutant::NoWatchdog) && self.stations[desk].is_overdue(self.now_ms) {
                self.stations[desk].desk.wake_ms = self.now_ms + 5_000;
            } else {
                self.give(desk, Input::Timer);
            }
        }
    }

    /// One input to a desk; if that kills it, it starts again.
    fn give(&mut self, desk: usize, input: Input) {
        self.note_heard(desk, &input);
        let stands_at = self.stations[desk].desk.cache.state().cursor;
        let bent = match self.mutant {
            Some(mutant) => mutant.bend_input(input, stands_at),
            None => Some(input),
        };
        let Some(input) = bent else { return };
        self.prepare_accident(desk);
        let now = self.now_at(desk);
        let lived = self.stations[desk].desk.handle(input, now);
        self.after(desk, lived);
    }

    fn after(&mut self, desk: usize, lived: Result<(), Died>) {
        if lived.is_ok() {
            self.carry(desk);
            return self.look_at(desk);
        }
        if self.p(300) {
            self.stations[desk].desk.cache.state().power_fails();
        }
        self.start(desk);
    }
}

impl Station {
    /// A watchdog would bark.
    fn is_overdue(&self, now_ms: u64) -> bool {
        let CoreConfig { request_timeout_ms, live_silent_ms, .. } = CoreConfig::default();
        let late = self.unanswered.values().any(|since_ms| now_ms >= since_ms + request_timeout_ms);
        late || self.silent_since_ms.is_some_and(|since_ms| now_ms >= since_ms + live_silent_ms)
    }
}
