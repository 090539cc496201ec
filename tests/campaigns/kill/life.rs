//! A life of the desk's backend: a process of its own with the real controller, the real sync session and real encrypted files.
//!
//! It says on its standard output what its user has been told, line by line, so that what was promised is known after its death.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use desk::{
    Desk, DeskConfig, DeskStatus, Effects, KeyPolicy, Notification, NotificationKey, Subscription,
    SystemClock,
};
use domain::TaskId;
use protocol::view::{ConnectionState, DeskErrorCode, DeskRequest, SignInForm, ViewEvent};
use uuid::Uuid;

use super::keys::FolderKeys;
use crate::plain;

/// The password of the campaign's user.
pub const PASSWORD: &str = "correct horse";
/// The campaign's user.
pub const USER: &str = "dispatcher";

const OPENED: &str = "desk: opened";
const DRAINED: &str = "desk: drained";
const ACKED: &str = "desk: acked ";
const NOTES_PER_TASK: u32 = 12;
const DRAINS_WITHIN: Duration = Duration::from_secs(90);

/// What a life is for.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Folder of its files.
    pub data: PathBuf,
    /// The server.
    pub server_url: String,
    /// The company's name at sign-in.
    pub company: String,
    /// Tells its commands from those of other lives.
    pub number: u64,
    /// Not to work, but to bring home what waits, and to end by itself.
    pub drains: bool,
}

/// How a life went.
#[derive(Debug, Default)]
pub struct Life {
    /// Somebody was signed in.
    pub opened: bool,
    /// What the user was told is kept.
    pub acked: Vec<String>,
    /// It ended by itself: well (everything is home), or with these words.
    pub ended: Option<Result<(), String>>,
}

impl Assignment {
    const NAMES: [&str; 5] = ["KILL_DATA", "KILL_SERVER", "KILL_COMPANY", "KILL_NUMBER", "KILL_DRAINS"];

    fn to_environment(&self, command: &mut Command) {
        let data = self.data.to_string_lossy().into_owned();
        let (number, drains) = (self.number.to_string(), self.drains.to_string());
        let values = [data, self.server_url.clone(), self.company.clone(), number, drains];
        command.envs(Self::NAMES.into_iter().zip(values));
    }

    fn from_environment() -> Result<Self> {
        let mut values = Vec::new();
        for name in Self::NAMES {
            values.push(std::env::var(name).with_context(|| format!("{name} is for the campaign to set"))?);
        }
        let [data, server_url, company, number, drains] =
            <[String; 5]>::try_from(values).map_err(|_| anyhow::anyhow!("five values"))?;
        let (number, drains) = (number.parse()?, drains.parse()?);
        Ok(Assignment { data: data.into(), server_url, company, number, drains })
    }
}

