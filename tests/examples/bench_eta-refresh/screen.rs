//! A desk, what it tells its front end, and how soon it answers.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use desk::{Desk, DeskConfig, DeskStatus, Effects, KeyPolicy, Notification, NotificationKey, Subscription};
use domain::TaskId;
use domain::travel::TravelSource;
use protocol::view::{DeskRequest, EtaView, TaskView, ViewEvent};
use store::MemoryKeyStore;
use tests::campaigns::workplace::Workplace;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::Round;
use crate::fleet::Fleet;

/// The probe asks so often.
const PROBE_EVERY: Duration = Duration::from_millis(3);
/// What takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Who looks at once sees that an arrival is another one: it has moved by more than this.
const ANOTHER_SECS: i64 = 60;

/// A signed-in desk.
pub struct Screen {
    desk: Arc<Desk>,
    /// Where it runs.
    threads: Handle,
    subscription: Subscription,
    /// Arrivals as told last.
    told: HashMap<TaskId, (DateTime<Utc>, TravelSource)>,
}

struct Silent;

impl Effects for Silent {
    fn notify(&self, _notification: Notification) {}
    fn withdraw(&self, _key: NotificationKey) {}
    fn status(&self, _status: DeskStatus) {}
}

impl Screen {
    /// Signs in on a desk that runs on these threads.
    ///
    /// # Errors
    /// When the server does not want that.
    pub async fn sign_in(workplace: &Workplace, company: &str, threads: &Handle) -> Result<Self> {
        let regions = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/resources/regions");
        let config = DeskConfig {
            data_dir: Some(workplace.desk_folder()),
            exports_dir: None,
            region_roots: vec![regions],
            keys: KeyPolicy::Given(Arc::new(MemoryKeyStore::default())),
        };
        let machine = workplace.machine.clone();
        let start = async move { desk::start(config, Arc::new(Silent), None, machine) };
        let desk = Arc::new(threads.spawn(start).await?);
        let subscription = desk.subscribe().await;
        let form = workplace.form(company);
        desk.request(DeskRequest::SignIn(form)).await.map_err(|error| anyhow!("signing in: {error:?}"))?;
        Ok(Screen { desk, threads: threads.clone(), subscription, told: HashMap::new() })
    }

    /// Takes what is told until so many tasks have an expected arrival.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn until_all_expected(&mut self, tasks: usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.told.len() < tasks {
            let told = self.told.len();
            self.take(deadline).await.with_context(|| format!("{told} of {tasks} tasks have an arrival"))?;
        }
        Ok(())
    }

    /// How many arrivals rest on roads.
    pub fn by_road(&self) -> usize {
        self.told.values().filter(|(_, source)| source.is_by_road()).count()
    }

    /// Round trips while nothing happens, milliseconds.
    ///
    /// # Errors
    /// When the desk does not answer.
    pub async fn probe_for(&mut self, time: Duration) -> Result<Vec<f64>> {
        let probe = Probe::start(&self.desk, &self.threads);
        let until = Instant::now() + time;
        while self.take(until).await.is_ok() {}
        probe.end().await
    }

    /// Everybody moves; answers when all arrivals have been told anew.
    ///
    /// # Errors
    /// When some are never told.
    pub async fn refresh(&mut self, fleet: &Fleet, workplace: &Workplace, round: u32) -> Result<Round> {
        let before = self.told.clone();
        let mut left: HashSet<TaskId> = fleet.tasks.iter().copied().collect();
        let probe = Probe::start(&self.desk, &self.threads);
        let start = Instant::now();
        tokio::task::block_in_place(|| fleet.report(workplace, round))?;
        let told_s = start.elapsed().as_secs_f64();
        let deadline = start + PATIENCE;
        while !left.is_empty() {
            let changed =
                self.take(deadline).await.with_context(|| format!("{} tasks are missing", left.len()))?;
            for task in changed {
                if is_another(before.get(&task), self.told.get(&task)) {
                    left.remove(&task);
                }
            }
        }
        Ok(Round { wall_s: start.elapsed().as_secs_f64(), told_s, probes_ms: probe.end().await? })
    }

    /// Signs off.
    pub async fn close(self) {
        self.desk.stop().await;
    }

    /// The next thing that is told; answers the tasks in it.
    async fn take(&mut self, deadline: Instant) -> Result<Vec<TaskId>> {
        let next = async {
            tokio::select! {
                event = self.subscription.events.recv() => event.map(Some),
                frame = self.subscription.positions.recv() => frame.map(|_| None),
            }
        };
        let Ok(next) = tokio::time::timeout_at(deadline, next).await else { bail!("nothing more is told") };
        let tasks = match next.context("the desk has stopped")? {
            Some(ViewEvent::Changed(set) | ViewEvent::Reset(set)) => set.tasks,
            Some(_) | None => Vec::new(),
        };
        Ok(tasks.iter().filter_map(|task| self.note(task)).collect())
    }

    fn note(&mut self, task: &TaskView) -> Option<TaskId> {
        let Some(EtaView::Expected { p50, source, .. }) = &task.eta else { return None };
        self.told.insert(task.task.id, (*p50, *source));
        Some(task.task.id)
    }
}

type Told = Option<(DateTime<Utc>, TravelSource)>;

fn is_another(
    was: Option<&(DateTime<Utc>, TravelSource)>,
    is: Option<&(DateTime<Utc>, TravelSource)>,
) -> bool {
    let (was, is): (Told, Told) = (was.copied(), is.copied());
    was.zip(is).is_none_or(|((was, _), (is, _))| (is - was).abs().num_seconds() > ANOTHER_SECS)
}

/// Somebody who asks all the time.
struct Probe {
    stop: tokio::sync::oneshot::Sender<()>,
    asking: JoinHandle<Result<Vec<f64>>>,
}

impl Probe {
    fn start(desk: &Arc<Desk>, threads: &Handle) -> Self {
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let desk = desk.clone();
        let asking = threads.spawn(async move {
            let mut took_ms = Vec::new();
            while stopped.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
                let asked = Instant::now();
                let answer = desk.request(DeskRequest::Preferences).await;
                answer.map_err(|error| anyhow!("a probe was refused: {error:?}"))?;
                took_ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
                tokio::time::sleep(PROBE_EVERY).await;
            }
            Ok(took_ms)
        });
        Probe { stop, asking }
    }

    async fn end(self) -> Result<Vec<f64>> {
        self.stop.send(()).ok(); // else it has ended with an error, which is told below
        self.asking.await?
    }
}
