//! The day plan: from what the desk knows to a question for crate `plan`, from its answer to a preview, and from chosen moves to
//! commands and back.
//!
//! Who is planned: those asked for; or everybody who is on duty or has a shift still to come that day. Where the location is private,
//! a day begins at the task at hand or at home, never at a coordinate of the person.
//!
//! Whoever's place nobody may know any more after a plan was made, is in it by the same rule from then on; where neither task nor home is
//! known, their day begins at its first task. Its moves are as they were, only what they come to is another thing. As long as an engine
//! is asked for the drives, the search ends with that and answers with the present day: no engine is asked on about where they were.
//!
//! What is planned: work that is still to be done that day and that somebody who is planned has, or nobody. What is at hand stays
//! first. Suspended work stays with whom it is; what was declined is given to somebody else; what is out to bid is nobody's yet.
//! What people have who are not planned stays with them.
//!
//! Deliberately absent: what a plan costs and how it is searched (crate `plan`), and where travel times come from (crate `eta`).

mod done;
mod drives;
mod keeping;
mod making;
mod people;
mod question;
mod run;
mod shifts;
mod tasks;
mod view;
mod when;

pub use done::{Outcome, WayBack};
pub use drives::Leave;
pub use keeping::{Begun, Planning};
pub use making::{Spot, Step, spot_of, starts_of};
pub use question::{Question, question};
pub use run::{Kept, Watch, run};
pub use tasks::basis;

#[cfg(test)]
mod tests;
