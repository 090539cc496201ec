//! What the desktop tells this user: the settings, and what can be done when nothing is told at all.

use chrono::TimeDelta;
use domain::alert::{AlertTopic, Severity};
use domain::schedule::Schedule;
use leptos::prelude::*;
use protocol::view::{DeskRequest, DeskResponse, NotificationService, NotificationSettings, Sound, Sounds};

use super::policy_field::put;
use super::schedule_field::ScheduleField;
use crate::clock;
use crate::format;
use crate::kit::Modal;
use crate::state::{Desk, Dialog, ToastKind};
use crate::words::{error_text, severity_name, severity_text, sound_text, t, tf, topic_text};

/// Whether the desktop tells anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telling {
    /// Not known.
    Unknown,
    /// It does.
    On,
    /// Nothing shows notifications here.
    NoService,
    /// The user wants none.
    Off,
    /// For a while none, critical ones excepted.
    Paused(String),
}

impl Telling {
    /// How it is now; whoever reads it is run again every minute.
    pub fn of(desk: Desk) -> Telling {
        let now = desk.clock.minute();
        desk.notifications.with(|known| match known {
            None => Telling::Unknown,
            Some((_, service)) if service.name.is_none() => Telling::NoService,
            Some((settings, _)) if !settings.enabled => Telling::Off,
            Some((settings, _)) => match settings.paused_until.filter(|until| *until > now) {
                Some(until) => Telling::Paused(format::day_time(until, desk.zone(), now)),
                None => Telling::On,
            },
        })
    }

    /// For style sheets and tests.
    pub fn name(&self) -> &'static str {
        match self {
            Telling::Unknown => "unknown",
            Telling::On => "on",
            Telling::NoService => "none",
            Telling::Off => "off",
            Telling::Paused(_) => "paused",
        }
    }

    /// What people have to know.
    pub fn hint(&self) -> Option<String> {
        match self {
            Telling::Unknown | Telling::On => None,
            Telling::NoService => Some(t("telling-none").to_owned()),
            Telling::Off => Some(t("telling-off").to_owned()),
            Telling::Paused(until) => Some(tf("telling-paused", &[("time", until)])),
        }
    }
}

/// Stays as long as the desktop tells nothing.
#[component]
pub fn TellingHint() -> impl IntoView {
    let desk = Desk::here();
    let telling = Memo::new(move |_| Telling::of(desk));
    view! {
        <Show when=move || telling.with(|telling| telling.hint().is_some())>
            <p class="callout offline-note" class:decide=move || telling.get() == Telling::NoService role="status" data-testid="telling" data-telling=move || telling.get().name()>
                {move || telling.get().hint()} " "
                <button type="button" class="link" on:click=move |_| desk.look.dialog.set(Some(Dialog::Notifications))>{t("notifications-open")}</button>
            </p>
        </Show>
    }
    .into_any()
}

/// The settings as they are being changed.
#[derive(Clone, Copy)]
struct Form {
    settings: RwSignal<NotificationSettings>,
    quiet: RwSignal<Schedule>,
    service: RwSignal<Option<NotificationService>>,
    error: RwSignal<Option<String>>,
}

