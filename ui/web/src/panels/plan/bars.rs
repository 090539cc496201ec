//! Days as bars: what somebody does from when to when, and where that lies on the screen.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use domain::TaskId;
use protocol::view::{PlanTourView, PlanView};

/// What a bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarKind {
    /// On the way to a task, or home.
    Drive,
    /// There before work can begin.
    Wait,
    /// At work.
    Work,
    /// A break.
    Break,
}

/// From when to when somebody does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// What.
    pub kind: BarKind,
    /// For which task; `None`: for none, as a break and the way home.
    pub task: Option<TaskId>,
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub until: DateTime<Utc>,
}

impl BarKind {
    /// For style sheets and tests.
    pub fn name(self) -> &'static str {
        match self {
            BarKind::Drive => "drive",
            BarKind::Wait => "wait",
            BarKind::Work => "work",
            BarKind::Break => "break",
        }
    }
}

/// The bars of a tour, in the order in which they are drawn: what is done for tasks, the way home, and breaks on top.
pub fn bars(tour: &PlanTourView) -> Vec<Bar> {
    let mut found = Vec::with_capacity(tour.stops.len() * 3 + tour.breaks.len() + 1);
    let mut put = |kind, task, from, until| {
        if from < until {
            found.push(Bar { kind, task, from, until });
        }
    };
    for stop in &tour.stops {
        let sets_out = stop.arrives - seconds(stop.drive_secs);
        put(BarKind::Drive, Some(stop.task), sets_out, stop.arrives);
        put(BarKind::Wait, Some(stop.task), stop.arrives, stop.starts);
        put(BarKind::Work, Some(stop.task), stop.starts, stop.leaves);
    }
    if let (Some(last), Some(home)) = (tour.stops.last(), tour.done_at) {
        put(BarKind::Drive, None, last.leaves, home);
    }
    for (from, until) in &tour.breaks {
        put(BarKind::Break, None, *from, *until);
    }
    found
}

fn seconds(secs: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(secs).unwrap_or_default())
}

/// Where times lie on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    px_per_hour: f64,
}

impl Scale {
    /// Wide enough for everything that the plan holds, on whole hours; `None` where it holds nobody's day.
    pub fn of(plan: &PlanView, px_per_hour: f64) -> Option<Scale> {
        let tours = || plan.days.iter().flat_map(|day| [&day.before, &day.after]);
        let sets_out =
            tours().flat_map(|tour| &tour.stops).map(|stop| stop.arrives - seconds(stop.drive_secs));
        let begins = plan.days.iter().map(|day| day.starts).chain(sets_out).min()?;
        let done = tours()
            .flat_map(|tour| tour.done_at.into_iter().chain(tour.stops.iter().map(|stop| stop.leaves)));
        let ends = plan.days.iter().map(|day| day.ends).chain(done).max()?;
        let from = whole_hour(begins);
        Some(Scale { from, until: whole_hour(ends) + TimeDelta::hours(1), px_per_hour })
    }

    /// Pixels from the left edge; what lies outside is put on the edge.
    pub fn x(self, at: DateTime<Utc>) -> f64 {
        let hours = (at - self.from).num_seconds() as f64 / 3_600.0;
        (hours * self.px_per_hour).clamp(0.0, self.width())
    }

    /// All of it, pixels.
    pub fn width(self) -> f64 {
        (self.until - self.from).num_seconds() as f64 / 3_600.0 * self.px_per_hour
    }

    /// Whether a time is on it.
    pub fn has(self, at: DateTime<Utc>) -> bool {
        (self.from..=self.until).contains(&at)
    }

    /// Left edge and width of a bar as a style; a bar is never too thin to be seen.
    pub fn style(self, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
        let left = self.x(from);
        format!("left:{left:.1}px;width:{:.1}px", (self.x(until) - left).max(2.0))
    }

