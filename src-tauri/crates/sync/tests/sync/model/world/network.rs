//! The network and the server's side of it.

use protocol::wire::{Cursor, LiveFrame, PositionsResponse};
use rand::Rng;
use sync::{Call, CallError, Input, LiveId, Reply, Request, Unreachable};

use super::{Event, Socket, World};
use crate::model::at;
use crate::model::desk::Wire;

impl World {
    /// Brings what a desk wants from the network on its way.
    pub(super) fn carry(&mut self, desk: usize) {
        for wire in std::mem::take(&mut self.stations[desk].desk.wire) {
            match wire {
                Wire::Request(request) => self.send(desk, request),
                Wire::Abandon(id) => drop(self.stations[desk].unanswered.remove(&id)),
                Wire::OpenLive(id, cursor) => {
                    self.stations[desk].silent_since_ms = Some(self.now_ms);
                    let (life, delay_ms) = (self.stations[desk].life, self.delay_ms());
                    self.later(delay_ms, Event::Accept { desk, life, id, cursor });
                }
                Wire::CloseLive(id) => {
                    self.stations[desk].silent_since_ms = None;
                    self.sockets.retain(|socket| socket.desk != desk || socket.id != id);
                }
            }
        }
    }

    fn send(&mut self, desk: usize, mut request: Request) {
        self.stations[desk].unanswered.insert(request.id, self.now_ms);
        if let Some(mutant) = self.mutant {
            mutant.bend_request(&mut request, |command| self.sent.contains(&command.id));
        }
        if let Call::Commands { commands, .. } = &request.call {
            self.sent.extend(commands.iter().map(|command| command.id));
        }
        let lost = self.is_cut(desk) || self.p(self.faults.lose);
        let times = if lost { 0 } else { 1 + usize::from(self.p(self.faults.double)) };
        let life = self.stations[desk].life;
        for _ in 0..times {
            let delay_ms = self.delay_ms();
            self.later(delay_ms, Event::ToServer { desk, life, request: request.clone() });
        }
        if lost && self.rng.random_bool(0.5) {
            let result = Err(CallError::Unreachable(Unreachable::Connect));
            self.deliver(desk, Input::Answered { id: request.id, result });
        }
    }

    pub(super) fn is_cut(&self, desk: usize) -> bool {
        self.stations[desk].cut_until_ms > self.now_ms
    }

    fn delay_ms(&mut self) -> u64 {
        self.rng.random_range(1..=self.faults.delay_ms)
    }

    pub(super) fn deliver(&mut self, desk: usize, input: Input) {
        let (life, delay_ms) = (self.stations[desk].life, self.delay_ms());
        self.later(delay_ms, Event::ToDesk { desk, life, input });
    }

    /// A sign of life came in.
    pub(super) fn note_heard(&mut self, desk: usize, input: &Input) {
        let station = &mut self.stations[desk];
        match input {
            Input::Answered { id, .. } => drop(station.unanswered.remove(id)),
            Input::LiveOpened(_) | Input::Live { .. } => station.silent_since_ms = Some(self.now_ms),
            Input::LiveClosed { .. } => station.silent_since_ms = None,
            _ => {}
        }
    }

    pub(super) fn serve(&mut self, desk: usize, life: u32, request: Request) {
        if self.p(self.faults.refuse) {
            let refusal = self.refusal();
            return self.answer(desk, life, &request, Err(refusal));
        }
        let mut result = self.do_call(desk, &request);
        if let (Some(mutant), Ok(Reply::Commands(outcomes))) = (self.mutant, &mut result) {
            mutant.bend_outcomes(outcomes);
        }
        self.push_live();
        if self.p(self.faults.lose) || self.is_cut(desk) {
            return; // done, and nobody hears of it
        }
        if self.p(self.faults.refuse / 4) {
            result = Err(self.refusal()); // done, and denied by something on the way
        }
        self.answer(desk, life, &request, result);
    }

