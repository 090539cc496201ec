//! Places and fences: what their list shows, the edit on the map, and taking back what was done to them.

use std::collections::{BTreeSet, HashMap};

use domain::place::{FenceColor, Poi};
use domain::{GroupId, PoiId};
use leptos::prelude::*;
use map::{EditOrder, EditState};
use protocol::view::{DeskRequest, QueuedState, ResourceView, Subject};

use super::{Desk, Editor, ToastKind};
use crate::words::{t, tn};

/// What there is about places and fences beside their rows.
#[derive(Clone, Copy)]
pub struct Fences {
    /// How far the edit on the map is; `None` when there is none.
    pub edit: RwSignal<Option<EditState>>,
    /// The form has changes that are not saved.
    pub unsaved: RwSignal<bool>,
    /// What is opened when the unsaved changes are given up; `None` for nothing.
    pub next: RwSignal<Option<Editor>>,
    /// Whether the map shows that the form should have the focus again; grows.
    pub finished: RwSignal<u32>,
    /// What the list shows.
    pub filter: RwSignal<PlaceFilter>,
    /// Rows that were chosen by hand.
    pub chosen: RwSignal<BTreeSet<PoiId>>,
}

impl Fences {
    pub(super) fn new() -> Self {
        Self {
            edit: RwSignal::new(None),
            unsaved: RwSignal::new(false),
            next: RwSignal::new(None),
            finished: RwSignal::new(0),
            filter: RwSignal::default(),
            chosen: RwSignal::default(),
        }
    }

    /// Nothing is edited, searched for or chosen any more.
    pub(super) fn forget(self) {
        self.edit.set(None);
        self.unsaved.set(false);
        self.next.set(None);
        self.filter.set(PlaceFilter::default());
        self.chosen.set(BTreeSet::new());
    }
}

/// What the list of places shows; everything given has to hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlaceFilter {
    /// Part of the name or address.
    pub text: String,
    /// Only places with a fence.
    pub fences_only: bool,
    /// Only what concerns this group: its own fences, and those for everybody.
    pub group: Option<GroupId>,
    /// Only fences of this colour.
    pub color: Option<FenceColor>,
}

/// The places that `filter` lets through, by name.
pub fn choose_places<'a>(places: impl IntoIterator<Item = &'a Poi>, filter: &PlaceFilter) -> Vec<PoiId> {
    let text = filter.text.trim().to_lowercase();
    let fits = |poi: &&Poi| {
        let fence = poi.fence.as_ref();
        let concerns =
            |group| fence.is_some_and(|fence| fence.groups.is_empty() || fence.groups.contains(&group));
        (text.is_empty()
            || poi.name.to_lowercase().contains(&text)
            || poi.address.to_lowercase().contains(&text))
            && (!filter.fences_only || fence.is_some())
            && filter.group.is_none_or(concerns)
            && filter.color.is_none_or(|color| fence.is_some_and(|fence| fence.color == color))
    };
    let mut chosen: Vec<&Poi> = places.into_iter().filter(fits).collect();
    chosen.sort_by_cached_key(|poi| (poi.name.to_lowercase(), poi.id));
    chosen.into_iter().map(|poi| poi.id).collect()
}

/// How many people are known to be inside of each place.
pub fn people_inside<'a>(rows: impl IntoIterator<Item = &'a ResourceView>) -> HashMap<PoiId, usize> {
    let mut inside = HashMap::new();
    for poi in rows.into_iter().flat_map(|row| &row.inside) {
        *inside.entry(*poi).or_default() += 1;
    }
    inside
}

/// What a message offers to take back about places.
#[derive(Debug, Clone, PartialEq)]
pub enum PlacesUndo {
    /// A deleted place.
    PutBack(Box<Poi>),
    /// Places that were imported.
    TakeAway(Vec<PoiId>),
}

impl Desk {
    /// Does something to the fence that is edited on the map.
    pub fn edit_fence(self, order: EditOrder) {
        self.map.order(move |map| map.edit(order));
    }

