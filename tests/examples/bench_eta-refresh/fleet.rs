//! The fleet: people all over Monaco, with their tasks.

use anyhow::Result;
use chrono::{NaiveTime, TimeDelta, Weekday};
use domain::position::{Fix, Trigger};
use domain::resource::{BreakRule, Profile, Resource, WorkingHours};
use domain::task::{Actor, PromiseChannel, PromiseDraft, Task};
use domain::{LonLat, ProfileId, PromiseId, ResourceId, TaskId};
use protocol::entity::Entity;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::campaigns::workplace::{Workplace, fresh, task};
use tests::plain;

/// Rows that are written together.
const TOGETHER: usize = 2_000;
/// Every so many-th task was promised to its customer.
const PROMISED: usize = 10;
/// One of so many resources is going to be late.
const LATE: usize = 250;
/// Where the streets of Monaco are, degrees: west and east, south and north.
const STREETS: ((f64, f64), (f64, f64)) = ((7.411, 7.428), (43.727, 43.743));

/// Everybody in the field.
pub struct Fleet {
    people: Vec<ResourceId>,
    /// All tasks.
    pub tasks: Vec<TaskId>,
}

impl Fleet {
    /// So many people with so many tasks each, in the server's rows.
    ///
    /// # Errors
    /// When the server refuses something.
    pub fn hire(workplace: &Workplace, people: u32, tasks: u32) -> Result<Self> {
        let mut random = StdRng::seed_from_u64(5);
        let profile = Profile {
            id: ProfileId(fresh()),
            name: "Driver".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        workplace.put(profile)?;
        let mut fleet = Fleet { people: Vec::new(), tasks: Vec::new() };
        let mut rows: Vec<Entity> = Vec::new();
        for n in 0..people as usize {
            let card = person(n, workplace, profile_id);
            fleet.people.push(card.id);
            for place in 0..tasks as usize {
                let task = errand((n, place), card.id, workplace, &mut random)?;
                fleet.tasks.push(task.id);
                rows.push(task.into());
            }
            rows.push(card.into());
        }
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(TOGETHER));
            workplace.admin()?.put_all(workplace.company, std::mem::replace(&mut rows, rest))?;
        }
        Ok(fleet)
    }

    /// Everybody reports a place of the `round`.
    ///
    /// # Errors
    /// When the server does not take one.
    pub fn report(&self, workplace: &Workplace, round: u32) -> Result<()> {
        let mut random = StdRng::seed_from_u64(u64::from(round) + 100);
        for person in &self.people {
            let fix = Fix {
                at: street(&mut random)?,
                fix_time: workplace.machine.wall(),
                accuracy_m: Some(5.0),
                speed_mps: Some(8.0),
                heading_deg: None,
            };
            workplace.admin()?.add_positions(*person, &[fix])?;
        }
        Ok(())
    }
}

fn person(n: usize, workplace: &Workplace, profile: ProfileId) -> Resource {
    let day = |weekday| WorkingHours { weekday, starts: NaiveTime::MIN, ends: NaiveTime::MIN };
    let week =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let noon = NaiveTime::MIN + TimeDelta::hours(12);
    let lunch = BreakRule { from: noon, to: noon + TimeDelta::hours(1), minutes: 30 };
    Resource {
        working_hours: week.map(day).to_vec(),
        breaks: vec![lunch],
        on_duty: true,
        last_heard: Some(workplace.machine.wall()),
        ..plain::card(
            ResourceId(fresh()),
            &format!("Driver {n}"),
            &format!("+377 {n}"),
            (workplace.group, profile),
        )
    }
}

fn errand(
    (n, place): (usize, usize),
    resource: ResourceId,
    workplace: &Workplace,
    random: &mut StdRng,
) -> Result<Task> {
    let now = workplace.machine.wall();
    let is_late = n.is_multiple_of(LATE) && place == 0;
    let hours = TimeDelta::hours(if is_late { 0 } else { 12 });
    let mut task = Task {
        at: street(random)?,
        resource: Some(resource),
        planned_minutes: 20,
        planned_start: Some(now + TimeDelta::minutes(40 * place as i64)),
        window_end: Some(now + TimeDelta::minutes(1) + hours),
        ..task(&format!("Errand {n}.{place}"), now, None)?
    };
    if (n + place).is_multiple_of(PROMISED) {
        let promise = PromiseDraft {
            id: PromiseId(fresh()),
            channel: PromiseChannel::Phone,
            from: None,
            until: now + TimeDelta::hours(12),
            expected: None,
        };
        task.promise(&promise, now, Actor::Server)?;
    }
    Ok(task)
}

fn street(random: &mut StdRng) -> Result<LonLat> {
    let ((west, east), (south, north)) = STREETS;
    Ok(LonLat::new(random.random_range(west..east), random.random_range(south..north))?)
}
