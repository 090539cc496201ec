//! This machine's clock is off: what is said of people goes by the server's.

use super::*;

/// Ana is seen at a second of the server's clock.
fn seen_at(day: &mut Day, second: i64, wall: DateTime<Utc>) {
    let fix = Fix {
        at: at(7.42),
        fix_time: secs(second),
        accuracy_m: Some(5.0),
        speed_mps: None,
        heading_deg: None,
    };
    day.session.on_positions(
        vec![PositionUpdate { resource: ana().id, fix, server_seq: second.unsigned_abs() }],
        wall,
    );
}

fn dots(day: &mut Day, wall: DateTime<Utc>) -> Vec<DotState> {
    day.session.frames().take(wall).dots.iter().map(|dot| dot.state).collect()
}

fn positions(out: &[Out]) -> Vec<PositionState> {
    changed(out).iter().flat_map(|set| &set.resources).map(|view| view.position).collect()
}

#[test]
fn a_dot_does_not_flicker_where_the_clock_is_three_minutes_ahead() {
    let mut day = Day::begins(vec![ana().into()]);
    let ahead = TimeDelta::minutes(3);
    day.clock_is_ahead(ahead);
    let wall = |second| secs(second) + ahead;
    for second in (1..30).step_by(6) {
        seen_at(&mut day, second, wall(second));
        assert_eq!(dots(&mut day, wall(second)), [DotState::Free], "seen just now");
        let told = positions(&day.out(wall(second)));
        assert!(second > 1 || told == [PositionState::Live], "the panel says so once: {told:?}");
        assert!(second == 1 || told.is_empty(), "and then nothing more: {told:?}");
        for tick in 1..=20 {
            let at = wall(second) + TimeDelta::milliseconds(100 * tick);
            day.session.on_tick(at);
            assert_eq!(positions(&day.out(at)), [], "nor does a round say otherwise");
        }
        assert_eq!(day.session.states[&ana().id], PositionState::Live, "a second later she is still live");
    }
    day.session.on_tick(wall(25 + 180));
    assert_eq!(dots(&mut day, wall(25 + 180)), [DotState::Stale], "after three minutes she is not");
}

#[test]
fn an_old_dot_is_not_live_where_the_clock_is_slow() {
    let mut day = Day::begins(vec![ana().into()]);
    let behind = TimeDelta::minutes(-3);
    day.clock_is_ahead(behind);
    let wall = |second| secs(second) + behind;
    seen_at(&mut day, 1, wall(1));
    day.out(wall(1));
    day.session.on_tick(wall(1 + 180));
    assert_eq!(dots(&mut day, wall(1 + 180)), [DotState::Stale], "three minutes are three minutes");
    let told = positions(&day.out(wall(1 + 180)));
    assert!(matches!(told[..], [PositionState::Stale]), "the panel says the same: {told:?}");
}
