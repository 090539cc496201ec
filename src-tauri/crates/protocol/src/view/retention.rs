//! How long this desk keeps what it has, and what goes next.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Retention at this desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetentionView {
    /// Every type of data that has a limit.
    pub rules: Vec<RetentionRuleView>,
    /// The last purges, newest first.
    pub purges: Vec<PurgeView>,
}

/// One type of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRuleView {
    /// What.
    pub data: RetainedData,
    /// For so many days.
    pub days: u32,
    /// Rows here now.
    pub rows: u64,
    /// Those that will have gone by the moment asked for.
    pub going: u64,
    /// The oldest row here.
    pub oldest: Option<DateTime<Utc>>,
}

/// Types of data with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "names of data")]
pub enum RetainedData {
    Positions,
    Tasks,
    Attendance,
    Submissions,
    Alerts,
}

/// A purge that has been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeView {
    /// When.
    pub at: DateTime<Utc>,
    /// What went.
    pub removed: Vec<(RetainedData, u64)>,
}
