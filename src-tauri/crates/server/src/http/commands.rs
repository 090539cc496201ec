//! `POST /v1/commands`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use domain::DeviceId;
use protocol::header;
use protocol::wire::{Command, CommandOutcome, ErrorCode};

use super::body::Body;
use super::error::ApiError;
use super::limits::COMMANDS;
use crate::auth::Principal;
use crate::commands::{Sender, admit, carry_out};
use crate::core::Core;

/// One outcome per command, in the order sent.
pub(crate) async fn commands(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    Body(batch): Body<Vec<Command>>,
) -> Result<Json<Vec<CommandOutcome>>, ApiError> {
    if batch.len() > COMMANDS {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("at most {COMMANDS} commands at a time")));
    }
    let device: DeviceId = required(&headers, header::DEVICE_ID)?;
    let epoch: u64 = required(&headers, header::DEVICE_EPOCH)?;
    let acked_through: u64 = required(&headers, header::ACKED_THROUGH)?;
    let sender = Sender { principal, device, epoch };
    let outcomes = core.blocking(move |core| {
        admit(core, &sender, acked_through)?;
        batch.iter().map(|command| carry_out(core, &sender, command)).collect::<Result<Vec<_>, _>>()
    });
    outcomes.await?.map(Json)
}

fn required<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Result<T, ApiError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()?.parse().ok());
    value.ok_or_else(|| {
        ApiError::new(ErrorCode::BadRequest, format!("the header {name} is missing or can't be read"))
    })
}
