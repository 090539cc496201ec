//! Who is asking, and how far their rights reach.

pub mod password;
pub mod token;

use chrono::{DateTime, Utc};
use domain::access::{Action, Role, Scope};
use domain::company::User;
use domain::{CompanyId, GroupId, ResourceId};
use protocol::entity::EntityKind;

use crate::storage::{SessionRow, View};

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who.
    pub user: User,
    /// On which desk, since which sign-in.
    pub session: SessionRow,
    /// When the access token runs out.
    pub expires_at: DateTime<Utc>,
    /// The change since which the user's view is what it is.
    pub view_since: u64,
}

/// An activated phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone {
    /// Whose.
    pub resource: ResourceId,
    /// Of which tenant.
    pub company: CompanyId,
}

impl Principal {
    /// Whether `action` reaches resources of `group`.
    pub fn reaches(&self, action: Action, group: GroupId) -> bool {
        match self.user.role.scope(action) {
            Scope::Nobody => false,
            Scope::OwnGroups => self.user.covers(group),
            Scope::Company => true,
        }
    }

    /// What the user may see.
    pub fn view(&self) -> View {
        view_of(&self.user)
    }
}

/// What a user may see.
pub fn view_of(user: &User) -> View {
    let kinds: Vec<EntityKind> =
        EntityKind::ALL.iter().copied().filter(|&kind| user.role.may(needed_to_read(kind))).collect();
    View::new(user.company, groups_of(user, Action::ReadWork), &kinds, !sees_contacts(user.role))
}

/// The groups that `action` reaches; `None` means all of them. Only meaningful for a role that may do it at all.
pub fn groups_of(user: &User, action: Action) -> Option<&[GroupId]> {
    match user.role.scope(action) {
        Scope::OwnGroups if !user.groups.is_empty() => Some(&user.groups),
        Scope::OwnGroups | Scope::Company => None,
        Scope::Nobody => Some(&[]),
    }
}

/// The right that reading rows of a kind takes.
fn needed_to_read(kind: EntityKind) -> Action {
    match kind {
        EntityKind::Attendance => Action::ReadAttendance,
        EntityKind::Alert => Action::HandleAlert,
        EntityKind::Company
        | EntityKind::User
        | EntityKind::Group
        | EntityKind::Skill
        | EntityKind::Profile
        | EntityKind::Resource
        | EntityKind::TaskType
        | EntityKind::Task
        | EntityKind::Bid
        | EntityKind::Poi
        | EntityKind::Rule
        | EntityKind::Form
        | EntityKind::Submission => Action::ReadWork,
    }
}

/// Whether the role reads phone numbers and addresses unmasked in the rows it sees anyway. The others have to ask for each,
/// and are audited.
fn sees_contacts(role: Role) -> bool {
    role == Role::Supervisor
}
