//! Fixes that came too late to be reordered correct the history: what was missed is found late, what never was is said to be unfounded.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, Correction as Says};
use domain::{CompanyId, ResourceId};
use fence::{Correction, LateData, Said};
use protocol::entity::EntityKind;

use super::company::Watched;
use super::save;
use crate::core::Core;
use crate::jobs;
use crate::storage::{Reader, StorageError};

/// The track is taken from so long before the late fixes: what is known before it counts for nothing.
const BEFORE: TimeDelta = TimeDelta::minutes(30);
/// A late fix says something of runs that began so long before it, too.
const RUN: TimeDelta = TimeDelta::minutes(2);

/// Corrects what late fixes have shown, if there are any.
pub(super) fn correct(
    core: &Core,
    company: CompanyId,
    watched: &mut Watched,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    if watched.late.is_empty() {
        return Ok(());
    }
    jobs::flush_positions(core)?;
    while let Some((resource, late)) = watched.late.pop_first() {
        if let Err(error) = correct_one(core, company, watched, &late, now) {
            watched.late.insert(resource, late);
            return Err(error);
        }
    }
    Ok(())
}

fn correct_one(
    core: &Core,
    company: CompanyId,
    watched: &Watched,
    late: &LateData,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let (found, unfounded) = core.storage.read(|rows| corrections(rows, company, watched, late, now))?;
    if found.is_empty() && unfounded.is_empty() {
        return Ok(());
    }
    core.write(company, None, |ledger| {
        for mut alert in found {
            alert.correct(Says::FoundLate, now);
            save::raise(ledger, &alert)?;
        }
        unfounded.into_iter().try_for_each(|alert| save::correct(ledger, alert, Says::Unfounded))
    })
}

/// What was missed, and which alerts are unfounded.
fn corrections(
    rows: &Reader<'_>,
    company: CompanyId,
    watched: &Watched,
    late: &LateData,
    now: DateTime<Utc>,
) -> Result<(Vec<Alert>, Vec<Alert>), StorageError> {
    let begin = late.from - BEFORE;
    let gaps = rows.privacy_gaps(late.resource.0, begin, now)?;
    let shared = gaps.into_iter().map(|gap| gap.to.unwrap_or(now)).fold(begin, DateTime::max);
    let track = rows.track(late.resource.0, shared, now)?;
    let late = LateData { from: (late.from - RUN).max(shared), ..*late };
    let standing = standing(rows, company, late.resource, (late.from, now))?;
    let said: Vec<Said> =
        standing.iter().map(|alert| Said { id: alert.id, event_time: alert.event_time }).collect();
    let corrections = watched.watcher.fences().recompute(&late, &track, &said);
    let (mut found, mut unfounded) = (Vec::new(), Vec::new());
    for correction in corrections {
        match correction {
            Correction::Missed(event) => found.extend(watched.watcher.fence_alert(&event, now)),
            Correction::Unfounded(id) => unfounded.extend(standing.iter().find(|alert| alert.id == id)),
        }
    }
    // A desk saw other fixes and has the same event under another id: it stands.
    let is_found = |alert: &Alert| found.iter().any(|found| found.is_same_event(alert));
    let unfounded: Vec<Alert> = unfounded.into_iter().filter(|alert| !is_found(alert)).cloned().collect();
    let is_as_then = |alert: &Alert| is_as_then(alert, watched);
    found.retain(|alert| is_as_then(alert));
    Ok((found, unfounded.into_iter().filter(is_as_then).collect()))
}

/// Whether the fence was the same when it happened: what an older one said is not judged by the new one.
fn is_as_then(alert: &Alert, watched: &Watched) -> bool {
    let since = alert.kind.fence().and_then(|poi| watched.as_is_since(poi.0));
    since.is_some_and(|since| alert.event_time >= since)
}

/// The alerts of fences that stand and that a track alone can tell: absence needs a shift, too.
fn standing(
    rows: &Reader<'_>,
    company: CompanyId,
    resource: ResourceId,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Alert>, StorageError> {
    let mut standing = Vec::new();
    for id in rows.alerts_about(company.0, resource.0, span)? {
        let row = rows.entity(company.0, EntityKind::Alert, id)?.filter(|row| !row.deleted);
        let Some(row) = row else { continue };
        let alert: Alert = serde_json::from_str(&row.data)?;
        if is_by_track(&alert.kind) && alert.correction != Some(Says::Unfounded) {
            standing.push(alert);
        }
    }
    Ok(standing)
}

fn is_by_track(kind: &AlertKind) -> bool {
    match kind {
        AlertKind::FenceEntered { .. }
        | AlertKind::FenceLeft { .. }
        | AlertKind::FenceDwell { .. }
        | AlertKind::FenceCrossed { .. } => true,
        AlertKind::FenceAbsent { .. }
        | AlertKind::Near { .. }
        | AlertKind::Speeding { .. }
        | AlertKind::StoppedOnTask { .. }
        | AlertKind::LeftArea { .. }
        | AlertKind::DeviceSilent { .. }
        | AlertKind::BatteryLow { .. }
        | AlertKind::Sos { .. }
        | AlertKind::TaskLate { .. }
        | AlertKind::PromiseAtRisk { .. }
        | AlertKind::ShiftOverrun { .. }
        | AlertKind::TaskRefused { .. }
        | AlertKind::BidAnswered { .. }
        | AlertKind::BidExpired { .. } => false,
    }
}
