//! Places in somebody's day, and who was chosen from suggestions.

use super::*;

fn ana() -> ResourceId {
    ResourceId(Uuid::from_u128(2))
}

fn ben() -> ResourceId {
    ResourceId(Uuid::from_u128(9))
}

fn acknowledged() -> Task {
    let mut task = task();
    task.assign(Some(ana()), at(0), office()).expect("a new task can be assigned");
    task.advance(step(TaskStatus::Acknowledged, field())).expect("she has seen it");
    task
}

#[test]
fn whoever_keeps_a_task_need_not_see_it_anew() {
    let mut task = acknowledged();
    let steps = task.timeline.len();
    task.plan(Some(ana()), Some(at(90)), at(5), office()).expect("may be planned");
    assert_eq!(task.planned_start, Some(at(90)), "it has its place in her day");
    assert_eq!((task.status, task.timeline.len()), (TaskStatus::Acknowledged, steps), "she knows it");
    task.plan(Some(ana()), Some(at(120)), at(6), office()).expect("later then");
    assert_eq!((task.status, task.planned_start), (TaskStatus::Acknowledged, Some(at(120))), "only moved");
    task.plan(Some(ana()), None, at(7), office()).expect("or at no time");
    assert_eq!((task.resource, task.planned_start), (Some(ana()), None), "hers, at no planned time");
}

#[test]
fn whoever_gets_a_task_by_the_plan_has_yet_to_see_it() {
    let mut task = acknowledged();
    task.plan(Some(ben()), Some(at(90)), at(5), office()).expect("may be planned");
    assert_eq!(task.status, TaskStatus::NewTask, "Ben has not seen it");
    assert_eq!((task.resource, task.planned_start), (Some(ben()), Some(at(90))), "his, at its time");
    task.plan(None, Some(at(90)), at(6), office()).expect("may be taken out");
    assert_eq!((task.resource, task.planned_start), (None, None), "nobody's has no place in a day");
}

#[test]
fn what_was_declined_or_not_done_is_new_to_the_same_person_too() {
    for status in [TaskStatus::Declined, TaskStatus::NotDone] {
        let mut task = acknowledged();
        task.advance(step(status, field())).expect("she says no");
        task.plan(Some(ana()), Some(at(90)), at(5), office()).expect("may be planned again");
        assert_eq!(task.status, TaskStatus::NewTask, "{status:?}: else her phone would not show it");
    }
}

#[test]
fn a_place_in_somebodys_day_is_worth_nothing_to_somebody_else() {
    let mut task = acknowledged();
    task.plan(Some(ana()), Some(at(90)), at(5), office()).expect("may be planned");
    task.assign(Some(ana()), at(6), office()).expect("given to her again");
    assert_eq!(task.planned_start, Some(at(90)), "she keeps its place");
    task.assign(Some(ben()), at(7), office()).expect("given to Ben");
    assert_eq!(task.planned_start, None, "his day is another one");
}

#[test]
fn what_has_begun_or_is_over_is_not_planned() {
    let mut task = acknowledged();
    task.advance(step(TaskStatus::InProgress, field())).expect("begins");
    let before = task.clone();
    let begun = task.plan(Some(ana()), Some(at(90)), at(5), office());
    assert_eq!(begun, Err(AssignError::Started(TaskStatus::InProgress)), "not under the hands");
    task.advance(step(TaskStatus::Closed, field())).expect("ends");
    let over = task.plan(Some(ben()), Some(at(90)), at(6), office());
    assert_eq!(over, Err(AssignError::Over(TaskStatus::Closed)), "closed is closed");
    assert_eq!(task.planned_start, before.planned_start, "a refused plan changes nothing");
}

fn made(chosen: ResourceId, rank: u16) -> ChoiceMade {
    ChoiceMade { chosen, rank, of: 5, first: ana(), later_secs: Some(240), reason: None, note: String::new() }
}

#[test]
fn a_choice_fits_together_and_to_its_assignment() {
    let (first, third) = (made(ana(), 1), made(ben(), 3));
    assert!(first.fits(Some(ana())) && !first.is_override(), "the first one was taken");
    assert!(third.fits(Some(ben())) && third.is_override(), "the third one was taken");
    assert!(!third.fits(Some(ana())), "but somebody else was assigned");
    assert!(!third.fits(None), "or nobody");
    assert!(!made(ben(), 1).fits(Some(ben())), "whoever is first in the list is the first one");
    assert!(!made(ana(), 2).fits(Some(ana())), "and nobody else is");
    for rank in [0, 6] {
        assert!(!made(ben(), rank).fits(Some(ben())), "there is no place {rank} of 5");
    }
    let longest = "x".repeat(LONGEST_CHOICE_NOTE_CHARS);
    assert!(ChoiceMade { note: longest.clone(), ..third.clone() }.fits(Some(ben())), "as long as may be");
    assert!(!ChoiceMade { note: format!("{longest}x"), ..third }.fits(Some(ben())), "too long");
}
