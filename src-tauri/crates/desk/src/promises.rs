//! How well promises to customers were kept, and how far off expected arrivals were: by hour and by area.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use domain::place::{Poi, PoiKind};
use domain::task::{Promise, PromiseState, Task};
use domain::{LonLat, PoiId, TaskId};
use fence::PreparedShape;
use protocol::view::{PromiseFigures, PromiseLine, PromiseReportView};

use crate::quantile::nearest_rank;

/// Promises that are listed.
const LINES: usize = 500;

/// A promise, and where.
pub struct Told {
    task: TaskId,
    at: LonLat,
    promise: Promise,
}

/// What was told since then.
pub fn told_since<'a>(tasks: impl Iterator<Item = &'a Task>, since: DateTime<Utc>) -> Vec<Told> {
    let of_task = |task: &'a Task| {
        let told = task.promises.iter().filter(move |promise| promise.told_at >= since);
        told.map(|promise| Told { task: task.id, at: task.at, promise: promise.clone() })
    };
    tasks.flat_map(of_task).collect()
}

/// The areas that a company thinks in, the smallest first.
pub struct Areas(Vec<(PoiId, PreparedShape)>);

impl Areas {
    /// Those among the places; what has no usable shape is none.
    pub fn among<'a>(places: impl Iterator<Item = &'a Poi>) -> Self {
        let area = |place: &Poi| {
            let is_area = match place.kind {
                PoiKind::Polygon | PoiKind::DistributionCenter | PoiKind::DistributionArea => true,
                PoiKind::Point | PoiKind::Customer => false,
            };
            let fence = place.fence.as_ref().filter(|_| is_area)?;
            Some((place.id, PreparedShape::new(&fence.shape).ok()?))
        };
        let mut areas: Vec<(PoiId, PreparedShape)> = places.filter_map(area).collect();
        areas.sort_by(|(one_id, one), (other_id, other)| {
            one.size_m().total_cmp(&other.size_m()).then(one_id.cmp(other_id))
        });
        Areas(areas)
    }

    /// The smallest one around `at`.
    fn around(&self, at: LonLat) -> Option<PoiId> {
        self.0.iter().find(|(_, shape)| shape.contains(at)).map(|(id, _)| *id)
    }
}

/// The report of what was told since then, its hours in `zone`. Looks at every area for every promise: not for the loop.
pub fn report(told: &[Told], areas: &Areas, since: DateTime<Utc>, zone: Tz) -> PromiseReportView {
    let mut by_hour: BTreeMap<u8, Vec<&Promise>> = BTreeMap::new();
    let mut by_area: BTreeMap<Option<PoiId>, Vec<&Promise>> = BTreeMap::new();
    for Told { at, promise, .. } in told {
        by_hour.entry(promise.until.with_timezone(&zone).hour() as u8).or_default().push(promise);
        by_area.entry(areas.around(*at)).or_default().push(promise);
    }
    let all: Vec<&Promise> = told.iter().map(|told| &told.promise).collect();
    let mut by_area: Vec<(Option<PoiId>, PromiseFigures)> =
        by_area.into_iter().map(|(area, promises)| (area, figures(&promises))).collect();
    by_area.sort_by_key(|(_, figures)| Reverse(figures.told));
    PromiseReportView {
        since,
        zone,
        all: figures(&all),
        by_hour: by_hour.into_iter().map(|(hour, promises)| (hour, figures(&promises))).collect(),
        by_area,
        lines: lines(told),
    }
}

/// The open ones first, what is due soonest at the top; then the newest.
fn lines(told: &[Told]) -> Vec<PromiseLine> {
    let mut lines: Vec<&Told> = told.iter().collect();
    lines.sort_by_key(|told| {
        let promise = &told.promise;
        let due = promise.is_open().then_some(promise.until);
        (due.is_none(), due, Reverse(promise.told_at), promise.id)
    });
    let line = |told: &Told| PromiseLine { task: told.task, promise: told.promise.clone() };
    lines.into_iter().take(LINES).map(line).collect()
}

