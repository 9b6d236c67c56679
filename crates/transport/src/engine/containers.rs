//! What an engine runs: its containers, and what it knows of their images
//! (<https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container>). Docker and Podman answer alike.

use super::{ANSWER_LIMIT, ANSWER_TIME, Engine, EngineError, check_name};
use crate::registry::web::root;
use jiff::Timestamp;
use model::{Digest, Platform};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Read as _;

/// A container, as its engine tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The engine's own identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image as it was asked for when the container was made: a reference, or an identifier.
    pub asked: String,
    /// What it was made from: the digest of the config in the classic store, of index or manifest in containerd's.
    pub image: Digest,
    /// `running`, `exited`…
    pub state: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Project and service, where Compose made it.
    pub service: Option<(String, String)>,
}

/// An image that an engine holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its digest, as in [`Container::image`].
    pub id: Digest,
    /// `repository:tag`, as the engine shortens it.
    pub tags: Vec<String>,
    /// `repository@digest`: what was pulled, or was pushed.
    pub digests: Vec<String>,
    /// What it is for.
    pub platform: Platform,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: String,
    #[serde(rename = "ImageID")]
    image_id: String,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    state: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    id: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    repo_digests: Option<Vec<String>>,
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl Engine {
    /// All containers that run; with `stopped` those too that do not. By name.
    ///
    /// # Errors
    /// [`EngineError`]: the engine cannot be asked, or its answer makes no sense.
    pub fn containers(&self, stopped: bool) -> Result<Vec<Container>, EngineError> {
        let query = if stopped { "all=1" } else { "all=0" };
        let listed: Vec<Listed> = self.json("/containers/json", query, "")?;
        let mut containers = listed.into_iter().map(|one| self.container(one)).collect::<Result<Vec<_>, _>>()?;
        containers.sort_by(|a, b| (&a.service, &a.name).cmp(&(&b.service, &b.name)));
        Ok(containers)
    }

    fn container(&self, listed: Listed) -> Result<Container, EngineError> {
        let label = |key: &str| listed.labels.as_ref().and_then(|labels| labels.get(key)).cloned();
        let service = label("com.docker.compose.project").zip(label("com.docker.compose.service"));
        let names = listed.names.unwrap_or_default();
        // A container that is linked to has further names, below those of others.
        let name = names.iter().map(|name| name.trim_start_matches('/')).find(|name| !name.contains('/'));
        // Once its tag has moved, an engine lists an image by its identifier; what was asked for is in the container.
        let moved = listed.image.is_empty() || is_identifier(&listed.image);
        let asked = if moved { self.asked(&listed.id)?.unwrap_or(listed.image) } else { listed.image };
        Ok(Container {
            name: name.unwrap_or(&listed.id).to_owned(),
            image: digest(&listed.image_id)?,
            asked,
            state: listed.state,
            created: Timestamp::from_second(listed.created).ok().filter(|_| listed.created > 0),
            service,
            id: listed.id,
        })
    }

    /// The image as it was asked for; `None` if the container is gone by now.
    fn asked(&self, id: &str) -> Result<Option<String>, EngineError> {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(EngineError::Answer(format!("`{}` is no container's identifier", model::escaped(id))));
        }
        match self.json::<Inspected>(&format!("/containers/{id}/json"), "", id) {
            Ok(inspected) => Ok(Some(inspected.config.image)),
            Err(EngineError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the engine holds under `name`, a reference or an identifier; `None` if that is nothing.
    ///
    /// # Errors
    /// As [`Self::containers`].
    pub fn held(&self, name: &str) -> Result<Option<Held>, EngineError> {
        check_name(name)?;
        let image: Image = match self.json(&format!("/images/{name}/json"), "", name) {
            Ok(image) => image,
            Err(EngineError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let variant = image.variant.filter(|variant| !variant.is_empty());
        Ok(Some(Held {
            id: digest(&image.id)?,
            // A name that was taken away is listed as `<none>` by some.
            tags: image.repo_tags.unwrap_or_default().into_iter().filter(|tag| !tag.contains('<')).collect(),
            digests: image.repo_digests.unwrap_or_default().into_iter().filter(|d| !d.contains('<')).collect(),
            platform: Platform { os: image.os, architecture: image.architecture, variant, os_version: None },
        }))
    }

    fn json<T: DeserializeOwned>(&self, path: &str, query: &str, name: &str) -> Result<T, EngineError> {
        let response = self.get(&format!("{path}?{query}"), Some(ANSWER_TIME), name)?;
        let mut body = Vec::new();
        let read = response.take(ANSWER_LIMIT).read_to_end(&mut body);
        read.map_err(|e| EngineError::Broken { offset: body.len() as u64, why: root(&e) })?;
        serde_json::from_slice(&body).map_err(|e| EngineError::Answer(model::escaped(&e.to_string()).into_owned()))
    }
}

/// Podman leaves out the algorithm.
fn digest(text: &str) -> Result<Digest, EngineError> {
    let whole = if text.contains(':') { text.to_owned() } else { format!("sha256:{text}") };
    let misread = |e: model::DigestError| EngineError::Answer(model::escaped(&e.to_string()).into_owned());
    whole.parse().map_err(misread)
}

/// Whether an image is named by its identifier, whole or cut short.
fn is_identifier(image: &str) -> bool {
    let hex = image.strip_prefix("sha256:").unwrap_or(image);
    hex.len() >= 12 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineAddress;
    use crate::registry::testing::{Reply, Server};

    fn ask<T>(
        answers: &'static [(&str, &str)],
        question: impl Fn(&Engine) -> Result<T, EngineError>,
    ) -> Result<T, String> {
        let server = Server::start(move |seen| {
            let asked = seen.path.split('?').next().unwrap_or_default();
            let found = answers.iter().find(|(path, _)| *path == asked);
            found.map_or_else(|| Reply::new(404), |(_, body)| Reply::new(200).body(*body))
        });
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(EngineAddress::Loopback(server.host.clone()), folder.path().to_owned(), 0).unwrap();
        question(&engine).map_err(|error| error.to_string())
    }

    const ID: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn what_was_asked_for_is_told_after_the_tag_moved() {
        let answers = &[
            (
                "/containers/json",
                r#"[{"Id":"b1","Names":["/web/db","/db"],"Image":"e3b0c44298fc","Created":1700000000,"State":"running",
                    "ImageID":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}},
                   {"Id":"a1","Names":["/api"],"Image":"api:1","State":"exited","Labels":null,
                    "ImageID":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]"#,
            ),
            ("/containers/b1/json", r#"{"Config":{"Image":"postgres:16"}}"#),
        ];
        let found = ask(answers, |engine| engine.containers(true)).unwrap();
        let shown: Vec<_> = found.iter().map(|c| (c.name.as_str(), c.asked.as_str(), c.state.as_str())).collect();
        assert_eq!(shown, [("api", "api:1", "exited"), ("db", "postgres:16", "running")]);
        assert_eq!(found[1].service, Some(("shop".to_owned(), "db".to_owned())));
        assert!(found.iter().all(|c| c.image.to_string() == ID), "Podman's and Docker's spelling are one");
    }

    #[test]
    fn what_is_held_under_a_name() {
        let answers = &[(
            "/images/app:1/json",
            r#"{"Id":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","RepoTags":["app:1","<none>:<none>"],
                "RepoDigests":null,"Os":"linux","Architecture":"arm64","Variant":"v8"}"#,
        )];
        let held = ask(answers, |engine| engine.held("app:1")).unwrap().unwrap();
        assert_eq!(
            (held.tags, held.digests.len(), held.platform.to_string()),
            (vec!["app:1".to_owned()], 0, "linux/arm64/v8".to_owned())
        );
        assert_eq!(ask(answers, |engine| engine.held("app:2")).unwrap(), None);
        assert!(ask(answers, |engine| engine.held("../secrets")).is_err());
    }

    #[test]
    fn an_answer_that_makes_no_sense() {
        let answers = &[("/containers/json", r#"[{"Id":"../x","Names":[],"Image":"","ImageID":"sha256:zz"}]"#)];
        assert_eq!(
            ask(answers, |engine| engine.containers(false)).unwrap_err(),
            "the Docker engine's answer is not understood: `../x` is no container's identifier"
        );
    }
}
