//! Which fields of a task differ between before, mine and theirs. What they say in words is told by whoever shows them.

use protocol::wire::{TaskDraft, TaskField};

/// All fields, in the order of the form.
const FIELDS: [TaskField; 13] = [
    TaskField::Title,
    TaskField::TaskType,
    TaskField::Poi,
    TaskField::At,
    TaskField::Address,
    TaskField::Customer,
    TaskField::Priority,
    TaskField::PlannedMinutes,
    TaskField::WindowStart,
    TaskField::WindowEnd,
    TaskField::Skills,
    TaskField::Load,
    TaskField::Description,
];

/// Who changed a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Both, to different values: somebody has to choose.
    Clash,
    /// Both, to the same value.
    Same,
    /// Only this desk.
    Mine,
    /// Only others.
    Theirs,
    /// Nobody.
    Nobody,
}

impl Changed {
    /// As the style sheet and the stories know it.
    pub fn name(self) -> &'static str {
        match self {
            Changed::Clash => "clash",
            Changed::Same => "same",
            Changed::Mine => "mine",
            Changed::Theirs => "theirs",
            Changed::Nobody => "nobody",
        }
    }
}

/// Every field with who changed it. What clashes is the server's rule, so it is given.
pub fn changes(
    base: &TaskDraft,
    mine: &TaskDraft,
    theirs: &TaskDraft,
    clashes: &[TaskField],
) -> Vec<(TaskField, Changed)> {
    let changed = |field| {
        changed_by(clashes.contains(&field), is_same(field, base, mine), is_same(field, base, theirs))
    };
    FIELDS.into_iter().map(|field| (field, changed(field))).collect()
}

/// Who changed a field that `clashes`, or is as it was here (`mine_same`) or there (`theirs_same`).
pub(super) fn changed_by(clashes: bool, mine_same: bool, theirs_same: bool) -> Changed {
    match (mine_same, theirs_same) {
        _ if clashes => Changed::Clash,
        (false, false) => Changed::Same,
        (false, true) => Changed::Mine,
        (true, false) => Changed::Theirs,
        (true, true) => Changed::Nobody,
    }
}

fn is_same(field: TaskField, a: &TaskDraft, b: &TaskDraft) -> bool {
    match field {
        TaskField::Title => a.title == b.title,
        TaskField::Description => a.description == b.description,
        TaskField::TaskType => a.task_type == b.task_type,
        // Numbers that travel as text may be read a hair off.
        TaskField::At => a.at.is_within(b.at, 0.001),
        TaskField::Address => a.address == b.address,
        TaskField::Poi => a.poi == b.poi,
        TaskField::Customer => a.customer == b.customer,
        TaskField::Priority => a.priority == b.priority,
        TaskField::Skills => a.skills == b.skills,
        TaskField::PlannedMinutes => a.planned_minutes == b.planned_minutes,
        TaskField::WindowStart => a.window_start == b.window_start,
        TaskField::WindowEnd => a.window_end == b.window_end,
        TaskField::Load => a.load == b.load,
    }
}

#[cfg(test)]
mod tests {
    use domain::LonLat;
    use domain::task::Priority;

    use super::*;

    fn draft(title: &str, minutes: u32, customer: &str) -> TaskDraft {
        TaskDraft {
            id: uuid::Uuid::from_u128(1).into(),
            title: title.to_owned(),
            description: String::new(),
            task_type: None,
            at: LonLat::new(7.42, 43.73).expect("a coordinate"),
            address: String::new(),
            poi: None,
            customer: customer.to_owned(),
            priority: Priority::Normal,
            skills: Vec::new(),
            planned_minutes: minutes,
            window_start: None,
            window_end: None,
            load: 0,
        }
    }

    #[test]
    fn every_field_tells_who_changed_it_and_clashes_are_the_servers_word() {
        let base = draft("Lift", 30, "Hercule");
        let (mine, theirs) = (draft("Lift stuck", 45, "Port"), draft("Lift, urgent", 30, "Port"));
        let (_, clashes) = mine.merge(&base, &theirs);
        let found = changes(&base, &mine, &theirs, &clashes);
        let of = |field| found.iter().find(|(known, _)| *known == field).map(|(_, changed)| *changed);
        assert_eq!(of(TaskField::Title), Some(Changed::Clash), "both gave it another title");
        assert_eq!(of(TaskField::PlannedMinutes), Some(Changed::Mine), "only this desk");
        assert_eq!(of(TaskField::Customer), Some(Changed::Same), "both wrote the same");
        assert_eq!(of(TaskField::Priority), Some(Changed::Nobody), "untouched");
        let turned = changes(&base, &base, &theirs, &[]);
        assert!(turned.contains(&(TaskField::Title, Changed::Theirs)), "only others: {turned:?}");
    }

    #[test]
    fn no_field_of_the_draft_is_left_out() {
        let value = serde_json::to_value(draft("Lift", 30, "Hercule")).expect("a draft is JSON");
        let names = value.as_object().expect("an object").keys().filter(|key| *key != "id").count();
        assert_eq!(FIELDS.len(), names, "a field that is not compared could clash unseen");
    }
}
