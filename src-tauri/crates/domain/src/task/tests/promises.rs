//! What customers were told, and what became of it.

use super::*;
use crate::PromiseId;
use crate::travel::TravelSource;
use chrono::TimeDelta;

fn ana() -> ResourceId {
    ResourceId(Uuid::from_u128(2))
}

/// Somebody is there by minute `until`.
fn draft(number: u128, until: i64) -> PromiseDraft {
    PromiseDraft {
        id: PromiseId(Uuid::from_u128(number)),
        channel: PromiseChannel::Phone,
        from: None,
        until: at(until),
        expected: None,
    }
}

fn by_message(number: u128, until: i64) -> PromiseDraft {
    PromiseDraft { channel: PromiseChannel::Message, ..draft(number, until) }
}

/// Ana's, who has seen it.
fn given() -> Task {
    let mut task = task();
    task.assign(Some(ana()), at(0), office()).expect("a new task can be assigned");
    task
}

fn goes(task: &mut Task, status: TaskStatus, minute: i64) {
    let by = if status.is_office_only() { office() } else { field() };
    task.advance(StatusStep { status, at: at(minute), by, reason: None }).expect("a legal step");
}

fn told(task: &mut Task, draft: &PromiseDraft, minute: i64) {
    task.promise(draft, at(minute), office()).expect("somebody is expected");
}

fn states(task: &Task) -> Vec<PromiseState> {
    task.promises.iter().map(|promise| promise.state).collect()
}

#[test]
fn it_is_kept_by_the_minute_and_broken_after_it() {
    for (arrives, expected) in [
        (30, PromiseState::Kept { arrived: at(30) }),
        (60, PromiseState::Kept { arrived: at(60) }),
        (61, PromiseState::Broken { arrived: at(61) }),
    ] {
        let mut task = given();
        told(&mut task, &PromiseDraft { from: Some(at(40)), ..draft(1, 60) }, 5);
        goes(&mut task, TaskStatus::EnRoute, 20);
        assert!(task.open_promise().is_some(), "on the way is not there yet");
        goes(&mut task, TaskStatus::Arrived, arrives);
        goes(&mut task, TaskStatus::InProgress, arrives + 100);
        assert_eq!(states(&task), [expected], "the arrival counts, also an early one, and not what follows");
    }
}

#[test]
fn whoever_starts_without_arriving_has_arrived() {
    for status in [TaskStatus::InProgress, TaskStatus::Arrived] {
        let mut task = given();
        told(&mut task, &draft(1, 60), 5);
        goes(&mut task, status, 50);
        assert_eq!(states(&task), [PromiseState::Kept { arrived: at(50) }], "{status:?} is there");
    }
}

#[test]
fn it_is_void_when_nobody_comes_and_open_while_somebody_else_may() {
    let after = |status| {
        let mut task = given();
        goes(&mut task, TaskStatus::Acknowledged, 1);
        told(&mut task, &draft(1, 60), 5);
        goes(&mut task, status, 10);
        states(&task)
    };
    let void = [PromiseState::Void { at: at(10) }];
    assert_eq!(after(TaskStatus::NotDone), void, "nobody comes today");
    assert_eq!(after(TaskStatus::Canceled), void, "nobody comes at all");
    for status in [TaskStatus::Declined, TaskStatus::Suspended, TaskStatus::EnRoute] {
        assert_eq!(after(status), [PromiseState::Open], "{status:?}: the customer still waits");
    }
}

#[test]
fn a_promise_outlives_the_person_it_was_made_for() {
    let mut task = given();
    told(&mut task, &draft(1, 60), 5);
    let ben = ResourceId(Uuid::from_u128(9));
    task.assign(Some(ben), at(10), office()).expect("may be given to somebody else");
    assert_eq!(task.open_promise().and_then(|promise| promise.resource), Some(ana()), "she was expected");
    task.advance(StatusStep { status: TaskStatus::Arrived, at: at(55), by: Actor::Field(ben), reason: None })
        .expect("he is there");
    assert_eq!(states(&task), [PromiseState::Kept { arrived: at(55) }], "he kept what was said of her");
}

#[test]
fn another_promise_takes_the_place_of_the_one_before() {
    let mut task = given();
    told(&mut task, &draft(1, 60), 5);
    told(&mut task, &draft(2, 90), 20);
    goes(&mut task, TaskStatus::Arrived, 80);
    let expected = [PromiseState::Replaced { at: at(20) }, PromiseState::Kept { arrived: at(80) }];
    assert_eq!(states(&task), expected, "late for the first, in time for the one that counts");
}

