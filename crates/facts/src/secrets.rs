//! Files that look like secrets: private keys and credential files, visible or hidden by a later layer.
//!
//! A private key is known by its first line, and in a small file by any line that only comments and PEM blocks come
//! before, or anything at all in a file that is named like a key. A credential file is known by its name, and while it
//! streams by its content is looked at once: what is kept is which kind of credential it holds, never the credential. Not looked
//! for: secrets in the middle of other files, in archives, in the environment.

use crate::entry::{Entry, Kind, Nature};
use crate::image::SecretTrace;
use crate::keep::{Candidate, Content, Keeper, Part, Want};
use crate::tree::Hidden;
use crate::view::View;
use memchr::memmem;
use model::TreePath;
use rustc_hash::FxHashSet;

/// The piece that [`open`] keeps: `yes`, or nothing.
const PIECE: &str = "credentials";
/// The piece kept of a file in which a private key does not come first.
const KEY_PIECE: &str = "private-key";
/// Bytes of the largest file that is looked through for a key.
const KEY_LOOK: u64 = 64 << 10;
/// Bytes of a credential file that are looked at; larger ones count by name.
const LOOK: u64 = 1 << 20;
/// Traces listed; beyond that the image is one large secret.
const TRACES: usize = 10_000;

/// A kind of credential file.
struct CredentialFile {
    /// How its path ends.
    path: &'static str,
    /// What it holds if it holds it.
    what: &'static str,
    /// Whether this content holds it.
    holds: fn(&[u8]) -> bool,
}

const FILES: &[CredentialFile] = &[
    CredentialFile { path: ".aws/credentials", what: "AWS secret access key", holds: aws },
    CredentialFile { path: ".docker/config.json", what: "registry credentials of Docker", holds: registry },
    CredentialFile { path: ".dockercfg", what: "registry credentials of Docker", holds: registry },
    CredentialFile { path: "containers/auth.json", what: "registry credentials", holds: registry },
    CredentialFile { path: ".netrc", what: "passwords of a netrc file", holds: netrc },
    CredentialFile { path: ".npmrc", what: "npm token or password", holds: npm },
    CredentialFile { path: ".yarnrc.yml", what: "npm token or password of Yarn", holds: yarn },
    CredentialFile { path: ".pypirc", what: "PyPI password or token", holds: pypi },
    CredentialFile { path: ".git-credentials", what: "passwords of Git", holds: git },
    CredentialFile { path: ".pgpass", what: "PostgreSQL passwords", holds: pgpass },
    CredentialFile { path: ".kube/config", what: "Kubernetes credentials", holds: kube },
    CredentialFile { path: ".cargo/credentials.toml", what: "Cargo registry token", holds: cargo },
    CredentialFile { path: ".gem/credentials", what: "RubyGems API key", holds: gem },
    CredentialFile {
        path: "gcloud/application_default_credentials.json",
        what: "Google Cloud credentials",
        holds: google,
    },
    CredentialFile { path: ".env", what: ENV, holds: env },
    CredentialFile { path: ".env.local", what: ENV, holds: env },
    CredentialFile { path: ".env.prod", what: ENV, holds: env },
    CredentialFile { path: ".env.production", what: ENV, holds: env },
    CredentialFile { path: ".env.staging", what: ENV, holds: env },
    CredentialFile { path: ".env.development", what: ENV, holds: env },
];

/// What ssh-keygen names the keys it makes.
const SSH: &[&[u8]] = &[b"id_rsa", b"id_dsa", b"id_ecdsa", b"id_ed25519"];

/// Not for `.env.example` and the like, which are made to be published.
const ENV: &str = "passwords or tokens of an `.env` file";

