//! What the field reports: each entry is stored once, with its effect or with the reason why it has none.

mod help;
mod privacy;
mod sync;

use chrono::{DateTime, TimeDelta, Utc};
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::bid::{Bid, BidAnswer};
use domain::entry::{Entry, EntryBody};
use domain::form::{FormDefinition, Submission};
use domain::position::Fix;
use domain::resource::Resource;
use domain::task::{Actor, StatusStep, Task, TaskStatus};
use domain::{BidId, EntryGuid, TaskId};
use protocol::entity::EntityKind;
use protocol::field::{EntryOutcome, EntryRefusal};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Phone;
use crate::core::Core;
use crate::http::error::ApiError;
use crate::ledger::Ledger;
use crate::storage::{EntryRow, StorageError};

pub(crate) use privacy::set_privacy;
use privacy::stop_asking;
pub(crate) use sync::{HEARD_EVERY, card, full_sync, note_battery, note_heard};

/// A phone's clock may be off by this much before its times are corrected.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);
/// Longest reason or comment kept, characters.
const REASON_CHARS: usize = 1_000;

/// How far a phone's clock is off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhoneClock {
    correction: TimeDelta,
    now: DateTime<Utc>,
}

impl PhoneClock {
    /// From what the phone took for now when it sent.
    pub fn new(device_time: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let off = now - device_time;
        let correction = if off.abs() > CLOCK_TOLERANCE { off } else { TimeDelta::zero() };
        PhoneClock { correction, now }
    }

    /// When something really happened; never in the future.
    fn corrected(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.checked_add_signed(self.correction).unwrap_or(at).min(self.now)
    }
}

/// Takes a batch in. It may come in any order: entries take effect in the order in which they happened, and are answered
/// in the order in which they were sent.
pub(crate) fn take_all(
    core: &Core,
    phone: Phone,
    texts: &[&str],
    clock: PhoneClock,
) -> Result<Vec<EntryOutcome>, ApiError> {
    let read: Vec<Result<Entry, serde_json::Error>> =
        texts.iter().map(|text| serde_json::from_str(text)).collect();
    let mut order: Vec<usize> = (0..read.len()).collect();
    order.sort_by_key(|&sent| read[sent].as_ref().ok().map(|entry| entry.event_time));
    let mut outcomes = vec![None; read.len()];
    let mut read: Vec<_> = read.into_iter().map(Some).collect();
    for sent in order {
        outcomes[sent] = match read[sent].take() {
            Some(Ok(entry)) => Some(take(core, phone, entry, clock)?),
            Some(Err(error)) => Some(malformed(texts[sent], &error)),
            None => None,
        };
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// Takes one entry in: stored once, with its effect, or with the reason why it has none.
fn take(core: &Core, phone: Phone, entry: Entry, clock: PhoneClock) -> Result<EntryOutcome, ApiError> {
    let entry = corrected(entry, clock);
    let (outcome, fix) =
        core.write(phone.company, None, |ledger| Report { ledger, phone, entry }.store(core))?;
    if let Some(fix) = fix {
        core.take_fixes(phone, &[fix], clock.now);
    }
    Ok(outcome)
}

#[derive(Deserialize)]
struct OnlyGuid {
    guid: EntryGuid,
}

fn malformed(raw: &str, error: &serde_json::Error) -> EntryOutcome {
    let guid = serde_json::from_str::<OnlyGuid>(raw).ok().map(|only| only.guid);
    EntryOutcome::Refused { guid, reason: EntryRefusal::Malformed(error.to_string()) }
}

fn corrected(mut entry: Entry, clock: PhoneClock) -> Entry {
    entry.event_time = clock.corrected(entry.event_time);
    if let Some(fix) = &mut entry.fix {
        fix.fix_time = clock.corrected(fix.fix_time);
    }
    if let EntryBody::Form { submission } = &mut entry.body {
        submission.event_time = clock.corrected(submission.event_time);
    }
    entry
}

/// Why an entry has no effect, or that the store failed.
enum Refused {
    Entry(EntryRefusal),
    Storage(StorageError),
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Refused::Storage(error)
    }
}

impl From<EntryRefusal> for Refused {
    fn from(refusal: EntryRefusal) -> Self {
        Refused::Entry(refusal)
    }
}

/// One entry at work.
struct Report<'w, 'a, 'b> {
    ledger: &'w mut Ledger<'a, 'b>,
    phone: Phone,
    entry: Entry,
}

