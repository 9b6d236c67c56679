//! CycloneDX in JSON (<https://cyclonedx.org/docs/1.6/json/>).

use super::package::Stated;
use super::{ClaimError, Claims, DEPTH, Gathered};
use model::{Digest, TreePath};
use serde::Deserialize;
use std::borrow::Cow;

type Text<'d> = Cow<'d, str>;

#[derive(Deserialize)]
struct Document<'d> {
    #[serde(borrow, default)]
    metadata: Metadata<'d>,
    #[serde(borrow, default)]
    components: Vec<Component<'d>>,
}

#[derive(Default, Deserialize)]
struct Metadata<'d> {
    #[serde(borrow, default)]
    timestamp: Option<Text<'d>>,
    #[serde(borrow, default)]
    tools: Tools<'d>,
    #[serde(borrow, default)]
    component: Option<Component<'d>>,
}

/// A list until version 1.4, since 1.5 an object of lists.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tools<'d> {
    List(#[serde(borrow)] Vec<Tool<'d>>),
    Lists {
        #[serde(borrow, default)]
        components: Vec<Tool<'d>>,
    },
}

impl Default for Tools<'_> {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

#[derive(Deserialize)]
struct Tool<'d> {
    #[serde(borrow, default)]
    name: Text<'d>,
    #[serde(borrow, default)]
    version: Text<'d>,
}

#[derive(Deserialize)]
struct Component<'d> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'d>,
    #[serde(borrow, default)]
    name: Text<'d>,
    #[serde(borrow, default)]
    version: Option<Text<'d>>,
    #[serde(borrow, default)]
    purl: Option<Text<'d>>,
    #[serde(borrow, default)]
    properties: Vec<Property<'d>>,
    #[serde(borrow, default)]
    evidence: Option<Proof<'d>>,
    #[serde(borrow, default)]
    components: Vec<Component<'d>>,
}

#[derive(Deserialize)]
struct Property<'d> {
    #[serde(borrow, default)]
    name: Text<'d>,
    #[serde(borrow, default)]
    value: Text<'d>,
}

#[derive(Deserialize)]
struct Proof<'d> {
    #[serde(borrow, default)]
    occurrences: Vec<Occurrence<'d>>,
}

#[derive(Deserialize)]
struct Occurrence<'d> {
    #[serde(borrow, default)]
    location: Text<'d>,
}

pub(super) fn read(bytes: &[u8], version: &str, path: &TreePath) -> Result<Claims, ClaimError> {
    if !matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") {
        return Err(ClaimError::Version(format!("CycloneDX {}", model::escaped(version))));
    }
    let document: Document<'_> = serde_json::from_slice(bytes)?;
    let metadata = &document.metadata;
    let mut claims = Claims {
        form: format!("CycloneDX {version}"),
        tools: tools(&metadata.tools),
        made: metadata.timestamp.as_deref().map(str::to_owned),
        name: metadata.component.as_ref().map(|c| c.name.to_string()).filter(|name| !name.is_empty()),
        subject: metadata.component.as_ref().and_then(subject),
        ..Claims::default()
    };
    let mut gathered = Gathered::default();
    // What a distribution's package has inside is judged by the distribution.
    let mut waiting: Vec<(&Component<'_>, bool, usize)> = document.components.iter().map(|c| (c, false, 0)).collect();
    while let Some((component, inside, depth)) = waiting.pop() {
        if depth > DEPTH {
            return Err(ClaimError::Limit { what: "components inside each other", limit: DEPTH });
        }
        if component.kind == "operating-system" {
            claims.distribution.get_or_insert_with(|| system(component));
        } else if !matches!(component.kind.as_ref(), "file" | "data") && !inside {
            gathered.take(component.stated(), path)?;
        }
        let ours = inside || component.is_of_distribution();
        waiting.extend(component.components.iter().map(|c| (c, ours, depth + 1)));
    }
    gathered.finish(&mut claims);
    Ok(claims)
}

fn tools(tools: &Tools<'_>) -> Vec<String> {
    let (Tools::List(all) | Tools::Lists { components: all }) = tools;
    all.iter().map(|tool| format!("{} {}", tool.name, tool.version).trim().to_owned()).collect()
}

/// The digest of the image: a note's, else the version or the purl's, as syft and trivy write it.
fn subject(component: &Component<'_>) -> Option<Digest> {
    let digest = |text: &str| text.rsplit('@').next()?.parse().ok();
    let noted = component.note("plimsoll:subject").and_then(digest);
    let versioned = component.version.as_deref().and_then(digest);
    noted.or(versioned).or_else(|| {
        let purl: model::Purl = component.purl.as_deref()?.parse().ok()?;
        purl.parts().version.parse().ok()
    })
}

fn system(component: &Component<'_>) -> (String, Option<String>) {
    let id = component.note("syft:distro:id").unwrap_or(&component.name);
    let version = component.note("syft:distro:versionID").or(component.version.as_deref());
    (id.to_lowercase(), version.filter(|v| !v.is_empty()).map(str::to_owned))
}

impl Component<'_> {
    fn note(&self, name: &str) -> Option<&str> {
        let note = self.properties.iter().find(|property| property.name == name)?;
        Some(note.value.as_ref()).filter(|value| !value.is_empty())
    }

    fn is_of_distribution(&self) -> bool {
        let purl = self.purl.as_deref().unwrap_or_default();
        ["pkg:deb/", "pkg:apk/", "pkg:rpm/"].iter().any(|kind| purl.starts_with(kind))
    }

    fn stated(&self) -> Stated<'_> {
        let first = |names: &[&str]| names.iter().find_map(|name| self.note(name));
        let occurrence = self.evidence.iter().flat_map(|e| &e.occurrences).map(|o| o.location.as_ref()).next();
        let ours = self.note("plimsoll:source:name");
        let ours = ours.map(|name| (name, self.note("plimsoll:source:version").unwrap_or_default()));
        // Trivy states the source's version in parts; the package's own holds where none is.
        let source = ours.or_else(|| self.note("aquasecurity:trivy:SrcName").map(|name| (name, "")));
        Stated {
            purl: self.purl.as_deref(),
            source,
            path: occurrence.or_else(|| first(&["syft:location:0:path", "aquasecurity:trivy:FilePath"])),
            layer: first(&["plimsoll:layer:index", "syft:location:0:layerID", "aquasecurity:trivy:LayerDiffID"]),
            instruction: self.note("plimsoll:layer:instruction"),
        }
    }
}
