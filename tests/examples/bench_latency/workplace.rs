//! The company: a real server on loopback, people who walk into fences, and a desk that watches.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use desk::{Clock as _, Desk, DeskConfig, KeyPolicy, SystemClock};
use domain::access::Role;
use domain::alert::Severity;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::position::{Fix, Trigger};
use domain::resource::Profile;
use domain::rule::AlertPolicy;
use domain::{CompanyId, DeviceId, EntryGuid, GroupId, LonLat, PoiId, ProfileId, ResourceId};
use field::FieldApi;
use protocol::field::{ActivateRequest, EntryOutcome};
use protocol::view::{ConnectionState, DeskRequest, SignInForm, ViewEvent};
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use store::MemoryKeyStore;
use tempfile::TempDir;
use tests::plain;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use crate::desktop::Desktop;

const COMPANY: &str = "Riviera";
const PASSWORD: &str = "correct horse";
const RADIUS_M: f64 = 150.0;
/// Fences lie so far apart, degrees of longitude: no walk touches two.
const APART_DEG: f64 = 0.05;
/// The walk towards the fence is reported this long before it is confirmed.
const APPROACH: Duration = Duration::from_millis(700);

/// The company.
pub struct Workplace {
    folder: TempDir,
    server: RunningServer,
    company: CompanyId,
    group: GroupId,
    profile: ProfileId,
    http: reqwest::Client,
    walkers: Vec<Walker>,
}

/// Somebody who is going to walk into a fence of their own.
struct Walker {
    phone: FieldApi,
    center: LonLat,
    title: String,
}

/// A walk that was reported.
pub struct Walk {
    /// What the notification will say.
    pub title: String,
    /// When the report that confirms it was about to be sent.
    pub posted_at: Instant,
}

pub fn now() -> DateTime<Utc> {
    SystemClock::new().now().wall
}

fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

pub fn place(lon: f64, lat: f64) -> Result<LonLat> {
    LonLat::new(lon, lat).context("a coordinate")
}

pub fn fix(at: LonLat, secs_ago: i64) -> Fix {
    let fix_time = now() - TimeDelta::seconds(secs_ago);
    Fix { at, fix_time, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None }
}

