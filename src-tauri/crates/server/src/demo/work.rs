//! Today's work: tasks in all stages around now, and bids.

use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::{Bid, BidAnswer, Invitation, Offer};
use domain::resource::Resource;
use domain::task::{Actor, AssignError, Note, Priority, StatusStep, Task, TaskStatus};
use domain::{BidId, ResourceId, TaskId};
use protocol::entity::Entity;
use rand::Rng;

use super::{Demo, text};

/// So many of today's tasks are in each stage; 150 in all.
const STAGES: [(Stage, usize); 14] = [
    (Stage::Draft, 3),
    (Stage::Unassigned, 28),
    (Stage::Assigned, 30),
    (Stage::Acknowledged, 18),
    (Stage::EnRoute, 8),
    (Stage::Arrived, 4),
    (Stage::Working, 9),
    (Stage::Suspended, 2),
    (Stage::Review, 2),
    (Stage::Closed, 36),
    (Stage::NotDone, 3),
    (Stage::Declined, 2),
    (Stage::Canceled, 2),
    (Stage::Bid, 3),
];

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Draft,
    Unassigned,
    Bid,
    Assigned,
    Acknowledged,
    EnRoute,
    Arrived,
    Working,
    Suspended,
    Review,
    Closed,
    NotDone,
    Declined,
    Canceled,
}

impl Stage {
    /// The steps that lead there, from a new task.
    fn steps(self) -> &'static [TaskStatus] {
        use TaskStatus::*;
        match self {
            Stage::Draft | Stage::Unassigned | Stage::Bid | Stage::Assigned => &[],
            Stage::Acknowledged => &[Acknowledged],
            Stage::EnRoute => &[Acknowledged, EnRoute],
            Stage::Arrived => &[Acknowledged, EnRoute, Arrived],
            Stage::Working => &[Acknowledged, EnRoute, Arrived, InProgress],
            Stage::Suspended => &[Acknowledged, EnRoute, Arrived, InProgress, Suspended],
            Stage::Review => &[Acknowledged, EnRoute, Arrived, InProgress, ReadyForReview],
            Stage::Closed => &[Acknowledged, EnRoute, Arrived, InProgress, Closed],
            Stage::NotDone => &[Acknowledged, EnRoute, Arrived, NotDone],
            Stage::Declined => &[Declined],
            Stage::Canceled => &[Canceled],
        }
    }

    /// Somebody has it.
    fn is_given(self) -> bool {
        !matches!(self, Stage::Draft | Stage::Unassigned | Stage::Bid)
    }

    /// At most one such task per person.
    fn is_at_it(self) -> bool {
        matches!(self, Stage::EnRoute | Stage::Arrived | Stage::Working)
    }

    /// Minutes from now to the end of its window: what is done was due before, what is open is due later.
    fn due_minutes(self, demo: &mut Demo) -> i64 {
        match self {
            Stage::Closed | Stage::Review | Stage::NotDone | Stage::Canceled => {
                demo.rng.random_range(-240..-10)
            }
            Stage::EnRoute | Stage::Arrived | Stage::Working | Stage::Suspended => {
                demo.rng.random_range(-10..50)
            }
            Stage::Acknowledged | Stage::Declined | Stage::Bid => demo.rng.random_range(30..180),
            Stage::Draft | Stage::Unassigned | Stage::Assigned => demo.rng.random_range(60..420),
        }
    }
}

impl Demo {
    /// Today's tasks and bids.
    pub(super) fn work(&mut self, cards: &[Resource]) -> Vec<Entity> {
        let mut at_it: Vec<ResourceId> = Vec::new();
        let (mut tasks, mut out_to_bid) = (Vec::new(), Vec::new());
        for (stage, count) in STAGES {
            for _ in 0..count {
                let task = self.task_of_today(stage, cards, &mut at_it);
                if matches!(stage, Stage::Bid) {
                    out_to_bid.push(task.id);
                }
                tasks.push(task);
            }
        }
        let mut rows: Vec<Entity> = tasks.iter().cloned().map(Entity::from).collect();
        let bids: Vec<Bid> =
            out_to_bid.into_iter().filter_map(|task| self.open_bid(task, &tasks, cards)).collect();
        rows.extend(bids.into_iter().map(Entity::from));
        rows
    }

    fn task_of_today(&mut self, stage: Stage, cards: &[Resource], at_it: &mut Vec<ResourceId>) -> Task {
        let due = self.now + TimeDelta::minutes(stage.due_minutes(self));
        let job = self.rng.random_range(0..text::JOBS.len());
        let mut task = self.new_task(job, due);
        if stage == Stage::Draft {
            task.status = TaskStatus::Draft;
        }
        if stage.is_given() {
            let free = |card: &&Resource| card.on_duty && !(stage.is_at_it() && at_it.contains(&card.id));
            let able: Vec<ResourceId> = cards
                .iter()
                .filter(free)
                .filter(|card| card.missing_skills(&task.skills).is_empty())
                .map(|card| card.id)
                .collect();
            if let Some(&resource) = (!able.is_empty()).then(|| self.pick(&able)) {
                at_it.extend(stage.is_at_it().then_some(resource));
                self.carry_on(&mut task, resource, stage);
                self.promised(&mut task);
                self.chosen(&mut task, &able);
            }
        }
        task
    }

