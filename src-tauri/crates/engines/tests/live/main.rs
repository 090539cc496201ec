//! Real engines on loopback, out of the wheels that their projects publish: a real OSRM and a real Valhalla over Monaco's extract,
//! against our own router over the same. `cargo xtask test` runs them; by hand:
//!
//! ```text
//! cargo test -p engines --test engines-live -- --ignored
//! ```

use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::travel::TravelMode;
use engines::{Layered, SharedTimes};
use eta::{Estimate, Place, Router, TravelSource, TravelTimes, Trip, Way};
use peers::{Osrm, Valhalla};
use protocol::view::{EngineFault, EngineKind, EngineSettings, EngineState, EngineTestView};
use region::Region;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const RESOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources");

fn extract() -> PathBuf {
    Path::new(RESOURCES).join("regions/monaco/monaco.osm.pbf")
}

fn router(mode: TravelMode) -> Arc<Router> {
    static ROUTERS: OnceLock<Vec<(TravelMode, Arc<Router>)>> = OnceLock::new();
    let routers = ROUTERS.get_or_init(|| {
        let region = Region::bundled_monaco(Path::new(RESOURCES)).expect("the bundled region");
        region
            .routers()
            .expect("its roads")
            .into_iter()
            .map(|(mode, router)| (mode, Arc::new(router)))
            .collect()
    });
    routers.iter().find(|(of, _)| *of == mode).expect("all modes are there").1.clone()
}

fn trip(mode: TravelMode) -> Trip {
    Trip { mode, leaves: DateTime::UNIX_EPOCH }
}

fn at(lon: f64, lat: f64) -> Place {
    LonLat::new(lon, lat).expect("a coordinate").into()
}

#[expect(clippy::disallowed_methods, reason = "real servers answer in real time")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

fn settings(kind: EngineKind, port: u16) -> EngineSettings {
    EngineSettings { kind, url: format!("http://127.0.0.1:{port}"), timeout_ms: 10_000 }
}

/// Knows nothing: what comes through is the engine's.
struct Nothing;

impl TravelTimes for Nothing {
    fn estimate(&self, _: Place, _: Place, _: Trip) -> Option<Estimate> {
        None
    }
}

fn only(settings: &EngineSettings) -> Layered {
    Layered::new(Arc::new(Nothing), settings.clone(), Arc::new(now))
}

fn over_own_roads(settings: &EngineSettings, mode: TravelMode) -> Layered {
    let own: SharedTimes = router(mode);
    Layered::new(own, settings.clone(), Arc::new(now))
}

