//! A small world around the real `SyncCore`: a reference server, durable stores in memory and a network with faults, all driven
//! by one seed and a virtual clock.

pub mod campaign;
pub mod desk;
pub mod mutant;
pub mod screen;
pub mod server;
pub mod stores;
pub mod world;

use chrono::{DateTime, TimeDelta, Utc};
use domain::LonLat;
use domain::task::Priority;
use protocol::wire::TaskDraft;
use uuid::Uuid;

/// The moment of the virtual clock at `ms`.
pub fn at(ms: u64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    start + TimeDelta::milliseconds(i64::try_from(ms).expect("a short story"))
}

/// The id of that number.
pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// A task's draft.
pub fn draft(number: u128, title: &str) -> TaskDraft {
    TaskDraft {
        id: id(number),
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        at: LonLat::new(7.42, 43.73).expect("on earth"),
        address: String::new(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    }
}
