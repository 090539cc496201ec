use super::*;

fn passage(tags: &[(&'static str, &'static str)]) -> Option<(f64, f64)> {
    Profile::Car.passage(&Tags::new(tags.iter().copied())).map(|p| (p.forward_kmh, p.backward_kmh))
}

#[test]
fn directions_follow_the_signs() {
    assert_eq!(passage(&[("highway", "residential")]), Some((25.0, 25.0)), "both ways unless tagged");
    assert_eq!(passage(&[("highway", "residential"), ("oneway", "yes")]), Some((25.0, 0.0)), "one way");
    assert_eq!(
        passage(&[("highway", "residential"), ("oneway", "-1")]),
        Some((0.0, 25.0)),
        "against the drawing"
    );
    assert_eq!(passage(&[("highway", "motorway")]), Some((90.0, 0.0)), "a carriageway is one way by law");
    assert_eq!(
        passage(&[("highway", "motorway"), ("oneway", "no")]),
        Some((90.0, 90.0)),
        "unless it says no"
    );
    assert_eq!(passage(&[("highway", "motorway_link")]), Some((45.0, 45.0)), "a link says it itself");
    assert_eq!(
        passage(&[("highway", "tertiary"), ("junction", "roundabout")]),
        Some((40.0, 0.0)),
        "nobody drives a roundabout backwards"
    );
    assert_eq!(
        passage(&[("highway", "primary"), ("oneway", "reversible")]),
        None,
        "the direction is unknown, so nobody is sent there"
    );
}

#[test]
fn access_is_decided_by_the_most_special_tag() {
    let road = ("highway", "service");
    assert_eq!(
        passage(&[road, ("access", "private")]),
        Some((15.0, 15.0)),
        "private yard: for who is expected"
    );
    let yard = Profile::Car.passage(&Tags::new([road, ("access", "private")])).expect("open");
    assert!(yard.manner.is_restricted && !yard.manner.is_start, "but not to pass, nor to stand on");
    let through = Profile::Car.passage(&Tags::new([road])).expect("open");
    assert!(!through.manner.is_restricted && through.manner.is_start, "other service roads are for all");
    assert_eq!(passage(&[road, ("access", "yes;no")]), Some((15.0, 15.0)), "of two values the kinder one");
    assert_eq!(
        passage(&[road, ("motor_vehicle:backward", "no")]),
        Some((15.0, 0.0)),
        "closed in one direction"
    );
    assert_eq!(
        passage(&[("highway", "track"), ("motor_vehicle", "yes")]),
        Some((10.0, 10.0)),
        "a track for cars"
    );
    assert_eq!(passage(&[("highway", "track")]), None, "a track for tractors");
    assert_eq!(passage(&[road, ("access", "no"), ("motor_vehicle", "yes")]), Some((15.0, 15.0)), "cars may");
    assert_eq!(passage(&[road, ("motor_vehicle", "no")]), None, "for cyclists only");
    assert_eq!(
        passage(&[road, ("access", "destination")]),
        Some((15.0, 15.0)),
        "a customer is a destination"
    );
    assert_eq!(passage(&[("highway", "footway")]), None, "steps and paths are no roads");
    assert_eq!(passage(&[road, ("service", "emergency_access")]), None, "fire brigade only");
}

#[test]
fn signs_and_surfaces_set_the_speed() {
    let road = ("highway", "primary");
    assert_eq!(passage(&[road, ("maxspeed", "50")]), Some((40.0, 40.0)), "traffic stays below the sign");
    assert_eq!(
        passage(&[road, ("maxspeed", "50"), ("maxspeed:backward", "30")]),
        Some((40.0, 24.0)),
        "each direction has its sign"
    );
    assert_eq!(passage(&[road, ("surface", "gravel")]), Some((40.0, 40.0)), "gravel slows");
    assert_eq!(
        passage(&[road, ("maxspeed", "nonsense")]),
        Some((65.0, 65.0)),
        "an unreadable sign is no sign"
    );
}

#[test]
fn bollards_block_and_open_gates_do_not() {
    let blocked = |tags: &[(&'static str, &'static str)]| {
        Profile::Car.stop(&Tags::new(tags.iter().copied())).is_blocked
    };
    assert!(blocked(&[("barrier", "bollard")]), "a bollard stops a car");
    assert!(!blocked(&[("barrier", "bollard"), ("motor_vehicle", "yes")]), "a retractable one does not");
    assert!(!blocked(&[("barrier", "gate")]), "a gate without access is usually open");
    assert!(
        !blocked(&[("barrier", "gate"), ("access", "private")]),
        "a private gate opens for who is expected"
    );
    assert!(blocked(&[("barrier", "gate"), ("access", "no")]), "a locked gate does not");
    assert!(!blocked(&[("barrier", "toll_booth")]), "a toll booth lets through who pays");
}