    /// Drops the ring or line that is being drawn, or the selection of a corner; `false` when there is neither.
    pub fn leave_drawing(self) -> bool {
        if !self.look.is_beside_map() {
            return false;
        }
        let order = self.look.fences.edit.with_untracked(|edit| match edit {
            Some(edit) if edit.drawing => Some(EditOrder::CancelDrawing),
            Some(edit) if edit.selected => Some(EditOrder::Deselect),
            Some(_) | None => None,
        });
        let found = order.is_some();
        if let Some(order) = order {
            self.edit_fence(order);
        }
        found
    }

    /// Takes back what was done to places.
    pub fn undo_places(self, undo: PlacesUndo) {
        leptos::task::spawn_local(async move {
            match undo {
                PlacesUndo::PutBack(poi) => match self.put_back(*poi).await {
                    Ok(()) => self.say(ToastKind::Done, t("toast-undone").to_owned()),
                    Err(error) => self.say_error(&error),
                },
                PlacesUndo::TakeAway(pois) => {
                    let mut gone = 0;
                    for poi in pois {
                        match self.request(DeskRequest::DeletePoi { poi }).await {
                            Ok(_) => gone += 1,
                            Err(error) => self.say_error(&error),
                        }
                    }
                    self.say(ToastKind::Done, tn("import-undone", gone));
                }
            }
        });
    }

    /// A deletion that the server does not know of yet is given up; else the place is made again as it was.
    async fn put_back(self, poi: Poi) -> Result<(), protocol::view::DeskError> {
        let waiting = self.queue.with_untracked(|queue| {
            let deletes = queue.iter().find(|command| {
                command.subject == Some(Subject::Poi(poi.id))
                    && command.kind == "poi_delete"
                    && command.state == QueuedState::Waiting
            });
            deletes.map(|command| command.n)
        });
        if let Some(n) = waiting
            && self.request(DeskRequest::DiscardCommand { n }).await.is_ok()
        {
            return Ok(());
        }
        self.request(DeskRequest::PutPoi(Box::new(poi))).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use domain::LonLat;
    use domain::place::{Fence, FenceShape, PoiKind};

    use super::*;

    fn place(n: u128, name: &str, fence: Option<Fence>) -> Poi {
        Poi {
            id: uuid::Uuid::from_u128(n).into(),
            name: name.to_owned(),
            kind: PoiKind::Customer,
            at: LonLat::new(7.42, 43.73).expect("coordinate"),
            address: "Quai Antoine".to_owned(),
            fence,
        }
    }

    fn fence() -> Fence {
        let center = LonLat::new(7.42, 43.73).expect("coordinate");
        Fence::new(FenceShape::Circle { center, radius_m: 80.0 })
    }

    fn ids(places: &[Poi], filter: &PlaceFilter) -> Vec<u128> {
        choose_places(places, filter).into_iter().map(|id| id.0.as_u128()).collect()
    }

    #[test]
    fn places_are_found_by_name_group_and_colour() {
        let group: GroupId = uuid::Uuid::from_u128(90).into();
        let places = [
            place(1, "port", Some(Fence { color: FenceColor::Red, ..fence() })),
            place(2, "Casino", None),
            place(3, "Harbour", Some(Fence { groups: vec![group], ..fence() })),
        ];
        let all = PlaceFilter::default();
        assert_eq!(ids(&places, &all), [2, 3, 1], "by name, whatever the case");
        assert_eq!(ids(&places, &PlaceFilter { text: "HARB".into(), ..all.clone() }), [3], "part of a name");
        assert_eq!(
            ids(&places, &PlaceFilter { text: "quai".into(), ..all.clone() }).len(),
            3,
            "or an address"
        );
        assert_eq!(ids(&places, &PlaceFilter { fences_only: true, ..all.clone() }), [3, 1], "with a fence");
        let red = PlaceFilter { color: Some(FenceColor::Red), ..all.clone() };
        assert_eq!(ids(&places, &red), [1], "of a colour");
        let own = PlaceFilter { group: Some(group), ..all.clone() };
        assert_eq!(ids(&places, &own), [3, 1], "a fence for everybody concerns every group");
        let other = PlaceFilter { group: Some(uuid::Uuid::from_u128(91).into()), ..all };
        assert_eq!(ids(&places, &other), [1], "a fence of one group does not concern the others");
    }
}
