//! A plan as it is shown beside the present day.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::TaskId;
use plan::{DayPlan, Job, Move, Reason, RoutePlan, StopPlan, Worker, compare};
use protocol::view::{
    DeskError, LeftOut, PlanDayView, PlanFigures, PlanLeftOutView, PlanMoveView, PlanStopView, PlanTourView,
    PlanView,
};

use super::run::Kept;

impl Kept {
    /// The whole plan.
    pub fn whole(&self) -> PlanView {
        let all = self.diff.moves.iter().map(|it| it.task).collect();
        self.view(&self.after, &all)
    }

    /// What becomes of it if only these tasks move as planned.
    ///
    /// # Errors
    /// Internal: the plan contradicts itself.
    pub fn partly(&self, chosen: &BTreeSet<TaskId>) -> Result<PlanView, DeskError> {
        Ok(self.view(&self.part(chosen)?, chosen))
    }

    fn view(&self, after: &DayPlan, chosen: &BTreeSet<TaskId>) -> PlanView {
        let diff = compare(&self.problem, &self.before, after);
        let was_kept = |promised: DateTime<Utc>, arrives: Option<DateTime<Utc>>| {
            arrives.is_some_and(|arrives| arrives <= promised)
        };
        let broken = diff.broken_promises.iter().filter(|it| was_kept(it.promised, it.arrives_before));
        PlanView {
            plan: self.number,
            from: self.problem.start,
            made_at: self.made_at,
            is_cancelled: after.is_cancelled,
            source: self.source(&[&self.before, after]),
            days: self.days(after),
            moves: self.diff.moves.iter().map(|it| move_view(it, after, chosen)).collect(),
            left_out: after.unassigned.iter().map(left_out).collect(),
            not_planned: self.not_planned.clone(),
            before: self.figures(&self.before),
            after: self.figures(after),
            broken_promises: broken.map(|it| it.task).collect(),
            mended_promises: diff.mended_promises.iter().map(|it| it.task).collect(),
        }
    }

    fn days(&self, after: &DayPlan) -> Vec<PlanDayView> {
        let locked: BTreeSet<TaskId> =
            self.problem.jobs.iter().filter(|job| job.locked).map(|job| job.id).collect();
        let routes = self.before.routes.iter().zip(&after.routes);
        let day = |(worker, (before, after)): (&Worker, (&RoutePlan, &RoutePlan))| PlanDayView {
            resource: worker.id,
            starts: worker.starts.max(self.problem.start),
            ends: worker.ends,
            before: tour(before, &locked),
            after: tour(after, &locked),
        };
        self.problem.workers.iter().zip(routes).map(day).collect()
    }

    fn figures(&self, plan: &DayPlan) -> PlanFigures {
        let stops = || plan.routes.iter().flat_map(|route| &route.stops);
        let is_left = |job: &&Job| plan.unassigned.iter().any(|left| left.task == job.id);
        let promises = self.problem.jobs.iter().filter(|job| job.promised.is_some());
        let sums = plan.figures;
        PlanFigures {
            drive_secs: sums.drive_secs,
            metres: sums.metres,
            waiting_secs: sums.waiting_secs,
            late_secs: sums.late_secs,
            late_tasks: stops().filter(|stop| stop.late_secs > 0).count() as u32,
            // Where nobody comes, none is kept either.
            broken_promises: sums.broken_promises + promises.filter(is_left).count() as u32,
            overtime_secs: sums.overtime_secs,
            left_out: plan.unassigned.len() as u32,
        }
    }
}

fn tour(route: &RoutePlan, locked: &BTreeSet<TaskId>) -> PlanTourView {
    let stop = |stop: &StopPlan| PlanStopView {
        task: stop.task,
        arrives: stop.arrives,
        starts: stop.starts,
        leaves: stop.leaves,
        drive_secs: stop.drive_secs,
        late_secs: stop.late_secs,
        is_fixed: locked.contains(&stop.task),
    };
    PlanTourView {
        stops: route.stops.iter().map(stop).collect(),
        breaks: route.breaks.iter().map(|rest| (rest.starts, rest.ends)).collect(),
        done_at: (!route.stops.is_empty()).then_some(route.ends),
        drive_secs: route.drive_secs,
        overtime_secs: route.overtime_secs,
    }
}

/// What is chosen arrives as in the part, the rest as in the whole plan.
fn move_view(it: &Move, after: &DayPlan, chosen: &BTreeSet<TaskId>) -> PlanMoveView {
    let is_chosen = chosen.contains(&it.task);
    let in_part = || after.stop(it.task).map(|(_, stop)| stop.arrives);
    PlanMoveView {
        task: it.task,
        from: it.from,
        to: it.to,
        arrives_before: it.arrives_before,
        arrives_after: if is_chosen { in_part() } else { it.arrives_after },
        is_chosen,
    }
}

fn left_out(left: &plan::Unassigned) -> PlanLeftOutView {
    let reason = |reason: &Reason| match *reason {
        Reason::DayFull => LeftOut::DayFull,
        Reason::ShiftTooShort => LeftOut::ShiftTooShort,
        Reason::WindowOutOfReach => LeftOut::WindowOutOfReach,
        Reason::TooMuchToCarry => LeftOut::TooMuchToCarry,
        Reason::NoWay => LeftOut::NoWay,
        Reason::Declined => LeftOut::Declined,
        Reason::NoSkill(skill) => LeftOut::NoSkill { skill },
    };
    PlanLeftOutView { task: left.task, reasons: left.reasons.iter().map(reason).collect() }
}
