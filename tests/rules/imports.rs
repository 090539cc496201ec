//! Who may import whom: the table of the architecture, checked through the tree of normal dependencies.
//!
//! The graph is the one of the host platform: crates that differ between the desktop and WebAssembly are judged by what
//! they are on the desktop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// What one of our crates may and may not import.
pub struct Rule {
    /// The crate.
    pub name: &'static str,
    /// Our crates it may name.
    pub ours: &'static [&'static str],
    /// Crates that must not be anywhere in its tree.
    pub never: &'static [&'static str],
    /// Crates it must not name itself, though a dependency may bring them.
    pub never_directly: &'static [&'static str],
}

/// No I/O, no runtime, no window.
const PURE: &[&str] =
    &["tokio", "rusqlite", "reqwest", "axum", "tauri", "zbus", "egui", "walkers", "leptos", "rand"];

/// No randomness of one's own. Below, `uuid` has it whenever another crate of the same build asks for it.
const NO_RANDOMNESS: &[&str] = &["getrandom"];

/// Crates nothing of ours may bring in, with the reason; `cargo deny` holds versions too.
pub const BANNED: &[(&str, &str)] = &[
    ("tauri-plugin-shell", "the window starts no programs"),
    ("tauri-plugin-http", "all network is in the backend"),
    ("tauri-plugin-fs", "the window reads and writes no files"),
    ("tauri-plugin-sql", "all storage is in the backend"),
    ("sqlx", "one SQLite, the encrypted one of rusqlite"),
];

