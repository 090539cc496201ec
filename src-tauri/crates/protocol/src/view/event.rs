//! What the backend tells.

use domain::company::User;
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::resource::{Group, Skill};
use domain::rule::LocationRule;
use domain::task::TaskType;
use domain::{AlertId, BidId, GroupId, PoiId, ResourceId, RuleId, SkillId, TaskId};
use serde::{Deserialize, Serialize};

use super::connection::{ConnectionView, QueuedCommandView};
use super::notifications::NotificationService;
use super::planning::PlanProgressView;
use super::rows::{AlertView, BidView, ResourceView, TaskView};
use super::session::SessionView;
use crate::wire::Rejection;

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
    /// How far the planning of a day is.
    PlanProgress(PlanProgressView),
    /// What the desktop's notification service can do, when that has changed; without one, alerts show here only.
    Notifications(NotificationService),
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
    pub rules: Vec<LocationRule>,
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
    pub rules: Vec<RuleId>,
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
    /// A location rule.
    Rule(RuleId),
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
