//! A registry's notifications, received
//! (<https://distribution.github.io/distribution/about/notifications/>).
//!
//! A notification is a hint and never an observation: anybody may send one, they come late, twice and out of order. It
//! says which tag is worth a look *now*; the look itself goes to the registry that is watched, never to an address
//! that a notification names. Small HTTP on purpose: one POST a connection, limits on everything.

use model::{Digest, Reference};
use serde::Deserialize;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// The largest head and body that are read.
const HEAD_LIMIT: u64 = 16 << 10;
const BODY_LIMIT: usize = 1 << 20;
/// Connections at a time; more are turned away.
const AT_ONCE: usize = 16;
/// How long a sender may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what a refused sender still sends is waited for.
const LINGER: Duration = Duration::from_secs(1);

/// What a notification says of one tag or digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The repository's path; a notification's word for its registry is not believed.
    pub(crate) repository: String,
    /// The tag that was pushed.
    pub(crate) tag: Option<String>,
    /// The digest that is said to be pushed or removed.
    pub(crate) digest: Option<Digest>,
    /// Whether something was removed.
    pub(crate) removed: bool,
}

/// Who may send.
#[derive(Clone)]
pub(crate) struct Door {
    /// What `Authorization: Bearer` must have.
    pub(crate) token: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    events: Vec<Notified>,
}

#[derive(Deserialize)]
struct Notified {
    #[serde(default)]
    action: String,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
    #[serde(default, rename = "mediaType")]
    media_type: String,
}

/// Whether an address is this machine's own; from elsewhere nobody may send without a token.
pub(crate) fn is_loopback(address: &SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback(),
    }
}

/// Receives until the program ends; hints go to `inbox`, and are dropped where it is full: polling finds out anyway.
pub(crate) fn receive(listener: &TcpListener, door: &Door, inbox: &SyncSender<Hint>) {
    let busy = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if busy.fetch_add(1, Ordering::SeqCst) >= AT_ONCE {
            busy.fetch_sub(1, Ordering::SeqCst);
            let _ = answer(&stream, "503 Service Unavailable");
            continue;
        }
        let (busy, door, inbox) = (Arc::clone(&busy), door.clone(), inbox.clone());
        std::thread::spawn(move || {
            let _ = converse(&stream, &door, &inbox);
            busy.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn converse(stream: &TcpStream, door: &Door, inbox: &SyncSender<Hint>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let status = match request(stream, door) {
        Ok(body) => match hints(&body) {
            Some(hints) => {
                let full = hints.into_iter().any(|hint| matches!(inbox.try_send(hint), Err(TrySendError::Full(_))));
                if full { "429 Too Many Requests" } else { "200 OK" }
            }
            None => "400 Bad Request",
        },
        Err(status) => status,
    };
    answer(stream, status)?;
    // To close while the sender still sends would reset the connection, and the answer with it.
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER))?;
    io::copy(&mut stream.take(BODY_LIMIT as u64), &mut io::sink()).map(drop)
}

fn answer(mut stream: &TcpStream, status: &str) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    stream.flush()
}

/// The body of a request that may be here, or the status that refuses it.
fn request(stream: impl Read, door: &Door) -> Result<Vec<u8>, &'static str> {
    const BAD: &str = "400 Bad Request";
    let mut reader = BufReader::new(stream);
    let mut head = reader.by_ref().take(HEAD_LIMIT);
    let mut line = String::new();
    head.read_line(&mut line).map_err(|_| BAD)?;
    if !line.starts_with("POST ") {
        return Err("405 Method Not Allowed");
    }
    let (mut length, mut token) = (None, None);
    loop {
        line.clear();
        match head.read_line(&mut line) {
            Ok(0) => return Err("431 Request Header Fields Too Large"),
            Ok(_) if line == "\r\n" || line == "\n" => break,
            Ok(_) => {}
            Err(_) => return Err(BAD),
        }
        let Some((name, value)) = line.split_once(':') else { return Err(BAD) };
        match name.to_ascii_lowercase().as_str() {
            "content-length" if length.is_some() => return Err(BAD),
            "content-length" => length = Some(value.trim().parse::<usize>().map_err(|_| BAD)?),
            "transfer-encoding" => return Err("411 Length Required"),
            "authorization" => token = value.trim().strip_prefix("Bearer ").map(str::to_owned),
            _ => {}
        }
    }
    if door.token.as_ref().is_some_and(|wanted| !token.is_some_and(|given| is_same(&given, wanted))) {
        return Err("401 Unauthorized");
    }
    let length = length.ok_or("411 Length Required")?;
    if length > BODY_LIMIT {
        return Err("413 Content Too Large");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).map_err(|_| BAD)?;
    Ok(body)
}

/// Compares without telling by its time how much was right.
fn is_same(given: &str, wanted: &str) -> bool {
    Digest::of(given.as_bytes()) == Digest::of(wanted.as_bytes())
}

