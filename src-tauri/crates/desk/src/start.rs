//! How a session begins: by signing in, in the demo, or from what is cached. Runs in a task of its own; the loop hears of each step.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::DeviceId;
use domain::access::Role;
use domain::company::{Company, User};
use protocol::durable::{QueuedCommand, StoredOutbox};
use protocol::view::{DeskError, DeskErrorCode, SignInForm, StartStep};
use protocol::wire::{ErrorCode, SignInRequest, TokensResponse};
use store::StoredSession;
use sync::shell::BaseUrl;
use sync::{Clock, CoreConfig, Secret, SignInError, SyncConfig, SyncEvent, SyncHandle, Tokens};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::DeskEvent;
use crate::files::Identity;
use crate::regions::{OpenRegion, Regions};
use crate::session::SessionParts;
use crate::storage::{self, OpenFiles, RowReader};
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
    /// Reads the cache.
    pub reader: RowReader,
    /// As whom this desk signs in: id and epoch.
    pub device: (DeviceId, u64),
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
        let files = self.open_files(&identity, demo.is_some()).await?;
        self.step(StartStep::SigningIn).await;
        let device = (files.outbox_state.device, files.outbox_state.device_epoch);
        let tokens = match sign_in(&form, device).await {
            Ok(tokens) => tokens,
            Err(error) => {
                files.close_unused();
                return Err(error);
            }
        };
        let (reader, refresh) = (files.reader.clone(), tokens.refresh.clone());
        in_the_back(move || reader.keep_token(&refresh)).await?;
        let who = SignedIn {
            base_url,
            demo,
            user: tokens.user.clone(),
            company: tokens.company.clone(),
            tokens: Tokens::from(&tokens),
            offline: false,
        };
        self.begin(identity, files, who).await
    }

    async fn offline(self, identity: Identity) -> Result<Box<Started>, DeskError> {
        let base_url = parse_url(&identity.server_url)?;
        self.step(StartStep::OpeningCache).await;
        let files = self.open_files(&identity, false).await?;
        let now = self.clock.now().wall;
        let session = files.session.clone().filter(|session| files.durable && now < session.offline_until);
        let Some(session) = session else { return Err(DeskErrorCode::NothingCached.into()) };
        let reader = files.reader.clone();
        let refresh = in_the_back(move || reader.token()).await?.unwrap_or_default();
        let tokens = Tokens { access: Secret::default(), refresh: Secret(refresh), expires_in_secs: 0 };
        let (user, company) = (session.user, session.company);
        let who = SignedIn { base_url, demo: None, user, company, tokens, offline: true };
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
        let parts = SessionParts {
            user: who.user,
            company: who.company,
            rows: files.rows,
            region,
            demo: who.demo,
            offline: who.offline,
            durable: files.durable,
            proof_at,
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
        let StoredOutbox { device, device_epoch, commands: queue, .. } = files.outbox_state;
        let (reader, device) = (files.reader, (device, device_epoch));
        Ok(Box::new(Started { parts, identity, reader, device, queue, sync, sync_events }))
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

/// Signs in with a password as this desk.
///
/// # Errors
/// What the sign-in page shows.
pub async fn sign_in(
    form: &SignInForm,
    (device, device_epoch): (DeviceId, u64),
) -> Result<TokensResponse, DeskError> {
    let base_url = parse_url(&form.server_url)?;
    let Identity { company, user, .. } = Identity::of(form);
    let request = SignInRequest { company, user, password: form.password.clone(), device, device_epoch };
    sync::sign_in(&base_url, &request).await.map_err(|error| explain_sign_in(&error))
}

/// Work that blocks.
async fn in_the_back<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DeskError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a task failed");
        DeskErrorCode::Internal.into()
    })
}

fn parse_url(text: &str) -> Result<BaseUrl, DeskError> {
    BaseUrl::parse(text).map_err(|_| DeskErrorCode::BadUrl.into())
}

fn explain_sign_in(error: &SignInError) -> DeskError {
    let detail = |detail: String| Some(detail).filter(|detail| !detail.is_empty());
    match error {
        SignInError::Url(_) => DeskErrorCode::BadUrl.into(),
        SignInError::Unreachable(_) => DeskErrorCode::Unreachable.into(),
        SignInError::Tls => DeskErrorCode::Tls.into(),
        SignInError::WrongCredentials => DeskErrorCode::Server(ErrorCode::WrongCredentials).into(),
        SignInError::LockedOut { retry_after_secs } => DeskError {
            code: DeskErrorCode::Server(ErrorCode::LockedOut),
            detail: retry_after_secs.map(|secs| secs.to_string()),
        },
        SignInError::Version { server } => {
            DeskError { code: DeskErrorCode::ServerVersion, detail: detail(server.clone()) }
        }
        SignInError::Server(what) => {
            tracing::warn!(what, "signing in failed at the server");
            DeskErrorCode::Server(ErrorCode::Server).into()
        }
    }
}