    fn refusal(&mut self) -> CallError {
        let refusals = [(500, None), (502, None), (503, Some(2)), (429, Some(5))];
        let (status, retry_after_secs) = refusals[self.rng.random_range(0..refusals.len())];
        CallError::Status { status, body: None, retry_after_secs }
    }

    fn do_call(&mut self, desk: usize, request: &Request) -> Result<Reply, CallError> {
        let (now, scope) = (at(self.now_ms), self.stations[desk].scope);
        match &request.call {
            Call::Snapshot { page_token } => {
                self.server.snapshot(scope, page_token.as_deref()).map(Reply::Snapshot)
            }
            Call::Changes { cursor, .. } => self.server.changes(scope, *cursor, now).map(Reply::Changes),
            Call::Positions => {
                Ok(Reply::Positions(PositionsResponse { positions: Vec::new(), server_time: now }))
            }
            Call::Commands { commands, device, acked_through, .. } => {
                self.server.admit(&request.access.0, *device)?;
                Ok(Reply::Commands(self.server.commands(*device, *acked_through, commands, now)))
            }
            Call::Refresh { .. } => Err(CallError::Unreadable("tokens live for ever here".to_owned())),
        }
    }

    fn answer(&mut self, desk: usize, life: u32, request: &Request, result: Result<Reply, CallError>) {
        let delay_ms = self.delay_ms();
        self.later(delay_ms, Event::ToDesk { desk, life, input: Input::Answered { id: request.id, result } });
    }

    pub(super) fn accept(&mut self, desk: usize, id: LiveId, cursor: Cursor) {
        if self.p(self.faults.refuse) || self.is_cut(desk) {
            let error = CallError::Unreachable(Unreachable::Broken);
            return self.deliver(desk, Input::LiveClosed { id, error });
        }
        self.sockets.retain(|socket| socket.desk != desk);
        self.deliver(desk, Input::LiveOpened(id));
        self.sockets.push(Socket { desk, id, at: cursor, stalled: false });
        self.push_live();
    }

    /// Sends every socket what is new, or a last word; frames may be lost, doubled and overtake each other.
    pub(super) fn push_live(&mut self) {
        let mut ended = Vec::new();
        for index in 0..self.sockets.len() {
            let scope = self.stations[self.sockets[index].desk].scope;
            loop {
                match self.server.live(scope, self.sockets[index].at) {
                    Ok(Some((frame, cursor))) => {
                        self.sockets[index].at = cursor;
                        self.frame(self.sockets[index], frame);
                    }
                    Ok(None) => break,
                    Err(last) => {
                        self.frame(self.sockets[index], last);
                        ended.push(self.sockets[index].id);
                        self.hang_up(self.sockets[index]);
                        break;
                    }
                }
            }
        }
        let is_open = |socket: &Socket| !ended.contains(&socket.id) || socket.stalled;
        self.sockets.retain(is_open);
    }

    /// After its last frame a socket is closed, unless that gets lost, too.
    fn hang_up(&mut self, socket: Socket) {
        if !socket.stalled && !self.p(self.faults.lose / 4) {
            let (id, error) = (socket.id, CallError::Unreachable(Unreachable::Broken));
            let (desk, life) = (socket.desk, self.stations[socket.desk].life);
            let input = Input::LiveClosed { id, error };
            self.later(self.faults.delay_ms + 1, Event::ToDesk { desk, life, input });
        }
    }

    pub(super) fn frame(&mut self, socket: Socket, frame: LiveFrame) {
        if socket.stalled || self.is_cut(socket.desk) {
            return;
        }
        let times =
            if self.p(self.faults.lose / 4) { 0 } else { 1 + usize::from(self.p(self.faults.double)) };
        for _ in 0..times {
            self.deliver(socket.desk, Input::Live { id: socket.id, frame: Box::new(frame.clone()) });
        }
    }
}
