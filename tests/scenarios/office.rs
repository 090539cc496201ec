//! A small company on a real server on loopback, real phones, and real desks with encrypted files in a temporary folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use desk::{Clock, DeskConfig, DeskStatus, Effects, KeyPolicy, Notification, NotificationKey, SystemClock};
use domain::access::Role;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::position::{Fix, Trigger};
use domain::resource::Profile;
use domain::task::{Priority, Task, TaskStatus};
use domain::{CompanyId, DeviceId, EntryGuid, GroupId, LonLat, PoiId, ProfileId, ResourceId, TaskId, UserId};
use field::FieldApi;
use protocol::entity::{Entity, EntityKind};
use protocol::field::{ActivateRequest, EntryOutcome};
use protocol::view::{DeskError, DeskRequest, DeskResponse, SignInForm};
use protocol::wire::TaskDraft;
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use store::{KeyStore, MemoryKeyStore};
use tempfile::TempDir;
use tests::plain;
use uuid::Uuid;

use crate::screen::Screen;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse";
/// The company's name at sign-in.
pub const COMPANY: &str = "Riviera";

/// The company.
pub struct Office {
    folder: TempDir,
    server: Option<RunningServer>,
    address: SocketAddr,
    company: CompanyId,
    /// A team.
    pub north: GroupId,
    /// Another team.
    pub south: GroupId,
    profile: ProfileId,
}

/// Somebody in the field with a phone.
pub struct Person {
    /// Who.
    pub id: ResourceId,
    api: FieldApi,
}

/// A desk with what it showed on its desktop.
pub struct Desk {
    /// The controller.
    pub desk: desk::Desk,
    /// Notifications so far.
    pub desktop: Arc<Desktop>,
}

/// Records what would be shown.
#[derive(Default)]
pub struct Desktop(Mutex<Recorded>);

#[derive(Default)]
struct Recorded {
    notifications: Vec<Notification>,
    withdrawn: Vec<NotificationKey>,
    status: DeskStatus,
}

impl Desktop {
    /// Notifications so far.
    pub fn notifications(&self) -> Vec<Notification> {
        self.0.lock().expect("recorded").notifications.clone()
    }

    /// Those that were taken away.
    pub fn withdrawn(&self) -> Vec<NotificationKey> {
        self.0.lock().expect("recorded").withdrawn.clone()
    }

    /// The desk at a glance.
    pub fn glance(&self) -> DeskStatus {
        self.0.lock().expect("recorded").status
    }
}

impl Effects for Desktop {
    fn notify(&self, notification: Notification) {
        self.0.lock().expect("recorded").notifications.push(notification);
    }

    fn withdraw(&self, key: NotificationKey) {
        self.0.lock().expect("recorded").withdrawn.push(key);
    }

    fn status(&self, status: DeskStatus) {
        self.0.lock().expect("recorded").status = status;
    }
}

/// Now, by the machine's clock.
pub fn now() -> DateTime<Utc> {
    SystemClock::new().now().wall
}

/// Different each time.
pub fn fresh() -> Uuid {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u64_pair(
        0x0193_5000_0000_7000 | (u64::from(std::process::id()) << 16),
        0x8000_0000_0000_0000 + n,
    )
}

/// A checked coordinate.
pub fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("coordinate")
}

impl Office {
    /// Opens the company: two teams, users of each role (`dispatcher`, `supervisor` of the north, `manager`), nobody in the field.
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = lasting_address().await;
        let server = start(address, &folder).await;
        let admin = server.admin();
        let new = NewCompany {
            name: COMPANY.to_owned(),
            zone: Tz::Europe__Monaco,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        };
        let company = admin.add_company(new).expect("company");
        let north = admin.add_group(company, "North").expect("group");
        let south = admin.add_group(company, "South").expect("group");
        let profile = Profile {
            id: ProfileId(fresh()),
            name: "Field".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(company, profile).expect("profile");
        let users = [
            ("dispatcher", Role::Dispatcher, vec![]),
            ("supervisor", Role::Supervisor, vec![north]),
            ("manager", Role::Manager, vec![]),
        ];
        for (login, role, groups) in users {
            let (name, login) = (login.to_uppercase(), login.to_owned());
            let user = NewUser { company, login, name, password: PASSWORD.to_owned(), role, groups };
            admin.add_user(user).expect("user");
        }
        Office { folder, server: Some(server), address, company, north, south, profile: profile_id }
    }

