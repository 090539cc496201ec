//! A dispatcher chooses from suggestions.

use domain::SkillId;
use domain::travel::TravelSource;
use protocol::view::{SuggestedArrival, SuggestionReason};
use uuid::Uuid;

use super::*;

fn who(n: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(n))
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("time")
}

/// Somebody who is there after so many minutes.
fn in_minutes(n: u128, minute: i64, shortfalls: Vec<Shortfall>) -> SuggestionView {
    let arrival = SuggestedArrival { p50: at(minute), p90: at(minute + 4), source: TravelSource::Roads };
    SuggestionView {
        resource: who(n),
        position: PositionState::Live,
        arrival: Some(arrival),
        drive_secs: Some(60 * u32::try_from(minute).expect("minutes")),
        distance_m: Some(1_200.0),
        extra_drive_secs: Some(90),
        fix_age_secs: Some(3),
        open_tasks: 1,
        reasons: vec![SuggestionReason::InTime],
        shortfalls,
    }
}

fn lacks() -> Shortfall {
    Shortfall::MissingSkills { skills: vec![SkillId(Uuid::from_u128(9))] }
}

fn list() -> Vec<Ranked> {
    ranked(&[
        in_minutes(1, 4, vec![lacks()]),
        in_minutes(2, 5, Vec::new()),
        in_minutes(3, 9, vec![Shortfall::Late { late_secs: 240 }]),
    ])
}

#[test]
fn who_could_not_do_it_at_all_comes_after_everybody_who_could() {
    let list = list();
    let order: Vec<_> =
        list.iter().map(|ranked| (ranked.rank, ranked.view.resource, ranked.suited)).collect();
    assert_eq!(
        order,
        [(1, who(2), true), (2, who(3), true), (3, who(1), false)],
        "the nearest lacks the skill; being late is for the dispatcher to weigh"
    );
}

#[test]
fn whoever_is_private_is_never_among_those_who_could_go() {
    let mut private = in_minutes(1, 1, Vec::new());
    private.position = PositionState::Private { since: at(0) };
    let list = ranked(&[private, in_minutes(2, 5, Vec::new())]);
    assert_eq!(list[0].view.resource, who(2), "nobody knows how far the other one is");
    assert_eq!(list[1].view.arrival, None, "and no arrival is shown, whatever the list had");
}

#[test]
fn a_choice_says_what_it_was_made_against() {
    let list = list();
    let made =
        choice(&list, who(3), Some(OverrideReason::CustomerAsked), " wants her ").expect("in the list");
    assert_eq!((made.rank, made.of, made.first), (2, 3, who(2)), "second of three");
    assert_eq!(made.later_secs, Some(240), "four minutes later than the first one");
    assert_eq!(made.note, "wants her", "spaces are nobody's words");
    assert!(made.fits(Some(who(3))), "and the server takes it");
    let first = choice(&list, who(2), None, "").expect("in the list");
    assert!(!first.is_override() && first.fits(Some(who(2))), "following the list is no override");
    assert_eq!(choice(&list, who(7), None, ""), None, "somebody who is not in the list");
    assert_eq!(choice(&[], who(7), None, ""), None, "nor in an empty one");
}

#[test]
fn who_has_switched_the_location_off_since_then_leaves_no_hint_of_a_place() {
    let before = in_minutes(2, 5, vec![Shortfall::Busy { until: at(3) }, lacks(), Shortfall::EstimateOnly]);
    let now = as_of_now(before.clone(), PositionState::Private { since: at(1) });
    assert_eq!((now.arrival, now.drive_secs, now.distance_m), (None, None, None), "no arrival, no way");
    assert_eq!((now.extra_drive_secs, now.fix_age_secs), (None, None), "nor what could tell it");
    assert!(now.reasons.is_empty(), "being there in time tells it, too");
    assert_eq!(now.shortfalls, [Shortfall::Private, lacks()], "what is left has nothing to do with a place");
    assert!(!is_suited(&now), "and nobody invites them without a word");
    assert_eq!(as_of_now(before.clone(), PositionState::Live), before, "for everybody else nothing changes");
}

#[test]
fn off_duty_is_said_once() {
    let before = in_minutes(2, 5, vec![Shortfall::OffDuty]);
    let now = as_of_now(before, PositionState::OffDuty);
    assert_eq!(now.shortfalls, [Shortfall::OffDuty], "the list had said it already");
}

#[test]
fn only_who_could_go_and_whose_arrival_is_known_is_compared() {
    let mut people: Vec<_> = (1..=5).map(|n| in_minutes(n, 5, Vec::new())).collect();
    people[0].arrival = None;
    people[1].shortfalls = vec![lacks()];
    let letters = compared(&ranked(&people));
    assert_eq!(letters, [('A', who(3)), ('B', who(4)), ('C', who(5))], "the first three of those");
}

#[test]
fn nobody_is_invited_to_what_they_cannot_do_unless_somebody_wants_it() {
    let (list, nothing) = (list(), HashMap::new());
    assert_eq!(invited(&list, None, &nothing), [who(2), who(3)], "everybody who could do it");
    assert_eq!(invited(&list, Some(1), &nothing), [who(2)], "or only the best");
    let by_hand = HashMap::from([(who(2), false), (who(1), true)]);
    assert_eq!(invited(&list, None, &by_hand), [who(3), who(1)], "by hand, all is possible");
}

#[test]
fn a_list_of_a_minute_ago_is_old() {
    assert!(!is_old(at(0), at(0) + TimeDelta::seconds(59)), "nobody has got far in that time");
    assert!(is_old(at(0), at(1)), "after a minute it may be somebody else");
}
