//! The wires' promises about what is new, wrong or too long.

use chrono::DateTime;
use domain::LonLat;
use domain::task::Priority;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::*;
use crate::entity::{Entity, EntityKind};

#[test]
fn a_cursor_survives_its_text_and_nothing_else_passes_for_one() {
    let cursor = Cursor { epoch: 3, seq: 41 };
    assert_eq!(cursor.to_string().parse(), Ok(cursor), "round trip");
    for text in ["", "3", "3-", "-41", "3-x", "3-41-1"] {
        assert!(text.parse::<Cursor>().is_err(), "“{text}” is no cursor");
    }
}

#[test]
fn what_is_newer_than_this_build_is_kept_not_refused() {
    let text = r#"{"type":"drone","id":"00000000-0000-0000-0000-000000000001","version":1,"op":"put","data":{"rotors":4},"at":"2026-11-23T10:00:00Z"}"#;
    let item: Item = serde_json::from_str(text).expect("an unknown type still reads");
    assert!(item.decode().expect("no error").is_none(), "and is skipped");
    let again = serde_json::to_string(&item).expect("writes");
    assert!(again.contains(r#"{"rotors":4}"#), "its data is kept as it came");
}

#[test]
fn a_live_frame_carries_rows_unread() {
    // Internally tagged enums would buffer the rows and break their raw data: the tag stays outside.
    let cursor = Cursor { epoch: 1, seq: 2 };
    let item = Item {
        entity: EntityKind::Skill.into(),
        id: Uuid::from_u128(1),
        version: 1,
        op: op::PUT.to_owned(),
        data: RawValue::from_string(
            r#"{"id":"00000000-0000-0000-0000-000000000001","name":"Lifts"}"#.to_owned(),
        )
        .ok(),
        at: DateTime::UNIX_EPOCH,
        cause: None,
    };
    let text = serde_json::to_string(&LiveFrame::Change { prev: cursor, cursor, items: vec![item] })
        .expect("writes");
    let Ok(LiveFrame::Change { items, .. }) = serde_json::from_str(&text) else {
        panic!("reads back: {text}")
    };
    assert!(matches!(items[0].decode(), Ok(Some(Entity::Skill(_)))), "the row is whole");
}

#[test]
fn an_error_code_from_the_future_reads_as_unknown() {
    let body: ErrorBody = serde_json::from_str(r#"{"code":"no_coffee","message":"x"}"#).expect("reads");
    assert_eq!(body.code, ErrorCode::Unknown, "unknown, not a parse failure");
}

#[test]
fn a_drafts_limits() {
    let draft = TaskDraft {
        id: Uuid::nil().into(),
        title: "  ".to_owned(),
        description: String::new(),
        task_type: None,
        at: LonLat::new(7.4, 43.7).expect("coordinate"),
        address: String::new(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    };
    assert_eq!(draft.check(), Err(DraftError::Title), "blank is no title");
    let titled = TaskDraft { title: "Lift stuck".to_owned(), ..draft };
    assert_eq!(titled.check(), Ok(()), "that will do");
    let long = TaskDraft { planned_minutes: 1441, ..titled };
    assert_eq!(long.check(), Err(DraftError::PlannedMinutes), "longer than a day");
}
