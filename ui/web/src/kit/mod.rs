//! Small building blocks: thin wrappers around native elements, with our look, keyboard and labels. See `ui/README.md` for why
//! no component library.

mod clipboard;
mod dialog;
mod icon;
mod list;
mod menu;
mod tabs;
mod toast;

pub use clipboard::copy_text;
pub use dialog::{Confirm, Modal};
pub use icon::{DotIcon, Glyph, Icon, marker};
pub use list::{Empty, VirtualList, focus_list};
pub use menu::{Menu, MenuItem};
pub use tabs::{Tab, Tabs};
pub use toast::Toasts;
