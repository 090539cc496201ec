//! Where everybody is: the newest fix per resource in memory, older ones on their way to the track history.
//!
//! What may be shown is decided here from the cards, so that no reader can forget it: only resources on duty whose location is
//! not private, and only to roles and groups that may see them. A private resource has no fix here at all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Action;
use domain::company::User;
use domain::position::{Fix, Trigger};
use domain::resource::{Battery, Profile, Resource};
use domain::rule::{Condition, LocationRule};
use domain::{CompanyId, GroupId, ProfileId, ResourceId, RuleId};
use protocol::entity::{Entity, EntityKind};
use protocol::field::PositionsAccepted;
use protocol::wire::PositionUpdate;
use uuid::Uuid;

use crate::auth::groups_of;
use crate::storage::{PositionRow, PrivacyGapRow, Reader, StorageError, from_ms, to_ms};

/// After a restart a resource's newest fix is taken from its track, unless it is older than this.
const REMEMBERED: TimeDelta = TimeDelta::hours(12);
/// A battery that has changed by so many points is told at once,
const BATTERY_POINTS: u8 = 5;
/// by fewer after so long.
const BATTERY_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Where everybody is.
#[derive(Debug, Default)]
pub(crate) struct Positions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last_seq: u64,
    latest: HashMap<ResourceId, PositionUpdate>,
    pending: Vec<PositionRow>,
    roster: HashMap<ResourceId, Card>,
    profiles: HashMap<ProfileId, Profile>,
    /// The limits of all rules about batteries, per cent.
    battery_limits: HashMap<RuleId, (CompanyId, u8)>,
    phones: HashMap<crate::auth::token::TokenHash, crate::auth::Phone>,
}

/// What of a card decides about positions.
#[derive(Debug, Clone)]
struct Card {
    company: CompanyId,
    group: GroupId,
    profile: ProfileId,
    on_duty: bool,
    private_since: Option<DateTime<Utc>>,
    disabled: bool,
    last_heard: Option<DateTime<Utc>>,
    battery: Option<Battery>,
    gaps: Vec<PrivacyGapRow>,
}

impl Card {
    fn hides(&self, at: DateTime<Utc>) -> bool {
        self.private_since.is_some() || self.gaps.iter().any(|gap| gap.holds(at))
    }

    fn shown(&self) -> bool {
        self.on_duty && !self.disabled && self.private_since.is_none()
    }
}

/// Whose live positions a user may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveScope {
    company: CompanyId,
    groups: Option<Vec<GroupId>>,
}

impl LiveScope {
    /// The scope of a user; nobody for a role without the right.
    pub fn of(user: &User) -> Self {
        let groups = groups_of(user, Action::ReadLivePosition).map(<[GroupId]>::to_vec);
        LiveScope { company: user.company, groups }
    }

    fn holds(&self, card: &Card) -> bool {
        card.company == self.company && self.groups.as_ref().is_none_or(|groups| groups.contains(&card.group))
    }
}

