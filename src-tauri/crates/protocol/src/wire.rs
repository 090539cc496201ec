//! Server ⇄ desk: sign-in, snapshot, changes, the live socket, positions and commands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::bid::{BidError, Invitation};
use domain::company::{Company, User};
use domain::place::Poi;
use domain::position::Fix;
use domain::task::{AssignError, Priority, StepError, TaskStatus};
use domain::{AlertId, BidId, CommandId, DeviceId, LonLat, PoiId, ResourceId, SkillId, TaskId, TaskTypeId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::entity::{Entity, EntityKind, EntityType};

/// A place in the feed. `epoch` changes when history is rewritten; within one epoch cursors are ordered by `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cursor {
    /// Which history.
    pub epoch: u64,
    /// How far in it; 0 is before everything.
    pub seq: u64,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no cursor")]
pub struct CursorError(String);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

impl std::str::FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts =
            text.split_once('-').and_then(|(epoch, seq)| Some((epoch.parse().ok()?, seq.parse().ok()?)));
        parts
            .map(|(epoch, seq)| Cursor { epoch, seq })
            .ok_or_else(|| CursorError(text.chars().take(40).collect()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One row's change. `put` carries the whole row; `del` is a tombstone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// Type of the row.
    #[serde(rename = "type")]
    pub entity: EntityType,
    /// Id of the row.
    pub id: Uuid,
    /// Version of the row, from 1, raised with each change.
    pub version: u64,
    /// `put`, `del`, or something newer.
    pub op: String,
    /// The row's JSON, with `put`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// When the server wrote it.
    pub at: DateTime<Utc>,
    /// The command that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// The command behind a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The desk that sent it.
    pub device: DeviceId,
    /// Its number there.
    pub n: u64,
}

/// An item's operation.
pub mod op {
    /// Insert or replace.
    pub const PUT: &str = "put";
    /// Delete.
    pub const DEL: &str = "del";
}

impl Item {
    /// The row, when it is a `put` of a type this build knows; `Ok(None)` for tombstones and for what is newer than this build.
    pub fn decode(&self) -> Result<Option<Entity>, serde_json::Error> {
        match (self.op.as_str(), EntityKind::from_name(&self.entity.0), &self.data) {
            (op::PUT, Some(kind), Some(data)) => kind.decode(data.get()).map(Some),
            _ => Ok(None),
        }
    }
}

/// Per-type sums of [`row_hash`] over all rows of a user's view; equal sums mean equal rows (R5).
pub type Checksums = BTreeMap<EntityType, u64>;

/// The share of one row in its type's checksum: the FNV-1a hash of id and version, added with wrapping.
pub fn row_hash(id: Uuid, version: u64) -> u64 {
    let bytes = id.into_bytes().into_iter().chain(version.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `POST /v1/sign-in`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The tenant's name.
    pub company: String,
    /// The user's login.
    pub user: String,
    /// The password.
    pub password: String,
    /// The desk's own id, kept over restarts.
    pub device: DeviceId,
    /// Raised by the desk whenever its outbox was restored or recreated.
    pub device_epoch: u64,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

/// Answer to `POST /v1/sign-in` and `POST /v1/refresh`.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokensResponse {
    /// Short-lived bearer token.
    pub access: String,
    /// Exchanged for the next pair; the previous one stays valid until the new one is used.
    pub refresh: String,
    /// Life of the access token in seconds.
    pub expires_in_secs: u32,
    /// Who signed in.
    pub user: User,
    /// Their company.
    pub company: Company,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

impl std::fmt::Debug for TokensResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokensResponse").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// `POST /v1/refresh`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh: String,
}

impl std::fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshRequest")
    }
}

/// The body of every answer with an HTTP error status. `message` is for logs; people read the UI's text for `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code:?})")]
pub struct ErrorBody {
    /// What went wrong.
    pub code: ErrorCode,
    /// The same in English.
    pub message: String,
    /// With 429 and 503: when to come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
}

/// Error codes of both server wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Company, user or password is wrong (401).
    WrongCredentials,
    /// Too many wrong passwords; locked for a while (429).
    LockedOut,
    /// No token, or one that ran out or was revoked (401).
    NotSignedIn,
    /// The token is of another purpose, or the role has no right to this (403).
    Forbidden,
    /// The device is a clone, or its card is disabled (403).
    Fenced,
    /// The connection code is wrong, used or of another phone (403).
    WrongConnectionCode,
    /// Not there, or not visible to this user (404).
    NotFound,
    /// The body can't be read or holds a value out of range (400 or 422).
    BadRequest,
    /// Body, page or batch over the limit (413).
    TooLarge,
    /// Over the rate limit (429).
    TooManyRequests,
    /// The cursor or page token is too old or of another epoch: start over with a snapshot (410).
    Gone,
    /// Client and server are of different API versions (426).
    Version,
    /// The server failed (500) or is stopping (503).
    Server,
    /// A code that this build does not know.
    #[serde(other)]
    Unknown,
}

