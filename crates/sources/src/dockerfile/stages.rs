//! Stages: what belongs to which FROM, and which stage builds on which.

use super::tree::{Body, Instruction, Word};
use super::{Dockerfile, Keyword};

/// One FROM and what follows it.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    /// Its number, from 0.
    pub index: usize,
    /// The FROM.
    pub from: &'a Instruction,
    /// What it builds on, as written.
    pub image: Option<&'a Word>,
    /// Its name, in lower case, as BuildKit compares names.
    pub name: Option<String>,
    /// The earlier stage that it builds on.
    pub parent: Option<usize>,
    /// Its instructions, FROM apart.
    pub instructions: Vec<&'a Instruction>,
}

impl Dockerfile {
    /// The stages, in order.
    pub fn stages(&self) -> Vec<Stage<'_>> {
        let mut stages: Vec<Stage<'_>> = Vec::new();
        for instruction in self.instructions() {
            let Body::From(from) = &instruction.body else {
                if let Some(stage) = stages.last_mut() {
                    stage.instructions.push(instruction);
                }
                continue;
            };
            let parent = from.image.as_ref().and_then(|image| named(&stages, &image.text));
            stages.push(Stage {
                index: stages.len(),
                from: instruction,
                image: from.image.as_ref(),
                name: from.name.as_ref().map(|name| name.text.to_lowercase()),
                parent,
                instructions: Vec::new(),
            });
        }
        stages
    }

    /// How many instructions stand before the first FROM.
    pub fn global_count(&self) -> usize {
        self.instructions().take_while(|instruction| instruction.kind != Keyword::From).count()
    }

    /// The ARGs before the first FROM: the only variables that FROM sees.
    pub fn global_args(&self) -> impl Iterator<Item = &Instruction> {
        let before = self.instructions().take_while(|instruction| instruction.kind != Keyword::From);
        before.filter(|instruction| instruction.kind == Keyword::Arg)
    }
}

/// The last of `stages` with this name, in any case.
pub(super) fn named(stages: &[Stage<'_>], name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    stages.iter().rposition(|stage| stage.name.as_ref() == Some(&name))
}

/// The stage that `COPY --from=` or a mount's `from=` means, by name or number.
pub fn stage_of(stages: &[Stage<'_>], from: &str) -> Option<usize> {
    let number = from.parse::<usize>().ok().filter(|number| *number < stages.len());
    number.or_else(|| named(stages, from))
}
