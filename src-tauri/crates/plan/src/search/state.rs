//! All routes and what is left out, with a way back from a change.

use super::model::Model;
use super::route::{Route, Spot};

/// Nobody has the job.
pub const NOBODY: u32 = u32::MAX;

/// A whole plan that can be changed and changed back.
pub struct State {
    pub routes: Vec<Route>,
    /// Jobs nobody has.
    pub absent: Vec<u32>,
    /// By job: its route, or [`NOBODY`].
    pub holder: Vec<u32>,
    /// Of routes without the price of changes, by job below.
    pub cost: i64,
    /// The routes as they were before, of those that were touched.
    before: Vec<Route>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
    absent_before: Vec<u32>,
    cost_before: i64,
}

impl State {
    /// Everybody has what is fixed, and nothing else.
    pub fn new(model: &Model) -> Self {
        let routes: Vec<Route> = (0..model.workers.len()).map(|worker| Route::new(model, worker)).collect();
        let mut holder = vec![NOBODY; model.jobs.len()];
        for (index, route) in (0..).zip(&routes) {
            route.stops.iter().for_each(|job| holder[*job as usize] = index);
        }
        let absent: Vec<u32> =
            (0..model.jobs.len() as u32).filter(|job| !model.jobs[*job as usize].is_fixed).collect();
        let left_out: i64 = absent.iter().map(|job| model.jobs[*job as usize].left_out).sum();
        let cost = routes.iter().map(Route::cost).sum::<i64>() + left_out;
        let before = routes.clone();
        let count = routes.len();
        Self {
            routes,
            absent,
            holder,
            cost,
            before,
            touched: Vec::new(),
            is_touched: vec![false; count],
            absent_before: Vec::new(),
            cost_before: cost,
        }
    }

    /// From here on changes can be taken back.
    pub fn begin(&mut self) {
        self.touched.iter().for_each(|route| self.is_touched[*route as usize] = false);
        self.touched.clear();
        self.absent_before.clone_from(&self.absent);
        self.cost_before = self.cost;
    }

    /// Takes back everything since [`State::begin`].
    pub fn undo(&mut self) {
        for &job in &self.absent_before {
            self.holder[job as usize] = NOBODY;
        }
        for &index in &self.touched {
            let index = index as usize;
            std::mem::swap(&mut self.routes[index], &mut self.before[index]);
            self.routes[index].stops.iter().for_each(|job| self.holder[*job as usize] = index as u32);
        }
        std::mem::swap(&mut self.absent, &mut self.absent_before);
        self.cost = self.cost_before;
    }

    /// Whether somebody's day breaks a rule more than at [`State::begin`]: taking a task away may do that, when a break moves or no
    /// way is known past it.
    pub fn breaks_more(&self) -> bool {
        self.touched.iter().map(|route| *route as usize).any(|route| {
            let (now, before) = (&self.routes[route], &self.before[route]);
            now.excess() > before.excess() || now.gaps() > before.gaps()
        })
    }

    /// Whether a route was touched since [`State::begin`].
    pub fn is_touched(&self, route: usize) -> bool {
        self.is_touched[route]
    }

    /// Takes jobs out of a route.
    pub fn remove(&mut self, model: &Model, route: usize, jobs: &[u32]) {
        self.touch(route);
        let change = |job: &u32| model.jobs[*job as usize].change[route].unwrap_or(0);
        self.cost -= self.routes[route].cost();
        for job in jobs {
            self.cost += model.jobs[*job as usize].left_out - change(job);
            self.holder[*job as usize] = NOBODY;
        }
        self.routes[route].retain(model, |job| !jobs.contains(&job));
        self.cost += self.routes[route].cost();
        self.absent.extend(jobs);
    }

    /// Gives somebody a job that nobody has; the caller takes it out of `absent`.
    pub fn insert(&mut self, model: &Model, job: u32, route: usize, spot: Spot) {
        self.touch(route);
        let it = &model.jobs[job as usize];
        let before = self.routes[route].cost();
        self.routes[route].insert(model, job, spot.at);
        let after = self.routes[route].cost();
        debug_assert_eq!(after - before, spot.cost, "an insertion costs what it was judged to cost");
        self.cost += after - before - it.left_out + it.change[route].unwrap_or(0);
        self.holder[job as usize] = route as u32;
    }

    fn touch(&mut self, route: usize) {
        if !self.is_touched[route] {
            self.is_touched[route] = true;
            self.touched.push(route as u32);
            self.before[route].copy_from(&self.routes[route]);
        }
    }
}
