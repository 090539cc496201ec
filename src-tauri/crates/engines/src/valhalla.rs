//! Valhalla's `/route` and `/sources_to_targets`.

use domain::LonLat;
use domain::travel::TravelMode;
use eta::{Place, SNAP_MAX_M};
use protocol::view::EngineFault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::Address;
use crate::dialect::{
    Answer, HEADING_TOLERANCE_DEG, Question, RawLeg, RawTable, RawWay, Reach, Request, lon_lat, whole_degrees,
};
use crate::polyline;

/// Errors that mean "no way there": too far for it, unconnected roads, no road near, no path.
const NO_WAY: [u32; 4] = [154, 170, 171, 442];

#[derive(Deserialize)]
struct Refused {
    error_code: u32,
}

#[derive(Deserialize)]
struct Table {
    sources_to_targets: Vec<Vec<Cell>>,
}

#[derive(Deserialize)]
struct Cell {
    /// Seconds.
    time: Option<f64>,
    /// Kilometres.
    distance: Option<f64>,
    begin_lon: Option<f64>,
    begin_lat: Option<f64>,
    end_lon: Option<f64>,
    end_lat: Option<f64>,
}

#[derive(Deserialize)]
struct Trips {
    trip: Trip,
}

#[derive(Deserialize)]
struct Trip {
    legs: Vec<Leg>,
}

#[derive(Deserialize)]
struct Leg {
    summary: Summary,
    shape: String,
}

#[derive(Deserialize)]
struct Summary {
    /// Seconds.
    time: f64,
    /// Kilometres.
    length: f64,
}

pub(crate) fn table_request(address: &Address, asked: Question<'_>, reach: Reach) -> Request {
    let side = |places: &[Place]| places.iter().map(|place| location(*place, reach)).collect::<Vec<_>>();
    let body = json!({
        "sources": side(asked.from),
        "targets": side(asked.to),
        "costing": costing(asked.mode),
        "units": "kilometers",
        "verbose": true,
    });
    Request { url: address.at("/sources_to_targets", ""), body: Some(body) }
}

pub(crate) fn read_table(
    answer: &Answer,
    asked: Question<'_>,
    reach: Reach,
) -> Result<RawTable, EngineFault> {
    if !is_way(answer)? {
        return Ok(None);
    }
    let table: Table = answer.json()?;
    let cells = table.sources_to_targets;
    if cells.len() != asked.from.len() || cells.iter().any(|row| row.len() != asked.to.len()) {
        return Err(EngineFault::Nonsense);
    }
    cells.iter().flatten().map(|cell| cell.leg(reach)).collect::<Result<Vec<_>, _>>().map(Some)
}

pub(crate) fn route_request(address: &Address, from: Place, to: Place, mode: TravelMode) -> Request {
    let body = json!({
        "locations": [location(from, Reach::Near), location(to, Reach::Near)],
        "costing": costing(mode),
        "units": "kilometers",
        "directions_type": "none",
    });
    Request { url: address.at("/route", ""), body: Some(body) }
}

pub(crate) fn read_route(answer: &Answer) -> Result<Option<RawWay>, EngineFault> {
    if !is_way(answer)? {
        return Ok(None);
    }
    let trips: Trips = answer.json()?;
    let [leg] = &trips.trip.legs[..] else { return Err(EngineFault::Nonsense) };
    let points = polyline::decode(&leg.shape)?;
    let ends = points.first().copied().zip(points.last().copied());
    let (duration_secs, distance_m) = (leg.summary.time, leg.summary.length * 1_000.0);
    Ok(Some(RawWay { leg: RawLeg { duration_secs, distance_m, ends }, points }))
}

/// Whether it is an answer; `false`: it says that there is no way.
fn is_way(answer: &Answer) -> Result<bool, EngineFault> {
    if answer.is_ok() {
        return Ok(true);
    }
    let refused = answer.json::<Refused>().is_ok_and(|refused| NO_WAY.contains(&refused.error_code));
    if refused { Ok(false) } else { Err(EngineFault::Status(answer.status)) }
}

