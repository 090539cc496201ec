//! Where this session's travel times come from.

use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::bid::BidStatus;
use domain::travel::TravelMode;
use domain::{BidId, ResourceId, TaskId};
use eta::{Place, Trip};
use protocol::view::{DeskError, DeskErrorCode, EngineKind, EngineSettings, EngineState, TravelView};
use protocol::wire::Rejection;

use super::Session;
use crate::arrivals::place;
use crate::travel::Trial;

/// Sites that are looked at for a way to try an engine with.
const SITES: usize = 200;

/// A way that somebody has before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drive {
    /// Where they are.
    pub from: Place,
    /// Where they go.
    pub to: LonLat,
    /// By what, and when; the server's time.
    pub trip: Trip,
}

impl Session {
    /// The way of a resource to a task, from where it is at `now` of this machine's clock.
    ///
    /// # Errors
    /// Not found where the task, the resource or its position is unknown; private.
    pub fn way_to(&self, resource: ResourceId, task: TaskId, now: DateTime<Utc>) -> Result<Drive, DeskError> {
        let not_found = || DeskError::from(DeskErrorCode::Refused(Rejection::NotFound));
        let scene = self.scene(now);
        let to = scene.task_row(task).ok_or_else(not_found)?.at;
        let card = scene.picture.shown().resources.get(&resource).map(|row| &row.data);
        let card = card.ok_or_else(not_found)?;
        if card.private_since.is_some() {
            return Err(DeskErrorCode::Private.into());
        }
        let fix = scene.positions.fix(resource).filter(|_| scene.position(resource).has_dot());
        let from = place(fix.ok_or_else(not_found)?);
        Ok(Drive { from, to, trip: Trip { mode: card.travels, leaves: scene.now } })
    }

    /// Where travel times come from.
    pub fn travel_view(&self) -> TravelView {
        let modes = self.region.as_ref().map(|region| region.routers.keys().copied().collect());
        TravelView {
            region: self.company.region.clone(),
            modes: modes.unwrap_or_default(),
            engine: self.travel.settings(),
            state: self.travel.state(),
            speeds: self.speeds_view(),
        }
    }

    /// Which engine is asked, and how it does.
    pub fn engine(&self) -> (EngineKind, EngineState) {
        (self.travel.settings().kind, self.travel.state())
    }

    /// Asks this engine from now on: every way anew.
    pub fn set_travel_engine(&mut self, settings: EngineSettings, now: DateTime<Utc>) {
        if self.travel.settings() == settings {
            return;
        }
        self.travel.set(settings);
        self.ask_anew(now);
    }

    /// Travel times have changed: every way is asked anew.
    pub(super) fn ask_anew(&mut self, now: DateTime<Utc>) {
        self.eta_thread.forget_drives();
        let everybody: Vec<ResourceId> = self.picture.shown().resources.keys().copied().collect();
        self.dirty.ways.extend(everybody);
        self.ask_ways(now);
        let bids = self.picture.shown().bids.values().map(|row| &row.data);
        let open: Vec<BidId> = bids.filter(|bid| bid.status == BidStatus::Open).map(|bid| bid.id).collect();
        open.into_iter().for_each(|bid| self.ask_drives(bid, now));
    }

    /// A way to try an engine with: between junctions, or sites of tasks. Nobody's position is in it.
    pub fn trial(&self, now: DateTime<Utc>) -> Trial {
        let rows = self.picture.shown();
        let sites: Vec<LonLat> = rows.tasks.values().map(|row| row.data.at).take(SITES).collect();
        let router = self.region.as_ref().and_then(|region| region.routers.get(&TravelMode::Car)).cloned();
        Trial { times: self.travel.clone(), router, sites, now }
    }
}
