//! `Link: <…>; rel="next"`, where a list goes on (<https://www.rfc-editor.org/rfc/rfc8288>).

use super::RegistryError;
use super::endpoint::{may_lead, shown};
use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::LINK;

/// The next page, which must be on the same host; `None` on the last one.
pub(super) fn next(response: &Response) -> Result<Option<Url>, RegistryError> {
    let from = response.url();
    let mut lines = response.headers().get_all(LINK).iter().filter_map(|v| v.to_str().ok());
    let Some(target) = lines.find_map(next_of) else { return Ok(None) };
    let fail = |why| RegistryError::Redirect { url: shown(from), why };
    let to = from.join(target).map_err(|_| fail("its next page is no address"))?;
    may_lead(from, &to).map_err(fail)?;
    if to.origin() != from.origin() {
        return Err(fail("its next page is on another host"));
    }
    Ok(Some(to))
}

/// The target of the link that is named `next`.
fn next_of(line: &str) -> Option<&str> {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).filter_map(|p| p.split_once('=')).any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::next_of;

    #[test]
    fn the_next_page_among_links() {
        let check = |line: &str, expected: Option<&str>| assert_eq!(next_of(line), expected, "{line}");
        check(r#"</v2/a/tags/list?n=2&last=b>; rel="next""#, Some("/v2/a/tags/list?n=2&last=b"));
        check("<x>; rel=next", Some("x"));
        check(r#"<x>; title="a"; REL="prev next""#, Some("x"));
        check(r#"<a>; rel="prev", <b>; rel="next""#, Some("b"));
        check(r#"<a>; rel="prev""#, None);
        check("<a>", None);
        check("nonsense", None);
        check("<a", None);
    }
}
