//! Places and fences: the form beside the map, the list in the dock, files in and out.

mod area;
mod describe;
mod dialogs;
mod draft;
mod export;
mod fields;
mod form;
mod import;
mod list;
mod purpose;
mod values;

pub use area::length_text;
pub use describe::{FenceFacts, groups_text, rules_text as fence_rules_text};
pub use dialogs::{DeletePlace, LeaveFence};
pub use export::ExportButton;
pub use form::FenceForm;
pub use import::ImportFences;
pub use list::Places;
pub use purpose::FencePurpose;
