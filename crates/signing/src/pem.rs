//! PEM (RFC 7468): the first block of a label.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The bytes of the first block with one of these labels, and the label.
pub(crate) fn block<'l>(text: &str, labels: &[&'l str]) -> Option<(&'l str, Zeroizing<Vec<u8>>)> {
    labels.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let body: Zeroizing<String> = Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
        Some((*label, Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?)))
    })
}

/// A block as PEM.
pub(crate) fn armour(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
