//! Flags that every command has, and what follows from them.

use crate::failure::{Failure, file, with_causes};
use crate::ops::advisories::{self, Shelf};
use crate::ops::{Access, Asked, Reading, Resolver, decisions_at, decisions_file, open, policy_at, read, registry};
use crate::printer::{Printer, Tone};
use crate::surroundings::Surroundings;
use clap::Args;
use ledger::cache::Cache;
use ledger::{Ledger, LedgerError, Place};
use model::{Platform, Reference};
use practices::Policy;
use practices::decisions::Decisions;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use transport::Registry;

/// The cache's limit unless one is given: about two hundred bases.
const CACHE_LIMIT: &str = "4GiB";

#[derive(Args)]
pub(crate) struct Common {
    /// Read the policy from this file instead of the nearest `plimsoll.toml`.
    #[arg(long, global = true, value_name = "FILE", env = "PLIMSOLL_CONFIG")]
    config: Option<PathBuf>,
    /// The platform of the image, such as `linux/arm64`; this machine's unless given.
    #[arg(long, global = true, value_name = "OS/ARCH", env = "PLIMSOLL_PLATFORM")]
    platform: Option<Platform>,
    /// Do not use the network.
    #[arg(long, global = true, env = "PLIMSOLL_OFFLINE")]
    pub(crate) offline: bool,
    /// Speak plain HTTP to this registry; may be repeated. Loopback needs no leave.
    #[arg(long, global = true, value_name = "HOST[:PORT]", env = "PLIMSOLL_INSECURE", value_delimiter = ',')]
    insecure: Vec<String>,
    /// Trust the authorities in this file of PEM, beside the system's; may be repeated.
    #[arg(long, global = true, value_name = "FILE", env = "PLIMSOLL_CA", value_delimiter = ',')]
    ca: Vec<PathBuf>,
    /// Neither use nor fill the cache of layers.
    #[arg(long, global = true)]
    no_cache: bool,
    /// The most that the cache may take: bytes, or with a unit such as `500MB` or `4GiB`.
    #[arg(long, global = true, value_name = "SIZE", env = "PLIMSOLL_CACHE_LIMIT", default_value = CACHE_LIMIT)]
    cache_limit: Size,
    /// The ledger of tags: a file of SQLite's or `postgres://…`; `PLIMSOLL_LEDGER`, or one in the state folder, unless
    /// given.
    #[arg(long, global = true, value_name = "URL")]
    ledger: Option<String>,
    /// Neither ask nor fill the ledger.
    #[arg(long, global = true, conflicts_with = "ledger")]
    no_ledger: bool,
    /// Say nothing but the result and errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Show more: every proof, every path.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// The file of decisions, for commands that apply or write it.
#[derive(Args)]
pub(crate) struct DecisionsFile {
    /// Read decisions from this file instead of the nearest `plimsoll.decisions.toml`.
    #[arg(long = "decisions", value_name = "FILE", env = "PLIMSOLL_DECISIONS")]
    named: Option<PathBuf>,
}

impl DecisionsFile {
    /// The decisions; `None` if there is no file of them.
    pub(crate) fn read(&self, surroundings: &Surroundings) -> Result<Option<Decisions>, Failure> {
        self.place(surroundings).map(|path| decisions_at(&path, &surroundings.here)).transpose()
    }

    /// Where they are, or would be if a file was named; `None` if there is no file of them.
    pub(crate) fn place(&self, surroundings: &Surroundings) -> Option<PathBuf> {
        decisions_file(self.named.as_deref(), &surroundings.here)
    }
}

impl Common {
    /// The cache, if there can be one. Without it everything works, only slower; that is said once.
    pub(crate) fn cache(&self, surroundings: &Surroundings, printer: &mut Printer) -> Option<Cache> {
        if self.no_cache {
            return None;
        }
        match self.open_cache(surroundings) {
            Ok(cache) => Some(cache),
            Err(error) => {
                let why = with_causes(&error);
                printer.say(&format!("{} going on without a cache: {why}", Tone::Warn.set("note:")));
                None
            }
        }
    }

