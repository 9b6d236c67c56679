//! Practice 3: a base that was chosen, and is chosen again in time.

pub(crate) mod distribution_end_of_life;
pub(crate) mod distribution_ends_soon;
pub(crate) mod distribution_unknown;
pub(crate) mod dockerfile;
pub(crate) mod release_not_listed;
pub(crate) mod runtime_end_of_life;
mod runtimes;

use crate::eol::{Cycle, Product, Release};
use crate::evidence::{Evidence, Missing};
use crate::words::clipped;
use facts::os::OsRelease;

/// The distribution and its row in the end-of-life table, if the image is one that is listed.
fn listed<'a>(evidence: &Evidence<'a>) -> Result<Option<(&'a OsRelease, &'a Product, &'a Cycle)>, Missing> {
    let os = evidence.needs_facts()?.os.as_ref();
    Ok(os.and_then(|os| match evidence.eol.distribution(os) {
        Release::Listed(product, cycle) => Some((os, product, cycle)),
        _ => None,
    }))
}

/// What the image says it is, and where.
fn statement(evidence: &Evidence<'_>, os: &OsRelease) -> String {
    let version = os.version_id.as_deref().map_or("no VERSION_ID".to_owned(), |v| format!("VERSION_ID={}", clipped(v)));
    format!(
        "{} says ID={} and {version}, brought by {}",
        clipped(&os.path),
        clipped(&os.id),
        evidence.layer_words(os.layer)
    )
}

/// The table's newest cycle that has not ended, to go to.
fn newest<'a>(evidence: &Evidence<'_>, product: &'a Product) -> Option<&'a Cycle> {
    product.cycles.iter().find(|c| !c.end.is_past(evidence.today))
}
