//! One phone with its radio: a [`Handset`] that sends and syncs through [`FieldApi`].

use protocol::field::ActivateRequest;

use crate::api::{ApiError, FieldApi, http_client};
use crate::clock::Clock;
use crate::handset::{Answer, Handset, Upload};

/// An activated phone. Report through [`Phone::handset`], then [`Phone::flush`].
pub struct Phone {
    api: FieldApi,
    /// The phone's memory.
    pub handset: Handset,
    clock: Clock,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phone").field("resource", &self.handset.id()).finish_non_exhaustive()
    }
}

impl Phone {
    /// Ties a phone to its card with the one-time code.
    pub async fn activate(base_url: &str, request: ActivateRequest, clock: Clock) -> Result<Phone, ApiError> {
        let (api, sync) = FieldApi::activate(http_client()?, base_url, &request).await?;
        Ok(Phone { api, handset: Handset::new(sync), clock })
    }

    /// The calls of this phone.
    pub fn api(&self) -> &FieldApi {
        &self.api
    }

    /// Full sync: waits up to `wait_secs` for something newer than what the phone knows; 0 asks for all now.
    pub async fn sync(&mut self, wait_secs: u32) -> Result<(), ApiError> {
        let ticket = self.handset.begin_sync();
        let since = (wait_secs > 0).then(|| self.handset.seq());
        let sync = self.api.sync(since, wait_secs).await?;
        self.handset.on_sync(ticket, sync);
        Ok(())
    }

    /// Sends all that waits, in as many requests as it takes. After an error the rest still waits.
    pub async fn flush(&mut self) -> Result<(), ApiError> {
        while let Some(upload) = self.handset.next_upload() {
            match send(&self.api, &upload, self.handset.battery_percent(), &self.clock).await {
                Ok(answer) => self.handset.answered(&upload, answer),
                Err(error @ ApiError::Refused { .. }) => {
                    self.handset.refused_for_good(&upload);
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Sends one upload, with what is left in the battery.
pub(crate) async fn send(
    api: &FieldApi,
    upload: &Upload,
    battery_percent: Option<u8>,
    clock: &Clock,
) -> Result<Answer, ApiError> {
    match upload {
        Upload::Privacy(on) => api.privacy(*on).await.map(|()| Answer::Privacy),
        Upload::Entries(entries) => {
            api.entries_with_battery(entries, clock(), battery_percent).await.map(Answer::Entries)
        }
        Upload::Fixes { fixes, .. } => {
            api.positions_with_battery(fixes, battery_percent).await.map(Answer::Fixes)
        }
    }
}
