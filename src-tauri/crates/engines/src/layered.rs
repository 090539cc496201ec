//! The layers: the engine that is chosen, over what the region itself knows.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use eta::{Estimate, Leg, Place, TravelTimes, Trip, Way};
use protocol::view::{EngineFault, EngineKind, EngineSettings, EngineState, EngineTestView};

use crate::dialect::Question;
use crate::remote::Remote;

/// Between more places than this nobody's server is asked: thousands of questions for one plan would be more than it offered.
const MOST_AT_ENGINE: usize = 250;

/// Travel times that threads can share.
pub type SharedTimes = Arc<dyn TravelTimes + Send + Sync>;

/// The time, as the owner's clock has it.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Travel times of the chosen engine, and of what it was made over where the engine has none; a question asks those of its
/// [`Moment`].
pub struct Layered {
    own: SharedTimes,
    now: Now,
    chosen: RwLock<Chosen>,
}

struct Chosen {
    settings: EngineSettings,
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    /// Only what it was made over.
    None,
    Remote(Arc<Remote>),
    /// The settings can't be used, since then.
    Unusable(DateTime<Utc>, EngineFault),
}

impl Layered {
    /// Over `own`, which answers by itself what no engine does.
    pub fn new(own: SharedTimes, settings: EngineSettings, now: Now) -> Self {
        let engine = engine(&settings, &now);
        Self { own, now, chosen: RwLock::new(Chosen { settings, engine }) }
    }

    /// Asks another engine from now on. The old one is asked nothing more, whenever a question was thought of; what it still answers
    /// counts for the question that was put to it.
    pub fn set(&self, settings: EngineSettings) {
        let engine = engine(&settings, &self.now);
        let chosen = Chosen { settings, engine };
        let old =
            std::mem::replace(&mut *self.chosen.write().unwrap_or_else(PoisonError::into_inner), chosen);
        if let Engine::Remote(remote) = old.engine {
            remote.forget();
        }
    }

    /// Which engine is asked first.
    pub fn settings(&self) -> EngineSettings {
        self.chosen.read().unwrap_or_else(PoisonError::into_inner).settings.clone()
    }

    /// How it does.
    pub fn state(&self) -> EngineState {
        match self.engine() {
            Engine::None => EngineState::Ready,
            Engine::Remote(remote) => remote.state(),
            Engine::Unusable(since, fault) => EngineState::Failing { since, fault },
        }
    }

    /// Forgets all that engines have answered: somebody's position may be among it.
    pub fn forget(&self) {
        if let Engine::Remote(remote) = self.engine() {
            remote.forget();
        }
    }

    /// Travel times for questions that are thought of now.
    pub fn moment(&self) -> Moment {
        let remote = match self.engine() {
            Engine::Remote(remote) => Some((remote.clone(), remote.epoch())),
            Engine::None | Engine::Unusable(..) => None,
        };
        Moment { own: self.own.clone(), remote }
    }

    /// Tries these settings with one way. With the settings in use it also ends a pause, or begins one.
    pub fn test(&self, settings: &EngineSettings, from: Place, to: Place, trip: Trip) -> EngineTestView {
        let own = self.own.estimate(from, to, trip).filter(|own| own.source.is_by_road());
        let remote = match self.engine() {
            Engine::Remote(remote) if self.settings() == *settings => Engine::Remote(remote),
            Engine::None | Engine::Remote(_) | Engine::Unusable(..) => engine(settings, &self.now),
        };
        let answered = |estimate: Estimate, millis| EngineTestView::Answered {
            millis,
            distance_m: estimate.distance_m,
            duration_secs: estimate.duration_secs,
            own_secs: own.map(|own| own.duration_secs),
        };
        match remote {
            Engine::None => own.map_or(EngineTestView::NoWay, |own| answered(own, 0)),
            Engine::Unusable(_, fault) => EngineTestView::Failed(fault),
            Engine::Remote(remote) => match remote.test(from, to, trip.mode) {
                Ok(Some((estimate, millis))) => answered(estimate, millis),
                Ok(None) => EngineTestView::NoWay,
                Err(fault) => EngineTestView::Failed(fault),
            },
        }
    }

    fn engine(&self) -> Engine {
        self.chosen.read().unwrap_or_else(PoisonError::into_inner).engine.clone()
    }
}