/// The table.
pub const RULES: &[Rule] = &[
    Rule { name: "domain", ours: &[], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "fence", ours: &["domain"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "geofile", ours: &["domain"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "watch", ours: &["domain", "fence"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "eta", ours: &["domain"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "plan", ours: &["domain"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule { name: "protocol", ours: &["domain"], never: PURE, never_directly: NO_RANDOMNESS },
    Rule {
        name: "region",
        ours: &["domain", "eta"],
        never: &["tokio", "reqwest", "axum", "tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "engines",
        ours: &["domain", "eta", "protocol"],
        never: &["rusqlite", "axum", "tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "store",
        ours: &["domain", "protocol"],
        never: &["tokio", "reqwest", "axum", "tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "sync",
        ours: &["domain", "protocol"],
        never: &["rusqlite", "tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "desk",
        ours: &[
            "domain", "protocol", "fence", "watch", "geofile", "eta", "engines", "plan", "region", "store",
            "sync",
        ],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "server",
        ours: &["domain", "protocol", "fence", "watch", "geofile", "eta", "region"],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "field",
        ours: &["domain", "protocol", "eta", "region"],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "demo",
        ours: &["domain", "protocol", "eta", "desk", "server", "field", "region"],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "notifier",
        ours: &["domain", "protocol", "desk"],
        never: &["tauri", "egui"],
        never_directly: &["rusqlite", "reqwest", "axum"],
    },
    Rule {
        name: "dev-backend",
        ours: &["domain", "protocol", "desk", "demo", "server", "field", "region"],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "officetrack-desk",
        ours: &["domain", "protocol", "desk", "demo", "notifier", "region"],
        never: &["egui", "walkers", "leptos"],
        // SQL and HTTP belong to the crates below; through them they are in the tree.
        never_directly: &["rusqlite", "reqwest", "axum"],
    },
    Rule {
        name: "map",
        ours: &["domain", "protocol"],
        never: &["tauri", "zbus", "rusqlite", "leptos", "wasm-bindgen"],
        // On the desktop walkers brings its own tile downloader (reqwest on tokio) whatever its features; we do not use it.
        never_directly: &["tokio", "reqwest"],
    },
    Rule {
        name: "web",
        ours: &["map", "domain", "protocol"],
        never: &["tauri", "zbus", "rusqlite"],
        never_directly: &["tokio", "reqwest"],
    },
    Rule { name: "peers", ours: &[], never: &["tokio", "reqwest", "tauri", "egui"], never_directly: &[] },
    Rule {
        name: "xtask",
        ours: &["peers"],
        never: &["tokio", "reqwest", "tauri", "egui"],
        never_directly: &[],
    },
    Rule {
        name: "tests",
        ours: &[
            "domain", "protocol", "fence", "watch", "eta", "region", "store", "sync", "desk", "demo",
            "server", "field", "notifier",
        ],
        never: &["tauri", "egui"],
        never_directly: &[],
    },
];

/// Crates only one of ours may name: (crate, who).
pub const OWNED: &[(&str, &str)] = &[
    ("tauri", "officetrack-desk"),
    ("notify-rust", "notifier"),
    ("zbus", "notifier"),
    ("wasm-bindgen", "web"),
    ("js-sys", "web"),
    ("web-sys", "web"),
    ("leptos", "web"),
    ("walkers", "map"),
];

/// Packages and their normal dependencies.
#[derive(Default)]
pub struct Graph {
    /// Name by package id (several versions of one crate have one name).
    names: BTreeMap<String, String>,
    /// Ids of normal dependencies by package id.
    edges: BTreeMap<String, Vec<String>>,
    /// Ids of our packages.
    ours: BTreeSet<String>,
}

impl Graph {
    /// The workspace's graph on this platform.
    ///
    /// # Errors
    /// When cargo cannot resolve the workspace.
    pub fn of_workspace(root: &Path) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(["--filter-platform".to_owned(), host()?])
            .exec()
            .context("asking cargo for the dependency graph")?;
        Self::from_metadata(&metadata)
    }

    /// A made-up graph: our crates, and who names whom.
    pub fn of(ours: &[&str], edges: &[(&str, &str)]) -> Self {
        let mut graph = Self::default();
        for (from, to) in edges {
            graph.edges.entry((*from).to_owned()).or_default().push((*to).to_owned());
            graph.names.extend([*from, *to].map(|name| (name.to_owned(), name.to_owned())));
        }
        graph.names.extend(ours.iter().map(|name| ((*name).to_owned(), (*name).to_owned())));
        graph.ours = ours.iter().map(ToString::to_string).collect();
        graph
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let mut graph = Self::default();
        for package in &metadata.packages {
            graph.names.insert(package.id.repr.clone(), package.name.to_string());
        }
        graph.ours = metadata.workspace_members.iter().map(|id| id.repr.clone()).collect();
        for node in &metadata.resolve.as_ref().context("cargo gave no dependency graph")?.nodes {
            let normal = node.deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            });
            graph
                .edges
                .insert(node.id.repr.clone(), normal.map(|dependency| dependency.pkg.repr.clone()).collect());
        }
        Ok(graph)
    }

    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }

    fn direct(&self, id: &str) -> impl Iterator<Item = &String> {
        self.edges.get(id).into_iter().flatten()
    }

    /// The shortest chain of names from a package to a crate of this name.
    fn path_to(&self, from: &str, name: &str) -> Option<Vec<&str>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue: VecDeque<&str> = VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            if id != from && self.name(id) == name {
                let chain = std::iter::successors(Some(id), |id| came_from.get(id).copied());
                let mut names: Vec<&str> =
                    chain.map(|id| self.names.get(id).map_or("?", String::as_str)).collect();
                names.reverse();
                return Some(names);
            }
            for next in self.direct(id) {
                if next != from && !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, id);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

/// Everything in the graph that breaks the rules, one sentence each.
pub fn violations(graph: &Graph, rules: &[Rule], owned: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for id in &graph.ours {
        let name = graph.name(id);
        match rules.iter().find(|rule| rule.name == name) {
            Some(rule) => found.extend(broken(graph, id, rule)),
            None => found.push(format!("{name} has no line in the table of imports")),
        }
        for (krate, owner) in owned {
            if name != *owner && graph.direct(id).any(|to| graph.name(to) == *krate) {
                found.push(format!("{name} names {krate}, which only {owner} may"));
            }
        }
    }
    found
}

/// Banned crates in the text of a `Cargo.lock`.
pub fn banned(lock: &str, banned: &[(&str, &str)]) -> Vec<String> {
    let is_in = |name: &str| lock.lines().any(|line| line == format!("name = \"{name}\""));
    banned.iter().filter(|(name, _)| is_in(name)).map(|(name, reason)| format!("{name}: {reason}")).collect()
}

fn broken(graph: &Graph, id: &str, rule: &Rule) -> Vec<String> {
    let name = rule.name;
    let mut found = Vec::new();
    for to in graph.direct(id) {
        let import = graph.name(to);
        if graph.ours.contains(to) && !rule.ours.contains(&import) {
            found.push(format!(
                "{name} imports our crate {import}, which its line in the table does not allow"
            ));
        }
        if rule.never_directly.contains(&import) {
            found.push(format!("{name} names {import} itself"));
        }
    }
    for never in rule.never {
        if let Some(path) = graph.path_to(id, never) {
            found.push(format!("{name} must never reach {never}: {}", path.join(" → ")));
        }
    }
    found
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("asking rustc for its host")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host =
        text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV names no host")?;
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE_RULE: Rule = Rule { name: "domain", ours: &[], never: &["tokio"], never_directly: &["rand"] };
    const FREE_RULE: Rule = Rule { name: "store", ours: &["domain"], never: &[], never_directly: &[] };

    fn objections(edges: &[(&str, &str)]) -> Vec<String> {
        violations(&Graph::of(&["domain", "store"], edges), &[PURE_RULE, FREE_RULE], &[("tauri", "shell")])
    }

    #[test]
    fn allowed_imports_pass() {
        let edges = [("store", "domain"), ("store", "tokio"), ("domain", "serde"), ("serde", "rand")];
        assert_eq!(objections(&edges), Vec::<String>::new(), "nothing here is against the table");
    }

    #[test]
    fn a_ban_holds_through_the_whole_tree() {
        let found = objections(&[("domain", "a"), ("a", "b"), ("b", "a"), ("b", "tokio")]);
        assert_eq!(
            found,
            ["domain must never reach tokio: domain → a → b → tokio"],
            "the chain says whom to ask"
        );
    }

    #[test]
    fn our_crates_need_leave_in_the_table() {
        let found = objections(&[("domain", "store")]);
        assert!(
            found.iter().any(|text| text.contains("imports our crate store")),
            "the wrong way round: {found:?}"
        );
    }

    #[test]
    fn direct_bans_and_owned_crates_are_seen() {
        let found = objections(&[("domain", "rand"), ("store", "tauri")]);
        assert_eq!(
            found,
            ["domain names rand itself", "store names tauri, which only shell may"],
            "one objection per broken rule"
        );
    }

    #[test]
    fn a_banned_crate_is_seen_by_its_whole_name() {
        let lock = "[[package]]\nname = \"sqlx\"\n[[package]]\nname = \"tauri-plugin-fs-watch\"\n";
        assert_eq!(banned(lock, BANNED).len(), 1, "sqlx is banned, the longer name is another crate");
    }

    #[test]
    fn a_crate_without_a_line_is_a_violation() {
        let found = violations(&Graph::of(&["utils"], &[]), &[PURE_RULE], &[]);
        assert_eq!(found, ["utils has no line in the table of imports"], "a new crate must be placed first");
    }
}
