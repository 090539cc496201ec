//! Commands about places and their fences.

use domain::PoiId;
use domain::place::{Fence, Poi};
use protocol::entity::EntityKind;
use protocol::wire::{DraftError, Rejection};

use super::{Done, Refused, Work};

/// Longest name, bytes.
const NAME_BYTES: usize = 200;
/// Longest address, bytes.
const ADDRESS_BYTES: usize = 500;

impl Work<'_, '_, '_> {
    /// A new place, or new values for the one that the user saw.
    pub(super) fn put_place(&mut self, poi: &Poi) -> Result<Done, Refused> {
        if poi.name.trim().is_empty() || poi.name.len() > NAME_BYTES || poi.address.len() > ADDRESS_BYTES {
            return Err(Rejection::Draft(DraftError::TooLong).into());
        }
        if let Some(fence) = &poi.fence {
            fence.shape.check().map_err(|error| Rejection::Shape(error.to_string()))?;
        }
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

    pub(super) fn delete_place(&mut self, id: PoiId) -> Result<Done, Refused> {
        let (_, version) = self.visible::<Poi>(id.0)?;
        if self.seen_version()? != Some(version) {
            return Err(Refused::Conflict);
        }
        let deleted = self.ledger.delete(EntityKind::Poi, id.0)?.ok_or(Rejection::NotFound)?;
        Ok(deleted.into())
    }
}

/// An edited fence gets the next version, whatever the desk thought it was.
fn numbered(fence: Fence, before: Option<Fence>) -> Fence {
    match before {
        None => Fence { version: 1, ..fence },
        Some(before) => {
            let unchanged = Fence { version: before.version, ..fence.clone() } == before;
            Fence { version: before.version + u32::from(!unchanged), ..fence }
        }
    }
}
