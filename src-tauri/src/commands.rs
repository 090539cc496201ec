//! The two commands that the page may call.

use desk::Desk;
use protocol::view::{DeskError, DeskErrorCode, DeskRequest, DeskResponse, ViewEvent};
use tauri::State;
use tauri::ipc::{Channel, InvokeResponseBody};

/// Passes a request on and its answer back. Anything that is no request is an error, never a panic.
///
/// # Errors
/// Whatever the controller says, as `{code, detail}`; [`DeskErrorCode::BadInput`] for JSON that is no request.
#[tauri::command]
pub async fn request(desk: State<'_, Desk>, request: serde_json::Value) -> Result<DeskResponse, DeskError> {
    let request: DeskRequest = serde_json::from_value(request).map_err(|error| {
        tracing::warn!(%error, "the page asked for something that is no request");
        DeskError::from(DeskErrorCode::BadInput)
    })?;
    desk.request(request).await
}

/// Ties a page to the controller: `events` carries [`ViewEvent`]s as JSON, `positions` carries
/// [`protocol::view::PositionFrame`]s as bytes. Both end when the page is gone.
#[tauri::command]
pub async fn subscribe(
    desk: State<'_, Desk>,
    events: Channel<ViewEvent>,
    positions: Channel<InvokeResponseBody>,
) -> Result<(), DeskError> {
    let mut subscription = desk.subscribe().await;
    tauri::async_runtime::spawn(async move {
        loop {
            let sent = tokio::select! {
                event = subscription.events.recv() => event.map(|event| events.send(event)),
                frame = subscription.positions.recv() => frame.map(|frame| positions.send(InvokeResponseBody::Raw(frame))),
            };
            match sent {
                Some(Ok(())) => {}
                Some(Err(error)) => return tracing::debug!(%error, "the page is gone"),
                None => return,
            }
        }
    });
    Ok(())
}
