//! Ways of suggestions on the map: of the one that is looked at, or of the first ones side by side.

use std::collections::HashMap;
use std::time::Duration;

use domain::ResourceId;
use leptos::prelude::*;
use map::WayOption;
use protocol::view::{DeskRequest, DeskResponse, RouteView};

use super::Panel;
use super::line::position_now;
use super::text::arrival;
use crate::format;
use crate::state::suggestions::{as_of_now, compared};

/// A pointer that only passes over the list asks for nothing.
const RESTS_FOR: Duration = Duration::from_millis(120);

/// A way that is wanted: the letter of those that are compared, and whose.
type Wanted = (Option<char>, ResourceId);

#[derive(Clone, Copy)]
struct Ways {
    panel: Panel,
    wanted: Memo<Vec<Wanted>>,
    /// Ways that were asked for, of the list as it is now.
    known: RwSignal<HashMap<ResourceId, Way>>,
}

/// A way that was asked for.
#[derive(Debug, Clone, PartialEq)]
enum Way {
    Coming,
    /// Who has no way has no line; the list says why.
    None,
    There(RouteView),
}

/// Keeps the map as the panel wants it for as long as the panel is there; the letters are those on the map.
pub(super) fn draw(panel: Panel) -> Memo<Vec<(char, ResourceId)>> {
    let letters =
        Memo::new(
            move |_| {
                if panel.compare.get() { panel.list.with(|list| compared(list)) } else { Vec::new() }
            },
        );
    let wanted = Memo::new(move |_| {
        let mut wanted: Vec<Wanted> =
            letters.with(|letters| letters.iter().map(|(letter, who)| (Some(*letter), *who)).collect());
        let looked_at = panel.looked_at().filter(|who| wanted.iter().all(|(_, known)| known != who));
        wanted.extend(looked_at.filter(|who| is_on_the_way(panel, *who)).map(|who| (None, who)));
        wanted
    });
    let ways = Ways { panel, wanted, known: RwSignal::new(HashMap::new()) };
    ways.forget_with_the_list();
    ways.fetch();
    ways.show();
    on_cleanup(move || panel.desk.map.order(|map| map.set_ways(Vec::new())));
    letters
}

fn is_on_the_way(panel: Panel, who: ResourceId) -> bool {
    panel.list.with(|list| list.iter().any(|it| it.view.resource == who && it.view.arrival.is_some()))
}

impl Ways {
    /// People have moved when the list is asked for again.
    fn forget_with_the_list(self) {
        let at = Memo::new(move |_| {
            self.panel.asked.found.with(|found| found.as_ref()?.as_ref().ok().map(|view| view.at))
        });
        Effect::new(move |_| {
            at.track();
            self.known.set(HashMap::new());
        });
    }

    fn fetch(self) {
        Effect::new(move |_| {
            let wanted = self.wanted.get();
            let missing = self.known.with(|known| wanted.iter().any(|(_, who)| !known.contains_key(who)));
            if missing {
                set_timeout(move || self.ask(&wanted), RESTS_FOR);
            }
        });
    }

    /// Asks for the ways that are still wanted.
    fn ask(self, then: &[Wanted]) {
        let Some(now) = self.wanted.try_get_untracked() else { return };
        for (_, resource) in now.into_iter().filter(|way| then.contains(way)) {
            if self.known.with_untracked(|known| known.contains_key(&resource)) {
                continue;
            }
            self.known.update(|known| {
                known.insert(resource, Way::Coming);
            });
            let (desk, task) = (self.panel.desk, self.panel.task);
            leptos::task::spawn_local(async move {
                let way = match desk.request(DeskRequest::Route { resource, task }).await {
                    Ok(DeskResponse::Route(route)) => Way::There(route),
                    Ok(_) | Err(_) => Way::None,
                };
                let _ = self.known.try_update(|known| known.insert(resource, way));
            });
        }
    }

    fn show(self) {
        let desk = self.panel.desk;
        Effect::new(move |fitted: Option<bool>| {
            let wanted = self.wanted.get();
            let is_settled = self.known.with(|known| {
                wanted.iter().all(|(_, who)| known.get(who).is_some_and(|way| *way != Way::Coming))
            });
            let ways: Vec<WayOption> = wanted.into_iter().filter_map(|wanted| self.option(wanted)).collect();
            let compared = self.panel.compare.get();
            let complete = compared && is_settled && !ways.is_empty();
            let fit = complete && fitted != Some(true);
            desk.map.order(move |map| {
                map.set_ways(ways);
                if fit {
                    map.fit_ways();
                }
            });
            compared && (complete || fitted == Some(true))
        });
    }

    /// A way as the map draws it; `None` until it has come, and for whoever may not be shown any more.
    fn option(self, (letter, who): Wanted) -> Option<WayOption> {
        let Panel { desk, list, .. } = self.panel;
        let Way::There(route) = self.known.with(|known| known.get(&who).cloned())? else { return None };
        let view =
            list.with(|list| list.iter().find(|it| it.view.resource == who).map(|it| it.view.clone()))?;
        let when = arrival(desk, &as_of_now(view, position_now(desk, who)))?;
        let label = format!("{} · {when}", format::short_name(&desk.resource_name(who)));
        Some(WayOption { resource: who, letter, route, label, strong: self.panel.looked_at() == Some(who) })
    }
}
