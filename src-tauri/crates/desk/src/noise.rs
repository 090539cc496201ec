//! How much each rule says, and how much of it anybody needed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, AlertTopic, Correction, StepKind};
use domain::{PoiId, RuleId};
use protocol::view::{NoiseSource, NoiseView};

/// The same of the same within this is a repeat.
const REPEAT: TimeDelta = TimeDelta::minutes(10);

/// What speaks, so that it can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Fence(PoiId),
    Rule(RuleId),
    BuiltIn,
}

/// The figures of all rules that have spoken since `since`: those with the most alerts that nobody touched first, then those with the
/// most alerts.
pub fn noise<'a>(alerts: impl Iterator<Item = &'a Alert>, since: DateTime<Utc>) -> Vec<NoiseView> {
    let mut by_rule: BTreeMap<(Source, AlertTopic), Vec<&Alert>> = BTreeMap::new();
    for alert in alerts.filter(|alert| alert.event_time >= since) {
        by_rule.entry((source(alert), alert.kind.topic())).or_default().push(alert);
    }
    let mut views: Vec<NoiseView> =
        by_rule.into_iter().map(|((source, topic), alerts)| view(source, topic, &alerts)).collect();
    views.sort_by_key(|view| std::cmp::Reverse((view.untouched, view.alerts)));
    views
}

fn source(alert: &Alert) -> Source {
    match (alert.rule, alert.kind.fence()) {
        (Some(rule), _) => Source::Rule(rule),
        (None, Some(poi)) => Source::Fence(poi),
        (None, None) => Source::BuiltIn,
    }
}

fn view(source: Source, topic: AlertTopic, alerts: &[&Alert]) -> NoiseView {
    let mut looked: Vec<i64> = alerts.iter().filter_map(|alert| looked_after_secs(alert)).collect();
    looked.sort_unstable();
    let unfounded = alerts.iter().filter(|alert| alert.correction == Some(Correction::Unfounded)).count();
    NoiseView {
        source: match source {
            Source::Fence(poi) => NoiseSource::Fence(poi),
            Source::Rule(rule) => NoiseSource::Rule(rule),
            Source::BuiltIn => NoiseSource::BuiltIn,
        },
        topic,
        alerts: alerts.len() as u32,
        untouched: (alerts.len() - looked.len()) as u32,
        looked_after_secs: looked.get(looked.len() / 2).and_then(|secs| u32::try_from(*secs).ok()),
        repeats: repeats(alerts),
        unfounded: unfounded as u32,
    }
}

/// Seconds until somebody did something about it.
fn looked_after_secs(alert: &Alert) -> Option<i64> {
    let first = alert.history.iter().find(|step| matches!(step.what, StepKind::Acted { .. }))?;
    Some((first.at - alert.raised_at).num_seconds().max(0))
}

/// How many say what was said of the same within ten minutes before.
fn repeats(alerts: &[&Alert]) -> u32 {
    let mut by_subject: HashMap<AlertKind, Vec<DateTime<Utc>>> = HashMap::new();
    for alert in alerts {
        by_subject.entry(alert.kind.unmeasured()).or_default().push(alert.event_time);
    }
    let mut repeats = 0;
    for times in by_subject.values_mut() {
        times.sort_unstable();
        repeats += times.windows(2).filter(|pair| pair[1] - pair[0] <= REPEAT).count();
    }
    repeats as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::alert::{AlertAction, Severity};
    use domain::{AlertId, ResourceId, UserId};
    use uuid::Uuid;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + secs, 0).expect("time")
    }

    fn entered(n: u128, who: u128, secs: i64) -> Alert {
        let (resource, poi) = (ResourceId(Uuid::from_u128(who)), PoiId(Uuid::from_u128(1)));
        let kind = AlertKind::FenceEntered { resource, poi };
        Alert::new(AlertId(Uuid::from_u128(n)), kind, Severity::Info, (at(secs), at(secs)), None)
    }

    #[test]
    fn the_rule_that_nobody_listens_to_comes_first() {
        let me = UserId(Uuid::from_u128(7));
        let mut alerts =
            vec![entered(1, 10, 0), entered(2, 10, 500), entered(3, 10, 2_000), entered(4, 11, 600)];
        alerts[2].act(&AlertAction::Acknowledge, me, at(2_040)).expect("looked at");
        alerts[3].correct(Correction::Unfounded, at(700));
        for n in 5..8 {
            let mut said = entered(n, 12, 10_000 * n as i64);
            said.kind = AlertKind::DeviceSilent { resource: ResourceId(Uuid::from_u128(12)) };
            said.rule = Some(RuleId(Uuid::from_u128(2)));
            let looked = said.event_time + TimeDelta::seconds(10 * n as i64);
            said.act(&AlertAction::Resolve { note: String::new() }, me, looked).expect("dealt with");
            alerts.push(said);
        }
        alerts.push(entered(9, 10, -90_000));
        let noise = noise(alerts.iter(), at(-1));
        let expected = NoiseView {
            source: NoiseSource::Fence(PoiId(Uuid::from_u128(1))),
            topic: AlertTopic::FenceEntered,
            alerts: 4,
            untouched: 3,
            looked_after_secs: Some(40),
            repeats: 1,
            unfounded: 1,
        };
        assert_eq!(noise[0], expected, "of the days looked at: a late correction is nobody's touch");
        assert_eq!(
            noise[1].source,
            NoiseSource::Rule(RuleId(Uuid::from_u128(2))),
            "the rule behind it, not the kind"
        );
        assert_eq!((noise[1].untouched, noise[1].looked_after_secs), (0, Some(60)), "the one in the middle");
        assert_eq!(noise.len(), 2, "whoever is silent makes no noise");
    }
}