/// What an envelope hints at; `None` if it is none. Layers that were pushed and pulls are passed over.
fn hints(body: &[u8]) -> Option<Vec<Hint>> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    let hint = |event: Notified| {
        let removed = event.action == "delete";
        let target = event.target;
        let concerns = match event.action.as_str() {
            "push" => target.tag.is_some() || is_manifest(&target.media_type),
            "delete" => true,
            _ => false,
        };
        // What cannot be a repository or a tag is nobody's.
        let reference = match &target.tag {
            Some(tag) => format!("{}:{tag}", target.repository).parse::<Reference>(),
            None => format!("{}:x", target.repository).parse::<Reference>(),
        };
        let digest = target.digest.and_then(|d| d.parse().ok());
        let whole = concerns && reference.is_ok();
        whole.then_some(Hint { repository: target.repository, tag: target.tag, digest, removed })
    };
    Some(envelope.events.into_iter().filter_map(hint).collect())
}

fn is_manifest(media_type: &str) -> bool {
    ["manifest", "image.index"].iter().any(|word| media_type.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, token: Option<&str>) -> Result<String, &'static str> {
        let door = Door { token: token.map(str::to_owned) };
        request(text.as_bytes(), &door).map(|body| String::from_utf8(body).unwrap())
    }

    fn post(headers: &str, body: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn requests_have_limits() {
        assert_eq!(asked(&post("", "{}"), None), Ok("{}".to_owned()));
        assert_eq!(asked("GET / HTTP/1.1\r\n\r\n", None), Err("405 Method Not Allowed"));
        assert_eq!(asked("POST / HTTP/1.1\r\n\r\n", None), Err("411 Length Required"));
        assert_eq!(asked(&post("Transfer-Encoding: chunked\r\n", "0"), None), Err("411 Length Required"));
        assert_eq!(asked("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", None), Err("413 Content Too Large"));
        assert_eq!(asked("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort", None), Err("400 Bad Request"));
        assert_eq!(asked(&post("Content-Length: 7\r\n", "{}"), None), Err("400 Bad Request"));
        assert_eq!(asked(&post("Content-Length: -1\r\n", "{}"), None), Err("400 Bad Request"));
        let long = "X: ".to_owned() + &"y".repeat(20_000) + "\r\n";
        assert!(asked(&post(&long, "{}"), None).is_err());
        assert!(asked("", None).is_err());
    }

    #[test]
    fn a_token_is_asked_for() {
        let with = |token: &str| post(&format!("authorization: {token}\r\n"), "{}");
        assert_eq!(asked(&with("Bearer s3cret"), Some("s3cret")), Ok("{}".to_owned()));
        for wrong in ["Bearer s3cre", "Bearer s3cret2", "s3cret", "Basic s3cret", ""] {
            assert_eq!(asked(&with(wrong), Some("s3cret")), Err("401 Unauthorized"), "{wrong}");
        }
        assert_eq!(asked(&post("", "{}"), Some("s3cret")), Err("401 Unauthorized"));
    }

    #[test]
    fn what_a_notification_hints_at() {
        let digest = Digest::of(b"x");
        let event = |action: &str, target: &str| {
            format!(
                r#"{{"id":"1","timestamp":"2026-01-01T00:00:00Z","action":"{action}","target":{target},"request":{{"host":"evil.example"}}}}"#
            )
        };
        let manifest = "application/vnd.oci.image.manifest.v1+json";
        let of = |events: &[String]| hints(format!(r#"{{"events":[{}]}}"#, events.join(",")).as_bytes());
        let pushed =
            event("push", &format!(r#"{{"mediaType":"{manifest}","digest":"{digest}","repository":"a/b","tag":"1"}}"#));
        let removed = event("delete", &format!(r#"{{"digest":"{digest}","repository":"a/b"}}"#));
        let passed_over = [
            event(
                "push",
                &format!(r#"{{"mediaType":"application/octet-stream","digest":"{digest}","repository":"a/b"}}"#),
            ),
            event("pull", &format!(r#"{{"mediaType":"{manifest}","digest":"{digest}","repository":"a/b","tag":"1"}}"#)),
            event("push", r#"{"repository":"../etc","tag":"1"}"#),
            event("push", r#"{"repository":"a","tag":"1/../../x"}"#),
            event("push", r#"{"repository":"","tag":"1"}"#),
            event("mount", r#"{"repository":"a"}"#),
        ];
        let hint = |tag: Option<&str>, removed| Hint {
            repository: "a/b".to_owned(),
            tag: tag.map(str::to_owned),
            digest: Some(digest),
            removed,
        };
        assert_eq!(of(&[pushed, removed]), Some(vec![hint(Some("1"), false), hint(None, true)]));
        assert_eq!(of(&passed_over), Some(Vec::new()));
        for none in ["", "[]", "{}", r#"{"events":7}"#, r#"{"events":[{"action":"push"}]}"#] {
            assert_eq!(hints(none.as_bytes()), None, "{none}");
        }
    }
}
