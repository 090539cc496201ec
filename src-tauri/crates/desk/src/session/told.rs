//! The session, the connection and the queue as the UI shows them.

use chrono::{DateTime, Utc};
use domain::access::Action;
use protocol::durable::{CommandState, NeedsUser, QueuedCommand};
use protocol::view::{
    ConnectionView, FiguresView, OfflineReason, QueuedCommandView, QueuedState, SessionView, SignedInView,
    Subject, ViewEvent,
};
use protocol::wire::{CommandBody, Rejection};
use sync::{CallError, Unreachable};

use super::Session;
use crate::figures::figures;
use crate::picture::is_desks_own;

impl Session {
    /// Who is signed in, and what they may do.
    pub fn session_view(&self) -> SessionView {
        SessionView::SignedIn(Box::new(SignedInView {
            user: self.user.clone(),
            company: self.company.clone(),
            may: Action::ALL.into_iter().filter(|action| self.user.role.may(*action)).collect(),
            base_map: self.region.as_ref().map(|region| region.base_map.clone()),
            demo: self.demo.is_some(),
            offline: self.offline,
            durable: self.durable,
        }))
    }

    /// How fresh the data is and what is waiting.
    pub fn connection_view(&self) -> ConnectionView {
        let told = || self.picture.queue().iter().filter(|queued| is_told(queued));
        ConnectionView {
            state: self.freshness.state.clone(),
            proof_at: self.freshness.proof_at,
            pending: told().filter(|queued| queued.state.is_pending()).count() as u32,
            attention: told().filter(|queued| !queued.state.is_pending()).count() as u32,
            stalled: self.freshness.stalled,
            clock_offset_ms: self.freshness.clock_offset_ms,
            reason: self.freshness.reason.as_ref().map(offline_reason),
        }
    }

    /// Today at a glance: the server's day, and what is late by its clock.
    pub fn figures(&self, now: DateTime<Utc>) -> FiguresView {
        figures(&self.scene(now), self.freshness.proof_at)
    }

    /// The queue.
    pub fn queue_view(&self) -> Vec<QueuedCommandView> {
        self.picture.queue().iter().filter(|queued| is_told(queued)).map(queued_view).collect()
    }

    /// All that a new front end needs, in order.
    pub fn introduction(&self) -> Vec<ViewEvent> {
        vec![
            ViewEvent::Session(Box::new(self.session_view())),
            ViewEvent::Reset(Box::new(self.told_picture())),
            ViewEvent::Connection(self.connection_view()),
            ViewEvent::Queue(self.queue_view()),
        ]
    }
}

fn offline_reason(error: &CallError) -> OfflineReason {
    match error {
        CallError::Unreachable(Unreachable::Connect) => OfflineReason::Unreachable,
        CallError::Unreachable(Unreachable::Tls) => OfflineReason::Tls,
        CallError::Unreachable(Unreachable::Timeout | Unreachable::Broken) => OfflineReason::Unsteady,
        CallError::Status { status: 429 | 503, .. } => OfflineReason::Busy,
        CallError::Status { .. } | CallError::Unreadable(_) => OfflineReason::ServerFailed,
    }
}

/// Commands that a person did, as far as they are not done. What the desk noticed by itself is nobody's queue.
fn is_told(queued: &QueuedCommand) -> bool {
    !queued.seen && !is_desks_own(&queued.command.body)
}

/// A command as it is shown.
pub fn queued_view(queued: &QueuedCommand) -> QueuedCommandView {
    QueuedCommandView {
        n: queued.command.n,
        at: queued.command.occurred.wall,
        kind: kind_of(&queued.command.body).to_owned(),
        subject: Some(subject_of(&queued.command.body)),
        state: state_of(&queued.state),
    }
}

fn state_of(state: &CommandState) -> QueuedState {
    match state {
        CommandState::Queued => QueuedState::Waiting,
        CommandState::InFlight => QueuedState::Sending,
        CommandState::Acked { .. } => QueuedState::Confirming,
        CommandState::Failed { reason } => QueuedState::Rejected { reason: reason.clone() },
        CommandState::NeedsUser { why } => match why {
            NeedsUser::Conflict { .. } => QueuedState::Conflict,
            NeedsUser::Fenced => QueuedState::Fenced,
            NeedsUser::Expired => QueuedState::Expired,
            NeedsUser::DependsOn { .. } => QueuedState::Rejected { reason: Rejection::Dependency },
        },
    }
}

/// The command's name on the wire.
fn kind_of(body: &CommandBody) -> &'static str {
    match body {
        CommandBody::TaskCreate(_) => "task_create",
        CommandBody::TaskEdit { .. } => "task_edit",
        CommandBody::TaskAssign { .. } => "task_assign",
        CommandBody::TaskPlan { .. } => "task_plan",
        CommandBody::TaskPromise { .. } => "task_promise",
        CommandBody::TaskPromiseWithdraw { .. } => "task_promise_withdraw",
        CommandBody::TaskStatus { .. } => "task_status",
        CommandBody::TaskNote { .. } => "task_note",
        CommandBody::BidOpen(_) => "bid_open",
        CommandBody::BidSetWinner { .. } => "bid_set_winner",
        CommandBody::BidCancel { .. } => "bid_cancel",
        CommandBody::LocationRequest { .. } => "location_request",
        CommandBody::AlertRaise(_) => "alert_raise",
        CommandBody::AlertAct { .. } => "alert_act",
        CommandBody::PoiPut(_) => "poi_put",
        CommandBody::PoiEdit { .. } => "poi_edit",
        CommandBody::PoiDelete { .. } => "poi_delete",
        CommandBody::RulePut(_) => "rule_put",
        CommandBody::RuleDelete { .. } => "rule_delete",
    }
}

fn subject_of(body: &CommandBody) -> Subject {
    match body {
        CommandBody::TaskCreate(draft) => Subject::Task(draft.id),
        CommandBody::TaskEdit { task, .. }
        | CommandBody::TaskAssign { task, .. }
        | CommandBody::TaskPlan { task, .. }
        | CommandBody::TaskPromise { task, .. }
        | CommandBody::TaskPromiseWithdraw { task, .. }
        | CommandBody::TaskStatus { task, .. }
        | CommandBody::TaskNote { task, .. } => Subject::Task(*task),
        CommandBody::BidOpen(invitation) => Subject::Bid(invitation.id),
        CommandBody::BidSetWinner { bid, .. } | CommandBody::BidCancel { bid } => Subject::Bid(*bid),
        CommandBody::LocationRequest { resource } => Subject::Resource(*resource),
        CommandBody::AlertRaise(alert) => Subject::Alert(alert.id),
        CommandBody::AlertAct { alert, .. } => Subject::Alert(*alert),
        CommandBody::PoiPut(poi) => Subject::Poi(poi.id),
        CommandBody::PoiEdit { draft, .. } => Subject::Poi(draft.id),
        CommandBody::PoiDelete { poi } => Subject::Poi(*poi),
        CommandBody::RulePut(rule) => Subject::Rule(rule.id),
        CommandBody::RuleDelete { rule } => Subject::Rule(*rule),
    }
}
