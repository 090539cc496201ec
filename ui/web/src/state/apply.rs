//! What the backend says becomes rows.

use domain::access::Role;
use leptos::prelude::*;
use protocol::view::*;

use super::{Desk, DockTab, Page, ThemeChoice, ToastKind};
use crate::words;

impl Desk {
    pub(super) fn apply(self, event: ViewEvent) {
        match event {
            ViewEvent::Session(session) => self.apply_session(*session),
            ViewEvent::Reset(set) => {
                self.reset_rows(*set);
                self.loaded.set(true);
            }
            ViewEvent::Changed(set) => self.put_rows(*set),
            ViewEvent::Removed(gone) => self.remove_rows(&gone),
            ViewEvent::Connection(connection) => self.connection.set(Some(connection)),
            ViewEvent::Queue(queue) => self.queue.set(queue),
            ViewEvent::Open(subject) => self.show(subject),
            ViewEvent::Notice(notice) => self.notice(&notice),
            ViewEvent::PlanProgress(progress) => self.planning.progress.set(progress),
            ViewEvent::Notifications(service) => self.notifications.set(Some(service)),
        }
    }

    fn apply_session(self, session: SessionView) {
        if let SessionView::SignedIn(view) = &session {
            let new = self.session.with_untracked(|known| match known {
                Some(SessionView::SignedIn(known)) => known.user.id != view.user.id,
                Some(SessionView::SignedOut { .. } | SessionView::Starting { .. }) | None => true,
            });
            if new {
                self.begin(view.user.role);
            }
        } else {
            if self.session.with_untracked(|known| matches!(known, Some(SessionView::SignedIn(_)))) {
                self.forget();
                self.toasts.set(Vec::new());
            }
            self.reset_rows(WorkingSet::default());
            self.loaded.set(false);
            self.connection.set(None);
            self.queue.set(Vec::new());
            self.map.clear();
        }
        self.session.set(Some(session));
    }

    /// Nothing that somebody looked at, searched for or began is left for whoever comes next.
    fn forget(self) {
        self.look.forget();
        self.triage.forget();
        self.planning.forget();
        self.telling.set(None);
    }

    /// A session begins: everybody starts on their own page.
    fn begin(self, role: Role) {
        self.forget();
        self.look.page.set(match role {
            Role::Dispatcher | Role::Administrator => Page::Desk,
            Role::Supervisor => Page::Attendance,
            Role::Manager => Page::Figures,
        });
        self.ask_notifications();
        self.ask_then(DeskRequest::Preferences, move |response| {
            if let DeskResponse::Preferences(preferences) = response
                && let Some((_, theme)) = preferences.iter().find(|(key, _)| key == "theme")
            {
                self.look.theme.set(ThemeChoice::from_key(theme));
            }
        });
    }

    fn reset_rows(self, set: WorkingSet) {
        let rows = self.rows;
        rows.groups.reset(set.groups.into_iter().map(|row| (row.id, row)).collect());
        rows.skills.reset(set.skills.into_iter().map(|row| (row.id, row)).collect());
        rows.task_types.reset(set.task_types.into_iter().map(|row| (row.id, row)).collect());
        rows.users.reset(set.users.into_iter().map(|row| (row.id, row)).collect());
        rows.forms.reset(set.forms.into_iter().map(|row| (row.id, row)).collect());
        rows.resources.reset(set.resources.into_iter().map(|row| (row.card.id, row)).collect());
        rows.tasks.reset(set.tasks.into_iter().map(|row| (row.task.id, row)).collect());
        rows.bids.reset(set.bids.into_iter().map(|row| (row.bid.id, row)).collect());
        rows.pois.reset(set.pois.into_iter().map(|row| (row.id, row)).collect());
        rows.alerts.reset(set.alerts.into_iter().map(|row| (row.alert.id, row)).collect());
        rows.rules.reset(set.rules.into_iter().map(|row| (row.id, row)).collect());
        rows.submissions.reset(set.submissions.into_iter().map(|row| (row.id, row)).collect());
    }

