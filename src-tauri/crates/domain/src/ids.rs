//! Newtypes for identifiers. All are UUIDs; new ones are made by the callers (UUIDv7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    CompanyId,
    /// A person who signs in to the desk.
    UserId,
    /// Who does the work: an employee or a vehicle.
    ResourceId,
    /// A group (team) of resources under one supervisor.
    GroupId,
    /// A skill that a resource has or a task needs.
    SkillId,
    /// One piece of work at one place.
    TaskId,
    /// A kind of task: planned minutes, skills, form.
    TaskTypeId,
    /// A time that a customer was told.
    PromiseId,
    /// Several tasks that belong together.
    WorkOrderId,
    /// A task offered to many resources.
    BidId,
    /// A place, with or without a fence.
    PoiId,
    /// A form's definition.
    FormId,
    /// A filled form.
    SubmissionId,
    /// Something that needs attention.
    AlertId,
    /// A location rule.
    RuleId,
    /// What a mobile app may do and collect.
    ProfileId,
    /// The idempotency key of one report from the field.
    EntryGuid,
    /// A desk or phone as the server knows it.
    DeviceId,
    /// A command of the write side.
    CommandId,
}
