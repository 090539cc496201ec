//! Where travel times come from: which engine, how it does, and trying one.

use domain::access::Action;
use protocol::view::{DeskError, DeskErrorCode, DeskResponse, EngineKind, EngineSettings};

use super::requests::answer;
use super::{Controller, Phase};
use crate::check;
use crate::event::Reply;

/// Longest address, characters.
const URL_CHARS: usize = 1_000;
/// Waits that make sense, milliseconds.
const TIMEOUTS_MS: std::ops::RangeInclusive<u32> = 50..=10_000;

impl Controller {
    /// Where travel times come from.
    pub(super) fn travel_settings(&mut self) -> Result<DeskResponse, DeskError> {
        let running = self.allowed(Action::ReadWork)?;
        Ok(DeskResponse::Travel(Box::new(running.session.travel_view())))
    }

    /// Another engine for this region: kept for the next start, and asked from now on.
    pub(super) fn set_travel_engine(&mut self, settings: EngineSettings) -> Result<DeskResponse, DeskError> {
        let settings = checked(settings)?;
        let now = self.now();
        self.allowed(Action::EditTask)?;
        let Phase::SignedIn(running) = &mut self.phase else {
            return Err(DeskErrorCode::NotSignedIn.into());
        };
        let region = &running.session.company().region;
        self.settings.set_engine(&running.identity, region, &settings).map_err(|error| {
            tracing::warn!(%error, "the engine for travel times was not kept");
            DeskError::from(DeskErrorCode::Storage)
        })?;
        running.session.set_travel_engine(settings, now);
        self.travel_settings()
    }

    /// Tries an engine, in the back: it may be slow.
    pub(super) fn test_travel_engine(&mut self, settings: EngineSettings, reply: Reply) {
        let now = self.now();
        let asked = timeout(&settings)
            .and_then(|()| self.allowed(Action::EditTask))
            .map(|running| running.session.trial(now));
        match asked {
            Ok(trial) => self.in_the_back(reply, move || {
                let no_place =
                    || DeskError { code: DeskErrorCode::BadInput, detail: Some("no_place".to_owned()) };
                trial.run(&trimmed(settings)).map(DeskResponse::EngineTest).ok_or_else(no_place)
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }
}

fn checked(settings: EngineSettings) -> Result<EngineSettings, DeskError> {
    timeout(&settings)?;
    let settings = trimmed(settings);
    check::in_range("url", settings.url.chars().count() <= URL_CHARS)?;
    if settings.kind != EngineKind::Roads && !engines::is_usable(&settings.url) {
        return Err(DeskErrorCode::BadUrl.into());
    }
    Ok(settings)
}

fn timeout(settings: &EngineSettings) -> Result<(), DeskError> {
    check::in_range("timeout_ms", TIMEOUTS_MS.contains(&settings.timeout_ms))
}

fn trimmed(settings: EngineSettings) -> EngineSettings {
    EngineSettings { url: settings.url.trim().to_owned(), ..settings }
}
