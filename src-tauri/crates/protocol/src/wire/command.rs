//! Commands: what the office asks.

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertAction};
use domain::bid::Invitation;
use domain::place::Poi;
use domain::rule::LocationRule;
use domain::task::{ChoiceMade, PromiseDraft, TaskStatus};
use domain::{AlertId, BidId, CommandId, PoiId, PromiseId, ResourceId, RuleId, TaskId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::draft::TaskDraft;
use crate::entity::EntityKind;

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
    /// New values for an existing one, merged field by field ([`TaskDraft::merge`]): a conflict only where somebody else has
    /// meanwhile given one of the changed fields another value.
    TaskEdit {
        /// Which task.
        task: TaskId,
        /// The new values.
        draft: TaskDraft,
        /// The values that they were made from.
        base: Box<TaskDraft>,
    },
    /// Gives a task to somebody or takes it away; strict `if_match`.
    TaskAssign {
        /// Which task.
        task: TaskId,
        /// Who gets it; `None` takes it away.
        resource: Option<ResourceId>,
        /// What they were chosen from, where it was a list of suggestions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Box<ChoiceMade>>,
    },
    /// Puts a task into a place of somebody's day; strict `if_match`.
    TaskPlan {
        /// Which task.
        task: TaskId,
        /// In whose day; `None` takes it away from whoever has it.
        resource: Option<ResourceId>,
        /// When the work is to begin; `None`: at no planned time.
        planned_start: Option<DateTime<Utc>>,
    },
    /// A customer was told when somebody comes, or is to be told by a message.
    TaskPromise {
        /// Which task.
        task: TaskId,
        /// What.
        promise: PromiseDraft,
        /// The message, 1–500 characters; none for any other channel.
        text: Option<String>,
    },
    /// A promise is taken back.
    TaskPromiseWithdraw {
        /// Which task.
        task: TaskId,
        /// Which promise.
        promise: PromiseId,
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
    /// Somebody does something about an alert; when several do the same, the first one has done it.
    AlertAct {
        /// Which alert.
        alert: AlertId,
        /// What.
        action: AlertAction,
    },
    /// A new place, or one made anew after somebody deleted it.
    PoiPut(Box<Poi>),
    /// New values for an existing place, merged field by field ([`merge_poi`](super::merge_poi)): a conflict only where somebody
    /// else has meanwhile given one of the changed fields another value.
    PoiEdit {
        /// The new values.
        draft: Box<Poi>,
        /// The values that they were made from.
        base: Box<Poi>,
    },
    /// A place is gone.
    PoiDelete {
        /// Which place.
        poi: PoiId,
    },
    /// A new or changed location rule; strict `if_match`.
    RulePut(Box<LocationRule>),
    /// A location rule is gone; strict `if_match`.
    RuleDelete {
        /// Which rule.
        rule: RuleId,
    },
}

impl CommandBody {
    /// The row it changes: the lane it queues in.
    pub fn target(&self) -> (EntityKind, Uuid) {
        match self {
            CommandBody::TaskCreate(draft) => (EntityKind::Task, draft.id.0),
            CommandBody::TaskEdit { task, .. }
            | CommandBody::TaskAssign { task, .. }
            | CommandBody::TaskPlan { task, .. }
            | CommandBody::TaskPromise { task, .. }
            | CommandBody::TaskPromiseWithdraw { task, .. }
            | CommandBody::TaskStatus { task, .. }
            | CommandBody::TaskNote { task, .. } => (EntityKind::Task, task.0),
            CommandBody::BidOpen(invitation) => (EntityKind::Bid, invitation.id.0),
            CommandBody::BidSetWinner { bid, .. } | CommandBody::BidCancel { bid } => {
                (EntityKind::Bid, bid.0)
            }
            CommandBody::LocationRequest { resource } => (EntityKind::Resource, resource.0),
            CommandBody::AlertRaise(alert) => (EntityKind::Alert, alert.id.0),
            CommandBody::AlertAct { alert, .. } => (EntityKind::Alert, alert.0),
            CommandBody::PoiPut(poi) => (EntityKind::Poi, poi.id.0),
            CommandBody::PoiEdit { draft, .. } => (EntityKind::Poi, draft.id.0),
            CommandBody::PoiDelete { poi } => (EntityKind::Poi, poi.0),
            CommandBody::RulePut(rule) => (EntityKind::Rule, rule.id.0),
            CommandBody::RuleDelete { rule } => (EntityKind::Rule, rule.0),
        }
    }
}
