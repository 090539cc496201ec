//! Turns fixes, cards, tasks and bids into alerts: what is worth somebody's attention, by fences and location rules.
//!
//! The same engine runs on the server and on every desk. Invariants:
//!
//! * **Pure.** Event time comes with what happens, the clock is a parameter (`now`).
//! * **An alert exists once**: its id is a hash of the rule, of what it is about and of the start of the run ([`alert_id`]). Two who
//!   did not see the same fixes may date it a little differently: `domain::alert::Alert::is_same_event` finds that out.
//! * **A condition holds only for certain.** The 95 % error circle counts against the alert: near is `distance + error ≤ limit` (of
//!   two people the root of the sum of both squares), outside is beyond the fence's margin of leaving with the whole circle. A speed is
//!   the device's own, else the least that two good fixes prove.
//! * **One alert per run.** A run ends by hysteresis only: 1.5 times as far away, 10 % below the limit, inside for certain, five points
//!   of the battery charged. It carries what was measured when it was raised.
//! * **Nobody is announced who was so before we looked**: first seen, back after privacy, on duty again, or a rule that is new or
//!   measures something else now. Only a silent device and a low battery are states, and are said whenever they are found.
//! * **Who is private, off duty or disabled is not measured**, and what was known of their way is forgotten.
//! * **The order of arrival does not matter** within [`fence::REORDER`]: a late fix takes the window again from before it, and what
//!   turns out not to have been is [`News::Retracted`]. Being near another person is the exception, as it takes two tracks: there the
//!   order of both counts. Later fixes correct fences only (`FenceEngine::take_late`).
//! * **A rule speaks within its hours**: of a run by its event time, of a state by the time at which it is found.
//!
//! Deliberately absent: storage, calls for help (the phone's entry raises the alert, the rule only says how it is delivered), lateness
//! (it needs routes), who is notified, and texts.

mod defaults;
mod device;
mod explain;
mod ids;
mod measure;
mod news;
mod person;
mod policy;
mod rules;
mod run;
mod said;
mod states;
mod track;
mod watcher;
mod work;

pub use defaults::default_rules;
pub use explain::{RuleExplanation, RuleFix, RuleQuestion, RuleVerdict};
pub use ids::{alert_id, millis};
pub use run::RuleSays;
pub use watcher::{Heard, News, Watcher};
