//! `POST /v1/what-if`: how often a fence would have spoken in the last days under other settings.
//!
//! Counts only, of people whose alerts the user may see, and audited. Counted is what happens at the fence within its hours, whichever of
//! its rules are switched on: that is what its settings decide.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::Action;
use domain::company::Company;
use domain::place::{Fence, Poi};
use domain::position::Fix;
use domain::resource::Resource;
use domain::{GroupId, PoiId, ResourceId};
use fence::{EventKind, FenceEngine, Settings};
use protocol::entity::EntityKind;
use protocol::wire::{ConfirmSettings, FenceCounts, WhatIfRequest, WhatIfResponse};

use super::body::Body;
use super::error::ApiError;
use super::limits::WHAT_IF_FIXES;
use crate::auth::Principal;
use crate::core::Core;
use crate::jobs;
use crate::storage::StorageError;

/// The longest look back, days.
const MOST_DAYS: u16 = 14;
/// The longest confirmation, seconds.
const MOST_CONFIRM_SECS: u32 = 3_600;
/// The largest margin, metres.
const MOST_MARGIN_M: f64 = 1_000.0;
/// The longest stay, seconds.
const MOST_DWELL_SECS: u32 = 7 * 86_400;
/// Counts of fewer people than this tell of each of them: they are receipts of looks at a person.
const FEW_PEOPLE: usize = 5;
/// Whoever comes back so soon most likely never left.
const FLAP: TimeDelta = TimeDelta::minutes(5);

/// Counts what a fence would have said.
pub(crate) async fn what_if(
    State(core): State<Arc<Core>>,
    Extension(principal): Extension<Principal>,
    Body(asked): Body<WhatIfRequest>,
) -> Result<Json<WhatIfResponse>, ApiError> {
    check(&asked)?;
    // Nobody closes it; whoever hangs up gives the turn back when the work is done.
    let turn = Arc::clone(&core.what_ifs).acquire_owned().await.ok();
    let counted = core.blocking(move |core| {
        let _turn = turn;
        answer(core, &principal, &asked)
    });
    counted.await?.map(Json)
}

fn check(asked: &WhatIfRequest) -> Result<(), ApiError> {
    let ConfirmSettings { enter_confirm_secs, leave_confirm_secs, leave_margin_m, dwell_secs } =
        asked.settings;
    let in_range = (1..=MOST_DAYS).contains(&asked.days)
        && enter_confirm_secs.max(leave_confirm_secs) <= MOST_CONFIRM_SECS
        && (0.0..=MOST_MARGIN_M).contains(&leave_margin_m)
        && dwell_secs.is_none_or(|secs| (1..=MOST_DWELL_SECS).contains(&secs));
    if in_range { Ok(()) } else { Err(ApiError::unprocessable("the settings are out of range")) }
}

fn answer(core: &Core, principal: &Principal, asked: &WhatIfRequest) -> Result<WhatIfResponse, ApiError> {
    jobs::flush_positions(core)?;
    let (trial, people) = prepare(core, principal, asked)?;
    let to = core.now();
    let days = affordable_days(core, &people, asked.days, to)?;
    let from = to - TimeDelta::days(i64::from(days));
    let nothing = FenceCounts::default();
    let mut response = WhatIfResponse { days, resources: 0, fixes: 0, now: nothing, then: nothing };
    for who in people {
        let tracks = tracks(core, who.0, (from, to))?;
        let fixes: usize = tracks.iter().map(Vec::len).sum();
        response.resources += u32::from(fixes > 0);
        response.fixes += fixes as u64;
        for track in tracks {
            trial.now.count(who, &track, Settings::default(), &mut response.now);
            trial.then.count(who, &track, trial.settings, &mut response.then);
        }
        if response.fixes > WHAT_IF_FIXES {
            break;
        }
    }
    Ok(response)
}

type Who = (ResourceId, GroupId);

/// The fence twice: as it is, and with the rules to try.
struct Trial {
    now: Alone,
    then: Alone,
    settings: Settings,
}

/// A fence alone, which says all that happens at it.
struct Alone(FenceEngine);