impl Report<'_, '_, '_> {
    fn store(mut self, core: &Core) -> Result<(EntryOutcome, Option<Fix>), StorageError> {
        let (company, guid) = (self.phone.company.0, self.entry.guid);
        if let Some((owner, refusal)) = self.ledger.tx().entry_refusal(company, guid.0)? {
            return Ok((self.known(owner, &refusal)?, None));
        }
        self.drop_hidden_fix(core)?;
        let refusal = match self.apply() {
            Ok(()) => None,
            Err(Refused::Entry(refusal)) => Some(refusal),
            Err(Refused::Storage(error)) => return Err(error),
        };
        note_heard(self.ledger, self.phone.resource)?;
        self.keep(refusal.as_ref())?;
        let outcome = match refusal {
            None => EntryOutcome::Accepted { guid },
            Some(reason) => EntryOutcome::Refused { guid: Some(guid), reason },
        };
        Ok((outcome, self.entry.fix))
    }

    /// What became of an entry that was sent before. Somebody else's guid says nothing about theirs.
    fn known(&self, owner: Uuid, refusal: &str) -> Result<EntryOutcome, StorageError> {
        let guid = self.entry.guid;
        if owner != self.phone.resource.0 {
            return Ok(EntryOutcome::Refused { guid: Some(guid), reason: EntryRefusal::NotFound });
        }
        if refusal.is_empty() {
            return Ok(EntryOutcome::Duplicate { guid });
        }
        Ok(EntryOutcome::Refused { guid: Some(guid), reason: serde_json::from_str(refusal)? })
    }

    /// No coordinate is kept that was reported in private, nor one that the profile does not ask for.
    fn drop_hidden_fix(&mut self, core: &Core) -> Result<(), StorageError> {
        let Some(fix) = self.entry.fix else { return Ok(()) };
        let (resource, tx) = (self.phone.resource, self.ledger.tx());
        let private_now =
            card(tx, self.phone.company.0, resource.0)?.is_none_or(|card| card.private_since.is_some());
        let (first, last) =
            (fix.fix_time.min(self.entry.event_time), fix.fix_time.max(self.entry.event_time));
        let in_gap = !tx.privacy_gaps(resource.0, first, last)?.is_empty();
        if private_now || in_gap || !core.positions.reports_on(resource, self.entry.body.trigger()) {
            self.entry.fix = None;
        }
        Ok(())
    }

    fn keep(&self, refusal: Option<&EntryRefusal>) -> Result<(), StorageError> {
        let entry = EntryRow {
            guid: self.entry.guid.0,
            resource: self.phone.resource.0,
            code: self.entry.body.code(),
            event_time: self.entry.event_time,
            entry_time: self.ledger.now(),
            data: serde_json::to_string(&self.entry)?,
            refusal: refusal.map(serde_json::to_string).transpose()?.unwrap_or_default(),
        };
        self.ledger.tx().insert_entry(self.phone.company.0, &entry)
    }

    fn apply(&mut self) -> Result<(), Refused> {
        match self.entry.body.clone() {
            EntryBody::Attendance { kind } => self.sign_in_or_out(kind),
            EntryBody::Task { task, status, reason } => self.step_task(task, status, reason),
            EntryBody::Form { submission } => self.submit(*submission),
            EntryBody::BidResponse { bid, answer } => self.answer_bid(bid, answer),
            EntryBody::Location => Ok(stop_asking(self.ledger, self.phone.resource)?),
            EntryBody::AppOpened | EntryBody::FullSync => Ok(()),
            EntryBody::Sos => self.call_for_help(),
        }
    }

    /// Late uploads come in any order: only the newest entry says whether the resource is on duty.
    fn sign_in_or_out(&mut self, kind: AttendanceKind) -> Result<(), Refused> {
        let (resource, at) = (self.phone.resource, self.entry.event_time);
        let is_newest = self.ledger.tx().phone(resource.0)?.is_some_and(|phone| at >= phone.last_attendance);
        self.ledger.put(AttendanceEntry {
            guid: self.entry.guid,
            resource,
            kind,
            event_time: at,
            entry_time: self.ledger.now(),
            at: self.entry.fix.map(|fix| fix.at),
        })?;
        if !is_newest {
            return Ok(());
        }
        let (card, _) = self.ledger.load::<Resource>(resource.0)?.ok_or(EntryRefusal::NotFound)?;
        let (on_duty, last_heard) = (kind == AttendanceKind::SignIn, Some(self.ledger.now()));
        if card.on_duty != on_duty {
            self.ledger.put(Resource { on_duty, last_heard, ..card })?;
        }
        Ok(())
    }

    fn own_task(&self, id: TaskId) -> Result<Task, Refused> {
        let task = self.ledger.load::<Task>(id.0)?.map(|(task, _)| task);
        task.filter(|task| task.resource == Some(self.phone.resource))
            .ok_or_else(|| EntryRefusal::NotFound.into())
    }

    fn step_task(&mut self, id: TaskId, status: TaskStatus, reason: Option<String>) -> Result<(), Refused> {
        let mut task = self.own_task(id)?;
        let (at, by) = (self.entry.event_time, Actor::Field(self.phone.resource));
        let reason = reason.map(|reason| reason.chars().take(REASON_CHARS).collect());
        task.advance(StatusStep { status, at, by, reason }).map_err(EntryRefusal::Step)?;
        self.ledger.put(task)?;
        Ok(())
    }

    fn submit(&mut self, submission: Submission) -> Result<(), Refused> {
        if submission.resource != self.phone.resource {
            return Err(EntryRefusal::NotFound.into());
        }
        if let Some(task) = submission.task {
            self.own_task(task)?;
        }
        let company = self.phone.company.0;
        if self.ledger.tx().entity(company, EntityKind::Submission, submission.id.0)?.is_some() {
            return Ok(()); // the same submission in another entry says nothing new
        }
        let (form, _) =
            self.ledger.load::<FormDefinition>(submission.form.0)?.ok_or(EntryRefusal::NotFound)?;
        let problems = form.check(&submission);
        if !problems.is_empty() {
            return Err(EntryRefusal::Form(problems).into());
        }
        self.ledger.put(submission)?;
        Ok(())
    }

    fn answer_bid(&mut self, id: BidId, answer: BidAnswer) -> Result<(), Refused> {
        let (mut bid, _) = self.ledger.load::<Bid>(id.0)?.ok_or(EntryRefusal::NotFound)?;
        if bid.line(self.phone.resource).is_none() {
            return Err(EntryRefusal::NotFound.into());
        }
        let before = bid.clone();
        bid.answer(self.phone.resource, shortened(answer), self.entry.event_time)
            .map_err(EntryRefusal::Bid)?;
        if bid != before {
            self.ledger.put(bid)?;
        }
        Ok(())
    }
}

fn shortened(answer: BidAnswer) -> BidAnswer {
    match answer {
        BidAnswer::Bid(mut offer) => {
            offer.comment = offer.comment.chars().take(REASON_CHARS).collect();
            BidAnswer::Bid(offer)
        }
        BidAnswer::Seen | BidAnswer::Declined | BidAnswer::Withdrawn => answer,
    }
}
