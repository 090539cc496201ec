//! HTTP/1.1 messages as bytes: where one ends and the next begins. Nothing in them is understood beyond that.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// No request or answer of the API has a longer head.
const LONGEST_HEAD: usize = 64 * 1024;

/// One message, byte by byte as it came.
#[derive(Debug, Clone)]
pub struct Message {
    /// Head and body.
    pub bytes: Vec<u8>,
    head_len: usize,
}

impl Message {
    /// Reads the next message; `rest` keeps what came beyond it. `None` when the other side has closed in between.
    ///
    /// # Errors
    /// When the connection breaks, ends within a message, or the message is none.
    pub async fn read(
        from: &mut (impl AsyncRead + Unpin),
        rest: &mut Vec<u8>,
    ) -> io::Result<Option<Message>> {
        let head_len = loop {
            if let Some(at) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if rest.len() > LONGEST_HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if from.read_buf(rest).await? == 0 {
                return if rest.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        };
        let whole = head_len + body_len(&rest[..head_len])?;
        while rest.len() < whole {
            if from.read_buf(rest).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let beyond = rest.split_off(whole);
        Ok(Some(Message { bytes: std::mem::replace(rest, beyond), head_len }))
    }

    /// It asks for a WebSocket, or grants one.
    pub fn is_upgrade(&self) -> bool {
        header(&self.bytes[..self.head_len], "upgrade").is_some()
    }
}

/// Both sides send `Content-Length`; a chunked body would have to be read otherwise, and must not be taken for an empty one.
fn body_len(head: &[u8]) -> io::Result<usize> {
    if header(head, "transfer-encoding").is_some() {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "a chunked message"));
    }
    let bad_length = |_| io::Error::from(io::ErrorKind::InvalidData);
    header(head, "content-length").map_or(Ok(0), |length| length.parse().map_err(bad_length))
}

fn header(head: &[u8], name: &str) -> Option<String> {
    String::from_utf8_lossy(head).split("\r\n").skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_are_told_apart_wherever_the_bytes_are_cut() {
        let two = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
        let (mut from, mut rest) = (two.as_slice(), Vec::new());
        let first = Message::read(&mut from, &mut rest).await.expect("reads").expect("a message");
        assert!(first.bytes.ends_with(b"\r\n\r\nabc"), "the body belongs to it");
        let second = Message::read(&mut from, &mut rest).await.expect("reads").expect("another one");
        assert!(second.bytes.starts_with(b"GET /b HTTP/1.1"), "the next one begins right after");
        assert!(
            Message::read(&mut from, &mut rest).await.expect("ends").is_none(),
            "then nothing more comes"
        );
    }

    #[tokio::test]
    async fn a_cut_message_is_an_error_and_not_a_short_one() {
        let (mut from, mut rest) =
            (b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nab".as_slice(), Vec::new());
        let error = Message::read(&mut from, &mut rest).await.expect_err("cut");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "one byte is missing");
    }
}
