//! What the form of a fence holds, and what becomes of it.

use domain::GroupId;
use domain::alert::Severity;
use domain::place::{Fence, FenceColor, FenceShape, Poi, PoiKind};
use domain::rule::AlertPolicy;
use domain::schedule::Schedule;
use leptos::prelude::*;
use protocol::view::Subject;

use super::purpose::{FencePurpose, pin, watched};
use super::values::{Checked, Problems, Timed, sorted};
use crate::state::{Desk, ToastKind};
use crate::words::{error_text, tf};

/// What is offered when a rule with a time is switched on, minutes.
const DWELL_MINUTES: u32 = 15;
const ABSENT_MINUTES: u32 = 10;

/// What the form holds.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub name: RwSignal<String>,
    pub address: RwSignal<String>,
    pub kind: RwSignal<PoiKind>,
    /// Whether there is an area at all.
    pub watched: RwSignal<bool>,
    pub shape: RwSignal<Option<FenceShape>>,
    pub color: RwSignal<FenceColor>,
    pub groups: RwSignal<Vec<GroupId>>,
    pub on_enter: RwSignal<bool>,
    pub on_exit: RwSignal<bool>,
    pub on_crossed: RwSignal<bool>,
    pub dwell: RwSignal<Timed>,
    pub absent: RwSignal<Timed>,
    pub schedule: RwSignal<Schedule>,
    /// Whether its alerts are delivered in a way of their own.
    pub own_policy: RwSignal<bool>,
    pub policy: RwSignal<AlertPolicy>,
    /// Saving was tried: what is wrong is said everywhere.
    pub tried: RwSignal<bool>,
    /// What is wrong now: looked for once per change, a large shape takes its time.
    pub found: RwSignal<Problems>,
    pub error: RwSignal<Option<String>>,
    pub busy: RwSignal<bool>,
    /// What the edit is made from.
    pub base: StoredValue<Option<Poi>>,
    /// What the form was filled with.
    pub filled: StoredValue<(Poi, Option<Fence>)>,
}

impl Form {
    pub(super) fn new(desk: Desk, purpose: FencePurpose) -> Self {
        let base = purpose.base(desk);
        let (poi, fence) = purpose.filled(base.as_ref());
        let known =
            fence.clone().unwrap_or_else(|| watched(FenceShape::Circle { center: poi.at, radius_m: 1.0 }));
        Self {
            name: RwSignal::new(poi.name.clone()),
            address: RwSignal::new(poi.address.clone()),
            kind: RwSignal::new(poi.kind),
            watched: RwSignal::new(fence.is_some() || purpose.poi().is_none()),
            shape: RwSignal::new(fence.as_ref().map(|fence| fence.shape.clone())),
            color: RwSignal::new(known.color),
            groups: RwSignal::new(known.groups.clone()),
            on_enter: RwSignal::new(known.on_enter),
            on_exit: RwSignal::new(known.on_exit),
            on_crossed: RwSignal::new(known.on_crossed),
            dwell: RwSignal::new(Timed::of(known.dwell_secs, DWELL_MINUTES)),
            absent: RwSignal::new(Timed::of(known.absent_secs, ABSENT_MINUTES)),
            schedule: RwSignal::new(known.schedule.clone()),
            own_policy: RwSignal::new(known.policy.is_some()),
            policy: RwSignal::new(known.policy.unwrap_or_else(|| AlertPolicy::of(Severity::Info))),
            tried: RwSignal::new(false),
            found: RwSignal::new(Problems::default()),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            base: StoredValue::new(base),
            filled: StoredValue::new((poi, fence)),
        }
    }

    /// What is wrong; whoever reads it is run again when something else is.
    pub(super) fn problems(self) -> Problems {
        self.found.get()
    }

