//! After a storm: everything arrives, and then everything is the same on both sides.

use std::time::Duration;

use anyhow::Result;
use protocol::durable::IncidentKind;
use tokio::time::{Instant, sleep};

use super::company::Company;
use super::desk::Desk;
use super::reckoning::{Wrongs, compare_outcomes, compare_remarks, compare_tables};
use super::work::Dispatcher;

/// A desk that is not done so long after healing never will be.
const WEDGED: Duration = Duration::from_secs(180);
/// Desks are looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How draining went.
pub struct Drained {
    /// Of each desk, from now to an empty outbox and a cursor at the head.
    pub took: Vec<Duration>,
    /// Desks that were never done.
    pub wrongs: Wrongs,
    /// How often somebody had to sign in again.
    pub sign_ins: usize,
}

/// Waits until every outbox is empty and every cursor at the head.
///
/// # Errors
/// When a desk or the server can't be looked at.
pub async fn drain(company: &Company, dispatchers: &[Dispatcher]) -> Result<Drained> {
    let (healed, mut sign_ins) = (Instant::now(), 0);
    let mut since: Vec<Option<Instant>> = vec![None; dispatchers.len()];
    while since.iter().any(Option::is_none) && healed.elapsed() < WEDGED {
        let head = company.head()?;
        for (dispatcher, since) in dispatchers.iter().zip(&mut since) {
            let desk = &dispatcher.desk;
            sign_ins += usize::from(desk.answer_sign_in().await?);
            let done = desk.cursor()? == Some(head) && desk.pending()? == 0;
            *since = if done { since.or(Some(Instant::now())) } else { None };
        }
        sleep(LOOK_EVERY).await;
    }
    let mut wrongs = Wrongs::default();
    for (dispatcher, _) in dispatchers.iter().zip(&since).filter(|(_, since)| since.is_none()) {
        wrongs.lost += 1;
        wrongs.tell(format!("never done: {}", dispatcher.desk.explain()));
    }
    let took = since.iter().map(|since| since.map_or(WEDGED, |at| at - healed)).collect();
    Ok(Drained { took, wrongs, sign_ins })
}

/// Compares what each desk believes with what the server has, command by command and row by row.
///
/// # Errors
/// When a desk or the server can't be looked at.
pub async fn reckon(company: &Company, dispatchers: &mut [Dispatcher]) -> Result<Wrongs> {
    let mut wrongs = Wrongs::default();
    for dispatcher in dispatchers.iter_mut() {
        for story in dispatcher.desk.settle().await? {
            wrongs.duplicated += 1;
            wrongs.tell(format!("{}: {story}", dispatcher.desk.login.user));
        }
    }
    let desks: Vec<&Desk> = dispatchers.iter().map(|dispatcher| &dispatcher.desk).collect();
    wrongs.add(compare_outcomes(company, &desks)?);
    wrongs.add(compare_remarks(company, &desks)?);
    for desk in desks {
        wrongs.add(compare_tables(company, desk).await?);
        if let Some(count) = desk.incidents().get(&IncidentKind::ChecksumMismatch) {
            wrongs.diverged += 1;
            wrongs.tell(format!("{}: {count} checksums did not match", desk.login.user));
        }
    }
    Ok(wrongs)
}
