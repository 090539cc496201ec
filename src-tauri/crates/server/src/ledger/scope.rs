//! Who may see a row: the groups that it belongs to.

use std::collections::BTreeSet;

use domain::alert::AlertKind;
use domain::attendance::AttendanceEntry;
use domain::form::Submission;
use domain::resource::Resource;
use domain::task::Task;
use domain::{GroupId, ResourceId};
use protocol::entity::{Entity, EntityKind};
use uuid::Uuid;

use super::Ledger;
use crate::storage::StorageError;

/// Everybody in the company may see it.
const EVERYBODY: &str = "*";

impl Ledger<'_, '_> {
    /// Who may see a row.
    pub(super) fn scope(&mut self, row: &Entity) -> Result<String, StorageError> {
        match row {
            Entity::Resource(card) => Ok(card.group.to_string()),
            Entity::Task(Task { resource: Some(resource), .. })
            | Entity::Attendance(AttendanceEntry { resource, .. })
            | Entity::Submission(Submission { resource, .. }) => self.scope_of_resources(&[*resource]),
            Entity::Bid(bid) => {
                let invited: Vec<ResourceId> = bid.lines.iter().map(|line| line.resource).collect();
                self.scope_of_resources(&invited)
            }
            Entity::Alert(alert) => self.scope_of_alert(&alert.kind),
            Entity::Task(_)
            | Entity::Company(_)
            | Entity::User(_)
            | Entity::Group(_)
            | Entity::Skill(_)
            | Entity::Profile(_)
            | Entity::TaskType(_)
            | Entity::Poi(_)
            | Entity::Rule(_)
            | Entity::Form(_) => Ok(EVERYBODY.to_owned()),
        }
    }

    fn scope_of_alert(&mut self, kind: &AlertKind) -> Result<String, StorageError> {
        match (kind.resource(), kind) {
            (Some(resource), _) => self.scope_of_resources(&[resource]),
            (None, AlertKind::BidExpired { bid }) => {
                let row = self.tx.entity(self.company.id, EntityKind::Bid, bid.0)?;
                Ok(row.filter(|row| !row.deleted).map_or_else(|| EVERYBODY.to_owned(), |row| row.scope))
            }
            (None, _) => Ok(EVERYBODY.to_owned()),
        }
    }

    /// The groups of some resources, each once; everybody where none of them exists.
    fn scope_of_resources(&mut self, resources: &[ResourceId]) -> Result<String, StorageError> {
        let mut groups = BTreeSet::new();
        for &resource in resources {
            groups.extend(self.group_of(resource)?);
        }
        let names: Vec<String> = groups.iter().map(GroupId::to_string).collect();
        Ok(if names.is_empty() { EVERYBODY.to_owned() } else { names.join("|") })
    }

    /// The group of a resource.
    fn group_of(&mut self, resource: ResourceId) -> Result<Option<GroupId>, StorageError> {
        if let Some(known) = self.groups.get(&resource) {
            return Ok(*known);
        }
        let group = self.load::<Resource>(resource.0)?.map(|(card, _)| card.group);
        self.groups.insert(resource, group);
        Ok(group)
    }
}

/// The resource that a row is about; nil for none.
pub(super) fn subject(row: &Entity) -> Uuid {
    match row {
        Entity::Task(task) => task.resource.map_or(Uuid::nil(), |resource| resource.0),
        Entity::Attendance(entry) => entry.resource.0,
        Entity::Submission(submission) => submission.resource.0,
        Entity::Alert(alert) => alert.kind.resource().map_or(Uuid::nil(), |resource| resource.0),
        Entity::Resource(card) => card.id.0,
        Entity::Company(_)
        | Entity::User(_)
        | Entity::Group(_)
        | Entity::Skill(_)
        | Entity::Profile(_)
        | Entity::TaskType(_)
        | Entity::Bid(_)
        | Entity::Poi(_)
        | Entity::Rule(_)
        | Entity::Form(_) => Uuid::nil(),
    }
}
