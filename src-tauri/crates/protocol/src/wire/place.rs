//! How two people's edits of a place come together.

use domain::LonLat;
use domain::place::{Fence, FenceShape, Poi};
use serde::{Deserialize, Serialize};

use super::merge::{Merge, SAME_M};

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
        at: Merge(&base.at, &mine.at, &theirs.at).into_by(same_place, PlaceField::At, &mut clashes),
        address: Merge(&base.address, &mine.address, &theirs.address).into(PlaceField::Address, &mut clashes),
        fence: match (&mine.fence, &base.fence, &theirs.fence) {
            (Some(mine), Some(base), Some(theirs)) => Some(merge_fence(mine, base, theirs, &mut clashes)),
            (mine, base, theirs) => {
                let merged = Merge(base, mine, theirs).into_by(same_fence, PlaceField::Shape, &mut clashes);
                let version = theirs.as_ref().or(mine.as_ref()).map_or(1, |fence| fence.version);
                merged.map(|fence| Fence { version, ..fence })
            }
        },
    };
    (merged, clashes)
}

fn merge_fence(mine: &Fence, base: &Fence, theirs: &Fence, clashes: &mut Vec<PlaceField>) -> Fence {
    let shape =
        Merge(&base.shape, &mine.shape, &theirs.shape).into_by(same_shape, PlaceField::Shape, clashes);
    macro_rules! merged {
        ($($name:ident: $field:ident),* $(,)?) => {
            Fence {
                version: theirs.version,
                shape,
                $($name: Merge(&base.$name, &mine.$name, &theirs.$name).into(PlaceField::$field, clashes)),*
            }
        };
    }
    merged! {
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

fn same_place(a: &LonLat, b: &LonLat) -> bool {
    a.is_within(*b, SAME_M)
}

fn same_shape(a: &FenceShape, b: &FenceShape) -> bool {
    a.is_same_within(b, SAME_M)
}

/// Its number is the server's: two versions of the same fence are no difference.
fn same_fence(a: &Option<Fence>, b: &Option<Fence>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let of_b = Fence { version: b.version, shape: b.shape.clone(), ..a.clone() };
            same_shape(&a.shape, &b.shape) && of_b == *b
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
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

    #[test]
    fn a_number_that_was_read_a_hair_off_is_nobodys_change() {
        let base = port(100.0);
        let hair = LonLat::new(f64::from_bits(7.42f64.to_bits() + 1), 43.73).expect("a place");
        let theirs = Poi {
            at: hair,
            fence: Some(Fence::new(FenceShape::Circle { center: hair, radius_m: 100.0 })),
            ..base.clone()
        };
        let moved = LonLat::new(7.43, 43.73).expect("a place");
        let mine = Poi {
            at: moved,
            fence: Some(Fence::new(FenceShape::Circle { center: moved, radius_m: 100.0 })),
            ..base.clone()
        };
        let (merged, clashes) = merge_poi(&mine, &base, &theirs);
        assert_eq!((merged, clashes), (mine, Vec::new()), "only mine has moved");
        let gone = Poi { fence: None, ..base.clone() };
        assert_eq!(merge_poi(&gone, &base, &theirs).1, [], "nor in the way of taking the fence away");
    }
}
