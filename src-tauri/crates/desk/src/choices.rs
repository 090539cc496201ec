//! What dispatchers made of suggestions: how often they were followed, why not, and whether that was any good.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::task::{Choice, OverrideReason, Task};
use protocol::view::{ChoiceReportView, OverrideCount, OverrideLine, OverridePerson};

use crate::quantile::nearest_rank;
use crate::work::is_on_site;

/// Overrides that are listed.
const NEWEST: usize = 200;

/// The report of the choices since then.
pub fn report<'a>(tasks: impl Iterator<Item = &'a Task>, since: DateTime<Utc>) -> ChoiceReportView {
    let of_task = |task: &'a Task| {
        task.choices.iter().filter(move |choice| choice.at >= since).map(move |choice| (task, choice))
    };
    let made: Vec<(&Task, &Choice)> = tasks.flat_map(of_task).collect();
    let overrides: Vec<(&Task, &Choice)> =
        made.iter().copied().filter(|(_, choice)| choice.made.is_override()).collect();
    ChoiceReportView {
        since,
        choices: made.len() as u32,
        followed: (made.len() - overrides.len()) as u32,
        reasons: reasons(&overrides),
        people: people(&overrides),
        newest: newest(&overrides),
    }
}

fn reasons(overrides: &[(&Task, &Choice)]) -> Vec<OverrideCount> {
    let mut by_reason: BTreeMap<Option<OverrideReason>, Vec<(&Task, &Choice)>> = BTreeMap::new();
    for (task, choice) in overrides {
        by_reason.entry(choice.made.reason).or_default().push((task, choice));
    }
    let mut counts: Vec<OverrideCount> =
        by_reason.into_iter().map(|(reason, overrides)| count(reason, &overrides)).collect();
    counts.sort_by_key(|count| Reverse(count.count));
    counts
}

fn count(reason: Option<OverrideReason>, overrides: &[(&Task, &Choice)]) -> OverrideCount {
    let mut later: Vec<i64> = overrides.iter().filter_map(|(_, choice)| choice.made.later_secs).collect();
    later.sort_unstable();
    let outcomes = overrides.iter().filter_map(|(task, choice)| is_in_time(task, choice));
    let (in_time, late): (Vec<bool>, Vec<bool>) = outcomes.partition(|is_in_time| *is_in_time);
    OverrideCount {
        reason,
        count: overrides.len() as u32,
        later_secs: nearest_rank(&later, 50),
        in_time: in_time.len() as u32,
        late: late.len() as u32,
    }
}

/// Whether the chosen one came within the window; `None` without a window or an arrival, and where somebody else was sent in the end.
fn is_in_time(task: &Task, choice: &Choice) -> Option<bool> {
    let is_last = task.choices.last().is_some_and(|last| last == choice);
    if !is_last || task.resource != Some(choice.made.chosen) {
        return None;
    }
    let arrival = task.timeline.iter().find(|step| step.at >= choice.at && is_on_site(step.status))?;
    Some(arrival.at <= task.window_end?)
}

fn people(overrides: &[(&Task, &Choice)]) -> Vec<OverridePerson> {
    let mut people: BTreeMap<ResourceId, OverridePerson> = BTreeMap::new();
    let mut person = |resource: ResourceId, (passed_over, chosen): (u32, u32)| {
        let known = people.entry(resource).or_insert(OverridePerson { resource, passed_over: 0, chosen: 0 });
        known.passed_over += passed_over;
        known.chosen += chosen;
    };
    for (_, choice) in overrides {
        person(choice.made.first, (1, 0));
        person(choice.made.chosen, (0, 1));
    }
    let mut people: Vec<OverridePerson> = people.into_values().collect();
    people.sort_by_key(|person| (Reverse(person.passed_over + person.chosen), Reverse(person.passed_over)));
    people
}

