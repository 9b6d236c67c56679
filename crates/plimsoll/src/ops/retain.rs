//! The SBOM of every image that was read, retained by its digest: also when the image is gone.

use super::Reading;
use crate::failure::Failure;
use documents::{Bill, Options, Tool, cyclonedx};
use facts::FACTS_VERSION;
use jiff::{SignedDuration, Timestamp};
use ledger::{Ledger, NewBill};
use model::Subject;
use model::oci::{Descriptor, ImageConfig};
use practices::instruction;

/// The form of what is retained.
const FORM: &str = "cyclonedx-json@1.6";

/// What made it: this program, and the readers that it has.
fn maker() -> String {
    format!("plimsoll {} facts {FACTS_VERSION}", env!("CARGO_PKG_VERSION"))
}

/// What of a reading a bill of materials borrows.
pub(crate) struct Listed<'r> {
    reading: &'r Reading,
    blobs: Vec<Descriptor>,
    config: Option<ImageConfig>,
}

impl<'r> Listed<'r> {
    pub(crate) fn of(reading: &'r Reading) -> Self {
        let blobs = reading.image.manifest.as_ref().map(|m| m.layers.clone()).unwrap_or_default();
        Self { reading, blobs, config: told(reading) }
    }

    /// The bill, made by this program, with nothing that only somebody outside of the image knows.
    pub(crate) fn bill(&self) -> Bill<'_> {
        let image = &self.reading.image;
        Bill {
            facts: &self.reading.facts,
            subject: image.subject,
            name: &image.target,
            reference: image.reference.as_ref(),
            platform: Some(&image.platform),
            config: self.config.as_ref(),
            blobs: &self.blobs,
            tool: Tool { name: "plimsoll", version: env!("CARGO_PKG_VERSION") },
            created: None,
            options: Options { bsi: false, creator: None },
        }
    }
}

/// The config with its instructions as they stand in reports: an SBOM is handed on, so it must not repeat the values of
/// build arguments and other secrets that the history tells.
fn told(reading: &Reading) -> Option<ImageConfig> {
    let config = reading.image.config.as_ref()?;
    let count = reading.facts.layers.len();
    let mut told = config.clone();
    for (number, step) in told.history.iter_mut().filter(|step| !step.empty_layer).enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        step.created_by = instruction(config, count, number).unwrap_or_default();
    }
    Some(told)
}

/// Whether there is something to retain: an image with an identity, of which everything could be read. A root
/// filesystem changes under its name, and what an SBOM claims is no fact.
pub(crate) fn is_retained(reading: &Reading) -> bool {
    let identity = matches!(reading.image.subject, Some(Subject::Manifest(_) | Subject::Config(_)));
    let mut unknowns = reading.facts.unknowns.iter().chain(&reading.unknowns);
    identity && reading.claims.is_none() && !unknowns.any(|unknown| unknown.kind.blocks())
}

/// Retains what was read, if there is something to retain, for `days` from now on.
pub(crate) fn retain(reading: &Reading, ledger: &Ledger, now: Timestamp, days: u32) -> Result<(), Failure> {
    let Some(subject) = reading.image.subject.filter(|_| is_retained(reading)) else { return Ok(()) };
    let maker = maker();
    let hour = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
    if ledger.has_bill(&subject, &reading.image.target, &maker, hour)? {
        return Ok(());
    }
    let mut document = Vec::new();
    cyclonedx::write(&Listed::of(reading).bill(), cyclonedx::Version::V1_6, &mut document)?;
    let platform = reading.image.platform.to_string();
    let bill = NewBill {
        subject: &subject,
        target: &reading.image.target,
        platform: &platform,
        form: FORM,
        maker: &maker,
        document: &document,
    };
    let until = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN);
    Ok(ledger.retain(bill, now, until)?)
}

/// The retained document of an image: by the digest or its beginning, else by what it was called, the one read last.
pub(crate) fn retained(ledger: &Ledger, image: &str) -> Result<(ledger::Bill, Vec<u8>), Failure> {
    let bills = ledger.bills()?;
    let hex = image.strip_prefix("sha256:").or_else(|| image.rsplit_once("@sha256:").map(|(_, hex)| hex));
    let hex = hex.unwrap_or(image);
    let digest = |bill: &ledger::Bill| {
        let own = bill.subject.rsplit(':').next().unwrap_or_default();
        hex.len() >= SHORTEST && own.starts_with(hex)
    };
    let called = |bill: &ledger::Bill| bill.target == image;
    let found = bills.iter().filter(|bill| digest(bill) || called(bill)).max_by_key(|bill| bill.last);
    let bill = found.ok_or_else(|| Failure::NotRetained(image.to_owned()))?;
    let document = ledger.bill(bill)?.ok_or_else(|| Failure::NotRetained(image.to_owned()))?;
    Ok((bill.clone(), document))
}

/// The fewest digits of a digest that are taken for one.
const SHORTEST: usize = 12;
