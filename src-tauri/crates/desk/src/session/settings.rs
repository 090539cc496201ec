//! Who is signed in and where: what depends on the company's zone and region follows them at once.

use chrono::{DateTime, Utc};
use domain::ResourceId;
use domain::company::{Company, User};
use domain::travel::TravelMode;
use protocol::view::ViewEvent;

use super::Session;
use crate::regions::OpenRegion;

impl Session {
    /// User and company as the feed has them.
    pub(super) fn adopt_settings(&mut self, now: DateTime<Utc>) {
        let cache = self.picture.cache();
        let user = cache.users.get(&self.user.id).map(|row| row.data.clone());
        let company = cache.companies.get(&self.company.id).map(|row| row.data.clone());
        let user = user.unwrap_or_else(|| self.user.clone());
        let company = company.unwrap_or_else(|| self.company.clone());
        if self.adopt(user, company, now) {
            self.tell_session();
        }
    }

    /// User and company from now on; answers whether anything is different. The roads of another region come with
    /// [`Session::on_region`].
    pub(super) fn adopt(&mut self, user: User, company: Company, now: DateTime<Utc>) -> bool {
        if self.user == user && self.company == company {
            return false;
        }
        let zone = self.company.zone;
        (self.user, self.company) = (user, company);
        if self.company.zone != zone {
            self.on_zone(now);
        }
        true
    }

    pub(super) fn tell_session(&mut self) {
        let view = self.session_view();
        self.tell(ViewEvent::Session(Box::new(view)));
    }

    /// Shifts, breaks and the hours of roads are other ones: whatever rests on them is looked at anew.
    fn on_zone(&mut self, now: DateTime<Utc>) {
        self.watcher.set_zone(self.company.zone);
        self.renew_travel(now);
        let everybody: Vec<ResourceId> = self.picture.shown().resources.keys().copied().collect();
        self.dirty.people.extend(&everybody);
    }

    /// The region to open, if the company is in another one than that whose roads are here; answered once.
    pub fn take_region_to_open(&mut self) -> Option<String> {
        let region = &self.company.region;
        (self.opened != *region).then(|| {
            self.opened.clone_from(region);
            region.clone()
        })
    }

    /// A region was opened, or is not installed (`None`). Does nothing where the company is in another one by now.
    pub fn on_region(&mut self, name: &str, region: Option<OpenRegion>, now: DateTime<Utc>) {
        if self.opened != name {
            return;
        }
        self.region = region;
        self.renew_travel(now);
        self.tell_session();
    }

    /// Roads or their hours are other ones: a plan that rests on the old ones is none any more.
    fn renew_travel(&mut self, now: DateTime<Utc>) {
        let cars = self.region.as_ref().and_then(|region| region.routers.get(&TravelMode::Car)).cloned();
        self.learning.go_on(cars, self.company.zone);
        self.own_times.set(self.region.as_ref(), (self.learning.speeds(), self.company.zone));
        self.planning.outdate();
        self.ask_anew(now);
    }
}
