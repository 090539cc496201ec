//! `officetrack-server`: runs the reference server and does the office's work on its data.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::start_log();
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // The alternate form names the causes, too.
            eprintln!("officetrack-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
