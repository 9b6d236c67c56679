//! Many references at once: in parallel, a bounded number to a host, answers in the order of the questions.

use super::{Ask, Resolution, Resolver};
use crate::failure::Failure;
use model::Reference;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use transport::{RegistryError, TransportError};

/// How many requests one host gets at a time.
const PER_HOST: usize = 8;
/// How many hosts are asked at a time.
const HOSTS: usize = 8;

/// The slots of all answers, filled as they come.
type Answers = Mutex<Vec<Option<Result<Resolution, Failure>>>>;

impl Resolver {
    /// What each of `references` names, in their order. One that fails keeps no other from its answer.
    pub(crate) fn resolve_all(&self, references: &[Reference], ask: &Ask) -> Vec<Result<Resolution, Failure>> {
        let mut by_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, reference) in references.iter().enumerate() {
            by_host.entry(reference.registry()).or_default().push(at);
        }
        let hosts: Vec<Vec<usize>> = by_host.into_values().collect();
        let answers: Answers = Mutex::new(references.iter().map(|_| None).collect());
        let next_host = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..hosts.len().min(HOSTS) {
                scope.spawn(|| {
                    while let Some(host) = hosts.get(next_host.fetch_add(1, Ordering::Relaxed)) {
                        self.resolve_host(host, references, ask, &answers);
                    }
                });
            }
        });
        let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.into_iter().flatten().collect()
    }

    /// All questions to one host. The first is asked alone: its sign-in then serves the others. A host that cannot be
    /// reached, or that asks for fewer requests, is not asked again and again.
    fn resolve_host(&self, host: &[usize], references: &[Reference], ask: &Ask, answers: &Answers) {
        let given_up = AtomicBool::new(false);
        let one = |at: usize| {
            let answer = if given_up.load(Ordering::Relaxed) {
                let reference = &references[at];
                let (host, reference) = (reference.registry().to_owned(), reference.as_typed().to_owned());
                Err(Failure::NotAsked { reference, host })
            } else {
                self.resolve(&references[at], ask)
            };
            if answer.as_ref().err().is_some_and(ends_it) {
                given_up.store(true, Ordering::Relaxed);
            }
            answers.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(answer);
        };
        let Some((&first, rest)) = host.split_first() else { return };
        one(first);
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..rest.len().min(PER_HOST) {
                scope.spawn(|| {
                    while let Some(&at) = rest.get(next.fetch_add(1, Ordering::Relaxed)) {
                        one(at);
                    }
                });
            }
        });
    }
}

/// Whether the next question to the same host would fare no better.
fn ends_it(failure: &Failure) -> bool {
    let Failure::Transport(error) = failure else { return false };
    let TransportError::Registry { source, .. } = &**error else { return false };
    matches!(**source, RegistryError::Unreachable { .. } | RegistryError::Busy { .. } | RegistryError::Host { .. })
}
