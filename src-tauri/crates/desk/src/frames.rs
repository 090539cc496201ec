//! Position frames: only what moved since the last one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::position::{Fix, PositionState};
use domain::task::TaskStatus;
use protocol::view::{Dot, DotState, PositionFrame};

/// What the subscribers have seen of the dots.
#[derive(Debug, Default)]
pub struct Frames {
    shown: HashMap<ResourceId, Dot>,
    moved: HashMap<ResourceId, Dot>,
    gone: Vec<ResourceId>,
}

impl Frames {
    /// A dot as it is now; nothing happens when it looks as before.
    pub fn show(&mut self, dot: Dot) {
        if self.shown.get(&dot.resource) != Some(&dot) {
            self.shown.insert(dot.resource, dot);
            self.moved.insert(dot.resource, dot);
            self.gone.retain(|gone| *gone != dot.resource);
        }
    }

    /// Takes a dot away.
    pub fn hide(&mut self, resource: ResourceId) {
        if self.shown.remove(&resource).is_some() {
            self.moved.remove(&resource);
            self.gone.push(resource);
        }
    }

    /// Takes all dots away.
    pub fn hide_all(&mut self) {
        let all: Vec<ResourceId> = self.shown.keys().copied().collect();
        all.into_iter().for_each(|resource| self.hide(resource));
    }

    /// Whether a frame is due.
    pub fn is_due(&self) -> bool {
        !self.moved.is_empty() || !self.gone.is_empty()
    }

    /// What changed since the last call.
    pub fn take(&mut self, now: DateTime<Utc>) -> PositionFrame {
        PositionFrame {
            now_ms: now.timestamp_millis(),
            full: false,
            dots: self.moved.drain().map(|(_, dot)| dot).collect(),
            gone: std::mem::take(&mut self.gone),
        }
    }

    /// All dots.
    pub fn full(&self, now: DateTime<Utc>) -> PositionFrame {
        let dots = self.shown.values().copied().collect();
        PositionFrame { now_ms: now.timestamp_millis(), full: true, dots, gone: Vec::new() }
    }
}

/// The dot of a resource at `fix`.
pub fn dot(resource: ResourceId, fix: &Fix, state: DotState) -> Dot {
    let (lon_e7, lat_e7) = Dot::fixed_point(fix.at);
    let heading = fix.heading_deg.filter(|degrees| degrees.is_finite());
    Dot {
        resource,
        lon_e7,
        lat_e7,
        accuracy_m: fix.accuracy_95_m().round().clamp(0.0, f32::from(u16::MAX)) as u16,
        heading_deg: heading.map(|degrees| degrees.rem_euclid(360.0).round() as u16 % 360),
        fix_ms: fix.fix_time.timestamp_millis(),
        state,
    }
}

/// How a resource's dot is drawn; `None` when it has none.
pub fn dot_state(position: PositionState, current: Option<TaskStatus>, is_late: bool) -> Option<DotState> {
    match position {
        PositionState::Private { .. } | PositionState::OffDuty | PositionState::NoFix => None,
        PositionState::DeviceSilent => Some(DotState::Silent),
        PositionState::Stale => Some(DotState::Stale),
        PositionState::Live if is_late => Some(DotState::Late),
        PositionState::Live => Some(match current {
            Some(TaskStatus::EnRoute) => DotState::EnRoute,
            Some(_) => DotState::Working,
            None => DotState::Free,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn somebody(id: u128, lon_e7: i32) -> Dot {
        Dot {
            resource: ResourceId(Uuid::from_u128(id)),
            lon_e7,
            lat_e7: 437_300_000,
            accuracy_m: 8,
            heading_deg: None,
            fix_ms: 0,
            state: DotState::Free,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    #[test]
    fn a_frame_holds_only_what_moved() {
        let mut frames = Frames::default();
        frames.show(somebody(1, 1));
        frames.show(somebody(2, 1));
        assert_eq!(frames.take(now()).dots.len(), 2, "both are new");
        frames.show(somebody(1, 1));
        assert!(!frames.is_due(), "nothing moved");
        frames.show(somebody(2, 2));
        assert_eq!(frames.take(now()).dots, [somebody(2, 2)], "only the second one moved");
        assert_eq!(frames.full(now()).dots.len(), 2, "a full frame has both");
    }

    #[test]
    fn who_goes_is_gone_even_if_they_had_just_moved() {
        let mut frames = Frames::default();
        frames.show(somebody(1, 1));
        frames.take(now());
        frames.show(somebody(1, 2));
        frames.hide(somebody(1, 2).resource);
        let frame = frames.take(now());
        assert!(frame.dots.is_empty(), "no coordinate of somebody who is gone leaves the backend");
        assert_eq!(frame.gone, [somebody(1, 2).resource], "the dot is taken away");
        assert!(frames.full(now()).dots.is_empty(), "nor does a full frame have it");
    }
}
