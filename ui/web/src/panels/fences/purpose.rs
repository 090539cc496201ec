//! What the form of a fence is for: what it is filled with, what the edit is made from, and what is asked of the backend.

use domain::place::{Fence, FenceShape, Poi, PoiKind};
use domain::{LonLat, PoiId};
use map::EditTool;
use protocol::view::DeskRequest;

use super::values::middle;
use crate::clock;
use crate::state::Desk;

/// A fence around a known point begins with this radius, in metres.
const FIRST_RADIUS_M: f64 = 100.0;

/// What the form is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FencePurpose {
    /// A new place: what is drawn first, and perhaps already where.
    New(EditTool, Option<LonLat>),
    /// Another look of an existing place.
    Edit(PoiId),
    /// A place that gets a fence.
    Make(PoiId),
}

impl FencePurpose {
    /// The place that is edited; `None` for a new one.
    pub(super) fn poi(self) -> Option<PoiId> {
        match self {
            FencePurpose::New(..) => None,
            FencePurpose::Edit(poi) | FencePurpose::Make(poi) => Some(poi),
        }
    }

    /// The place as it is now, which the edit is made from.
    pub(super) fn base(self, desk: Desk) -> Option<Poi> {
        self.poi().and_then(|poi| desk.rows.pois.peek(poi)).map(|poi| Poi::clone(&poi))
    }

    /// What the form is filled with; the shape of a new place may still be missing.
    pub(super) fn filled(self, base: Option<&Poi>) -> (Poi, Option<Fence>) {
        let around = |center| watched(FenceShape::Circle { center, radius_m: FIRST_RADIUS_M });
        match (self, base) {
            (FencePurpose::Make(_), Some(base)) => {
                let fence = base.fence.clone().unwrap_or_else(|| around(base.at));
                (base.clone(), Some(fence))
            }
            (FencePurpose::Edit(_), Some(base)) => (base.clone(), base.fence.clone()),
            (FencePurpose::New(_, at), _) => (empty(at), at.map(around)),
            (FencePurpose::Make(_) | FencePurpose::Edit(_), None) => (empty(None), None),
        }
    }

    /// What the pointer does first.
    pub(super) fn tool(self, has_shape: bool) -> EditTool {
        match self {
            FencePurpose::New(tool, _) if !has_shape => tool,
            FencePurpose::New(..) | FencePurpose::Edit(_) | FencePurpose::Make(_) => EditTool::Adjust,
        }
    }

    pub(super) fn request(self, draft: Poi, base: Option<Poi>) -> DeskRequest {
        let draft = Box::new(draft);
        match base {
            Some(base) => DeskRequest::EditPoi { draft, base: Box::new(base) },
            None => DeskRequest::PutPoi(draft),
        }
    }
}

/// A fence that says when somebody comes.
pub(super) fn watched(shape: FenceShape) -> Fence {
    Fence { on_enter: true, ..Fence::new(shape) }
}

fn empty(at: Option<LonLat>) -> Poi {
    Poi {
        id: PoiId(clock::new_id()),
        name: String::new(),
        kind: PoiKind::Polygon,
        at: at.unwrap_or_else(|| LonLat::from_e7(0, 0)),
        address: String::new(),
        fence: None,
    }
}

/// Where the pin stands: one that stood in the middle of its fence stays in the middle, any other stays where it is.
pub(super) fn pin(before: &Poi, was_new: bool, shape: Option<&FenceShape>) -> LonLat {
    let Some(shape) = shape else { return before.at };
    let stood_in_middle = |fence: &Fence| middle(&fence.shape).distance_m(before.at) < MIDDLE_M;
    let moves = was_new || before.fence.as_ref().is_some_and(stood_in_middle);
    if moves { middle(shape) } else { before.at }
}

/// This near to the middle is in the middle, metres.
const MIDDLE_M: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_in_the_middle_goes_along_and_any_other_stays() {
        let at = |lon| LonLat::new(lon, 43.73).expect("coordinate");
        let circle = |lon| FenceShape::Circle { center: at(lon), radius_m: 80.0 };
        let before = Poi {
            id: uuid::Uuid::from_u128(1).into(),
            name: "Harbour".to_owned(),
            kind: PoiKind::Customer,
            at: at(7.42),
            address: String::new(),
            fence: Some(watched(circle(7.42))),
        };
        assert_eq!(pin(&before, false, Some(&circle(7.43))), at(7.43), "it stood in the middle");
        let gate = Poi { at: at(7.4205), ..before.clone() };
        assert_eq!(pin(&gate, false, Some(&circle(7.43))), at(7.4205), "a gate at the side stays");
        assert_eq!(pin(&before, false, None), at(7.42), "without a fence it stays");
        let bare = Poi { fence: None, ..before };
        assert_eq!(pin(&bare, false, Some(&circle(7.43))), at(7.42), "a known place keeps its pin");
    }
}
