//! Filters and orders as a dispatcher uses them.

use std::sync::Arc;

use domain::task::{Priority, Task, TaskStatus};
use uuid::Uuid;

use super::*;

fn key(n: u128, name: &str, group: u128, standing: Standing, open_tasks: u32) -> ResourceKey {
    let (id, group) = (ResourceId(Uuid::from_u128(n)), GroupId(Uuid::from_u128(group)));
    ResourceKey { id, name: name.to_owned(), number: n.to_string(), group, standing, open_tasks }
}

fn crew() -> Vec<ResourceKey> {
    vec![
        key(1, "Ana Blanc", 7, Standing::Free, 0),
        key(2, "Bruno Roux", 7, Standing::Late, 4),
        key(3, "Chloé Noir", 8, Standing::Private, 1),
    ]
}

fn ids(numbers: &[u128]) -> Vec<ResourceId> {
    numbers.iter().map(|n| ResourceId(Uuid::from_u128(*n))).collect()
}

fn chosen(crew: &[ResourceKey], filter: &ResourceFilter) -> Vec<ResourceId> {
    choose_resources(crew, filter, &HashMap::new())
}

#[test]
fn resources_are_found_by_name_group_and_state() {
    let crew = crew();
    let by_text = ResourceFilter { text: " chloé ".to_owned(), ..ResourceFilter::default() };
    assert_eq!(chosen(&crew, &by_text), ids(&[3]), "by name, whatever the case and spaces");
    let by_group = ResourceFilter { group: Some(GroupId(Uuid::from_u128(7))), ..ResourceFilter::default() };
    assert_eq!(chosen(&crew, &by_group), ids(&[1, 2]), "by group");
    let late = ResourceFilter { standing: Some(Standing::Late), ..by_group };
    assert_eq!(chosen(&crew, &late), ids(&[2]), "both have to hold");
}

#[test]
fn resources_sort_by_trouble_or_workload() {
    let crew = crew();
    let by_state = ResourceFilter { sort: ResourceSort::Standing, ..ResourceFilter::default() };
    assert_eq!(chosen(&crew, &by_state), ids(&[2, 1, 3]), "who is late comes first");
    let by_load = ResourceFilter { sort: ResourceSort::Workload, ..ResourceFilter::default() };
    assert_eq!(chosen(&crew, &by_load), ids(&[2, 3, 1]), "the busiest first");
}

#[test]
fn who_arrives_next_comes_first_and_whose_arrival_is_not_known_last() {
    let by_arrival = ResourceFilter { sort: ResourceSort::Arrival, ..ResourceFilter::default() };
    let arrivals = HashMap::from([(ids(&[3])[0], at(4)), (ids(&[2])[0], at(9))]);
    let order = choose_resources(&crew(), &by_arrival, &arrivals);
    assert_eq!(order, ids(&[3, 2, 1]), "Ana is on the way to nothing");
}

#[test]
fn privacy_and_silence_show_before_anything_else() {
    let since = DateTime::UNIX_EPOCH;
    let private = Standing::of(PositionState::Private { since }, Some(DotState::EnRoute));
    assert_eq!(private, Standing::Private, "a dot that is still on its way out changes nothing");
    let stale = Standing::of(PositionState::Stale, Some(DotState::Working));
    assert_eq!(stale, Standing::NoSignal, "an old position is no position to plan with");
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("time")
}

fn task(number: u32, status: TaskStatus, resource: Option<u128>, late_secs: Option<i64>) -> Arc<TaskView> {
    let task = Task {
        id: TaskId(Uuid::from_u128(u128::from(number))),
        number,
        title: format!("Task {number}"),
        description: String::new(),
        task_type: None,
        work_order: None,
        at: LonLat::new(7.42, 43.73).expect("coordinate"),
        address: String::new(),
        poi: None,
        customer: "Port Hercule".to_owned(),
        resource: resource.map(|n| ResourceId(Uuid::from_u128(n))),
        status,
        priority: Priority::Normal,
        skills: Vec::new(),
        planned_minutes: 30,
        window_start: None,
        window_end: (number != 2).then(|| at(100 - i64::from(number))),
        load: 0,
        planned_start: None,
        promises: Vec::new(),
        choices: Vec::new(),
        timeline: Vec::new(),
        notes: Vec::new(),
        created_at: at(0),
    };
    let eta = EtaView::Expected {
        p50: at(1),
        p90: at(2),
        source: domain::travel::TravelSource::Roads,
        late_p90_secs: None,
        fix_age_secs: 3,
        distance_m: 500.0,
        late_secs,
    };
    Arc::new(TaskView {
        promise: None,
        task,
        version: 1,
        eta: resource.map(|_| eta),
        open_bid: None,
        pending: false,
        attention: false,
    })
}

fn day() -> Vec<Arc<TaskView>> {
    vec![
        task(1, TaskStatus::EnRoute, Some(1), Some(300)),
        task(2, TaskStatus::NewTask, None, None),
        task(3, TaskStatus::Closed, Some(1), None),
        task(4, TaskStatus::InProgress, Some(2), None),
    ]
}

fn numbers(filter: &TaskFilter) -> Vec<u128> {
    let name_of = |id: ResourceId| if id.0.as_u128() == 1 { "Ana".to_owned() } else { "Bruno".to_owned() };
    choose_tasks(&day(), filter, name_of).into_iter().map(|id| id.0.as_u128()).collect()
}

#[test]
fn chips_narrow_tasks() {
    let chip = |chip| TaskFilter { chip, column: TaskColumn::Number, ..TaskFilter::default() };
    assert_eq!(numbers(&chip(TaskChip::Open)), [1, 2, 4], "what is not over");
    assert_eq!(numbers(&chip(TaskChip::Unassigned)), [2], "what nobody has");
    assert_eq!(numbers(&chip(TaskChip::Late)), [1], "what will be late");
    assert_eq!(numbers(&chip(TaskChip::Active)), [1, 4], "what is under way");
    assert_eq!(numbers(&chip(TaskChip::Over)), [3], "what is over");
}

#[test]
fn tasks_are_found_by_number_customer_and_who_has_them() {
    let text = |text: &str| TaskFilter {
        text: text.to_owned(),
        column: TaskColumn::Number,
        ..TaskFilter::default()
    };
    assert_eq!(numbers(&text("#4")), [4], "by number");
    assert_eq!(numbers(&text("hercule")), [1, 2, 4], "by customer");
    assert_eq!(numbers(&text("bruno")), [4], "by resource");
}

#[test]
fn what_has_no_window_comes_last() {
    assert_eq!(numbers(&TaskFilter::default()), [4, 1, 2], "earliest end first, none last");
    let descending = TaskFilter { column: TaskColumn::Number, descending: true, ..TaskFilter::default() };
    assert_eq!(numbers(&descending), [4, 2, 1], "the other way round");
}