/// `GET /v1/snapshot?page_token=…`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotPage {
    /// The cursor the whole snapshot stands for; the same on every page.
    pub at: Cursor,
    /// Rows, all `put`.
    pub items: Vec<Item>,
    /// Asks for the next page; `None` on the last.
    pub next_page_token: Option<String>,
    /// Version of the row formats.
    pub schema: u16,
}

/// `GET /v1/changes?cursor=C&limit=500`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangesPage {
    /// The cursor asked for.
    pub from: Cursor,
    /// The cursor after the last item: what the reader stores (R4).
    pub to: Cursor,
    /// The end of the feed when the page was read; only to know whether more is coming.
    pub head: Cursor,
    /// The changes in order.
    pub items: Vec<Item>,
    /// Sums of the view at `to`, where the page ends at the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksums: Option<Checksums>,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

/// Frames of `GET /v1/live?cursor=C` (WebSocket, text, server → desk only).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveFrame {
    /// Changes, linked by the previous cursor of *this user's view* (R2).
    Change {
        /// Where the reader has to stand for this frame to apply.
        prev: Cursor,
        /// Where it stands afterwards.
        cursor: Cursor,
        /// The changes in order.
        items: Vec<Item>,
    },
    /// Latest fixes, coalesced; may be dropped.
    Positions {
        /// Newest fix per resource since the last such frame.
        positions: Vec<PositionUpdate>,
    },
    /// At least every 15 s: moves the cursor over filtered ranges and carries the checksums (R5).
    Bookmark {
        /// Where the reader stands now.
        cursor: Cursor,
        /// Where it had to stand before.
        prev: Cursor,
        /// Sums of the view at `cursor`.
        checksums: Checksums,
        /// The server's clock.
        server_time: DateTime<Utc>,
    },
    /// Proof of life.
    Ping {
        /// The server's clock.
        server_time: DateTime<Utc>,
    },
    /// The cursor is too old or of another epoch: resync (R6).
    Gone {
        /// For the log.
        reason: String,
    },
    /// Role or groups changed: resync and purge (R7).
    ViewChanged,
    /// Time to refresh the token.
    AuthExpiring {
        /// Seconds left.
        in_secs: u32,
    },
}

/// The newest fix of a resource. Newer means a greater `(fix_time, server_seq)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PositionUpdate {
    /// Who.
    pub resource: ResourceId,
    /// The fix.
    pub fix: Fix,
    /// Order of arrival at the server.
    pub server_seq: u64,
}

/// `GET /v1/positions`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PositionsResponse {
    /// The newest fix of each visible resource.
    pub positions: Vec<PositionUpdate>,
    /// The server's clock.
    pub server_time: DateTime<Utc>,
}

