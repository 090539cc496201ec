//! What customers were told, and who was chosen against whose suggestion. No dice here: the rest of the company stays what it is.

use chrono::TimeDelta;
use domain::task::{
    Actor, Choice, ChoiceMade, ExpectedThen, MessageState, OverrideReason, PromiseChannel, PromiseDraft,
    Task, TaskStatus,
};
use domain::travel::TravelSource;
use domain::{PromiseId, ResourceId};
use uuid::Uuid;

use super::Demo;

/// Every so many-th task's customer was told when somebody comes.
const PROMISED: u32 = 3;
/// Every so many-th task was given to somebody from the suggestions.
const CHOSEN: u32 = 4;
/// What was expected was off by up to so many minutes more than [`EARLY_MINUTES`].
const OFF_MINUTES: i64 = 25;
/// The earliest arrivals came so many minutes before what was expected.
const EARLY_MINUTES: i64 = 8;

impl Demo {
    /// Perhaps the customer was told when somebody comes; what has happened since makes it kept or broken.
    pub(super) fn promised(&self, task: &mut Task) {
        if task.resource.is_none() || !task.number.is_multiple_of(PROMISED) {
            return;
        }
        let arrived =
            task.timeline.iter().find(|step| step.status == TaskStatus::Arrived).map(|step| step.at);
        let off = TimeDelta::minutes(i64::from(task.number) * 37 % OFF_MINUTES - EARLY_MINUTES);
        let due = task.window_end.unwrap_or(self.now + TimeDelta::minutes(45));
        let p50 = arrived.map_or(due - TimeDelta::minutes(12), |arrived| arrived - off);
        let before = arrived.unwrap_or(self.now) - TimeDelta::minutes(40);
        let told_at = before.max(task.created_at + TimeDelta::minutes(1));
        let by_message = task.number.is_multiple_of(2);
        let draft = PromiseDraft {
            id: PromiseId(Uuid::from_u128(task.id.0.as_u128() ^ 1)),
            channel: if by_message { PromiseChannel::Message } else { PromiseChannel::Phone },
            from: Some(p50 - TimeDelta::minutes(15)),
            until: p50 + TimeDelta::minutes(10),
            expected: Some(ExpectedThen {
                p50,
                p90: p50 + TimeDelta::minutes(8),
                source: TravelSource::Roads,
                fix_age_secs: i64::from(task.number % 50) + 3,
            }),
        };
        if draft.check(told_at).is_ok() && task.promise(&draft, told_at, Actor::Office(self.office)).is_ok() {
            task.note_message(draft.id, MessageState::Sent { at: told_at + TimeDelta::seconds(2) });
        }
    }

    /// Perhaps whoever has the task was chosen from suggestions, and every other time it was not the first one.
    pub(super) fn chosen(&self, task: &mut Task, able: &[ResourceId]) {
        let Some(chosen) = task.resource.filter(|_| task.number.is_multiple_of(CHOSEN)) else { return };
        let nth = (task.number / CHOSEN) as usize;
        let others: Vec<ResourceId> = able.iter().copied().filter(|&other| other != chosen).collect();
        let passed_over = others.get(nth % others.len().max(1)).copied().filter(|_| nth.is_multiple_of(2));
        let of = u16::try_from(able.len()).unwrap_or(u16::MAX).max(1);
        let made = match passed_over {
            None => ChoiceMade {
                chosen,
                rank: 1,
                of,
                first: chosen,
                later_secs: Some(0),
                reason: None,
                note: String::new(),
            },
            Some(first) => {
                let reason = OverrideReason::ALL.get(nth / 2 % (OverrideReason::ALL.len() + 1)).copied();
                let note =
                    if reason == Some(OverrideReason::Other) { "Has the apprentice along" } else { "" };
                let rank = (2 + task.number as u16 % 3).min(of);
                let later_secs = Some(60 * (2 + nth as i64 % 9));
                ChoiceMade { chosen, rank, of, first, later_secs, reason, note: note.to_owned() }
            }
        };
        debug_assert!(made.fits(task.resource), "it fits together: {made:?}");
        let at = task.timeline.get(1).map_or(task.created_at + TimeDelta::minutes(3), |step| {
            (step.at - TimeDelta::minutes(2)).max(task.created_at)
        });
        task.choices.push(Choice { at, by: self.office, made });
    }
}
