//! A Dockerfile as evidence: the tree, its stages, and what its RUNs make a shell do, read once for all rules.

use crate::asks::Asks;
use crate::evidence::{Evidence, Missing};
use crate::ignored::Ignored;
use crate::rule::Hit;
use crate::words::quoted;
use model::TextPlace;
use sources::Span;
use sources::dockerfile::{Body, Dockerfile, Instruction, Keyword, Pair, Stage};
use sources::shell::{Command, Script, scripts};

/// A Dockerfile with all that rules look at.
#[derive(Debug)]
pub struct DockerfileEvidence<'a> {
    /// The file as the user named it.
    pub path: &'a str,
    /// The tree.
    pub file: &'a Dockerfile,
    /// Its stages.
    pub stages: Vec<Stage<'a>>,
    /// What a shell runs.
    pub scripts: Vec<Script>,
    /// What `.dockerignore` leaves out, if that is known.
    pub(crate) ignored: Option<Ignored>,
    /// What policy asks for.
    pub(crate) asks: Asks,
    instructions: Vec<&'a Instruction>,
}

impl<'a> DockerfileEvidence<'a> {
    /// Reads what the rules need out of the tree.
    pub fn new(path: &'a str, file: &'a Dockerfile) -> Self {
        let instructions = file.instructions().collect();
        let (stages, scripts) = (file.stages(), scripts(file));
        Self { path, file, stages, scripts, ignored: None, asks: Asks::default(), instructions }
    }

    /// The same, with the `.dockerignore` of its folder and with what policy asks for.
    #[must_use]
    pub(crate) fn within(mut self, dockerignore: Option<&str>, asks: &Asks) -> Self {
        self.ignored = dockerignore.and_then(Ignored::read);
        self.asks = asks.clone();
        self
    }

    /// Where a span is, for a report.
    pub(crate) fn place(&self, span: Span) -> TextPlace {
        let (start, end) = (self.file.position(span.start), self.file.position(span.end));
        TextPlace {
            path: self.path.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// A hit at a span; what stands there is its proof.
    pub(crate) fn hit(&self, span: Span, message: impl Into<String>, remedy: impl Into<String>) -> Hit {
        let source = self.file.source(span);
        let place = self.place(span);
        let proof = if source.is_empty() { format!("line {}", place.line) } else { quoted(source) };
        let mut hit = Hit::new(message.into(), proof, imperative(&remedy.into()));
        hit.place.text = Some(place);
        hit
    }

    /// All instructions with what stands after ONBUILD in its place, each with its stage; none for those before FROM.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Option<usize>, &'a Instruction)> + '_ {
        let mut stage = None;
        self.instructions.iter().map(move |instruction| {
            if instruction.kind == Keyword::From {
                stage = Some(stage.map_or(0, |number: usize| number + 1));
            }
            match &instruction.body {
                Body::Onbuild(Some(inner)) => (stage, &**inner),
                _ => (stage, *instruction),
            }
        })
    }

    /// All instructions with this keyword, also after ONBUILD.
    pub(crate) fn with(&self, kind: Keyword) -> impl Iterator<Item = &'a Instruction> + '_ {
        self.all().map(|(_, instruction)| instruction).filter(move |instruction| instruction.kind == kind)
    }

    /// All commands of all RUNs.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (&Script, &Command)> {
        self.scripts.iter().flat_map(|script| script.commands.iter().map(move |command| (script, command)))
    }

    /// The instruction that a script belongs to.
    pub(crate) fn instruction(&self, script: &Script) -> &'a Instruction {
        let instruction = self.instructions[script.instruction];
        match &instruction.body {
            Body::Onbuild(Some(inner)) => inner,
            _ => instruction,
        }
    }

    /// Whether a cache or tmpfs is mounted at a path that holds this text, so that nothing there gets into the layer.
    pub(crate) fn mounted(&self, script: &Script, text: &str) -> bool {
        self.instruction(script).mounts().any(|mount| {
            matches!(mount.kind().as_str(), "cache" | "tmpfs") && mount.target().is_some_and(|t| t.text.contains(text))
        })
    }

    /// A stage and those that it builds on, the nearest first.
    pub(crate) fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut line = vec![stage];
        // Nobody stacks more; a file that does is after our time.
        while line.len() < 200
            && let Some(parent) = line.last().and_then(|last| self.stages.get(*last)?.parent)
        {
            line.push(parent);
        }
        line
    }

    /// Variables that ENV sets in a stage or those that it builds on.
    pub(crate) fn env(&self, stage: usize) -> Vec<&'a Pair> {
        let lineage = self.lineage(stage);
        let instructions = lineage.iter().filter_map(|number| self.stages.get(*number)).flat_map(|s| &s.instructions);
        let pairs = instructions.filter(|i| i.kind == Keyword::Env).filter_map(|i| match &i.body {
            Body::Pairs(pairs) => Some(&pairs.pairs),
            _ => None,
        });
        pairs.flatten().collect()
    }
}

/// A rule's own remedy is a sentence, a finding's is an imperative.
fn imperative(remedy: &str) -> String {
    let mut chars = remedy.strip_suffix('.').unwrap_or(remedy).chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

impl<'a> Evidence<'a> {
    pub(crate) fn needs_dockerfile(&self) -> Result<&'a DockerfileEvidence<'a>, Missing> {
        self.dockerfile.ok_or(Missing::Dockerfile)
    }
}
