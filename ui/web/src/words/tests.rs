//! The catalogue and the code agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::task::TaskStatus;

use super::*;

/// Prefixes of keys that are made at run time.
const MADE: [&str; 27] = [
    "color-",
    "status-",
    "priority-",
    "role-",
    "bid-status-",
    "bid-line-",
    "poi-kind-",
    "dot-",
    "eta-",
    "start-",
    "standing-",
    "task-chip-",
    "command-",
    "legend-",
    "shortcut-",
    "map-",
    "position-",
    "column-",
    "retained-",
    "task-field-",
    "heap-",
    "stage-chip-",
    "topic-",
    "storm-of-",
    "kind-of-",
    "toast-alerts-",
    "road-",
];

fn sources(dir: &Path, found: &mut String) {
    for entry in fs::read_dir(dir).expect("the crate's sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            found.push_str(&fs::read_to_string(path).expect("a source file"));
        }
    }
}

/// Keys named in `t("…")`, `tf("…"` and `tn("…"`.
fn used_keys(source: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (call, plural) in [("t(\"", false), ("tf(\"", false), ("tn(\"", true)] {
        for (at, _) in source.match_indices(call) {
            let before = source[..at].chars().next_back().unwrap_or(' ');
            let key: String = source[at + call.len()..].chars().take_while(|letter| *letter != '"').collect();
            if before.is_alphanumeric() || before == '_' || key.contains(['{', ' ']) {
                continue;
            }
            let forms = if plural { vec![format!("{key}-one"), format!("{key}-other")] } else { vec![key] };
            keys.extend(forms);
        }
    }
    keys
}

#[test]
fn every_text_that_is_asked_for_is_there_and_every_text_is_asked_for() {
    let mut source = String::new();
    sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path(), &mut source);
    let used = used_keys(&source);
    assert!(used.len() > 200, "the search finds the calls, found {}", used.len());
    let missing: Vec<&String> = used.iter().filter(|key| !catalogue().contains_key(key.as_str())).collect();
    assert!(missing.is_empty(), "texts that are not in the catalogue: {missing:?}");
    let asked = |key: &&&str| {
        used.contains(**key)
            || source.contains(&format!("\"{key}\""))
            || MADE.iter().any(|made| key.starts_with(made))
    };
    let unused: Vec<&&str> = catalogue().keys().filter(|key| !asked(key)).collect();
    assert!(unused.is_empty(), "texts that nobody asks for: {unused:?}");
}

#[test]
fn every_state_has_a_name() {
    for status in TaskStatus::ALL {
        assert!(!status_text(status).starts_with("status-"), "{status:?} has no text");
    }
    for priority in domain::task::Priority::ALL {
        assert!(!priority_text(priority).starts_with("priority-"), "{priority:?} has no text");
    }
    for line in domain::bid::BidLineStatus::ALL {
        assert!(!bid_line_text(line).starts_with("bid-line-"), "{line:?} has no text");
    }
    for standing in crate::state::lists::Standing::ALL {
        assert!(!standing_text(standing).starts_with("standing-"), "{standing:?} has no text");
    }
    for chip in crate::state::lists::TaskChip::ALL {
        assert!(!task_chip_text(chip).starts_with("task-chip-"), "{chip:?} has no text");
    }
    for item in map::legend(map::Theme::Light) {
        let key = format!("legend-{}", item.id.replace('_', "-"));
        assert!(catalogue().contains_key(key.as_str()), "the legend's {key} has no text");
    }
}

#[test]
fn values_are_filled_and_plurals_are_chosen() {
    assert_eq!(tf("updated", &[("age", "3 s ago")]), "updated 3 s ago", "a value in its place");
    assert_eq!(tn("pending", 1), "1 change waiting", "one");
    assert_eq!(tn("pending", 3), "3 changes waiting", "more than one");
    assert_eq!(command_text("task_assign"), "Assignment of", "a command by its name on the wire");
    assert_eq!(command_text("from_the_future"), "Change of", "a command this build does not know");
}

#[test]
fn no_line_of_the_catalogue_is_lost() {
    let lines = ENGLISH.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    for line in lines.clone() {
        assert!(line.contains(" = "), "no message in line {line:?}");
    }
    assert_eq!(lines.count(), catalogue().len(), "a key that is there twice hides a text");
}
