//! The drives between the places of a day, one matrix for each way of travelling.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use domain::TaskId;
use domain::travel::TravelSource;
use eta::{Estimate, GreatCircle, Place, TravelTimes, Trip};
use plan::{Leg, Matrix, PlaceNo};
use protocol::view::{DeskError, DeskErrorCode, PlanProgressView};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::question::Question;
use super::run::{Watch, contradiction};
use crate::etas::SharedTimes;

/// So often it is looked whether somebody has had enough.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Every so many looks it is told that drives are worked out.
const TELL_LOOKS: u32 = 10;

/// Whoever has had enough waits so many looks more: most drives are known by then, and a search can begin with them.
const PATIENCE_LOOKS: u32 = 5;

/// Leave to ask for the drives of a plan.
#[derive(Debug, Clone)]
pub struct Leave {
    /// No table is asked for any more: nobody waits for it.
    pub ended: CancellationToken,
    /// Nobody may know any more where somebody is whose place is in the tables: no engine is asked for another one.
    pub hidden: CancellationToken,
    /// Whose turn it is: the searches of a session ask one after the other.
    pub turn: Arc<Semaphore>,
}

impl Leave {
    /// To ask `times` for a table.
    fn may_ask(&self, times: &SharedTimes) -> bool {
        let is_told_on = self.hidden.is_cancelled() && times.has_engine();
        !self.ended.is_cancelled() && !is_told_on
    }
}

/// From each place to each, row by row.
type Rows = Vec<Vec<Option<Estimate>>>;

/// Drives, with where they come from.
#[derive(Debug, Default)]
pub struct Drives {
    /// In the order of the question's ways of travelling.
    pub matrices: Vec<Matrix>,
    /// Of each matrix.
    pub sources: Vec<Sources>,
}

/// Where the drives of a matrix come from, row by row.
#[derive(Debug, Clone)]
pub struct Sources {
    places: usize,
    list: Arc<[TravelSource]>,
}

impl Sources {
    /// Where a drive comes from.
    pub fn of(&self, from: PlaceNo, to: PlaceNo) -> TravelSource {
        let cell = from.0 as usize * self.places + to.0 as usize;
        // Who stays where they are needs no road.
        let known = self.list.get(cell).copied().filter(|_| from != to);
        known.unwrap_or(TravelSource::Roads)
    }
}

/// Works the drives out on a thread of their own: an engine may take minutes for them, and whoever has had enough (`watch`) waits for it
/// half a second more at most. Then the answer is `None`, as it is where an engine may not be told any more where somebody is. The one
/// table that is being asked for is asked to its end, and nobody hears of it; no other one is asked for, and the next search waits
/// for that end before it asks.
///
/// # Errors
/// Internal: there is no thread, or a matrix contradicts itself.
pub fn drives(question: &Question, times: &SharedTimes, watch: &Watch) -> Result<Option<Drives>, DeskError> {
    let _ended = watch.leave.ended.clone().drop_guard();
    let (mut drives, mut look, mut patience) = (Drives::default(), 0_u32, PATIENCE_LOOKS);
    let mut heard = None;
    while drives.matrices.len() < question.modes.len() {
        if look.is_multiple_of(TELL_LOOKS) {
            (watch.tell)(PlanProgressView::Drives { places: question.places.len() as u32 });
        }
        look += 1;
        if heard.is_none() {
            heard = asked(question, times, &watch.leave)?;
        }
        match hear(heard.as_ref()) {
            Ok(rows) => drives.add(&question.places, &rows)?,
            Err(RecvTimeoutError::Timeout) if !watch.cancel.is_cancelled() => {}
            Err(RecvTimeoutError::Timeout) if patience > 0 => patience -= 1,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) if !watch.leave.may_ask(times) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                tracing::error!("the drives of a plan have failed");
                return Err(DeskErrorCode::Internal.into());
            }
        }
    }
    Ok(Some(drives))
}

/// What has come within a look; nothing comes from a search whose turn it is not yet.
fn hear(heard: Option<&Receiver<Rows>>) -> Result<Rows, RecvTimeoutError> {
    heard.map_or_else(
        || {
            std::thread::sleep(LOOK_EVERY);
            Err(RecvTimeoutError::Timeout)
        },
        |heard| heard.recv_timeout(LOOK_EVERY),
    )
}