/// A variable that is named like a secret and set to something.
fn env(text: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"SECRET",
        b"PASSWORD",
        b"PASSWD",
        b"TOKEN",
        b"API_KEY",
        b"APIKEY",
        b"ACCESS_KEY",
        b"PRIVATE_KEY",
        b"CREDENTIAL",
    ];
    text.split(|&b| b == b'\n').any(|line| {
        let Some(end) = line.iter().position(|&b| b == b'=') else { return false };
        let name = line[..end].to_ascii_uppercase();
        let named =
            !name.trim_ascii_start().starts_with(b"#") && WORDS.iter().any(|w| memmem::find(&name, w).is_some());
        named && has_value(&line[end..], b"", b'=')
    })
}

fn aws(text: &[u8]) -> bool {
    has_value(text, b"aws_secret_access_key", b'=')
}

fn registry(text: &[u8]) -> bool {
    [b"\"auth\"".as_slice(), b"\"identitytoken\"", b"\"registrytoken\"", b"\"password\""]
        .iter()
        .any(|key| has_value(text, key, b':'))
}

fn netrc(text: &[u8]) -> bool {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.any(|word| word == b"password") && words.next().is_some()
}

fn npm(text: &[u8]) -> bool {
    [b"_authToken".as_slice(), b"_password", b"_auth"].iter().any(|key| has_value(text, key, b'='))
}

fn yarn(text: &[u8]) -> bool {
    [b"npmAuthToken".as_slice(), b"npmAuthIdent"].iter().any(|key| has_value(text, key, b':'))
}

fn pypi(text: &[u8]) -> bool {
    has_value(text, b"password", b'=') || has_value(text, b"password", b':')
}

fn git(text: &[u8]) -> bool {
    text.split(|&b| b == b'\n').any(|line| {
        let user = memmem::find(line, b"://").map(|at| &line[at + 3..]).unwrap_or_default();
        user.iter().position(|&b| b == b'@').is_some_and(|end| user[..end].contains(&b':'))
    })
}

fn pgpass(text: &[u8]) -> bool {
    let is_entry = |line: &[u8]| !line.starts_with(b"#") && line.iter().filter(|&&b| b == b':').count() >= 4;
    text.split(|&b| b == b'\n').any(is_entry)
}

fn kube(text: &[u8]) -> bool {
    [b"client-key-data".as_slice(), b"token", b"password"].iter().any(|key| has_value(text, key, b':'))
}

fn cargo(text: &[u8]) -> bool {
    has_value(text, b"token", b'=')
}

fn gem(text: &[u8]) -> bool {
    has_value(text, b"api_key", b':')
}

fn google(text: &[u8]) -> bool {
    [b"\"refresh_token\"".as_slice(), b"\"private_key\""].iter().any(|key| has_value(text, key, b':'))
}

/// Whether `key` is followed by `sign` and a value that is neither empty nor a variable (`${TOKEN}`).
fn has_value(text: &[u8], key: &[u8], sign: u8) -> bool {
    memmem::find_iter(text, key).any(|at| {
        let rest = text[at + key.len()..].trim_ascii_start();
        let Some(value) = rest.strip_prefix(&[sign]) else { return false };
        let line = value.split(|&b| b == b'\n').next().unwrap_or(value).trim_ascii();
        let value = line.strip_prefix(b"\"").or_else(|| line.strip_prefix(b"'")).unwrap_or(line);
        !value.is_empty() && !matches!(value[0], b'$' | b'"' | b'\'' | b',' | b'}')
    })
}

fn credential_file(path: &[u8]) -> Option<&'static CredentialFile> {
    FILES.iter().find(|file| {
        path.strip_suffix(file.path.as_bytes()).is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
    })
}

/// Credential files, and those that may have a key behind their beginning, are opened once while they stream by.
pub fn wants(candidate: &Candidate<'_>) -> Want {
    let is_known = candidate.size > 0 && candidate.size <= LOOK && credential_file(candidate.path.as_bytes()).is_some();
    if is_known || may_hide_key(candidate) { Want::Open } else { Want::Nothing }
}

