//! Names of states and kinds.

use domain::access::Role;
use domain::bid::{BidLineStatus, BidStatus};
use domain::place::PoiKind;
use domain::position::PositionState;
use domain::task::{Priority, TaskStatus};
use protocol::view::{
    ConnectionState, ConnectionView, DotState, EtaUnknown, OfflineReason, QueuedState, RetainedData, Stalled,
    StartStep,
};
use protocol::wire::TaskField;

use super::{kebab, t, t_dyn};

fn named(prefix: &str, name: impl std::fmt::Debug) -> String {
    t_dyn(&format!("{prefix}-{}", kebab(&format!("{name:?}"))))
}

/// A task's status.
pub fn status_text(status: TaskStatus) -> String {
    named("status", status)
}

/// A priority.
pub fn priority_text(priority: Priority) -> String {
    named("priority", priority)
}

/// A role.
pub fn role_text(role: Role) -> String {
    named("role", role)
}

/// A bid's status.
pub fn bid_status_text(status: BidStatus) -> String {
    named("bid-status", status)
}

/// A bid line's status.
pub fn bid_line_text(status: BidLineStatus) -> String {
    named("bid-line", status)
}

/// A place's kind.
pub fn poi_kind_text(kind: PoiKind) -> String {
    named("poi-kind", kind)
}

/// A dot's state, as in the map's legend.
pub fn dot_text(state: DotState) -> String {
    named("dot", state)
}

/// Why an arrival is not known.
pub fn eta_unknown_text(because: EtaUnknown) -> String {
    named("eta", because)
}

/// What the start is doing.
pub fn start_step_text(step: StartStep) -> String {
    named("start", step)
}

/// What may be said of a place, in a word.
pub fn position_text(state: PositionState) -> &'static str {
    match state {
        PositionState::Live => t("position-live"),
        PositionState::Stale => t("position-stale"),
        PositionState::NoFix => t("position-no-fix"),
        PositionState::Private { .. } => t("position-private"),
        PositionState::OffDuty => t("position-off-duty"),
        PositionState::DeviceSilent => t("position-device-silent"),
    }
}

/// How the connection is, in a word.
pub fn connection_text(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Live => t("connection-live"),
        ConnectionState::CatchingUp => t("connection-catching-up"),
        ConnectionState::Resyncing { .. } => t("connection-resyncing"),
        ConnectionState::Offline { .. } => t("connection-offline"),
        ConnectionState::SignInAgain => t("connection-sign-in-again"),
        ConnectionState::UpgradeNeeded => t("connection-upgrade-needed"),
    }
}

/// Why the connection is as it is, and what that means for the work.
pub fn connection_why(connection: &ConnectionView) -> String {
    match connection.state {
        ConnectionState::Live => t("why-live").to_owned(),
        ConnectionState::CatchingUp => t("why-catching-up").to_owned(),
        ConnectionState::Resyncing { .. } => t("why-resyncing").to_owned(),
        ConnectionState::Offline { .. } => match connection.reason {
            Some(reason) => format!("{} {}", offline_text(reason), t("why-offline")),
            None => t("why-offline").to_owned(),
        },
        ConnectionState::SignInAgain => t("sign-in-again").to_owned(),
        ConnectionState::UpgradeNeeded => t("upgrade-needed").to_owned(),
    }
}

/// Why there is no connection.
pub fn offline_text(reason: OfflineReason) -> &'static str {
    match reason {
        OfflineReason::Unreachable => t("offline-unreachable"),
        OfflineReason::Tls => t("offline-tls"),
        OfflineReason::Unsteady => t("offline-unsteady"),
        OfflineReason::Busy => t("offline-busy"),
        OfflineReason::ServerFailed => t("offline-server-failed"),
    }
}

/// What gets nowhere although the server answers.
pub fn stalled_text(what: Stalled) -> &'static str {
    match what {
        Stalled::Feed => t("stalled-feed"),
        Stalled::Queue => t("stalled-queue"),
        Stalled::Storage => t("stalled-storage"),
    }
}

/// A type of data with a limit.
pub fn retained_text(data: RetainedData) -> String {
    named("retained", data)
}

