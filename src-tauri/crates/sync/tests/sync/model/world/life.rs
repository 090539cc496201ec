//! What people, machines and the server do by themselves: work, changes of roles, crashes, copies of disks, clocks that jump.

use protocol::durable::{CommandState, NeedsUser, NewCommand, QueuedCommand};
use protocol::wire::CommandBody;
use rand::Rng;
use sync::{CallError, Input, OutboxStore, Unreachable, UserAction};
use uuid::Uuid;

use super::{Event, Faults, Promise, World};
use crate::model::server::REGIONAL;
use crate::model::{at, desk, draft, id};

/// How far clocks jump: an hour, a day, twenty years.
const JUMPS_MS: [i64; 3] = [3_600_000, 86_400_000, 631_152_000_000];

impl World {
    /// From now on nothing goes wrong any more; what is half open stays so until somebody notices.
    pub(super) fn heal(&mut self) {
        self.healed_at_ms = Some(self.now_ms);
        self.faults = Faults { lose: 0, double: 0, refuse: 0, delay_ms: 5, crash: 0 };
        for station in &mut self.stations {
            station.cut_until_ms = 0;
            station.desk.cache.state().failing = 0;
            station.desk.outbox.state().failing = 0;
            station.desk.dies_after = None;
        }
    }

    /// Now and then the next input kills the process somewhere on the way, or a disk refuses.
    pub(super) fn prepare_accident(&mut self, desk: usize) {
        let dies = self.p(self.faults.crash);
        let (cache_fails, outbox_fails) = (self.p(self.faults.crash / 2), self.p(self.faults.crash / 2));
        let (outputs, times) = (self.rng.random_range(0..8), self.rng.random_range(1..4));
        let desk = &mut self.stations[desk].desk;
        let mut cache = desk.cache.state();
        if dies {
            desk.dies_after = Some(outputs);
            cache.may_lose = true;
        }
        if cache_fails {
            cache.failing = times;
        }
        if outbox_fails {
            desk.outbox.state().failing = times;
        }
    }

    pub(super) fn server_lives(&mut self) {
        let now = at(self.now_ms);
        if !self.is_healed() {
            if self.p(100) {
                self.server.put_hidden(now);
            }
            if self.p(200) {
                self.change_regional();
            }
            if self.p(3) {
                self.server.new_epoch();
                self.sockets.clear();
            }
            if self.p(20) {
                let keep = self.rng.random_range(5..100);
                self.server.compact(keep);
            }
            self.strike();
        }
        self.sign_in_again();
        self.push_live();
        self.later(500, Event::ServerLives);
    }

    /// One row that only some roles see comes, changes or goes.
    fn change_regional(&mut self) {
        let row = Uuid::from_u128(self.rng.random_range(100..106));
        let data = self.rng.random_bool(0.6).then(|| "{}".to_owned());
        self.server.put((REGIONAL, row), data, None, at(self.now_ms));
    }

    /// Something happens to one of the desks.
    fn strike(&mut self) {
        let desk = self.rng.random_range(0..self.stations.len());
        if self.p(5) {
            self.start(desk);
        }
        if self.p(10)
            && let Some(socket) = self.sockets.iter_mut().find(|socket| socket.desk == desk)
        {
            socket.stalled = true;
        }
        if self.p(10) {
            self.cut(desk);
        }
        if self.p(5) {
            let (scope, now) = (self.stations[desk].scope, at(self.now_ms));
            self.stations[desk].scope = self.server.change_role(scope, now);
        }
        if self.p(5) {
            let jump_ms = JUMPS_MS[self.rng.random_range(0..JUMPS_MS.len())];
            self.stations[desk].skew_ms = jump_ms * self.rng.random_range(-1..=1);
        }
        if self.clone_due && self.p(10) {
            (self.clone_due, self.cloned) = (false, true);
            let (copy, scope) = (self.stations[desk].desk.copied(), self.stations[desk].scope);
            let queue = copy.outbox.state().commands.values().map(|queued| queued.command.id).collect();
            self.shared = queue;
            self.open(copy, scope);
            self.stations.iter_mut().for_each(|station| station.desk.screen.cloned = true);
        }
    }

    /// A desk is cut off for a while; its socket breaks, or just goes dead.
    fn cut(&mut self, desk: usize) {
        self.stations[desk].cut_until_ms = self.now_ms + self.rng.random_range(1_000..90_000);
        let breaks = self.rng.random_bool(0.5);
        let Some(socket) = self.sockets.iter_mut().find(|socket| socket.desk == desk) else { return };
        socket.stalled = true;
        let id = socket.id;
        if breaks {
            self.sockets.retain(|socket| socket.desk != desk);
            self.deliver(desk, Input::LiveClosed { id, error: CallError::Unreachable(Unreachable::Broken) });
        }
    }

