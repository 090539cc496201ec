//! A running demo.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use desk::{BoxFuture, DemoError, DemoServer, DemoSession};
use domain::access::Role;
use domain::{LonLat, ResourceId};
use eta::Router;
use field::codes::PhoneCard;
use field::fleet::{self, FleetConfig, Outage};
use protocol::entity::{Entity, EntityKind};
use region::Region;
use server::demo::{COMPANY, DemoAccounts, PASSWORD, REGION};
use server::{Clock, RunningServer, ServerConfig, SystemClock};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Slot;

/// Same seed, same company and same people.
const SEED: u64 = 7;
/// Where the demo's server listens.
const PORTS: RangeInclusive<u16> = 18_700..=18_799;

/// How the simulated people live.
pub struct People {
    /// Time factor.
    pub speed: f64,
    /// Takes the network away from many at once.
    pub outage: Outage,
}

/// Server and fleet.
pub struct Running {
    address: SocketAddr,
    data: TempDir,
    server: Mutex<Option<RunningServer>>,
    fleet: Mutex<Option<JoinHandle<()>>>,
    cancel: CancellationToken,
    slot: Slot,
}

impl Running {
    /// Starts both; answers when the server takes requests. The fleet's phones come alive one after the other.
    pub async fn start(region_roots: &[PathBuf], people: People, slot: Slot) -> Result<Self, DemoError> {
        let data = tempfile::Builder::new().prefix("officetrack-demo").tempdir().map_err(explain)?;
        let router = load_roads(region_roots.to_vec()).await?;
        let server = start_server(lasting_address().await, &data).await?;
        let address = address_of(&server)?;
        let admin = server.admin().clone();
        let seeded = tokio::task::spawn_blocking(move || -> Result<_, DemoError> {
            let mut accounts = server::demo::seed(&admin, SystemClock.now(), SEED).map_err(explain)?;
            let places = admin.rows(accounts.company, EntityKind::Poi).map_err(explain)?;
            let at_work = at_work(&admin.rows(accounts.company, EntityKind::Resource).map_err(explain)?);
            accounts.connection_codes.retain(|(resource, ..)| at_work.contains(resource));
            Ok((accounts, places))
        });
        let (accounts, places) = seeded.await.map_err(explain)??;
        let cancel = CancellationToken::new();
        let config = fleet_config(server.url(), accounts, &places, router, people);
        let fleet = tokio::spawn(run_fleet(config, cancel.clone()));
        let (server, fleet) = (Mutex::new(Some(server)), Mutex::new(Some(fleet)));
        Ok(Self { address, data, server, fleet, cancel, slot })
    }

    /// How `role` signs in.
    pub fn session(self: Arc<Self>, role: Role) -> Result<DemoSession, DemoError> {
        let user = match role {
            Role::Dispatcher => "dispatcher",
            Role::Supervisor => "supervisor",
            Role::Manager => "manager",
            Role::Administrator => return Err(DemoError("it has no administrator".to_owned())),
        };
        Ok(DemoSession {
            base_url: format!("http://{}", self.address),
            company: COMPANY.to_owned(),
            user: user.to_owned(),
            password: PASSWORD.to_owned(),
            server: self,
        })
    }

    async fn run_server(&self, run: bool) -> Result<(), DemoError> {
        let mut server = self.server.lock().await;
        match (server.take(), run) {
            (None, true) => *server = Some(start_server(self.address, &self.data).await?),
            (Some(running), false) => running.stop().await,
            (as_wanted, _) => *server = as_wanted,
        }
        Ok(())
    }

    async fn end(&self) {
        *self.slot.lock().await = None;
        self.cancel.cancel();
        if let Some(fleet) = self.fleet.lock().await.take()
            && let Err(error) = fleet.await
        {
            tracing::error!(%error, "the demo's fleet did not end cleanly");
        }
        if let Some(server) = self.server.lock().await.take() {
            server.stop().await;
        }
    }
}

impl DemoServer for Running {
    fn set_running(&self, running: bool) -> BoxFuture<'_, Result<(), DemoError>> {
        Box::pin(self.run_server(running))
    }

    fn shut_down(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}

/// The roads of the demo's region. Takes some tenths of a second.
async fn load_roads(region_roots: Vec<PathBuf>) -> Result<Arc<Router>, DemoError> {
    let load = move || {
        let mut last = DemoError(format!("the region {REGION} is not installed"));
        for root in region_roots {
            match Region::find(&root, REGION).and_then(|region| region.router()) {
                Ok(router) => return Ok(Arc::new(router)),
                Err(error) => last = explain(error),
            }
        }
        Err(last)
    };
    tokio::task::spawn_blocking(load).await.map_err(explain)?
}

/// An address that is still free after the server was stopped for a while: a port that the system hands out may be taken
/// meanwhile. When none of ours is free, one of those has to do.
async fn lasting_address() -> SocketAddr {
    for port in PORTS {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).await.is_ok() {
            return address;
        }
    }
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

async fn start_server(listen: SocketAddr, data: &TempDir) -> Result<RunningServer, DemoError> {
    let config = ServerConfig::in_file(listen, data.path().join("server.db"));
    server::start(config, Arc::new(SystemClock)).await.map_err(explain)
}

fn address_of(server: &RunningServer) -> Result<SocketAddr, DemoError> {
    server.url().trim_start_matches("http://").parse().map_err(explain)
}

/// Who has a phone that acts. The others stay as the seed has them, late or off: a company where everybody is in has
/// nothing to show on its attendance page.
fn at_work(resources: &[Entity]) -> HashSet<ResourceId> {
    resources
        .iter()
        .filter_map(|row| if let Entity::Resource(card) = row { Some(card) } else { None })
        .filter(|card| card.on_duty)
        .map(|card| card.id)
        .collect()
}

fn fleet_config(
    url: &str,
    accounts: DemoAccounts,
    places: &[Entity],
    roads: Arc<Router>,
    people: People,
) -> FleetConfig {
    let phone = |(resource, msisdn, code): (_, String, server::ConnectionCode)| PhoneCard {
        resource,
        msisdn,
        code: code.0,
    };
    let phones: Vec<PhoneCard> = accounts.connection_codes.into_iter().map(phone).collect();
    let place = |row: &Entity| if let Entity::Poi(poi) = row { Some(poi.at) } else { None };
    let places: Vec<LonLat> = places.iter().filter_map(place).collect();
    let People { speed, outage } = people;
    FleetConfig { places, speed, outage, seed: SEED, ..FleetConfig::new(url, phones, roads) }
}

async fn run_fleet(config: FleetConfig, cancel: CancellationToken) {
    let clock: field::Clock = Arc::new(|| SystemClock.now());
    match fleet::run(config, clock, cancel).await {
        Ok(report) => {
            tracing::info!(activated = report.activated, requests = report.requests, "the fleet has ended")
        }
        Err(error) => tracing::error!(%error, "the fleet does not run"),
    }
}

fn explain(error: impl std::fmt::Display) -> DemoError {
    DemoError(error.to_string())
}
