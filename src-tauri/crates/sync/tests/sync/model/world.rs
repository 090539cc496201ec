//! One schedule: desks, a server, a faulty network between them, and what has to be true in the end.

mod verdict;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use domain::DeviceId;
use protocol::durable::NewCommand;
use protocol::wire::{CommandBody, Cursor, LiveFrame};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sync::{Call, CallError, CoreConfig, Input, LiveId, Reply, Request, Unreachable, UserAction};
use uuid::Uuid;

use super::desk::{Desk, Wire};
use super::server::Server;
use super::{at, draft, id, now};

/// How bad it gets; shares in thousandths.
#[derive(Debug, Clone, Copy)]
struct Faults {
    lose: u32,
    double: u32,
    refuse: u32,
    delay_ms: u64,
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

/// The world.
pub struct World {
    rng: StdRng,
    faults: Faults,
    now_ms: u64,
    order: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    pub server: Server,
    pub desks: Vec<Desk>,
    lives: Vec<u32>,
    sockets: Vec<Socket>,
    healed: bool,
    actions_left: u32,
    targets: Vec<Uuid>,
    /// Every command that a desk stored, with its text if it was a note.
    stored: BTreeMap<(DeviceId, u64), CommandBody>,
    /// Commands that a user gave up or did again.
    given_up: Vec<(DeviceId, u64)>,
    next_id: u128,
}

/// All has to be in step again so long after the network is healed.
const HEALING_MS: u64 = 150_000;

impl World {
    pub fn new(seed: u64, actions: u32) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let faults = Faults {
            lose: rng.random_range(0..300),
            double: rng.random_range(0..200),
            refuse: rng.random_range(0..200),
            delay_ms: rng.random_range(1..4_000),
        };
        let count = rng.random_range(1..=3usize);
        let config = CoreConfig { resync_jitter_ms: 5_000, page_limit: 500 };
        let desks = (0..count).map(|index| Desk::new(id(1_000 + index as u128), seed, config)).collect();
        let mut world = World {
            rng,
            faults,
            now_ms: 0,
            order: 0,
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            server: Server::new(),
            desks,
            lives: vec![0; count],
            sockets: Vec::new(),
            healed: false,
            actions_left: actions * u32::try_from(count).expect("few desks"),
            targets: (1..=6).map(Uuid::from_u128).collect(),
            stored: BTreeMap::new(),
            given_up: Vec::new(),
            next_id: 1_000_000,
        };
        (0..count).for_each(|desk| world.start(desk));
        world.later(100, Event::UserActs);
        world.later(500, Event::ServerLives);
        world.later(15_000, Event::ServerPings);
        world
    }

    /// Runs to the end; the error says what is wrong.
    pub fn run(&mut self) -> Result<(), String> {
        let mut healed_at_ms = None;
        loop {
            let event_ms = self.queue.peek().map_or(u64::MAX, |Reverse((at_ms, _))| *at_ms);
            let wake_ms = self.desks.iter().map(|desk| desk.wake_ms).min().unwrap_or(u64::MAX);
            self.now_ms = event_ms.min(wake_ms).max(self.now_ms);
            if wake_ms <= event_ms {
                self.wake();
            } else if let Some(Reverse((_, order))) = self.queue.pop() {
                let event = self.events.remove(&order).expect("each is taken once");
                self.happen(event);
            }
            if self.actions_left == 0 && !self.healed && self.rng.random_ratio(1, 40) {
                self.heal();
                healed_at_ms = Some(self.now_ms);
            }
            if let Some(since_ms) = healed_at_ms {
                self.decide_everything();
                if self.in_step() {
                    return self.check();
                }
                if self.now_ms > since_ms + HEALING_MS {
                    return Err(self.why_not_in_step());
                }
            }
        }
    }

