//! Companies (tenants), their settings, and users.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::{CompanyId, GroupId, UserId};

/// A tenant with the settings that a desk needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Identity.
    pub id: CompanyId,
    /// The name people sign in with.
    pub name: String,
    /// Zone of the workplace (IANA name).
    pub zone: Tz,
    /// ISO 4217 code of prices.
    pub currency: String,
    /// The map region that its desks open with.
    pub region: String,
    /// How long data is kept.
    pub retention: Retention,
    /// Hours that cached data opens without a server.
    pub offline_hours: u32,
}

/// Days that data is kept, by type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Positions and track history.
    pub positions_days: u16,
    /// Attendance entries.
    pub attendance_days: u16,
    /// Everything else.
    pub default_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { positions_days: 60, attendance_days: 90, default_days: 90 }
    }
}

/// A person who signs in to the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Company.
    pub company: CompanyId,
    /// Name to sign in with.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// The user's own groups; empty means all of them.
    pub groups: Vec<GroupId>,
}

impl User {
    /// Whether resources of `group` are within the user's scope.
    pub fn covers(&self, group: GroupId) -> bool {
        self.groups.is_empty() || self.groups.contains(&group)
    }
}
