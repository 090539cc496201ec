//! An office without a server: what phones are sent, and honest answers to what they send.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::AttendanceKind;
use domain::bid::{Bid, Invitation};
use domain::entry::{Entry, EntryBody};
use domain::form::{FieldKind, FormDefinition, FormField};
use domain::position::{Fix, Trigger};
use domain::resource::{Profile, Resource};
use domain::task::{Actor, Priority, StatusStep, Task, TaskStatus};
use domain::*;
use eta::Route;
use field::{Answer, Handset, Plan, Roads, Shifts, Upload, Worker, straight_way};
use protocol::field::{EntriesResponse, EntryOutcome, EntryRefusal, FieldSync, PositionsAccepted};
use uuid::Uuid;

pub const ANA: ResourceId = ResourceId(Uuid::from_u128(1));

pub fn start() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("time")
}

pub fn place(east_m: f64, north_m: f64) -> LonLat {
    LonLat::from_e7(74_200_000, 437_300_000).destination(90.0, east_m).destination(0.0, north_m)
}

pub fn profile() -> Profile {
    Profile {
        id: ProfileId(Uuid::from_u128(5)),
        name: "technician".to_owned(),
        location_triggers: Trigger::SEVEN.to_vec(),
        live_tracking_secs: Some(5),
        privacy_allowed: true,
    }
}

pub fn resource() -> Resource {
    Resource {
        id: ANA,
        name: "Ana".to_owned(),
        employee_number: "1".to_owned(),
        group: GroupId(Uuid::from_u128(2)),
        phone: String::new(),
        email: String::new(),
        skills: Vec::new(),
        working_hours: Vec::new(),
        breaks: Vec::new(),
        capacity: None,
        travels: domain::travel::TravelMode::Car,
        ui_language: "en".to_owned(),
        profile: profile().id,
        home: Some(place(0.0, 0.0)),
        on_duty: false,
        private_since: None,
        last_heard: None,
        battery: None,
        disabled: false,
    }
}

pub fn task(number: u32, at: LonLat) -> Task {
    Task {
        id: TaskId(Uuid::from_u128(100 + u128::from(number))),
        number,
        title: format!("Lift {number}"),
        description: String::new(),
        task_type: None,
        work_order: None,
        at,
        address: String::new(),
        poi: None,
        customer: String::new(),
        resource: Some(ANA),
        status: TaskStatus::NewTask,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 10,
        window_start: None,
        window_end: None,
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: start(),
    }
}

pub fn form() -> FormDefinition {
    let result = FieldKind::Choice { options: vec!["done".to_owned(), "follow-up".to_owned()] };
    let field =
        |key: &str, kind| FormField { key: key.to_owned(), label: key.to_owned(), kind, required: true };
    FormDefinition {
        id: FormId(Uuid::from_u128(8)),
        version: 2,
        name: "Service report".to_owned(),
        fields: vec![field("result", result), field("hours", FieldKind::Number)],
    }
}

pub fn sync(profile: Profile, tasks: Vec<Task>) -> FieldSync {
    FieldSync {
        resource: resource(),
        profile,
        tasks,
        bids: Vec::new(),
        forms: vec![form()],
        location_requested: false,
        seq: 1,
        server_time: start(),
    }
}

/// A bid for `task`, answered until half an hour after the start.
pub fn bid(task: TaskId) -> Bid {
    let invitation = Invitation {
        id: BidId(Uuid::from_u128(50)),
        task,
        invite: vec![ANA],
        deadline: start() + TimeDelta::minutes(30),
    };
    Bid::open(invitation, UserId(Uuid::from_u128(9)), start()).expect("opens")
}

pub fn some_fix(now: DateTime<Utc>) -> Fix {
    Fix { at: place(5.0, 5.0), fix_time: now, accuracy_m: Some(5.0), speed_mps: None, heading_deg: None }
}

pub fn plan(seed: u64) -> Plan {
    Plan {
        mishaps: field::Mishaps::NONE,
        seed,
        speed: 1.0,
        shifts: Shifts::Always,
        places: vec![place(400.0, 300.0)].into(),
        private_share: 0.0,
        offline_share: 0.0,
    }
}

/// Open country: everything is reached in a straight line at 10 m/s.
pub struct Plain;

impl Roads for Plain {
    fn way(&self, from: LonLat, to: LonLat) -> Option<Route> {
        Some(straight_way(from, to, 10.0))
    }

    fn somewhere(&self, random: u64) -> LonLat {
        place((random % 2_000) as f64, (random / 2_000 % 2_000) as f64)
    }
}