    /// A task as the office creates it.
    pub(super) fn new_task(&mut self, job: usize, due: DateTime<Utc>) -> Task {
        self.last_number += 1;
        let (kind, skill) = (self.kinds[job].clone(), text::JOBS[job].skill);
        let title = *self.pick(&text::JOBS[job].titles);
        let place = self.chance(40).then(|| self.rng.random_range(0..self.places.len()));
        let (address, at, poi, customer) = match place {
            Some(index) => {
                let poi = &self.places[index];
                (poi.address.clone(), poi.at, Some(poi.id), poi.name.clone())
            }
            None => {
                let (address, at) = self.street();
                (address, at, None, (*self.pick(&text::CUSTOMERS)).to_owned())
            }
        };
        let created_at = due.min(self.now) - TimeDelta::minutes(self.rng.random_range(90..400));
        let note = self.chance(30).then(|| (*self.pick(&text::NOTES)).to_owned());
        let by = Actor::Office(self.office);
        let window = TimeDelta::minutes(30 * self.rng.random_range(2..6));
        Task {
            id: TaskId(self.id()),
            number: self.last_number,
            title: title.to_owned(),
            description: format!("{} at {customer}. Reported by the customer.", kind.name),
            task_type: Some(kind.id),
            work_order: None,
            at,
            address,
            poi,
            customer,
            resource: None,
            status: TaskStatus::NewTask,
            priority: *self.pick(&[
                Priority::Low,
                Priority::Normal,
                Priority::Normal,
                Priority::Normal,
                Priority::High,
                Priority::Urgent,
            ]),
            skills: vec![self.skills[skill]],
            planned_minutes: kind.planned_minutes,
            window_start: Some(due - window),
            window_end: Some(due),
            load: text::LOADS[job],
            planned_start: None,
            promises: Vec::new(),
            choices: Vec::new(),
            timeline: vec![StatusStep { status: TaskStatus::NewTask, at: created_at, by, reason: None }],
            notes: note.map(|text| Note { at: created_at, by, text }).into_iter().collect(),
            created_at,
        }
    }

    /// Gives the task to somebody and takes it as far as `stage`, by the same rules as everybody else.
    pub(super) fn carry_on(&mut self, task: &mut Task, resource: ResourceId, stage: Stage) {
        let (office, field) = (Actor::Office(self.office), Actor::Field(resource));
        let end = task.window_end.map_or(self.now, |due| due.min(self.now))
            - TimeDelta::minutes(self.rng.random_range(1..6));
        let mut at = end - TimeDelta::minutes(12 * stage.steps().len() as i64 + self.rng.random_range(0..10));
        at = at.max(task.created_at + TimeDelta::minutes(3));
        let assigned: Result<(), AssignError> = task.assign(Some(resource), at, office);
        debug_assert!(assigned.is_ok(), "a new task can be assigned");
        for &status in stage.steps() {
            at = (at + TimeDelta::minutes(self.rng.random_range(4..14))).min(end);
            let by = if status == TaskStatus::Canceled { office } else { field };
            let reason = matches!(status, TaskStatus::NotDone | TaskStatus::Declined)
                .then(|| (*self.pick(&text::REASONS)).to_owned());
            let taken = task.advance(StatusStep { status, at, by, reason });
            debug_assert!(taken.is_ok(), "{status:?} follows");
        }
    }

    fn open_bid(&mut self, task: TaskId, tasks: &[Task], cards: &[Resource]) -> Option<Bid> {
        let skill =
            tasks.iter().find(|known| known.id == task).and_then(|task| task.skills.first().copied())?;
        let able = cards.iter().filter(|card| card.on_duty && card.skills.contains(&skill));
        let invite: Vec<ResourceId> = able.map(|card| card.id).take(7).collect();
        let deadline = self.now + TimeDelta::minutes(self.rng.random_range(25..90));
        let invitation = Invitation { id: BidId(self.id()), task, invite: invite.clone(), deadline };
        let mut bid = Bid::open(invitation, self.office, self.ago(22)).ok()?;
        for (place, resource) in invite.into_iter().enumerate() {
            self.answer(&mut bid, resource, place);
        }
        Some(bid)
    }

    /// Most answer, some say no, some have only looked, one has not even done that.
    pub(super) fn answer(&mut self, bid: &mut Bid, resource: ResourceId, place: usize) {
        let at = bid.created_at + TimeDelta::seconds(self.rng.random_range(60..900));
        let offer = Offer {
            eta_secs: Some(self.rng.random_range(4..40) * 60),
            price_minor: Some(self.rng.random_range(8..24) * 500),
            comment: (*self.pick(&[
                "",
                "",
                "Just around the corner",
                "After my current job",
                "Have the part in the van",
            ]))
            .to_owned(),
        };
        let answer = match place % 5 {
            0 | 1 | 3 => BidAnswer::Bid(offer),
            2 => BidAnswer::Declined,
            _ if place > 5 => return,
            _ => BidAnswer::Seen,
        };
        let taken = bid.answer(resource, answer, at);
        debug_assert!(taken.is_ok(), "an open bid takes answers");
    }
}
