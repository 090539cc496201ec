//! What we know at a moment of the replay, and what we would say without some of it.

use super::traces::Seen;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{LonLat, ResourceId};
use eta::{Follower, Router, Sighting, SpeedModel};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

pub const VARIANTS: [&str; 6] =
    ["usual speeds", "one factor", "classes by hour", "classes and now", "roads", "roads+"];
/// The one of the program.
pub const SHIPPED: usize = 3;

#[derive(Default)]
pub struct Learnt {
    follower: Follower,
    model: SpeedModel,
    all: (f64, f64),
    roads: HashMap<u32, Cell>,
    pub took: Duration,
    pub fixes: usize,
    drives: usize,
}

#[derive(Default, Clone, Copy)]
struct Cell {
    usual: f64,
    driven: f64,
    at: f64,
}

fn time(secs: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(secs))
}

impl Learnt {
    pub fn learn(&mut self, router: &Router, fix: &Seen) {
        let who = ResourceId(Uuid::from_u128(u128::from(fix.vehicle)));
        let sighting = Sighting { place: fix.place, time: time(fix.secs) };
        if let Some(driven) = self.follower.follow(router, who, sighting) {
            let factors = self.model.factors(0, driven.ended);
            let expected = factors.secs(&driven.drive);
            for s in &driven.drive.stretches {
                let cell = self.roads.entry(s.road).or_default();
                let e = s.usual_secs;
                let k = 0.5_f64.powf((f64::from(fix.secs) - cell.at) / half());
                let d = driven.secs * s.usual_secs * factors.of(s.class) / expected.max(0.1);
                *cell =
                    Cell { usual: cell.usual * k + e, driven: cell.driven * k + d, at: f64::from(fix.secs) };
            }
            self.model.learn(&driven, 0);
            self.all.0 += driven.drive.leg.duration_secs;
            self.all.1 += driven.secs;
            self.drives += 1;
        }
    }

    pub fn predict(&self, router: &Router, fix: &Seen, to: LonLat) -> Option<[f64; VARIANTS.len()]> {
        let (start, end) = (router.snap(fix.place).ok()?, router.snap(to).ok()?);
        let drive = router.drive_between(&start, &end).ok()?;
        let usual = drive.leg.duration_secs;
        let one = (self.all.1 + 600.0) / (self.all.0 + 600.0);
        let later = time(fix.secs) + TimeDelta::days(1);
        let now = self.model.factors(0, time(fix.secs));
        let base = self.model.factors(0, later);
        let roads = |fade: f64| {
            let mut at = 0.0;
            let mut total =
                drive.leg.duration_secs - drive.stretches.iter().map(|s| s.usual_secs).sum::<f64>();
            for s in &drive.stretches {
                let f = now.of(s.class);
                let own = self.roads.get(&s.road).map_or(f, |cell| {
                    let k = 0.5_f64.powf((f64::from(fix.secs) - cell.at) / half());
                    let w = lean();
                    (cell.driven * k + f * w) / (cell.usual * k + w)
                });
                let trust = 0.5_f64.powf(at / fade);
                let secs = s.usual_secs * (own.powf(trust) * f.powf(1.0 - trust)).clamp(0.3, 20.0);
                at += secs;
                total += secs;
            }
            total
        };
        Some([usual, usual * one, base.secs(&drive), now.secs(&drive), roads(1e9), roads(1200.0)])
    }

    pub fn told(&self) -> Value {
        json!({
            "drives": self.drives,
            "km": self.model.km().round(),
            "us_per_fix": self.took.as_secs_f64() * 1e6 / self.fixes.max(1) as f64,
            "roads": self.roads.len(),
            "factor": self.all.1 / self.all.0,
            "classes": self.model.classes().iter().map(|c| format!("{:?} {:.0} km usual {:.1} now {:.1}", c.class, c.km, c.usual_kmh, c.kmh[0].unwrap_or(0.0))).collect::<Vec<_>>(),
        })
    }
}

fn env(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}
fn half() -> f64 {
    static H: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *H.get_or_init(|| env("HALF", 300.0))
}
fn lean() -> f64 {
    static H: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *H.get_or_init(|| env("LEAN", 20.0))
}
