//! Names of everything about day plans, promises kept and travel times.

use domain::task::PromiseState;
use domain::travel::RoadClass;
use protocol::view::{EngineFault, EngineKind, LeftOut, NotPlanned};

use super::{kebab, t, t_dyn, tf};
use crate::state::plan::Figure;

/// A figure of a day.
pub fn figure_text(figure: Figure) -> &'static str {
    match figure {
        Figure::Drive => t("plan-figure-drive"),
        Figure::Way => t("plan-figure-way"),
        Figure::Waiting => t("plan-figure-waiting"),
        Figure::LateTasks => t("plan-figure-late-tasks"),
        Figure::Lateness => t("plan-figure-lateness"),
        Figure::BrokenPromises => t("plan-figure-broken-promises"),
        Figure::Overtime => t("plan-figure-overtime"),
        Figure::LeftOut => t("plan-figure-left-out"),
    }
}

/// What is in the way of a task; `skill` is the name of the one that nobody has.
pub fn left_out_text(because: LeftOut, skill: &str) -> String {
    match because {
        LeftOut::DayFull => t("left-out-day-full").to_owned(),
        LeftOut::ShiftTooShort => t("left-out-shift-too-short").to_owned(),
        LeftOut::WindowOutOfReach => t("left-out-window").to_owned(),
        LeftOut::TooMuchToCarry => t("left-out-too-much").to_owned(),
        LeftOut::NoWay => t("left-out-no-way").to_owned(),
        LeftOut::Declined => t("left-out-declined").to_owned(),
        LeftOut::NoSkill { .. } => tf("left-out-no-skill", &[("skill", skill)]),
    }
}

/// Why somebody can't be planned.
pub fn not_planned_text(why: NotPlanned) -> &'static str {
    match why {
        NotPlanned::Private => t("not-planned-private"),
        NotPlanned::NoLocation => t("not-planned-no-location"),
        NotPlanned::NoShift => t("not-planned-no-shift"),
        NotPlanned::SignedOut => t("not-planned-signed-out"),
    }
}

/// What became of a promise.
pub fn promise_state_text(state: PromiseState) -> &'static str {
    match state {
        PromiseState::Open => t("promise-state-open"),
        PromiseState::Kept { .. } => t("promise-state-kept"),
        PromiseState::Broken { .. } => t("promise-state-broken"),
        PromiseState::Replaced { .. } => t("promise-state-replaced"),
        PromiseState::Void { .. } => t("promise-state-void"),
    }
}

/// The same for style sheets and tests.
pub fn promise_state_name(state: PromiseState) -> &'static str {
    match state {
        PromiseState::Open => "open",
        PromiseState::Kept { .. } => "kept",
        PromiseState::Broken { .. } => "broken",
        PromiseState::Replaced { .. } => "replaced",
        PromiseState::Void { .. } => "void",
    }
}

/// What is asked for travel times.
pub fn engine_text(kind: EngineKind) -> &'static str {
    match kind {
        EngineKind::Roads => t("engine-roads"),
        EngineKind::Osrm => t("engine-osrm"),
        EngineKind::Valhalla => t("engine-valhalla"),
    }
}

/// What is wrong with an engine, and what can be done.
pub fn engine_fault_text(fault: EngineFault) -> String {
    match fault {
        EngineFault::Unreachable => t("engine-unreachable").to_owned(),
        EngineFault::TimedOut => t("engine-timed-out").to_owned(),
        EngineFault::Status(code) => tf("engine-status", &[("code", &code.to_string())]),
        EngineFault::Nonsense => t("engine-nonsense").to_owned(),
        EngineFault::Address => t("engine-address").to_owned(),
    }
}

/// A class of roads.
pub fn road_class_text(class: RoadClass) -> String {
    t_dyn(&format!("road-{}", kebab(&format!("{class:?}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_roads_has_a_name() {
        for class in RoadClass::ALL {
            assert!(!road_class_text(class).starts_with("road-"), "{class:?} has no text");
        }
    }

    #[test]
    fn what_is_in_the_way_is_said_with_its_value() {
        let skill = LeftOut::NoSkill { skill: domain::SkillId(uuid::Uuid::nil()) };
        assert!(left_out_text(skill, "Welding").contains("Welding"), "the skill by its name");
        assert!(engine_fault_text(EngineFault::Status(503)).contains("503"), "the server's own number");
    }
}
