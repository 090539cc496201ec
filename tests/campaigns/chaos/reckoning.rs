//! After the storm: what each desk believes against what the server has.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::ResourceId;
use domain::position::Fix;
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{CommandBody, Cursor, PositionUpdate, PositionsResponse, SignInRequest, SnapshotPage};
use protocol::{API_VERSION, API_VERSION_HEADER};
use serde_json::from_slice;
use sync::BaseUrl;
use tokio::time::Instant;
use uuid::Uuid;

use super::company::{Company, Login};
use super::desk::Desk;
use super::files::Table;

/// A live socket that went silent in the storm is noticed by then, and the positions are asked for.
const POSITIONS_DUE: Duration = Duration::from_secs(60);

/// What went wrong, counted and told.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Wrongs {
    /// Commands without their effect or without an end.
    pub lost: usize,
    /// Effects more often than commands.
    pub duplicated: usize,
    /// Rows and positions that differ between a desk and the server.
    pub diverged: usize,
    /// The first of each, for whoever has to find out why.
    pub stories: Vec<String>,
}

impl Wrongs {
    /// Nothing went wrong.
    pub fn is_empty(&self) -> bool {
        self.lost + self.duplicated + self.diverged == 0
    }

    /// Keeps a story, unless there are enough.
    pub fn tell(&mut self, story: String) {
        if self.stories.len() < 20 {
            self.stories.push(story);
        }
    }

    /// Takes another count in.
    pub fn add(&mut self, other: Wrongs) {
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.diverged += other.diverged;
        other.stories.into_iter().for_each(|story| self.tell(story));
    }
}

/// Every command of every desk against the server's audit, which is written in the same transaction as the receipt: exactly one
/// outcome each, the same on both sides.
///
/// # Errors
/// When the server can't be read.
pub fn compare_outcomes(company: &Company, desks: &[&Desk]) -> Result<Wrongs> {
    let mut wrongs = Wrongs::default();
    let mut balance: BTreeMap<(Uuid, String, Uuid), i64> = BTreeMap::new();
    for row in company.admin()?.audit(company.id())? {
        if row.action.starts_with("task.") {
            *balance.entry((row.actor, row.action, row.target)).or_default() += 1;
        }
    }
    for desk in desks {
        for (n, body) in &desk.submitted {
            let (_, target) = body.target();
            let refused = if desk.refused.contains(n) { " refused" } else { "" };
            *balance.entry((desk.login.id.0, format!("{}{refused}", name(body)?), target)).or_default() -= 1;
        }
    }
    for ((actor, action, target), more) in balance.into_iter().filter(|(_, more)| *more != 0) {
        let times = usize::try_from(more.unsigned_abs())?;
        if more < 0 {
            wrongs.lost += times
        } else {
            wrongs.duplicated += times
        }
        wrongs.tell(format!("{action} of {target} by {actor}: {more:+} at the server"));
    }
    Ok(wrongs)
}

/// Remarks are appended whatever else happened, so each is there once.
///
/// # Errors
/// When the server can't be read.
pub fn compare_remarks(company: &Company, desks: &[&Desk]) -> Result<Wrongs> {
    let mut wrongs = Wrongs::default();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for row in company.rows(EntityKind::Task)? {
        let Entity::Task(task) = row else { bail!("{row:?} among the tasks") };
        for note in task.notes {
            *written.entry(note.text).or_default() += 1;
        }
    }
    for desk in desks {
        for (n, body) in &desk.submitted {
            let CommandBody::TaskNote { text, .. } = body else { continue };
            let wanted = usize::from(!desk.refused.contains(n));
            let found = written.remove(text).unwrap_or(0);
            wrongs.lost += wanted.saturating_sub(found);
            wrongs.duplicated += found.saturating_sub(wanted);
            if found != wanted {
                wrongs.tell(format!("“{text}” is there {found} times instead of {wanted}"));
            }
        }
    }
    Ok(wrongs)
}

/// Every row of a desk against what a fresh snapshot of its user shows; and where everybody is, which live sockets tell once a second.
///
/// # Errors
/// When the server does not answer.
pub async fn compare_tables(company: &Company, desk: &Desk) -> Result<Wrongs> {
    let clerk = Clerk::sign_in(company, &desk.login).await?;
    let (at, theirs) = clerk.table().await?;
    let (ours, mut wrongs) = (desk.cache()?.table()?, Wrongs::default());
    let user = &desk.login.user;
    if desk.cursor()? != Some(at) {
        wrongs.diverged += 1;
        wrongs.tell(format!("{user} stands at {:?}, the server at {at}", desk.cursor()?));
    }
    for (key, theirs) in &theirs {
        match ours.get(key) {
            Some(ours) if ours == theirs => continue,
            Some(ours) => wrongs.tell(format!("{user}: {key:?} is {ours:?}, at the server {theirs:?}")),
            None => wrongs.tell(format!("{user}: {key:?} is missing")),
        }
        wrongs.diverged += 1;
    }
    for key in ours.keys().filter(|key| !theirs.contains_key(key)) {
        wrongs.diverged += 1;
        wrongs.tell(format!("{user}: {key:?} is not at the server"));
    }
    if let Some(story) = compare_positions(&clerk, desk).await? {
        wrongs.diverged += 1;
        wrongs.tell(story);
    }
    Ok(wrongs)
}

