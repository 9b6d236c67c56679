//! An engine's answer about an image that it never held: what its config and its names say.

use model::oci::ImageConfig;
use serde_json::{Map, Value as Json, json};

/// How an image was found.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// `repository:tag`, as Docker shortens it.
    pub tags: Vec<String>,
    /// `repository@digest`, likewise.
    pub digests: Vec<String>,
}

/// The fields of the document; those that only an engine knows are not among them.
pub(super) fn fields(config: &ImageConfig, named: &Named) -> Map<String, Json> {
    let raw: Map<String, Json> = serde_json::from_slice(config.raw()).unwrap_or_default();
    let text = |key: &str| raw.get(key).and_then(Json::as_str).unwrap_or_default();
    let mut fields = Map::new();
    let mut put = |key: &str, value: Json| fields.insert(key.to_owned(), value);
    put("Id", config.digest().to_string().into());
    put("RepoTags", named.tags.clone().into());
    put("RepoDigests", named.digests.clone().into());
    put("Comment", comment(config, text("comment")).into());
    put("Created", created(config.created.as_deref()).into());
    put("Container", text("container").into());
    put("ContainerConfig", raw.get("container_config").cloned().unwrap_or_else(|| json!({})));
    put("DockerVersion", text("docker_version").into());
    put("Author", text("author").into());
    put("Config", raw.get("config").cloned().unwrap_or_default());
    put("Architecture", text("architecture").into());
    put("Variant", text("variant").into());
    put("Os", if config.os.is_empty() { "linux".into() } else { config.os.as_str().into() });
    put("OsVersion", text("os.version").into());
    let layers: Vec<String> = config.rootfs.diff_ids.iter().map(ToString::to_string).collect();
    put("RootFS", json!({ "Type": "layers", "Layers": layers }));
    fields
}

/// The image's own remark, else that of its last step.
fn comment(config: &ImageConfig, own: &str) -> String {
    let last = || config.history.last().and_then(|step| step.comment.clone()).unwrap_or_default();
    if own.is_empty() { last() } else { own.to_owned() }
}

/// When it was made, as Go writes a moment: no zeros at the end of a fraction, and `Z` where it is UTC.
fn created(stated: Option<&str>) -> String {
    let Some(text) = stated.filter(|text| text.parse::<jiff::Timestamp>().is_ok() && text.len() > 19) else {
        return "0001-01-01T00:00:00Z".to_owned();
    };
    let (moment, rest) = text.split_at(19);
    let digits = rest.strip_prefix('.').unwrap_or("");
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let fraction = digits[..end].trim_end_matches('0');
    let zone = if digits.is_empty() { rest } else { &digits[end..] };
    let zone = if matches!(zone, "+00:00" | "-00:00" | "z") { "Z" } else { zone };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}{zone}", moment.to_uppercase().replace(' ', "T"))
}