/// The dialog. Every change is kept at once.
#[component]
pub fn NotificationsDialog(close: Callback<()>) -> impl IntoView {
    let desk = Desk::here();
    let form = RwSignal::new(None::<Form>);
    let error = RwSignal::new(None::<String>);
    leptos::task::spawn_local(async move {
        match desk.request(DeskRequest::NotificationSettings).await {
            Ok(DeskResponse::Notifications { settings, service }) => {
                desk.notifications.set(Some(((*settings).clone(), service.clone())));
                let quiet = settings.quiet_hours.clone();
                let _ = form.try_set(Some(Form {
                    settings: RwSignal::new(*settings),
                    quiet: RwSignal::new(quiet),
                    service: RwSignal::new(Some(service)),
                    error,
                }));
            }
            Ok(_) => drop(error.try_set(Some(t("error-internal").to_owned()))),
            Err(problem) => drop(error.try_set(Some(error_text(&problem)))),
        }
    });
    view! {
        <Modal title=t("notifications") testid="notifications-dialog" wide=true close=close>
            <div class="modal-body notifications">
                <p class="muted">{t("notifications-lead")}</p>
                {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
                {move || match form.get() {
                    Some(form) => view! { <Fields form=form /> }.into_any(),
                    None if error.with(Option::is_none) => view! { <p class="muted" role="status">{t("loading")}</p> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
            <footer class="modal-foot">
                <button type="button" data-testid="test-notification" disabled=move || form.with(Option::is_none) on:click=move |_| test(desk)>
                    {t("notifications-test")}
                </button>
                <span class="grow"></span>
                <button type="button" class="primary" data-testid="notifications-close" on:click=move |_| close.run(())>{t("close")}</button>
            </footer>
        </Modal>
    }
    .into_any()
}

fn test(desk: Desk) {
    desk.ask_then(DeskRequest::TestNotification, move |_| {
        desk.say(ToastKind::Done, t("notifications-tested").to_owned());
    });
}

/// Keeps what the form has.
fn keep(desk: Desk, form: Form) {
    let settings = form.settings.get_untracked();
    leptos::task::spawn_local(async move {
        let answer = desk.request(DeskRequest::SetNotificationSettings(Box::new(settings))).await;
        match answer {
            Ok(DeskResponse::Notifications { settings, service }) => {
                desk.notifications.set(Some((*settings, service.clone())));
                let _ = form.service.try_set(Some(service));
                let _ = form.error.try_set(None);
            }
            Ok(_) => drop(form.error.try_set(None)),
            Err(problem) => drop(form.error.try_set(Some(error_text(&problem)))),
        }
    });
}

#[component]
fn Fields(form: Form) -> impl IntoView {
    let desk = Desk::here();
    Effect::new(move |before: Option<Schedule>| {
        let quiet = form.quiet.get();
        if before.is_some_and(|before| before != quiet) {
            form.settings.update(|settings| settings.quiet_hours = quiet.clone());
            keep(desk, form);
        }
        quiet
    });
    let change = move |change: &dyn Fn(&mut NotificationSettings)| {
        form.settings.update(change);
        keep(desk, form);
    };
    let check = move |label: &'static str,
                      testid: &'static str,
                      of: fn(&mut NotificationSettings) -> &mut bool| {
        let on = move || form.settings.with(|settings| *of(&mut settings.clone()));
        view! {
            <label class="check">
                <input type="checkbox" data-testid=testid prop:checked=on
                    on:change=move |event| change(&|settings| *of(settings) = event_target_checked(&event)) />
                {label}
            </label>
        }
    };
    view! {
        <Service form=form />
        <section class="form-block">
            {check(t("notifications-enabled"), "notify-enabled", |settings| &mut settings.enabled)}
            <Pause form=form />
            {check(t("notifications-discreet"), "notify-discreet", |settings| &mut settings.discreet)}
        </section>
        <fieldset class="form-block" disabled=move || form.settings.with(|settings| !settings.enabled)>
            <Severities form=form />
            <ScheduleField value=form.quiet label=t("notifications-quiet") always=t("notifications-quiet-never") chosen=t("notifications-quiet-hours") testid="notify-quiet" />
            {check(t("notifications-critical"), "notify-critical-always", |settings| &mut settings.critical_always)}
            <Topics form=form />
        </fieldset>
    }
    .into_any()
}

/// What shows notifications here, or what to do when nothing does.
#[component]
fn Service(form: Form) -> impl IntoView {
    move || {
        let service = form.service.get()?;
        let Some(name) = service.name else {
            return Some(
                view! {
                    <div class="callout decide" role="alert" data-testid="no-service">
                        <strong>{t("telling-none")}</strong>
                        <p>{t("notifications-none-how")}</p>
                    </div>
                }
                .into_any(),
            );
        };
        let mut lacks = Vec::new();
        if !service.actions {
            lacks.push(t("notifications-no-actions"));
        }
        if !service.sounds {
            lacks.push(t("notifications-no-sounds"));
        }
        Some(
            view! {
                <p class="callout small" data-testid="service">
                    {tf("notifications-service", &[("name", &name)])} " " {lacks.join(" ")}
                </p>
            }
            .into_any(),
        )
    }
}

#[component]
fn Pause(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let paused = move || {
        let now = desk.clock.minute();
        form.settings.with(|settings| settings.paused_until.filter(|until| *until > now))
    };
    let text = move || {
        paused().map(|until| {
            tf("telling-paused", &[("time", &format::day_time(until, desk.zone(), desk.clock.minute()))])
        })
    };
    let toggle = move |_| {
        let until = paused().is_none().then(|| clock::now() + TimeDelta::hours(1));
        form.settings.update(|settings| settings.paused_until = until);
        keep(desk, form);
    };
    view! {
        <div class="row">
            <button type="button" data-testid="notify-pause" aria-pressed=move || paused().is_some().to_string() on:click=toggle>
                {move || if paused().is_some() { t("notifications-resume") } else { t("notifications-pause") }}
            </button>
            <span class="muted">{text}</span>
        </div>
    }
    .into_any()
}

/// Which severities are told, and how they sound.
#[component]
fn Severities(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let line = move |severity: Severity| {
        let told = move || form.settings.with(|settings| severity >= settings.least);
        let sound = move || form.settings.with(|settings| *sound_of(&mut settings.sounds.clone(), severity));
        let choose_least = move |_| {
            form.settings.update(|settings| settings.least = severity);
            keep(desk, form);
        };
        let choose_sound = move |event| {
            let name = event_target_value(&event);
            if let Some(sound) = Sound::ALL.into_iter().find(|sound| format!("{sound:?}") == name) {
                form.settings.update(|settings| *sound_of(&mut settings.sounds, severity) = sound);
                keep(desk, form);
            }
        };
        let now = sound();
        let option = move |sound: Sound| {
            view! { <option value=format!("{sound:?}") selected=sound == now>{sound_text(sound)}</option> }
        };
        view! {
            <tr>
                <th scope="row"><span class="severity" data-severity=severity_name(severity)></span> " " {severity_text(severity)}</th>
                <td>
                    <label class="check"><input type="radio" name="notify-least" data-testid="notify-least"
                        prop:checked=move || form.settings.with(|settings| settings.least == severity) on:change=choose_least />
                        {t("notifications-least")}</label>
                </td>
                <td><select data-testid="notify-sound" aria-label=tf("notifications-sound-of", &[("severity", severity_text(severity))])
                    disabled=move || !told() on:change=choose_sound prop:value=move || format!("{:?}", sound())>{Sound::ALL.map(option).collect_view()}</select></td>
            </tr>
        }
    };
    view! {
        <table class="plain-table severities">
            <thead><tr><th>{t("policy-severity")}</th><th>{t("notifications-told-from")}</th><th>{t("notifications-sound")}</th></tr></thead>
            <tbody>{Severity::ALL.into_iter().rev().map(line).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn sound_of(sounds: &mut Sounds, severity: Severity) -> &mut Sound {
    match severity {
        Severity::Info => &mut sounds.info,
        Severity::Warning => &mut sounds.warning,
        Severity::Critical => &mut sounds.critical,
    }
}

/// What is told at all.
#[component]
fn Topics(form: Form) -> impl IntoView {
    let desk = Desk::here();
    let check = move |topic: AlertTopic| {
        let told = move || form.settings.with(|settings| !settings.muted.contains(&topic));
        let change = move |event| {
            let told = event_target_checked(&event);
            form.settings.update(|settings| put(&mut settings.muted, topic, !told));
            keep(desk, form);
        };
        view! {
            <label class="check">
                <input type="checkbox" data-testid="notify-topic" data-topic=format!("{topic:?}") prop:checked=told on:change=change />
                {topic_text(topic)}
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t("notifications-topics")}</legend>
            <div class="checks">{AlertTopic::ALL.map(check).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
