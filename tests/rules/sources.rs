//! Rules about source files: who may write which name, how long a file may be, how it starts and what it is called.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The longest file, in lines.
pub const MAX_LINES: usize = 500;

/// Folders with our sources.
const PLACES: &[&str] = &["src-tauri", "ui", "tests"];

/// Folders that hold what is not ours to judge: output and installed packages.
const NOT_OURS: &[&str] = &["target", "dist", "gen", "node_modules"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// Paths of names only one place may write: (name, folder that may).
const OWNED_NAMES: &[(&str, &str)] = &[
    ("tauri", "src-tauri/src"),
    ("notify_rust", "src-tauri/crates/notifier"),
    ("wasm_bindgen", "ui/web"),
    ("js_sys", "ui/web"),
    ("web_sys", "ui/web"),
];

/// Names a folder must not write, because they do not work or do not belong where its code runs: (folder, name).
const FORBIDDEN_NAMES: &[(&str, &str)] = &[
    ("ui/map/src", "std::time::Instant"),
    ("ui/map/src", "std::fs"),
    ("ui/map/src", "tokio"),
    ("src-tauri/src", "rusqlite"),
    ("src-tauri/src", "reqwest"),
];

/// One source file.
pub struct Source {
    /// Path from the checkout's top folder, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// All Rust files of the project.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn all(root: &Path) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    for place in PLACES {
        collect(&root.join(place), &mut files)?;
    }
    files.sort();
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        let path = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        Ok(Source { path, text })
    };
    files.iter().map(read).collect()
}

/// Names written where they must not be.
pub fn misplaced_names(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let inside =
            |folder: &str| source.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let owned = OWNED_NAMES.iter().filter(|(_, folder)| !inside(folder)).map(|(name, _)| *name);
        let forbidden = FORBIDDEN_NAMES.iter().filter(|(folder, _)| inside(folder)).map(|(_, name)| *name);
        for name in owned.chain(forbidden) {
            found.extend(
                lines_naming(&source.text, name).map(|line| format!("{}:{line} names {name}", source.path)),
            );
        }
    }
    found
}

/// Files longer than [`MAX_LINES`].
pub fn too_long(sources: &[Source]) -> Vec<String> {
    let lines = |source: &Source| (source.text.lines().count(), source.path.clone());
    let long = sources.iter().map(lines).filter(|(lines, _)| *lines > MAX_LINES);
    long.map(|(lines, path)| format!("{path} has {lines} lines, more than {MAX_LINES}")).collect()
}

/// Crate roots that do not start by saying what the crate is for.
pub fn undocumented_roots(sources: &[Source]) -> Vec<String> {
    let roots = sources.iter().filter(|source| is_root(&source.path));
    let silent = roots.filter(|source| !source.text.trim_start().starts_with("//!"));
    silent.map(|source| format!("{} does not start with //!", source.path)).collect()
}

/// Modules named for nothing in particular, as files, folders or blocks.
pub fn empty_names(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
        found.extend(
            parts.filter(|part| EMPTY_NAMES.contains(part)).map(|part| format!("{}: {part}", source.path)),
        );
        let blocks =
            EMPTY_NAMES.iter().filter(|name| source.text.lines().any(|line| opens_module(line, name)));
        found.extend(blocks.map(|name| format!("{}: mod {name}", source.path)));
    }
    found
}

fn is_root(path: &str) -> bool {
    path.ends_with("/src/lib.rs")
        || path.ends_with("/src/main.rs")
        || path.contains("/src/bin/")
        || path.contains("/examples/")
        || (path.starts_with("tests/") && path.matches('/').count() == 1)
}

fn opens_module(line: &str, name: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let block = |words: &[&str]| matches!(words, ["mod", found, "{", ..] if found == &name);
    block(&words) || words.split_first().is_some_and(|(first, rest)| first.starts_with("pub") && block(rest))
}

/// Numbers of the lines whose code uses `name` as a path, an import or an attribute.
fn lines_naming<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.lines().map(code).enumerate().filter(move |(_, code)| uses(code, name)).map(|(index, _)| index + 1)
}

/// A line without its comment and without what stands in its string literals.
fn code(line: &str) -> String {
    let mut code = String::new();
    let mut in_string = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => drop(chars.next()),
            // The character literal, not the start of a string.
            '\'' if !in_string && chars.peek() == Some(&'"') => drop(chars.next()),
            '"' => in_string = !in_string,
            '/' if !in_string && chars.peek() == Some(&'/') => break,
            _ if in_string => {}
            _ => code.push(c),
        }
    }
    code
}

fn uses(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = &code[..at];
        let after = &code[at + name.len()..];
        let starts_a_name = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"');
        let import = ["use ", "extern crate "].iter().any(|word| before.ends_with(word))
            && after.starts_with([';', ' ']);
        let attribute = before.ends_with("#[") && after.starts_with([']', '(']);
        let member = name.contains("::") && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        starts_a_name && (after.starts_with("::") || import || attribute || member)
    })
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !NOT_OURS.contains(&name) {
            collect(&path, files)?;
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Vec<Source> {
        vec![Source { path: path.to_owned(), text: text.to_owned() }]
    }

    #[test]
    fn the_shell_alone_names_the_desktop() {
        let text = format!("fn f() {{\n    {}::command();\n}}\n", "tauri");
        assert_eq!(
            misplaced_names(&source("src-tauri/crates/desk/src/lib.rs", &text)),
            ["src-tauri/crates/desk/src/lib.rs:2 names tauri"],
            "the controller must not know the window"
        );
        assert!(misplaced_names(&source("src-tauri/src/lib.rs", &text)).is_empty(), "the shell may");
    }

    #[test]
    fn words_that_only_look_like_the_name_pass() {
        let text =
            "// tauri::command\nlet a = \"tauri:options\"; not_tauri::f(); wasm_bindgen_cli_support::g();\n";
        assert!(
            misplaced_names(&source("tests/lib.rs", text)).is_empty(),
            "comments, texts and longer names"
        );
    }

    #[test]
    fn imports_attributes_and_members_count_as_use() {
        for code in [
            "use tauri;",
            "use wasm_bindgen::prelude::*;",
            "#[wasm_bindgen]",
            "let t = std::time::Instant::now();",
        ] {
            let found = misplaced_names(&source("ui/map/src/lib.rs", code));
            assert_eq!(found.len(), 1, "the map must not write {code}: {found:?}");
        }
    }

    #[test]
    fn long_files_silent_roots_and_empty_names_are_found() {
        let long = "\n".repeat(MAX_LINES + 1);
        assert_eq!(too_long(&source("ui/web/src/a.rs", &long)).len(), 1, "one line too many");
        assert_eq!(
            undocumented_roots(&source("ui/map/src/lib.rs", "use x;")).len(),
            1,
            "no sentence of purpose"
        );
        assert_eq!(empty_names(&source("ui/web/src/utils.rs", "")).len(), 1, "a file named for nothing");
        assert_eq!(
            empty_names(&source("ui/web/src/a.rs", "pub mod helpers {\n")).len(),
            1,
            "a block named for nothing"
        );
        assert!(
            empty_names(&source("ui/web/src/commonality.rs", "mod tests {")).is_empty(),
            "whole names only"
        );
    }
}
