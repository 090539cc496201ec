//! What is to be planned, as the form has it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::attendance::{instant, shifts_on};
use domain::resource::Resource;
use domain::{GroupId, ResourceId, TaskId};
use protocol::view::PlanRequest;

/// How long a search may take, seconds.
pub const SEARCH_SECS: [u16; 4] = [5, 15, 30, 60];
/// When a day begins for those whose hours nobody knows.
const MORNING_HOUR: u32 = 6;

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanStart {
    /// From now on.
    #[default]
    Now,
    /// Tomorrow, from the first shift on.
    Tomorrow,
}

/// What is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanForm {
    /// From when on.
    pub start: PlanStart,
    /// Of these groups only; empty: of all.
    pub groups: BTreeSet<GroupId>,
    /// These people only; empty: everybody.
    pub people: BTreeSet<ResourceId>,
    /// Everybody keeps what they have.
    pub only_unassigned: bool,
    /// Rather nobody comes than too late.
    pub in_time_only: bool,
    /// How long to search, seconds.
    pub seconds: u16,
}

impl Default for PlanForm {
    fn default() -> Self {
        Self {
            start: PlanStart::Now,
            groups: BTreeSet::new(),
            people: BTreeSet::new(),
            only_unassigned: false,
            in_time_only: false,
            seconds: SEARCH_SECS[1],
        }
    }
}

impl PlanForm {
    /// As the backend is asked; `here` is the company's zone and the time now.
    pub fn request<'a>(
        &self,
        everybody: impl Iterator<Item = &'a Resource>,
        locked: Vec<TaskId>,
        here: (Tz, DateTime<Utc>),
    ) -> PlanRequest {
        let is_meant = |card: &&Resource| {
            (self.groups.is_empty() || self.groups.contains(&card.group))
                && (self.people.is_empty() || self.people.contains(&card.id))
        };
        let from = match self.start {
            PlanStart::Now => None,
            PlanStart::Tomorrow => Some(tomorrow(everybody.filter(is_meant), here)),
        };
        PlanRequest {
            from,
            resources: self.people.iter().copied().collect(),
            groups: self.groups.iter().copied().collect(),
            locked,
            only_unassigned: self.only_unassigned,
            in_time_only: self.in_time_only,
            seconds: self.seconds,
        }
    }
}

/// When the first of them begins tomorrow.
fn tomorrow<'a>(
    people: impl Iterator<Item = &'a Resource>,
    (zone, now): (Tz, DateTime<Utc>),
) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let day = today.succ_opt().unwrap_or(today);
    let first =
        people.flat_map(|card| shifts_on(&card.working_hours, day, zone)).map(|(starts, _)| starts).min();
    first.unwrap_or_else(|| {
        instant(day, NaiveTime::from_hms_opt(MORNING_HOUR, 0, 0).unwrap_or_default(), zone)
    })
}