#[test]
fn limits_of_size_close_a_road_and_narrow_ones_are_avoided() {
    let road = ("highway", "residential");
    assert_eq!(passage(&[road, ("maxheight", "1.8")]), None, "a van doesn't fit");
    assert_eq!(passage(&[road, ("maxheight", "4")]), Some((25.0, 25.0)), "here it does");
    let ease = |tag| Profile::Car.passage(&Tags::new([road, tag])).expect("open").manner.ease_pct;
    assert_eq!(ease(("width", "2.8")), 50, "two cars don't pass each other");
    assert_eq!(ease(("lanes", "2")), 100, "here they do");
    assert_eq!(passage(&[road, ("oneway", "alternating")]), Some((25.0, 25.0)), "open after a while");
    assert_eq!(ease(("oneway", "alternating")), 40, "but one waits");
}

#[test]
fn absurd_speeds_are_no_speeds() {
    let road = ("highway", "residential");
    for sign in ["0", "-50", "5000", "1e9", "NaN", "inf"] {
        assert_eq!(passage(&[road, ("maxspeed", sign)]), Some((25.0, 25.0)), "the sign {sign:?}");
    }
}

#[test]
fn a_ferry_carries_whom_it_says() {
    let ferry = ("route", "ferry");
    let carries = |profile: Profile, tags: &[(&'static str, &'static str)]| {
        profile.passage(&Tags::new(std::iter::once(ferry).chain(tags.iter().copied()))).is_some()
    };
    assert!(carries(Profile::Car, &[]), "an untagged line may carry cars");
    assert!(carries(Profile::Car, &[("motor_vehicle", "yes")]), "this one says so");
    assert!(!carries(Profile::Car, &[("motor_vehicle", "no")]), "this one says no");
    assert!(!carries(Profile::Car, &[("foot", "yes")]), "this one is for walkers");
    assert!(carries(Profile::Foot, &[("foot", "yes")]), "and takes them");
    let timed = Profile::Car.passage(&Tags::new([ferry, ("duration", "00:20")])).expect("open");
    assert_eq!(timed.whole_secs, Some(1_200.0), "by its timetable");
    assert!(!timed.manner.is_start, "nobody starts on the water");
}

#[test]
fn bicycles_and_walkers_go_where_cars_do_not() {
    let kmh = |profile: Profile, tags: &[(&'static str, &'static str)]| {
        profile.passage(&Tags::new(tags.iter().copied())).map(|way| (way.forward_kmh, way.backward_kmh))
    };
    let (bike, foot) = (Profile::Bicycle, Profile::Foot);
    assert_eq!(kmh(bike, &[("highway", "cycleway")]), Some((15.0, 15.0)), "a cycleway");
    assert_eq!(kmh(bike, &[("highway", "motorway")]), None, "no motorway");
    assert_eq!(kmh(bike, &[("highway", "footway")]), None, "no footway");
    assert_eq!(kmh(bike, &[("highway", "footway"), ("bicycle", "yes")]), Some((8.0, 8.0)), "unless allowed");
    let one_way = [("highway", "residential"), ("oneway", "yes"), ("oneway:bicycle", "no")];
    assert_eq!(kmh(bike, &one_way), Some((15.0, 15.0)), "against the arrow where a sign allows it");
    assert_eq!(kmh(foot, &one_way), Some((5.0, 5.0)), "arrows are not for walkers");
    assert_eq!(kmh(foot, &[("highway", "steps")]), Some((2.5, 2.5)), "steps are slow");
    assert_eq!(kmh(foot, &[("highway", "footway"), ("foot", "no")]), None, "closed for walkers");
    assert_eq!(kmh(foot, &[("highway", "trunk")]), None, "nobody walks along a trunk road");
}

#[test]
fn turning_costs_more_the_sharper_it_is() {
    for profile in [Profile::Car, Profile::Bicycle] {
        let rules = profile.turn_rules();
        for degrees in 0..180 {
            let (here, next) = (f64::from(degrees), f64::from(degrees + 1));
            assert!(
                rules.slowing_ms(next) > rules.slowing_ms(here),
                "{profile:?} to the right at {degrees}°"
            );
            assert!(
                rules.slowing_ms(-next) > rules.slowing_ms(-here),
                "{profile:?} to the left at {degrees}°"
            );
        }
        assert!(rules.slowing_ms(0.0) < 50.0, "{profile:?}: straight on costs nothing");
    }
}
