//! Noticing that a task will miss its window: it takes routes, which the watcher does not know.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, Severity};
use domain::task::Task;
use domain::{AlertId, TaskId};
use watch::{alert_id, millis};

/// Lateness that is worth an alert.
const LATE_SECS: i64 = 60;
/// It has to last so long: one odd fix is no delay.
const LATE_CONFIRM: TimeDelta = TimeDelta::seconds(15);

/// What looks late, and what was said of it.
#[derive(Debug)]
pub struct Lateness {
    since: DateTime<Utc>,
    raised: HashSet<AlertId>,
    /// Tasks that look late, since when.
    late: HashMap<TaskId, DateTime<Utc>>,
}

impl Lateness {
    /// Notices what happens from `since` on.
    pub fn new(since: DateTime<Utc>) -> Self {
        Self { since, raised: HashSet::new(), late: HashMap::new() }
    }

    /// Looks at an expected arrival: late by more than a minute, and for longer than a moment, is one alert per task and window.
    /// In between (late, but by less) the state is kept.
    pub fn arrival(&mut self, task: &Task, late_secs: Option<i64>, now: DateTime<Utc>) -> Option<Alert> {
        let (resource, window_end) = task.resource.zip(task.window_end)?;
        // A window that was over before the session began has been missed already: that is in the figures, and no news.
        let late_secs = late_secs.filter(|_| window_end >= self.since)?;
        if late_secs <= 0 {
            self.late.remove(&task.id);
            return None;
        }
        if late_secs > LATE_SECS {
            self.late.entry(task.id).or_insert(now);
        }
        let since = *self.late.get(&task.id)?;
        if now - since < LATE_CONFIRM {
            return None;
        }
        let id = alert_id("late", &[task.id.0.as_bytes(), &millis(window_end)]);
        if !self.raised.insert(id) {
            return None;
        }
        let kind = AlertKind::TaskLate { task: task.id, resource, late_secs };
        Some(Alert::new(id, kind, Severity::Critical, (now, now), Some(task.at)))
    }
}
