//! `plimsoll tags watch`.

use super::Outcome;
use super::common::Common;
use crate::failure::{Failure, count, with_causes};
use crate::interrupt;
use crate::ops::tags::listen::{self, Door, Hint};
use crate::ops::tags::{Look, Watch, Watched};
use crate::printer::{Printer, Tone};
use crate::report::tags_text;
use crate::surroundings::{Surroundings, now};
use ledger::Ledger;
use model::Reference;
use std::net::{SocketAddr, TcpListener};
use std::str::FromStr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};
use transport::Registry;

/// Hints that wait to be looked into; more are dropped, and the next round finds out.
const INBOX: usize = 1024;
/// How soon a hint is heard and SIGTERM heeded.
const BEAT: Duration = Duration::from_millis(200);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Repositories, with all their tags, or single tags of them.
    #[arg(value_name = "REPO[:TAG]", required = true)]
    references: Vec<Reference>,
    /// Look once and end; for cron and systemd.
    #[arg(long, conflicts_with = "interval")]
    once: bool,
    /// How long to wait between rounds: `30s`, `5m`, `2h`.
    #[arg(long, value_name = "TIME", default_value = "5m")]
    interval: Interval,
    /// Receive a registry's notifications here, and look at once at what they name.
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "once")]
    listen: Option<SocketAddr>,
    /// What senders of notifications must have as `Authorization: Bearer`; needed beyond loopback.
    #[arg(long, value_name = "TOKEN", env = "PLIMSOLL_LISTEN_TOKEN", hide_env_values = true, requires = "listen")]
    listen_token: Option<String>,
}

/// A time between rounds, at least a second.
#[derive(Clone, Copy, Debug)]
struct Interval(Duration);

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time: expected a number and `s`, `m` or `h`, such as `5m`");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        match number.checked_mul(seconds) {
            Some(1..) if number * seconds <= 7 * 24 * 3600 => Ok(Self(Duration::from_secs(number * seconds))),
            _ => Err(format!("`{text}` is not between a second and a week")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if common.is_offline() {
        return Err(Failure::Offline(args.references.first().map_or(String::new(), |r| r.as_typed().to_owned())));
    }
    let registry = common.registry(surroundings)?;
    let ledger = common.open_ledger(surroundings)?;
    let watched = watched(&args.references);
    interrupt::gently();
    if args.once {
        let failed = round(&registry, &ledger, &watched, printer)?;
        return Ok(if failed { 2 } else { 0 });
    }
    let inbox = args.listen.map(|address| open(address, args.listen_token.clone(), printer)).transpose()?;
    let mut doubts = Vec::new();
    while !interrupt::stopped() {
        let next = Instant::now() + args.interval.0;
        round(&registry, &ledger, &watched, printer)?;
        match &inbox {
            None => {
                interrupt::wait(next.saturating_duration_since(Instant::now()));
            }
            Some(inbox) => {
                let ear = Ear { inbox, registry: &registry, ledger: &ledger, watched: &watched };
                ear.hear(next, &mut doubts, printer)?;
            }
        }
    }
    printer.say("stopped");
    Ok(0)
}

/// Repositories, each once: all of their tags if one was named without a tag.
fn watched(references: &[Reference]) -> Vec<Watched> {
    let mut all: Vec<Watched> = Vec::new();
    for reference in references {
        let tag = reference.tag().map(str::to_owned);
        match all.iter_mut().find(|w| w.repository.name() == reference.name()) {
            Some(known) => match (&mut known.tags, tag) {
                (Some(tags), Some(tag)) if !tags.contains(&tag) => tags.push(tag),
                (tags, None) => *tags = None,
                _ => {}
            },
            None => all.push(Watched { repository: reference.clone(), tags: tag.map(|tag| vec![tag]) }),
        }
    }
    all
}

fn watch<'a>(registry: &'a Registry, ledger: &'a Ledger) -> Watch<'a> {
    Watch { registry, ledger, on: &|| !interrupt::stopped(), clock: &now }
}

/// Looks at everything once and tells what changed; whether something could not be asked.
fn round(registry: &Registry, ledger: &Ledger, watched: &[Watched], printer: &mut Printer) -> Result<bool, Failure> {
    let mut failed = false;
    for repository in watched {
        if interrupt::stopped() {
            break;
        }
        match watch(registry, ledger).round(repository) {
            Ok(look) => failed |= tell(&repository.repository, &look, printer)?,
            // The ledger's own trouble ends the watch; a registry's may pass.
            Err(failure @ (Failure::Ledger(_) | Failure::Output(_))) => return Err(failure),
            Err(failure) => {
                failure.tell(printer);
                failed = true;
            }
        }
    }
    Ok(failed)
}

