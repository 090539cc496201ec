//! Weekly hours as people set them: a switch between always and chosen hours, and lines of days with a beginning and an end.

use chrono::{NaiveTime, Weekday};
use domain::resource::WorkingHours;
use domain::schedule::Schedule;
use leptos::prelude::*;

use crate::words::{t, tf, weekday_text};

/// The days as they are shown.
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
/// As `<input type="time">` has it.
const TIME_FORMAT: &str = "%H:%M";

/// One line: the same hours on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// Identity on the screen.
    id: u32,
    days: Vec<Weekday>,
    starts: NaiveTime,
    ends: NaiveTime,
}

/// A field for weekly hours. It is filled from `value` once and writes every change there; no hours at all means always.
#[component]
pub fn ScheduleField(
    /// The hours.
    value: RwSignal<Schedule>,
    /// What the hours are for.
    label: &'static str,
    /// What no hours at all mean.
    always: &'static str,
    /// What chosen hours mean.
    chosen: &'static str,
    /// Name for tests; its parts are `{testid}-when`, `{testid}-line`, `{testid}-add`.
    testid: &'static str,
) -> impl IntoView {
    let lines = RwSignal::new(lines_of(&value.get_untracked()));
    let by_hours = RwSignal::new(!value.with_untracked(Schedule::is_always));
    Effect::new(move |before: Option<()>| {
        let schedule =
            if by_hours.get() { lines.with(|lines| schedule_of(lines)) } else { Schedule::default() };
        if before.is_some() && value.with_untracked(|value| *value != schedule) {
            value.set(schedule);
        }
    });
    let switch = move |event| {
        let on = event_target_value(&event) == "hours";
        if on && lines.with_untracked(Vec::is_empty) {
            lines.set(vec![office_hours(0)]);
        }
        by_hours.set(on);
    };
    view! {
        <fieldset class="field schedule" data-testid=testid>
            <legend>{label}</legend>
            <select data-testid=format!("{testid}-when") aria-label=label on:change=switch
                prop:value=move || if by_hours.get() { "hours" } else { "always" }>
                <option value="always">{always}</option>
                <option value="hours" selected=by_hours.get_untracked()>{chosen}</option>
            </select>
            <Show when=move || by_hours.get()>
                <For each=move || lines.get() key=|line| line.id let:line>
                    <Hours id=line.id lines=lines testid=testid />
                </For>
                <Show when=move || lines.with(|lines| schedule_of(lines).is_always())>
                    <p class="small unassigned" role="status">{tf("schedule-nothing", &[("always", always)])}</p>
                </Show>
                <button type="button" class="small add" data-testid=format!("{testid}-add") on:click=move |_| lines.update(add_line)>
                    {t("schedule-add")}
                </button>
            </Show>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Hours(id: u32, lines: RwSignal<Vec<Line>>, testid: &'static str) -> impl IntoView {
    let of = move |read: fn(&Line) -> NaiveTime| {
        move || lines.with(|lines| lines.iter().find(|line| line.id == id).map(|line| text_of(read(line))))
    };
    let change = move |change: &dyn Fn(&mut Line)| {
        lines.update(|lines| lines.iter_mut().filter(|line| line.id == id).for_each(change));
    };
    let day = move |day: Weekday| {
        let on =
            move || lines.with(|lines| lines.iter().any(|line| line.id == id && line.days.contains(&day)));
        view! {
            <button type="button" class="day" aria-pressed=move || on().to_string() on:click=move |_| change(&|line| toggle(&mut line.days, day))>
                {weekday_text(day)}
            </button>
        }
    };
    let over_midnight =
        move || lines.with(|lines| lines.iter().any(|line| line.id == id && line.ends <= line.starts));
    let set = move |event, write: fn(&mut Line, NaiveTime)| {
        // A field that is being emptied keeps the time before.
        if let Ok(time) = NaiveTime::parse_from_str(&event_target_value(&event), TIME_FORMAT) {
            change(&|line| write(line, time));
        }
    };
    view! {
        <div class="schedule-line" role="group" data-testid=format!("{testid}-line")>
            <div class="days">{WEEK.map(day).collect_view()}</div>
            <input type="time" aria-label=t("schedule-from") prop:value=of(|line| line.starts) on:change=move |event| set(event, |line, time| line.starts = time) />
            <span aria-hidden="true">"–"</span>
            <input type="time" aria-label=t("schedule-to") prop:value=of(|line| line.ends) on:change=move |event| set(event, |line, time| line.ends = time) />
            <button type="button" class="ghost" aria-label=t("schedule-remove") title=t("schedule-remove")
                on:click=move |_| lines.update(|lines| lines.retain(|line| line.id != id))>
                "×"
            </button>
            <Show when=over_midnight><span class="small muted">{t("schedule-next-day")}</span></Show>
        </div>
    }
    .into_any()
}

fn text_of(time: NaiveTime) -> String {
    time.format(TIME_FORMAT).to_string()
}

fn toggle(days: &mut Vec<Weekday>, day: Weekday) {
    match days.iter().position(|known| *known == day) {
        Some(here) => drop(days.remove(here)),
        None => days.push(day),
    }
}

fn office_hours(id: u32) -> Line {
    let days = WEEK[..5].to_vec();
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Line { id, days, starts: at(8), ends: at(17) }
}

fn add_line(lines: &mut Vec<Line>) {
    let id = lines.iter().map(|line| line.id + 1).max().unwrap_or_default();
    lines.push(Line { days: Vec::new(), ..office_hours(id) });
}

/// Days with the same hours share a line.
fn lines_of(schedule: &Schedule) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for hours in &schedule.hours {
        let same = |line: &&mut Line| {
            line.starts == hours.starts && line.ends == hours.ends && !line.days.contains(&hours.weekday)
        };
        match lines.iter_mut().find(same) {
            Some(line) => line.days.push(hours.weekday),
            None => lines.push(Line {
                id: lines.len() as u32,
                days: vec![hours.weekday],
                starts: hours.starts,
                ends: hours.ends,
            }),
        }
    }
    lines
}

/// The hours of the lines, Monday first within each line.
fn schedule_of(lines: &[Line]) -> Schedule {
    let of_line = |line: &Line| {
        let Line { days, starts, ends, .. } = line.clone();
        let on = move |weekday: &Weekday| days.contains(weekday);
        WEEK.into_iter().filter(on).map(move |weekday| WorkingHours { weekday, starts, ends })
    };
    Schedule { hours: lines.iter().flat_map(of_line).collect() }
}

/// `Mon–Fri 08:00–17:00, Sat 22:00–02:00`; `None` for always.
pub fn hours_text(schedule: &Schedule) -> Option<String> {
    let line = |line: &Line| {
        let (from, to) = (text_of(line.starts), text_of(line.ends));
        tf("schedule-line", &[("days", &days_text(&line.days)), ("from", &from), ("to", &to)])
    };
    let lines = lines_of(schedule);
    (!lines.is_empty()).then(|| lines.iter().map(line).collect::<Vec<_>>().join(", "))
}

/// Three days or more in a row are a span.
fn days_text(days: &[Weekday]) -> String {
    let on: Vec<usize> = (0..WEEK.len()).filter(|day| days.contains(&WEEK[*day])).collect();
    let name = |day: usize| weekday_text(WEEK[day]);
    let span = |run: &[usize]| match run {
        [first, .., last] if run.len() > 2 => vec![format!("{}–{}", name(*first), name(*last))],
        few => few.iter().map(|day| name(*day).to_owned()).collect(),
    };
    on.chunk_by(|one, next| next - one == 1).flat_map(span).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(weekday: Weekday, starts: u32, ends: u32) -> WorkingHours {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
        WorkingHours { weekday, starts: at(starts), ends: at(ends) }
    }

    #[test]
    fn days_with_the_same_hours_are_one_line_and_come_back_as_they_were() {
        let schedule = Schedule {
            hours: vec![
                hours(Weekday::Mon, 8, 17),
                hours(Weekday::Tue, 8, 17),
                hours(Weekday::Wed, 8, 17),
                hours(Weekday::Sat, 22, 2),
            ],
        };
        let lines = lines_of(&schedule);
        assert_eq!(lines.len(), 2, "three days share their hours");
        assert_eq!(schedule_of(&lines), schedule, "nothing is lost on the way through the field");
        assert_eq!(
            hours_text(&schedule).as_deref(),
            Some("Mon–Wed 08:00–17:00, Sat 22:00–02:00"),
            "as people say it"
        );
        assert_eq!(hours_text(&Schedule::default()), None, "always needs no hours");
    }

    #[test]
    fn a_line_without_a_day_says_nothing() {
        let mut lines = Vec::new();
        add_line(&mut lines);
        assert!(schedule_of(&lines).is_always(), "no day is chosen yet");
        toggle(&mut lines[0].days, Weekday::Sun);
        assert_eq!(days_text(&lines[0].days), "Sun", "one day");
        toggle(&mut lines[0].days, Weekday::Mon);
        assert_eq!(days_text(&lines[0].days), "Mon, Sun", "two days apart are no span");
        toggle(&mut lines[0].days, Weekday::Sun);
        assert_eq!(schedule_of(&lines).hours, [hours(Weekday::Mon, 8, 17)], "and taken away again");
    }
}
