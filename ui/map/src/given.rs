//! What the host gives the map to draw.

use domain::place::{FenceColor, FenceShape, Poi, PoiKind};
use domain::task::{Priority, TaskStatus};
use domain::{LonLat, PoiId, ResourceId, TaskId};
use protocol::view::{EtaView, RouteView, TaskView};
use protocol::wire::TrackResponse;

/// How a resource is called on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceLabel {
    /// Who.
    pub resource: ResourceId,
    /// Full name, shown on hover, selection and at high zoom.
    pub name: String,
}

/// Whether what is shown has reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsent {
    /// It has.
    #[default]
    Nothing,
    /// A change is on its way.
    OnItsWay,
    /// A change needs a decision.
    NeedsDecision,
}

/// A task as the map shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskPin {
    /// Which.
    pub task: TaskId,
    /// Where.
    pub at: LonLat,
    /// Its running number.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// How far it is.
    pub status: TaskStatus,
    /// How urgent.
    pub priority: Priority,
    /// Whether somebody has it.
    pub assigned: bool,
    /// Whether it will miss its window.
    pub late: bool,
    /// Whether a change of it still waits.
    pub unsent: Unsent,
}

impl TaskPin {
    /// The pin of a row. Hosts usually leave out tasks that are over.
    pub fn of(row: &TaskView) -> Self {
        let task = &row.task;
        Self {
            task: task.id,
            at: task.at,
            number: task.number,
            title: task.title.clone(),
            status: task.status,
            priority: task.priority,
            assigned: task.resource.is_some(),
            late: matches!(row.eta, Some(EtaView::Expected { late_secs: Some(_), .. })),
            unsent: match (row.attention, row.pending) {
                (true, _) => Unsent::NeedsDecision,
                (false, true) => Unsent::OnItsWay,
                (false, false) => Unsent::Nothing,
            },
        }
    }
}

/// A place with or without a fence.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceShape {
    /// Which.
    pub poi: PoiId,
    /// Its name, shown on hover, selection and at high zoom.
    pub name: String,
    /// What kind.
    pub kind: PoiKind,
    /// Where its pin stands.
    pub at: LonLat,
    /// The watched area.
    pub fence: Option<FenceShape>,
    /// How the area is drawn.
    pub color: FenceColor,
    /// Its rules are silent now: it has none, or these are not its hours. Drawn dashed.
    pub quiet: bool,
    /// How many people are inside, shown with its name; 0 is not shown.
    pub inside: usize,
}

impl PlaceShape {
    /// The shape of a row, as if nobody were inside; it is quiet when it has no rule at all.
    pub fn of(poi: &Poi) -> Self {
        let fence = poi.fence.as_ref();
        Self {
            poi: poi.id,
            name: poi.name.clone(),
            kind: poi.kind,
            at: poi.at,
            fence: fence.map(|fence| fence.shape.clone()),
            color: fence.map(|fence| fence.color).unwrap_or_default(),
            quiet: fence.is_some_and(|fence| !fence.has_rule()),
            inside: 0,
        }
    }
}

/// A way that somebody will take.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteLine {
    /// The way; one that is not by road is dashed.
    pub route: RouteView,
    /// Shown at its end, for example `10:42 · 12 min`; empty for nothing.
    pub arrival_label: String,
}

/// One of several ways to the same place, see [`LiveMap::set_ways`](crate::LiveMap::set_ways).
#[derive(Debug, Clone, PartialEq)]
pub struct WayOption {
    /// Whose.
    pub resource: ResourceId,
    /// Names it on the map and beside it, `A` for the first one; `None` where it needs no name.
    pub letter: Option<char>,
    /// The way; one that is not by road is dashed.
    pub route: RouteView,
    /// Shown where it begins, for example `Ana Costa · 10:42`; empty for nothing.
    pub label: String,
    /// It is the one that is looked at: wider, and on top.
    pub strong: bool,
}

/// Where somebody was.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackLine {
    /// Fixes and gaps; the line is interrupted in a gap, never drawn across it.
    pub track: TrackResponse,
}

/// Which kinds of things are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "one switch per kind of thing")]
pub struct Layers {
    pub resources: bool,
    pub tasks: bool,
    pub places: bool,
    pub fences: bool,
    pub labels: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self { resources: true, tasks: true, places: true, fences: true, labels: true }
    }
}
