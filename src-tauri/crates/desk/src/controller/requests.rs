//! What the front ends ask: each request is checked, handed on and answered.

use domain::alert::AlertAction;
use domain::{AlertId, CommandId, ResourceId, TaskId};
use protocol::view::{ConnectionState, DeskError, DeskErrorCode, DeskRequest, DeskResponse};
use protocol::wire::CommandBody;

use super::{Controller, Phase, Running};
use crate::check;
use crate::event::Reply;
use crate::link::{LinkAsk, Refused};
use crate::start::StartWith;
use crate::undo::Undo;

/// Alerts in one request.
const ALERTS_AT_ONCE: usize = 1_000;

impl Controller {
    /// The table of all that a front end can ask.
    #[expect(clippy::too_many_lines, reason = "one line for each request")]
    pub(super) fn on_request(&mut self, request: DeskRequest, reply: Reply) {
        self.flush_now = true;
        match request {
            DeskRequest::SignIn(form) => self.start(StartWith::Form(form), reply),
            DeskRequest::ExploreDemo { role } => self.start(StartWith::Demo(role), reply),
            DeskRequest::OpenOffline => self.open_offline(reply),
            DeskRequest::SignOut { discard_queue } => self.sign_out(discard_queue, reply),
            DeskRequest::DemoServer { running } => self.run_demo_server(running, reply),
            DeskRequest::ReconnectNow => self.reconnect(reply),
            DeskRequest::CreateTask(draft) => self.command(CommandBody::TaskCreate(draft), reply),
            DeskRequest::EditTask { task, draft, base } => {
                self.command(CommandBody::TaskEdit { task, draft, base }, reply);
            }
            DeskRequest::AssignTask { task, resource, choice } => {
                self.command(CommandBody::TaskAssign { task, resource, choice }, reply);
            }
            DeskRequest::MakePromise { task, promise, text } => {
                self.command(CommandBody::TaskPromise { task, promise, text }, reply);
            }
            DeskRequest::WithdrawPromise { task, promise } => {
                self.command(CommandBody::TaskPromiseWithdraw { task, promise }, reply);
            }
            DeskRequest::PromiseReport { days } => self.promise_report(days, reply),
            DeskRequest::ChoiceReport { days } => answer(reply, self.choice_report(days)),
            DeskRequest::PlanDay(request) => self.plan_day(&request, reply),
            DeskRequest::CancelPlan => self.cancel_plan(reply),
            DeskRequest::PlanPart { plan, moves } => self.plan_part(plan, &moves, reply),
            DeskRequest::ApplyPlan { plan, moves } => self.apply_plan(plan, &moves, reply),
            DeskRequest::UndoPlan { plan } => self.undo_plan(plan, reply),
            DeskRequest::SetLearning { on } => answer(reply, self.set_learning(on)),
            DeskRequest::ForgetSpeeds => answer(reply, self.forget_speeds()),
            DeskRequest::TravelSettings => answer(reply, self.travel_settings()),
            DeskRequest::SetTravelEngine(settings) => answer(reply, self.set_travel_engine(settings)),
            DeskRequest::TestTravelEngine(settings) => self.test_travel_engine(settings, reply),
            DeskRequest::SetTaskStatus { task, to, reason } => {
                self.command(CommandBody::TaskStatus { task, to, reason }, reply);
            }
            DeskRequest::AddNote { task, text } => self.command(CommandBody::TaskNote { task, text }, reply),
            DeskRequest::OpenBid(invitation) => self.command(CommandBody::BidOpen(invitation), reply),
            DeskRequest::SetBidWinner { bid, resource } => {
                self.command(CommandBody::BidSetWinner { bid, resource }, reply);
            }
            DeskRequest::CancelBid { bid } => self.command(CommandBody::BidCancel { bid }, reply),
            DeskRequest::PutPoi(poi) => self.command(CommandBody::PoiPut(poi), reply),
            DeskRequest::EditPoi { draft, base } => self.command(CommandBody::PoiEdit { draft, base }, reply),
            DeskRequest::DeletePoi { poi } => self.command(CommandBody::PoiDelete { poi }, reply),
            DeskRequest::PutRule(rule) => self.command(CommandBody::RulePut(rule), reply),
            DeskRequest::DeleteRule { rule } => self.command(CommandBody::RuleDelete { rule }, reply),
            DeskRequest::RequestLocation { resource } => self.request_location(resource, reply),
            DeskRequest::Undo { command } => self.undo(command, reply),
            DeskRequest::ActOnAlerts { alerts, action } => self.act_on_alerts(&alerts, &action, reply),
            DeskRequest::RetryCommand { n } => self.retry(n, reply),
            DeskRequest::DiscardCommand { n } => self.discard(n, reply),
            DeskRequest::ReviewCommand { n } => answer(reply, self.review(n)),
            DeskRequest::ReviseEdit { n, draft, base } => self.revise(n, draft, base, reply),
            DeskRequest::ExportQueue => self.export_queue(reply),
            DeskRequest::SalvageQueue => self.salvage_queue(reply),
            DeskRequest::Diagnostics => self.diagnostics(reply),
            DeskRequest::Retention { until } => self.retention(until, reply),
            DeskRequest::Suggestions { task, filter, at: None } => self.suggestions(task, &filter, reply),
            DeskRequest::Suggestions { task, filter, at: Some(at) } => {
                self.past_suggestions(task, filter, at, reply);
            }
            DeskRequest::Route { resource, task } => self.route(resource, task, reply),
            DeskRequest::Track { resource, from, to } => self.track(resource, (from, to), reply),
            DeskRequest::RevealContact { resource } => self.contact(resource, reply),
            DeskRequest::DaySheet { resource, day } => answer(reply, self.day_sheet(resource, day)),
            DeskRequest::Figures => answer(reply, self.figures()),
            DeskRequest::SetPreference { key, value } => answer(reply, self.set_preference(key, value)),
            DeskRequest::Preferences => {
                answer(reply, Ok(DeskResponse::Preferences(self.settings.preferences())));
            }
            DeskRequest::ReadFences { name, text, order } => self.read_fences(name, text, order, reply),
            DeskRequest::ExportFences { pois, format } => self.export_fences(&pois, format, reply),
            DeskRequest::ExplainAlert { alert } => self.explain_alert(alert, reply),
            DeskRequest::ExplainFence { resource, poi, at } => self.explain_fence((resource, poi, at), reply),
            DeskRequest::Noise { days } => answer(reply, self.noise(days)),
            DeskRequest::WhatIf(asked) => self.what_if(asked, reply),
            DeskRequest::NotificationSettings => answer(reply, self.notification_settings()),
            DeskRequest::SetNotificationSettings(settings) => {
                answer(reply, self.set_notification_settings(*settings));
            }
            DeskRequest::TestNotification => self.test_notification(reply),
        }
    }

