//! Who could do a task, from what the session knows.

use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::{PoiId, SkillId};
use eta::GreatCircle;
use protocol::view::{CandidateFilter, Shortfall, SuggestionReason, SuggestionView, SuggestionsView};
use protocol::wire::WhereaboutsResponse;
use std::sync::Arc;

use super::*;
use crate::etas::SharedTimes;
use crate::suggestions;

fn ben() -> Resource {
    Resource { id: ResourceId(Uuid::from_u128(5)), name: "Ben Moreau".to_owned(), ..ana() }
}

fn everybody() -> CandidateFilter {
    CandidateFilter { group: None, skill: None, radius_m: None, on_duty: false }
}

impl Day {
    fn sees(&mut self, resource: ResourceId, lon: f64, when: DateTime<Utc>) {
        let fix =
            Fix { at: at(lon), fix_time: when, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None };
        let server_seq = when.timestamp() as u64;
        self.session.on_positions(vec![PositionUpdate { resource, fix, server_seq }], when);
    }

    fn suggests(&mut self, filter: &CandidateFilter, when: DateTime<Utc>) -> SuggestionsView {
        let question = self.session.who_could(lift(None).id, filter, when).expect("there is such a task");
        let times: SharedTimes = Arc::new(GreatCircle);
        suggestions::answer(question, &times)
    }
}

fn of(view: &SuggestionsView, resource: ResourceId) -> &SuggestionView {
    view.list.iter().find(|one| one.resource == resource).expect("everybody is in the list")
}

#[test]
fn near_and_free_comes_before_far_and_busy() {
    let other = Task { id: TaskId(Uuid::from_u128(11)), at: at(7.50), ..lift(Some(ana().id)) };
    let driving = step(other, TaskStatus::EnRoute, secs(-60));
    let mut day = Day::begins(vec![ana().into(), ben().into(), lift(None).into(), driving.into()]);
    day.sees(ana().id, 7.431, secs(1));
    day.sees(ben().id, 7.40, secs(1));
    let view = day.suggests(&everybody(), secs(2));
    assert_eq!(
        view.list.iter().map(|one| one.resource).collect::<Vec<_>>(),
        [ben().id, ana().id],
        "Ana has set out"
    );
    assert!(!view.is_past && view.at == secs(2), "it is about now");
    let first = of(&view, ben().id);
    assert_eq!(
        first.reasons,
        [SuggestionReason::Fastest, SuggestionReason::Free, SuggestionReason::LittleToDo],
        "what speaks for Ben"
    );
    assert_eq!(first.shortfalls, [Shortfall::EstimateOnly], "no roads are installed here");
    assert!(first.arrival.is_some_and(|arrival| arrival.p50 < arrival.p90), "a time, and how sure it is");
    assert_eq!((first.fix_age_secs, first.open_tasks), (Some(1), 0), "what it rests on");
    let busy = of(&view, ana().id).shortfalls.first();
    assert!(matches!(busy, Some(Shortfall::Busy { until }) if *until > secs(30 * 60)), "{busy:?}");
}

#[test]
fn a_private_person_is_in_the_list_without_a_trace_of_the_place() {
    let mut day = Day::begins(vec![ana().into(), ben().into(), lift(None).into()]);
    day.sees(ana().id, 7.43, secs(1));
    day.sees(ben().id, 7.40, secs(1));
    day.row(Resource { private_since: Some(secs(2)), ..ana() }, 2, secs(2));
    day.row(Resource { on_duty: false, ..ben() }, 2, secs(2));
    let view = day.suggests(&everybody(), secs(3));
    for (resource, shortfall) in [(ana().id, Shortfall::Private), (ben().id, Shortfall::OffDuty)] {
        let one = of(&view, resource);
        assert_eq!(one.shortfalls, [shortfall], "and why nothing more is known");
        assert_eq!((one.arrival, one.drive_secs, one.distance_m), (None, None, None), "no number");
        assert_eq!((one.extra_drive_secs, one.fix_age_secs), (None, None), "none of these either");
    }
    assert_eq!(view.list.last().map(|one| one.resource), Some(ben().id), "who is at home comes last");
    let near = CandidateFilter { radius_m: Some(50_000.0), ..everybody() };
    assert!(day.suggests(&near, secs(3)).list.is_empty(), "a circle would say where they are");
}

