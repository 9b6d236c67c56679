//! What the program takes from around it, read once: environment, clock, folders.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::env;
use std::path::{Path, PathBuf};

/// The environment, the clock and the working folder, as they were when the program started.
pub(crate) struct Surroundings {
    /// Now.
    pub(crate) now: Timestamp,
    /// Where Plimsoll keeps its caches; `None` if there is no home.
    pub(crate) cache_dir: Option<PathBuf>,
    /// The file of the ledger unless another is named; `None` if there is no home.
    pub(crate) ledger_file: Option<PathBuf>,
    /// The ledger that the environment names. Read here and not by the command line's parser, which would take it for
    /// a flag that contradicts `--no-ledger`.
    pub(crate) ledger_url: Option<String>,
    /// The folder of the index of advisories; `None` if there is no home.
    pub(crate) advisories_dir: Option<PathBuf>,
    /// The date for documents, as RFC 3339, from `SOURCE_DATE_EPOCH`.
    pub(crate) source_date: Option<String>,
    /// `DOCKER_HOST`, or the engine's usual socket.
    pub(crate) docker_host: String,
    /// Files with registry sign-ins, the most trusted first.
    pub(crate) credential_files: Vec<PathBuf>,
    /// Folders with registries' certificates (`certs.d`), the most trusted first.
    pub(crate) certificate_folders: Vec<PathBuf>,
    /// What opens an encrypted private key.
    pub(crate) key_password: Option<String>,
    /// `PATH`, split.
    pub(crate) path: Vec<PathBuf>,
    /// Where temporary files go.
    pub(crate) temporary: PathBuf,
    /// The working folder.
    pub(crate) here: PathBuf,
}

impl Surroundings {
    pub(crate) fn read() -> Self {
        let home = folder("HOME");
        Self {
            now: Timestamp::now(),
            cache_dir: cache_dir(home.as_deref()),
            ledger_file: ledger_file(home.as_deref()),
            ledger_url: env::var("PLIMSOLL_LEDGER").ok().filter(|url| !url.is_empty()),
            advisories_dir: advisories_dir(home.as_deref()),
            source_date: source_date(),
            docker_host: env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned()),
            credential_files: credential_files(home.as_deref()),
            certificate_folders: certificate_folders(home.as_deref()),
            key_password: env::var("PLIMSOLL_KEY_PASSWORD").or_else(|_| env::var("COSIGN_PASSWORD")).ok(),
            path: env::var_os("PATH").map(|p| env::split_paths(&p).collect()).unwrap_or_default(),
            temporary: env::temp_dir(),
            here: env::current_dir().unwrap_or_default(),
        }
    }

    /// The day to judge by, in UTC, so that two machines agree.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }
}

/// The time of one look, for what runs longer than a moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn folder(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute())
}

fn cache_dir(home: Option<&Path>) -> Option<PathBuf> {
    folder("PLIMSOLL_HOME")
        .map(|own| own.join("cache"))
        .or_else(|| folder("XDG_CACHE_HOME").map(|caches| caches.join("plimsoll")))
        .or_else(|| home.map(|home| home.join(".cache/plimsoll")))
}

/// State, and no cache: what is lost here is not made again.
fn ledger_file(home: Option<&Path>) -> Option<PathBuf> {
    folder("PLIMSOLL_HOME")
        .or_else(|| folder("XDG_STATE_HOME").map(|states| states.join("plimsoll")))
        .or_else(|| home.map(|home| home.join(".local/state/plimsoll")))
        .map(|own| own.join("ledger.db"))
}

/// Beside the cache, not in it: its limit does not count here.
fn advisories_dir(home: Option<&Path>) -> Option<PathBuf> {
    folder("PLIMSOLL_HOME")
        .or_else(|| folder("XDG_CACHE_HOME").map(|caches| caches.join("plimsoll")))
        .or_else(|| home.map(|home| home.join(".cache/plimsoll")))
        .map(|own| own.join("advisories"))
}

fn source_date() -> Option<String> {
    let seconds = env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

/// Docker's own file first, then containers' (<https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md>).
fn credential_files(home: Option<&Path>) -> Vec<PathBuf> {
    let docker = folder("DOCKER_CONFIG").or_else(|| home.map(|home| home.join(".docker")));
    let containers = [
        folder("REGISTRY_AUTH_FILE"),
        folder("XDG_RUNTIME_DIR").map(|run| run.join("containers/auth.json")),
        home.map(|home| home.join(".config/containers/auth.json")),
    ];
    docker.map(|dir| dir.join("config.json")).into_iter().chain(containers.into_iter().flatten()).collect()
}

/// The user's own, then the machine's (<https://docs.docker.com/engine/security/certificates/>,
/// <https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md>).
fn certificate_folders(home: Option<&Path>) -> Vec<PathBuf> {
    let own = home.map(|home| home.join(".config/containers/certs.d"));
    own.into_iter().chain(["/etc/containers/certs.d".into(), "/etc/docker/certs.d".into()]).collect()
}