    /// Users who are asked for their password give it, sooner or later, at the desk that their screen says it is.
    fn sign_in_again(&mut self) {
        for desk in 0..self.stations.len() {
            let screen = &self.stations[desk].desk.screen;
            let asked = screen.device.filter(|_| screen.asks_for_password());
            if let Some(device) = asked.filter(|_| self.p(200)) {
                let access = self.server.sign_in(device);
                self.give(desk, Input::SignedIn(desk::tokens(&access)));
            }
        }
    }

    pub(super) fn server_pings(&mut self) {
        for index in 0..self.sockets.len() {
            let socket = self.sockets[index];
            let scope = self.stations[socket.desk].scope;
            if let Ok(None) = self.server.live(scope, socket.at) {
                let frame = self.server.bookmark(scope, socket.at, at(self.now_ms));
                self.sockets[index].at = self.server.cursor;
                self.frame(socket, frame);
            }
        }
        self.later(15_000, Event::ServerPings);
    }

    pub(super) fn user_acts(&mut self) {
        if self.actions_left == 0 {
            return;
        }
        self.actions_left -= 1;
        let desk = self.rng.random_range(0..self.stations.len());
        if self.p(200) {
            self.decide(desk);
        } else {
            self.submit(desk);
        }
        let pause_ms = self.rng.random_range(50..3_000);
        self.later(pause_ms, Event::UserActs);
    }

    fn submit(&mut self, desk: usize) {
        let body = self.some_body();
        let (kind, target) = body.target();
        let strict = matches!(body, CommandBody::TaskAssign { .. });
        let seen = self.stations[desk].desk.cache.version(kind.name(), target);
        let in_time = self.rng.random_bool(0.05);
        let now = self.now_at(desk);
        self.next_id += 1;
        let new = NewCommand {
            id: id(self.next_id),
            body: body.clone(),
            if_match: seen.filter(|_| strict),
            valid_until: in_time.then(|| now.wall + chrono::TimeDelta::minutes(2)),
            depends_on: None,
        };
        let id = new.id;
        let device = self.stations[desk].desk.outbox.state().device;
        if let Some((n, lived)) = self.stations[desk].desk.submit(new, now) {
            self.promised.insert(id, Promise { station: desk, device, n, body });
            self.after(desk, lived);
        }
    }

    fn some_body(&mut self) -> CommandBody {
        let target = self.targets[self.rng.random_range(0..self.targets.len())];
        self.next_id += 1;
        match self.rng.random_range(0..10) {
            0..2 => CommandBody::TaskCreate(draft(target.as_u128(), "Lift stuck")),
            2..7 => CommandBody::TaskNote { task: target.into(), text: self.next_id.to_string() },
            _ => CommandBody::TaskAssign {
                task: target.into(),
                resource: Some(id(self.next_id)),
                choice: None,
            },
        }
    }

    /// All users look at everything that waits for them.
    pub(super) fn decide_everything(&mut self) {
        (0..self.stations.len()).for_each(|desk| self.decide(desk));
    }

    /// The user looks at what waits: insists on some of the conflicts, gives up the rest.
    fn decide(&mut self, desk: usize) {
        for queued in self.stations[desk].desk.open_questions() {
            let (id, n) = (queued.command.id, queued.command.n);
            let may_insist = self.rng.random_bool(0.5);
            match &queued.state {
                CommandState::NeedsUser { why: NeedsUser::Conflict { current: Some(item) } }
                    if may_insist =>
                {
                    self.insist(desk, &queued, item.version);
                    continue;
                }
                CommandState::NeedsUser { why: NeedsUser::Fenced } => self.reviewed.insert(id),
                _ => self.given_up.insert(id),
            };
            self.give(desk, Input::User(UserAction::Discard { n }));
        }
    }

    fn insist(&mut self, desk: usize, old: &QueuedCommand, version: u64) {
        self.next_id += 1;
        let (new_id, now) = (id(self.next_id), self.now_at(desk));
        let (body, if_match) = (old.command.body.clone(), Some(version));
        let new = NewCommand { id: new_id, body, if_match, valid_until: None, depends_on: None };
        let desk_here = &mut self.stations[desk].desk;
        let Ok(new) = desk_here.outbox.replace(old.command.n, &new, now.wall) else { return };
        let (n, device, body) = (new.command.n, desk_here.outbox.state().device, old.command.body.clone());
        self.given_up.insert(old.command.id);
        self.promised.insert(new_id, Promise { station: desk, device, n, body });
        let replaced = UserAction::Replaced { old: old.command.n, new: Box::new(new) };
        self.give(desk, Input::User(replaced));
    }
}
