//! The web view's clock: the one place in this crate that asks the time.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The time now, by the machine's clock.
pub fn now() -> DateTime<Utc> {
    let millis = js_sys::Date::now();
    DateTime::from_timestamp_millis(millis as i64).unwrap_or_default()
}

/// One shared clock for every age on the screen; ticks once a second.
#[derive(Clone, Copy)]
pub struct Clock {
    second: RwSignal<DateTime<Utc>>,
    minute: RwSignal<DateTime<Utc>>,
}

impl Clock {
    /// Starts ticking; runs for the life of the page.
    pub fn start() -> Self {
        let clock = Clock { second: RwSignal::new(now()), minute: RwSignal::new(now()) };
        set_interval(move || clock.tick(now()), std::time::Duration::from_secs(1));
        clock
    }

    fn tick(self, now: DateTime<Utc>) {
        self.second.set(now);
        if now.timestamp() / 60 != self.minute.get_untracked().timestamp() / 60 {
            self.minute.set(now);
        }
    }

    /// The time of the last tick; whoever reads it is run again every second.
    pub fn get(self) -> DateTime<Utc> {
        self.second.get()
    }

    /// The same for what changes slowly, such as whether a time is today's: whoever reads it is run again every minute.
    pub fn minute(self) -> DateTime<Utc> {
        self.minute.get()
    }
}

/// A fresh UUIDv7 for things that the desk creates.
pub fn new_id() -> uuid::Uuid {
    let mut random = [0u8; 10];
    // Without randomness the time alone still makes the id unique for one pair of hands.
    let _ = getrandom::fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(js_sys::Date::now() as u64, &random).into_uuid()
}
