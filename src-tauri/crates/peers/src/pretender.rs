//! A server that does what a test wants, good or bad.

use anyhow::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What it does about a question.
#[derive(Debug, Clone)]
pub enum Manner {
    /// An HTTP answer.
    Says {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
    /// These bytes, HTTP or not.
    Sends(Vec<u8>),
    /// Never a byte.
    Stalls,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    /// What came with it; empty for a GET.
    pub body: String,
}

type Manners = dyn Fn(&Asked) -> Manner + Send + Sync;

/// The server; it ends with this value.
pub struct Pretender {
    port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    manners: Mutex<Arc<Manners>>,
    asked: Mutex<Vec<Asked>>,
    is_over: AtomicBool,
}

impl Pretender {
    /// Listens on a free port of loopback and does what `manners` says about each question.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(manners: impl Fn(&Asked) -> Manner + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            manners: Mutex::new(Arc::new(manners)),
            asked: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let own = shared.clone();
        let listening = thread::Builder::new().spawn(move || listen(&listener, &own))?;
        Ok(Self { port, shared, listening: Some(listening) })
    }

    /// From now on it does something else.
    pub fn now(&self, manners: impl Fn(&Asked) -> Manner + Send + Sync + 'static) {
        *self.shared.manners.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(manners);
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Pretender {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // Wakes the listener; should that fail, it has ended already.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            if shared.is_over.load(Ordering::Acquire) {
                return;
            }
            // Whoever hangs up is no news here.
            scope.spawn(move || answer(stream, shared).ok());
        }
    });
}

fn answer(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let asked = read(&mut BufReader::new(&stream))?;
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let manners = shared.manners.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match manners(&asked) {
        Manner::Says { status, body } => {
            let head =
                format!("HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        }
        Manner::Sends(bytes) => stream.write_all(&bytes)?,
        Manner::Stalls => {
            while !shared.is_over.load(Ordering::Acquire) {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
    Ok(())
}

fn read(stream: &mut impl BufRead) -> Result<Asked> {
    let (mut first, mut length) = (String::new(), 0);
    stream.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Asked { path, body: String::from_utf8_lossy(&body).into_owned() })
}
