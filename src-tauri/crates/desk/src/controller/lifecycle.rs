//! Sessions begin and end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use protocol::view::{
    DeskError, DeskErrorCode, DeskResponse, LastSession, PositionFrame, SessionView, SignInForm, StartStep,
    ViewEvent,
};
use rand::RngCore;
use sync::Tokens;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::requests::answer;
use super::{Controller, Phase, Running};
use crate::DeskStatus;
use crate::event::{DeskEvent, Reply};
use crate::files::Identity;
use crate::link::Link;
use crate::session::Session;
use crate::sign_in::{SignInRefused, sign_in_as};
use crate::start::{StartContext, StartWith, Started};

/// Somebody signs out.
pub(super) struct SigningOut {
    /// What still waits goes, too.
    discard_queue: bool,
    /// Where the answer goes.
    reply: Reply,
}

impl Controller {
    pub(super) fn signed_out_view(
        &self,
        reason: Option<DeskError>,
        offline_until: Option<DateTime<Utc>>,
    ) -> SessionView {
        let last = self.settings.last().map(|identity| LastSession {
            server_url: identity.server_url.clone(),
            company: identity.company.clone(),
            user: identity.user.clone(),
            offline_until,
        });
        SessionView::SignedOut { last, demo_available: self.wiring.demo.is_some(), reason }
    }

    /// Begins a session; one that runs ends first (its queue stays). A second start while one is under way is refused.
    pub(super) fn start(&mut self, with: StartWith, reply: Reply) {
        if let Phase::Starting { .. } = self.phase {
            let detail = Some("already_starting".to_owned());
            return answer(reply, Err(DeskError { code: DeskErrorCode::BadInput, detail }));
        }
        if let (Phase::SignedIn(running), StartWith::Form(form)) = (&self.phase, &with)
            && running.identity == Identity::of(form)
        {
            return self.sign_in_again(form.clone(), reply);
        }
        self.end_session(None);
        self.starting = match &with {
            StartWith::Form(form) => Some(Identity::of(form)),
            StartWith::Offline(identity) => Some(identity.clone()),
            StartWith::Demo(_) => None,
        };
        let closing = self.closing.take();
        let cancel = CancellationToken::new();
        self.phase = Phase::Starting { step: StartStep::OpeningCache, cancel: cancel.clone() };
        self.tell_session();
        let context = StartContext {
            config: self.wiring.config.clone(),
            regions: self.wiring.regions.clone(),
            demo: self.wiring.demo.clone(),
            clock: self.wiring.clock.clone(),
            events: self.wiring.events.clone(),
            cancel,
            seed: self.rng.next_u64(),
        };
        let events = self.wiring.events.clone();
        self.tasks.spawn(async move {
            wait_for(closing).await;
            let result = context.start(with).await;
            events.send(DeskEvent::Started { result, reply }).await.ok(); // else the desk has stopped
        });
    }

    /// The server wants the password again: session and queue go on with new tokens.
    fn sign_in_again(&mut self, form: SignInForm, reply: Reply) {
        let Phase::SignedIn(running) = &self.phase else { return };
        let (handle, local, session) = (running.link.handle().clone(), running.local.clone(), running.number);
        let events = self.wiring.events.clone();
        self.tasks.spawn(async move {
            let tokens = match sign_in_as(&local, &form).await {
                Ok(tokens) => Box::new(tokens),
                Err(SignInRefused::Fenced) => {
                    let start_over = DeskEvent::StartOver { session, form, reply };
                    events.send(start_over).await.ok(); // else the desk has stopped
                    return;
                }
                Err(SignInRefused::Error(error)) => return answer(reply, Err(error)),
            };
            let taken = handle.signed_in(Tokens::from(&*tokens)).await;
            events.send(DeskEvent::SignedInAgain { session, tokens }).await.ok(); // else the desk has stopped
            let result = taken.map(|()| DeskResponse::Done).map_err(|_| DeskErrorCode::NotSignedIn.into());
            answer(reply, result);
        });
    }

    /// A session that can't go on as the device that it is: it ends, its queue stays, and the next one begins as another device.
    pub(super) fn start_over(&mut self, session: u64, form: SignInForm, reply: Reply) {
        if matches!(&self.phase, Phase::SignedIn(running) if running.number == session) {
            self.end_session(None);
        }
        self.start(StartWith::Form(form), reply);
    }

    pub(super) fn open_offline(&mut self, reply: Reply) {
        match self.settings.last().cloned() {
            Some(identity) => self.start(StartWith::Offline(identity), reply),
            None => answer(reply, Err(DeskErrorCode::NothingCached.into())),
        }
    }

    pub(super) fn on_step(&mut self, now_doing: StartStep) {
        if let Phase::Starting { step, .. } = &mut self.phase {
            *step = now_doing;
            self.tell_session();
        }
    }

    pub(super) fn on_started(&mut self, result: Result<Box<Started>, DeskError>, reply: Reply) {
        match result {
            Ok(started) => {
                self.take_over(*started);
                self.settle();
                answer(reply, Ok(DeskResponse::Done));
            }
            Err(error) => {
                self.damaged = self.starting.take().filter(|_| error.code == DeskErrorCode::QueueDamaged);
                self.phase = Phase::SignedOut { reason: None, offline_until: None };
                self.look_for_last_session();
                self.tell_session();
                answer(reply, Err(error));
            }
        }
    }

