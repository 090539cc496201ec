//! What leaves the loop: views and frames to the front ends, effects to the desktop, the desk's own commands to the queue.

use chrono::{DateTime, Utc};
use domain::AlertId;
use protocol::durable::NewCommand;
use protocol::view::{SessionView, ViewEvent};

use super::{Controller, Phase};
use crate::link::LinkAsk;
use crate::notify::Shown;
use crate::session::{Out, Session};

/// So many commands are stored in one go at most: whoever stores something meanwhile waits for it.
const NOTED_TOGETHER: usize = 200;

impl Controller {
    /// After each event: tells what has changed, brings laggards up to date, does what the session wants done outside.
    pub(super) fn settle(&mut self) {
        self.follow_region();
        if std::mem::take(&mut self.flush_now) {
            let now = self.now();
            if let Phase::SignedIn(running) = &mut self.phase {
                running.session.flush(now);
            }
        }
        let now = self.now();
        let out = match &mut self.phase {
            Phase::SignedIn(running) => running.session.take_out(now),
            Phase::SignedOut { .. } | Phase::Starting { .. } => Vec::new(),
        };
        let mut notes = Vec::new();
        for out in out {
            self.carry_out(out, &mut notes);
        }
        self.note(notes);
        self.introduce();
    }

    fn carry_out(&mut self, out: Out, notes: &mut Vec<NewCommand>) {
        match out {
            Out::Tell(event) => self.tell(&event),
            Out::Show(shown) => self.show(shown),
            Out::Status(status) => self.wiring.effects.status(status),
            Out::Raise(alert) => notes.push(Session::raising(alert, self.command_id())),
            Out::Retract(alert) => self.retract(alert),
            Out::Foresee(alert, action) => notes.push(Session::acting(alert, action, self.command_id())),
            Out::Drop(n) => {
                if let Phase::SignedIn(running) = &self.phase {
                    running.link.ask(LinkAsk::Discard { n, otherwise: None, reply: None });
                }
            }
        }
    }

    /// Puts a notification on the desktop, or takes one away.
    pub(super) fn show(&self, shown: Shown) {
        match shown {
            Shown::Notify(notification) => self.wiring.effects.notify(notification),
            Shown::Withdraw(key) => self.wiring.effects.withdraw(key),
        }
    }

    /// An alert for what never happened is taken back where it was not sent yet. One that the server has is corrected there, by the
    /// same fixes: nobody here has done anything about it.
    fn retract(&mut self, alert: AlertId) {
        let Phase::SignedIn(running) = &mut self.phase else { return };
        if let Some(n) = running.session.unsent_alert(alert) {
            running.link.ask(LinkAsk::Discard { n, otherwise: None, reply: None });
        }
    }

    /// Queues what the desk itself has noticed: in a storm that is hundreds of commands at once.
    fn note(&mut self, mut commands: Vec<NewCommand>) {
        while !commands.is_empty() {
            let rest = commands.split_off(commands.len().min(NOTED_TOGETHER));
            self.ask_link(LinkAsk::Note(std::mem::replace(&mut commands, rest)));
        }
    }

    /// What was not stored in this session is tried again.
    pub(super) fn on_not_noted(&mut self, session: u64, commands: Vec<NewCommand>) {
        if let Phase::SignedIn(running) = &mut self.phase
            && running.number == session
        {
            running.session.on_not_noted(commands);
        }
    }

    pub(super) fn tell(&mut self, event: &ViewEvent) {
        self.subscribers.iter_mut().for_each(|subscriber| subscriber.tell(event.clone()));
    }

    /// Gives the whole picture to whoever is new or could not keep up.
    fn introduce(&mut self) {
        if self.subscribers.iter().all(|subscriber| !subscriber.lags) {
            return;
        }
        let introduction = match &self.phase {
            Phase::SignedIn(running) => running.session.introduction(),
            Phase::SignedOut { .. } | Phase::Starting { .. } => {
                vec![ViewEvent::Session(Box::new(self.session_view()))]
            }
        };
        let service = self.service.clone().map(ViewEvent::Notifications);
        let introduction: Vec<ViewEvent> = introduction.into_iter().chain(service).collect();
        for subscriber in self.subscribers.iter_mut().filter(|subscriber| subscriber.lags) {
            subscriber.tell_all(introduction.clone());
        }
    }

    pub(super) fn session_view(&self) -> SessionView {
        match &self.phase {
            Phase::SignedIn(running) => running.session.session_view(),
            Phase::Starting { step, .. } => SessionView::Starting { step: *step },
            Phase::SignedOut { reason, offline_until } => {
                self.signed_out_view(reason.clone(), *offline_until)
            }
        }
    }

    pub(super) fn send_frames(&mut self, now: DateTime<Utc>) {
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let frames = running.session.frames();
        let news = frames.is_due().then(|| frames.take(now));
        let encoded = news.and_then(|frame| frame.encode().ok());
        let mut full = None;
        for subscriber in self.subscribers.iter_mut().filter(|subscriber| !subscriber.lags) {
            if subscriber.needs_full_frame {
                let full = full.get_or_insert_with(|| frames.full(now).encode().unwrap_or_default());
                subscriber.needs_full_frame = !subscriber.frame(full.clone());
            } else if let Some(bytes) = &encoded {
                // A frame that does not fit is made up for by a full one.
                subscriber.needs_full_frame = !subscriber.frame(bytes.clone());
            }
        }
    }
}
