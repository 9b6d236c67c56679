//! From the ledger's rows to what rules look at: one past a tag and vantage, with what is known of the contents.

use super::super::read::Asked;
use crate::failure::Failure;
use ledger::cache::Cache;
use ledger::{Entry, Ledger, Proof, Vantage};
use model::oci::{Document, ImageConfig, Manifest};
use model::{Digest, Platform, Reference};
use practices::{Contents, Past, Span};
use std::collections::BTreeMap;

/// Rows that are read at a time.
const PAGE: u32 = 1000;

/// The pasts of all tags of a repository, by tag and vantage. What notifications and engines stated is left out: it
/// comes late and out of order, so it shows nothing of the order in which a tag moved.
pub(crate) fn pasts(ledger: &Ledger, cache: Option<&Cache>, repository: &str) -> Result<Vec<Past>, Failure> {
    let mut by_tag: BTreeMap<(String, String), Vec<Entry>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = ledger.page(repository, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for entry in page.into_iter().filter(shows_order) {
            if let Some(tag) = entry.observation.tag.clone() {
                by_tag.entry((tag, entry.observation.vantage.to_string())).or_default().push(entry);
            }
        }
    }
    by_tag
        .into_iter()
        .map(|((tag, vantage), entries)| {
            let spans = spans(ledger, cache, &entries)?;
            Ok(Past { repository: repository.to_owned(), tag, vantage, spans })
        })
        .collect()
}

/// The past of the tag that a reference asks for, as the registry itself showed it, else as seen from wherever most
/// was seen. `None` where nobody looked.
pub(crate) fn past_of(ledger: &Ledger, cache: Option<&Cache>, reference: &Reference) -> Result<Option<Past>, Failure> {
    let (repository, tag) = (reference.name(), reference.tag().unwrap_or("latest").to_owned());
    let mut by_vantage: BTreeMap<Vantage, Vec<Entry>> = BTreeMap::new();
    for entry in ledger.history(&repository, &tag)?.into_iter().filter(shows_order) {
        by_vantage.entry(entry.observation.vantage.clone()).or_default().push(entry);
    }
    let direct = by_vantage.remove_entry(&Vantage::Direct);
    let chosen = direct.or_else(|| by_vantage.into_iter().max_by_key(|(_, entries)| entries.len()));
    let Some((vantage, entries)) = chosen else { return Ok(None) };
    let spans = spans(ledger, cache, &entries)?;
    Ok(Some(Past { repository, tag, vantage: vantage.to_string(), spans }))
}

fn shows_order(entry: &Entry) -> bool {
    !matches!(entry.observation.vantage, Vantage::Notification | Vantage::Engine)
}

/// Rows of one tag from one vantage, those that say the same made one.
fn spans(ledger: &Ledger, cache: Option<&Cache>, entries: &[Entry]) -> Result<Vec<Span>, Failure> {
    let mut spans: Vec<Span> = Vec::new();
    for entry in entries {
        let (digest, proved) = (entry.observation.digest().copied(), entry.observation.proof == Proof::Proved);
        match spans.last_mut().filter(|span| span.digest == digest) {
            Some(span) => {
                span.to = span.to.max(entry.last());
                span.proved |= proved;
            }
            None => {
                // What was counted beside the chain cannot go on after a row that says something else.
                if let Some(before) = spans.last_mut() {
                    before.to = before.to.min(entry.observation.seen.max(before.from));
                }
                let contents = Contents::default();
                spans.push(Span { digest, from: entry.observation.seen, to: entry.last(), proved, contents });
            }
        }
    }
    // A tag that never moved needs no comparison, and most never do.
    if spans.len() > 1 {
        for span in &mut spans {
            if let Some(digest) = span.digest {
                span.contents = contents(ledger, cache, &digest)?;
            }
        }
    }
    Ok(spans)
}

/// What ledger and cache know of the inside of a digest.
fn contents(ledger: &Ledger, cache: Option<&Cache>, digest: &Digest) -> Result<Contents, Failure> {
    let known = |digest: &Digest| -> Result<Option<Vec<u8>>, Failure> {
        Ok(ledger.document(digest)?.or_else(|| cache?.blob(digest)))
    };
    let document = known(digest)?.and_then(|raw| Document::parse(&raw, None).ok());
    let mut of = None;
    let (platforms, manifest) = match document {
        None => return Ok(Contents::default()),
        Some(Document::Manifest(manifest)) => (None, Some(manifest)),
        Some(Document::Index(index)) => {
            let named: Vec<(&Platform, Digest)> =
                index.images().filter_map(|d| Some((d.platform.as_ref()?, d.digest))).collect();
            let compared = super::inside::compared(&index);
            of = compared.and_then(|image| image.platform.as_ref()).map(Platform::to_string);
            let child = compared.map(|image| image.digest);
            let child: Option<Vec<u8>> = child.map(|digest| known(&digest)).transpose()?.flatten();
            let child = child.and_then(|raw| Document::parse(&raw, None).ok());
            let manifest = child.and_then(|d| if let Document::Manifest(m) = d { Some(m) } else { None });
            (Some(named.iter().map(|(platform, digest)| (platform.to_string(), *digest)).collect()), manifest)
        }
    };
    let config: Option<Vec<u8>> = manifest.as_ref().map(|m: &Manifest| known(&m.config.digest)).transpose()?.flatten();
    let config = config.and_then(|raw| ImageConfig::parse(&raw).ok());
    let version = Asked::default().image_version();
    let facts = config.as_ref().zip(cache).and_then(|(c, cache)| cache.image(&c.rootfs.diff_ids, version));
    let package = |p: &model::Package| (format!("{} {}", p.ecosystem.word(), p.name), p.version.clone());
    Ok(Contents {
        platforms,
        of,
        layers: manifest.map(|m| m.layers.iter().map(|l| l.digest).collect()),
        labels: config.map(|c| c.config.labels),
        packages: facts.map(|f| f.packages.iter().map(package).collect()),
    })
}
