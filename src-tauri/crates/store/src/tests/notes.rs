//! What a desk remembers for itself.

use chrono::TimeDelta;
use domain::access::Role;
use domain::company::{Company, Retention, User};
use protocol::durable::{Incident, IncidentKind};

use super::{id, key, now};
use crate::{Cache, StoredSession};

fn incident(detail: &str) -> Incident {
    Incident { at: now(), kind: IncidentKind::LiveSilent, detail: detail.to_owned() }
}

#[test]
fn incidents_are_kept_newest_first_and_not_without_end() {
    let mut cache = Cache::open_in_memory().expect("cache");
    for count in 0..1005 {
        cache.record(&incident(&format!("silence {count}"))).expect("record");
    }
    let newest = cache.incidents(2).expect("incidents");
    assert_eq!(newest, [incident("silence 1004"), incident("silence 1003")], "newest first");
    assert_eq!(cache.incidents(u32::MAX).expect("incidents").len(), 1000, "the oldest went");
}

#[test]
fn an_alert_is_told_once_even_over_a_restart() {
    let dir = tempfile::tempdir().expect("folder");
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let alerts = [id(1).into(), id(2).into()];
    cache.note_notified(&alerts, now()).expect("note");
    cache.note_notified(&alerts[..1], now() + TimeDelta::minutes(5)).expect("noting twice is no error");
    drop(cache);
    let cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    let mut notified = cache.notified().expect("notified");
    notified.sort();
    assert_eq!(notified, alerts, "both are remembered, once");
}

#[test]
fn preferences_are_set_changed_and_unset() {
    let mut cache = Cache::open_in_memory().expect("cache");
    cache.set_preference("theme", Some("dark")).expect("set");
    cache.set_preference("theme", Some("light")).expect("change");
    cache.set_preference("zoom", Some("12")).expect("set");
    cache.set_preference("zoom", None).expect("unset");
    let preferences: Vec<_> = cache.preferences().expect("preferences").into_iter().collect();
    assert_eq!(preferences, [("theme".to_owned(), "light".to_owned())], "the last value counts");
}

#[test]
fn without_a_server_the_desk_still_knows_who_sits_there() {
    let dir = tempfile::tempdir().expect("folder");
    let session = StoredSession {
        server: "https://desk.example".to_owned(),
        user: User {
            id: id(1).into(),
            company: id(2).into(),
            login: "ana".to_owned(),
            name: "Ana".to_owned(),
            role: Role::Manager,
            groups: Vec::new(),
        },
        company: Company {
            id: id(2).into(),
            name: "Lifts".to_owned(),
            zone: "Europe/Paris".parse().expect("zone"),
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
            retention: Retention::default(),
            offline_hours: 12,
        },
        offline_until: now() + TimeDelta::hours(12),
    };
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    assert_eq!(cache.session().expect("session"), None, "nobody has signed in yet");
    cache.set_session(Some(&session)).expect("set");
    drop(cache);
    let mut cache = Cache::open(dir.path(), &key(), now()).expect("cache");
    assert_eq!(cache.session().expect("session"), Some(session), "it comes back whole");
    cache.set_session(None).expect("sign out");
    assert_eq!(cache.session().expect("session"), None, "after signing out it is gone");
}
