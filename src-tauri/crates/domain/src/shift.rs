//! Which shift somebody is in, with its breaks, as instants.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::attendance::{instant, shifts_on};
use crate::resource::{BreakRule, Resource};

/// One shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Planned start.
    pub starts: DateTime<Utc>,
    /// Planned end.
    pub ends: DateTime<Utc>,
    /// Its breaks, in order of their earliest begin.
    pub breaks: Vec<ShiftBreak>,
}

/// A break of one shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShiftBreak {
    /// Begins not earlier.
    pub from: DateTime<Utc>,
    /// Begins not later.
    pub to: DateTime<Utc>,
    /// Takes so many seconds.
    pub secs: u32,
}

/// The shift that `resource` is in at `now`; between two of them the one that they are still in, having signed in before its end
/// (`last_sign_in`), else the next one that begins within a day. `None` where no hours are known. `zone` is the workplace's.
pub fn shift_of(
    resource: &Resource,
    last_sign_in: Option<DateTime<Utc>>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Option<Shift> {
    let today = now.with_timezone(&zone).date_naive();
    let days = [today.pred_opt(), Some(today), today.succ_opt()];
    let mut shifts: Vec<(DateTime<Utc>, DateTime<Utc>)> =
        days.into_iter().flatten().flat_map(|day| shifts_on(&resource.working_hours, day, zone)).collect();
    shifts.retain(|(starts, ends)| starts < ends);
    shifts.sort();
    let running = shifts.iter().rfind(|(starts, ends)| (*starts..*ends).contains(&now));
    let stays = |ends: &DateTime<Utc>| resource.on_duty && last_sign_in.is_some_and(|since| since < *ends);
    let last = || shifts.iter().rfind(|(_, ends)| *ends <= now).filter(|(_, ends)| stays(ends));
    let next = || shifts.iter().find(|(starts, _)| *starts > now);
    let (starts, ends) = *running.or_else(last).or_else(next)?;
    Some(Shift { starts, ends, breaks: breaks_within((starts, ends), &resource.breaks, zone) })
}

/// The breaks of a shift from `starts` to `ends`, in order of their earliest begin: each rule's first time in it, as far as it fits in
/// whole. What would begin before the shift or end after it is moved into it where the rule leaves room for that; 02:00 of a night is
/// in the next day. A rule of no minutes is no break. `zone` is the workplace's.
pub fn breaks_within(
    (starts, ends): (DateTime<Utc>, DateTime<Utc>),
    rules: &[BreakRule],
    zone: Tz,
) -> Vec<ShiftBreak> {
    let first = starts.with_timezone(&zone).date_naive();
    let on = |rule: &BreakRule, day: NaiveDate| {
        let last_day = if rule.to < rule.from { day.succ_opt()? } else { day };
        let from = instant(day, rule.from, zone).max(starts);
        let to = instant(last_day, rule.to, zone).min(ends - TimeDelta::minutes(rule.minutes.into()));
        (from <= to).then_some(ShiftBreak { from, to, secs: u32::from(rule.minutes) * 60 })
    };
    let days = [Some(first), first.succ_opt()];
    let of_rule = |rule: &BreakRule| days.into_iter().flatten().find_map(|day| on(rule, day));
    let mut breaks: Vec<ShiftBreak> =
        rules.iter().filter(|rule| rule.minutes > 0).filter_map(of_rule).collect();
    breaks.sort_by_key(|one| (one.from, one.to));
    breaks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::tests::resource;
    use crate::resource::{BreakRule, WorkingHours};
    use chrono::{NaiveTime, Weekday};

    fn time(text: &str) -> NaiveTime {
        text.parse().expect("local time")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    fn ana(weekday: Weekday, (starts, ends): (&str, &str), breaks: &[(&str, &str)]) -> Resource {
        let rule = |(from, to): &(&str, &str)| BreakRule { from: time(from), to: time(to), minutes: 30 };
        Resource {
            working_hours: vec![WorkingHours { weekday, starts: time(starts), ends: time(ends) }],
            breaks: breaks.iter().map(rule).collect(),
            on_duty: true,
            ..resource("Ana")
        }
    }

    fn shift(resource: &Resource, signed_in: Option<&str>, now: &str) -> Option<Shift> {
        shift_of(resource, signed_in.map(at), Tz::Europe__Berlin, at(now))
    }

    #[test]
    fn a_day_with_its_lunch() {
        let ana = ana(
            Weekday::Mon,
            ("08:00:00", "17:00:00"),
            &[("12:00:00", "13:00:00"), ("06:00:00", "07:00:00")],
        );
        let monday = shift(&ana, None, "2026-11-23T09:00:00Z").expect("it is Monday, ten o'clock");
        assert_eq!(monday.ends, at("2026-11-23T16:00:00Z"), "five in Berlin");
        let lunch =
            ShiftBreak { from: at("2026-11-23T11:00:00Z"), to: at("2026-11-23T12:00:00Z"), secs: 1_800 };
        assert_eq!(monday.breaks, [lunch], "what is not within the shift is not its break");
        assert_eq!(shift(&ana, None, "2026-11-25T09:00:00Z"), None, "nothing near on Wednesday");
    }

    #[test]
    fn who_stays_longer_is_still_in_that_shift() {
        let ana = ana(Weekday::Mon, ("08:00:00", "17:00:00"), &[]);
        let signed_in = Some("2026-11-23T07:00:00Z");
        let ends = |shift: Option<Shift>| shift.map(|shift| shift.ends);
        let evening = "2026-11-23T18:00:00Z";
        assert_eq!(
            ends(shift(&ana, signed_in, evening)),
            Some(at("2026-11-23T16:00:00Z")),
            "two hours too long"
        );
        assert_eq!(ends(shift(&ana, None, evening)), None, "nobody knows since when: not hers any more");
        let back = Some("2026-11-23T17:30:00Z");
        assert_eq!(ends(shift(&ana, back, evening)), None, "who came after it is not in it");
        let home = Resource { on_duty: false, ..ana.clone() };
        assert_eq!(ends(shift(&home, signed_in, evening)), None, "who has gone home neither");
        let early = "2026-11-23T06:00:00Z";
        assert_eq!(
            ends(shift(&ana, Some(early), early)),
            Some(at("2026-11-23T16:00:00Z")),
            "came before it began"
        );
    }

    #[test]
    fn a_night_has_its_break_in_the_morning_and_is_as_long_as_the_clocks_make_it() {
        let ben = ana(Weekday::Sat, ("22:00:00", "06:00:00"), &[("02:30:00", "03:30:00")]);
        let hours = |shift: &Shift| (shift.ends - shift.starts).num_hours();
        let autumn = shift(&ben, None, "2026-10-25T02:00:00Z").expect("Sunday night, still Saturday's shift");
        assert_eq!(hours(&autumn), 9, "the clocks are set back");
        let rest = autumn.breaks[0];
        assert_eq!(rest.from, at("2026-10-25T00:30:00Z"), "02:30 comes twice: the first one");
        assert_eq!(rest.to, at("2026-10-25T02:30:00Z"), "03:30 is two hours later that night");
        let spring = shift(&ben, None, "2027-03-28T02:00:00Z").expect("that night, too");
        assert_eq!(hours(&spring), 7, "an hour is missing");
        assert_eq!(spring.breaks[0].from, at("2027-03-28T01:00:00Z"), "02:30 does not exist: 03:00");
    }

    #[test]
    fn odd_rules_make_no_odd_breaks() {
        let late = ana(
            Weekday::Mon,
            ("14:00:00", "02:00:00"),
            &[("23:30:00", "00:30:00"), ("20:00:00", "20:00:00")],
        );
        let breaks = shift(&late, None, "2026-11-23T15:00:00Z").expect("Monday").breaks;
        let local: Vec<(DateTime<Utc>, i64)> =
            breaks.iter().map(|one| (one.from, (one.to - one.from).num_minutes())).collect();
        assert_eq!(
            local,
            [(at("2026-11-23T19:00:00Z"), 0), (at("2026-11-23T22:30:00Z"), 60)],
            "one at a fixed time, one over midnight"
        );
        let mut none = late;
        none.breaks.iter_mut().for_each(|rule| rule.minutes = 0);
        assert_eq!(
            shift(&none, None, "2026-11-23T15:00:00Z").map(|shift| shift.breaks),
            Some(Vec::new()),
            "no minutes are no break"
        );
    }

    #[test]
    fn a_break_lies_wholly_within_its_shift() {
        let breaks = |hours, rules| {
            let shift =
                shift(&ana(Weekday::Mon, hours, rules), None, "2026-11-23T13:30:00Z").expect("Monday");
            shift.breaks.into_iter().map(|one| (one.from, one.to)).collect::<Vec<_>>()
        };
        let rules = &[("12:00:00", "14:00:00"), ("16:45:00", "20:00:00"), ("17:45:00", "20:00:00")];
        assert_eq!(
            breaks(("13:00:00", "18:00:00"), rules),
            [
                (at("2026-11-23T12:00:00Z"), at("2026-11-23T13:00:00Z")),
                (at("2026-11-23T15:45:00Z"), at("2026-11-23T16:30:00Z"))
            ],
            "who begins at one has lunch by two, tea is over when they go, and for a third there is no time"
        );
    }
}
