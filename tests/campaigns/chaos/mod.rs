//! Chaos: real desks talk to a real server through a proxy that drops, doubles, reorders, cuts and stalls what they say, while the
//! field goes on reporting, the server restarts, history is rewritten, roles change and desks are restarted.
//!
//! In rounds: a storm, then healing, then a reckoning. After each storm every outbox has to drain and every cursor to reach the head;
//! then every row of every desk is compared with the server's, and every command with the server's audit. A checksum that did not match
//! counts as a divergence even where the desk has repaired it.
//!
//! The seed fixes what is drawn: faults, work, weather. What overtakes what is up to the machine, so a seed narrows a failure down, and
//! repeats it as far as that goes.
//!
//! Deliberately absent: the desk's own time-outs of 20 and 25 s. [`impatient`] shortens them, so that a stall costs seconds; what
//! happens then is the same.

pub mod company;
pub mod desk;
pub mod fate;
mod files;
pub mod healing;
mod message;
pub mod people;
pub mod proxy;
pub mod reckoning;
mod rounds;
mod socket;
pub mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::durable::IncidentKind;
use sync::CoreConfig;

pub use fate::Fate;
pub use rounds::run;

use reckoning::Wrongs;

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Desks, each with a user of its own.
    pub desks: usize,
    /// Phones.
    pub people: usize,
    /// Storms.
    pub rounds: usize,
    /// Reports from the field, in all.
    pub events: usize,
    /// Commands, in all.
    pub commands: usize,
    /// Least length of a storm.
    pub storm: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Reports that the server took.
    pub events: usize,
    /// Commands that were stored.
    pub commands: usize,
    /// What went wrong.
    pub wrongs: Wrongs,
    /// From healing to an empty outbox and a cursor at the head, per round and desk.
    pub drains: Vec<Duration>,
    /// How often each fault was dealt out.
    pub dealt: Vec<(Fate, u64)>,
    /// What the desks noticed.
    pub incidents: BTreeMap<IncidentKind, u64>,
    /// How often somebody had to sign in again.
    pub sign_ins: usize,
}

impl Figures {
    /// 99 of 100 desks were done by then.
    pub fn drain_p99(&self) -> Duration {
        percentile(&self.drains, 99)
    }
}

/// The time that `percent` of a hundred do not exceed.
pub fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

/// A session that waits seconds where a desk waits half a minute. A live socket gets a bookmark every 10 s, so it may be silent for longer.
pub fn impatient() -> CoreConfig {
    CoreConfig {
        resync_jitter_ms: 1_000,
        request_timeout_ms: 3_000,
        live_opening_ms: 3_000,
        live_silent_ms: 12_000,
        ..CoreConfig::default()
    }
}
