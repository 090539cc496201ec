//! `GET /v1/live`: one WebSocket per desk. It sends what changed (linked by `prev`), where everybody is, bookmarks with
//! checksums, and signs of life.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Extension, State};
use axum::response::Response;
use chrono::TimeDelta;
use domain::company::User;
use protocol::entity::EntityKind;
use protocol::wire::{Checksums, Cursor, Item, LiveFrame};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use uuid::Uuid;

use super::AppState;
use super::body::Parameters;
use super::error::ApiError;
use super::read::{company, head, is_readable};
use crate::auth::Principal;
use crate::core::Core;
use crate::positions::LiveScope;
use crate::storage::{Reader, StorageError};

/// Changes in a frame.
const FRAME_CHANGES: usize = 500;
/// Positions at most this often.
const POSITIONS_EVERY: Duration = Duration::from_secs(1);
/// Bookmarks this often (R5 wants ≤ 15 s).
const BOOKMARK_EVERY: Duration = Duration::from_secs(10);
/// Pings this often.
const PING_EVERY: Duration = Duration::from_secs(15);
/// How long before its token runs out a desk is told.
const AUTH_WARNING: TimeDelta = TimeDelta::seconds(90);
/// A desk that takes longer to take a frame is gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiveParameters {
    cursor: Cursor,
}

/// Upgrades to the live socket.
pub(crate) async fn live(
    State(app): State<AppState>,
    Extension(principal): Extension<Principal>,
    Parameters(parameters): Parameters<LiveParameters>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let user = principal.user.clone();
    app.core
        .blocking(move |core| {
            core.write(user.company, None, |ledger| ledger.audit(user.id.0, "positions.watch", Uuid::nil()))
        })
        .await??;
    Ok(upgrade.max_message_size(64 * 1024).on_upgrade(move |socket| async move {
        let Some(_open) = app.open_socket() else { return };
        let changed = app.core.hub.watch_company(principal.user.company);
        let scope = LiveScope::of(&principal.user);
        let session = Session {
            core: app.core.clone(),
            socket,
            principal,
            scope,
            cursor: parameters.cursor,
            positions_after: 0,
            bookmark_due: false,
            warned: false,
        };
        tokio::select! {
            () = app.stopping.cancelled() => {}
            () = session.run(changed) => {}
        }
    }))
}

struct Session {
    core: Arc<Core>,
    socket: WebSocket,
    principal: Principal,
    scope: LiveScope,
    /// Where the reader stands: what was sent last.
    cursor: Cursor,
    positions_after: u64,
    bookmark_due: bool,
    warned: bool,
}

/// Why a socket is closed. The reader knows what to do from the frame before it, if any.
enum Ended {
    /// The desk went away, or takes too long.
    Away,
    /// Told what to do in a last frame.
    Told(LiveFrame),
    /// The token has run out, or the session was ended.
    SignedOut,
    /// The store failed.
    Failed,
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "live socket failed");
        Ended::Failed
    }
}

/// What one look at the store found.
struct Look {
    /// Changes after the cursor.
    items: Vec<Item>,
    /// Where the reader stands with them.
    to: Cursor,
    /// There is more.
    more: bool,
    /// The sums at `to`, when a bookmark is due and there is no more.
    checksums: Option<Checksums>,
}

impl Session {
    async fn run(mut self, mut changed: watch::Receiver<u64>) {
        let Err(ended) = self.serve(&mut changed).await;
        let code = match ended {
            Ended::Away => return,
            Ended::Told(frame) => {
                let _gone_anyway = self.send(&frame).await;
                close_code::NORMAL
            }
            Ended::SignedOut => close_code::POLICY,
            Ended::Failed => close_code::ERROR,
        };
        let close = Message::Close(Some(CloseFrame { code, reason: "".into() }));
        let _gone_anyway = self.socket.send(close).await;
    }

