//! Recorded traces, replayed through phones: each vehicle is one phone that signs in, is tracked, and signs out.

pub mod trace;
mod vehicle;

use std::sync::Arc;

use domain::{DeviceId, ResourceId};
use protocol::field::ActivateRequest;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, FieldApi, http_client};
use crate::clock::Clock;
use crate::codes::PhoneCard;
use crate::handset::{Handset, Tally};
use crate::radio::Radio;
use crate::random;
use crate::rate::Rate;
use trace::Trace;
use vehicle::{Passenger, Timeline};

/// Activations under way at the same time.
const ACTIVATIONS_AT_ONCE: usize = 32;
/// Phones that share one pool of connections.
const PHONES_PER_CLIENT: usize = 250;

/// What to replay.
#[derive(Clone)]
pub struct ReplayConfig {
    /// `http://127.0.0.1:…` or `https://…`
    pub server_url: String,
    /// At least one for each vehicle; vehicles take them in order.
    pub phones: Vec<PhoneCard>,
    /// The recording.
    pub trace: Trace,
    /// Time factor: the recording's seconds pass so many times faster.
    pub speed: f64,
    /// Bound on all requests together. Fixes wait and travel in batches where it is too low for one request each.
    pub max_requests_per_sec: f64,
}

/// What became of a replay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplayReport {
    /// Vehicles replayed.
    pub vehicles: usize,
    /// Phones that could not be activated, and why.
    pub not_activated: Vec<(ResourceId, ApiError)>,
    /// Phones whose profile has no live tracking: they only signed in and out.
    pub untracked: usize,
    /// Most vehicles on the road at the same time.
    pub most_at_once: usize,
    /// Requests made.
    pub requests: u64,
    /// Requests that failed and were made again later.
    pub failed_requests: u64,
    /// What was sent and answered.
    pub tally: Tally,
    /// Reports and fixes that could not be sent.
    pub unsent: (usize, usize),
}

/// Why a replay can't start.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Nothing to replay.
    #[error("the recording has no usable row")]
    Empty,
    /// A phone each.
    #[error("{vehicles} vehicles need as many phones, there are {phones} codes; see --limit")]
    TooFewPhones {
        /// In the recording.
        vehicles: usize,
        /// In the list.
        phones: usize,
    },
    /// Zero, negative or no number.
    #[error("a time factor of {0} is not possible")]
    Speed(f64),
    /// Not a single phone could be activated.
    #[error("no phone could be activated: {0}")]
    Activation(ApiError),
}

/// Replays a recording, shifted to now; ends by itself once everything is sent, or when it is cancelled.
pub async fn run(
    config: ReplayConfig,
    clock: Clock,
    cancel: CancellationToken,
) -> Result<ReplayReport, ReplayError> {
    let (first_secs, _) = config.trace.span_secs().ok_or(ReplayError::Empty)?;
    let (vehicles, phones) = (config.trace.vehicles.len(), config.phones.len());
    if vehicles > phones {
        return Err(ReplayError::TooFewPhones { vehicles, phones });
    }
    if !(config.speed.is_finite() && config.speed > 0.0) {
        return Err(ReplayError::Speed(config.speed));
    }
    let rate = Arc::new(Rate::new(config.max_requests_per_sec));
    let (active, not_activated) = activate_all(&config, &rate, &clock, &cancel).await?;
    tracing::info!(phones = active.len(), "activated; the recording starts");

    let mut report = ReplayReport {
        vehicles,
        not_activated,
        untracked: active.iter().filter(|(_, _, phone)| phone.profile().live_tracking_secs.is_none()).count(),
        most_at_once: most_at_once(&config.trace),
        ..ReplayReport::default()
    };
    let timeline = Timeline { first_secs, started_at: clock(), speed: config.speed };
    let mut rides = JoinSet::new();
    for (number, api, handset) in active {
        let sightings = config.trace.vehicles[number].sightings.clone();
        let mut passenger = Passenger::new(handset, Radio::new(api, rate.clone(), clock.clone()));
        let cancel = cancel.clone();
        rides.spawn(async move {
            passenger.ride(&sightings, timeline, &cancel).await;
            passenger
        });
    }
    while let Some(ended) = rides.join_next().await {
        match ended {
            Ok(passenger) => report.add(&passenger),
            Err(error) => tracing::error!(%error, "a replayed phone broke"),
        }
    }
    Ok(report)
}

