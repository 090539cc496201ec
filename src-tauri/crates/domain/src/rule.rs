//! Location rules: what about people's places and devices is worth an alert, for whom, when, and who is told.
//!
//! The rules of a single fence (enter, exit, dwell …) are part of the fence: [`crate::place::Fence`]. How alerts are delivered is
//! the same for both: [`AlertPolicy`]. Deliberately absent: how a condition is found to hold (crate `watch`).

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::alert::Severity;
use crate::company::User;
use crate::schedule::Schedule;
use crate::{GroupId, PoiId, ResourceId, RuleId, UserId};

/// A location rule of a company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocationRule {
    /// Identity.
    pub id: RuleId,
    /// Its name, 1–100 characters.
    pub name: String,
    /// Whether it speaks at all.
    pub enabled: bool,
    /// What has to hold.
    pub condition: Condition,
    /// Whom it is about.
    pub scope: RuleScope,
    /// When it speaks, in the company's zone.
    pub schedule: Schedule,
    /// For so many seconds the condition has to hold; at most a day.
    pub min_duration_secs: u32,
    /// How its alerts are delivered.
    pub policy: AlertPolicy,
}

/// What has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "condition")]
pub enum Condition {
    /// Somebody is near something.
    Near {
        /// What.
        target: RuleTarget,
        /// How near, in metres, 10–100,000.
        within_m: u32,
    },
    /// Somebody drives faster than this.
    Speeding {
        /// The limit, km/h, 10–300.
        limit_kmh: u16,
    },
    /// Somebody stands still (within 100 m) on the way to a task, or is on site longer than planned.
    StoppedOnTask {
        /// For so many minutes, 5–1,440.
        minutes: u32,
    },
    /// Somebody on duty is outside this place's fence.
    LeftArea {
        /// The place.
        poi: PoiId,
    },
    /// A device on duty is not heard of.
    DeviceSilent {
        /// For so many minutes, 5–1,440.
        minutes: u32,
    },
    /// A device's battery is nearly empty.
    BatteryLow {
        /// Less than this is left, per cent, 1–90.
        below_percent: u8,
    },
    /// Somebody asks for help.
    Sos,
}

/// What a proximity rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "target", content = "id")]
pub enum RuleTarget {
    /// A place.
    Poi(PoiId),
    /// The task that they are on the way to.
    OwnTask,
    /// Another resource.
    Resource(ResourceId),
}

/// Whom a rule is about; both empty means everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleScope {
    /// Everybody in these groups.
    pub groups: Vec<GroupId>,
    /// These, too.
    pub resources: Vec<ResourceId>,
}

impl RuleScope {
    /// Whether it holds a resource of a group.
    pub fn holds(&self, resource: ResourceId, group: GroupId) -> bool {
        (self.groups.is_empty() && self.resources.is_empty())
            || self.groups.contains(&group)
            || self.resources.contains(&resource)
    }
}

/// How alerts are delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPolicy {
    /// How bad they are.
    pub severity: Severity,
    /// Who is told. Everybody who may see an alert finds it in the list.
    pub audience: Audience,
    /// One severity worse when nobody has looked for so many seconds, 60–86,400; then everybody is told.
    pub escalate_after_secs: Option<u32>,
}

impl AlertPolicy {
    /// Everybody is told, nothing escalates.
    pub fn of(severity: Severity) -> Self {
        AlertPolicy { severity, audience: Audience::default(), escalate_after_secs: None }
    }
}

/// Who is told; both empty means everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Everybody with these roles.
    pub roles: Vec<Role>,
    /// These, too.
    pub users: Vec<UserId>,
}

impl Audience {
    /// Whether `user` is told.
    pub fn holds(&self, user: &User) -> bool {
        (self.roles.is_empty() && self.users.is_empty())
            || self.roles.contains(&user.role)
            || self.users.contains(&user.id)
    }
}