    fn put_rows(self, set: WorkingSet) {
        let rows = self.rows;
        rows.groups.put(set.groups.into_iter().map(|row| (row.id, row)));
        rows.skills.put(set.skills.into_iter().map(|row| (row.id, row)));
        rows.task_types.put(set.task_types.into_iter().map(|row| (row.id, row)));
        rows.users.put(set.users.into_iter().map(|row| (row.id, row)));
        rows.forms.put(set.forms.into_iter().map(|row| (row.id, row)));
        rows.resources.put(set.resources.into_iter().map(|row| (row.card.id, row)));
        rows.tasks.put(set.tasks.into_iter().map(|row| (row.task.id, row)));
        rows.bids.put(set.bids.into_iter().map(|row| (row.bid.id, row)));
        rows.pois.put(set.pois.into_iter().map(|row| (row.id, row)));
        rows.alerts.put(set.alerts.into_iter().map(|row| (row.alert.id, row)));
        rows.rules.put(set.rules.into_iter().map(|row| (row.id, row)));
        rows.submissions.put(set.submissions.into_iter().map(|row| (row.id, row)));
    }

    fn remove_rows(self, gone: &RemovedRows) {
        let rows = self.rows;
        rows.groups.remove(&gone.groups);
        rows.skills.remove(&gone.skills);
        rows.resources.remove(&gone.resources);
        rows.tasks.remove(&gone.tasks);
        rows.bids.remove(&gone.bids);
        rows.pois.remove(&gone.pois);
        rows.alerts.remove(&gone.alerts);
        rows.rules.remove(&gone.rules);
    }

    pub(super) fn apply_frame(self, bytes: &[u8]) {
        let Ok(frame) = PositionFrame::decode(bytes) else {
            return web_sys::console::error_1(&"a position frame can't be read".into());
        };
        if frame.full {
            self.rows.dots.reset(frame.dots.iter().map(|dot| (dot.resource, dot.state)).collect());
        } else {
            self.rows.dots.put(frame.dots.iter().map(|dot| (dot.resource, dot.state)));
            self.rows.dots.remove(&frame.gone);
        }
        self.map.apply_frame(frame);
    }

    /// Brings something up and flies there.
    pub fn show(self, subject: Subject) {
        // The page of alerts has the map, too: whoever works through them stays there.
        if self.look.page.get_untracked() != Page::Alerts {
            self.look.page.set(Page::Desk);
        }
        match subject {
            Subject::Bid(_) => self.look.dock.set(DockTab::Bids),
            Subject::Alert(_) => self.look.dock.set(DockTab::Alerts),
            Subject::Resource(_) | Subject::Task(_) | Subject::Poi(_) | Subject::Rule(_) => {}
        }
        self.look.open(subject);
        self.map.fly_to(self, subject);
    }

    /// What this user wants to be told, and what the desktop can do; unknown when it can't be asked.
    fn ask_notifications(self) {
        leptos::task::spawn_local(async move {
            if let Ok(DeskResponse::Notifications { settings, service }) =
                self.request(DeskRequest::NotificationSettings).await
            {
                self.telling.set(Some(*settings));
                self.notifications.set(Some(service));
            }
        });
    }

    fn notice(self, notice: &Notice) {
        let (kind, text) = match notice {
            Notice::CommandRejected { n, reason } => {
                let reason = words::rejection_text(reason);
                return self.say_review(words::tf("notice-rejected", &[("reason", &reason)]), *n);
            }
            Notice::CommandConflict { n } => {
                return self.say_review(words::t("notice-conflict").to_owned(), *n);
            }
            Notice::AlertRaised { alert } => match self.rows.alerts.peek(*alert) {
                Some(row) => (ToastKind::Notice, crate::format::alert_text(self, &row.alert.kind)),
                None => return,
            },
            Notice::NotificationsUnavailable => {
                self.ask_notifications();
                (ToastKind::Notice, words::t("notice-no-notifications").to_owned())
            }
            Notice::ClockOff { secs } => (
                ToastKind::Error,
                words::tf("notice-clock-off", &[("duration", &crate::format::duration(secs.abs()))]),
            ),
        };
        self.say(kind, text);
    }
}
