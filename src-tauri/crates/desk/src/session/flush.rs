//! From what may have changed to what the front ends are told.

use chrono::{DateTime, Utc};
use domain::bid::BidStatus;
use domain::{AlertId, BidId, GroupId, PoiId, ResourceId, RuleId, SkillId, TaskId};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{ConnectionState, RemovedRows, TaskView, ViewEvent, WorkingSet};

use super::{Out, Session};
use crate::DeskStatus;
use crate::arrivals::worth_telling;
use crate::lines::{Unseen, unseen};
use crate::outlook::outlook;
use crate::picture::Key;
use crate::sent::Changes;
use crate::work::Work;

/// Tasks whose arrivals alone are looked at between two ticks: more take the loop too long.
const ARRIVALS_AT_A_TIME: usize = 400;
/// And people who have only moved, or have not moved for a while.
const PEOPLE_AT_A_TIME: usize = 200;

impl Session {
    /// Tells what has changed since the last call. Cheap when nothing has.
    pub fn flush(&mut self, now: DateTime<Utc>) {
        self.look_at_work(now);
        self.ask_ways(now);
        let moved = self.moved_arrivals(now);
        let people = self.dirty.people.take(PEOPLE_AT_A_TIME);
        let (rows, bids) = (std::mem::take(&mut self.dirty.rows), std::mem::take(&mut self.dirty.bids));
        let mut resources = std::mem::take(&mut self.dirty.resources);
        let mut tasks = std::mem::take(&mut self.dirty.tasks);
        resources.extend(people);
        tasks.extend(moved);
        let (at, mut changes) = (self.at_server(now), Changes::default());
        self.announcer.is_touched |= rows.iter().any(|(kind, _)| *kind == EntityKind::Alert);
        for key in &rows {
            self.add_row(*key, now, &mut changes);
        }
        for id in resources {
            let view = self.scene(now).resource(id);
            self.sent.resource(id, view, at, &mut changes);
        }
        for id in tasks {
            let view = self.task_view(id, now);
            self.sent.task(id, view, &mut changes);
        }
        for id in bids {
            let view = self.scene(now).bid(id);
            self.sent.bid(id, view, &mut changes);
        }
        let (has_changed, has_removed) = (changes.has_changed(), changes.has_removed());
        if has_changed {
            self.tell(ViewEvent::Changed(Box::new(changes.changed)));
        }
        if has_removed {
            self.tell(ViewEvent::Removed(changes.removed));
        }
        if self.announcer.is_touched && self.announcer.looks.may(now, self.picture.shown().alerts.len()) {
            self.announcer.is_touched = false;
            self.settle_bubbles();
            self.look_at_status(now);
        }
    }

    /// Work is looked at anew when tasks, bids or attendance have changed, and with it everybody who has something else to do now.
    fn look_at_work(&mut self, now: DateTime<Utc>) {
        let is_work =
            |(kind, _): &Key| matches!(kind, EntityKind::Task | EntityKind::Bid | EntityKind::Attendance);
        if !self.dirty.rows.iter().any(is_work) {
            return;
        }
        let before = std::mem::replace(&mut self.work, Work::of(self.picture.shown()));
        let mut concerned = self.work.changed(&before);
        let changed = self.dirty.rows.iter().filter(|(kind, _)| *kind == EntityKind::Task);
        let tasks = changed.filter_map(|(_, id)| self.picture.shown().tasks.get(&TaskId(*id)));
        concerned.extend(tasks.filter_map(|row| row.data.resource));
        self.dirty.resources.extend(&concerned);
        self.dirty.ways.extend(&concerned);
        let open = self.picture.shown().bids.values().filter(|row| row.data.status == BidStatus::Open);
        self.dirty.bids.extend(open.map(|row| row.data.id));
        concerned.into_iter().for_each(|resource| self.look_at_dot(resource, now));
    }

    /// Of those tasks of which only the arrival may look different, the ones where it does.
    fn moved_arrivals(&mut self, now: DateTime<Utc>) -> Vec<TaskId> {
        let mut moved = Vec::new();
        for id in self.dirty.arrivals.take(ARRIVALS_AT_A_TIME) {
            let scene = self.scene(now);
            let (Some(task), Some(told)) = (scene.task_row(id), self.sent.shown_task(id)) else { continue };
            let eta = worth_telling(told.eta.as_ref(), scene.eta(task), scene.now);
            if eta != told.eta || outlook(task, eta.as_ref(), scene.now) != told.promise {
                moved.push(id);
            }
        }
        moved
    }

    /// A task's view, with its old number of arrival while the new one is not worth telling.
    fn task_view(&self, id: TaskId, now: DateTime<Utc>) -> Option<TaskView> {
        let scene = self.scene(now);
        let mut view = scene.task(id)?;
        let told = self.sent.shown_task(id).filter(|told| told.task.resource == view.task.resource);
        view.eta = worth_telling(told.and_then(|told| told.eta.as_ref()), view.eta, scene.now);
        view.promise = outlook(&view.task, view.eta.as_ref(), scene.now);
        Some(view)
    }

