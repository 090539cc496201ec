//! What the chain makes of one drive whose time is known: the arrival that nine of ten come before.

use chrono::DateTime;
use domain::travel::{TravelMode, TravelSource};
use domain::{LonLat, TaskId};
use eta::{Activity, Chain, Estimate, Fix, Place, Stop, TravelTimes, Trip};
use uuid::Uuid;

/// Every drive takes so many seconds.
struct Takes(f64);

impl TravelTimes for Takes {
    fn estimate(&self, _: Place, _: Place, _: Trip) -> Option<Estimate> {
        Some(Estimate { duration_secs: self.0, distance_m: 0.0, source: TravelSource::Roads })
    }
}

/// Seconds until nine of ten are there.
pub fn of_one_drive(drive_secs: f64) -> Option<f64> {
    let (now, at) = (DateTime::UNIX_EPOCH, LonLat::new(0.0, 0.0).ok()?);
    let (task, planned_secs) = (TaskId(Uuid::nil()), 0);
    let stop = Stop { task, at, planned_secs, window_start: None, window_end: None };
    let seen = Fix::Seen { place: Place::from(at), time: now };
    let chain = Chain {
        mode: TravelMode::Car,
        fix: seen,
        activity: Activity::UnderWay,
        stops: &[stop],
        breaks: &[],
        shift_end: None,
    };
    let arrival = eta::chain(&chain, &Takes(drive_secs), now).stops.first()?.eta.ok()?;
    Some((arrival.p90 - now).as_seconds_f64())
}