fn tell(repository: &Reference, look: &Look, printer: &mut Printer) -> Result<bool, Failure> {
    let name = repository.name();
    printer.data(look.events.iter().map(|event| tags_text::event(&name, event)).collect::<String>().as_bytes())?;
    for (tag, failure) in &look.failures {
        printer.warn(&format!("{} {name}:{tag}: {}", Tone::Bad.set("error:"), with_causes(failure)));
    }
    printer.say(&format!(
        "{name}: {} looked at, {} unchanged, {} new, moved or gone, {} not to be had",
        count(look.tags, "tag"),
        look.unchanged,
        look.events.len(),
        look.failures.len()
    ));
    Ok(!look.failures.is_empty())
}

fn open(address: SocketAddr, token: Option<String>, printer: &mut Printer) -> Result<Receiver<Hint>, Failure> {
    if !listen::is_loopback(&address) && token.is_none() {
        return Err(Failure::OpenDoor(address.to_string()));
    }
    let fail = |source| Failure::File { what: "listen at", path: address.to_string().into(), source };
    let listener = TcpListener::bind(address).map_err(fail)?;
    printer.warn(&format!("listening at {}", listener.local_addr().map_err(fail)?));
    let (sender, inbox) = sync_channel(INBOX);
    std::thread::spawn(move || listen::receive(&listener, &Door { token }, &sender));
    Ok(inbox)
}

/// What hears notifications, and looks at what they name.
struct Ear<'a> {
    inbox: &'a Receiver<Hint>,
    registry: &'a Registry,
    ledger: &'a Ledger,
    watched: &'a [Watched],
}

impl Ear<'_> {
    /// Looks at what notifications name, until the next round is due. `doubts` last from round to round.
    fn hear(&self, next: Instant, doubts: &mut Vec<Doubt>, printer: &mut Printer) -> Result<(), Failure> {
        while !interrupt::stopped() && Instant::now() < next {
            let wait = BEAT.min(next.saturating_duration_since(Instant::now()));
            let first = self.inbox.recv_timeout(wait).ok();
            // A push of one image is several notifications; a tag is looked at once for all of them.
            let mut hints: Vec<(Hint, usize)> =
                first.into_iter().chain(self.inbox.try_iter()).map(|hint| (hint, 0)).collect();
            let now = Instant::now();
            hints.extend(doubts.extract_if(.., |doubt| doubt.due <= now).map(|doubt| (doubt.hint, doubt.tries)));
            for repository in self.watched {
                self.look_into(&hints, repository, doubts, printer)?;
            }
        }
        Ok(())
    }

    fn look_into(
        &self,
        hints: &[(Hint, usize)],
        repository: &Watched,
        doubts: &mut Vec<Doubt>,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        let of_it: Vec<Hint> = hints.iter().map(|(hint, _)| hint.clone()).collect();
        let tags = hinted(&of_it, repository, self.ledger)?;
        if tags.is_empty() {
            return Ok(());
        }
        let mut look = Look::default();
        watch(self.registry, self.ledger).batch(repository, &tags, &mut look)?;
        tell(&repository.repository, &look, printer)?;
        let ours = |hint: &Hint| hint.repository == repository.repository.repository();
        for (hint, tries) in hints.iter().filter(|(hint, _)| ours(hint)) {
            match after(hint, *tries, repository, self.ledger)? {
                After::Done => {}
                After::Again(doubt) if doubts.len() < INBOX && !doubts.iter().any(|d| d.hint == doubt.hint) => {
                    doubts.push(doubt);
                }
                After::Again(_) => {}
                After::NeverShown(why) => printer.warn(&format!("{} {why}", Tone::Warn.set("note:"))),
            }
        }
        Ok(())
    }
}

/// A push that the registry did not show yet: some send the notification before they move the tag.
struct Doubt {
    hint: Hint,
    tries: usize,
    due: Instant,
}

/// What is left to do for a hint that was looked into.
enum After {
    Done,
    Again(Doubt),
    /// It said what the registry never showed.
    NeverShown(String),
}