/// Whether a key may follow: by the file's name, or since it begins like what stands before keys.
fn may_hide_key(candidate: &Candidate<'_>) -> bool {
    candidate.size <= KEY_LOOK
        && Nature::of(candidate.head) == Nature::Plain
        && (is_named_key(candidate.name) || [b"#".as_slice(), PEM].iter().any(|mark| candidate.head.starts_with(mark)))
}

/// Begins every line of a PEM block's label (RFC 7468).
const PEM: &[u8] = b"-----BEGIN ";

fn is_named_key(name: &[u8]) -> bool {
    const ENDS: &[&[u8]] = &[b".pem", b".key", b".crt", b".cer", b".p8", b".pk8", b".rsa", b".ppk"];
    name.starts_with(b"id_") || ENDS.iter().any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// Whether a private key begins at a line of the text. Where the file is not `named` like one, only comments and other
/// PEM blocks may stand before it: a text about keys shows some.
fn hides_key(text: &[u8], named: bool) -> bool {
    let (mut within, mut lines) = (false, text.split(|&b| b == b'\n'));
    while let Some(line) = lines.next().map(<[u8]>::trim_ascii) {
        match line.strip_prefix(PEM) {
            Some(label) if label.ends_with(b"PRIVATE KEY-----") || label.ends_with(b"PRIVATE KEY BLOCK-----") => {
                return lines.any(|next| !next.trim_ascii().is_empty());
            }
            Some(_) => within = true,
            None if line.starts_with(b"-----END ") => within = false,
            None if within || named || line.is_empty() || line.starts_with(b"#") => {}
            None => return false,
        }
    }
    false
}

/// Keeps whether a credential file holds a credential.
pub fn open(candidate: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    let mut text = vec![0; content.len().min(LOOK) as usize];
    let Ok(count) = content.read_at(0, &mut text) else { return };
    let text = &text[..count];
    if let Some(file) = credential_file(candidate.path.as_bytes()) {
        let answer: &[u8] = if (file.holds)(text) { b"yes" } else { b"" };
        keeper.piece(PIECE, answer.to_vec());
    } else if may_hide_key(candidate) && hides_key(text, is_named_key(candidate.name)) {
        keeper.piece(KEY_PIECE, b"yes".to_vec());
    }
}

/// Every trace of a secret in any layer, by path and layer. Files that `owned` says a distribution's package brought
/// are left out, as are the test keys that libraries publish; a key that `listed` says is a file of a language's package
/// is known to whoever installs that.
pub fn secrets(
    view: &View<'_>,
    owned: &dyn Fn(&TreePath) -> bool,
    listed: &dyn Fn(&TreePath) -> bool,
) -> Vec<SecretTrace> {
    let mut seen: FxHashSet<*const Entry> = FxHashSet::default();
    let mut traces = Vec::new();
    for file in view.files() {
        let is_key = is_key(file.entry, file.piece(KEY_PIECE));
        if let Some(what) = what(file.path, file.entry, file.piece(PIECE), is_key)
            && seen.insert(std::ptr::from_ref(file.entry))
            && !owned(file.path)
        {
            let what = if is_key && listed(file.path) { PUBLISHED.to_owned() } else { what };
            traces.push(SecretTrace { path: file.path.clone(), layer: file.layer, hidden_by: None, what });
        }
    }
    for hidden in view.tree().hidden() {
        let entry = &view.layers()[hidden.layer as usize].entries[hidden.entry as usize];
        let is_key = is_key(entry, piece(view, hidden, KEY_PIECE));
        if let Some(what) = what(&entry.path, entry, piece(view, hidden, PIECE), is_key)
            && seen.insert(std::ptr::from_ref(entry))
            && !owned(&entry.path)
        {
            let (path, layer, hidden_by) = (entry.path.clone(), hidden.layer, Some(hidden.by));
            traces.push(SecretTrace { path, layer, hidden_by, what });
        }
    }
    traces.sort();
    traces.truncate(TRACES);
    traces
}

/// How a key is described that came with an installed package.
const PUBLISHED: &str = "key published with an installed package, whose file it is";

fn is_key(entry: &Entry, piece: Option<&[u8]>) -> bool {
    entry.nature == Nature::PrivateKey || piece.is_some()
}

/// The piece of this name, if it was kept of a hidden file.
fn piece<'a>(view: &View<'a>, hidden: &Hidden, wanted: &str) -> Option<&'a [u8]> {
    let layer = &view.layers()[hidden.layer as usize];
    let from = layer.kept.partition_point(|k| k.entry < hidden.entry);
    let kept = layer.kept[from..].iter().take_while(|k| k.entry == hidden.entry);
    kept.filter(|k| matches!(&k.part, Part::Piece(name) if name == wanted)).map(|k| k.bytes.as_slice()).next()
}