/// Places on roads for everybody, spread over the town.
fn places(mode: TravelMode, count: u64) -> Vec<Place> {
    (0..count).map(|n| router(mode).random_node(n * 7_919).into()).collect()
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// How far their durations are from ours, in percent: half of the pairs below the first, nineteen of twenty below the second.
fn deviations_pct(times: &Layered, mode: TravelMode, label: TravelSource) -> (f64, f64) {
    let places = places(mode, 40);
    let theirs = times.moment().estimates_between(&places, trip(mode));
    let ours = router(mode).estimates_between(&places, trip(mode));
    let mut deviations = Vec::new();
    for (theirs, ours) in theirs.iter().flatten().zip(ours.iter().flatten()) {
        let ours = ours.expect("our router knows its own junctions");
        let Some(theirs) = theirs else { continue };
        assert_eq!(theirs.source, label, "nobody else has answered");
        if ours.duration_secs > 60.0 {
            deviations.push((theirs.duration_secs - ours.duration_secs).abs() / ours.duration_secs * 100.0);
        }
    }
    assert!(deviations.len() > 1_000, "nearly all pairs are known to both: {}", deviations.len());
    (quantile(&mut deviations, 0.5), quantile(&mut deviations, 0.95))
}

/// A drawn way agrees with the table, and with the road it runs on.
fn assert_drawn(way: &Way, estimate: &Estimate, mode: TravelMode) {
    assert_eq!(way.estimate.source, estimate.source, "both of one engine");
    let off = (way.estimate.duration_secs - estimate.duration_secs).abs() / estimate.duration_secs;
    assert!(off < 0.1, "the line takes as long as the list says: {way:?}, {estimate:?}");
    assert!(way.points.len() > 10, "a line with its corners");
    let metres: f64 = way.points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    assert!((metres / way.estimate.distance_m - 1.0).abs() < 0.03, "as long as it is drawn: {metres} m");
    for point in &way.points {
        let snap = router(mode).snap(*point).expect("on our roads, too");
        assert!(snap.distance_m < 30.0, "the line runs along roads: {} m off", snap.distance_m);
    }
}

const STATION: (f64, f64) = (7.4190, 43.7385);
const CASINO: (f64, f64) = (7.4280, 43.7395);

fn assert_boats_stay_at_sea(settings: &EngineSettings, label: TravelSource) {
    let (boat, casino, station) = (at(7.46, 43.70), at(CASINO.0, CASINO.1), at(STATION.0, STATION.1));
    let (alone, layered) = (only(settings), over_own_roads(settings, TravelMode::Car));
    let car = trip(TravelMode::Car);
    assert_eq!(
        alone.moment().estimate(boat, casino, car),
        None,
        "no drive begins four kilometres from the quay"
    );
    assert_eq!(alone.moment().way(boat, casino, car), None, "and none is drawn");
    let told = layered.moment().estimates_from(&[boat, station], casino, car);
    let sources: Vec<_> = told.iter().flatten().map(|estimate| estimate.source).collect();
    assert_eq!(sources, [TravelSource::StraightLine, label], "a guess that says so, beside a real way");
    assert!(
        matches!(layered.state(), EngineState::Answering { .. }),
        "it did its work: {:?}",
        layered.state()
    );
}

fn assert_tested(settings: &EngineSettings) {
    let times = over_own_roads(&EngineSettings::default(), TravelMode::Car);
    let test = times.test(settings, at(STATION.0, STATION.1), at(CASINO.0, CASINO.1), trip(TravelMode::Car));
    let EngineTestView::Answered { distance_m, duration_secs, own_secs, millis } = test else {
        panic!("a short way is known: {test:?}")
    };
    let own_secs = own_secs.expect("we know it, too");
    assert!(
        (0.6..1.7).contains(&(duration_secs / own_secs)),
        "the same way: {duration_secs} s, {own_secs} s"
    );
    assert!((500.0..4_000.0).contains(&distance_m), "from the station to the casino: {distance_m} m");
    assert!(millis < 10_000, "in time: {millis} ms");
}

/// Drives that have nothing to do with each other, in tables and one by one: milliseconds of both.
fn assert_same_together(settings: &EngineSettings) -> (i64, i64) {
    let places = places(TravelMode::Car, 600);
    let ways: Vec<(Place, Place)> = places.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect();
    let (together, alone, car) = (only(settings), only(settings), trip(TravelMode::Car));
    let begun = now();
    let told = together.moment().told(&ways, car.mode);
    let told_ms = (now() - begun).num_milliseconds();
    let single: Vec<_> = ways.iter().map(|(from, to)| alone.moment().estimate(*from, *to, car)).collect();
    let single_ms = (now() - begun).num_milliseconds() - told_ms;
    assert!(told.iter().flatten().count() > 270, "nearly all are known: {:?}", together.state());
    let is_same = |told: &Option<Estimate>, single: &Option<Estimate>| {
        let secs = |drive: &Option<Estimate>| drive.map(|drive| drive.duration_secs);
        secs(told).zip(secs(single)).map_or(told == single, |(told, single)| (told - single).abs() <= 2.0)
    };
    let same = told.iter().zip(&single).filter(|(told, single)| is_same(told, single)).count();
    assert!(same > 290, "a table says of a drive what the engine says of it alone: {same} of 300");
    (told_ms, single_ms)
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn real_engines_say_the_same_of_many_drives_together() {
    let osrm = Osrm::start(&extract(), "car", &[]).expect("a server");
    let valhalla = Valhalla::start(&extract()).expect("a server");
    for engine in [settings(EngineKind::Osrm, osrm.port()), settings(EngineKind::Valhalla, valhalla.port())] {
        let (told_ms, single_ms) = assert_same_together(&engine);
        println!("{:?}: 300 drives take {told_ms} ms together, {single_ms} ms one by one", engine.kind);
    }
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn a_real_osrm_says_what_we_say() {
    let server = Osrm::start(&extract(), "car", &[]).expect("a server");
    let osrm = settings(EngineKind::Osrm, server.port());
    let times = only(&osrm);
    let (p50, p95) = deviations_pct(&times, TravelMode::Car, TravelSource::Osrm);
    println!("{}: durations differ by {p50:.2} % (median), {p95:.2} % (p95)", server.version);
    assert!(p50 < 5.0 && p95 < 15.0, "its car profile has our speeds: {p50} %, {p95} %");
    let (from, to) = (at(STATION.0, STATION.1), at(CASINO.0, CASINO.1));
    let car = trip(TravelMode::Car);
    let estimate = times.moment().estimate(from, to, car).expect("in town");
    assert_drawn(&times.moment().way(from, to, car).expect("in town"), &estimate, TravelMode::Car);
    let heading = Place::heading(from.at, 90.0);
    assert!(times.moment().estimate(heading, to, car).is_some(), "a heading is understood");
    assert_boats_stay_at_sea(&osrm, TravelSource::Osrm);
    assert_tested(&osrm);
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn a_real_osrm_takes_our_largest_block_as_it_is_set_up() {
    let server = Osrm::start(&extract(), "car", &[]).expect("a server");
    let times = only(&settings(EngineKind::Osrm, server.port()));
    let mut places = places(TravelMode::Car, 150);
    for (n, place) in places.iter_mut().enumerate() {
        place.heading_deg = Some(n as f64);
    }
    let told = times.moment().estimates_between(&places, trip(TravelMode::Car));
    let known = told.iter().flatten().flatten().count();
    assert!(known > 150 * 150 * 9 / 10, "four tables, all answered: {known}");
    assert!(
        matches!(times.state(), EngineState::Answering { .. }),
        "without a complaint: {:?}",
        times.state()
    );
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn a_real_osrm_for_cars_is_not_believed_of_feet() {
    let server = Osrm::start(&extract(), "car", &[]).expect("a server");
    let osrm = settings(EngineKind::Osrm, server.port());
    let places = places(TravelMode::Foot, 20);
    let told =
        over_own_roads(&osrm, TravelMode::Foot).moment().estimates_between(&places, trip(TravelMode::Foot));
    let too_fast =
        told.iter().flatten().flatten().filter(|estimate| {
            estimate.distance_m > 200.0 && estimate.distance_m > 3.0 * estimate.duration_secs
        });
    assert_eq!(too_fast.count(), 0, "nobody runs as fast as a car drives");
    let walking = Osrm::start(&extract(), "foot", &[]).expect("a server");
    let times = only(&settings(EngineKind::Osrm, walking.port()));
    let (p50, p95) = deviations_pct(&times, TravelMode::Foot, TravelSource::Osrm);
    println!("{}: durations differ by {p50:.2} % (median), {p95:.2} % (p95)", walking.version);
    assert!(p50 < 15.0, "its foot profile walks as we do: {p50} %, {p95} %");
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn a_real_valhalla_says_about_what_we_say() {
    let server = Valhalla::start(&extract()).expect("a server");
    let valhalla = settings(EngineKind::Valhalla, server.port());
    let times = only(&valhalla);
    // Its speeds and its care for turns are its own: another opinion of the same streets.
    for (mode, usual_pct) in [(TravelMode::Car, 35.0), (TravelMode::Bicycle, 35.0), (TravelMode::Foot, 25.0)]
    {
        let (p50, p95) = deviations_pct(&times, mode, TravelSource::Valhalla);
        println!("{}, {mode:?}: durations differ by {p50:.2} % (median), {p95:.2} % (p95)", server.version);
        assert!(p50 < usual_pct, "{mode:?}: the same streets: {p50} %, {p95} %");
        let (from, to) = (at(STATION.0, STATION.1), at(CASINO.0, CASINO.1));
        let estimate = times.moment().estimate(from, to, trip(mode)).expect("in town");
        assert_drawn(&times.moment().way(from, to, trip(mode)).expect("in town"), &estimate, mode);
        let heading = Place::heading(from.at, 90.0);
        assert!(
            times.moment().estimate(heading, to, trip(mode)).is_some(),
            "{mode:?}: a heading is understood"
        );
    }
    assert_boats_stay_at_sea(&valhalla, TravelSource::Valhalla);
    assert_tested(&valhalla);
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn a_real_server_that_goes_down_is_missed_and_the_region_answers() {
    let osrm = Osrm::start(&extract(), "car", &[]).expect("a server");
    let valhalla = Valhalla::start(&extract()).expect("a server");
    let car = trip(TravelMode::Car);
    let both = [settings(EngineKind::Osrm, osrm.port()), settings(EngineKind::Valhalla, valhalla.port())];
    let desks: Vec<Layered> = both.iter().map(|settings| over_own_roads(settings, TravelMode::Car)).collect();
    let (station, casino) = (at(STATION.0, STATION.1), at(CASINO.0, CASINO.1));
    let source =
        |desk: &Layered| desk.moment().estimate(station, casino, car).map(|estimate| estimate.source);
    assert_eq!(
        desks.iter().map(source).collect::<Vec<_>>(),
        both.iter().map(|settings| Some(settings.kind.source())).collect::<Vec<_>>(),
        "each its own"
    );
    drop((osrm, valhalla));
    for desk in &desks {
        desk.forget();
        assert_eq!(source(desk), Some(TravelSource::Roads), "the region's roads take over");
        let EngineState::Failing { fault, .. } = desk.state() else { panic!("it is missed") };
        assert_eq!(fault, EngineFault::Unreachable, "nothing listens there any more");
    }
}

#[test]
#[ignore = "against real engines: `cargo xtask test` installs them"]
fn the_wrong_kind_of_server_is_found_out() {
    let osrm = Osrm::start(&extract(), "car", &[]).expect("a server");
    let valhalla = Valhalla::start(&extract()).expect("a server");
    for wrong in [settings(EngineKind::Valhalla, osrm.port()), settings(EngineKind::Osrm, valhalla.port())] {
        let desk = over_own_roads(&wrong, TravelMode::Car);
        let (station, casino) = (at(STATION.0, STATION.1), at(CASINO.0, CASINO.1));
        let estimate =
            desk.moment().estimate(station, casino, trip(TravelMode::Car)).expect("the region knows it");
        assert_eq!(estimate.source, TravelSource::Roads, "no answer of the wrong kind is read into a time");
        let EngineState::Failing { fault, .. } = desk.state() else { panic!("it can't answer that") };
        assert!(matches!(fault, EngineFault::Status(_) | EngineFault::Nonsense), "it is told why: {fault}");
    }
}
