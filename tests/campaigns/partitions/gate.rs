//! A TCP relay that can be shut in one direction or both: what comes while it is shut vanishes, and nobody is told.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Which way nothing gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// To the desk.
    In,
    /// To the server.
    Out,
    /// Neither way.
    Both,
}

impl Cut {
    /// Draws one.
    pub fn draw(rng: &mut StdRng) -> Cut {
        [Cut::In, Cut::Out, Cut::Both][rng.random_range(0..3)]
    }
}

/// A way of bytes through the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// A gate between one desk and the server.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    cut: Arc<watch::Sender<Option<Cut>>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Gate {
    /// Listens, on behalf of `server`; open.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(server: SocketAddr, seed: u64) -> io::Result<Gate> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let gate = Gate {
            address: listener.local_addr()?,
            cut: Arc::new(watch::Sender::new(None)),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        let (tasks, stopping, cut) = (gate.tasks.clone(), gate.stopping.clone(), Arc::clone(&gate.cut));
        let mut rng = StdRng::seed_from_u64(seed);
        gate.tasks.spawn(async move {
            while let Some(Ok((client, _))) = stopping.run_until_cancelled(listener.accept()).await {
                let relay = relay(client, server, cut.subscribe(), rng.random_bool(0.5));
                let stopping = stopping.clone();
                // How a connection ends is its own affair: the desk sees it from the other end.
                tasks.spawn(async move { drop(stopping.run_until_cancelled(relay).await) });
            }
        });
        Ok(gate)
    }

    /// `http://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Shuts it.
    pub fn shut(&self, cut: Cut) {
        self.cut.send_replace(Some(cut));
    }

    /// Opens it. Connections that lost bytes stay silent for good where the bytes were forgotten on the way, and go on where they were
    /// sent again.
    pub fn open(&self) {
        self.cut.send_replace(None);
    }

    /// Ends all connections.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// One connection. `forgotten`: what was cut off is never sent again, as behind a router that has lost its table.
async fn relay(
    client: TcpStream,
    server: SocketAddr,
    cut: watch::Receiver<Option<Cut>>,
    forgotten: bool,
) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut out = Pump { way: Way::Out, cut: cut.clone(), forgotten, dead: false };
    let mut inward = Pump { way: Way::In, cut, forgotten, dead: false };
    tokio::select! {
        ended = out.run(from_client, to_server) => ended,
        ended = inward.run(from_server, to_client) => ended,
    }
}

/// Bytes of one direction of one connection.
struct Pump {
    way: Way,
    cut: watch::Receiver<Option<Cut>>,
    forgotten: bool,
    /// It has lost bytes: nothing that follows can be understood, so nothing follows.
    dead: bool,
}

impl Pump {
    /// Runs until one side has closed and the other may know.
    async fn run(&mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let read = from.read(&mut bytes).await.unwrap_or(0);
            if self.is_shut() {
                self.dead |= self.forgotten && read > 0;
                self.opened().await;
            }
            if read == 0 {
                return Ok(());
            }
            if !self.dead {
                to.write_all(&bytes[..read]).await?;
            }
        }
    }

    fn is_shut(&self) -> bool {
        let cut = *self.cut.borrow();
        match self.way {
            Way::In => matches!(cut, Some(Cut::In | Cut::Both)),
            Way::Out => matches!(cut, Some(Cut::Out | Cut::Both)),
        }
    }

    async fn opened(&mut self) {
        while self.is_shut() && self.cut.changed().await.is_ok() {}
    }
}
