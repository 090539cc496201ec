//! Who hears of an alert, and what the desktop shows of it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertId;
use domain::alert::{Alert, AlertEntry, AlertState, Correction, Stage};
use protocol::entity::EntityKind;
use protocol::view::{Notice, NotificationSettings, ViewEvent};

use super::pace::Pace;
use super::{Out, Session};
use crate::lines;
use crate::notify::{self, Bubbles, Shown, Storm};

/// A disk that takes nothing for so long is another trouble.
const RAISED_AGAIN_FOR: TimeDelta = TimeDelta::hours(1);

/// What has been said of alerts, and what is still to be said.
#[derive(Debug)]
pub struct Announcer {
    /// What this user wants to be told.
    pub settings: NotificationSettings,
    /// To be announced: new, escalated, or back from a snooze.
    news: Vec<AlertId>,
    /// Raised here and not in the picture yet.
    raised: BTreeMap<AlertId, Alert>,
    /// Said in passing, or about to be.
    noticed: HashSet<AlertId>,
    /// To be said in passing once the front ends have the row.
    notices: Vec<AlertId>,
    /// Raised here, and the disk did not take it.
    pub(super) unstored: Vec<Alert>,
    bubbles: Bubbles,
    /// Alerts have changed, and what rests on all of them was not looked at since.
    pub(super) is_touched: bool,
    /// How often that is looked at.
    pub(super) looks: Pace,
    /// How often news are announced.
    announces: Pace,
    /// Snoozes that were over by then have been noticed; the server's time.
    looked_at: DateTime<Utc>,
}

impl Announcer {
    /// Nothing said yet.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            settings: NotificationSettings::default(),
            news: Vec::new(),
            raised: BTreeMap::new(),
            noticed: HashSet::new(),
            notices: Vec::new(),
            unstored: Vec::new(),
            bubbles: Bubbles::default(),
            is_touched: false,
            looks: Pace::default(),
            announces: Pace::default(),
            looked_at: now,
        }
    }

    /// What was raised here and is not in the picture yet may not be said any more.
    pub fn unraise(&mut self, is_over: impl Fn(&Alert) -> bool) {
        self.raised.retain(|_, alert| !is_over(alert));
    }

    /// An alert that was raised here and is not in the picture yet.
    pub fn raised(&self, id: AlertId) -> Option<&Alert> {
        self.raised.get(&id)
    }
}

impl Session {
    /// Raises what was noticed here, once, and only what nobody else has noticed before.
    pub(super) fn raise(&mut self, alert: Option<Alert>) {
        let Some(alert) = alert else { return };
        if self.known_alerts.contains(alert.id) || self.knows_event(&alert) {
            return;
        }
        self.known_alerts.insert(&alert);
        // What comes again since the disk did not take it was announced the first time.
        if !self.announcer.noticed.contains(&alert.id) {
            self.announcer.news.push(alert.id);
        }
        self.announcer.raised.insert(alert.id, alert.clone());
        self.out.push(Out::Raise(Box::new(alert)));
    }

    /// Every five seconds: what the disk did not take is raised again, for an hour; unless somebody else has raised it meanwhile, or
    /// nobody may say it any more.
    pub(super) fn raise_again(&mut self, now: DateTime<Utc>) {
        let at = self.at_server(now);
        for alert in std::mem::take(&mut self.announcer.unstored) {
            let is_there = |known: &Alert| self.picture.shown().alerts.contains_key(&known.id);
            if self.same_events(&alert).any(is_there) {
                continue;
            }
            if self.announcer.raised.contains_key(&alert.id) && at - alert.raised_at < RAISED_AGAIN_FOR {
                self.out.push(Out::Raise(Box::new(alert)));
            } else {
                self.take_back(&alert);
            }
        }
    }

    /// An alert that was raised here and is nowhere: from now on it is as if it had never been noticed.
    pub(super) fn take_back(&mut self, alert: &Alert) {
        self.announcer.raised.remove(&alert.id);
        self.known_alerts.remove(alert);
        self.lateness.on_alert(alert);
    }