#[test]
fn what_the_company_knows_of_people_is_in_the_reasons() {
    let lifts = SkillId(Uuid::from_u128(60));
    let depot = PoiId(Uuid::from_u128(70));
    let area = FenceShape::Circle { center: at(7.43), radius_m: 2_000.0 };
    let quarter = Poi {
        id: depot,
        name: "Old town".to_owned(),
        kind: PoiKind::Customer,
        at: at(7.43),
        address: String::new(),
        fence: Some(Fence::new(area)),
    };
    let closed = step(lift(Some(ana().id)), TaskStatus::Closed, secs(-86_400));
    let before = Task { id: TaskId(Uuid::from_u128(12)), at: at(7.430_2), ..closed };
    let task = step(Task { skills: vec![lifts], ..lift(None) }, TaskStatus::Declined, secs(-600));
    let task = Task { timeline: task.timeline.clone(), ..Task { skills: vec![lifts], ..lift(None) } };
    let ana_can = Resource { skills: vec![lifts], capacity: Some(1), ..ana() };
    let rows = vec![ana_can.into(), ben().into(), task.into(), before.into(), quarter.into()];
    let mut day = Day::begins(rows);
    for second in [1, 20, 40, 60, 80] {
        day.sees(ana().id, 7.43, secs(second));
        day.sees(ben().id, 7.43, secs(second));
    }
    let view = day.suggests(&everybody(), secs(81));
    let ana_is = of(&view, ana().id);
    assert!(ana_is.reasons.contains(&SuggestionReason::HasSkills), "{:?}", ana_is.reasons);
    assert!(ana_is.reasons.contains(&SuggestionReason::InArea { poi: depot }), "{:?}", ana_is.reasons);
    assert!(ana_is.reasons.contains(&SuggestionReason::KnowsThePlace { tasks: 1 }), "{:?}", ana_is.reasons);
    assert!(ana_is.shortfalls.contains(&Shortfall::DeclinedBefore), "{:?}", ana_is.shortfalls);
    let ben_is = of(&view, ben().id);
    assert!(
        ben_is.shortfalls.contains(&Shortfall::MissingSkills { skills: vec![lifts] }),
        "{:?}",
        ben_is.shortfalls
    );
    assert_eq!(view.list.first().map(|one| one.resource), Some(ana().id), "who can, even if she said no");
}

#[test]
fn the_filter_narrows_the_list() {
    let south = GroupId(Uuid::from_u128(9));
    let mut day =
        Day::begins(vec![ana().into(), Resource { group: south, ..ben() }.into(), lift(None).into()]);
    day.sees(ana().id, 7.43, secs(1));
    day.sees(ben().id, 7.50, secs(1));
    let names = |view: SuggestionsView| view.list.iter().map(|one| one.resource).collect::<Vec<_>>();
    let of_south = CandidateFilter { group: Some(south), ..everybody() };
    assert_eq!(names(day.suggests(&of_south, secs(2))), [ben().id], "one team");
    let near = CandidateFilter { radius_m: Some(1_000.0), ..everybody() };
    assert_eq!(names(day.suggests(&near, secs(2))), [ana().id], "one kilometre around");
    day.row(Resource { disabled: true, ..ana() }, 2, secs(3));
    assert_eq!(names(day.suggests(&everybody(), secs(4))), [ben().id], "a disabled card can't be asked");
}

#[test]
fn a_past_moment_is_as_it_was() {
    let mut day = Day::begins(vec![ana().into(), ben().into(), lift(None).into()]);
    let task = Task { created_at: secs(-3_600), ..lift(None) };
    day.row(task, 2, secs(1));
    let signed_in = domain::attendance::AttendanceEntry {
        guid: domain::EntryGuid(Uuid::from_u128(80)),
        resource: ben().id,
        kind: domain::attendance::AttendanceKind::SignIn,
        event_time: secs(-7_200),
        entry_time: secs(-7_200),
        at: None,
    };
    day.row(signed_in, 1, secs(1));
    let then = secs(-1_800);
    let fix = Fix { at: at(7.42), fix_time: then, accuracy_m: None, speed_mps: None, heading_deg: None };
    let whereabouts = WhereaboutsResponse { at: then, fixes: vec![(ben().id, fix)], private: Vec::new() };
    let question = day.session.who_could_have(lift(None).id, &everybody(), &whereabouts);
    let times: SharedTimes = Arc::new(GreatCircle);
    let view = suggestions::answer(question.expect("the task was there"), &times);
    assert!(view.is_past && view.at == then, "it says when");
    assert_eq!(view.list[0].resource, ben().id, "he was there");
    assert!(
        view.list[0].arrival.is_some_and(|arrival| arrival.p50 > then && arrival.p50 < now()),
        "half an hour ago"
    );
    assert_eq!(of(&view, ana().id).shortfalls, [Shortfall::OffDuty], "she had not come yet");
    let too_early = WhereaboutsResponse { at: secs(-7_000), fixes: Vec::new(), private: Vec::new() };
    assert!(
        day.session.who_could_have(lift(None).id, &everybody(), &too_early).is_none(),
        "before there was such a task nobody could have gone"
    );
}
