//! What the engine says.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::AlertKind;
use domain::{AlertId, LonLat, PoiId, ResourceId};
use sha2::{Digest, Sha256};

/// Something happened at a fence.
#[derive(Debug, Clone, PartialEq)]
pub struct FenceEvent {
    /// The same for everybody who computes it; see [`event_id`]. A retraction carries the id of what it takes back.
    pub id: AlertId,
    /// Who.
    pub resource: ResourceId,
    /// Which fence.
    pub poi: PoiId,
    /// What.
    pub kind: EventKind,
    /// First fix of the confirmed run; for a dwell or an absence the moment the rule's time was over, for a crossing the estimated
    /// moment of being deepest inside.
    pub event_time: DateTime<Utc>,
    /// Where the first fix of the run was; for a crossing the estimated deepest point, for an absence where they were instead.
    pub at: LonLat,
    /// How sure the time is.
    pub confidence: Confidence,
    /// The fixes and the rule that decided.
    pub why: Why,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Came in.
    Entered,
    /// Left.
    Left,
    /// Has been inside for longer than the rule says.
    Dwelt {
        /// The rule's seconds.
        secs: u32,
    },
    /// Drove through between two fixes, or was not seen inside for long enough: a straight line says so, no run of fixes.
    Crossed,
    /// Was seen elsewhere although the shift had begun.
    Absent {
        /// The rule's seconds after the start of the shift.
        secs: u32,
    },
    /// A fix that arrived late shows that the event with this id never happened.
    Retracted,
}

/// How sure the time of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Fixes before and after the border.
    Witnessed,
    /// Nothing was known for a while before: it happened somewhen in the gap.
    AfterGap,
    /// Nobody was seen inside: the way between two fixes leads through.
    Inferred,
}

/// The reason of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// First fix of the run; for a crossing the last one before it.
    pub first: Evidence,
    /// The fix that confirmed it; for a crossing the first one after it.
    pub deciding: Evidence,
    /// Number of deciding fixes in the run, both included; 0 where no run decides.
    pub fixes: u32,
    /// How far beyond the border (metres) the error circle had to be.
    pub margin_m: f64,
}

/// One fix as the engine judged it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// When.
    pub fix_time: DateTime<Utc>,
    /// Where.
    pub at: LonLat,
    /// Signed distance to the border in metres, negative inside.
    pub dist_m: f64,
    /// Radius of the 95 % error circle in metres.
    pub acc95_m: f64,
}

impl Evidence {
    /// The whole error circle is outside.
    pub(crate) fn is_outside(&self) -> bool {
        self.dist_m - self.acc95_m > 0.0
    }
}

impl FenceEvent {
    /// The alert of this event; `None` for a retraction, and for what is shown in the history only.
    pub fn alert_kind(&self) -> Option<AlertKind> {
        let (resource, poi) = (self.resource, self.poi);
        match self.kind {
            EventKind::Entered => Some(AlertKind::FenceEntered { resource, poi }),
            EventKind::Left => Some(AlertKind::FenceLeft { resource, poi }),
            EventKind::Dwelt { secs } => Some(AlertKind::FenceDwell { resource, poi, dwell_secs: secs }),
            // Nothing that an alert of its own stands for yet.
            EventKind::Crossed | EventKind::Absent { .. } | EventKind::Retracted => None,
        }
    }

    /// The event that takes this one back.
    pub(crate) fn retracted(self) -> Self {
        FenceEvent { kind: EventKind::Retracted, ..self }
    }
}

/// The id of an event: a hash of whom, which fence, what and the start of the run, as a version-8 UUID.
pub fn event_id(resource: ResourceId, poi: PoiId, kind: EventKind, run_start: DateTime<Utc>) -> AlertId {
    let (tag, secs) = match kind {
        EventKind::Entered => (b'e', 0),
        EventKind::Left => (b'l', 0),
        EventKind::Dwelt { secs } => (b'd', secs),
        EventKind::Crossed => (b'x', 0),
        EventKind::Absent { secs } => (b'a', secs),
        EventKind::Retracted => (b'r', 0),
    };
    let hash = Sha256::new()
        .chain_update(resource.0.as_bytes())
        .chain_update(poi.0.as_bytes())
        .chain_update([tag])
        .chain_update(secs.to_be_bytes())
        .chain_update(run_start.timestamp_millis().to_be_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    AlertId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// `secs` after `time`; the end of time if there is none.
pub(crate) fn after(time: DateTime<Utc>, secs: u32) -> DateTime<Utc> {
    time.checked_add_signed(TimeDelta::seconds(i64::from(secs))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
