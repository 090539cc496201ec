//! What the UI asks.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Role;
use domain::alert::AlertAction;
use domain::bid::Invitation;
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::{ChoiceMade, PromiseDraft, TaskStatus};
use domain::{AlertId, BidId, CommandId, GroupId, PoiId, PromiseId, ResourceId, RuleId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

use super::{CoordinateOrder, EngineSettings, FenceFormat, NotificationSettings, PlanRequest};
use crate::wire::{TaskDraft, WhatIfRequest};

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
        /// The values that were on the screen when the user began.
        base: Box<TaskDraft>,
    },
    /// Gives a task to somebody or takes it away. Answer: [`DeskResponse::Undoable`].
    AssignTask {
        /// Which task.
        task: TaskId,
        /// Who gets it.
        resource: Option<ResourceId>,
        /// What they were chosen from, where it was a list of suggestions.
        choice: Option<Box<ChoiceMade>>,
    },
    /// Keeps what a customer was told; with a text, the server hands that on.
    MakePromise {
        /// Which task.
        task: TaskId,
        /// What.
        promise: PromiseDraft,
        /// The message, 1–500 characters; none for any other channel than a message.
        text: Option<String>,
    },
    /// Takes a promise back.
    WithdrawPromise {
        /// Which task.
        task: TaskId,
        /// Which promise.
        promise: PromiseId,
    },
    /// How well promises were kept. Answer: [`DeskResponse::PromiseReport`](super::DeskResponse::PromiseReport).
    PromiseReport {
        /// So many days back, 1–90.
        days: u16,
    },
    /// How often suggestions were followed, and why not. Answer: [`DeskResponse::ChoiceReport`](super::DeskResponse::ChoiceReport).
    ChoiceReport {
        /// So many days back, 1–90.
        days: u16,
    },
    /// Plans the rest of a day; tells its progress by [`ViewEvent::PlanProgress`](super::ViewEvent::PlanProgress). Answer, when it is done:
    /// [`DeskResponse::Plan`](super::DeskResponse::Plan). One at a time.
    PlanDay(Box<PlanRequest>),
    /// Ends the planning that is under way; its answer is the best plan so far.
    CancelPlan,
    /// What becomes of a plan if only some moves are made. Answer: [`DeskResponse::Plan`](super::DeskResponse::Plan).
    PlanPart {
        /// Which plan.
        plan: u64,
        /// Tasks that move as planned.
        moves: Vec<TaskId>,
    },
    /// Makes moves of a plan, as commands. Answer: [`DeskResponse::PlanApplied`](super::DeskResponse::PlanApplied).
    ApplyPlan {
        /// Which plan.
        plan: u64,
        /// Tasks that move as planned.
        moves: Vec<TaskId>,
    },
    /// Takes the moves of an applied plan back, as far as nobody has touched them since. Answer:
    /// [`DeskResponse::PlanUndone`](super::DeskResponse::PlanUndone).
    UndoPlan {
        /// Which plan.
        plan: u64,
    },
    /// Where travel times come from, and how fast the roads are. Answer: [`DeskResponse::Travel`](super::DeskResponse::Travel).
    TravelSettings,
    /// Chooses the engine of this region. Answer: as above.
    SetTravelEngine(EngineSettings),
    /// Tries an engine with a short way in this region. Answer: [`DeskResponse::EngineTest`](super::DeskResponse::EngineTest).
    TestTravelEngine(EngineSettings),
    /// Switches learning from this company's own tracks on or off. Answer: as [`DeskRequest::TravelSettings`].
    SetLearning {
        /// On.
        on: bool,
    },
    /// Forgets what was learnt of the roads' speeds. Answer: as [`DeskRequest::TravelSettings`].
    ForgetSpeeds,
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
    /// Does something about alerts. Those where it changes nothing are passed over.
    ActOnAlerts {
        /// Which, at most 1,000.
        alerts: Vec<AlertId>,
        /// What.
        action: AlertAction,
    },
    /// Why an alert was raised; audited where the server's track is asked for. Answer: [`DeskResponse::Explanation`](super::DeskResponse::Explanation).
    ExplainAlert {
        /// Which.
        alert: AlertId,
    },
    /// Why something fired, or nothing did, at a fence; audited as above. Answer: as above.
    ExplainFence {
        /// Who.
        resource: ResourceId,
        /// Which fence.
        poi: PoiId,
        /// When.
        at: DateTime<Utc>,
    },
    /// How much noise each rule makes. Answer: [`DeskResponse::Noise`](super::DeskResponse::Noise).
    Noise {
        /// So many days back, 1–90.
        days: u16,
    },
    /// What a fence would have said under other settings; online only. Answer: [`DeskResponse::WhatIf`](super::DeskResponse::WhatIf).
    WhatIf(WhatIfRequest),
    /// A new place.
    PutPoi(Box<Poi>),
    /// New values for a place.
    EditPoi {
        /// The new values.
        draft: Box<Poi>,
        /// The values that were on the screen when the user began.
        base: Box<Poi>,
    },
    /// Deletes a place with its fence.
    DeletePoi {
        /// Which.
        poi: PoiId,
    },
    /// Reads a file of fences without making anything of it. Answer: [`DeskResponse::FenceFile`](super::DeskResponse::FenceFile).
    ReadFences {
        /// The file's name.
        name: String,
        /// Its text, at most 20 MB.
        text: String,
        /// The order of its coordinates; `None` lets the file speak, longitude first where it doesn't.
        order: Option<CoordinateOrder>,
    },
    /// Writes fences to a file. Answer: [`DeskResponse::Saved`](super::DeskResponse::Saved).
    ExportFences {
        /// Which; empty means all.
        pois: Vec<PoiId>,
        /// As what.
        format: FenceFormat,
    },
    /// A new or changed location rule.
    PutRule(Box<LocationRule>),
    /// Deletes a location rule.
    DeleteRule {
        /// Which.
        rule: RuleId,
    },
    /// What this user wants to be told. Answer: [`DeskResponse::Notifications`](super::DeskResponse::Notifications).
    NotificationSettings,
    /// Changes that. Answer: as above.
    SetNotificationSettings(Box<NotificationSettings>),
    /// Shows a notification as an example, whatever the settings say.
    TestNotification,
    /// What a command that needs a decision is up against. Answer: [`DeskResponse::Review`](super::DeskResponse::Review).
    ReviewCommand {
        /// Which.
        n: u64,
    },
    /// A command that needs a decision: do it again on top of what is there now (mine).
    RetryCommand {
        /// Which.
        n: u64,
    },
    /// A task edit that needs a decision: these values instead, on top of what is there now.
    ReviseEdit {
        /// Which.
        n: u64,
        /// The new values.
        draft: TaskDraft,
        /// Theirs as shown in the review that they were made from.
        base: Box<TaskDraft>,
    },
    /// A command that needs a decision, or failed: give it up (theirs).
    DiscardCommand {
        /// Which.
        n: u64,
    },
    /// Writes what is waiting, and what needs a decision, to a file. Answer: [`DeskResponse::Saved`](super::DeskResponse::Saved).
    ExportQueue,
    /// Moves what can still be read of a damaged queue into a new file and keeps the damaged one aside; then sign in again.
    /// Answer: [`DeskResponse::Salvaged`](super::DeskResponse::Salvaged).
    SalvageQueue,
    /// How this desk is doing, as text without personal data. Answer: [`DeskResponse::Text`](super::DeskResponse::Text).
    Diagnostics,
    /// How long data is kept here and what goes next. Answer: [`DeskResponse::Retention`](super::DeskResponse::Retention).
    Retention {
        /// What will have gone by then.
        until: DateTime<Utc>,
    },
    /// Who could do a task, or could have gone at a past moment (online only, audited). Answer: [`DeskResponse::Suggestions`].
    Suggestions {
        /// For which task.
        task: TaskId,
        /// Narrows the list.
        filter: CandidateFilter,
        /// As of when; `None`: now.
        at: Option<DateTime<Utc>>,
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
