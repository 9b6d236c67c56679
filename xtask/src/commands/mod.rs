//! One chore a file.

pub(crate) mod bench;
pub(crate) mod bench_layers;
pub(crate) mod bench_registry;
pub(crate) mod bench_running;
pub(crate) mod bench_scan;
pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod e2e;
pub(crate) mod floor;
pub(crate) mod hostile;
pub(crate) mod images;
pub(crate) mod pin;
pub(crate) mod proof;
pub(crate) mod rules;
pub(crate) mod test;
pub(crate) mod truth;
