use super::{MONACO_PBF, Open, monaco, town};
use crate::{FormatError, ImportError, Profile, RoadGraph, Router, Stage};
use domain::LonLat;
use proptest::prelude::*;
use std::ops::ControlFlow;

fn import(pbf: &[u8]) -> Result<RoadGraph, ImportError> {
    RoadGraph::import(pbf, Profile::Car, &mut |_| {})
}

fn pbf() -> Vec<u8> {
    std::fs::read(MONACO_PBF).expect("the demo region's extract is in the repository")
}

#[test]
fn progress_rises_through_all_stages() {
    let mut seen = Vec::new();
    let graph =
        RoadGraph::import(&pbf(), Profile::Car, &mut |progress| seen.push(progress)).expect("a good extract");
    assert!(
        seen.windows(2).all(|pair| pair[0].fraction <= pair[1].fraction),
        "a progress line never runs back"
    );
    for stage in [Stage::ReadingWays, Stage::ReadingNodes, Stage::Joining, Stage::Preparing] {
        assert!(seen.iter().any(|progress| progress.stage == stage), "{stage} is told");
    }
    assert_eq!(seen.last().map(|progress| progress.fraction), Some(1.0), "ends complete");
    assert_eq!(graph.to_bytes(), monaco().graph().to_bytes(), "the same extract gives the same bytes");
}