    /// The cache itself, for the command that is about it.
    pub(crate) fn open_cache(&self, surroundings: &Surroundings) -> Result<Cache, Failure> {
        let dir = surroundings.cache_dir.clone().ok_or(Failure::NoHome)?;
        Ok(Cache::open(dir, self.cache_limit.0)?)
    }

    /// How images may be reached.
    pub(crate) fn access<'a>(&self, surroundings: &'a Surroundings) -> Access<'a> {
        Access {
            surroundings,
            platform: self.platform.clone(),
            insecure: self.insecure.clone(),
            authorities: self.ca.clone(),
            policy: self.policy_file(surroundings),
            offline: self.offline,
        }
    }

    /// The platform that was asked for.
    pub(crate) fn platform(&self) -> Option<Platform> {
        self.platform.clone()
    }

    /// Who says what these references name, if the network may be used.
    pub(crate) fn resolver(&self, references: &[Reference], surroundings: &Surroundings) -> Result<Resolver, Failure> {
        match references.first() {
            Some(first) if self.offline => Err(Failure::Offline(first.as_typed().to_owned())),
            _ => Resolver::new(&self.access(surroundings)),
        }
    }

    /// The ledger, if there can be one. Without it everything works that does not ask for the past; that is said once.
    pub(crate) fn ledger(&self, surroundings: &Surroundings, printer: &mut Printer) -> Option<Ledger> {
        if self.no_ledger {
            return None;
        }
        match self.open_ledger(surroundings) {
            Ok(ledger) => Some(ledger),
            Err(error) => {
                let why = with_causes(&error);
                printer.say(&format!("{} going on without a ledger: {why}", Tone::Warn.set("note:")));
                None
            }
        }
    }

    /// The ledger, where there is one already: to ask for the past makes none.
    pub(crate) fn ledger_if_there(&self, surroundings: &Surroundings, printer: &mut Printer) -> Option<Ledger> {
        if self.no_ledger {
            return None;
        }
        let place = self.ledger_place(surroundings);
        match place.and_then(|place| Ok(Ledger::open_if_there(&place)?)) {
            Ok(ledger) => ledger,
            // Nobody can have a ledger who has no folder for it.
            Err(Failure::NoState) => None,
            Err(error) => {
                let why = with_causes(&error);
                printer.say(&format!("{} going on without a ledger: {why}", Tone::Warn.set("note:")));
                None
            }
        }
    }

    /// The ledger, for commands that only ask: without one there is nothing to ask about.
    pub(crate) fn open_ledger_if_there(&self, surroundings: &Surroundings) -> Result<Ledger, Failure> {
        Ledger::open_if_there(&self.ledger_place(surroundings)?)?.ok_or(Failure::NothingRetained)
    }

    /// Whether the network may not be used.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }

    /// The client for registries.
    pub(crate) fn registry(&self, surroundings: &Surroundings) -> Result<Registry, Failure> {
        registry(&self.access(surroundings))
    }

    /// The ledger itself, for commands that are about it.
    pub(crate) fn open_ledger(&self, surroundings: &Surroundings) -> Result<Ledger, Failure> {
        Ok(Ledger::open_at(&self.ledger_place(surroundings)?)?)
    }

    /// Where the ledger is: the flag or the environment, else the policy's, else the state folder's.
    pub(crate) fn ledger_place(&self, surroundings: &Surroundings) -> Result<Place, Failure> {
        if let Some(url) = self.ledger.as_ref().or(surroundings.ledger_url.as_ref()) {
            return Ok(url.parse().map_err(LedgerError::from)?);
        }
        if let Some(url) = self.policy(surroundings)?.ledger {
            let place: Place = url.parse().map_err(LedgerError::from)?;
            return Ok(match (place, self.policy_file(surroundings).as_deref().and_then(Path::parent)) {
                (Place::Sqlite(file), Some(folder)) => Place::Sqlite(folder.join(file)),
                (place, _) => place,
            });
        }
        surroundings.ledger_file.clone().map(Place::Sqlite).ok_or(Failure::NoState)
    }

    /// The index of advisories, if somebody made one.
    pub(crate) fn advisories(&self, surroundings: &Surroundings) -> Result<Option<Shelf>, Failure> {
        surroundings.advisories_dir.as_deref().map_or(Ok(None), advisories::open)
    }

    /// Finds and reads one image.
    pub(crate) fn read(
        &self,
        target: &str,
        surroundings: &Surroundings,
        cache: Option<&Cache>,
        printer: &mut Printer,
    ) -> Result<Reading, Failure> {
        self.read_more(target, surroundings, cache, Asked::default(), printer)
    }

    /// Finds and reads one image, and more of it than most want.
    pub(crate) fn read_more(
        &self,
        target: &str,
        surroundings: &Surroundings,
        cache: Option<&Cache>,
        asked: Asked,
        printer: &mut Printer,
    ) -> Result<Reading, Failure> {
        let image = open(target, &self.access(surroundings))?;
        let reading = read(image, cache, Asked { watched: printer.is_watched(), ..asked });
        if let Some(trouble) = &reading.cache_trouble {
            let why = with_causes(trouble);
            printer.say(&format!("{} the cache could not be filled: {why}", Tone::Warn.set("note:")));
        }
        Ok(reading)
    }

    /// The policy: the file given, else the nearest `plimsoll.toml` upward, else the built-in one.
    pub(crate) fn policy(&self, surroundings: &Surroundings) -> Result<Policy, Failure> {
        let Some(path) = self.policy_file(surroundings) else { return Ok(Policy::default()) };
        // A pipe may be named, but one that merely lies there could hang for ever.
        if self.config.is_none() && path.metadata().is_ok_and(|m| !m.is_file()) {
            return Err(file("read", path)(std::io::Error::other("it is not a regular file")));
        }
        policy_at(&path)
    }

    fn policy_file(&self, surroundings: &Surroundings) -> Option<PathBuf> {
        self.config.clone().or_else(|| nearest(&surroundings.here))
    }
}

