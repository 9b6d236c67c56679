//! From one target to another.

use super::open::{Access, engine, registry};
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use transport::{Copied, CopyOptions, Destination, Origin, Registry, Target, TargetError, copy as carry};

/// What to copy, and where to.
pub(crate) struct CopyRequest<'a> {
    pub(crate) source: &'a str,
    pub(crate) destination: &'a str,
    pub(crate) referrers: bool,
    pub(crate) jobs: usize,
    /// Whether somebody sees a bar.
    pub(crate) watched: bool,
}

/// A copy that was made.
pub(crate) struct Copying {
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) copied: Copied,
}

/// Copies an image; an interrupt in the midst leaves no upload and no half-written file behind.
pub(crate) fn copy(request: &CopyRequest<'_>, access: &Access<'_>) -> Result<Copying, Failure> {
    let client = registry(access)?;
    let from = Target::parse(request.source)?;
    let to = Target::parse(request.destination).map_err(|error| match error {
        // What is to be made is not there yet, so its form has to be written.
        TargetError::NotThere { text, .. } => Failure::NotCopied(text),
        other => other.into(),
    })?;
    let stop = Arc::new(AtomicBool::new(false));
    let _cleaning = interrupt::before_ending(cleaner(&client, &stop));
    let origin = origin(from, request.source, &client, access)?;
    let mut destination = destination(to, request.destination, &origin, &client, access)?;
    let bar = Progress::new(request.watched, 0, &format!("copying {}", request.source));
    let options = CopyOptions {
        platform: access.platform.clone(),
        referrers: request.referrers,
        jobs: request.jobs,
        stop: Arc::clone(&stop),
        progress: &|step| match step {
            transport::CopyStep::More(bytes) => bar.expect(bytes),
            transport::CopyStep::Done(bytes) => bar.add(bytes),
        },
    };
    let copied = carry(&origin, &mut destination, &options)?;
    let (source, destination) = (request.source.to_owned(), request.destination.to_owned());
    Ok(Copying { source, destination, copied })
}

/// What an interrupt does: all streams end, each upload is cancelled by whoever holds it, or else from here.
fn cleaner(client: &Registry, stop: &Arc<AtomicBool>) -> interrupt::Cleaner {
    let (client, again, stop) = (client.clone(), client.clone(), Arc::clone(stop));
    interrupt::Cleaner {
        stop: Box::new(move || {
            stop.store(true, Ordering::Relaxed);
            client.stop();
        }),
        last: Box::new(move || again.cancel_uploads()),
    }
}

fn origin(target: Target, text: &str, client: &Registry, access: &Access<'_>) -> Result<Origin, Failure> {
    match target {
        Target::Registry(reference) if access.offline => Err(Failure::Offline(reference.as_typed().to_owned())),
        Target::Registry(reference) => Ok(Origin::registry(&reference, client)?),
        Target::Docker(name) => Ok(Origin::engine(&name, &engine(access)?)?),
        Target::Source(_) | Target::Rootfs(_) => Err(Failure::NotCopied(text.to_owned())),
        local => Ok(Origin::local(&local, access.platform.as_ref())?),
    }
}

fn destination(
    target: Target,
    text: &str,
    origin: &Origin,
    client: &Registry,
    access: &Access<'_>,
) -> Result<Destination, Failure> {
    match target {
        Target::Registry(reference) if access.offline => Err(Failure::Offline(reference.as_typed().to_owned())),
        Target::Registry(reference) => Ok(Destination::registry(&reference, origin.tag(), client)?),
        Target::Docker(name) => Ok(Destination::engine(&name, engine(access)?, &access.surroundings.temporary)?),
        Target::Source(_) | Target::Rootfs(_) => Err(Failure::NotCopied(text.to_owned())),
        local => Ok(Destination::local(&local)?),
    }
}
