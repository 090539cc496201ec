//! The demo company "Riviera Facilities" in Monaco: a living business, the same rows for the same seed and time.
//!
//! Sixty resources in six groups whose shifts cover the current hour, forty places, a day's work around now, open bids with answers, and
//! a week behind it, with what customers were told and who was chosen against whom. Users' ids, tokens and connection codes are random even here.

mod history;
mod people;
mod places;
mod rules;
mod text;
mod told;
mod work;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::Role;
use domain::form::{FieldKind, FormDefinition, FormField};
use domain::place::Poi;
use domain::position::{Fix, Trigger};
use domain::resource::{Group, Profile, Resource, Skill};
use domain::task::TaskType;
use domain::{CompanyId, FormId, GroupId, LonLat, PoiId, ProfileId, ResourceId, SkillId, TaskTypeId, UserId};
use protocol::entity::Entity;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use crate::admin::{Admin, AdminError, ConnectionCode, NewCompany, NewUser};

/// The demo company's name, as typed at sign-in.
pub const COMPANY: &str = "Riviera Facilities";
/// The password of all demo users.
pub const PASSWORD: &str = "demo";
/// The map region of the demo.
pub const REGION: &str = "monaco";
/// Zone of the workplace.
const ZONE: Tz = Tz::Europe__Monaco;

/// Who can sign in where.
#[derive(Debug, Clone)]
pub struct DemoAccounts {
    /// The company.
    pub company: CompanyId,
    /// Its name, as typed at sign-in.
    pub company_name: String,
    /// Users with their logins (`dispatcher`, `supervisor`, `manager`); the password of all is [`PASSWORD`].
    pub users: Vec<(UserId, String)>,
    /// Each resource's phone number and the code that activates its phone.
    pub connection_codes: Vec<(ResourceId, String, ConnectionCode)>,
}

/// Fills the server with the demo company as it would look at `now`. Takes about a second.
pub fn seed(admin: &Admin, now: DateTime<Utc>, seed: u64) -> Result<DemoAccounts, AdminError> {
    let new = NewCompany {
        name: COMPANY.to_owned(),
        zone: ZONE,
        currency: "EUR".to_owned(),
        region: REGION.to_owned(),
    };
    let company = admin.add_company(new)?;
    let mut demo = Demo::new(now, seed);
    let basics = demo.basics();
    admin.put_all(company, basics)?;
    let users = add_users(admin, company, &demo)?;
    demo.office = users.first().map_or(UserId(Uuid::nil()), |(id, _)| *id);

    let cards = demo.people();
    let mut connection_codes = Vec::with_capacity(cards.len());
    for card in &cards {
        let code = admin.add_resource(company, card.clone())?;
        connection_codes.push((card.id, card.phone.clone(), code));
    }
    let rows = demo.work(&cards);
    admin.put_all(company, rows)?;
    let rows = demo.history(&cards);
    admin.put_all(company, rows)?;
    let rows = demo.rules();
    admin.put_all(company, rows)?;
    for card in cards.iter().filter(|card| card.on_duty) {
        admin.add_positions(card.id, &[demo.last_fix(card)])?;
    }
    Ok(DemoAccounts { company, company_name: COMPANY.to_owned(), users, connection_codes })
}

fn add_users(admin: &Admin, company: CompanyId, demo: &Demo) -> Result<Vec<(UserId, String)>, AdminError> {
    let own: Vec<GroupId> = demo.groups.iter().take(2).map(|group| group.id).collect();
    let users = [
        ("dispatcher", "Camille Laurent", Role::Dispatcher, Vec::new()),
        ("supervisor", "Marc Olivieri", Role::Supervisor, own),
        ("manager", "Hélène Fabre", Role::Manager, Vec::new()),
    ];
    let add = |(login, name, role, groups): (&str, &str, Role, Vec<GroupId>)| {
        let (login, name) = (login.to_owned(), name.to_owned());
        let user =
            NewUser { company, login: login.clone(), name, password: PASSWORD.to_owned(), role, groups };
        Ok((admin.add_user(user)?, login))
    };
    users.into_iter().map(add).collect()
}

/// The company while it is being made.
struct Demo {
    rng: ChaCha8Rng,
    now: DateTime<Utc>,
    groups: Vec<Group>,
    skills: Vec<SkillId>,
    profile: ProfileId,
    kinds: Vec<TaskType>,
    forms: Vec<FormDefinition>,
    places: Vec<Poi>,
    office: UserId,
    last_number: u32,
}

impl Demo {
    fn new(now: DateTime<Utc>, seed: u64) -> Self {
        Demo {
            rng: ChaCha8Rng::seed_from_u64(seed),
            now,
            groups: Vec::new(),
            skills: Vec::new(),
            profile: ProfileId(Uuid::nil()),
            kinds: Vec::new(),
            forms: Vec::new(),
            places: Vec::new(),
            office: UserId(Uuid::nil()),
            last_number: 2_400,
        }
    }

