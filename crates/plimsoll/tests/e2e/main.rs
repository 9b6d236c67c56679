//! Tests against the real thing: a Debian image by mmdebstrap and umoci, carried by skopeo to a real registry, a real
//! Docker Engine and archives. `cargo xtask test` prepares the parts; nothing here is skipped when one is missing.

#![allow(missing_docs, reason = "tests")]

mod copy;
mod documents;
mod forged;
mod inspect;
mod interrupt;
mod layers;
mod ledger;
mod parts;
mod pin;
mod program;
mod registries;
mod running;
mod tags;
mod transports;