    /// The company.
    pub fn company(&self) -> CompanyId {
        self.company
    }

    /// The office's own tools.
    pub fn admin(&self) -> &server::Admin {
        self.server.as_ref().expect("the server runs").admin()
    }

    /// `http://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The server goes away; its data stay.
    pub async fn stop_server(&mut self) {
        self.server.take().expect("the server runs").stop().await;
    }

    /// The server is back, where it was.
    pub async fn start_server(&mut self) {
        self.server = Some(start(self.address, &self.folder).await);
    }

    /// Somebody with an activated phone, signed in for work.
    pub async fn person(&self, name: &str, group: GroupId) -> Person {
        let phone = format!("+377 6 {:08}", fresh().as_u128() as u32 % 100_000_000);
        let card = plain::card(ResourceId(fresh()), name, &phone, (group, self.profile));
        let id = card.id;
        let code = self.admin().add_resource(self.company, card).expect("card");
        let request = ActivateRequest { connection_code: code.0, msisdn: phone, device: DeviceId(fresh()) };
        let http = field::http_client().expect("a client");
        let (api, _) = FieldApi::activate(http, &self.url(), &request).await.expect("the right code");
        let person = Person { id, api };
        let signed_in = person.report(EntryBody::Attendance { kind: AttendanceKind::SignIn }, None).await;
        assert!(matches!(signed_in, EntryOutcome::Accepted { .. }), "{name} signs in: {signed_in:?}");
        person
    }

    /// A task that is there already.
    pub fn task(&self, title: &str, resource: Option<ResourceId>) -> TaskId {
        let draft = draft(title);
        let task = Task {
            id: draft.id,
            number: 0,
            title: draft.title,
            description: String::new(),
            task_type: None,
            work_order: None,
            at: draft.at,
            address: String::new(),
            poi: None,
            customer: String::new(),
            resource,
            status: TaskStatus::NewTask,
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
            created_at: now(),
        };
        self.admin().add_task(self.company, task).expect("task")
    }

    /// A round fence that wants to know who comes in.
    pub fn fence(&self, name: &str, center: LonLat, radius_m: f64) -> PoiId {
        let circle = FenceShape::Circle { center, radius_m };
        let fence = Fence { on_enter: true, on_exit: true, ..Fence::new(circle) };
        let poi = Poi {
            id: PoiId(fresh()),
            name: name.to_owned(),
            kind: PoiKind::Customer,
            at: center,
            address: String::new(),
            fence: Some(fence),
        };
        let id = poi.id;
        self.admin().put(self.company, poi).expect("poi");
        id
    }

    /// A row as the server has it.
    pub fn row(&self, kind: EntityKind, id: Uuid) -> Option<Entity> {
        self.admin().row(self.company, kind, id).expect("reads")
    }

    /// A task as the server has it.
    pub fn stored_task(&self, id: TaskId) -> Task {
        match self.row(EntityKind::Task, id.0) {
            Some(Entity::Task(task)) => task,
            other => panic!("no task: {other:?}"),
        }
    }

    /// All rows of a kind at the server.
    pub fn rows(&self, kind: EntityKind) -> Vec<Entity> {
        self.admin().rows(self.company, kind).expect("reads")
    }

    /// Writes a row at the server, as another desk would.
    pub fn put(&self, row: impl Into<Entity>) {
        self.admin().put(self.company, row).expect("written");
    }

    /// The user of that login.
    pub fn user(&self, login: &str) -> UserId {
        let users = self.rows(EntityKind::User).into_iter();
        let found = users.filter_map(|row| if let Entity::User(user) = row { Some(user) } else { None });
        found.into_iter().find(|user| user.login == login).expect("a user").id
    }

