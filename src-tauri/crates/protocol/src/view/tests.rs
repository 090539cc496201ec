//! Dots keep their place, frames survive their bytes, requests keep their secrets.

use domain::LonLat;

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_dot_is_where_the_fix_was_to_the_centimetre(lon in -180.0..180.0, lat in -90.0..90.0) {
        let at = LonLat::new(lon, lat).expect("coordinate");
        let (lon_e7, lat_e7) = Dot::fixed_point(at);
        let dot = Dot { resource: uuid::Uuid::nil().into(), lon_e7, lat_e7, accuracy_m: 5, heading_deg: None, fix_ms: 0, state: DotState::Free };
        prop_assert!(dot.at().is_some_and(|back| back.distance_m(at) < 0.02));
    }
}

#[test]
fn a_frame_survives_its_bytes_and_garbage_is_an_error() {
    let dot = Dot {
        resource: uuid::Uuid::from_u128(7).into(),
        lon_e7: 74_200_000,
        lat_e7: 437_300_000,
        accuracy_m: 12,
        heading_deg: Some(271),
        fix_ms: 1_790_000_000_000,
        state: DotState::EnRoute,
    };
    let frame = PositionFrame { now_ms: 1_790_000_000_500, full: true, dots: vec![dot], gone: Vec::new() };
    let bytes = frame.encode().expect("encodes");
    assert!(bytes.len() < 64, "one dot is small on the wire, got {} bytes", bytes.len());
    assert_eq!(PositionFrame::decode(&bytes).expect("decodes"), frame, "round trip");
    assert!(PositionFrame::decode(&bytes[..bytes.len() - 3]).is_err(), "a cut frame is an error");
}

#[test]
fn a_request_never_prints_its_password() {
    let form = SignInForm {
        server_url: "https://x".to_owned(),
        company: "c".to_owned(),
        user: "u".to_owned(),
        password: "hunter2".to_owned(),
    };
    let printed = format!("{:?}", DeskRequest::SignIn(form));
    assert_eq!(printed, "sign_in", "only the kind is printed");
}
