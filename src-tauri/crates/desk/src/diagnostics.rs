//! How this desk is doing, as text for the clipboard.
//!
//! What is deliberately absent: names, titles, addresses, coordinates, phone numbers, tokens, paths of files, the server's
//! address, texts that the server sent. Numbers, kinds, states, times and this program's own words remain.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use protocol::view::{
    ConnectionState, ConnectionView, EngineKind, EngineState, NotificationService, QueuedState, SessionView,
};

use crate::session::{Session, queued_view};
use crate::storage::LocalFacts;

/// What the loop knows; the files add [`LocalFacts`].
pub struct Diagnostics {
    at: DateTime<Utc>,
    session: &'static str,
    running: Option<Running>,
    /// What shows notifications.
    notifications: Option<String>,
}

/// What the loop knows of a session.
struct Running {
    server_time: DateTime<Utc>,
    role: String,
    is_durable: bool,
    connection: ConnectionView,
    queue: BTreeMap<(String, &'static str), u32>,
    rows: Vec<(&'static str, usize)>,
    engine: (EngineKind, EngineState),
}

impl Diagnostics {
    /// Of this moment.
    pub fn of(view: &SessionView, session: Option<&Session>, now: DateTime<Utc>) -> Self {
        let (state, is_durable) = match view {
            SessionView::SignedOut { .. } => ("signed out", false),
            SessionView::Starting { .. } => ("starting", false),
            SessionView::SignedIn(view) if view.demo => ("signed in, demo", view.durable),
            SessionView::SignedIn(view) if view.offline => ("opened without a server", view.durable),
            SessionView::SignedIn(view) => ("signed in", view.durable),
        };
        let running = session.map(|session| Running {
            server_time: session.at_server(now),
            role: format!("{:?}", session.user().role).to_lowercase(),
            is_durable,
            connection: session.connection_view(),
            queue: by_kind_and_state(session),
            rows: session.picture().cache().counts(),
            engine: session.engine(),
        });
        Self { at: now, session: state, running, notifications: None }
    }

    /// With what shows notifications, as far as that is known.
    pub fn with_notifications(self, service: Option<&NotificationService>) -> Self {
        Self { notifications: service.and_then(|service| service.name.clone()), ..self }
    }

    /// The text.
    pub fn text(&self, facts: &LocalFacts) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut text, facts);
        text
    }

    fn write(&self, text: &mut String, facts: &LocalFacts) -> fmt::Result {
        writeln!(text, "OfficeTrack Desk {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(text, "system: {} {}", std::env::consts::OS, std::env::consts::ARCH)?;
        writeln!(text, "server API: {}", protocol::API_VERSION)?;
        for (file, newest) in store::schemas() {
            writeln!(text, "schema of {file}: {newest}")?;
        }
        writeln!(text, "time: {}", stamp(self.at))?;
        writeln!(text, "session: {}", self.session)?;
        writeln!(text, "notifications: {}", self.notifications.as_deref().unwrap_or("no service"))?;
        if let Some(running) = &self.running {
            running.write(text, self.at)?;
        }
        if let Some(cursor) = facts.cursor {
            writeln!(text, "cursor: epoch {}, {}", cursor.epoch, cursor.seq)?;
        }
        for (name, bytes) in &facts.files {
            writeln!(text, "file {name}: {bytes} bytes")?;
        }
        writeln!(text, "incidents: {}", facts.incidents.len())?;
        for incident in &facts.incidents {
            let kind = named(&incident.kind);
            writeln!(text, "  {} {kind}: {}", stamp(incident.at), incident.detail)?;
        }
        Ok(())
    }
}

impl Running {
    fn write(&self, text: &mut String, now: DateTime<Utc>) -> fmt::Result {
        let Running { role, is_durable, connection, .. } = self;
        writeln!(text, "role: {role}")?;
        writeln!(text, "queue survives a restart: {is_durable}")?;
        writeln!(text, "server's time: {}", stamp(self.server_time))?;
        match connection.clock_offset_ms {
            Some(offset_ms) => writeln!(text, "clock offset: {offset_ms} ms")?,
            None => writeln!(text, "clock offset: not known")?,
        }
        writeln!(text, "connection: {}", state_of(&connection.state, now))?;
        if let Some(reason) = &connection.reason {
            writeln!(text, "offline because: {}", named(reason))?;
        }
        if let Some(stalled) = &connection.stalled {
            writeln!(text, "stalled: {} since {}", named(&stalled.what), stamp(stalled.since))?;
        }
        match connection.proof_at {
            Some(at) => writeln!(text, "proof of freshness: {} s old", (now - at).num_seconds())?,
            None => writeln!(text, "proof of freshness: none")?,
        }
        writeln!(text, "travel times: {}, {}", named(&self.engine.0), engine_state(&self.engine.1))?;
        writeln!(text, "queue: {} on their way, {} for review", connection.pending, connection.attention)?;
        for ((kind, state), count) in &self.queue {
            writeln!(text, "  {kind} {state}: {count}")?;
        }
        writeln!(text, "rows:")?;
        for (kind, count) in self.rows.iter().filter(|(_, count)| *count > 0) {
            writeln!(text, "  {kind}: {count}")?;
        }
        Ok(())
    }
}

fn by_kind_and_state(session: &Session) -> BTreeMap<(String, &'static str), u32> {
    let mut counts = BTreeMap::new();
    for view in session.picture().queue().iter().map(queued_view) {
        *counts.entry((view.kind, name_of(&view.state))).or_default() += 1;
    }
    counts
}

fn name_of(state: &QueuedState) -> &'static str {
    match state {
        QueuedState::Waiting => "waiting",
        QueuedState::Sending => "sending",
        QueuedState::Confirming => "confirming",
        QueuedState::Conflict => "conflict",
        // A reason may quote what somebody typed.
        QueuedState::Rejected { .. } => "rejected",
        QueuedState::Expired => "expired",
        QueuedState::Fenced => "fenced",
    }
}

fn state_of(state: &ConnectionState, now: DateTime<Utc>) -> String {
    match state {
        ConnectionState::Live => "live".to_owned(),
        ConnectionState::CatchingUp => "catching up".to_owned(),
        ConnectionState::Resyncing { percent: Some(percent) } => format!("resyncing, {percent} %"),
        ConnectionState::Resyncing { percent: None } => "resyncing".to_owned(),
        ConnectionState::Offline { since, .. } => format!("offline for {} s", (now - *since).num_seconds()),
        ConnectionState::SignInAgain => "sign in again".to_owned(),
        ConnectionState::UpgradeNeeded => "upgrade needed".to_owned(),
    }
}

fn engine_state(state: &EngineState) -> String {
    match state {
        EngineState::Ready => "ready".to_owned(),
        EngineState::Answering { millis } => format!("answering in {millis} ms"),
        EngineState::Failing { since, fault } => format!("failing since {}: {fault}", stamp(*since)),
    }
}

/// The name of a fieldless variant on the wire.
fn named<T: serde::Serialize>(variant: &T) -> String {
    let name = serde_json::to_value(variant).ok().and_then(|value| Some(value.as_str()?.to_owned()));
    name.unwrap_or_default()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
