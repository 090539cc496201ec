//! Turn restrictions of OSM: signs that forbid a turn, or allow only one.

use crate::graph::Arc;
use crate::profile::{Profile, TurnRules};
use crate::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};

/// What a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    No,
    Only,
}

/// Where the turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    Node(i64),
    Way(i64),
}

/// A restriction with OSM's ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Restriction {
    pub sign: Sign,
    pub from_way: i64,
    pub via: Via,
    pub to_way: i64,
}

/// A member of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member<'a> {
    pub role: &'a str,
    pub is_way: bool,
    pub id: i64,
}

impl Restriction {
    /// `None`: no restriction, not for this profile, only at some hours, or not drawn as it should be (no via, several ways via).
    pub fn read<'a>(
        profile: Profile,
        tags: &Tags<'_>,
        members: impl Iterator<Item = Member<'a>> + Clone,
    ) -> Option<Self> {
        let sign = sign(profile, tags)?;
        let only_one = |role: &str, is_way: bool| {
            let mut found = members.clone().filter(|member| member.role == role && member.is_way == is_way);
            found.next().filter(|_| found.next().is_none()).map(|member| member.id)
        };
        let via = match (only_one("via", false), only_one("via", true)) {
            (Some(node), None) => Via::Node(node),
            (None, Some(way)) => Via::Way(way),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        Some(Self { sign, from_way: only_one("from", true)?, via, to_way: only_one("to", true)? })
    }
}

fn sign(profile: Profile, tags: &Tags<'_>) -> Option<Sign> {
    let vehicles = profile.vehicles();
    let kind = tags.get("type")?;
    let own_kind = vehicles.iter().any(|vehicle| kind.strip_prefix("restriction:") == Some(vehicle));
    if kind != "restriction" && !own_kind {
        return None;
    }
    let excepted = tags.get("except").unwrap_or_default();
    if vehicles.is_empty() || excepted.split([';', ',']).any(|one| vehicles.contains(&one.trim())) {
        return None;
    }
    let own = vehicles.iter().find_map(|vehicle| tags.get(&format!("restriction:{vehicle}")));
    let text = own.or(tags.get("restriction"))?;
    match text.split_once('_')? {
        ("no", _) => Some(Sign::No),
        ("only", _) => Some(Sign::Only),
        _ => None,
    }
}

/// Restrictions in terms of arcs. A restriction over a way makes copies of the arcs in between: who came in by the road of the
/// sign drives on the copy, which lacks the forbidden exit.
pub(crate) struct Bans {
    rules: TurnRules,
    first_copy: usize,
    /// What each copy is a copy of.
    originals: Vec<u32>,
    forbidden: BTreeSet<(u32, u32)>,
    /// The only exits after an arc where there are such.
    only: BTreeMap<u32, Vec<u32>>,
    redirected: BTreeMap<(u32, u32), u32>,
}

/// Looks up arcs by OSM's ids.
pub(crate) struct Roads<'a> {
    pub arcs: &'a [Arc],
    /// (from junction, to junction) of each arc.
    pub ends: &'a dyn Fn(Arc) -> (u32, u32),
    /// The junction at an OSM node.
    pub junction: &'a dyn Fn(i64) -> Option<u32>,
    /// Arcs by way, see [`Roads::of_way`].
    by_way: BTreeMap<i64, Vec<u32>>,
}

impl<'a> Roads<'a> {
    pub fn new(
        arcs: &'a [Arc],
        ways: &[i64],
        ends: &'a dyn Fn(Arc) -> (u32, u32),
        junction: &'a dyn Fn(i64) -> Option<u32>,
    ) -> Self {
        let mut by_way: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for (number, arc) in arcs.iter().enumerate() {
            by_way.entry(ways[arc.edge as usize]).or_default().push(number as u32);
        }
        Self { arcs, ends, junction, by_way }
    }

    fn of_way(&self, way: i64) -> &[u32] {
        self.by_way.get(&way).map_or(&[], Vec::as_slice)
    }

    fn into(&self, way: i64, junction: u32) -> impl Iterator<Item = u32> {
        self.of_way(way).iter().copied().filter(move |arc| self.end(*arc) == junction)
    }

    fn out_of(&self, way: i64, junction: u32) -> impl Iterator<Item = u32> {
        self.of_way(way).iter().copied().filter(move |arc| self.start(*arc) == junction)
    }

    fn start(&self, arc: u32) -> u32 {
        (self.ends)(self.arcs[arc as usize]).0
    }

    fn end(&self, arc: u32) -> u32 {
        (self.ends)(self.arcs[arc as usize]).1
    }

