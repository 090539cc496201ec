//! What is written down of a [`SpeedModel`]: the hours that were driven, checked when they are read.

use super::{CLASSES, HOURS, SpeedModel, Sum};
use crate::profile::RoadClass;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The version this build writes and reads.
const VERSION: u32 = 1;
/// More was never driven, by anybody.
const MOST: f64 = 1e13;

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    since: Option<DateTime<Utc>>,
    hours: Vec<Hour>,
    /// Metres ever driven by class.
    metres: Vec<(RoadClass, f64)>,
}

/// One hour of one class.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Hour {
    class: RoadClass,
    hour: u8,
    usual_secs: f64,
    driven_secs: f64,
    metres: f64,
}

/// Why a record is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    #[error("speeds of version {0}, this program reads version {VERSION}")]
    Version(u32),
    #[error("impossible figures")]
    Impossible,
}

impl From<SpeedModel> for Record {
    fn from(model: SpeedModel) -> Self {
        let mut hours = Vec::new();
        for (class, sums) in RoadClass::ALL.into_iter().zip(&model.sums) {
            for (hour, sum) in (0_u8..).zip(sums) {
                if sum.usual_secs > 0.0 {
                    let Sum { usual_secs, driven_secs, metres } = *sum;
                    hours.push(Hour { class, hour, usual_secs, driven_secs, metres });
                }
            }
        }
        let metres = RoadClass::ALL.into_iter().zip(model.metres).filter(|(_, metres)| *metres > 0.0);
        Self { version: VERSION, since: model.since, hours, metres: metres.collect() }
    }
}

impl TryFrom<Record> for SpeedModel {
    type Error = RecordError;

    fn try_from(record: Record) -> Result<Self, RecordError> {
        if record.version != VERSION {
            return Err(RecordError::Version(record.version));
        }
        let mut model = SpeedModel { since: record.since, ..SpeedModel::default() };
        let is_possible = |figure: f64| (0.0..MOST).contains(&figure);
        for Hour { class, hour, usual_secs, driven_secs, metres } in record.hours {
            if usize::from(hour) >= HOURS || ![usual_secs, driven_secs, metres].into_iter().all(is_possible) {
                return Err(RecordError::Impossible);
            }
            model.sums[class as usize][usize::from(hour)] =
                Sum { usual_secs, driven_secs, metres }.halved_when_full();
        }
        let mut known = [false; CLASSES];
        for (class, metres) in record.metres {
            if !is_possible(metres) || std::mem::replace(&mut known[class as usize], true) {
                return Err(RecordError::Impossible);
            }
            model.metres[class as usize] = metres;
        }
        Ok(model)
    }
}
