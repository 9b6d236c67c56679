//! An image, or an action, that a text names.

use crate::{Edit, Span};
use model::{Digest, Platform, Reference, ReferenceError};
use std::fmt;

/// One place of a text where an image is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where the name stands, without quotes.
    pub span: Span,
    /// The text there, as it is.
    pub written: String,
    /// What it names, with defaults of variables filled in; `None` where that cannot be told.
    pub names: Option<Named>,
    /// Why no digest can be put there. A mention without obstacle has a `site`.
    pub obstacle: Option<Obstacle>,
    /// What the image is for.
    pub role: Role,
    /// The platform, where the text states one.
    pub platform: Option<Platform>,
    /// Where the digest goes.
    pub site: Option<Site>,
}

/// What a mention names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// An image.
    Image(Reference),
    /// An action in a git repository.
    Action(Action),
}

/// `owner/repository[/path]@ref` of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    /// `owner/repository`.
    pub repository: String,
    /// The tag, branch or commit after the `@`.
    pub version: String,
}

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It runs as a service, a pod, a task.
    Deployed,
    /// A build starts from it.
    Base,
    /// A build takes files from it.
    BuildInput,
    /// It runs for a short time: a job of a pipeline, an action, a workspace.
    Tool,
    /// It reads the Dockerfile: `# syntax=`.
    Frontend,
    /// A build gives its result this name.
    Output,
}

impl Role {
    /// One word or two, for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Base => "base",
            Self::BuildInput => "build-input",
            Self::Tool => "tool",
            Self::Frontend => "frontend",
            Self::Output => "output",
        }
    }
}

/// Why a digest cannot be put at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A build makes it: there is no digest before the build.
    Output,
    /// A stage of the same build.
    Stage,
    /// `scratch`: no image.
    Scratch,
    /// A variable that the text gives no value; its name.
    Variable(String),
    /// A variable's value is not in the text; what is missing.
    Outside(String),
    /// A digest there would change something else, too; what.
    Shared(String),
    /// The value comes together from several places, so that a digest has none.
    Scattered,
    /// A template, filled in by another program.
    Template,
    /// Escapes or folded lines: the bytes are not the value.
    Spelling,
    /// Not a reference.
    Malformed(ReferenceError),
    /// A file of the repository, not an image.
    Local,
    /// The rest of the reference is in another file; what is missing.
    Elsewhere(&'static str),
    /// A form that is seen but not understood; what it is.
    Unsupported(&'static str),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output => f.write_str("a build gives its result this name"),
            Self::Stage => f.write_str("a stage of the same build"),
            Self::Scratch => f.write_str("`scratch` is no image"),
            Self::Variable(name) => write!(f, "the variable `{}` has no value here", model::escaped(name)),
            Self::Outside(what) => write!(f, "its value comes from outside: {}", model::escaped(what)),
            Self::Shared(what) => write!(f, "a digest would change something else too: {}", model::escaped(what)),
            Self::Scattered => f.write_str("the name comes together from several places"),
            Self::Template => f.write_str("a template, which another program fills in"),
            Self::Spelling => f.write_str("escaped or folded: the bytes are not the value"),
            Self::Malformed(error) => write!(f, "not a reference: {}", model::escaped(&error.to_string())),
            Self::Local => f.write_str("a file of the repository, not an image"),
            Self::Elsewhere(what) => write!(f, "{what} stands in another file"),
            Self::Unsupported(what) => f.write_str(what),
        }
    }
}

impl Obstacle {
    /// Whether there is nothing to pin here at all, now or later: such a mention breaks no rule.
    pub fn is_by_nature(&self) -> bool {
        matches!(self, Self::Output | Self::Stage | Self::Scratch | Self::Local)
    }
}

/// Where a digest goes, and where the tag is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The digest that is there with what leads to it (`@sha256:…`), or no byte at the place for one.
    pub digest: Span,
    /// What stands before the digest: `@`, `:latest@`, or nothing where the text has a field for it.
    pub before: &'static str,
    /// What stands after it: the version of an action, as a comment.
    pub after: String,
    /// The tag, if its bytes stand in one place.
    pub tag: Option<Span>,
}

impl Mention {
    /// The image it names.
    pub fn reference(&self) -> Option<&Reference> {
        match &self.names {
            Some(Named::Image(reference)) => Some(reference),
            _ => None,
        }
    }

    /// The action it names.
    pub fn action(&self) -> Option<&Action> {
        match &self.names {
            Some(Named::Action(action)) => Some(action),
            _ => None,
        }
    }

    /// Whether a digest may be put here.
    pub fn can_be_pinned(&self) -> bool {
        self.obstacle.is_none() && self.site.is_some()
    }

    /// The edit that pins the image to `digest`, the tag kept; `None` where it cannot be pinned.
    pub fn pin(&self, digest: &Digest) -> Option<Edit> {
        self.put(&digest.to_string())
    }

    /// The edit that pins an action to a commit (40 hex characters).
    pub fn pin_commit(&self, commit: &str) -> Option<Edit> {
        self.action()?;
        self.put(commit)
    }

    fn put(&self, what: &str) -> Option<Edit> {
        let site = self.site.as_ref().filter(|_| self.obstacle.is_none())?;
        Some(Edit::new(site.digest, format!("{}{what}{}", site.before, site.after)))
    }

    /// The edits that move the image to another tag and its digest; `None` where the tag is not in one place.
    pub fn retag(&self, tag: &str, digest: &Digest) -> Option<Vec<Edit>> {
        let span = self.site.as_ref()?.tag?;
        Some(vec![Edit::new(span, tag), self.pin(digest)?])
    }
}
