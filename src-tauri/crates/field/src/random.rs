//! Random numbers that come from a seed and belong to one phone.

use chrono::{DateTime, Utc};
use domain::ResourceId;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// The numbers of one phone: other phones, other seeds and other streams have others.
pub(crate) fn of_phone(resource: ResourceId, seed: u64, stream: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..16].copy_from_slice(resource.0.as_bytes());
    key[16..24].copy_from_slice(&seed.to_le_bytes());
    key[24..].copy_from_slice(&stream.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A new UUIDv7.
pub(crate) fn new_id(now: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &rng.random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_phones_never_make_the_same_id() {
        let first = |resource: u128, seed, stream| {
            let mut rng = of_phone(ResourceId(Uuid::from_u128(resource)), seed, stream);
            new_id(DateTime::UNIX_EPOCH, &mut rng)
        };
        let ids = [first(1, 1, 0), first(2, 1, 0), first(1, 2, 0), first(1, 1, 1), first(2, 1, 3)];
        let distinct: std::collections::BTreeSet<Uuid> = ids.into_iter().collect();
        assert_eq!(distinct.len(), ids.len(), "resource, seed and stream all matter");
        assert_eq!(first(1, 1, 0), first(1, 1, 0), "and nothing else does");
    }
}