/// Whatever is there by that name: a link that leads nowhere was meant to be a policy, and must not be none.
fn nearest(here: &Path) -> Option<PathBuf> {
    here.ancestors().map(|folder| folder.join("plimsoll.toml")).find(|path| path.symlink_metadata().is_ok())
}

/// A number of bytes as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(u64);

impl FromStr for Size {
    type Err = String;

    /// Digits, perhaps a fraction, perhaps a unit: `kB`, `MB`, `GB` and `TB` count in thousands, `KiB` and so on, and `K`
    /// and so on as `ls -h` writes them, in 1024.
    fn from_str(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim().to_ascii_lowercase());
        let power = |letter| "kmgt".find(letter).map_or(0, |at| at as i32 + 1);
        let scale = match unit.as_bytes() {
            [] | b"b" => Some(1.0),
            [letter @ (b'k' | b'm' | b'g' | b't'), b'b'] => Some(1000_f64.powi(power(char::from(*letter)))),
            [letter @ (b'k' | b'm' | b'g' | b't')] | [letter @ (b'k' | b'm' | b'g' | b't'), b'i', b'b'] => {
                Some(1024_f64.powi(power(char::from(*letter))))
            }
            _ => None,
        };
        let bytes = match (number.parse::<u64>(), scale) {
            (Ok(bytes), Some(1.0)) => Some(bytes),
            (_, Some(scale)) => number.parse::<f64>().ok().map(|n| n * scale).filter(|b| *b < 1e18).map(|b| b as u64),
            (_, None) => None,
        };
        bytes.map(Self).ok_or_else(|| "write bytes, or a number with a unit such as `500MB` or `4GiB`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("18446744073709551615", u64::MAX),
            ("12 b", 12),
            ("500MB", 500_000_000),
            ("4GiB", 4 << 30),
            ("4g", 4 << 30),
            ("1.5k", 1536),
            ("2TB", 2_000_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for bad in ["", "GB", "-1", "1.2.3k", "4 gibibytes", "9999999999TB", "1e9", "\u{662}k"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
