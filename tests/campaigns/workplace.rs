//! What campaigns of whole desks stand on: a real server and a real desk with encrypted files, each with a clock that can be set.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use desk::{
    DeskConfig, DeskStatus, Effects, KeyPolicy, Notification, NotificationKey, Now, Subscription, SystemClock,
};
use domain::access::Role;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::resource::Profile;
use domain::task::{Actor, Priority, StatusStep, Task, TaskStatus};
use domain::{CompanyId, DeviceId, EntryGuid, GroupId, LonLat, ProfileId, ResourceId, TaskId};
use field::FieldApi;
use protocol::entity::{Entity, EntityKind};
use protocol::field::ActivateRequest;
use protocol::view::{
    ConnectionState, ConnectionView, DeskRequest, DeskResponse, PositionFrame, SignInForm, ViewEvent,
};
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use store::key::REFRESH_TOKEN;
use store::{Key, KeyStore, KeyStoreError, MemoryKeyStore, Secret};
use tempfile::TempDir;
use uuid::Uuid;

use crate::plain;

/// Who signs in.
pub const LOGIN: &str = "dispatcher";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A machine's clocks, which can be set and stopped.
pub struct Machine {
    clock: SystemClock,
    wall_shift_ms: AtomicI64,
    mono_shift_ms: AtomicI64,
}

impl Machine {
    /// Right.
    pub fn new() -> Arc<Self> {
        let (wall_shift_ms, mono_shift_ms) = Default::default();
        Arc::new(Machine { clock: SystemClock::new(), wall_shift_ms, mono_shift_ms })
    }

    /// Sets the wall clock forward or back; the monotonic one does not notice.
    pub fn set(&self, by: TimeDelta) {
        self.wall_shift_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// Sleeps for so long with a monotonic clock that goes on meanwhile, as some machines' do.
    pub fn sleep_counted(&self, time: TimeDelta) {
        self.set(time);
        self.mono_shift_ms.fetch_add(time.num_milliseconds(), Ordering::Relaxed);
    }

    /// What the wall clock shows.
    pub fn wall(&self) -> DateTime<Utc> {
        desk::Clock::now(self).wall
    }
}

impl desk::Clock for Machine {
    fn now(&self) -> Now {
        let now = desk::Clock::now(&self.clock);
        let shift = TimeDelta::milliseconds(self.wall_shift_ms.load(Ordering::Relaxed));
        let mono_ms = now.mono_ms.saturating_add_signed(self.mono_shift_ms.load(Ordering::Relaxed));
        Now { wall: now.wall + shift, mono_ms }
    }
}

impl server::Clock for Machine {
    fn now(&self) -> DateTime<Utc> {
        self.wall()
    }
}

/// A key store that remembers every key there ever was, and counts tokens.
#[derive(Default)]
pub struct Keys {
    kept: MemoryKeyStore,
    seen: Mutex<Vec<[u8; 32]>>,
    pairs: AtomicUsize,
}

impl Keys {
    /// Every database key that was ever stored, also those that were deleted.
    pub fn all_bytes(&self) -> Vec<[u8; 32]> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, as keys.
    pub fn all(&self) -> Vec<Key> {
        self.all_bytes().into_iter().map(Key::from_bytes).collect()
    }

    /// Pairs of tokens that the desk was given.
    pub fn pairs(&self) -> usize {
        self.pairs.load(Ordering::Relaxed)
    }
}

impl KeyStore for Keys {
    fn get(&self, name: &str) -> Result<Option<Secret>, KeyStoreError> {
        self.kept.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        if name.starts_with(REFRESH_TOKEN) {
            self.pairs.fetch_add(1, Ordering::Relaxed);
        } else if let Ok(key) = secret.expose().try_into() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(key);
        }
        self.kept.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        self.kept.delete(name)
    }
}

/// A company with its server.
pub struct Workplace {
    /// Holds everything: `server.db`, and `desk/` with the desk's files.
    pub folder: TempDir,
    /// The server's clock.
    pub machine: Arc<Machine>,
    /// The company.
    pub company: CompanyId,
    /// Its only team.
    pub group: GroupId,
    server: Option<RunningServer>,
    address: std::net::SocketAddr,
    profile: ProfileId,
}

