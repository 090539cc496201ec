//! The company has moved: the roads of its new region are opened in the back.

use super::{Controller, Phase};
use crate::event::DeskEvent;
use crate::regions::OpenRegion;

impl Controller {
    /// Opens the region of the company's row, if that is another one than before.
    pub(super) fn follow_region(&mut self) {
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let Some(name) = running.session.take_region_to_open() else { return };
        let (session, events, regions) =
            (running.number, self.wiring.events.clone(), self.wiring.regions.clone());
        self.tasks.spawn(async move {
            let wanted = name.clone();
            let opening = tokio::task::spawn_blocking(move || regions.open(&wanted)).await;
            let region = opening.unwrap_or_else(|error| {
                tracing::error!(%error, region = name, "a region was not opened");
                None
            });
            let region = region.map(Box::new);
            events.send(DeskEvent::Region { session, name, region }).await.ok(); // else the desk has stopped
        });
    }

    pub(super) fn on_region(&mut self, session: u64, name: &str, region: Option<Box<OpenRegion>>) {
        let now = self.now();
        let Phase::SignedIn(running) = &mut self.phase else { return };
        if running.number != session {
            return;
        }
        running.session.on_region(name, region.map(|region| *region), now);
        let engine = self.settings.engine(&running.identity, &running.session.company().region);
        running.session.set_travel_engine(engine, now);
    }
}
