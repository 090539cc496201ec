//! Whether what an engine says can be true.

use domain::LonLat;
use domain::travel::TravelMode;
use eta::{Leg, Place, SNAP_MAX_M};
use protocol::view::EngineFault;

use crate::dialect::RawLeg;

/// Longer than this nobody travels to a task, seconds.
const LONGEST_SECS: f64 = 7.0 * 86_400.0;
/// Nothing on a road is faster, m/s.
const FASTEST_MS: f64 = 70.0;
/// Both ends may have been moved to a road.
const MOVED_M: f64 = 2.0 * SNAP_MAX_M;
/// Short ways, rounded to whole seconds, seem faster than they are, metres.
const ROUNDING_M: f64 = 50.0;

/// The leg; `None` where the engine answers another question than the one that was asked: from a road too far away, or with the
/// speeds of another mode.
///
/// # Errors
/// [`EngineFault::Nonsense`] for numbers that can't be true of any way.
pub(crate) fn believed(
    raw: RawLeg,
    (from, to): (Place, Place),
    mode: TravelMode,
) -> Result<Option<Leg>, EngineFault> {
    let RawLeg { duration_secs, distance_m, ends } = raw;
    let is_number = |value: f64| value.is_finite() && value >= 0.0;
    if !is_number(duration_secs) || !is_number(distance_m) || duration_secs > LONGEST_SECS {
        return Err(EngineFault::Nonsense);
    }
    if let Some((begin, end)) = ends
        && (is_far(begin, from) || is_far(end, to))
    {
        return Ok(None);
    }
    let direct_m = from.at.distance_m(to.at) - MOVED_M;
    let reached_m = FASTEST_MS * duration_secs;
    if direct_m > reached_m || direct_m > distance_m || distance_m - MOVED_M > reached_m {
        return Err(EngineFault::Nonsense);
    }
    if distance_m - ROUNDING_M > fastest_ms(mode) * duration_secs {
        return Ok(None);
    }
    Ok(Some(Leg { duration_secs, distance_m }))
}

fn is_far(on_road: LonLat, asked: Place) -> bool {
    on_road.distance_m(asked.at) > SNAP_MAX_M
}

/// The best mean speed that is believed of somebody, m/s.
fn fastest_ms(mode: TravelMode) -> f64 {
    match mode {
        TravelMode::Car => FASTEST_MS,
        TravelMode::Bicycle => 10.0,
        TravelMode::Foot => 3.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ten kilometres as the crow flies.
    fn judged(duration_secs: f64, distance_m: f64, mode: TravelMode) -> Result<Option<Leg>, EngineFault> {
        let from = LonLat::new(7.4, 43.7).expect("a coordinate");
        let to = from.destination(90.0, 10_000.0);
        believed(RawLeg { duration_secs, distance_m, ends: Some((from, to)) }, (from.into(), to.into()), mode)
    }

    #[test]
    fn numbers_of_no_way_on_earth_are_nonsense() {
        let wrong = [
            (f64::NAN, 12_000.0, "no number"),
            (600.0, f64::INFINITY, "no length"),
            (-1.0, 12_000.0, "before one has left"),
            (600.0, -12_000.0, "backwards"),
            (8.0 * 86_400.0, 12_000.0, "a week and a day"),
            (100.0, 12_000.0, "120 m/s"),
            (0.0, 12_000.0, "at once"),
            (600.0, 5_000.0, "shorter than the straight line"),
            (600.0, 90_000.0, "150 m/s along its own way"),
        ];
        for (secs, metres, why) in wrong {
            assert_eq!(judged(secs, metres, TravelMode::Car), Err(EngineFault::Nonsense), "{why}");
        }
        assert!(
            judged(600.0, 12_000.0, TravelMode::Car).is_ok_and(|leg| leg.is_some()),
            "ten minutes by car"
        );
    }

    #[test]
    fn a_car_s_time_is_not_believed_of_feet() {
        assert_eq!(judged(600.0, 12_000.0, TravelMode::Foot), Ok(None), "72 km/h on foot");
        assert_eq!(judged(600.0, 12_000.0, TravelMode::Bicycle), Ok(None), "nor on a bicycle");
        assert!(judged(8_600.0, 12_000.0, TravelMode::Foot).is_ok_and(|leg| leg.is_some()), "5 km/h");
    }

    #[test]
    fn a_boat_is_not_on_the_quay() {
        let boat = LonLat::new(7.46, 43.70).expect("a coordinate");
        let quay = boat.destination(300.0, 4_000.0);
        let town = quay.destination(0.0, 1_500.0);
        let raw = RawLeg { duration_secs: 297.0, distance_m: 2_500.0, ends: Some((quay, town)) };
        assert_eq!(
            believed(raw, (boat.into(), town.into()), TravelMode::Car),
            Ok(None),
            "the way begins 4 km from the boat"
        );
    }

    #[test]
    fn two_places_on_one_road_may_take_no_time() {
        let here = LonLat::new(7.4, 43.7).expect("a coordinate");
        let there = here.destination(10.0, 300.0);
        let raw = RawLeg { duration_secs: 0.0, distance_m: 0.0, ends: None };
        let leg = believed(raw, (here.into(), there.into()), TravelMode::Foot);
        assert!(leg.is_ok_and(|leg| leg.is_some()), "both sides of a park, moved to the same gate");
    }
}
