//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use domain::access::Role;
use protocol::view::Subject;
use tracing_subscriber::EnvFilter;

use crate::route;

/// The dispatcher's desk.
#[derive(Debug, Parser)]
#[command(name = "officetrack-desk", version)]
pub struct Arguments {
    /// Open the embedded demo at once, as this user
    #[arg(long, value_name = "ROLE", num_args = 0..=1, require_equals = true, default_missing_value = "dispatcher")]
    pub demo: Option<DemoRole>,
    /// Keep databases and settings in this folder
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Don't ask the key store: nothing is kept over a restart, and the desk says so
    #[arg(long)]
    pub no_keyring: bool,
    /// Log more (-v: what the desk does, -vv: everything)
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What to bring up: `task/<id>`, `resource/<id>`, `bid/<id>`, `poi/<id>` or `alert/<id>`
    #[arg(value_name = "SUBJECT", value_parser = route::parse_subject)]
    pub open: Option<Subject>,
}

/// The demo's users.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DemoRole {
    Dispatcher,
    Supervisor,
    Manager,
}

impl From<DemoRole> for Role {
    fn from(role: DemoRole) -> Self {
        match role {
            DemoRole::Dispatcher => Role::Dispatcher,
            DemoRole::Supervisor => Role::Supervisor,
            DemoRole::Manager => Role::Manager,
        }
    }
}

impl Arguments {
    /// `RUST_LOG` wins over `-v`.
    pub fn log_filter(&self) -> EnvFilter {
        let default = match self.verbose {
            // The road graph's library warns of parallel roads, which every town has.
            0 => "warn,fast_paths=error",
            1 => "info",
            _ => "debug",
        };
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
    }
}