/// What is wrong with a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RuleError {
    /// Empty or too long.
    #[error("a rule needs a name of 1 to 100 characters")]
    Name,
    /// The condition's figure is out of its range, or more hours, groups or people are named than anybody can mean.
    #[error("the rule's limit is out of range")]
    Limit,
    /// Longer than a day.
    #[error("a condition can be asked to hold for at most a day")]
    Duration,
    /// Outside 1 minute to 1 day.
    #[error("an alert escalates after one minute to one day")]
    Escalation,
}

/// More people or groups than this are named by nobody: the whole company is meant by naming none.
const MOST_NAMED: usize = 1_000;

impl AlertPolicy {
    /// Checks ranges; the first problem.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn check(&self) -> Result<(), RuleError> {
        if self.audience.roles.len().max(self.audience.users.len()) > MOST_NAMED {
            return Err(RuleError::Limit);
        }
        match self.escalate_after_secs {
            Some(secs) if !(60..=86_400).contains(&secs) => Err(RuleError::Escalation),
            Some(_) | None => Ok(()),
        }
    }
}

impl LocationRule {
    /// Checks name and ranges; the first problem.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn check(&self) -> Result<(), RuleError> {
        if self.name.trim().is_empty() || self.name.chars().count() > 100 {
            return Err(RuleError::Name);
        }
        let named = self.scope.groups.len().max(self.scope.resources.len());
        if !self.condition.in_range() || !self.schedule.is_short() || named > MOST_NAMED {
            return Err(RuleError::Limit);
        }
        if self.min_duration_secs > 86_400 {
            return Err(RuleError::Duration);
        }
        self.policy.check()
    }
}

impl Condition {
    fn in_range(self) -> bool {
        match self {
            Condition::Near { within_m, .. } => (10..=100_000).contains(&within_m),
            Condition::Speeding { limit_kmh } => (10..=300).contains(&limit_kmh),
            Condition::StoppedOnTask { minutes } | Condition::DeviceSilent { minutes } => {
                (5..=1_440).contains(&minutes)
            }
            Condition::BatteryLow { below_percent } => (1..=90).contains(&below_percent),
            Condition::LeftArea { .. } | Condition::Sos => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn rule(condition: Condition) -> LocationRule {
        LocationRule {
            id: RuleId(Uuid::from_u128(1)),
            name: "Fast".to_owned(),
            enabled: true,
            condition,
            scope: RuleScope::default(),
            schedule: Schedule::default(),
            min_duration_secs: 30,
            policy: AlertPolicy::of(Severity::Warning),
        }
    }

    #[test]
    fn a_limit_that_nobody_can_mean_is_refused() {
        assert_eq!(rule(Condition::Speeding { limit_kmh: 130 }).check(), Ok(()), "a motorway");
        assert_eq!(
            rule(Condition::Speeding { limit_kmh: 0 }).check(),
            Err(RuleError::Limit),
            "standing still"
        );
        let nameless = LocationRule { name: "  ".to_owned(), ..rule(Condition::Sos) };
        assert_eq!(nameless.check(), Err(RuleError::Name), "only blanks");
        let padded = LocationRule { name: format!("Fast{}", " ".repeat(100)), ..rule(Condition::Sos) };
        assert_eq!(padded.check(), Err(RuleError::Name), "blanks take room, too");
        let resources = vec![ResourceId(Uuid::from_u128(1)); MOST_NAMED + 1];
        let scope = RuleScope { groups: Vec::new(), resources };
        let crowd = LocationRule { scope, ..rule(Condition::Sos) };
        assert_eq!(crowd.check(), Err(RuleError::Limit), "more than anybody names");
    }

    #[test]
    fn an_empty_scope_is_everybody() {
        let (ana, team) = (ResourceId(Uuid::from_u128(1)), GroupId(Uuid::from_u128(2)));
        assert!(RuleScope::default().holds(ana, team), "nobody is named");
        let others = RuleScope { groups: vec![GroupId(Uuid::from_u128(3))], resources: Vec::new() };
        assert!(!others.holds(ana, team), "another team");
        let named = RuleScope { resources: vec![ana], ..others };
        assert!(named.holds(ana, team), "named beside another team");
    }
}