impl Workplace {
    /// Opens it, with so many walkers and fences.
    ///
    /// # Errors
    /// When the server does not start or refuses something.
    pub async fn open(walkers: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = ServerConfig::in_file(([127, 0, 0, 1], 0).into(), folder.path().join("server.db"));
        let server = server::start(config, Arc::new(server::SystemClock)).await?;
        let admin = server.admin();
        let new = NewCompany {
            name: COMPANY.to_owned(),
            zone: Tz::Europe__Monaco,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        };
        let company = admin.add_company(new)?;
        let group = admin.add_group(company, "All")?;
        let profile = Profile {
            id: ProfileId(fresh()),
            name: "Field".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(company, profile)?;
        admin.add_user(NewUser {
            company,
            login: "dispatcher".to_owned(),
            name: "Camille".to_owned(),
            password: PASSWORD.to_owned(),
            role: Role::Dispatcher,
            groups: Vec::new(),
        })?;
        let http = field::http_client()?;
        let mut workplace =
            Workplace { folder, server, company, group, profile: profile_id, http, walkers: Vec::new() };
        for n in 0..walkers {
            let walker = workplace.walker(n).await?;
            workplace.walkers.push(walker);
        }
        Ok(workplace)
    }

    async fn walker(&self, n: usize) -> Result<Walker> {
        let center = place(-60.0 + n as f64 * APART_DEG, 10.0)?;
        let circle = FenceShape::Circle { center, radius_m: RADIUS_M };
        // Both limits of notifications are used in turn.
        let severity = if n.is_multiple_of(2) { Severity::Info } else { Severity::Critical };
        let policy = Some(AlertPolicy::of(severity));
        self.server.admin().put(
            self.company,
            Poi {
                id: PoiId(fresh()),
                name: format!("Fence {n}"),
                kind: PoiKind::Customer,
                at: center,
                address: String::new(),
                fence: Some(Fence { on_enter: true, policy, ..Fence::new(circle) }),
            },
        )?;
        let phone = self.hire(&format!("Walker {n}")).await?;
        Ok(Walker { phone, center, title: format!("Walker {n} entered Fence {n}") })
    }

    /// Somebody with an activated phone, signed in for work.
    ///
    /// # Errors
    /// When the server refuses something.
    pub async fn hire(&self, name: &str) -> Result<FieldApi> {
        let msisdn = format!("+377 {}", fresh().as_u128() % 10_000_000_000);
        let card = plain::card(ResourceId(fresh()), name, &msisdn, (self.group, self.profile));
        let code = self.server.admin().add_resource(self.company, card)?;
        let request = ActivateRequest { connection_code: code.0, msisdn, device: DeviceId(fresh()) };
        let (phone, _) = FieldApi::activate(self.http.clone(), self.server.url(), &request).await?;
        let body = EntryBody::Attendance { kind: AttendanceKind::SignIn };
        let entry = Entry { guid: EntryGuid(fresh()), event_time: now(), fix: None, body };
        let taken = phone.entries(&[entry], now()).await?;
        ensure!(matches!(taken.outcomes[..], [EntryOutcome::Accepted { .. }]), "{name} signs in: {taken:?}");
        Ok(phone)
    }

    /// A desk that is signed in and up to date.
    ///
    /// # Errors
    /// When it can't sign in.
    pub async fn desk(&self, desktop: &Arc<Desktop>) -> Result<Desk> {
        let regions = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/resources/regions");
        let config = DeskConfig {
            data_dir: Some(self.folder.path().join("desk")),
            exports_dir: None,
            region_roots: vec![regions],
            keys: KeyPolicy::Given(Arc::new(MemoryKeyStore::default())),
        };
        let desk = desk::start(config, desktop.clone(), None, Arc::new(SystemClock::new()));
        let form = SignInForm {
            server_url: self.server.url().to_owned(),
            company: COMPANY.to_owned(),
            user: "dispatcher".to_owned(),
            password: PASSWORD.to_owned(),
        };
        if let Err(error) = desk.request(DeskRequest::SignIn(form)).await {
            bail!("signing in: {error:?}");
        }
        let mut screen = desk.subscribe().await;
        while let Some(event) = screen.events.recv().await {
            if matches!(&event, ViewEvent::Connection(view) if view.state == ConnectionState::Live) {
                // From now on it has a front end, as in real life.
                tokio::spawn(async move {
                    while tokio::select! {
                        event = screen.events.recv() => event.is_some(),
                        frame = screen.positions.recv() => frame.is_some(),
                    } {}
                });
                return Ok(desk);
            }
        }
        bail!("the desk has ended")
    }

    /// One after the other walks into their fence; answers when each of them reported it.
    ///
    /// # Errors
    /// When a report is refused.
    pub async fn walk(&self, every: Duration) -> Result<Vec<Walk>> {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut walks = Vec::new();
        for walker in &self.walkers {
            ticks.tick().await;
            let outside = place(walker.center.lon() + 0.01, walker.center.lat())?;
            let approach = [fix(outside, 130), fix(walker.center, 50)];
            let accepted = walker.phone.positions(&approach).await?;
            ensure!(accepted.accepted == 2, "the approach counts: {accepted:?}");
            tokio::time::sleep(APPROACH).await;
            let posted_at = Instant::now();
            walker.phone.positions(&[fix(walker.center, 0)]).await?;
            walks.push(Walk { title: walker.title.clone(), posted_at });
        }
        Ok(walks)
    }

    /// Ends the server.
    pub async fn close(self) {
        self.server.stop().await;
    }
}
