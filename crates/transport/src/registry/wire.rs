//! HTTP for threads that block: the sockets are served by a thread of their own, and bodies cross in large pieces.
//!
//! reqwest's own blocking client hands a body over 8 KiB at a time, each time waiting for the other side. Here pieces
//! of [`PIECE`] wait in a short queue, so that reading and hashing go on while the last piece is being sent. Memory is
//! bounded by the queue. What is sent, and to whom, is decided elsewhere.

use bytes::{Buf as _, Bytes};
use http_body::{Body, Frame};
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, StatusCode, Url};
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::time::timeout;

/// The size of a piece of a body that is sent.
const PIECE: usize = 256 << 10;
/// Pieces that are read ahead of the socket.
const AHEAD: usize = 4;

/// The thread that serves the sockets; it ends with the last who uses it.
#[derive(Clone)]
pub(super) struct Wire(Arc<Sockets>);

struct Sockets {
    sockets: Handle,
    /// Dropped with this, it ends the thread.
    _end: oneshot::Sender<()>,
}

/// Why there is no answer.
pub(super) enum Lost {
    /// None came in time.
    Late,
    /// What was to be sent could not be read.
    Unread(io::Error),
    /// The thread of the sockets has ended before its time.
    Thread(JoinError),
    /// All else.
    Http(reqwest::Error),
}

/// An answer whose body is read by blocking.
pub(crate) struct Response {
    inner: reqwest::Response,
    wire: Wire,
    /// How long the server may be silent.
    patience: Duration,
    rest: Bytes,
}

/// What is sent beside a request's head, read while it is sent.
pub(super) struct Outgoing {
    pub(super) reader: Box<dyn Read + Send>,
    /// How many bytes of it, if the request says so.
    pub(super) size: Option<u64>,
}

impl Wire {
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let sockets = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let serve = move || {
            let _ = runtime.block_on(ended);
            // Without waiting for a name that is being looked up.
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("sockets".to_owned()).spawn(serve)?;
        Ok(Self(Arc::new(Sockets { sockets, _end: end })))
    }

    /// Sends a request that is whole, and waits at most `time` for the head of the answer.
    pub(super) fn send(&self, client: &Client, request: Request, time: Duration) -> Result<reqwest::Response, Lost> {
        let answer = self.0.sockets.block_on(async { timeout(time, client.execute(request)).await });
        answer.map_err(|_| Lost::Late)?.map_err(Lost::Http)
    }

    /// Sends a request with a body that is read here meanwhile.
    pub(super) fn send_stream(
        &self,
        client: &Client,
        mut request: Request,
        body: Outgoing,
        time: Duration,
    ) -> Result<reqwest::Response, Lost> {
        let (sender, pieces) = channel(AHEAD);
        *request.body_mut() = Some(reqwest::Body::wrap(Pieces(pieces)));
        let client = client.clone();
        let answer = self.0.sockets.spawn(async move { timeout(time, client.execute(request)).await });
        let fed = feed(body, &sender);
        drop(sender);
        let answer = self.0.sockets.block_on(answer);
        fed.map_err(Lost::Unread)?;
        let answer = answer.map_err(Lost::Thread)?;
        answer.map_err(|_| Lost::Late)?.map_err(Lost::Http)
    }
}

/// Hands a body over until it ends or nobody takes it; an error breaks the request off.
fn feed(mut body: Outgoing, to: &Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut left = body.size.unwrap_or(u64::MAX);
    while left > 0 {
        let room = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        let mut piece = vec![0; room];
        let (got, result) = fill(&mut body.reader, &mut piece);
        piece.truncate(got);
        left -= got as u64;
        if got > 0 && to.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
        if let Err(error) = result {
            let _ = to.blocking_send(Err(io::Error::other("broken off")));
            return Err(error);
        }
        if got < room {
            break;
        }
    }
    Ok(())
}

/// Reads until the piece is full or there is no more.
fn fill(from: &mut dyn Read, piece: &mut [u8]) -> (usize, io::Result<()>) {
    let mut got = 0;
    while got < piece.len() {
        match from.read(&mut piece[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (got, Err(e)),
        }
    }
    (got, Ok(()))
}

/// The other end of the queue.
struct Pieces(Receiver<io::Result<Bytes>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

impl Response {
    pub(super) fn new(inner: reqwest::Response, wire: Wire, patience: Duration) -> Self {
        Self { inner, wire, patience, rest: Bytes::new() }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.inner.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// The address that answered.
    pub(super) fn url(&self) -> &Url {
        self.inner.url()
    }

    pub(crate) fn content_length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// The next bytes as they came from the socket; none at the end.
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let sockets = &self.wire.0.sockets;
        match sockets.block_on(async { timeout(self.patience, self.inner.chunk()).await }) {
            Ok(piece) => piece.map_err(|e| io::Error::other(e.without_url())),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, LATE)),
        }
    }
}

/// What is said of a server that is silent for too long.
pub(super) const LATE: &str = "operation timed out";

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.rest.is_empty() {
            match self.next()? {
                Some(piece) => self.rest = piece,
                None => return Ok(0),
            }
        }
        let length = self.rest.len().min(buffer.len());
        self.rest.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what it has in bits of `step`, then ends, or breaks if `breaks`.
    struct Dripping {
        left: usize,
        step: usize,
        breaks: bool,
    }

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.left == 0 && self.breaks {
                return Err(io::Error::other("broken"));
            }
            let got = self.left.min(self.step).min(buffer.len());
            buffer[..got].fill(7);
            self.left -= got;
            Ok(got)
        }
    }

    /// The lengths of the pieces that come out (a broken one is `None`), and what the feeder says.
    fn fed(left: usize, size: Option<u64>, breaks: bool) -> (Vec<Option<usize>>, io::Result<()>) {
        let (sender, mut pieces) = channel(AHEAD);
        let feeder = std::thread::spawn(move || {
            feed(Outgoing { reader: Box::new(Dripping { left, step: 1000, breaks }), size }, &sender)
        });
        let mut out = Vec::new();
        while let Some(piece) = pieces.blocking_recv() {
            out.push(piece.ok().map(|bytes| bytes.len()));
        }
        (out, feeder.join().unwrap())
    }

    #[test]
    fn bodies_cross_in_large_pieces() {
        let check = |left, size, breaks, expected: &[Option<usize>]| {
            let (pieces, result) = fed(left, size, breaks);
            assert_eq!(pieces, expected, "{left} {size:?}");
            assert_eq!(result.is_err(), expected.contains(&None));
        };
        check(0, None, false, &[]);
        check(2 * PIECE + 5, None, false, &[Some(PIECE), Some(PIECE), Some(5)]);
        check(PIECE + 5, Some(PIECE as u64 + 5), false, &[Some(PIECE), Some(5)]);
        // No byte is asked for beyond the size.
        check(10, Some(10), true, &[Some(10)]);
        check(PIECE + 5, None, true, &[Some(PIECE), Some(5), None]);
    }

    #[test]
    fn feeding_ends_when_nobody_takes_it() {
        let (sender, pieces) = channel(AHEAD);
        drop(pieces);
        let endless = Outgoing { reader: Box::new(io::repeat(1)), size: None };
        assert!(feed(endless, &sender).is_ok());
    }
}
