//! `--prove`: goes and looks at everything that an answer names.

use super::statement::vantage;
use super::{Agreement, Resolution, Standing, Statement};
use crate::failure::with_causes;
use model::oci::{Descriptor, Document};
use model::{Digest, escaped};
use std::collections::{BTreeSet, VecDeque};
use transport::{Registry, Stated, TransportError, Vantage};

/// The most children of an index that are fetched.
const CHILDREN: usize = 64;

/// What is known after looking further.
pub(super) fn further(client: &Registry, found: &Resolution) -> Vec<Statement> {
    let mut statements: Vec<Statement> = head(client, found).into_iter().collect();
    statements.extend(children(client, found));
    statements.extend(vantages(client, found));
    statements
}

/// What tools learn that believe headers: the registry's own answer to a HEAD.
fn head(client: &Registry, found: &Resolution) -> Option<Statement> {
    if found.sighting.vantage != Vantage::Direct {
        return None;
    }
    let wanted = match (&found.agreement, found.reference.digest()) {
        (Some(Agreement::Same), _) | (_, None) => found.reference.tag().unwrap_or("latest").to_owned(),
        (_, Some(digest)) => digest.to_string(),
    };
    let what = "a HEAD states the same digest, type and size";
    Some(match client.stated(&found.reference, &wanted, None) {
        Ok(Some(stated)) => {
            let (standing, why) = compare(&stated, found);
            Statement::new(standing, what, why)
        }
        Ok(None) => Statement::new(Standing::NotChecked, what, "the registry did not answer it"),
        Err(error) => Statement::new(Standing::NotChecked, what, with_causes(&error)),
    })
}

fn compare(stated: &Stated, found: &Resolution) -> (Standing, String) {
    let digest = stated.digest.as_deref().map(escaped);
    match &digest {
        None => return (Standing::NotChecked, "the registry states no digest in answer to it".to_owned()),
        Some(digest) if *digest != found.digest().to_string() => {
            let why = format!("it states {digest}: whoever believes headers gets another image, or the tag just moved");
            return (Standing::Refuted, why);
        }
        Some(_) => {}
    }
    let size = found.sighting.raw().len() as u64;
    match (stated.length, stated.plain_type()) {
        (Some(length), _) if length != size => (Standing::Refuted, format!("it states {length} bytes, not {size}")),
        (_, Some(kind)) if kind != found.sighting.media_type() => {
            (Standing::Refuted, format!("it states the type `{}`", escaped(&kind)))
        }
        _ => (Standing::Claimed, "it was asked; a header is the registry's word".to_owned()),
    }
}

/// Every image of an index, also of the indexes in it, fetched and hashed, each once.
fn children(client: &Registry, found: &Resolution) -> Vec<Statement> {
    let mut open: VecDeque<Descriptor> = found.children().iter().cloned().collect();
    let mut met: BTreeSet<Digest> = BTreeSet::new();
    let mut statements = Vec::new();
    while let Some(child) = open.pop_front() {
        if !met.insert(child.digest) {
            continue;
        }
        if met.len() > CHILDREN {
            let what = format!("{} further manifests are there", open.len() + 1);
            let why = format!("only {CHILDREN} are looked at");
            statements.push(Statement::new(Standing::NotChecked, what, why).of_an_image());
            break;
        }
        let (statement, within) = self::child(client, found, &child);
        statements.push(statement);
        open.extend(within);
    }
    statements
}

/// What is known of a manifest, and what it names itself if it is an index.
fn child(client: &Registry, found: &Resolution, child: &Descriptor) -> (Statement, Vec<Descriptor>) {
    let name = child.platform.as_ref().map(|p| format!(" for {}", escaped(&p.to_string()))).unwrap_or_default();
    let what = format!("manifest {}{name} is there", child.digest);
    let mut within = Vec::new();
    let (standing, why) = match client.sight(&found.reference, &child.digest.to_string()) {
        Ok(seen) if seen.raw().len() as u64 == child.size => {
            if let Document::Index(index) = &seen.document {
                within.clone_from(&index.manifests);
            }
            (Standing::Proved, "it was fetched and hashed".to_owned())
        }
        Ok(seen) => {
            let why = format!("the index says it has {} bytes; it has {}", child.size, seen.raw().len());
            (Standing::Refuted, why)
        }
        Err(error) if super::is_absent(&error) => {
            let why = "the registry has no such manifest; whoever needs it cannot pull";
            (Standing::Refuted, why.to_owned())
        }
        Err(error @ TransportError::Mismatch { .. }) => (Standing::Refuted, with_causes(&error)),
        Err(error) => (Standing::NotChecked, with_causes(&error)),
    };
    (Statement::new(standing, what, why).of_an_image(), within)
}

/// What each other server says that may answer in the registry's place.
fn vantages(client: &Registry, found: &Resolution) -> Vec<Statement> {
    let Some(tag) = found.reference.tag().or_else(|| found.reference.digest().is_none().then_some("latest")) else {
        return Vec::new();
    };
    let expected = match &found.agreement {
        Some(Agreement::Part { index, .. }) => *index,
        _ => found.sighting.digest,
    };
    let others = client.vantages(&found.reference);
    let others = others.into_iter().filter(|other| *other != found.sighting.vantage);
    others
        .map(|other| {
            let who = vantage(&other, &found.reference);
            let what = format!("{who} says the same of tag `{tag}`");
            match client.sight_at(&found.reference, tag, &other) {
                Ok(seen) if seen.digest == expected => {
                    Statement::new(Standing::Claimed, what, "it was asked, and its answer hashed")
                }
                Ok(seen) => Statement::new(Standing::Refuted, what, format!("it names {}", seen.digest)),
                Err(error) => Statement::new(Standing::NotChecked, what, with_causes(&error)),
            }
            .of_a_vantage()
        })
        .collect()
}
