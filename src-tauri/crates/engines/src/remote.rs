//! One engine at one address, with what is known of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::travel::TravelMode;
use eta::{Estimate, Leg, Place, TravelSource, Way};
use protocol::view::{EngineFault, EngineSettings, EngineState};

use crate::address::Address;
use crate::cache::Cache;
use crate::dialect::{Answer, Dialect, Question, RawLeg, RawTable, Reach, Request};
use crate::health::Health;
use crate::judge::believed;
use crate::layered::Now;
use crate::tables::{Table, packed};
use crate::web::Web;

pub(crate) struct Remote {
    dialect: Dialect,
    address: Address,
    timeout: Duration,
    now: Now,
    /// Made by the first question, on the thread that asks it.
    web: OnceLock<Result<Web, EngineFault>>,
    health: Mutex<Health>,
    cache: Mutex<Cache>,
    /// Raised while the cache is being cleared; read without waiting for whoever looks something up.
    epoch: AtomicU64,
}

impl Remote {
    /// `None`: these settings ask no engine.
    ///
    /// # Errors
    /// [`EngineFault::Address`].
    pub fn new(settings: &EngineSettings, now: Now) -> Result<Option<Self>, EngineFault> {
        let Some(dialect) = Dialect::of(settings.kind) else { return Ok(None) };
        Ok(Some(Self {
            dialect,
            address: Address::parse(&settings.url)?,
            timeout: Duration::from_millis(u64::from(settings.timeout_ms)),
            now,
            web: OnceLock::new(),
            health: Mutex::default(),
            cache: Mutex::default(),
            epoch: AtomicU64::default(),
        }))
    }

