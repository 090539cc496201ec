//! One desk, one jump.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::TaskId;
use protocol::entity::EntityKind;
use protocol::view::{ConnectionState, DeskRequest};
use serde_json::Value;
use store::Cache;

use super::{Found, Jump, Moment};
use crate::campaigns::workplace::{Keys, Machine, Seat, Workplace, task};

const COMPANY: &str = "Riviera";
/// Not yet over for long enough by the server's clock, but by one that is a day ahead.
const ALMOST_GONE: TimeDelta = TimeDelta::hours(90 * 24 - 4);
/// More pairs of tokens than that in a minute are too many.
const TOKENS: usize = 6;

/// As patient as a desk that comes back late; a tenth of a second each.
const LOOKS: u32 = 900;

/// A desk at a workplace, with a task to work on and one that is almost too old.
struct Scene {
    place: Workplace,
    machine: Arc<Machine>,
    keys: Arc<Keys>,
    open: TaskId,
    old: TaskId,
    notes: Vec<String>,
    /// The latest that the server's clock showed before it was set back.
    before: Option<DateTime<Utc>>,
}

/// The clocks of the desk's machine jump.
pub(super) async fn desk(jump: Jump, moment: Moment) -> Result<Found> {
    let mut scene = Scene::set().await?;
    let mut seat = scene.seat().await;
    seat.sign_in(scene.place.form(COMPANY)).await?;
    scene.note(&seat).await?;
    match moment {
        Moment::Live => scene.jump(jump),
        Moment::ThereAndBack => {
            scene.jump(jump);
            scene.note(&seat).await?;
            seat.watch(Duration::from_millis(300)).await;
            scene.machine.set(-length(jump));
        }
        Moment::Waiting => {
            scene.place.stop_server().await;
            scene.note(&seat).await?;
            scene.jump(jump);
            seat.watch(Duration::from_millis(300)).await;
            scene.place.start_server().await?;
        }
        Moment::Closed => {
            scene.place.stop_server().await;
            scene.note(&seat).await?;
            seat.desk.stop().await;
            scene.jump(jump);
            seat = scene.open_again().await?;
        }
    }
    scene.note(&seat).await?;
    scene.reckon(seat).await
}

/// The server's clock jumps.
pub(super) async fn server(by: TimeDelta) -> Result<Found> {
    let mut scene = Scene::set().await?;
    let mut seat = scene.seat().await;
    seat.sign_in(scene.place.form(COMPANY)).await?;
    scene.note(&seat).await?;
    // The first note may be written before the clock is set or after it.
    scene.before = Some(scene.place.machine.wall());
    scene.place.machine.set(by);
    scene.note(&seat).await?;
    scene.reckon(seat).await
}

fn length(jump: Jump) -> TimeDelta {
    match jump {
        Jump::Set(by) | Jump::SleepCounted(by) => by,
    }
}

impl Scene {
    async fn set() -> Result<Self> {
        let place = Workplace::open(COMPANY).await?;
        let now = place.machine.wall();
        let (open, old) =
            (task("Lift stuck", now, None)?, task("Door", now - ALMOST_GONE, Some(now - ALMOST_GONE))?);
        let (open_id, old_id) = (open.id, old.id);
        place.put(open)?;
        place.put(old)?;
        let keys = Arc::new(Keys::default());
        Ok(Scene {
            place,
            machine: Machine::new(),
            keys,
            open: open_id,
            old: old_id,
            notes: Vec::new(),
            before: None,
        })
    }

    async fn seat(&self) -> Seat {
        Seat::start(self.place.desk_folder(), &self.keys, &self.machine).await
    }

    fn jump(&self, jump: Jump) {
        match jump {
            Jump::Set(by) => self.machine.set(by),
            Jump::SleepCounted(time) => self.machine.sleep_counted(time),
        }
    }

    /// A command.
    async fn note(&mut self, seat: &Seat) -> Result<()> {
        let text = format!("note {}", self.notes.len());
        seat.ask(DeskRequest::AddNote { task: self.open, text: text.clone() }).await?;
        self.notes.push(text);
        Ok(())
    }