    /// What was noticed here never happened.
    pub(super) fn retract(&mut self, alert: AlertId) {
        self.announcer.unraise(|raised| raised.id == alert);
        self.out.push(Out::Retract(alert));
        let withdrawn = self.withdrawn();
        self.show(withdrawn);
    }

    /// An alert that somebody else raised, or that came back from the server; `before` is the row as it was.
    pub(super) fn on_alert(&mut self, alert: &Alert, before: Option<&Alert>, now: DateTime<Utc>) {
        let is_new = self.known_alerts.insert(alert);
        self.watcher.on_alert(alert);
        self.lateness.on_alert(alert);
        if alert.correction.is_some() || alert.stage(self.at_server(now)) != Stage::New {
            return;
        }
        let is_escalated =
            alert.escalated_at.is_some() && before.is_some_and(|before| before.escalated_at.is_none());
        let is_news = is_new && alert.raised_at >= self.since && !self.knows_event(alert);
        if is_escalated {
            self.announcer.noticed.remove(&alert.id);
        }
        if is_escalated || is_news {
            self.announcer.news.push(alert.id);
        }
    }

    /// Whether the same thing is known under another id; what was found not to have happened does not count.
    fn knows_event(&self, alert: &Alert) -> bool {
        self.same_events(alert)
            .any(|known| known.id != alert.id && known.correction != Some(Correction::Unfounded))
    }

    /// What is there of the same thing, under this or another id.
    fn same_events(&self, alert: &Alert) -> impl Iterator<Item = &Alert> {
        let alike = self.known_alerts.about(alert.kind.resource()).filter_map(|id| self.find_alert(id));
        alike.filter(|known| known.is_same_event(alert))
    }

    fn all_alerts(&self) -> impl Iterator<Item = &Alert> {
        let shown = &self.picture.shown().alerts;
        let raised = self.announcer.raised.values().filter(|alert| !shown.contains_key(&alert.id));
        shown.values().map(|row| &row.data).chain(raised)
    }

    fn find_alert(&self, id: AlertId) -> Option<&Alert> {
        let shown = self.picture.shown().alerts.get(&id).map(|row| &row.data);
        shown.or_else(|| self.announcer.raised.get(&id))
    }

    /// The row behind an alert that was told: what was noticed here may have become a row under another id.
    pub fn row_of(&self, alert: AlertId) -> AlertId {
        let shown = &self.picture.shown().alerts;
        if shown.contains_key(&alert) {
            return alert;
        }
        let told = self.announcer.raised.get(&alert).or_else(|| self.announcer.bubbles.alert(alert));
        let same = told.and_then(|told| self.same_events(told).find(|known| shown.contains_key(&known.id)));
        same.map_or(alert, |known| known.id)
    }

    /// Says what there is to say of alerts; cheap when there is nothing. In a storm not each by itself: it is one line anyway.
    pub(super) fn announce(&mut self, now: DateTime<Utc>) {
        let known = self.picture.shown().alerts.len() + self.announcer.raised.len();
        if self.announcer.news.is_empty() || !self.announcer.announces.may(now, known) {
            return self.say_notices();
        }
        let news = std::mem::take(&mut self.announcer.news);
        let alerts: Vec<&Alert> = news.iter().filter_map(|id| self.find_alert(*id)).collect();
        let lines = lines::lines_of(&alerts, self.all_alerts());
        for (newest, line) in lines {
            self.announce_line(&line, newest, now);
        }
        self.say_notices();
    }

    /// A row that was raised here is told once it is queued, and the notice after it.
    fn say_notices(&mut self) {
        for alert in std::mem::take(&mut self.announcer.notices) {
            if self.sent.has_alert(alert) {
                self.tell(ViewEvent::Notice(Notice::AlertRaised { alert }));
            } else if self.find_alert(alert).is_some() {
                self.announcer.notices.push(alert);
            }
        }
    }