    fn heal(&mut self) {
        self.healed = true;
        self.faults = Faults { lose: 0, double: 0, refuse: 0, delay_ms: 5 };
        for socket in std::mem::take(&mut self.sockets).into_iter().filter(|socket| socket.stalled) {
            let error = CallError::Unreachable(Unreachable::Broken);
            self.deliver(socket.desk, Input::LiveClosed { id: socket.id, error });
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

    fn delay_ms(&mut self) -> u64 {
        self.rng.random_range(1..=self.faults.delay_ms)
    }

    fn start(&mut self, desk: usize) {
        self.lives[desk] += 1;
        self.sockets.retain(|socket| socket.desk != desk);
        let now = now(self.now_ms);
        self.desks[desk].start(now);
        self.carry(desk);
    }

    fn wake(&mut self) {
        for desk in 0..self.desks.len() {
            if self.desks[desk].wake_ms <= self.now_ms {
                self.give(desk, Input::Timer);
            }
        }
    }

    /// One input to a desk; if that kills it, it starts again.
    fn give(&mut self, desk: usize, input: Input) {
        if !self.healed && self.p(2) {
            self.desks[desk].dies_after = Some(self.rng.random_range(0..5));
        }
        if !self.healed && self.p(1) {
            self.desks[desk].cache.state().failing = 1;
        }
        if !self.healed && self.p(1) {
            self.desks[desk].outbox.state().failing = 1;
        }
        let now = now(self.now_ms);
        if self.desks[desk].handle(input, now) {
            self.carry(desk);
        } else {
            self.desks[desk].wire.clear();
            self.start(desk);
        }
    }

    /// Brings what a desk wants from the network on its way.
    fn carry(&mut self, desk: usize) {
        let life = self.lives[desk];
        for wire in std::mem::take(&mut self.desks[desk].wire) {
            match wire {
                Wire::Request(request) => {
                    let times = if self.p(self.faults.lose) {
                        0
                    } else {
                        1 + usize::from(self.p(self.faults.double))
                    };
                    for _ in 0..times {
                        let delay_ms = self.delay_ms();
                        self.later(delay_ms, Event::ToServer { desk, life, request: request.clone() });
                    }
                    if times == 0 && self.rng.random_bool(0.5) {
                        let result = Err(CallError::Unreachable(Unreachable::Connect));
                        self.deliver(desk, Input::Answered { id: request.id, result });
                    }
                }
                Wire::OpenLive(id, cursor) => {
                    let delay_ms = self.delay_ms();
                    self.later(delay_ms, Event::Accept { desk, life, id, cursor });
                }
                Wire::CloseLive(id) => self.sockets.retain(|socket| socket.desk != desk || socket.id != id),
            }
        }
    }

    fn deliver(&mut self, desk: usize, input: Input) {
        let (life, delay_ms) = (self.lives[desk], self.delay_ms());
        self.later(delay_ms, Event::ToDesk { desk, life, input });
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ToServer { desk, life, request } => self.serve(desk, life, request),
            Event::ToDesk { desk, life, input } if life == self.lives[desk] => self.give(desk, input),
            Event::Accept { desk, life, id, cursor } if life == self.lives[desk] => {
                self.accept(desk, id, cursor)
            }
            Event::ToDesk { .. } | Event::Accept { .. } => {} // the process that asked is dead
            Event::UserActs => self.user_acts(),
            Event::ServerLives => self.server_lives(),
            Event::ServerPings => self.server_pings(),
        }
    }

    fn serve(&mut self, desk: usize, life: u32, request: Request) {
        let now = at(self.now_ms);
        if self.p(self.faults.refuse) {
            let (status, retry_after_secs) = *[(500, None), (503, Some(2)), (429, Some(5))]
                .get(self.rng.random_range(0..3usize))
                .expect("three");
            let result = Err(CallError::Status { status, body: None, retry_after_secs });
            return self.answer(desk, life, request, result);
        }
        let result = match &request.call {
            Call::Snapshot { page_token } => self.server.snapshot(page_token.as_deref()).map(Reply::Snapshot),
            Call::Changes { cursor, .. } => self.server.changes(*cursor, now).map(Reply::Changes),
            Call::Positions => Ok(Reply::Positions(protocol::wire::PositionsResponse {
                positions: Vec::new(),
                server_time: now,
            })),
            Call::Commands { commands, device, acked_through, .. } => {
                Ok(Reply::Commands(self.server.commands(*device, *acked_through, commands, now)))
            }
            Call::Refresh { .. } => Err(CallError::Unreadable("tokens live for ever here".to_owned())),
        };
        self.push_live();
        if self.p(self.faults.lose) {
            return; // done, and nobody hears of it
        }
        self.answer(desk, life, request, result);
    }

    fn answer(&mut self, desk: usize, life: u32, request: Request, result: Result<Reply, CallError>) {
        let delay_ms = self.delay_ms();
        self.later(delay_ms, Event::ToDesk { desk, life, input: Input::Answered { id: request.id, result } });
    }

    fn accept(&mut self, desk: usize, id: LiveId, cursor: Cursor) {
        if self.p(self.faults.refuse) {
            let error = CallError::Unreachable(Unreachable::Broken);
            return self.deliver(desk, Input::LiveClosed { id, error });
        }
        self.sockets.retain(|socket| socket.desk != desk);
        self.deliver(desk, Input::LiveOpened(id));
        match self.server.live(cursor) {
            Ok(_) => self.sockets.push(Socket { desk, id, at: cursor, stalled: false }),
            Err(_) => {
                let frame = Box::new(LiveFrame::Gone { reason: String::new() });
                self.deliver(desk, Input::Live { id, frame });
            }
        }
        self.push_live();
    }

    /// Sends every socket what is new; frames may be lost, doubled and overtake each other.
    fn push_live(&mut self) {
        for index in 0..self.sockets.len() {
            while let Ok(Some((frame, cursor))) = self.server.live(self.sockets[index].at) {
                self.sockets[index].at = cursor;
                self.frame(self.sockets[index], frame);
            }
        }
    }

    fn frame(&mut self, socket: Socket, frame: LiveFrame) {
        if socket.stalled {
            return;
        }
        let times =
            if self.p(self.faults.lose / 4) { 0 } else { 1 + usize::from(self.p(self.faults.double)) };
        for _ in 0..times {
            self.deliver(socket.desk, Input::Live { id: socket.id, frame: Box::new(frame.clone()) });
        }
    }

    fn server_lives(&mut self) {
        let now = at(self.now_ms);
        if !self.healed {
            if self.p(100) {
                self.server.put_hidden(now);
            }
            if self.p(3) {
                self.server.new_epoch();
                self.sockets.clear();
            }
            if self.p(20) {
                let keep = self.rng.random_range(5..100);
                self.server.compact(keep);
            }
            if self.p(10)
                && let Some(socket) = self.sockets.first_mut()
            {
                socket.stalled = true;
            }
            if self.p(5) {
                let desk = self.rng.random_range(0..self.desks.len());
                self.start(desk);
            }
        }
        self.push_live();
        self.later(500, Event::ServerLives);
    }

    fn server_pings(&mut self) {
        for index in 0..self.sockets.len() {
            let socket = self.sockets[index];
            let frame = self.server.bookmark(socket.at, at(self.now_ms));
            self.sockets[index].at = self.server.cursor;
            self.frame(socket, frame);
        }
        self.later(15_000, Event::ServerPings);
    }

    fn user_acts(&mut self) {
        if self.actions_left == 0 {
            return;
        }
        self.actions_left -= 1;
        let desk = self.rng.random_range(0..self.desks.len());
        let body = self.some_body();
        let (kind, target) = body.target();
        let strict = matches!(body, CommandBody::TaskAssign { .. } | CommandBody::PoiDelete { .. });
        let seen = self.desks[desk].cache.version(kind.name(), target);
        self.next_id += 1;
        let new = NewCommand {
            id: id(self.next_id),
            body: body.clone(),
            if_match: seen.filter(|_| strict),
            valid_until: None,
            depends_on: None,
        };
        if let Some(n) = self.desks[desk].submit(new, now(self.now_ms)) {
            self.stored.insert((self.desks[desk].device, n), body);
        }
        self.carry(desk);
        let pause_ms = self.rng.random_range(50..3_000);
        self.later(pause_ms, Event::UserActs);
    }

    fn some_body(&mut self) -> CommandBody {
        let target = self.targets[self.rng.random_range(0..self.targets.len())];
        self.next_id += 1;
        match self.rng.random_range(0..10) {
            0..2 => CommandBody::TaskCreate(draft(target.as_u128(), "Lift stuck")),
            2..7 => CommandBody::TaskNote { task: target.into(), text: self.next_id.to_string() },
            _ => CommandBody::TaskAssign { task: target.into(), resource: Some(id(self.next_id)) },
        }
    }

    /// The users look at everything that waits for them and give it up.
    fn decide_everything(&mut self) {
        for desk in 0..self.desks.len() {
            for n in self.desks[desk].waiting_for_user() {
                self.given_up.push((self.desks[desk].device, n));
                self.give(desk, Input::User(UserAction::Discard { n }));
            }
        }
    }
}
