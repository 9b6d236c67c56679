//! All kinds behind one door: the images of a text, and the proof that an edit did what it was meant to.

use crate::dockerfile::Dockerfile;
use crate::finder::Finder;
use crate::kinds::{actions, bake, compose, devcontainer, dockerfile, gitlab, helm, kubernetes, kustomize, terraform};
use crate::tree::{Leaf, STEP_LIMIT, Tree, hcl, json, yaml};
use crate::value::Dialect;
use crate::{Edit, Kind, Mention, Obstacle, Pattern, Role, SourceError, Span, apply, ordered};

/// What a text is read as.
#[derive(Clone, Debug)]
pub enum Grammar {
    /// A kind that the program knows.
    Kind(Kind),
    /// An expression of the policy.
    Pattern(Pattern),
}

impl Grammar {
    /// The kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Kind(kind) => *kind,
            Self::Pattern(_) => Kind::Pattern,
        }
    }

    /// The images that `text` names, in their order.
    pub fn find(&self, text: &str) -> Result<Vec<Mention>, SourceError> {
        self.parse(text)?.mentions(text)
    }

    /// Reads `text` once, for its images and for edits of it.
    pub fn parse(&self, text: &str) -> Result<Parsed, SourceError> {
        let kind = self.kind();
        let form = match (self, kind) {
            (Self::Pattern(pattern), _) => Form::Pattern(pattern.clone()),
            (_, Kind::Dockerfile) => Form::Dockerfile(Box::new(Dockerfile::parse(text)?)),
            _ => tree(kind, text)?.map_or(Form::Template, Form::Tree),
        };
        Ok(Parsed { kind, form })
    }

    /// Makes the edits, and reads the result again: it must say the same but for the values that were edited.
    pub fn edit(&self, text: &str, edits: &[Edit]) -> Result<String, SourceError> {
        self.edit_parsed(text, &self.parse(text)?, edits)
    }

    /// The same, where `text` was parsed before.
    pub fn edit_parsed(&self, text: &str, parsed: &Parsed, edits: &[Edit]) -> Result<String, SourceError> {
        let after = apply(text, edits)?;
        self.verify(text, parsed, &after, edits)?;
        Ok(after)
    }

    /// Holds `after` against `before`: only the values that `edits` touch may differ, and only as they say.
    fn verify(&self, before: &str, parsed: &Parsed, after: &str, edits: &[Edit]) -> Result<(), SourceError> {
        let sorted = ordered(edits)?;
        let again = self.parse(after)?;
        match (&parsed.form, &again.form) {
            (Form::Tree(old), Form::Tree(new)) => compare(before, old, new, &sorted)?,
            (Form::Dockerfile(old), Form::Dockerfile(new)) => dockerfile::compare(old, new)?,
            _ => {}
        }
        let (old, new) = (parsed.mentions(before)?, again.mentions(after)?);
        if old.len() != new.len() {
            return Err(SourceError::Verify(format!("{} images are named instead of {}", new.len(), old.len())));
        }
        match old.iter().zip(&new).find(|(old, new)| !alike(old, new)) {
            Some((old, new)) => Err(SourceError::Verify(format!(
                "`{}` is read where `{}` was",
                model::escaped(&new.written),
                model::escaped(&old.written)
            ))),
            None => Ok(()),
        }
    }
}

/// Whether two mentions speak of the same repository, for the same purpose.
fn alike(old: &Mention, new: &Mention) -> bool {
    let same = match (old.reference(), new.reference()) {
        (Some(old), Some(new)) => old.registry() == new.registry() && old.repository() == new.repository(),
        (old, new) => old.is_none() && new.is_none(),
    };
    same && old.role == new.role && old.obstacle == new.obstacle
}

/// A text that was parsed: what can be asked of it again without reading it again.
pub struct Parsed {
    kind: Kind,
    form: Form,
}

enum Form {
    Tree(Tree),
    Dockerfile(Box<Dockerfile>),
    Template,
    Pattern(Pattern),
}

impl Parsed {
    /// The images that `text`, the text that was parsed, names, in their order.
    pub fn mentions(&self, text: &str) -> Result<Vec<Mention>, SourceError> {
        match &self.form {
            Form::Tree(tree) => find_in(self.kind, text, tree),
            Form::Dockerfile(file) => Ok(dockerfile::find(file)),
            Form::Template => Ok(vec![template(text)]),
            Form::Pattern(pattern) => pattern.find(text),
        }
    }
}

/// The images that a text of this kind names, in their order.
pub fn find(kind: Kind, text: &str) -> Result<Vec<Mention>, SourceError> {
    // A pattern is none without its expression.
    if kind == Kind::Pattern { Ok(Vec::new()) } else { Grammar::Kind(kind).find(text) }
}