    /// The folder of desks' files.
    pub fn desk_folder(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// The folder of the only session's files.
    pub fn session_folder(&self) -> PathBuf {
        let sessions = std::fs::read_dir(self.desk_folder().join("sessions")).expect("a folder");
        let folders: Vec<PathBuf> = sessions.flatten().map(|entry| entry.path()).collect();
        assert_eq!(folders.len(), 1, "one identity has signed in: {folders:?}");
        folders.into_iter().next().expect("counted")
    }

    /// A desk that nobody has signed in to; `keys` survive its restart.
    pub fn desk(&self, keys: &Arc<MemoryKeyStore>) -> Desk {
        self.desk_with(keys.clone(), Arc::new(SystemClock::new()))
    }

    /// A desk with a key store and a clock of its own.
    pub fn desk_with(&self, keys: Arc<dyn KeyStore>, clock: Arc<dyn Clock>) -> Desk {
        let regions = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/resources/regions");
        let config = DeskConfig {
            data_dir: Some(self.desk_folder()),
            exports_dir: None,
            region_roots: vec![regions],
            keys: KeyPolicy::Given(keys),
        };
        let desktop = Arc::new(Desktop::default());
        let desk = desk::start(config, desktop.clone(), None, clock);
        Desk { desk, desktop }
    }

    /// A desk at which `login` is signed in, and its screen once all is there.
    pub async fn signed_in(&self, login: &str) -> (Desk, Screen) {
        let desk = self.desk(&Arc::new(MemoryKeyStore::default()));
        let screen = desk.sign_in(self, login).await;
        (desk, screen)
    }

    /// The sign-in form of `login`.
    pub fn form(&self, login: &str) -> SignInForm {
        SignInForm {
            server_url: self.url(),
            company: COMPANY.to_owned(),
            user: login.to_owned(),
            password: PASSWORD.to_owned(),
        }
    }
}

/// An address that is still free after the server was away for a while: ports that the system hands out may be taken meanwhile.
async fn lasting_address() -> SocketAddr {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let offset =
            (std::process::id() as u16).wrapping_mul(31).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + offset % 10_000));
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            return address;
        }
    }
}

async fn start(listen: SocketAddr, folder: &TempDir) -> RunningServer {
    let config = ServerConfig::in_file(listen, folder.path().join("server.db"));
    server::start(config, Arc::new(server::SystemClock)).await.expect("the server starts")
}

/// A task to be.
pub fn draft(title: &str) -> TaskDraft {
    plain::draft(TaskId(fresh()), title)
}

impl Desk {
    /// Signs in; answers the screen once the first sync is through.
    pub async fn sign_in(&self, office: &Office, login: &str) -> Screen {
        let signed_in = self.desk.request(DeskRequest::SignIn(office.form(login))).await;
        assert_eq!(signed_in, Ok(DeskResponse::Done), "{login} signs in");
        let mut screen = Screen::of(&self.desk).await;
        screen.until("the first sync", Screen::is_live).await;
        screen
    }

    /// Asks, and expects a yes.
    pub async fn ask(&self, request: DeskRequest) -> DeskResponse {
        let what = format!("{request:?}");
        self.desk.request(request).await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// Asks, and expects a no.
    pub async fn refused(&self, request: DeskRequest) -> DeskError {
        let what = format!("{request:?}");
        self.desk.request(request).await.err().unwrap_or_else(|| panic!("{what} should be refused"))
    }
}

impl Person {
    /// Reports something; answers what became of it.
    pub async fn report(&self, body: EntryBody, fix: Option<Fix>) -> EntryOutcome {
        let entry = Entry { guid: EntryGuid(fresh()), event_time: now(), fix, body };
        self.send(&entry).await
    }

    /// Sends an entry, perhaps again.
    pub async fn send(&self, entry: &Entry) -> EntryOutcome {
        let sent = self.api.entries(std::slice::from_ref(entry), now()).await.expect("taken");
        sent.outcomes.into_iter().next().expect("one outcome")
    }

    /// Live tracking: here, so many seconds ago.
    pub async fn is_at(&self, at: LonLat, secs_ago: i64) {
        let fix = fix(at, secs_ago);
        let accepted = self.api.positions(&[fix]).await.expect("taken");
        assert_eq!(accepted.refused, 0, "a plausible fix");
    }

    /// Switches location sharing off or on.
    pub async fn set_private(&self, on: bool) {
        self.api.privacy(on).await.expect("everybody's right");
    }
}

/// A good fix.
pub fn fix(at: LonLat, secs_ago: i64) -> Fix {
    Fix {
        at,
        fix_time: now() - chrono::TimeDelta::seconds(secs_ago),
        accuracy_m: Some(5.0),
        speed_mps: None,
        heading_deg: None,
    }
}
