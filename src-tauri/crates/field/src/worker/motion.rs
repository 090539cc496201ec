//! Where a simulated person is, and what the phone's receiver makes of it.

use chrono::{DateTime, Utc};
use domain::LonLat;
use domain::position::Fix;
use domain::travel::TravelMode;
use eta::Route;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::habits::Style;

/// How long an error of the receiver lasts, seconds.
const ERROR_LASTS_SECS: f64 = 25.0;
/// The 68 % radius of a two-dimensional error whose standard deviation per axis is 1.
const RADIUS_68: f64 = 1.51;

/// How fast people cycle and walk, metres per second.
const CYCLING_MPS: f64 = 4.2;
const WALKING_MPS: f64 = 1.3;

/// A way of cars as it is travelled by somebody: at most as fast as their legs are.
pub(super) fn at_pace(mut way: Route, mode: TravelMode) -> Route {
    let pace_mps = match mode {
        TravelMode::Car => return way,
        TravelMode::Bicycle => CYCLING_MPS,
        TravelMode::Foot => WALKING_MPS,
    };
    let own_secs = way.distance_m / pace_mps;
    if way.duration_secs > 0.0 && own_secs > way.duration_secs {
        let slower = own_secs / way.duration_secs;
        way.seconds.iter_mut().for_each(|reached| *reached *= slower as f32);
        way.duration_secs = own_secs;
    }
    way
}

/// On the way somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    route: Route,
    started_at: DateTime<Utc>,
    /// Time factor.
    speed: f64,
    /// A stop after so many seconds of the way, for so many.
    stop: Option<(f64, f64)>,
}

impl Drive {
    /// A way that is driven from `started_at`, so many times faster than real, in somebody's style.
    pub fn new(route: Route, started_at: DateTime<Utc>, hurry: f64, style: Style) -> Self {
        let speed = hurry * style.haste;
        let stop = style.stop.map(|(share, real_secs)| (share * route.duration_secs, real_secs * speed));
        Drive { route, started_at, speed, stop }
    }

    fn driven_secs(&self, now: DateTime<Utc>) -> f64 {
        let secs = self.passed_secs(now);
        self.stop.map_or(secs, |(at, lasts)| if secs > at { at.max(secs - lasts) } else { secs })
    }

    fn passed_secs(&self, now: DateTime<Utc>) -> f64 {
        (now - self.started_at).num_milliseconds() as f64 / 1000.0 * self.speed
    }

    fn is_stopped(&self, now: DateTime<Utc>) -> bool {
        let secs = self.passed_secs(now);
        self.stop.is_some_and(|(at, lasts)| (at..at + lasts).contains(&secs))
    }

    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.driven_secs(now) >= self.route.duration_secs
    }
}

/// A place and a movement, as they really are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whereabouts {
    pub at: LonLat,
    pub heading_deg: Option<f64>,
    pub speed_mps: f64,
}

impl Whereabouts {
    pub fn standing(at: LonLat) -> Self {
        Whereabouts { at, heading_deg: None, speed_mps: 0.0 }
    }

    pub fn driving(drive: &Drive, now: DateTime<Utc>) -> Self {
        let point = drive.route.position_at(drive.driven_secs(now));
        let speed_mps = if drive.is_stopped(now) { 0.0 } else { point.speed_mps * drive.speed };
        Whereabouts { at: point.at, heading_deg: (speed_mps > 0.5).then_some(point.heading_deg), speed_mps }
    }
}

/// A receiver with an error that wanders, as real ones do, and that is honest about its size.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    /// Error in metres, east and north, at the last fix.
    error_m: [f64; 2],
    /// 68 % radius in metres.
    accuracy_m: f64,
    last_fix: Option<DateTime<Utc>>,
}

impl Receiver {
    pub fn new(rng: &mut ChaCha8Rng) -> Self {
        Receiver { error_m: [0.0; 2], accuracy_m: rng.random_range(4.0..8.0), last_fix: None }
    }

    pub fn fix(&mut self, real: Whereabouts, now: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Fix {
        if rng.random_bool(0.02) {
            // Between other buildings the sky looks different.
            let canyon = rng.random_bool(0.15);
            self.accuracy_m = if canyon { rng.random_range(15.0..35.0) } else { rng.random_range(3.5..9.0) };
        }
        let since =
            self.last_fix.map_or(f64::INFINITY, |last| (now - last).num_milliseconds() as f64 / 1000.0);
        let kept = (-since.max(0.0) / ERROR_LASTS_SECS).exp();
        let sigma = self.accuracy_m / RADIUS_68;
        let fresh = (1.0 - kept * kept).sqrt() * sigma;
        self.error_m = self.error_m.map(|error| error * kept + fresh * normal(rng));
        self.last_fix = Some(now);
        let [east, north] = self.error_m;
        let at = real.at.destination(east.atan2(north).to_degrees().rem_euclid(360.0), east.hypot(north));
        Fix {
            at,
            fix_time: now,
            accuracy_m: Some(self.accuracy_m as f32),
            speed_mps: Some(real.speed_mps as f32),
            heading_deg: real.heading_deg.map(|degrees| degrees as f32),
        }
    }
}

/// A number from the normal distribution with standard deviation 1 (Box–Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, turn): (f64, f64) = (rng.random_range(f64::MIN_POSITIVE..1.0), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use rand::SeedableRng;

    #[test]
    fn nobody_walks_as_fast_as_cars_drive() {
        let start = LonLat::from_e7(74_200_000, 437_300_000);
        let way = || crate::roads::straight_way(start, start.destination(90.0, 1_300.0), 13.0);
        let secs = |mode| at_pace(way(), mode).duration_secs.round() as i64;
        assert_eq!(TravelMode::ALL.map(secs), [100, 310, 1_000], "by car, by bicycle, on foot");
        let walk = at_pace(way(), TravelMode::Foot);
        assert!((walk.position_at(500.0).speed_mps - 1.3).abs() < 0.05, "steadily");
        let stroll = crate::roads::straight_way(start, start.destination(90.0, 100.0), 1.0);
        assert_eq!(at_pace(stroll.clone(), TravelMode::Bicycle), stroll, "a slow way is not made faster");
    }

    #[test]
    fn the_receiver_is_honest_and_its_error_wanders() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut receiver = Receiver::new(&mut rng);
        let real = LonLat::from_e7(74_200_000, 437_300_000);
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("time");
        let fixes: Vec<Fix> = (0..4_000)
            .map(|i| receiver.fix(Whereabouts::standing(real), start + TimeDelta::seconds(i * 5), &mut rng))
            .collect();
        let within = |fix: &&Fix| real.distance_m(fix.at) <= f64::from(fix.accuracy_m.unwrap_or(0.0));
        let share = fixes.iter().filter(within).count() as f64 / fixes.len() as f64;
        assert!((0.6..0.76).contains(&share), "68 % of the fixes are within what is reported: {share}");
        let steps: f64 =
            fixes.windows(2).map(|pair| pair[0].at.distance_m(pair[1].at)).sum::<f64>() / 3_999.0;
        let size: f64 = fixes.iter().map(|fix| real.distance_m(fix.at)).sum::<f64>() / 4_000.0;
        assert!(
            steps < size,
            "from fix to fix the error changes less ({steps} m) than it is large ({size} m)"
        );
    }
}
