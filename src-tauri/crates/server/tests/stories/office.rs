//! A small company on a real server, with a desk and a phone to talk to it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::position::{Fix, Trigger};
use domain::resource::{Profile, Resource};
use domain::task::{Priority, Task};
use domain::{
    CommandId, CompanyId, DeviceId, EntryGuid, GroupId, LonLat, PoiId, ProfileId, ResourceId, TaskId, UserId,
};
use protocol::entity::{Entity, EntityKind};
use protocol::field::{ActivateResponse, EntriesResponse, EntryOutcome, FieldSync, PositionsAccepted};
use protocol::wire::{
    ChangesPage, Command, CommandBody, CommandOutcome, Cursor, ErrorBody, Item, Occurred, Outcome, Rejection,
    SnapshotPage, TaskDraft, TokensResponse,
};
use protocol::{API_VERSION, API_VERSION_HEADER, header};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::{Admin, Clock, ConnectionCode, NewCompany, NewUser, RunningServer, ServerConfig};
use uuid::Uuid;

/// A clock that goes when it is told to.
pub struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("clock")
    }
}

pub struct Office {
    pub server: RunningServer,
    pub clock: Arc<TestClock>,
    pub http: reqwest::Client,
    pub company: CompanyId,
    pub south: GroupId,
    pub ana: Person,
    pub ben: Person,
}

#[derive(Clone)]
pub struct Person {
    pub id: ResourceId,
    pub phone: String,
    pub code: ConnectionCode,
}

pub fn monday() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("time")
}

pub fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("coordinate")
}

impl Office {
    pub async fn open() -> Self {
        Office::open_with(ServerConfig::in_memory()).await
    }

    pub async fn open_with(config: ServerConfig) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(monday())));
        let server = server::start(config, clock.clone()).await.expect("starts");
        let admin = server.admin().clone();
        let company = admin.add_company(new_company("Riviera")).expect("company");
        let (north, south) = (
            admin.add_group(company, "North").expect("group"),
            admin.add_group(company, "South").expect("group"),
        );
        let profile = Profile {
            id: ProfileId(Uuid::now()),
            name: "Field".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(company, profile).expect("profile");
        let ana = add_person(&admin, company, card("Ana Rossi", north, profile_id, "+377 6 00 00 01"));
        let ben = add_person(&admin, company, card("Ben Moreau", south, profile_id, "+377 6 00 00 02"));
        for role in Role::ALL {
            let login = format!("{role:?}").to_lowercase();
            admin.add_user(new_user(company, &login, role, vec![north])).expect("user");
        }
        admin.add_user(new_user(company, "everywhere", Role::Dispatcher, Vec::new())).expect("user");
        Office { server, clock, http: reqwest::Client::new(), company, south, ana, ben }
    }

    /// Stops the server and starts one with the same data.
    pub async fn restart(self, config: ServerConfig) -> Self {
        let Office { server, clock, .. } = self;
        server.stop().await;
        let server = server::start(config, clock.clone()).await.expect("starts again");
        Office { server, clock, ..self }
    }

    pub fn admin(&self) -> &Admin {
        self.server.admin()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn wait(&self, time: TimeDelta) {
        *self.clock.0.lock().expect("clock") += time;
    }

    pub fn task(&self, title: &str, resource: Option<ResourceId>) -> TaskId {
        let task = Task { resource, ..task(title, self.now()) };
        self.admin().add_task(self.company, task).expect("task")
    }

    pub fn stored<T: DeserializeOwned + Into<Entity>>(&self, kind: EntityKind, id: Uuid) -> Option<T> {
        let row = self.admin().row(self.company, kind, id).expect("reads")?;
        Some(serde_json::from_str(&row.encode().expect("writes")).expect("reads back"))
    }

    pub fn stored_task(&self, id: TaskId) -> Task {
        self.stored(EntityKind::Task, id.0).expect("the task is there")
    }

    pub fn stored_card(&self, id: ResourceId) -> Resource {
        self.stored(EntityKind::Resource, id.0).expect("the card is there")
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.server.url()));
        request = request.header(API_VERSION_HEADER, API_VERSION);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the server answers");
        let status = response.status();
        let text = response.text().await.expect("reads");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn sign_in(&self, login: &str) -> Desk<'_> {
        self.sign_in_on(login, DeviceId(Uuid::now()), 1).await.expect("signs in")
    }

    pub async fn sign_in_on(&self, login: &str, device: DeviceId, epoch: u64) -> Result<Desk<'_>, ErrorBody> {
        let body = json!({"company": "riviera", "user": login, "password": "secret", "device": device, "device_epoch": epoch});
        let (status, answer) = self.call(Method::POST, "/v1/sign-in", None, Some(body)).await;
        if status != StatusCode::OK {
            return Err(read(answer));
        }
        Ok(Desk { office: self, tokens: read(answer), device, epoch, acked_through: 0 })
    }

    pub async fn activate(&self, person: &Person) -> Handset<'_> {
        let body = json!({"connection_code": person.code.0, "msisdn": person.phone, "device": Uuid::now()});
        let (status, answer) = self.call(Method::POST, "/v1/field/activate", None, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "the right code activates: {answer}");
        let answer: ActivateResponse = read(answer);
        Handset { office: self, token: answer.token, first_sync: answer.sync }
    }
}

