//! Backend ⇄ UI: what the panels show and what people can ask for.
//!
//! The UI subscribes once and then keeps its own picture: first a [`ViewEvent::Session`], then (when somebody is signed in)
//! one [`ViewEvent::Reset`] with the whole working set, from then on changed rows. Positions do not travel this way but as
//! binary [`PositionFrame`]s at most ten times a second.
//!
//! Views hold ids and values, never sentences: the UI's message catalogue makes the text.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::access::{Action, Role};
use domain::alert::Alert;
use domain::attendance::{DaySheet, Presence};
use domain::bid::{Bid, Invitation};
use domain::company::{Company, User};
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::position::PositionState;
use domain::resource::{Group, Resource, Skill};
use domain::task::{Task, TaskStatus, TaskType};
use domain::{AlertId, BidId, CommandId, GroupId, LonLat, PoiId, ResourceId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

use crate::wire::{ErrorCode, Rejection, TaskDraft, TrackResponse};

// ---------------------------------------------------------------- what the UI asks

/// Everything that the UI can ask of the backend. One closed list: a front end can do nothing else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request", content = "args")]
pub enum DeskRequest {
    /// Sign in to a server.
    SignIn(SignInForm),
    /// Start the embedded demo (server and fleet on loopback) and sign in to it.
    ExploreDemo {
        /// As whom.
        role: Role,
    },
    /// Open what is cached of the last session without a server.
    OpenOffline,
    /// Sign out. Refused while commands wait, unless `discard_queue`.
    SignOut {
        /// Give up what is still waiting.
        discard_queue: bool,
    },
    /// Try to reach the server now.
    ReconnectNow,
    /// A new task.
    CreateTask(TaskDraft),
    /// New values for a task.
    EditTask {
        /// Which task.
        task: TaskId,
        /// The new values.
        draft: TaskDraft,
    },
    /// Gives a task to somebody or takes it away. Answer: [`DeskResponse::Undoable`].
    AssignTask {
        /// Which task.
        task: TaskId,
        /// Who gets it.
        resource: Option<ResourceId>,
    },
    /// A status step from the office.
    SetTaskStatus {
        /// Which task.
        task: TaskId,
        /// The status to reach.
        to: TaskStatus,
        /// Why.
        reason: Option<String>,
    },
    /// A remark on a task.
    AddNote {
        /// Which task.
        task: TaskId,
        /// The text, 1–2,000 characters.
        text: String,
    },
    /// Puts a task out to bid.
    OpenBid(Invitation),
    /// Picks the winner.
    SetBidWinner {
        /// Which bid.
        bid: BidId,
        /// Who.
        resource: ResourceId,
    },
    /// Takes an offer back.
    CancelBid {
        /// Which bid.
        bid: BidId,
    },
    /// Takes back what was answered with [`DeskResponse::Undoable`], within its time.
    Undo {
        /// The command to undo.
        command: CommandId,
    },
    /// Asks a phone where it is.
    RequestLocation {
        /// Whose.
        resource: ResourceId,
    },
    /// Marks alerts as seen.
    AcknowledgeAlerts {
        /// Which.
        alerts: Vec<AlertId>,
    },
    /// A new or changed place.
    PutPoi(Box<Poi>),
    /// A command that needs a decision: do it again on top of what is there now.
    RetryCommand {
        /// Which.
        n: u64,
    },
    /// A command that needs a decision, or failed: give it up.
    DiscardCommand {
        /// Which.
        n: u64,
    },
    /// Who could do a task. Answer: [`DeskResponse::Candidates`].
    Candidates {
        /// For which task.
        task: TaskId,
        /// Narrows the list.
        filter: CandidateFilter,
    },
    /// The way a resource will take to a task. Answer: [`DeskResponse::Route`].
    Route {
        /// Who.
        resource: ResourceId,
        /// Where to.
        task: TaskId,
    },
    /// Where a resource was; audited. Answer: [`DeskResponse::Track`].
    Track {
        /// Who.
        resource: ResourceId,
        /// From.
        from: DateTime<Utc>,
        /// To.
        to: DateTime<Utc>,
    },
    /// The unmasked phone and e-mail; audited, online only. Answer: [`DeskResponse::Contact`].
    RevealContact {
        /// Whose.
        resource: ResourceId,
    },
    /// One person's day. Answer: [`DeskResponse::DaySheet`].
    DaySheet {
        /// Who.
        resource: ResourceId,
        /// Which local day.
        day: NaiveDate,
    },
    /// Today's figures. Answer: [`DeskResponse::Figures`].
    Figures,
    /// Keeps a small preference of this desk (theme, panel sizes). Values are at most 4,000 characters.
    SetPreference {
        /// Its key, at most 100 characters.
        key: String,
        /// Its value; `None` forgets it.
        value: Option<String>,
    },
    /// Preferences. Answer: [`DeskResponse::Preferences`].
    Preferences,
    /// Demo only: stops or starts the embedded server, to show working without one.
    DemoServer {
        /// Whether it runs.
        running: bool,
    },
}

impl std::fmt::Debug for DeskRequest {
    /// Only the kind: arguments hold passwords and personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = serde_json::to_value(self)
            .ok()
            .and_then(|value| Some(value.get("request")?.as_str()?.to_owned()));
        f.write_str(kind.as_deref().unwrap_or("DeskRequest"))
    }
}

