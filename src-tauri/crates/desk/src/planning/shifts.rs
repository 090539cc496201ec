//! The rest of somebody's working day.

use chrono::{DateTime, Utc};
use domain::attendance::shifts_on;
use domain::resource::Resource;
use domain::shift::{ShiftBreak, breaks_within};
use plan::Break;

use super::when::When;

/// What is left of somebody's working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// When the first part of it began or begins.
    pub began: DateTime<Utc>,
    /// When they can begin.
    pub starts: DateTime<Utc>,
    /// When it ends.
    pub ends: DateTime<Utc>,
    /// Breaks still to come, in order; the time between the parts of a shift is one.
    pub breaks: Vec<Break>,
}

type Part = (DateTime<Utc>, DateTime<Utc>);

/// What is left of the day of `card`; `None`: nothing. The night shift of the day before counts as long as it runs.
///
/// Who is on duty has a day in any case: to its end where no hours are known or none are planned on it, and to this moment where the
/// hours are over, so that only work at hand is theirs.
pub fn rest_of_day(card: &Resource, when: &When) -> Option<Shift> {
    let on_duty = card.on_duty && when.is_today;
    let planned = parts(card, when);
    let left: Vec<Part> = planned.iter().copied().filter(|(_, ends)| *ends > when.start).collect();
    let (Some(&(began, _)), Some(&(_, ends))) = (left.first(), left.last()) else {
        let ends = if planned.is_empty() { when.day_ends() } else { when.start };
        let open_end = Shift { began: when.start, starts: when.start, ends, breaks: Vec::new() };
        return on_duty.then_some(open_end);
    };
    let starts = if on_duty { when.start } else { began.max(when.start) };
    let rests = left.iter().flat_map(|part| breaks_within(*part, &card.breaks, when.zone)).map(rest);
    let between = left.windows(2).filter_map(|pair| gap(pair[0].1, pair[1].0));
    let breaks = in_order(rests.chain(between).filter(|rest| rest.to >= starts).collect());
    Some(Shift { began, starts, ends, breaks })
}

/// The parts of the day's shifts, in order and apart from each other.
fn parts(card: &Resource, when: &When) -> Vec<Part> {
    let before = when.day.pred_opt().map(|day| shifts_on(&card.working_hours, day, when.zone));
    let runs = |part: &Part| part.0 <= when.start && part.1 > when.start;
    let mut parts: Vec<Part> = before.into_iter().flatten().filter(runs).collect();
    parts.extend(shifts_on(&card.working_hours, when.day, when.zone));
    parts.sort_unstable();
    let mut apart: Vec<Part> = Vec::with_capacity(parts.len());
    for (starts, ends) in parts {
        match apart.last_mut() {
            Some(last) if starts <= last.1 => last.1 = last.1.max(ends),
            Some(_) | None => apart.push((starts, ends)),
        }
    }
    apart
}

fn rest(ShiftBreak { from, to, secs }: ShiftBreak) -> Break {
    Break { from, to, secs }
}

/// Between two parts of a shift nobody works.
fn gap(from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Break> {
    let secs = u32::try_from((to - from).num_seconds()).ok()?;
    Some(Break { from, to: from, secs })
}

/// Breaks whose times overlap follow each other.
fn in_order(mut breaks: Vec<Break>) -> Vec<Break> {
    breaks.sort_unstable_by_key(|rest| (rest.from, rest.to));
    let mut free = DateTime::<Utc>::MIN_UTC;
    for rest in &mut breaks {
        rest.from = rest.from.max(free);
        rest.to = rest.to.max(rest.from);
        free = rest.to;
    }
    breaks
}