    async fn serve(&mut self, changed: &mut watch::Receiver<u64>) -> Result<std::convert::Infallible, Ended> {
        let start = Instant::now();
        let mut positions = interval(POSITIONS_EVERY);
        let mut bookmarks = interval_at(start + BOOKMARK_EVERY, BOOKMARK_EVERY);
        let mut pings = interval_at(start + PING_EVERY, PING_EVERY);
        for ticks in [&mut positions, &mut bookmarks, &mut pings] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        self.bookmark_due = true;
        self.catch_up().await?;
        loop {
            tokio::select! {
                signal = changed.changed() => {
                    signal.map_err(|_| Ended::Away)?;
                    self.catch_up().await?;
                }
                _ = positions.tick() => self.send_positions().await?,
                _ = bookmarks.tick() => {
                    self.bookmark_due = true;
                    self.catch_up().await?;
                }
                _ = pings.tick() => self.send(&LiveFrame::Ping { server_time: self.core.now() }).await?,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Ended::Away),
                    // Nothing is asked over the socket; what comes is only a sign of life.
                    Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                },
            }
        }
    }

    /// Sends changes until there are none, then the bookmark if one is due.
    async fn catch_up(&mut self) -> Result<(), Ended> {
        self.check_token().await?;
        loop {
            let look = self.look().await?;
            let (prev, cursor) = (self.cursor, look.to);
            if !look.items.is_empty() {
                self.send(&LiveFrame::Change { prev, cursor, items: look.items }).await?;
                self.cursor = cursor;
            }
            if look.more {
                continue;
            }
            if let Some(checksums) = look.checksums {
                let (prev, server_time) = (self.cursor, self.core.now());
                self.send(&LiveFrame::Bookmark { cursor, prev, checksums, server_time }).await?;
                self.cursor = cursor;
                self.bookmark_due = false;
            }
            return Ok(());
        }
    }

    /// Tells the desk in time that its token runs out; ends when it has.
    async fn check_token(&mut self) -> Result<(), Ended> {
        let left = self.principal.expires_at - self.core.now();
        if left <= TimeDelta::zero() {
            return Err(Ended::SignedOut);
        }
        if left <= AUTH_WARNING && !self.warned {
            self.warned = true;
            let in_secs = u32::try_from(left.num_seconds()).unwrap_or_default();
            self.send(&LiveFrame::AuthExpiring { in_secs }).await?;
        }
        Ok(())
    }

    async fn look(&mut self) -> Result<Look, Ended> {
        let (principal, cursor, bookmark_due) = (self.principal.clone(), self.cursor, self.bookmark_due);
        let look = self
            .core
            .blocking(move |core| core.storage.read(|rows| look(rows, &principal, cursor, bookmark_due)));
        look.await.map_err(|_| Ended::Away)?
    }

    async fn send_positions(&mut self) -> Result<(), Ended> {
        let (positions, after) = self.core.positions.since(&self.scope, self.positions_after);
        self.positions_after = after;
        if positions.is_empty() {
            return Ok(());
        }
        self.send(&LiveFrame::Positions { positions }).await
    }

    async fn send(&mut self, frame: &LiveFrame) -> Result<(), Ended> {
        let text = serde_json::to_string(frame).map_err(StorageError::from)?;
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.socket.send(Message::Text(text.into())));
        sent.await.map_err(|_| Ended::Away)?.map_err(|_| Ended::Away)
    }
}

fn look(rows: &Reader<'_>, principal: &Principal, cursor: Cursor, bookmark_due: bool) -> Result<Look, Ended> {
    check_still_valid(rows, principal, cursor)?;
    let company = company(rows, principal.user.company)?;
    if !is_readable(&company, cursor) {
        let reason = format!("{cursor} can't be read any more");
        return Err(Ended::Told(LiveFrame::Gone { reason }));
    }
    let view = principal.view();
    let page = rows.changes(&view, cursor.seq, FRAME_CHANGES)?;
    let head = head(&company);
    let to = match (page.more_after, page.items.is_empty()) {
        (Some(seq), _) => Cursor { seq, ..head },
        (None, false) => head,
        (None, true) if bookmark_due => head,
        (None, true) => cursor,
    };
    let more = page.more_after.is_some();
    let checksums = (bookmark_due && !more).then(|| rows.checksums(&view)).transpose()?;
    Ok(Look { items: page.items, to, more, checksums })
}

/// Rights may have changed since the socket was opened: the view, the sign-in, the user.
fn check_still_valid(rows: &Reader<'_>, principal: &Principal, cursor: Cursor) -> Result<(), Ended> {
    let (company, user) = (principal.session.company, principal.session.user);
    let credential =
        rows.credential(user)?.filter(|credential| !credential.disabled).ok_or(Ended::SignedOut)?;
    if !rows.session_exists(principal.session.id)? {
        return Err(Ended::SignedOut);
    }
    let row = rows.entity(company, EntityKind::User, user)?.ok_or(Ended::SignedOut)?;
    let now: User = serde_json::from_str(&row.data).map_err(StorageError::from)?;
    let changed = now.role != principal.user.role || now.groups != principal.user.groups;
    if changed || (cursor.seq < credential.view_since) {
        return Err(Ended::Told(LiveFrame::ViewChanged));
    }
    Ok(())
}
