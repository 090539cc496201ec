//! Server ⇄ phone: activation, full sync with long-poll, entries, positions, privacy.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `POST /v1/field/activate` | [`ActivateRequest`] | [`ActivateResponse`] |
//! | `GET /v1/field/sync?since=N&wait_secs=S` | – | [`FieldSync`]; with `since` it waits up to `S` (≤ 30) seconds for something newer |
//! | `POST /v1/field/entries` | [`EntriesRequest`] | [`EntriesResponse`] |
//! | `POST /v1/field/positions` | [`PositionsRequest`] | [`PositionsAccepted`] |
//! | `POST /v1/field/privacy` | [`PrivacyRequest`] | 204 |

use chrono::{DateTime, Utc};
use domain::bid::Bid;
use domain::entry::Entry;
use domain::form::{FormDefinition, FormError};
use domain::position::Fix;
use domain::resource::{Profile, Resource};
use domain::task::{StepError, Task};
use domain::{DeviceId, EntryGuid};
use serde::{Deserialize, Serialize};

/// Ties a resource card to one phone.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivateRequest {
    /// The one-time code from the office.
    pub connection_code: String,
    /// The phone's number; has to be the card's.
    pub msisdn: String,
    /// The phone's own id.
    pub device: DeviceId,
}

impl std::fmt::Debug for ActivateRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActivateRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

/// The phone is active.
#[derive(Clone, Serialize, Deserialize)]
pub struct ActivateResponse {
    /// Bearer token for the field API only; does not run out, dies with the card.
    pub token: String,
    /// Everything the phone needs.
    pub sync: FieldSync,
}

impl std::fmt::Debug for ActivateResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActivateResponse").finish_non_exhaustive()
    }
}

/// All that a phone knows (full sync).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldSync {
    /// Its own card.
    pub resource: Resource,
    /// What the app may do and collect.
    pub profile: Profile,
    /// Its tasks that are not over, and the tasks of the open bids it is invited to (which are not its own:
    /// [`Task::resource`]), so that it knows where it would have to go. Without promises and choices: those are the office's.
    pub tasks: Vec<Task>,
    /// Open bids it is invited to; other invitees' lines are left out.
    pub bids: Vec<Bid>,
    /// Forms it may fill.
    pub forms: Vec<FormDefinition>,
    /// The office asks where the phone is; answered with a `Location` entry.
    pub location_requested: bool,
    /// Goes into `since` of the next long-poll.
    pub seq: u64,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

/// Entries in a batch; at most 500.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntriesRequest {
    /// The entries; any order, doubles allowed. Each is raw so that one bad entry does not refuse the others.
    pub entries: Vec<serde_json::Value>,
    /// The phone's clock when sending; tells a wrong clock from a late upload.
    pub device_time: DateTime<Utc>,
    /// What is left in the phone's battery, per cent, where the phone says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
}

impl EntriesRequest {
    /// A batch of well-formed entries.
    pub fn new(entries: &[Entry], device_time: DateTime<Utc>) -> Result<Self, serde_json::Error> {
        let entries = entries.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
        Ok(EntriesRequest { entries, device_time, battery_percent: None })
    }
}

/// One outcome per entry, in the order sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntriesResponse {
    /// The outcomes.
    pub outcomes: Vec<EntryOutcome>,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum EntryOutcome {
    /// Stored.
    Accepted {
        /// Which.
        guid: EntryGuid,
    },
    /// Was stored before.
    Duplicate {
        /// Which.
        guid: EntryGuid,
    },
    /// Kept for the record, but has no effect.
    Refused {
        /// Which; `None` when not even that could be read.
        guid: Option<EntryGuid>,
        /// Why.
        reason: EntryRefusal,
    },
}

/// Why an entry has no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "code", content = "detail")]
pub enum EntryRefusal {
    /// Not an entry: a field is missing, of the wrong kind, or a coordinate is not on earth.
    #[error("the entry can't be read: {0}")]
    Malformed(String),
    /// The task, bid or form isn't there or isn't this resource's.
    #[error("what it is about does not exist or belongs to somebody else")]
    NotFound,
    /// The task's status machine says no.
    #[error(transparent)]
    Step(StepError),
    /// The bid says no.
    #[error(transparent)]
    Bid(domain::bid::BidError),
    /// The form says no.
    #[error("the form is not filled as it should be")]
    Form(Vec<FormError>),
}

/// Live-tracking fixes in a batch; at most 1,000.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionsRequest {
    /// The fixes, any order. Raw, so that one bad fix does not refuse the others.
    pub fixes: Vec<serde_json::Value>,
    /// What is left in the phone's battery, per cent, where the phone says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
}

impl PositionsRequest {
    /// A batch of well-formed fixes.
    pub fn new(fixes: &[Fix]) -> Result<Self, serde_json::Error> {
        let fixes = fixes.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
        Ok(PositionsRequest { fixes, battery_percent: None })
    }
}

/// What became of a batch of fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionsAccepted {
    /// Stored.
    pub accepted: u32,
    /// Not on earth, not finite, unreadable, or of a time that can't be: dropped from state.
    pub refused: u32,
    /// Dropped because the resource is private.
    pub private: u32,
}

/// Switches location sharing off (`on: true`) or on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyRequest {
    /// Whether privacy is on.
    pub on: bool,
}