/// Lets a life begin; it is killed `after` that, or waited for when it drains.
///
/// # Errors
/// When there is no process to be had.
pub fn begin(mut command: Command, assignment: &Assignment, after: Duration) -> Result<Life> {
    assignment.to_environment(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("a process")?;
    let said = child.stdout.take().context("its output")?;
    let complaints = child.stderr.take().context("its errors")?;
    let listener =
        thread::spawn(move || BufReader::new(said).lines().map_while(Result::ok).collect::<Vec<_>>());
    let second = thread::spawn(move || {
        let mut text = String::new();
        let mut complaints = complaints;
        complaints.read_to_string(&mut text).map(|_| text).unwrap_or_default()
    });
    let ended = if assignment.drains { wait(&mut child)? } else { kill(&mut child, after)? };
    let lines = listener.join().map_err(|_| anyhow::anyhow!("the listener"))?;
    let complaints = second.join().unwrap_or_default();
    let mut life = Life::default();
    for line in &lines {
        life.opened |= line.ends_with(OPENED);
        // The frame of the tests prints before it, on the same line.
        life.acked.extend(line.split_once(ACKED).map(|(_, text)| text.to_owned()));
    }
    let is_done = lines.iter().any(|line| line.ends_with(DRAINED));
    life.ended =
        ended.then(|| if is_done { Ok(()) } else { Err(format!("{} {complaints}", lines.join("; "))) });
    Ok(life)
}

/// Whether it had ended by itself.
fn kill(child: &mut Child, after: Duration) -> Result<bool> {
    thread::sleep(after);
    let ended = child.try_wait()?.is_some();
    child.kill()?; // SIGKILL: nothing of it runs any more
    child.wait()?;
    Ok(ended)
}

fn wait(child: &mut Child) -> Result<bool> {
    child.wait()?;
    Ok(true)
}

/// What the process does.
///
/// # Errors
/// When nobody can sign in, a command is refused, or what waits does not get home.
pub async fn live() -> Result<()> {
    // What it says of itself is in the story of a life that ends before its time.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let assignment = Assignment::from_environment()?;
    let keys = Arc::new(FolderKeys::in_folder(&assignment.data.join("keys"))?);
    let config = DeskConfig {
        data_dir: Some(assignment.data.clone()),
        exports_dir: None,
        region_roots: Vec::new(),
        keys: KeyPolicy::Given(keys),
    };
    let desk = desk::start(config, Arc::new(Silent), None, Arc::new(SystemClock::new()));
    let mut screen = desk.subscribe().await;
    open(&desk, &assignment).await?;
    say(OPENED)?;
    if !assignment.drains {
        return work(&desk, assignment.number).await;
    }
    let drained = tokio::time::timeout(DRAINS_WITHIN, drain(&desk, &mut screen, &assignment)).await;
    let state = drained.unwrap_or_else(|_| bail!("what waits did not get home in {DRAINS_WITHIN:?}"));
    desk.stop().await;
    state?;
    say(DRAINED)
}

async fn open(desk: &Desk, assignment: &Assignment) -> Result<()> {
    match desk.request(DeskRequest::OpenOffline).await {
        Ok(_) => Ok(()),
        Err(error) if error.code == DeskErrorCode::NothingCached => sign_in(desk, assignment).await,
        Err(error) => bail!("what is cached does not open: {error:?}"),
    }
}

async fn sign_in(desk: &Desk, assignment: &Assignment) -> Result<()> {
    let form = SignInForm {
        server_url: assignment.server_url.clone(),
        company: assignment.company.clone(),
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let answer = desk.request(DeskRequest::SignIn(form)).await;
    ensure!(answer.is_ok(), "nobody can sign in: {answer:?}");
    Ok(())
}

/// Commands as fast as they are taken, until somebody pulls the plug.
async fn work(desk: &Desk, number: u64) -> Result<()> {
    for count in 0_u32.. {
        let task = TaskId(Uuid::from_u64_pair(number << 20 | u64::from(count), 0x8000_0000_0000_0001));
        let title = format!("{number}.{count}");
        give(desk, DeskRequest::CreateTask(plain::draft(task, &title)), &title).await?;
        for remark in 0..NOTES_PER_TASK {
            let text = format!("{title}.{remark}");
            give(desk, DeskRequest::AddNote { task, text: text.clone() }, &text).await?;
        }
    }
    Ok(())
}

async fn give(desk: &Desk, request: DeskRequest, text: &str) -> Result<()> {
    let answer = desk.request(request).await;
    ensure!(answer.is_ok(), "{text} was refused: {answer:?}");
    say(&format!("{ACKED}{text}"))
}

async fn drain(desk: &Desk, screen: &mut Subscription, assignment: &Assignment) -> Result<()> {
    let (mut live, mut waiting) = (false, true);
    while !live || waiting {
        match screen.events.recv().await.context("the desk has ended")? {
            ViewEvent::Connection(connection) => {
                live = connection.state == ConnectionState::Live;
                if connection.state == ConnectionState::SignInAgain {
                    sign_in(desk, assignment).await?;
                }
            }
            ViewEvent::Queue(queue) => waiting = !queue.is_empty(),
            ViewEvent::Session(_)
            | ViewEvent::Reset(_)
            | ViewEvent::Changed(_)
            | ViewEvent::Removed(_)
            | ViewEvent::Open(_)
            | ViewEvent::Notifications(_)
            | ViewEvent::Notice(_)
            | ViewEvent::PlanProgress(_) => {}
        }
    }
    Ok(())
}

/// At once: a line that waits in a buffer dies with the process.
fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

struct Silent;

impl Effects for Silent {
    fn notify(&self, _notification: Notification) {}
    fn withdraw(&self, _key: NotificationKey) {}
    fn status(&self, _status: DeskStatus) {}
}

/// The one session's folder in `data`, if a life has come so far.
pub fn session_folder(data: &Path) -> Option<PathBuf> {
    let mut folders = std::fs::read_dir(data.join("sessions")).ok()?.flatten();
    folders.next().map(|entry| entry.path())
}
