//! Resources: who does the work, their cards, profiles, groups and skills.

use chrono::{DateTime, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::position::Trigger;
use crate::travel::TravelMode;
use crate::{GroupId, LonLat, ProfileId, ResourceId, SkillId};

/// A resource with its card, as the office sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Identity.
    pub id: ResourceId,
    /// Full name, or a vehicle's call sign.
    pub name: String,
    /// The company's own number for the person.
    pub employee_number: String,
    /// The group (team) it belongs to.
    pub group: GroupId,
    /// Phone number (MSISDN), masked for roles that may not read it.
    pub phone: String,
    /// E-mail, masked like the phone.
    pub email: String,
    /// What the resource is able to do.
    pub skills: Vec<SkillId>,
    /// Planned hours; empty means none are known.
    pub working_hours: Vec<WorkingHours>,
    /// Breaks of each shift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<BreakRule>,
    /// How much load it can take at a time, in the company's own units; `None`: as much as comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// By what it travels.
    #[serde(default)]
    pub travels: TravelMode,
    /// Language of the mobile app (`UILanguage` of the contract).
    pub ui_language: String,
    /// What the mobile app may do and collect.
    pub profile: ProfileId,
    /// Where the resource starts and ends the day.
    pub home: Option<LonLat>,
    /// Signed in and not yet out.
    pub on_duty: bool,
    /// Set while the resource has location sharing switched off.
    pub private_since: Option<DateTime<Utc>>,
    /// When the server last heard from the device.
    pub last_heard: Option<DateTime<Utc>>,
    /// What the device last said of its battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<Battery>,
    /// A disabled card can't use the app; its device wipes itself.
    pub disabled: bool,
}

/// A device's battery, as it was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Battery {
    /// What is left, per cent.
    pub percent: u8,
    /// When it was reported.
    pub at: DateTime<Utc>,
}

impl Resource {
    /// The skills of `needed` that this resource lacks, in the order given.
    pub fn missing_skills(&self, needed: &[SkillId]) -> Vec<SkillId> {
        needed.iter().copied().filter(|skill| !self.skills.contains(skill)).collect()
    }
}

/// Planned hours of one weekday in the company's zone; `ends ≤ starts` means over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHours {
    /// The day the shift starts on.
    pub weekday: Weekday,
    /// Local start.
    pub starts: NaiveTime,
    /// Local end.
    pub ends: NaiveTime,
}

/// A break of every shift, in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakRule {
    /// Begins not earlier.
    pub from: NaiveTime,
    /// Begins not later.
    pub to: NaiveTime,
    /// Takes so many minutes.
    pub minutes: u16,
}

/// A team of resources under one supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Identity.
    pub id: GroupId,
    /// Its name.
    pub name: String,
}

/// Something a resource is able to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Identity.
    pub id: SkillId,
    /// Its name.
    pub name: String,
}

/// What a resource's mobile app may do and which data it collects; sent at activation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Identity.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// The occasions on which the app reports its location.
    pub location_triggers: Vec<Trigger>,
    /// Seconds between live-tracking fixes; `None` means no live tracking.
    pub live_tracking_secs: Option<u32>,
    /// Whether the person may switch location sharing off.
    pub privacy_allowed: bool,
}

impl Profile {
    /// Whether the app reports its location on `trigger`.
    pub fn reports_on(&self, trigger: Trigger) -> bool {
        match trigger {
            Trigger::LiveTracking => self.live_tracking_secs.is_some(),
            // Whoever asks for help wants to be found.
            Trigger::Sos => true,
            Trigger::TaskEntry
            | Trigger::AttendanceEntry
            | Trigger::BidResponse
            | Trigger::FormFilled
            | Trigger::LocationRequest
            | Trigger::AppOpened
            | Trigger::FullSync => self.location_triggers.contains(&trigger),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    /// A resource off duty with nothing unusual about it.
    pub(crate) fn resource(name: &str) -> Resource {
        Resource {
            id: ResourceId(Uuid::from_u128(1)),
            name: name.to_owned(),
            employee_number: "1".to_owned(),
            group: GroupId(Uuid::from_u128(2)),
            phone: String::new(),
            email: String::new(),
            skills: vec![SkillId(Uuid::from_u128(7))],
            working_hours: Vec::new(),
            breaks: Vec::new(),
            capacity: None,
            travels: TravelMode::Car,
            ui_language: "en".to_owned(),
            profile: ProfileId(Uuid::from_u128(3)),
            home: None,
            on_duty: false,
            private_since: None,
            last_heard: None,
            battery: None,
            disabled: false,
        }
    }

    #[test]
    fn missing_skills_are_named_in_the_order_asked() {
        let (has, lacks, lacks_too) = (Uuid::from_u128(7), Uuid::from_u128(9), Uuid::from_u128(8));
        let needed = [lacks.into(), has.into(), lacks_too.into()];
        assert_eq!(
            resource("Ana").missing_skills(&needed),
            [lacks.into(), lacks_too.into()],
            "only what is missing"
        );
    }

    #[test]
    fn live_tracking_is_a_profile_option_on_top_of_the_seven() {
        let profile = Profile {
            id: ProfileId(Uuid::from_u128(1)),
            name: "office".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: None,
            privacy_allowed: true,
        };
        assert!(Trigger::SEVEN.iter().all(|&trigger| profile.reports_on(trigger)), "all seven report");
        assert!(!profile.reports_on(Trigger::LiveTracking), "live tracking is off unless the profile has it");
    }
}
