//! Figures of the benches.

use anyhow::{Context, Result};

/// The value that so much of all (0 to 1) does not exceed.
///
/// # Errors
/// When nothing was measured.
pub fn percentile(values: &[f64], share: f64) -> Result<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().context("nothing was measured")
}

/// Writes what a bench has found to the file that `cargo xtask bench` names; run by hand there is none.
///
/// # Errors
/// When the file can't be written.
pub fn write_result(result: &serde_json::Value) -> Result<()> {
    let Some(path) = std::env::var_os("OFFICETRACK_RESULT") else { return Ok(()) };
    std::fs::write(&path, format!("{result:#}\n")).with_context(|| format!("{}", path.to_string_lossy()))
}
