//! Phones against the real server: activation, work, recordings, and what goes wrong.

use std::sync::Arc;
use std::time::Duration;

use domain::form::{FieldKind, FormDefinition, FormField};
use domain::position::Trigger;
use domain::resource::{Profile, Resource};
use domain::task::{Priority, Task, TaskStatus};
use domain::*;
use eta::Route;
use field::codes::PhoneCard;
use field::fleet::{FleetConfig, FleetError};
use field::replay::{ReplayConfig, ReplayError, trace};
use field::{ApiError, Clock, Phone, Roads, straight_way};
use protocol::entity::{Entity, EntityKind};
use protocol::field::ActivateRequest;
use server::{Admin, Clock as _, NewCompany, RunningServer, ServerConfig, SystemClock};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Open country: everything is reached in a straight line at 10 m/s.
struct Plain;

impl Roads for Plain {
    fn way(&self, from: LonLat, to: LonLat) -> Option<Route> {
        Some(straight_way(from, to, 10.0))
    }

    fn somewhere(&self, random: u64) -> LonLat {
        place((random % 2_000) as f64)
    }
}

fn place(metres: f64) -> LonLat {
    LonLat::from_e7(74_200_000, 437_300_000).destination(60.0, metres)
}

fn clock() -> Clock {
    Arc::new(|| SystemClock.now())
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x1000 + n)
}

/// A server with one company.
struct World {
    server: RunningServer,
    company: CompanyId,
    group: GroupId,
    profile: Profile,
}

impl World {
    async fn new() -> Self {
        let server = server::start(ServerConfig::in_memory(), Arc::new(SystemClock)).await.expect("starts");
        let zone = "Europe/Monaco".parse().expect("zone");
        let new = NewCompany {
            name: "Lifts".to_owned(),
            zone,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        };
        let company = server.admin().add_company(new).expect("company");
        let group = server.admin().add_group(company, "North").expect("group");
        let profile = Profile {
            id: ProfileId(id(1)),
            name: "technician".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(1),
            privacy_allowed: true,
        };
        server.admin().put(company, profile.clone()).expect("profile");
        World { server, company, group, profile }
    }

    fn admin(&self) -> &Admin {
        self.server.admin()
    }

    /// Adds so many cards; their phones can be activated once.
    fn phones(&self, count: u128) -> Vec<PhoneCard> {
        let card = |n: u128| {
            let resource = self.resource(n);
            let (resource, msisdn) = (resource.id, resource.phone.clone());
            let code = self.admin().add_resource(self.company, self.resource(n)).expect("card").0;
            PhoneCard { resource, msisdn, code }
        };
        (0..count).map(card).collect()
    }

    fn resource(&self, n: u128) -> Resource {
        Resource {
            id: ResourceId(id(100 + n)),
            name: format!("Technician {n}"),
            employee_number: n.to_string(),
            group: self.group,
            phone: format!("+3779300{n:04}"),
            email: String::new(),
            skills: Vec::new(),
            working_hours: Vec::new(),
            breaks: Vec::new(),
            capacity: None,
            travels: domain::travel::TravelMode::Car,
            ui_language: "en".to_owned(),
            profile: self.profile.id,
            home: Some(place(0.0)),
            on_duty: false,
            private_since: None,
            last_heard: None,
            battery: None,
            disabled: false,
        }
    }

    fn add_task(&self, n: u128, resource: ResourceId) -> TaskId {
        let task = Task {
            id: TaskId(id(10_000 + n)),
            number: 0,
            title: format!("Lift {n}"),
            description: String::new(),
            task_type: None,
            work_order: None,
            at: place(100.0 + 20.0 * n as f64),
            address: String::new(),
            poi: None,
            customer: String::new(),
            resource: Some(resource),
            status: TaskStatus::NewTask,
            priority: Priority::Normal,
            skills: Vec::new(),
            planned_minutes: 2,
            window_start: None,
            window_end: None,
            load: 0,
            planned_start: None,
            promises: Vec::new(),
            choices: Vec::new(),
            timeline: Vec::new(),
            notes: Vec::new(),
            created_at: SystemClock.now(),
        };
        self.admin().add_task(self.company, task).expect("task")
    }

    fn add_form(&self) {
        let result = FieldKind::Choice { options: vec!["done".to_owned(), "follow-up".to_owned()] };
        let field =
            FormField { key: "result".to_owned(), label: "Result".to_owned(), kind: result, required: true };
        let form =
            FormDefinition { id: FormId(id(3)), version: 1, name: "Report".to_owned(), fields: vec![field] };
        self.admin().put(self.company, form).expect("form");
    }

