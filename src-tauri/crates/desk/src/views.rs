//! Rows as the panels show them, made from everything the desk knows. Pure: a look at the scene, no memory.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::attendance::{Presence, presence};
use domain::bid::{Bid, BidStatus};
use domain::position::PositionState;
use domain::task::Task;
use domain::{AlertId, BidId, PoiId, ResourceId, SkillId, TaskId};
use protocol::entity::EntityKind;
use protocol::view::{AlertView, BidView, DotState, EtaView, InviteeView, ResourceView, TaskView};

use crate::arrivals::{Arrivals, eta_view};
use crate::frames;
use crate::outlook::outlook;
use crate::picture::Picture;
use crate::positions::Positions;
use crate::rows::Rows;
use crate::work::Work;

/// Everything that a view is made of.
pub struct Scene<'a> {
    /// Rows and commands.
    pub picture: &'a Picture,
    /// Who has what to do.
    pub work: &'a Work,
    /// Where people are.
    pub positions: &'a Positions,
    /// When they arrive.
    pub arrivals: &'a Arrivals,
    /// Who is in which fence.
    pub fences: &'a fence::FenceEngine,
    /// The workplace's zone.
    pub zone: Tz,
    /// Now, by the server's clock.
    pub now: DateTime<Utc>,
}

impl Scene<'_> {
    fn rows(&self) -> &Rows {
        self.picture.shown()
    }

    /// What may be said of a resource's place.
    pub fn position(&self, resource: ResourceId) -> PositionState {
        match self.rows().resources.get(&resource) {
            Some(card) => PositionState::of(&card.data, self.positions.fix(resource), self.now),
            None => PositionState::NoFix,
        }
    }

    /// A resource.
    pub fn resource(&self, id: ResourceId) -> Option<ResourceView> {
        let card = self.rows().resources.get(&id)?.data.clone();
        let position = PositionState::of(&card, self.positions.fix(id), self.now);
        let seen = self.work.last_seen(id);
        let shown_fix = self.positions.fix(id).filter(|_| !matches!(position, PositionState::Private { .. }));
        let inside: Vec<PoiId> =
            if position.has_dot() { self.fences.inside(id).collect() } else { Vec::new() };
        let done = self.arrivals.done(id).filter(|_| position.has_dot());
        Some(ResourceView {
            position,
            fix_time: shown_fix.map(|fix| fix.fix_time),
            presence: presence(&card, seen.signed_in, seen.signed_out, self.zone, self.now),
            current_task: self.work.load(id).and_then(|load| load.current),
            open_tasks: self.work.open_tasks(id),
            inside,
            free_at: done.map(|done| done.p50),
            over_shift_secs: done.and_then(|done| done.over_shift_secs).filter(|secs| *secs > 0),
            card,
        })
    }

    /// In, out or late.
    pub fn presence(&self, id: ResourceId) -> Option<Presence> {
        let card = &self.rows().resources.get(&id)?.data;
        let seen = self.work.last_seen(id);
        Some(presence(card, seen.signed_in, seen.signed_out, self.zone, self.now))
    }

    /// A task as it is shown, without its view.
    pub fn task_row(&self, id: TaskId) -> Option<&Task> {
        self.rows().tasks.get(&id).map(|row| &row.data)
    }

    /// A task.
    pub fn task(&self, id: TaskId) -> Option<TaskView> {
        let row = self.rows().tasks.get(&id)?;
        let eta = self.eta(&row.data);
        Some(TaskView {
            promise: outlook(&row.data, eta.as_ref(), self.now),
            eta,
            open_bid: self.work.open_bid(id),
            pending: self.picture.is_pending(EntityKind::Task, id.0),
            attention: self.picture.needs_attention(EntityKind::Task, id.0),
            version: row.version,
            task: row.data.clone(),
        })
    }

    /// The arrival at a task.
    pub fn eta(&self, task: &Task) -> Option<EtaView> {
        let resource = task.resource?;
        eta_view(task, self.position(resource), self.arrivals.at(task.id, resource))
    }

    /// A bid.
    pub fn bid(&self, id: BidId) -> Option<BidView> {
        let row = self.rows().bids.get(&id)?;
        let needed = self.rows().tasks.get(&row.data.task).map(|task| self.needed_skills(&task.data));
        let invitees = row.data.lines.iter().map(|line| self.invitee(&row.data, line.resource, &needed));
        Some(BidView {
            invitees: invitees.collect(),
            pending: self.picture.is_pending(EntityKind::Bid, id.0),
            attention: self.picture.needs_attention(EntityKind::Bid, id.0),
            version: row.version,
            bid: row.data.clone(),
        })
    }

    fn invitee(&self, bid: &Bid, resource: ResourceId, needed: &Option<Vec<SkillId>>) -> InviteeView {
        let card = self.rows().resources.get(&resource).map(|row| &row.data);
        let visible = bid.status == BidStatus::Open && self.position(resource).has_dot();
        let missing = card.zip(needed.as_deref()).map(|(card, needed)| card.missing_skills(needed));
        InviteeView {
            resource,
            drive_secs: self.arrivals.drive_secs(bid.id, resource).filter(|_| visible),
            open_tasks: self.work.open_tasks(resource),
            missing_skills: missing.unwrap_or_default(),
        }
    }

    /// The skills that a task needs: its own and its type's.
    pub fn needed_skills(&self, task: &Task) -> Vec<SkillId> {
        let of_type = task.task_type.and_then(|id| self.rows().task_types.get(&id));
        let mut needed = task.skills.clone();
        needed.extend(of_type.into_iter().flat_map(|row| &row.data.skills).copied());
        let mut seen = std::collections::BTreeSet::new();
        needed.retain(|skill| seen.insert(*skill));
        needed
    }

    /// An alert; without its place as long as whom it is about shares none.
    pub fn alert(&self, id: AlertId) -> Option<AlertView> {
        let mut alert = self.rows().alerts.get(&id)?.data.clone();
        let resource = alert.kind.resource().and_then(|resource| self.rows().resources.get(&resource));
        if resource.is_some_and(|card| card.data.private_since.is_some()) {
            alert.at = None;
        }
        let picture = self.picture;
        Some(AlertView {
            alert,
            pending: picture.is_pending(EntityKind::Alert, id.0),
            attention: picture.needs_attention(EntityKind::Alert, id.0),
        })
    }

    /// How a resource's dot is drawn, if it has one.
    pub fn dot_state(&self, id: ResourceId) -> Option<DotState> {
        let load = self.work.load(id);
        let task = |task: &TaskId| self.rows().tasks.get(task).map(|row| &row.data);
        let current = load.and_then(|load| load.current.as_ref()).and_then(task).map(|task| task.status);
        let ahead = load.into_iter().flat_map(|load| &load.queue).filter_map(task);
        let is_late = ahead.into_iter().any(|task| self.late_secs(task).is_some_and(|secs| secs > 60));
        frames::dot_state(self.position(id), current, is_late)
    }

    /// Seconds past the end of the window at the expected arrival; 0 = in time; `None` = not known.
    pub fn late_secs(&self, task: &Task) -> Option<i64> {
        let arrival = self.arrivals.at(task.id, task.resource?)?;
        arrival.eta.ok().map(|eta| eta.late_by_secs)
    }
}