pub fn new_company(name: &str) -> NewCompany {
    NewCompany {
        name: name.to_owned(),
        zone: chrono_tz::Tz::Europe__Monaco,
        currency: "EUR".to_owned(),
        region: "monaco".to_owned(),
    }
}

pub fn new_user(company: CompanyId, login: &str, role: Role, groups: Vec<GroupId>) -> NewUser {
    NewUser {
        company,
        login: login.to_owned(),
        name: login.to_owned(),
        password: "secret".to_owned(),
        role,
        groups,
    }
}

pub fn add_person(admin: &Admin, company: CompanyId, card: Resource) -> Person {
    let (id, phone) = (card.id, card.phone.clone());
    let code = admin.add_resource(company, card).expect("resource");
    Person { id, phone, code }
}

pub fn card(name: &str, group: GroupId, profile: ProfileId, phone: &str) -> Resource {
    Resource {
        id: ResourceId(Uuid::now()),
        name: name.to_owned(),
        employee_number: "7".to_owned(),
        group,
        phone: phone.to_owned(),
        email: "someone@example.com".to_owned(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "fr".to_owned(),
        profile,
        home: None,
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

/// Why a command was rejected; `None` when it was not.
pub fn refusal(outcome: &Outcome) -> Option<&Rejection> {
    if let Outcome::Rejected { reason } = outcome { Some(reason) } else { None }
}

/// A place with a circle of 150 m that has no rule yet.
pub fn place(name: &str) -> Poi {
    let center = at(7.42, 43.73);
    let fence = Fence::new(FenceShape::Circle { center, radius_m: 150.0 });
    Poi {
        id: PoiId(Uuid::now()),
        name: name.to_owned(),
        kind: PoiKind::Customer,
        at: center,
        address: String::new(),
        fence: Some(fence),
    }
}

pub fn task(title: &str, now: DateTime<Utc>) -> Task {
    Task {
        id: TaskId(Uuid::now()),
        number: 0,
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: at(7.42, 43.73),
        address: String::new(),
        poi: None,
        customer: String::new(),
        resource: None,
        status: domain::task::TaskStatus::NewTask,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now,
    }
}

pub fn draft(title: &str) -> TaskDraft {
    TaskDraft {
        id: TaskId(Uuid::now()),
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        at: at(7.42, 43.73),
        address: "Quai Antoine Ier".to_owned(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    }
}

/// Different every time within a test run.
pub trait Fresh {
    fn now() -> Uuid;
}

impl Fresh for Uuid {
    fn now() -> Uuid {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Uuid::from_u64_pair(
            0x0193_5000_0000_7000,
            0x8000_0000_0000_0000 + NEXT.fetch_add(1, Ordering::Relaxed),
        )
    }
}

pub fn read<T: DeserializeOwned>(value: Value) -> T {
    // Through text: raw JSON inside can't be read from a tree.
    let text = value.to_string();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

pub struct Desk<'o> {
    pub office: &'o Office,
    pub tokens: TokensResponse,
    pub device: DeviceId,
    pub epoch: u64,
    pub acked_through: u64,
}

impl Desk<'_> {
    pub fn user(&self) -> UserId {
        self.tokens.user.id
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ErrorBody> {
        let (status, answer) = self.office.call(Method::GET, path, Some(&self.tokens.access), None).await;
        if status == StatusCode::OK { Ok(read(answer)) } else { Err(read(answer)) }
    }

    pub async fn snapshot(&self) -> (Cursor, Vec<Item>) {
        let (mut at, mut items, mut token) = (None, Vec::new(), None::<String>);
        loop {
            let query = token.map(|token| format!("?page_token={token}")).unwrap_or_default();
            let page: SnapshotPage = self.get(&format!("/v1/snapshot{query}")).await.expect("a page");
            assert!(at.is_none_or(|at| at == page.at), "all pages stand for one cursor");
            at = Some(page.at);
            items.extend(page.items);
            token = page.next_page_token;
            if token.is_none() {
                return (at.expect("a cursor"), items);
            }
        }
    }

    pub async fn changes(&self, cursor: Cursor) -> Result<ChangesPage, ErrorBody> {
        self.get(&format!("/v1/changes?cursor={cursor}&limit=500")).await
    }

    pub fn command(&self, n: u64, body: CommandBody) -> Command {
        let occurred = Occurred { wall: self.office.now(), mono_age_ms: 0 };
        Command {
            n,
            id: CommandId(Uuid::now()),
            body,
            if_match: None,
            occurred,
            valid_until: None,
            depends_on: None,
        }
    }

    pub async fn try_send(
        &self,
        commands: &[Command],
    ) -> Result<Vec<CommandOutcome>, (StatusCode, ErrorBody)> {
        let request = self.office.http.post(format!("{}/v1/commands", self.office.server.url()));
        let response = request
            .header(API_VERSION_HEADER, API_VERSION)
            .header(header::DEVICE_ID, self.device.to_string())
            .header(header::DEVICE_EPOCH, self.epoch)
            .header(header::ACKED_THROUGH, self.acked_through)
            .bearer_auth(&self.tokens.access)
            .json(commands)
            .send()
            .await
            .expect("the server answers");
        let status = response.status();
        let text = response.text().await.expect("reads");
        if status == StatusCode::OK {
            Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")))
        } else {
            Err((status, serde_json::from_str(&text).expect("an error body")))
        }
    }

    pub async fn send(&self, command: Command) -> Outcome {
        let outcomes = self.try_send(std::slice::from_ref(&command)).await.expect("taken");
        assert_eq!(outcomes.len(), 1, "one outcome per command");
        outcomes.into_iter().next().expect("one").outcome
    }
}

pub struct Handset<'o> {
    pub office: &'o Office,
    pub token: String,
    pub first_sync: FieldSync,
}

impl Handset<'_> {
    pub fn entry(&self, body: EntryBody) -> Entry {
        Entry { guid: EntryGuid(Uuid::now()), event_time: self.office.now(), fix: None, body }
    }

    pub fn fix(&self, lon: f64, lat: f64) -> Fix {
        Fix {
            at: at(lon, lat),
            fix_time: self.office.now(),
            accuracy_m: Some(5.0),
            speed_mps: None,
            heading_deg: None,
        }
    }

    pub async fn sign_in(&self) {
        let entry = self.entry(EntryBody::Attendance { kind: AttendanceKind::SignIn });
        assert!(matches!(self.report(&entry).await, EntryOutcome::Accepted { .. }), "signs in");
    }

    pub async fn report(&self, entry: &Entry) -> EntryOutcome {
        self.report_raw(json!([entry])).await.outcomes.remove(0)
    }

    pub async fn report_raw(&self, entries: Value) -> EntriesResponse {
        let body = json!({"entries": entries, "device_time": self.office.now()});
        self.post("/v1/field/entries", &body).await.expect("taken")
    }

    pub async fn send_fixes(&self, fixes: &[Fix]) -> PositionsAccepted {
        self.post("/v1/field/positions", &json!({"fixes": fixes})).await.expect("taken")
    }

    pub async fn set_privacy(&self, on: bool) {
        let (status, answer) = self
            .office
            .call(Method::POST, "/v1/field/privacy", Some(&self.token), Some(json!({"on": on})))
            .await;
        assert_eq!(status, StatusCode::NO_CONTENT, "privacy is the person's to switch: {answer}");
    }

    pub async fn sync(&self, query: &str) -> Result<FieldSync, (StatusCode, ErrorBody)> {
        let (status, answer) =
            self.office.call(Method::GET, &format!("/v1/field/sync{query}"), Some(&self.token), None).await;
        if status == StatusCode::OK { Ok(read(answer)) } else { Err((status, read(answer))) }
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, (StatusCode, ErrorBody)> {
        let body = serde_json::to_value(body).expect("writes");
        let (status, answer) = self.office.call(Method::POST, path, Some(&self.token), Some(body)).await;
        if status == StatusCode::OK { Ok(read(answer)) } else { Err((status, read(answer))) }
    }
}
