//! The field: phones that report straight to the server while the desks' way to it is bad.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::position::Fix;
use domain::task::TaskStatus;
use domain::{EntryGuid, ResourceId, TaskId};
use field::{ApiError, FieldApi};
use rand::Rng;
use rand::rngs::StdRng;
use sync::{Clock as _, SystemClock};

use super::company::{Company, fresh, somewhere};

/// Reports in a call.
const BATCH: usize = 20;
/// How long a phone waits for a server that is away.
const AWAY: Duration = Duration::from_millis(100);
/// How often it asks again before the server is lost.
const TRIES: u32 = 600;

/// Somebody with a phone.
pub struct Person {
    /// Who.
    pub id: ResourceId,
    api: FieldApi,
    rng: StdRng,
    clock: Arc<SystemClock>,
    /// Fixes and entries of one person never share an instant, so that which is the newest is no matter of luck.
    last_time: DateTime<Utc>,
    private: bool,
    reported: u64,
}

impl Person {
    /// A new colleague.
    ///
    /// # Errors
    /// When the phone can't be activated.
    pub async fn hire(company: &Company, number: usize, mut rng: StdRng) -> Result<Person> {
        let (id, api) = company.add_phone(number, &mut rng).await?;
        let clock = Arc::new(SystemClock::new());
        Ok(Person { id, api, rng, clock, last_time: DateTime::UNIX_EPOCH, private: false, reported: 0 })
    }

    /// Reports so many events: six of ten are fixes, the others entries; some are about the `tasks`. Ends with everything taken by
    /// the server.
    ///
    /// # Errors
    /// When the server refuses what it has to take, or is gone for good.
    pub async fn work(&mut self, events: usize, tasks: &[TaskId]) -> Result<()> {
        let mut left = events;
        while left > 0 {
            let batch = left.min(BATCH);
            match self.rng.random_range(0..100) {
                0 => self.toggle_privacy().await?,
                1..=60 => self.report_fixes(batch).await?,
                _ => self.report_entries(batch, tasks).await?,
            }
            left -= batch;
        }
        Ok(())
    }

    /// Later than ever before, and not in the future for long.
    fn tick(&mut self) -> DateTime<Utc> {
        self.last_time = self.clock.now().wall.max(self.last_time + TimeDelta::milliseconds(1));
        self.last_time
    }

    fn fix(&mut self) -> Result<Fix> {
        let (at, fix_time) = (somewhere(&mut self.rng)?, self.tick());
        Ok(Fix { at, fix_time, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None })
    }

    async fn report_fixes(&mut self, count: usize) -> Result<()> {
        let fixes: Vec<Fix> = (0..count).map(|_| self.fix()).collect::<Result<_>>()?;
        let taken = insist(|| self.api.positions(&fixes)).await?;
        ensure!(taken.refused == 0, "a plausible fix was refused");
        Ok(())
    }

    async fn report_entries(&mut self, count: usize, tasks: &[TaskId]) -> Result<()> {
        let entries: Vec<Entry> = (0..count).map(|_| self.entry(tasks)).collect::<Result<_>>()?;
        let now = self.clock.now().wall;
        let taken = insist(|| self.api.entries(&entries, now)).await?;
        ensure!(taken.outcomes.len() == count, "every entry has an outcome");
        Ok(())
    }

    fn entry(&mut self, tasks: &[TaskId]) -> Result<Entry> {
        self.reported += 1;
        let body = match self.rng.random_range(0..10) {
            0 => EntryBody::AppOpened,
            1..=5 if !tasks.is_empty() => {
                let steps = [
                    TaskStatus::Acknowledged,
                    TaskStatus::EnRoute,
                    TaskStatus::Arrived,
                    TaskStatus::InProgress,
                    TaskStatus::Suspended,
                    TaskStatus::Closed,
                ];
                let status = steps[self.rng.random_range(0..steps.len())];
                EntryBody::Task { task: tasks[self.rng.random_range(0..tasks.len())], status, reason: None }
            }
            _ if self.reported.is_multiple_of(2) => EntryBody::Attendance { kind: AttendanceKind::SignOut },
            _ => EntryBody::Attendance { kind: AttendanceKind::SignIn },
        };
        let fix = if self.private { None } else { Some(self.fix()?) };
        Ok(Entry { guid: EntryGuid(fresh(&mut self.rng)), event_time: self.tick(), fix, body })
    }

    async fn toggle_privacy(&mut self) -> Result<()> {
        self.private = !self.private;
        insist(|| self.api.privacy(self.private)).await
    }
}

/// As a phone does it: the same again until the server has it.
async fn insist<T, F: Future<Output = Result<T, ApiError>>>(call: impl Fn() -> F) -> Result<T> {
    for _ in 0..TRIES {
        match call().await {
            Err(error) if error.is_temporary() => tokio::time::sleep(AWAY).await,
            answer => return answer.context("the field's call"),
        }
    }
    anyhow::bail!("the server is gone")
}
