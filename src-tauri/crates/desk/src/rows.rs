//! The rows that the desk holds, by type, with their versions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::alert::Alert;
use domain::attendance::AttendanceEntry;
use domain::bid::Bid;
use domain::company::{Company, User};
use domain::form::{FormDefinition, Submission};
use domain::place::Poi;
use domain::resource::{Group, Profile, Resource, Skill};
use domain::rule::LocationRule;
use domain::task::{Task, TaskType};
use domain::{
    AlertId, BidId, CompanyId, EntryGuid, FormId, GroupId, PoiId, ProfileId, ResourceId, RuleId, SkillId,
    SubmissionId, TaskId, TaskTypeId, UserId,
};
use protocol::entity::{Entity, EntityKind};
use uuid::Uuid;

/// A row as the server has it (or would have it, with the pending commands applied).
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// The server's version; 0 for a row that only a pending command has made.
    pub version: u64,
    /// The row.
    pub data: T,
}

/// A row of the cache as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedRow {
    /// The row.
    pub entity: Entity,
    /// The server's version.
    pub version: u64,
    /// When the server wrote it.
    pub at: DateTime<Utc>,
}

/// Rows of one type by id.
pub type Table<I, T> = BTreeMap<I, Row<T>>;

macro_rules! rows {
    ($($variant:ident => $field:ident: $id:ident, $type:ty;)+) => {
        /// All rows.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Rows {
            $(pub $field: Table<$id, $type>,)+
        }

        impl Rows {
            /// Inserts or replaces a row.
            pub fn put(&mut self, entity: Entity, version: u64) {
                let id = entity.id();
                match entity {
                    $(Entity::$variant(data) => { self.$field.insert($id(id), Row { version, data }); })+
                }
            }

            /// Takes a row away.
            pub fn remove(&mut self, kind: EntityKind, id: Uuid) {
                match kind {
                    $(EntityKind::$variant => { self.$field.remove(&$id(id)); })+
                }
            }

            /// The version of a row; 0 when there is none.
            pub fn version(&self, kind: EntityKind, id: Uuid) -> u64 {
                match kind {
                    $(EntityKind::$variant => self.$field.get(&$id(id)).map_or(0, |row| row.version),)+
                }
            }

            /// How many rows there are, by the kind's name.
            pub fn counts(&self) -> Vec<(&'static str, usize)> {
                vec![$((EntityKind::$variant.name(), self.$field.len()),)+]
            }

            /// A row with its version.
            pub fn get(&self, kind: EntityKind, id: Uuid) -> Option<(u64, Entity)> {
                match kind {
                    $(EntityKind::$variant => {
                        let row = self.$field.get(&$id(id))?;
                        Some((row.version, Entity::$variant(row.data.clone())))
                    })+
                }
            }
        }
    };
}

rows! {
    Company => companies: CompanyId, Company;
    User => users: UserId, User;
    Group => groups: GroupId, Group;
    Skill => skills: SkillId, Skill;
    Profile => profiles: ProfileId, Profile;
    Resource => resources: ResourceId, Resource;
    TaskType => task_types: TaskTypeId, TaskType;
    Task => tasks: TaskId, Task;
    Bid => bids: BidId, Bid;
    Poi => pois: PoiId, Poi;
    Attendance => attendance: EntryGuid, AttendanceEntry;
    Form => forms: FormId, FormDefinition;
    Submission => submissions: SubmissionId, Submission;
    Alert => alerts: AlertId, Alert;
    Rule => rules: RuleId, LocationRule;
}
