//! One chore a file.

pub(crate) mod e2e;
pub(crate) mod test;