    /// As the user does it in the morning: without the server where that is allowed, else when it is back.
    async fn open_again(&mut self) -> Result<Seat> {
        let mut seat = self.seat().await;
        let opened = seat.ask(DeskRequest::OpenOffline).await;
        seat.watch(Duration::from_millis(500)).await;
        self.place.start_server().await?;
        match opened {
            Ok(_) => seat.ask(DeskRequest::ReconnectNow).await.map(drop)?,
            Err(_) => seat.sign_in(self.place.form(COMPANY)).await?,
        }
        Ok(seat)
    }

    /// Waits until all is calm, then counts.
    async fn reckon(mut self, mut seat: Seat) -> Result<Found> {
        seat.ask(DeskRequest::ReconnectNow).await?;
        // What was asked for is told a moment later than it is answered: the server says when all is there.
        for _ in 0..LOOKS {
            seat.watch(Duration::from_millis(100)).await;
            let state = seat.connection.as_ref().map(|shown| shown.state.clone());
            if state == Some(ConnectionState::SignInAgain) {
                seat.sign_in(self.place.form(COMPANY)).await?;
            }
            let mut missing = Found::default();
            self.count_notes(&mut missing)?;
            if missing.lost.is_empty() && seat.is_live() && seat.queue == 0 {
                break;
            }
        }
        let mut found = Found::default();
        self.count_notes(&mut found)?;
        let shown = seat.connection.as_ref().and_then(|shown| shown.proof_at);
        let ahead = shown.filter(|proof_at| *proof_at > self.machine.wall() + TimeDelta::seconds(1));
        found.negative.extend(ahead.map(|at| format!("a proof of freshness from the future: {at}")));
        seat.told.iter().for_each(|told| negative_durations("told", told, &mut found.negative));
        let pairs = self.keys.pairs();
        found.looped.extend((pairs > TOKENS).then(|| format!("{pairs} pairs of tokens")));
        seat.desk.stop().await;
        self.count_rows(&mut found)?;
        self.place.stop_server().await;
        Ok(found)
    }

    fn count_notes(&self, found: &mut Found) -> Result<()> {
        let stored = self.place.task(self.open)?;
        let server_now: DateTime<Utc> = self.place.machine.wall();
        for text in &self.notes {
            let times = stored.notes.iter().filter(|note| note.text == *text).count();
            found.lost.extend((times != 1).then(|| format!("{text:?} is {times} times at the server")));
        }
        let latest = server_now.max(self.before.unwrap_or(server_now));
        let early = stored.notes.iter().filter(|note| note.at > latest);
        found
            .negative
            .extend(early.map(|note| format!("a note of the future: {} (now {server_now})", note.at)));
        Ok(())
    }

    /// What is not too old by the server's clock is still here.
    fn count_rows(&self, found: &mut Found) -> Result<()> {
        if self.place.task(self.old).is_err() {
            return Ok(()); // the server itself has lost its time
        }
        let folder = self.place.desk_folder().join("sessions");
        for session in std::fs::read_dir(folder)? {
            let (path, now) = (session?.path(), self.place.machine.wall());
            let mut opened = self.keys.all().into_iter().filter_map(|key| Cache::open(&path, &key, now).ok());
            let cache = opened.next().context("none of the keys opens the cache")?;
            let rows = cache.rows(EntityKind::Task)?;
            let missing =
                [self.open, self.old].into_iter().filter(|id| rows.iter().all(|row| row.id != id.0));
            found.lost.extend(missing.map(|id| format!("the task {id} is gone from the cache")));
        }
        Ok(())
    }
}

/// What says that it is a duration has to be none or more. How far a clock is off goes both ways.
fn negative_durations(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| negative_durations(name, value, found))
        }
        Value::Array(values) => values.iter().for_each(|value| negative_durations(name, value, found)),
        Value::Number(number) => {
            let is_duration = name.ends_with("_secs") || name.ends_with("_ms") || name.ends_with("_minutes");
            let below = number.as_f64().is_some_and(|number| number < 0.0);
            if is_duration && below && name != "clock_offset_ms" {
                found.push(format!("{name} is {number}"));
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