    /// The next id; the same for the same seed and time.
    fn id(&mut self) -> Uuid {
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// So many minutes before now, give or take half a minute.
    fn ago(&mut self, minutes: i64) -> DateTime<Utc> {
        self.now - TimeDelta::seconds(minutes * 60 + self.rng.random_range(-30..30))
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.rng.random_range(0..from.len())]
    }

    /// Groups, skills, the profile, types of tasks, forms and places.
    fn basics(&mut self) -> Vec<Entity> {
        let mut rows: Vec<Entity> = Vec::new();
        for (name, ..) in text::GROUPS {
            let group = Group { id: GroupId(self.id()), name: name.to_owned() };
            self.groups.push(group.clone());
            rows.push(group.into());
        }
        for name in text::SKILLS {
            let id = SkillId(self.id());
            self.skills.push(id);
            rows.push(Skill { id, name: name.to_owned() }.into());
        }
        rows.push(self.make_profile().into());
        self.make_forms();
        rows.extend(self.forms.iter().cloned().map(Entity::from));
        self.make_kinds();
        rows.extend(self.kinds.iter().cloned().map(Entity::from));
        self.make_places();
        self.mark_special_fences();
        rows.extend(self.places.iter().cloned().map(Entity::from));
        rows
    }

    fn make_profile(&mut self) -> Profile {
        self.profile = ProfileId(self.id());
        Profile {
            id: self.profile,
            name: "Field technician".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        }
    }

    fn make_forms(&mut self) {
        let field = |key: &str, label: &str, kind, required| FormField {
            key: key.to_owned(),
            label: label.to_owned(),
            kind,
            required,
        };
        let choice = |options: &[&str]| FieldKind::Choice {
            options: options.iter().map(|&option| option.to_owned()).collect(),
        };
        let report = vec![
            field("result", "Result", choice(&["Repaired", "Temporary repair", "Part needed"]), true),
            field("minutes", "Minutes on site", FieldKind::Number, true),
            field("parts", "Parts used", FieldKind::Text, false),
            field("signed", "Customer has signed", FieldKind::YesNo, true),
        ];
        let safety = vec![
            field("area_closed", "Work area closed off", FieldKind::YesNo, true),
            field("power_off", "Power off and locked", FieldKind::YesNo, true),
            field("next_check", "Next check due", FieldKind::Date, false),
            field("remarks", "Remarks", FieldKind::Text, false),
        ];
        for (name, fields) in [("Service report", report), ("Safety checklist", safety)] {
            let form = FormDefinition { id: FormId(self.id()), version: 1, name: name.to_owned(), fields };
            self.forms.push(form);
        }
    }

    /// Breakdowns want a service report, planned work a safety checklist.
    fn make_kinds(&mut self) {
        for (index, job) in text::JOBS.iter().enumerate() {
            let kind = TaskType {
                id: TaskTypeId(self.id()),
                name: job.kind.to_owned(),
                planned_minutes: job.minutes,
                skills: vec![self.skills[job.skill]],
                form: self.forms.get(index % 2).map(|form| form.id),
            };
            self.kinds.push(kind);
        }
    }

    fn make_places(&mut self) {
        for (name, kind, lon, lat, address, watch) in places::PLACES {
            let poi = Poi {
                id: PoiId(self.id()),
                name: name.to_owned(),
                kind,
                at: at(lon, lat),
                address: address.to_owned(),
                fence: watch.fence(kind, (lon, lat)),
            };
            self.places.push(poi);
        }
    }

    /// Where somebody on duty was seen last, seconds ago.
    fn last_fix(&mut self, card: &Resource) -> Fix {
        let fix_time = self.now - TimeDelta::seconds(self.rng.random_range(5..60));
        let at = card.home.unwrap_or_else(|| self.street().1);
        Fix { at, fix_time, accuracy_m: Some(8.0), speed_mps: Some(0.0), heading_deg: None }
    }

    /// An address with its place, a few metres along or beside the street's own point.
    fn street(&mut self) -> (String, LonLat) {
        let &(street, lon, lat) = self.pick(&text::STREETS);
        let number = self.rng.random_range(1..60);
        let (bearing, metres) = (self.rng.random_range(0.0..360.0), self.rng.random_range(0.0..60.0));
        (format!("{number} {street}"), at(lon, lat).destination(bearing, metres))
    }
}

/// A coordinate of the tables; they hold none that isn't on earth.
fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).unwrap_or_else(|_| LonLat::from_e7(74_200_000, 437_350_000))
}
