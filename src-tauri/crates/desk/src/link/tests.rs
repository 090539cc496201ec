//! A plan on a disk that has no room for all of it. The server knows nobody: nothing is sent meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{DeviceId, TaskId};
use peers::{Manner, Pretender};
use protocol::durable::{
    CacheWrite, CommandState, Incident, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};
use protocol::view::ConnectionState;
use protocol::wire::{Command, CommandBody, Occurred};
use sync::shell::BaseUrl;
use sync::{
    CacheStore, CoreConfig, OutboxStore, Secret, StorageFault, SyncConfig, SyncEvent, SystemClock, Tokens,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;

/// Room for so many commands that are stored or given up.
type Room = Arc<AtomicI64>;

struct NoCache;

impl CacheStore for NoCache {
    fn load(&mut self) -> Result<StoredCache, StorageFault> {
        Ok(StoredCache::default())
    }

    fn write(&mut self, _: &CacheWrite) -> Result<WriteReport, StorageFault> {
        Ok(WriteReport::default())
    }

    fn record(&mut self, _: &Incident) -> Result<(), StorageFault> {
        Ok(())
    }
}

struct SmallDisk {
    room: Room,
    next_n: u64,
}

impl SmallDisk {
    fn take_room(&self) -> Result<(), StorageFault> {
        if self.room.fetch_sub(1, Ordering::SeqCst) > 0 {
            Ok(())
        } else {
            Err(StorageFault("full".to_owned()))
        }
    }

    fn number(&mut self, new: NewCommand, wall: DateTime<Utc>) -> QueuedCommand {
        let n = self.next_n;
        self.next_n += 1;
        let command = Command {
            n,
            id: new.id,
            body: new.body,
            if_match: new.if_match,
            occurred: Occurred { wall, mono_age_ms: 0 },
            valid_until: new.valid_until,
            depends_on: new.depends_on,
        };
        QueuedCommand { command, state: CommandState::Queued, attempts: 0, seen: false }
    }
}

impl OutboxStore for SmallDisk {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        let device = DeviceId(Uuid::from_u128(1));
        Ok(StoredOutbox { device, device_epoch: 1, next_n: self.next_n, commands: Vec::new() })
    }

    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault> {
        self.take_room()?;
        Ok(new.iter().map(|new| self.number(new.clone(), wall)).collect())
    }

    fn replace(
        &mut self,
        _: u64,
        new: &NewCommand,
        at: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        self.take_room()?;
        Ok(self.number(new.clone(), at))
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        let gives_up = |change: &OutboxChange| matches!(change, OutboxChange::Delete { .. });
        if changes.iter().any(gives_up) { self.take_room() } else { Ok(()) }
    }
}

/// Waits until the session was sent away: it sends nothing from then on.
async fn sent_away(news: &mut mpsc::Receiver<SyncEvent>) {
    loop {
        let event = news.recv().await.expect("it says so");
        if let SyncEvent::Freshness(freshness) = event
            && freshness.state == ConnectionState::SignInAgain
        {
            return;
        }
    }
}

const SESSION: u64 = 3;

struct Desk {
    link: Link,
    room: Room,
    told: mpsc::Receiver<DeskEvent>,
    /// Nobody listens to the sync session any more; it is kept so that it can talk.
    _news: mpsc::Receiver<SyncEvent>,
}

impl Desk {
    async fn begins() -> Self {
        let room = Room::default();
        let (events, mut news) = mpsc::channel(1_024);
        let server = Pretender::start(|_| Manner::Says { status: 401, body: String::new() }).expect("a port");
        let base_url = BaseUrl::parse(&server.url()).expect("an address");
        let session = sync::Session {
            config: SyncConfig { base_url, core: CoreConfig::default(), seed: 1 },
            tokens: Tokens { access: Secret::default(), refresh: Secret::default(), expires_in_secs: 60 },
            cache: NoCache,
            outbox: SmallDisk { room: room.clone(), next_n: 1 },
            events,
            clock: Arc::new(SystemClock::new()),
            cancel: CancellationToken::new(),
        };
        let handle = session.start().expect("it starts");
        tokio::time::timeout(Duration::from_secs(20), sent_away(&mut news))
            .await
            .expect("the server says no");
        let (tell, told) = mpsc::channel(16);
        Self { link: Link::new(handle, SESSION, tell), room, told, _news: news }
    }