/// The sign-in page's fields.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInForm {
    /// `https://…`; plain `http` only for loopback.
    pub server_url: String,
    /// Company.
    pub company: String,
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

/// Narrows a list of candidates; everything given has to hold.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CandidateFilter {
    /// Of this group.
    pub group: Option<GroupId>,
    /// With this skill.
    pub skill: Option<SkillId>,
    /// Within so many metres of the task, as the crow flies.
    pub radius_m: Option<f64>,
    /// Only who is on duty.
    pub on_duty: bool,
}

/// What the backend answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "response", content = "body")]
pub enum DeskResponse {
    /// Done (or queued).
    Done,
    /// Done, and can be taken back for a while.
    Undoable {
        /// What to undo.
        command: CommandId,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Best first.
    Candidates(Vec<CandidateView>),
    /// A way.
    Route(RouteView),
    /// A track.
    Track(TrackResponse),
    /// Contact data.
    Contact {
        /// Phone number.
        phone: String,
        /// E-mail address.
        email: String,
    },
    /// A day.
    DaySheet(Box<DaySheet>),
    /// Figures.
    Figures(FiguresView),
    /// All preferences.
    Preferences(Vec<(String, String)>),
}

/// Why the backend says no. The UI has a text for each code; `detail` is only there where a code needs a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{code:?}")]
pub struct DeskError {
    /// What went wrong.
    pub code: DeskErrorCode,
    /// A value to show with it (a version, a field's name); never internals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<DeskErrorCode> for DeskError {
    fn from(code: DeskErrorCode) -> Self {
        DeskError { code, detail: None }
    }
}

/// Kinds of errors that a person can meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum DeskErrorCode {
    /// A server said no.
    Server(ErrorCode),
    /// A rule of the domain says no; nothing was queued.
    Refused(Rejection),
    /// The server can't be reached.
    Unreachable,
    /// The address is no URL, or plain http to another machine.
    BadUrl,
    /// The server's certificate is not trusted.
    Tls,
    /// The server speaks another version of the API.
    ServerVersion,
    /// It works only with a connection (reveal, track history, location request).
    NeedsConnection,
    /// Nobody is signed in.
    NotSignedIn,
    /// Nothing is cached, or its time has run out.
    NothingCached,
    /// Commands are still waiting.
    QueueNotEmpty,
    /// Too late to undo, or already changed by somebody else.
    TooLateToUndo,
    /// A value is out of range; `detail` names the field.
    BadInput,
    /// The role has no right to this.
    Forbidden,
    /// The resource is private.
    Private,
    /// There is no key store, or it is locked; `detail` says which.
    KeyStore,
    /// The local database can't be opened; nothing was deleted.
    Storage,
    /// This build has no demo.
    NoDemo,
    /// Something failed that should not; it is in the log.
    Internal,
}

// ---------------------------------------------------------------- what the backend tells

/// What the backend tells the UI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event", content = "body")]
pub enum ViewEvent {
    /// Who is signed in; also the first event of every subscription.
    Session(Box<SessionView>),
    /// The whole working set; replaces what the UI has.
    Reset(Box<WorkingSet>),
    /// Rows that changed; insert or replace by id.
    Changed(Box<WorkingSet>),
    /// Rows that are gone.
    Removed(RemovedRows),
    /// How fresh it all is.
    Connection(ConnectionView),
    /// Commands on their way or in trouble; the whole list.
    Queue(Vec<QueuedCommandView>),
    /// Bring this up: somebody clicked a notification.
    Open(Subject),
    /// Say this in passing.
    Notice(Notice),
}

