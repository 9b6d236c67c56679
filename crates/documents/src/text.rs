//! Text from images, made fit for one line of a document that other tools print and convert.

use model::escaped;
use std::borrow::Cow;

/// The longest instruction repeated beside every package; the image itself carries more of it.
const SHORT: usize = 160;
/// The longest label or instruction kept where it is written once.
const LONG: usize = 4096;

/// One visible line: control, format and bidirectional characters escaped, and nothing in it that ends a
/// `<text>` block of SPDX's tag-value form.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text) && !text.contains("text>") {
        return Cow::Borrowed(text);
    }
    let text = escaped(text);
    if text.contains("text>") {
        return Cow::Owned(text.replace("text>", "text\\x3e"));
    }
    text
}

/// Printable ASCII. Nearly every text is; no early way out, so that it takes a few instructions a word.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, b| plain & (b.wrapping_sub(0x20) < 0x5f))
}

/// [`line`] for what must have a name.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    if text.trim().is_empty() { Cow::Borrowed("(no name)") } else { line(text) }
}

/// `text`, one line, as a value of SPDX: a keyword or the beginning of an actor, which its tag-value form would
/// take for the term itself, has its first letter escaped.
pub(crate) fn term(text: Cow<'_, str>) -> Cow<'_, str> {
    let reserved = matches!(&*text, "NOASSERTION" | "NONE")
        || ["Tool:", "Person:", "Organization:"].iter().any(|actor| text.starts_with(actor));
    match text.chars().next().filter(|_| reserved) {
        Some(first) => Cow::Owned(format!("\\x{:02x}{}", first as u32, &text[first.len_utf8()..])),
        None => text,
    }
}

/// [`line`], cut to a length that may be repeated thousands of times.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    cut(line(text), SHORT)
}

/// [`line`], cut to a length that may be written once an image.
pub(crate) fn long(text: &str) -> Cow<'_, str> {
    cut(line(text), LONG)
}

fn cut(text: Cow<'_, str>, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => text,
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
    }
}

/// `text` if it is a web address by RFC 3986 with a domain name: what both formats take as a URL.
pub(crate) fn web(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    let port = authority.strip_prefix(host).unwrap_or_default().trim_start_matches(':');
    let fine = is_domain(host)
        && port.len() <= 5
        && port.bytes().all(|b| b.is_ascii_digit())
        && rest.bytes().all(is_uri_byte)
        && rest.matches('#').count() <= 1
        && rest.split('%').skip(1).all(|s| s.len() >= 2 && s.bytes().take(2).all(|b| b.is_ascii_hexdigit()));
    fine.then_some(text)
}

fn is_domain(host: &str) -> bool {
    let word = |w: &str| {
        let ends = w.bytes().next().zip(w.bytes().last());
        ends.is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
            && !w.contains("--")
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let top = host.rsplit_once('.').map_or("", |(_, top)| top);
    top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()) && host.split('.').all(word)
}

fn is_uri_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b)
}

/// `text` if it is plainly an e-mail address.
pub(crate) fn email(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.split_once('@')?;
    let fine = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    (dots && !local.is_empty() && local.bytes().all(fine) && is_domain(domain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one() {
        assert_eq!(line("a\nPackageName: evil"), "a\\nPackageName: evil");
        assert_eq!(line("x</text>y"), "x</text\\x3ey");
        assert!(short(&"é".repeat(500)).ends_with("é…"));
    }

    #[test]
    fn a_value_is_no_term() {
        assert_eq!(term("NONE".into()), "\\x4eONE");
        assert_eq!(term("Person: x".into()), "\\x50erson: x");
        assert_eq!(term("Personal".into()), "Personal");
    }

    #[test]
    fn web_addresses() {
        for good in ["https://a.example/x?y=1#z", "http://www.gnu.org:80/software/", "https://x.org/%20"] {
            assert_eq!(web(good), Some(good));
        }
        for bad in ["ftp://a.b", "https://localhost/", "https://a.org/a b", "https://a.org/%2", "https://u@a.org/", "x"]
        {
            assert_eq!(web(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_of_people() {
        assert_eq!(email(" pkg-x@lists.debian.org "), Some("pkg-x@lists.debian.org"));
        for bad in ["a@b", "a b@c.org", "a@b@c.org", "@c.org", "a..b@c.org"] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }
}
