//! Uploads that are open, so that none is left behind: who gives one up cancels it, whatever the reason.

use super::ask::Ask;
use super::endpoint::Repository;
use super::remote::Remote;
use super::scope::Rights;
use super::{Inner, Registry};
use reqwest::{Method, Url};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The last number given, and where each open upload goes on.
type Open = (u64, BTreeMap<u64, (Repository, Url)>);

/// All open uploads of a client, and whether it has been told to stop.
#[derive(Default)]
pub(super) struct Sessions {
    open: Mutex<Open>,
    stopped: AtomicBool,
}

impl Sessions {
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn change<T>(&self, change: impl FnOnce(&mut Open) -> T) -> T {
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One open upload; cancelled when dropped, unless it was finished.
pub(super) struct Session {
    client: Arc<Inner>,
    number: u64,
    at: Url,
}

impl Remote {
    /// An upload that goes on at `at`.
    pub(super) fn session(&self, at: Url) -> Session {
        let number = self.client.sessions.change(|(next, open)| {
            *next += 1;
            open.insert(*next, (self.repository.clone(), at.clone()));
            *next
        });
        Session { client: Arc::clone(&self.client), number, at }
    }
}

impl Session {
    /// Where the upload goes on.
    pub(super) fn at(&self) -> Url {
        self.at.clone()
    }

    pub(super) fn move_to(&mut self, at: Url) {
        self.client.sessions.change(|(_, open)| {
            if let Some(entry) = open.get_mut(&self.number) {
                entry.1 = at.clone();
            }
        });
        self.at = at;
    }

    /// The upload is finished, or gone: there is nothing to cancel.
    pub(super) fn disarm(&mut self) {
        self.client.sessions.change(|(_, open)| open.remove(&self.number));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let left = self.client.sessions.change(|(_, open)| open.remove(&self.number));
        if let Some((repository, at)) = left {
            cancel(&self.client, &repository, at);
        }
    }
}

/// A registry that does not take the cancellation clears the upload away by itself, later.
fn cancel(client: &Arc<Inner>, repository: &Repository, at: Url) {
    let _ = client.ask(repository, &repository.scope(Rights::PUSH), &Ask::new(Method::DELETE, at));
}

impl Registry {
    /// Makes all uploads and downloads for uploads end with an error soon; each cancels its upload itself.
    pub fn stop(&self) {
        self.0.sessions.stop();
    }

    /// Cancels the uploads that are still open, whoever holds them: the last thing before a program ends by force.
    pub fn cancel_uploads(&self) {
        let open = self.0.sessions.change(|(_, open)| std::mem::take(open));
        for (repository, at) in open.into_values() {
            cancel(&self.0, &repository, at);
        }
    }
}
