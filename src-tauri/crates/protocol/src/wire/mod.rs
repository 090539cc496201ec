//! Server ⇄ desk: sign-in, snapshot, changes, the live socket, positions and commands; and what the server tells a company's
//! webhook.

mod command;
mod cursor;
mod draft;
mod error;
mod feed;
mod item;
mod merge;
mod outcome;
mod place;
mod position;
mod session;
mod webhook;
mod what_if;

pub use command::*;
pub use cursor::*;
pub use draft::*;
pub use error::*;
pub use feed::*;
pub use item::*;
pub use outcome::*;
pub use place::*;
pub use position::*;
pub use session::*;
pub use webhook::*;
pub use what_if::*;

#[cfg(test)]
mod tests;
