use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::{Presence, day_sheet, presence};
use domain::bid::BidStatus;
use domain::resource::Resource;
use domain::task::TaskStatus;
use protocol::entity::{Entity, EntityKind};
use server::demo::{COMPANY, DemoAccounts, PASSWORD, seed};
use server::{Admin, Clock, ServerConfig, open_admin};

struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

fn made(now: DateTime<Utc>, number: u64) -> (Admin, DemoAccounts) {
    let admin = open_admin(&ServerConfig::in_memory(), Arc::new(At(now))).expect("opens");
    let accounts = seed(&admin, now, number).expect("seeds");
    (admin, accounts)
}

fn cards(admin: &Admin, accounts: &DemoAccounts) -> Vec<Resource> {
    let rows = admin.rows(accounts.company, EntityKind::Resource).expect("rows");
    rows.into_iter()
        .filter_map(|row| if let Entity::Resource(card) = row { Some(card) } else { None })
        .collect()
}

#[test]
fn the_demo_is_as_large_as_promised() {
    let (admin, accounts) = made("2026-11-23T09:40:00Z".parse().expect("time"), 7);
    let count = |kind| admin.rows(accounts.company, kind).expect("rows").len();
    let sizes =
        [EntityKind::Group, EntityKind::Skill, EntityKind::Resource, EntityKind::Poi, EntityKind::Form]
            .map(count);
    assert_eq!(sizes, [6, 8, 60, 40, 2], "groups, skills, resources, places, forms");
    assert!(count(EntityKind::Task) >= 150, "today's tasks and the week behind");
    assert!(count(EntityKind::Attendance) > 400, "a week of sign-ins and sign-outs");
    assert_eq!(
        (accounts.connection_codes.len(), accounts.users.len()),
        (60, 3),
        "a code for each phone, three users"
    );
    let names: std::collections::HashSet<String> =
        cards(&admin, &accounts).into_iter().map(|card| card.name).collect();
    assert_eq!(names.len(), 60, "sixty different people");
}

#[test]
fn whatever_the_hour_somebody_is_at_work_and_somebody_is_late() {
    for hour in [0, 4, 9, 13, 18, 23] {
        let now: DateTime<Utc> = format!("2026-11-22T{hour:02}:17:00Z").parse().expect("time");
        let (admin, accounts) = made(now, 3);
        let zone = chrono_tz::Tz::Europe__Monaco;
        let mut now_is = BTreeMap::new();
        for card in cards(&admin, &accounts) {
            let state = match presence(&card, None, None, zone, now) {
                Presence::In { .. } => "in",
                Presence::Late { .. } => "late",
                Presence::Out => "out",
            };
            *now_is.entry(state).or_insert(0) += 1;
        }
        assert_eq!(now_is.get("in"), Some(&47), "at {hour}: {now_is:?}");
        assert!(now_is.get("late").is_some_and(|late| (3..=8).contains(late)), "at {hour}: {now_is:?}");
    }
}

#[test]
fn the_same_seed_makes_the_same_company_and_another_another() {
    let now: DateTime<Utc> = "2026-11-23T09:40:00Z".parse().expect("time");
    let [one, two, other] = [7, 7, 8].map(|number| {
        let (admin, accounts) = made(now, number);
        let mut cards = cards(&admin, &accounts);
        cards.sort_by_key(|card| card.id);
        cards
    });
    assert_eq!(one, two, "the same");
    assert_ne!(one, other, "another");
}

#[test]
fn a_living_business() {
    let now: DateTime<Utc> = "2026-11-23T09:40:00Z".parse().expect("time");
    let (admin, accounts) = made(now, 7);
    let mut by_status = BTreeMap::new();
    let mut numbers = std::collections::HashSet::new();
    for row in admin.rows(accounts.company, EntityKind::Task).expect("rows") {
        let Entity::Task(task) = row else { continue };
        *by_status.entry(task.status).or_insert(0) += 1;
        assert!(numbers.insert(task.number), "number {} is used once", task.number);
        assert!(
            task.timeline.windows(2).all(|pair| pair[0].at <= pair[1].at),
            "{}: history goes forward",
            task.title
        );
        assert!(
            task.timeline.iter().all(|step| step.at <= now),
            "{}: nothing happened in the future",
            task.title
        );
        assert!(
            (7.39..7.45).contains(&task.at.lon()) && (43.72..43.755).contains(&task.at.lat()),
            "{}: in Monaco",
            task.title
        );
    }
    assert!(by_status.len() >= 9, "all stages: {by_status:?}");
    assert!(by_status.get(&TaskStatus::NewTask).is_some_and(|new| *new > 40), "work waits: {by_status:?}");
    let bids = admin.rows(accounts.company, EntityKind::Bid).expect("rows");
    let open = bids
        .iter()
        .filter(|row| matches!(row, Entity::Bid(bid) if bid.status == BidStatus::Open && bid.deadline > now))
        .count();
    assert_eq!((open, bids.len()), (3, 6), "open bids, and three that are over in three ways");

    let entries: Vec<_> = admin
        .rows(accounts.company, EntityKind::Attendance)
        .expect("rows")
        .into_iter()
        .filter_map(|row| if let Entity::Attendance(entry) = row { Some(entry) } else { None })
        .collect();
    let (mut orphans, mut open) = (0, 0);
    for card in cards(&admin, &accounts) {
        for back in 1..7 {
            let day = (now - TimeDelta::days(back)).date_naive();
            let sheet = day_sheet(card.id, &entries, day, chrono_tz::Tz::Europe__Monaco, now);
            orphans += sheet.orphans.len();
            open += sheet.stretches.iter().filter(|stretch| stretch.signed_out.is_none()).count();
        }
    }
    assert!(
        (1..30).contains(&orphans) && (1..30).contains(&open),
        "a few forgot: {orphans} orphans, {open} open"
    );
}

