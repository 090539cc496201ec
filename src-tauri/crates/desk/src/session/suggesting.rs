//! Who could do a task, now or at a past moment: what the answer is worked out from, away from the loop.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{LonLat, PoiId, ResourceId, TaskId};
use protocol::view::CandidateFilter;
use protocol::wire::WhereaboutsResponse;

use super::Session;
use crate::past::{Past, task_then};
use crate::suggestions::{self, Asked, Question};
use crate::views::Scene;

impl Session {
    /// Who could do a task; `None` where there is no such task.
    pub fn who_could(
        &mut self,
        task: TaskId,
        filter: &CandidateFilter,
        now: DateTime<Utc>,
    ) -> Option<Question> {
        let at = self.picture.shown().tasks.get(&task)?.data.at;
        let areas = self.areas_with(at, now);
        let known = self.picture.shown();
        let task = &known.tasks.get(&task)?.data;
        let asked = Asked { scene: self.scene(now), known, task, areas, is_past: false };
        Some(suggestions::question(asked, filter))
    }

    /// Who could have gone when people were there; `None` where there was no such task then.
    pub fn who_could_have(
        &mut self,
        task: TaskId,
        filter: &CandidateFilter,
        whereabouts: &WhereaboutsResponse,
    ) -> Option<Question> {
        let now = whereabouts.at;
        let task = task_then(&self.picture.shown().tasks.get(&task)?.data, now)?;
        let areas = self.areas_then(task.at, whereabouts);
        let known = self.picture.shown();
        let past = Past::of(known, whereabouts, self.user.id);
        let scene = Scene {
            picture: &past.picture,
            work: &past.work,
            positions: &past.positions,
            arrivals: &past.arrivals,
            fences: self.watcher.fences(),
            zone: self.zone(),
            now,
        };
        Some(suggestions::question(Asked { scene, known, task: &task, areas, is_past: true }, filter))
    }

    /// Areas that hold a place and those who are in them.
    fn areas_with(&mut self, at: LonLat, now: DateTime<Utc>) -> HashMap<ResourceId, Vec<PoiId>> {
        let there: Vec<PoiId> = self.watcher.fences_mut().containing(at).collect();
        if there.is_empty() {
            return HashMap::new();
        }
        let scene = self.scene(now);
        let shown = self.positions.resources().filter(|resource| scene.position(*resource).has_dot());
        let inside = |resource| scene.fences.inside(resource).filter(|poi| there.contains(poi)).collect();
        shown.map(|resource| (resource, inside(resource))).collect()
    }

    /// The same of a past moment, by today's areas.
    fn areas_then(
        &mut self,
        at: LonLat,
        whereabouts: &WhereaboutsResponse,
    ) -> HashMap<ResourceId, Vec<PoiId>> {
        let fences = self.watcher.fences_mut();
        let there: Vec<PoiId> = fences.containing(at).collect();
        if there.is_empty() {
            return HashMap::new();
        }
        let mut inside = |at| fences.containing(at).filter(|poi| there.contains(poi)).collect();
        whereabouts.fixes.iter().map(|(resource, fix)| (*resource, inside(fix.at))).collect()
    }
}