    /// Whoever is signed in, or the error that says nobody is.
    pub(super) fn signed_in(&mut self) -> Result<&mut Running, DeskError> {
        match &mut self.phase {
            Phase::SignedIn(running) => Ok(running),
            Phase::SignedOut { .. } | Phase::Starting { .. } => Err(DeskErrorCode::NotSignedIn.into()),
        }
    }

    /// What works only with a connection.
    pub(super) fn connected(&mut self) -> Result<&mut Running, DeskError> {
        let running = self.signed_in()?;
        match running.session.freshness().state {
            ConnectionState::Live | ConnectionState::CatchingUp | ConnectionState::Resyncing { .. } => {
                Ok(running)
            }
            ConnectionState::Offline { .. }
            | ConnectionState::SignInAgain
            | ConnectionState::UpgradeNeeded => Err(DeskErrorCode::NeedsConnection.into()),
        }
    }

    fn command(&mut self, body: CommandBody, reply: Reply) {
        let (id, now) = (self.command_id(), self.now());
        let prepared = self.signed_in().and_then(|running| running.session.prepare(body, id, now));
        match prepared {
            Ok(prepared) => {
                let ask =
                    LinkAsk::Submit { commands: vec![prepared.command], reply: (reply, prepared.response) };
                self.ask_link(ask);
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn ask_link(&mut self, ask: LinkAsk) {
        let Phase::SignedIn(running) = &self.phase else { return };
        let number = running.number;
        match running.link.ask(ask) {
            Some(Refused::Plan(stored)) => self.on_plan_stored(*stored),
            Some(Refused::Notes(commands)) => self.on_not_noted(number, commands),
            None => {}
        }
    }

    /// Asking a phone where it is makes no sense later.
    fn request_location(&mut self, resource: ResourceId, reply: Reply) {
        match self.connected() {
            Ok(_) => self.command(CommandBody::LocationRequest { resource }, reply),
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn undo(&mut self, command: CommandId, reply: Reply) {
        let (id, now) = (self.command_id(), self.now());
        let ask = |running: &mut Running| {
            Ok(match running.session.undo(command, now)? {
                Undo::Discard { n, assignment } => (Some(n), running.session.assigning_back(assignment, id)),
                Undo::AssignBack(assignment) => (None, running.session.assigning_back(assignment, id)),
            })
        };
        match self.signed_in().and_then(ask) {
            Ok((Some(n), back)) => {
                self.ask_link(LinkAsk::Discard { n, otherwise: Some(back), reply: Some(reply) });
            }
            Ok((None, back)) => {
                self.ask_link(LinkAsk::Submit { commands: vec![back], reply: (reply, DeskResponse::Done) })
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    pub(super) fn act_on_alerts(&mut self, alerts: &[AlertId], action: &AlertAction, reply: Reply) {
        let now = self.now();
        let ids: Vec<CommandId> = alerts.iter().take(ALERTS_AT_ONCE).map(|_| self.command_id()).collect();
        let mut ids = ids.into_iter();
        let spare = self.command_id();
        let commands = check::in_range("alerts", alerts.len() <= ALERTS_AT_ONCE)
            .and_then(|()| self.signed_in())
            .and_then(|running| running.session.act_on(alerts, action, || ids.next().unwrap_or(spare), now));
        match commands {
            Ok(commands) if commands.is_empty() => answer(reply, Ok(DeskResponse::Done)),
            Ok(commands) => {
                self.ask_link(LinkAsk::Submit { commands, reply: (reply, DeskResponse::Done) });
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn reconnect(&mut self, reply: Reply) {
        self.try_now();
        answer(reply, Ok(DeskResponse::Done));
    }

    pub(super) fn try_now(&mut self) {
        let Phase::SignedIn(running) = &self.phase else { return };
        let handle = running.link.handle().clone();
        self.tasks.spawn(async move {
            if let Err(error) = handle.request_now().await {
                tracing::debug!(%error, "nothing to try");
            }
        });
    }
}

impl Running {
    /// A task as it is shown.
    pub(super) fn task(&self, task: TaskId) -> Result<&domain::task::Task, DeskError> {
        let row = self.session.picture().shown().tasks.get(&task);
        row.map(|row| &row.data)
            .ok_or_else(|| DeskErrorCode::Refused(protocol::wire::Rejection::NotFound).into())
    }
}

/// Answers, if the front end still waits.
pub(super) fn answer(reply: Reply, result: Result<DeskResponse, DeskError>) {
    reply.send(result).ok();
}
