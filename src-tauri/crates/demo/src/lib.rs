//! The embedded demo: the reference server with the demo company, and a fleet of simulated phones, both in this process.
//!
//! Invariants:
//!
//! * Server and fleet talk over loopback HTTP, as everybody else does: the demo takes no short cuts.
//! * The server's data live in a temporary folder: stopping the server keeps them, shutting the demo down deletes them.
//! * There is at most one demo at a time; starting again answers with the running one.
//!
//! Deliberately absent: anything a real company would need, and any way for the demo to be reached from outside.

mod running;

use std::path::PathBuf;
use std::sync::Arc;

use desk::{BoxFuture, DemoError, DemoLauncher, DemoSession};
use domain::access::Role;
pub use field::fleet::Outage;
use tokio::sync::Mutex;

use running::{People, Running};

/// How much faster than real people the simulated ones drive and work.
pub const SPEED: f64 = 3.0;

/// The demo that runs, if one does.
type Slot = Arc<Mutex<Option<Arc<Running>>>>;

/// Starts the demo on demand.
pub struct Launcher {
    region_roots: Vec<PathBuf>,
    speed: f64,
    outage: Outage,
    slot: Slot,
}

impl Launcher {
    /// A demo on the regions in these folders.
    pub fn new(region_roots: Vec<PathBuf>) -> Self {
        Self { region_roots, speed: SPEED, outage: Outage::default(), slot: Slot::default() }
    }

    /// The switch that takes the network away from so many of the demo's phones at once, whether the demo runs yet or not.
    pub fn outage(&self) -> Outage {
        self.outage.clone()
    }

    /// The same with people of another speed.
    pub fn with_speed(self, speed: f64) -> Self {
        Self { speed, ..self }
    }

    async fn session(&self, role: Role) -> Result<DemoSession, DemoError> {
        let mut slot = self.slot.lock().await;
        let running = match &*slot {
            Some(running) => running.clone(),
            None => {
                let started = {
                    let people = People { speed: self.speed, outage: self.outage.clone() };
                    Running::start(&self.region_roots, people, self.slot.clone()).await?
                };
                slot.insert(Arc::new(started)).clone()
            }
        };
        running.session(role)
    }
}

impl DemoLauncher for Launcher {
    fn start(&self, role: Role) -> BoxFuture<'_, Result<DemoSession, DemoError>> {
        Box::pin(self.session(role))
    }
}