    fn take_over(&mut self, started: Started) {
        let Started { parts, identity, local, unreadable, queue, sync, sync_events } = started;
        if parts.demo.is_none() {
            self.remember(Some(identity.clone()));
        }
        let now = self.now();
        let (mut session, answers) = Session::begin(parts, now);
        session.set_notification_settings(self.settings.notifications(&identity));
        let engine = self.settings.engine(&identity, &session.company().region);
        session.set_travel_engine(engine, now);
        session.on_queue(queue);
        self.sessions += 1;
        let number = self.sessions;
        let link = Link::new(sync, number, self.wiring.events.clone());
        let running = Running {
            number,
            identity,
            session,
            link,
            local,
            unreadable,
            sync_events,
            answers,
            reading: false,
            purge_owed: false,
        };
        (self.starting, self.damaged) = (None, None);
        self.phase = Phase::SignedIn(Box::new(running));
        // What the session has told while it was made is in the picture that everybody gets now.
        if let Phase::SignedIn(running) = &mut self.phase {
            running.session.take_out(now);
            self.wiring.effects.status(running.session.status());
        }
        self.subscribers.iter_mut().for_each(|subscriber| subscriber.lags = true);
        self.purge();
    }

    pub(super) fn sign_out(&mut self, discard_queue: bool, reply: Reply) {
        let Phase::SignedIn(running) = &self.phase else {
            return answer(reply, Err(DeskErrorCode::NotSignedIn.into()));
        };
        let waiting = running.session.queue_view().iter().any(|queued| !is_done(queued));
        if waiting && !discard_queue {
            return answer(reply, Err(DeskErrorCode::QueueNotEmpty.into()));
        }
        self.end_session(Some(SigningOut { discard_queue, reply }));
        self.show_signed_out(None);
    }

    /// Ends what runs, in the back: telling the server and closing the files takes its time. With `signing_out` the server is
    /// told, and what is cached is wiped; without, it opens again later.
    pub(super) fn end_session(&mut self, signing_out: Option<SigningOut>) {
        let signed_out = Phase::SignedOut { reason: None, offline_until: None };
        match std::mem::replace(&mut self.phase, signed_out) {
            Phase::SignedIn(mut running) => {
                running.session.end_planning();
                running.session.take_off_desktop().into_iter().for_each(|shown| self.show(shown));
                let before = self.closing.take();
                self.closing = Some(tokio::spawn(async move {
                    wait_for(before).await;
                    close(*running, signing_out).await;
                }));
            }
            Phase::Starting { cancel, .. } => cancel.cancel(),
            Phase::SignedOut { .. } => {}
        }
    }

    /// Waits until the last session's files are closed.
    pub(super) async fn closed(&mut self) {
        wait_for(self.closing.take()).await;
    }

    pub(super) fn show_signed_out(&mut self, reason: Option<DeskError>) {
        self.phase = Phase::SignedOut { reason, offline_until: None };
        self.tell_session();
        self.wiring.effects.status(DeskStatus::default());
        let empty = PositionFrame {
            now_ms: self.now().timestamp_millis(),
            full: true,
            dots: Vec::new(),
            gone: Vec::new(),
        };
        let bytes = empty.encode().unwrap_or_default();
        for subscriber in &mut self.subscribers {
            subscriber.frame(bytes.clone());
        }
    }

    pub(super) fn run_demo_server(&mut self, run: bool, reply: Reply) {
        let demo = self.signed_in().and_then(|running| {
            running.session.demo().map(Arc::clone).ok_or_else(|| DeskErrorCode::NoDemo.into())
        });
        let demo = match demo {
            Ok(demo) => demo,
            Err(error) => return answer(reply, Err(error)),
        };
        self.tasks.spawn(async move {
            let done = demo.set_running(run).await.map_err(|error| {
                tracing::error!(%error, "the demo's server did not obey");
                DeskError::from(DeskErrorCode::Internal)
            });
            answer(reply, done.map(|()| DeskResponse::Done));
        });
    }

    pub(super) fn tell_session(&mut self) {
        let view = self.session_view();
        self.tell(&ViewEvent::Session(Box::new(view)));
    }

    fn remember(&mut self, identity: Option<Identity>) {
        if let Err(error) = self.settings.set_last(identity) {
            tracing::warn!(%error, "the last session is not remembered");
        }
    }
}

/// Waits until a session is closed.
pub(super) async fn wait_for(closing: Option<JoinHandle<()>>) {
    if let Some(closing) = closing
        && let Err(error) = closing.await
    {
        tracing::error!(%error, "a session did not close cleanly");
    }
}

async fn close(running: Running, signing_out: Option<SigningOut>) {
    let Running { identity, link, local, session, sync_events, answers, .. } = running;
    // Nobody reads what the session still tells; it must not wait for that.
    drop((sync_events, answers));
    link.end(signing_out.is_some()).await;
    if let Some(demo) = session.demo() {
        demo.shut_down().await;
    }
    let discard_queue = signing_out.as_ref().map(|signing_out| signing_out.discard_queue);
    let write_down = move || match (discard_queue, session.freshness().proof_at) {
        (Some(discard_queue), _) => {
            if discard_queue {
                local.discard_queue();
            }
            local.wipe();
        }
        (None, proof_at) => {
            if let Some(proof_at) = proof_at {
                local.remember(&identity, session.user(), session.company(), proof_at);
            }
            // Written also where nothing has changed: of two writes in the back the older may have come last.
            local.keep_speeds(&session.kept_speeds());
        }
    };
    if let Err(error) = tokio::task::spawn_blocking(write_down).await {
        tracing::error!(%error, "the cache did not close cleanly");
    }
    if let Some(SigningOut { reply, .. }) = signing_out {
        answer(reply, Ok(DeskResponse::Done));
    }
}

fn is_done(queued: &protocol::view::QueuedCommandView) -> bool {
    queued.state == protocol::view::QueuedState::Confirming
}