/// Travel times of one moment: questions that were thought of then. Once all is forgotten ([`Layered::forget`]) the engine is asked
/// nothing more of them, and the rest comes from what the layers were made over. So it is when another engine is chosen.
#[derive(Clone)]
pub struct Moment {
    own: SharedTimes,
    /// The engine, and its epoch then.
    remote: Option<(Arc<Remote>, u64)>,
}

impl Moment {
    /// What the engine says, row by row; all `None` where none is asked.
    fn table(&self, from: &[Place], to: &[Place], mode: TravelMode) -> Vec<Option<Estimate>> {
        let Some((remote, epoch)) = &self.remote else { return vec![None; from.len() * to.len()] };
        let legs: Vec<Option<Leg>> = remote.legs(Question { from, to, mode }, *epoch);
        legs.into_iter().map(|leg| leg.map(|leg| remote.labelled(leg))).collect()
    }
}

impl TravelTimes for Moment {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        let told = self.table(&[from], &[to], trip.mode);
        told.into_iter().next().flatten().or_else(|| self.own.estimate(from, to, trip))
    }

    fn estimates_to(&self, from: Place, to: &[Place], trip: Trip) -> Vec<Option<Estimate>> {
        filled(self.table(&[from], to, trip.mode), to, |rest| self.own.estimates_to(from, rest, trip))
    }

    fn estimates_from(&self, from: &[Place], to: Place, trip: Trip) -> Vec<Option<Estimate>> {
        filled(self.table(from, &[to], trip.mode), from, |rest| self.own.estimates_from(rest, to, trip))
    }

    fn estimates_between(&self, places: &[Place], trip: Trip) -> Vec<Vec<Option<Estimate>>> {
        if places.len() > MOST_AT_ENGINE {
            return self.own.estimates_between(places, trip);
        }
        let told = self.table(places, places, trip.mode);
        if told.iter().all(Option::is_some) {
            return told.chunks(places.len().max(1)).map(<[Option<Estimate>]>::to_vec).collect();
        }
        let own = self.own.estimates_between(places, trip);
        let rows = told.chunks(places.len().max(1)).zip(own);
        rows.map(|(told, own)| told.iter().zip(own).map(|(told, own)| told.or(own)).collect()).collect()
    }

    fn has_engine(&self) -> bool {
        self.remote.as_ref().is_some_and(|(remote, epoch)| remote.epoch() == *epoch)
    }

    fn told(&self, ways: &[(Place, Place)], mode: TravelMode) -> Vec<Option<Estimate>> {
        let Some((remote, epoch)) = &self.remote else { return vec![None; ways.len()] };
        let legs = remote.ways(ways, mode, *epoch).into_iter();
        legs.map(|leg| leg.map(|leg| remote.labelled(leg))).collect()
    }

    fn way(&self, from: Place, to: Place, trip: Trip) -> Option<Way> {
        let told = self.remote.as_ref().and_then(|(remote, epoch)| remote.way(from, to, trip.mode, *epoch));
        told.or_else(|| self.own.way(from, to, trip))
    }
}

/// What was told, and the rest from elsewhere.
fn filled(
    mut told: Vec<Option<Estimate>>,
    places: &[Place],
    own: impl FnOnce(&[Place]) -> Vec<Option<Estimate>>,
) -> Vec<Option<Estimate>> {
    let gaps: Vec<usize> = (0..told.len()).filter(|index| told[*index].is_none()).collect();
    if gaps.is_empty() {
        return told;
    }
    let rest: Vec<Place> = gaps.iter().map(|index| places[*index]).collect();
    for (index, estimate) in gaps.into_iter().zip(own(&rest)) {
        told[index] = estimate;
    }
    told
}

fn engine(settings: &EngineSettings, now: &Now) -> Engine {
    match Remote::new(settings, now.clone()) {
        Ok(None) => Engine::None,
        Ok(Some(remote)) => Engine::Remote(Arc::new(remote)),
        Err(fault) => Engine::Unusable(now(), fault),
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("has_engine", &self.remote.is_some()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Layered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind: EngineKind = self.settings().kind;
        f.debug_struct("Layered").field("engine", &kind).field("state", &self.state()).finish_non_exhaustive()
    }
}
