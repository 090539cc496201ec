//! Resources from CSV.

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};
use domain::position::Trigger;
use domain::resource::{BreakRule, Profile, Resource};
use domain::travel::TravelMode;
use domain::{CompanyId, GroupId, ProfileId, ResourceId, SkillId};
use protocol::entity::{Entity, EntityKind};

use super::cells::{Cells, for_each_row};
use super::tasks::amount;
use super::{ImportError, ImportReport, NewCode, RowProblem};
use crate::admin::{Admin, AdminError};
use crate::contact::digits;
use crate::secret;

/// Columns that have to be there, and those that may.
const COLUMNS: (&[&str], &[&str]) = (
    &["name", "employee_number", "group", "phone"],
    &["email", "skills", "language", "home_lon", "home_lat", "capacity", "travels", "breaks"],
);

/// Imports resources: `name, employee_number, group, phone [, email, skills (a;b), language, home_lon, home_lat, capacity, travels (car,
/// bicycle, foot), breaks (12:00-13:30/30;…)]`. Groups and skills that aren't there are made. Whoever's employee number is there already
/// is refused.
pub fn resources_csv(
    admin: &Admin,
    company: CompanyId,
    text: &[u8],
    now: DateTime<Utc>,
) -> Result<ImportReport, ImportError> {
    let mut office = Office::read(admin, company, now)?;
    let mut report = ImportReport::default();
    let codes = &mut report.codes;
    let imported = for_each_row(text, COLUMNS, &mut report.problems, |cells| {
        let person = match office.person(cells) {
            Ok(person) => person,
            Err(problem) => return Ok(Err(problem)),
        };
        codes.push(office.add(person)?);
        Ok(Ok(()))
    })?;
    report.imported = imported;
    Ok(report)
}

/// Longest break, minutes.
const LONGEST_BREAK_MINUTES: u16 = 240;

/// A good row.
struct Person {
    card: Resource,
    group: String,
    skills: Vec<String>,
}

/// What is there already.
struct Office<'o> {
    admin: &'o Admin,
    company: CompanyId,
    now: DateTime<Utc>,
    groups: HashMap<String, GroupId>,
    skills: HashMap<String, SkillId>,
    numbers: Vec<String>,
    profile: ProfileId,
}

impl<'o> Office<'o> {
    fn read(admin: &'o Admin, company: CompanyId, now: DateTime<Utc>) -> Result<Self, AdminError> {
        let mut office = Office {
            admin,
            company,
            now,
            groups: HashMap::new(),
            skills: HashMap::new(),
            numbers: Vec::new(),
            profile: standard_profile(admin, company, now)?,
        };
        for row in admin.rows(company, EntityKind::Group)? {
            if let Entity::Group(group) = row {
                office.groups.insert(group.name, group.id);
            }
        }
        for row in admin.rows(company, EntityKind::Skill)? {
            if let Entity::Skill(skill) = row {
                office.skills.insert(skill.name, skill.id);
            }
        }
        for row in admin.rows(company, EntityKind::Resource)? {
            if let Entity::Resource(card) = row {
                office.numbers.push(card.employee_number);
            }
        }
        Ok(office)
    }

    fn person(&self, cells: &Cells<'_>) -> Result<Person, RowProblem> {
        let employee_number = cells.name("employee_number", 40)?;
        if self.numbers.contains(&employee_number) {
            return Err(cells.problem("employee_number", "is there already"));
        }
        let language = cells.text("language", 8)?;
        let card = Resource {
            id: ResourceId(secret::new_id(self.now)),
            name: cells.name("name", 100)?,
            employee_number,
            group: GroupId(uuid::Uuid::nil()),
            phone: phone(cells)?,
            email: cells.text("email", 200)?,
            skills: Vec::new(),
            working_hours: Vec::new(),
            breaks: breaks(cells)?,
            capacity: amount(cells, "capacity")?,
            travels: travels(cells)?,
            ui_language: if language.is_empty() { "en".to_owned() } else { language },
            profile: self.profile,
            home: cells.place("home_lon", "home_lat")?,
            on_duty: false,
            private_since: None,
            last_heard: None,
            battery: None,
            disabled: false,
        };
        Ok(Person { card, group: cells.name("group", 100)?, skills: cells.list("skills")? })
    }

