//! `Link: <…>; rel="next"`, where a list goes on (<https://www.rfc-editor.org/rfc/rfc8288>).
//!
//! A list goes on at the registry that was asked, and nowhere else, wherever its pages were fetched from in the end.

use super::RegistryError;
use super::endpoint::shown;
use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};

/// The page after the one at `asked`, relative or absolute, on the same host; `None` on the last one.
pub(super) fn next(asked: &Url, headers: &HeaderMap) -> Result<Option<Url>, RegistryError> {
    let wrong = |why| RegistryError::Redirect { url: shown(asked), why };
    let lines = headers.get_all(LINK).iter().map(|line| line.to_str());
    let lines: Vec<&str> = lines.collect::<Result<_, _>>().map_err(|_| wrong("its `Link` cannot be read"))?;
    let links: Vec<&str> = lines.iter().flat_map(|line| parts(line)).filter(|link| !link.trim().is_empty()).collect();
    let Some(link) = links.iter().find(|link| is_next(link)) else {
        // Who cannot read where the list goes on must not take it for whole.
        let whole = links.iter().all(|link| target(link).is_some());
        return if whole { Ok(None) } else { Err(wrong("its `Link` cannot be read")) };
    };
    let mut next = target(link).and_then(|to| asked.join(to).ok()).ok_or_else(|| wrong("it names no address"))?;
    if next.origin() != asked.origin() {
        return Err(wrong("the next page is on another host"));
    }
    let _ = next.set_username("");
    let _ = next.set_password(None);
    Ok(Some(next))
}

/// The links of a line: commas within `<…>` and quotes part nothing.
fn parts(line: &str) -> Vec<&str> {
    let (mut start, mut angle, mut quoted) = (0, false, false);
    let mut parts = Vec::new();
    for (at, c) in line.char_indices() {
        match c {
            '"' if !angle => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            ',' if !angle && !quoted => {
                parts.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts
}

/// What is between the brackets of one link.
fn target(link: &str) -> Option<&str> {
    link.trim_start().strip_prefix('<')?.split_once('>').map(|(target, _)| target)
}

fn is_next(link: &str) -> bool {
    let parameters = link.rsplit_once('>').map_or(link, |(_, parameters)| parameters);
    parameters.split(';').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel") && value.split(' ').any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn next_of(line: &str) -> Result<Option<String>, String> {
        let asked = Url::parse("https://r.example/v2/a/tags/list?n=2").unwrap();
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_str(line).unwrap())]);
        let found = next(&asked, &headers).map_err(|e| e.to_string())?;
        Ok(found.map(|url| url.as_str().trim_start_matches("https://r.example").to_owned()))
    }

    #[test]
    fn the_next_page_among_links() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(next_of(line), Ok(expected.map(str::to_owned)), "{line}");
        };
        check(r#"</v2/a/tags/list?n=2&last=b>; rel="next""#, Some("/v2/a/tags/list?n=2&last=b"));
        check("<list?last=b>; rel=next", Some("/v2/a/tags/list?last=b"));
        check("<https://ann:pw@r.example/x>; rel=next", Some("/x"));
        check(r#"<x>; title="a, b; c"; REL="prev next""#, Some("/v2/a/tags/x"));
        check(r#"</a,b>; rel="prev", </b>; rel="next""#, Some("/b"));
        check(r#"<a>; rel="prev""#, None);
        check("<a>", None);
    }

    #[test]
    fn a_list_goes_on_nowhere_else() {
        let check = |line: &str, expected: &str| {
            assert!(next_of(line).is_err_and(|error| error.contains(expected)), "{line}");
        };
        check("<https://elsewhere.example/x>; rel=next", "the next page is on another host");
        check("<http://r.example/x>; rel=next", "the next page is on another host");
        check("<//169.254.169.254/>; rel=next", "the next page is on another host");
        check("<http://[>; rel=next", "it names no address");
        check("nonsense", "its `Link` cannot be read");
        check("<a", "its `Link` cannot be read");
        check("next; rel=next", "it names no address");
    }
}
