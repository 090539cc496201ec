//! Server ⇄ desk: sign-in, snapshot, changes, the live socket, positions and commands.

mod command;
mod cursor;
mod draft;
mod error;
mod feed;
mod item;
mod outcome;
mod position;
mod session;

pub use command::*;
pub use cursor::*;
pub use draft::*;
pub use error::*;
pub use feed::*;
pub use item::*;
pub use outcome::*;
pub use position::*;
pub use session::*;

#[cfg(test)]
mod tests;
