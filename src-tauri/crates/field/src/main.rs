//! `officetrack-field`: simulated fleets and replayed recordings against a server.

mod cli;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Parser;
use field::Clock;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let cancel = CancellationToken::new();
    let on_signal = tokio::spawn(cancel_on_ctrl_c(cancel.clone()));
    let result = cli::run(cli::Cli::parse(), machine_clock(), cancel).await;
    on_signal.abort();
    match result {
        Ok(done) => {
            // Nobody reads a closed pipe.
            let _ = std::io::stdout().write_all(done.summary.as_bytes());
            done.exit_code
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "officetrack-field: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn cancel_on_ctrl_c(cancel: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        cancel.cancel();
    }
}

fn machine_clock() -> Clock {
    Arc::new(now)
}

#[expect(clippy::disallowed_methods, reason = "the one place of this program that reads the machine's clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
