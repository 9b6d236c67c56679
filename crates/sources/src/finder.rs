//! What every kind's finder shares: from a node of the tree to a mention.

use crate::tree::{Id, Scalar, Tree};
use crate::value::{Dialect, only_variable, read, tag_of};
use crate::{Mention, Named, Obstacle, Role, Site, Span};
use model::{Platform, Reference};
use std::collections::{BTreeMap, BTreeSet};

/// How far a variable may lead to another.
const VARIABLE_DEPTH: u8 = 4;

/// Collects the mentions of one text.
pub(crate) struct Finder<'t> {
    pub(crate) text: &'t str,
    pub(crate) tree: &'t Tree,
    pub(crate) dialect: Dialect,
    found: BTreeMap<Span, Mention>,
}

/// A reference in pieces, one value each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Split {
    pub(crate) registry: Option<Id>,
    pub(crate) repository: Option<Id>,
    pub(crate) tag: Option<Id>,
    /// The field of the digest: its value, and the place after its key's colon if it has no value.
    pub(crate) digest: Option<(Id, Option<usize>)>,
    /// Where the tag comes from if it is not here.
    pub(crate) elsewhere: &'static str,
}

impl<'t> Finder<'t> {
    pub(crate) fn new(text: &'t str, tree: &'t Tree, dialect: Dialect) -> Self {
        Self { text, tree, dialect, found: BTreeMap::new() }
    }

    /// The value at `id` names an image.
    pub(crate) fn image(&mut self, id: Id, role: Role) {
        self.image_for(id, role, None);
    }

    /// The same, for a platform.
    pub(crate) fn image_for(&mut self, id: Id, role: Role, platform: Option<Platform>) {
        self.image_after(id, "", role, platform);
    }

    /// The value names an image after a prefix such as `docker-image://`; another value names none.
    pub(crate) fn image_after(&mut self, id: Id, prefix: &str, role: Role, platform: Option<Platform>) {
        let Some(scalar) = self.tree.scalar(id).filter(|s| !s.value.trim().is_empty()) else { return };
        let Some(rest) = scalar.value.strip_prefix(prefix) else { return };
        if scalar.bare && prefix.is_empty() && matches!(rest, "~" | "null") {
            return;
        }
        let found = read(scalar, prefix.len(), self.dialect);
        let (site, obstacle) = split(found.site);
        let obstacle = if role == Role::Output { Some(Obstacle::Output) } else { obstacle };
        let start = scalar.locate(prefix.len(), scalar.value.trim_end_matches('\n').len());
        let span = start.unwrap_or(scalar.span);
        let names = found.reference.map(Named::Image);
        self.put(Mention { span, written: self.written(span, scalar), names, obstacle, role, platform, site });
    }

    /// The same where the whole value may be a variable of the text, which is then where the digest goes.
    pub(crate) fn image_or_variable(
        &mut self,
        id: Id,
        prefix: &str,
        role: Role,
        platform: Option<Platform>,
        variables: &dyn Fn(&str) -> Option<Id>,
    ) {
        let mut at = id;
        let mut start = prefix;
        for _ in 0..VARIABLE_DEPTH {
            let value = self.tree.text(at).and_then(|v| v.strip_prefix(start));
            let Some(next) = value.and_then(only_variable).and_then(variables) else { break };
            (at, start) = (next, "");
        }
        self.image_after(at, start, role, platform);
    }

    /// What is named is known, and has no place for a digest.
    pub(crate) fn obstacle(&mut self, scalar: &Scalar, role: Role, obstacle: Obstacle) {
        let span = scalar.span;
        let names = scalar.value.parse::<Reference>().ok().map(Named::Image);
        let written = self.written(span, scalar);
        self.put(Mention { span, written, names, obstacle: Some(obstacle), role, platform: None, site: None });
    }

