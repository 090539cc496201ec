//! Where a key leads from a task in the timeline.

use chrono::{DateTime, Utc};
use domain::TaskId;

/// One person's tasks in order, each with its beginning.
pub type Line = Vec<(TaskId, DateTime<Utc>)>;

/// The task that a key leads to; `None`: the key means nothing here, or there is nothing.
pub fn step(lines: &[Line], here: Option<TaskId>, key: &str) -> Option<TaskId> {
    let place = here.and_then(|task| {
        lines
            .iter()
            .enumerate()
            .find_map(|(row, line)| Some((row, line.iter().position(|stop| stop.0 == task)?)))
    });
    let first = || lines.iter().find_map(|line| line.first()).map(|stop| stop.0);
    let (row, index) = match (key, place) {
        ("ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End", None) => return first(),
        (_, None) => return None,
        (_, Some(place)) => place,
    };
    let line = lines.get(row)?;
    let at = line.get(index)?.1;
    match key {
        "ArrowRight" => line.get(index + 1).or(line.last()).map(|stop| stop.0),
        "ArrowLeft" => line.get(index.saturating_sub(1)).map(|stop| stop.0),
        "Home" => line.first().map(|stop| stop.0),
        "End" => line.last().map(|stop| stop.0),
        "ArrowDown" => lines.iter().skip(row + 1).find_map(|line| nearest(line, at)).or(here),
        "ArrowUp" => lines.iter().take(row).rev().find_map(|line| nearest(line, at)).or(here),
        _ => None,
    }
}

/// What begins nearest to a time.
fn nearest(line: &Line, at: DateTime<Utc>) -> Option<TaskId> {
    line.iter().min_by_key(|stop| (stop.1 - at).num_seconds().abs()).map(|stop| stop.0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn task(n: u128) -> TaskId {
        TaskId(Uuid::from_u128(n))
    }

    fn line(stops: &[(u128, i64)]) -> Line {
        let at = |hour: i64| DateTime::from_timestamp(1_790_000_000 + hour * 3_600, 0).expect("a time");
        stops.iter().map(|(n, hour)| (task(*n), at(*hour))).collect()
    }

    #[test]
    fn arrows_go_along_a_day_and_to_the_same_time_of_others() {
        let lines = [line(&[(1, 8), (2, 12)]), line(&[]), line(&[(3, 8), (4, 11), (5, 17)])];
        let go = |from, key| step(&lines, Some(task(from)), key);
        assert_eq!(step(&lines, None, "ArrowDown"), Some(task(1)), "the first arrow goes to the first task");
        assert_eq!(go(1, "ArrowRight"), Some(task(2)), "along the day");
        assert_eq!(go(2, "ArrowRight"), Some(task(2)), "its end is the end");
        assert_eq!(go(2, "ArrowDown"), Some(task(4)), "past an empty day to what begins nearest to 12:00");
        assert_eq!(go(5, "ArrowUp"), Some(task(2)), "and back up");
        assert_eq!(go(3, "End"), Some(task(5)), "to the end of the day");
        assert_eq!(go(1, "x"), None, "other keys mean nothing");
        assert_eq!(step(&[], None, "ArrowDown"), None, "nothing leads nowhere");
    }
}
