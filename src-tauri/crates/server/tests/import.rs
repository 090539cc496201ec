//! Importing files: good rows go in, bad rows are named.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::CompanyId;
use domain::place::FenceShape;
use domain::task::{Actor, PromiseChannel};
use domain::travel::TravelMode;
use protocol::entity::{Entity, EntityKind};
use server::import::{ImportError, ImportReport, pois_csv, pois_geojson, resources_csv, tasks_csv};
use server::{Admin, Clock, NewCompany, ServerConfig, SystemClock, open_admin};

fn office() -> (Admin, CompanyId, DateTime<Utc>) {
    let admin = open_admin(&ServerConfig::in_memory(), Arc::new(SystemClock)).expect("opens");
    let company = admin
        .add_company(NewCompany {
            name: "Riviera".to_owned(),
            zone: chrono_tz::Tz::Europe__Monaco,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        })
        .expect("company");
    (admin, company, SystemClock.now())
}

fn problems(report: &ImportReport) -> Vec<String> {
    report.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn bad_rows_are_named_by_line_column_and_reason_and_the_good_ones_are_in() {
    let (admin, company, now) = office();
    let csv = "\u{feff}name,employee_number,group,phone,skills,home_lon,home_lat\n\
        Ana Rossi,1,North,+377 6 00 00 01,Lifts;Rope access,7.42,43.73\n\
        ,2,North,+377 6 00 00 02,,,\n\
        =HYPERLINK(1),3,North,+377 6 00 00 03,,,\n\
        Ben Moreau,4,South,+377 CALL ME,,,\n\
        Chloé Conti,5,South,+377 6 00 00 05,,7.42,943\n\
        Davi,1,South,+377 6 00 00 06,,,\n\
        Eva,7,South\n\
        \"Rossi, Fay\",8,South,06 00 00 08,Lifts,,\n";
    let report = resources_csv(&admin, company, csv.as_bytes(), now).expect("reads");
    let expected = [
        "line 3, column name: is empty",
        "line 4, column name: starts with = + - @ or a tab, as formulas do",
        "line 5, column phone: is no phone number",
        "line 6, column home_lat: latitude 943 is outside −90…90",
        "line 7, column employee_number: is there already",
        "line 8, column *: has 3 cells, the header has 7",
    ];
    assert_eq!(problems(&report), expected, "each by its place");
    assert_eq!((report.imported, report.codes.len()), (2, 2), "two good rows, two codes");
    let names: Vec<String> = admin
        .rows(company, EntityKind::Resource)
        .expect("rows")
        .into_iter()
        .filter_map(|row| if let Entity::Resource(card) = row { Some(card.name) } else { None })
        .collect();
    assert!(names.contains(&"Rossi, Fay".to_owned()), "quotes are read: {names:?}");
    assert_eq!(admin.rows(company, EntityKind::Skill).expect("rows").len(), 2, "skills are made once");
}

#[test]
fn a_misspelt_or_missing_column_stops_the_file() {
    let (admin, company, now) = office();
    let missing = resources_csv(&admin, company, b"name,group,phone\nAna,North,+377600\n", now);
    assert!(matches!(missing, Err(ImportError::MissingColumn("employee_number"))), "{missing:?}");
    let unknown = tasks_csv(&admin, company, b"title,lon,lat,prio\nx,7,43,High\n", now);
    assert!(
        matches!(unknown, Err(ImportError::UnknownColumn(ref column)) if column == "prio"),
        "{unknown:?}"
    );
}

#[test]
fn tasks_with_their_windows() {
    let (admin, company, now) = office();
    let csv = "title,lon,lat,priority,planned_minutes,window_start,window_end,skills,type\n\
        Lift stuck,7.42,43.73,urgent,45,2026-11-23T10:00:00Z,2026-11-23T12:00:00Z,,\n\
        Late,7.42,43.73,,,2026-11-23T10:00:00Z,2026-11-23T09:00:00Z,,\n\
        Soon,7.42,43.73,,,tomorrow,,,\n\
        Odd,7.42,43.73,Extreme,,,,,\n\
        Long,7.42,43.73,,5000,,,,\n\
        Skilled,7.42,43.73,,,,,Juggling,\n\
        Typed,7.42,43.73,,,,,,Party\n\
        Nowhere,,43.73,,,,,,\n";
    let report = tasks_csv(&admin, company, csv.as_bytes(), now).expect("reads");
    let columns: Vec<(u64, &str)> =
        report.problems.iter().map(|problem| (problem.line, problem.column.as_str())).collect();
    let expected = [
        (3, "window_end"),
        (4, "window_start"),
        (5, "priority"),
        (6, "planned_minutes"),
        (7, "skills"),
        (8, "type"),
        (9, "lon"),
    ];
    assert_eq!(columns, expected, "{:?}", problems(&report));
    let tasks = admin.rows(company, EntityKind::Task).expect("rows");
    let Some(Entity::Task(task)) = tasks.first() else { panic!("one task: {tasks:?}") };
    assert_eq!((tasks.len(), task.number, task.planned_minutes), (1, 1, 45), "the good one, numbered");
}

#[test]
fn loads_and_what_other_systems_promised() {
    let (admin, company, now) = office();
    let hour = |hours| (now + chrono::TimeDelta::hours(hours)).to_rfc3339();
    let csv = format!(
        "title,lon,lat,load,promised_from,promised_until\n\
        Both,7.42,43.73,12,{one},{two}\n\
        Until,7.42,43.73,,,{two}\n\
        Heavy,7.42,43.73,-3,,\n\
        Heavier,7.42,43.73,9000000,,\n\
        Half,7.42,43.73,,{one},\n\
        Backwards,7.42,43.73,,{two},{one}\n\
        Over,7.42,43.73,,,{past}\n\
        Odd,7.42,43.73,,,noon\n",
        one = hour(1),
        two = hour(2),
        past = hour(-1)
    );
    let report = tasks_csv(&admin, company, csv.as_bytes(), now).expect("reads");
    let expected = [
        "line 4, column load: “-3” is no whole number",
        "line 5, column load: is more than 1000000",
        "line 6, column promised_until: is empty",
        "line 7, column promised_until: is before promised_from",
        "line 8, column promised_until: has passed, or is more than a year ahead",
        "line 9, column promised_until: “noon” is no time like 2026-11-23T10:00:00Z",
    ];
    assert_eq!(problems(&report), expected, "each by its place");
    let tasks = admin.rows(company, EntityKind::Task).expect("rows").into_iter();
    let mut tasks: Vec<_> =
        tasks.filter_map(|row| if let Entity::Task(task) = row { Some(task) } else { None }).collect();
    tasks.sort_by_key(|task| task.number);
    let both = &tasks[0];
    assert_eq!(
        (tasks.len(), both.load, tasks[1].load),
        (2, 12, 0),
        "nothing is said of the second one's load"
    );
    let promise = both.open_promise().expect("still to be kept");
    assert_eq!(
        (promise.by, promise.channel, promise.from.is_some(), promise.message),
        (Actor::Server, PromiseChannel::Other, true, None),
        "told by another system: nobody is told again"
    );
    assert!(tasks[1].open_promise().is_some_and(|promise| promise.from.is_none()), "only by when");
}

#[test]
fn how_people_travel_what_they_carry_and_when_they_rest() {
    let (admin, company, now) = office();
    let csv = "name,employee_number,group,phone,capacity,travels,breaks\n\
        Ana Rossi,1,North,+377600001,20,bicycle,12:00-13:30/30; 16:00-16:00/15\n\
        Ben Moreau,2,North,+377600002,,,\n\
        Cleo,3,North,+377600003,,camel,\n\
        Dan,4,North,+377600004,lots,,\n\
        Eva,5,North,+377600005,,,noon\n\
        Fay,6,North,+377600006,,,13:30-12:00/30\n\
        Gil,7,North,+377600007,,,12:00-13:00/0\n\
        Hal,8,North,+377600008,,,12:00-25:00/30\n";
    let report = resources_csv(&admin, company, csv.as_bytes(), now).expect("reads");
    let expected = [
        "line 4, column travels: is neither car nor bicycle nor foot",
        "line 5, column capacity: “lots” is no whole number",
        "line 6, column breaks: “noon” is no break like 12:00-13:30/30",
        "line 7, column breaks: “13:30-12:00/30” ends before it begins",
        "line 8, column breaks: “12:00-13:00/0” takes no 1 to 240 minutes",
        "line 9, column breaks: “12:00-25:00/30” is no break like 12:00-13:30/30",
    ];
    assert_eq!(problems(&report), expected, "each by its place");
    let cards = admin.rows(company, EntityKind::Resource).expect("rows").into_iter();
    let mut cards: Vec<_> =
        cards.filter_map(|row| if let Entity::Resource(card) = row { Some(card) } else { None }).collect();
    cards.sort_by(|one, other| one.employee_number.cmp(&other.employee_number));
    let [ana, ben] = cards.as_slice() else { panic!("two good rows: {cards:?}") };
    assert_eq!((ana.capacity, ana.travels, ana.breaks.len()), (Some(20), TravelMode::Bicycle, 2), "as given");
    assert_eq!(ana.breaks[0].minutes, 30, "half an hour");
    assert_eq!((ben.capacity, ben.travels, ben.breaks.len()), (None, TravelMode::Car, 0), "what is usual");
}

#[test]
fn places_from_csv_and_geojson() {
    let (admin, company, now) = office();
    let csv = "name,lon,lat,kind,radius_m,on_enter,dwell_minutes\n\
        Port,7.42,43.73,Distribution Center,80,yes,\n\
        Casino,7.42,43.73,palace,,,\n\
        Flat,7.42,43.73,,0,,\n\
        Pin,7.42,43.73,,,,\n";
    let report = pois_csv(&admin, company, csv.as_bytes(), now).expect("reads");
    assert_eq!(problems(&report).len(), 2, "no such kind, and a circle of nothing: {:?}", problems(&report));
    assert_eq!(report.imported, 2, "the other two");

    let geojson = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"name":"Beach","on_exit":true},"geometry":{"type":"Polygon","coordinates":[[[7.43,43.74],[7.44,43.74],[7.44,43.75],[7.43,43.74]]]}},
        {"type":"Feature","properties":{"name":"Tunnel","half_width_m":15},"geometry":{"type":"LineString","coordinates":[[7.41,43.73],[7.42,43.74]]}},
        {"type":"Feature","properties":{"name":"Flat"},"geometry":{"type":"Polygon","coordinates":[[[7.43,43.74],[7.44,43.74],[7.43,43.74]]]}},
        {"type":"Feature","properties":{"name":"Moon"},"geometry":{"type":"Point","coordinates":[7.43,243.74]}},
        {"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[7.43,43.74]}}
    ]}"#;
    let report = pois_geojson(&admin, company, geojson.as_bytes(), now).expect("reads");
    let lines: Vec<u64> = report.problems.iter().map(|problem| problem.line).collect();
    assert_eq!((report.imported, lines), (2, vec![3, 4, 5]), "{:?}", problems(&report));
    let beach = admin.rows(company, EntityKind::Poi).expect("rows").into_iter().find_map(|row| {
        if let Entity::Poi(poi) = row { poi.fence.filter(|_| poi.name == "Beach") } else { None }
    });
    let fence = beach.expect("a fence");
    assert!(
        matches!(fence.shape, FenceShape::Polygon { .. }) && fence.on_exit && !fence.on_enter,
        "with its rules: {fence:?}"
    );
    assert!(
        matches!(pois_geojson(&admin, company, b"{}", now), Err(ImportError::GeoJson(_))),
        "what is none is said to be none"
    );
}
