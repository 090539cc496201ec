//! The campaign itself: rounds of storm, healing and reckoning.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::TaskId;
use protocol::entity::{Entity, EntityKind};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::company::Company;
use super::desk::{Desk, Setup};
use super::healing::{drain, reckon};
use super::people::Person;
use super::proxy::Proxy;
use super::work::Dispatcher;
use super::{Figures, Size, impatient};

/// Runs the campaign; `progress` gets a line per round.
///
/// # Errors
/// When the campaign itself could not go on. What the desks did wrong is in the figures.
pub async fn run(size: Size, seed: u64, progress: &dyn Fn(String)) -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let mut campaign = Campaign::open(folder.path(), size, seed).await?;
    for round in 0..size.rounds {
        let storm = campaign.storm(round).await?;
        let drained = campaign.heal().await?;
        let wrongs = reckon(&campaign.company, &mut campaign.dispatchers).await?;
        campaign.figures.wrongs.add(wrongs);
        progress(format!("round {}: storm {storm:.1?}, drained in {drained:.1?}", round + 1));
        if !campaign.figures.wrongs.is_empty() {
            break;
        }
    }
    campaign.close().await
}

struct Campaign {
    size: Size,
    rng: StdRng,
    company: Company,
    proxy: Proxy,
    dispatchers: Vec<Dispatcher>,
    people: Vec<Person>,
    figures: Figures,
}

impl Campaign {
    async fn open(folder: &Path, size: Size, seed: u64) -> Result<Campaign> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut company = Company::open(folder, &mut rng).await?;
        let proxy = Proxy::start(company.address(), rng.random()).await?;
        let mut people = Vec::new();
        for number in 0..size.people {
            people.push(Person::hire(&company, number, StdRng::seed_from_u64(rng.random())).await?);
        }
        let mut dispatchers = Vec::new();
        for number in 0..size.desks {
            let setup = Setup {
                folder: folder.join(format!("desk{number}")),
                proxy_url: proxy.url(),
                server_url: company.url(),
                core: impatient(),
                seed: rng.random(),
            };
            let desk = Desk::open(company.add_user(number)?, setup).await?;
            let everybody = people.iter().map(|person| person.id).collect();
            dispatchers.push(Dispatcher::new(desk, everybody, StdRng::seed_from_u64(rng.random())));
        }
        Ok(Campaign { size, rng, company, proxy, dispatchers, people, figures: Figures::default() })
    }

    /// Everybody works while nothing can be relied on; how long that took.
    async fn storm(&mut self, round: usize) -> Result<Duration> {
        let began = Instant::now();
        self.proxy.set_stormy(true);
        let tasks = self.tasks()?;
        let mut field = JoinSet::new();
        for (number, mut person) in std::mem::take(&mut self.people).into_iter().enumerate() {
            let events = share(self.size.events, (round, self.size.rounds), (number, self.size.people));
            let own: Vec<TaskId> =
                tasks.iter().filter(|(_, at)| *at == Some(person.id)).map(|(id, _)| *id).collect();
            self.figures.events += events;
            field.spawn(async move { person.work(events, &own).await.map(|()| person) });
        }
        let mut office = JoinSet::new();
        for (number, dispatcher) in std::mem::take(&mut self.dispatchers).into_iter().enumerate() {
            let commands = share(self.size.commands, (round, self.size.rounds), (number, self.size.desks));
            self.figures.commands += commands;
            let shift = Shift { commands, length: self.size.storm, restart: self.rng.random_bool(0.25) };
            office.spawn(shift.of(dispatcher));
        }
        self.weather(round).await?;
        self.people = all(field).await?;
        self.dispatchers = all(office).await?;
        self.dispatchers.sort_by(|a, b| a.desk.login.user.cmp(&b.desk.login.user));
        Ok(began.elapsed())
    }

    fn tasks(&self) -> Result<Vec<(TaskId, Option<domain::ResourceId>)>> {
        let rows = self.company.rows(EntityKind::Task)?.into_iter();
        Ok(rows
            .filter_map(
                |row| if let Entity::Task(task) = row { Some((task.id, task.resource)) } else { None },
            )
            .collect())
    }

    /// What happens to the server meanwhile.
    async fn weather(&mut self, round: usize) -> Result<()> {
        let (restart, rewrite, regroup) =
            (self.rng.random_bool(0.6), self.rng.random_bool(0.5), self.rng.random_bool(0.4));
        sleep(self.size.storm / 4).await;
        if restart {
            self.company.restart().await?;
        }
        sleep(self.size.storm / 4).await;
        if rewrite {
            self.company.rewrite_history()?;
        }
        sleep(self.size.storm / 4).await;
        if let Some(supervisor) = self.company.supervisor().filter(|_| regroup) {
            self.company.move_supervisor(supervisor, round)?;
        }
        sleep(self.size.storm / 4).await;
        Ok(())
    }

    async fn heal(&mut self) -> Result<Duration> {
        self.proxy.set_stormy(false);
        let drained = drain(&self.company, &self.dispatchers).await?;
        self.figures.sign_ins += drained.sign_ins;
        self.figures.wrongs.add(drained.wrongs);
        self.figures.drains.extend(&drained.took);
        Ok(drained.took.into_iter().max().unwrap_or_default())
    }

    async fn close(mut self) -> Result<Figures> {
        for dispatcher in &mut self.dispatchers {
            for (kind, count) in dispatcher.desk.incidents() {
                *self.figures.incidents.entry(kind).or_default() += count;
            }
            dispatcher.desk.stop().await?;
        }
        self.figures.dealt = self.proxy.dealt();
        self.proxy.stop().await;
        self.company.close().await;
        Ok(self.figures)
    }
}

/// A dispatcher's part in a storm.
struct Shift {
    commands: usize,
    length: Duration,
    /// Their desk is restarted half way.
    restart: bool,
}

impl Shift {
    async fn of(self, mut dispatcher: Dispatcher) -> Result<Dispatcher> {
        let pause = self.length / u32::try_from(self.commands.max(1))?;
        for done in 0..self.commands {
            if self.restart && done == self.commands / 2 {
                dispatcher.desk.restart().await?;
            }
            dispatcher.act().await?;
            sleep(pause).await;
        }
        Ok(dispatcher)
    }
}

async fn all<T: 'static>(mut tasks: JoinSet<Result<T>>) -> Result<Vec<T>> {
    let mut ended = Vec::new();
    while let Some(end) = tasks.join_next().await {
        ended.push(end.context("no task of the campaign panics")??);
    }
    ensure!(!ended.is_empty(), "somebody works");
    Ok(ended)
}

/// The part of `whole` for one of several in one of several rounds; all parts add up to it.
fn share(whole: usize, (round, rounds): (usize, usize), (one, all): (usize, usize)) -> usize {
    let part = |whole: usize, at: usize, of: usize| whole * (at + 1) / of - whole * at / of;
    part(part(whole, round, rounds), one, all)
}
