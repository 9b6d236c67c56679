//! SPDX 2 in JSON (<https://spdx.github.io/spdx-spec/v2.3/>).

use super::package::Stated;
use super::{ClaimError, Claims, Gathered};
use model::{Digest, TreePath};
use serde::Deserialize;
use std::borrow::Cow;

type Text<'d> = Cow<'d, str>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'d> {
    #[serde(borrow, default)]
    name: Option<Text<'d>>,
    #[serde(borrow, default)]
    creation_info: Creation<'d>,
    #[serde(borrow, default)]
    packages: Vec<Item<'d>>,
}

#[derive(Default, Deserialize)]
struct Creation<'d> {
    #[serde(borrow, default)]
    created: Option<Text<'d>>,
    #[serde(borrow, default)]
    creators: Vec<Text<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'d> {
    #[serde(borrow, default)]
    version_info: Option<Text<'d>>,
    #[serde(borrow, default)]
    primary_package_purpose: Option<Text<'d>>,
    #[serde(borrow, default)]
    name: Text<'d>,
    #[serde(borrow, default)]
    source_info: Option<Text<'d>>,
    #[serde(borrow, default)]
    external_refs: Vec<Reference<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'d> {
    #[serde(borrow, default)]
    reference_type: Text<'d>,
    #[serde(borrow, default)]
    reference_locator: Text<'d>,
}

pub(super) fn read(bytes: &[u8], version: String, path: &TreePath) -> Result<Claims, ClaimError> {
    let document: Document<'_> = serde_json::from_slice(bytes)?;
    let creators = document.creation_info.creators.iter().filter_map(|c| c.strip_prefix("Tool: "));
    let mut claims = Claims {
        form: version,
        tools: creators.map(str::to_owned).collect(),
        made: document.creation_info.created.as_deref().map(str::to_owned),
        name: document.name.as_deref().map(str::to_owned).filter(|name| !name.is_empty()),
        ..Claims::default()
    };
    let mut gathered = Gathered::default();
    for item in &document.packages {
        match item.primary_package_purpose.as_deref() {
            Some("CONTAINER") => claims.subject = claims.subject.or_else(|| subject(item)),
            Some("OPERATING-SYSTEM" | "OPERATING_SYSTEM") => {
                let version = item.version_info.as_deref().filter(|v| !v.is_empty() && *v != "NOASSERTION");
                claims.distribution.get_or_insert((item.name.to_lowercase(), version.map(str::to_owned)));
            }
            // What a distribution's package has inside is judged by the distribution.
            _ if item.source_info.as_deref().is_some_and(|info| info.starts_with("part of ")) => {}
            _ => gathered.take(stated(item), path)?,
        }
    }
    gathered.finish(&mut claims);
    Ok(claims)
}

/// The digest of the image, where its version or its purl is one.
fn subject(item: &Item<'_>) -> Option<Digest> {
    let version = item.version_info.as_deref().and_then(|v| v.rsplit('@').next()?.parse().ok());
    version.or_else(|| {
        let purl: model::Purl = purl(item)?.parse().ok()?;
        purl.parts().version.parse().ok()
    })
}

fn purl<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    let found = item.external_refs.iter().find(|r| r.reference_type == "purl");
    found.map(|r| r.reference_locator.as_ref())
}

fn stated<'i>(item: &'i Item<'_>) -> Stated<'i> {
    let source = item.source_info.as_deref().and_then(source);
    Stated { purl: purl(item), source, ..Stated::default() }
}

/// The source package in Plimsoll's words (`…; built from source package openssl 3.0.11-1; …`) or Trivy's (`built
/// package from: openssl 3.0.11-1`).
fn source(info: &str) -> Option<(&str, &str)> {
    let behind = |words: &str| info.split_once(words).map(|(_, rest)| rest);
    let rest = behind("built from source package ").or_else(|| behind("built package from: "))?;
    rest.split(';').next()?.trim().split_once(' ')
}