    /// Looks for what is wrong; whoever does is run again with every change.
    pub(super) fn check(self, desk: Desk) -> Problems {
        let drawing = desk.look.fences.edit.with(|edit| edit.as_ref().is_some_and(|edit| edit.drawing));
        let (name, address) = (self.name.get(), self.address.get());
        let (dwell, absent) = (self.dwell.get(), self.absent.get());
        self.shape.with(|shape| {
            Problems::of(&Checked {
                name: &name,
                address: &address,
                watched: self.watched.get(),
                shape: shape.as_ref(),
                drawing,
                dwell: &dwell,
                absent: &absent,
            })
        })
    }

    /// The place as the form has it now; what can't be used yet is as it was.
    pub(super) fn poi(self) -> Poi {
        let (before, fence_before) = self.filled.get_value();
        let shape = self.shape.get().filter(|_| self.watched.get());
        let is_new = self.base.with_value(Option::is_none);
        let at = pin(&before, is_new, shape.as_ref());
        let filled = fence_before.as_ref();
        let fence = shape.map(|shape| Fence {
            version: filled.map_or(1, |fence| fence.version),
            shape,
            groups: same_groups(self.groups.get(), filled),
            on_enter: self.on_enter.get(),
            on_exit: self.on_exit.get(),
            dwell_secs: timed(self.dwell, filled.and_then(|fence| fence.dwell_secs)),
            on_crossed: self.on_crossed.get(),
            absent_secs: timed(self.absent, filled.and_then(|fence| fence.absent_secs)),
            schedule: self.schedule.get(),
            policy: self.own_policy.get().then(|| self.policy.get()),
            color: self.color.get(),
        });
        Poi {
            id: before.id,
            name: left_alone(&before.name, self.name.get()),
            kind: self.kind.get(),
            at,
            address: left_alone(&before.address, self.address.get()),
            fence,
        }
    }

    /// Whether anything is different from what the form was filled with.
    pub(super) fn is_changed(self, desk: Desk) -> bool {
        let drawing = desk.look.fences.edit.with(|edit| edit.as_ref().is_some_and(|edit| edit.drawing));
        let now = self.poi();
        // The pin follows the shape.
        let same = self
            .filled
            .with_value(|(poi, fence)| now == Poi { fence: fence.clone(), at: now.at, ..poi.clone() });
        drawing || !same
    }

    pub(super) fn submit(self, desk: Desk, purpose: FencePurpose) {
        self.tried.set(true);
        let problems = untrack(|| self.check(desk));
        let wrong = !problems.is_none();
        self.found.set(problems);
        if wrong {
            return;
        }
        let poi = untrack(|| self.poi());
        let (id, name) = (poi.id, poi.name.clone());
        self.busy.set(true);
        self.error.set(None);
        let request = purpose.request(poi, self.base.get_value());
        leptos::task::spawn_local(async move {
            match desk.request(request).await {
                Ok(_) => {
                    let key = if purpose.poi().is_none() { "toast-created" } else { "toast-saved" };
                    desk.say(ToastKind::Done, tf(key, &[("title", &name)]));
                    // Whoever saved may have gone on to another form.
                    if self.busy.try_set(false).is_none() {
                        desk.look.fences.unsaved.set(false);
                        desk.look.finish(Subject::Poi(id));
                    }
                }
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                    let _ = self.busy.try_set(false);
                }
            }
        });
    }
}

fn timed(field: RwSignal<Timed>, filled: Option<u32>) -> Option<u32> {
    field.get().secs(filled).unwrap_or(filled)
}

/// The groups as they were, when they are the same in another order.
fn same_groups(now: Vec<GroupId>, filled: Option<&Fence>) -> Vec<GroupId> {
    let before = filled.map(|fence| fence.groups.clone()).unwrap_or_default();
    if sorted(now.clone()) == sorted(before.clone()) { before } else { now }
}

/// What was filled in, when it still reads the same: spaces around it are nobody's change.
fn left_alone(filled: &str, typed: String) -> String {
    if filled.trim() == typed.trim() { filled.to_owned() } else { typed.trim().to_owned() }
}
