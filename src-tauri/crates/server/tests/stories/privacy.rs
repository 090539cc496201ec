use std::net::{Ipv4Addr, SocketAddr};

use super::office::Office;
use chrono::TimeDelta;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::position::Fix;
use protocol::wire::TrackResponse;
use server::ServerConfig;

/// A coordinate that nothing else has, as a database might hold it: text or binary.
const SECRET_LON: f64 = 7.417_263_548_1;
const SECRET_LAT: f64 = 43.731_982_736_4;

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Whether the coordinate is anywhere in the files of the store: text, big- or little-endian.
fn is_in_files(folder: &std::path::Path) -> bool {
    let files = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path());
    let contents: Vec<Vec<u8>> = files.map(|path| std::fs::read(path).expect("reads")).collect();
    [SECRET_LON, SECRET_LAT].iter().any(|number| {
        let text = number.to_string();
        let needles = [text.into_bytes(), number.to_be_bytes().to_vec(), number.to_le_bytes().to_vec()];
        contents.iter().any(|bytes| needles.iter().any(|needle| holds(bytes, needle)))
    })
}

#[tokio::test]
async fn while_private_the_coordinate_is_nowhere() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("office.db");
    let office =
        Office::open_with(ServerConfig::in_file(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &file)).await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    let secret = |age: TimeDelta| Fix { fix_time: office.now() - age, ..phone.fix(SECRET_LON, SECRET_LAT) };
    let report = async |age: TimeDelta| {
        let entry = Entry {
            fix: Some(secret(age)),
            event_time: office.now() - age,
            ..phone.entry(EntryBody::AppOpened)
        };
        phone.report(&entry).await;
        let attendance = EntryBody::Attendance { kind: AttendanceKind::SignIn };
        phone
            .report(&Entry {
                fix: Some(secret(age)),
                event_time: office.now() - age,
                ..phone.entry(attendance)
            })
            .await;
        phone.send_fixes(&[secret(age)]).await
    };

    office.wait(TimeDelta::minutes(10));
    phone.set_privacy(true).await;
    assert_eq!(report(TimeDelta::zero()).await.private, 1, "dropped while private");
    office.wait(TimeDelta::minutes(30));
    phone.set_privacy(false).await;
    office.wait(TimeDelta::minutes(5));
    assert_eq!(
        report(TimeDelta::minutes(20)).await.private,
        1,
        "a late upload of the private stretch is dropped too"
    );

    let supervisor = office.sign_in("supervisor").await;
    let path = |office: &Office, purpose: &str| {
        let (from, to) = (office.now() - TimeDelta::hours(2), office.now());
        let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        format!("/v1/resources/{}/track?from={}&to={}{purpose}", office.ana.id, time(from), time(to))
    };
    let track: TrackResponse = supervisor.get(&path(&office, "&purpose=complaint")).await.expect("a track");
    assert!(track.fixes.is_empty(), "no fix of the stretch: {:?}", track.fixes);
    let gap: Vec<_> = track.gaps.iter().map(|gap| gap.to.map(|to| to - gap.from)).collect();
    assert_eq!(gap, [Some(TimeDelta::minutes(30))], "but a labelled gap");
    office.server.stop().await;
    assert!(!is_in_files(folder.path()), "no byte of the coordinate in database or log");
}

#[tokio::test]
async fn the_scan_finds_what_is_not_private() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("office.db");
    let office =
        Office::open_with(ServerConfig::in_file(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &file)).await;
    let phone = office.activate(&office.ana).await;
    phone.send_fixes(&[phone.fix(SECRET_LON, SECRET_LAT)]).await;
    office.server.stop().await;
    assert!(is_in_files(folder.path()), "else the test above proves nothing");
}

#[tokio::test]
async fn tracks_are_for_those_who_may_and_every_look_is_audited() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.send_fixes(&[phone.fix(7.41, 43.73)]).await;
    office.wait(TimeDelta::minutes(30));
    phone.sign_in().await;
    phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
    let asked = async |login: &str, person: domain::ResourceId, purpose: &str| {
        let desk = office.sign_in(login).await;
        let (from, to) = ("2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z");
        let path = format!("/v1/resources/{person}/track?from={from}&to={to}{purpose}");
        let (status, answer) =
            office.call(reqwest::Method::GET, &path, Some(&desk.tokens.access), None).await;
        (status.as_u16(), answer["fixes"].as_array().map_or(0, Vec::len))
    };
    let (ana, ben) = (office.ana.id, office.ben.id);
    assert_eq!(asked("dispatcher", ana, "").await, (200, 1), "the current shift");
    assert_eq!(asked("supervisor", ana, "&purpose=accident").await, (200, 2), "thirty days, with a reason");
    assert_eq!(asked("supervisor", ana, "").await.0, 400, "not without a reason");
    assert_eq!(asked("supervisor", ben, "&purpose=accident").await.0, 404, "not another team's");
    assert_eq!(asked("manager", ana, "&purpose=accident").await.0, 403, "managers get reports, not tracks");

    let audit = office.admin().audit(office.company).expect("audit");
    let reads: Vec<_> =
        audit.iter().filter(|row| row.action == "track.read" && row.target == ana.0).collect();
    assert_eq!(reads.len(), 2, "each look that was granted");
    assert_eq!(reads[1].purpose, "accident", "with its reason");
    let mut before = [0; 32];
    for row in &audit {
        assert_eq!(row.hash, row.chained(&before), "row {} is chained to the one before", row.n);
        before = row.hash;
    }
}

#[tokio::test]
async fn positions_go_after_the_companys_retention() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
    let fixes = async || {
        let desk = office.sign_in("supervisor").await;
        let path = format!(
            "/v1/resources/{}/track?from=2026-11-01T00:00:00Z&to=2027-11-24T00:00:00Z&purpose=x",
            office.ana.id
        );
        desk.get::<TrackResponse>(&path).await.expect("track").fixes.len()
    };
    let company: domain::company::Company =
        office.stored(protocol::entity::EntityKind::Company, office.company.0).expect("there");
    let retention = domain::company::Retention { positions_days: 14, ..company.retention };
    office.admin().put(office.company, domain::company::Company { retention, ..company }).expect("puts");
    assert_eq!(fixes().await, 1, "kept");
    office.wait(TimeDelta::days(13));
    office.admin().run_due_jobs().expect("jobs");
    assert_eq!(fixes().await, 1, "still kept");
    office.wait(TimeDelta::days(2));
    office.admin().run_due_jobs().expect("jobs");
    assert_eq!(fixes().await, 0, "gone");
}