/// How long to wait before a push that is not to be seen yet is looked for again, and again.
const PATIENCE: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20)];

/// A digest that never shows is told and is no observation: anybody may send a notification, so none makes a row.
fn after(hint: &Hint, tries: usize, watched: &Watched, ledger: &Ledger) -> Result<After, Failure> {
    let (Some(tag), Some(digest), false) = (&hint.tag, hint.digest, hint.removed) else { return Ok(After::Done) };
    let name = watched.repository.name();
    let shown = ledger.last_direct(&name, tag)?.and_then(|e| e.observation.digest().copied());
    if shown == Some(digest) || watched.tags.as_ref().is_some_and(|only| !only.contains(tag)) {
        return Ok(After::Done);
    }
    Ok(match PATIENCE.get(tries) {
        Some(wait) => After::Again(Doubt { hint: hint.clone(), tries: tries + 1, due: Instant::now() + *wait }),
        None => {
            let shows = shown.map_or_else(|| "shows no such tag".to_owned(), |now| format!("shows {now}"));
            After::NeverShown(format!(
                "a notification said that {name}:{tag} was pushed as {digest}; the registry {shows}. \
                 It came too late, was passed by a later push, or is not true"
            ))
        }
    })
}

/// The tags of a watched repository that the hints concern. A removal names a digest alone: then those that had it.
fn hinted(hints: &[Hint], watched: &Watched, ledger: &Ledger) -> Result<Vec<String>, Failure> {
    let ours = hints.iter().filter(|hint| hint.repository == watched.repository.repository());
    let mut tags = Vec::new();
    for hint in ours {
        match (&hint.tag, hint.digest.filter(|_| hint.removed)) {
            (Some(tag), _) => tags.push(tag.clone()),
            (None, Some(digest)) => {
                let known = ledger.tags(&watched.repository.name())?.into_iter();
                tags.extend(
                    known.filter(|e| e.observation.digest() == Some(&digest)).filter_map(|e| e.observation.tag),
                );
            }
            (None, None) => {}
        }
    }
    tags.retain(|tag| watched.tags.as_ref().is_none_or(|only| only.contains(tag)));
    tags.sort();
    tags.dedup();
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_between_rounds() {
        let seconds = |text: &str| text.parse::<Interval>().map(|i| i.0.as_secs()).ok();
        assert_eq!(["1s", "5m", "2h", "7s"].map(seconds), [Some(1), Some(300), Some(7200), Some(7)]);
        assert_eq!(["", "5", "0s", "m", "-1m", "5 m", "9999999999999999h", "900h", "5d", "ü"].map(seconds), [None; 10]);
    }

    #[test]
    fn a_repository_is_watched_once() {
        let references: Vec<Reference> = ["a/b:1", "a/b:2", "a/b:1", "c/d:1", "c/d"].map(|r| r.parse().unwrap()).into();
        let tags: Vec<Option<Vec<String>>> = watched(&references).into_iter().map(|w| w.tags).collect();
        assert_eq!(tags, [Some(vec!["1".to_owned(), "2".to_owned()]), None]);
    }

    #[test]
    fn a_push_that_never_shows_is_told_at_last_and_makes_no_row() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path().join("l.db").to_str().unwrap()).unwrap();
        let watched = Watched { repository: "r.example/app".parse().unwrap(), tags: None };
        let digest = Some(model::Digest::of(b"never"));
        let hint = |removed| Hint { repository: "app".to_owned(), tag: Some("1".to_owned()), digest, removed };
        for tries in 0..PATIENCE.len() {
            let next = after(&hint(false), tries, &watched, &ledger).unwrap();
            assert!(matches!(next, After::Again(doubt) if doubt.tries == tries + 1));
        }
        let After::NeverShown(why) = after(&hint(false), PATIENCE.len(), &watched, &ledger).unwrap() else {
            panic!("it is not told")
        };
        assert!(why.contains("r.example/app:1 was pushed as sha256:") && why.contains("shows no such tag"), "{why}");
        assert!(matches!(after(&hint(true), 0, &watched, &ledger).unwrap(), After::Done));
        let other = Watched { tags: Some(vec!["2".to_owned()]), ..watched };
        assert!(matches!(after(&hint(false), 0, &other, &ledger).unwrap(), After::Done));
        assert_eq!(ledger.status().unwrap().observations, 0);
    }
}
