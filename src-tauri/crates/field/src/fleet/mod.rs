//! A simulated fleet: many [`Worker`]s with their phones against one server.

mod drive;
mod outage;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{DeviceId, LonLat, ResourceId};
use protocol::field::ActivateRequest;
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, FieldApi, http_client};
use crate::clock::Clock;
use crate::codes::PhoneCard;
use crate::handset::{Handset, Tally};
use crate::radio::Radio;
use crate::random;
use crate::rate::Rate;
use crate::roads::Roads;
use crate::worker::{Mishaps, Plan, Shifts, Worker};
use drive::Driven;
pub use outage::Outage;

/// Phones that share one pool of connections.
const PHONES_PER_CLIENT: usize = 250;

/// What to simulate.
#[derive(Clone)]
pub struct FleetConfig {
    /// `http://127.0.0.1:…` or `https://…`
    pub server_url: String,
    /// The phones; each needs its unused connection code.
    pub phones: Vec<PhoneCard>,
    /// The roads to drive on.
    pub roads: Arc<dyn Roads>,
    /// Places that people look after when they have no tasks, such as the company's POIs.
    pub places: Vec<LonLat>,
    /// Time factor for driving and work; reports carry real times. Above 4 or so cars are faster than the plausibility check of
    /// a fence engine believes.
    pub speed: f64,
    /// Same seed, same people.
    pub seed: u64,
    /// Bound on all requests together.
    pub max_requests_per_sec: f64,
    /// When people work.
    pub shifts: Shifts,
    /// Ends with everybody signing out after so long; `None`: until cancelled.
    pub duration: Option<Duration>,
    /// Share of people who switch location sharing off now and then, 0…1.
    pub private_share: f64,
    /// Share of people whose network fails now and then, 0…1.
    pub offline_share: f64,
    /// How often people do what is worth an alert.
    pub mishaps: Mishaps,
    /// Takes the network away from many at once.
    pub outage: Outage,
}

impl FleetConfig {
    /// A fleet with the usual habits: always on duty, one in eight private now and then, one in eight in a tunnel now and then.
    pub fn new(server_url: &str, phones: Vec<PhoneCard>, roads: Arc<dyn Roads>) -> Self {
        FleetConfig {
            server_url: server_url.to_owned(),
            phones,
            roads,
            places: Vec::new(),
            speed: 1.0,
            seed: 1,
            max_requests_per_sec: 100.0,
            shifts: Shifts::Always,
            duration: None,
            private_share: 0.12,
            offline_share: 0.12,
            mishaps: Mishaps::USUAL,
            outage: Outage::default(),
        }
    }
}

/// What became of a fleet.
#[derive(Debug, Clone, Default)]
pub struct FleetReport {
    /// Phones that were activated.
    pub activated: usize,
    /// Phones that never were, and why.
    pub not_activated: Vec<(ResourceId, ApiError)>,
    /// Phones that the office took off the list meanwhile.
    pub wiped: usize,
    /// Requests made.
    pub requests: u64,
    /// Requests that failed and were made again later.
    pub failed_requests: u64,
    /// What was sent and answered.
    pub tally: Tally,
    /// Reports and fixes that were still unsent at the end.
    pub unsent: (usize, usize),
}

/// Why a fleet can't start.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// Nobody to simulate.
    #[error("there are no phones to simulate")]
    NoPhones,
    /// Zero, negative or no number.
    #[error("a time factor of {0} is not possible")]
    Speed(f64),
    /// No HTTP client, or not a single phone could be activated.
    #[error("no phone could be activated: {0}")]
    Activation(ApiError),
}

/// Runs a fleet until its duration is over or it is cancelled; all phones have stopped when it returns. Phones wait for a server that
/// is not there yet, and go on when it comes back.
pub async fn run(
    config: FleetConfig,
    clock: Clock,
    cancel: CancellationToken,
) -> Result<FleetReport, FleetError> {
    if config.phones.is_empty() {
        return Err(FleetError::NoPhones);
    }
    if !(config.speed.is_finite() && config.speed > 0.0) {
        return Err(FleetError::Speed(config.speed));
    }
    let rate = Arc::new(Rate::new(config.max_requests_per_sec));
    let ends_at = config
        .duration
        .and_then(|length| clock().checked_add_signed(chrono::TimeDelta::from_std(length).ok()?));
    let places: Arc<[LonLat]> = config.places.clone().into();
    let mut clients = Vec::new();
    for _ in config.phones.chunks(PHONES_PER_CLIENT) {
        clients.push(http_client().map_err(FleetError::Activation)?);
    }
    let mut lives = JoinSet::new();
    for (number, card) in config.phones.iter().enumerate() {
        let life = Life {
            card: card.clone(),
            number: number as u64,
            server_url: config.server_url.clone(),
            http: clients[number / PHONES_PER_CLIENT].clone(),
            plan: plan(&config, places.clone()),
            roads: config.roads.clone(),
            rate: rate.clone(),
            clock: clock.clone(),
            ends_at,
            outage: config.outage.clone(),
            cancel: cancel.clone(),
        };
        lives.spawn(life.run());
    }
    collect(lives).await
}

