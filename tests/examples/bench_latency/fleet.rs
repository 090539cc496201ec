//! A fleet that reports where it is, somewhere else than the fences.

use std::time::Duration;

use anyhow::Result;
use field::FieldApi;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::workplace::{Workplace, fix, place};

/// Hired at a time.
const AT_ONCE: u32 = 25;

/// The fleet.
pub struct Fleet(Vec<FieldApi>);

impl Fleet {
    /// So many people with phones, signed in.
    ///
    /// # Errors
    /// When the server refuses one.
    pub async fn hire(workplace: &Workplace, phones: u32) -> Result<Self> {
        let mut hired = Vec::new();
        for first in (0..phones).step_by(AT_ONCE as usize) {
            let names: Vec<String> =
                (first..phones.min(first + AT_ONCE)).map(|n| format!("Driver {n}")).collect();
            let hiring = names.iter().map(|name| workplace.hire(name));
            hired.extend(futures_util::future::try_join_all(hiring).await?);
        }
        Ok(Fleet(hired))
    }

    /// Everybody reports in turn, `rate` times a second in all, one position a report; answers how many reports were taken.
    ///
    /// # Errors
    /// When a report fails.
    pub async fn report(self, rate: u32, time: Duration) -> Result<u64> {
        let every = Duration::from_secs_f64(self.0.len() as f64 / f64::from(rate));
        let start = Instant::now();
        let mut reporting = JoinSet::new();
        for (n, phone) in self.0.into_iter().enumerate() {
            let first = start + Duration::from_secs_f64(n as f64 / f64::from(rate));
            reporting.spawn(drive(phone, n, (first, start + time), every));
        }
        let mut reports = 0;
        while let Some(done) = reporting.join_next().await {
            reports += done??;
        }
        Ok(reports)
    }
}

async fn drive(phone: FieldApi, n: usize, (first, end): (Instant, Instant), every: Duration) -> Result<u64> {
    let mut ticks = tokio::time::interval_at(first, every);
    // A late report is made up for: the rate is what is promised.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut reports = 0;
    while ticks.tick().await < end {
        // A few metres further each time.
        let at = place(7.0 + n as f64 * 0.001, 43.0 + reports as f64 * 0.00002)?;
        phone.positions(&[fix(at, 0)]).await?;
        reports += 1;
    }
    Ok(reports)
}
