//! The way from the panels to the map: orders that wait until the map draws its next frame.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use map::{Fit, LiveMap};
use protocol::view::{PositionFrame, Subject};

use crate::backend::Backend;
use crate::state::Desk;

/// Something to do to the map, with the map in hand.
pub type Order = Box<dyn FnOnce(&mut LiveMap)>;

/// Orders beyond this are kept only for a map that may still come.
const MOST_ORDERS_BEFORE_THE_MAP: usize = 2_000;

#[derive(Default)]
struct Link {
    orders: Vec<Order>,
    wake: Option<Box<dyn Fn()>>,
    failed: bool,
}

/// Hands orders to the map, wherever it is.
#[derive(Clone, Copy)]
pub struct MapLink {
    link: StoredValue<Rc<RefCell<Link>>, LocalStorage>,
    backend: StoredValue<Rc<dyn Backend>, LocalStorage>,
    /// Whether the map can't be drawn here (no WebGL).
    pub unavailable: RwSignal<bool>,
    /// Whom the map follows.
    pub following: RwSignal<Option<domain::ResourceId>>,
    /// What is drawn.
    pub layers: RwSignal<map::Layers>,
}

impl MapLink {
    /// A link without a map yet.
    pub fn new(backend: Rc<dyn Backend>) -> Self {
        Self {
            link: StoredValue::new_local(Rc::default()),
            backend: StoredValue::new_local(backend),
            unavailable: RwSignal::new(false),
            following: RwSignal::new(None),
            layers: RwSignal::new(map::Layers::default()),
        }
    }

    /// Does something to the map before its next frame.
    pub fn order(self, order: impl FnOnce(&mut LiveMap) + 'static) {
        self.link.with_value(|link| {
            let mut link = link.borrow_mut();
            if link.failed || (link.wake.is_none() && link.orders.len() >= MOST_ORDERS_BEFORE_THE_MAP) {
                return;
            }
            link.orders.push(Box::new(order));
            if let Some(wake) = &link.wake {
                wake();
            }
        });
    }

    /// Takes moved dots to the map.
    pub fn apply_frame(self, frame: PositionFrame) {
        self.order(move |map| map.apply_frame(&frame));
    }

    /// Takes everything off the map: the session is over.
    pub fn clear(self) {
        let nothing = PositionFrame { now_ms: 0, full: true, dots: Vec::new(), gone: Vec::new() };
        self.order(move |map| {
            map.apply_frame(&nothing);
            map.set_places(Vec::new());
            map.set_tasks(Vec::new());
            map.set_resources(Vec::new());
            map.end_edit();
            map.set_preview(Vec::new());
            map.set_route(None);
            map.set_ways(Vec::new());
            map.set_track(None);
            map.set_evidence(None);
            map.set_follow(None);
            map.select(None);
        });
    }

    /// Brings something into view.
    pub fn fly_to(self, desk: Desk, subject: Subject) {
        let at = match subject {
            Subject::Task(id) => desk.rows.tasks.peek(id).map(|row| row.task.at),
            Subject::Poi(id) => desk.rows.pois.peek(id).map(|row| row.at),
            Subject::Alert(id) => desk.rows.alerts.peek(id).and_then(|row| row.alert.at),
            Subject::Bid(id) => {
                let task = desk.rows.bids.peek(id).map(|row| row.bid.task);
                task.and_then(|task| desk.rows.tasks.peek(task)).map(|row| row.task.at)
            }
            Subject::Resource(_) | Subject::Rule(_) => None,
        };
        self.order(move |map| match at {
            Some(center) => {
                let zoom = map.view().zoom.max(15.0);
                map.set_view(map::MapView { center, zoom });
            }
            None => {
                map.select(Some(subject));
                map.fit(Fit::Selection);
            }
        });
    }

    /// Orders that wait, taken by the map's host before it draws.
    pub fn take_orders(self) -> Vec<Order> {
        self.link.with_value(|link| std::mem::take(&mut link.borrow_mut().orders))
    }

    /// The map is there; `wake` asks it for a frame.
    pub fn map_came(self, wake: impl Fn() + 'static) {
        self.link.with_value(|link| link.borrow_mut().wake = Some(Box::new(wake)));
    }

    /// There will be no map.
    pub fn map_failed(self) {
        self.link.with_value(|link| {
            let mut link = link.borrow_mut();
            link.failed = true;
            link.orders.clear();
        });
        self.unavailable.set(true);
    }

    /// Where tiles come from.
    pub fn backend(self) -> Rc<dyn Backend> {
        self.backend.get_value()
    }
}
