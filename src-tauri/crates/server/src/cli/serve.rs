//! `serve` and `demo`.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use server::demo::{COMPANY, PASSWORD, seed};
use server::{Clock, DataPlace, RunningServer, ServerConfig, SystemClock, start};
use tokio::signal::unix::{SignalKind, signal};

use super::files::write_codes;
use super::{Demo, Serve};

pub(super) fn serve(arguments: &Serve) -> anyhow::Result<()> {
    if !arguments.listen.ip().is_loopback() {
        tracing::warn!("listening beyond loopback without TLS: put a proxy in front");
    }
    let config = ServerConfig {
        listen: arguments.listen,
        data: DataPlace::File(arguments.data.data.clone()),
        feed_days: arguments.feed_days,
    };
    runtime()?.block_on(async {
        let server = start(config, Arc::new(SystemClock)).await?;
        until_interrupted(server).await
    })
}

pub(super) fn demo(arguments: &Demo) -> anyhow::Result<()> {
    let config = ServerConfig { listen: arguments.listen, ..ServerConfig::in_memory() };
    runtime()?.block_on(async {
        let server = start(config, Arc::new(SystemClock)).await?;
        let (admin, number) = (server.admin().clone(), arguments.seed);
        let accounts = tokio::task::spawn_blocking(move || seed(&admin, SystemClock.now(), number)).await??;
        let codes =
            accounts.connection_codes.iter().map(|(resource, phone, code)| (*resource, phone.as_str(), code));
        match &arguments.codes {
            Some(file) => write_codes(
                std::fs::File::create(file).with_context(|| format!("can't write {}", file.display()))?,
                codes,
            )?,
            None => write_codes(std::io::stdout().lock(), codes)?,
        }
        let logins: Vec<&str> = accounts.users.iter().map(|(_, login)| login.as_str()).collect();
        let mut stderr = std::io::stderr().lock();
        writeln!(
            stderr,
            "{} serves “{COMPANY}”: sign in as {} with the password “{PASSWORD}”",
            server.url(),
            logins.join(", ")
        )?;
        drop(stderr);
        until_interrupted(server).await
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start")
}

/// Until SIGINT or SIGTERM; then stops in order.
async fn until_interrupted(server: RunningServer) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}
