//! Manifests, tags and referrers
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests>).

use super::shelf::{Stored, TYPES};
use super::{Inside, lock};
use crate::http::{Reply, Seen};
use model::Digest;
use model::oci::media;
use serde_json::{Value, json};
use std::sync::Arc;

const LIMIT: usize = 4 << 20;

impl Inside {
    pub(super) fn documents(&self, seen: &Seen, body: Vec<u8>) -> Reply {
        let Some(rest) = seen.path.strip_prefix("/v2/") else { return Reply::new(404).body("404 page not found\n") };
        if rest.is_empty() {
            return Reply::new(200).header("Docker-Distribution-API-Version", "registry/2.0").body("{}");
        }
        let method = seen.method.as_str();
        if let Some((name, reference)) = rest.rsplit_once("/manifests/") {
            if reference.contains(':') && reference.parse::<Digest>().is_err() {
                return Reply::error(400, "DIGEST_INVALID", "the digest is none");
            }
            return match method {
                "GET" | "HEAD" => self.manifest(name, reference),
                "PUT" => self.put(seen, name, reference, body),
                "DELETE" => self.delete(name, reference),
                _ => Reply::new(405),
            };
        }
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return self.tags(seen, name);
        }
        match rest.rsplit_once("/referrers/").filter(|_| self.features.referrers) {
            Some((name, subject)) => self.referrers(seen, name, subject),
            None => Reply::new(404).body("404 page not found\n"),
        }
    }

    fn manifest(&self, name: &str, reference: &str) -> Reply {
        let mut shelf = lock(&self.shelf);
        match shelf.repository(name).manifest(reference) {
            Some((digest, stored)) => Reply::new(200)
                .header("Content-Type", &stored.media_type)
                .header("Docker-Content-Digest", &digest.to_string())
                .body(stored.raw.to_vec()),
            None => Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
        }
    }

    fn put(&self, seen: &Seen, name: &str, reference: &str, raw: Vec<u8>) -> Reply {
        let invalid = |why: &str| Reply::error(400, "MANIFEST_INVALID", why);
        if raw.len() > LIMIT {
            return invalid("manifest is too large");
        }
        let media_type = seen.header("content-type").split(';').next().unwrap_or_default().trim().to_owned();
        let Ok(manifest) = serde_json::from_slice::<Value>(&raw) else { return invalid("not JSON") };
        let stated = manifest["mediaType"].as_str().unwrap_or(&media_type);
        if !TYPES.contains(&media_type.as_str()) || stated != media_type {
            return invalid("the type is unknown or not the one that the document states");
        }
        let mut digest = Digest::of(&raw);
        if let Ok(wanted) = reference.parse::<Digest>() {
            let mut hasher = wanted.hasher();
            hasher.update(&raw);
            if hasher.finish() != wanted {
                return Reply::error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
            }
            digest = wanted;
        }
        let mut shelf = lock(&self.shelf);
        let repository = shelf.repository(name);
        if let Some(missing) = repository.missing(&manifest).first() {
            return Reply::error(404, "MANIFEST_BLOB_UNKNOWN", missing);
        }
        repository.manifests.insert(digest, Stored { media_type, raw: Arc::new(raw) });
        if reference.parse::<Digest>().is_err() {
            repository.tags.insert(reference.to_owned(), digest);
        }
        let reply = Reply::new(201)
            .header("Location", &format!("/v2/{name}/manifests/{digest}"))
            .header("Docker-Content-Digest", &digest.to_string());
        match manifest["subject"]["digest"].as_str().filter(|_| self.features.referrers) {
            Some(subject) => reply.header("OCI-Subject", subject),
            None => reply,
        }
    }

    fn delete(&self, name: &str, reference: &str) -> Reply {
        let mut shelf = lock(&self.shelf);
        let repository = shelf.repository(name);
        let Ok(digest) = reference.parse::<Digest>() else {
            if !self.features.untag {
                return Reply::error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
            }
            return match repository.tags.remove(reference) {
                Some(_) => Reply::new(202),
                None => Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
            };
        };
        match repository.manifests.remove(&digest) {
            Some(_) => {
                repository.tags.retain(|_, named| *named != digest);
                Reply::new(202)
            }
            None => Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
        }
    }

    fn tags(&self, seen: &Seen, name: &str) -> Reply {
        let mut shelf = lock(&self.shelf);
        let repository = shelf.repository(name);
        if repository.manifests.is_empty() && repository.blobs.is_empty() {
            return Reply::error(404, "NAME_UNKNOWN", "repository name not known to registry");
        }
        let last = seen.parameter("last").unwrap_or_default();
        let wanted = seen.parameter("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX).min(self.features.page);
        let mut tags: Vec<&String> = repository.tags.keys().filter(|tag| **tag > last).collect();
        let more = tags.len() > wanted;
        tags.truncate(wanted);
        let link = tags.last().filter(|_| more).map(|last| format!("</v2/{name}/tags/list?n={wanted}&last={last}>"));
        let reply = Reply::new(200).header("Content-Type", "application/json");
        linked(reply.body(json!({"name": name, "tags": tags}).to_string()), link)
    }

    fn referrers(&self, seen: &Seen, name: &str, subject: &str) -> Reply {
        if subject.parse::<Digest>().is_err() {
            return Reply::error(400, "DIGEST_INVALID", "the digest is none");
        }
        let kind = seen.parameter("artifactType");
        let mut found = lock(&self.shelf).repository(name).referrers(subject, kind.as_deref());
        let skip: usize = seen.parameter("skip").and_then(|n| n.parse().ok()).unwrap_or(0);
        found.drain(..skip.min(found.len()));
        let more = found.len() > self.features.page;
        found.truncate(self.features.page);
        let next = skip + found.len();
        // As it came: decoded it would be another one.
        let raw = seen.query.split('&').find(|pair| pair.starts_with("artifactType="));
        let filter = raw.map(|pair| format!("&{pair}")).unwrap_or_default();
        let link = more.then(|| format!("</v2/{name}/referrers/{subject}?skip={next}{filter}>"));
        let index = json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": found});
        let reply = Reply::new(200).header("Content-Type", media::OCI_INDEX).body(index.to_string());
        let reply = if kind.is_some() { reply.header("OCI-Filters-Applied", "artifactType") } else { reply };
        linked(reply, link)
    }
}

fn linked(reply: Reply, link: Option<String>) -> Reply {
    match link {
        Some(link) => reply.header("Link", &format!(r#"{link}; rel="next""#)),
        None => reply,
    }
}
