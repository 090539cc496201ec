//! Why something fired, or nothing did: the question, what the server's tracks are asked for, and the answer.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, NearTarget};
use domain::task::Task;
use domain::{AlertId, PoiId, ResourceId};
use protocol::view::ExplanationView;
use protocol::wire::TrackResponse;
use watch::RuleQuestion;

use super::Session;
use crate::explain::{self, Context};

/// So much of a track before and after the time in question. The engine settles within half an hour.
const BEFORE: TimeDelta = TimeDelta::minutes(40);
const AFTER: TimeDelta = TimeDelta::minutes(10);
/// Never more than this: an alert of a stay can have begun long ago.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What is to be explained.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who.
    pub resource: ResourceId,
    /// When.
    pub at: DateTime<Utc>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Fence { poi: PoiId, alert: Option<AlertId>, stay: TimeDelta },
    Rule { alert: Box<Alert> },
    Stated { alert: AlertId },
}

/// What the server has.
#[derive(Debug, Clone)]
pub struct Tracks {
    /// Of whom the question is about.
    pub of: TrackResponse,
    /// Of the other one, where two have met.
    pub target: Option<TrackResponse>,
}

impl Question {
    /// What happened, or did not, at a fence.
    pub fn of_fence(resource: ResourceId, poi: PoiId, at: DateTime<Utc>) -> Self {
        Question { resource, at, what: What::Fence { poi, alert: None, stay: TimeDelta::zero() } }
    }

    /// Why an alert was raised; `None` where nobody is behind it.
    pub fn of_alert(alert: &Alert) -> Option<Self> {
        let resource = alert.kind.resource()?;
        let secs = |secs: u32| TimeDelta::seconds(i64::from(secs));
        let fence = |poi: PoiId, stay| What::Fence { poi, alert: Some(alert.id), stay };
        let what = match alert.kind {
            _ if alert.rule.is_some() => What::Rule { alert: Box::new(alert.clone()) },
            AlertKind::FenceEntered { poi, .. }
            | AlertKind::FenceLeft { poi, .. }
            | AlertKind::FenceCrossed { poi, .. } => fence(poi, TimeDelta::zero()),
            AlertKind::FenceDwell { poi, dwell_secs, .. } => fence(poi, secs(dwell_secs)),
            AlertKind::FenceAbsent { poi, absent_secs, .. } => fence(poi, secs(absent_secs)),
            AlertKind::Near { .. }
            | AlertKind::Speeding { .. }
            | AlertKind::StoppedOnTask { .. }
            | AlertKind::LeftArea { .. }
            | AlertKind::DeviceSilent { .. }
            | AlertKind::BatteryLow { .. }
            | AlertKind::Sos { .. }
            | AlertKind::TaskLate { .. }
            | AlertKind::PromiseAtRisk { .. }
            | AlertKind::ShiftOverrun { .. }
            | AlertKind::TaskRefused { .. }
            | AlertKind::BidAnswered { .. }
            | AlertKind::BidExpired { .. } => What::Stated { alert: alert.id },
        };
        Some(Question { resource, at: alert.event_time, what })
    }

    /// Which stretch of the track decides; `None` where none does.
    pub fn span(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let lasted = match &self.what {
            What::Fence { stay, .. } => *stay,
            What::Rule { alert } => {
                if let AlertKind::StoppedOnTask { minutes, .. } = alert.kind {
                    TimeDelta::minutes(i64::from(minutes))
                } else {
                    TimeDelta::zero()
                }
            }
            What::Stated { .. } => return None,
        };
        Some((self.at - (BEFORE + lasted).min(LONGEST), (self.at + AFTER).min(now)))
    }

    /// The other one, where two have met.
    pub fn target(&self) -> Option<ResourceId> {
        match &self.what {
            What::Rule { alert } => {
                if let AlertKind::Near { target: NearTarget::Resource(other), .. } = alert.kind {
                    Some(other)
                } else {
                    None
                }
            }
            What::Fence { .. } | What::Stated { .. } => None,
        }
    }

    fn alert(&self) -> Option<AlertId> {
        match &self.what {
            What::Fence { alert, .. } => *alert,
            What::Rule { alert } => Some(alert.id),
            What::Stated { alert } => Some(*alert),
        }
    }
}

impl Session {
    /// The answer, from the server's tracks or from what the engine itself remembers. `None` where the fence or the person is gone.
    pub fn explain(&self, question: &Question, tracks: Option<&Tracks>) -> Option<ExplanationView> {
        let resource = question.resource;
        // A track that this user may not look back far enough into says nothing.
        let says_something = |tracks: &&Tracks| !(tracks.of.fixes.is_empty() && tracks.of.gaps.is_empty());
        let tracks = tracks.filter(says_something);
        let card = &self.picture.cache().resources.get(&resource)?.data;
        let gaps = tracks.map(|tracks| tracks.of.gaps.clone()).unwrap_or_default();
        let context =
            Context { at: question.at, alert: question.alert(), gaps, from_server: tracks.is_some() };
        if tracks.is_none() && card.private_since.is_some() {
            return Some(explain::private(resource, context));
        }
        match &question.what {
            What::Stated { .. } => Some(explain::stated(resource, context)),
            What::Rule { alert } => Some(self.explain_rule(resource, alert, tracks, context)),
            What::Fence { poi, .. } => {
                let (fences, group) = (self.watcher.fences(), card.group);
                let explanation = match tracks {
                    Some(tracks) => {
                        let question = fence::Question { resource, group, poi: *poi, at: question.at };
                        fences.explain_track(&question, &tracks.of.fixes)
                    }
                    None => fences.explain(resource, *poi, question.at),
                };
                Some(explain::by_fence(explanation?, context))
            }
        }
    }

    fn explain_rule(
        &self,
        resource: ResourceId,
        alert: &Alert,
        tracks: Option<&Tracks>,
        context: Context,
    ) -> ExplanationView {
        let target = tracks.and_then(|tracks| tracks.target.as_ref());
        let target = target.map_or(&[][..], |track| track.fixes.as_slice());
        let fixes = tracks.map_or(&[][..], |tracks| tracks.of.fixes.as_slice());
        let question = RuleQuestion { alert, task: self.task_of(&alert.kind), target };
        match self.watcher.explain_rule(&question, fixes) {
            Some(explanation) => explain::by_rule(resource, explanation, context, alert),
            // The rule is gone: what the alert says is all that is left.
            None => explain::stated(resource, context),
        }
    }

    fn task_of(&self, kind: &AlertKind) -> Option<&Task> {
        let (AlertKind::StoppedOnTask { task, .. } | AlertKind::Near { target: NearTarget::Task(task), .. }) =
            kind
        else {
            return None;
        };
        self.picture.cache().tasks.get(task).map(|row| &row.data)
    }
}