#[test]
fn an_import_can_be_stopped_in_every_stage() {
    for wanted in [Stage::ReadingWays, Stage::ReadingNodes, Stage::Joining, Stage::Preparing] {
        let mut heard = Vec::new();
        let stopped = RoadGraph::import_while(&pbf(), Profile::Car, &mut |progress| {
            heard.push(progress.stage);
            if progress.stage == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(stopped, Err(ImportError::Cancelled)), "stopped while {wanted}: {stopped:?}");
        let after = heard.iter().filter(|stage| **stage == wanted).count();
        assert_eq!(after, 1, "it stops at once while {wanted}");
    }
}

#[test]
fn bicycles_and_walkers_have_their_own_roads() {
    let graph = |profile| RoadGraph::import(&pbf(), profile, &mut |_| {}).expect("a good extract");
    let (car, bicycle, foot) = (graph(Profile::Car), graph(Profile::Bicycle), graph(Profile::Foot));
    assert!(
        foot.length_m() > car.length_m(),
        "steps and paths: {} and {} m",
        foot.length_m(),
        car.length_m()
    );
    for own in [bicycle, foot] {
        let profile = own.profile();
        let read = RoadGraph::from_bytes(&own.to_bytes()).expect("its own bytes");
        assert_eq!((read.profile(), &read), (profile, &own), "the file knows whose roads these are");
        let router = Router::new(own);
        let at = |lon, lat| LonLat::new(lon, lat).expect("test coordinate");
        let (station, casino) = (at(7.4190, 43.7385), at(7.4280, 43.7395));
        let route = router.route(station, casino).expect("both in town");
        let kmh = route.distance_m / route.duration_secs * 3.6;
        let usual = if profile == Profile::Foot { 3.5..5.1 } else { 7.0..15.1 };
        assert!(usual.contains(&kmh), "{profile:?}: {kmh} km/h over {} m", route.distance_m);
    }
}

#[test]
fn a_graph_comes_back_from_its_bytes() {
    let graph = monaco().graph();
    let again = RoadGraph::from_bytes(&graph.to_bytes()).expect("its own bytes");
    assert_eq!(&again, graph, "nothing is lost");
}

#[test]
fn a_damaged_extract_is_refused() {
    let good = pbf();
    assert!(matches!(import(&[]), Err(ImportError::Empty)), "an empty file");
    assert!(
        matches!(import(b"<osm version=\"0.6\"></osm>"), Err(ImportError::Corrupt(_))),
        "XML is another format"
    );
    for cut in [1, 3, 4, 10, 100, 1_000, good.len() / 3, good.len() / 2, good.len() - 100, good.len() - 1] {
        let error = import(&good[..cut]).expect_err("cut off");
        assert!(matches!(error, ImportError::Corrupt(_)), "cut after {cut} bytes: {error:?}");
    }
}

#[test]
fn a_damaged_graph_is_refused() {
    let good = town(&[(&[0, 1, 2], Open::Both), (&[1, 11], Open::Both)]).to_bytes();
    for cut in 0..good.len() {
        assert!(RoadGraph::from_bytes(&good[..cut]).is_err(), "cut after {cut} of {} bytes", good.len());
    }
    for index in 0..good.len() {
        let mut bad = good.clone();
        bad[index] ^= 0x41;
        assert!(RoadGraph::from_bytes(&bad).is_err(), "byte {index} turned over");
    }
    let mut longer = good.clone();
    longer.push(0);
    assert!(RoadGraph::from_bytes(&longer).is_err(), "something is attached");
    let mut other = good;
    other[8] = 99;
    assert_eq!(
        RoadGraph::from_bytes(&other),
        Err(FormatError::OtherVersion { found: 99 }),
        "a newer program's file"
    );
    assert_eq!(RoadGraph::from_bytes(&pbf()), Err(FormatError::NotARoadGraph), "an extract is not a graph");
}

/// Changes a graph, writes it with a right checksum, and reads it.
fn tampered(change: impl FnOnce(&mut RoadGraph)) -> Result<RoadGraph, FormatError> {
    let mut graph = town(&[(&[0, 1, 2], Open::Both), (&[1, 11], Open::Both)]);
    change(&mut graph);
    RoadGraph::from_bytes(&graph.to_bytes())
}

/// What is wrong, and how it got so.
type Lie = (&'static str, fn(&mut RoadGraph));

#[test]
fn a_graph_that_would_mislead_the_router_is_refused() {
    assert!(tampered(|_| {}).is_ok(), "untouched it is read");
    let lies: [Lie; 17] = [
        ("a road to a junction that isn't there", |graph| graph.edges[0].to = 1_000),
        ("a road to itself", |graph| graph.edges[0].to = graph.edges[0].from),
        ("a shape beyond the points", |graph| graph.edges[0].first_point = u32::MAX),
        ("a shape of one point", |graph| graph.edges[0].point_count = 1),
        ("a road nobody may drive", |graph| (graph.edges[0].forward_ms, graph.edges[0].backward_ms) = (0, 0)),
        ("a road contracted twice", |graph| graph.skeleton.order[0] = graph.skeleton.order[1]),
        ("a missing road in the order", |graph| graph.skeleton.order.truncate(1)),
        ("a hop to nowhere", |graph| graph.skeleton.out.last_mut().expect("hops")[0].to = 999),
        ("a shortcut over nothing", |graph| graph.skeleton.out.last_mut().expect("hops")[0].via = 998),
        ("a missing list of hops", |graph| graph.skeleton.into.truncate(1)),
        ("no components", |graph| graph.main_node_count = 0),
        ("a direction that is closed", |graph| graph.edges[0].backward_ms = 0),
        ("a direction that is missing", |graph| graph.arcs.truncate(1)),
        ("a turn into a road elsewhere", |graph| {
            graph.turns.list[0].to = graph.turns.list[0].to.wrapping_add(2)
        }),
        ("turns of nobody", |graph| graph.turns.starts.truncate(2)),
        ("a road better than its speed", |graph| graph.edges[0].manner.ease_pct = 0),
        ("a junction at 100° north", |graph| graph.nodes[0].lat_e7 = 1_000_000_000),
    ];
    for (lie, change) in lies {
        assert!(matches!(tampered(change), Err(FormatError::Corrupt(_))), "{lie} must be refused");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(import(&bytes).is_err(), "noise is no extract");
        prop_assert!(RoadGraph::from_bytes(&bytes).is_err(), "noise is no graph");
    }

    #[test]
    fn a_cut_extract_is_refused(place in 0.0..1.0_f64) {
        let mut bytes = pbf();
        bytes.truncate((place * bytes.len() as f64) as usize);
        match import(&bytes) {
            Err(ImportError::Empty | ImportError::Corrupt(_) | ImportError::NoRoads) => {}
            // Cut exactly between two blocks it is a smaller extract.
            Ok(graph) => prop_assert!(graph.node_count() > 0, "what remains is whole"),
            Err(other) => prop_assert!(false, "not {:?}", other),
        }
    }

    #[test]
    fn a_bit_flipped_graph_is_refused(place in 0.0..1.0_f64, bit in 0_u8..8) {
        let mut bytes = monaco().graph().to_bytes();
        let index = (place * bytes.len() as f64) as usize;
        bytes[index] ^= 1 << bit;
        prop_assert!(RoadGraph::from_bytes(&bytes).is_err(), "bit {} of byte {}", bit, index);
    }

    #[test]
    fn a_bit_flipped_extract_never_panics(place in 0.0..1.0_f64, bit in 0_u8..8) {
        let mut bytes = pbf();
        let index = (place * bytes.len() as f64) as usize;
        bytes.truncate(bytes.len().min(index + 200_000));
        bytes[index] ^= 1 << bit;
        let _ = import(&bytes);
    }
}
