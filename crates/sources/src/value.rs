//! From a value of a text to what it names, with the bytes where a digest goes.

use crate::tree::{Part, Scalar};
use crate::{Obstacle, Site, Span};
use model::Reference;

/// How a kind of text writes variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `$X`, `${X}`, `$(X)` are somebody else's: they have no value here.
    Opaque,
    /// Compose's `${X:-default}` (<https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md>).
    Compose,
    /// Only a quoted string without `${` is a value.
    Hcl,
}

/// How deep defaults may stand in defaults.
const DEFAULTS_DEPTH: u8 = 8;

/// What a value names and where its digest goes, or why it has no place for one.
pub(crate) struct Read {
    pub(crate) reference: Option<Reference>,
    pub(crate) site: Result<Site, Obstacle>,
}

/// Reads the piece of a scalar's value from `from` on as a reference.
pub(crate) fn read(scalar: &Scalar, from: usize, dialect: Dialect) -> Read {
    let expanded = match expand_all(scalar, from, dialect) {
        Ok(expanded) => expanded,
        Err(obstacle) => return Read { reference: None, site: Err(obstacle) },
    };
    match expanded.value.parse::<Reference>() {
        Ok(reference) => Read { site: expanded.site(), reference: Some(reference) },
        Err(error) => Read { reference: None, site: Err(Obstacle::Malformed(error)) },
    }
}

