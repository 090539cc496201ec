use std::path::Path;
use std::time::Duration;

use domain::LonLat;
use domain::entry::EntryBody;
use domain::position::PositionState;
use protocol::view::{DeskErrorCode, DeskRequest, Dot};

use crate::office::{Office, at, fix};
use crate::screen::Screen;

/// The ways a coordinate may be written down.
fn traces(secret: LonLat) -> Vec<Vec<u8>> {
    let text = |value: f64| value.to_string().into_bytes();
    let (lon_e7, lat_e7) = Dot::fixed_point(secret);
    vec![
        text(secret.lon()),
        text(secret.lat()),
        lon_e7.to_string().into_bytes(),
        lat_e7.to_string().into_bytes(),
        secret.lon().to_le_bytes().to_vec(),
        secret.lat().to_le_bytes().to_vec(),
        secret.lon().to_be_bytes().to_vec(),
        secret.lat().to_be_bytes().to_vec(),
    ]
}

fn holds(bytes: &[u8], traces: &[Vec<u8>]) -> bool {
    traces.iter().any(|trace| bytes.windows(trace.len()).any(|window| window == trace.as_slice()))
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_persons_coordinate_is_nowhere() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let task = office.task("Lift stuck", Some(ana.id));
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    ana.is_at(at(7.4213571, 43.7354917), 0).await;
    screen.until("a dot", |screen| screen.dots.contains_key(&ana.id)).await;

    ana.set_private(true).await;
    screen.until("no dot", |screen| !screen.dots.contains_key(&ana.id)).await;
    let is_private =
        |screen: &Screen| matches!(screen.resources[&ana.id].position, PositionState::Private { .. });
    screen.until("“private since …”", is_private).await;
    assert_eq!(screen.resources[&ana.id].fix_time, None, "not even when the last fix was");

    // A phone that reports on regardless, by every way there is.
    let secret = at(7.4287653, 43.7412349);
    ana.is_at(secret, 0).await;
    ana.report(EntryBody::AppOpened, Some(fix(secret, 0))).await;
    ana.report(EntryBody::Location, Some(fix(secret, 0))).await;
    screen.watch(Duration::from_secs(3)).await;
    assert!(!screen.dots.contains_key(&ana.id), "the dot stays away");
    let traces = traces(secret);
    for (index, message) in screen.raw.iter().enumerate() {
        assert!(!holds(message, &traces), "message {index} to the page holds the coordinate");
    }
    let route = desk.refused(DeskRequest::Route { resource: ana.id, task }).await;
    assert_eq!(route.code, DeskErrorCode::Private, "no way is shown from where she is");
    let request = desk.refused(DeskRequest::RequestLocation { resource: ana.id }).await;
    assert_eq!(request.code, DeskErrorCode::Private, "nor can she be asked");

    desk.desk.stop().await;
    let files = files_below(&office.desk_folder());
    assert!(files.iter().any(|file| file.ends_with("cache.db")), "the desk's files are there: {files:?}");
    for file in files {
        let bytes = std::fs::read(&file).expect("a file");
        assert!(!holds(&bytes, &traces), "{} holds the coordinate", file.display());
        assert!(!holds(&bytes, &[b"Ana Rossi".to_vec()]), "{} is not encrypted", file.display());
    }
}