/// The same in a text that is parsed already.
fn find_in(kind: Kind, text: &str, tree: &Tree) -> Result<Vec<Mention>, SourceError> {
    tree.begin();
    let dialect = match kind {
        Kind::Compose => Dialect::Compose,
        Kind::Terraform | Kind::BakeHcl => Dialect::Hcl,
        _ => Dialect::Opaque,
    };
    let mut finder = Finder::new(text, tree, dialect);
    match kind {
        Kind::Compose => compose::find(&mut finder),
        Kind::Kubernetes => kubernetes::find(&mut finder),
        Kind::Kustomize => kustomize::find(&mut finder),
        Kind::HelmValues => helm::find(&mut finder),
        Kind::Workflow => actions::workflow(&mut finder),
        Kind::Action => actions::action(&mut finder),
        Kind::GitlabCi => gitlab::find(&mut finder),
        Kind::BakeHcl | Kind::BakeJson => bake::find(&mut finder),
        Kind::Devcontainer => devcontainer::find(&mut finder),
        Kind::Terraform => terraform::find(&mut finder),
        Kind::Dockerfile | Kind::HelmTemplate | Kind::Pattern => {}
    }
    if tree.gave_up() {
        return Err(SourceError::Aliases { limit: STEP_LIMIT });
    }
    Ok(finder.finish())
}

/// The tree of a text, for the kinds that have one.
fn tree(kind: Kind, text: &str) -> Result<Option<Tree>, SourceError> {
    match kind {
        Kind::Compose | Kind::Kubernetes | Kind::Kustomize | Kind::HelmValues => yaml::parse(text).map(Some),
        Kind::Workflow | Kind::Action | Kind::GitlabCi => yaml::parse(text).map(Some),
        Kind::BakeHcl | Kind::Terraform => hcl::parse(text).map(Some),
        Kind::BakeJson | Kind::Devcontainer => json::parse(text).map(Some),
        Kind::Dockerfile | Kind::HelmTemplate | Kind::Pattern => Ok(None),
    }
}

/// A template as a whole: it is seen, and left alone.
fn template(text: &str) -> Mention {
    let at = text.find("{{").unwrap_or(0);
    let span = Span::new(at, at + text.get(at..at + 2).map_or(0, str::len));
    Mention {
        span,
        written: text.get(span.range()).unwrap_or_default().to_owned(),
        names: None,
        obstacle: Some(Obstacle::Template),
        role: Role::Deployed,
        platform: None,
        site: None,
    }
}

/// Step by step through both trees.
fn compare(before: &str, old: &Tree, new: &Tree, edits: &[&Edit]) -> Result<(), SourceError> {
    let (old, new) = (old.leaves(), new.leaves());
    if old.len() != new.len() {
        return Err(SourceError::Verify("the text has another shape".to_owned()));
    }
    for pair in old.iter().zip(&new) {
        let same = match pair {
            (Leaf::Scalar(old), Leaf::Scalar(new)) => {
                // A value that is not there is where its key ends; one can be put in after the colon.
                let gap = before.get(old.span.end..).and_then(|rest| rest.find(':')).filter(|_| old.value.is_empty());
                let span = gap.filter(|_| old.bare).map_or(old.span, |gap| Span::at(old.span.end + gap + 1));
                let wanted = intended(old.value.as_str(), span, edits);
                if wanted != new.value {
                    let (found, wanted) = (model::escaped(&new.value), model::escaped(&wanted));
                    return Err(SourceError::Verify(format!("`{found}` is read where `{wanted}` was intended")));
                }
                true
            }
            (Leaf::Alias(old), Leaf::Alias(new)) => old == new,
            (Leaf::Map, Leaf::Map) | (Leaf::List, Leaf::List) => true,
            (Leaf::Close, Leaf::Close) | (Leaf::Opaque, Leaf::Opaque) => true,
            _ => false,
        };
        if !same {
            return Err(SourceError::Verify("the text has another shape".to_owned()));
        }
    }
    Ok(())
}

/// What a value should be after the edits inside of its span: a comment that an edit brings is no part of it.
fn intended(value: &str, span: Span, edits: &[&Edit]) -> String {
    let from = edits.partition_point(|e| e.span.start < span.start);
    let inside = edits[from..].iter().take_while(|e| e.span.start <= span.end);
    let mut wanted = value.to_owned();
    // From the last to the first, so that what was replaced moves nothing that is still to be.
    for edit in inside.collect::<Vec<_>>().into_iter().rev() {
        let text = edit.replacement.split(" #").next().unwrap_or_default().trim_start();
        let (start, end) = (edit.span.start - span.start, edit.span.end.saturating_sub(span.start));
        if start <= end && end <= wanted.len() && wanted.is_char_boundary(start) && wanted.is_char_boundary(end) {
            wanted.replace_range(start..end, text);
        }
    }
    wanted
}