impl Workplace {
    /// Opens the company `name`: a dispatcher, nobody in the field.
    ///
    /// # Errors
    /// When the server does not start.
    pub async fn open(name: &str) -> Result<Self> {
        let (folder, machine) = (tempfile::tempdir()?, Machine::new());
        let server = start(folder.path(), "127.0.0.1:0".parse()?, &machine).await?;
        let address = server.url().trim_start_matches("http://").parse()?;
        let admin = server.admin();
        let (currency, region) = ("EUR".to_owned(), "monaco".to_owned());
        let company = admin.add_company(NewCompany {
            name: name.to_owned(),
            zone: Tz::Europe__Monaco,
            currency,
            region,
        })?;
        let group = admin.add_group(company, "North")?;
        let profile = Profile {
            id: ProfileId(fresh()),
            name: "Field".to_owned(),
            location_triggers: Vec::new(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(company, profile)?;
        let (login, password) = (LOGIN.to_owned(), LOGIN.to_owned());
        let (role, groups) = (Role::Dispatcher, Vec::new());
        admin.add_user(NewUser { company, login, name: "Dora".to_owned(), password, role, groups })?;
        Ok(Workplace { folder, machine, company, group, server: Some(server), address, profile: profile_id })
    }

    /// The office's own tools.
    ///
    /// # Errors
    /// While the server is down.
    pub fn admin(&self) -> Result<&server::Admin> {
        Ok(self.server.as_ref().context("the server is down")?.admin())
    }

    /// The server goes away; its data stay.
    pub async fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// The server is back, where it was.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start_server(&mut self) -> Result<()> {
        self.server = Some(start(self.folder.path(), self.address, &self.machine).await?);
        Ok(())
    }

    /// Somebody at work, with an activated phone.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn person(&self, name: &str) -> Result<(ResourceId, FieldApi)> {
        let phone = format!("+377 6 {:08}", fresh().as_u128() % 100_000_000);
        let card = plain::card(ResourceId(fresh()), name, &phone, (self.group, self.profile));
        let id = card.id;
        let code = self.admin()?.add_resource(self.company, card)?;
        let request = ActivateRequest { connection_code: code.0, msisdn: phone, device: DeviceId(fresh()) };
        let url = format!("http://{}", self.address);
        let (api, _) = FieldApi::activate(field::http_client()?, &url, &request).await?;
        let (event_time, body) =
            (self.machine.wall(), EntryBody::Attendance { kind: AttendanceKind::SignIn });
        let entry = Entry { guid: EntryGuid(fresh()), event_time, fix: None, body };
        api.entries(std::slice::from_ref(&entry), event_time).await?;
        Ok((id, api))
    }

    /// Writes a row at the server.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn put(&self, row: impl Into<Entity>) -> Result<()> {
        self.admin()?.put(self.company, row)?;
        Ok(())
    }

    /// A task as the server has it.
    ///
    /// # Errors
    /// When there is none.
    pub fn task(&self, id: TaskId) -> Result<Task> {
        match self.admin()?.row(self.company, EntityKind::Task, id.0)? {
            Some(Entity::Task(task)) => Ok(task),
            _ => bail!("the server has no such task"),
        }
    }

    /// Where the desk's files are.
    pub fn desk_folder(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// What the dispatcher types in.
    pub fn form(&self, company: &str) -> SignInForm {
        SignInForm {
            server_url: format!("http://{}", self.address),
            company: company.to_owned(),
            user: LOGIN.to_owned(),
            password: LOGIN.to_owned(),
        }
    }
}

async fn start(folder: &Path, listen: std::net::SocketAddr, machine: &Arc<Machine>) -> Result<RunningServer> {
    let config = ServerConfig::in_file(listen, folder.join("server.db"));
    Ok(server::start(config, machine.clone()).await?)
}

