//! Stored tracks again: under other settings, or with fixes that came late.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{AlertId, GroupId, ResourceId};

use crate::event::FenceEvent;
use crate::gate::{Rejected, gate_us};
use crate::grid::Vicinity;
use crate::track::{Scene, Taken, Timed, Track, key};
use crate::watch::Watch;

/// A resource whose track got fixes that were too late to be reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateData {
    /// Whose.
    pub resource: ResourceId,
    /// Of which group.
    pub group: GroupId,
    /// The oldest of them.
    pub from: DateTime<Utc>,
}

/// An event that was said and stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Its id.
    pub id: AlertId,
    /// When it happened.
    pub event_time: DateTime<Utc>,
}

/// What the history has to be corrected by.
#[derive(Debug, Clone, PartialEq)]
pub enum Correction {
    /// It happened, and nobody knew.
    Missed(FenceEvent),
    /// It was said, and did not happen (or at another time, which is then among the missed ones).
    Unfounded(AlertId),
}

/// Takes a stored track fix by fix, in event order and each as if it arrived at once; shows what became of each.
pub(crate) fn replay(
    watch: &Watch,
    (resource, group): (ResourceId, GroupId),
    track: &[Fix],
    mut each: impl FnMut(&Fix, Result<Vec<FenceEvent>, Rejected>, &Track),
) {
    let mut fixes = track.to_vec();
    fixes.sort_by_key(key);
    fixes.dedup_by_key(|fix| key(fix));
    let (mut vicinity, mut now) = (Vicinity::default(), Track::new(resource, group, None));
    for fix in &fixes {
        let timed = Timed::new(fix);
        let scene = &mut Scene { watch, vicinity: &mut vicinity };
        let taken = gate_us(&timed, watch, timed.at_us).map(|()| now.on_fix(&timed, scene, timed.at_us));
        let events = taken.map(|taken| match taken {
            Taken::News(events) => events,
            Taken::TooLate | Taken::Dropped => Vec::new(),
        });
        each(fix, events, &now);
    }
}

/// The events of a stored track.
pub(crate) fn replayed(watch: &Watch, who: (ResourceId, GroupId), track: &[Fix]) -> Vec<FenceEvent> {
    let mut events = Vec::new();
    replay(watch, who, track, |_, news, _| events.extend(news.into_iter().flatten()));
    events
}

/// The difference between what a whole track says and what was said, from `from` until the end of the track. What happened after
/// its last fix is not judged.
pub(crate) fn corrections(
    events: Vec<FenceEvent>,
    said: &[Said],
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Vec<Correction> {
    let is_judged = |time: DateTime<Utc>| time >= from && until.is_some_and(|until| time <= until);
    let known: BTreeSet<AlertId> = said.iter().map(|said| said.id).collect();
    let found: BTreeSet<AlertId> = events.iter().map(|event| event.id).collect();
    let unfounded = said.iter().filter(|said| is_judged(said.event_time) && !found.contains(&said.id));
    let unfounded = unfounded.map(|said| Correction::Unfounded(said.id));
    let missed = events.into_iter().filter(|event| is_judged(event.event_time) && !known.contains(&event.id));
    unfounded.chain(missed.map(Correction::Missed)).collect()
}
