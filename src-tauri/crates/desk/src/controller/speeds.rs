//! What was learnt of the roads' speeds: kept beside the cache, switched off and forgotten when people want that.

use protocol::view::{DeskError, DeskResponse};

use super::requests::answer;
use super::{Controller, Phase};
use crate::event::Reply;
use crate::session::Session;

impl Controller {
    /// Switches learning on or off.
    pub(super) fn set_learning(&mut self, on: bool, reply: Reply) {
        self.change_speeds(reply, |session| session.set_learning(on));
    }

    /// Forgets what was learnt.
    pub(super) fn forget_speeds(&mut self, reply: Reply) {
        self.change_speeds(reply, Session::forget_speeds);
    }

    /// What people decide is kept at once.
    fn change_speeds(&mut self, reply: Reply, change: impl FnOnce(&mut Session)) {
        let changed: Result<(), DeskError> = self.signed_in().map(|running| change(&mut running.session));
        self.keep_speeds();
        answer(reply, changed.map(|()| DeskResponse::Done));
    }

    /// Writes down what was learnt since the last time, in the back.
    pub(super) fn keep_speeds(&mut self) {
        let Phase::SignedIn(running) = &mut self.phase else { return };
        let Some(kept) = running.session.speeds_to_keep() else { return };
        let local = running.local.clone();
        self.tasks.spawn_blocking(move || local.keep_speeds(&kept));
    }
}
