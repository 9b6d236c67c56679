//! A token server for docker-registry: RS256, its certificate in `x5c`
//! (<https://distribution.github.io/distribution/spec/auth/jwt/>).

use crate::parts;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A server that knows one user; its thread ends with the tests.
pub(super) struct Server {
    address: String,
    certificate: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What signs, and who may be signed for.
struct Signer {
    folder: PathBuf,
    chain: String,
    authorization: String,
}

impl Server {
    pub(super) fn start(folder: &Path, user: &str, password: &str) -> Self {
        let path = |name: &str| folder.join(name).display().to_string();
        let (key, certificate) = (path("token.key"), path("token.crt"));
        let made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=e2e"];
        parts::tool("openssl", "openssl", &[&made[..], &["-keyout", &key, "-out", &certificate]].concat());
        let der = parts::tool("openssl", "openssl", &["x509", "-in", &certificate, "-outform", "DER"]).stdout;
        let authorization = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let signer = Signer { folder: folder.to_owned(), chain: STANDARD.encode(der), authorization };
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(&stream, &signer, &log);
            }
        });
        Self { address, certificate: certificate.into(), asked }
    }

    /// What a registry's configuration says to trust it.
    pub(super) fn configuration(&self) -> String {
        let (realm, bundle) = (&self.address, self.certificate.display());
        format!(
            "auth: {{token: {{realm: \"http://{realm}/token\", service: e2e, issuer: e2e, rootcertbundle: {bundle}}}}}\n"
        )
    }

    /// The queries so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread broke").clone()
    }
}

fn answer(mut stream: &TcpStream, signer: &Signer, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let sent = head.iter().filter_map(|line| line.split_once(": "));
    let authorization =
        sent.filter(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value).next();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let query = path.split_once('?').map_or("", |(_, query)| query);
    log.lock().expect("no thread broke").push(query.to_owned());
    let (status, body) = match authorization {
        Some(known) if known == signer.authorization => ("200 OK", json!({"token": signer.token(query)})),
        // Without a sign-in: a token that allows nothing.
        None => ("200 OK", json!({"token": signer.token("")})),
        Some(_) => ("401 Unauthorized", json!({"details": "incorrect username or password"})),
    };
    let body = body.to_string();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

impl Signer {
    fn token(&self, query: &str) -> String {
        let now = Timestamp::now().as_second();
        let head = json!({"typ": "JWT", "alg": "RS256", "x5c": [self.chain]});
        let claims = json!({
            "iss": "e2e", "sub": "ann", "aud": "e2e", "jti": now.to_string(),
            "iat": now, "nbf": now - 60, "exp": now + 300, "access": access(query)
        });
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encoded(&head), encoded(&claims));
        let file = tempfile::NamedTempFile::new_in(&self.folder).expect("a file");
        std::fs::write(file.path(), &text).expect("written");
        let (key, input) = (self.folder.join("token.key").display().to_string(), file.path().display().to_string());
        let signature = parts::tool("openssl", "openssl", &["dgst", "-sha256", "-sign", &key, &input]).stdout;
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Everything that is asked for is granted.
fn access(query: &str) -> Vec<Value> {
    let plain = query.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    let scopes = plain.split('&').filter_map(|pair| pair.strip_prefix("scope="));
    let scopes = scopes.flat_map(|scope| scope.split(['+', ' ']));
    scopes
        .filter_map(|scope| {
            let (kind, rest) = scope.split_once(':')?;
            let (name, actions) = rest.rsplit_once(':')?;
            Some(json!({"type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>()}))
        })
        .collect()
}