    fn statuses(&self) -> Vec<TaskStatus> {
        let rows = self.admin().rows(self.company, EntityKind::Task).expect("tasks");
        rows.into_iter()
            .filter_map(|row| if let Entity::Task(task) = row { Some(task.status) } else { None })
            .collect()
    }

    fn count(&self, kind: EntityKind) -> usize {
        self.admin().rows(self.company, kind).expect("rows").len()
    }
}

fn fleet(world: &World, phones: Vec<PhoneCard>) -> FleetConfig {
    FleetConfig {
        speed: 60.0,
        max_requests_per_sec: 400.0,
        private_share: 0.0,
        offline_share: 0.0,
        mishaps: field::Mishaps::NONE,
        ..FleetConfig::new(world.server.url(), phones, Arc::new(Plain))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_technicians_carry_their_tasks_to_the_end() {
    let world = World::new().await;
    world.add_form();
    let phones = world.phones(20);
    for (n, phone) in phones.iter().enumerate() {
        world.add_task(n as u128, phone.resource);
    }
    let config = FleetConfig { duration: Some(Duration::from_secs(40)), ..fleet(&world, phones) };
    let cancel = CancellationToken::new();
    let running = tokio::spawn(field::fleet::run(config, clock(), cancel.clone()));
    let over = |status: &TaskStatus| {
        matches!(status, TaskStatus::Closed | TaskStatus::NotDone | TaskStatus::Declined)
    };
    for _ in 0..350 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if world.statuses().iter().all(over) {
            break;
        }
    }
    cancel.cancel();
    let report = running.await.expect("no panic").expect("runs");
    let statuses = world.statuses();
    assert!(statuses.iter().all(over), "every task has ended: {statuses:?}");
    let closed = statuses.iter().filter(|status| **status == TaskStatus::Closed).count();
    assert!(closed >= 14, "most are closed: {statuses:?}");
    assert_eq!(report.activated, 20, "every phone was activated");
    assert_eq!(report.tally.entries_refused, 0, "the server objects to nothing: {:?}", report.tally.refusals);
    assert!(report.tally.fixes_accepted >= 20, "they are tracked: {:?}", report.tally);
    assert_eq!(world.count(EntityKind::Attendance), 20, "each signed in");
    assert_eq!(world.count(EntityKind::Submission), closed, "a form for each closed task");
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_day_ends_with_everybody_signed_out_and_everything_sent() {
    let world = World::new().await;
    let phones = world.phones(4);
    let cards: Vec<ResourceId> = phones.iter().map(|phone| phone.resource).collect();
    let config = FleetConfig { duration: Some(Duration::from_secs(3)), ..fleet(&world, phones) };
    let report = field::fleet::run(config, clock(), CancellationToken::new()).await.expect("runs");
    assert_eq!(report.unsent, (0, 0), "at the end of the day everything is sent");
    assert_eq!(world.count(EntityKind::Attendance), 8, "everybody signed in and out");
    for card in cards {
        let row =
            world.admin().row(world.company, EntityKind::Resource, card.0).expect("reads").expect("is there");
        let Entity::Resource(resource) = row else { panic!("a resource") };
        assert!(!resource.on_duty, "{} has gone home", resource.name);
    }
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_and_an_unreachable_server_are_two_different_things() {
    let world = World::new().await;
    let card = world.phones(1).remove(0);
    let request = |code: &str, msisdn: &str| ActivateRequest {
        connection_code: code.to_owned(),
        msisdn: msisdn.to_owned(),
        device: DeviceId(id(9)),
    };
    let activate = |request| Phone::activate(world.server.url(), request, clock());
    let wrong = activate(request("WRONG-CODE", &card.msisdn)).await.expect_err("not the code");
    assert!(matches!(wrong, ApiError::CodeRefused(_)), "{wrong}");
    let other = activate(request(&card.code, "+4915100000")).await.expect_err("not the number");
    assert!(matches!(other, ApiError::CodeRefused(_)), "{other}");
    let mut phone = activate(request(&card.code, &card.msisdn)).await.expect("the right phone");
    phone.sync(0).await.expect("syncs");
    assert_eq!(phone.handset.id(), card.resource, "it is this card's phone");
    let again = activate(request(&card.code, &card.msisdn)).await.expect_err("the code is used up");
    assert!(matches!(again, ApiError::CodeRefused(_)), "{again}");
    world.admin().disable_resource(world.company, card.resource).expect("disabled");
    assert_eq!(phone.sync(0).await, Err(ApiError::Wiped), "a disabled card wipes its phone");

    let nobody =
        Phone::activate("http://127.0.0.1:1", request("A", "1"), clock()).await.expect_err("nobody there");
    assert!(nobody.is_temporary(), "worth another try: {nobody}");
    let none = field::fleet::run(fleet(&world, Vec::new()), clock(), CancellationToken::new()).await;
    assert!(matches!(none, Err(FleetError::NoPhones)), "a fleet of nobody");
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_replayed_through_phones() {
    let world = World::new().await;
    let rows = (0..60).flat_map(|t| (0..5).map(move |v| (t, v)));
    let line = |(t, v): (i32, i32)| {
        format!("{t},bus{v},{},{}\n", 7.42 + f64::from(t) * 1e-4, 43.73 + f64::from(v) * 1e-3)
    };
    let csv = "t,id,lon,lat\n".to_owned() + &rows.map(line).collect::<String>();
    let trace = trace::read(csv.as_bytes()).expect("reads").trace;
    let config = |phones| ReplayConfig {
        server_url: world.server.url().to_owned(),
        phones,
        trace: trace.clone(),
        speed: 20.0,
        max_requests_per_sec: 40.0,
    };
    let few = field::replay::run(config(world.phones(4)), clock(), CancellationToken::new()).await;
    assert!(
        matches!(few, Err(ReplayError::TooFewPhones { vehicles: 5, phones: 4 })),
        "a phone each: {few:?}"
    );
    let phones = (0..5).map(|n| {
        let resource = ResourceId(id(100 + n));
        if n == 4 {
            world.admin().add_resource(world.company, world.resource(4)).expect("card");
        }
        let code = world.admin().new_connection_code(world.company, resource).expect("code").0;
        PhoneCard { resource, msisdn: world.resource(n).phone, code }
    });
    let report = field::replay::run(config(phones.collect()), clock(), CancellationToken::new())
        .await
        .expect("replays");
    assert_eq!((report.vehicles, report.most_at_once), (5, 5), "five at once");
    assert_eq!(report.tally.fixes_accepted, 300, "every row arrived: {report:?}");
    assert_eq!(report.unsent, (0, 0), "nothing is left");
    assert!(report.requests < 300, "in batches where that is enough: {} requests", report.requests);
    assert_eq!(world.count(EntityKind::Attendance), 10, "each signed in and out");
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_names_bad_rows_and_says_so_at_the_end() {
    let world = World::new().await;
    let dir = tempfile::tempdir().expect("folder");
    let (file, codes) = (dir.path().join("track.csv"), dir.path().join("codes.csv"));
    let rows = "t,id,lon,lat\n0,bus,7.42,43.73\n1,bus,NaN,43.73\n2,bus,7.42,43.73\n3,bus,7.42,91\n";
    std::fs::write(&file, rows).expect("writes");
    let card = world.phones(1).remove(0);
    let list = format!("resource,msisdn,code\n{},{},{}\n", card.resource, card.msisdn, card.code);
    std::fs::write(&codes, list).expect("writes");
    let mut replay = std::process::Command::new(env!("CARGO_BIN_EXE_officetrack-field"));
    replay.arg("replay").arg(&file).arg("--codes").arg(&codes).args(["--server", world.server.url()]);
    let ended = tokio::task::spawn_blocking(move || replay.output()).await.expect("no panic").expect("runs");
    let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert_eq!(ended.status.code(), Some(1), "some rows were bad: {complained}");
    assert!(
        complained.contains("track.csv:3:") && complained.contains("track.csv:5:"),
        "by line: {complained}"
    );
    assert!(said.contains("rows: 4 read, 2 bad (skipped)"), "and in the summary: {said}");
    assert!(said.contains("fixes: 2 accepted"), "the good ones arrived: {said}");
    world.server.stop().await;
}

#[test]
fn the_command_line_explains_what_is_missing() {
    let program = env!("CARGO_BIN_EXE_officetrack-field");
    let arguments = ["replay", "no-such-file.csv", "--server", "http://127.0.0.1:1", "--codes", "none.csv"];
    let ended = std::process::Command::new(program).args(arguments).output().expect("runs");
    assert_eq!(ended.status.code(), Some(2), "not even started");
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(complained.contains("no-such-file.csv"), "names the file: {complained}");
}