/// `GET /v1/resources/{id}/track?from&to&purpose`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackResponse {
    /// Fixes by fix time; thinned evenly to at most 5,000.
    pub fixes: Vec<Fix>,
    /// Stretches without coordinates, with the reason.
    pub gaps: Vec<TrackGap>,
}

/// A labelled gap in a track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackGap {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End; `None` means it goes on.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: GapReason,
}

/// Why a track has a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Location sharing was switched off.
    Private,
}

/// `POST /v1/resources/{id}/contact`: the unmasked contact data; audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactResponse {
    /// Phone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}

/// One command as sent. The same `n` with another body is refused with 422.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Monotonic per device.
    pub n: u64,
    /// UUIDv7.
    pub id: CommandId,
    /// What is asked.
    pub body: CommandBody,
    /// The version of the target that the user saw; `None` where the order does not matter.
    pub if_match: Option<u64>,
    /// When the user did it.
    pub occurred: Occurred,
    /// Not to be applied after this.
    pub valid_until: Option<DateTime<Utc>>,
    /// Must be applied first (a task created offline before its assignment).
    pub depends_on: Option<u64>,
}

/// When something happened, so that the server can compute the effective time from a wrong clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurred {
    /// The desk's wall clock then.
    pub wall: DateTime<Utc>,
    /// Milliseconds on the desk's monotonic clock between then and sending; 0 after a restart.
    pub mono_age_ms: u64,
}

/// What a command asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "args")]
pub enum CommandBody {
    /// A new task.
    TaskCreate(TaskDraft),
    /// New values for an existing one; absent fields stay.
    TaskEdit {
        /// Which task.
        task: TaskId,
        /// The new values.
        draft: TaskDraft,
    },
    /// Gives a task to somebody or takes it away; strict `if_match`.
    TaskAssign {
        /// Which task.
        task: TaskId,
        /// Who gets it; `None` takes it away.
        resource: Option<ResourceId>,
    },
    /// A status step from the office.
    TaskStatus {
        /// Which task.
        task: TaskId,
        /// The status to reach.
        to: TaskStatus,
        /// Why.
        reason: Option<String>,
    },
    /// A remark; appended whatever else happened.
    TaskNote {
        /// Which task.
        task: TaskId,
        /// The text.
        text: String,
    },
    /// Puts a task out to bid.
    BidOpen(Invitation),
    /// Picks the winner; the task is assigned to them in the same transaction.
    BidSetWinner {
        /// Which bid.
        bid: BidId,
        /// The winner.
        resource: ResourceId,
    },
    /// Takes the offer back.
    BidCancel {
        /// Which bid.
        bid: BidId,
    },
    /// Asks a phone where it is.
    LocationRequest {
        /// Whose.
        resource: ResourceId,
    },
    /// An alert this desk has noticed; the same id twice is one alert.
    AlertRaise(Box<Alert>),
    /// Somebody has looked at it.
    AlertAcknowledge {
        /// Which alert.
        alert: AlertId,
    },
    /// A new or changed place.
    PoiPut(Box<Poi>),
    /// A place is gone.
    PoiDelete {
        /// Which place.
        poi: PoiId,
    },
}

impl CommandBody {
    /// The row it changes: the lane it queues in.
    pub fn target(&self) -> (EntityKind, Uuid) {
        match self {
            CommandBody::TaskCreate(draft) => (EntityKind::Task, draft.id.0),
            CommandBody::TaskEdit { task, .. }
            | CommandBody::TaskAssign { task, .. }
            | CommandBody::TaskStatus { task, .. }
            | CommandBody::TaskNote { task, .. } => (EntityKind::Task, task.0),
            CommandBody::BidOpen(invitation) => (EntityKind::Bid, invitation.id.0),
            CommandBody::BidSetWinner { bid, .. } | CommandBody::BidCancel { bid } => {
                (EntityKind::Bid, bid.0)
            }
            CommandBody::LocationRequest { resource } => (EntityKind::Resource, resource.0),
            CommandBody::AlertRaise(alert) => (EntityKind::Alert, alert.id.0),
            CommandBody::AlertAcknowledge { alert } => (EntityKind::Alert, alert.0),
            CommandBody::PoiPut(poi) => (EntityKind::Poi, poi.id.0),
            CommandBody::PoiDelete { poi } => (EntityKind::Poi, poi.0),
        }
    }
}

