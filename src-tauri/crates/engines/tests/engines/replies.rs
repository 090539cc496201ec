//! Ways with a shape, and how servers refuse.

use super::*;
use protocol::view::EngineState;

/// An OSRM that knows that way: 60 s.
pub fn osrm_way(_: &Asked) -> Manner {
    says(format!(
        r#"{{"code":"Ok","routes":[{{"duration":60.0,"distance":800.0,"geometry":"{}"}}]}}"#,
        shape(&[(43.73, 7.40), (43.73, 7.409)])
    ))
}

/// Six decimals, as both engines send them.
fn shape(points: &[(f64, f64)]) -> String {
    let (mut text, mut before) = (String::new(), (0_i64, 0_i64));
    for (lat, lon) in points {
        let at = ((lat * 1e6).round() as i64, (lon * 1e6).round() as i64);
        for difference in [at.0 - before.0, at.1 - before.1] {
            let mut bits = (difference << 1) ^ (difference >> 63);
            while bits >= 0x20 {
                text.push(char::from(((bits & 0x1f) | 0x20) as u8 + 63));
                bits >>= 5;
            }
            text.push(char::from(bits as u8 + 63));
        }
        before = at;
    }
    text.replace('\\', "\\\\")
}

#[test]
fn a_way_has_the_engine_s_shape_and_label() {
    let server = Pretender::start(osrm_way).expect("a port");
    let way = Desk::asks(osrm(&server)).way();
    assert_eq!(way.estimate.source, TravelSource::Osrm, "theirs");
    assert_eq!(way.points.len(), 2, "as they drew it");
    assert!(way.points[1].distance_m(place(9).at) < 1.0, "to where it was asked");
    let asked = server.asked().pop().expect("asked").path;
    assert!(
        asked.contains("geometries=polyline6") && asked.contains("overview=full"),
        "with its shape: {asked}"
    );
}

#[test]
fn a_way_from_somewhere_else_is_not_drawn() {
    let server = Pretender::start(osrm_way).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let way = desk.times.moment().way(place(40), place(9), TRIP).expect("there is always something");
    assert_eq!(way.estimate.source, TravelSource::Roads, "it begins three kilometres away");
    assert!(matches!(desk.times.state(), EngineState::Answering { .. }), "which is no fault: a boat, say");
}

#[test]
fn no_way_is_no_fault() {
    let refusals = [
        (osrm as fn(&Pretender) -> EngineSettings, r#"{"code":"NoRoute","message":"Impossible route"}"#),
        (osrm, r#"{"code":"NoSegment","message":"Could not find a matching segment"}"#),
        (valhalla, r#"{"error_code":442,"error":"No path could be found for input"}"#),
        (valhalla, r#"{"error_code":171,"error":"No suitable edges near location"}"#),
    ];
    for (settings, body) in refusals {
        let server = Pretender::start(move |_| Manner::Says { status: 400, body: body.to_owned() });
        let server = server.expect("a port");
        let desk = Desk::asks(settings(&server));
        assert_eq!(desk.source(0, 9), TravelSource::Roads, "who knows better answers: {body}");
        assert_eq!(desk.way().estimate.source, TravelSource::Roads, "with the line, too: {body}");
        assert!(matches!(desk.times.state(), EngineState::Answering { .. }), "it did its work: {body}");
        let asked = server.asked().len();
        desk.source(0, 9);
        assert_eq!(server.asked().len(), asked, "and that is remembered: {body}");
    }
}

#[test]
fn one_boat_does_not_cost_everybody_their_road() {
    // As Valhalla does: it refuses the whole table because of one place, unless it may move it to the next road, however far.
    let server = Pretender::start(|asked| {
        if asked.body.contains("search_cutoff") {
            let body = r#"{"error_code":171,"error":"No suitable edges near location"}"#.to_owned();
            return Manner::Says { status: 400, body };
        }
        let cell = |lon: f64| {
            format!(
                r#"{{"time":60,"distance":1.5,"begin_lon":{lon},"begin_lat":43.73,"end_lon":7.409,"end_lat":43.73}}"#
            )
        };
        // The second one was moved a long way.
        says(format!(r#"{{"sources_to_targets":[[{}],[{}]]}}"#, cell(7.40), cell(7.41)))
    });
    let server = server.expect("a port");
    let desk = Desk::asks(valhalla(&server));
    let from = [place(0), place(80)];
    let told = desk.times.moment().estimates_from(&from, place(9), TRIP);
    let sources: Vec<_> = told.iter().flatten().map(|estimate| estimate.source).collect();
    assert_eq!(sources, [TravelSource::Valhalla, TravelSource::Roads], "only the boat's is not believed");
}

#[test]
fn feet_are_not_as_fast_as_a_car() {
    let server = Pretender::start(good_osrm).expect("a port");
    let desk = Desk::asks(osrm(&server));
    let source = |mode| {
        let trip = Trip { mode, ..TRIP };
        desk.times.moment().estimate(place(0), place(9), trip).map(|estimate| estimate.source)
    };
    assert_eq!(source(TravelMode::Car), Some(TravelSource::Osrm), "90 km/h by car");
    assert_eq!(source(TravelMode::Foot), Some(TravelSource::Roads), "and on foot: a server of one profile");
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert!(asked[1].starts_with("/table/v1/foot/"), "it was asked for feet: {asked:?}");
}
