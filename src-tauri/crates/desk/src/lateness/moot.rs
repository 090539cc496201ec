//! What was foreseen and can't happen any more, whatever the roads say: somebody is there, or it is about something else now.

use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertId;
use domain::alert::{Alert, Foreseen};
use domain::shift::shift_of;
use domain::task::{PromiseState, Task};
use domain::{PromiseId, ResourceId};

use super::condition::{Subject, is_open};
use crate::views::Scene;
use crate::work::{is_ahead, visit_began};

/// What was foreseen longer ago than this is history, and people's to tidy up.
const LATELY: TimeDelta = TimeDelta::days(1);

/// Whether it is worth a look, at the server's time.
pub fn may_be_moot(alert: &Alert, now: DateTime<Utc>) -> bool {
    alert.kind.foreseen().is_some() && is_open(alert) && now - alert.raised_at < LATELY
}

/// Whether an open alert of something foreseen is out of date. What has come true is not, nor what is not known here.
pub fn is_moot<'a>(alert: &Alert, scene: &Scene<'_>, find: &dyn Fn(AlertId) -> Option<&'a Alert>) -> bool {
    let Some(foreseen) = alert.kind.foreseen().filter(|_| may_be_moot(alert, scene.now)) else {
        return false;
    };
    let task = |id| scene.picture.shown().tasks.get(&id).map(|row| &row.data);
    let is_still_about =
        |subject: Subject| (0..subject.times(find)).any(|time| subject.alert(time) == alert.id);
    match foreseen {
        Foreseen::Late { task: id, .. } => task(id).is_some_and(|task| is_window_moot(task, is_still_about)),
        Foreseen::Promise { task: id, promise, .. } => {
            task(id).is_some_and(|task| is_promise_moot(task, promise))
        }
        Foreseen::Shift { resource, .. } => is_shift_moot(resource, scene, is_still_about),
    }
}

pub(super) fn is_window_moot(task: &Task, is_still_about: impl Fn(Subject) -> bool) -> bool {
    let Some(window_end) = task.window_end.filter(|_| task.resource.is_some()) else { return true };
    if !is_still_about(Subject::window(task.id, window_end)) {
        return true;
    }
    // An earlier visit in time says nothing about the one that the alert is about.
    !is_ahead(task.status) && visit_began(task).is_none_or(|arrived| arrived <= window_end)
}

fn is_promise_moot(task: &Task, id: PromiseId) -> bool {
    let promise = task.promises.iter().find(|promise| promise.id == id);
    promise.is_some_and(|promise| match promise.state {
        PromiseState::Kept { .. } | PromiseState::Replaced { .. } | PromiseState::Void { .. } => true,
        PromiseState::Open | PromiseState::Broken { .. } => false,
    })
}

fn is_shift_moot(resource: ResourceId, scene: &Scene<'_>, is_still_about: impl Fn(Subject) -> bool) -> bool {
    let Some(card) = scene.picture.shown().resources.get(&resource).map(|row| &row.data) else {
        return false;
    };
    let signed_in = scene.work.last_seen(resource).signed_in;
    let shift = shift_of(card, signed_in, scene.zone, scene.now).filter(|_| card.on_duty);
    shift.is_none_or(|shift| !is_still_about(Subject::shift(resource, shift.ends)))
}
