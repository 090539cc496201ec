//! Clocks that are wrong: a desk's wall clock is set forward and back by an hour, a day and twenty years, the machine sleeps, the
//! server's clock is off, the company's zone changes to summer time and back, each at several moments of a desk's life.
//!
//! Whatever a clock shows, every command reaches the server once or waits visibly for a decision; no row goes from the cache before its
//! time by the *server's* clock; nothing that is told has a negative duration, nor a proof of freshness from the future; tokens are not
//! refreshed again and again. The desk and its controller are the real ones, with encrypted files; only their clocks are the campaign's.

mod case;
mod daylight;

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Cases that run at a time.
const AT_A_TIME: usize = 4;

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Cases that were run.
    pub cases: usize,
    /// Commands and rows that are nowhere, or twice.
    pub lost: usize,
    /// Durations below zero, and times that are still to come.
    pub negative: usize,
    /// Cases in which tokens were refreshed again and again.
    pub looped: usize,
    /// Each of them.
    pub stories: Vec<String>,
}

/// One case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Case {
    /// The desk's machine.
    Desk(Jump, Moment),
    /// The server's wall clock is set while a desk is connected.
    Server(TimeDelta),
    /// A night shift over a change of the zone's offset.
    Daylight(Change, Asked),
}

/// What the machine's clocks do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jump {
    /// The wall clock is set.
    Set(TimeDelta),
    /// The machine sleeps, and its monotonic clock has gone on.
    SleepCounted(TimeDelta),
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    /// While the desk is connected.
    Live,
    /// While a command waits for the server.
    Waiting,
    /// While the desk is closed with a command in its queue.
    Closed,
    /// While connected, and back again.
    ThereAndBack,
}

/// Which change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// An hour is missing.
    Spring,
    /// An hour comes twice.
    Autumn,
}

/// Who is asked for the hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked {
    /// A desk that was open over the change.
    Open,
    /// One that is started after it.
    Started,
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let (hour, day, years) = (TimeDelta::hours(1), TimeDelta::days(1), TimeDelta::days(20 * 365));
    let night = TimeDelta::hours(8);
    let mut jumps: Vec<Jump> = [hour, -hour, day, -day, years, -years, night].map(Jump::Set).into();
    jumps.push(Jump::SleepCounted(night));
    let moments = [Moment::Live, Moment::Waiting, Moment::Closed, Moment::ThereAndBack];
    let mut cases: Vec<Case> = jumps
        .into_iter()
        .flat_map(|jump| moments.into_iter().map(move |moment| Case::Desk(jump, moment)))
        .collect();
    cases.extend([hour, -hour, years, -years].map(Case::Server));
    for change in [Change::Spring, Change::Autumn] {
        cases.extend([Asked::Open, Asked::Started].map(|asked| Case::Daylight(change, asked)));
    }
    cases
}

/// Runs the cases; `progress` gets a line per case.
///
/// # Errors
/// When the campaign itself could not go on.
pub async fn run(cases: Vec<Case>, progress: &dyn Fn(&str)) -> Result<Figures> {
    let (room, mut running) = (Arc::new(Semaphore::new(AT_A_TIME)), JoinSet::new());
    for case in cases {
        let room = Arc::clone(&room);
        running.spawn(async move {
            let _place = room.acquire_owned().await;
            let found = match case {
                Case::Desk(jump, moment) => case::desk(jump, moment).await,
                Case::Server(by) => case::server(by).await,
                Case::Daylight(change, asked) => daylight::night_shift(change, asked).await,
            };
            found.with_context(|| format!("{case:?}")).map(|found| (case, found))
        });
    }
    let mut figures = Figures::default();
    while let Some(ended) = running.join_next().await {
        let (case, found) = ended.context("no case of the campaign panics")??;
        figures.add(case, found);
        progress(&format!("{case:?}: done"));
    }
    Ok(figures)
}

/// What went wrong in a case.
#[derive(Debug, Default)]
struct Found {
    lost: Vec<String>,
    negative: Vec<String>,
    looped: Vec<String>,
}

impl Figures {
    fn add(&mut self, case: Case, found: Found) {
        self.cases += 1;
        self.lost += found.lost.len();
        self.negative += found.negative.len();
        self.looped += found.looped.len();
        let wrongs = [found.lost, found.negative, found.looped].concat();
        self.stories.extend(wrongs.into_iter().map(|wrong| format!("{case:?}: {wrong}")));
    }

    /// Nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.lost + self.negative + self.looped == 0
    }
}