/// What the office says of a task when it creates or edits one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDraft {
    /// Identity, made by the desk (UUIDv7).
    pub id: TaskId,
    /// What is to be done, 1–200 characters.
    pub title: String,
    /// More about it, at most 10,000 characters.
    pub description: String,
    /// Kind of task.
    pub task_type: Option<TaskTypeId>,
    /// Where.
    pub at: LonLat,
    /// The place's address as text.
    pub address: String,
    /// The POI it was placed by.
    pub poi: Option<PoiId>,
    /// Who for.
    pub customer: String,
    /// How urgent.
    pub priority: Priority,
    /// Skills needed.
    pub skills: Vec<SkillId>,
    /// Planned work on site, minutes, 1–1,440.
    pub planned_minutes: u32,
    /// Earliest start.
    pub window_start: Option<DateTime<Utc>>,
    /// Latest arrival.
    pub window_end: Option<DateTime<Utc>>,
}

/// What is wrong with a task draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftError {
    /// Empty or over 200 characters.
    #[error("a task needs a title of 1 to 200 characters")]
    Title,
    /// A text is over its limit.
    #[error("a text is too long")]
    TooLong,
    /// Outside 1–1,440 minutes.
    #[error("planned work must be 1 to 1,440 minutes")]
    PlannedMinutes,
    /// Ends before it starts.
    #[error("the window ends before it starts")]
    Window,
}

impl TaskDraft {
    /// Checks lengths and ranges; the first problem.
    pub fn check(&self) -> Result<(), DraftError> {
        let title = self.title.trim().chars().count();
        if !(1..=200).contains(&title) {
            return Err(DraftError::Title);
        }
        if self.description.len() > 10_000 || self.address.len() > 500 || self.customer.len() > 200 {
            return Err(DraftError::TooLong);
        }
        if !(1..=1440).contains(&self.planned_minutes) {
            return Err(DraftError::PlannedMinutes);
        }
        if self.window_start.zip(self.window_end).is_some_and(|(start, end)| end < start) {
            return Err(DraftError::Window);
        }
        Ok(())
    }
}

/// The fate of one command. HTTP status speaks only of the transport.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommandOutcome {
    /// Which command.
    pub n: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done now.
    Applied {
        /// The target's version afterwards.
        version: u64,
        /// The desk has seen the effect once it stands here.
        cursor: Cursor,
    },
    /// Was done before; same receipt.
    Duplicate {
        /// As in the first answer.
        version: u64,
        /// As in the first answer.
        cursor: Cursor,
    },
    /// The target changed meanwhile: the user decides.
    Conflict {
        /// The target as it is now; `None` when it is gone.
        current: Option<Box<Item>>,
    },
    /// Can't be done, ever.
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// Not now.
    Retry {
        /// When to come again.
        retry_after_secs: u32,
    },
    /// A number before this one is missing: send from there.
    Gap {
        /// The number expected.
        expected: u64,
    },
}

