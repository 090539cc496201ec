//! Questions: answered from what is known, or by the server where they have to be.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::Action;
use domain::attendance::day_sheet;
use domain::{PoiId, ResourceId, TaskId};
use protocol::view::{CoordinateOrder, DeskError, DeskErrorCode, DeskResponse, FenceFormat};
use protocol::wire::{ErrorCode, Rejection, WhatIfRequest};
use sync::{CallError, OnDemandError};

use super::requests::answer;
use super::{Controller, Running};
use crate::event::Reply;
use crate::session::Drive;
use crate::{check, exports, fence_files, noise, suggestions};

/// Longest key of a preference, characters.
const KEY_CHARS: usize = 100;
/// Longest value of a preference, characters.
const VALUE_CHARS: usize = 4_000;
/// Longest look back at what the rules said, days.
const NOISE_DAYS: u16 = 90;
/// Longest look back under other settings, days.
const WHAT_IF_DAYS: u16 = 14;
/// Longest stretch of a track, days.
const TRACK_DAYS: i64 = 31;

impl Controller {
    pub(super) fn route(&mut self, resource: ResourceId, task: TaskId, reply: Reply) {
        let now = self.now();
        let asked = self
            .allowed(Action::ReadLivePosition)
            .and_then(|running| Ok((running.session.way_to(resource, task, now)?, running.session.times())));
        match asked {
            Ok((Drive { from, to, trip }, times)) => self.in_the_back(reply, move || {
                let route = suggestions::route(&times, from, to, trip);
                route.map(DeskResponse::Route).ok_or_else(not_found)
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn track(&mut self, resource: ResourceId, span: (DateTime<Utc>, DateTime<Utc>), reply: Reply) {
        let long = (span.1 - span.0).num_days() > TRACK_DAYS;
        let asked = check::in_range("to", span.0 <= span.1 && !long)
            .and_then(|()| self.allowed(Action::ReadTrack).map(drop))
            .and_then(|()| self.connected().map(|running| running.link.handle().clone()));
        match asked {
            Ok(handle) => {
                self.tasks.spawn(async move {
                    let track = handle.track(resource, span, "dispatch").await;
                    answer(reply, track.map(DeskResponse::Track).map_err(explain));
                });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn contact(&mut self, resource: ResourceId, reply: Reply) {
        let asked = self
            .allowed(Action::RevealContact)
            .map(drop)
            .and_then(|()| self.connected().map(|running| running.link.handle().clone()));
        match asked {
            Ok(handle) => {
                self.tasks.spawn(async move {
                    let contact = handle.contact(resource).await;
                    let shown =
                        contact.map(|found| DeskResponse::Contact { phone: found.phone, email: found.email });
                    answer(reply, shown.map_err(explain));
                });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn what_if(&mut self, asked: WhatIfRequest, reply: Reply) {
        let handle = check::in_range("days", (1..=WHAT_IF_DAYS).contains(&asked.days))
            .and_then(|()| self.allowed(Action::HandleAlert).map(drop))
            .and_then(|()| self.connected().map(|running| running.link.handle().clone()));
        match handle {
            Ok(handle) => {
                self.tasks.spawn(async move {
                    let counted = handle.what_if(asked).await;
                    answer(reply, counted.map(DeskResponse::WhatIf).map_err(explain));
                });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn day_sheet(
        &mut self,
        resource: ResourceId,
        day: NaiveDate,
    ) -> Result<DeskResponse, DeskError> {
        let now = self.now();
        let running = self.allowed(Action::ReadAttendance)?;
        let rows = running.session.picture().shown();
        if !rows.resources.contains_key(&resource) {
            return Err(not_found());
        }
        let own = rows.attendance.values().map(|row| row.data).filter(|entry| entry.resource == resource);
        let entries: Vec<_> = own.collect();
        let sheet = day_sheet(resource, &entries, day, running.session.zone(), now);
        Ok(DeskResponse::DaySheet(Box::new(sheet)))
    }

    pub(super) fn figures(&mut self) -> Result<DeskResponse, DeskError> {
        let now = self.now();
        let running = self.allowed(Action::ReadWork)?;
        Ok(DeskResponse::Figures(running.session.figures(now)))
    }

    pub(super) fn read_fences(
        &mut self,
        name: String,
        text: String,
        order: Option<CoordinateOrder>,
        reply: Reply,
    ) {
        let known = self
            .allowed(Action::EditPlace)
            .map(|running| fence_files::known(&running.session.picture().shown().pois));
        match known {
            Ok(known) => self.in_the_back(reply, move || {
                let view = fence_files::read(&name, &text, order, known)?;
                Ok(DeskResponse::FenceFile(Box::new(view)))
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn export_fences(&mut self, pois: &[PoiId], format: FenceFormat, reply: Reply) {
        let (now, config) = (self.now(), self.wiring.config.clone());
        let chosen = self
            .allowed(Action::ReadWork)
            .and_then(|running| fence_files::chosen(running.session.picture().shown(), pois));
        match chosen {
            Ok(chosen) => self.in_the_back(reply, move || {
                exports::save_fences(&config, format, &fence_files::text(&chosen, format), now)
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn noise(&mut self, days: u16) -> Result<DeskResponse, DeskError> {
        check::in_range("days", (1..=NOISE_DAYS).contains(&days))?;
        let now = self.now();
        let session = &self.allowed(Action::HandleAlert)?.session;
        let since = session.at_server(now) - TimeDelta::days(i64::from(days));
        let alerts = session.picture().shown().alerts.values().map(|row| &row.data);
        Ok(DeskResponse::Noise(noise::noise(alerts, since)))
    }

    pub(super) fn set_preference(
        &mut self,
        key: String,
        value: Option<String>,
    ) -> Result<DeskResponse, DeskError> {
        check::in_range("key", (1..=KEY_CHARS).contains(&key.chars().count()))?;
        let length = value.as_ref().map_or(0, |value| value.chars().count());
        check::in_range("value", length <= VALUE_CHARS)?;
        self.settings.set_preference(key, value).map_err(|error| {
            tracing::warn!(%error, "a preference was not kept");
            DeskError::from(DeskErrorCode::Storage)
        })?;
        Ok(DeskResponse::Done)
    }

    /// Whoever is signed in, if their role may do it.
    pub(super) fn allowed(&mut self, action: Action) -> Result<&mut Running, DeskError> {
        let running = self.signed_in()?;
        if running.session.user().role.may(action) {
            Ok(running)
        } else {
            Err(DeskErrorCode::Forbidden.into())
        }
    }

    /// Works something out without holding up the loop.
    pub(super) fn in_the_back(
        &mut self,
        reply: Reply,
        work: impl FnOnce() -> Result<DeskResponse, DeskError> + Send + 'static,
    ) {
        self.tasks.spawn_blocking(move || answer(reply, work()));
    }
}

pub(super) fn not_found() -> DeskError {
    DeskErrorCode::Refused(Rejection::NotFound).into()
}

pub(super) fn explain(error: OnDemandError) -> DeskError {
    let code = match error {
        OnDemandError::NotSignedIn => DeskErrorCode::NotSignedIn,
        OnDemandError::Call(CallError::Unreachable(_)) => DeskErrorCode::NeedsConnection,
        OnDemandError::Call(CallError::Status { body, .. }) => match body.map(|body| body.code) {
            Some(ErrorCode::Forbidden) => DeskErrorCode::Forbidden,
            Some(code) => DeskErrorCode::Server(code),
            None => DeskErrorCode::Server(ErrorCode::Server),
        },
        OnDemandError::Call(CallError::Unreadable(what)) => {
            tracing::warn!(what, "an answer of the server can't be read");
            DeskErrorCode::Server(ErrorCode::Server)
        }
    };
    code.into()
}
