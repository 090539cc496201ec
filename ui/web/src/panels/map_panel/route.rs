//! The way of whoever is selected, on the map, with the arrival at its end.

use domain::{ResourceId, TaskId};
use leptos::prelude::*;
use map::RouteLine;
use protocol::view::{DeskRequest, DeskResponse, EtaView, RouteView, Subject};

use crate::format;
use crate::state::Desk;

/// Shows the way of whoever has the selected task, or of the selected resource to its current task. It is asked for anew every minute:
/// they are on the way.
pub(super) fn show_route(desk: Desk) {
    let leg = Memo::new(move |_| shown_leg(desk));
    let route = RwSignal::new(None::<RouteView>);
    let turn = StoredValue::new(0u64);
    Effect::new(move |before: Option<Option<(ResourceId, TaskId)>>| {
        let wanted = leg.get();
        desk.clock.minute();
        if before.is_none_or(|before| before != wanted) {
            route.set(None);
        }
        if let Some((resource, task)) = wanted {
            turn.update_value(|turn| *turn += 1);
            let mine = turn.get_value();
            leptos::task::spawn_local(async move {
                let answer = desk.request(DeskRequest::Route { resource, task }).await;
                // The user may have moved on while it was worked out, or the next minute's way is there already.
                if leg.try_get_untracked() == Some(wanted) && turn.try_get_value() == Some(mine) {
                    let shown = if let Ok(DeskResponse::Route(route)) = answer { Some(route) } else { None };
                    let _ = route.try_set(shown);
                }
            });
        }
        wanted
    });
    let label = Memo::new(move |_| leg.get().and_then(|(_, task)| arrival_label(desk, task)));
    Effect::new(move |_| {
        let label = label.get().unwrap_or_default();
        let line = route.get().map(|route| RouteLine { arrival_label: label, route });
        desk.map.order(move |map| map.set_route(line));
    });
}

/// Who is on the way where, of what is selected; only while the arrival is known, and with it the place.
fn shown_leg(desk: Desk) -> Option<(ResourceId, TaskId)> {
    match desk.look.selection.get() {
        Some(Subject::Task(task)) => {
            let row = desk.rows.tasks.get(task)?;
            let expected = matches!(row.eta, Some(EtaView::Expected { .. }));
            row.task.resource.filter(|_| expected).map(|resource| (resource, task))
        }
        Some(Subject::Resource(resource)) => {
            let task = desk.rows.resources.get(resource)?.current_task?;
            let expected = matches!(desk.rows.tasks.get(task)?.eta, Some(EtaView::Expected { .. }));
            expected.then_some((resource, task))
        }
        Some(Subject::Bid(_) | Subject::Poi(_) | Subject::Alert(_) | Subject::Rule(_)) | None => None,
    }
}

/// `10:42 · in 12 min`
fn arrival_label(desk: Desk, task: TaskId) -> Option<String> {
    let row = desk.rows.tasks.get(task)?;
    let at = format::arrival(row.eta.as_ref())?;
    let now = desk.clock.minute();
    let short = format::eta_short(row.eta.as_ref(), desk.zone(), now);
    Some(format!("{short} · {}", format::time_left(at, now)))
}
