//! Who could do a task, and who could have gone at a past moment. The past is the server's: it is asked for where everybody was,
//! if the user may know, and writes that down.

use chrono::{DateTime, TimeDelta, Utc};
use domain::TaskId;
use domain::access::Action;
use protocol::view::{CandidateFilter, DeskError, DeskResponse};
use protocol::wire::WhereaboutsResponse;
use sync::SyncHandle;

use super::Controller;
use super::queries::{explain, not_found};
use super::requests::answer;
use crate::event::{DeskEvent, Reply};
use crate::session::Session;
use crate::suggestions::{self, Question};
use crate::{check, etas::SharedTimes};

/// Longest look back, days.
const PAST_DAYS: i64 = 31;

impl Controller {
    pub(super) fn suggestions(&mut self, task: TaskId, filter: &CandidateFilter, reply: Reply) {
        let now = self.now();
        let asked = self.allowed(Action::ReadWork).and_then(|running| {
            with_times(&mut running.session, |session| session.who_could(task, filter, now))
        });
        self.work_out(asked, reply);
    }

    /// The same for a past moment, once the server has said where everybody was.
    pub(super) fn past_suggestions(
        &mut self,
        task: TaskId,
        filter: CandidateFilter,
        at: DateTime<Utc>,
        reply: Reply,
    ) {
        match self.may_look_back(task, at) {
            Ok((session, handle)) => {
                let events = self.wiring.events.clone();
                self.tasks.spawn(async move {
                    match handle.whereabouts(at).await {
                        Ok(found) => {
                            let (found, filter) = (Box::new(found), Box::new(filter));
                            let event = DeskEvent::Whereabouts { session, task, filter, found, reply };
                            events.send(event).await.ok(); // else the desk has stopped
                        }
                        Err(error) => answer(reply, Err(explain(error))),
                    }
                });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn may_look_back(&mut self, task: TaskId, at: DateTime<Utc>) -> Result<(u64, SyncHandle), DeskError> {
        let now = self.now();
        let running = self.allowed(Action::ReadTrack)?;
        let now = running.session.at_server(now);
        let created_at = running.task(task)?.created_at;
        let earliest = created_at.max(now - TimeDelta::days(PAST_DAYS));
        check::in_range("at", (earliest..=now).contains(&at))?;
        let running = self.connected()?;
        Ok((running.number, running.link.handle().clone()))
    }

    pub(super) fn on_whereabouts(
        &mut self,
        session: u64,
        (task, filter): (TaskId, &CandidateFilter),
        found: &WhereaboutsResponse,
        reply: Reply,
    ) {
        let running = self
            .allowed(Action::ReadTrack)
            .and_then(|running| if running.number == session { Ok(running) } else { Err(not_found()) });
        let asked = running.and_then(|running| {
            with_times(&mut running.session, |session| session.who_could_have(task, filter, found))
        });
        self.work_out(asked, reply);
    }

    fn work_out(&mut self, asked: Result<(Question, SharedTimes), DeskError>, reply: Reply) {
        match asked {
            Ok((question, times)) => self.in_the_back(reply, move || {
                Ok(DeskResponse::Suggestions(suggestions::answer(question, &times)))
            }),
            Err(error) => answer(reply, Err(error)),
        }
    }
}

fn with_times(
    session: &mut Session,
    question: impl FnOnce(&mut Session) -> Option<Question>,
) -> Result<(Question, SharedTimes), DeskError> {
    Ok((question(session).ok_or_else(not_found)?, session.times()))
}
