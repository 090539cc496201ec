//! What has to be true: at every moment, and in the end.

use std::collections::BTreeMap;

use protocol::wire::CommandBody;

use super::World;

impl World {
    /// After every input of a desk: what its user sees, and what is stored.
    pub(super) fn look_at(&mut self, desk: usize) {
        let station = &mut self.stations[desk];
        if let Some(flaw) = station.desk.screen.flaw.take() {
            return self.flaw = Some(format!("desk {desk}: {flaw}"));
        }
        if self.flaw.is_none() && !self.has_the_rows(desk) {
            self.flaw = Some(format!("desk {desk} stands where the server does, with other rows"));
        }
        if let Some((device, n)) = self.server.ledger.reused.filter(|_| !self.cloned) {
            self.flaw = Some(format!("number {n} of {device} came twice with different bytes"));
        }
    }

    /// A cache that stands at the server's head holds the rows of its view, each in its version.
    fn has_the_rows(&self, desk: usize) -> bool {
        let station = &self.stations[desk];
        let cache = station.desk.cache.state();
        let at_head =
            cache.cursor == Some(self.server.cursor) && self.server.cursor.seq >= station.scope.since;
        let versions = |item: &protocol::wire::Item| (item.id, item.version);
        !at_head || cache.rows.values().map(versions).eq(self.server.view(station.scope).map(versions))
    }

    pub(super) fn is_in_step(&self) -> bool {
        self.stations.iter().all(|station| {
            let stands_at = station.desk.cache.state().cursor;
            stands_at == Some(self.server.cursor)
                && station.desk.screen.is_live()
                && station.desk.outbox.state().commands.is_empty()
        })
    }

    pub(super) fn why_not_in_step(&self) -> String {
        let stuck = self.stations.iter().map(|station| {
            let (cursor, outbox) = (station.desk.cache.state().cursor, station.desk.outbox.state());
            let states: Vec<_> =
                outbox.commands.values().map(|queued| (queued.command.n, &queued.state)).collect();
            format!("cursor {cursor:?}, {:?}, queue {states:?}", station.desk.screen.freshness)
        });
        let stuck: Vec<String> = stuck.collect();
        format!("LIVENESS: not in step; server at {}, desks: {stuck:#?}", self.server.cursor)
    }

    /// Nothing lost, nothing twice, nothing out of order.
    pub(super) fn check(&self) -> Result<(), String> {
        for (id, promise) in &self.promised {
            let times = self.server.ledger.applied.get(id).copied().unwrap_or(0);
            let (given_up, reviewed) = (self.given_up.contains(id), self.reviewed.contains(id));
            let world = if self.cloned { " in a world with a clone" } else { "" };
            let what = format!("SAFETY: command {} of {}{world}", promise.n, promise.device);
            match (times, given_up) {
                (1, false) | (0, true) => {}
                (0 | 1, _) if reviewed => {}
                (1, true) if self.shared.contains(id) => {}
                (0, false) => return Err(format!("{what} is lost: {:?}", promise.body)),
                (1, true) => return Err(format!("{what} was done, its user was told no")),
                (times, _) => return Err(format!("{what} was done {times} times")),
            }
        }
        self.check_order()
    }

    /// The notes of one desk on one task stand in the order in which they were written.
    fn check_order(&self) -> Result<(), String> {
        // A copy of a command under review may still be on its way when its desk goes on as another device.
        let settled = self.promised.iter().filter(|(id, _)| !self.reviewed.contains(*id));
        let author = |promise: &super::Promise| match &promise.body {
            CommandBody::TaskNote { text, .. } => Some((text.clone(), promise.station)),
            _ => None,
        };
        let authors: BTreeMap<String, usize> = settled.filter_map(|(_, promise)| author(promise)).collect();
        for task in self.server.tasks() {
            for station in 0..self.stations.len() {
                let own = task.notes.iter().filter(|note| authors.get(&note.text) == Some(&station));
                let numbers: Vec<u64> = own.map(|note| note.text.parse().expect("our own text")).collect();
                if !numbers.is_sorted() {
                    return Err(format!("SAFETY: notes of desk {station} are out of order"));
                }
            }
        }
        Ok(())
    }
}
