//! Alerts that were raised here while the disk took nothing.

use super::*;

/// Ana's phone has been silent for half an hour; the alert was not stored.
fn silent() -> (Day, Alert) {
    let mut day = Day::begins(vec![ana().into(), silence_rule().into()]);
    day.seen(7.42, secs(1));
    day.out(secs(1));
    day.proven(secs(2_100));
    day.session.on_second(secs(2_102));
    let alerts = raised(&day.out(secs(2_102)));
    let [alert] = &alerts[..] else { panic!("silent") };
    (day, alert.clone())
}

fn not_stored(day: &mut Day, alert: &Alert) {
    let command = Session::raising(Box::new(alert.clone()), CommandId(Uuid::from_u128(1)));
    day.session.on_not_noted(vec![command]);
}

/// What is raised when it is looked at again after a while.
fn raised_again(day: &mut Day, second: i64) -> Vec<Alert> {
    day.session.on_five_seconds(secs(second));
    raised(&day.out(secs(second)))
}

#[test]
fn they_are_raised_again_and_nobody_is_told_twice() {
    let (mut day, alert) = silent();
    not_stored(&mut day, &alert);
    day.session.on_five_seconds(secs(2_105));
    let again = day.out(secs(2_105));
    assert_eq!(raised(&again), std::slice::from_ref(&alert), "the same once more");
    assert!(notified(&again).is_empty(), "who was told knows");
    assert_eq!(raised_again(&mut day, 2_110), [], "once, as long as nothing is heard of it");
}

#[test]
fn what_another_desk_has_raised_meanwhile_is_left() {
    let (mut day, alert) = silent();
    not_stored(&mut day, &alert);
    day.row(alert, 1, secs(2_103));
    assert_eq!(raised_again(&mut day, 2_105), [], "that is all that was wanted");
}

#[test]
fn of_somebody_who_has_gone_private_since_nothing_is_said() {
    let private = || Resource { private_since: Some(secs(2_103)), ..ana() };
    let (mut day, alert) = silent();
    not_stored(&mut day, &alert);
    day.row(private(), 2, secs(2_103));
    assert_eq!(raised_again(&mut day, 2_105), [], "whether the disk had failed before");
    let (mut day, alert) = silent();
    day.row(private(), 2, secs(2_103));
    not_stored(&mut day, &alert);
    assert_eq!(raised_again(&mut day, 2_105), [], "or fails only then");
}

#[test]
fn after_a_change_of_role_nothing_of_before_is_said() {
    let (mut day, alert) = silent();
    day.session.purge(secs(2_103));
    not_stored(&mut day, &alert);
    assert_eq!(raised_again(&mut day, 2_105), [], "it was for somebody who may see it");
}

#[test]
fn it_is_not_tried_for_ever() {
    let (mut day, alert) = silent();
    not_stored(&mut day, &alert);
    assert_eq!(raised_again(&mut day, 2_102 + 3_600), [], "an hour later it is another trouble");
}
