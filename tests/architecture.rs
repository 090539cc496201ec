//! The project keeps its shape: imports as in the table, names in their places, files short and named for something.

use std::path::{Path, PathBuf};

use tests::rules::imports::{BANNED, Graph, OWNED, RULES, banned, violations};
use tests::rules::sources::{Source, all, empty_names, misplaced_names, too_long, undocumented_roots};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the checkout").to_path_buf()
}

fn sources() -> Vec<Source> {
    let sources = all(&root()).expect("the checkout is readable");
    assert!(sources.len() > 20, "the scan found the project, not an empty folder: {} files", sources.len());
    sources
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let graph = Graph::of_workspace(&root()).expect("cargo knows the workspace");
    assert_none("the table of imports in the architecture", &violations(&graph, RULES, OWNED));
}

#[test]
fn banned_crates_are_not_in_the_lock_file() {
    let lock =
        std::fs::read_to_string(root().join("Cargo.lock")).expect("the lock file is part of the checkout");
    assert_none("crates the desk must not bring along", &banned(&lock, BANNED));
}

#[test]
fn platform_names_stay_in_their_places() {
    assert_none("only the shell names the desktop, only web the browser", &misplaced_names(&sources()));
}

#[test]
fn files_stay_readable_in_one_sitting() {
    assert_none("files have at most 500 lines", &too_long(&sources()));
}

#[test]
fn every_crate_says_what_it_is_for() {
    assert_none("a crate's root starts with its purpose", &undocumented_roots(&sources()));
}

#[test]
fn modules_are_named_for_what_is_inside() {
    assert_none("no module is named utils, common or helpers", &empty_names(&sources()));
}
