//! One reader's packages, handed over together: indices made right, and never more than the limit.

use super::{Found, Reading};
use crate::limits::Limits;
use model::{Unknown, UnknownKind};

/// Adds `found`, whose indices count from its own start, to `reading`.
pub(crate) fn deliver(mut found: Vec<Found>, reading: &mut Reading) {
    let limit = Limits::default().packages;
    if found.len() > limit {
        let why = format!("{} packages of one ecosystem: more than `packages` = {limit}", found.len());
        reading.unknowns.push(Unknown::new(UnknownKind::Limit, why));
        found.truncate(limit);
    }
    let (start, count) = (reading.found.len(), found.len());
    for (index, mut one) in found.into_iter().enumerate() {
        one.depends_on.retain(|at| *at < count && *at != index);
        one.depends_on.sort_unstable();
        one.depends_on.dedup();
        one.depends_on.iter_mut().for_each(|at| *at += start);
        one.bundled_in = one.bundled_in.filter(|at| *at < count && *at != index).map(|at| at + start);
        reading.found.push(one);
    }
}
