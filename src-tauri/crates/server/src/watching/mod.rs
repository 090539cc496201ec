//! The server's watcher: fixes and changed rows go in, alerts become rows.
//!
//! Everything that is accepted or committed is put into an inbox that never blocks; a worker takes all that is there at once, asks the
//! companies' watchers, and writes what comes of it in one transaction per company. What does not fit into the inbox is not waited for:
//! the watchers are made anew from rows and stored tracks then, as after a restart. Deliberately absent: what is worth an alert (crate
//! `watch`), and telling anybody (the feed does).

mod company;
mod inbox;
mod late;
mod prime;
mod save;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::CompanyId;
use watch::Heard;

use company::Watched;
pub(crate) use inbox::{Inbox, Input};

use crate::core::Core;
use crate::storage::StorageError;

/// After a start phones get so long to be heard before silence says anything.
const GRACE: TimeDelta = TimeDelta::minutes(2);
/// The watchers' clock ticks so often.
const TICK: TimeDelta = TimeDelta::seconds(1);

/// The companies' watchers.
#[derive(Debug, Default)]
pub(crate) struct Watching(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Since when everybody who was heard is known: what cards say of before is coarse.
    since: Option<DateTime<Utc>>,
    /// Nothing that was put into the inbox is missing in the watchers.
    is_whole: bool,
    ticked: Option<DateTime<Utc>>,
    companies: BTreeMap<CompanyId, Watched>,
}

impl Watching {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works until the inbox is closed. Blocks: for a thread of its own.
pub(crate) fn run(core: &Core) {
    while core.inbox.wait() {
        // Whatever one row does to it: nobody would be watched any more, and nobody would notice.
        match catch_unwind(AssertUnwindSafe(|| work(core))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the watcher failed and will try again"),
            Err(_) => {
                tracing::error!("the watcher panicked and is made anew");
                core.watching.lock().is_whole = false;
            }
        }
    }
}

/// Takes in what waits, and what the clock brings.
pub(crate) fn work(core: &Core) -> Result<(), StorageError> {
    let now = core.now();
    let mut state = core.watching.lock();
    let (inputs, is_complete) = core.inbox.take();
    if is_complete && state.is_whole {
        // What is lost by an error is in the store.
        state.is_whole = false;
        inputs.into_iter().try_for_each(|input| state.on_input(core, input, now))?;
    } else {
        state.companies = prime::all(core, now)?;
        state.since = Some(now);
    }
    state.is_whole = true;
    let is_due = state.ticked.is_none_or(|ticked| now < ticked || now - ticked >= TICK);
    if is_due {
        state.ticked = Some(now);
        let ticked = state.tick(core, now);
        return ticked.and(state.save(core));
    }
    state.save(core)
}

impl State {
    /// A company that is new to this server may have rows already: another program may have added it.
    fn on_input(&mut self, core: &Core, input: Input, now: DateTime<Utc>) -> Result<(), StorageError> {
        let watched = match self.companies.entry(input.company()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(prime::one(core, input.company(), now)?),
        };
        watched.on_input(input, now);
        Ok(())
    }

    /// One company's trouble keeps no other one waiting.
    fn tick(&mut self, core: &Core, now: DateTime<Utc>) -> Result<(), StorageError> {
        let has_listened = self.since.is_some_and(|since| now - since >= GRACE);
        let heard = if has_listened { Heard::Proven } else { Heard::Unknown };
        let mut outcome = Ok(());
        for (company, watched) in &mut self.companies {
            watched.refresh(now);
            watched.on_clock(now, heard);
            outcome = outcome.and(late::correct(core, *company, watched, now));
        }
        outcome
    }

    /// Writes what is worth telling; what can't be written is tried again the next time, and keeps no other company waiting.
    fn save(&mut self, core: &Core) -> Result<(), StorageError> {
        let now = core.now();
        let mut outcome = Ok(());
        for (company, watched) in &mut self.companies {
            watched.refresh(now);
            let news = watched.take_news();
            if news.is_empty() {
                continue;
            }
            let rows_of = &mut watched.rows_of;
            let saved = core.write(*company, None, |ledger| save::all(ledger, &news, rows_of));
            if let Err(error) = saved {
                watched.put_back(news);
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    }
}
