//! Reads an encrypted database page by page, free pages and log included, without the database: what is left over would not show
//! otherwise.
//!
//! The layout is SQLCipher 4's: pages of 4,096 bytes that end with 80 bytes of reserve (the vector of AES-256-CBC, then the seal). The
//! first 16 bytes of the file are the salt.

use std::path::Path;

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use anyhow::{Result, ensure};

const PAGE: usize = 4_096;
const RESERVE: usize = 80;
const SALT: usize = 16;
const VECTOR: usize = 16;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// All pages of the database and of its log, readable, one after the other.
///
/// # Errors
/// When a file can't be read, or the first page does not become a page: the layout is another one.
pub fn readable(database: &Path, key: &[u8; 32]) -> Result<Vec<u8>> {
    let file = std::fs::read(database)?;
    let mut log_name = database.as_os_str().to_owned();
    log_name.push("-wal");
    let log = std::fs::read(log_name).unwrap_or_default();
    let mut out = Vec::with_capacity(file.len() + log.len());
    let mut recognised = false;
    for (number, page) in file.chunks_exact(PAGE).enumerate() {
        recognised |= open_page(page, number == 0, key, &mut out)?;
    }
    for frame in log.get(LOG_HEADER..).unwrap_or_default().chunks_exact(FRAME_HEADER + PAGE) {
        let (header, page) = frame.split_at(FRAME_HEADER);
        recognised |= open_page(page, header.starts_with(&[0, 0, 0, 1]), key, &mut out)?;
    }
    ensure!(recognised, "not this key, or not the layout that this reads");
    Ok(out)
}

/// Answers whether it is a first page and reads like one: bytes 16 and 17 of a database are its page size.
fn open_page(page: &[u8], first: bool, key: &[u8; 32], out: &mut Vec<u8>) -> Result<bool> {
    let (content, reserve) = page.split_at(PAGE - RESERVE);
    let vector: [u8; VECTOR] = reserve[..VECTOR].try_into()?;
    let mut content = content[if first { SALT } else { 0 }..].to_vec();
    let mut decryptor = cbc::Decryptor::<Aes256>::new(key.into(), &vector.into());
    for block in content.chunks_exact_mut(VECTOR) {
        decryptor.decrypt_block(block.try_into()?);
    }
    let recognised = first && content.starts_with(&[0x10, 0x00]);
    out.extend_from_slice(&content);
    Ok(recognised)
}