type Activated = (usize, FieldApi, Handset);
type NotActivated = (ResourceId, ApiError);

async fn activate_all(
    config: &ReplayConfig,
    rate: &Arc<Rate>,
    clock: &Clock,
    cancel: &CancellationToken,
) -> Result<(Vec<Activated>, Vec<NotActivated>), ReplayError> {
    let (mut calls, at_once) = (JoinSet::new(), Arc::new(Semaphore::new(ACTIVATIONS_AT_ONCE)));
    let mut http = http_client().map_err(ReplayError::Activation)?;
    for number in 0..config.trace.vehicles.len() {
        if number % PHONES_PER_CLIENT == 0 {
            http = http_client().map_err(ReplayError::Activation)?;
        }
        let (http, url, rate, at_once) =
            (http.clone(), config.server_url.clone(), rate.clone(), at_once.clone());
        let (card, cancel, clock) = (config.phones[number].clone(), cancel.clone(), clock.clone());
        calls.spawn(async move {
            let _turn = at_once.acquire_owned().await;
            let result = tokio::select! {
                () = cancel.cancelled() => Err(ApiError::Unreachable("cancelled".to_owned())),
                result = activate(http, &url, &card, &rate, &clock) => result,
            };
            (number, card.resource, result)
        });
    }
    let (mut active, mut not_active) = (Vec::new(), Vec::new());
    while let Some(ended) = calls.join_next().await {
        match ended {
            Ok((number, _, Ok((api, handset)))) => active.push((number, api, handset)),
            Ok((_, resource, Err(error))) => not_active.push((resource, error)),
            Err(error) => tracing::error!(%error, "an activation broke"),
        }
    }
    match not_active.first() {
        Some((_, error)) if active.is_empty() => Err(ReplayError::Activation(error.clone())),
        Some(_) | None => Ok((active, not_active)),
    }
}

async fn activate(
    http: reqwest::Client,
    url: &str,
    card: &PhoneCard,
    rate: &Rate,
    clock: &Clock,
) -> Result<(FieldApi, Handset), ApiError> {
    let device = DeviceId(random::new_id(clock(), &mut random::of_phone(card.resource, 0, 0)));
    let request = ActivateRequest { connection_code: card.code.clone(), msisdn: card.msisdn.clone(), device };
    rate.acquire().await;
    let (api, sync) = FieldApi::activate(http, url, &request).await?;
    Ok((api, Handset::new(sync)))
}

/// Most vehicles between their first and last row at the same time.
fn most_at_once(trace: &Trace) -> usize {
    let ends =
        |vehicle: &trace::Vehicle| Some((vehicle.sightings.first()?.secs, vehicle.sightings.last()?.secs));
    let spans = trace.vehicles.iter().filter_map(ends);
    let mut changes: Vec<(f64, bool)> =
        spans.flat_map(|(start, end)| [(start, true), (end, false)]).collect();
    // At the same instant the comers count before the goers.
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let (mut now, mut most) = (0usize, 0usize);
    for (_, comes) in changes {
        now = if comes { now + 1 } else { now.saturating_sub(1) };
        most = most.max(now);
    }
    most
}

impl ReplayReport {
    fn add(&mut self, passenger: &Passenger) {
        let (radio, handset) = passenger.parts();
        self.requests += radio.requests;
        self.failed_requests += radio.failed_requests;
        self.tally.add(handset.tally());
        let (entries, fixes) = handset.waiting();
        self.unsent = (self.unsent.0 + entries, self.unsent.1 + fixes);
    }
}
