//! A TCP proxy that deals out [`Fate`]s.
//!
//! It is our own since no well-kept crate injects faults at the level of bytes *and* of requests: toxiproxy and its like know connections
//! only, so they can neither send a request twice nor let one overtake another, and those are the faults that the protocol is made for.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::fate::{Dealt, Fate};
use super::message::Message;
use super::socket;

/// A proxy on a port of its own. Healthy until told otherwise.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
pub(super) struct Shared {
    server: SocketAddr,
    seed: u64,
    connections: AtomicU64,
    stormy: AtomicBool,
    dealt: Dealt,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Proxy {
    /// Listens, on behalf of `server`.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(server: SocketAddr, seed: u64) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            seed,
            connections: AtomicU64::new(0),
            stormy: AtomicBool::new(false),
            dealt: Dealt::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        shared.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Proxy { address, shared })
    }

    /// `http://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on exchanges meet their fate, or no longer. What is stalled by then stays stalled.
    pub fn set_stormy(&self, stormy: bool) {
        self.shared.stormy.store(stormy, Ordering::Relaxed);
    }

    /// How often each fate was dealt out.
    pub fn dealt(&self) -> Vec<(Fate, u64)> {
        self.shared.dealt.counts()
    }

    /// Ends all connections.
    pub async fn stop(self) {
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl Shared {
    /// Runs until it ends by itself or the proxy stops.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = work => {}
            }
        });
    }

    pub(super) fn is_stormy(&self) -> bool {
        self.stormy.load(Ordering::Relaxed)
    }

    pub(super) fn draw(&self, rng: &mut StdRng) -> Fate {
        let fate = if self.is_stormy() { Fate::draw(rng) } else { Fate::Pass };
        self.dealt.count(fate);
        fate
    }

    pub(super) fn count(&self, fate: Fate) {
        self.dealt.count(fate);
    }

    /// Sends a request to the server and reads its answer.
    async fn ask(&self, request: &[u8]) -> io::Result<Message> {
        let mut server = TcpStream::connect(self.server).await?;
        server.set_nodelay(true)?;
        server.write_all(request).await?;
        Message::read(&mut server, &mut Vec::new()).await?.ok_or(io::ErrorKind::UnexpectedEof.into())
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Ordering::Relaxed);
        let rng = StdRng::seed_from_u64(shared.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let connection = Connection { client, rng, shared: Arc::clone(&shared) };
        // How a connection breaks is its own affair: the desk sees it from the other end.
        shared.spawn(async move { connection.serve().await.unwrap_or_default() });
    }
}

struct Connection {
    client: TcpStream,
    rng: StdRng,
    shared: Arc<Shared>,
}

impl Connection {
    async fn serve(mut self) -> io::Result<()> {
        self.client.set_nodelay(true)?;
        let mut rest = Vec::new();
        while let Some(request) = Message::read(&mut self.client, &mut rest).await? {
            self.pause(0..30).await;
            let fate = self.shared.draw(&mut self.rng);
            if request.is_upgrade() && self.reaches_server(fate) {
                return self.open_socket(&request).await;
            }
            if !self.exchange(&request, fate).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn pause(&mut self, ms: std::ops::Range<u64>) {
        if self.shared.is_stormy() {
            tokio::time::sleep(Duration::from_millis(self.rng.random_range(ms))).await;
        }
    }

    /// A socket can't be opened twice; what is to happen to its answer happens to the open socket.
    fn reaches_server(&self, fate: Fate) -> bool {
        !matches!(fate, Fate::DropRequest | Fate::FailBefore | Fate::Busy | Fate::Reset)
    }

    async fn open_socket(mut self, request: &Message) -> io::Result<()> {
        let mut server = TcpStream::connect(self.shared.server).await?;
        server.set_nodelay(true)?;
        server.write_all(&request.bytes).await?;
        let mut rest = Vec::new();
        let Some(answer) = Message::read(&mut server, &mut rest).await? else { return Ok(()) };
        self.client.write_all(&answer.bytes).await?;
        self.client.write_all(&rest).await?;
        if answer.is_upgrade() {
            socket::pump(self.client, server, self.rng, &self.shared).await
        } else {
            Ok(())
        }
    }

    /// One request and its answer; whether the connection goes on.
    async fn exchange(&mut self, request: &Message, fate: Fate) -> io::Result<bool> {
        match fate {
            Fate::Pass => return self.forward(request).await,
            Fate::Duplicate => {
                let (shared, copy) = (Arc::clone(&self.shared), request.bytes.clone());
                self.shared.spawn(async move { drop(shared.ask(&copy).await) });
                return self.forward(request).await;
            }
            Fate::Overtaken => {
                self.pause(50..600).await;
                return self.forward(request).await;
            }
            Fate::Busy => return self.refuse("429 Too Many Requests\r\nRetry-After: 1").await,
            Fate::FailBefore => return self.fail().await,
            Fate::FailAfter => {
                self.shared.ask(&request.bytes).await?;
                return self.fail().await;
            }
            Fate::DropRequest => {}
            Fate::DropAnswer => drop(self.shared.ask(&request.bytes).await?),
            Fate::Ghost => self.haunt(request),
            Fate::Truncate => drop(self.cut(request).await?),
            Fate::Stall => {
                self.cut(request).await?;
                wait_for_end(&mut self.client).await;
            }
            Fate::Reset => self.client.set_zero_linger()?,
        }
        Ok(false)
    }

    async fn forward(&mut self, request: &Message) -> io::Result<bool> {
        let answer = self.shared.ask(&request.bytes).await?;
        self.client.write_all(&answer.bytes).await?;
        Ok(true)
    }

    async fn fail(&mut self) -> io::Result<bool> {
        let answers = [
            "500 Internal Server Error",
            "502 Bad Gateway",
            "503 Service Unavailable",
            "504 Gateway Timeout",
        ];
        let answer = answers[self.rng.random_range(0..answers.len())];
        self.refuse(answer).await
    }

    async fn refuse(&mut self, status: &str) -> io::Result<bool> {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        self.client.write_all(answer.as_bytes()).await?;
        Ok(true)
    }

    /// The request arrives when nobody waits for it any more.
    fn haunt(&mut self, request: &Message) {
        let (shared, copy) = (Arc::clone(&self.shared), request.bytes.clone());
        let late = Duration::from_millis(self.rng.random_range(100..3_000));
        self.shared.spawn(async move {
            tokio::time::sleep(late).await;
            drop(shared.ask(&copy).await);
        });
    }

    /// Hands on a part of the answer.
    async fn cut(&mut self, request: &Message) -> io::Result<()> {
        let answer = self.shared.ask(&request.bytes).await?;
        let end = self.rng.random_range(0..answer.bytes.len());
        self.client.write_all(&answer.bytes[..end]).await
    }
}

/// Says nothing until the client gives up.
pub(super) async fn wait_for_end(client: &mut TcpStream) {
    let mut ignored = [0; 1024];
    while client.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
}
