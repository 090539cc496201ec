//! Imports resources, tasks and places from files. Each row stands for itself: good ones are imported, bad ones are named by line,
//! column and reason.
//!
//! Cells that a spreadsheet would take for a formula (`= + - @` or a tab in front) are refused where text is wanted: what goes in
//! here comes out of somebody's export one day.

mod cells;
mod places;
mod resources;
mod tasks;

use domain::ResourceId;

use crate::admin::{AdminError, ConnectionCode};

pub use cells::escaped;
pub use places::{pois_csv, pois_geojson};
pub use resources::resources_csv;
pub use tasks::tasks_csv;

/// What became of a file.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// Rows imported.
    pub imported: usize,
    /// Rows that were not, with the first reason of each.
    pub problems: Vec<RowProblem>,
    /// With resources: whose phone each connection code activates.
    pub codes: Vec<NewCode>,
}

/// A connection code for somebody who was imported.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Who.
    pub resource: ResourceId,
    /// Their name.
    pub name: String,
    /// The phone's number.
    pub phone: String,
    /// The code.
    pub code: ConnectionCode,
}

/// Why a row was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line in a CSV file (the header is line 1); place of the feature in a GeoJSON file, from 1.
    pub line: u64,
    /// The column or property.
    pub column: String,
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for RowProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

/// Why a file was not imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not UTF-8, or no header.
    #[error("the file can't be read: {0}")]
    Csv(#[from] csv::Error),
    /// A column that has to be there is not.
    #[error("the column “{0}” is missing")]
    MissingColumn(&'static str),
    /// A column that nothing is known of: a misspelt one would be dropped silently.
    #[error("there is no column “{0}”")]
    UnknownColumn(String),
    /// Not GeoJSON.
    #[error("no GeoJSON: {0}")]
    GeoJson(String),
    /// The server failed.
    #[error(transparent)]
    Admin(#[from] AdminError),
}
