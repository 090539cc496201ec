//! What the rules cost: 5,000 people, 40 rules and 300 fences, 1,000 reports a second, and the clock every second. Prints the share of
//! one core; for figures `cargo run --release -p watch --example cost`.

#![expect(clippy::print_stdout, reason = "the figures are the point")]
#![expect(clippy::disallowed_methods, reason = "measures how long it takes")]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::Severity;
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::position::Fix;
use domain::resource::Resource;
use domain::rule::{AlertPolicy, Condition, LocationRule, RuleScope, RuleTarget};
use domain::schedule::Schedule;
use domain::{GroupId, LonLat, PoiId, ProfileId, ResourceId, RuleId};
use uuid::Uuid;
use watch::{Heard, Watcher};

const PEOPLE: u128 = 5_000;
const PLACES: u128 = 300;
const RULES: u128 = 40;
const REPORTS_PER_SEC: u128 = 1_000;
const SECS: i64 = 60;

fn main() {
    let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap_or(DateTime::UNIX_EPOCH);
    let mut watcher = Watcher::new(start);
    watcher.set_places((0..PLACES).map(place));
    watcher.set_rules((0..RULES).map(rule));
    for person in 0..PEOPLE {
        watcher.on_card(&card(person, start), start);
    }
    let (mut news, mut next) = (0, 0);
    let (mut reports, mut ticks) = (0.0, 0.0);
    for second in 0..SECS {
        let now = start + TimeDelta::seconds(second);
        let begun = Instant::now();
        for _ in 0..REPORTS_PER_SEC {
            let person = next % PEOPLE;
            next += 1;
            news += watcher.on_fix(ResourceId(Uuid::from_u128(person)), &fix(person, second, now), now).len();
        }
        reports += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        news += watcher.on_clock(now, Heard::Proven).len();
        ticks += begun.elapsed().as_secs_f64();
    }
    let share = |secs: f64| 100.0 * secs / SECS as f64;
    println!(
        "watch: {PEOPLE} people, {RULES} rules, {REPORTS_PER_SEC} reports/s: reports {:.2} %, clock {:.2} % of a core, {news} news",
        share(reports),
        share(ticks)
    );
}

fn point(n: u128, spread: f64) -> LonLat {
    let turn = n as f64 * 2.399_963;
    let far = spread * (n as f64 / PEOPLE as f64).sqrt();
    LonLat::new(13.4 + far * turn.cos(), 52.5 + far * turn.sin()).unwrap_or(LonLat::from_e7(0, 0))
}

fn place(n: u128) -> Poi {
    let center = point(n * 16, 0.2);
    let fence =
        Fence { on_enter: true, on_exit: true, ..Fence::new(FenceShape::Circle { center, radius_m: 150.0 }) };
    Poi {
        id: PoiId(Uuid::from_u128(n)),
        name: n.to_string(),
        kind: PoiKind::Customer,
        at: center,
        address: String::new(),
        fence: Some(fence),
    }
}

fn rule(n: u128) -> LocationRule {
    let condition = match n % 6 {
        0 => Condition::Near { target: RuleTarget::Poi(PoiId(Uuid::from_u128(n))), within_m: 500 },
        1 => Condition::Speeding { limit_kmh: 50 + n as u16 },
        2 => Condition::StoppedOnTask { minutes: 10 },
        3 => Condition::LeftArea { poi: PoiId(Uuid::from_u128(n)) },
        4 => Condition::DeviceSilent { minutes: 30 },
        _ => Condition::Near { target: RuleTarget::Resource(ResourceId(Uuid::from_u128(n))), within_m: 200 },
    };
    LocationRule {
        id: RuleId(Uuid::from_u128(n)),
        name: n.to_string(),
        enabled: true,
        condition,
        scope: RuleScope::default(),
        schedule: Schedule::default(),
        min_duration_secs: 30,
        policy: AlertPolicy::of(Severity::Info),
    }
}

fn card(n: u128, now: DateTime<Utc>) -> Resource {
    Resource {
        id: ResourceId(Uuid::from_u128(n)),
        name: n.to_string(),
        employee_number: n.to_string(),
        group: GroupId(Uuid::from_u128(n % 10)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "en".to_owned(),
        profile: ProfileId(Uuid::nil()),
        home: None,
        on_duty: true,
        private_since: None,
        last_heard: Some(now),
        battery: None,
        disabled: false,
    }
}

/// Everybody drives around their own point at about 50 km/h.
fn fix(person: u128, second: i64, now: DateTime<Utc>) -> Fix {
    let at = point(person, 0.2).destination((second * 7 % 360) as f64, 14.0 * second as f64);
    Fix { at, fix_time: now, accuracy_m: Some(6.0), speed_mps: Some(14.0), heading_deg: None }
}
