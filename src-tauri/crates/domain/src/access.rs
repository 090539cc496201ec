//! Who may do what: one table of (role, action) → scope, deny by default. The server enforces it; the desk only hides.

use serde::{Deserialize, Serialize};

/// A user's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the product's own names")]
pub enum Role {
    Dispatcher,
    Supervisor,
    Manager,
    Administrator,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 4] = [Role::Dispatcher, Role::Supervisor, Role::Manager, Role::Administrator];
}

/// Something that a user may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See resources, tasks, bids and places.
    ReadWork,
    /// See where somebody is now.
    ReadLivePosition,
    /// See where somebody was.
    ReadTrack,
    /// See an unmasked phone number or e-mail address (audited).
    RevealContact,
    /// Create and edit tasks, and set their status.
    EditTask,
    /// Give a task to somebody, or take it away.
    AssignTask,
    /// Put a task out to bid, and cancel it.
    EditBid,
    /// Pick a bid's winner.
    SetBidWinner,
    /// Ask a phone where it is.
    RequestLocation,
    /// See attendance.
    ReadAttendance,
    /// See alerts, and do something about them.
    HandleAlert,
    /// Create and edit places and fences.
    EditPlace,
    /// Create and edit location rules.
    EditRule,
    /// Manage users, devices and settings.
    Administrate,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 14] = [
        Action::ReadWork,
        Action::ReadLivePosition,
        Action::ReadTrack,
        Action::RevealContact,
        Action::EditTask,
        Action::AssignTask,
        Action::EditBid,
        Action::SetBidWinner,
        Action::RequestLocation,
        Action::ReadAttendance,
        Action::HandleAlert,
        Action::EditPlace,
        Action::EditRule,
        Action::Administrate,
    ];
}

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Not at all.
    Nobody,
    /// Resources of the user's own groups.
    OwnGroups,
    /// Everybody in the company.
    Company,
}

impl Role {
    /// How far `action` reaches for this role.
    pub fn scope(self, action: Action) -> Scope {
        use Action::*;
        match (self, action) {
            (Role::Administrator, Administrate | ReadWork) => Scope::Company,
            (Role::Administrator, _) | (_, Administrate) => Scope::Nobody,
            (
                Role::Dispatcher,
                ReadWork | EditTask | AssignTask | EditBid | SetBidWinner | EditPlace | EditRule,
            ) => Scope::OwnGroups,
            (Role::Dispatcher, ReadLivePosition | ReadTrack | RequestLocation | RevealContact) => {
                Scope::OwnGroups
            }
            (Role::Dispatcher, ReadAttendance | HandleAlert) => Scope::OwnGroups,
            (Role::Supervisor, ReadWork | ReadLivePosition | ReadTrack | RevealContact) => Scope::OwnGroups,
            (Role::Supervisor, ReadAttendance | HandleAlert | RequestLocation) => Scope::OwnGroups,
            (Role::Supervisor, EditTask | AssignTask | EditBid | SetBidWinner | EditPlace | EditRule) => {
                Scope::Nobody
            }
            (Role::Manager, ReadTrack) => Scope::Nobody,
            (Role::Manager, _) => Scope::Company,
        }
    }

    /// Whether the role may do it for anybody at all.
    pub fn may(self, action: Action) -> bool {
        self.scope(action) != Scope::Nobody
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_design_holds() {
        assert_eq!(
            Role::Dispatcher.scope(Action::SetBidWinner),
            Scope::OwnGroups,
            "dispatchers pick winners"
        );
        assert!(!Role::Supervisor.may(Action::AssignTask), "supervisors review, they don't assign");
        assert!(!Role::Supervisor.may(Action::SetBidWinner), "nor pick winners");
        assert!(!Role::Manager.may(Action::ReadTrack), "managers get reports, not tracks");
        assert!(Role::Manager.may(Action::AssignTask), "managers may assign");
    }

    #[test]
    fn administrators_manage_but_do_not_watch_people() {
        for action in Action::ALL {
            let expected = matches!(action, Action::Administrate | Action::ReadWork);
            assert_eq!(Role::Administrator.may(action), expected, "{action:?} for administrators");
        }
    }
}
