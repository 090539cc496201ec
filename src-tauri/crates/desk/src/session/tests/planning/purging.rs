//! The role or the groups change while a plan is searched.

use domain::company::User;

use super::*;

/// One worker far from home, and a task that is nobody's.
fn begun() -> (Day, PlanSearch) {
    let mut day = Day::begins(rows());
    day.seen_at(id(1), 7.50, secs(-10));
    let search = day.session.plan_day(&today(), now()).expect("a question");
    (day, search)
}

fn rows() -> Vec<Entity> {
    vec![worker(1, 7.40).into(), job(1, 7.51, None).into()]
}

fn found(search: PlanSearch) -> Arc<Kept> {
    Arc::new(searched(search))
}

fn cached(rows: Vec<Entity>) -> Vec<CachedRow> {
    rows.into_iter().map(|entity| CachedRow { entity, version: 1, at: now() }).collect()
}

fn progress(day: &mut Day) -> Vec<PlanProgressView> {
    let told = day.session.take_out(now()).into_iter().filter_map(|out| {
        if let Out::Tell(ViewEvent::PlanProgress(progress)) = out { Some(progress) } else { None }
    });
    told.collect()
}

const EXPIRED: DeskErrorCode = DeskErrorCode::Refused(Rejection::Expired);

#[test]
fn what_was_searched_for_the_old_role_or_groups_is_no_plan() {
    let (mut day, search) = begun();
    let number = search.number;
    day.session.purge(secs(1));
    assert!(search.cancel.is_cancelled(), "nobody may hear of it");
    let found = found(search);
    assert!(found.rests_on_fix(id(1)), "it tells where somebody of the old group is");
    let refused = day.session.on_planned(number, Some(found)).expect_err("not for this user any more");
    assert_eq!(refused.code, EXPIRED, "the question was asked for others");
    let none = day.session.plan_part(number, &[], secs(2)).map(drop).expect_err("it was not kept").code;
    assert_eq!(none, DeskErrorCode::Refused(Rejection::NotFound), "nor can a part of it be had");
    assert_eq!(
        progress(&mut day),
        [PlanProgressView::Idle],
        "nothing is searched any more, and that is told"
    );
}

#[test]
fn a_search_that_was_given_up_is_not_taken_for_the_one_after_it() {
    let (mut day, old) = begun();
    day.session.purge(now());
    day.session.reset(cached(rows()), now());
    let new = day.session.plan_day(&today(), now()).expect("the old one is given up");
    let (old_number, new_number) = (old.number, new.number);
    assert_ne!(old_number, new_number, "within the same millisecond, too");
    progress(&mut day);
    let far = PlanProgressView::Searching { share: 0.5, drive_secs: 1, unassigned: 1 };
    day.session.on_plan_progress(old_number, far);
    let refused = day.session.on_planned(old_number, Some(found(old))).expect_err("given up").code;
    assert_eq!(refused, EXPIRED, "it was asked for others");
    assert_eq!(progress(&mut day), [], "how the old one does is nobody's news");
    let third = day.session.plan_day(&today(), now()).map(drop).expect_err("one at a time").detail;
    assert_eq!(third.as_deref(), Some("already_planning"), "the new one goes on");
    day.session.on_plan_progress(new_number, far);
    assert_eq!(progress(&mut day), [far], "and is heard of");
    day.session.on_planned(new_number, Some(found(new))).expect("all is as it was");
    assert!(day.session.plan_part(new_number, &[], secs(1)).is_ok(), "its plan is the plan");
}

#[test]
fn who_may_not_plan_any_more_gets_no_plan() {
    let (mut day, search) = begun();
    let (number, user) = (search.number, day.session.user().clone());
    day.row(User { role: Role::Supervisor, ..user }, 2, secs(1));
    let refused = day.session.on_planned(number, Some(found(search))).expect_err("a supervisor").code;
    assert_eq!(refused, DeskErrorCode::Forbidden, "the plan is for those who can make it");
    assert!(day.session.plan_part(number, &[], secs(2)).is_err(), "nor is it kept for later");
}