async fn collect(mut lives: JoinSet<LifeEnd>) -> Result<FleetReport, FleetError> {
    let mut report = FleetReport::default();
    while let Some(ended) = lives.join_next().await {
        match ended {
            Ok(LifeEnd::NeverActive(id, error)) => report.not_activated.push((id, error)),
            Ok(LifeEnd::Lived(phone)) => report.add(&phone),
            Err(error) => tracing::error!(%error, "a simulated phone broke"),
        }
    }
    match report.not_activated.first() {
        Some((_, error)) if report.activated == 0 => Err(FleetError::Activation(error.clone())),
        Some(_) | None => Ok(report),
    }
}

fn plan(config: &FleetConfig, places: Arc<[LonLat]>) -> Plan {
    Plan {
        seed: config.seed,
        speed: config.speed,
        shifts: config.shifts,
        places,
        private_share: config.private_share,
        offline_share: config.offline_share,
        mishaps: config.mishaps,
    }
}

/// Everything that one phone needs for its life.
struct Life {
    card: PhoneCard,
    number: u64,
    server_url: String,
    http: reqwest::Client,
    plan: Plan,
    roads: Arc<dyn Roads>,
    rate: Arc<Rate>,
    clock: Clock,
    ends_at: Option<DateTime<Utc>>,
    outage: Outage,
    cancel: CancellationToken,
}

enum LifeEnd {
    NeverActive(ResourceId, ApiError),
    Lived(Box<Driven>),
}

impl Life {
    async fn run(self) -> LifeEnd {
        let (api, handset) = match self.activate().await {
            Ok(phone) => phone,
            Err(error) => {
                tracing::warn!(resource = %self.card.resource, %error, "not activated");
                return LifeEnd::NeverActive(self.card.resource, error);
            }
        };
        let worker = Worker::new(self.plan, self.number, &handset, self.roads.as_ref());
        let coverage = self.outage.of_phone(self.number);
        let mut driven = Driven::new(handset, worker, Radio::new(api, self.rate, self.clock), coverage);
        driven.live(self.roads.as_ref(), self.ends_at, &self.cancel).await;
        LifeEnd::Lived(Box::new(driven))
    }

    /// Apart from the person's own numbers.
    fn device_ids(&self) -> ChaCha8Rng {
        random::of_phone(self.card.resource, self.plan.seed, !self.number)
    }

    /// Tries until the server answers; only an answer ends it.
    async fn activate(&self) -> Result<(FieldApi, Handset), ApiError> {
        let request = ActivateRequest {
            connection_code: self.card.code.clone(),
            msisdn: self.card.msisdn.clone(),
            device: DeviceId(random::new_id((self.clock)(), &mut self.device_ids())),
        };
        let mut pause_secs = 1;
        loop {
            let attempt = async {
                self.rate.acquire().await;
                FieldApi::activate(self.http.clone(), &self.server_url, &request).await
            };
            let error = tokio::select! {
                () = self.cancel.cancelled() => return Err(ApiError::Unreachable("cancelled".to_owned())),
                result = attempt => match result {
                    Ok((api, sync)) => return Ok((api, Handset::new(sync))),
                    Err(error) => error,
                },
            };
            if !error.is_temporary() || self.ends_at.is_some_and(|end| (self.clock)() >= end) {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_secs(pause_secs)).await;
            pause_secs = (pause_secs * 2).min(15);
        }
    }
}

impl FleetReport {
    fn add(&mut self, phone: &Driven) {
        self.activated += 1;
        let radio = phone.radio();
        self.wiped += usize::from(radio.is_dead);
        self.requests += radio.requests;
        self.failed_requests += radio.failed_requests;
        self.tally.add(phone.tally());
        let (entries, fixes) = phone.unsent();
        self.unsent = (self.unsent.0 + entries, self.unsent.1 + fixes);
    }
}
