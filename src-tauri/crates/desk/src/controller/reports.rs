//! Reports over some days: how well promises were kept, and what dispatchers made of suggestions.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use protocol::view::{DeskError, DeskResponse};

use super::requests::answer;
use super::{Controller, Running};
use crate::event::Reply;
use crate::{check, choices, promises};

/// Longest look back, days.
const REPORT_DAYS: u16 = 90;

impl Controller {
    pub(super) fn promise_report(&mut self, days: u16, reply: Reply) {
        let gathered = self.looking_back(days).map(|(running, since)| {
            let (session, rows) = (&running.session, running.session.picture().shown());
            let told = promises::told_since(rows.tasks.values().map(|row| &row.data), since);
            let areas = promises::Areas::among(rows.pois.values().map(|row| &row.data));
            (told, areas, since, session.zone())
        });
        match gathered {
            Ok((told, areas, since, zone)) => self.in_the_back(reply, move || {
                let report = promises::report(&told, &areas, since, zone);
                Ok(DeskResponse::PromiseReport(Box::new(report)))
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn choice_report(&mut self, days: u16) -> Result<DeskResponse, DeskError> {
        let (running, since) = self.looking_back(days)?;
        let tasks = running.session.picture().shown().tasks.values().map(|row| &row.data);
        Ok(DeskResponse::ChoiceReport(Box::new(choices::report(tasks, since))))
    }

    /// Whoever is signed in, if they may read work; and the beginning of the last so many days, by the server's clock.
    fn looking_back(&mut self, days: u16) -> Result<(&mut Running, DateTime<Utc>), DeskError> {
        check::in_range("days", (1..=REPORT_DAYS).contains(&days))?;
        let now = self.now();
        let running = self.allowed(Action::ReadWork)?;
        let since = running.session.at_server(now) - TimeDelta::days(i64::from(days));
        Ok((running, since))
    }
}
