//! Somebody switches location sharing off after a plan was made of where they were.

use protocol::view::{DeskResponse, PlanView};

use super::*;

/// Far from home when the plan is made, near the task that is nobody's.
const OUT: f64 = 7.50;

fn seen_out(card: Resource) -> Day {
    let mut day = Day::begins(vec![card.into(), job(1, 7.51, None).into()]);
    day.seen_at(id(1), OUT, secs(-10));
    day
}

fn goes_private(day: &mut Day, card: Resource, when: DateTime<Utc>) {
    day.row(Resource { private_since: Some(when), ..card }, 2, when);
}

fn part(day: &mut Day, kept: &Kept) -> PlanView {
    let (kept, chosen) = day.session.plan_part(kept.number, &[task_id(1)], secs(6)).expect("the plan");
    kept.partly(&chosen).expect("a part")
}

/// How long somebody drives to the only task.
fn drive_secs(view: &PlanView) -> u64 {
    view.days[0].after.stops[0].drive_secs
}

/// What the same comes to for whoever was private all the time.
fn private_all_along() -> PlanView {
    let mut day = seen_out(Resource { private_since: Some(secs(-600)), ..worker(1, 7.40) });
    day.planned(&today(), now()).whole()
}

#[test]
fn whoever_is_private_since_begins_at_home_in_every_part_and_command() {
    let mut day = seen_out(worker(1, 7.40));
    let kept = day.planned(&today(), now());
    let honest = private_all_along();
    assert!(drive_secs(&kept.whole()) < drive_secs(&honest), "seen: she is nearly there");
    goes_private(&mut day, worker(1, 7.40), secs(5));
    let view = part(&mut day, &kept);
    assert_eq!(view.days[0].after, honest.days[0].after, "as if nobody had ever seen her");
    assert_eq!(view.days[0].before, honest.days[0].before, "the present day, too");
    assert_eq!(
        (view.after, view.moves.len()),
        (honest.after, 1),
        "the figures as well; she may still get it"
    );
    let ids = std::iter::repeat(CommandId(Uuid::from_u128(1)));
    let (commands, response) =
        day.session.apply_plan((kept.number, &[task_id(1)]), ids, secs(7)).expect("possible");
    assert!(matches!(response, DeskResponse::PlanApplied { moved: 1, .. }), "made: {response:?}");
    let CommandBody::TaskPlan { planned_start, .. } = commands[0].body else { panic!("a place") };
    assert_eq!(planned_start, Some(honest.days[0].after.stops[0].starts), "no time tells where she was");
}

#[test]
fn nobody_is_put_back_where_they_were_when_they_share_again() {
    let mut day = seen_out(worker(1, 7.40));
    let kept = day.planned(&today(), now());
    goes_private(&mut day, worker(1, 7.40), secs(2));
    day.row(worker(1, 7.40), 3, secs(4));
    day.seen_at(id(1), OUT, secs(5));
    assert_eq!(
        drive_secs(&part(&mut day, &kept)),
        drive_secs(&private_all_along()),
        "that fix was taken back"
    );
    let again = day.planned(&today(), secs(6)).whole();
    assert!(drive_secs(&again) < drive_secs(&private_all_along()), "a new plan may look at the new one");
}

#[test]
fn without_a_home_a_hidden_day_begins_at_its_first_task() {
    let nowhere = Resource { home: None, ..worker(1, 7.40) };
    let mut day = seen_out(nowhere.clone());
    let kept = day.planned(&today(), now());
    assert!(drive_secs(&kept.whole()) > 0, "there is a way to go");
    goes_private(&mut day, nowhere, secs(5));
    let view = part(&mut day, &kept);
    assert_eq!(drive_secs(&view), 0, "from where, nobody knows");
    assert_eq!(view.source, domain::travel::TravelSource::StraightLine, "and it is no more than an estimate");
}

#[test]
fn whoever_goes_private_during_the_search_is_hidden_in_what_it_finds() {
    let mut day = seen_out(worker(1, 7.40));
    let search = day.session.plan_day(&today(), now()).expect("a question");
    let number = search.number;
    goes_private(&mut day, worker(1, 7.40), secs(1));
    let found = Arc::new(searched(search));
    let told =
        day.session.on_planned(number, Some(found)).expect("a plan").expect("another one than was found");
    assert_eq!(told.whole().days, private_all_along().days, "she is at home in the answer already");
}

#[test]
fn others_days_are_as_they_were() {
    let mut day = Day::begins(vec![
        worker(1, 7.40).into(),
        worker(2, 7.45).into(),
        job(1, 7.51, Some(id(1))).into(),
        job(2, 7.46, Some(id(2))).into(),
    ]);
    day.seen_at(id(1), OUT, secs(-10));
    day.seen_at(id(2), 7.44, secs(-10));
    let kept = day.planned(&today(), now());
    let before = kept.whole();
    goes_private(&mut day, worker(1, 7.40), secs(5));
    let (kept, chosen) = day.session.plan_part(kept.number, &[], secs(6)).expect("the plan");
    let after = kept.partly(&chosen).expect("a part");
    assert_ne!(before.days[0].before, after.days[0].before, "hers begins elsewhere");
    assert_eq!(before.days[1].before, after.days[1].before, "his is by his fix");
}
