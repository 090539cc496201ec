//! What a feed item may hold.

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::attendance::AttendanceEntry;
use domain::bid::{Bid, BidStatus};
use domain::company::{Company, User};
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::resource::{Group, Profile, Resource, Skill};
use domain::rule::LocationRule;
use domain::task::{Task, TaskType};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of an entity's type on the wire; may be one that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityType(pub String);

impl std::fmt::Display for EntityType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! entities {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $name:literal,)+) => {
        /// One row of the feed, by type.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Entity {
            $($(#[$doc])* $variant($type),)+
        }

        /// The types that this build knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EntityKind {
            $($(#[$doc])* $variant,)+
        }

        impl EntityKind {
            /// All of them.
            pub const ALL: &'static [EntityKind] = &[$(EntityKind::$variant,)+];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(EntityKind::$variant => $name,)+ }
            }

            /// The kind of that name, if this build knows it.
            pub fn from_name(name: &str) -> Option<EntityKind> {
                match name { $($name => Some(EntityKind::$variant),)+ _ => None }
            }

            /// Reads a row of this kind.
            pub fn decode(self, data: &str) -> Result<Entity, serde_json::Error> {
                match self { $(EntityKind::$variant => serde_json::from_str(data).map(Entity::$variant),)+ }
            }
        }

        impl Entity {
            /// Which kind it is.
            pub fn kind(&self) -> EntityKind {
                match self { $(Entity::$variant(_) => EntityKind::$variant,)+ }
            }

            /// The row's JSON text.
            pub fn encode(&self) -> Result<String, serde_json::Error> {
                match self { $(Entity::$variant(data) => serde_json::to_string(data),)+ }
            }
        }

        $(impl From<$type> for Entity {
            fn from(data: $type) -> Self {
                Entity::$variant(data)
            }
        })+
    };
}

entities! {
    /// The company's settings.
    Company(Company) = "company",
    /// A user of the desk.
    User(User) = "user",
    /// A team.
    Group(Group) = "group",
    /// A skill.
    Skill(Skill) = "skill",
    /// What an app may do.
    Profile(Profile) = "profile",
    /// A resource with its card.
    Resource(Resource) = "resource",
    /// A kind of task.
    TaskType(TaskType) = "task_type",
    /// A task.
    Task(Task) = "task",
    /// A bid with its lines.
    Bid(Bid) = "bid",
    /// A place, perhaps with a fence.
    Poi(Poi) = "poi",
    /// A sign-in or sign-out.
    Attendance(AttendanceEntry) = "attendance",
    /// A form's definition.
    Form(FormDefinition) = "form",
    /// A filled form.
    Submission(Submission) = "submission",
    /// Something that needs attention.
    Alert(Alert) = "alert",
    /// What is worth an alert.
    Rule(LocationRule) = "rule",
}

impl From<EntityKind> for EntityType {
    fn from(kind: EntityKind) -> Self {
        EntityType(kind.name().to_owned())
    }
}

impl Entity {
    /// The row's id: with its kind, the key of the row.
    pub fn id(&self) -> Uuid {
        match self {
            Entity::Company(row) => row.id.0,
            Entity::User(row) => row.id.0,
            Entity::Group(row) => row.id.0,
            Entity::Skill(row) => row.id.0,
            Entity::Profile(row) => row.id.0,
            Entity::Resource(row) => row.id.0,
            Entity::TaskType(row) => row.id.0,
            Entity::Task(row) => row.id.0,
            Entity::Bid(row) => row.id.0,
            Entity::Poi(row) => row.id.0,
            Entity::Attendance(row) => row.guid.0,
            Entity::Form(row) => row.id.0,
            Entity::Submission(row) => row.id.0,
            Entity::Alert(row) => row.id.0,
            Entity::Rule(row) => row.id.0,
        }
    }

    /// Since when the row only tells what has been; `None` for what is current. Retention counts from then: how often the row
    /// was written since does not keep it longer.
    pub fn over_since(&self) -> Option<DateTime<Utc>> {
        match self {
            Entity::Task(task) if task.status.is_over() => {
                Some(task.timeline.last().map_or(task.created_at, |step| step.at))
            }
            Entity::Bid(bid) if bid.status != BidStatus::Open => {
                Some(bid.lines.iter().map(|line| line.changed_at).max().unwrap_or(bid.created_at))
            }
            Entity::Attendance(entry) => Some(entry.event_time),
            Entity::Submission(submission) => Some(submission.event_time),
            Entity::Alert(alert) => Some(alert.raised_at),
            Entity::Task(_)
            | Entity::Bid(_)
            | Entity::Company(_)
            | Entity::User(_)
            | Entity::Group(_)
            | Entity::Skill(_)
            | Entity::Profile(_)
            | Entity::Resource(_)
            | Entity::TaskType(_)
            | Entity::Poi(_)
            | Entity::Form(_)
            | Entity::Rule(_) => None,
        }
    }
}
