//! Desktop notifications: who is told what, in which words, and how many at once.
//!
//! A text holds names of places and tasks and, where the person is not private, of people; never a phone number, an address
//! or a coordinate. What a desktop shows while it is locked is the desktop's own setting: the protocol of its notification service has
//! no word for it. Whoever has others before their screen asks for discreet texts, which name nobody.

mod bubbles;
mod foreseen;
mod grouping;
mod text;
mod wanted;

pub use bubbles::{Bubbles, Shown};
pub use text::{Storm, example, of_alert, of_storm};
pub use wanted::{is_told, sound};