    /// Every local hour that has room, with its name.
    pub fn hours(self, zone: Tz) -> Vec<(f64, String)> {
        let every = if self.px_per_hour < 40.0 { 2 } else { 1 };
        let mut found = Vec::new();
        let mut at = self.from;
        while at < self.until {
            let local = at.with_timezone(&zone);
            if local.hour().is_multiple_of(every) {
                found.push((self.x(at), local.format("%H:%M").to_string()));
            }
            at += TimeDelta::hours(1);
        }
        found
    }
}

fn whole_hour(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::seconds(at.timestamp().rem_euclid(3_600))
        - TimeDelta::nanoseconds(i64::from(at.nanosecond()))
}

#[cfg(test)]
mod tests {
    use domain::ResourceId;
    use domain::travel::TravelSource;
    use protocol::view::{PlanDayView, PlanFigures, PlanStopView};
    use uuid::Uuid;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 / 3_600 * 3_600 + minute * 60, 0).expect("a time")
    }

    fn stop(n: u128, arrives: i64, starts: i64, leaves: i64, drive_mins: u64) -> PlanStopView {
        PlanStopView {
            task: TaskId(Uuid::from_u128(n)),
            arrives: at(arrives),
            starts: at(starts),
            leaves: at(leaves),
            drive_secs: drive_mins * 60,
            late_secs: 0,
            is_fixed: false,
        }
    }

    fn tour() -> PlanTourView {
        PlanTourView {
            stops: vec![stop(1, 20, 30, 60, 15), stop(2, 90, 90, 120, 0)],
            breaks: vec![(at(62), at(80))],
            done_at: Some(at(140)),
            drive_secs: 2_100,
            overtime_secs: 0,
        }
    }

    #[test]
    fn a_day_is_drives_waits_work_breaks_and_the_way_home() {
        let found = bars(&tour());
        let read: Vec<(&str, i64, i64)> = found
            .iter()
            .map(|bar| (bar.kind.name(), (bar.from - at(0)).num_minutes(), (bar.until - at(0)).num_minutes()))
            .collect();
        let expected = [
            ("drive", 5, 20),
            ("wait", 20, 30),
            ("work", 30, 60),
            ("work", 90, 120),
            ("drive", 120, 140),
            ("break", 62, 80),
        ];
        assert_eq!(read, expected, "what lasts no time is not drawn; the break lies on top");
        assert_eq!(bars(&PlanTourView::default()), [], "an empty day has none");
    }

    fn plan(starts: i64, ends: i64) -> PlanView {
        let day = PlanDayView {
            resource: ResourceId(Uuid::from_u128(1)),
            starts: at(starts),
            ends: at(ends),
            before: PlanTourView::default(),
            after: tour(),
        };
        PlanView {
            plan: 1,
            from: at(0),
            made_at: at(0),
            is_cancelled: false,
            source: TravelSource::Roads,
            days: vec![day],
            moves: Vec::new(),
            left_out: Vec::new(),
            not_planned: Vec::new(),
            before: PlanFigures::default(),
            after: PlanFigures::default(),
            broken_promises: Vec::new(),
            mended_promises: Vec::new(),
        }
    }

    #[test]
    fn times_lie_where_they_belong_and_nothing_is_cut_off() {
        let scale = Scale::of(&plan(30, 100), 60.0).expect("somebody's day");
        assert_eq!(scale.x(at(0)), 0.0, "whole hours: the drive at 5 past begins before the shift");
        assert_eq!(scale.width(), 180.0, "the way home ends after the shift, at 140 min");
        assert_eq!(scale.x(at(90)), 90.0, "a pixel a minute");
        assert_eq!(scale.x(at(10_000)), 180.0, "what lies outside is on the edge");
        assert_eq!(scale.style(at(60), at(60)), "left:60.0px;width:2.0px", "a moment can still be seen");
        assert!(scale.has(at(100)) && !scale.has(at(200)), "now is drawn only where it is");
        let hours = scale.hours(chrono_tz::UTC);
        assert_eq!(hours.len(), 3, "one name an hour");
        assert_eq!(Scale::of(&PlanView { days: Vec::new(), ..plan(0, 1) }, 60.0), None, "nobody, no scale");
    }
}
