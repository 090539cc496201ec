//! One desk and one server without chance: every request is answered at once, unless a story says otherwise.

use std::collections::{BTreeMap, VecDeque};

use domain::DeviceId;
use protocol::durable::{CommandState, IncidentKind, NewCommand};
use protocol::entity::EntityType;
use protocol::view::ConnectionState;
use protocol::wire::{Command, CommandBody, Cursor, LiveFrame, PositionUpdate, PositionsResponse};
use sync::{
    Call, CallError, Change, CoreConfig, Input, LiveId, Now, Reply, Request, SyncEvent, Unreachable,
    UserAction,
};
use uuid::Uuid;

use super::model::desk::{Desk, Wire};
use super::model::server::{Scope, Server};
use super::model::stores::Rows;
use super::model::{at, draft, id};

/// The same on both clocks.
pub fn now(ms: u64) -> Now {
    Now { wall: at(ms), mono_ms: ms }
}

/// Id and version of each row: what two caches are compared by.
pub fn versions(rows: &Rows) -> BTreeMap<(EntityType, Uuid), u64> {
    rows.iter().map(|(key, item)| (key.clone(), item.version)).collect()
}

/// What a story says about the network.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// Nothing gets through.
    pub offline: bool,
    /// Requests disappear, and nobody says so.
    pub silent: bool,
    /// The server does what it is asked, but its answers to commands are lost.
    pub replies_lost: bool,
    /// Every call gets this status.
    pub status: Option<u16>,
    /// Batches with a command on this row get this status.
    pub poison: Option<(Uuid, u16)>,
    /// Live sockets open, but nothing comes through them.
    pub mute: bool,
}

/// The office of a story.
pub struct Office {
    pub ms: u64,
    pub desk: Desk,
    pub server: Server,
    pub weather: Weather,
    pub live: Option<(LiveId, Cursor)>,
    /// Every batch of commands that went out.
    pub sent: Vec<Vec<Command>>,
    /// Every other call that went out.
    pub calls: Vec<&'static str>,
    /// What `GET /v1/positions` answers.
    pub positions: Vec<PositionUpdate>,
    next_id: u128,
}

impl Office {
    /// Before the desk is switched on.
    pub fn closed() -> Self {
        let config = CoreConfig { resync_jitter_ms: 0, ..CoreConfig::default() };
        let device: DeviceId = id(77);
        Office {
            ms: 1_000_000,
            desk: Desk::new(device, 1, config),
            server: Server::new(),
            weather: Weather::default(),
            live: None,
            sent: Vec::new(),
            calls: Vec::new(),
            positions: Vec::new(),
            next_id: 5_000,
        }
    }

    /// The desk is on and in step.
    pub fn open() -> Self {
        let mut office = Office::closed();
        office.switch_on();
        office
    }

    /// The process starts (again).
    pub fn switch_on(&mut self) {
        self.live = None;
        self.desk.start("a1", now(self.ms)).expect("lives");
        self.settle();
    }

    pub fn input(&mut self, input: Input) {
        self.feed(input);
        self.settle();
    }

    /// An input whose consequences may wait.
    pub fn feed(&mut self, input: Input) {
        self.desk.handle(input, now(self.ms)).expect("nobody kills it here");
    }

    /// Time passes; timers fire when they are due.
    pub fn pass(&mut self, ms: u64) {
        let until = self.ms + ms;
        while self.desk.wake_ms <= until {
            self.ms = self.desk.wake_ms.max(self.ms + 1);
            self.input(Input::Timer);
        }
        self.ms = until;
    }

    pub fn submit(&mut self, body: CommandBody, if_match: Option<u64>) -> u64 {
        self.submit_until(body, if_match, None)
    }

    pub fn submit_until(&mut self, body: CommandBody, if_match: Option<u64>, valid_ms: Option<u64>) -> u64 {
        self.next_id += 1;
        let valid_until = valid_ms.map(|ms| at(self.ms + ms));
        let new = NewCommand { id: id(self.next_id), body, if_match, valid_until, depends_on: None };
        let (n, lived) = self.desk.submit(new, now(self.ms)).expect("the store takes it");
        lived.expect("nobody kills it here");
        self.settle();
        n
    }

    pub fn discard(&mut self, n: u64) {
        self.input(Input::User(UserAction::Discard { n }));
    }

    /// The state of a command, if it is still queued.
    pub fn state(&self, n: u64) -> Option<CommandState> {
        self.desk.outbox.state().commands.get(&n).map(|queued| queued.state.clone())
    }

    pub fn connection(&self) -> ConnectionState {
        let last = self.desk.events.iter().rev().find_map(|event| match event {
            SyncEvent::Freshness(freshness) => Some(freshness.state.clone()),
            _ => None,
        });
        last.expect("freshness is told from the start")
    }

    pub fn incidents(&self) -> Vec<IncidentKind> {
        let kinds = self.desk.events.iter().filter_map(|event| match event {
            SyncEvent::Incident(incident) => Some(incident.kind),
            _ => None,
        });
        kinds.collect()
    }