/// A fence's colour.
pub fn fence_color_text(color: domain::place::FenceColor) -> String {
    named("color", color)
}

/// A format of fence files.
pub fn fence_format_text(format: protocol::view::FenceFormat) -> &'static str {
    match format {
        protocol::view::FenceFormat::Geojson => t("format-geojson"),
        protocol::view::FenceFormat::Kml => t("format-kml"),
        protocol::view::FenceFormat::Wkt => t("format-wkt"),
    }
}

/// A field of a task.
pub fn task_field_text(field: TaskField) -> String {
    named("task-field", field)
}

/// The heading of a heap of changes.
pub fn heap_text(heap: crate::state::queue::Heap) -> String {
    named("heap", heap)
}

/// What can be done about a command in this state; `may_retry` tells whether doing it again could work.
pub fn review_advice(state: &QueuedState, may_retry: bool) -> &'static str {
    match state {
        QueuedState::Waiting | QueuedState::Sending | QueuedState::Confirming => t("advice-wait"),
        QueuedState::Conflict | QueuedState::Rejected { .. } | QueuedState::Expired | QueuedState::Fenced
            if !may_retry =>
        {
            t("advice-hopeless")
        }
        QueuedState::Conflict => t("advice-conflict"),
        QueuedState::Rejected { .. } => t("advice-rejected"),
        QueuedState::Expired => t("advice-expired"),
        QueuedState::Fenced => t("advice-fenced"),
    }
}

/// How far a queued command is.
pub fn queued_state_text(state: &QueuedState) -> String {
    match state {
        QueuedState::Waiting => t("queued-waiting").to_owned(),
        QueuedState::Sending => t("queued-sending").to_owned(),
        QueuedState::Confirming => t("queued-confirming").to_owned(),
        QueuedState::Conflict => t("queued-conflict").to_owned(),
        QueuedState::Rejected { reason } => {
            super::tf("queued-rejected", &[("reason", &super::rejection_text(reason))])
        }
        QueuedState::Expired => t("queued-expired").to_owned(),
        QueuedState::Fenced => t("queued-fenced").to_owned(),
    }
}

/// What a queued command does; `kind` is the command's name on the wire.
pub fn command_text(kind: &str) -> String {
    let key = format!("command-{}", kind.replace('_', "-"));
    let text = t_dyn(&key);
    if text == key { t("command-other").to_owned() } else { text }
}

/// The chip of a resource's standing.
pub fn standing_text(standing: crate::state::lists::Standing) -> String {
    named("standing", standing)
}

/// The chip of a kind of tasks.
pub fn task_chip_text(chip: crate::state::lists::TaskChip) -> String {
    named("task-chip", chip)
}

/// The few texts inside the map.
pub fn map_words() -> map::Words {
    let own = |key| t(key).replace("{ $n }", "{n}");
    map::Words {
        zoom_in: own("map-zoom-in"),
        zoom_out: own("map-zoom-out"),
        fit_all: own("map-fit-all"),
        follow: own("map-follow"),
        stop_following: own("map-stop-following"),
        no_base_map: own("map-no-base-map"),
        loading: own("map-loading"),
        pick_place: own("map-pick-place"),
        map_label: own("map-label"),
        location_off: own("map-location-off"),
        seconds_ago: own("map-seconds-ago"),
        minutes_ago: own("map-minutes-ago"),
        hours_ago: own("map-hours-ago"),
        metres: own("map-metres"),
        kilometres: own("map-kilometres"),
        unassigned: own("map-unassigned"),
        unsent: own("map-unsent"),
        needs_decision: own("map-needs-decision"),
        inside: own("map-inside"),
        square_metres: own("map-square-metres"),
        hectares: own("map-hectares"),
        square_kilometres: own("map-square-kilometres"),
        draw_circle: own("map-draw-circle"),
        draw_radius: own("map-draw-radius"),
        draw_first: own("map-draw-first"),
        draw_ring: own("map-draw-ring"),
        draw_hole: own("map-draw-hole"),
        draw_line: own("map-draw-line"),
        adjust: own("map-adjust"),
    }
}
