//! The fences, their index, and what is asked about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::place::{Fence, ShapeError};
use domain::position::Fix;
use domain::{GroupId, LonLat, PoiId};

use crate::cover::{LEVELS, Part, Spot, any_point, cover};
use crate::event::{EventKind, Evidence};
use crate::extent::Extent;
use crate::grid::{Grid, Vicinity};
use crate::index::FenceIndex;
use crate::machine::Sighting;
use crate::settings::Settings;
use crate::shape::PreparedShape;

/// The place of a fence in the order of all fences' ids.
pub(crate) type Slot = u32;

/// The fences in the order of their ids.
#[derive(Debug)]
pub(crate) struct Watch {
    fences: Arc<Vec<Watched>>,
    index: Arc<FenceIndex>,
    pub grid: Arc<Grid>,
    briefs: Arc<Vec<Brief>>,
    pub settings: Settings,
    /// [`Settings::stale_after`] in microseconds.
    pub stale_after_us: i64,
    pub zone: Tz,
    pub zero_is_fenced: bool,
    /// Whether any fence wants to know who drives through.
    pub any_crossed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub poi: PoiId,
    pub fence: Fence,
    pub shape: Arc<PreparedShape>,
    parts: Vec<Part>,
}

/// Prepares fences in the order of their places, so that neighbours are close together in memory too.
fn prepared(fences: Vec<(PoiId, Fence)>) -> (Vec<Watched>, Vec<(PoiId, ShapeError)>) {
    let mut in_order: Vec<(usize, (PoiId, Fence))> = fences.into_iter().enumerate().collect();
    in_order.sort_by_cached_key(|(_, (_, fence))| {
        let cells = |spot: Spot| (0..LEVELS).rev().map(move |level| spot.cell(level));
        any_point(&fence.shape).map(|at| cells(Spot::of(at)).collect::<Vec<_>>())
    });
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (number, (poi, fence)) in in_order {
        match PreparedShape::new(&fence.shape) {
            Ok(shape) => good.push((poi, fence, Arc::new(shape))),
            Err(error) => bad.push((number, (poi, error))),
        }
    }
    bad.sort_unstable_by_key(|(number, _)| *number);
    let watched = |(poi, fence, shape): (PoiId, Fence, Arc<PreparedShape>)| {
        let parts = cover(&shape);
        Watched { poi, fence, shape, parts }
    };
    (good.into_iter().map(watched).collect(), bad.into_iter().map(|(_, bad)| bad).collect())
}

/// What is asked of a fence most often, close together.
#[derive(Debug)]
struct Brief {
    poi: PoiId,
    shape: Arc<PreparedShape>,
    leave_margin_m: f64,
    dwell_secs: Option<u32>,
    is_for_all: bool,
}

fn briefs(fences: &[Watched], settings: &Settings) -> Arc<Vec<Brief>> {
    let brief = |watched: &Watched| Brief {
        poi: watched.poi,
        shape: watched.shape.clone(),
        leave_margin_m: settings.leave_margin_of(watched.shape.size_m()),
        dwell_secs: watched.fence.dwell_secs,
        is_for_all: watched.fence.groups.is_empty(),
    };
    Arc::new(fences.iter().map(brief).collect())
}

/// What became of the slots: `moved[old]` is the new slot of a fence that is unchanged, `new` are those that were not there.
#[derive(Debug, Default)]
pub(crate) struct Renumbering {
    pub moved: Vec<Option<Slot>>,
    pub new: Vec<Slot>,
}

impl Renumbering {
    pub fn is_nothing(&self) -> bool {
        self.new.is_empty() && self.moved.iter().enumerate().all(|(old, slot)| *slot == Some(old as Slot))
    }
}

impl Watch {
    pub fn new(settings: Settings, zone: Tz) -> Self {
        Self {
            fences: Arc::default(),
            index: Arc::default(),
            grid: Arc::default(),
            briefs: Arc::default(),
            settings,
            stale_after_us: settings.stale_after.num_microseconds().unwrap_or(i64::MAX),
            zone,
            zero_is_fenced: false,
            any_crossed: false,
        }
    }