fn figures(promises: &[&Promise]) -> PromiseFigures {
    let mut figures = PromiseFigures { told: promises.len() as u32, ..PromiseFigures::default() };
    let (mut off, mut within) = (Vec::new(), 0);
    for promise in promises {
        match promise.state {
            PromiseState::Open => figures.open += 1,
            PromiseState::Kept { .. } => figures.kept += 1,
            PromiseState::Broken { .. } => figures.broken += 1,
            PromiseState::Replaced { .. } | PromiseState::Void { .. } => figures.taken_back += 1,
        }
        if let (Some(error), Some(arrived), Some(then)) =
            (promise.error_secs(), promise.arrived(), promise.expected)
        {
            off.push(error.abs());
            within += usize::from(arrived <= then.p90);
        }
    }
    off.sort_unstable();
    figures.error_p50_secs = nearest_rank(&off, 50);
    figures.error_p90_secs = nearest_rank(&off, 90);
    figures.within_p90_pct = share_pct(within, off.len());
    figures
}

/// `part` of `all` in per cent, to the nearest; `None` of nothing.
fn share_pct(part: usize, all: usize) -> Option<u8> {
    let rounded = (200 * part + all).checked_div(2 * all)?;
    u8::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use domain::place::{Fence, FenceShape};
    use domain::task::{Actor, ExpectedThen, PromiseChannel};
    use domain::travel::TravelSource;
    use domain::{PromiseId, ResourceId};
    use uuid::Uuid;

    const ZONE: Tz = Tz::Europe__Monaco;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    fn noon() -> DateTime<Utc> {
        time("2026-11-23T12:00:00Z")
    }

    fn place(lon: f64) -> LonLat {
        LonLat::new(lon, 43.73).expect("coordinate")
    }

    fn promise(number: u128, until: DateTime<Utc>, state: PromiseState) -> Promise {
        Promise {
            id: PromiseId(Uuid::from_u128(number)),
            told_at: until - TimeDelta::hours(1),
            by: Actor::Server,
            channel: PromiseChannel::Phone,
            from: None,
            until,
            resource: Some(ResourceId(Uuid::from_u128(1))),
            expected: None,
            message: None,
            state,
        }
    }

    /// Expected at noon, nine times in ten by ten past; came so many seconds after noon.
    fn arrived(number: u128, secs: i64) -> Promise {
        let (until, arrived) = (noon() + TimeDelta::minutes(15), noon() + TimeDelta::seconds(secs));
        let in_time = arrived <= until;
        let state = if in_time { PromiseState::Kept { arrived } } else { PromiseState::Broken { arrived } };
        let p90 = noon() + TimeDelta::minutes(10);
        let then = ExpectedThen { p50: noon(), p90, source: TravelSource::Roads, fix_age_secs: 5 };
        Promise { expected: Some(then), ..promise(number, until, state) }
    }

    fn task(number: u128, at: LonLat, promises: Vec<Promise>) -> Task {
        Task { at, promises, ..crate::plain::task(number, noon()) }
    }

    fn area(number: u128, kind: PoiKind, lon: f64, radius_m: f64) -> Poi {
        Poi {
            id: PoiId(Uuid::from_u128(number)),
            name: "Area".to_owned(),
            kind,
            at: place(lon),
            address: String::new(),
            fence: Some(Fence::new(FenceShape::Circle { center: place(lon), radius_m })),
        }
    }

    fn report_of(tasks: &[Task], places: &[Poi], since: DateTime<Utc>) -> PromiseReportView {
        let told = told_since(tasks.iter(), since);
        report(&told, &Areas::among(places.iter()), since, ZONE)
    }

    #[test]
    fn what_became_of_them_and_how_far_off_the_arrivals_were() {
        let secs = [-120, 60, 180, 240, 300, 360, 420, 480, 540, 1_200];
        let mut promises: Vec<Promise> = (1..).zip(secs).map(|(n, secs)| arrived(n, secs)).collect();
        let later = noon() + TimeDelta::hours(3);
        promises.push(promise(20, later, PromiseState::Open));
        promises.push(promise(21, noon(), PromiseState::Replaced { at: noon() }));
        promises.push(promise(22, noon(), PromiseState::Void { at: noon() }));
        promises.push(promise(23, noon(), PromiseState::Kept { arrived: noon() }));
        let view = report_of(&[task(1, place(7.42), promises)], &[], noon() - TimeDelta::days(1));
        let expected = PromiseFigures {
            told: 14,
            open: 1,
            kept: 10,
            broken: 1,
            taken_back: 2,
            error_p50_secs: Some(300),
            error_p90_secs: Some(540),
            within_p90_pct: Some(90),
        };
        assert_eq!(view.all, expected, "the one without an expectation says nothing of errors");
        assert_eq!(
            view.lines[0].promise.id,
            PromiseId(Uuid::from_u128(20)),
            "what is still open comes first"
        );
        assert_eq!(view.lines.len(), 14, "all of them are listed");
    }

    #[test]
    fn hours_are_the_companys_also_when_the_clock_is_changed() {
        let until = [
            "2026-10-24T22:30:00Z", // 00:30 summer time
            "2026-10-25T00:30:00Z", // 02:30 summer time
            "2026-10-25T01:30:00Z", // 02:30 again, winter time
            "2026-10-25T02:30:00Z", // 03:30
        ];
        let promises = (1..).zip(until).map(|(n, until)| promise(n, time(until), PromiseState::Open));
        let tasks = [task(1, place(7.42), promises.collect())];
        let view = report_of(&tasks, &[], time("2026-10-01T00:00:00Z"));
        let hours: Vec<(u8, u32)> =
            view.by_hour.iter().map(|(hour, figures)| (*hour, figures.told)).collect();
        assert_eq!(hours, [(0, 1), (2, 2), (3, 1)], "both half past two are of the same hour");
        assert_eq!(view.zone, ZONE, "and it is said whose hours they are");
    }

    #[test]
    fn the_smallest_area_around_the_task_counts() {
        let places = [
            area(1, PoiKind::DistributionArea, 7.42, 3_000.0),
            area(2, PoiKind::Polygon, 7.42, 500.0),
            area(3, PoiKind::Customer, 7.42, 100.0),
            area(4, PoiKind::DistributionCenter, 9.0, 500.0),
            Poi { fence: None, ..area(5, PoiKind::Polygon, 7.42, 1.0) },
        ];
        let told = |number| vec![promise(number, noon(), PromiseState::Open)];
        let tasks = [
            task(1, place(7.42), told(1)),
            task(2, place(7.435), told(2)),
            task(3, place(7.436), told(3)),
            task(4, place(8.0), told(4)),
        ];
        let view = report_of(&tasks, &places, noon() - TimeDelta::days(1));
        let areas: Vec<(Option<u128>, u32)> = view
            .by_area
            .iter()
            .map(|(area, figures)| (area.map(|poi| poi.0.as_u128()), figures.told))
            .collect();
        let expected = [(Some(1), 2), (None, 1), (Some(2), 1)];
        assert_eq!(areas, expected, "most promises first; a customer's site is no area");
    }

    #[test]
    fn only_what_was_told_in_these_days_counts_and_long_lists_are_cut() {
        let old = promise(1, noon() - TimeDelta::days(40), PromiseState::Open);
        let many = (2..602).map(|number| promise(number, noon(), PromiseState::Void { at: noon() }));
        let tasks = [task(1, place(7.42), std::iter::once(old).chain(many).collect())];
        let view = report_of(&tasks, &[], noon() - TimeDelta::days(30));
        assert_eq!(view.all.told, 600, "the old one is left out");
        assert_eq!(view.lines.len(), LINES, "the figures count all, the list is cut");
    }

    #[test]
    fn nothing_told_is_nothing_said() {
        let view = report_of(&[task(1, place(7.42), Vec::new())], &[], noon());
        assert_eq!(view.all, PromiseFigures::default(), "no figures");
        assert!(view.by_hour.is_empty() && view.by_area.is_empty() && view.lines.is_empty(), "no rows");
    }
}