#[test]
fn the_same_draft_twice_is_one_promise() {
    let mut task = given();
    told(&mut task, &draft(1, 60), 5);
    let once = task.clone();
    told(&mut task, &draft(1, 60), 6);
    assert_eq!(task, once, "the second time nothing happens");
    goes(&mut task, TaskStatus::InProgress, 30);
    assert_eq!(task.promise(&draft(1, 60), at(40), office()), Ok(()), "also when it is settled");
}

#[test]
fn nobody_is_promised_who_is_not_expected() {
    let mut task = given();
    goes(&mut task, TaskStatus::Arrived, 10);
    let refused = task.promise(&draft(1, 60), at(11), office());
    assert_eq!(refused, Err(PromiseError::NotExpected), "she is there already");
    assert_eq!(task.promises, [], "and nothing is kept of it");
}

#[test]
fn what_comes_in_late_is_settled_by_what_has_happened_since() {
    let mut task = given();
    goes(&mut task, TaskStatus::Arrived, 50);
    goes(&mut task, TaskStatus::InProgress, 55);
    told(&mut task, &draft(1, 45), 20);
    assert_eq!(states(&task), [PromiseState::Broken { arrived: at(50) }], "told at 20, there at 50");

    let mut task = given();
    told(&mut task, &draft(1, 45), 30);
    told(&mut task, &draft(2, 40), 20);
    assert_eq!(task.open_promise().map(|open| open.id), Some(draft(1, 45).id), "the newer word counts");
    assert_eq!(
        states(&task),
        [PromiseState::Replaced { at: at(30) }, PromiseState::Open],
        "oldest first, whatever came in first"
    );

    let mut task = given();
    told(&mut task, &draft(1, 45), 10);
    goes(&mut task, TaskStatus::Arrived, 50);
    told(&mut task, &draft(2, 60), 20);
    let expected = [PromiseState::Replaced { at: at(20) }, PromiseState::Kept { arrived: at(50) }];
    assert_eq!(states(&task), expected, "the customer knew better since 20");
}

#[test]
fn only_an_open_promise_is_withdrawn() {
    let mut task = given();
    let id = draft(1, 60).id;
    assert_eq!(task.withdraw_promise(id, at(5)), Err(PromiseError::NotOpen), "there is none");
    told(&mut task, &draft(1, 60), 5);
    task.withdraw_promise(id, at(6)).expect("it is open");
    assert_eq!(states(&task), [PromiseState::Void { at: at(6) }], "void");
    assert_eq!(task.withdraw_promise(id, at(7)), Err(PromiseError::NotOpen), "once");
    told(&mut task, &draft(2, 60), 8);
    goes(&mut task, TaskStatus::Arrived, 30);
    let late = task.withdraw_promise(draft(2, 60).id, at(31));
    assert_eq!(late, Err(PromiseError::NotOpen), "what is kept can't be taken back");
}

#[test]
fn a_message_that_has_not_gone_out_goes_with_its_promise() {
    let message = |task: &Task| task.promises[0].message;
    let failed = |minute| Some(MessageState::Failed { at: at(minute) });
    let waits = || {
        let mut task = given();
        told(&mut task, &by_message(1, 60), 5);
        assert_eq!(message(&task), Some(MessageState::Waiting), "it is handed to the server");
        task
    };
    let mut task = waits();
    told(&mut task, &draft(2, 90), 10);
    assert_eq!(message(&task), failed(10), "the customer was told another time meanwhile");
    let mut task = waits();
    goes(&mut task, TaskStatus::Arrived, 20);
    assert_eq!(message(&task), failed(20), "somebody is there before the message");
    let sent = MessageState::Sent { at: at(21) };
    task.note_message(task.promises[0].id, sent);
    assert_eq!(message(&task), Some(sent), "unless it had been handed over, which is the truth");
    task.note_message(task.promises[0].id, MessageState::Failed { at: at(22) });
    assert_eq!(message(&task), Some(sent), "what is out is out");
    let mut task = given();
    told(&mut task, &draft(1, 60), 5);
    task.note_message(task.promises[0].id, sent);
    assert_eq!(message(&task), None, "nothing was to be sent");
}