    /// The same fences' rules under other settings.
    pub fn with_settings(&self, settings: Settings) -> Self {
        let mut watch = Self::new(settings, self.zone);
        watch.briefs = briefs(&self.fences, &settings);
        (watch.fences, watch.index, watch.grid) =
            (self.fences.clone(), self.index.clone(), self.grid.clone());
        (watch.zero_is_fenced, watch.any_crossed) = (self.zero_is_fenced, self.any_crossed);
        watch
    }

    /// One fence alone, with all its rules speaking at all times.
    pub fn only(&self, poi: PoiId) -> Option<Self> {
        let mut only = Self::new(self.settings, self.zone);
        let mut watched = self.fences[self.slot(poi)? as usize].clone();
        let fence = &mut watched.fence;
        (fence.on_enter, fence.on_exit, fence.on_crossed) = (true, true, true);
        fence.schedule = domain::schedule::Schedule::default();
        only.index(vec![watched]);
        only.zero_is_fenced = self.zero_is_fenced;
        Some(only)
    }

    /// Replaces the fences; those whose version is unchanged stay prepared.
    pub fn replace(
        &mut self,
        fences: impl IntoIterator<Item = (PoiId, Fence)>,
    ) -> (Renumbering, Vec<(PoiId, ShapeError)>) {
        let before = Arc::unwrap_or_clone(std::mem::take(&mut self.fences));
        let mut renumbering = Renumbering { moved: vec![None; before.len()], new: Vec::new() };
        let mut known: BTreeMap<PoiId, (usize, Watched)> =
            before.into_iter().enumerate().map(|(old, watched)| (watched.poi, (old, watched))).collect();
        let mut after: BTreeMap<PoiId, (Option<usize>, Watched)> = BTreeMap::new();
        let mut new = Vec::new();
        for (poi, fence) in fences {
            let same = known.remove(&poi).filter(|(_, watched)| watched.fence.version == fence.version);
            match same {
                Some((old, watched)) => _ = after.insert(poi, (Some(old), watched)),
                None => new.push((poi, fence)),
            }
        }
        let (new, bad) = prepared(new);
        after.extend(new.into_iter().map(|watched| (watched.poi, (None, watched))));
        let mut fences = Vec::with_capacity(after.len());
        for (slot, (_, (old, watched))) in (0..).zip(after) {
            match old {
                Some(old) => renumbering.moved[old] = Some(slot),
                None => renumbering.new.push(slot),
            }
            fences.push(watched);
        }
        if renumbering.is_nothing() {
            self.fences = Arc::new(fences);
        } else {
            self.index(fences);
        }
        (renumbering, bad)
    }

    fn index(&mut self, fences: Vec<Watched>) {
        let each = || (0..).zip(&fences);
        self.index = Arc::new(FenceIndex::new(each().map(|(slot, watched)| (slot, watched.shape.extent()))));
        self.grid = Arc::new(Grid::new(each().map(|(slot, watched)| (slot, watched.parts.as_slice()))));
        self.briefs = briefs(&fences, &self.settings);
        self.zero_is_fenced = !self.index.around(LonLat::from_e7(0, 0), 0.0).is_empty();
        self.any_crossed = fences.iter().any(|watched| watched.fence.on_crossed);
        self.fences = Arc::new(fences);
    }

    pub fn slot(&self, poi: PoiId) -> Option<Slot> {
        let place = self.fences.binary_search_by_key(&poi, |watched| watched.poi);
        place.ok().map(|place| place as Slot)
    }

    pub fn at(&self, slot: Slot) -> &Watched {
        &self.fences[slot as usize]
    }

    fn brief(&self, slot: Slot) -> &Brief {
        &self.briefs[slot as usize]
    }

