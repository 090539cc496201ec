//! A night shift while the clocks of the company's zone are changed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use domain::EntryGuid;
use domain::attendance::{AttendanceEntry, AttendanceKind};
use protocol::view::{DeskRequest, DeskResponse};

use super::{Asked, Change, Found};
use crate::campaigns::workplace::{Keys, Machine, Seat, Workplace, fresh};

const COMPANY: &str = "Riviera";
/// Worked earlier that evening: from the activation of the phone to the sign-out that the shift begins with.
const EARLIER_SECS: i64 = 10 * 60;
/// A connection that the jump of the clocks has cost is made again after a pause; a tenth of a second each.
const LOOKS: u32 = 900;

impl Change {
    /// From 22:00 to 06:00 in Monaco, and how many hours that is.
    fn shift(self) -> Result<(DateTime<Utc>, DateTime<Utc>, i64)> {
        let (begin, end, hours) = match self {
            Change::Spring => ("2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z", 7),
            Change::Autumn => ("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z", 9),
        };
        Ok((begin.parse()?, end.parse()?, hours))
    }
}

/// Asks for the sheet in the middle of the shift and after it.
pub(super) async fn night_shift(change: Change, asked: Asked) -> Result<Found> {
    let (begin, end, hours) = change.shift()?;
    let place = Workplace::open(COMPANY).await?;
    let (machine, keys) = (Machine::new(), Arc::new(Keys::default()));
    let to = |at: DateTime<Utc>| {
        for clock in [&place.machine, &machine] {
            clock.set(at - clock.wall());
        }
    };
    to(begin - TimeDelta::minutes(30));
    let (who, _) = place.person("Ana").await?;
    let entry = |kind, event_time| AttendanceEntry {
        guid: EntryGuid(fresh()),
        resource: who,
        kind,
        event_time,
        entry_time: event_time,
        at: None,
    };
    place.put(entry(AttendanceKind::SignOut, begin - TimeDelta::minutes(20)))?;
    let mut seat = Seat::start(place.desk_folder(), &keys, &machine).await;
    seat.sign_in(place.form(COMPANY)).await?;
    to(begin);
    place.put(entry(AttendanceKind::SignIn, begin))?;
    let mut found = Found::default();
    // An hour before and after the change, and at the end.
    for worked in [4, 5, 6, hours] {
        let now = begin + TimeDelta::hours(worked);
        to(now);
        if worked == hours {
            place.put(entry(AttendanceKind::SignOut, end))?;
        }
        if asked == Asked::Started {
            seat.desk.stop().await;
            seat = Seat::start(place.desk_folder(), &keys, &machine).await;
            seat.sign_in(place.form(COMPANY)).await?;
        }
        let day = begin.with_timezone(&chrono_tz::Tz::Europe__Monaco).date_naive();
        let request = DeskRequest::DaySheet { resource: who, day };
        let sheet = sheet(&mut seat, request, worked).await.context("a sheet")?;
        found.negative.extend((sheet < 0).then(|| format!("{sheet} s of work")));
        let off = (sheet - EARLIER_SECS - worked * 3_600).abs();
        found
            .lost
            .extend((off > 60).then(|| format!("{sheet} s instead of {worked} h after the shift began")));
    }
    seat.desk.stop().await;
    Ok(found)
}

/// The seconds worked; what was just written may take a moment to arrive.
async fn sheet(seat: &mut Seat, request: DeskRequest, hours: i64) -> Result<i64> {
    let mut secs = 0;
    for _ in 0..LOOKS {
        let DeskResponse::DaySheet(sheet) = seat.ask(request.clone()).await? else { bail!("no sheet") };
        secs = sheet.worked_secs;
        let over = sheet.stretches.iter().any(|stretch| stretch.signed_out.is_some());
        if (secs - EARLIER_SECS - hours * 3_600).abs() <= 60 && (over || hours < 7) {
            break;
        }
        seat.watch(Duration::from_millis(100)).await;
    }
    Ok(secs)
}
