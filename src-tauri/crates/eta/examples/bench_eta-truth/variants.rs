//! What we know at a moment of the replay, and what we would say if we knew less of it.

use super::traces::Seen;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{LonLat, ResourceId};
use eta::{Follower, Router, Sighting, SpeedModel};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use uuid::Uuid;

/// From what an answer is made.
pub const VARIANTS: [&str; 4] =
    ["usual_speeds", "classes_by_hour", "one_factor_of_a_sample", "roads_just_now"];
/// The one that [`eta::RoadTimes`] has; up to many pairs at once, then the one before.
pub const SHIPPED: usize = 3;
/// So many ways stand for all where there are too many, as in [`eta::RoadTimes`].
const SAMPLE: usize = 400;

/// All of it is in one hour.
const HOUR: usize = 0;

/// What was learnt until now.
#[derive(Default)]
pub struct Learnt {
    follower: Follower,
    model: SpeedModel,
    /// Usual and expected seconds of the last ways.
    sample: VecDeque<(f64, f64)>,
    drives: usize,
    /// Time spent on learning, and on how many fixes.
    pub took: Duration,
    pub fixes: usize,
}

fn time(secs: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(secs))
}

impl Learnt {
    pub fn learn(&mut self, router: &Router, fix: &Seen) {
        let who = ResourceId(Uuid::from_u128(u128::from(fix.vehicle)));
        let sighting = Sighting { place: fix.place, time: time(fix.secs) };
        if let Some(driven) = self.follower.follow(router, who, sighting) {
            self.model.learn(&driven, HOUR);
            self.drives += 1;
        }
    }

    /// Seconds from a fix to a place by variant, and the metres of the way.
    pub fn predict(
        &mut self,
        router: &Router,
        fix: &Seen,
        to: LonLat,
    ) -> Option<([f64; VARIANTS.len()], f64)> {
        let (start, end) = (router.snap(fix.place).ok()?, router.snap(to).ok()?);
        let drive = router.drive_between(&start, &end).ok()?;
        let usual_secs = drive.leg.duration_secs;
        let by_class = self.model.factors(HOUR).secs(&drive);
        let by_road = self.model.expect(HOUR, time(fix.secs)).secs(&drive);
        let (usual, expected) =
            self.sample.iter().fold((0.0, 0.0), |sum, way| (sum.0 + way.0, sum.1 + way.1));
        let sampled = if usual > 0.0 { usual_secs * expected / usual } else { usual_secs };
        self.sample.push_back((usual_secs, by_road));
        if self.sample.len() > SAMPLE {
            self.sample.pop_front();
        }
        Some(([usual_secs, by_class, sampled, by_road], drive.leg.distance_m))
    }

    pub fn told(&self) -> Value {
        let class = |class: eta::ClassSpeeds| {
            json!({
                "class": class.class,
                "km": class.km.round(),
                "usual_kmh": class.usual_kmh.round(),
                "kmh": class.kmh[HOUR].map(f64::round),
            })
        };
        json!({
            "drives": self.drives,
            "km": self.model.km().round(),
            "us_per_fix": self.took.as_secs_f64() * 1e6 / self.fixes.max(1) as f64,
            "classes": self.model.classes().into_iter().map(class).collect::<Vec<_>>(),
        })
    }
}
