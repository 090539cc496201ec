//! Where this session's travel times come from.

use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::bid::BidStatus;
use domain::travel::TravelMode;
use domain::{BidId, ResourceId};
use protocol::view::{EngineKind, EngineSettings, EngineState, TravelView};

use super::Session;
use crate::travel::Trial;

/// Sites that are looked at for a way to try an engine with.
const SITES: usize = 200;

impl Session {
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
