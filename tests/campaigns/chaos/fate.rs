//! What the proxy does to an exchange, how often, and a count of what it has done.

use std::sync::atomic::{AtomicU64, Ordering};

use rand::Rng;
use rand::rngs::StdRng;

/// What becomes of one exchange of request and answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing but a little latency.
    Pass,
    /// The connection is closed; the server has seen nothing.
    DropRequest,
    /// The server has done it; the connection is closed without an answer.
    DropAnswer,
    /// The server gets it twice, at the same time.
    Duplicate,
    /// It is held back while others overtake it.
    Overtaken,
    /// The connection is closed, and the request reaches the server later, behind its own repetition.
    Ghost,
    /// The answer ends in the middle.
    Truncate,
    /// A gateway answers 500, 502, 503 or 504; the server has seen nothing.
    FailBefore,
    /// A gateway answers 500, 502, 503 or 504 though the server has done it.
    FailAfter,
    /// 429 with `Retry-After`.
    Busy,
    /// A part of the answer comes, then nothing more, on an open connection.
    Stall,
    /// Reset.
    Reset,
}

/// Per mille; the rest passes. Dropped 10 %, doubled 10 %, out of order 10 %, truncated 5 %, 5xx 5 %, 429 2 %, stalled 1 %, reset 1 %.
const SHARES: [(Fate, u32); 11] = [
    (Fate::DropRequest, 50),
    (Fate::DropAnswer, 50),
    (Fate::Duplicate, 100),
    (Fate::Overtaken, 50),
    (Fate::Ghost, 50),
    (Fate::Truncate, 50),
    (Fate::FailBefore, 25),
    (Fate::FailAfter, 25),
    (Fate::Busy, 20),
    (Fate::Stall, 10),
    (Fate::Reset, 10),
];

impl Fate {
    /// Draws one.
    pub fn draw(rng: &mut StdRng) -> Fate {
        let mut drawn = rng.random_range(0..1_000_u32);
        for (fate, share) in SHARES {
            if drawn < share {
                return fate;
            }
            drawn -= share;
        }
        Fate::Pass
    }
}

/// How often each fate was dealt out, live sockets included.
#[derive(Debug, Default)]
pub struct Dealt([AtomicU64; SHARES.len()]);

impl Dealt {
    /// Counts one.
    pub fn count(&self, fate: Fate) {
        if let Some(at) = SHARES.iter().position(|(known, _)| *known == fate) {
            self.0[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All counts.
    pub fn counts(&self) -> Vec<(Fate, u64)> {
        let count = |(at, (fate, _)): (usize, &(Fate, u32))| (*fate, self.0[at].load(Ordering::Relaxed));
        SHARES.iter().enumerate().map(count).collect()
    }
}
