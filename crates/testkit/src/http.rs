//! As much of HTTP/1.1 as a client of a registry meets: kept connections, lengths, chunks, bodies broken off.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A request as the server saw it; header names in lower case.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// `GET`, `PUT`…
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
    /// By name.
    pub headers: BTreeMap<String, String>,
    /// How many requests with the same method and path came before.
    pub nth: usize,
}

impl Seen {
    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    }

    /// `METHOD path?query`.
    pub fn line(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, self.query)
    }

    /// The length of the body as stated; `None` for chunks.
    pub(crate) fn length(&self) -> Option<u64> {
        if self.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            return None;
        }
        Some(self.header("content-length").parse().unwrap_or(0))
    }
}

/// `%2F` is `/`, `+` a blank.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let pair = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                let hex = std::str::from_utf8(&pair).unwrap_or("0");
                out.push(u8::from_str_radix(hex, 16).unwrap_or(b'?'));
            }
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What to answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Close after so many bytes of the body.
    pub(crate) cut: Option<usize>,
}

impl Reply {
    /// An answer without headers or body.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An error in the registry's form.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
        Self::new(status).header("Content-Type", "application/json").body(body.to_string())
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Broken off after so many bytes of the body.
    #[must_use]
    pub fn cut(mut self, at: usize) -> Self {
        self.cut = Some(at);
        self
    }

    /// Whether the connection can be used again.
    pub(crate) fn write(&self, out: &mut impl Write, head_only: bool) -> io::Result<bool> {
        let mut head = format!("HTTP/1.1 {} Answer\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let bodiless = self.status == 204 || self.status == 304;
        let stated = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if !bodiless && !stated {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        out.write_all(head.as_bytes())?;
        out.write_all(b"\r\n")?;
        if !head_only && !bodiless {
            out.write_all(&self.body[..self.cut.unwrap_or(self.body.len()).min(self.body.len())])?;
        }
        out.flush()?;
        Ok(self.cut.is_none())
    }
}

/// One connection of a client.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Answers are small and wanted at once.
        let _ = stream.set_nodelay(true);
        Self { stream: BufReader::with_capacity(64 << 10, stream) }
    }

    /// The next request's head; `None` when the client has gone.
    pub(crate) fn request(&mut self) -> Option<Seen> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok().filter(|&n| n > 0)?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut seen = Seen { method, path: decoded_path(path), query: query.to_owned(), ..Seen::default() };
        loop {
            line.clear();
            self.stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            seen.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        if seen.header("expect").eq_ignore_ascii_case("100-continue") {
            self.stream.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
        }
        Some(seen)
    }

    /// Reads the body, at most `limit` bytes of it, into `take`; whether it came whole.
    pub(crate) fn body(&mut self, seen: &Seen, limit: u64, take: &mut dyn FnMut(&[u8])) -> bool {
        match seen.length() {
            Some(length) => self.part(length.min(limit), take) && length <= limit,
            None => self.chunks(limit, take),
        }
    }

    fn part(&mut self, length: u64, take: &mut dyn FnMut(&[u8])) -> bool {
        let mut left = length;
        while left > 0 {
            let got = match self.stream.fill_buf() {
                Ok([]) | Err(_) => return false,
                Ok(bytes) => {
                    let got = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    take(&bytes[..got]);
                    got
                }
            };
            self.stream.consume(got);
            left -= got as u64;
        }
        true
    }

    fn chunks(&mut self, limit: u64, take: &mut dyn FnMut(&[u8])) -> bool {
        let mut left = limit;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).unwrap_or(0) == 0 {
                return false;
            }
            let Ok(length) = u64::from_str_radix(line.trim_end(), 16) else { return false };
            if length == 0 {
                return self.stream.read_line(&mut line).is_ok();
            }
            if !self.part(length.min(left), take) || length > left {
                return false;
            }
            left -= length;
            let mut end = [0; 2];
            if self.stream.read_exact(&mut end).is_err() {
                return false;
            }
        }
    }

    pub(crate) fn answer(&mut self, reply: &Reply, head_only: bool) -> bool {
        reply.write(self.stream.get_mut(), head_only).unwrap_or(false)
    }

    /// Ends the connection in both directions.
    pub(crate) fn close(&self) {
        let _ = self.stream.get_ref().shutdown(Shutdown::Both);
    }
}

fn decoded_path(path: &str) -> String {
    decoded(&path.replace('+', "%2B"))
}
