//! The company's location rules beside those that every company begins with, and fences that are more than a line on the map.

use chrono::{NaiveTime, Weekday};
use domain::RuleId;
use domain::access::Role;
use domain::alert::Severity;
use domain::place::{Fence, FenceColor};
use domain::resource::WorkingHours;
use domain::rule::{AlertPolicy, Audience, Condition, LocationRule, RuleScope, RuleTarget};
use domain::schedule::Schedule;
use protocol::entity::Entity;

use super::Demo;

/// Who stands still for so long on the way to a task may need help, minutes.
const STOPPED_MINUTES: u32 = 5;
/// Demo people drive three times as fast as real ones: this is about sixty to them.
const LIMIT_KMH: u16 = 190;
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

impl Demo {
    /// The rules.
    pub(super) fn rules(&mut self) -> Vec<Entity> {
        let (warning, info) = (AlertPolicy::of(Severity::Warning), AlertPolicy::of(Severity::Info));
        let stopped = Condition::StoppedOnTask { minutes: STOPPED_MINUTES };
        let arriving = Condition::Near { target: RuleTarget::OwnTask, within_m: 150 };
        let fast = Condition::Speeding { limit_kmh: LIMIT_KMH };
        let mut almost_there = self.rule("Almost there", arriving, 0, info.clone());
        // One team tells its customers that somebody is about to ring.
        almost_there.scope.groups = self.groups.iter().take(1).map(|group| group.id).collect();
        let stopped = self.rule("Stopped on the way", stopped, 0, warning);
        let fast = self.rule("Too fast", fast, 5, info);
        vec![stopped.into(), almost_there.into(), fast.into()]
    }

    /// Fences with a colour and a delivery of their own.
    pub(super) fn mark_special_fences(&mut self) {
        for place in &mut self.places {
            let Some(fence) = &mut place.fence else { continue };
            match place.name.as_str() {
                "Casino de Monte-Carlo" => quiet_by_day(fence),
                "Heliport Fontvieille" => no_short_cut(fence),
                _ => {}
            }
        }
    }

    fn rule(
        &mut self,
        name: &str,
        condition: Condition,
        min_duration_secs: u32,
        policy: AlertPolicy,
    ) -> LocationRule {
        LocationRule {
            id: RuleId(self.id()),
            name: name.to_owned(),
            enabled: true,
            condition,
            scope: RuleScope::default(),
            schedule: Schedule::default(),
            min_duration_secs,
            policy,
        }
    }
}

/// By day people work at the casino; who comes at night is worth a look at once.
fn quiet_by_day(fence: &mut Fence) {
    let night = |weekday| WorkingHours { weekday, starts: at_hour(18), ends: at_hour(6) };
    fence.schedule = Schedule { hours: WEEK.map(night).to_vec() };
    fence.color = FenceColor::Red;
    let audience = Audience { roles: vec![Role::Dispatcher, Role::Supervisor], users: Vec::new() };
    fence.policy = Some(AlertPolicy { audience, ..AlertPolicy::of(Severity::Critical) });
}

/// Who only drives through is told, too, and what nobody looks at gets worse.
fn no_short_cut(fence: &mut Fence) {
    fence.color = FenceColor::Pink;
    fence.on_crossed = true;
    fence.policy = Some(AlertPolicy { escalate_after_secs: Some(300), ..AlertPolicy::of(Severity::Warning) });
}

fn at_hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)
}
