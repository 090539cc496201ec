//! The company's zone or region is another one from now on.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveTime, Weekday};
use domain::attendance::Presence;
use domain::resource::WorkingHours;
use domain::travel::{TravelMode, TravelSource};
use eta::{Router, Trip};
use protocol::view::{BaseMapView, SessionView};

use super::learning::drives;
use super::planning::{searched, today};
use super::*;
use crate::arrivals::chain_question;
use crate::regions::OpenRegion;
use crate::speeds::tests::{monaco, slowly, way};

/// Expected from eight to five, and not there yet.
fn expected() -> Resource {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    let hours = WorkingHours { weekday: Weekday::Mon, starts: time(8), ends: time(17) };
    Resource { working_hours: vec![hours], ..ana() }
}

/// The demo's region.
fn opened(roads: &Arc<Router>) -> OpenRegion {
    let base_map = BaseMapView {
        source: "monaco".to_owned(),
        bounds: [7.4, 43.7, 7.5, 43.8],
        min_zoom: 0,
        max_zoom: 14,
        attribution: String::new(),
    };
    OpenRegion { routers: BTreeMap::from([(TravelMode::Car, roads.clone())]), base_map }
}

fn sessions(out: &[Out]) -> Vec<&SessionView> {
    let told = out
        .iter()
        .filter_map(|out| if let Out::Tell(ViewEvent::Session(view)) = out { Some(&**view) } else { None });
    told.collect()
}

#[test]
fn another_zone_counts_for_shifts_arrivals_and_presence_at_once() {
    let ben = Resource { id: ResourceId(Uuid::from_u128(5)), on_duty: false, ..expected() };
    let mut day = Day::begins(vec![expected().into(), ben.clone().into(), lift(Some(ana().id)).into()]);
    day.seen(7.42, secs(1));
    day.out(secs(1));
    day.answers.blocking_recv().expect("her arrival");
    let shift_end = |day: &Day| {
        let question =
            chain_question(&day.session.scene(secs(2)), ana().id).expect("there is something to do");
        question.shift_end
    };
    assert_eq!(shift_end(&day), Some(secs(6 * 3_600)), "five in Monaco");
    let presence = |day: &Day| day.session.scene(secs(2)).presence(ben.id);
    assert!(matches!(presence(&day), Some(Presence::Late { .. })), "eleven: {:?}", presence(&day));

    day.row(Company { zone: Tz::America__New_York, ..riviera() }, 2, secs(2));
    let out = day.out(secs(2));
    assert_eq!(sessions(&out).len(), 1, "the front ends hear of the zone");
    assert_eq!(shift_end(&day), Some(secs(12 * 3_600)), "five in New York");
    let told: Vec<ResourceId> =
        changed(&out).iter().flat_map(|set| &set.resources).map(|view| view.card.id).collect();
    assert_eq!(told, [ben.id], "five in the morning: nobody is late any more");
    let answers = day.answers.blocking_recv().expect("asked without anybody moving");
    assert!(
        answers.iter().any(|answer| matches!(answer,
            crate::etas::Answer::Chain { shift_end: Some(end), .. } if *end == secs(12 * 3_600))),
        "her arrival is worked out with the new end of the shift: {answers:?}"
    );
}

#[test]
fn roads_of_another_region_are_used_as_soon_as_they_are_open() {
    let router = monaco();
    let route = way(&router);
    let (from, to) = (route.points[0], route.points[route.points.len() - 1]);
    let mut day = Day::begins(vec![ana().into(), Task { at: to, ..lift(Some(ana().id)) }.into()]);
    let source = |day: &Day| {
        let trip = Trip { mode: TravelMode::Car, leaves: secs(2) };
        day.session.times().estimate(from.into(), to.into(), trip).map(|found| found.source)
    };
    assert_eq!(day.session.take_region_to_open(), None, "its own is open, as far as it is installed");
    assert_eq!(source(&day), Some(TravelSource::StraightLine), "there are no roads of nowhere");

    day.row(Company { region: "monaco".to_owned(), ..riviera() }, 2, secs(2));
    assert_eq!(day.session.take_region_to_open().as_deref(), Some("monaco"), "the company has moved");
    assert_eq!(day.session.take_region_to_open(), None, "asked once");
    day.out(secs(2));
    day.session.on_region("elsewhere", Some(opened(&router)), secs(3));
    assert_eq!(
        source(&day),
        Some(TravelSource::StraightLine),
        "a region that it has left meanwhile is nothing to it"
    );
    day.session.on_region("monaco", Some(opened(&router)), secs(3));
    assert_eq!(source(&day), Some(TravelSource::Roads), "along roads from now on");
    assert_eq!(day.session.travel_view().modes, [TravelMode::Car], "the settings say so, too");
    let out = day.out(secs(3));
    let maps = sessions(&out).into_iter().filter_map(|view| {
        if let SessionView::SignedIn(view) = view { view.base_map.as_ref() } else { None }
    });
    assert_eq!(maps.map(|map| map.source.as_str()).collect::<Vec<_>>(), ["monaco"], "with its map");
}

#[test]
fn drives_are_learnt_by_the_hours_of_the_new_zone() {
    let router = monaco();
    let drive = slowly(&way(&router));
    let mut day = Day::begins(vec![ana().into()]);
    let moved = Company { region: "monaco".to_owned(), ..riviera() };
    day.row(moved.clone(), 2, now());
    assert!(day.session.take_region_to_open().is_some(), "the company has moved");
    day.session.on_region("monaco", Some(opened(&router)), now());
    day.row(Company { zone: Tz::Asia__Tokyo, ..moved }, 3, now());
    assert!(drives(&mut day, &drive) > 2.0, "something was learnt");
    let kept = serde_json::to_value(day.session.kept_speeds()).expect("plain figures");
    let hours = kept["model"]["hours"].as_array().expect("sums by hour");
    assert!(
        hours.iter().all(|sum| sum["hour"] == 19),
        "ten in London is seven in the evening there: {hours:?}"
    );
}

#[test]
fn a_plan_by_the_old_hours_is_none_any_more() {
    let request = today();
    let home = Resource { home: Some(at(7.42)), ..expected() };
    let mut day = Day::begins(vec![home.into(), lift(None).into()]);
    let kept = day.planned(&request, now());
    let second = day.session.plan_day(&request, secs(1)).expect("another question");
    day.row(Company { zone: Tz::America__New_York, ..riviera() }, 2, secs(2));
    let refused = |rejection| DeskErrorCode::Refused(rejection);
    let code = day.session.plan_part(kept.number, &[], secs(3)).map(drop).expect_err("none").code;
    assert_eq!(code, refused(Rejection::NotFound), "her shift is another one");
    assert!(second.cancel.is_cancelled(), "what is being searched would be wrong");
    let late = Arc::new(searched(second));
    let code = day.session.on_planned(late.number, Some(late)).expect_err("outdated").code;
    assert_eq!(code, refused(Rejection::Expired), "and is not taken for a plan");
    let third = day.session.plan_day(&request, secs(4)).expect("a new question");
    assert_eq!(third.question.workers[0].ends, secs(12 * 3_600), "is asked with the new hours");
}