    fn add_row(&mut self, (kind, id): Key, now: DateTime<Utc>, changes: &mut Changes) {
        if kind == EntityKind::Alert {
            let view = self.scene(now).alert(AlertId(id));
            return self.sent.alert(AlertId(id), view, changes);
        }
        match self.picture.shown().get(kind, id) {
            Some((_, entity)) => add_plain(entity, &mut changes.changed),
            None => remove_plain((kind, id), &mut changes.removed),
        }
    }

    /// Everything, as a newcomer needs it; also what differences are told against from now on.
    pub(super) fn whole_picture(&mut self, now: DateTime<Utc>) -> WorkingSet {
        let (at, mut changes) = (self.at_server(now), Changes::default());
        let resources: Vec<ResourceId> = self.picture.shown().resources.keys().copied().collect();
        for id in resources {
            let view = self.scene(now).resource(id);
            self.sent.resource(id, view, at, &mut changes);
        }
        let tasks: Vec<TaskId> = self.picture.shown().tasks.keys().copied().collect();
        for id in tasks {
            let view = self.task_view(id, now);
            self.sent.task(id, view, &mut changes);
        }
        let bids: Vec<BidId> = self.picture.shown().bids.keys().copied().collect();
        for id in bids {
            let view = self.scene(now).bid(id);
            self.sent.bid(id, view, &mut changes);
        }
        let alerts: Vec<AlertId> = self.picture.shown().alerts.keys().copied().collect();
        for id in alerts {
            let view = self.scene(now).alert(id);
            self.sent.alert(id, view, &mut changes);
        }
        self.told_picture()
    }

    /// What the front ends have been told so far, for one that comes later.
    pub fn told_picture(&self) -> WorkingSet {
        let rows = self.picture.shown();
        let mut set = WorkingSet {
            groups: rows.groups.values().map(|row| row.data.clone()).collect(),
            skills: rows.skills.values().map(|row| row.data.clone()).collect(),
            task_types: rows.task_types.values().map(|row| row.data.clone()).collect(),
            users: rows.users.values().map(|row| row.data.clone()).collect(),
            forms: rows.forms.values().map(|row| row.data.clone()).collect(),
            pois: rows.pois.values().map(|row| row.data.clone()).collect(),
            rules: rows.rules.values().map(|row| row.data.clone()).collect(),
            submissions: rows.submissions.values().map(|row| row.data.clone()).collect(),
            ..WorkingSet::default()
        };
        self.sent.add_to(&mut set);
        set
    }

    /// Counts the lines of the alert list that nobody has looked at.
    pub(super) fn look_at_status(&mut self, now: DateTime<Utc>) {
        let alerts = self.picture.shown().alerts.values().map(|row| &row.data);
        let Unseen { lines, critical } = unseen(alerts, self.at_server(now));
        self.tell_status(DeskStatus { unseen: lines, critical, ..self.status });
    }

    /// Tells how it looks at a glance, when that has changed.
    pub(super) fn tell_status(&mut self, status: DeskStatus) {
        let is_offline =
            matches!(self.freshness.state, ConnectionState::Offline { .. } | ConnectionState::SignInAgain);
        let status = DeskStatus { is_offline, ..status };
        if status != self.status {
            self.status = status;
            self.out.push(Out::Status(status));
        }
    }
}

/// Rows that are told as they are; the others have views.
fn add_plain(entity: Entity, set: &mut WorkingSet) {
    match entity {
        Entity::Group(row) => set.groups.push(row),
        Entity::Skill(row) => set.skills.push(row),
        Entity::TaskType(row) => set.task_types.push(row),
        Entity::User(row) => set.users.push(row),
        Entity::Form(row) => set.forms.push(row),
        Entity::Poi(row) => set.pois.push(row),
        Entity::Rule(row) => set.rules.push(row),
        Entity::Submission(row) => set.submissions.push(row),
        Entity::Company(_)
        | Entity::Profile(_)
        | Entity::Resource(_)
        | Entity::Task(_)
        | Entity::Bid(_)
        | Entity::Attendance(_)
        | Entity::Alert(_) => {}
    }
}

fn remove_plain((kind, id): Key, removed: &mut RemovedRows) {
    match kind {
        EntityKind::Group => removed.groups.push(GroupId(id)),
        EntityKind::Skill => removed.skills.push(SkillId(id)),
        EntityKind::Poi => removed.pois.push(PoiId(id)),
        EntityKind::Rule => removed.rules.push(RuleId(id)),
        EntityKind::Company
        | EntityKind::User
        | EntityKind::Profile
        | EntityKind::Resource
        | EntityKind::TaskType
        | EntityKind::Task
        | EntityKind::Bid
        | EntityKind::Attendance
        | EntityKind::Form
        | EntityKind::Submission
        | EntityKind::Alert => {}
    }
}
