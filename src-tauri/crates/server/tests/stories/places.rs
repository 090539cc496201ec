//! Two desks edit the same fence, and rules have one version.

use domain::RuleId;
use domain::alert::Severity;
use domain::place::{Fence, FenceShape, Poi};
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleError, RuleScope, RuleTarget};
use domain::schedule::Schedule;
use protocol::entity::EntityKind;
use protocol::wire::{Command, CommandBody, Outcome, Rejection};
use uuid::Uuid;

use super::office::{Fresh, Office, at, place, refusal};

fn with(poi: &Poi, change: impl FnOnce(&mut Fence)) -> Poi {
    let mut poi = poi.clone();
    poi.fence.as_mut().map(change);
    poi
}

fn edit(draft: &Poi, base: &Poi) -> CommandBody {
    CommandBody::PoiEdit { draft: Box::new(draft.clone()), base: Box::new(base.clone()) }
}

#[tokio::test]
async fn two_desks_edit_a_fence_at_once() {
    let office = Office::open().await;
    let (one, other) = (office.sign_in("dispatcher").await, office.sign_in("manager").await);
    let base = place("Yard");
    let put = one.send(one.command(1, CommandBody::PoiPut(Box::new(base.clone())))).await;
    assert!(matches!(put, Outcome::Applied { version: 1, .. }), "a new place: {put:?}");
    let wider = with(&base, |fence| {
        fence.shape = FenceShape::Circle { center: at(7.42, 43.73), radius_m: 180.0 };
    });
    let speaking = with(&base, |fence| fence.on_enter = true);
    assert!(
        matches!(one.send(one.command(2, edit(&wider, &base))).await, Outcome::Applied { .. }),
        "the area"
    );
    assert!(
        matches!(other.send(other.command(1, edit(&speaking, &base))).await, Outcome::Applied { .. }),
        "a rule"
    );
    let stored: Poi = office.stored(EntityKind::Poi, base.id.0).expect("the place");
    let fence = stored.fence.expect("its fence");
    assert!(fence.on_enter, "the rule of the one");
    assert_eq!(Some(fence.shape), wider.fence.map(|fence| fence.shape), "on the area of the other");
    assert_eq!(fence.version, 3, "each edit is a version of the fence");
    let again = other.send(other.command(2, edit(&speaking, &base))).await;
    assert!(
        matches!(again, Outcome::Applied { version: 3, .. }),
        "what is so already changes nothing: {again:?}"
    );
    let narrower = with(&base, |fence| {
        fence.shape = FenceShape::Circle { center: at(7.42, 43.73), radius_m: 60.0 };
    });
    let clash = other.send(other.command(3, edit(&narrower, &base))).await;
    let Outcome::Conflict { current: Some(current) } = clash else { panic!("two areas: {clash:?}") };
    assert_eq!(current.id, base.id.0, "with the place as it is now, for the user to decide");
}

#[tokio::test]
async fn a_rule_has_one_version_and_figures_that_somebody_can_mean() {
    let office = Office::open().await;
    let (desk, supervisor) = (office.sign_in("manager").await, office.sign_in("supervisor").await);
    let rule = LocationRule {
        id: RuleId(Uuid::now()),
        name: "Motorway".to_owned(),
        enabled: true,
        condition: Condition::Speeding { limit_kmh: 130 },
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 30,
        policy: AlertPolicy::of(Severity::Warning),
    };
    let put = |rule: &LocationRule| CommandBody::RulePut(Box::new(rule.clone()));
    let refused = supervisor.send(supervisor.command(1, put(&rule))).await;
    assert_eq!(refusal(&refused), Some(&Rejection::Forbidden), "supervisors handle alerts only");
    let drawn = supervisor.send(supervisor.command(2, CommandBody::PoiPut(Box::new(place("Yard"))))).await;
    assert_eq!(refusal(&drawn), Some(&Rejection::Forbidden), "nor do they draw");
    let crawl = LocationRule { condition: Condition::Speeding { limit_kmh: 1 }, ..rule.clone() };
    let nonsense = desk.send(desk.command(1, put(&crawl))).await;
    assert_eq!(refusal(&nonsense), Some(&Rejection::Rule(RuleError::Limit)), "walking pace");
    assert!(
        matches!(desk.send(desk.command(2, put(&rule))).await, Outcome::Applied { version: 1, .. }),
        "new"
    );
    let slower = LocationRule { condition: Condition::Speeding { limit_kmh: 110 }, ..rule.clone() };
    let unseen = desk.send(desk.command(3, put(&slower))).await;
    assert!(matches!(unseen, Outcome::Conflict { current: Some(_) }), "without a look at it: {unseen:?}");
    let seen = Command { if_match: Some(1), ..desk.command(4, put(&slower)) };
    assert!(matches!(desk.send(seen).await, Outcome::Applied { version: 2, .. }), "after a look");
    let delete = Command { if_match: Some(1), ..desk.command(5, CommandBody::RuleDelete { rule: rule.id }) };
    assert!(matches!(desk.send(delete).await, Outcome::Conflict { .. }), "an older one was seen");
    let delete = Command { if_match: Some(2), ..desk.command(6, CommandBody::RuleDelete { rule: rule.id }) };
    assert!(matches!(desk.send(delete).await, Outcome::Applied { .. }), "gone");
    assert_eq!(office.stored::<LocationRule>(EntityKind::Rule, rule.id.0), None, "for everybody");
}

#[tokio::test]
async fn a_rule_tells_nobody_where_somebody_is_whom_they_may_not_see() {
    let office = Office::open().await;
    let (north, manager) = (office.sign_in("dispatcher").await, office.sign_in("manager").await);
    let near = |target, within_m| LocationRule {
        id: RuleId(Uuid::now()),
        name: "Near".to_owned(),
        enabled: true,
        condition: Condition::Near { target: RuleTarget::Resource(target), within_m },
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 0,
        policy: AlertPolicy::of(Severity::Info),
    };
    let put = |rule: &LocationRule| CommandBody::RulePut(Box::new(rule.clone()));
    let (own, other) = (near(office.ana.id, 500), near(office.ben.id, 500));
    let seen = north.send(north.command(1, put(&own))).await;
    assert!(matches!(seen, Outcome::Applied { .. }), "Ana is one of theirs: {seen:?}");
    let hidden = north.send(north.command(2, put(&other))).await;
    assert_eq!(refusal(&hidden), Some(&Rejection::NotFound), "Ben is in the South");
    let set = manager.send(manager.command(1, put(&other))).await;
    assert!(matches!(set, Outcome::Applied { version: 1, .. }), "the manager sees all: {set:?}");
    let renamed = LocationRule { name: "Near Ben".to_owned(), ..other.clone() };
    let renamed = Command { if_match: Some(1), ..north.command(3, put(&renamed)) };
    assert!(matches!(north.send(renamed).await, Outcome::Applied { version: 2, .. }), "another name");
    let wider = LocationRule { condition: near(office.ben.id, 50).condition, ..other };
    let wider = Command { if_match: Some(2), ..north.command(4, put(&wider)) };
    assert_eq!(refusal(&north.send(wider).await), Some(&Rejection::NotFound), "but no other distance");
}
