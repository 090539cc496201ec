//! The command line.

mod company;
mod files;
mod regions;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};
use server::{Admin, DataPlace, ServerConfig, SystemClock, open_admin};

/// The OfficeTrack reference server.
#[derive(Debug, Parser)]
#[command(name = "officetrack-server", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves desks and phones until it is interrupted.
    Serve(Serve),
    /// Serves the demo company in Monaco from memory; prints the connection codes of its phones.
    Demo(Demo),
    /// Companies.
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Users of the desk.
    #[command(subcommand)]
    User(UserCommand),
    /// Resources and their cards.
    #[command(subcommand)]
    Resource(ResourceCommand),
    /// Imports rows from a file; good rows are imported, bad ones named on standard error (exit code 1).
    Import(Import),
    /// Map regions.
    #[command(subcommand)]
    Region(RegionCommand),
}

/// The file that holds the server's data.
#[derive(Debug, Args)]
struct Data {
    /// The server's data file; made when it is not there.
    #[arg(long, env = "OFFICETRACK_DATA", default_value = "officetrack.db")]
    data: PathBuf,
}

impl Data {
    fn open(&self) -> anyhow::Result<Admin> {
        let config = ServerConfig { data: DataPlace::File(self.data.clone()), ..ServerConfig::default() };
        open_admin(&config, Arc::new(SystemClock))
            .with_context(|| format!("can't open {}", self.data.display()))
    }
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on. Plain HTTP: put a TLS proxy in front of anything but loopback.
    #[arg(long, default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    #[command(flatten)]
    data: Data,
    /// Days that the feed is kept, at least 7: desks that were away for longer start over.
    #[arg(long, default_value_t = server::MIN_FEED_DAYS)]
    feed_days: u16,
}

#[derive(Debug, Args)]
struct Demo {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// The same seed gives the same company.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Writes the connection codes (CSV: resource,msisdn,code) to this file instead of standard output.
    #[arg(long)]
    codes: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum CompanyCommand {
    /// Adds a company.
    Add {
        /// Its name, as people type it to sign in.
        name: String,
        /// Zone of the workplace (IANA name).
        #[arg(long)]
        zone: Tz,
        /// ISO 4217 code of prices.
        #[arg(long, default_value = "EUR")]
        currency: String,
        /// The map region that its desks open with.
        #[arg(long)]
        region: String,
        #[command(flatten)]
        data: Data,
    },
    /// Sets the webhook that takes messages to customers, and prints the secret that signs them: once, it can't be read again.
    SetWebhook {
        /// The company's name.
        #[arg(long)]
        company: String,
        /// Where messages are posted: https, or http on this machine.
        #[arg(long)]
        url: String,
        #[command(flatten)]
        data: Data,
    },
    /// Takes the webhook away; messages that wait are given up.
    ClearWebhook {
        /// The company's name.
        #[arg(long)]
        company: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    Dispatcher,
    Supervisor,
    Manager,
    Administrator,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a user; the password comes from --password-file, $OFFICETRACK_PASSWORD, or the first line of standard input.
    Add(NewUser),
}

#[derive(Debug, Args)]
struct NewUser {
    /// Name to sign in with.
    login: String,
    /// The company's name.
    #[arg(long)]
    company: String,
    /// Name to show.
    #[arg(long)]
    name: String,
    /// What the user may do.
    #[arg(long, value_enum)]
    role: RoleName,
    /// A group of the user's own (may be given several times); none means all.
    #[arg(long = "group")]
    groups: Vec<String>,
    /// File whose first line is the password.
    #[arg(long)]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum ResourceCommand {
    /// Adds a resource and prints the connection code of its phone.
    Add(NewResource),
}

#[derive(Debug, Args)]
struct NewResource {
    /// Full name, or a vehicle's call sign.
    name: String,
    /// The company's name.
    #[arg(long)]
    company: String,
    /// The company's own number for the person.
    #[arg(long)]
    number: String,
    /// The group; made when it is not there.
    #[arg(long)]
    group: String,
    /// The phone's number.
    #[arg(long)]
    phone: String,
    /// E-mail address.
    #[arg(long, default_value = "")]
    email: String,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rows {
    /// CSV: name, employee_number, group, phone [, email, skills, language, home_lon, home_lat, capacity, travels (car, bicycle, foot),
    /// breaks (12:00-13:30/30: half an hour that begins between 12:00 and 13:30 local time; several with semicolons)]; prints the
    /// connection codes.
    Resources,
    /// CSV: title, lon, lat [, description, address, customer, type, priority, planned_minutes, skills, window_start, window_end,
    /// load, promised_from, promised_until].
    Tasks,
    /// CSV: name, lon, lat [, kind, address, radius_m, on_enter, on_exit, dwell_minutes]; or GeoJSON.
    Pois,
}

#[derive(Debug, Args)]
struct Import {
    /// What the file holds.
    #[arg(value_enum)]
    rows: Rows,
    /// The file.
    file: PathBuf,
    /// The company's name.
    #[arg(long)]
    company: String,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum RegionCommand {
    /// Makes a map region from an OSM extract and a base map.
    Import(RegionImport),
}

#[derive(Debug, Args)]
struct RegionImport {
    /// OSM extract (.osm.pbf).
    #[arg(long)]
    osm: PathBuf,
    /// Base map (.mbtiles or .pmtiles).
    #[arg(long)]
    tiles: PathBuf,
    /// The region's name.
    #[arg(long)]
    name: String,
    /// Folder of all regions.
    #[arg(long, default_value = "regions")]
    into: PathBuf,
    /// Replaces a region of the same name.
    #[arg(long)]
    replace: bool,
}

/// Logs to standard error as JSON lines; `RUST_LOG` says how much.
pub fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Does what the arguments ask.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Serve(serve) => serve::serve(&serve)?,
        Command::Demo(demo) => serve::demo(&demo)?,
        Command::Company(command) => company::change(command)?,
        Command::User(UserCommand::Add(user)) => company::add_user(user)?,
        Command::Resource(ResourceCommand::Add(resource)) => company::add_resource(resource)?,
        Command::Import(import) => return files::import(&import),
        Command::Region(RegionCommand::Import(import)) => regions::import(&import)?,
    }
    Ok(ExitCode::SUCCESS)
}