impl Positions {
    /// Loads cards, profiles, privacy gaps and the newest fixes from the store.
    pub fn load(rows: &Reader<'_>, now: DateTime<Utc>) -> Result<Self, StorageError> {
        let mut state = State { last_seq: rows.newest_position_seq()?, ..State::default() };
        for company in rows.companies()? {
            for row in rows.entities(company.id, EntityKind::Profile)? {
                let profile: Profile = serde_json::from_str(&row.data)?;
                state.profiles.insert(profile.id, profile);
            }
            for row in rows.entities(company.id, EntityKind::Rule)? {
                state.put_rule(CompanyId(company.id), &serde_json::from_str(&row.data)?);
            }
            for row in rows.entities(company.id, EntityKind::Resource)? {
                let card: Resource = serde_json::from_str(&row.data)?;
                state.put_card(CompanyId(company.id), &card);
                let gaps = rows.privacy_gaps(card.id.0, now - domain::position::FIX_TOO_OLD, now)?;
                if let Some(known) = state.roster.get_mut(&card.id) {
                    known.gaps = gaps;
                }
                let hidden = card.private_since.is_some() || card.disabled;
                if let Some(row) = rows.newest_position(card.id.0, now - REMEMBERED)?.filter(|_| !hidden) {
                    let update =
                        PositionUpdate { resource: row.resource, fix: row.fix, server_seq: row.server_seq };
                    state.latest.insert(row.resource, update);
                }
            }
        }
        Ok(Positions(Mutex::new(state)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over changed cards and profiles.
    pub fn update_roster(&self, company: CompanyId, cards: &[Resource], profiles: &[Profile]) {
        let mut state = self.lock();
        for profile in profiles {
            state.profiles.insert(profile.id, profile.clone());
        }
        cards.iter().for_each(|card| state.put_card(company, card));
    }

    /// Takes over changed rules.
    pub fn update_rules(&self, company: CompanyId, changed: &[Entity], gone: &[(EntityKind, Uuid)]) {
        let mut state = self.lock();
        for row in changed {
            if let Entity::Rule(rule) = row {
                state.put_rule(company, rule);
            }
        }
        for (_, id) in gone {
            state.battery_limits.remove(&RuleId(*id));
        }
    }

    /// A stretch without coordinates begins or has ended; `gaps` are those that fixes may still arrive for.
    pub fn set_gaps(&self, resource: ResourceId, gaps: Vec<PrivacyGapRow>) {
        let mut state = self.lock();
        if let Some(card) = state.roster.get_mut(&resource) {
            card.gaps = gaps;
        }
    }

    /// Forgets where `resource` is and everything of it that was not stored yet.
    pub fn forget(&self, resource: ResourceId) {
        let mut state = self.lock();
        state.latest.remove(&resource);
        state.pending.retain(|row| row.resource != resource);
    }

    /// Forgets fixes of a company from before `before`: what retention takes from the track is not shown either.
    pub fn forget_older(&self, company: CompanyId, before: DateTime<Utc>) {
        let mut state = self.lock();
        let State { latest, pending, roster, .. } = &mut *state;
        let stays = |resource: &ResourceId, at: DateTime<Utc>| {
            at >= before || roster.get(resource).is_none_or(|card| card.company != company)
        };
        latest.retain(|resource, update| stays(resource, update.fix.fix_time));
        pending.retain(|row| stays(&row.resource, row.fix.fix_time));
    }

    /// Takes fixes in: those not private, of a time that can be, with finite values. Answers how many, and those taken as they are kept.
    pub fn accept(
        &self,
        resource: ResourceId,
        fixes: &[Fix],
        now: DateTime<Utc>,
    ) -> (PositionsAccepted, Vec<Fix>) {
        let mut state = self.lock();
        let mut taken = Vec::with_capacity(fixes.len());
        let mut count = PositionsAccepted { accepted: 0, refused: 0, private: 0 };
        for fix in fixes {
            let hidden = state.roster.get(&resource).map(|card| card.disabled || card.hides(fix.fix_time));
            match hidden {
                Some(true) => count.private += 1,
                Some(false) if is_plausible(fix, now) => {
                    taken.push(state.take(resource, *fix));
                    count.accepted += 1;
                }
                Some(false) | None => count.refused += 1,
            }
        }
        (count, taken)
    }

    /// Whether the profile of `resource` lets its phone report on `trigger`.
    pub fn reports_on(&self, resource: ResourceId, trigger: Trigger) -> bool {
        let state = self.lock();
        let profile = state.roster.get(&resource).and_then(|card| state.profiles.get(&card.profile));
        profile.is_some_and(|profile| profile.reports_on(trigger))
    }

    /// The newest fixes that arrived after `after`, of those that may be seen; and where to go on.
    pub fn since(&self, scope: &LiveScope, after: u64) -> (Vec<PositionUpdate>, u64) {
        let state = self.lock();
        let visible = |update: &&PositionUpdate| {
            update.server_seq > after
                && state.roster.get(&update.resource).is_some_and(|card| card.shown() && scope.holds(card))
        };
        let updates = state.latest.values().filter(visible).copied().collect();
        (updates, state.last_seq)
    }

    /// Whether the card should be told anew that its device was heard: its note is older than `coarse`.
    pub fn heard_is_older_than(&self, resource: ResourceId, coarse: TimeDelta, now: DateTime<Utc>) -> bool {
        let state = self.lock();
        state.roster.get(&resource).is_some_and(|card| card.last_heard.is_none_or(|at| now - at >= coarse))
    }

    /// Whether the card should be told what is left in the battery: it has changed by much, crosses the limit of a rule, or was told
    /// long ago. Every point would flood the feed.
    pub fn battery_is_news(&self, resource: ResourceId, percent: u8, now: DateTime<Utc>) -> bool {
        let state = self.lock();
        let Some(card) = state.roster.get(&resource) else { return false };
        let Some(known) = card.battery else { return true };
        let crosses = |limit: u8| (known.percent < limit) != (percent < limit);
        let mut limits = state.battery_limits.values().filter(|(company, _)| *company == card.company);
        known.percent.abs_diff(percent) >= BATTERY_POINTS
            || limits.any(|(_, limit)| crosses(*limit))
            || (known.percent != percent && now - known.at >= BATTERY_EVERY)
    }

    /// Takes what waits to be stored.
    pub fn take_pending(&self) -> Vec<PositionRow> {
        std::mem::take(&mut self.lock().pending)
    }

    /// Puts back what could not be stored, unless its resource has become private meanwhile.
    pub fn put_back(&self, mut rows: Vec<PositionRow>) {
        let mut state = self.lock();
        rows.retain(|row| state.roster.get(&row.resource).is_some_and(|card| !card.hides(row.fix.fix_time)));
        rows.append(&mut state.pending);
        state.pending = rows;
    }

    /// The phone with that token, if it was seen before.
    pub fn phone(&self, token: &crate::auth::token::TokenHash) -> Option<crate::auth::Phone> {
        self.lock().phones.get(token).copied()
    }

    /// Remembers a phone's token, so that its fixes need no look-up.
    pub fn remember_phone(&self, token: crate::auth::token::TokenHash, phone: crate::auth::Phone) {
        self.lock().phones.insert(token, phone);
    }

    /// The phone's token is worth nothing any more.
    pub fn forget_phone(&self, resource: ResourceId) {
        self.lock().phones.retain(|_, phone| phone.resource != resource);
    }

    /// Whether the card is disabled (or not there).
    pub fn is_disabled(&self, resource: ResourceId) -> bool {
        self.lock().roster.get(&resource).is_none_or(|card| card.disabled)
    }
}

impl State {
    fn put_rule(&mut self, company: CompanyId, rule: &LocationRule) {
        match rule.condition {
            Condition::BatteryLow { below_percent } => {
                self.battery_limits.insert(rule.id, (company, below_percent));
            }
            Condition::Near { .. }
            | Condition::Speeding { .. }
            | Condition::StoppedOnTask { .. }
            | Condition::LeftArea { .. }
            | Condition::DeviceSilent { .. }
            | Condition::Sos => _ = self.battery_limits.remove(&rule.id),
        }
    }

    fn put_card(&mut self, company: CompanyId, card: &Resource) {
        let gaps = self.roster.remove(&card.id).map(|known| known.gaps).unwrap_or_default();
        if card.private_since.is_some() || card.disabled {
            self.latest.remove(&card.id);
        }
        let known = Card {
            company,
            group: card.group,
            profile: card.profile,
            on_duty: card.on_duty,
            private_since: card.private_since,
            disabled: card.disabled,
            last_heard: card.last_heard,
            battery: card.battery,
            gaps,
        };
        self.roster.insert(card.id, known);
    }

    /// The time is kept as the store keeps it: otherwise a restarted server would have its own newest fix for an older one.
    fn take(&mut self, resource: ResourceId, fix: Fix) -> Fix {
        let fix = Fix { fix_time: from_ms(to_ms(fix.fix_time)), ..fix };
        self.last_seq += 1;
        let server_seq = self.last_seq;
        self.pending.push(PositionRow { resource, server_seq, fix });
        let newest = self.latest.get(&resource);
        if newest.is_none_or(|known| (known.fix.fix_time, known.server_seq) < (fix.fix_time, server_seq)) {
            self.latest.insert(resource, PositionUpdate { resource, fix, server_seq });
        }
        fix
    }
}

/// Finite values, and of a time that can be.
fn is_plausible(fix: &Fix, now: DateTime<Utc>) -> bool {
    let finite = [fix.accuracy_m, fix.speed_mps, fix.heading_deg].into_iter().flatten().all(f32::is_finite);
    finite && !fix.time_suspect(now)
}
