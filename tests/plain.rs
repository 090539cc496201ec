//! Rows with nothing unusual about them; a story names what matters to it.

use domain::resource::Resource;
use domain::task::Priority;
use domain::{GroupId, LonLat, ProfileId, ResourceId, TaskId};
use protocol::wire::TaskDraft;

/// Somebody off duty, of no skills, who shares their location.
pub fn card(id: ResourceId, name: &str, phone: &str, (group, profile): (GroupId, ProfileId)) -> Resource {
    Resource {
        id,
        name: name.to_owned(),
        employee_number: "7".to_owned(),
        group,
        phone: phone.to_owned(),
        email: "someone@example.com".to_owned(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "fr".to_owned(),
        profile,
        home: None,
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

/// Half an hour's work in the old town of Monaco.
pub fn draft(id: TaskId, title: &str) -> TaskDraft {
    TaskDraft {
        id,
        title: title.to_owned(),
        description: String::new(),
        task_type: None,
        at: LonLat::from_e7(74_246_000, 437_384_000),
        address: "Place du Palais".to_owned(),
        poi: None,
        customer: String::new(),
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: None,
        load: 0,
    }
}
