//! The HTTP shell: routes, guard, bodies and answers. What a call does is decided elsewhere.

pub(crate) mod body;
mod commands;
pub(crate) mod error;
mod field;
mod guard;
pub(crate) mod limits;
mod live;
mod people;
pub(crate) mod read;
pub(crate) mod routes;
pub(crate) mod sign_in;
mod what_if;
mod whereabouts;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::core::Core;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub core: Arc<Core>,
    pub stopping: CancellationToken,
    pub sockets: TaskTracker,
}

impl AppState {
    /// Counts a live socket as open until the token is dropped; `None` once the server is stopping.
    fn open_socket(&self) -> Option<TaskTrackerToken> {
        (!self.stopping.is_cancelled()).then(|| self.sockets.token())
    }
}

impl FromRef<AppState> for Arc<Core> {
    fn from_ref(app: &AppState) -> Self {
        Arc::clone(&app.core)
    }
}

/// All routes behind the guard.
pub(crate) fn router(app: AppState) -> Router {
    let guard = from_fn_with_state(Arc::clone(&app.core), guard::guard);
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/v1/sign-in", post(sign_in::sign_in))
        .route("/v1/refresh", post(sign_in::refresh))
        .route("/v1/sign-out", post(sign_in::sign_out))
        .route("/v1/snapshot", get(read::snapshot))
        .route("/v1/changes", get(read::changes))
        .route("/v1/live", get(live::live))
        .route("/v1/positions", get(read::positions))
        .route("/v1/whereabouts", get(whereabouts::whereabouts))
        .route("/v1/resources/{id}/track", get(people::track))
        .route("/v1/resources/{id}/contact", post(people::contact))
        .route("/v1/what-if", post(what_if::what_if))
        .route("/v1/commands", post(commands::commands))
        .route("/v1/field/activate", post(field::activate))
        .route("/v1/field/sync", get(field::sync))
        .route("/v1/field/entries", post(field::entries))
        .route("/v1/field/positions", post(field::positions))
        .route("/v1/field/privacy", post(field::privacy))
        .layer(guard)
        .fallback(async || error::ApiError::not_found())
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .with_state(app)
}