async fn compare_positions(clerk: &Clerk, desk: &Desk) -> Result<Option<String>> {
    let theirs = clerk.positions().await?;
    let deadline = Instant::now() + POSITIONS_DUE;
    loop {
        let story = first_astray(desk, &theirs)?;
        if story.is_none() || Instant::now() >= deadline {
            return Ok(story.map(|story| format!("{}: {story}", desk.login.user)));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The first position that is not where the server has it. What the server no longer shows, a desk may keep of people who have signed off
/// work, and of nobody else.
fn first_astray(desk: &Desk, theirs: &[PositionUpdate]) -> Result<Option<String>> {
    let fixes = |updates: &[PositionUpdate]| -> BTreeMap<ResourceId, Fix> {
        updates.iter().map(|update| (update.resource, update.fix)).collect()
    };
    let (ours, theirs) = (fixes(&desk.cache()?.positions()?), fixes(theirs));
    if let Some((id, fix)) = theirs.iter().find(|(id, fix)| ours.get(id) != Some(fix)) {
        let time = |fix: &Fix| fix.fix_time.to_rfc3339();
        return Ok(Some(format!("{id} was seen at {}, here at {:?}", time(fix), ours.get(id).map(time))));
    }
    let table = desk.cache()?.table()?;
    for id in ours.keys().filter(|id| !theirs.contains_key(id)) {
        let card = table.get(&(EntityKind::Resource, id.0));
        let card = card.map(|(_, data)| EntityKind::Resource.decode(data)).transpose()?;
        let off_work =
            matches!(&card, Some(Entity::Resource(card)) if !card.on_duty && card.private_since.is_none());
        if !off_work {
            return Ok(Some(format!("{id} is not to be seen any more, but is here")));
        }
    }
    Ok(None)
}

fn name(body: &CommandBody) -> Result<&'static str> {
    Ok(match body {
        CommandBody::TaskCreate(_) => "task.create",
        CommandBody::TaskEdit { .. } => "task.edit",
        CommandBody::TaskAssign { .. } => "task.assign",
        CommandBody::TaskStatus { .. } => "task.status",
        CommandBody::TaskNote { .. } => "task.note",
        CommandBody::TaskPlan { .. }
        | CommandBody::TaskPromise { .. }
        | CommandBody::TaskPromiseWithdraw { .. }
        | CommandBody::BidOpen(_)
        | CommandBody::BidSetWinner { .. }
        | CommandBody::BidCancel { .. }
        | CommandBody::LocationRequest { .. }
        | CommandBody::AlertRaise(_)
        | CommandBody::AlertAct { .. }
        | CommandBody::PoiPut(_)
        | CommandBody::PoiEdit { .. }
        | CommandBody::RulePut(_)
        | CommandBody::RuleDelete { .. }
        | CommandBody::PoiDelete { .. } => bail!("no dispatcher of a campaign does that"),
    })
}

/// Reads as a user does, straight from the server, with a session of its own.
struct Clerk {
    http: reqwest::Client,
    url: String,
    access: String,
}

impl Clerk {
    async fn sign_in(company: &Company, login: &Login) -> Result<Clerk> {
        let request = SignInRequest {
            company: login.company.clone(),
            user: login.user.clone(),
            password: login.password.clone(),
            // One device of each user for all its visits: not the desk's.
            device: Uuid::from_u128(login.id.0.as_u128() ^ 1).into(),
            device_epoch: 1,
        };
        let tokens = sync::sign_in(&BaseUrl::parse(&company.url())?, &request).await?;
        Ok(Clerk { http: reqwest::Client::new(), url: company.url(), access: tokens.access })
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.access);
        let answer = request.header(API_VERSION_HEADER, API_VERSION.to_string()).send().await?;
        Ok(answer.error_for_status()?.bytes().await?.to_vec())
    }

    async fn table(&self) -> Result<(Cursor, Table)> {
        let (mut table, mut query) = (Table::new(), String::new());
        loop {
            let page: SnapshotPage = from_slice(&self.get(&format!("/v1/snapshot{query}")).await?)?;
            for item in page.items {
                let kind = EntityKind::from_name(&item.entity.0).context("a type of this build")?;
                let data = item.data.context("a snapshot has rows only")?.get().to_owned();
                table.insert((kind, item.id), (item.version, data));
            }
            match page.next_page_token {
                Some(token) => query = format!("?page_token={token}"),
                None => return Ok((page.at, table)),
            }
        }
    }

    async fn positions(&self) -> Result<Vec<PositionUpdate>> {
        let answer: PositionsResponse = from_slice(&self.get("/v1/positions").await?)?;
        Ok(answer.positions)
    }
}
