//! What was learnt of the roads' speeds: kept beside the cache, switched off and forgotten when people want that.

use domain::access::Action;
use protocol::view::{DeskError, DeskResponse};

use super::{Controller, Phase};

impl Controller {
    /// Switches learning on or off; answers how it is then.
    pub(super) fn set_learning(&mut self, on: bool) -> Result<DeskResponse, DeskError> {
        self.allowed(Action::EditTask)?.session.set_learning(on);
        self.keep_speeds();
        self.travel_settings()
    }

    /// Forgets what was learnt; answers how it is then.
    pub(super) fn forget_speeds(&mut self) -> Result<DeskResponse, DeskError> {
        let now = self.now();
        self.allowed(Action::EditTask)?.session.forget_speeds(now);
        self.keep_speeds();
        self.travel_settings()
    }

    /// Writes down what was learnt since the last time, in the back.
    pub(super) fn keep_speeds(&mut self) {
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let Some(kept) = running.session.speeds_to_keep() else { return };
        let local = running.local.clone();
        self.tasks.spawn_blocking(move || local.keep_speeds(&kept));
    }
}