impl Cell {
    fn leg(&self, reach: Reach) -> Result<Option<RawLeg>, EngineFault> {
        let Some((duration_secs, km)) = self.time.zip(self.distance) else { return Ok(None) };
        let ends = at(self.begin_lon, self.begin_lat)?.zip(at(self.end_lon, self.end_lat)?);
        if ends.is_none() && reach == Reach::Any {
            // Older servers don't say where they moved a place to: it may be kilometres away.
            return Ok(None);
        }
        Ok(Some(RawLeg { duration_secs, distance_m: km * 1_000.0, ends }))
    }
}

fn at(lon: Option<f64>, lat: Option<f64>) -> Result<Option<LonLat>, EngineFault> {
    lon.zip(lat).map(|(lon, lat)| lon_lat(lon, lat)).transpose()
}

fn location(place: Place, reach: Reach) -> Value {
    let mut location = json!({ "lon": place.at.lon(), "lat": place.at.lat() });
    if let Some(heading_deg) = place.heading_deg {
        location["heading"] = whole_degrees(heading_deg).into();
        location["heading_tolerance"] = HEADING_TOLERANCE_DEG.into();
    }
    if reach == Reach::Near {
        location["search_cutoff"] = SNAP_MAX_M.into();
    }
    location
}

fn costing(mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Car => "auto",
        TravelMode::Bicycle => "bicycle",
        TravelMode::Foot => "pedestrian",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lon: f64) -> Place {
        LonLat::new(lon, 43.7).expect("a coordinate").into()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_table_says_by_what_and_how_far_from_a_road() {
        let address = Address::parse("https://example.org").expect("an address");
        let (from, to) = ([Place::heading(place(7.4).at, 90.2)], [place(7.5)]);
        let asked = Question { from: &from, to: &to, mode: TravelMode::Foot };
        let near = table_request(&address, asked, Reach::Near).body.expect("a body");
        assert_eq!(near["costing"], "pedestrian", "on foot");
        assert_eq!(near["sources"][0]["heading"], 90, "whole degrees");
        assert_eq!(near["targets"][0]["search_cutoff"], 250.0, "a boat is not on the quay");
        let any = table_request(&address, asked, Reach::Any).body.expect("a body");
        assert!(
            any["targets"][0].get("search_cutoff").is_none(),
            "this time the answer is looked at instead"
        );
    }

    #[test]
    fn kilometres_become_metres_and_gaps_stay_gaps() {
        let (from, to) = ([place(7.4)], [place(7.5), place(7.6)]);
        let asked = Question { from: &from, to: &to, mode: TravelMode::Car };
        let body = r#"{"sources_to_targets":[[{"time":140,"distance":1.963,"begin_lon":7.4,"begin_lat":43.7,"end_lon":7.5,"end_lat":43.7},
            {"time":null,"distance":null}]]}"#;
        let legs = read_table(&answer(200, body), asked, Reach::Any).expect("readable").expect("a table");
        assert_eq!(legs[0].map(|leg| leg.distance_m), Some(1_963.0), "metres");
        assert_eq!(legs[1], None, "no way");
        let short = r#"{"sources_to_targets":[[{"time":140,"distance":1.963}]]}"#;
        assert_eq!(
            read_table(&answer(200, short), asked, Reach::Near),
            Err(EngineFault::Nonsense),
            "one cell for two"
        );
        let old = r#"{"sources_to_targets":[[{"time":140,"distance":1.9},{"time":140,"distance":1.9}]]}"#;
        let read = |reach| read_table(&answer(200, old), asked, reach).expect("readable").expect("a table");
        assert!(read(Reach::Near).iter().all(Option::is_some), "the cut-off has kept them near");
        assert!(read(Reach::Any).iter().all(Option::is_none), "nobody knows where these begin and end");
    }

    #[test]
    fn no_way_is_told_from_a_fault() {
        let read = |status, body: &str| read_route(&answer(status, body));
        assert_eq!(read(400, r#"{"error_code":442,"error":"No path"}"#), Ok(None), "no way there");
        assert_eq!(
            read(400, r#"{"error_code":100,"error":"Failed to parse"}"#),
            Err(EngineFault::Status(400)),
            "a question it does not take"
        );
        assert_eq!(read(200, "{}"), Err(EngineFault::Nonsense), "no trip in it");
    }
}