fn newest(overrides: &[(&Task, &Choice)]) -> Vec<OverrideLine> {
    let line = |(task, choice): &(&Task, &Choice)| OverrideLine {
        task: task.id,
        at: choice.at,
        first: choice.made.first,
        chosen: choice.made.chosen,
        reason: choice.made.reason,
        note: choice.made.note.clone(),
    };
    let mut newest: Vec<OverrideLine> = overrides.iter().map(line).collect();
    newest.sort_by_key(|line| (Reverse(line.at), line.task));
    newest.truncate(NEWEST);
    newest
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use domain::UserId;
    use domain::task::{Actor, ChoiceMade, StatusStep, TaskStatus};
    use uuid::Uuid;

    const ANA: u128 = 1;
    const BEN: u128 = 2;
    const CLEO: u128 = 3;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("time")
    }

    fn who(number: u128) -> ResourceId {
        ResourceId(Uuid::from_u128(number))
    }

    /// Of three, Ana was first.
    fn choice(minute: i64, chosen: u128, reason: Option<OverrideReason>, later_secs: i64) -> Choice {
        let rank = if chosen == ANA { 1 } else { 2 };
        let (chosen, first, note) = (who(chosen), who(ANA), "As said".to_owned());
        let later_secs = Some(later_secs);
        let made = ChoiceMade { chosen, rank, of: 3, first, later_secs, reason, note };
        Choice { at: at(minute), by: UserId(Uuid::from_u128(9)), made }
    }

    /// Due at minute 60; whoever was chosen last arrives then.
    fn task(number: u128, choices: Vec<Choice>, arrives: Option<i64>) -> Task {
        let resource = choices.last().map(|choice| choice.made.chosen);
        let arrival = arrives.zip(resource).map(|(minute, resource)| StatusStep {
            status: TaskStatus::Arrived,
            at: at(minute),
            by: Actor::Field(resource),
            reason: None,
        });
        let timeline = arrival.into_iter().collect();
        Task { choices, resource, window_end: Some(at(60)), timeline, ..crate::plain::task(number, at(0)) }
    }

    #[test]
    fn how_often_and_why_somebody_else_was_sent() {
        let site = Some(OverrideReason::KnowsTheSite);
        let tasks = [
            task(1, vec![choice(1, ANA, None, 0)], Some(30)),
            task(2, vec![choice(2, BEN, site, 600)], Some(50)),
            task(3, vec![choice(3, BEN, site, 300)], Some(70)),
            task(4, vec![choice(4, CLEO, site, -60)], None),
            task(5, vec![choice(5, CLEO, None, 120)], Some(60)),
        ];
        let view = report(tasks.iter(), at(0));
        assert_eq!((view.choices, view.followed), (5, 1), "once the first one was sent");
        let count = |reason, count, later_secs, in_time, late| OverrideCount {
            reason,
            count,
            later_secs: Some(later_secs),
            in_time,
            late,
        };
        let expected = [count(site, 3, 300, 1, 1), count(None, 1, 120, 1, 0)];
        assert_eq!(view.reasons, expected, "one is not there yet; on the minute is in time");
        let people: Vec<(ResourceId, u32, u32)> =
            view.people.iter().map(|person| (person.resource, person.passed_over, person.chosen)).collect();
        assert_eq!(people, [(who(ANA), 4, 0), (who(BEN), 0, 2), (who(CLEO), 0, 2)], "Ana has time to spare");
        let newest: Vec<DateTime<Utc>> = view.newest.iter().map(|line| line.at).collect();
        assert_eq!(newest, [at(5), at(4), at(3), at(2)], "newest first");
    }

    #[test]
    fn an_outcome_is_whose_it_is() {
        let agreed = Some(OverrideReason::Agreed);
        let twice = task(1, vec![choice(1, BEN, agreed, 60), choice(10, CLEO, agreed, 60)], Some(30));
        let mut given_on = task(2, vec![choice(1, BEN, agreed, 60)], Some(30));
        given_on.resource = Some(who(CLEO));
        let no_window = Task { window_end: None, ..task(3, vec![choice(1, BEN, agreed, 60)], Some(30)) };
        let view = report([twice, given_on, no_window].iter(), at(0));
        let [count] = view.reasons.as_slice() else { panic!("one reason: {:?}", view.reasons) };
        assert_eq!((count.count, count.in_time, count.late), (4, 1, 0), "only Cleo's arrival says something");
    }

    #[test]
    fn only_these_days_count_and_long_lists_are_cut() {
        let other = Some(OverrideReason::Other);
        let choices = (0..300).map(|minute| choice(minute, BEN, other, 0)).collect();
        let view = report([task(1, choices, None)].iter(), at(50));
        assert_eq!((view.choices, view.newest.len()), (250, NEWEST), "those before are left out");
        assert_eq!(view.newest[0].at, at(50) + TimeDelta::minutes(249), "the newest is on top");
        let none = report(std::iter::empty(), at(0));
        assert!(none.reasons.is_empty() && none.people.is_empty() && none.choices == 0, "nothing was chosen");
    }
}