/// Rows by kind; in [`ViewEvent::Changed`] only those that changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "one list per kind of row")]
pub struct WorkingSet {
    pub groups: Vec<Group>,
    pub skills: Vec<Skill>,
    pub task_types: Vec<TaskType>,
    pub users: Vec<User>,
    pub forms: Vec<FormDefinition>,
    pub resources: Vec<ResourceView>,
    pub tasks: Vec<TaskView>,
    pub bids: Vec<BidView>,
    pub pois: Vec<Poi>,
    pub alerts: Vec<AlertView>,
    pub submissions: Vec<Submission>,
}

/// Ids of rows that are gone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "one list per kind of row")]
pub struct RemovedRows {
    pub groups: Vec<GroupId>,
    pub skills: Vec<SkillId>,
    pub resources: Vec<ResourceId>,
    pub tasks: Vec<TaskId>,
    pub bids: Vec<BidId>,
    pub pois: Vec<PoiId>,
    pub alerts: Vec<AlertId>,
}

/// Whether and as whom somebody is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "session", content = "body")]
pub enum SessionView {
    /// Nobody; the sign-in page.
    SignedOut {
        /// What to fill in beforehand.
        last: Option<LastSession>,
        /// Whether this build has the demo.
        demo_available: bool,
        /// Why, when it was not the user's wish.
        reason: Option<DeskError>,
    },
    /// Signing in, or starting the demo.
    Starting {
        /// What is being done now.
        step: StartStep,
    },
    /// Somebody.
    SignedIn(Box<SignedInView>),
}

/// Steps of a start, for the progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "names of steps")]
pub enum StartStep {
    LoadingRegion,
    StartingDemoServer,
    SigningIn,
    OpeningCache,
    FirstSync,
}

/// What the sign-in page knows of the last session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the form")]
pub struct LastSession {
    pub server_url: String,
    pub company: String,
    pub user: String,
    /// Until when the cache opens without a server; `None` if nothing is cached.
    pub offline_until: Option<DateTime<Utc>>,
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedInView {
    /// Who.
    pub user: User,
    /// Where.
    pub company: Company,
    /// What the role may do; the UI hides the rest.
    pub may: Vec<Action>,
    /// The base map; `None` when the region is not installed here.
    pub base_map: Option<BaseMapView>,
    /// Whether this is the embedded demo.
    pub demo: bool,
    /// Opened from the cache, without signing in to a server.
    pub offline: bool,
    /// How commands are kept: `false` means they would not survive a restart (no key store).
    pub durable: bool,
}

/// A region's base map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaseMapView {
    /// Tiles are at `tiles://localhost/{source}/{z}/{x}/{y}` (vector tiles, OpenMapTiles layers, unpacked).
    pub source: String,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// Lowest zoom with tiles.
    pub min_zoom: u8,
    /// Highest zoom with tiles.
    pub max_zoom: u8,
    /// Has to be shown on the map.
    pub attribution: String,
}

/// A resource as the panels show it; never a coordinate (see [`PositionFrame`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceView {
    /// The card.
    pub card: Resource,
    /// What may be said of its place.
    pub position: PositionState,
    /// When the last fix was taken.
    pub fix_time: Option<DateTime<Utc>>,
    /// In, out, late.
    pub presence: Presence,
    /// The task it is on (en route, arrived or in progress).
    pub current_task: Option<TaskId>,
    /// Its tasks that are not over, current included.
    pub open_tasks: u32,
    /// Fences it is in.
    pub inside: Vec<PoiId>,
}

/// A task as the panels show it: cache ⊕ pending commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// The row's version; goes back with changes.
    pub version: u64,
    /// When its resource will be there; `None` when unassigned or over.
    pub eta: Option<EtaView>,
    /// The bid it is out to, if one is open.
    pub open_bid: Option<BidId>,
    /// Commands on it that are still waiting.
    pub pending: bool,
}

/// An arrival as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "eta")]
pub enum EtaView {
    /// Expected.
    Expected {
        /// As likely earlier as later.
        p50: DateTime<Utc>,
        /// Nine times in ten no later than this.
        p90: DateTime<Utc>,
        /// Along roads, or an estimate.
        by_road: bool,
        /// Age of the fix it rests on, seconds.
        fix_age_secs: i64,
        /// Metres still to go.
        distance_m: f64,
        /// Seconds past the window's end, if it will be late.
        late_secs: Option<i64>,
    },
    /// Is there.
    Arrived,
    /// Not known.
    Unknown {
        /// Why.
        because: EtaUnknown,
    },
}

/// Why an arrival is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EtaUnknown {
    /// No fix.
    NoFix,
    /// The fix is too old.
    StaleFix,
    /// The resource is private.
    Private,
    /// The resource is off duty.
    OffDuty,
    /// No way leads there.
    NoRoute,
}