/// What a file looks like, if it looks like a secret.
fn what(path: &TreePath, entry: &Entry, piece: Option<&[u8]>, is_key: bool) -> Option<String> {
    if entry.kind != Kind::File || entry.size == 0 {
        return None;
    }
    if let Some(file) = credential_file(path.as_bytes()) {
        return match piece {
            Some(b"") => None,
            Some(_) => Some(file.what.to_owned()),
            None => Some(format!("{}, by the file's name alone", file.what)),
        };
    }
    if is_key {
        return key(path).map(str::to_owned);
    }
    let is_ssh = SSH.contains(&path.file_name());
    let is_store = path.file_name().ends_with(b".p12") || path.file_name().ends_with(b".pfx");
    match (is_ssh || is_store) && !is_published(path) {
        true if is_ssh => Some("SSH private key, by the file's name alone".to_owned()),
        true => Some("PKCS #12 key store, by the file's name alone".to_owned()),
        false => None,
    }
}

/// Which private key it is; `None` for those that everybody has.
fn key(path: &TreePath) -> Option<&'static str> {
    let (name, folder) = (path.file_name(), path.parent_bytes());
    match name {
        _ if is_published(path) => None,
        b"ssl-cert-snakeoil.key" => Some("private key that the ssl-cert package made when it was installed"),
        _ if folder == b"etc/ssh" && name.starts_with(b"ssh_host_") => {
            Some("SSH host key, the same in every container of this image")
        }
        _ if name.starts_with(b"id_") || folder.ends_with(b".ssh") => Some("SSH private key"),
        _ => Some("private key"),
    }
}

/// The folder of a Python's own library, wherever it was installed: `lib/python3.12`.
fn is_python(part: &[u8]) -> bool {
    part.strip_prefix(b"python").and_then(|rest| rest.first()).is_some_and(u8::is_ascii_digit)
}

