//! Fastest ways on a [`RoadGraph`], by a contraction hierarchy over its directed roads and turns.

use crate::drive::Drive;
use crate::ends::{self, Crossings, End, Start, end_seeds, start_seeds};
use crate::graph::{Arc, RoadGraph};
use crate::hierarchy::Cost;
use crate::many::Known;
use crate::route::{Leg, Route};
use crate::search::Scratch;
use crate::shape::{Part, Shape};
use crate::snap::{Place, SNAP_MAX_M, SegmentIndex, Snap};
use domain::LonLat;
use std::sync::{Mutex, PoisonError};

/// Why there is no way.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RouteError {
    /// The start or the end is farther than [`SNAP_MAX_M`] from every road.
    #[error("{distance_m:.0} m away from the nearest road")]
    NotOnRoad {
        /// Distance to the nearest road in metres.
        distance_m: f64,
    },
    /// Both are on roads, but the roads are not connected.
    #[error("no road leads there")]
    NoRoute,
}

/// Answers questions about one road graph. `Send + Sync`; a question takes microseconds in a town.
pub struct Router {
    graph: RoadGraph,
    segments: SegmentIndex,
    crossings: Crossings,
    /// Working memory of searches, one for each thread that asked at the same time.
    scratches: Mutex<Vec<Scratch>>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").field("nodes", &self.graph.node_count()).finish_non_exhaustive()
    }
}

impl Router {
    /// Prepares a graph for questions: milliseconds for a town.
    pub fn new(graph: RoadGraph) -> Self {
        let segments = SegmentIndex::new(&graph);
        let crossings = Crossings::new(&graph);
        Self { graph, segments, crossings, scratches: Mutex::new(Vec::new()) }
    }

    /// The graph it was made from.
    pub fn graph(&self) -> &RoadGraph {
        &self.graph
    }

    /// The road somebody is on: the nearest one, or one that is a little farther but fits the heading.
    /// [`RouteError::NotOnRoad`] if it is farther than [`SNAP_MAX_M`].
    pub fn snap(&self, place: impl Into<Place>) -> Result<Snap, RouteError> {
        let place = place.into();
        self.snap_in(place, None).ok_or_else(|| self.not_on_road(place))
    }

    /// [`Router::snap`] to a road of the largest component where there is one within [`SNAP_MAX_M`]: for a place that is kept
    /// and asked for from everywhere, such as a customer beside a fenced yard. Else the nearest road, which has ways only to
    /// its own island ([`Snap::is_on_main`]).
    pub fn snap_main(&self, place: impl Into<Place>) -> Result<Snap, RouteError> {
        let place = place.into();
        self.snap_in(place, Some(0)).map_or_else(|| self.snap(place), Ok)
    }

    /// The fastest way with its shape and times.
    pub fn route(&self, from: impl Into<Place>, to: impl Into<Place>) -> Result<Route, RouteError> {
        let (start, end) = self.snap_both(from.into(), to.into())?;
        self.route_between(&start, &end)
    }

    /// [`Router::route`] between places whose roads are known.
    pub fn route_between(&self, start: &Snap, end: &Snap) -> Result<Route, RouteError> {
        if self.is_same_junction(start, end) {
            return Ok(Shape::default().finish(start.at, end.at, 0));
        }
        let search = Search::new(self, start, end);
        let (cost, arcs) = self.found(&search)?;
        Ok(self.shape(&search, &arcs).finish(start.at, end.at, cost.ms))
    }

    /// The fastest way with the roads it takes, which is about as cheap as [`Router::leg_between`]: for whoever knows better how
    /// fast they are.
    pub fn drive_between(&self, start: &Snap, end: &Snap) -> Result<Drive, RouteError> {
        if self.is_same_junction(start, end) {
            return Ok(Drive::default());
        }
        let search = Search::new(self, start, end);
        let (cost, arcs) = self.found(&search)?;
        let mut drive = Drive::new(cost);
        self.walk(&search, &arcs, |wait_ms, part| drive.add(&self.graph, wait_ms, &part));
        Ok(drive)
    }

    /// What the fastest way costs, and its arcs.
    fn found(&self, search: &Search) -> Result<(Cost, Vec<u32>), RouteError> {
        self.with_scratch(|scratch| {
            let meeting = scratch.meet(&self.graph.hierarchy, &search.start_seeds, &search.end_seeds)?;
            Some((meeting.cost, self.arcs_along(&scratch.chain(&meeting))))
        })
        .ok_or(RouteError::NoRoute)
    }

    /// The fastest way without its shape: cheaper than [`Router::route`].
    pub fn leg(&self, from: impl Into<Place>, to: impl Into<Place>) -> Result<Leg, RouteError> {
        let (start, end) = self.snap_both(from.into(), to.into())?;
        self.leg_between(&start, &end)
    }

    /// [`Router::leg`] between places whose roads are known.
    pub fn leg_between(&self, start: &Snap, end: &Snap) -> Result<Leg, RouteError> {
        if self.is_same_junction(start, end) {
            return Ok(Leg { duration_secs: 0.0, distance_m: 0.0 });
        }
        let search = Search::new(self, start, end);
        self.with_scratch(|scratch| {
            scratch.meet(&self.graph.hierarchy, &search.start_seeds, &search.end_seeds)
        })
        .map(|meeting| Leg::from(meeting.cost))
        .ok_or(RouteError::NoRoute)
    }

    /// [`Router::leg`] from one place to each of many, in their order.
    pub fn legs(&self, from: impl Into<Place>, to: &[LonLat]) -> Vec<Result<Leg, RouteError>> {
        let to: Vec<Known> = to.iter().map(|at| self.known((*at).into())).collect();
        self.legs_to(&self.known(from.into()), &to)
    }