/// The fence and the people whom it concerns; the question goes into the audit.
fn prepare(core: &Core, principal: &Principal, asked: &WhatIfRequest) -> Result<(Trial, Vec<Who>), ApiError> {
    core.write(principal.user.company, None, |ledger| {
        let place = ledger.load::<Poi>(asked.poi.0)?.and_then(|(place, _)| place.fence);
        let fence = place.ok_or_else(ApiError::not_found)?;
        let zone = ledger.load::<Company>(ledger.company().0)?.map_or(Tz::UTC, |(company, _)| company.zone);
        let purpose = format!("{} days", asked.days);
        ledger.audit_with_purpose(principal.user.id.0, "fence.what_if", asked.poi.0, &purpose)?;
        let mut people = Vec::new();
        for row in ledger.tx().entities(ledger.company().0, EntityKind::Resource)? {
            let card: Resource = serde_json::from_str(&row.data).map_err(StorageError::from)?;
            let concerned = fence.groups.is_empty() || fence.groups.contains(&card.group);
            if concerned && principal.reaches(Action::HandleAlert, card.group) {
                people.push((card.id, card.group));
            }
        }
        if people.len() < FEW_PEOPLE {
            let user = principal.user.id.0;
            people.iter().try_for_each(|(resource, _)| {
                ledger.audit_with_purpose(user, "track.what_if", resource.0, &purpose)
            })?;
        }
        let dwell_secs = asked.settings.dwell_secs.or(fence.dwell_secs);
        let tried = Fence { dwell_secs, ..fence.clone() };
        let (now, then) = (Alone::new(asked.poi, fence, zone)?, Alone::new(asked.poi, tried, zone)?);
        Ok((Trial { now, then, settings: settings(&asked.settings) }, people))
    })
}

fn settings(asked: &ConfirmSettings) -> Settings {
    Settings {
        enter_confirm: TimeDelta::seconds(i64::from(asked.enter_confirm_secs)),
        leave_confirm: TimeDelta::seconds(i64::from(asked.leave_confirm_secs)),
        leave_margin_m: asked.leave_margin_m,
        // What was asked for is the margin itself, whatever the fence's size.
        leave_margin_share: 0.0,
        ..Settings::default()
    }
}

/// So many days back as the fixes of which can be taken again in one answer.
fn affordable_days(core: &Core, people: &[Who], asked: u16, to: DateTime<Utc>) -> Result<u16, StorageError> {
    let mut days = asked;
    loop {
        let from = to - TimeDelta::days(i64::from(days));
        let fixes = core.storage.read(|rows| {
            people.iter().try_fold(0, |fixes, (resource, _)| {
                Ok::<_, StorageError>(fixes + rows.track_len(resource.0, from, to)?)
            })
        })?;
        if fixes <= WHAT_IF_FIXES || days == 1 {
            return Ok(days);
        }
        days = (days / 2).max(1);
    }
}

/// Somebody's way in the pieces that they shared: what lies on both sides of a private stretch is not one way.
fn tracks(
    core: &Core,
    resource: ResourceId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Vec<Fix>>, StorageError> {
    core.storage.read(|rows| {
        let gaps = rows.privacy_gaps(resource.0, from, to)?;
        let track = rows.track(resource.0, from, to)?;
        let is_one = |one: &Fix, next: &Fix| {
            !gaps.iter().any(|gap| one.fix_time < gap.from && gap.to.is_some_and(|to| to <= next.fix_time))
        };
        Ok(track.chunk_by(is_one).map(<[Fix]>::to_vec).collect())
    })
}

impl Alone {
    fn new(poi: PoiId, fence: Fence, zone: Tz) -> Result<Self, ApiError> {
        let fence = Fence { on_enter: true, on_exit: true, on_crossed: true, ..fence };
        let mut engine = FenceEngine::new();
        engine.set_zone(zone);
        match engine.set_fences([(poi, fence)]).into_iter().next() {
            Some((_, error)) => Err(ApiError::unprocessable(error.to_string())),
            None => Ok(Alone(engine)),
        }
    }

    fn count(&self, (resource, group): Who, track: &[Fix], settings: Settings, counts: &mut FenceCounts) {
        let mut left_at: Option<DateTime<Utc>> = None;
        for event in self.0.what_if(resource, group, track, settings) {
            match event.kind {
                EventKind::Entered => {
                    counts.entered += 1;
                    let is_flap = left_at.is_some_and(|left| event.event_time - left <= FLAP);
                    counts.flaps += u32::from(is_flap);
                }
                EventKind::Left => {
                    counts.left += 1;
                    left_at = Some(event.event_time);
                }
                EventKind::Dwelt { .. } => counts.dwelt += 1,
                EventKind::Crossed => counts.crossed += 1,
                EventKind::Absent { .. } | EventKind::Retracted => {}
            }
        }
    }
}