/// The office's side.
pub struct Office {
    pub sync: FieldSync,
    pub entries: Vec<Entry>,
    pub fixes: Vec<Fix>,
    pub refused: Vec<EntryRefusal>,
    pub doubles: usize,
    known: BTreeSet<EntryGuid>,
}

impl Office {
    pub fn new(sync: FieldSync) -> Self {
        Office {
            sync,
            entries: Vec::new(),
            fixes: Vec::new(),
            refused: Vec::new(),
            doubles: 0,
            known: BTreeSet::new(),
        }
    }

    /// Takes an upload as the server would: within a batch by event time, each guid once.
    pub fn take(&mut self, upload: &Upload) -> Answer {
        match upload {
            Upload::Privacy(on) => {
                self.sync.resource.private_since = on.then(start);
                Answer::Privacy
            }
            Upload::Fixes { fixes, .. } => {
                self.fixes.extend(fixes);
                Answer::Fixes(PositionsAccepted { accepted: fixes.len() as u32, refused: 0, private: 0 })
            }
            Upload::Entries(entries) => {
                let mut by_time: Vec<usize> = (0..entries.len()).collect();
                by_time.sort_by_key(|index| (entries[*index].event_time, entries[*index].guid));
                let mut outcomes = vec![None; entries.len()];
                for index in by_time {
                    outcomes[index] = Some(self.take_entry(&entries[index]));
                }
                Answer::Entries(EntriesResponse { outcomes: outcomes.into_iter().flatten().collect() })
            }
        }
    }

    fn take_entry(&mut self, entry: &Entry) -> EntryOutcome {
        let guid = entry.guid;
        if !self.known.insert(guid) {
            self.doubles += 1;
            return EntryOutcome::Duplicate { guid };
        }
        self.entries.push(entry.clone());
        self.sync.seq += 1;
        match self.effect(entry) {
            Ok(()) => EntryOutcome::Accepted { guid },
            Err(reason) => {
                self.refused.push(reason.clone());
                EntryOutcome::Refused { guid: Some(guid), reason }
            }
        }
    }

    fn effect(&mut self, entry: &Entry) -> Result<(), EntryRefusal> {
        match &entry.body {
            EntryBody::Attendance { kind } => self.sync.resource.on_duty = *kind == AttendanceKind::SignIn,
            EntryBody::Task { task, status, reason } => {
                let by = Actor::Field(ANA);
                let step = StatusStep { status: *status, at: entry.event_time, by, reason: reason.clone() };
                let known = self.sync.tasks.iter_mut().find(|known| known.id == *task);
                known.ok_or(EntryRefusal::NotFound)?.advance(step).map_err(EntryRefusal::Step)?;
            }
            EntryBody::Form { submission } => {
                let problems = form().check(submission);
                if !problems.is_empty() {
                    return Err(EntryRefusal::Form(problems));
                }
            }
            EntryBody::BidResponse { bid, answer } => {
                let known = self.sync.bids.iter_mut().find(|known| known.id == *bid);
                let known = known.ok_or(EntryRefusal::NotFound)?;
                known.answer(ANA, answer.clone(), entry.event_time).map_err(EntryRefusal::Bid)?;
            }
            EntryBody::Location => self.sync.location_requested = false,
            EntryBody::AppOpened | EntryBody::FullSync | EntryBody::Sos => {}
        }
        Ok(())
    }
}

/// A person, the phone, and the office over a stretch of time.
pub struct Day {
    pub office: Office,
    pub handset: Handset,
    pub worker: Worker,
    pub now: DateTime<Utc>,
    /// Every upload with the moment it left, whether it arrived or not.
    pub sent: Vec<(DateTime<Utc>, bool, Upload)>,
}

impl Day {
    pub fn new(plan: Plan, sync: FieldSync) -> Self {
        let handset = Handset::new(sync.clone());
        let worker = Worker::new(plan, 0, &handset, &Plain);
        Day { office: Office::new(sync), handset, worker, now: start(), sent: Vec::new() }
    }

    /// Lives on for so many seconds, one at a time.
    pub fn live(&mut self, secs: u32) -> &mut Self {
        for _ in 0..secs {
            self.now += TimeDelta::seconds(1);
            self.worker.step(&mut self.handset, &Plain, self.now);
            if self.worker.is_online() {
                self.exchange();
            }
        }
        self
    }

    fn exchange(&mut self) {
        while let Some(upload) = self.handset.next_upload() {
            self.sent.push((self.now, self.handset.is_private(), upload.clone()));
            let answer = self.office.take(&upload);
            self.handset.answered(&upload, answer);
        }
        let ticket = self.handset.begin_sync();
        self.handset.on_sync(ticket, self.office.sync.clone());
    }
}
