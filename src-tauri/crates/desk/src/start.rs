//! How a session begins: by signing in, in the demo, or from what is cached. Runs in a task of its own; the loop hears of each step.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::access::Role;
use domain::company::{Company, User};
use protocol::durable::{QueuedCommand, StoredOutbox};
use protocol::view::{DeskError, DeskErrorCode, SignInForm, StartStep};
use protocol::wire::TokensResponse;
use store::{StoredSession, UnreadableCommand};
use sync::shell::BaseUrl;
use sync::{Clock, CoreConfig, Secret, SyncConfig, SyncEvent, SyncHandle, Tokens};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::DeskEvent;
use crate::files::Identity;
use crate::regions::{OpenRegion, Regions};
use crate::session::SessionParts;
use crate::sign_in::{SignInRefused, in_the_back, parse_url, sign_in_as};
use crate::storage::{self, LocalData, OpenFiles};
use crate::{DemoLauncher, DemoServer, DeskConfig};

/// Sync events that may wait for the loop.
const SYNC_EVENTS_WAITING: usize = 256;

/// How to begin.
pub enum StartWith {
    /// With a password.
    Form(SignInForm),
    /// In the embedded demo.
    Demo(Role),
    /// From the cache.
    Offline(Identity),
}

/// All that a start needs; a copy for its task.
#[derive(Clone)]
pub struct StartContext {
    /// Where files are.
    pub config: Arc<DeskConfig>,
    /// Installed regions.
    pub regions: Regions,
    /// The demo, if this build has one.
    pub demo: Option<Arc<dyn DemoLauncher>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where steps are told.
    pub events: mpsc::Sender<DeskEvent>,
    /// Ends what was started.
    pub cancel: CancellationToken,
    /// Seeds the jitter of retries.
    pub seed: u64,
}

/// A session that has begun.
pub struct Started {
    /// What it is made of.
    pub parts: SessionParts,
    /// Whose it is.
    pub identity: Identity,
    /// The controller's half of the files.
    pub local: LocalData,
    /// Commands that this build can't read.
    pub unreadable: Vec<UnreadableCommand>,
    /// Commands of earlier sessions.
    pub queue: Vec<QueuedCommand>,
    /// The sync session.
    pub sync: SyncHandle,
    /// What it tells.
    pub sync_events: mpsc::Receiver<SyncEvent>,
}

/// Who signed in, from the server or from the cache.
struct SignedIn {
    base_url: BaseUrl,
    demo: Option<Arc<dyn DemoServer>>,
    user: User,
    company: Company,
    tokens: Tokens,
    clock_offset_ms: Option<i64>,
    offline: bool,
}

impl StartContext {
    /// Begins.
    ///
    /// # Errors
    /// What the sign-in page shows.
    pub async fn start(self, with: StartWith) -> Result<Box<Started>, DeskError> {
        match with {
            StartWith::Form(form) => self.with_password(form, None).await,
            StartWith::Demo(role) => self.demo(role).await,
            StartWith::Offline(identity) => self.offline(identity).await,
        }
    }

    async fn demo(self, role: Role) -> Result<Box<Started>, DeskError> {
        let launcher = self.demo.clone().ok_or(DeskErrorCode::NoDemo)?;
        self.step(StartStep::StartingDemoServer).await;
        let demo = launcher.start(role).await.map_err(|error| {
            tracing::error!(%error, "the demo did not start");
            DeskError::from(DeskErrorCode::Internal)
        })?;
        let form = SignInForm {
            server_url: demo.base_url,
            company: demo.company,
            user: demo.user,
            password: demo.password,
        };
        self.with_password(form, Some(demo.server)).await
    }

    async fn with_password(
        self,
        form: SignInForm,
        demo: Option<Arc<dyn DemoServer>>,
    ) -> Result<Box<Started>, DeskError> {
        let base_url = parse_url(&form.server_url)?;
        let identity = Identity::of(&form);
        self.step(StartStep::OpeningCache).await;
        let mut files = self.open_files(&identity, demo.is_some()).await?;
        self.step(StartStep::SigningIn).await;
        let signed_in = match sign_in_as(&files.local, &form).await {
            Err(SignInRefused::Fenced) => self.as_another_device(&mut files, &form).await,
            other => other,
        };
        let tokens = match signed_in {
            Ok(tokens) => tokens,
            Err(refused) => {
                files.close_unused();
                return Err(refused.explained());
            }
        };
        let who = SignedIn {
            base_url,
            demo,
            user: tokens.user.clone(),
            company: tokens.company.clone(),
            tokens: Tokens::from(&tokens),
            clock_offset_ms: Some((self.clock.now().wall - tokens.server_time).num_milliseconds()),
            offline: false,
        };
        self.begin(identity, files, who).await
    }

