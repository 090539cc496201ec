//! Why something fired, or nothing did. The server's track is asked for where that is possible and allowed (and audited there);
//! otherwise the answer comes from what this desk has seen itself.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::{AlertId, PoiId, ResourceId};
use protocol::view::DeskResponse;
use sync::{OnDemandError, SyncHandle};

use super::queries::not_found;
use super::requests::answer;
use super::{Controller, Phase};
use crate::check;
use crate::event::{DeskEvent, Reply};
use crate::session::{Question, Tracks};

/// What the server writes down as the reason.
const PURPOSE: &str = "explain";
/// Nothing is known of times this far from now, however wrong this clock is.
const MOST_APART: TimeDelta = TimeDelta::days(3_660);

impl Controller {
    pub(super) fn explain_alert(&mut self, alert: AlertId, reply: Reply) {
        let asked = self.allowed(Action::HandleAlert).and_then(|running| {
            let row = running.session.picture().shown().alerts.get(&alert).ok_or_else(not_found)?;
            Question::of_alert(&row.data).ok_or_else(not_found)
        });
        match asked {
            Ok(question) => self.explain(question, reply),
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn explain_fence(
        &mut self,
        (resource, poi, at): (ResourceId, PoiId, DateTime<Utc>),
        reply: Reply,
    ) {
        let now = self.now();
        let asked = check::in_range("at", (now - MOST_APART..=now + MOST_APART).contains(&at))
            .and_then(|()| self.allowed(Action::ReadLivePosition).map(drop));
        match asked {
            Ok(()) => self.explain(Question::of_fence(resource, poi, at), reply),
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn explain(&mut self, question: Question, reply: Reply) {
        let now = self.now();
        let may_ask = self.allowed(Action::ReadTrack).is_ok();
        let handle = self.connected().ok().filter(|_| may_ask).map(|running| running.link.handle().clone());
        let Phase::SignedIn(running) = &self.phase else { return };
        let (session, span) = (running.number, question.span(running.session.at_server(now)));
        let (Some(handle), Some(span)) = (handle, span) else {
            return self.explain_from(session, &question, None, reply);
        };
        let events = self.wiring.events.clone();
        self.tasks.spawn(async move {
            let tracks = tracks(&handle, &question, span).await;
            let tracks =
                tracks.inspect_err(|error| tracing::info!(?error, "no track: explained from memory"));
            let (question, tracks) = (Box::new(question), tracks.ok().map(Box::new));
            events.send(DeskEvent::Explain { session, question, tracks, reply }).await.ok(); // else the desk has stopped
        });
    }

    pub(super) fn explain_from(
        &mut self,
        session: u64,
        question: &Question,
        tracks: Option<&Tracks>,
        reply: Reply,
    ) {
        let running = self
            .signed_in()
            .and_then(|running| if running.number == session { Ok(running) } else { Err(not_found()) });
        let explained = running
            .and_then(|running| running.session.explain(question, tracks).ok_or_else(not_found))
            .map(|view| DeskResponse::Explanation(Box::new(view)));
        answer(reply, explained);
    }
}

async fn tracks(
    handle: &SyncHandle,
    question: &Question,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Tracks, OnDemandError> {
    let of = handle.track(question.resource, span, PURPOSE).await?;
    let target = match question.target() {
        Some(other) => Some(handle.track(other, span, PURPOSE).await?),
        None => None,
    };
    Ok(Tracks { of, target })
}
