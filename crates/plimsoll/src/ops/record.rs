//! What was seen of tags, written into the ledger.

use crate::failure::Failure;
use jiff::Timestamp;
use ledger::{Ledger, LedgerError, Observation, Receipt, Vantage};
use model::{Digest, Reference};

/// The program as the ledger's rows name it.
pub(super) const WITNESS: &str = concat!("plimsoll ", env!("CARGO_PKG_VERSION"));

/// One reference resolved: the raw document that it named, hashed.
pub(crate) struct Sight<'a> {
    /// What was asked for. Its tag is what is recorded; one that was pinned says nothing of where its tag points.
    pub(crate) reference: &'a Reference,
    /// The digest of `raw`.
    pub(crate) digest: Digest,
    /// The manifest or index as it came.
    pub(crate) raw: &'a [u8],
    /// Its `Content-Type`.
    pub(crate) stated_type: Option<&'a str>,
    /// From where it came.
    pub(crate) vantage: Vantage,
}

/// Records what was seen at `now`: all of it, on the disk, or nothing.
pub(crate) fn record(ledger: &Ledger, sights: &[Sight<'_>], now: Timestamp) -> Result<Receipt, Failure> {
    let observations: Vec<Observation> =
        sights.iter().map(|sight| sight.observation(now)).collect::<Result<_, LedgerError>>()?;
    Ok(ledger.observe(&observations)?)
}

impl Sight<'_> {
    fn observation(&self, now: Timestamp) -> Result<Observation, LedgerError> {
        let name = self.reference.name();
        // With a digest the registry was asked for that, and the tag beside it was not looked at.
        let tag = match (self.reference.digest(), self.reference.tag()) {
            (Some(_), _) => None,
            (None, tag) => Some(tag.unwrap_or("latest")),
        };
        let seen = Observation::proved(&name, tag, self.digest, self.raw, self.stated_type);
        let why = "its document is neither a manifest nor an index";
        let seen = seen.map_err(|_| LedgerError::Invalid { repository: name, why })?;
        Ok(seen.by(now, self.vantage.clone(), WITNESS))
    }
}