/// A bid as the panels show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BidView {
    /// The bid.
    pub bid: Bid,
    /// The row's version.
    pub version: u64,
    /// The desk's own view of each invitee, in the order of the lines.
    pub invitees: Vec<InviteeView>,
    /// Commands on it that are still waiting.
    pub pending: bool,
}

/// What the desk itself knows of an invitee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InviteeView {
    /// Who.
    pub resource: ResourceId,
    /// Drive to the task from where they are now, seconds; `None` when unknown.
    pub drive_secs: Option<u32>,
    /// Tasks they have that are not over.
    pub open_tasks: u32,
    /// Skills the task needs and they lack.
    pub missing_skills: Vec<SkillId>,
}

/// An alert with the names that its text needs already there as rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// Commands on it that are still waiting.
    pub pending: bool,
}

/// Who could do a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateView {
    /// Who.
    pub resource: ResourceId,
    /// Drive in seconds; `None` when unknown.
    pub drive_secs: Option<u32>,
    /// Along roads, or an estimate.
    pub by_road: bool,
    /// Metres to drive.
    pub distance_m: Option<f64>,
    /// Age of the fix, seconds.
    pub fix_age_secs: Option<i64>,
    /// Tasks not over.
    pub open_tasks: u32,
    /// What may be said of the place.
    pub position: PositionState,
    /// Skills the task needs and they lack.
    pub missing_skills: Vec<SkillId>,
}

/// A way along roads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteView {
    /// Its points.
    pub points: Vec<LonLat>,
    /// Seconds to drive.
    pub duration_secs: u32,
    /// Metres.
    pub distance_m: f64,
    /// Along roads, or a straight line.
    pub by_road: bool,
}

/// Today at a glance, as of the cached data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FiguresView {
    /// The local day meant.
    pub day: NaiveDate,
    /// Its zone.
    pub zone: Tz,
    /// As of when the data is (last proof of freshness).
    pub as_of: Option<DateTime<Utc>>,
    /// Tasks of today by status, in the contract's order, zeros left out.
    pub tasks_by_status: Vec<(TaskStatus, u32)>,
    /// Closed today.
    pub closed: u32,
    /// Not done or declined today.
    pub not_done: u32,
    /// Will miss, or have missed, their window.
    pub late: Vec<TaskId>,
    /// Nobody has them.
    pub unassigned: u32,
    /// Closed per day over the last seven days, oldest first.
    pub closed_per_day: Vec<(NaiveDate, u32)>,
    /// Open bids.
    pub open_bids: u32,
    /// Alerts nobody has looked at.
    pub new_alerts: u32,
    /// Signed in.
    pub people_in: u32,
    /// Should be in.
    pub people_late: u32,
    /// All.
    pub people: u32,
    /// Closed today, by resource, most first.
    pub by_resource: Vec<(ResourceId, u32)>,
}

/// How fresh the data is and what is waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// How it goes.
    pub state: ConnectionState,
    /// Last proof that what is shown is what the server has.
    pub proof_at: Option<DateTime<Utc>>,
    /// Commands on their way.
    pub pending: u32,
    /// Commands that need a decision or failed.
    pub attention: u32,
    /// This machine's clock against the server's, milliseconds (positive: this one is ahead); shown above two minutes.
    pub clock_offset_ms: Option<i64>,
}

/// States of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "connection")]
pub enum ConnectionState {
    /// Connected, all there.
    Live,
    /// Connected, more is coming.
    CatchingUp,
    /// Reading everything anew; percent where known.
    Resyncing {
        /// 0–100.
        percent: Option<u8>,
    },
    /// Not connected.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
        /// When it tries again.
        retry_at: Option<DateTime<Utc>>,
    },
    /// The server wants the password again; the queue is kept.
    SignInAgain,
    /// The server is newer: this desk reads but does not write.
    UpgradeNeeded,
}

/// A command on its way or in trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuedCommandView {
    /// Its number.
    pub n: u64,
    /// When the user did it.
    pub at: DateTime<Utc>,
    /// What it does, for the text.
    pub kind: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// How far it is.
    pub state: QueuedState,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum QueuedState {
    /// Waits for the connection or its turn.
    Waiting,
    /// Is being sent.
    Sending,
    /// Done; the change is on its way back.
    Confirming,
    /// Somebody else changed the same thing: decide.
    Conflict,
    /// Refused by the server.
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// Its time ran out before it could be sent.
    Expired,
}

/// Something that a panel can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "subject", content = "id")]
pub enum Subject {
    /// A resource.
    Resource(ResourceId),
    /// A task.
    Task(TaskId),
    /// A bid.
    Bid(BidId),
    /// A place.
    Poi(PoiId),
    /// An alert.
    Alert(AlertId),
}