#[test]
fn customers_were_told_and_dispatchers_chose() {
    use domain::task::{PromiseState, Task};
    let now: DateTime<Utc> = "2026-11-23T09:40:00Z".parse().expect("time");
    let (admin, accounts) = made(now, 7);
    let rows = admin.rows(accounts.company, EntityKind::Task).expect("rows").into_iter();
    let tasks: Vec<Task> =
        rows.filter_map(|row| if let Entity::Task(task) = row { Some(task) } else { None }).collect();
    let mut by_state = BTreeMap::new();
    for promise in tasks.iter().flat_map(|task| &task.promises) {
        let state = match promise.state {
            PromiseState::Open => "open",
            PromiseState::Kept { .. } => "kept",
            PromiseState::Broken { .. } => "broken",
            PromiseState::Replaced { .. } | PromiseState::Void { .. } => "taken back",
        };
        *by_state.entry(state).or_insert(0) += 1;
        assert!(promise.expected.is_some() && promise.told_at <= now, "as it was known then: {promise:?}");
    }
    let some = |state, least: i32| by_state.get(state).is_some_and(|count| *count >= least);
    assert!(some("open", 5) && some("kept", 15) && some("broken", 5), "something of each: {by_state:?}");
    let choices: Vec<_> = tasks.iter().flat_map(|task| &task.choices).collect();
    let overrides: Vec<_> = choices.iter().filter(|choice| choice.made.is_override()).collect();
    assert!(overrides.len() >= 10 && overrides.len() < choices.len(), "{} overrides", overrides.len());
    let reasons: std::collections::HashSet<_> = overrides.iter().map(|choice| choice.made.reason).collect();
    assert!(reasons.len() >= 5, "for several reasons: {reasons:?}");
    assert!(tasks.iter().all(|task| task.load > 0), "everything takes some room");
}

#[test]
fn people_rest_carry_and_travel_in_their_own_ways() {
    use domain::travel::TravelMode;
    for hour in [4, 9, 22] {
        let now: DateTime<Utc> = format!("2026-11-22T{hour:02}:17:00Z").parse().expect("time");
        let (admin, accounts) = made(now, 3);
        let cards = cards(&admin, &accounts);
        let ways = TravelMode::ALL.map(|mode| cards.iter().filter(|card| card.travels == mode).count());
        assert_eq!(ways, [48, 6, 6], "most drive, some cycle, some walk");
        for card in &cards {
            let rest = card.breaks.first().expect("everybody rests");
            assert!(rest.from <= rest.to && rest.minutes == 30, "half an hour, at a time: {rest:?}");
            assert!(card.capacity.is_some_and(|most| most >= 8), "and carries something");
        }
    }
}

#[tokio::test]
async fn one_can_sign_in_to_it() {
    let server =
        server::start(ServerConfig::in_memory(), Arc::new(server::SystemClock)).await.expect("starts");
    let accounts = seed(server.admin(), server::SystemClock.now(), 7).expect("seeds");
    let body = serde_json::json!({
        "company": COMPANY, "user": accounts.users[0].1, "password": PASSWORD,
        "device": "00000000-0000-0000-0000-000000000001", "device_epoch": 1
    });
    let request = reqwest::Client::new().post(format!("{}/v1/sign-in", server.url()));
    let request = request.header(protocol::API_VERSION_HEADER, protocol::API_VERSION);
    let answer = request.json(&body).send().await.expect("answers");
    assert_eq!(answer.status(), 200, "signed in");
    server.stop().await;
}
