//! Whether an engine is worth asking just now.

use chrono::{DateTime, TimeDelta, Utc};
use protocol::view::{EngineFault, EngineState};

/// The first pause after a fault, doubled with each that follows.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, Default)]
pub(crate) enum Health {
    /// Nothing was asked yet.
    #[default]
    Unknown,
    Answering {
        millis: u32,
    },
    Failing {
        since: DateTime<Utc>,
        fault: EngineFault,
        /// The last fault.
        failed_at: DateTime<Utc>,
        pause: TimeDelta,
        /// When the pause began: with the last fault, or with the question that went first to see whether it is back.
        paused_at: DateTime<Utc>,
    },
}

impl Health {
    /// Whether to ask. Who gets a `true` after a fault goes first: everybody else waits out another pause, or its success.
    pub fn may_ask(&mut self, now: DateTime<Utc>) -> bool {
        let Health::Failing { pause, paused_at, .. } = self else { return true };
        // A clock that was set back must not make a pause of hours.
        if now >= *paused_at && now < *paused_at + *pause {
            return false;
        }
        *paused_at = now;
        true
    }

    /// It answered what was asked then.
    pub fn answered(&mut self, asked_at: DateTime<Utc>, now: DateTime<Utc>) {
        let millis = (now - asked_at).num_milliseconds().clamp(0, i64::from(u32::MAX)) as u32;
        *self = Health::Answering { millis };
    }

    /// It failed what was asked then; answers whether that is news.
    pub fn failed(&mut self, fault: EngineFault, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let (since, pause, is_news) = match *self {
            // Several threads asked before the first of them knew: that is one fault.
            Health::Failing { failed_at, .. } if asked_at < failed_at => return false,
            Health::Failing { since, pause, fault: before, .. } => {
                (since, (pause * 2).min(LONGEST_PAUSE), before != fault)
            }
            Health::Unknown | Health::Answering { .. } => (now, FIRST_PAUSE, true),
        };
        *self = Health::Failing { since, fault, failed_at: now, pause, paused_at: now };
        is_news
    }

    pub fn state(&self) -> EngineState {
        match *self {
            Health::Unknown => EngineState::Ready,
            Health::Answering { millis } => EngineState::Answering { millis },
            Health::Failing { since, fault, .. } => EngineState::Failing { since, fault },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    #[test]
    fn a_pause_grows_and_one_question_goes_first() {
        let mut health = Health::default();
        let mut now = 0;
        for pause in [30, 60, 120, 240, 300, 300] {
            assert!(health.may_ask(at(now)), "worth asking at {now} s");
            health.failed(EngineFault::TimedOut, at(now), at(now + 2));
            now += 2;
            assert!(!health.may_ask(at(now + pause - 1)), "not within {pause} s");
            now += pause;
        }
        assert!(health.may_ask(at(now)), "the pause is over");
        assert!(!health.may_ask(at(now)), "but only one goes first");
        health.answered(at(now), at(now + 1));
        assert!(health.may_ask(at(now + 1)), "it is back");
        assert_eq!(health.state(), EngineState::Answering { millis: 1_000 }, "and the state says so");
    }

    #[test]
    fn many_threads_that_fail_at_once_are_one_fault() {
        let mut health = Health::default();
        assert!(health.failed(EngineFault::TimedOut, at(0), at(2)), "news");
        for _ in 0..5 {
            assert!(!health.failed(EngineFault::TimedOut, at(1), at(3)), "asked before it was known");
        }
        assert!(!health.may_ask(at(31)), "the first pause");
        assert!(health.may_ask(at(32)), "did not grow");
        assert_eq!(
            health.state(),
            EngineState::Failing { since: at(2), fault: EngineFault::TimedOut },
            "since the first"
        );
    }

    #[test]
    fn a_clock_set_back_ends_the_pause() {
        let mut health = Health::default();
        health.failed(EngineFault::Unreachable, at(10_000), at(10_000));
        assert!(health.may_ask(at(0)), "nobody waits for hours");
    }
}