    /// The server took this desk for a copy: it becomes a device of its own, and what waited is for review.
    async fn as_another_device(
        &self,
        files: &mut OpenFiles,
        form: &SignInForm,
    ) -> Result<TokensResponse, SignInRefused> {
        let local = files.local.clone();
        let became = in_the_back(move || local.become_another_device()).await?;
        files.outbox_state = became.map_err(|fault| {
            tracing::error!(%fault, "a fenced desk can't become another device");
            DeskError::from(DeskErrorCode::Storage)
        })?;
        sign_in_as(&files.local, form).await
    }

    async fn offline(self, identity: Identity) -> Result<Box<Started>, DeskError> {
        let base_url = parse_url(&identity.server_url)?;
        self.step(StartStep::OpeningCache).await;
        let files = self.open_files(&identity, false).await?;
        let now = self.clock.now().wall;
        let session = files.session.clone().filter(|session| files.durable && now < session.offline_until);
        let Some(session) = session else { return Err(DeskErrorCode::NothingCached.into()) };
        let local = files.local.clone();
        let refresh = in_the_back(move || local.token()).await?.unwrap_or_default();
        let tokens = Tokens { access: Secret::default(), refresh: Secret(refresh), expires_in_secs: 0 };
        let (user, company) = (session.user, session.company);
        let who =
            SignedIn { base_url, demo: None, user, company, tokens, clock_offset_ms: None, offline: true };
        self.begin(identity, files, who).await
    }

    async fn begin(
        self,
        identity: Identity,
        files: OpenFiles,
        who: SignedIn,
    ) -> Result<Box<Started>, DeskError> {
        self.step(StartStep::LoadingRegion).await;
        let region = self.region(who.company.region.clone()).await;
        self.step(StartStep::FirstSync).await;
        let hours = |session: &StoredSession| TimeDelta::hours(i64::from(session.company.offline_hours));
        let proof_at = files.session.as_ref().map(|session| session.offline_until - hours(session));
        let clock = self.clock.clone();
        let parts = SessionParts {
            user: who.user,
            company: who.company,
            rows: files.rows,
            region,
            speeds: files.speeds,
            demo: who.demo,
            offline: who.offline,
            durable: files.durable,
            proof_at,
            clock_offset_ms: who.clock_offset_ms,
            clock: Arc::new(move || clock.now().wall),
        };
        let (events, sync_events) = mpsc::channel(SYNC_EVENTS_WAITING);
        let session = sync::Session {
            config: SyncConfig { base_url: who.base_url, core: CoreConfig::default(), seed: self.seed },
            tokens: who.tokens,
            cache: files.cache,
            outbox: files.outbox,
            events,
            clock: self.clock,
            cancel: self.cancel,
        };
        let sync = session.start().map_err(|error| {
            tracing::error!(%error, "the sync session did not start");
            DeskError::from(DeskErrorCode::Internal)
        })?;
        let OpenFiles { local, unreadable, outbox_state: StoredOutbox { commands: queue, .. }, .. } = files;
        Ok(Box::new(Started { parts, identity, local, unreadable, queue, sync, sync_events }))
    }

    async fn open_files(&self, identity: &Identity, is_demo: bool) -> Result<OpenFiles, DeskError> {
        let (config, identity, now) = (self.config.clone(), identity.clone(), self.clock.now().wall);
        in_the_back(move || storage::open(&config, &identity, is_demo, now)).await?
    }

    async fn region(&self, name: String) -> Option<OpenRegion> {
        let regions = self.regions.clone();
        in_the_back(move || regions.open(&name)).await.ok().flatten()
    }

    async fn step(&self, step: StartStep) {
        self.events.send(DeskEvent::Step(step)).await.ok(); // else the desk stops
    }
}