/// Asks for one table after the other, as long as there is leave to; `None` while another search still asks.
fn asked(
    question: &Question,
    times: &SharedTimes,
    leave: &Leave,
) -> Result<Option<Receiver<Rows>>, DeskError> {
    let Ok(turn) = leave.turn.clone().try_acquire_owned() else { return Ok(None) };
    let (told, heard) = channel();
    let (times, leave) = (times.clone(), leave.clone());
    let (modes, places, leaves) = (question.modes.clone(), question.places.clone(), question.start);
    let work = move || {
        let _turn = turn;
        for mode in modes {
            if !leave.may_ask(&times)
                || told.send(times.estimates_between(&places, Trip { mode, leaves })).is_err()
            {
                return;
            }
        }
    };
    std::thread::Builder::new().name("drives".to_owned()).spawn(work).map_err(|error| {
        tracing::error!(%error, "no thread for the drives of a plan");
        DeskError::from(DeskErrorCode::Internal)
    })?;
    Ok(Some(heard))
}

/// The drives of the present day alone, by the straight line; of all others nothing is known.
///
/// # Errors
/// Internal: a matrix contradicts itself.
pub fn present_drives(question: &Question) -> Result<Drives, DeskError> {
    let mut drives = Drives::default();
    for (travels, mode) in question.modes.iter().enumerate() {
        let trip = Trip { mode: *mode, leaves: question.start };
        let mut rows = vec![vec![None; question.places.len()]; question.places.len()];
        for (from, to) in present_legs(question, travels) {
            let (from, to) = (from.0 as usize, to.0 as usize);
            rows[from][to] = GreatCircle.estimate(question.places[from], question.places[to], trip);
        }
        drives.add(&question.places, &rows)?;
    }
    Ok(drives)
}

/// From where to where those who travel by the way of this number go, as it is now.
fn present_legs(question: &Question, travels: usize) -> Vec<(PlaceNo, PlaceNo)> {
    let places: BTreeMap<TaskId, PlaceNo> = question.jobs.iter().map(|job| (job.id, job.place)).collect();
    let workers = question.workers.iter().filter(|worker| worker.travels == travels);
    let legs = workers.flat_map(|worker| {
        let tasks =
            question.present.get(&worker.id).into_iter().flatten().filter_map(|task| places.get(task));
        let way: Vec<PlaceNo> =
            [worker.starts_at].iter().chain(tasks).chain(worker.ends_at.as_ref()).copied().collect();
        way.windows(2).map(|leg| (leg[0], leg[1])).collect::<Vec<_>>()
    });
    legs.collect()
}

impl Drives {
    /// What is no length of time or way is no known way. From anywhere, the place after all others, everything is no way at all.
    fn add(&mut self, places: &[Place], rows: &Rows) -> Result<(), DeskError> {
        let leg = |drive: &Option<Estimate>| {
            drive.as_ref().and_then(|drive| Leg::new(drive.duration_secs, drive.distance_m).ok())
        };
        let nothing = Some(Leg { secs: 0, metres: 0 });
        let from_anywhere = vec![nothing; places.len() + 1];
        let legs = rows.iter().flat_map(|row| row.iter().map(leg).chain([None])).chain(from_anywhere);
        let source = |drive: &Option<Estimate>| drive.map_or(TravelSource::Roads, |drive| drive.source);
        let sources = rows.iter().flat_map(|row| row.iter().map(source).chain([TravelSource::Roads]));
        let guessed = vec![TravelSource::StraightLine; places.len() + 1];
        let size = places.len() + 1;
        self.matrices.push(Matrix::new(size, legs.collect()).map_err(contradiction)?);
        self.sources.push(Sources { places: size, list: sources.chain(guessed).collect() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_of_the_sources_of_a_large_matrix_is_small() {
        let sources = Sources { places: 300, list: vec![TravelSource::Roads; 90_000].into() };
        assert!(Arc::ptr_eq(&sources.list, &sources.clone().list), "plans are cloned while people wait");
    }
}
