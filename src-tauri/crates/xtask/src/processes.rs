//! Ending a process together with everything it started.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

/// Ends `root` and all its descendants (Linux; elsewhere only `root`).
pub fn end_tree(root: u32) {
    let parents = parents();
    let mut doomed = vec![root];
    let mut next = 0;
    while let Some(&parent) = doomed.get(next) {
        doomed.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    for pid in doomed {
        // A process that is gone already is what we want.
        let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).output();
    }
}

fn parents() -> HashMap<u32, u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| Some((pid, parent_of(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect()
}

/// The parent in a `/proc/PID/stat` line; the program's name in brackets may itself hold brackets and blanks.
fn parent_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_program_names_do_not_hide_the_parent() {
        assert_eq!(parent_of("42 (a (b) c) S 7 42 42 0"), Some(7), "the name may hold blanks and brackets");
        assert_eq!(parent_of("garbage"), None, "an unreadable line is skipped");
    }
}