    fn is_back(&self, arc: u32, other: u32) -> bool {
        self.arcs[arc as usize].edge == self.arcs[other as usize].edge
    }
}

/// A via way cut into more pieces than this is a mistake.
const MAX_VIA_PIECES: usize = 16;

impl Bans {
    /// Resolves all restrictions; those whose roads aren't here say nothing.
    pub fn new(rules: TurnRules, restrictions: &[Restriction], roads: &Roads<'_>) -> Self {
        let mut bans = Self {
            rules,
            first_copy: roads.arcs.len(),
            originals: Vec::new(),
            forbidden: BTreeSet::new(),
            only: BTreeMap::new(),
            redirected: BTreeMap::new(),
        };
        for restriction in restrictions {
            match restriction.via {
                Via::Node(node) => bans.add_at_node(restriction, node, roads),
                Via::Way(way) => bans.add_over_way(restriction, way, roads),
            }
        }
        bans
    }

    fn add_at_node(&mut self, restriction: &Restriction, node: i64, roads: &Roads<'_>) {
        let Some(junction) = (roads.junction)(node) else { return };
        for from in roads.into(restriction.from_way, junction) {
            self.close(from, from, restriction, roads);
        }
    }

    fn add_over_way(&mut self, restriction: &Restriction, way: i64, roads: &Roads<'_>) {
        for first in roads.of_way(way) {
            let before: Vec<u32> = roads.into(restriction.from_way, roads.start(*first)).collect();
            if before.is_empty() {
                continue;
            }
            let Some(passed) = pieces_to(*first, way, restriction.to_way, roads) else { continue };
            for from in before {
                let mut last = from;
                for piece in &passed {
                    last = self.copy(last, *piece);
                }
                let end = passed[passed.len() - 1];
                self.close(last, end, restriction, roads);
            }
        }
    }

    /// The copy of `piece` that is entered from `before`.
    fn copy(&mut self, before: u32, piece: u32) -> u32 {
        let next = (self.first_copy + self.originals.len()) as u32;
        let copy = *self.redirected.entry((before, piece)).or_insert(next);
        if copy == next {
            self.originals.push(piece);
        }
        copy
    }

    /// `from` is the arc, or a copy of `arc`, after which the sign holds.
    fn close(&mut self, from: u32, arc: u32, restriction: &Restriction, roads: &Roads<'_>) {
        let turns_back = restriction.from_way == restriction.to_way && restriction.via_is_node();
        let named = roads.out_of(restriction.to_way, roads.end(arc));
        let named: Vec<u32> = named.filter(|to| !turns_back || roads.is_back(arc, *to)).collect();
        match restriction.sign {
            Sign::No => self.forbidden.extend(named.into_iter().map(|to| (from, to))),
            Sign::Only if named.is_empty() => {}
            Sign::Only => self.only.entry(from).or_default().extend(named),
        }
    }

    pub fn rules(&self) -> &TurnRules {
        &self.rules
    }

    /// Arcs from this number on are copies.
    pub fn first_copy(&self) -> usize {
        self.first_copy
    }

    /// What the copies are copies of, in their order.
    pub fn originals(&self) -> &[u32] {
        &self.originals
    }

    fn original(&self, arc: u32) -> u32 {
        let copy = (arc as usize).checked_sub(self.first_copy);
        copy.map_or(arc, |index| self.originals[index])
    }

    pub fn forbid(&self, from: u32, to: u32) -> bool {
        let by_sign = |from: u32| {
            self.forbidden.contains(&(from, to))
                || self.only.get(&from).is_some_and(|only| !only.contains(&to))
        };
        by_sign(from) || by_sign(self.original(from))
    }

    /// The arc that is meant when one turns from `from` into `to`.
    pub fn redirected(&self, from: u32, to: u32) -> u32 {
        let known = |from: u32| self.redirected.get(&(from, to)).copied();
        known(from).or_else(|| known(self.original(from))).unwrap_or(to)
    }
}

impl Restriction {
    fn via_is_node(&self) -> bool {
        matches!(self.via, Via::Node(_))
    }
}

/// The pieces of a way from `first` on until a junction from which `to_way` leaves.
fn pieces_to(first: u32, way: i64, to_way: i64, roads: &Roads<'_>) -> Option<Vec<u32>> {
    let mut passed = vec![first];
    while passed.len() <= MAX_VIA_PIECES {
        let last = passed[passed.len() - 1];
        let junction = roads.end(last);
        if roads.out_of(to_way, junction).next().is_some() {
            return Some(passed);
        }
        let next = roads.out_of(way, junction).find(|next| !roads.is_back(last, *next))?;
        passed.push(next);
    }
    None
}
