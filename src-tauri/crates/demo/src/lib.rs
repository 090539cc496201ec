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
use tokio::sync::Mutex;

use running::Running;

/// How much faster than real people the simulated ones drive and work.
pub const SPEED: f64 = 3.0;

/// The demo that runs, if one does.
type Slot = Arc<Mutex<Option<Arc<Running>>>>;

/// Starts the demo on demand.
pub struct Launcher {
    region_roots: Vec<PathBuf>,
    speed: f64,
    slot: Slot,
}

impl Launcher {
    /// A demo on the regions in these folders.
    pub fn new(region_roots: Vec<PathBuf>) -> Self {
        Self { region_roots, speed: SPEED, slot: Slot::default() }
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
                let started = Running::start(&self.region_roots, self.speed, self.slot.clone()).await?;
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
