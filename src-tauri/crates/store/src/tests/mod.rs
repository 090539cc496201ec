//! Stories of the store.

pub(crate) mod crash;
mod damage;
mod feed;
mod fixtures;
mod keys;
mod migrations;
mod notes;
mod outbox;
mod rescue;
mod retention;

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::task::{Priority, Task, TaskStatus};
use domain::{LonLat, ResourceId};
use protocol::durable::{CacheWrite, NewCommand};
use protocol::entity::EntityType;
use protocol::wire::{CommandBody, Cursor, Item, PositionUpdate};
use uuid::Uuid;

use crate::{Cache, Key};

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

/// Monday morning.
fn now() -> DateTime<Utc> {
    at("2026-11-23T08:00:00Z")
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn key() -> Key {
    Key::from_bytes([7; 32])
}

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: 1, seq }
}

fn put(entity: &str, number: u128, version: u64, data: &str) -> Item {
    let data = serde_json::value::RawValue::from_string(data.to_owned()).expect("JSON");
    Item { data: Some(data), ..item(entity, number, version, "put") }
}

fn item(entity: &str, number: u128, version: u64, op: &str) -> Item {
    let entity = EntityType(entity.to_owned());
    Item { entity, id: id(number), version, op: op.to_owned(), data: None, at: now(), cause: None }
}

fn card(number: u128, private_since: Option<&str>) -> Item {
    let since = private_since.map_or("null".to_owned(), |since| format!("\"{since}\""));
    put("resource", number, 1, &format!("{{\"name\":\"Ana\",\"on_duty\":true,\"private_since\":{since}}}"))
}

fn apply(items: Vec<Item>, seq: u64) -> CacheWrite {
    CacheWrite::Apply { items, cursor: cursor(seq), checksums: None, forget: Vec::new() }
}

fn fix(number: u128, lon: f64, time: &str, server_seq: u64) -> PositionUpdate {
    let fix = Fix {
        at: LonLat::new(lon, 43.73).expect("coordinate"),
        fix_time: at(time),
        accuracy_m: Some(8.0),
        speed_mps: None,
        heading_deg: None,
    };
    PositionUpdate { resource: ResourceId(id(number)), fix, server_seq }
}

fn task(number: u128, status: TaskStatus, title: &str) -> Task {
    Task {
        id: id(number).into(),
        number: 17,
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: LonLat::new(7.42, 43.73).expect("coordinate"),
        address: String::new(),
        poi: None,
        customer: String::new(),
        resource: None,
        status,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: now(),
    }
}

fn note(number: u128, text: &str) -> NewCommand {
    NewCommand {
        id: id(number).into(),
        body: CommandBody::TaskNote { task: id(1).into(), text: text.to_owned() },
        if_match: None,
        valid_until: None,
        depends_on: None,
    }
}

fn texts(cache: &Cache, kind: protocol::entity::EntityKind) -> Vec<String> {
    let mut texts: Vec<String> = cache.rows(kind).expect("rows").into_iter().map(|row| row.data).collect();
    texts.sort();
    texts
}
