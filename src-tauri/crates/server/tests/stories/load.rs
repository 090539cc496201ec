use super::office::{Office, add_person, card};
use chrono::TimeDelta;
use domain::position::Fix;
use protocol::wire::PositionsResponse;

/// Two thousand fixes a second: what 3,000 vehicles that report every second and a half make.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_fleet_is_taken_in_without_loss() {
    let office = Office::open().await;
    let profile = office.stored_card(office.ana.id).profile;
    let mut phones = Vec::new();
    for number in 0..100 {
        let person = card(&format!("Van {number}"), office.south, profile, &format!("+377 7 00 {number:04}"));
        phones.push(office.activate(&add_person(office.admin(), office.company, person)).await);
    }
    for phone in &phones {
        phone.sign_in().await;
    }
    for _round in 0..5 {
        office.wait(TimeDelta::seconds(20));
        for phone in &phones {
            let fixes: Vec<Fix> = (0..20)
                .map(|second| Fix {
                    fix_time: office.now() - TimeDelta::seconds(second),
                    ..phone.fix(7.42, 43.73)
                })
                .collect();
            assert_eq!(phone.send_fixes(&fixes).await.accepted, 20, "all are taken");
        }
    }
    let desk = office.sign_in("manager").await;
    let seen: PositionsResponse = desk.get("/v1/positions").await.expect("positions");
    assert_eq!(seen.positions.len(), 100, "everybody is seen");
    assert!(seen.positions.iter().all(|update| update.fix.fix_time == office.now()), "where they are now");
}