    pub fn shape(&self, slot: Slot) -> &PreparedShape {
        &self.brief(slot).shape
    }

    /// All fences with their slots.
    pub fn all(&self) -> impl Iterator<Item = (Slot, &Watched)> {
        (0..).zip(self.fences.iter())
    }

    /// The fences that contain the point itself, in order.
    pub fn containing<'a>(
        &'a self,
        at: LonLat,
        vicinity: &'a mut Vicinity,
    ) -> impl Iterator<Item = PoiId> + 'a {
        let ask = |slot: Slot| self.shape(slot).contains(at);
        let found = self.grid.containing(Spot::of(at), vicinity, ask);
        found.iter().map(|slot| self.brief(*slot).poi)
    }

    /// The fences for `group` that a fix may be in, as far as its error circle tells, in order.
    pub fn within_error(&self, fix: &Fix, group: GroupId) -> Vec<Slot> {
        let found = self.index.around(fix.at, f64::from(fix.accuracy_95_m()));
        let sighting = Sighting::of(fix);
        let may_be_in =
            |slot: &Slot| self.concerns(*slot, group) && !self.evidence(*slot, &sighting).is_outside();
        found.into_iter().filter(may_be_in).collect()
    }

    /// The fences for `group` that want to know who drives through, and may lie on the way.
    pub fn crossed_by(&self, extent: Extent, group: GroupId) -> Vec<Slot> {
        let wanted = |slot: &Slot| self.at(*slot).fence.on_crossed && self.concerns(*slot, group);
        self.index.meeting(extent).into_iter().filter(wanted).collect()
    }

    /// Whether the fence is meant for `group`.
    pub fn concerns(&self, slot: Slot, group: GroupId) -> bool {
        self.brief(slot).is_for_all || self.at(slot).fence.groups.contains(&group)
    }

    /// A fix as seen from a fence.
    pub fn evidence(&self, slot: Slot, sighting: &Sighting) -> Evidence {
        let Sighting { fix_time, acc95_m, at, dist_m } = *sighting;
        let dist_m = dist_m.unwrap_or_else(|| self.shape(slot).signed_distance_m(at));
        Evidence { fix_time, at, dist_m, acc95_m: f64::from(acc95_m) }
    }

    /// Beyond this many metres from the border of a fence all distances say the same of a fix.
    pub fn limit_m(acc95_m: f32, margin_m: f64) -> f64 {
        3.0 * f64::from(acc95_m) + margin_m + 1.0
    }

    /// How far beyond the border one has left a fence, in metres.
    pub fn leave_margin_m(&self, slot: Slot) -> f64 {
        self.brief(slot).leave_margin_m
    }

    /// After so many seconds inside the fence wants to be told.
    pub fn dwell_secs(&self, slot: Slot) -> Option<u32> {
        self.brief(slot).dwell_secs
    }

    /// Whether the fence's rules want to say this, and at that time.
    pub fn wants(&self, slot: Slot, kind: EventKind, event_time: DateTime<Utc>) -> bool {
        let fence = &self.at(slot).fence;
        has_rule(fence, kind) && fence.schedule.covers(event_time, self.zone)
    }

    /// The fence is smaller than the error circle of the fix: nobody can tell.
    pub fn is_undecidable(&self, slot: Slot, fix: &Fix) -> bool {
        self.at(slot).shape.size_m() < 2.0 * f64::from(fix.accuracy_95_m())
    }
}

/// Whether a fence has the rule that says this.
pub(crate) fn has_rule(fence: &Fence, kind: EventKind) -> bool {
    match kind {
        EventKind::Entered => fence.on_enter,
        EventKind::Left => fence.on_exit,
        EventKind::Dwelt { secs } => fence.dwell_secs == Some(secs),
        EventKind::Crossed => fence.on_crossed,
        EventKind::Absent { secs } => fence.absent_secs == Some(secs),
        EventKind::Retracted => false,
    }
}
