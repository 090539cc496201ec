//! The lines of the alert list, as far as the desk itself has to know them: what is new, and which line an alert is in.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::alert::{Alert, AlertEntry, AlertTopic, Severity, Stage, entries};
use domain::{AlertId, PoiId, RuleId};

/// What alerts of one line have in common.
type Cause = (AlertTopic, Option<PoiId>, Option<RuleId>);

/// Lines that nobody has looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unseen {
    /// All of them.
    pub lines: u32,
    /// Those with a critical alert that is new.
    pub critical: u32,
}

fn cause(alert: &Alert) -> Cause {
    (alert.kind.topic(), alert.kind.fence(), alert.rule)
}

/// Counts the lines with an alert that is new at `now`, the server's time.
pub fn unseen<'a>(alerts: impl Iterator<Item = &'a Alert> + Clone, now: DateTime<Utc>) -> Unseen {
    let new: Vec<&Alert> = alerts.clone().filter(|alert| alert.stage(now) == Stage::New).collect();
    let causes: BTreeSet<Cause> = new.iter().map(|alert| cause(alert)).collect();
    if causes.is_empty() {
        return Unseen::default();
    }
    let ids = |wanted: &dyn Fn(&Alert) -> bool| -> BTreeSet<AlertId> {
        new.iter().filter(|alert| wanted(alert)).map(|alert| alert.id).collect()
    };
    let (all, critical) = (ids(&|_| true), ids(&|alert| alert.severity == Severity::Critical));
    let lines = entries(alerts.filter(|alert| causes.contains(&cause(alert))));
    let count = |of: &BTreeSet<AlertId>| {
        lines.iter().filter(|line| line.members.iter().any(|id| of.contains(id))).count() as u32
    };
    Unseen { lines: count(&all), critical: count(&critical) }
}

/// The lines that `news`, which are some of `alerts`, are in, each with the first of the news in it; in the order of the news.
pub fn lines_of<'a>(news: &[&Alert], alerts: impl Iterator<Item = &'a Alert>) -> Vec<(AlertId, AlertEntry)> {
    let causes: BTreeSet<Cause> = news.iter().map(|alert| cause(alert)).collect();
    let mut lines: Vec<Option<AlertEntry>> =
        entries(alerts.filter(|alert| causes.contains(&cause(alert)))).into_iter().map(Some).collect();
    let of_line = |(number, line): (usize, &Option<AlertEntry>)| {
        line.iter().flat_map(|line| &line.members).map(|id| (*id, number)).collect::<Vec<_>>()
    };
    let line_of: HashMap<AlertId, usize> = lines.iter().enumerate().flat_map(of_line).collect();
    let taken = |alert: &&Alert| Some((alert.id, lines.get_mut(*line_of.get(&alert.id)?)?.take()?));
    news.iter().filter_map(taken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::alert::{AlertAction, AlertKind};
    use domain::{ResourceId, UserId};
    use uuid::Uuid;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn silent(n: u128, secs: i64) -> Alert {
        let kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(n)) };
        Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Warning, (at(secs), at(secs)), None)
    }

    #[test]
    fn a_storm_counts_once_and_a_snooze_that_is_over_counts_again() {
        let mut outage: Vec<Alert> = (0..40).map(|n| silent(n, n as i64)).collect();
        outage.push(silent(99, 6_000));
        let me = UserId(Uuid::from_u128(1));
        let until = at(7_000);
        outage[40].act(&AlertAction::Snooze { until }, me, at(6_001)).expect("put aside");
        assert_eq!(unseen(outage.iter(), at(6_002)).lines, 1, "forty are one line, the other one sleeps");
        assert_eq!(unseen(outage.iter(), at(7_000)).lines, 2, "it is back");
        for alert in &mut outage[..39] {
            alert.act(&AlertAction::Acknowledge, me, at(6_003)).expect("looked at");
        }
        assert_eq!(unseen(outage.iter(), at(6_004)).lines, 1, "one of the forty is left");
        let news = [&outage[39], &outage[40], &outage[38]];
        let lines = lines_of(&news, outage.iter());
        let sizes: Vec<(AlertId, usize)> = lines.iter().map(|(id, line)| (*id, line.members.len())).collect();
        assert_eq!(sizes, [(outage[39].id, 40), (outage[40].id, 1)], "each line once, in their order");
    }

    #[test]
    fn a_line_is_as_critical_as_what_is_new_of_it() {
        let me = UserId(Uuid::from_u128(1));
        let mut late = silent(1, 0);
        late.severity = Severity::Critical;
        assert_eq!(unseen([&late].into_iter(), at(1)), Unseen { lines: 1, critical: 1 }, "pressing");
        late.act(&AlertAction::Acknowledge, me, at(2)).expect("looked at");
        assert_eq!(unseen([&late].into_iter(), at(3)), Unseen::default(), "no more");
    }
}
