//! Tags over time: listed, watched, told, judged.

mod audit;
mod inside;
pub(crate) mod listen;
mod past;
mod table;
mod watch;

pub(crate) use audit::{Audit, audit};
pub(crate) use past::past_of;
pub(crate) use table::{Table, Tag, table};
pub(crate) use watch::{Event, Look, Watch, Watched};
