//! What a desk keeps on its disk: the encrypted [`Cache`], the encrypted [`Outbox`], and custody of their [`Key`].
//!
//! Invariants of this crate:
//!
//! * **Two files, two promises.** `cache.db` mirrors the server and may be thrown away; `outbox.db` holds what people did and
//!   is kept even when it is damaged ([`Outbox::salvage`]): only retention deletes.
//! * **Data and cursor go together**: every [`CacheWrite`](protocol::durable::CacheWrite) is one transaction, and so is the
//!   number of a command with the command.
//! * **Nothing disappears silently**: each page of both files is sealed, and the outbox counts its transactions in a mark beside it,
//!   since SQLite alone takes a damaged log for the end of it. A cache that loses the end of its log stands where it stood earlier.
//! * **A full disk is told, and room is kept for what must be written then**: a ballast of 512 KiB beside the files.
//! * **A wrong key is not a damaged file.** SQLite answers both with error 26; a key check beside each file tells them apart.
//!   A wrong key, a newer schema, a full or busy disk never lead to a file being moved or deleted.
//! * **Deleted is gone**: freed pages are overwritten, and a purge empties the write-ahead log.
//! * Types this build does not know are kept as they came.
//!
//! What encryption protects is a copied or stolen file, nothing more.
//!
//! Deliberately absent: a runtime (calls block; give each database a thread), the clock (`now` is a parameter), decisions about
//! the data (crates `sync` and `desk`), the server's storage.

pub(crate) mod cache;
mod database;
mod error;
pub mod key;
pub(crate) mod outbox;
#[cfg(test)]
mod tests;

pub use cache::{Cache, Purge, Row, StoredSession};
pub use error::{StoreError, Unavailable};
pub use key::{Key, KeyStore, KeyStoreError, MemoryKeyStore, Secret};
pub use outbox::{Outbox, Rescued, Salvage, UnreadableCommand};

/// The files that this build writes, with the version of their schema.
pub fn schemas() -> [(&'static str, u32); 2] {
    [&cache::LAYOUT, &outbox::LAYOUT].map(|layout| (layout.file, database::newest(layout)))
}
