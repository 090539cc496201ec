use super::*;
use crate::projection::WorldPos;

fn base() -> BaseMapView {
    BaseMapView {
        source: "monaco".to_owned(),
        bounds: [7.349, 43.71, 7.491, 43.77],
        min_zoom: 0,
        max_zoom: 14,
        attribution: "© OpenStreetMap contributors".to_owned(),
    }
}

fn store() -> TileStore {
    TileStore::new(Some(base()), Theme::Light)
}

fn at_second(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + second, 0).expect("time")
}

/// The tile around Monaco at `zoom`.
fn monaco(zoom: u8) -> TileId {
    let at = WorldPos::of(domain::LonLat::new(7.4246, 43.7384).expect("coordinate"));
    let tiles = f64::from(zoom).exp2();
    TileId { x: (at.x * tiles) as u32, y: (at.y * tiles) as u32, zoom }
}

/// One frame that shows `tiles`; what is asked for after it.
fn frame(store: &mut TileStore, tiles: &[TileId], second: i64) -> Vec<TileId> {
    store.begin_frame();
    for tile in tiles {
        let _piece = store.at(*tile);
    }
    store.decode_some();
    store.take_requests(at_second(second))
}

/// A vector tile without layers is valid and empty.
fn empty_tile() -> TileAnswer {
    TileAnswer::Bytes(Vec::new())
}

#[test]
fn a_tile_is_asked_for_once_and_drawn_when_it_is_here() {
    let (mut store, tile) = (store(), monaco(14));
    assert_eq!(frame(&mut store, &[tile], 0), [tile], "it is wanted");
    assert_eq!(frame(&mut store, &[tile], 1), [], "while it is under way it is not asked for again");
    assert_eq!(store.coverage(), Coverage::Loading, "nothing is drawn yet");
    store.arrived(tile, empty_tile(), at_second(2));
    frame(&mut store, &[tile], 2);
    assert!(store.at(tile).is_some(), "decoded in the frame after it arrived");
    assert_eq!(frame(&mut store, &[tile], 3), [], "and never asked for again");
    assert_eq!(store.coverage(), Coverage::Some, "the map is drawn");
}

#[test]
fn beyond_the_deepest_tiles_a_piece_of_the_deepest_is_drawn() {
    let (mut store, deep) = (store(), monaco(17));
    assert_eq!(frame(&mut store, &[deep], 0), [monaco(14)], "the file ends at zoom 14");
    store.arrived(monaco(14), empty_tile(), at_second(1));
    frame(&mut store, &[deep], 1);
    let piece = store.at(deep).expect("a piece");
    assert!((piece.uv.width() - 0.125).abs() < 1e-6, "three levels deeper it is an eighth of the side");
}

#[test]
fn a_parent_is_drawn_until_the_tile_is_here() {
    let mut store = store();
    frame(&mut store, &[monaco(12)], 0);
    store.arrived(monaco(12), empty_tile(), at_second(0));
    frame(&mut store, &[monaco(12)], 1);
    store.begin_frame();
    let piece = store.at(monaco(14)).expect("a quarter's quarter of the parent");
    assert!((piece.uv.width() - 0.25).abs() < 1e-6, "two levels up");
    assert_eq!(store.take_requests(at_second(2)), [monaco(14)], "and the tile itself is asked for");
}

#[test]
fn a_missing_tile_is_never_asked_for_again() {
    let (mut store, tile) = (store(), monaco(14));
    frame(&mut store, &[tile], 0);
    store.arrived(tile, TileAnswer::Missing, at_second(1));
    for second in [2, 60, 3_600] {
        assert_eq!(frame(&mut store, &[tile], second), [], "no retry storm after a 404");
    }
    assert_eq!(store.coverage(), Coverage::None, "there is no base map here");
}

#[test]
fn a_failed_tile_is_asked_for_again_after_a_pause_that_doubles() {
    let (mut store, tile) = (store(), monaco(14));
    let mut asked_at = Vec::new();
    for second in 0..140 {
        if !frame(&mut store, &[tile], second).is_empty() {
            asked_at.push(second);
            store.arrived(tile, TileAnswer::Failed, at_second(second));
        }
    }
    assert_eq!(asked_at, [0, 1, 3, 7, 15, 31, 63, 123], "1, 2, 4 … 60 seconds apart");
    assert!(store.next_retry().is_some(), "the map wakes up for the next one");
}

