//! OSRM's `/route/v1` and `/table/v1`.

use std::fmt::Write as _;

use domain::travel::TravelMode;
use eta::Place;
use protocol::view::EngineFault;
use serde::Deserialize;

use crate::address::Address;
use crate::dialect::{
    Answer, HEADING_TOLERANCE_DEG, Question, RawLeg, RawTable, RawWay, Request, lon_lat, whole_degrees,
};
use crate::polyline;

/// Codes that mean "no way there".
const NO_WAY: [&str; 3] = ["NoRoute", "NoSegment", "NoTable"];

#[derive(Deserialize)]
struct Said {
    code: String,
}

#[derive(Deserialize)]
struct Table {
    durations: Vec<Vec<Option<f64>>>,
    distances: Vec<Vec<Option<f64>>>,
    sources: Vec<Waypoint>,
    destinations: Vec<Waypoint>,
}

#[derive(Deserialize)]
struct Waypoint {
    /// Longitude, latitude: on the road.
    location: (f64, f64),
}

#[derive(Deserialize)]
struct Routes {
    routes: Vec<Route>,
}

#[derive(Deserialize)]
struct Route {
    duration: f64,
    distance: f64,
    geometry: String,
}

pub(crate) fn table_request(address: &Address, asked: Question<'_>) -> Request {
    let places: Vec<Place> = asked.from.iter().chain(asked.to).copied().collect();
    let (sources, all) = (asked.from.len(), places.len());
    let mut query = format!(
        "annotations=duration,distance&generate_hints=false&sources={}&destinations={}",
        numbers(0..sources),
        numbers(sources..all)
    );
    add_bearings(&mut query, &places);
    let path = format!("/table/v1/{}/{}", profile(asked.mode), coordinates(&places));
    Request { url: address.at(&path, &query), body: None }
}

pub(crate) fn read_table(answer: &Answer, asked: Question<'_>) -> Result<RawTable, EngineFault> {
    if !is_way(answer)? {
        return Ok(None);
    }
    let table: Table = answer.json()?;
    let (rows, columns) = (asked.from.len(), asked.to.len());
    let has_size =
        |cells: &Vec<Vec<Option<f64>>>| cells.len() == rows && cells.iter().all(|row| row.len() == columns);
    let is_whole = has_size(&table.durations)
        && has_size(&table.distances)
        && table.sources.len() == rows
        && table.destinations.len() == columns;
    if !is_whole {
        return Err(EngineFault::Nonsense);
    }
    let mut legs = Vec::with_capacity(rows * columns);
    for (row, source) in table.sources.iter().enumerate() {
        for (column, target) in table.destinations.iter().enumerate() {
            let (secs, metres) = (table.durations[row][column], table.distances[row][column]);
            let ends = (source.at()?, target.at()?);
            legs.push(secs.zip(metres).map(|(duration_secs, distance_m)| RawLeg {
                duration_secs,
                distance_m,
                ends: Some(ends),
            }));
        }
    }
    Ok(Some(legs))
}

pub(crate) fn route_request(address: &Address, from: Place, to: Place, mode: TravelMode) -> Request {
    let places = [from, to];
    let mut query = "overview=full&geometries=polyline6&steps=false&generate_hints=false".to_owned();
    add_bearings(&mut query, &places);
    let path = format!("/route/v1/{}/{}", profile(mode), coordinates(&places));
    Request { url: address.at(&path, &query), body: None }
}

pub(crate) fn read_route(answer: &Answer) -> Result<Option<RawWay>, EngineFault> {
    if !is_way(answer)? {
        return Ok(None);
    }
    let routes: Routes = answer.json()?;
    let route = routes.routes.first().ok_or(EngineFault::Nonsense)?;
    let points = polyline::decode(&route.geometry)?;
    let ends = points.first().copied().zip(points.last().copied());
    let leg = RawLeg { duration_secs: route.duration, distance_m: route.distance, ends };
    Ok(Some(RawWay { leg, points }))
}

/// Whether it is an answer; `false`: it says that there is no way.
fn is_way(answer: &Answer) -> Result<bool, EngineFault> {
    let said = answer.json::<Said>();
    match said {
        Ok(Said { code }) if NO_WAY.contains(&code.as_str()) => Ok(false),
        Ok(Said { code }) if answer.is_ok() && code == "Ok" => Ok(true),
        Ok(_) | Err(_) if answer.is_ok() => Err(EngineFault::Nonsense),
        Ok(_) | Err(_) => Err(EngineFault::Status(answer.status)),
    }
}

