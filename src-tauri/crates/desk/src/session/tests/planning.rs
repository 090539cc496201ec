//! The day plan of a session: who and what is in it, and what is made of it.

mod asking;
mod faults;
mod hiding;
mod making;
mod purging;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{NaiveTime, Weekday};
use domain::resource::WorkingHours;
use eta::GreatCircle;
use protocol::view::{DeskError, PlanProgressView, PlanRequest};
use sync::{Clock, Now};

use super::*;
use crate::planning::{Kept, Question, Watch, question, run};
use crate::session::PlanSearch;

/// Goes on by a tenth of a second whenever somebody looks at it: a search of a second is ten looks long, on every machine.
#[derive(Default)]
struct LookedAt(AtomicU64);

impl Clock for LookedAt {
    fn now(&self) -> Now {
        Now { wall: now(), mono_ms: self.0.fetch_add(100, Ordering::Relaxed) }
    }
}

/// Plan this day.
pub(super) fn today() -> PlanRequest {
    PlanRequest {
        from: None,
        resources: Vec::new(),
        groups: Vec::new(),
        locked: Vec::new(),
        only_unassigned: false,
        in_time_only: false,
        seconds: 1,
    }
}

fn id(n: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(n))
}

fn task_id(n: u128) -> TaskId {
    TaskId(Uuid::from_u128(1_000 + n))
}

/// On duty until five, at home where they stand.
fn worker(n: u128, lon: f64) -> Resource {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    let hours = WorkingHours { weekday: Weekday::Mon, starts: time(8), ends: time(17) };
    Resource { id: id(n), home: Some(at(lon)), working_hours: vec![hours], ..ana() }
}

/// Half an hour of work, at any time.
fn job(n: u128, lon: f64, resource: Option<ResourceId>) -> Task {
    Task { id: task_id(n), at: at(lon), resource, ..lift(None) }
}

impl Day {
    fn asked(&self, request: &PlanRequest, now: DateTime<Utc>) -> Result<Question, DeskError> {
        question(&self.session.scene(now), request)
    }

    /// Searches as the controller does.
    pub(super) fn planned(&mut self, request: &PlanRequest, now: DateTime<Utc>) -> Arc<Kept> {
        let search = self.session.plan_day(request, now).expect("a question");
        let number = search.number;
        let kept = Arc::new(searched(search));
        self.session.on_planned(number, Some(kept.clone())).expect("all is as it was");
        kept
    }

    /// Where somebody was seen.
    fn seen_at(&mut self, resource: ResourceId, lon: f64, when: DateTime<Utc>) {
        let fix =
            Fix { at: at(lon), fix_time: when, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None };
        let server_seq = when.timestamp() as u64;
        self.session.on_positions(vec![PositionUpdate { resource, fix, server_seq }], when);
    }

    fn shown(&self, n: u128) -> &Task {
        &self.session.picture().shown().tasks[&task_id(n)].data
    }
}

pub(super) fn searched(search: PlanSearch) -> Kept {
    let PlanSearch { question, number, cancel, leave } = search;
    let tell = Box::new(|_: PlanProgressView| {});
    let watch = Watch { clock: Arc::new(LookedAt::default()), cancel, leave, tell };
    let times: crate::etas::SharedTimes = Arc::new(GreatCircle);
    run(question, number, &times, &watch).expect("a plan")
}