/// Test keys within libraries: whoever installs the library has them.
fn is_published(path: &TreePath) -> bool {
    const LIBRARIES: &[&[u8]] = &[b"node_modules", b"site-packages", b"dist-packages", b"gems", b"doc", b"registry"];
    const TESTS: &[&[u8]] = &[
        b"test",
        b"tests",
        b"testing",
        b"testdata",
        b"test-data",
        b"test_data",
        b"__tests__",
        b"fixtures",
        b"spec",
        b"example",
        b"examples",
        b"demos",
    ];
    const ROOTS: &[&[u8]] =
        &[b"usr/local/go/", b"usr/lib/go", b"usr/local/lib/python", b"usr/lib/python", b"go/pkg/mod/"];
    let mut in_library = ROOTS.iter().any(|root| path.as_bytes().starts_with(root));
    path.components().any(|part| {
        in_library |= LIBRARIES.contains(&part) || is_python(part);
        in_library && TESTS.contains(&part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::{Reader, Reading, Sight};
    use crate::testing;
    use model::{Ecosystem, Unknown, UnknownKind};

    /// Carries the look at contents through the test images; traces go out as unknowns' text.
    static PROBE: Reader = Reader {
        ecosystem: Ecosystem::Program,
        wants,
        open,
        read: |view, reading| {
            let owned = |path: &TreePath| path.is_within(b"usr/share/owned");
            reading.unknowns.extend(secrets(view, &owned, &|path| path.is_within(b"srv/listed")).into_iter().map(
                |s| {
                    let hidden = s.hidden_by.map_or(String::new(), |by| format!(", hidden by {by}"));
                    Unknown::new(UnknownKind::Unidentified, format!("{} layer {}{hidden}: {}", s.path, s.layer, s.what))
                },
            ));
        },
        sight: Sight { reads: "", sees: "", blind: "" },
    };

    fn show(reading: &Reading) -> String {
        reading.unknowns.iter().map(|u| u.why.clone()).collect::<Vec<_>>().join("\n")
    }

    fn check(path: &str, text: &str, expected: Option<&str>) {
        let found = show(&testing::read(&PROBE, &[(path, text.as_bytes())]));
        let expected = expected.map_or(String::new(), |what| format!("/{path} layer 0: {what}"));
        assert_eq!(found, expected, "{path}: {text}");
    }

    const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n";

    #[test]
    fn private_keys() {
        check("app/server.pem", KEY, Some("private key"));
        check("root/.ssh/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\n", Some("SSH private key"));
        check("root/.ssh/id_rsa", "odd", Some("SSH private key, by the file's name alone"));
        check("etc/ssh/ssh_host_rsa_key", KEY, Some("SSH host key, the same in every container of this image"));
        check(
            "etc/ssl/private/ssl-cert-snakeoil.key",
            KEY,
            Some("private key that the ssl-cert package made when it was installed"),
        );
        check("app/tests/key.pem", KEY, Some("private key"));
        check("app/store.p12", "x", Some("PKCS #12 key store, by the file's name alone"));
    }

    #[test]
    fn private_keys_behind_something_else() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bag = "Bag Attributes\n    friendlyName: me\nKey Attributes: <No Attributes>\n";
        check("app/both.pem", &format!("{certificate}{KEY}"), Some("private key"));
        check("app/both", &format!("{certificate}\n# its key\n{KEY}"), Some("private key"));
        check("app/deploy", &format!("# made by hand\n#\n\n{KEY}"), Some("private key"));
        check("app/bag.pem", &format!("{bag}{KEY}"), Some("private key"));
        check("app/tls.KEY", &format!("server key:\r\n{}", KEY.replace('\n', "\r\n")), Some("private key"));
        check("root/.ssh/deploy", &format!("# x\n{KEY}"), Some("SSH private key"));
        let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n";
        check("app/x.pem", &format!("note\n{openssh}"), Some("private key"));
        check("app/ca-bundle.crt", &certificate.repeat(9), None);
        check("app/README.md", &format!("# Keys\n\nThey look like this:\n{KEY}"), None);
        check("app/key.pem", "# the key was removed\n-----BEGIN RSA PRIVATE KEY-----\n", None);
        check("app/run.sh", &format!("#!/bin/sh\n# x\n{KEY}"), None);
        check("app/large.pem", &format!("note\n{KEY}{}", "x".repeat(KEY_LOOK as usize)), None);
        check("app/node_modules/x/test/key.pem", &format!("# x\n{KEY}"), None);
    }

    #[test]
    fn keys_that_do_not_come_first() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        check("app/server.pem", &format!("# of the old server\n# do not lose\n{KEY}"), Some("private key"));
        check("app/server.pem", &format!("{certificate}{KEY}"), Some("private key"));
        check("app/tls.key", &format!("Bag Attributes\n    friendlyName: app\n{KEY}"), Some("private key"));
        check("root/.ssh/id_rsa", &format!("\n# mine\n{KEY}"), Some("SSH private key"));
        check("app/chain.pem", &certificate.repeat(50), None);
        check("app/README.md", &format!("```\n{KEY}```\n"), None);
        check("app/node_modules/x/test/both.pem", &format!("{certificate}{KEY}"), None);
    }

    #[test]
    fn what_everybody_has() {
        check("app/ca.pem", "-----BEGIN CERTIFICATE-----\n", None);
        check("root/.ssh/id_rsa.pub", "ssh-rsa AAAA", None);
        check("app/node_modules/x/test/key.pem", KEY, None);
        check("usr/local/lib/python3.12/test/certdata/keycert.pem", KEY, None);
        check("opt/pyenv/versions/3.8.18/lib/python3.8/test/keycert3.pem", KEY, None);
        check("usr/local/go/src/crypto/tls/testdata/example-key.pem", KEY, None);
        check("usr/share/owned/key.pem", KEY, None);
        check("app/id_rsa", "", None);
        check("srv/listed/k.pem", KEY, Some(PUBLISHED));
    }

    #[test]
    fn credential_files_by_content() {
        for (path, with, without) in [
            ("root/.aws/credentials", "[default]\naws_secret_access_key = abc", "[default]\nregion = eu"),
            ("root/.docker/config.json", r#"{"auths":{"r":{"auth":"eDp5"}}}"#, r#"{"auths":{},"credsStore":"x"}"#),
            ("run/containers/auth.json", r#"{"auths":{"r":{"identitytoken":"e"}}}"#, r#"{"auths":{"r":{"auth":""}}}"#),
            ("root/.netrc", "machine h login l password p", "machine h"),
            ("app/.npmrc", "//r/:_authToken=npm_abc\n", "//r/:_authToken=${NPM_TOKEN}\nfund=false\n"),
            ("root/.pypirc", "[pypi]\npassword = pypi-abc", "[pypi]\nusername = x\npassword =\n"),
            ("root/.git-credentials", "https://me:secret@host", "https://host"),
            ("root/.pgpass", "h:5432:db:me:secret", "# none"),
            ("root/.kube/config", "users:\n- user:\n    token: abc", "clusters: []"),
            ("root/.cargo/credentials.toml", "[registry]\ntoken = \"abc\"", "[registry]\n"),
        ] {
            let what = credential_file(path.as_bytes()).unwrap().what;
            check(path, with, Some(what));
            check(path, without, None);
        }
        check("app/not.npmrc", "_authToken=abc", None);
        for with in ["A=1\nDB_PASSWORD=hunter2\n", "export api_key = 'x'", "MY_SECRET=\"x\""] {
            check("app/.env", with, Some(ENV));
        }
        for without in ["DEBUG=1\n", "DB_PASSWORD=\n", "# TOKEN=x\n", "TOKEN=${TOKEN}", "PASSWORD"] {
            check("app/.env.production", without, None);
        }
        check("app/.env.example", "PASSWORD=changeme", None);
    }

    #[test]
    fn a_large_file_counts_by_its_name() {
        let text = "x".repeat(LOOK as usize + 1);
        check("root/.npmrc", &text, Some("npm token or password, by the file's name alone"));
    }

    #[test]
    fn what_a_later_layer_replaced_is_still_there() {
        let (secret, clean): (&[u8], &[u8]) = (b"_authToken=abc", b"fund=false");
        let found = testing::read_layers(
            &PROBE,
            &[&[("root/.npmrc", secret), ("k.pem", KEY.as_bytes())], &[("root/.npmrc", clean), ("k.pem", b"x")]],
        );
        insta::assert_snapshot!(show(&found), @"
        /k.pem layer 0, hidden by 1: private key
        /root/.npmrc layer 0, hidden by 1: npm token or password
        ");
    }

    #[test]
    fn no_value_is_kept() {
        let found = testing::read(&PROBE, &[("root/.npmrc", b"_authToken=npm_abc")]);
        assert!(!format!("{found:?}").contains("npm_abc"));
    }
}