/// The only variable of `$NAME` or `${NAME}`, if a value is nothing else.
pub(crate) fn only_variable(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('$')?;
    let name = rest.strip_prefix('{').and_then(|r| r.strip_suffix('}')).unwrap_or(rest);
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A value with its defaults filled in.
#[derive(Default)]
struct Expanded {
    value: String,
    parts: Vec<Part>,
    /// It ends in a variable that is empty by default: what comes after it is not known.
    hollow: bool,
    /// A piece of it is not its bytes.
    misspelt: bool,
}

impl Expanded {
    fn push(&mut self, text: &str, span: Option<Span>) {
        if text.is_empty() {
            return;
        }
        self.hollow = false;
        match span {
            Some(span) => self.parts.push(Part { at: self.value.len(), span }),
            None => self.misspelt = true,
        }
        self.value.push_str(text);
    }

    fn locate(&self, start: usize, end: usize) -> Option<Span> {
        let inside = |p: &&Part| p.at <= start && end <= p.at + p.span.len();
        let part = self.parts.iter().find(inside)?;
        Some(Span::new(part.span.start + start - part.at, part.span.start + end - part.at))
    }

    fn site(&self) -> Result<Site, Obstacle> {
        if self.misspelt {
            return Err(Obstacle::Spelling);
        }
        if self.hollow {
            return Err(Obstacle::Scattered);
        }
        let length = self.value.len();
        let name_end = self.value.find('@').unwrap_or(length);
        let tag = tag_of(&self.value[..name_end]);
        let digest = self.locate(name_end, length).ok_or(Obstacle::Scattered)?;
        let before = if tag.is_some() || name_end < length { "@" } else { ":latest@" };
        let tag = tag.and_then(|at| self.locate(at, name_end));
        Ok(Site { digest, before, after: String::new(), tag })
    }
}

/// Where the tag of a name without digest begins.
pub(crate) fn tag_of(name: &str) -> Option<usize> {
    let path = name.rfind('/').map_or(0, |at| at + 1);
    name[path..].find(':').map(|at| path + at + 1)
}

fn expand_all(scalar: &Scalar, from: usize, dialect: Dialect) -> Result<Expanded, Obstacle> {
    let whole = scalar.value.trim_end_matches('\n');
    let text = whole.get(from..).unwrap_or_default();
    if text.contains("{{") || text.contains("$[[") || text.contains("<%") {
        return Err(Obstacle::Template);
    }
    let mut out = Expanded::default();
    match dialect {
        Dialect::Compose => expand(scalar, from, whole.len(), 0, &mut out)?,
        Dialect::Hcl if scalar.bare => return Err(Obstacle::Variable(text.to_owned())),
        Dialect::Hcl | Dialect::Opaque => match text.find('$') {
            Some(at) => return Err(Obstacle::Variable(variable_at(&text[at..]))),
            None => out.push(text, scalar.locate(from, whole.len())),
        },
    }
    Ok(out)
}

/// The name after a `$`, for people.
fn variable_at(text: &str) -> String {
    let rest = text.trim_start_matches(['$', '{', '(']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// Fills in the defaults of `value[from..to]`.
fn expand(scalar: &Scalar, from: usize, to: usize, depth: u8, out: &mut Expanded) -> Result<(), Obstacle> {
    let value = &scalar.value;
    let mut at = from;
    while at < to {
        let Some(dollar) = value[at..to].find('$').map(|d| at + d) else {
            out.push(&value[at..to], scalar.locate(at, to));
            return Ok(());
        };
        out.push(&value[at..dollar], scalar.locate(at, dollar));
        let rest = &value[dollar + 1..to];
        // A dollar that stands for itself; two bytes for one.
        if rest.starts_with('$') {
            out.push("$", None);
            at = dollar + 2;
            continue;
        }
        let named = || Obstacle::Variable(variable_at(&value[dollar..to]));
        let inside = rest.strip_prefix('{').ok_or_else(named)?;
        let close = closing(inside).ok_or_else(named)?;
        let name_end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
        let (name, operator) = inside[..close].split_at(name_end.min(close));
        let skip = match operator {
            o if o.starts_with(":-") => 2,
            o if o.starts_with('-') => 1,
            _ => return Err(named()),
        };
        if depth >= DEFAULTS_DEPTH || !is_name(name) {
            return Err(named());
        }
        let default = dollar + 2 + name.len() + skip;
        let end = dollar + 2 + close;
        if default == end {
            out.hollow = true;
        } else {
            expand(scalar, default, end, depth + 1, out)?;
        }
        at = end + 1;
    }
    Ok(())
}

/// Where the brace that was opened before `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, dialect: Dialect, expected: &str) {
        let span = Span::new(0, value.len());
        let parts = Some(vec![Part { at: 0, span }]);
        let read = read(&Scalar { value: value.to_owned(), parts, span, bare: false }, 0, dialect);
        let shown = match read.site {
            Ok(site) => {
                let edit = crate::Edit::new(site.digest, format!("{}D", site.before));
                format!("{} -> {}", read.reference.unwrap(), crate::apply(value, &[edit]).unwrap())
            }
            Err(obstacle) => format!("{obstacle:?}"),
        };
        assert_eq!(shown, expected, "{value}");
    }

    #[test]
    fn a_digest_goes_where_the_value_comes_from() {
        use Dialect::Compose;
        check("nginx:1.27", Compose, "nginx:1.27 -> nginx:1.27@D");
        check("nginx", Compose, "nginx -> nginx:latest@D");
        check("r.example:5000/nginx", Compose, "r.example:5000/nginx -> r.example:5000/nginx:latest@D");
        check("${IMG:-nginx:1.27}", Compose, "nginx:1.27 -> ${IMG:-nginx:1.27@D}");
        check("nginx:${TAG:-1.27}", Compose, "nginx:1.27 -> nginx:${TAG:-1.27@D}");
        check("${R:-r.example}/nginx:1.27", Compose, "r.example/nginx:1.27 -> ${R:-r.example}/nginx:1.27@D");
        check("${A:-${B-nginx:1}}", Compose, "nginx:1 -> ${A:-${B-nginx:1@D}}");
        check("${IMG-nginx}", Compose, "nginx -> ${IMG-nginx:latest@D}");
    }

    #[test]
    fn a_variable_without_a_value_has_no_place_for_a_digest() {
        use Dialect::{Compose, Hcl, Opaque};
        check("nginx:$TAG", Compose, "Variable(\"TAG\")");
        check("nginx:${TAG}", Compose, "Variable(\"TAG\")");
        check("nginx:${TAG:?needed}", Compose, "Variable(\"TAG\")");
        check("nginx:${TAG:+1}", Compose, "Variable(\"TAG\")");
        check("nginx:1${SUFFIX:-}", Compose, "Scattered");
        check("${R:-}nginx:1", Compose, "nginx:1 -> ${R:-}nginx:1@D");
        check("${", Compose, "Variable(\"\")");
        let error = "nginx:$1".parse::<Reference>().unwrap_err();
        check("nginx:$$1", Compose, &format!("{:?}", Obstacle::Malformed(error)));
        check("nginx:$(TAG)", Opaque, "Variable(\"TAG\")");
        check("nginx:${var.tag}", Hcl, "Variable(\"var.tag\")");
        check("nginx:{{ tag }}", Opaque, "Template");
        check("${{ matrix.image }}", Opaque, "Template");
    }

    #[test]
    fn an_old_digest_is_replaced_if_it_stands_in_one_place() {
        let old = model::Digest::of(b"old");
        check(&format!("a:1@{old}"), Dialect::Opaque, &format!("a:1@{old} -> a:1@D"));
        check(&format!("a@{old}"), Dialect::Opaque, &format!("a@{old} -> a@D"));
        check(&format!("${{I:-a:1@{old}}}"), Dialect::Compose, &format!("a:1@{old} -> ${{I:-a:1@D}}"));
        check(&format!("a:1${{X:-@{old}}}"), Dialect::Compose, &format!("a:1@{old} -> a:1${{X:-@D}}"));
        check(&format!("a:1@${{X:-{old}}}"), Dialect::Compose, "Scattered");
    }

    #[test]
    fn what_is_no_reference_is_said() {
        check(
            "Nginx Image",
            Dialect::Opaque,
            &format!("{:?}", Obstacle::Malformed("Nginx Image".parse::<Reference>().unwrap_err())),
        );
    }

    #[test]
    fn a_variable_alone_is_recognised() {
        assert_eq!(only_variable("$IMAGE"), Some("IMAGE"));
        assert_eq!(only_variable("${IMAGE}"), Some("IMAGE"));
        assert_eq!(only_variable("$IMAGE:1"), None);
        assert_eq!(only_variable("a"), None);
    }
}
