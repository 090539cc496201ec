//! The location rules, made ready for measuring.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::place::Poi;
use domain::rule::{Condition, LocationRule, RuleTarget};
use domain::{GroupId, LonLat, PoiId, ResourceId, RuleId};
use fence::{PreparedShape, Settings};

use crate::run::Need;

/// The place of a rule in the order of all rules' ids.
pub(crate) type Slot = u32;

/// The rules in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct RuleSet {
    rules: Vec<Prepared>,
    /// Rules about being near a resource.
    targets: BTreeMap<ResourceId, Vec<Slot>>,
}

#[derive(Debug)]
pub(crate) struct Prepared {
    pub rule: LocationRule,
    /// The pin of the place that it is about.
    pub pin: Option<LonLat>,
    /// The area that it is about.
    pub area: Option<Area>,
}

/// An area, and how far beyond its border (metres) somebody has left it.
#[derive(Debug)]
pub(crate) struct Area {
    version: u32,
    pub shape: PreparedShape,
    pub margin_m: f64,
}

/// What became of the rules: `moved[old]` is the new slot of a rule that measures as before; `fresh` are the others.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    pub moved: Vec<Option<Slot>>,
    pub fresh: BTreeSet<Slot>,
}

impl RuleSet {
    /// Replaces the rules.
    pub fn replace(
        &mut self,
        rules: impl IntoIterator<Item = LocationRule>,
        places: &BTreeMap<PoiId, Poi>,
    ) -> Moves {
        let before = std::mem::take(&mut self.rules);
        let rules: BTreeMap<RuleId, LocationRule> = rules.into_iter().map(|rule| (rule.id, rule)).collect();
        self.rules = rules.into_values().map(|rule| Prepared::new(rule, places)).collect();
        self.targets.clear();
        for (slot, prepared) in (0..).zip(&self.rules) {
            if let Condition::Near { target: RuleTarget::Resource(target), .. } = prepared.rule.condition {
                self.targets.entry(target).or_default().push(slot);
            }
        }
        let mut moves = Moves { fresh: (0..self.rules.len() as Slot).collect(), moved: Vec::new() };
        for old in &before {
            let same = self.slot(old.rule.id).filter(|slot| self.at(*slot).measures_like(old));
            moves.moved.push(same);
            same.iter().for_each(|slot| _ = moves.fresh.remove(slot));
        }
        moves
    }

    /// The same rules at places that have changed.
    pub fn on_places(&mut self, places: &BTreeMap<PoiId, Poi>) -> Moves {
        let rules: Vec<LocationRule> = self.rules.iter().map(|prepared| prepared.rule.clone()).collect();
        let before: Vec<Prepared> = std::mem::take(&mut self.rules);
        let mut fresh = RuleSet { rules: before, targets: BTreeMap::new() };
        let moves = fresh.replace(rules, places);
        *self = fresh;
        moves
    }

    pub fn slot(&self, id: RuleId) -> Option<Slot> {
        self.rules.binary_search_by_key(&id, |prepared| prepared.rule.id).ok().map(|place| place as Slot)
    }

    pub fn at(&self, slot: Slot) -> &Prepared {
        &self.rules[slot as usize]
    }

    /// The enabled rules that concern somebody.
    pub fn for_whom(&self, resource: ResourceId, group: GroupId) -> Vec<Slot> {
        let concerns = |prepared: &Prepared| prepared.rule.enabled && prepared.concerns(resource, group);
        (0..).zip(&self.rules).filter(|(_, prepared)| concerns(prepared)).map(|(slot, _)| slot).collect()
    }

    /// The rules about being near this resource.
    pub fn near(&self, target: ResourceId) -> &[Slot] {
        self.targets.get(&target).map_or(&[], Vec::as_slice)
    }
}

impl Prepared {
    fn new(rule: LocationRule, places: &BTreeMap<PoiId, Poi>) -> Self {
        let (mut pin, mut area) = (None, None);
        match rule.condition {
            Condition::Near { target: RuleTarget::Poi(poi), .. } => pin = places.get(&poi).map(|poi| poi.at),
            Condition::LeftArea { poi } => area = places.get(&poi).and_then(Area::new),
            Condition::Near { target: RuleTarget::OwnTask | RuleTarget::Resource(_), .. }
            | Condition::Speeding { .. }
            | Condition::StoppedOnTask { .. }
            | Condition::DeviceSilent { .. }
            | Condition::BatteryLow { .. }
            | Condition::Sos => {}
        }
        Prepared { rule, pin, area }
    }

    fn measures_like(&self, old: &Prepared) -> bool {
        let version = |area: &Option<Area>| area.as_ref().map(|area| area.version);
        self.rule.condition == old.rule.condition
            && self.rule.scope == old.rule.scope
            && self.rule.enabled == old.rule.enabled
            && self.pin == old.pin
            && version(&self.area) == version(&old.area)
    }

    /// Whether it concerns somebody; nobody comes near themselves.
    pub fn concerns(&self, resource: ResourceId, group: GroupId) -> bool {
        let is_itself = matches!(
            self.rule.condition,
            Condition::Near { target: RuleTarget::Resource(target), .. } if target == resource
        );
        !is_itself && self.rule.scope.holds(resource, group)
    }

    /// For how long, and by how many fixes, it has to hold.
    pub fn need(&self) -> Need {
        let asked = TimeDelta::seconds(i64::from(self.rule.min_duration_secs));
        match self.rule.condition {
            // As the fence itself: what two fixes a minute apart agree on.
            Condition::LeftArea { .. } => {
                let settings = Settings::default();
                Need { lasts: asked.max(settings.leave_confirm), fixes: settings.confirm_fixes }
            }
            Condition::StoppedOnTask { minutes } => {
                Need { lasts: asked.max(TimeDelta::minutes(i64::from(minutes))), fixes: 2 }
            }
            Condition::Near { .. }
            | Condition::Speeding { .. }
            | Condition::DeviceSilent { .. }
            | Condition::BatteryLow { .. }
            | Condition::Sos => Need { lasts: asked, fixes: 1 },
        }
    }

    /// Whether it speaks of something that happened then.
    pub fn speaks(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        self.rule.schedule.covers(at, zone)
    }
}

impl Area {
    fn new(poi: &Poi) -> Option<Self> {
        let fence = poi.fence.as_ref()?;
        let shape = PreparedShape::new(&fence.shape).ok()?;
        let margin_m = Settings::default().leave_margin_of(shape.size_m());
        Some(Area { version: fence.version, shape, margin_m })
    }
}