/// Different each time, in order.
pub fn fresh() -> Uuid {
    use std::sync::atomic::AtomicU64;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0x0193_5000_0000_7000, 0x8000_0000_0000_0000 + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A task; closed since `over`, if it is over.
pub fn task(title: &str, created_at: DateTime<Utc>, over: Option<DateTime<Utc>>) -> Result<Task> {
    let step = over.map(|at| StatusStep { status: TaskStatus::Closed, at, by: Actor::Server, reason: None });
    Ok(Task {
        id: TaskId(fresh()),
        number: u32::try_from(fresh().as_u128() % 1_000_000)?,
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: LonLat::new(7.4246, 43.7384)?,
        address: String::new(),
        poi: None,
        customer: String::new(),
        resource: None,
        status: if over.is_some() { TaskStatus::Closed } else { TaskStatus::NewTask },
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: step.into_iter().collect(),
        notes: Vec::new(),
        created_at,
    })
}

/// A desk, and what it last said of itself.
pub struct Seat {
    /// The controller.
    pub desk: desk::Desk,
    /// Its connection as told last.
    pub connection: Option<ConnectionView>,
    /// Commands that wait or need a decision, as told last.
    pub queue: usize,
    /// Dots in the last frame.
    pub dots: usize,
    /// Everything told, as JSON.
    pub told: Vec<serde_json::Value>,
    subscription: Subscription,
}

struct Silent;

impl Effects for Silent {
    fn notify(&self, _notification: Notification) {}
    fn withdraw(&self, _key: NotificationKey) {}
    fn status(&self, _status: DeskStatus) {}
}

impl Seat {
    /// A desk that nobody has signed in to.
    pub async fn start(folder: PathBuf, keys: &Arc<Keys>, machine: &Arc<Machine>) -> Self {
        let config = DeskConfig {
            exports_dir: Some(folder.join("exports")),
            data_dir: Some(folder),
            region_roots: Vec::new(),
            keys: KeyPolicy::Given(keys.clone()),
        };
        let desk = desk::start(config, Arc::new(Silent), None, machine.clone());
        let subscription = desk.subscribe().await;
        Seat { desk, connection: None, queue: 0, dots: 0, told: Vec::new(), subscription }
    }

    /// Asks, and expects a yes.
    ///
    /// # Errors
    /// When the answer is no.
    pub async fn ask(&self, request: DeskRequest) -> Result<DeskResponse> {
        let what = format!("{request:?}");
        self.desk.request(request).await.map_err(|error| anyhow!("{what}: {error:?}"))
    }

    /// Signs in and waits until the desk is up to date.
    ///
    /// # Errors
    /// When the server does not want that.
    pub async fn sign_in(&mut self, form: SignInForm) -> Result<()> {
        self.ask(DeskRequest::SignIn(form)).await?;
        self.until("the first sync", |seat| seat.is_live()).await
    }

    /// Connected, and nothing more is coming.
    pub fn is_live(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.state == ConnectionState::Live)
    }

    /// Takes what is told until `holds`.
    ///
    /// # Errors
    /// When it does not come to that within a minute.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Seat) -> bool) -> Result<()> {
        let waiting = async {
            while !holds(self) {
                self.take_one().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(held) => held,
            Err(_) => bail!("waited in vain for {what}; {:?}, queue {}", self.connection, self.queue),
        }
    }

    /// Takes what is told within `time`.
    pub async fn watch(&mut self, time: Duration) {
        let watching = async { while self.take_one().await.is_ok() {} };
        tokio::time::timeout(time, watching).await.ok(); // that it goes on is the usual case
    }

    async fn take_one(&mut self) -> Result<()> {
        tokio::select! {
            event = self.subscription.events.recv() => self.on_event(&event.context("the desk has stopped")?),
            frame = self.subscription.positions.recv() => {
                self.dots = PositionFrame::decode(&frame.context("the desk has stopped")?)?.dots.len();
                Ok(())
            }
        }
    }

    fn on_event(&mut self, event: &ViewEvent) -> Result<()> {
        self.told.push(serde_json::to_value(event)?);
        if let ViewEvent::Connection(connection) = event {
            self.connection = Some(connection.clone());
        }
        if let ViewEvent::Queue(queue) = event {
            self.queue = queue.len();
        }
        Ok(())
    }
}