/// Why a command can't be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "code", content = "detail")]
pub enum Rejection {
    /// The role has no such right, or not for this group.
    #[error("your role has no right to do this")]
    Forbidden,
    /// The target does not exist or is not visible.
    #[error("it does not exist any more")]
    NotFound,
    /// It exists already.
    #[error("it exists already")]
    Exists,
    /// A task's status machine says no.
    #[error(transparent)]
    Step(StepError),
    /// A task can't be assigned.
    #[error(transparent)]
    Assign(AssignError),
    /// A bid says no.
    #[error(transparent)]
    Bid(BidError),
    /// A draft is not usable.
    #[error(transparent)]
    Draft(DraftError),
    /// The resource's card is disabled.
    #[error("this resource's card is disabled")]
    ResourceDisabled,
    /// The resource's location is private.
    #[error("this resource has switched location sharing off")]
    Private,
    /// `valid_until` has passed.
    #[error("it came too late")]
    Expired,
    /// The same number was used with another body.
    #[error("this number was used for another command")]
    NumberReused,
    /// What it depends on was not applied.
    #[error("what it builds on was not done")]
    Dependency,
    /// A place's fence is no usable shape.
    #[error("the fence is no usable shape: {0}")]
    Shape(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nothing_else_passes_for_one() {
        let cursor = Cursor { epoch: 3, seq: 41 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor), "round trip");
        for text in ["", "3", "3-", "-41", "3-x", "3-41-1"] {
            assert!(text.parse::<Cursor>().is_err(), "“{text}” is no cursor");
        }
    }

    #[test]
    fn what_is_newer_than_this_build_is_kept_not_refused() {
        let text = r#"{"type":"drone","id":"00000000-0000-0000-0000-000000000001","version":1,"op":"put","data":{"rotors":4},"at":"2026-11-23T10:00:00Z"}"#;
        let item: Item = serde_json::from_str(text).expect("an unknown type still reads");
        assert!(item.decode().expect("no error").is_none(), "and is skipped");
        let again = serde_json::to_string(&item).expect("writes");
        assert!(again.contains(r#"{"rotors":4}"#), "its data is kept as it came");
    }

    #[test]
    fn a_live_frame_carries_rows_unread() {
        // Internally tagged enums would buffer the rows and break their raw data: the tag stays outside.
        let cursor = Cursor { epoch: 1, seq: 2 };
        let item = Item {
            entity: EntityKind::Skill.into(),
            id: Uuid::from_u128(1),
            version: 1,
            op: op::PUT.to_owned(),
            data: RawValue::from_string(
                r#"{"id":"00000000-0000-0000-0000-000000000001","name":"Lifts"}"#.to_owned(),
            )
            .ok(),
            at: DateTime::UNIX_EPOCH,
            cause: None,
        };
        let text = serde_json::to_string(&LiveFrame::Change { prev: cursor, cursor, items: vec![item] })
            .expect("writes");
        let Ok(LiveFrame::Change { items, .. }) = serde_json::from_str(&text) else {
            panic!("reads back: {text}")
        };
        assert!(matches!(items[0].decode(), Ok(Some(Entity::Skill(_)))), "the row is whole");
    }

    #[test]
    fn an_error_code_from_the_future_reads_as_unknown() {
        let body: ErrorBody = serde_json::from_str(r#"{"code":"no_coffee","message":"x"}"#).expect("reads");
        assert_eq!(body.code, ErrorCode::Unknown, "unknown, not a parse failure");
    }

    #[test]
    fn a_drafts_limits() {
        let draft = TaskDraft {
            id: Uuid::nil().into(),
            title: "  ".to_owned(),
            description: String::new(),
            task_type: None,
            at: LonLat::new(7.4, 43.7).expect("coordinate"),
            address: String::new(),
            poi: None,
            customer: String::new(),
            priority: Priority::Normal,
            skills: Vec::new(),
            planned_minutes: 30,
            window_start: None,
            window_end: None,
        };
        assert_eq!(draft.check(), Err(DraftError::Title), "blank is no title");
        let titled = TaskDraft { title: "Lift stuck".to_owned(), ..draft };
        assert_eq!(titled.check(), Ok(()), "that will do");
        let long = TaskDraft { planned_minutes: 1441, ..titled };
        assert_eq!(long.check(), Err(DraftError::PlannedMinutes), "longer than a day");
    }
}
