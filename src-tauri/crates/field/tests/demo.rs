//! The demo company on the demo region's roads comes alive at once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use field::codes::PhoneCard;
use field::fleet::FleetConfig;
use field::{Clock, Roads};
use protocol::entity::{Entity, EntityKind};
use region::Region;
use server::{Clock as _, ServerConfig, SystemClock};
use tokio_util::sync::CancellationToken;

fn monaco() -> Arc<dyn Roads> {
    let resources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources");
    Arc::new(
        Region::bundled_monaco(&resources)
            .expect("the demo region is there")
            .router()
            .expect("and has roads"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn within_fifteen_seconds_most_of_the_company_is_on_the_move() {
    let server = server::start(ServerConfig::in_memory(), Arc::new(SystemClock)).await.expect("starts");
    let accounts = server::demo::seed(server.admin(), SystemClock.now(), 1).expect("the demo company");
    let phones: Vec<PhoneCard> = accounts
        .connection_codes
        .into_iter()
        .map(|(resource, msisdn, code)| PhoneCard { resource, msisdn, code: code.0 })
        .collect();
    let pois = server.admin().rows(accounts.company, EntityKind::Poi).expect("places");
    let places =
        pois.into_iter().filter_map(|row| if let Entity::Poi(poi) = row { Some(poi.at) } else { None });
    let count = phones.len();
    let config = FleetConfig {
        places: places.collect(),
        speed: 3.0,
        duration: Some(Duration::from_secs(15)),
        private_share: 0.0,
        offline_share: 0.0,
        ..FleetConfig::new(server.url(), phones, monaco())
    };
    let clock: Clock = Arc::new(|| SystemClock.now());
    let report = field::fleet::run(config, clock, CancellationToken::new()).await.expect("runs");
    assert_eq!(report.activated, count, "every phone is activated: {:?}", report.not_activated);
    let fixes = report.tally.fixes_accepted as usize;
    assert!(fixes >= count, "a fix or more from each: {fixes} fixes of {count} phones");
    assert_eq!(report.tally.entries_refused, 0, "the server objects to nothing: {:?}", report.tally.refusals);
    assert_eq!(report.unsent, (0, 0), "nothing is left");
    server.stop().await;
}
