//! Partitions: the way between a desk and its server is shut for up to ten seconds, in one direction or both, and nobody is told. After
//! each, the desk has to drain and to reach the head that the feed had when the way opened.
//!
//! Public runs of well-known sync engines lost nothing either; they stalled. So what counts here is that no desk ever does. Half of the
//! connections that were cut are never heard of again, as behind a router that has lost its table; the others go on late.

pub mod gate;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use domain::ResourceId;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sync::CoreConfig;
use tokio::sync::RwLock;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use super::chaos::company::Company;
use super::chaos::desk::{Desk, Setup};
use super::chaos::healing::{drain, reckon};
use super::chaos::people::Person;
use super::chaos::reckoning::Wrongs;
use super::chaos::work::Dispatcher;
use gate::{Cut, Gate};

/// People who report meanwhile.
const PEOPLE: usize = 10;
/// Their pace: so many reports, then a pause.
const REPORTS: (usize, Duration) = (5, Duration::from_secs(1));

/// Desks are looked at this often: there are many, and looking costs what it measures.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Desks, each behind a gate of its own.
    pub desks: usize,
    /// Partitions of each.
    pub each: usize,
    /// The longest.
    pub longest: Duration,
    /// A desk that is not done so long after one is wedged.
    pub patience: Duration,
    /// The rules of the desks.
    pub core: CoreConfig,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Partitions.
    pub partitions: usize,
    /// Those after which a desk was not done in time.
    pub wedged: usize,
    /// Commands that were stored.
    pub commands: usize,
    /// What went wrong.
    pub wrongs: Wrongs,
    /// From each opening to an empty outbox and a cursor at the head of then.
    pub drains: Vec<Duration>,
}

/// Runs the campaign; `progress` gets a line per desk.
///
/// # Errors
/// When the campaign itself could not go on. What the desks did wrong is in the figures.
pub async fn run(size: Size, seed: u64, progress: &dyn Fn(String)) -> Result<Figures> {
    let (folder, mut rng) = (tempfile::tempdir()?, StdRng::seed_from_u64(seed));
    let mut company = Company::open(folder.path(), &mut rng).await?;
    let field = Field::open(&company, &mut rng).await?;
    let opened = open_posts(&mut company, folder.path(), size, &field.people, &mut rng).await?;
    let company = Arc::new(RwLock::new(company));
    let mut posts = JoinSet::new();
    for post in opened {
        posts.spawn(post.endure(Arc::clone(&company)));
    }
    let (mut figures, mut dispatchers, mut gates) = (Figures::default(), Vec::new(), Vec::new());
    while let Some(ended) = posts.join_next().await {
        let post = ended.context("no desk of the campaign panics")??;
        progress(format!(
            "{}: {} partitions, {} wedged",
            post.dispatcher.desk.login.user, size.each, post.wedged
        ));
        figures.add(&post);
        dispatchers.push(post.dispatcher);
        gates.push(post.gate);
    }
    field.close().await?;
    let company = Arc::into_inner(company).context("all desks have ended")?.into_inner();
    figures.wrongs.add(drain(&company, &dispatchers).await?.wrongs);
    figures.wrongs.add(reckon(&company, &mut dispatchers).await?);
    for mut dispatcher in dispatchers {
        dispatcher.desk.stop().await?;
    }
    for gate in gates {
        gate.stop().await;
    }
    company.close().await;
    Ok(figures)
}

impl Figures {
    fn add(&mut self, post: &Post) {
        self.partitions += post.size.each;
        self.wedged += post.wedged;
        self.commands += post.dispatcher.desk.submitted.len();
        self.drains.extend(&post.drains);
        post.stories.iter().for_each(|story| self.wrongs.tell(story.clone()));
    }
}

/// A desk behind its gate.
struct Post {
    size: Size,
    dispatcher: Dispatcher,
    gate: Gate,
    rng: StdRng,
    drains: Vec<Duration>,
    wedged: usize,
    stories: Vec<String>,
}

/// Everybody signs in, before the first partition.
async fn open_posts(
    company: &mut Company,
    folder: &Path,
    size: Size,
    people: &[ResourceId],
    rng: &mut StdRng,
) -> Result<Vec<Post>> {
    let mut posts = Vec::new();
    for number in 0..size.desks {
        let gate = Gate::start(company.address(), rng.random()).await?;
        let setup = Setup {
            folder: folder.join(format!("desk{number}")),
            proxy_url: gate.url(),
            server_url: company.url(),
            core: size.core,
            seed: rng.random(),
        };
        let desk = Desk::open(company.add_user(number)?, setup).await?;
        let dispatcher = Dispatcher::new(desk, people.to_vec(), StdRng::seed_from_u64(rng.random()));
        let (rng, drains, stories) = (StdRng::seed_from_u64(rng.random()), Vec::new(), Vec::new());
        posts.push(Post { size, dispatcher, gate, rng, drains, wedged: 0, stories });
    }
    Ok(posts)
}

impl Post {
    async fn endure(mut self, company: Arc<RwLock<Company>>) -> Result<Post> {
        for _ in 0..self.size.each {
            self.dispatcher.act().await?;
            let cut = Cut::draw(&mut self.rng);
            self.pause(Duration::from_millis(500)).await;
            self.gate.shut(cut);
            self.pause(self.size.longest / 2).await;
            self.dispatcher.act().await?;
            self.pause(self.size.longest / 2).await;
            self.gate.open();
            self.recover(&company, cut).await?;
        }
        Ok(self)
    }

    async fn pause(&mut self, longest: Duration) {
        sleep(longest.mul_f64(self.rng.random())).await;
    }

    async fn recover(&mut self, company: &RwLock<Company>, cut: Cut) -> Result<()> {
        let (opened, head) = (Instant::now(), company.read().await.head()?);
        let desk = &self.dispatcher.desk;
        while opened.elapsed() < self.size.patience {
            if desk.cursor()?.is_some_and(|at| at >= head) && desk.pending()? == 0 {
                self.drains.push(opened.elapsed());
                return Ok(());
            }
            desk.answer_sign_in().await?;
            sleep(LOOK_EVERY).await;
        }
        self.wedged += 1;
        self.drains.push(self.size.patience);
        self.stories.push(format!("wedged after {cut:?}, head {head}: {}", desk.explain()));
        Ok(())
    }
}

/// The people in the field, at work until told to stop.
struct Field {
    people: Vec<ResourceId>,
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<()>>,
}

impl Field {
    async fn open(company: &Company, rng: &mut StdRng) -> Result<Field> {
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(Person::hire(company, number, StdRng::seed_from_u64(rng.random())).await?);
        }
        let (ids, stop) = (people.iter().map(|person| person.id).collect(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                for person in &mut people {
                    person.work(REPORTS.0, &[]).await?;
                }
                sleep(REPORTS.1).await;
            }
            Ok(())
        });
        Ok(Field { people: ids, stop, task })
    }

    async fn close(self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.context("the field does not panic")?
    }
}
