//! A copy in words.

use super::copy_v1::{bytes, result, why};
use crate::failure::{Bytes, count};
use crate::ops::Copying;
use crate::printer::Tone;
use model::escaped;
use std::fmt::Write as _;
use transport::{Copied, Kept, Sent};

/// What was copied and what became of the digest; with `verbose`, blob by blob.
pub(crate) fn write(copying: &Copying, verbose: bool) -> String {
    let copied = &copying.copied;
    let mut out = String::new();
    let (from, to) = (escaped(&copying.source), escaped(&copying.destination));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} {from} to {to}", Tone::Good.set("copied"));
    match why(&copied.kept) {
        None => {
            let _ = writeln!(out, "  digest     {}, in and out", copied.digest);
        }
        Some(why) => {
            // What was made here is not what came in.
            let came = if matches!(copied.kept, Kept::Made(_)) { "none".to_owned() } else { copied.digest.to_string() };
            let _ = writeln!(out, "  digest     {came} in");
            let _ = writeln!(out, "             {} out: {why}", result(copied));
        }
    }
    match copied.names.as_slice() {
        [] => {
            let _ = writeln!(out, "  names      none: it is known by its digest alone");
        }
        names => {
            let _ = writeln!(out, "  names      {}", escaped(&names.join(", ")));
        }
    }
    let _ = writeln!(out, "  manifests  {}", copied.documents.len());
    let _ = writeln!(out, "  blobs      {}", blobs(copied));
    if !copied.foreign.is_empty() {
        let _ = writeln!(out, "  foreign    {} left where the image says they are", copied.foreign.len());
    }
    for (subject, referrer) in &copied.referrers {
        let kind = escaped(referrer.artifact_type.as_deref().unwrap_or("of no stated type")).into_owned();
        let _ = writeln!(out, "  referrer   {kind} {} of {subject}", referrer.digest);
    }
    if verbose {
        for (blob, sent) in &copied.blobs {
            let _ = writeln!(out, "  {:<8} {} {}", how(*sent), blob.digest, Bytes(blob.size));
        }
    }
    out
}

fn how(sent: Sent) -> &'static str {
    match sent {
        Sent::Present => "there",
        Sent::Mounted => "mounted",
        Sent::Written => "written",
    }
}

/// `5 (45 MB): 3 written (44 MB), 2 were there (1 MB)`.
fn blobs(copied: &Copied) -> String {
    let total: u64 = copied.blobs.iter().map(|(blob, _)| blob.size).sum();
    let part = |sent: Sent, words: &str| {
        let number = copied.blobs.iter().filter(|(_, how)| *how == sent).count();
        (number > 0).then(|| format!("{number} {words} ({})", Bytes(bytes(copied, sent))))
    };
    let parts = [part(Sent::Written, "written"), part(Sent::Mounted, "mounted"), part(Sent::Present, "already there")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{} ({}): {}", count(copied.blobs.len(), "blob"), Bytes(total), parts.join(", ")).replacen(" blobs", "", 1)
}
