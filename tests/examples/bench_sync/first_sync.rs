//! Ours: a real server with many rows, and a sync session that fills an empty encrypted cache from it.

use std::fmt::{Display, Formatter};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::Role;
use domain::task::{Priority, Task, TaskStatus};
use domain::{CompanyId, DeviceId, LonLat, TaskId};
use protocol::durable::{
    CacheWrite, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::SignInRequest;
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use store::{Cache, Key, Outbox, Row, StoreError};
use sync::{
    BaseUrl, CacheStore, Clock as _, CoreConfig, OutboxStore, Session, StorageFault, SyncConfig, SyncEvent,
    SystemClock, Tokens, sign_in,
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PASSWORD: &str = "correct horse";
const ROWS_AT_A_TIME: usize = 10_000;

/// A server with rows.
pub struct Source {
    server: RunningServer,
    _folder: TempDir,
}

/// What a first sync brought.
pub struct Synced {
    /// From the start of the session to the swap.
    pub took: Duration,
    /// Where the time went.
    pub phases: String,
    /// All rows of the cache, each with its type.
    pub rows: Vec<(&'static str, Row)>,
}

impl Source {
    /// A server on loopback, its data in a file, with one company and `rows` tasks.
    pub async fn open(rows: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = ServerConfig::in_file("127.0.0.1:0".parse()?, folder.path().join("server.db"));
        let server = server::start(config, Arc::new(server::SystemClock)).await?;
        let admin = server.admin().clone();
        let company = admin.add_company(NewCompany {
            name: "Riviera".to_owned(),
            zone: Tz::Europe__Monaco,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        })?;
        add_user(&server, company)?;
        let now = SystemClock::new().now().wall;
        let filled = tokio::task::spawn_blocking(move || {
            let tasks: Vec<Entity> = (0..rows).map(|number| task(number, now).into()).collect();
            tasks.chunks(ROWS_AT_A_TIME).try_for_each(|some| admin.put_all(company, some.to_vec()))
        });
        filled.await??;
        Ok(Source { server, _folder: folder })
    }

    /// Fills an empty cache.
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    pub async fn first_sync(&self) -> Result<Synced> {
        let folder = tempfile::tempdir()?;
        let base_url = BaseUrl::parse(self.server.url())?;
        let key = Key::from_bytes([7; 32]);
        let clock = Arc::new(SystemClock::new());
        let (cache, mut outbox) =
            (open_cache(folder.path(), &key, clock.now().wall)?, Outbox::open(folder.path(), &key)?);
        let tokens = self.sign_in(&base_url, outbox.load()?).await?;
        let (events, mut told) = mpsc::channel(64);
        let began = Instant::now();
        let session = Session {
            config: SyncConfig { base_url, core: CoreConfig::default(), seed: 1 },
            tokens,
            cache: cache.clone(),
            outbox: Queue(outbox),
            events,
            clock,
            cancel: CancellationToken::new(),
        };
        let handle = session.start()?;
        while !matches!(told.recv().await.context("the session ended")?, SyncEvent::Reset { .. }) {}
        let took = began.elapsed();
        handle.stop().await;
        let phases = cache.spent.to_string();
        Ok(Synced { took, phases, rows: cache.rows()? })
    }

    async fn sign_in(&self, base_url: &BaseUrl, outbox: StoredOutbox) -> Result<Tokens> {
        let request = SignInRequest {
            company: "Riviera".to_owned(),
            user: "dispatcher".to_owned(),
            password: PASSWORD.to_owned(),
            device: DeviceId(outbox.device.0),
            device_epoch: outbox.device_epoch,
        };
        Ok(Tokens::from(&sign_in(base_url, &request).await?))
    }

    /// Stops the server.
    pub async fn close(self) {
        self.server.stop().await;
    }
}

fn add_user(server: &RunningServer, company: CompanyId) -> Result<()> {
    server.admin().add_user(NewUser {
        company,
        login: "dispatcher".to_owned(),
        name: "Dora".to_owned(),
        password: PASSWORD.to_owned(),
        role: Role::Dispatcher,
        groups: Vec::new(),
    })?;
    Ok(())
}

/// As long as tasks usually are.
fn task(number: usize, now: DateTime<Utc>) -> Task {
    let spread = (number % 1_000) as f64 / 50_000.0;
    Task {
        id: TaskId(Uuid::from_u64_pair(0x0193_5000_0000_7000, 0x8000_0000_0000_0000 + number as u64)),
        number: u32::try_from(number).unwrap_or(u32::MAX),
        title: format!("Lift {number} stuck between two floors"),
        description: "The caretaker has the key and is there until noon; ring twice at the side door."
            .to_owned(),
        task_type: None,
        work_order: None,
        at: LonLat::new(7.41 + spread, 43.73 + spread / 4.0).unwrap_or_else(|_| unreachable!("in Monaco")),
        address: format!("{} Boulevard des Moulins, Monaco", number % 200),
        poi: None,
        customer: format!("Customer {}", number % 5_000),
        resource: None,
        status: TaskStatus::NewTask,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: Some(now),
        window_end: Some(now + TimeDelta::hours(4)),
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now,
    }
}

/// The cache as the session writes it, with a stop-watch.
#[derive(Clone)]
struct Mirror {
    cache: Arc<Mutex<Cache>>,
    spent: Arc<Spent>,
}

/// Microseconds in the store, by kind of write.
#[derive(Default)]
struct Spent {
    stage: AtomicU64,
    swap: AtomicU64,
    other: AtomicU64,
}

impl Display for Spent {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let ms = |spent: &AtomicU64| spent.load(Ordering::Relaxed) / 1_000;
        write!(f, "stage {} ms, swap {} ms, other {} ms", ms(&self.stage), ms(&self.swap), ms(&self.other))
    }
}

fn open_cache(folder: &Path, key: &Key, now: DateTime<Utc>) -> Result<Mirror> {
    let cache = Arc::new(Mutex::new(Cache::open(folder, key, now)?));
    Ok(Mirror { cache, spent: Arc::default() })
}

impl Mirror {
    fn rows(&self) -> Result<Vec<(&'static str, Row)>> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = Vec::new();
        for kind in EntityKind::ALL {
            rows.extend(cache.rows(*kind)?.into_iter().map(|row| (kind.name(), row)));
        }
        Ok(rows)
    }
}

impl CacheStore for Mirror {
    fn load(&mut self) -> Result<StoredCache, StorageFault> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).load().map_err(fault)
    }

    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StorageFault> {
        let began = Instant::now();
        let report = self.cache.lock().unwrap_or_else(PoisonError::into_inner).write(write).map_err(fault);
        let spent = match write {
            CacheWrite::Stage { .. } => &self.spent.stage,
            CacheWrite::Swap { .. } => &self.spent.swap,
            CacheWrite::Apply { .. }
            | CacheWrite::StageBegin
            | CacheWrite::Positions { .. }
            | CacheWrite::ForgetView => &self.spent.other,
        };
        spent.fetch_add(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        report
    }

    fn record(&mut self, incident: &Incident) -> Result<(), StorageFault> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).record(incident).map_err(fault)
    }
}

struct Queue(Outbox);

impl OutboxStore for Queue {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        self.0.load().map_err(fault)
    }

    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault> {
        self.0.push_all(new, wall).map_err(fault)
    }

    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        self.0.replace(old, new, wall).map_err(fault)
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        self.0.change(changes).map_err(fault)
    }
}

fn fault(error: StoreError) -> StorageFault {
    StorageFault(error.to_string())
}
