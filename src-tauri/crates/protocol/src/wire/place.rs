//! How two people's edits of a place come together.

use domain::place::{Fence, Poi};
use serde::{Deserialize, Serialize};

use super::merge::Merge;

/// A field of a place or its fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in the place")]
pub enum PlaceField {
    Name,
    Kind,
    At,
    Address,
    /// The watched area, or whether there is one.
    Shape,
    Groups,
    OnEnter,
    OnExit,
    Dwell,
    OnCrossed,
    Absent,
    Schedule,
    Policy,
    Color,
}

/// `mine`, made from `base`, on top of what others have made of `base` meanwhile: a field that was changed here is as here, any
/// other as there. Beside it the fields that both changed to different values; an edit with such fields is a conflict.
pub fn merge_poi(mine: &Poi, base: &Poi, theirs: &Poi) -> (Poi, Vec<PlaceField>) {
    let mut clashes = Vec::new();
    let merged = Poi {
        id: mine.id,
        name: Merge(&base.name, &mine.name, &theirs.name).into(PlaceField::Name, &mut clashes),
        kind: Merge(&base.kind, &mine.kind, &theirs.kind).into(PlaceField::Kind, &mut clashes),
        at: Merge(&base.at, &mine.at, &theirs.at).into(PlaceField::At, &mut clashes),
        address: Merge(&base.address, &mine.address, &theirs.address).into(PlaceField::Address, &mut clashes),
        fence: match (&mine.fence, &base.fence, &theirs.fence) {
            (Some(mine), Some(base), Some(theirs)) => Some(merge_fence(mine, base, theirs, &mut clashes)),
            // Its number is the server's: two versions of the same fence are no difference.
            (mine, base, theirs) => {
                let plain = |fence: &Option<Fence>| fence.clone().map(|fence| Fence { version: 0, ..fence });
                let merged = Merge(&plain(base), &plain(mine), &plain(theirs));
                let merged = merged.into(PlaceField::Shape, &mut clashes);
                let version = theirs.as_ref().or(mine.as_ref()).map_or(1, |fence| fence.version);
                merged.map(|fence| Fence { version, ..fence })
            }
        },
    };
    (merged, clashes)
}

fn merge_fence(mine: &Fence, base: &Fence, theirs: &Fence, clashes: &mut Vec<PlaceField>) -> Fence {
    macro_rules! merged {
        ($($name:ident: $field:ident),* $(,)?) => {
            Fence {
                version: theirs.version,
                $($name: Merge(&base.$name, &mine.$name, &theirs.$name).into(PlaceField::$field, clashes)),*
            }
        };
    }
    merged! {
        shape: Shape,
        groups: Groups,
        on_enter: OnEnter,
        on_exit: OnExit,
        dwell_secs: Dwell,
        on_crossed: OnCrossed,
        absent_secs: Absent,
        schedule: Schedule,
        policy: Policy,
        color: Color,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::place::{FenceShape, PoiKind};
    use domain::{LonLat, PoiId};

    fn port(radius_m: f64) -> Poi {
        let center = LonLat::new(7.42, 43.73).expect("a place");
        Poi {
            id: PoiId(uuid::Uuid::from_u128(1)),
            name: "Port".to_owned(),
            kind: PoiKind::Point,
            at: center,
            address: String::new(),
            fence: Some(Fence::new(FenceShape::Circle { center, radius_m })),
        }
    }

    #[test]
    fn one_draws_while_the_other_sets_a_rule() {
        let base = port(100.0);
        let mine = port(150.0);
        let mut theirs = port(100.0);
        if let Some(fence) = &mut theirs.fence {
            (fence.on_enter, fence.version) = (true, 2);
        }
        let (merged, clashes) = merge_poi(&mine, &base, &theirs);
        assert_eq!(clashes, [], "different fields");
        let fence = merged.fence.expect("a fence");
        assert!(fence.on_enter, "their rule stays");
        assert_eq!(fence.shape, mine.fence.expect("a fence").shape, "on my area");
        assert_eq!(fence.version, 2, "numbered as the server has it");
    }

    #[test]
    fn two_areas_are_a_decision() {
        let (_, clashes) = merge_poi(&port(150.0), &port(100.0), &port(200.0));
        assert_eq!(clashes, [PlaceField::Shape], "somebody has to say which");
        let gone = Poi { fence: None, ..port(100.0) };
        let (_, clashes) = merge_poi(&gone, &port(100.0), &port(200.0));
        assert_eq!(clashes, [PlaceField::Shape], "taken away here, redrawn there");
        let (merged, clashes) = merge_poi(&gone, &port(100.0), &port(100.0));
        assert_eq!((merged.fence, clashes.len()), (None, 0), "taken away here, untouched there");
    }
}