#[test]
fn an_answer_that_never_comes_counts_as_failed() {
    let (mut store, tile) = (store(), monaco(14));
    frame(&mut store, &[tile], 0);
    assert_eq!(frame(&mut store, &[tile], 31), [], "given up, pausing");
    assert_eq!(frame(&mut store, &[tile], 33), [tile], "and asked for again");
}

#[test]
fn only_a_handful_of_requests_are_under_way() {
    let mut store =
        TileStore::new(Some(BaseMapView { bounds: [-180.0, -85.0, 180.0, 85.0], ..base() }), Theme::Dark);
    let all: Vec<_> = (0..16).flat_map(|x| (0..16).map(move |y| TileId { x, y, zoom: 4 })).collect();
    assert_eq!(frame(&mut store, &all, 0).len(), IN_FLIGHT_MAX, "the first ones");
    assert_eq!(frame(&mut store, &all, 1), [], "no more until an answer comes");
    store.arrived(all[0], empty_tile(), at_second(1));
    assert_eq!(frame(&mut store, &all, 2).len(), 1, "one answer makes room for one");
}

#[test]
fn outside_the_region_nothing_is_asked_for() {
    let mut store = store();
    let oslo = TileId { x: 8_681, y: 4_763, zoom: 14 };
    assert_eq!(frame(&mut store, &[oslo], 0), [], "the region's bounds are known");
    assert_eq!(store.coverage(), Coverage::None, "so the hint can say it at once");
    let mut nothing = TileStore::new(None, Theme::Light);
    assert_eq!(frame(&mut nothing, &[monaco(14)], 0), [], "without a base map nothing is asked for");
}

#[test]
fn a_corrupt_tile_leaves_the_plain_ground() {
    let (mut store, tile) = (store(), monaco(14));
    frame(&mut store, &[tile], 0);
    store.arrived(tile, TileAnswer::Bytes(vec![0xff; 64]), at_second(0));
    frame(&mut store, &[tile], 1);
    assert!(store.at(tile).is_none(), "nothing is drawn");
    assert_eq!(frame(&mut store, &[tile], 2), [], "and it is not fetched over and over");
}

#[test]
fn another_theme_restyles_without_fetching() {
    let (mut store, tile) = (store(), monaco(14));
    frame(&mut store, &[tile], 0);
    store.arrived(tile, empty_tile(), at_second(0));
    frame(&mut store, &[tile], 1);
    store.set_theme(Theme::Dark);
    assert_eq!(frame(&mut store, &[tile], 2), [], "the bytes are still here");
    assert!(store.at(tile).is_some(), "drawn in the new colours");
}

#[test]
fn a_frame_decodes_only_a_few_tiles() {
    let mut store =
        TileStore::new(Some(BaseMapView { bounds: [-180.0, -85.0, 180.0, 85.0], ..base() }), Theme::Light);
    let all: Vec<_> = (0..4).map(|x| TileId { x, y: 3, zoom: 3 }).collect();
    for tile in &all {
        store.arrived(*tile, empty_tile(), at_second(0));
    }
    let drawn = |store: &mut TileStore| {
        frame(store, &all, 1);
        store.decoded.len()
    };
    assert_eq!(drawn(&mut store), DECODES_PER_FRAME, "a few in the first frame");
    assert_eq!(drawn(&mut store), 2 * DECODES_PER_FRAME, "a few more in the next");
}

#[test]
fn memory_is_bounded_and_what_is_on_screen_stays() {
    let mut store =
        TileStore::new(Some(BaseMapView { bounds: [-180.0, -85.0, 180.0, 85.0], ..base() }), Theme::Light);
    for x in 0..300 {
        let tile = TileId { x, y: 100, zoom: 9 };
        store.arrived(tile, empty_tile(), at_second(0));
        frame(&mut store, &[tile], 1);
    }
    assert!(
        store.decoded.len() <= DECODED_KEPT + DECODES_PER_FRAME,
        "{} decoded tiles are kept",
        store.decoded.len()
    );
    assert!(store.at(TileId { x: 299, y: 100, zoom: 9 }).is_some(), "the last one is still there");
}

#[test]
fn the_path_is_what_the_shell_serves() {
    assert_eq!(
        tile_path("monaco", TileId { x: 8_529, y: 5_974, zoom: 14 }),
        "monaco/14/8529/5974",
        "z, x, y"
    );
}