    /// What the loop hears when the disk has room for so many of them.
    async fn hears(&mut self, room: i64, ask: impl FnOnce((Reply, DeskResponse)) -> LinkAsk) -> PlanStored {
        self.room.store(room, Ordering::SeqCst);
        let (reply, _) = oneshot::channel();
        assert!(self.link.ask(ask((reply, DeskResponse::Done))).is_none(), "there is time for it");
        match self.told.recv().await {
            Some(DeskEvent::PlanStored(stored)) => *stored,
            Some(_) | None => panic!("it is about the plan"),
        }
    }
}

fn id(n: u128) -> CommandId {
    CommandId(Uuid::from_u128(n))
}

fn place(n: u128) -> NewCommand {
    let body =
        CommandBody::TaskPlan { task: TaskId(Uuid::from_u128(n)), resource: None, planned_start: None };
    NewCommand { id: id(n), body, if_match: Some(1), valid_until: None, depends_on: None }
}

#[tokio::test]
async fn the_loop_hears_how_far_a_plan_came() {
    let mut desk = Desk::begins().await;
    let commands = vec![place(1), place(2), place(3)];
    let made = desk.hears(2, |reply| LinkAsk::MakePlan { plan: 7, commands, reply }).await;
    assert_eq!((made.plan, made.act), (7, PlanAct::Make), "of which plan");
    assert_eq!(made.outcome.stored, BTreeSet::from([id(1), id(2)]), "two fit in");
    assert_eq!(made.outcome.missing, BTreeSet::from([id(3)]), "one does not");
    assert_eq!(made.outcome.fault.map(|fault| fault.code), Some(DeskErrorCode::Storage), "and why");
    let numbers: Vec<u64> = made.changed.new.iter().map(|(n, _)| *n).collect();

    let withdrawal = |n: &u64| Withdrawal { numbers: vec![*n], otherwise: Some(place(10)) };
    let withdrawals = || numbers.iter().map(withdrawal).collect();
    let back = desk
        .hears(1, |reply| LinkAsk::TakeBack {
            plan: 7,
            withdrawals: withdrawals(),
            commands: vec![place(4)],
            reply,
        })
        .await;
    assert_eq!(back.act, PlanAct::TakeBack, "the way back");
    assert_eq!(back.outcome.gone, BTreeSet::from([numbers[0]]), "one was given up");
    assert_eq!(
        back.outcome.missing,
        BTreeSet::from([id(4)]),
        "the disk had no room for what is to come after it"
    );
    // The sync session reads its queue anew after a fault: what can't be given up meanwhile is put back instead.
    let rest = vec![withdrawal(&numbers[1])];
    let back = desk
        .hears(9, |reply| LinkAsk::TakeBack { plan: 7, withdrawals: rest, commands: vec![place(4)], reply })
        .await;
    assert!(back.outcome.fault.is_none(), "with room it is done: {:?}", back.outcome);
    assert_eq!(back.outcome.stored, BTreeSet::from([id(4), id(10)]), "both ways back are stored");
    desk.link.end(false).await;
}

#[tokio::test]
async fn what_the_desk_notices_is_stored_together_or_comes_back() {
    let mut desk = Desk::begins().await;
    let commands = || vec![place(1), place(2), place(3)];
    desk.room.store(1, Ordering::SeqCst);
    assert!(desk.link.ask(LinkAsk::Note(commands())).is_none(), "there is time for it");
    let Some(DeskEvent::Stored { changed, .. }) = desk.told.recv().await else { panic!("it is stored") };
    let ids: Vec<CommandId> = changed.new.iter().map(|(_, command)| command.id).collect();
    assert_eq!(ids, [id(1), id(2), id(3)], "all three where there was room for one write");
    desk.link.ask(LinkAsk::Note(commands()));
    let Some(DeskEvent::NotNoted { session, commands: back }) = desk.told.recv().await else {
        panic!("the disk is full")
    };
    assert_eq!((session, back), (SESSION, commands()), "of which session, and all of them");
}
