//! Blobs and their uploads
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs>).

use super::{Inside, lock};
use crate::http::{Connection, Reply, Seen};
use model::Digest;
use std::sync::Arc;

/// The repository, and what follows `/blobs/`.
pub(super) fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/v2/")?.rsplit_once("/blobs/").filter(|(name, _)| !name.is_empty())
}

impl Inside {
    pub(super) fn blobs(
        &self,
        connection: &mut Connection,
        seen: &Seen,
        limit: u64,
        name: &str,
        rest: &str,
    ) -> Option<Reply> {
        if let Some(id) = rest.strip_prefix("uploads/") {
            return self.upload(connection, seen, limit, name, id);
        }
        connection.body(seen, limit, &mut |_| ()).then_some(())?;
        let mut shelf = lock(&self.shelf);
        let repository = shelf.repository(name);
        let Ok(digest) = rest.parse::<Digest>() else {
            return Some(Reply::error(400, "DIGEST_INVALID", "the digest is none"));
        };
        let Some(blob) = repository.blobs.get(&digest).cloned() else {
            return Some(Reply::error(404, "BLOB_UNKNOWN", "blob unknown to registry"));
        };
        Some(match seen.method.as_str() {
            "DELETE" => {
                repository.blobs.remove(&digest);
                Reply::new(202)
            }
            "GET" | "HEAD" => part(&blob, &digest, seen.header("range")),
            _ => Reply::new(405),
        })
    }

    fn upload(&self, connection: &mut Connection, seen: &Seen, limit: u64, name: &str, id: &str) -> Option<Reply> {
        let known = lock(&self.shelf).repository(name).uploads.contains_key(id);
        match (seen.method.as_str(), id) {
            ("POST", "") => return self.begin(connection, seen, limit, name),
            _ if !known => {
                connection.body(seen, limit, &mut |_| ()).then_some(())?;
                return Some(Reply::error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
            }
            ("PATCH" | "PUT", _) if !self.follows(seen, name, id) => {
                connection.body(seen, limit, &mut |_| ()).then_some(())?;
                return Some(self.progress(416, name, id));
            }
            _ => {}
        }
        // What came before a break is kept, as real registries do.
        let whole = self.take(connection, seen, limit, name, id);
        whole.then_some(())?;
        Some(match seen.method.as_str() {
            "PATCH" => self.progress(202, name, id),
            "PUT" => self.finish(name, id, &seen.parameter("digest").unwrap_or_default()),
            "GET" => self.progress(204, name, id),
            "DELETE" => {
                lock(&self.shelf).repository(name).uploads.remove(id);
                Reply::new(204)
            }
            _ => Reply::new(405),
        })
    }

    fn take(&self, connection: &mut Connection, seen: &Seen, limit: u64, name: &str, id: &str) -> bool {
        connection.body(seen, limit, &mut |bytes| {
            if let Some(upload) = lock(&self.shelf).repository(name).uploads.get_mut(id) {
                upload.extend_from_slice(bytes);
            }
        })
    }

    /// Whether a chunk begins where the last one ended.
    fn follows(&self, seen: &Seen, name: &str, id: &str) -> bool {
        let start = seen.header("content-range").split('-').next().and_then(|start| start.parse::<usize>().ok());
        let held = lock(&self.shelf).repository(name).uploads.get(id).map_or(0, Vec::len);
        !self.features.ordered || seen.header("content-range").is_empty() || start == Some(held)
    }

    fn begin(&self, connection: &mut Connection, seen: &Seen, limit: u64, name: &str) -> Option<Reply> {
        let mut body = Vec::new();
        connection.body(seen, limit, &mut |bytes| body.extend_from_slice(bytes)).then_some(())?;
        if let Some(mounted) = self.mount(seen, name) {
            return Some(mounted);
        }
        let id = lock(&self.shelf).begin(name);
        if let Some(digest) = seen.parameter("digest").filter(|_| self.features.single_post) {
            lock(&self.shelf).repository(name).uploads.insert(id.clone(), body);
            return Some(self.finish(name, &id, &digest));
        }
        let reply = self.progress(202, name, &id);
        Some(match self.features.least_chunk {
            Some(least) => reply.header("OCI-Chunk-Min-Length", &least.to_string()),
            None => reply,
        })
    }

    fn mount(&self, seen: &Seen, name: &str) -> Option<Reply> {
        let digest: Digest = seen.parameter("mount").filter(|_| self.features.mounts)?.parse().ok()?;
        let mut shelf = lock(&self.shelf);
        let blob = match seen.parameter("from") {
            Some(source) if self.may_read(seen, &source) => Arc::clone(shelf.repository(&source).blobs.get(&digest)?),
            Some(_) => return None,
            // Without a source any repository will do that may be read.
            None => {
                let mut known = shelf.repositories.iter().filter(|(source, _)| self.may_read(seen, source));
                Arc::clone(known.find_map(|(_, repository)| repository.blobs.get(&digest))?)
            }
        };
        shelf.repository(name).blobs.insert(digest, blob);
        Some(created(name, &digest))
    }

    fn progress(&self, status: u16, name: &str, id: &str) -> Reply {
        let held = lock(&self.shelf).repository(name).uploads.get(id).map_or(0, Vec::len);
        let mut location = format!("/v2/{name}/blobs/uploads/{id}");
        if self.features.absolute {
            location = format!("http://{}{location}?_state={held}", self.host);
        }
        let range = format!("0-{}", held.saturating_sub(1));
        Reply::new(status).header("Location", &location).header("Range", &range).header("Docker-Upload-UUID", id)
    }

    fn finish(&self, name: &str, id: &str, digest: &str) -> Reply {
        let mut shelf = lock(&self.shelf);
        let repository = shelf.repository(name);
        let Ok(digest) = digest.parse::<Digest>() else {
            return Reply::error(400, "DIGEST_INVALID", "the digest is none");
        };
        let content = repository.uploads.get(id).cloned().unwrap_or_default();
        let mut hasher = digest.hasher();
        hasher.update(&content);
        if hasher.finish() != digest {
            return Reply::error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
        }
        repository.uploads.remove(id);
        repository.blobs.insert(digest, Arc::new(content));
        created(name, &digest)
    }
}

fn created(name: &str, digest: &Digest) -> Reply {
    let location = format!("/v2/{name}/blobs/{digest}");
    Reply::new(201).header("Location", &location).header("Docker-Content-Digest", &digest.to_string())
}

fn part(blob: &[u8], digest: &Digest, range: &str) -> Reply {
    let reply = Reply::new(200)
        .header("Content-Type", "application/octet-stream")
        .header("Docker-Content-Digest", &digest.to_string())
        .header("Accept-Ranges", "bytes");
    let Some((start, end)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return reply.body(blob);
    };
    let last = blob.len().saturating_sub(1);
    // `-500`: the last 500.
    let (start, end) = match (start.parse::<usize>(), end.parse::<usize>()) {
        (Err(_), Ok(length)) => (blob.len().saturating_sub(length), last),
        (start, end) => (start.unwrap_or(0), end.unwrap_or(last).min(last)),
    };
    if start > end || start >= blob.len() {
        return Reply::error(416, "RANGE_INVALID", "no such part");
    }
    let reply = Reply { status: 206, ..reply };
    reply.header("Content-Range", &format!("bytes {start}-{end}/{}", blob.len())).body(&blob[start..=end])
}
