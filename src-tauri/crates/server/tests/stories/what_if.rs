//! How often would a fence have spoken under other settings?

use chrono::TimeDelta;
use domain::PoiId;
use domain::position::Fix;
use protocol::wire::{ConfirmSettings, WhatIfRequest, WhatIfResponse};
use reqwest::{Method, StatusCode};
use uuid::Uuid;

use super::office::{Fresh, Office, at, place, read};

const SETTINGS: ConfirmSettings = ConfirmSettings {
    enter_confirm_secs: 30,
    leave_confirm_secs: 60,
    leave_margin_m: 25.0,
    dwell_secs: None,
};

/// Into the yard and out again, six minutes each, so many times; a fix every 20 seconds.
fn visits(office: &Office, times: i64) -> Vec<Fix> {
    let start = office.now() - TimeDelta::hours(3);
    let fix = |n: i64| Fix {
        at: if (n / 18) % 2 == 0 { at(7.42, 43.74) } else { at(7.42, 43.73) },
        fix_time: start + TimeDelta::seconds(n * 20),
        accuracy_m: Some(5.0),
        speed_mps: None,
        heading_deg: None,
    };
    (0..=36 * times).map(fix).collect()
}

async fn ask(office: &Office, login: &str, asked: WhatIfRequest) -> (StatusCode, Option<WhatIfResponse>) {
    let desk = office.sign_in(login).await;
    let body = serde_json::to_value(asked).expect("writes");
    let (status, answer) =
        office.call(Method::POST, "/v1/what-if", Some(&desk.tokens.access), Some(body)).await;
    (status, (status == StatusCode::OK).then(|| read(answer)))
}

#[tokio::test]
async fn the_last_days_are_counted_again_and_audited() {
    let office = Office::open().await;
    let (admin, yard) = (office.admin(), place("Yard"));
    admin.put(office.company, yard.clone()).expect("a place");
    admin.add_positions(office.ana.id, &visits(&office, 3)).expect("a track");
    admin.add_positions(office.ben.id, &visits(&office, 2)).expect("a track");
    let asked = WhatIfRequest { poi: yard.id, days: 7, settings: SETTINGS };
    let (_, all) = ask(&office, "manager", asked).await;
    let all = all.expect("an answer");
    assert_eq!((all.days, all.resources), (7, 2), "both of them");
    assert_eq!((all.now.entered, all.then.entered), (5, 5), "the same settings say the same");
    let patient = ConfirmSettings { enter_confirm_secs: 600, ..SETTINGS };
    let (_, own) = ask(&office, "supervisor", WhatIfRequest { settings: patient, ..asked }).await;
    let own = own.expect("an answer");
    assert_eq!(own.resources, 1, "of their own group only");
    assert_eq!((own.now.entered, own.then.entered), (3, 0), "nobody stays for ten minutes");
    let dwell = ConfirmSettings { dwell_secs: Some(240), ..SETTINGS };
    let (_, own) = ask(&office, "dispatcher", WhatIfRequest { settings: dwell, ..asked }).await;
    let own = own.expect("an answer");
    assert_eq!((own.now.dwelt, own.then.dwelt), (0, 3), "but everybody for four");
    let audit = admin.audit(office.company).expect("audit");
    let rows: Vec<_> = audit.iter().filter(|row| row.action == "fence.what_if").collect();
    assert_eq!(rows.len(), 3, "each question");
    assert!(rows.iter().all(|row| row.target == yard.id.0), "about this fence");
    let about =
        |id: Uuid| audit.iter().filter(|row| row.action == "track.what_if" && row.target == id).count();
    assert_eq!(
        (about(office.ana.id.0), about(office.ben.id.0)),
        (3, 1),
        "counts of two people are looks at them: each is a receipt"
    );
}

#[tokio::test]
async fn nonsense_and_strangers_are_refused() {
    let office = Office::open().await;
    let yard = place("Yard");
    office.admin().put(office.company, yard.clone()).expect("a place");
    let asked = WhatIfRequest { poi: yard.id, days: 7, settings: SETTINGS };
    let status = async |login, asked| ask(&office, login, asked).await.0.as_u16();
    assert_eq!(status("administrator", asked).await, 403, "administrators do not watch people");
    assert_eq!(status("manager", WhatIfRequest { days: 15, ..asked }).await, 422, "two weeks are the most");
    let margin = ConfirmSettings { leave_margin_m: -1.0, ..SETTINGS };
    assert_eq!(
        status("manager", WhatIfRequest { settings: margin, ..asked }).await,
        422,
        "a negative margin"
    );
    let nowhere = PoiId(Uuid::now());
    assert_eq!(status("manager", WhatIfRequest { poi: nowhere, ..asked }).await, 404, "no such place");
}
