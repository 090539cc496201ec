//! What happens when an engine answers, fails, is slow or talks nonsense, and when another one is chosen meanwhile.

mod batches;
mod faults;
mod forgets;
mod layers;
mod replies;

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::travel::TravelMode;
use engines::{Layered, Now};
use eta::{Estimate, Place, TravelSource, TravelTimes, Trip, Way};
use peers::{Asked, Manner, Pretender};
use protocol::view::{EngineKind, EngineSettings};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const TRIP: Trip = Trip { mode: TravelMode::Car, leaves: DateTime::UNIX_EPOCH };
/// What the region's own roads say of every way.
const OWN_SECS: f64 = 111.0;

fn place(n: usize) -> Place {
    LonLat::new(7.40 + n as f64 / 1_000.0, 43.73).expect("a coordinate").into()
}

fn places(count: usize) -> Vec<Place> {
    (0..count).map(place).collect()
}

/// The region's own roads: every way takes the same, and it is noted for how many they were asked.
#[derive(Default)]
struct OwnRoads {
    asked: Mutex<Vec<usize>>,
}

impl OwnRoads {
    fn asked(&self) -> usize {
        self.asked.lock().expect("nobody panics").iter().sum()
    }
}

impl TravelTimes for OwnRoads {
    fn estimate(&self, _: Place, _: Place, _: Trip) -> Option<Estimate> {
        self.asked.lock().expect("nobody panics").push(1);
        Some(Estimate { duration_secs: OWN_SECS, distance_m: 900.0, source: TravelSource::Roads })
    }
}

/// A clock that a test moves by hand.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn passes(&self, secs: i64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }

    fn shared(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

struct Desk {
    times: Layered,
    own: Arc<OwnRoads>,
    clock: Clock,
}

impl Desk {
    fn asks(settings: EngineSettings) -> Self {
        let (own, clock) = (Arc::new(OwnRoads::default()), Clock::default());
        Self { times: Layered::new(own.clone(), settings, clock.shared()), own, clock }
    }

    fn source(&self, from: usize, to: usize) -> TravelSource {
        self.times.moment().estimate(place(from), place(to), TRIP).expect("there is always something").source
    }

    fn way(&self) -> Way {
        self.times.moment().way(place(0), place(9), TRIP).expect("there is always something")
    }
}

fn osrm(server: &Pretender) -> EngineSettings {
    EngineSettings { kind: EngineKind::Osrm, url: server.url(), timeout_ms: 2_000 }
}

fn valhalla(server: &Pretender) -> EngineSettings {
    EngineSettings { kind: EngineKind::Valhalla, ..osrm(server) }
}

fn says(body: impl Into<String>) -> Manner {
    Manner::Says { status: 200, body: body.into() }
}

/// An OSRM that knows every way: an hour and 90 km, which may be true of any two places here.
fn good_osrm(asked: &Asked) -> Manner {
    osrm_with(asked, "3600.0")
}

/// An OSRM whose cells all say this duration.
fn osrm_with(asked: &Asked, cell: &str) -> Manner {
    let (sources, targets) = sides(&asked.path);
    let rows = |cell: &str| {
        let row = format!("[{}]", vec![cell; targets.len()].join(","));
        vec![row; sources.len()].join(",")
    };
    let at = |side: &[String]| {
        side.iter().map(|at| format!(r#"{{"location":[{at}]}}"#)).collect::<Vec<_>>().join(",")
    };
    says(format!(
        r#"{{"code":"Ok","durations":[{}],"distances":[{}],"sources":[{}],"destinations":[{}]}}"#,
        rows(cell),
        rows("90000.0"),
        at(&sources),
        at(&targets)
    ))
}

/// The coordinates of both sides of a table that OSRM is asked for.
fn sides(path: &str) -> (Vec<String>, Vec<String>) {
    let (path, query) = path.split_once('?').expect("a query");
    let all: Vec<String> =
        path.rsplit('/').next().expect("coordinates").split(';').map(ToOwned::to_owned).collect();
    let sources = query.split('&').find_map(|part| part.strip_prefix("sources=")).expect("sources");
    let (from, to) = all.split_at(sources.split(';').count());
    (from.to_vec(), to.to_vec())
}
