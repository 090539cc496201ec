//! Task pins, ready to be drawn.

use domain::task::{Priority, TaskStatus};

use crate::given::{TaskPin, Unsent};
use crate::palette::Marker;
use crate::projection::WorldPos;

/// A pin with what can be computed once.
pub(crate) struct PinRow {
    pub world: WorldPos,
    pub marker: Marker,
    /// Has the badge for high priorities.
    pub urgent: bool,
    /// The badge of a change that has not reached the server.
    pub unsent: Option<Marker>,
    pub pin: TaskPin,
}

impl PinRow {
    /// Rows from north to south, so that a pin in front covers the one behind.
    pub(crate) fn sorted(pins: Vec<TaskPin>) -> Vec<PinRow> {
        let mut rows: Vec<PinRow> = pins.into_iter().map(PinRow::of).collect();
        rows.sort_by(|a, b| a.world.y.total_cmp(&b.world.y));
        rows
    }

    fn of(pin: TaskPin) -> Self {
        let urgent = pin.priority >= Priority::High && !pin.status.is_over();
        let unsent = match pin.unsent {
            Unsent::Nothing => None,
            Unsent::OnItsWay => Some(Marker::Waiting),
            Unsent::NeedsDecision => Some(Marker::Decide),
        };
        Self { world: WorldPos::of(pin.at), marker: marker_of(&pin), urgent, unsent, pin }
    }
}

fn marker_of(pin: &TaskPin) -> Marker {
    use TaskStatus::*;
    match pin.status {
        Closed | NotDone | Canceled => Marker::TaskOver,
        _ if pin.late => Marker::TaskLate,
        _ if !pin.assigned => Marker::TaskUnassigned,
        EnRoute | Arrived | InProgress | Loading | Unloading | Custom1 | Custom2 | Custom3 | Custom4 => {
            Marker::TaskActive
        }
        Draft | NewTask | SmsSent | Acknowledged | Suspended | ReadyForReview | ReadyForApproval
        | Declined => Marker::TaskOpen,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::LonLat;

    pub(crate) fn pin(n: u128, lon: f64, lat: f64) -> TaskPin {
        TaskPin {
            task: uuid::Uuid::from_u128(n).into(),
            at: LonLat::new(lon, lat).expect("coordinate"),
            number: n as u32,
            title: "Repair the lift".to_owned(),
            status: TaskStatus::NewTask,
            priority: Priority::Normal,
            assigned: true,
            late: false,
            unsent: Unsent::Nothing,
        }
    }

    #[test]
    fn an_unassigned_task_looks_different_and_a_late_one_even_more() {
        let open = pin(1, 7.42, 43.73);
        assert_eq!(marker_of(&open), Marker::TaskOpen, "assigned, not begun");
        assert_eq!(
            marker_of(&TaskPin { assigned: false, ..open.clone() }),
            Marker::TaskUnassigned,
            "nobody has it"
        );
        assert_eq!(
            marker_of(&TaskPin { late: true, ..open.clone() }),
            Marker::TaskLate,
            "late beats the rest"
        );
        let active = TaskPin { status: TaskStatus::InProgress, ..open.clone() };
        assert_eq!(marker_of(&active), Marker::TaskActive, "somebody is on it");
        let closed = TaskPin { status: TaskStatus::Closed, late: true, ..open };
        assert_eq!(marker_of(&closed), Marker::TaskOver, "what is over can't be late any more");
    }

    #[test]
    fn urgent_tasks_have_a_badge_until_they_are_over() {
        let urgent = TaskPin { priority: Priority::Urgent, ..pin(1, 7.42, 43.73) };
        let closed = TaskPin { status: TaskStatus::Closed, ..urgent.clone() };
        let rows = PinRow::sorted(vec![urgent, closed]);
        assert_eq!(rows.iter().filter(|row| row.urgent).count(), 1, "only the open one");
    }

    #[test]
    fn a_change_on_its_way_and_one_that_needs_a_decision_have_their_own_badges() {
        let badge = |unsent| PinRow::of(TaskPin { unsent, ..pin(1, 7.42, 43.73) }).unsent;
        assert_eq!(badge(Unsent::Nothing), None, "what the server has needs no mark");
        assert_eq!(badge(Unsent::OnItsWay), Some(Marker::Waiting), "it waits");
        assert_eq!(badge(Unsent::NeedsDecision), Some(Marker::Decide), "somebody has to look");
    }

    #[test]
    fn pins_further_south_are_drawn_in_front() {
        let rows = PinRow::sorted(vec![pin(1, 7.42, 43.72), pin(2, 7.42, 43.74)]);
        assert_eq!(rows.last().map(|row| row.pin.number), Some(1), "the southern pin comes last");
    }
}
