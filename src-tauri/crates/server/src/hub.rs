//! Wakes those who wait: live sockets when their company's feed moves on, phones when something new concerns them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{CompanyId, ResourceId};
use tokio::sync::watch;

/// The waiting rooms. A signal is only "look again": what is new is read from the store.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    companies: Rooms<CompanyId>,
    phones: Rooms<ResourceId>,
}

#[derive(Debug)]
struct Rooms<K>(Mutex<HashMap<K, watch::Sender<u64>>>);

impl<K> Default for Rooms<K> {
    fn default() -> Self {
        Rooms(Mutex::default())
    }
}

impl<K: Eq + Hash> Rooms<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, key: K) -> watch::Receiver<u64> {
        self.lock().entry(key).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    fn wake(&self, key: &K) {
        let mut rooms = self.lock();
        if let Some(room) = rooms.get(key) {
            if room.receiver_count() == 0 {
                rooms.remove(key);
            } else {
                room.send_modify(|signals| *signals += 1);
            }
        }
    }

    fn wake_all(&self) {
        for room in self.lock().values() {
            room.send_modify(|signals| *signals += 1);
        }
    }
}

impl Hub {
    /// Waits for changes of a company.
    pub fn watch_company(&self, company: CompanyId) -> watch::Receiver<u64> {
        self.companies.enter(company)
    }

    /// Waits for what concerns a phone.
    pub fn watch_phone(&self, resource: ResourceId) -> watch::Receiver<u64> {
        self.phones.enter(resource)
    }

    /// A company's feed has moved on.
    pub fn company_changed(&self, company: CompanyId) {
        self.companies.wake(&company);
    }

    /// Something new concerns a phone.
    pub fn phone_changed(&self, resource: ResourceId) {
        self.phones.wake(&resource);
    }

    /// Something new concerns every phone.
    pub fn all_phones_changed(&self) {
        self.phones.wake_all();
    }
}
