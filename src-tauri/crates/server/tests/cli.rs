//! The program itself, as an administrator types it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_officetrack-server"));
    command
        .args(arguments)
        .env("OFFICETRACK_DATA", data)
        .env_remove("OFFICETRACK_PASSWORD")
        .env("RUST_LOG", "info");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = program(data, arguments).spawn().expect("starts");
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("writes");
    child.wait_with_output().expect("ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Starts a server and waits for the address it says it listens on.
fn serving(data: &Path, arguments: &[&str]) -> (Child, String, BufReader<std::process::ChildStderr>) {
    let mut child = program(data, arguments).spawn().expect("starts");
    let mut log = BufReader::new(child.stderr.take().expect("stderr"));
    let mut line = String::new();
    while !line.contains("\"listening\"") {
        line.clear();
        assert_ne!(log.read_line(&mut line).expect("reads"), 0, "it ended before it listened");
    }
    let url = line.split('"').find(|part| part.starts_with("http://")).expect("an address").to_owned();
    (child, url, log)
}

fn terminate(child: &Child) {
    let killed = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(killed.success(), "it was told to stop");
}

#[tokio::test]
async fn from_nothing_to_a_signed_in_user() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("office.db");
    let added =
        run(&data, &["company", "add", "Riviera", "--zone", "Europe/Monaco", "--region", "monaco"], "");
    assert!(added.status.success(), "{}", text(&added.stderr));
    let twice =
        run(&data, &["company", "add", "riviera", "--zone", "Europe/Monaco", "--region", "monaco"], "");
    assert!(text(&twice.stderr).contains("“riviera” exists already"), "{}", text(&twice.stderr));

    let resource = [
        "resource",
        "add",
        "Ana Rossi",
        "--company",
        "Riviera",
        "--number",
        "1",
        "--group",
        "North",
        "--phone",
        "+377 6 00 00 01",
    ];
    let code = run(&data, &resource, "");
    assert_eq!(text(&code.stdout).trim().len(), 11, "the code and nothing else: {}", text(&code.stdout));
    let user = [
        "user",
        "add",
        "dora",
        "--company",
        "Riviera",
        "--name",
        "Dora",
        "--role",
        "dispatcher",
        "--group",
        "North",
    ];
    let added = run(&data, &user, "grand prix\n");
    assert!(added.status.success(), "{}", text(&added.stderr));

    let file = folder.path().join("people.csv");
    std::fs::write(
        &file,
        "name,employee_number,group,phone\nBen,2,North,+377 6 00 00 02\n,3,North,+377 6 00 00 03\n",
    )
    .expect("writes");
    let import = run(&data, &["import", "resources", &file.to_string_lossy(), "--company", "Riviera"], "");
    assert_eq!(import.status.code(), Some(1), "a row was bad");
    assert!(text(&import.stderr).contains("line 3, column name: is empty"), "{}", text(&import.stderr));
    assert!(text(&import.stdout).starts_with("resource,msisdn,code\n"), "{}", text(&import.stdout));
    assert!(
        text(&import.stdout).contains(",3776000002,"),
        "the good one has a code: {}",
        text(&import.stdout)
    );
    dora_signs_in(&data).await;
}

async fn dora_signs_in(data: &Path) {
    let (mut child, url, mut log) = serving(data, &["serve", "--listen", "127.0.0.1:0"]);
    let body = serde_json::json!({
        "company": "Riviera", "user": "dora", "password": "grand prix",
        "device": "00000000-0000-0000-0000-000000000001", "device_epoch": 1
    });
    let request =
        reqwest::Client::new().post(format!("{url}/v1/sign-in")).header("officetrack-api", 1).json(&body);
    assert_eq!(request.send().await.expect("answers").status(), 200, "Dora is in");
    terminate(&child);
    let mut rest = String::new();
    log.read_to_string(&mut rest).expect("reads");
    assert!(child.wait().expect("ends").success(), "it stops in order: {rest}");
    assert!(!rest.contains("dora") && !rest.contains("Dora"), "nobody is named in the log: {rest}");
}

#[tokio::test]
async fn the_demo_prints_the_codes_of_its_phones() {
    let folder = tempfile::tempdir().expect("folder");
    let codes = folder.path().join("codes.csv");
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--codes", &codes.to_string_lossy()];
    let (mut child, url, mut log) = serving(&folder.path().join("unused.db"), &arguments);
    let mut line = String::new();
    while !line.contains("sign in as") {
        line.clear();
        assert_ne!(log.read_line(&mut line).expect("reads"), 0, "it ended before it was ready");
    }
    assert_eq!(reqwest::get(format!("{url}/healthz")).await.expect("answers").status(), 200, "healthy");
    let list = std::fs::read_to_string(&codes).expect("reads");
    assert_eq!(list.lines().count(), 61, "a header and sixty phones");
    terminate(&child);
    assert!(child.wait().expect("ends").success(), "it stops in order");
}

#[test]
fn a_region_that_can_not_be_imported_is_explained() {
    let folder = tempfile::tempdir().expect("folder");
    let none = folder.path().join("none.osm.pbf");
    let into = folder.path().join("regions");
    let arguments = [
        "region",
        "import",
        "--osm",
        &none.to_string_lossy(),
        "--tiles",
        &none.to_string_lossy(),
        "--name",
        "x",
        "--into",
        &into.to_string_lossy(),
    ];
    let refused = run(&folder.path().join("unused.db"), &arguments, "");
    assert_eq!(refused.status.code(), Some(1), "refused");
    assert!(text(&refused.stderr).contains("none.osm.pbf"), "the file is named: {}", text(&refused.stderr));
}

#[test]
fn a_webhooks_secret_is_shown_once_and_plain_http_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("office.db");
    run(&data, &["company", "add", "Riviera", "--zone", "Europe/Monaco", "--region", "monaco"], "");
    let set = |url: &str| run(&data, &["company", "set-webhook", "--company", "Riviera", "--url", url], "");
    let first = set("https://example.org/promises");
    let secret = text(&first.stdout);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(secret.trim().len(), 64, "256 bits in hex, and nothing else: {secret}");
    assert_ne!(text(&set("https://example.org/promises").stdout), secret, "each time another one");
    let plain = set("http://example.org/promises");
    assert!(!plain.status.success(), "texts don't travel in the clear");
    assert!(text(&plain.stderr).contains("use https"), "it says what to do: {}", text(&plain.stderr));
    let clear = || run(&data, &["company", "clear-webhook", "--company", "Riviera"], "");
    assert!(clear().status.success(), "taken away");
    assert!(text(&clear().stderr).contains("does not exist"), "there is none any more");
}
