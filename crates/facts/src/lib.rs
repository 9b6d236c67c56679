//! Bytes to what an image holds.
//!
//! Two steps, so that each can be cached and each can improve alone. While a layer streams by, [`layer`]
//! verifies it, lists its entries and *keeps* what readers may want (package databases, metadata, a few bytes
//! of programs): that is ground, keyed by diffID. Then the layers are squashed into a [`Tree`] and the
//! [`packages`] readers *read* what was kept of the visible files. A better reader therefore never needs the
//! layer again. No IO beyond the readers handed in, no clock, no environment.

mod aliases;
mod assemble;
pub mod dive;
pub mod elf;
mod entry;
pub mod image;
pub mod keep;
pub mod layer;
pub mod licence;
mod limits;
mod long_hash;
mod looks;
mod managers;
mod merkle;
pub mod notes;
mod obstacles;
pub mod os;
pub mod packages;
pub mod residue;
pub mod secrets;
mod settle;
pub mod tar;
#[cfg(test)]
mod testing;
mod tree;
mod vanished;
mod view;
pub mod waste;

pub use assemble::{FACTS_VERSION, assemble, assemble_in_full};
pub use entry::{Entry, Kind, LayerFacts, Nature};
pub use limits::Limits;
pub use looks::{looks, looks_for};
pub use merkle::merkle;
pub use tree::{Hidden, Hiding, Tree, Visible};
pub use view::{File, View};