    pub fn changes(&self) -> Vec<&Change> {
        let changes = self.desk.events.iter().filter_map(|event| match event {
            SyncEvent::Applied { changes, .. } => Some(changes),
            _ => None,
        });
        changes.flatten().collect()
    }

    pub fn times_sent(&self, n: u64) -> usize {
        self.sent.iter().flatten().filter(|command| command.n == n).count()
    }

    pub fn frame(&mut self, frame: LiveFrame) {
        let (id, _) = self.live.expect("a socket is open");
        self.input(Input::Live { id, frame: Box::new(frame) });
    }

    /// Somebody else creates a task or puts a row.
    pub fn elsewhere(&mut self, entity: &str, row: Uuid, data: Option<String>) {
        self.server.put((entity, row), data, None, at(self.ms));
        self.settle();
    }

    /// Another desk's command.
    pub fn colleague(&mut self, n: u64, body: CommandBody) {
        self.as_device(id(88), n, body);
    }

    /// A command of whoever says to be that device.
    pub fn as_device(&mut self, device: DeviceId, n: u64, body: CommandBody) {
        self.next_id += 1;
        let occurred = protocol::wire::Occurred { wall: at(self.ms), mono_age_ms: 0 };
        let (id, if_match, valid_until, depends_on) = (id(self.next_id), None, None, None);
        let command = Command { n, id, body, if_match, occurred, valid_until, depends_on };
        self.server.commands(device, 0, &[command], at(self.ms));
        self.settle();
    }

    pub fn task(&mut self, number: u128) {
        self.colleague(number as u64, CommandBody::TaskCreate(draft(number, "Lift stuck")));
    }

    /// Answers everything until nothing is asked any more.
    pub fn settle(&mut self) {
        loop {
            let wires: VecDeque<Wire> = std::mem::take(&mut self.desk.wire).into();
            if wires.is_empty() && !self.push_live() {
                return;
            }
            for wire in wires {
                match wire {
                    Wire::Request(request) => self.serve(request),
                    Wire::Abandon(_) => {}
                    Wire::OpenLive(id, cursor) => self.open_live(id, cursor),
                    Wire::CloseLive(id) => drop(self.live.take_if(|(open, _)| *open == id)),
                }
            }
        }
    }

    fn open_live(&mut self, id: LiveId, cursor: Cursor) {
        if self.weather.offline {
            let error = CallError::Unreachable(Unreachable::Connect);
            self.feed(Input::LiveClosed { id, error });
            return;
        }
        self.live = Some((id, cursor));
        self.feed(Input::LiveOpened(id));
    }

    fn push_live(&mut self) -> bool {
        let Some((id, at)) = self.live.filter(|_| !self.weather.mute && !self.weather.offline) else {
            return false;
        };
        match self.server.live(Scope::ALL, at) {
            Ok(Some((frame, cursor))) => {
                self.live = Some((id, cursor));
                self.feed(Input::Live { id, frame: Box::new(frame) });
                true
            }
            Ok(None) => false,
            Err(last) => {
                self.feed(Input::Live { id, frame: Box::new(last) });
                true
            }
        }
    }

    fn serve(&mut self, request: Request) {
        let result = match (&self.weather, &request.call) {
            (Weather { offline: true, .. }, _) => Err(CallError::Unreachable(Unreachable::Connect)),
            (Weather { silent: true, .. }, _) => return,
            (Weather { status: Some(status), .. }, call) if !matches!(call, Call::Refresh { .. }) => {
                self.calls.push("refused");
                Err(refused(*status))
            }
            (_, _) => self.answer(&request),
        };
        if let Some(result) = result.map_or_else(|error| Some(Err(error)), |reply| reply.map(Ok)) {
            self.feed(Input::Answered { id: request.id, result });
        }
    }

    /// What the server says; `None` when the answer is lost on the way.
    fn answer(&mut self, request: &Request) -> Result<Option<Reply>, CallError> {
        let now = at(self.ms);
        Ok(Some(match &request.call {
            Call::Snapshot { page_token } => {
                self.calls.push("snapshot");
                Reply::Snapshot(self.server.snapshot(Scope::ALL, page_token.as_deref())?)
            }
            Call::Changes { cursor, .. } => {
                self.calls.push("changes");
                Reply::Changes(self.server.changes(Scope::ALL, *cursor, now)?)
            }
            Call::Positions => {
                Reply::Positions(PositionsResponse { positions: self.positions.clone(), server_time: now })
            }
            Call::Refresh { .. } => {
                self.calls.push("refresh");
                return Err(refused(401));
            }
            Call::Commands { commands, device, acked_through, .. } => {
                self.server.admit(&request.access.0, *device)?;
                self.sent.push(commands.clone());
                if let Some((row, status)) = self.weather.poison
                    && commands.iter().any(|command| command.body.target().1 == row)
                {
                    return Err(refused(status));
                }
                let outcomes = self.server.commands(*device, *acked_through, commands, now);
                if self.weather.replies_lost {
                    return Ok(None);
                }
                Reply::Commands(outcomes)
            }
        }))
    }
}

/// A refusal without a body.
fn refused(status: u16) -> CallError {
    CallError::Status { status, body: None, retry_after_secs: None }
}
