//! What is so because time has passed: silent devices, low batteries, stays on site that are too long.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ResourceId;
use domain::alert::AlertKind;
use domain::rule::Condition;

use crate::device::SAME_LOW;
use crate::ids::{alert_id, millis};
use crate::measure::TaskState;
use crate::person::Person;
use crate::rules::{Prepared, RuleSet};
use crate::said::{Raw, Said};

type Somebody<'a> = (ResourceId, &'a mut Person);

/// Batteries that are low and have not been said to be.
pub(crate) fn batteries(
    (resource, person): Somebody<'_>,
    rules: &RuleSet,
    said: &Said,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<Raw> {
    let mut raws = Vec::new();
    if person.track.is_none() {
        return raws;
    }
    for slot in person.applies.clone() {
        let prepared = rules.at(slot);
        let Condition::BatteryLow { below_percent } = prepared.rule.condition else { continue };
        let Some((low, first_look)) = person.device.low(slot, below_percent) else { continue };
        let rule = prepared.rule.id;
        let kind = AlertKind::BatteryLow { resource, percent: low.percent };
        if first_look && said.has(rule, &kind, low.at - SAME_LOW) {
            person.device.said_low(slot);
        } else if now - low.at >= prepared.need().lasts && prepared.speaks(now, zone) {
            person.device.said_low(slot);
            let about: [&[u8]; 3] = [rule.0.as_bytes(), resource.0.as_bytes(), &millis(low.at)];
            raws.push(raw("battery", &about, kind, low.at, prepared));
        }
    }
    raws
}

/// Devices that have been silent for too long and have not been said to be.
pub(crate) fn silences(
    (resource, person): Somebody<'_>,
    rules: &RuleSet,
    said: &Said,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<Raw> {
    let mut raws = Vec::new();
    for slot in person.applies.clone() {
        let prepared = rules.at(slot);
        let Condition::DeviceSilent { minutes } = prepared.rule.condition else { continue };
        let lasts = TimeDelta::minutes(i64::from(minutes)) + prepared.need().lasts;
        let Some(heard) = person.device.silent(slot, lasts, now) else { continue };
        let kind = AlertKind::DeviceSilent { resource };
        if said.has(prepared.rule.id, &kind, heard) {
            // Said by somebody who knows better when it was heard.
            person.device.said_silent(slot, heard);
        } else if prepared.speaks(now, zone) {
            person.device.said_silent(slot, heard);
            let about: [&[u8]; 3] = [prepared.rule.id.0.as_bytes(), resource.0.as_bytes(), &millis(heard)];
            raws.push(raw("silent", &about, kind, heard + lasts, prepared));
        }
    }
    raws
}

/// Tasks at which somebody is for longer than planned and the rule's minutes on top.
pub(crate) fn overstays(
    (resource, person): (ResourceId, &Person),
    rules: &RuleSet,
    tasks: &[TaskState],
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<Raw> {
    let mut raws = Vec::new();
    for task in tasks {
        let Some(since) = task.on_site else { continue };
        for slot in &person.applies {
            let prepared = rules.at(*slot);
            let Condition::StoppedOnTask { .. } = prepared.rule.condition else { continue };
            let due = since + task.planned + prepared.need().lasts;
            if now >= due && prepared.speaks(due, zone) {
                let minutes = u32::try_from((now - since).num_minutes()).unwrap_or(u32::MAX);
                let kind = AlertKind::StoppedOnTask { resource, task: task.id, minutes };
                let about: [&[u8]; 3] = [prepared.rule.id.0.as_bytes(), task.id.0.as_bytes(), &millis(since)];
                raws.push(Raw { at: Some(task.at), ..raw("overstay", &about, kind, due, prepared) });
            }
        }
    }
    raws
}

fn raw(what: &str, about: &[&[u8]], kind: AlertKind, event_time: DateTime<Utc>, prepared: &Prepared) -> Raw {
    let (severity, rule) = (prepared.rule.policy.severity, Some(prepared.rule.id));
    Raw { id: alert_id(what, about), kind, severity, event_time, at: None, rule }
}
