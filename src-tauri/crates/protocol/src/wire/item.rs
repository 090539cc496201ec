//! Items: changes of single rows, and the checksums over them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::DeviceId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::entity::{Entity, EntityKind, EntityType};

/// One row's change. `put` carries the whole row; `del` is a tombstone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// Type of the row.
    #[serde(rename = "type")]
    pub entity: EntityType,
    /// Id of the row.
    pub id: Uuid,
    /// Version of the row, from 1, raised with each change.
    pub version: u64,
    /// `put`, `del`, or something newer.
    pub op: String,
    /// The row's JSON, with `put`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// When the server wrote it.
    pub at: DateTime<Utc>,
    /// The command that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// The command behind a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The desk that sent it.
    pub device: DeviceId,
    /// Its number there.
    pub n: u64,
}

/// An item's operation.
pub mod op {
    /// Insert or replace.
    pub const PUT: &str = "put";
    /// Delete.
    pub const DEL: &str = "del";
}

impl Item {
    /// The row, when it is a `put` of a type this build knows; `Ok(None)` for tombstones and for what is newer than this build.
    pub fn decode(&self) -> Result<Option<Entity>, serde_json::Error> {
        match (self.op.as_str(), EntityKind::from_name(&self.entity.0), &self.data) {
            (op::PUT, Some(kind), Some(data)) => kind.decode(data.get()).map(Some),
            _ => Ok(None),
        }
    }
}

/// Per-type sums of [`row_hash`] over all rows of a user's view; equal sums mean equal rows (R5).
pub type Checksums = BTreeMap<EntityType, u64>;

/// The share of one row in its type's checksum: the FNV-1a hash of id and version, added with wrapping.
pub fn row_hash(id: Uuid, version: u64) -> u64 {
    let bytes = id.into_bytes().into_iter().chain(version.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
