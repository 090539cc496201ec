//! What has to be true in the end.

use domain::DeviceId;
use protocol::view::ConnectionState;
use protocol::wire::CommandBody;
use sync::SyncEvent;

use super::World;
use crate::model::desk::Desk;
use crate::model::stores::versions;

impl World {
    pub(super) fn in_step(&self) -> bool {
        self.desks.iter().all(|desk| {
            let cursor = desk.cache.state().cursor;
            desk.outbox.state().commands.is_empty() && cursor == Some(self.server.cursor) && is_live(desk)
        })
    }

    pub(super) fn why_not_in_step(&self) -> String {
        let stuck = self.desks.iter().map(|desk| {
            let (cursor, outbox) = (desk.cache.state().cursor, desk.outbox.state());
            let states: Vec<_> =
                outbox.commands.values().map(|queued| (queued.command.n, &queued.state)).collect();
            format!("cursor {cursor:?} live {} queue {states:?}", is_live(desk))
        });
        let stuck: Vec<String> = stuck.collect();
        format!("LIVENESS: not in step; server at {}, desks: {stuck:#?}", self.server.cursor)
    }

    /// Nothing lost, nothing twice, nothing different, nothing out of order.
    pub(super) fn check(&self) -> Result<(), String> {
        for desk in &self.desks {
            if versions(&desk.cache.state().rows) != versions(&self.server.rows) {
                return Err(format!("SAFETY: the cache of {} differs", desk.device));
            }
        }
        let tasks = self.server.tasks();
        let notes: Vec<Vec<u128>> =
            tasks.iter().map(|task| task.notes.iter().map(number).collect()).collect();
        for ((device, n), body) in &self.stored {
            let times = self.server.applied.get(&(*device, *n)).copied().unwrap_or(0);
            let given_up = self.given_up.contains(&(*device, *n));
            match (times, given_up) {
                (1, false) | (0, true) => {}
                (0, false) => return Err(format!("SAFETY: command {n} of {device} is lost: {body:?}")),
                (1, true) => {
                    return Err(format!("SAFETY: command {n} of {device} was done, its user was told no"));
                }
                (times, _) => return Err(format!("SAFETY: command {n} of {device} was done {times} times")),
            }
        }
        for desk in &self.desks {
            let text_of = |(device, _): &(DeviceId, u64), body: &CommandBody| match body {
                CommandBody::TaskNote { text, .. } if *device == desk.device => text.parse::<u128>().ok(),
                _ => None,
            };
            let own: Vec<u128> = self.stored.iter().filter_map(|(key, body)| text_of(key, body)).collect();
            for notes in &notes {
                let order: Vec<usize> =
                    notes.iter().filter_map(|note| own.iter().position(|mine| mine == note)).collect();
                if !order.is_sorted() {
                    return Err(format!("SAFETY: notes of {} are out of order", desk.device));
                }
            }
        }
        Ok(())
    }
}

fn number(note: &domain::task::Note) -> u128 {
    note.text.parse().expect("our own text")
}

fn is_live(desk: &Desk) -> bool {
    let last = desk.events.iter().rev().find_map(|event| match event {
        SyncEvent::Freshness(freshness) => Some(&freshness.state),
        _ => None,
    });
    last == Some(&ConnectionState::Live)
}