    fn add(&mut self, person: Person) -> Result<NewCode, AdminError> {
        let Person { mut card, group, skills } = person;
        card.group = match self.groups.get(&group) {
            Some(id) => *id,
            None => {
                let id = self.admin.add_group(self.company, &group)?;
                *self.groups.entry(group).or_insert(id)
            }
        };
        for name in skills {
            let id = match self.skills.get(&name) {
                Some(id) => *id,
                None => {
                    let id = self.admin.add_skill(self.company, &name)?;
                    *self.skills.entry(name).or_insert(id)
                }
            };
            card.skills.push(id);
        }
        self.numbers.push(card.employee_number.clone());
        let (resource, name, phone) = (card.id, card.name.clone(), card.phone.clone());
        let code = self.admin.add_resource(self.company, card)?;
        Ok(NewCode { resource, name, phone, code })
    }
}

fn travels(cells: &Cells<'_>) -> Result<TravelMode, RowProblem> {
    match cells.raw("travels").to_lowercase().as_str() {
        "" | "car" => Ok(TravelMode::Car),
        "bicycle" => Ok(TravelMode::Bicycle),
        "foot" => Ok(TravelMode::Foot),
        _ => Err(cells.problem("travels", "is neither car nor bicycle nor foot")),
    }
}

fn breaks(cells: &Cells<'_>) -> Result<Vec<BreakRule>, RowProblem> {
    let texts = cells.list("breaks")?;
    let read = |text: String| break_of(&text).map_err(|reason| cells.problem("breaks", reason));
    texts.into_iter().map(read).collect()
}

/// `12:00-13:30/30`: half an hour that begins between twelve and half past one.
fn break_of(text: &str) -> Result<BreakRule, String> {
    let clock = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let parts = text.split_once('/').and_then(|(span, minutes)| {
        let (from, to) = span.split_once('-')?;
        Some((clock(from)?, clock(to)?, minutes.trim().parse::<u16>().ok()?))
    });
    let short: String = text.chars().take(40).collect();
    let (from, to, minutes) = parts.ok_or_else(|| format!("“{short}” is no break like 12:00-13:30/30"))?;
    if to < from {
        return Err(format!("“{short}” ends before it begins"));
    }
    if !(1..=LONGEST_BREAK_MINUTES).contains(&minutes) {
        return Err(format!("“{short}” takes no 1 to {LONGEST_BREAK_MINUTES} minutes"));
    }
    Ok(BreakRule { from, to, minutes })
}

/// A phone number may begin with a plus, if only digits and their usual punctuation follow.
fn phone(cells: &Cells<'_>) -> Result<String, RowProblem> {
    let text = cells.raw("phone");
    let plain = text.chars().skip(1).all(|letter| letter.is_ascii_digit() || " -./()".contains(letter));
    let first =
        text.chars().next().is_some_and(|letter| letter == '+' || letter == '(' || letter.is_ascii_digit());
    if first && plain && (5..=20).contains(&digits(text).len()) {
        return Ok(text.to_owned());
    }
    Err(cells.problem("phone", "is no phone number"))
}

/// The company's first profile; one that reports on the seven occasions and tracks live is made where there is none.
pub(crate) fn standard_profile(
    admin: &Admin,
    company: CompanyId,
    now: DateTime<Utc>,
) -> Result<ProfileId, AdminError> {
    for row in admin.rows(company, EntityKind::Profile)? {
        if let Entity::Profile(profile) = row {
            return Ok(profile.id);
        }
    }
    let id = ProfileId(secret::new_id(now));
    let profile = Profile {
        id,
        name: "Standard".to_owned(),
        location_triggers: Trigger::SEVEN.to_vec(),
        live_tracking_secs: Some(15),
        privacy_allowed: true,
    };
    admin.put(company, profile)?;
    Ok(id)
}