impl Waypoint {
    fn at(&self) -> Result<domain::LonLat, EngineFault> {
        lon_lat(self.location.0, self.location.1)
    }
}

/// As OSRM's own profiles are called.
fn profile(mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Car => "car",
        TravelMode::Bicycle => "bike",
        TravelMode::Foot => "foot",
    }
}

fn coordinates(places: &[Place]) -> String {
    let each = places.iter().map(|place| format!("{:.6},{:.6}", place.at.lon(), place.at.lat()));
    each.collect::<Vec<_>>().join(";")
}

fn numbers(range: std::ops::Range<usize>) -> String {
    range.map(|number| number.to_string()).collect::<Vec<_>>().join(";")
}

fn add_bearings(query: &mut String, places: &[Place]) {
    if places.iter().all(|place| place.heading_deg.is_none()) {
        return;
    }
    let each = places.iter().map(|place| match place.heading_deg {
        Some(heading_deg) => format!("{},{HEADING_TOLERANCE_DEG}", whole_degrees(heading_deg)),
        None => String::new(),
    });
    // Writing to a string can't fail.
    let _ = write!(query, "&bearings={}", each.collect::<Vec<_>>().join(";"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;

    fn place(lon: f64) -> Place {
        LonLat::new(lon, 43.7).expect("a coordinate").into()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_table_names_its_sides_and_the_headings_that_are_known() {
        let address = Address::parse("http://127.0.0.1:5000").expect("an address");
        let moving = Place::heading(place(7.4).at, -0.4);
        let (from, to) = ([moving], [place(7.5), place(7.6)]);
        let asked = Question { from: &from, to: &to, mode: TravelMode::Bicycle };
        let url = table_request(&address, asked).url;
        assert_eq!(
            url.path(),
            "/table/v1/bike/7.400000,43.700000;7.500000,43.700000;7.600000,43.700000",
            "longitude first, sources first"
        );
        let query = url.query().expect("a query");
        assert!(query.contains("sources=0&destinations=1;2"), "which is which: {query}");
        assert!(query.ends_with("bearings=0,60;;"), "a heading of 359.6° is north, and not 360: {query}");
    }

    #[test]
    fn a_table_of_another_size_is_nonsense() {
        let (from, to) = ([place(7.4)], [place(7.5), place(7.6)]);
        let asked = Question { from: &from, to: &to, mode: TravelMode::Car };
        let at = r#"{"location":[7.4,43.7]}"#;
        let told = |cells: &str| {
            let body = format!(
                r#"{{"code":"Ok","durations":[{cells}],"distances":[{cells}],"sources":[{at}],"destinations":[{at},{at}]}}"#
            );
            read_table(&answer(200, &body), asked)
        };
        let legs = told("[60,null]").expect("readable").expect("a table");
        assert_eq!(legs.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false], "a gap is a gap");
        for wrong in
            ["[60]", "[60,60,60]", "[60,60],[60,60]", "", "60", "[\"60\",60]", "[NaN,60]", "[1e999,60]"]
        {
            assert_eq!(told(wrong), Err(EngineFault::Nonsense), "not one row of two numbers: {wrong:?}");
        }
    }

    #[test]
    fn no_way_is_told_from_a_fault() {
        let read = |status, body: &str| read_route(&answer(status, body));
        assert_eq!(read(400, r#"{"code":"NoRoute","message":"…"}"#), Ok(None), "no way there");
        assert_eq!(
            read(400, r#"{"code":"TooBig"}"#),
            Err(EngineFault::Status(400)),
            "a question it does not take"
        );
        assert_eq!(read(500, "<html>oops</html>"), Err(EngineFault::Status(500)), "broken");
        assert_eq!(
            read(200, "<html>hello</html>"),
            Err(EngineFault::Nonsense),
            "something else listens there"
        );
        assert_eq!(
            read(200, r#"{"code":"Ok","routes":[]}"#),
            Err(EngineFault::Nonsense),
            "a way without a way"
        );
    }
}
