//! Day plans: the search runs elsewhere and comes back as an event.

use std::sync::Arc;

use domain::access::Action;
use domain::{CommandId, TaskId};
use protocol::view::{DeskError, DeskErrorCode, DeskResponse, PlanProgressView, PlanRequest, PlanView};

use super::requests::answer;
use super::{Controller, Phase};
use crate::event::{DeskEvent, PlanAct, PlanStored, Reply};
use crate::link::LinkAsk;
use crate::planning::{Kept, Watch, run};
use crate::session::{PlanSearch, TakingBack};

/// A plan that was found, and how it is shown.
pub type Planned = (Arc<Kept>, Box<PlanView>);

impl Controller {
    pub(super) fn plan_day(&mut self, request: &PlanRequest, reply: Reply) {
        let now = self.now();
        let asked = self.allowed(Action::AssignTask).and_then(|running| {
            let search = running.session.plan_day(request, now)?;
            Ok((running.number, search, running.session.times()))
        });
        let (session, search, times) = match asked {
            Ok(asked) => asked,
            Err(error) => return answer(reply, Err(error)),
        };
        let PlanSearch { question, number, cancel, leave } = search;
        let (events, news) = (self.wiring.events.clone(), self.wiring.events.clone());
        let tell = move |progress| {
            // Where the loop is too busy to hear of it, the next progress is as good.
            news.try_send(DeskEvent::PlanProgress { session, plan: number, progress }).ok();
        };
        let watch = Watch { clock: self.wiring.clock.clone(), cancel, leave, tell: Box::new(tell) };
        let work = move || -> Result<Planned, DeskError> {
            let kept = run(question, number, &times, &watch)?;
            let view = Box::new(kept.whole());
            Ok((Arc::new(kept), view))
        };
        self.tasks.spawn(async move {
            let found = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the planner has failed");
                Err(DeskErrorCode::Internal.into())
            });
            events.send(DeskEvent::Planned { session, plan: number, found, reply }).await.ok(); // else the desk has stopped
        });
    }

    pub(super) fn on_plan_progress(&mut self, (session, plan): (u64, u64), progress: PlanProgressView) {
        if let Phase::SignedIn(running) = &mut self.phase
            && running.number == session
        {
            running.session.on_plan_progress(plan, progress);
        }
    }

    pub(super) fn on_planned(
        &mut self,
        (session, plan): (u64, u64),
        found: Result<Planned, DeskError>,
        reply: Reply,
    ) {
        let taken = match &mut self.phase {
            Phase::SignedIn(running) if running.number == session => {
                running.session.on_planned(plan, found.as_ref().ok().map(|(kept, _)| kept.clone()))
            }
            Phase::SignedIn(_) | Phase::SignedOut { .. } | Phase::Starting { .. } => {
                return answer(reply, Err(DeskErrorCode::NotSignedIn.into()));
            }
        };
        // Whoever waits for the answer should find told that the search is over.
        self.settle();
        let plan = taken.and_then(|other| {
            let (_, view) = found?;
            Ok(DeskResponse::Plan(other.map_or(view, |other| Box::new(other.whole()))))
        });
        answer(reply, plan);
    }

    pub(super) fn cancel_plan(&mut self, reply: Reply) {
        let cancelled = self.allowed(Action::AssignTask).map(|running| running.session.cancel_planning());
        answer(reply, cancelled.map(|()| DeskResponse::Done));
    }

    pub(super) fn plan_part(&mut self, plan: u64, moves: &[TaskId], reply: Reply) {
        let now = self.now();
        let asked =
            self.allowed(Action::AssignTask).and_then(|running| running.session.plan_part(plan, moves, now));
        match asked {
            Ok((kept, chosen)) => {
                self.in_the_back(reply, move || Ok(DeskResponse::Plan(Box::new(kept.partly(&chosen)?))))
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn apply_plan(&mut self, plan: u64, moves: &[TaskId], reply: Reply) {
        let (now, ids) = (self.now(), self.plan_ids());
        let made = self
            .allowed(Action::AssignTask)
            .and_then(|running| running.session.apply_plan((plan, moves), ids.into_iter(), now));
        match made {
            Ok((commands, response)) => {
                self.ask_link(LinkAsk::MakePlan { plan, commands, reply: (reply, response) });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn undo_plan(&mut self, plan: u64, reply: Reply) {
        let (now, ids) = (self.now(), self.plan_ids());
        let back = self
            .allowed(Action::AssignTask)
            .and_then(|running| running.session.undo_plan(plan, ids.into_iter(), now));
        match back {
            Ok(TakingBack { withdrawals, commands, response }) => {
                self.ask_link(LinkAsk::TakeBack { plan, withdrawals, commands, reply: (reply, response) });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn on_plan_stored(&mut self, stored: PlanStored) {
        let now = self.now();
        let PlanStored { plan, act, changed, outcome, answer: planned, reply } = stored;
        let Phase::SignedIn(running) = &mut self.phase else {
            return answer(reply, Err(DeskErrorCode::NotSignedIn.into()));
        };
        let session = &mut running.session;
        session.on_stored(changed, now);
        let result = match act {
            PlanAct::Make => session.on_plan_stored(plan, planned, outcome),
            PlanAct::TakeBack => session.on_plan_taken_back(plan, planned, outcome),
        };
        // Whoever waits for the answer should find the change told already.
        session.flush(now);
        self.settle();
        answer(reply, result);
    }

    /// As many ids as a plan can need.
    fn plan_ids(&mut self) -> Vec<CommandId> {
        let most = match &self.phase {
            Phase::SignedIn(running) => running.session.most_plan_commands(),
            Phase::SignedOut { .. } | Phase::Starting { .. } => 0,
        };
        (0..most).map(|_| self.command_id()).collect()
    }
}