    fn announce_line(&mut self, line: &AlertEntry, newest: AlertId, now: DateTime<Utc>) {
        let at = self.at_server(now);
        let is_open = |alert: &&Alert| alert.stage(at) == Stage::New && alert.correction.is_none();
        let members = line.members.iter().filter_map(|id| self.find_alert(*id)).filter(is_open);
        let meant: Vec<Alert> = members.filter(|alert| self.is_meant_for_me(alert)).cloned().collect();
        if meant.is_empty() {
            return;
        }
        let grows = line.is_storm() && line.members.iter().any(|id| self.announcer.noticed.contains(id));
        self.announcer.noticed.extend(&line.members);
        if !grows {
            self.announcer.notices.push(newest);
        }
        let (settings, zone) = (&self.announcer.settings, self.zone());
        let told: Vec<Alert> =
            meant.into_iter().filter(|alert| notify::is_told(settings, alert, zone, at)).collect();
        let Some(mut notification) = self.notification(line, &told) else { return };
        notification.sound = notify::sound(settings, notification.severity);
        let shown = self.announcer.bubbles.offer(told, notification, now);
        self.show(shown);
    }

    fn notification(&self, line: &AlertEntry, told: &[Alert]) -> Option<crate::Notification> {
        let (rows, discreet) = (self.picture.shown(), self.announcer.settings.discreet);
        match told {
            [] => None,
            [alert] => Some(notify::of_alert(alert, (rows, self.zone()), discreet)),
            [first, ..] => {
                let storm = Storm {
                    topic: line.topic,
                    fence: first.kind.fence(),
                    alerts: told.iter().map(|alert| alert.id).collect(),
                    severity: told.iter().map(|alert| alert.severity).max().unwrap_or(first.severity),
                };
                Some(notify::of_storm(line.lead, storm, rows, discreet))
            }
        }
    }

    /// Whether the fence or rule behind an alert means this user. What was escalated concerns everybody.
    fn is_meant_for_me(&self, alert: &Alert) -> bool {
        alert.escalated_at.is_some()
            || self.watcher.policy(alert).is_none_or(|policy| policy.audience.holds(&self.user))
    }

    /// Every second: snoozes that are over count as new again; changes and summaries of notifications that waited.
    pub(super) fn look_at_snoozes(&mut self, now: DateTime<Utc>) {
        let at = self.at_server(now);
        let before = std::mem::replace(&mut self.announcer.looked_at, at);
        let is_over = |alert: &Alert| matches!(alert.state, AlertState::Snoozed { until, .. } if until > before && until <= at);
        let alerts = self.picture.shown().alerts.values().map(|row| &row.data);
        let woken: Vec<AlertId> = alerts.filter(|alert| is_over(alert)).map(|alert| alert.id).collect();
        for id in woken {
            // The row is the same; what it means has changed with the time.
            self.sent.forget_alert(id);
            self.dirty.rows.insert((EntityKind::Alert, id.0));
            self.announcer.noticed.remove(&id);
            self.announcer.news.push(id);
        }
        let due = self.announcer.bubbles.due(now);
        self.show(due);
    }

    /// Alerts have changed: what somebody has dealt with is taken off the desktop.
    pub(super) fn settle_bubbles(&mut self) {
        let shown = &self.picture.shown().alerts;
        self.announcer.raised.retain(|id, _| !shown.contains_key(id));
        let withdrawn = self.withdrawn();
        self.show(withdrawn);
    }

    fn withdrawn(&mut self) -> Vec<Shown> {
        let at = self.announcer.looked_at;
        let mut bubbles = std::mem::take(&mut self.announcer.bubbles);
        let withdrawn = bubbles.settle(|alert| match self.find_alert(alert.id) {
            Some(known) => known.stage(at) == Stage::New && known.correction.is_none(),
            // The server has it under another id.
            None => self.same_events(alert).any(|known| known.stage(at) == Stage::New),
        });
        self.announcer.bubbles = bubbles;
        withdrawn
    }

    /// The session ends: nothing of it stays on the desktop.
    pub fn take_off_desktop(&mut self) -> Vec<Shown> {
        self.announcer.bubbles.clear()
    }

    /// What this user wants to be told.
    pub fn notification_settings(&self) -> &NotificationSettings {
        &self.announcer.settings
    }

    /// Other settings from now on.
    pub fn set_notification_settings(&mut self, settings: NotificationSettings) {
        self.announcer.settings = settings;
    }

    fn show(&mut self, shown: Vec<Shown>) {
        self.out.extend(shown.into_iter().map(Out::Show));
    }
}