    pub fn state(&self) -> EngineState {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).state()
    }

    /// Forgets what was answered.
    pub fn forget(&self) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        self.epoch.fetch_add(1, Ordering::SeqCst);
        cache.clear();
    }

    /// So often all has been forgotten. A question is put in the epoch in which it was thought of, or not at all: once all is forgotten,
    /// somebody whose place must not be known any more is perhaps in it.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Row by row; `None` for what the engine does not know, or does not say just now. When the epoch ends meanwhile, no further table
    /// is sent.
    pub fn legs(&self, asked: Question<'_>, epoch: u64) -> Vec<Option<Leg>> {
        let mut known = self.cached(pairs(asked), asked.mode);
        let columns = asked.to.len();
        let is_open = |known: &[Option<Option<Leg>>], row: usize, column: usize| {
            known[row * columns + column].is_none()
        };
        let rows: Vec<usize> = (0..asked.from.len())
            .filter(|row| (0..columns).any(|column| is_open(&known, *row, column)))
            .collect();
        let open_columns: Vec<usize> =
            (0..columns).filter(|column| rows.iter().any(|row| is_open(&known, *row, *column))).collect();
        let size = self.dialect.block();
        let blocks = rows.chunks(size).flat_map(|rows| open_columns.chunks(size).map(move |to| (rows, to)));
        for (rows, to) in blocks {
            if !rows.iter().any(|row| to.iter().any(|column| is_open(&known, *row, *column))) {
                continue;
            }
            let part = |numbers: &[usize], places: &[Place]| -> Vec<Place> {
                numbers.iter().map(|number| places[*number]).collect()
            };
            let (from, ends) = (part(rows, asked.from), part(to, asked.to));
            let asked = Question { from: &from, to: &ends, ..asked };
            let Some(block) = self.block(asked, epoch) else { break };
            self.keep(pairs(asked).zip(block.iter().copied()), asked.mode, epoch);
            let cells = rows.iter().flat_map(|row| to.iter().map(move |column| row * columns + column));
            for (cell, leg) in cells.zip(block) {
                known[cell] = Some(leg);
            }
        }
        known.into_iter().map(Option::flatten).collect()
    }

    /// Of each of these ways; `None` for what the engine does not know, or does not say just now. It ends as [`Remote::legs`] does.
    pub fn ways(&self, ways: &[(Place, Place)], mode: TravelMode, epoch: u64) -> Vec<Option<Leg>> {
        let mut known = self.cached(ways.iter().copied(), mode);
        let open = ways.iter().copied().enumerate().filter(|(way, _)| known[*way].is_none());
        for Table { from, to, wanted } in packed(open, self.dialect.scattered()) {
            let Some(block) = self.block(Question { from: &from, to: &to, mode }, epoch) else { break };
            let leg = |row: usize, column: usize| block[row * to.len() + column];
            let legs = wanted.iter().map(|(way, row, column)| (ways[*way], leg(*row, *column)));
            self.keep(legs, mode, epoch);
            wanted.iter().for_each(|(way, row, column)| known[*way] = Some(leg(*row, *column)));
        }
        known.into_iter().map(Option::flatten).collect()
    }

    /// `None`: the engine knows no way, or does not say just now; or the epoch is over.
    pub fn way(&self, from: Place, to: Place, mode: TravelMode, epoch: u64) -> Option<Way> {
        if self.is_over(epoch) {
            return None;
        }
        let request = self.dialect.route_request(&self.address, (from, to), mode);
        self.ask(request, |answer| self.read_way(answer, (from, to), mode))?
    }

    /// Asks at once, whatever the last questions came to; answers with the milliseconds it took.
    pub fn test(
        &self,
        from: Place,
        to: Place,
        mode: TravelMode,
    ) -> Result<Option<(Estimate, u32)>, EngineFault> {
        let request = self.dialect.route_request(&self.address, (from, to), mode);
        let asked_at = (self.now)();
        let way = self.send(request).and_then(|answer| self.read_way(&answer, (from, to), mode));
        self.note(&way, asked_at);
        let millis = ((self.now)() - asked_at).num_milliseconds().clamp(0, i64::from(u32::MAX)) as u32;
        Ok(way?.map(|way| (way.estimate, millis)))
    }

    pub fn source(&self) -> TravelSource {
        self.dialect.kind().source()
    }

    /// What is still known of these ways.
    fn cached(
        &self,
        ways: impl Iterator<Item = (Place, Place)>,
        mode: TravelMode,
    ) -> Vec<Option<Option<Leg>>> {
        let (mut cache, now) = (self.cache.lock().unwrap_or_else(PoisonError::into_inner), (self.now)());
        cache.drop_old(now);
        ways.map(|way| cache.get(way, mode, now)).collect()
    }

    fn is_over(&self, epoch: u64) -> bool {
        self.epoch() != epoch
    }

    /// Keeps what was asked for in this epoch, unless it is over: somebody whose place must not be known any more was perhaps among
    /// those asked about.
    fn keep(&self, legs: impl Iterator<Item = ((Place, Place), Option<Leg>)>, mode: TravelMode, epoch: u64) {
        let (mut cache, now) = (self.cache.lock().unwrap_or_else(PoisonError::into_inner), (self.now)());
        if !self.is_over(epoch) {
            legs.for_each(|(way, leg)| cache.put(way, mode, leg, now));
        }
    }

    /// Asks for one table, row by row; `None`: no answer, or the epoch is over.
    fn block(&self, asked: Question<'_>, epoch: u64) -> Option<Vec<Option<Leg>>> {
        match self.table(asked, Reach::Near, epoch)? {
            Some(legs) => Some(legs),
            None if self.dialect.can_reach_any(asked) => {
                Some(self.table(asked, Reach::Any, epoch)?.unwrap_or_else(|| no_way(asked)))
            }
            None => Some(no_way(asked)),
        }
    }

    fn table(&self, asked: Question<'_>, reach: Reach, epoch: u64) -> Option<Option<Vec<Option<Leg>>>> {
        if self.is_over(epoch) {
            return None;
        }
        let request = self.dialect.table_request(&self.address, asked, reach);
        self.ask(request, |answer| {
            let table: RawTable = self.dialect.read_table(answer, asked, reach)?;
            let judge = |(raw, pair): (Option<RawLeg>, (Place, Place))| {
                raw.map_or(Ok(None), |raw| believed(raw, pair, asked.mode))
            };
            table.map(|legs| legs.into_iter().zip(pairs(asked)).map(judge).collect()).transpose()
        })
    }

    fn read_way(
        &self,
        answer: &Answer,
        pair: (Place, Place),
        mode: TravelMode,
    ) -> Result<Option<Way>, EngineFault> {
        let Some(raw) = self.dialect.read_route(answer)? else { return Ok(None) };
        let leg = believed(raw.leg, pair, mode)?;
        Ok(leg.map(|leg| Way { points: raw.points, estimate: self.labelled(leg) }))
    }

    pub fn labelled(&self, leg: Leg) -> Estimate {
        let Leg { duration_secs, distance_m } = leg;
        Estimate { duration_secs, distance_m, source: self.source() }
    }

    /// `None`: it is not asked just now, or it failed.
    fn ask<T>(&self, request: Request, read: impl FnOnce(&Answer) -> Result<T, EngineFault>) -> Option<T> {
        let asked_at = (self.now)();
        if !self.health.lock().unwrap_or_else(PoisonError::into_inner).may_ask(asked_at) {
            return None;
        }
        let result = self.send(request).and_then(|answer| read(&answer));
        self.note(&result, asked_at);
        result.ok()
    }

    fn send(&self, request: Request) -> Result<Answer, EngineFault> {
        let web = self.web.get_or_init(|| Web::new(self.address.is_plain()));
        web.as_ref().map_err(|fault| *fault)?.ask(request, self.timeout)
    }

    fn note<T>(&self, result: &Result<T, EngineFault>, asked_at: DateTime<Utc>) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(_) => health.answered(asked_at, (self.now)()),
            Err(fault) => {
                if health.failed(*fault, asked_at, (self.now)()) {
                    tracing::warn!(engine = ?self.dialect, %fault, "travel times come from elsewhere for a while");
                }
            }
        }
    }
}

/// Row by row.
fn pairs(asked: Question<'_>) -> impl Iterator<Item = (Place, Place)> {
    asked.from.iter().flat_map(move |from| asked.to.iter().map(move |to| (*from, *to)))
}

fn no_way(asked: Question<'_>) -> Vec<Option<Leg>> {
    vec![None; asked.from.len() * asked.to.len()]
}
