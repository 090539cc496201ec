//! The live socket under way through the proxy: bytes pass until they no longer do.

use std::io;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::fate::Fate;
use super::proxy::{Shared, wait_for_end};

/// In a storm a socket lives for so many milliseconds.
const LIFE_MS: std::ops::Range<u64> = 200..6_000;
/// Its end: cut within a frame, silent, reset.
const ENDS: [Fate; 3] = [Fate::Truncate, Fate::Stall, Fate::Reset];

/// Hands bytes on both ways; in a storm the socket comes to a bad end.
pub(super) async fn pump(
    mut client: TcpStream,
    mut server: TcpStream,
    mut rng: StdRng,
    shared: &Shared,
) -> io::Result<()> {
    let (mut down, mut up) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut end_at = Instant::now() + Duration::from_millis(rng.random_range(LIFE_MS));
    loop {
        tokio::select! {
            read = server.read(&mut down) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                let ending = shared.is_stormy() && Instant::now() >= end_at;
                // Some way into what is on its way: most cuts hit the middle of a frame.
                let through = if ending { rng.random_range(0..read) } else { read };
                client.write_all(&down[..through]).await?;
                if ending {
                    return end(client, ENDS[rng.random_range(0..ENDS.len())], shared).await;
                }
            }
            read = client.read(&mut up) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                server.write_all(&up[..read]).await?;
            }
            () = tokio::time::sleep_until(end_at) => {
                if shared.is_stormy() {
                    return end(client, ENDS[rng.random_range(0..ENDS.len())], shared).await;
                }
                end_at = Instant::now() + Duration::from_millis(rng.random_range(LIFE_MS));
            }
        }
    }
}

async fn end(mut client: TcpStream, how: Fate, shared: &Shared) -> io::Result<()> {
    shared.count(how);
    match how {
        Fate::Stall => wait_for_end(&mut client).await,
        Fate::Reset => client.set_zero_linger()?,
        Fate::Pass
        | Fate::DropRequest
        | Fate::DropAnswer
        | Fate::Duplicate
        | Fate::Overtaken
        | Fate::Ghost
        | Fate::Truncate
        | Fate::FailBefore
        | Fate::FailAfter
        | Fate::Busy => {}
    }
    Ok(())
}
