//! A small company for the tests of the watcher.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, Severity};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::position::Fix;
use domain::resource::{Battery, Resource};
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope};
use domain::schedule::Schedule;
use domain::task::{Actor, Priority, StatusStep, Task, TaskStatus};
use domain::{GroupId, LonLat, PoiId, ProfileId, ResourceId, RuleId, TaskId};
use uuid::Uuid;
use watch::{Heard, News, Watcher};

/// The depot, at the equator of nowhere: a thousandth of a degree is 111 m in both directions.
pub const DEPOT: (f64, f64) = (10.0, 0.5);
const M_PER_DEG: f64 = 111_195.0;

/// `secs` after ten o'clock on a Monday in winter.
pub fn at(secs: i64) -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse::<DateTime<Utc>>().expect("time") + TimeDelta::seconds(secs)
}

pub fn minutes(minutes: i64) -> DateTime<Utc> {
    at(minutes * 60)
}

/// A point so many metres east of the depot.
pub fn east(metres: f64) -> LonLat {
    LonLat::new(DEPOT.0 + metres / M_PER_DEG, DEPOT.1).expect("a place")
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub const ANA: ResourceId = ResourceId(Uuid::from_u128(0xA));
pub const BEN: ResourceId = ResourceId(Uuid::from_u128(0xB));
pub const PLACE: PoiId = PoiId(Uuid::from_u128(0xC));
pub const JOB: TaskId = TaskId(Uuid::from_u128(0xD));

/// On duty, with nothing unusual.
pub fn card(id: ResourceId) -> Resource {
    Resource {
        id,
        name: "Somebody".to_owned(),
        employee_number: "1".to_owned(),
        group: GroupId(Uuid::from_u128(1)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "en".to_owned(),
        profile: ProfileId(Uuid::from_u128(2)),
        home: None,
        on_duty: true,
        private_since: None,
        last_heard: Some(at(0)),
        battery: None,
        disabled: false,
    }
}

pub fn with_battery(id: ResourceId, percent: u8, at: DateTime<Utc>) -> Resource {
    Resource { battery: Some(Battery { percent, at }), ..card(id) }
}

pub fn rule(condition: Condition) -> LocationRule {
    LocationRule {
        id: RuleId(id(0xE)),
        name: "Rule".to_owned(),
        enabled: true,
        condition,
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 0,
        policy: AlertPolicy::of(Severity::Warning),
    }
}

/// The depot's yard: a circle of 200 m.
pub fn depot() -> Poi {
    let center = east(0.0);
    Poi {
        id: PLACE,
        name: "Depot".to_owned(),
        kind: PoiKind::DistributionCenter,
        at: center,
        address: String::new(),
        fence: Some(Fence::new(FenceShape::Circle { center, radius_m: 200.0 })),
    }
}

/// A fix of 8 m (95 %) so many metres east of the depot, at a time.
pub fn fix(secs: i64, metres: f64) -> Fix {
    Fix { at: east(metres), fix_time: at(secs), accuracy_m: Some(5.0), speed_mps: None, heading_deg: None }
}

pub fn driving(secs: i64, metres: f64, kmh: f32) -> Fix {
    Fix { speed_mps: Some(kmh / 3.6), ..fix(secs, metres) }
}

/// A task of Ana's 5 km east of the depot, planned for 30 minutes, with these steps.
pub fn job(steps: &[(TaskStatus, DateTime<Utc>)]) -> Task {
    let by = Actor::Field(ANA);
    let timeline: Vec<StatusStep> =
        steps.iter().map(|(status, at)| StatusStep { status: *status, at: *at, by, reason: None }).collect();
    Task {
        id: JOB,
        number: 7,
        title: "Lift stuck".to_owned(),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: east(5_000.0),
        address: String::new(),
        poi: None,
        customer: String::new(),
        resource: Some(ANA),
        status: timeline.last().map_or(TaskStatus::NewTask, |step| step.status),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline,
        notes: Vec::new(),
        created_at: at(0),
    }
}

/// A watcher that knows the depot, Ana and Ben, and these rules.
pub fn watcher(rules: impl IntoIterator<Item = LocationRule>) -> Watcher {
    let mut watcher = Watcher::new(at(0));
    assert_eq!(watcher.set_places([depot()]), [], "the depot can be watched");
    watcher.set_rules(rules);
    for who in [ANA, BEN] {
        assert_eq!(watcher.on_card(&card(who), at(0)), [], "a card is no news");
    }
    watcher
}

/// Drives Ana along fixes, each arriving at once.
pub fn drive(watcher: &mut Watcher, fixes: impl IntoIterator<Item = Fix>) -> Vec<News> {
    fixes.into_iter().flat_map(|fix| watcher.on_fix(ANA, &fix, fix.fix_time)).collect()
}

/// One tick of the clock with a connection that is known to work.
pub fn tick(watcher: &mut Watcher, now: DateTime<Utc>) -> Vec<News> {
    watcher.on_clock(now, Heard::Proven)
}

/// The alerts of some news; none of it may be a retraction.
pub fn raised(news: Vec<News>) -> Vec<Alert> {
    let alert = |news| match news {
        News::Raised(alert) => *alert,
        News::Retracted(id) => panic!("{id} was taken back"),
    };
    news.into_iter().map(alert).collect()
}