    /// A reference in pieces. Pieces that make no reference are nothing.
    pub(crate) fn pieces(&mut self, pieces: Split, role: Role) {
        let text = |id: Option<Id>| id.and_then(|id| self.tree.text(id)).map(str::trim).filter(|t| !t.is_empty());
        let Some(repository) = text(pieces.repository).filter(|r| !r.contains("://")) else { return };
        let name = match text(pieces.registry) {
            Some(registry) => format!("{}/{repository}", registry.trim_end_matches('/')),
            None => repository.to_owned(),
        };
        let digest = text(pieces.digest.map(|(id, _)| id)).filter(|d| !matches!(*d, "null" | "~"));
        let tag = text(pieces.tag).filter(|t| !matches!(*t, "null" | "~"));
        let tag_text = tag.map(|t| format!(":{t}")).unwrap_or_default();
        let whole = format!("{name}{tag_text}{}", digest.map(|d| format!("@{d}")).unwrap_or_default());
        let shown = pieces.tag.filter(|_| tag.is_some()).or(pieces.repository);
        let Some(scalar) = shown.and_then(|id| self.tree.scalar(id)) else { return };
        let (names, obstacle, site) = if whole.contains("{{") {
            (None, Some(Obstacle::Template), None)
        } else if whole.contains('$') {
            (
                None,
                Some(Obstacle::Variable(
                    whole[whole.find('$').unwrap_or(0)..].trim_matches(['$', '{', '}', '(', ')']).to_owned(),
                )),
                None,
            )
        } else {
            match whole.parse::<Reference>() {
                Err(_) if pieces.tag.is_none() && pieces.digest.is_none() => return,
                Err(error) => (None, Some(Obstacle::Malformed(error)), None),
                Ok(reference) => {
                    let (site, obstacle) = split(self.split_site(pieces, repository));
                    (Some(Named::Image(reference)), obstacle, site)
                }
            }
        };
        let span = scalar.span;
        self.put(Mention { span, written: whole, names, obstacle, role, platform: None, site });
    }

    /// The field of the digest if there is one, else behind the tag, else behind a tag in the repository's value.
    fn split_site(&self, pieces: Split, repository: &str) -> Result<Site, Obstacle> {
        let tag = pieces.tag.and_then(|id| self.tree.scalar(id)).filter(|s| !s.value.trim().is_empty());
        let bare_tag = tag.and_then(|s| s.locate(0, s.value.len()));
        if let Some((id, gap)) = pieces.digest {
            let scalar = self.tree.scalar(id).ok_or(Obstacle::Unsupported("the digest is no text"))?;
            if tag.is_none() && tag_of(repository).is_none() && scalar.value.is_empty() {
                return Err(Obstacle::Elsewhere(pieces.elsewhere));
            }
            if let Some(gap) = gap.filter(|_| scalar.bare && scalar.value.is_empty()) {
                return Ok(Site { digest: Span::at(gap), before: " ", after: String::new(), tag: bare_tag });
            }
            if !scalar.bare && scalar.value.is_empty() {
                return Ok(Site { digest: scalar.span, before: "", after: String::new(), tag: bare_tag });
            }
            let digest = scalar.locate(0, scalar.value.len()).ok_or(Obstacle::Spelling)?;
            return Ok(Site { digest, before: "", after: String::new(), tag: bare_tag });
        }
        let Some(tag) = tag else {
            let scalar = pieces.repository.and_then(|id| self.tree.scalar(id)).ok_or(Obstacle::Scattered)?;
            if tag_of(repository).is_none() && !repository.contains('@') {
                return Err(Obstacle::Elsewhere(pieces.elsewhere));
            }
            return read(scalar, 0, self.dialect).site;
        };
        let end = tag.value.find('@').unwrap_or(tag.value.len());
        let digest = tag.locate(end, tag.value.len()).ok_or(Obstacle::Spelling)?;
        Ok(Site { digest, before: "@", after: String::new(), tag: tag.locate(0, end) })
    }

    pub(crate) fn written(&self, span: Span, scalar: &Scalar) -> String {
        let there = self.text.get(span.range()).filter(|t| !t.is_empty());
        there.map_or_else(|| scalar.value.trim_end().to_owned(), str::to_owned)
    }

    /// Keeps a mention; of several at one place, what a build makes comes first.
    pub(crate) fn put(&mut self, mention: Mention) {
        let known = self.found.get(&mention.span);
        if known.is_none_or(|known| known.role != Role::Output && mention.role == Role::Output) {
            self.found.insert(mention.span, mention);
        }
    }

    /// The mentions in the order of the text. What is built here is not to be pinned where it is used here.
    pub(crate) fn finish(self) -> Vec<Mention> {
        let mut all: Vec<Mention> = self.found.into_values().collect();
        let key = |m: &Mention| m.reference().map(|r| (r.name(), r.tag().unwrap_or("latest").to_owned()));
        let made: BTreeSet<_> = all.iter().filter(|m| m.role == Role::Output).filter_map(key).collect();
        for mention in all.iter_mut().filter(|m| m.obstacle.is_none()) {
            if key(mention).is_some_and(|k| made.contains(&k)) {
                mention.obstacle = Some(Obstacle::Output);
            }
        }
        all
    }
}

/// What can be had of a site, and what stands in the way.
fn split(site: Result<Site, Obstacle>) -> (Option<Site>, Option<Obstacle>) {
    match site {
        Ok(site) => (Some(site), None),
        Err(obstacle) => (None, Some(obstacle)),
    }
}

/// A platform as text.
pub(crate) fn platform(tree: &Tree, id: Option<Id>) -> Option<Platform> {
    tree.text(id?)?.parse().ok()
}
