//! Commands about places and their fences.

use domain::PoiId;
use domain::place::{Fence, Poi};
use protocol::entity::EntityKind;
use protocol::wire::{DraftError, Rejection, merge_poi};

use super::{Done, Refused, Work};

/// Longest name, bytes.
const NAME_BYTES: usize = 200;
/// Longest address, bytes.
const ADDRESS_BYTES: usize = 500;

impl Work<'_, '_, '_> {
    /// A new place, or new values for the one that the user saw.
    pub(super) fn put_place(&mut self, poi: &Poi) -> Result<Done, Refused> {
        check(poi)?;
        let known = self.ledger.load::<Poi>(poi.id.0)?;
        match (&known, self.seen_version()?) {
            (None, None) => {}
            (Some((_, version)), Some(seen)) if *version == seen => {}
            (None, Some(_)) | (Some(_), None | Some(_)) => return Err(Refused::Conflict),
        }
        let before = known.and_then(|(known, _)| known.fence);
        let fence = poi.fence.clone().map(|fence| numbered(fence, before));
        Ok(self.ledger.put(Poi { fence, ..poi.clone() })?.into())
    }

    /// New values on top of whatever others have made of the place meanwhile.
    pub(super) fn edit_place(&mut self, draft: &Poi, base: &Poi) -> Result<Done, Refused> {
        check(draft)?;
        let (known, version) = self.visible::<Poi>(draft.id.0)?;
        let (merged, clashes) = merge_poi(draft, base, &known);
        if !clashes.is_empty() {
            return Err(Refused::Conflict);
        }
        let fence = merged.fence.clone().map(|fence| numbered(fence, known.fence.clone()));
        let merged = Poi { fence, ..merged };
        if merged == known {
            return Ok(Done { version, seq: None });
        }
        Ok(self.ledger.put(merged)?.into())
    }

    pub(super) fn delete_place(&mut self, id: PoiId) -> Result<Done, Refused> {
        let (_, version) = self.visible::<Poi>(id.0)?;
        if self.seen_version()? != Some(version) {
            return Err(Refused::Conflict);
        }
        let deleted = self.ledger.delete(EntityKind::Poi, id.0)?.ok_or(Rejection::NotFound)?;
        Ok(deleted.into())
    }
}

fn check(poi: &Poi) -> Result<(), Rejection> {
    if poi.name.trim().is_empty() || poi.name.len() > NAME_BYTES || poi.address.len() > ADDRESS_BYTES {
        return Err(Rejection::Draft(DraftError::TooLong));
    }
    let Some(fence) = &poi.fence else { return Ok(()) };
    fence.check_rules().map_err(Rejection::Rule)?;
    fence.shape.check().map_err(|error| Rejection::Shape(error.to_string()))
}

/// An edited fence gets the next version, whatever the desk thought it was. How it is drawn and who is told changes nothing about
/// who is inside: a new version would settle that anew.
fn numbered(fence: Fence, before: Option<Fence>) -> Fence {
    let Some(before) = before else { return Fence { version: 1, ..fence } };
    let Fence { version, color, policy, .. } = before.clone();
    let is_watched_alike = Fence { version, color, policy, ..fence.clone() } == before;
    Fence { version: version + u32::from(!is_watched_alike), ..fence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;
    use domain::place::{FenceColor, FenceShape};

    #[test]
    fn a_fence_has_no_more_groups_than_somebody_can_mean() {
        let center = LonLat::new(7.42, 43.73).expect("a place");
        let fence = Fence::new(FenceShape::Circle { center, radius_m: 80.0 });
        let place = |groups| Poi {
            id: PoiId(uuid::Uuid::nil()),
            name: "Port".to_owned(),
            kind: domain::place::PoiKind::Point,
            at: center,
            address: String::new(),
            fence: Some(Fence { groups, ..fence.clone() }),
        };
        let group = domain::GroupId(uuid::Uuid::nil());
        assert_eq!(check(&place(vec![group])), Ok(()), "one");
        let refused = Err(Rejection::Rule(domain::rule::RuleError::Limit));
        assert_eq!(check(&place(vec![group; 100_000])), refused, "a flood");
    }

    #[test]
    fn another_colour_is_no_new_area() {
        let center = LonLat::new(7.42, 43.73).expect("a place");
        let fence = |radius_m| Fence::new(FenceShape::Circle { center, radius_m });
        let known = Fence { version: 4, ..fence(80.0) };
        let red = Fence { color: FenceColor::Red, ..fence(80.0) };
        assert_eq!(numbered(red, Some(known.clone())).version, 4, "who is inside stays inside");
        assert_eq!(numbered(fence(90.0), Some(known)).version, 5, "a larger one is watched anew");
        assert_eq!(numbered(fence(80.0), None).version, 1, "the first");
    }
}
