//! Where everybody was at a past moment: as the tracks have it, and no more.

use super::office::{Office, monday};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::ResourceId;
use protocol::wire::{ErrorBody, WhereaboutsResponse};

async fn asked(office: &Office, login: &str, at: DateTime<Utc>) -> Result<WhereaboutsResponse, ErrorBody> {
    let desk = office.sign_in(login).await;
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    desk.get(&format!("/v1/whereabouts?at={at}&purpose=complaint")).await
}

fn seen(answer: &WhereaboutsResponse) -> Vec<(ResourceId, f64)> {
    answer.fixes.iter().map(|(resource, fix)| (*resource, fix.at.lon())).collect()
}

#[tokio::test]
async fn the_last_known_fix_counts_for_half_an_hour() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    phone.send_fixes(&[phone.fix(7.41, 43.73)]).await;
    office.wait(TimeDelta::minutes(10));
    phone.send_fixes(&[phone.fix(7.42, 43.73)]).await;
    office.wait(TimeDelta::hours(2));
    let at = async |minutes| {
        let moment = monday() + TimeDelta::minutes(minutes);
        seen(&asked(&office, "supervisor", moment).await.expect("answers"))
    };
    let ana = office.ana.id;
    assert_eq!(at(-1).await, [], "before the first fix nothing is known");
    assert_eq!(at(0).await, [(ana, 7.41)], "the moment of the fix itself");
    assert_eq!(at(9).await, [(ana, 7.41)], "not the one that was still to come");
    assert_eq!(at(40).await, [(ana, 7.42)], "half an hour after the newest");
    assert_eq!(at(41).await, [], "then it says nothing any more");
    let ahead = asked(&office, "supervisor", office.now() + TimeDelta::minutes(1)).await;
    assert!(ahead.is_err(), "nobody knows where people will be: {ahead:?}");
}

#[tokio::test]
async fn whoever_was_private_then_is_named_without_a_place() {
    let office = Office::open().await;
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    phone.send_fixes(&[phone.fix(7.41, 43.73)]).await;
    // A question has the server store what came in; what is not stored yet goes when the location is switched off.
    let now = asked(&office, "supervisor", monday()).await.expect("answers");
    assert_eq!(seen(&now), [(office.ana.id, 7.41)], "she is seen");
    office.wait(TimeDelta::minutes(5));
    phone.set_privacy(true).await;
    office.wait(TimeDelta::minutes(10));
    phone.set_privacy(false).await;
    office.wait(TimeDelta::minutes(20));
    let at = async |minutes| {
        asked(&office, "supervisor", monday() + TimeDelta::minutes(minutes)).await.expect("answers")
    };
    let (before, within, after) = (at(4).await, at(6).await, at(20).await);
    assert_eq!(seen(&before), [(office.ana.id, 7.41)], "not private yet");
    assert_eq!((within.fixes.len(), within.private), (0, vec![office.ana.id]), "private, and nowhere");
    assert_eq!(
        (after.fixes.len(), after.private.len()),
        (0, 0),
        "on again, but not put back to where the location was switched off"
    );
}

#[tokio::test]
async fn nobody_learns_more_than_from_the_tracks() {
    let office = Office::open().await;
    let (ana, ben) = (office.activate(&office.ana).await, office.activate(&office.ben).await);
    for phone in [&ana, &ben] {
        phone.sign_in().await;
        phone.send_fixes(&[phone.fix(7.41, 43.73)]).await;
    }
    office.wait(TimeDelta::minutes(40));
    ana.sign_in().await;
    ana.send_fixes(&[ana.fix(7.42, 43.73)]).await;
    let people = async |login: &str, at| {
        let answer = asked(&office, login, at).await;
        answer.map(|answer| seen(&answer).into_iter().map(|(resource, _)| resource).collect::<Vec<_>>())
    };
    let (earlier, now) = (monday() + TimeDelta::minutes(5), office.now());
    assert_eq!(people("dispatcher", now).await, Ok(vec![office.ana.id]), "the own group's, this shift");
    assert_eq!(people("dispatcher", earlier).await, Ok(vec![]), "not from before the shift");
    assert_eq!(people("everywhere", earlier).await, Ok(vec![office.ben.id]), "whose shift it was already");
    assert_eq!(people("supervisor", earlier).await, Ok(vec![office.ana.id]), "thirty days, own group");
    assert!(people("manager", now).await.is_err(), "managers get reports, not tracks");

    let supervisor = office.sign_in("supervisor").await;
    let bare = supervisor.get::<WhereaboutsResponse>("/v1/whereabouts?at=2026-11-23T09:05:00Z").await;
    assert!(bare.is_err(), "a supervisor has to say why");
    let audit = office.admin().audit(office.company).expect("audit");
    let reads: Vec<_> = audit.iter().filter(|row| row.action == "whereabouts.read").collect();
    assert_eq!(reads.len(), 4, "each look that was granted");
    assert!(reads.iter().all(|row| row.purpose == "complaint"), "with its reason");
}

#[tokio::test]
async fn what_retention_takes_is_not_shown_before_the_sweep_either() {
    let office = Office::open().await;
    let company: domain::company::Company =
        office.stored(protocol::entity::EntityKind::Company, office.company.0).expect("there");
    let retention = domain::company::Retention { positions_days: 14, ..company.retention };
    office.admin().put(office.company, domain::company::Company { retention, ..company }).expect("puts");
    let phone = office.activate(&office.ana).await;
    phone.sign_in().await;
    phone.send_fixes(&[phone.fix(7.41, 43.73)]).await;
    let people = async || asked(&office, "supervisor", monday()).await.expect("answers").fixes.len();
    office.wait(TimeDelta::days(13));
    assert_eq!(people().await, 1, "within the company's retention");
    office.wait(TimeDelta::days(2));
    assert_eq!(people().await, 0, "its time is over, swept or not");
}
