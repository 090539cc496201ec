//! A company on a real server inside the story's own process, so that the story can have people in the field and hold its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use domain::access::Role;
use domain::attendance::AttendanceKind;
use domain::entry::{Entry, EntryBody};
use domain::place::Poi;
use domain::position::{Fix, Trigger};
use domain::resource::Profile;
use domain::task::Task;
use domain::{CompanyId, DeviceId, EntryGuid, GroupId, LonLat, ProfileId, ResourceId, TaskId};
use field::FieldApi;
use protocol::entity::{Entity, EntityKind};
use protocol::field::ActivateRequest;
use protocol::wire::TaskDraft;
use server::{Clock, NewCompany, NewUser, RunningServer, ServerConfig, SystemClock};
use tests::desktop::{COMPANY, PASSWORD};
use tests::plain;
use uuid::Uuid;

/// A company with one dispatcher, `ana`.
pub struct Office {
    server: RunningServer,
    company: CompanyId,
    group: GroupId,
    profile: ProfileId,
    clock: Arc<LateClock>,
}

/// Somebody in the field with a phone.
pub struct Person {
    id: ResourceId,
    api: FieldApi,
    clock: Arc<LateClock>,
}

/// What is said of a task.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Who has it.
    pub of: Option<&'a Person>,
    /// The work, minutes.
    pub minutes: u32,
    /// When its window ends, from now on.
    pub ends_in: Option<TimeDelta>,
}

/// The machine's clock, or so many seconds behind it.
#[derive(Default)]
struct LateClock(AtomicI64);

impl Clock for LateClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() - TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

fn fresh() -> Uuid {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u64_pair(0x0193_5000_0000_7000, 0x8000_0000_0000_0000 | n.unsigned_abs())
}

impl Office {
    /// Opens the company at a time so many seconds ago.
    pub async fn open(behind_secs: i64) -> Result<Self> {
        Self::open_in(Tz::Europe__Monaco, behind_secs).await
    }

    /// Opens the company where it is morning now, so that a day is left to plan.
    pub async fn open_in_the_morning() -> Result<Self> {
        let now = SystemClock.now();
        let is_morning = |zone: &Tz| now.with_timezone(zone).hour() == 8;
        let zone = chrono_tz::TZ_VARIANTS.into_iter().find(is_morning).context("it is morning somewhere")?;
        Self::open_in(zone, 0).await
    }

    async fn open_in(zone: Tz, behind_secs: i64) -> Result<Self> {
        let clock = Arc::new(LateClock(AtomicI64::new(behind_secs)));
        let server = server::start(ServerConfig::in_memory(), clock.clone()).await?;
        let admin = server.admin();
        let company = admin.add_company(NewCompany {
            name: COMPANY.to_owned(),
            zone,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        })?;
        let group = admin.add_group(company, "North")?;
        let profile = Profile {
            id: ProfileId(fresh()),
            name: "Field".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(company, profile)?;
        admin.add_user(NewUser {
            company,
            login: "ana".to_owned(),
            name: "Ana".to_owned(),
            password: PASSWORD.to_owned(),
            role: Role::Dispatcher,
            groups: Vec::new(),
        })?;
        Ok(Office { server, company, group, profile: profile_id, clock })
    }

    /// Where the server listens.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// The server's clock is the machine's from now on: nobody has been heard of since then.
    pub fn catch_up(&self) {
        self.clock.0.store(0, Ordering::Relaxed);
    }

    /// The places that the server has.
    pub fn places(&self) -> Result<Vec<Poi>> {
        let rows = self.server.admin().rows(self.company, EntityKind::Poi)?.into_iter();
        Ok(rows.filter_map(|row| if let Entity::Poi(poi) = row { Some(poi) } else { None }).collect())
    }

    /// A task of so many minutes that is there already; somebody's, or nobody's.
    pub fn task(&self, title: &str, at: LonLat, terms: Terms<'_>) -> Result<TaskId> {
        let draft = TaskDraft {
            at,
            planned_minutes: terms.minutes,
            window_end: terms.ends_in.map(|ends_in| self.clock.now() + ends_in),
            ..plain::draft(TaskId(fresh()), title)
        };
        let mut task = draft.new_task(0, self.clock.now());
        task.resource = terms.of.map(|person| person.id);
        Ok(self.server.admin().add_task(self.company, task)?)
    }

    /// The tasks that the server has.
    pub fn tasks(&self) -> Result<Vec<Task>> {
        let rows = self.server.admin().rows(self.company, EntityKind::Task)?.into_iter();
        Ok(rows.filter_map(|row| if let Entity::Task(task) = row { Some(task) } else { None }).collect())
    }

    /// Somebody with an activated phone who has signed in for work.
    pub async fn person(&self, name: &str) -> Result<Person> {
        let phone = format!("+377 6 {:08}", fresh().as_u128() as u32 % 100_000_000);
        let id = ResourceId(fresh());
        let card = plain::card(id, name, &phone, (self.group, self.profile));
        let code = self.server.admin().add_resource(self.company, card)?;
        let request = ActivateRequest { connection_code: code.0, msisdn: phone, device: DeviceId(fresh()) };
        let (api, _) = FieldApi::activate(field::http_client()?, &self.url(), &request).await?;
        let person = Person { id, api, clock: self.clock.clone() };
        let (guid, event_time) = (EntryGuid(fresh()), self.clock.now());
        let body = EntryBody::Attendance { kind: AttendanceKind::SignIn };
        let entry = Entry { guid, event_time, fix: None, body };
        person.api.entries(std::slice::from_ref(&entry), event_time).await?;
        Ok(person)
    }
}

impl Person {
    /// Live tracking: here, so many seconds ago, within 5 m.
    pub async fn is_at(&self, (lon, lat): (f64, f64), secs_ago: i64) -> Result<()> {
        let fix = Fix {
            at: LonLat::new(lon, lat).context("a place on earth")?,
            fix_time: self.clock.now() - TimeDelta::seconds(secs_ago),
            accuracy_m: Some(5.0),
            speed_mps: None,
            heading_deg: None,
        };
        self.api.positions(&[fix]).await?;
        Ok(())
    }
}