#[test]
fn times_that_can_be_said_to_a_customer() {
    let refused = Err(PromiseError::Times);
    assert_eq!(draft(1, 60).check(at(59)), Ok(()), "still ahead");
    assert_eq!(draft(1, 60).check(at(60)), refused, "over");
    let year = at(0) + TimeDelta::days(365);
    assert_eq!(PromiseDraft { until: year, ..draft(1, 0) }.check(at(0)), Ok(()), "a year");
    let far = PromiseDraft { until: year + TimeDelta::days(1), ..draft(1, 0) };
    assert_eq!(far.check(at(0)), refused, "nobody knows that far ahead");
    let odd = PromiseDraft { from: Some(at(61)), ..draft(1, 60) };
    assert_eq!(odd.check(at(0)), refused, "it ends before it begins");
    let then = ExpectedThen { p50: at(50), p90: at(55), source: TravelSource::Roads, fix_age_secs: 10 };
    let with = |expected| PromiseDraft { expected: Some(expected), ..draft(1, 60) }.check(at(0));
    assert_eq!(with(then), Ok(()), "as an arrival is expected");
    assert_eq!(
        with(ExpectedThen { p90: at(49), ..then }),
        refused,
        "nine of ten are not before half of them"
    );
    assert_eq!(with(ExpectedThen { fix_age_secs: -1, ..then }), refused, "no fix is of tomorrow");
}

#[test]
fn a_message_has_a_text_and_nothing_else_has() {
    let (message, phone) = (by_message(1, 60), draft(1, 60));
    let longest = "x".repeat(LONGEST_MESSAGE_CHARS);
    assert_eq!(message.check_text(Some(&longest)), Ok(()), "as long as may be");
    for bad in [None, Some(""), Some("  \n"), Some(format!("{longest}x").as_str())] {
        assert_eq!(message.check_text(bad), Err(PromiseError::Text), "no message: {:?}", bad.map(str::len));
    }
    assert_eq!(phone.check_text(None), Ok(()), "said, not written");
    assert_eq!(phone.check_text(Some("hello")), Err(PromiseError::Text), "nobody would send it");
}

#[test]
fn how_far_off_the_expectation_was() {
    let then = ExpectedThen { p50: at(50), p90: at(55), source: TravelSource::Roads, fix_age_secs: 10 };
    let mut task = given();
    told(&mut task, &PromiseDraft { expected: Some(then), ..draft(1, 60) }, 5);
    assert_eq!(task.promises[0].error_secs(), None, "nobody is there yet");
    goes(&mut task, TaskStatus::Arrived, 58);
    assert_eq!(task.promises[0].error_secs(), Some(8 * 60), "late is positive");
    let mut early = given();
    told(&mut early, &PromiseDraft { expected: Some(then), ..draft(1, 60) }, 5);
    goes(&mut early, TaskStatus::Arrived, 47);
    assert_eq!(early.promises[0].error_secs(), Some(-3 * 60), "early is negative");
}

#[test]
fn a_task_without_promises_is_written_as_it_always_was() {
    let text = serde_json::to_string(&given()).expect("writes");
    for name in ["promises", "choices", "load", "planned_start"] {
        assert!(!text.contains(name), "an older reader sees nothing new: {name}");
    }
    assert_eq!(serde_json::from_str::<Task>(&text).expect("reads"), given(), "and an older row is read");
}

proptest! {
    #[test]
    fn whatever_happens_at_most_one_promise_is_open_and_they_are_in_order(
        tries in proptest::collection::vec((0..3u8, any_status(), 0..500i64, 1..9u128), 0..40)
    ) {
        let mut task = given();
        let mut clock = 0;
        for (what, status, minute, number) in tries {
            match what {
                0 => _ = task.promise(&draft(number, minute + 60), at(minute), office()),
                1 => _ = task.withdraw_promise(draft(number, 0).id, at(minute)),
                _ => {
                    clock += minute % 20;
                    _ = task.advance(StatusStep { status, at: at(clock), by: office(), reason: None });
                }
            }
            let open = task.promises.iter().filter(|promise| promise.is_open()).count();
            prop_assert!(open <= 1, "{open} open promises: {:?}", task.promises);
            prop_assert!(task.promises.is_sorted_by_key(|promise| promise.told_at), "oldest first");
            prop_assert!(open == 0 || task.is_expected(), "open, though nobody is to come: {:?}", task.status);
        }
    }
}