    /// Number of junctions, never 0.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Where a junction is; `None` from [`Router::node_count`] on.
    pub fn node_at(&self, index: usize) -> Option<LonLat> {
        self.graph.nodes.get(index).map(|node| node.lon_lat())
    }

    /// A junction of the largest component for a random number: each is as likely, and all reach each other.
    pub fn random_node(&self, random: u64) -> LonLat {
        let index = random % u64::from(self.graph.main_node_count);
        self.graph.nodes[index as usize].lon_lat()
    }

    fn snap_in(&self, place: Place, component: Option<u32>) -> Option<Snap> {
        self.segments.snap(&self.graph, place, component)
    }

    fn not_on_road(&self, place: Place) -> RouteError {
        RouteError::NotOnRoad { distance_m: self.segments.distance_m(place.at).max(SNAP_MAX_M) }
    }

    fn snap_both(&self, from: Place, to: Place) -> Result<(Snap, Snap), RouteError> {
        self.same_component(from, to, self.snap(from)?, self.snap(to)?)
    }

    /// Who stands beside a car park without an exit means the street behind it.
    pub(crate) fn same_component(
        &self,
        from: Place,
        to: Place,
        start: Snap,
        end: Snap,
    ) -> Result<(Snap, Snap), RouteError> {
        if start.component == end.component {
            return Ok((start, end));
        }
        let with_end = self.snap_in(to, Some(start.component)).map(|end| (start, end));
        let with_start = self.snap_in(from, Some(end.component)).map(|start| (start, end));
        let detour_m = |pair: &(Snap, Snap)| pair.0.distance_m + pair.1.distance_m;
        let nearer =
            with_end.into_iter().chain(with_start).min_by(|a, b| detour_m(a).total_cmp(&detour_m(b)));
        nearer.ok_or(RouteError::NoRoute)
    }

    pub(crate) fn is_same_junction(&self, start: &Snap, end: &Snap) -> bool {
        let junction = ends::junction(&self.graph, start);
        junction.is_some() && junction == ends::junction(&self.graph, end)
    }

    pub(crate) fn crossings(&self) -> &Crossings {
        &self.crossings
    }

    /// Lends working memory.
    pub(crate) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let kept = self.scratches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = kept.unwrap_or_else(|| Scratch::new(self.graph.arcs.len()));
        let answer = work(&mut scratch);
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        answer
    }

    /// The arcs along a chain of hierarchy numbers.
    fn arcs_along(&self, chain: &[u32]) -> Vec<u32> {
        let hierarchy = &self.graph.hierarchy;
        let mut arcs = vec![hierarchy.order[chain[0] as usize]];
        for pair in chain.windows(2) {
            hierarchy.unpack(pair[0], pair[1], &mut arcs);
        }
        arcs
    }

    fn shape(&self, search: &Search, arcs: &[u32]) -> Shape {
        let mut shape = Shape::default();
        self.walk(search, arcs, |wait_ms, part| {
            shape.wait(wait_ms);
            shape.add(&self.graph, &part);
        });
        shape
    }

    /// Calls `step` with each part of a way in order, and with what the turn into it takes, milliseconds.
    fn walk(&self, search: &Search, arcs: &[u32], mut step: impl FnMut(u32, Part)) {
        let mut entered = search.start_on(arcs[0]).and_then(|start| start.before);
        if let Some(before) = entered {
            step(0, self.part(before, search.from_share, None));
        }
        for (index, arc) in arcs.iter().enumerate() {
            let turn = |before: u32| self.graph.turns.after(before).iter().find(|turn| turn.to == *arc);
            let wait_ms = entered.and_then(turn).map_or(0, |turn| turn.ms);
            let is_first = index == 0 && entered.is_none();
            let is_last = index + 1 == arcs.len();
            let from = search.from_share.filter(|_| is_first);
            let to = search.to_share.filter(|_| is_last);
            step(wait_ms, self.part(*arc, from, to));
            entered = Some(*arc);
        }
    }

    /// An arc from one share of its edge to another; `None`: from the beginning, to the end.
    fn part(&self, arc: u32, from: Option<f64>, to: Option<f64>) -> Part {
        let Arc { edge, forward } = self.graph.arcs[arc as usize];
        let (begin, end) = if forward { (0.0, 1.0) } else { (1.0, 0.0) };
        Part { edge, from: from.unwrap_or(begin), to: to.unwrap_or(end) }
    }
}

/// One question, in terms of the hierarchy.
struct Search {
    starts: Vec<Start>,
    start_seeds: Vec<crate::search::Seed>,
    end_seeds: Vec<crate::search::Seed>,
    /// Where on its road somebody starts and ends; `None` at a junction.
    from_share: Option<f64>,
    to_share: Option<f64>,
}

impl Search {
    fn new(router: &Router, from: &Snap, to: &Snap) -> Self {
        let graph = &router.graph;
        let mut starts = ends::starts(graph, &router.crossings, from);
        let ends: Vec<End> = ends::ends(graph, &router.crossings, to);
        if ends::share_a_road(graph, from, to) {
            ends::around(graph, from, to, &mut starts);
        }
        let share = |snap: &Snap| ends::junction(graph, snap).is_none().then_some(snap.share);
        Self {
            start_seeds: start_seeds(graph, &starts),
            end_seeds: end_seeds(graph, &ends),
            starts,
            from_share: share(from),
            to_share: share(to),
        }
    }

    /// The start that was taken by a way over this arc.
    fn start_on(&self, arc: u32) -> Option<&Start> {
        self.starts.iter().filter(|start| start.arc == arc).min_by_key(|start| start.cost.weight)
    }
}