/// Said in passing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum Notice {
    /// A command was refused.
    CommandRejected {
        /// Its number.
        n: u64,
        /// Why.
        reason: Rejection,
    },
    /// Somebody else changed the same thing.
    CommandConflict {
        /// Its number.
        n: u64,
    },
    /// A new alert.
    AlertRaised {
        /// Which.
        alert: AlertId,
    },
    /// No notification daemon answers; alerts show here only.
    NotificationsUnavailable,
    /// The clock of this machine is off by more than two minutes.
    ClockOff {
        /// By so many seconds.
        secs: i64,
    },
}

// ---------------------------------------------------------------- positions, binary

/// Moved dots since the last frame (all of them in the first), encoded with postcard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionFrame {
    /// The backend's clock, milliseconds since the epoch.
    pub now_ms: i64,
    /// Whether this frame replaces everything before.
    pub full: bool,
    /// New and moved dots.
    pub dots: Vec<Dot>,
    /// Dots to take away at once (private, signed out, gone).
    pub gone: Vec<ResourceId>,
}

/// One resource on the map; 1e-7 degrees are about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot {
    /// Who.
    pub resource: ResourceId,
    /// Longitude in 1e-7 degrees.
    pub lon_e7: i32,
    /// Latitude in 1e-7 degrees.
    pub lat_e7: i32,
    /// 95 % error radius in metres, rounded.
    pub accuracy_m: u16,
    /// Course, degrees clockwise from north.
    pub heading_deg: Option<u16>,
    /// When the fix was taken, milliseconds since the epoch.
    pub fix_ms: i64,
    /// How it is drawn.
    pub state: DotState,
}

/// How a dot is drawn: each has its own colour *and* shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DotState {
    /// On duty without a task in hand.
    Free,
    /// Driving to a task.
    EnRoute,
    /// At work on site.
    Working,
    /// Will be late for its next appointment.
    Late,
    /// The fix is old.
    Stale,
    /// The device is silent.
    Silent,
}

impl Dot {
    /// Where it is.
    pub fn at(&self) -> Option<LonLat> {
        LonLat::new(f64::from(self.lon_e7) * 1e-7, f64::from(self.lat_e7) * 1e-7).ok()
    }

    /// The fixed-point form of a coordinate: (longitude, latitude) in 1e-7 degrees.
    pub fn fixed_point(at: LonLat) -> (i32, i32) {
        let fixed = |degrees: f64| (degrees * 1e7).round() as i32;
        (fixed(at.lon()), fixed(at.lat()))
    }
}

impl PositionFrame {
    /// The frame's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<PositionFrame, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_dot_is_where_the_fix_was_to_the_centimetre(lon in -180.0..180.0, lat in -90.0..90.0) {
            let at = LonLat::new(lon, lat).expect("coordinate");
            let (lon_e7, lat_e7) = Dot::fixed_point(at);
            let dot = Dot { resource: uuid::Uuid::nil().into(), lon_e7, lat_e7, accuracy_m: 5, heading_deg: None, fix_ms: 0, state: DotState::Free };
            prop_assert!(dot.at().is_some_and(|back| back.distance_m(at) < 0.02));
        }
    }

    #[test]
    fn a_frame_survives_its_bytes_and_garbage_is_an_error() {
        let dot = Dot {
            resource: uuid::Uuid::from_u128(7).into(),
            lon_e7: 74_200_000,
            lat_e7: 437_300_000,
            accuracy_m: 12,
            heading_deg: Some(271),
            fix_ms: 1_790_000_000_000,
            state: DotState::EnRoute,
        };
        let frame =
            PositionFrame { now_ms: 1_790_000_000_500, full: true, dots: vec![dot], gone: Vec::new() };
        let bytes = frame.encode().expect("encodes");
        assert!(bytes.len() < 64, "one dot is small on the wire, got {} bytes", bytes.len());
        assert_eq!(PositionFrame::decode(&bytes).expect("decodes"), frame, "round trip");
        assert!(PositionFrame::decode(&bytes[..bytes.len() - 3]).is_err(), "a cut frame is an error");
    }

    #[test]
    fn a_request_never_prints_its_password() {
        let form = SignInForm {
            server_url: "https://x".to_owned(),
            company: "c".to_owned(),
            user: "u".to_owned(),
            password: "hunter2".to_owned(),
        };
        let printed = format!("{:?}", DeskRequest::SignIn(form));
        assert_eq!(printed, "sign_in", "only the kind is printed");
    }
}
