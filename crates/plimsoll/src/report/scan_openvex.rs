//! A scan as OpenVEX, through the format's own module: what was decided with its status and reason, everything else as
//! under investigation, since a scanner's match decides nothing.

use super::scan_lines::{Line, lines};
use crate::failure::Failure;
use crate::ops::{Listed, Reading, Scanned};
use documents::openvex::{Statement, Status, Vex, write as write_vex};
use jiff::civil::Date;
use model::{Digest, Disposition};
use std::collections::BTreeSet;

/// Said of what nobody decided about.
const UNDECIDED: &str = "matched by a scan; nobody has decided about it";

/// The document over all targets. Its author is who answers for the decisions.
pub(crate) fn write(all: &[Scanned], today: Date) -> Result<Vec<u8>, Failure> {
    let lines: Vec<(Line<'_>, String, Option<Digest>)> = all.iter().flat_map(of_target).collect();
    let owners: BTreeSet<&str> = lines.iter().filter_map(|(line, ..)| Some(line.ruling()?.owner.as_str())).collect();
    let owners = owners.into_iter().collect::<Vec<_>>().join(", ");
    let reasons: Vec<String> = lines.iter().map(|(line, ..)| line.reason()).collect();
    let tooling = format!("plimsoll {}", env!("CARGO_PKG_VERSION"));
    let vex = Vex {
        author: if owners.is_empty() { "plimsoll" } else { &owners },
        timestamp: &format!("{today}T00:00:00Z"),
        tooling: &tooling,
        statements: lines.iter().zip(&reasons).map(|(line, reason)| statement(line, reason)).collect(),
    };
    let mut out = Vec::new();
    write_vex(&vex, &mut out)?;
    Ok(out)
}

fn of_target(scanned: &Scanned) -> impl Iterator<Item = (Line<'_>, String, Option<Digest>)> {
    let product = product(&scanned.reading);
    let digest = scanned.reading.image.subject.map(|subject| *subject.digest());
    lines(scanned).map(move |line| (line, product.clone(), digest))
}

/// The image by its package URL where it is in a repository, else by what it is.
fn product(reading: &Reading) -> String {
    let purl = documents::image_purl(&Listed::of(reading).bill()).map(|purl| purl.as_str().to_owned());
    let subject =
        || reading.image.subject.map(|subject| format!("urn:plimsoll:{}:{}", subject.kind(), subject.digest()));
    purl.or_else(subject).unwrap_or_else(|| "urn:plimsoll:unnamed".to_owned())
}

fn statement<'a>((line, product, hash): &'a (Line<'a>, String, Option<Digest>), reason: &'a str) -> Statement<'a> {
    let status = match line.disposition() {
        Disposition::NotAffected => {
            let justification = line.ruling().and_then(|ruling| ruling.justification).unwrap_or_default();
            Status::NotAffected { justification, impact: reason }
        }
        Disposition::Accepted => Status::Affected { action: reason },
        Disposition::Fixed => Status::Fixed { notes: reason },
        Disposition::UnderInvestigation => Status::UnderInvestigation { notes: reason },
        Disposition::Open => Status::UnderInvestigation { notes: UNDECIDED },
    };
    Statement {
        vulnerability: &line.vulnerability.id,
        aliases: &line.vulnerability.aliases,
        timestamp: line.ruling().map(|ruling| format!("{}T00:00:00Z", ruling.made)),
        product: product.clone(),
        hash: *hash,
        parts: line.packages().map(|package| package.purl.as_str()).collect(),
        status,
    }
}
