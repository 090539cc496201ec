//! The message catalogue: every text that people read comes from `ui/locales/en.ftl`.
//!
//! The file is plain Fluent without selectors: one `key = text` per line, values as `{ $name }`, plurals as two keys that
//! end in `-one` and `-other`. So a translation is one more file, and no parser is carried along.

use std::collections::HashMap;
use std::sync::OnceLock;

mod alerts;
mod choices;
mod codes;
mod fence_files;
mod planning;
mod states;

pub use alerts::*;
pub use choices::*;
pub use codes::{draft_text, error_text, promise_text, rejection_text};
pub use fence_files::{feature_fault_text, file_fault_text, shape_error_text};
pub use planning::*;
pub use states::*;

const ENGLISH: &str = include_str!("../../locales/en.ftl");

fn catalogue() -> &'static HashMap<&'static str, &'static str> {
    static CATALOGUE: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    CATALOGUE.get_or_init(|| parse(ENGLISH))
}

fn parse(file: &'static str) -> HashMap<&'static str, &'static str> {
    let messages =
        file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    messages.map(|(key, text)| (key.trim(), text.trim())).collect()
}

/// The text of `key`; the key itself when there is none (a test finds those).
pub fn t(key: &'static str) -> &'static str {
    catalogue().get(key).copied().unwrap_or(key)
}

/// The text of a key made at run time.
pub fn t_dyn(key: &str) -> String {
    catalogue().get(key).map_or_else(|| key.to_owned(), |text| (*text).to_owned())
}

/// The text of `key` with its `{ $name }` places filled.
pub fn tf(key: &'static str, values: &[(&str, &str)]) -> String {
    fill(t(key), values)
}

/// The text for `n` things: `key-one` for one, else `key-other`, with `{ $n }` filled.
pub fn tn(key: &str, n: usize) -> String {
    let form = if n == 1 { "one" } else { "other" };
    fill(&t_dyn(&format!("{key}-{form}")), &[("n", &n.to_string())])
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{ ${name} }}"), value))
}

/// `DotState`-like names to catalogue keys: `EnRoute` → `en-route`.
pub(crate) fn kebab(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !key.is_empty() {
            key.push('-');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

#[cfg(test)]
mod tests;
