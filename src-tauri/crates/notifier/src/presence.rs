//! Whether anybody shows notifications: who owns the service's name on the session bus.

use std::io::{Error, ErrorKind};
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;

use crate::ANSWERS_WITHIN;

/// The name that every notification service owns.
const NAME: &str = "org.freedesktop.Notifications";

/// Sees services come and go.
pub struct Presence {
    changes: BoxStream<'static, bool>,
    _bus: Connection,
}

impl Presence {
    /// Watches the session bus.
    ///
    /// # Errors
    /// When there is none, or it does not answer.
    pub async fn watch() -> zbus::Result<Self> {
        let bus = Builder::session()?.method_timeout(ANSWERS_WITHIN);
        // The greeting has no time limit of its own.
        let greeting = tokio::time::timeout(ANSWERS_WITHIN, bus.build()).await;
        let bus =
            greeting.map_err(|_| zbus::Error::InputOutput(Arc::new(Error::from(ErrorKind::TimedOut))))??;
        let names = DBusProxy::new(&bus).await?;
        let changes = names.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let changes = changes.filter_map(async |change| Some(change.args().ok()?.new_owner().is_some()));
        Ok(Self { changes: changes.boxed(), _bus: bus })
    }

    /// Whether there is a service now, whenever that changes; `None`: the bus is gone.
    pub async fn changed(&mut self) -> Option<bool> {
        self.changes.next().await
    }
}
