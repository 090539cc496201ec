//! The program `officetrack-dev-backend`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Parser;
use desk::{DemoLauncher, Desk, DeskConfig, KeyPolicy, SystemClock};
use dev_backend::Recorded;
use domain::access::Role;
use protocol::view::DeskRequest;
use tracing_subscriber::EnvFilter;

/// The desk's backend over HTTP, for working on the interface in a browser.
#[derive(Debug, Parser)]
#[command(name = "officetrack-dev-backend", version)]
struct Arguments {
    /// Offer the embedded demo (server and fleet in this process) on the sign-in page
    #[arg(long)]
    demo: bool,
    /// Sign in to the demo at once, as this user
    #[arg(long, value_name = "ROLE", requires = "demo")]
    sign_in: Option<DemoRole>,
    /// Listen here; only loopback is possible
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1430")]
    listen: SocketAddr,
    /// Listen on this port of loopback
    #[arg(long, conflicts_with = "listen")]
    port: Option<u16>,
    /// The built interface
    #[arg(long, value_name = "DIR", default_value = "ui/dist")]
    ui: PathBuf,
    /// Folders with map regions; the first that has one wins
    #[arg(long = "region-root", value_name = "DIR", default_value = "src-tauri/resources/regions")]
    region_roots: Vec<PathBuf>,
    /// Keep databases and settings in this folder, with a key in the system's key store; without it, nothing is kept
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Write exported files into this folder; without it they go beside the databases, if those are kept
    #[arg(long, value_name = "DIR")]
    exports: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum DemoRole {
    Dispatcher,
    Supervisor,
    Manager,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let notifications = Arc::new(Recorded::default());
    let desk = Arc::new(start_desk(&arguments, notifications.clone()));
    let port = arguments.port.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let listen = port.unwrap_or(arguments.listen);
    let backend = dev_backend::serve(desk.clone(), notifications, arguments.ui, listen).await?;
    say(&format!("the desk is at {}", backend.url));
    if let Some(role) = arguments.sign_in {
        desk.request(DeskRequest::ExploreDemo { role: role.into() }).await?;
    }
    until_told_to_stop().await?;
    backend.stop().await;
    desk.stop().await;
    Ok(())
}

fn start_desk(arguments: &Arguments, notifications: Arc<Recorded>) -> Desk {
    let config = DeskConfig {
        data_dir: arguments.data.clone(),
        exports_dir: arguments.exports.clone(),
        region_roots: arguments.region_roots.clone(),
        keys: if arguments.data.is_some() { KeyPolicy::OsKeyring } else { KeyPolicy::MemoryOnly },
    };
    let launcher = || Arc::new(demo::Launcher::new(arguments.region_roots.clone())) as Arc<dyn DemoLauncher>;
    desk::start(config, notifications, arguments.demo.then(launcher), Arc::new(SystemClock::new()))
}

#[expect(clippy::print_stdout, reason = "whoever starts it by hand wants to know where it is")]
fn say(text: &str) {
    println!("{text}");
}

/// Ctrl-C, or a polite kill.
async fn until_told_to_stop() -> Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
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
